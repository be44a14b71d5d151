// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/outbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "export/seal.h"

/* Opening */

static bool is_bundle(const char *name)
{
	size_t length = strlen(name), suffix = strlen(BUNDLE_SUFFIX);

	return *name != '.' && length > suffix && length < EXPORT_FILE_TEXT_MAX &&
	       !strcmp(name + length - suffix, BUNDLE_SUFFIX);
}

/* What is a link is no bundle, wherever it points. */
static int open_file(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EMEDIUMTYPE;
}

int outbox_open(struct outbox *outbox, const char *path, struct scrim_error *err)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	memset(outbox, 0, sizeof(*outbox));
	if (!folder)
		return fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
	outbox->at = calloc(OUTBOX_FILES_MAX, sizeof(*outbox->at));
	while (outbox->at && (entry = readdir(folder))) {
		struct outbox_file *file = &outbox->at[outbox->count];

		if (!is_bundle(entry->d_name))
			continue;
		outbox->more = outbox->count == OUTBOX_FILES_MAX;
		if (outbox->more)
			break;
		strcpy(file->name, entry->d_name);
		file->fd = open_file(dirfd(folder), file->name);
		outbox->count++;
	}
	closedir(folder);
	return outbox->at ? 0 : fail(err, -ENOMEM, "no memory");
}

void outbox_close(struct outbox *outbox)
{
	for (unsigned i = 0; i < outbox->count; i++)
		if (outbox->at[i].fd >= 0)
			close(outbox->at[i].fd);
	free(outbox->at);
	memset(outbox, 0, sizeof(*outbox));
}

/* Measuring */

void outbox_judge(struct outbox_verdict *verdict, int ret, const struct scrim_error *why)
{
	enum known known = ret >= 0 ? KNOWN_YES : ret == -EIO ? KNOWN_NO : KNOWN_NOT;

	if (known == KNOWN_YES || verdict->end_to_end == KNOWN_NO ||
	    (verdict->end_to_end == KNOWN_NOT && known == KNOWN_NOT))
		return;
	verdict->end_to_end = known;
	verdict->why = *why;
}

static const struct export_bundle *find_given(const struct books *books, const char *file)
{
	for (unsigned i = 0; books && i < books->count; i++)
		if (books->at[i]->given && !strcmp(books->at[i]->given->file, file))
			return books->at[i]->given;
	return NULL;
}

/* *may_read: bytes in all, from now on. */
static int compare(const struct outbox_file *file, const struct export_bundle *given,
		   uint64_t *may_read, struct scrim_error *err)
{
	char sha256[SHA256_TEXT_MAX];
	int ret = digest_fd(sha256, NULL, file->fd, file->name, err);

	*may_read -= given->bytes;
	if (ret >= 0 && strcmp(sha256, given->sha256))
		ret = fail(err, -EIO, "%s is not what was encrypted: its hash is another than in "
			   "the ledger", file->name);
	return ret;
}

static int measure(struct outbox_verdict *verdict, const struct outbox_file *file,
		   const struct books *books, uint64_t *may_read, struct scrim_error *err)
{
	const struct export_bundle *given = find_given(books, file->name);
	uint64_t bytes;
	int ret;

	if (file->fd < 0)
		return fail(err, file->fd, "cannot look at %s: %s", file->name,
			    file->fd == -EMEDIUMTYPE ? "it is no file" : strerror(-file->fd));
	ret = seal_look(file->fd, file->name, &bytes, err);
	if (ret < 0 || !given)
		return ret;
	if (bytes != (uint64_t)given->bytes)
		return fail(err, -EIO, "%s is not what was encrypted: its length is another than "
			    "in the ledger", file->name);
	if (bytes <= *may_read)
		return compare(file, given, may_read, err);
	verdict->sampled++;
	return 0;
}

void outbox_measure(struct outbox_verdict *verdict, const struct outbox *outbox,
		    const struct books *books)
{
	uint64_t may_read = OUTBOX_READ_MAX;
	struct scrim_error why;

	for (unsigned i = 0; i < outbox->count; i++) {
		verdict->bundles++;
		outbox_judge(verdict, measure(verdict, &outbox->at[i], books, &may_read, &why),
			     &why);
	}
	if (outbox->more)
		outbox_judge(verdict, fail(&why, -EMFILE, "there are more than %u bundles in the "
					   "outbox", OUTBOX_FILES_MAX), &why);
}
