// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/export.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "digest.h"
#include "export/bundle.h"

#define TICK_MS	200

static void note(const struct export *x, const char *text)
{
	if (*text)
		x->job->watch.note(x->job->watch.ctx, text);
}

/* Looking */

/* What nobody has written to is not opened, which would make it. */
static int open_exports(struct export *x, bool make, struct scrim_error *err)
{
	char text[SCRIM_TEXT_MAX] = "";
	int ret = make ? 1 : exports_began(x->choice->store, err);

	if (ret <= 0)
		return ret;
	ret = exports_open(&x->exports, x->choice->store, text, err);
	note(x, text);
	return ret;
}

/* What was given has names that only its secret makes again: under another one, all of it is new. */
static int check_secret(const struct export *x, const struct books *given, bool missing,
			struct scrim_error *err)
{
	char fingerprint[SHA256_TEXT_MAX];
	const char *what = missing ? "is missing" : "is another one";

	secret_fingerprint(fingerprint, &x->secret);
	if (!missing && (!*given->fingerprint || !strcmp(fingerprint, given->fingerprint)))
		return 0;
	return fail(err, -EBADMSG, "%s/" SECRET_FILE " %s, and clips of %llu bundle%s cannot be known "
		    "again without it: bring it back from a backup, or see The secret in scrim-export(1)",
		    x->choice->store, what, (unsigned long long)given->bundles,
		    given->bundles == 1 ? "" : "s");
}

