// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever a Y4M file says, its frames are what was announced, and there are no
 * more of them than the file has bytes.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/source.h"

#define INPUT_MAX	(64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_all(struct source *source, size_t most)
{
	struct frame *frame = NULL;
	size_t count = 0;

	while (source_next(source, &frame, NULL) > 0) {
		if (frame->format->fourcc != source->fourcc || frame->width != source->width ||
		    frame->height != source->height || frame->number != count++ ||
		    count > most)
			abort();
		frame_free(&frame);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source *source = NULL;
	int fd = memfd_create("y4m", MFD_CLOEXEC);

	if (size <= INPUT_MAX && write(fd, data, size) == (ssize_t)size &&
	    source_av(&source, fd, "x.y4m", NULL) >= 0)
		take_all(source, size);
	source_free(&source);
	close(fd);
	return 0;
}
