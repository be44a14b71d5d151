// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/aside.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_down(int fd, const char *text, mode_t mode)
{
	size_t size = strlen(text);
	ssize_t done = write(fd, text, size);

	if (done < 0)
		return -errno;
	if ((size_t)done < size)
		return -ENOSPC;
	return fchmod(fd, mode) < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int put_there(int folder, const char *from, const char *name, enum aside aside)
{
	unsigned flags = aside == ASIDE_NEW ? RENAME_NOREPLACE : 0;

	return renameat2(folder, from, folder, name, flags) < 0 || fsync(folder) < 0 ? -errno : 0;
}

int aside_write(int folder, const char *name, const char *text, mode_t mode, enum aside aside,
		struct scrim_error *err)
{
	char new[128];
	int fd, ret;

	snprintf(new, sizeof(new), ".%.100s.%d", name, getpid());
	unlinkat(folder, new, 0);	/* of one that had our number and died */
	fd = openat(folder, new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(err, -errno, "cannot make %s: %s", name, strerror(errno));
	ret = write_down(fd, text, mode);
	if (close(fd) < 0 && ret >= 0)
		ret = -errno;
	if (ret >= 0)
		ret = put_there(folder, new, name, aside);
	if (ret < 0)
		unlinkat(folder, new, 0);
	return ret < 0 ? fail(err, ret, "cannot write %s: %s", name, strerror(-ret)) : 0;
}
