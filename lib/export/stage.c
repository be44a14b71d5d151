// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/aside.h"
#include "digest.h"
#include "export/clip.h"
#include "policy/open.h"
#include "policy/write.h"
#include "text.h"

#define FOLDER		"stage"
#define RECORD_MAX	4096
#define PLACE_SUFFIX	".place"
#define DEPTH_MAX	8

static int refuse(struct scrim_error *err, const char *what, const char *name)
{
	return fail(err, -errno, "cannot %s %s: %s", what, name, strerror(errno));
}

/* The folder */

static int open_folder(int above, const char *name, bool make, struct scrim_error *err)
{
	struct stat st;
	int fd;

	if (make && mkdirat(above, name, 0700) < 0 && errno != EEXIST)
		return refuse(err, "make", name);
	fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return refuse(err, "open", name);
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 077))
		return fd;
	close(fd);
	return fail(err, -EACCES, "%s: it is not its owner's alone", name);
}

static int open_lock(struct stage *stage, struct scrim_error *err)
{
	stage->lock = openat(stage->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			     0600);
	if (stage->lock < 0)
		return refuse(err, "open", FOLDER "/lock");
	if (flock(stage->lock, LOCK_EX | LOCK_NB) < 0)
		return fail(err, errno == EWOULDBLOCK ? -EBUSY : -errno,
			    "another export is under way");
	return 0;
}

int stage_open(struct stage *stage, const char *store, bool make, struct scrim_error *err)
{
	int ret;

	*stage = (struct stage)STAGE_NONE;
	if (strlen(store) + sizeof("/" FOLDER) > sizeof(stage->path))
		return fail(err, -ENAMETOOLONG, "%s: the name is too long", store);
	snprintf(stage->path, sizeof(stage->path), "%s/" FOLDER, store);
	stage->store = ret = open_folder(AT_FDCWD, store, false, err);
	if (ret >= 0)
		stage->folder = ret = open_folder(stage->store, FOLDER, make, err);
	if (ret >= 0)
		ret = open_lock(stage, err);
	if (ret >= 0)
		stage->done = ret = open_folder(stage->folder, "done", true, err);
	if (ret < 0)
		stage_close(stage);
	return ret < 0 ? ret : 0;
}

void stage_close(struct stage *stage)
{
	const int fds[] = { stage->done, stage->lock, stage->folder, stage->store };

	for (unsigned i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	stage->done = stage->lock = stage->folder = stage->store = -1;
}

/* Of all that is below a folder. */
static void remove_tree(int above, const char *name, unsigned depth)
{
	struct dirent *entry;
	DIR *dir;
	int fd;

	if (unlinkat(above, name, 0) == 0 || depth > DEPTH_MAX)
		return;
	fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir && fd >= 0)
		close(fd);
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			remove_tree(dirfd(dir), entry->d_name, depth + 1);
	if (dir)
		closedir(dir);
	unlinkat(above, name, AT_REMOVEDIR);
}

/* Recipes */

static int hash_policy(char text[SHA256_TEXT_MAX], const struct policy *policy,
		       struct scrim_error *err)
{
	char *words = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&words, &size);

	if (!to)
		return fail(err, -ENOMEM, "no memory for a policy");
	policy_write(to, policy);
	fclose(to);
	sha256_text(text, words, size);
	free(words);
	return 0;
}

static int hash_model(char text[SHA256_TEXT_MAX], const struct policy *policy,
		      struct scrim_error *err)
{
	int model, boxes, ret = policy_open(policy, &model, &boxes, err);

	if (ret >= 0 && model < 0)
		ret = fail(err, -ENOENT, "there is no face model, and nothing is exported without; "
			   "scrim doctor says more");
	if (ret >= 0)
		ret = digest_fd(text, NULL, model, "the face model", err);
	if (model >= 0)
		close(model);
	if (boxes >= 0)
		close(boxes);
	return ret;
}

static int hash_tool(char text[SHA256_TEXT_MAX], struct scrim_error *err)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return refuse(err, "read", "this program");
	ret = digest_fd(text, NULL, fd, "this program", err);
	close(fd);
	return ret;
}

int recipe_make(struct recipe *recipe, const struct policy *policy, struct scrim_error *err)
{
	int ret = hash_policy(recipe->policy, policy, err);

	if (ret >= 0)
		ret = hash_model(recipe->model, policy, err);
	return ret < 0 ? ret : hash_tool(recipe->tool, err);
}

void redacted_key(char key[SHA256_TEXT_MAX], const struct secret *secret, const char *clip,
		  const struct recipe *recipe)
{
	char text[4 * SHA256_TEXT_MAX];

	snprintf(text, sizeof(text), "%s %s %s %s", clip, recipe->policy, recipe->model,
		 recipe->tool);
	secret_proof(key, secret, "key", text);
}

