// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Apart from auth.c, which needs libavutil: a daemon without one looks at files all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/auth.h"
#include "text.h"

#define FILE_MAX	1024

static int check_owner(int fd, const char *path, struct scrim_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(err, -errno, "cannot read %s: %s", path, strerror(errno));
	if (st.st_mode & 077)
		return fail(err, -EPERM, "%s can be read by others; chmod 600 %s", path, path);
	return !geteuid() || st.st_uid == geteuid() || !st.st_uid ? 0 :
		fail(err, -EPERM, "%s belongs to somebody else", path);
}

static int take(struct secret *secret, char *text, const char *path, struct scrim_error *err)
{
	size_t user = strcspn(text, ":\r\n"), password;

	password = strcspn(text + user, "\r\n");
	if (!user || text[user] != ':' || user >= SECRET_MAX || password > SECRET_MAX ||
	    text[user + password + strspn(text + user + password, "\r\n")])
		return fail(err, -EINVAL, "%s: not one line user:password, each below %u bytes",
			    path, SECRET_MAX);
	memcpy(secret->user, text, user);
	memcpy(secret->password, text + user + 1, password - 1);
	return 0;
}

int secret_read(struct secret *secret, const char *path, struct scrim_error *err)
{
	int fd = open_regular(path, err), ret = fd;
	char *text = NULL;
	size_t size = 0;

	*secret = (struct secret){ 0 };
	if (ret >= 0)
		ret = check_owner(fd, path, err);
	if (ret >= 0)
		ret = text_read(&text, &size, FILE_MAX, fd, path, err);
	if (ret >= 0)
		ret = take(secret, text, path, err);
	if (text)
		explicit_bzero(text, size);
	free(text);
	if (fd >= 0)
		close(fd);
	return ret;
}
