// SPDX-License-Identifier: GPL-2.0
#include "claim.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names have a byte each; that two of them have the same one is as likely as a clash of hashes. */
static off_t place_of(const char *name)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint64_t place;

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)name, strlen(name), NULL, 0);
	memcpy(&place, hash, sizeof(place));
	return place >> 2;		/* far from the largest offset */
}

static int lock(int fd, const char *name)
{
	/* Owned by the open file, so that two claims of one process exclude each other too. */
	struct flock byte = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place_of(name),
			      .l_len = 1 };

	if (fcntl(fd, F_OFD_SETLK, &byte) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

int claim_take(int *claim, const char *path, struct scrim_error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *file;
	int fd, ret;

	*claim = -1;
	if (asprintf(&file, "%.*s" CLAIM_FILE, (int)(name - path), path) < 0)
		return fail(err, -ENOMEM, "no memory for a name");
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
	ret = fd < 0 ? -errno : lock(fd, name);
	if (ret == -EBUSY)
		fail(err, ret, "another worker is at %s", path);
	else if (ret < 0)
		fail(err, ret, "cannot lock %s: %s", file, strerror(-ret));
	free(file);
	if (ret < 0 && fd >= 0)
		close(fd);
	if (ret >= 0)
		*claim = fd;
	return ret;
}
