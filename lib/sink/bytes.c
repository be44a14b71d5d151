// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/bytes.h"

#include <string.h>
#include <unistd.h>

int bytes_error(int number, struct scrim_error *err)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return fail(err, -ENOSPC, "cannot write: %s", strerror(number));
	case EFBIG:
		return fail(err, -EFBIG, "cannot write: the file grows too large");
	default:
		return fail(err, -EIO, "cannot write: %s", strerror(number));
	}
}

int bytes_write(int fd, const void *bytes, size_t size, struct scrim_error *err)
{
	const uint8_t *at = bytes;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bytes_error(errno, err);
		at += n;
		size -= n;
	}
	return 0;
}
