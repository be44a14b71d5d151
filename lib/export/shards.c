// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/shards.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "export/labels.h"
#include "export/paper.h"
#include "export/told.h"

#define PIECE	(64u << 10)
#define BLOCK	512			/* a header, and what a file is filled up to */
#define END	(2 * BLOCK)

struct shards {
	int items, folder;		/* clips come from one and shards go into the other */
	unsigned count;			/* of shards that were begun */
	int fd;				/* of the open one; -1: none */
	struct archive *archive;	/* its; NULL: none */
	crypto_hash_sha256_state hash;	/* of what was written to it */
	struct known_files *known;	/* those that are closed */
	int64_t bytes, bytes_max;	/* its, as far as it is filled */
	char piece[PIECE];
};

static int archive_failed(struct archive *archive, struct scrim_error *err)
{
	int code = archive_errno(archive);
	const char *why = archive_error_string(archive);

	return fail(err, code > 0 ? -code : -EIO, "cannot write a shard: %s",
		    why ? why : "no reason");
}

static la_ssize_t to_shard(struct archive *archive, void *ctx, const void *bytes, size_t size)
{
	struct shards *s = ctx;
	ssize_t done;

	do
		done = write(s->fd, bytes, size);
	while (done < 0 && errno == EINTR);
	if (done < 0)
		archive_set_error(archive, errno, "%s", strerror(errno));
	else
		crypto_hash_sha256_update(&s->hash, bytes, done);
	return done;
}

static void shard_name(char name[32], unsigned number)
{
	snprintf(name, 32, "clips-%06u.tar", number);
}

