// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"

#define PIECE		(64u << 10)
#define MODE		0644

struct tar {
	struct archive *archive;
	int pipe;
	uint64_t bytes;
	const struct packing *packing;
	crypto_hash_sha256_state hash;	/* of the file that is packed */
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
		crypto_hash_sha256_update(&tar->hash, (const uint8_t *)tar->piece, got);
		if (*tar->stop || archive_write_data(tar->archive, tar->piece, got) != got)
			return archive_failed(tar, err);
		left -= got;
	}
	return 0;
}

/* Of the bytes that were packed, and not of a file that may have become another since. */
static int check_hash(struct tar *tar, const struct known_file *known, struct scrim_error *err)
{
	char text[SHA256_TEXT_MAX];

	digest_end(text, &tar->hash);
	return strcmp(known->sha256, text) ?
	       fail(err, -EBADMSG, "%s is another file by now", known->path) : 0;
}

static int put_file(struct tar *tar, const struct known_file *known, struct scrim_error *err)
{
	int ret, fd = openat(tar->packing->folder, known->path,
			     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		ret = fail(err, -errno, "cannot pack %s: %s", known->path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		ret = fail(err, -EINVAL, "cannot pack %s: it is no file", known->path);
	else
		ret = put_header(tar, known->path, st.st_size, err);
	crypto_hash_sha256_init(&tar->hash);
	if (ret >= 0)
		ret = put_bytes(tar, fd, known->path, st.st_size, err);
	if (ret >= 0)
		ret = check_hash(tar, known, err);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* The same everywhere. */
static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct known_file *)a)->path, ((const struct known_file *)b)->path);
}

static int put_files(struct tar *tar, bool first, struct scrim_error *err)
{
	const struct packing *p = tar->packing;
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < p->known.count; i++)
		if (first == (p->first && !strcmp(p->known.at[i].path, p->first)))
			ret = put_file(tar, &p->known.at[i], err);
	return ret;
}

int tar_write(uint64_t *bytes, int pipe, const struct packing *packing, const volatile int *stop,
	      struct scrim_error *err)
{
	struct tar *tar = calloc(1, sizeof(*tar));
	int ret = 0;

	if (tar)
		*tar = (struct tar){ .archive = archive_write_new(), .pipe = pipe,
				     .packing = packing, .stop = stop };
	if (!tar || !tar->archive) {
		free(tar);
		return fail(err, -ENOMEM, "no memory to pack the bundle");
	}
	if (archive_write_set_format_pax_restricted(tar->archive) < ARCHIVE_OK ||
	    archive_write_open(tar->archive, tar, NULL, to_pipe, NULL) < ARCHIVE_OK)
		ret = archive_failed(tar, err);
	if (packing->known.count)
		qsort(packing->known.at, packing->known.count, sizeof(*packing->known.at), by_path);
	if (ret >= 0)
		ret = put_files(tar, true, err);
	if (ret >= 0)
		ret = put_files(tar, false, err);
	if (ret >= 0 && archive_write_close(tar->archive) < ARCHIVE_OK)
		ret = archive_failed(tar, err);
	*bytes = tar->bytes;
	archive_write_free(tar->archive);
	free(tar);
	return ret;
}
