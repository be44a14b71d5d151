// SPDX-License-Identifier: LGPL-2.1-or-later
#include "job_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/minisign.h"
#include "digest.h"
#include "guard/cage.h"
#include "text.h"

struct reading {
	struct job_file *file;
	const char *name;
	struct job_shard shard;
	unsigned line;
	json_t *outs;			/* names that are taken */
};

/* No way out of the folder, and nothing in it that workers hide there. */
static bool is_below(const char *name)
{
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += part > name;
		if (!*part || *part == '/' || *part == '.')
			return false;
	}
	return true;
}

static void take_head(struct fields *f, struct job_file *file)
{
	fields_schema(f, "scrim.job");
	fields_text(f, "out", file->out, sizeof(file->out));
	fields_text(f, "policy", file->policy, sizeof(file->policy));
	fields_sha256(f, "policy_sha256", file->policy_sha256);
	if (fields_have(f, "camera"))
		fields_text(f, "camera", file->camera, sizeof(file->camera));
}

static void take_item(struct fields *f, struct reading *r, struct job_item *item)
{
	fields_text(f, "in", item->in, sizeof(item->in));
	fields_sha256(f, "sha256", item->sha256);
	fields_text(f, "out", item->out, sizeof(item->out));
	if (f->ret < 0)
		return;
	if (!is_below(item->out))
		fields_wrong(f, "out", "'%s' is no name below the folder of the job", item->out);
	else if (json_object_get(r->outs, item->out))
		fields_wrong(f, "out", "'%s' is that of an earlier line", item->out);
}

/* The object of a line, to be released, with f open on it. */
static json_t *open_line(struct fields *f, const char *line, struct scrim_error *err)
{
	json_error_t error;
	json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, &error);

	if (json)
		fields_open(f, json, "", err);
	else
		*f = (struct fields){ .ret = fail(err, -EBADMSG, "%s", error.text), .err = err };
	return json;
}

static int read_head(struct reading *r, const char *line, struct scrim_error *err)
{
	struct scrim_error why;
	struct fields f;
	json_t *json = open_line(&f, line, &why);
	int ret;

	take_head(&f, r->file);
	ret = fields_close(&f);
	json_decref(json);
	return ret < 0 ? fail(err, ret, "%s:%u: %s", r->name, r->line, why.text) : 0;
}

/* All lines are read, since two shards may not write one name; only those of ours are kept. */
static int read_item(struct reading *r, const char *line, struct scrim_error *err)
{
	bool ours = r->file->items++ % r->shard.count == r->shard.index;
	struct job_item item = { .line = r->line };
	struct scrim_error why, wrong;
	struct fields f;
	json_t *json = open_line(&f, line, &why);
	int ret;

	take_item(&f, r, &item);
	ret = fields_close(&f);
	json_decref(json);
	if (ret == -ENOMEM || (ret >= 0 && json_object_set_new(r->outs, item.out, json_true()) < 0))
		return fail(err, -ENOMEM, "no memory for %s", r->name);
	if (ret < 0) {
		fail(&wrong, ret, "%.100s:%u: %s", r->name, r->line, why.text);
		memcpy(item.wrong, wrong.text, sizeof(item.wrong));
	}
	if (ours && r->file->count == JOB_ITEMS_MAX)
		return fail(err, -EFBIG, "%s: more than %d items for one shard, say a larger --shard N/COUNT",
			    r->name, JOB_ITEMS_MAX);
	if (ours)
		r->file->at[r->file->count++] = item;
	return 0;
}

static int read_lines(struct reading *r, char *text, size_t size, struct scrim_error *err)
{
	char *at = text, *line;
	int ret = 0;

	while (ret >= 0 && (line = text_line(&at, text + size))) {
		r->line++;
		if (r->line == 1)
			ret = read_head(r, line, err);
		else if (*line)
			ret = read_item(r, line, err);
	}
	if (ret >= 0 && !r->file->items)
		ret = fail(err, -EINVAL, "%s: there is no item", r->name);
	return ret;
}