static int shard_open(struct shards *s, struct scrim_error *err)
{
	char name[32];

	shard_name(name, s->count++);
	crypto_hash_sha256_init(&s->hash);
	s->fd = openat(s->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return fail(err, -errno, "cannot make shards/%s: %s", name, strerror(errno));
	s->bytes = END;
	s->archive = archive_write_new();
	if (!s->archive)
		return fail(err, -ENOMEM, "cannot make shards/%s: out of memory", name);
	if (archive_write_set_format_ustar(s->archive) < ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(s->archive, 1) < ARCHIVE_OK ||
	    archive_write_open(s->archive, s, NULL, to_shard, NULL) < ARCHIVE_OK)
		return archive_failed(s->archive, err);
	return 0;
}

/* The one that was written to; what it is by its name now is not asked. */
static int know_shard(struct shards *s, struct scrim_error *err)
{
	char name[32], path[64], sha256[SHA256_TEXT_MAX];

	shard_name(name, s->count - 1);
	snprintf(path, sizeof(path), "shards/%s", name);
	digest_end(sha256, &s->hash);
	return known_add(s->known, path, sha256, err);
}

static int shard_close(struct shards *s, struct scrim_error *err)
{
	int ret = 0;

	if (s->archive && archive_write_close(s->archive) < ARCHIVE_OK)
		ret = archive_failed(s->archive, err);
	if (ret >= 0 && s->fd >= 0 && fsync(s->fd) < 0)
		ret = fail(err, -errno, "cannot write a shard: %s", strerror(errno));
	if (ret >= 0 && s->archive)
		ret = know_shard(s, err);
	archive_write_free(s->archive);
	if (s->fd >= 0)
		close(s->fd);
	s->archive = NULL;
	s->fd = -1;
	return ret;
}

static int64_t in_tar(int64_t bytes)
{
	return BLOCK + (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

/* Nobody's, of 1970, readable by all: a shard says nothing of who made it and when. */
static int put_header(struct archive *archive, const char *name, const char *suffix, int64_t size,
		      struct scrim_error *err)
{
	struct archive_entry *entry = archive_entry_new();
	char path[ITEM_NAME_MAX + 8];
	int ret;

	if (!entry)
		return fail(err, -ENOMEM, "cannot write a shard: out of memory");
	snprintf(path, sizeof(path), "%s.%s", name, suffix);
	archive_entry_set_pathname(entry, path);
	archive_entry_set_size(entry, size);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_mtime(entry, 0, 0);
	ret = archive_write_header(archive, entry);
	archive_entry_free(entry);
	return ret < ARCHIVE_OK ? archive_failed(archive, err) : 0;
}

static int put_clip(struct shards *s, const json_t *item, int fd, struct scrim_error *err)
{
	const char *name = told_text(item, "name");
	int64_t left = told_number(item, "bytes");
	int ret = put_header(s->archive, name, "mp4", left, err);
	char sha256[SHA256_TEXT_MAX];
	crypto_hash_sha256_state hash;

	crypto_hash_sha256_init(&hash);
	while (ret >= 0 && left > 0) {
		ssize_t got = read(fd, s->piece, left < PIECE ? left : PIECE);

		if (got <= 0)
			return fail(err, got ? -errno : -EBADMSG, "cannot read items/%s.mp4: %s",
				    name, got ? strerror(errno) : "it got shorter");
		crypto_hash_sha256_update(&hash, (const uint8_t *)s->piece, got);
		if (archive_write_data(s->archive, s->piece, got) != got)
			return archive_failed(s->archive, err);
		left -= got;
	}
	digest_end(sha256, &hash);
	if (ret >= 0 && strcmp(sha256, told_text(item, "sha256")))
		ret = fail(err, -EBADMSG, "items/%s.mp4 is not what was redacted", name);
	return ret;
}

static int put_text(struct shards *s, const char *name, const char *text, struct scrim_error *err)
{
	ssize_t size = strlen(text);
	int ret = put_header(s->archive, name, "json", size, err);

	if (ret >= 0 && archive_write_data(s->archive, text, size) != size)
		ret = archive_failed(s->archive, err);
	return ret;
}

/* Both of a clip are in one shard. */
static int put_item(struct shards *s, const json_t *item, int fd, struct scrim_error *err)
{
	const char *name = told_text(item, "name");
	int64_t size = told_number(item, "bytes"), room;
	char *text = paper_json(labels_row(item, NULL));
	int ret = text ? 0 : fail(err, -ENOMEM, "cannot write a shard: out of memory");

	room = text ? in_tar(size) + in_tar(strlen(text)) : 0;
	if (ret >= 0 && s->archive && s->bytes + room > s->bytes_max)
		ret = shard_close(s, err);
	if (ret >= 0 && !s->archive)
		ret = shard_open(s, err);
	if (ret >= 0)
		ret = put_clip(s, item, fd, err);
	if (ret >= 0)
		ret = put_text(s, name, text, err);
	s->bytes += room;
	free(text);
	return ret;
}

static int move_item(struct shards *s, const json_t *item, struct scrim_error *err)
{
	const char *file = told_file(item);
	int ret, fd = openat(s->items, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return fail(err, -errno, "cannot open items/%s: %s", file, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size != told_number(item, "bytes"))
		ret = fail(err, -EBADMSG, "items/%s is not what the manifest says", file);
	else
		ret = put_item(s, item, fd, err);
	close(fd);
	return ret;
}

/* Only when all shards are on the disk. */
static int remove_items(int folder, int items, const json_t *manifest, struct scrim_error *err)
{
	for (size_t i = 0; i < told_items(manifest); i++)
		if (unlinkat(items, told_file(told_item(manifest, i)), 0) < 0)
			return fail(err, -errno, "cannot remove items: %s", strerror(errno));
	if (unlinkat(folder, "items", AT_REMOVEDIR) < 0 || fsync(folder) < 0)
		return fail(err, -errno, "cannot remove items: %s", strerror(errno));
	return 0;
}

int shards_write(int folder, const json_t *manifest, int64_t shard_bytes,
		 struct known_files *known, struct scrim_error *err)
{
	struct shards *s = calloc(1, sizeof(*s));
	int ret = 0;

	if (!s)
		return fail(err, -ENOMEM, "cannot write shards: out of memory");
	s->folder = s->fd = -1;
	s->bytes_max = shard_bytes;
	s->known = known;
	s->items = openat(folder, "items", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->items < 0)
		ret = fail(err, -errno, "cannot open items: %s", strerror(errno));
	else
		ret = s->folder = paper_folder(folder, "shards", err);
	for (size_t i = 0; ret >= 0 && i < told_items(manifest); i++)
		ret = move_item(s, told_item(manifest, i), err);
	if (shard_close(s, ret >= 0 ? err : NULL) < 0 && ret >= 0)
		ret = -EIO;
	if (ret >= 0 && fsync(s->folder) < 0)
		ret = fail(err, -errno, "cannot write shards: %s", strerror(errno));
	if (ret >= 0)
		ret = remove_items(folder, s->items, manifest, err);
	if (s->folder >= 0)
		close(s->folder);
	if (s->items >= 0)
		close(s->items);
	free(s);
	return ret < 0 ? ret : 0;
}