/* Redacted clips */

void stage_path(char *path, size_t room, const struct stage *stage, const char *key)
{
	snprintf(path, room, "%s/done/%s.mp4", stage->path, key);
}

static void name_of(char name[SHA256_TEXT_MAX + 8], const char *key, const char *suffix)
{
	snprintf(name, SHA256_TEXT_MAX + 8, "%s%s", key, suffix);
}

void stage_drop(const struct stage *stage, const char *key)
{
	char name[SHA256_TEXT_MAX + 8];

	name_of(name, key, ".json");
	unlinkat(stage->done, name, 0);
	name_of(name, key, ".mp4");
	unlinkat(stage->done, name, 0);
}

/* With a proof that it was written here: nobody else has the secret. */
static json_t *redacted_json(const struct redacted *r, const struct secret *secret)
{
	json_t *json = json_pack("{ss ss sI sI sI sI sI sI sI sI}", "key", r->key, "sha256", r->sha256,
				 "bytes", (json_int_t)r->bytes, "frames", (json_int_t)r->frames,
				 "faces", (json_int_t)r->faces,
				 "with_faces", (json_int_t)r->with_faces,
				 "whole", (json_int_t)r->whole,
				 "microseconds", (json_int_t)r->microseconds,
				 "width", (json_int_t)r->width, "height", (json_int_t)r->height);
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS), proof[SHA256_TEXT_MAX];

	if (!text) {
		json_decref(json);
		return NULL;
	}
	secret_proof(proof, secret, "redacted", text);
	json_object_set_new(json, "proof", json_string(proof));
	free(text);
	return json;
}

static bool redacted_read(struct redacted *r, const char *text, size_t size, const char *key,
			  const struct secret *secret)
{
	const char *sha256, *proof;
	json_int_t bytes, frames, faces, with_faces, whole, microseconds, width, height;
	json_t *json = json_loadb(text, size, 0, NULL), *again = NULL;
	bool proved = json_unpack(json, "{ss ss sI sI sI sI sI sI sI sI}", "sha256", &sha256,
				  "proof", &proof, "bytes", &bytes, "frames", &frames,
				  "faces", &faces, "with_faces", &with_faces,
				  "whole", &whole,
				  "microseconds", &microseconds, "width", &width,
				  "height", &height) == 0;

	if (proved) {
		*r = (struct redacted){ .bytes = bytes, .frames = frames, .faces = faces,
					.with_faces = with_faces, .whole = whole,
					.microseconds = microseconds,
					.width = width, .height = height };
		snprintf(r->key, sizeof(r->key), "%s", key);
		snprintf(r->sha256, sizeof(r->sha256), "%s", sha256);
		again = redacted_json(r, secret);
		proved = again && json_equal(again, json);
	}
	json_decref(again);
	json_decref(json);
	return proved;
}