int job_file_read(struct job_file *file, char *text, size_t size, const char *name,
		  struct job_shard shard, struct scrim_error *err)
{
	struct reading r = { .file = file, .name = name, .shard = shard, .outs = json_object() };
	int ret;

	memset(file, 0, sizeof(*file));
	ret = r.outs ? read_lines(&r, text, size, err) : fail(err, -ENOMEM, "no memory for %s", name);
	json_decref(r.outs);
	if (ret < 0)
		memset(file, 0, sizeof(*file));
	return ret;
}

/* The cage */

struct loading {
	int fd;
	const char *name;
	struct job_shard shard;
	const char *camera;		/* of a policy */
};

struct pinned {
	char sha256[SHA256_TEXT_MAX];
	struct policy policy;
};

static int load(void *ctx, void *result, struct scrim_error *err)
{
	const struct loading *l = ctx;
	char *text = NULL;
	size_t size;
	int ret = text_read(&text, &size, JOB_FILE_MAX, l->fd, l->name, err);

	if (ret >= 0)
		ret = job_file_read(result, text, size, l->name, l->shard, err);
	free(text);
	return ret;
}

/* Left by a process that read a stranger's bytes. */
#define ENDS(text)	(memchr(text, '\0', sizeof(text)) != NULL)

static bool item_is_sound(const struct job_item *item)
{
	return ENDS(item->in) && ENDS(item->out) && ENDS(item->sha256) && ENDS(item->wrong) &&
	       (*item->wrong || is_below(item->out));
}

static bool is_sound(const struct job_file *file)
{
	bool sound = file->count <= JOB_ITEMS_MAX && ENDS(file->out) && ENDS(file->policy) &&
		     ENDS(file->policy_sha256) && ENDS(file->camera);

	for (unsigned i = 0; sound && i < file->count; i++)
		sound = item_is_sound(&file->at[i]);
	return sound;
}

int job_file_load(struct job_file *file, const char *path, struct job_shard shard,
		  struct scrim_error *err)
{
	struct loading l = { .fd = open_regular(path, err), .name = path, .shard = shard };
	const struct caged_call call = { .before = documents_before, .work = load, .ctx = &l,
					 .keep = &l.fd, .kept = 1, .size = sizeof(*file) };
	int ret;

	memset(file, 0, sizeof(*file));
	if (l.fd < 0)
		return l.fd;
	ret = caged(&call, file, err);
	close(l.fd);
	if (ret >= 0 && !is_sound(file)) {
		memset(file, 0, sizeof(*file));
		ret = fail(err, -EIO, "cannot read %s: the worker's answer is no job", path);
	}
	return ret;
}

static int load_policy(void *ctx, void *result, struct scrim_error *err)
{
	const struct loading *l = ctx;
	struct pinned *pinned = result;
	int ret = digest_fd(pinned->sha256, NULL, l->fd, l->name, err);

	if (ret >= 0 && lseek(l->fd, 0, SEEK_SET) < 0)
		ret = fail(err, -errno, "cannot read %s: %s", l->name, strerror(errno));
	return ret < 0 ? ret : policy_read(&pinned->policy, l->fd, l->name, l->camera, err);
}

int job_policy_load(struct policy *policy, const struct job_file *file, const char *path,
		    struct scrim_error *err)
{
	struct loading l = { .fd = open_regular(path, err), .name = path,
			     .camera = *file->camera ? file->camera : NULL };
	const struct caged_call call = { .before = documents_before, .work = load_policy, .ctx = &l,
					 .keep = &l.fd, .kept = 1, .size = sizeof(struct pinned) };
	struct pinned pinned;
	int ret;

	*policy = (struct policy){ 0 };
	if (l.fd < 0)
		return l.fd;
	ret = caged(&call, &pinned, err);
	close(l.fd);
	if (ret < 0)
		return ret;
	if (!ENDS(pinned.sha256) || !policy_is_sound(&pinned.policy))
		return fail(err, -EIO, "cannot read %s: the worker's answer is no policy", path);
	if (strcmp(pinned.sha256, file->policy_sha256))
		return fail(err, -EBADMSG, "%s is not the policy of the job: its sha256 is %s", path,
			    pinned.sha256);
	*policy = pinned.policy;
	return 0;
}
