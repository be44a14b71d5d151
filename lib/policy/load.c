// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * This side opens names and never looks at bytes.
 */
#include "policy/load.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard/cage.h"
#include "policy/open.h"
#include "text.h"

struct loading {
	unsigned count;
	struct policy_file file[POLICY_FILES_MAX];
	char *name[POLICY_FILES_MAX];	/* owned */
};

static int add_file(struct loading *l, char *name, struct scrim_error *err)
{
	int fd;

	if (!name)
		return fail(err, -ENOMEM, "no memory for the names of policies");
	if (l->count == POLICY_FILES_MAX) {
		free(name);
		return fail(err, -EFBIG, "more than %d files with policies", POLICY_FILES_MAX);
	}
	fd = open_regular(name, err);
	if (fd < 0) {
		free(name);
		return fd;
	}
	l->name[l->count] = name;
	l->file[l->count++] = (struct policy_file){ fd, name };
	return 0;
}

static int is_policy(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && !strcmp(dot, ".conf");
}

/* The same everywhere; alphasort() goes by the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_folder(struct loading *l, const char *path, struct scrim_error *err)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_policy, by_name), ret = 0;

	if (count < 0)
		return fail(err, -errno, "cannot read %s: %s", path, strerror(errno));
	for (int i = 0; i < count; i++) {
		char *name = NULL;

		if (ret >= 0 && asprintf(&name, "%s/%s", path, entries[i]->d_name) < 0)
			name = NULL;
		if (ret >= 0)
			ret = add_file(l, name, err);
		free(entries[i]);
	}
	free(entries);
	if (ret >= 0 && !l->count)
		return fail(err, -ENOENT, "%s: there is no file *.conf", path);
	return ret;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int read_all(void *ctx, void *result, struct scrim_error *err)
{
	const struct loading *l = ctx;

	policies_read(result, l->file, l->count);
	return 0;
}

/* What a worker that read strangers' bytes may have left there. */
static bool are_sound(struct policies *policies)
{
	if (policies->count > POLICIES_MAX || (policies->errors && policies->count) ||
	    (!policies->errors && !policies->count))
		return false;
	for (unsigned i = 0; i < POLICY_ERRORS_MAX; i++)
		policies->error[i][SCRIM_TEXT_MAX - 1] = '\0';
	for (unsigned i = 0; i < policies->count; i++)
		if (!policy_is_sound(&policies->at[i]))
			return false;
	return true;
}

static int load(struct policies *policies, struct loading *l, const char *path,
		struct scrim_error *err)
{
	int keep[POLICY_FILES_MAX], ret;
	const struct caged_call call = { NULL, read_all, l, keep, l->count, sizeof(*policies),
					 NULL };

	for (unsigned i = 0; i < l->count; i++)
		keep[i] = l->file[i].fd;
	qsort(keep, l->count, sizeof(keep[0]), by_number);
	ret = caged(&call, policies, err);
	if (ret >= 0 && !are_sound(policies))
		ret = fail(err, -EIO, "cannot read %s: the worker's answer is no policy", path);
	return ret;
}

int policies_load(struct policies **policies, const char *path, struct scrim_error *err)
{
	struct loading *l = calloc(1, sizeof(*l));
	struct stat st;
	int ret;

	*policies = calloc(1, sizeof(**policies));
	if (!l || !*policies) {
		ret = fail(err, -ENOMEM, "no memory for policies");
		goto out;
	}
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		ret = add_folder(l, path, err);
	else
		ret = add_file(l, strdup(path), err);
	if (ret >= 0)
		ret = load(*policies, l, path, err);
out:
	for (unsigned i = 0; l && i < l->count; i++) {
		close(l->file[i].fd);
		free(l->name[i]);
	}
	free(l);
	if (ret < 0) {
		free(*policies);
		*policies = NULL;
	}
	return ret;
}