/* The descriptor of a redacted clip that is there; -1: it is not. */
static int open_redacted(const struct stage *stage, const char *key)
{
	char name[SHA256_TEXT_MAX + 8];

	name_of(name, key, ".mp4");
	return openat(stage->done, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

static bool is_whole(const struct redacted *r, const struct stage *stage)
{
	int fd = open_redacted(stage, r->key);
	char sha256[SHA256_TEXT_MAX] = "";
	bool whole = fd >= 0 && digest_fd(sha256, NULL, fd, r->key, NULL) >= 0 &&
		     !strcmp(sha256, r->sha256);

	if (fd >= 0)
		close(fd);
	return whole;
}

int stage_find(struct redacted *redacted, const struct stage *stage, const struct secret *secret,
	       const char *key, struct scrim_error *err)
{
	char name[SHA256_TEXT_MAX + 8], *text = NULL;
	bool found = false;
	size_t size;
	int fd;

	name_of(name, key, ".json");
	fd = openat(stage->done, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && text_read(&text, &size, RECORD_MAX, fd, name, NULL) >= 0)
		found = redacted_read(redacted, text, size, key, secret) &&
			is_whole(redacted, stage);
	if (fd >= 0)
		close(fd);
	free(text);
	if (!found)
		stage_drop(stage, key);
	return found;
}

int stage_keep(const struct redacted *r, const struct stage *stage, const struct secret *secret,
	       struct scrim_error *err)
{
	char name[SHA256_TEXT_MAX + 8], *text = NULL;
	json_t *json = redacted_json(r, secret);
	int ret;

	if (json)
		text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(json);
	if (!text)
		return fail(err, -ENOMEM, "no memory for a redacted clip");
	name_of(name, r->key, ".json");
	ret = aside_write(stage->done, name, text, 0600, ASIDE_INSTEAD, err);
	free(text);
	return ret;
}

/* Bundles */

int stage_begin(const struct stage *stage, const char *bundle, struct scrim_error *err)
{
	int fd = open_folder(stage->folder, bundle, true, err), items;

	if (fd < 0)
		return fd;
	items = open_folder(fd, "items", true, err);
	if (items < 0) {
		close(fd);
		return items;
	}
	close(items);
	return fd;
}

int stage_put(const struct stage *stage, int bundle, const char *name, const char *key,
	      struct scrim_error *err)
{
	char from[SHA256_TEXT_MAX + 8], to[160];

	name_of(from, key, ".mp4");
	snprintf(to, sizeof(to), "items/%s.mp4", name);
	return linkat(stage->done, from, bundle, to, 0) < 0 ? refuse(err, "make", to) : 0;
}

static void name_of_place(char name[UUID_TEXT_MAX + 8], const char *bundle)
{
	snprintf(name, UUID_TEXT_MAX + 8, "%.36s" PLACE_SUFFIX, bundle);
}

void place_drop(const struct stage *stage, const char *bundle)
{
	char name[UUID_TEXT_MAX + 8];

	name_of_place(name, bundle);
	unlinkat(stage->folder, name, 0);
}

void stage_end(const struct stage *stage, const char *bundle)
{
	remove_tree(stage->folder, bundle, 0);
	place_drop(stage, bundle);
}

int place_write(const struct stage *stage, const char *bundle, const struct place *place,
		struct scrim_error *err)
{
	char name[UUID_TEXT_MAX + 8], text[sizeof(*place) + 2];

	snprintf(text, sizeof(text), "%s\n%s\n", place->folder, place->file);
	name_of_place(name, bundle);
	return aside_write(stage->folder, name, text, 0600, ASIDE_NEW, err);
}

int place_read(struct place *place, const struct stage *stage, const char *bundle,
	       struct scrim_error *err)
{
	char name[UUID_TEXT_MAX + 8], *text = NULL, *end, *file;
	size_t size;
	int fd, ret;

	name_of_place(name, bundle);
	fd = openat(stage->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return refuse(err, "open", name);
	ret = bytes_read(&text, &size, sizeof(*place) + 2, fd, name, err);
	close(fd);
	if (ret < 0)
		return ret;
	end = strchr(text, '\n');
	file = end ? end + 1 : text;
	if (!end || *text != '/' || strcspn(file, "\n") >= sizeof(place->file) ||
	    (size_t)(end - text) >= sizeof(place->folder)) {
		free(text);
		return fail(err, -EBADMSG, "%s: it is damaged", name);
	}
	snprintf(place->folder, sizeof(place->folder), "%.*s", (int)(end - text), text);
	snprintf(place->file, sizeof(place->file), "%.*s", (int)strcspn(file, "\n"), file);
	free(text);
	return 0;
}

static int is_any(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

static int is_hidden(const struct dirent *entry)
{
	return entry->d_name[0] == '.' && is_any(entry);
}

static void sweep(int folder, int (*which)(const struct dirent *entry))
{
	struct dirent **entries = NULL;
	int count = scandirat(folder, ".", &entries, which, NULL);

	for (int i = 0; i < count; i++) {
		unlinkat(folder, entries[i]->d_name, 0);
		free(entries[i]);
	}
	free(entries);
}

void stage_sweep(const struct stage *stage)
{
	sweep(stage->folder, is_hidden);
	sweep(stage->done, is_hidden);
}

void stage_empty(const struct stage *stage)
{
	if (stage->done >= 0)
		sweep(stage->done, is_any);
}

int stage_each(const struct stage *stage,
	       int (*each)(void *ctx, const char *bundle, struct scrim_error *err), void *ctx,
	       struct scrim_error *err)
{
	struct dirent **entries = NULL;
	int count = scandirat(stage->folder, ".", &entries, NULL, alphasort), ret = 0;
	char before[UUID_TEXT_MAX] = "";

	if (count < 0)
		return refuse(err, "read", FOLDER);
	for (int i = 0; i < count; i++) {
		char bundle[UUID_TEXT_MAX];

		snprintf(bundle, sizeof(bundle), "%.36s", entries[i]->d_name);
		/* A folder and its place are next to each other. */
		if (ret >= 0 && uuid_is_valid(bundle) && strcmp(bundle, before))
			ret = each(ctx, bundle, err);
		memcpy(before, bundle, sizeof(before));
		free(entries[i]);
	}
	free(entries);
	return ret;
}
