// SPDX-License-Identifier: GPL-2.0
/*
 * A bundle of a stranger is encrypted or it is not, and looking at it changes nothing.
 */
#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "export/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("bundle", MFD_CLOEXEC), ret;
	struct scrim_error err;
	uint64_t bytes = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	ret = seal_look(fd, "bundle", &bytes, &err);
	assert(ret == -EIO || (ret == 0 && bytes == size));
	close(fd);
	return 0;
}
