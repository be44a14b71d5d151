// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * This side opens names and never looks at bytes.
 */
#include "consent/read.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/fields.h"
#include "guard/cage.h"
#include "text.h"

static int open_file(struct log_file *file, const char *folder, const char *name,
		     struct scrim_error *err)
{
	char *path = NULL;
	int ret;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return fail(err, -ENOMEM, "no memory for the name of a log");
	ret = file->fd = open_regular(path, err);
	if (ret >= 0)
		file->name = path;
	else
		free(path);
	return ret < 0 ? ret : 0;
}

/* One that need not be there. */
static int open_if_there(struct log_file *file, const char *folder, const char *name,
			 struct scrim_error *err)
{
	int ret = open_file(file, folder, name, err);

	return ret == -ENOENT ? 0 : ret;
}

/* "porch.log", "porch.log.1", "porch.log-20261122-2". */
static bool is_file_of(const char *file, const char *log)
{
	size_t length = strlen(log);

	if (strncmp(file, log, length) || strncmp(file + length, ".log", 4))
		return false;
	file += length + 4;
	return !*file || ((*file == '.' || *file == '-') &&
			  file[1 + strspn(file + 1, "0123456789-")] == '\0');
}

static int add_files(struct log_files *files, DIR *folder, const char *path,
		     struct scrim_error *err)
{
	const struct dirent *entry;
	int ret = 0;

	while (ret >= 0 && (entry = readdir(folder))) {
		if (!is_file_of(entry->d_name, files->log))
			continue;
		if (files->count == LOG_FILES_MAX)
			return fail(err, -EFBIG, "%s: more than %d files of the log %s", path,
				    LOG_FILES_MAX, files->log);
		ret = open_file(&files->at[files->count], path, entry->d_name, err);
		if (ret >= 0)
			files->count++;
	}
	return ret;
}

static int add_own_head(struct log_files *files, const char *folder, struct scrim_error *err)
{
	char name[LOG_NAME_MAX + 16];
	int ret;

	snprintf(name, sizeof(name), "%s.head", files->log);
	ret = open_if_there(&files->head, folder, name, err);
	strcat(name, ".minisig");
	return ret < 0 ? ret : open_if_there(&files->head_signature, folder, name, err);
}

static int take_name(struct log_files *files, const char *name, struct scrim_error *err)
{
	if (!log_word_ok(name, LOG_NAME_MAX))
		return fail(err, -EINVAL, "'%s' is no name of a log", name);
	snprintf(files->log, sizeof(files->log), "%s", name);
	return 0;
}

int log_files_open(struct log_files *files, const char *folder, const char *name,
		   struct scrim_error *err)
{
	int ret = take_name(files, name, err);
	DIR *dir;

	if (ret < 0)
		return ret;
	/* While somebody writes, what is read later is longer than its head says. */
	ret = add_own_head(files, folder, err);
	if (ret < 0)
		return ret;
	dir = opendir(folder);
	if (!dir)
		return fail(err, -errno, "cannot open %s: %s", folder, strerror(errno));
	ret = add_files(files, dir, folder, err);
	closedir(dir);
	if (ret >= 0 && !files->count && files->head.fd < 0)
		ret = fail(err, -ENOENT, "there is no log of '%s' in %s", name, folder);
	return ret;
}

int log_files_open_last(struct log_files *files, const char *folder, const char *name,
			struct scrim_error *err)
{
	char file[LOG_NAME_MAX + 8];
	int ret = take_name(files, name, err);

	if (ret >= 0)
		ret = add_own_head(files, folder, err);
	snprintf(file, sizeof(file), "%s.log", files->log);
	files->at[0].fd = -1;
	if (ret >= 0)
		ret = open_if_there(&files->at[0], folder, file, err);
	files->count = files->at[0].fd >= 0;
	return ret;
}

int log_files_add_head(struct log_files *files, const char *path, struct scrim_error *err)
{
	char *signature = NULL;
	int ret;

	if (asprintf(&signature, "%s.minisig", path) < 0)
		return fail(err, -ENOMEM, "no memory for the name of a head");
	ret = files->kept.fd = open_regular(path, err);
	if (ret >= 0)
		files->kept_signature.fd = open_regular(signature, NULL);
	files->kept.name = strdup(path);
	free(signature);
	if (ret >= 0 && !files->kept.name)
		ret = fail(err, -ENOMEM, "no memory for the name of a head");
	return ret < 0 ? ret : 0;
}

