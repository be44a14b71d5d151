// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE		(64u << 10)
#define DEPTH_MAX	4		/* folders in folders */
#define MODE		0644

struct tar {
	struct archive *archive;
	int pipe;
	uint64_t bytes;
	const char *first;
	const volatile int *stop;
	char piece[PIECE];
};

static la_ssize_t to_pipe(struct archive *archive, void *ctx, const void *bytes, size_t size)
{
	struct tar *tar = ctx;
	ssize_t done;

	do
		done = write(tar->pipe, bytes, size);
	while (done < 0 && errno == EINTR && !*tar->stop);
	if (done < 0)
		archive_set_error(archive, errno, "%s", strerror(errno));
	else
		tar->bytes += done;
	return done;
}

static int archive_failed(const struct tar *tar, struct scrim_error *err)
{
	int code = archive_errno(tar->archive);
	const char *why = archive_error_string(tar->archive);

	if (*tar->stop)
		return fail(err, -ECANCELED, "stopped");
	return fail(err, code > 0 ? -code : -EIO, "cannot pack the bundle: %s",
		    why ? why : "no reason");
}

static int put_header(struct tar *tar, const char *name, off_t size, struct scrim_error *err)
{
	struct archive_entry *entry = archive_entry_new();
	int ret;

	if (!entry)
		return fail(err, -ENOMEM, "no memory to pack the bundle");
	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, size);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, MODE);
	archive_entry_set_mtime(entry, 0, 0);
	ret = archive_write_header(tar->archive, entry);
	archive_entry_free(entry);
	return ret < ARCHIVE_OK ? archive_failed(tar, err) : 0;
}

static int put_bytes(struct tar *tar, int fd, const char *name, off_t left, struct scrim_error *err)
{
	while (left > 0) {
		ssize_t got = read(fd, tar->piece, left < PIECE ? left : PIECE);

		if (got <= 0)
			return fail(err, got ? -errno : -EIO, "cannot read %s: %s", name,
				    got ? strerror(errno) : "it got shorter");
		if (*tar->stop || archive_write_data(tar->archive, tar->piece, got) != got)
			return archive_failed(tar, err);
		left -= got;
	}
	return 0;
}

/* fd is closed. */
static int put_file(struct tar *tar, int fd, const char *name, struct scrim_error *err)
{
	struct stat st;
	int ret;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		ret = fail(err, -EINVAL, "cannot pack %s: it is no file", name);
	else
		ret = put_header(tar, name, st.st_size, err);
	if (ret >= 0)
		ret = put_bytes(tar, fd, name, st.st_size, err);
	close(fd);
	return ret;
}

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* The same everywhere; alphasort() goes by the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int put_folder(struct tar *tar, int folder, const char *above, unsigned depth,
		      struct scrim_error *err);

static int put_entry(struct tar *tar, int folder, const char *above, const char *name,
		     unsigned depth, struct scrim_error *err)
{
	char path[1024];
	struct stat st;
	int fd, ret, length;

	length = snprintf(path, sizeof(path), "%s%s%s", above, *above ? "/" : "", name);
	if (length >= (int)sizeof(path))
		return fail(err, -ENAMETOOLONG, "cannot pack %s: the name is too long", name);
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(err, -errno, "cannot pack %s: %s", path, strerror(errno));
	if (tar->first && !strcmp(path, tar->first))
		return close(fd);
	if (!S_ISDIR(st.st_mode))
		return put_file(tar, fd, path, err);
	ret = put_folder(tar, fd, path, depth + 1, err);
	close(fd);
	return ret;
}

static int put_folder(struct tar *tar, int folder, const char *above, unsigned depth,
		      struct scrim_error *err)
{
	struct dirent **entries = NULL;
	int count, ret = 0;

	if (depth > DEPTH_MAX)
		return fail(err, -EINVAL, "cannot pack %s: too deep", above);
	count = scandirat(folder, ".", &entries, is_entry, by_name);
	if (count < 0)
		return fail(err, -errno, "cannot pack the bundle: %s", strerror(errno));
	for (int i = 0; i < count; i++) {
		if (ret >= 0)
			ret = put_entry(tar, folder, above, entries[i]->d_name, depth, err);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int put_first(struct tar *tar, int folder, struct scrim_error *err)
{
	int fd;

	if (!tar->first)
		return 0;
	fd = openat(folder, tar->first, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? fail(err, -errno, "cannot pack %s: %s", tar->first, strerror(errno)) :
	       put_file(tar, fd, tar->first, err);
}

int tar_write(uint64_t *bytes, int pipe, int folder, const char *first, const volatile int *stop,
	      struct scrim_error *err)
{
	struct tar *tar = calloc(1, sizeof(*tar));
	int ret = 0;

	if (tar)
		*tar = (struct tar){ .archive = archive_write_new(), .pipe = pipe, .first = first,
				     .stop = stop };
	if (!tar || !tar->archive) {
		free(tar);
		return fail(err, -ENOMEM, "no memory to pack the bundle");
	}
	if (archive_write_set_format_pax_restricted(tar->archive) < ARCHIVE_OK ||
	    archive_write_open(tar->archive, tar, NULL, to_pipe, NULL) < ARCHIVE_OK)
		ret = archive_failed(tar, err);
	if (ret >= 0)
		ret = put_first(tar, folder, err);
	if (ret >= 0)
		ret = put_folder(tar, folder, "", 0, err);
	if (ret >= 0 && archive_write_close(tar->archive) < ARCHIVE_OK)
		ret = archive_failed(tar, err);
	*bytes = tar->bytes;
	archive_write_free(tar->archive);
	free(tar);
	return ret;
}
