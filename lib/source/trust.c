// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/trust.h"

#include <stdlib.h>
#include <unistd.h>

#include "text.h"

#define FILE_MAX	(4u << 20)

int trust_read(struct trust *trust, const char *path, struct scrim_error *err)
{
	int fd, ret;

	*trust = (struct trust){ .own = *path };
	if (!trust->own)
		path = TRUST_SYSTEM;
	fd = ret = open_regular(path, err);
	if (ret >= 0)
		ret = bytes_read(&trust->pem, &trust->size, FILE_MAX, fd, path, err);
	if (fd >= 0)
		close(fd);
	return ret;
}

void trust_free(struct trust *trust)
{
	free(trust->pem);
	*trust = (struct trust){ 0 };
}
