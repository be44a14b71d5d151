// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever the header of a photo says, it is turned by one of eight ways and has
 * a quality that JPEG knows.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/photo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("photo", MFD_CLOEXEC);
	struct photo photo;

	if (write(fd, data, size) == (ssize_t)size) {
		photo_read(&photo, fd);
		if (photo.orientation > 8 || photo.quality > 100)
			abort();
	}
	close(fd);
	return 0;
}
