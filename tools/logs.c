// SPDX-License-Identifier: GPL-2.0
#include "log.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/key.h"

int log_add_key(struct log_options *o, const char *path)
{
	if (o->keys == WALK_KEYS_MAX) {
		complain("more than %d keys", WALK_KEYS_MAX);
		return EXIT_USAGE;
	}
	o->key[o->keys++] = path;
	return EXIT_DONE;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* "porch.log" or "porch.head": of a log whose file is gone the head is left. */
static bool name_of(char name[LOG_NAME_MAX], const char *file)
{
	const char *dot = strrchr(file, '.');

	if (!dot || (strcmp(dot, ".log") && strcmp(dot, ".head")) || dot - file >= LOG_NAME_MAX)
		return false;
	snprintf(name, LOG_NAME_MAX, "%.*s", (int)(dot - file), file);
	return log_word_ok(name, LOG_NAME_MAX);
}

static bool is_there(const struct logs *logs, const char *name)
{
	for (unsigned i = 0; i < logs->count; i++)
		if (!strcmp(logs->name[i], name))
			return true;
	return false;
}

static int find_all(struct logs *logs, const char *folder, struct scrim_error *err)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char name[LOG_NAME_MAX];

	if (!dir)
		return fail(err, -errno, "cannot open %s: %s", folder, strerror(errno));
	while (logs->count < LOGS_MAX && (entry = readdir(dir)))
		if (name_of(name, entry->d_name) && !is_there(logs, name))
			memcpy(logs->name[logs->count++], name, sizeof(name));
	closedir(dir);
	qsort(logs->name, logs->count, sizeof(logs->name[0]), by_name);
	return logs->count ? 0 : fail(err, -ENOENT, "there is no log in %s", folder);
}

static int open_one(struct log_files **result, const struct log_options *o, const char *name,
		    struct scrim_error *err)
{
	struct log_files *files = malloc(sizeof(*files));
	int ret;

	if (!files)
		return fail(err, -ENOMEM, "no memory for a log");
	*files = (struct log_files)LOG_FILES_NONE;
	*result = files;
	ret = log_files_open(files, o->folder, name, err);
	for (unsigned i = 0; ret >= 0 && i < o->keys; i++)
		ret = log_files_add_key(files, o->key[i], err);
	if (ret >= 0 && !o->keys)
		ret = log_files_add_keys(files, KEY_FOLDER, KEY_NAME, err);
	if (ret >= 0 && o->kept)
		ret = log_files_add_head(files, o->kept, err);
	return ret;
}

int logs_open(struct logs *logs, const struct log_options *o)
{
	struct scrim_error err;
	int ret = 0;

	memset(logs, 0, sizeof(*logs));
	if (o->camera)
		snprintf(logs->name[logs->count++], LOG_NAME_MAX, "%s", o->camera);
	else
		ret = find_all(logs, o->folder, &err);
	for (unsigned i = 0; ret >= 0 && i < logs->count; i++)
		ret = open_one(&logs->files[i], o, logs->name[i], &err);
	if (ret >= 0)
		return EXIT_DONE;
	complain("%s", err.text);
	logs_close(logs);
	return ret == -EACCES ? EXIT_FAILED : EXIT_USAGE;
}

void logs_close(struct logs *logs)
{
	for (unsigned i = 0; i < logs->count; i++) {
		if (logs->files[i])
			log_files_close(logs->files[i]);
		free(logs->files[i]);
		logs->files[i] = NULL;
	}
	logs->count = 0;
}

void log_complain(const struct log_files *files, const struct log_verdict *verdict)
{
	char where[4200];

	complain("%s: %s", log_where(files, verdict, where, sizeof(where)), verdict->what);
}