/* make: the secret stays, since names that it makes will be given away. */
static int name_anew(struct export *x, bool make, struct scrim_error *err)
{
	const struct books *books = x->exports ? exports_books(x->exports) : NULL;
	const struct books *given = books && books->bundles ? books : NULL;
	int folder = open(x->choice->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;

	if (folder < 0 && (errno != ENOENT || make))
		return fail(err, -errno, "cannot open %s: %s", x->choice->store, strerror(errno));
	ret = secret_open(&x->secret, folder, x->choice->campaign->id, make && !given, err);
	if (folder >= 0)
		close(folder);
	return ret < 0 || !given ? ret : check_secret(x, given, ret > 0, err);
}

static int look(struct export *x, bool make, struct scrim_error *err)
{
	int ret = open_exports(x, false, err);

	if (ret >= 0)
		ret = name_anew(x, make, err);
	if (ret >= 0)
		ret = choice_make(x->choice, &x->secret, x->exports, err);
	exports_close(x->exports);
	x->exports = NULL;
	return ret;
}

/* What a run before this one left is ended first. */
static int take_up(struct export *x, struct scrim_error *err)
{
	struct scrim_error why;
	int ret = stage_open(&x->stage, x->choice->store, false, &why);

	if (ret == -ENOENT)
		return 0;
	if (ret < 0)
		return fail(err, ret, "%s", why.text);
	ret = open_exports(x, false, err);
	if (ret >= 0)
		ret = bundle_take_up(x, err);
	exports_close(x->exports);
	x->exports = NULL;
	return ret;
}

/* The first time: as nobody held the lock until now, all is asked again. */
static int prepare(struct export *x, struct scrim_error *err)
{
	int ret = 0;

	if (x->stage.folder < 0) {
		ret = stage_open(&x->stage, x->choice->store, true, err);
		if (ret >= 0)
			ret = look(x, true, err);
	}
	return ret < 0 ? ret : recipe_make(&x->recipe, x->job->policy, err);
}

/* Redacting */

static int wait_for(struct export *x, const struct chosen *p, struct job *job,
		    struct job_result *result, struct scrim_error *err)
{
	struct pollfd watch = { .fd = job_watch(job, err), .events = POLLIN };

	if (watch.fd < 0) {
		job_stop(job);
		return watch.fd;
	}
	while (!*x->job->stop && poll(&watch, 1, TICK_MS) <= 0) {
		job_peek(job, result);
		x->job->watch.tick(x->job->watch.ctx, p, result);
	}
	close(watch.fd);
	if (!*x->job->stop)
		return job_end(job, result, err);
	job_stop(job);
	return fail(err, -ECANCELED, "stopped");
}

static int check_result(const struct job_result *r, const char *name, struct scrim_error *err)
{
	if (r->still)
		return fail(err, -EINVAL, "%s: it is a picture, and no clip", name);
	if (!r->frames)
		return fail(err, -EBADMSG, "%s: there is no frame in it", name);
	if (r->whole == r->frames)
		return fail(err, -EBADMSG, "%s: all of it had to be covered: %s", name, r->why);
	return 0;
}

/*
 * The hash is of what has no name yet, where the file system has such files: nobody else gets to
 * it.  From its name on it is compared whenever it is read.
 */
static int place(struct job *job, struct redacted *redacted, struct scrim_error *err)
{
	uint64_t bytes;
	int ret = digest_fd(redacted->sha256, &bytes, job->out.fd, "a redacted clip", err);

	if (ret < 0) {
		job_stop(job);
		return ret;
	}
	redacted->bytes = bytes;
	return job_place(job, err);
}

/* By the descriptor of our own copy: whoever changes the file or its name now changes nothing. */
static int run_job(struct export *x, struct chosen *p, const struct clip *clip,
		   struct job_result *result, struct scrim_error *err)
{
	char in[32], out[4096];
	const struct job_request request = {
		.in = in, .out = out, .name = p->path, .policy = x->job->policy, .codec = "libx264",
		.replace = true, .report = -1, .sheet = -1,
	};
	struct job job;
	int ret;

	snprintf(in, sizeof(in), "/proc/self/fd/%d", clip->fd);
	stage_path(out, sizeof(out), &x->stage, p->redacted.key);
	ret = job_start(&job, &request, err);
	if (ret >= 0)
		ret = wait_for(x, p, &job, result, err);
	if (ret >= 0)
		ret = place(&job, &p->redacted, err);
	if (ret >= 0)
		ret = check_result(result, p->path, err);
	return ret;
}

static int redact(struct export *x, struct chosen *p, struct scrim_error *err)
{
	struct job_result result = { 0 };
	struct clip clip;
	int ret = clip_open(&clip, p->path, err);

	if (ret >= 0 && strcmp(clip.item.sha256, p->item.sha256))
		ret = fail(err, -EBADMSG, "%s: it has become another clip", p->path);
	if (ret >= 0)
		ret = clip_own(&clip, x->stage.folder, err);
	if (ret >= 0)
		ret = run_job(x, p, &clip, &result, err);
	if (ret >= 0) {
		p->redacted.frames = result.frames;
		p->redacted.faces = result.faces;
		p->redacted.with_faces = result.with_faces;
		p->redacted.whole = result.whole;
		p->redacted.microseconds = result.span_ns / 1000;
		p->redacted.width = result.width;
		p->redacted.height = result.height;
		ret = stage_keep(&p->redacted, &x->stage, &x->secret, err);
	}
	if (ret < 0)
		stage_drop(&x->stage, p->redacted.key);
	clip_close(&clip);
	return ret;
}

static int redact_one(struct export *x, struct chosen *p, struct scrim_error *err)
{
	char key[SHA256_TEXT_MAX];
	int ret = clip_still(&p->item, p->path, err);

	if (ret < 0)
		return ret;
	redacted_key(key, &x->secret, p->item.sha256, &x->recipe);
	ret = stage_find(&p->redacted, &x->stage, &x->secret, key, err);
	memcpy(p->redacted.key, key, sizeof(key));
	if (ret > 0) {
		x->job->watch.redacted(x->job->watch.ctx, p, true);
		return 0;
	}
	ret = redact(x, p, err);
	if (ret >= 0)
		x->job->watch.redacted(x->job->watch.ctx, p, false);
	return ret;
}

/* Nothing is kept of one that is refused now. */
static void look_for_faces(const struct export *x, struct chosen *p)
{
	choice_count_faces(p);
	if (p->state == CLIP_REFUSED)
		stage_drop(&x->stage, p->redacted.key);
}

/* One that cannot be redacted, or may not go as it turns out, is left out; the others go. */
static int redact_all(struct export *x, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < x->choice->count; i++) {
		struct chosen *p = &x->choice->at[i];

		if (p->state != CLIP_GOES)
			continue;
		ret = bundle_ask_again(x, err);
		if (ret >= 0 && redact_one(x, p, &p->why) < 0) {
			if (p->why.code == -ECANCELED)
				ret = fail(err, -ECANCELED, "stopped");
			else
				p->state = CLIP_FAILED;
		}
		if (ret >= 0 && p->state == CLIP_GOES)
			look_for_faces(x, p);
	}
	return ret;
}

static int run(struct export *x, struct scrim_error *err)
{
	int ret = bundle_check(x->job, err);

	if (ret >= 0 && !x->job->dry_run)
		ret = take_up(x, err);
	if (ret >= 0)
		ret = look(x, x->stage.folder >= 0, err);
	if (ret < 0 || x->job->dry_run || !choice_going(x->choice))
		return ret;
	ret = prepare(x, err);
	if (ret >= 0)
		ret = redact_all(x, err);
	if (ret < 0 || !choice_going(x->choice))
		return ret;
	ret = bundle_make(x, err);
	if (ret >= 0)
		ret = open_exports(x, true, err);
	return ret < 0 ? ret : bundle_give(x, err);
}

int export_clips(struct choice *choice, const struct export_job *job, struct exported *exported,
		 struct scrim_error *err)
{
	struct export x = { .choice = choice, .job = job, .exported = exported, .stage = STAGE_NONE,
			    .folder = -1, .outbox = -1 };
	int ret;

	memset(exported, 0, sizeof(*exported));
	ret = run(&x, err);
	if (ret < 0)
		bundle_drop(&x);
	if (choice->revoked)
		stage_empty(&x.stage);		/* who took it back wants no copy left */
	bundle_close(&x);
	exports_close(x.exports);
	secret_forget(&x.secret);
	stage_close(&x.stage);
	return ret;
}
