// SPDX-License-Identifier: GPL-2.0
/*
 * Names only; what is in the files is the worker's business.
 */
#include "files.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Endings that are looked at in a folder: those that can be written too ... */
static const char *const both_ways[] = {
	"jpg", "jpeg", "png", "mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "y4m",
};
/* ... and those whose copies become .mp4. */
static const char *const read_only[] = {
	"gif", "mxf", "nut", "asf", "ogg", "mts", "m2ts", "mpg", "mpeg", "mjpeg", "mjpg", "h264", "264", "h265",
	"265", "hevc", "ivf", "flv", "3gp", "wmv", "ogv", "dav",
};

static const char *ending_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');

	return dot && (!slash || dot > slash + 1) ? dot + 1 : "";
}

static bool ending_is_in(const char *path, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcasecmp(list[i], ending_of(path)))
			return true;
	return false;
}

static bool is_read_only(const char *path)
{
	return ending_is_in(path, read_only, sizeof(read_only) / sizeof(read_only[0]));
}

static bool is_media(const char *path)
{
	return is_read_only(path) ||
	       ending_is_in(path, both_ways, sizeof(both_ways) / sizeof(both_ways[0]));
}

/* Takes in and out. */
static int add(struct files *files, char *in, char *out, struct scrim_error *err)
{
	if (in && out && files->count == files->room) {
		size_t room = 2 * files->room + 16;
		struct file *at = realloc(files->at, room * sizeof(*at));

		if (at) {
			files->at = at;
			files->room = room;
		}
	}
	if (!in || !out || files->count == files->room) {
		free(in);
		free(out);
		return fail(err, -ENOMEM, "no memory for the list of files");
	}
	files->at[files->count++] = (struct file){ in, out };
	return 0;
}

/* Where the copy of name, a path below the folder that was given, will be. */
static char *name_in(const char *folder, const char *name)
{
	size_t base = strlen(name);
	char *path;

	if (is_read_only(name))
		base -= strlen(ending_of(name)) + 1;
	if (asprintf(&path, "%s/%.*s%s", folder, (int)base, name,
		     base < strlen(name) ? ".mp4" : "") < 0)
		return NULL;
	return path;
}

static int add_below(struct files *files, const FTSENT *entry, const char *root,
		     const char *out, struct scrim_error *err)
{
	const char *name = entry->fts_path + strlen(root);

	if (!is_media(entry->fts_path)) {
		files->left_out++;
		return 0;
	}
	while (*name == '/')
		name++;
	return add(files, strdup(entry->fts_path), name_in(out, name), err);
}

bool files_are_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The folder of path, and in *name what follows it. */
static char *folder_of(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	return slash ? strndup(path, slash + 1 - path) : strdup("./");
}

bool files_will_be_same(const char *a, const char *b)
{
	const char *name_a, *name_b;
	char *folder_a = folder_of(a, &name_a), *folder_b = folder_of(b, &name_b);
	bool same = !folder_a || !folder_b ||
		    (!strcmp(name_a, name_b) &&
		     (!strcmp(folder_a, folder_b) || files_are_same(folder_a, folder_b)));

	free(folder_a);
	free(folder_b);
	return same;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int add_folder(struct files *files, const char *root, const char *out,
		      struct scrim_error *err)
{
	char *const paths[] = { (char *)root, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	int ret = 0;

	if (!walk)
		return fail(err, -errno, "cannot read %s: %s", root, strerror(errno));
	while (ret >= 0 && (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
			ret = fail(err, -entry->fts_errno, "cannot read %s: %s",
				   entry->fts_path, strerror(entry->fts_errno));
		else if (entry->fts_info == FTS_D && files_are_same(entry->fts_accpath, out))
			fts_set(walk, entry, FTS_SKIP);	/* copies of an earlier run */
		else if (entry->fts_info == FTS_F)
			ret = add_below(files, entry, root, out, err);
	}
	fts_close(walk);
	return ret;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int by_out(const void *a, const void *b)
{
	return strcmp((*(struct file *const *)a)->out, (*(struct file *const *)b)->out);
}

static int refuse_clash(const struct files *files, struct scrim_error *err)
{
	const struct file **sorted = malloc(files->count * sizeof(*sorted) + 1);
	int ret = 0;

	if (!sorted)
		return fail(err, -ENOMEM, "no memory for the list of files");
	for (size_t i = 0; i < files->count; i++)
		sorted[i] = &files->at[i];
	qsort(sorted, files->count, sizeof(*sorted), by_out);
	for (size_t i = 1; ret >= 0 && i < files->count; i++)
		if (!strcmp(sorted[i]->out, sorted[i - 1]->out))
			ret = fail(err, -EINVAL, "%s and %s would both become %s",
				   sorted[i - 1]->in, sorted[i]->in, sorted[i]->out);
	free(sorted);
	return ret;
}

int files_find(struct files *files, char *const ins[], size_t count,
	       const char *out, struct scrim_error *err)
{
	bool folder = count > 1 || is_folder(ins[0]) || is_folder(out) ||
		      out[strlen(out) - 1] == '/';
	int ret = 0;

	*files = (struct files){ 0 };
	if (!folder)
		return add(files, strdup(ins[0]), strdup(out), err);
	for (size_t i = 0; ret >= 0 && i < count; i++) {
		const char *slash = strrchr(ins[i], '/');

		if (is_folder(ins[i]))
			ret = add_folder(files, ins[i], out, err);
		else
			ret = add(files, strdup(ins[i]),
				  name_in(out, slash ? slash + 1 : ins[i]), err);
	}
	if (ret >= 0)
		ret = refuse_clash(files, err);
	if (ret >= 0 && !files->count)
		ret = files_are_same(ins[0], out) ?
			fail(err, -EINVAL, "cannot write into %s: it is the input", out) :
			fail(err, -ENOENT, "cannot find a photo or video in %s", ins[0]);
	return ret;
}

int files_make_folder(const char *path, struct scrim_error *err)
{
	char *folder = strdup(path);

	if (!folder)
		return fail(err, -ENOMEM, "no memory for a name");
	for (char *slash = folder + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(folder, 0777) < 0 && errno != EEXIST) {
			fail(err, -errno, "cannot make folder %s: %s", folder, strerror(errno));
			free(folder);
			return -errno;
		}
		*slash = '/';
	}
	free(folder);
	return 0;
}

void files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->at[i].in);
		free(files->at[i].out);
	}
	free(files->at);
	*files = (struct files){ 0 };
}