int log_files_add_key(struct log_files *files, const char *path, struct scrim_error *err)
{
	struct log_file *key = &files->key[files->keys];

	if (files->keys == WALK_KEYS_MAX)
		return fail(err, -EFBIG, "more than %d keys", WALK_KEYS_MAX);
	key->fd = open_regular(path, err);
	if (key->fd < 0)
		return key->fd;
	key->name = strdup(path);
	files->keys++;
	return key->name ? 0 : fail(err, -ENOMEM, "no memory for the name of a key");
}

static bool is_key_of(const char *file, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(file, name, length))
		return false;
	file += length;
	if (*file == '-')
		file += 1 + strspn(file + 1, "0123456789ABCDEF");
	return !strcmp(file, ".pub");
}

int log_files_add_keys(struct log_files *files, const char *folder, const char *name,
		       struct scrim_error *err)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[4096];
	int ret = 0;

	if (!dir)
		return fail(err, -errno, "cannot open %s: %s", folder, strerror(errno));
	while (ret >= 0 && (entry = readdir(dir))) {
		if (!is_key_of(entry->d_name, name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		ret = log_files_add_key(files, path, err);
	}
	closedir(dir);
	if (ret >= 0 && !files->keys)
		ret = fail(err, -ENOENT, "there is no key %s.pub in %s", name, folder);
	return ret;
}

static void close_file(struct log_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->name);
	*file = (struct log_file){ .fd = -1 };
}

void log_files_close(struct log_files *files)
{
	for (unsigned i = 0; i < files->count; i++)
		close_file(&files->at[i]);
	for (unsigned i = 0; i < files->keys; i++)
		close_file(&files->key[i]);
	files->count = files->keys = 0;
	close_file(&files->head);
	close_file(&files->head_signature);
	close_file(&files->kept);
	close_file(&files->kept_signature);
}

/* The cage */

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

unsigned log_files_keep(int fd[LOG_KEEP_MAX], const struct log_files *files)
{
	const int heads[] = { files->head.fd, files->head_signature.fd, files->kept.fd,
			      files->kept_signature.fd };
	unsigned count = 0;

	for (unsigned i = 0; i < files->count; i++)
		fd[count++] = files->at[i].fd;
	for (unsigned i = 0; i < files->keys; i++)
		fd[count++] = files->key[i].fd;
	for (unsigned i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (heads[i] >= 0)
			fd[count++] = heads[i];
	qsort(fd, count, sizeof(fd[0]), by_number);
	return count;
}

static int read_caged(void *ctx, void *result, struct scrim_error *err)
{
	static const struct log_reader nobody;

	return log_read(ctx, &nobody, result, err);
}

/* What a process that read strangers' bytes may have left there. */
static bool is_sound(const struct log_files *files, struct log_verdict *verdict)
{
	verdict->what[sizeof(verdict->what) - 1] = '\0';
	return (verdict->file < files->count || verdict->file == BROKEN_HEAD ||
		verdict->file == BROKEN_KEPT || (!verdict->broken && !verdict->file)) &&
	       verdict->head <= HEAD_OLDER && verdict->kept <= HEAD_OLDER;
}

int log_verify(const struct log_files *files, struct log_verdict *verdict,
	       struct scrim_error *err)
{
	int keep[LOG_KEEP_MAX], ret;
	const struct caged_call call = {
		.before = documents_before, .work = read_caged, .ctx = (void *)files, .keep = keep,
		.kept = log_files_keep(keep, files), .size = sizeof(*verdict),
	};

	ret = caged(&call, verdict, err);
	if (ret >= 0 && !is_sound(files, verdict))
		ret = fail(err, -EIO, "cannot read the log: the worker's answer is no verdict");
	return ret;
}

const char *log_where(const struct log_files *files, const struct log_verdict *verdict,
		      char *text, size_t size)
{
	const char *name = verdict->file == BROKEN_KEPT ? files->kept.name :
			   verdict->file == BROKEN_HEAD ? files->head.name :
			   files->count ? files->at[verdict->file].name : NULL;

	if (!name)
		snprintf(text, size, "%s.head", files->log);
	else if (verdict->line)
		snprintf(text, size, "%s:%u", name, verdict->line);
	else
		snprintf(text, size, "%s", name);
	return text;
}
