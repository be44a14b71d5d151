// SPDX-License-Identifier: GPL-2.0
/*
 * A picture in a format that libv4l's converter reads: it is whole, or refused.  The first
 * two bytes say which format, and how much longer rows are than what is in them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "source/other.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WIDTH	32u
#define HEIGHT	24u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct v4l2_pix_format pix = { .width = WIDTH, .height = HEIGHT };
	struct other *other = NULL;
	struct frame *frame = NULL;
	uint8_t *bytes;
	int ret;

	if (size < 2 || !other_at(data[0]))
		return 0;
	pix.pixelformat = other_at(data[0]);
	pix.bytesperline = data[1] ? 4 * WIDTH + data[1] : 0;
	assert(other_new(&other, &pix, NULL) == 0);
	assert(frame_new(&frame, V4L2_PIX_FMT_YUV420, WIDTH, HEIGHT, NULL) == 0);
	bytes = malloc(size);		/* its own, so that a byte too far is seen */
	memcpy(bytes, data + 2, size - 2);
	ret = other_picture(other, frame, bytes, size - 2, NULL);
	assert(ret == (size - 2 < other_bytes(&pix) ? -EBADMSG : 0));
	free(bytes);
	frame_free(&frame);
	other_free(&other);
	return 0;
}
