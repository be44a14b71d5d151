// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * O_TMPFILE where the file system has it: then not even SIGKILL leaves a trace.
 * Elsewhere a hidden name beside the final one, removed on every way out but that; and then by
 * whoever writes the same file next.  A lock tells what is still being written.
 */
#include "sink/outfile.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(struct scrim_error *err, int code, const char *path, const char *why)
{
	return fail(err, -code, "cannot write %s: %s", path, why ? why : strerror(code));
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : slash - path);
}

/* "dir/.name.3f2a90bc.scrim": in the same folder, so that rename() is atomic. */
static char *name_aside(const char *path)
{
	const char *slash = strrchr(path, '/');
	int head = slash ? slash + 1 - path : 0;
	unsigned salt = 0;
	char *name;

	if (getrandom(&salt, sizeof(salt), 0) < 0)
		salt = getpid();
	if (asprintf(&name, "%.*s.%.200s.%08x.scrim", head, path, path + head, salt) < 0)
		return NULL;
	return name;
}

/* What name_aside() makes of this name. */
static bool is_aside_of(const char *name, const char *of)
{
	size_t length = strnlen(of, 200), at;

	if (*name != '.' || strncmp(name + 1, of, length) || name[length + 1] != '.')
		return false;
	for (at = length + 2; at < length + 10; at++)
		if (!isxdigit((unsigned char)name[at]))
			return false;
	return !strcmp(name + at, ".scrim");
}

/* Whose lock is gone was killed: this user's alone. */
static void sweep_one(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(folder, name, 0);
	close(fd);
}

static void sweep(const char *folder, const char *path)
{
	const char *slash = strrchr(path, '/');
	DIR *names = opendir(folder);
	const struct dirent *entry;

	while (names && (entry = readdir(names)))
		if (is_aside_of(entry->d_name, slash ? slash + 1 : path))
			sweep_one(dirfd(names), entry->d_name);
	if (names)
		closedir(names);
}

/* -EAGAIN: it was swept before it could be locked. */
static int lock(int fd)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : 0;	/* not every file system can */
	return fstat(fd, &st) == 0 && !st.st_nlink ? -EAGAIN : 0;
}

static int open_aside(struct outfile *file, unsigned mode)
{
	char *folder = folder_of(file->path);
	int fd;

	if (!folder)
		return -ENOMEM;
	sweep(folder, file->path);
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	free(folder);
	if (fd >= 0)
		flock(fd, LOCK_EX | LOCK_NB);	/* it may get a name aside yet */
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd >= 0 ? fd : -errno;
	file->aside = name_aside(file->path);
	if (!file->aside)
		return -ENOMEM;
	fd = open(file->aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd >= 0 && lock(fd) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	fd = fd >= 0 ? -EAGAIN : -errno;
	free(file->aside);
	file->aside = NULL;
	return fd;
}

int outfile_open(struct outfile *file, const char *path, unsigned mode,
		 bool replace, struct scrim_error *err)
{
	struct stat st;
	int fd;

	*file = (struct outfile)OUTFILE_NONE;
	if (lstat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return refuse(err, EISDIR, path, NULL);
		if (!replace)
			return refuse(err, EEXIST, path, NULL);
		if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
			return refuse(err, EINVAL, path, "not a regular file");
	}
	file->path = strdup(path);
	if (!file->path)
		return refuse(err, ENOMEM, path, NULL);
	fd = open_aside(file, mode);
	if (fd < 0) {
		refuse(err, -fd, path, NULL);
		outfile_discard(file);
		return fd;
	}
	file->fd = fd;
	return 0;
}

/* A nameless file gets a name that nothing has. */
static int give_name(int fd, const char *name)
{
	char from[32];

	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* And one aside, so that rename() can put it in another's place. */
static int give_name_aside(struct outfile *file)
{
	int ret;

	file->aside = name_aside(file->path);
	if (!file->aside)
		return -ENOMEM;
	ret = give_name(file->fd, file->aside);
	if (ret == 0)
		return 0;
	free(file->aside);
	file->aside = NULL;
	return ret;
}

/* Some network file systems know no RENAME_NOREPLACE; link() never replaces either. */
static int rename_aside(const struct outfile *file, bool replace)
{
	if (renameat2(AT_FDCWD, file->aside, AT_FDCWD, file->path,
		      replace ? 0 : RENAME_NOREPLACE) == 0)
		return 0;
	if (replace || errno != EINVAL)
		return -errno;
	if (link(file->aside, file->path) < 0)
		return -errno;
	unlink(file->aside);
	return 0;
}

static int put_in_place(struct outfile *file, bool replace)
{
	int ret;

	if (fsync(file->fd) < 0 && errno != EINVAL && errno != EROFS)
		return -errno;
	if (!file->aside) {
		ret = give_name(file->fd, file->path);
		if (ret != -EEXIST || !replace)
			return ret;
		ret = give_name_aside(file);
		if (ret < 0)
			return ret;
	}
	ret = rename_aside(file, replace);
	if (ret < 0)
		return ret;
	free(file->aside);
	file->aside = NULL;
	return 0;
}

int outfile_commit(struct outfile *file, bool replace, struct scrim_error *err)
{
	int ret = put_in_place(file, replace);

	if (ret < 0)
		refuse(err, -ret, file->path, NULL);
	outfile_discard(file);
	return ret;
}

void outfile_discard(struct outfile *file)
{
	if (file->aside)
		unlink(file->aside);
	if (file->fd >= 0)
		close(file->fd);
	free(file->aside);
	free(file->path);
	*file = (struct outfile)OUTFILE_NONE;
}
