// SPDX-License-Identifier: GPL-2.0
/*
 * scrim policy apply: first everybody is asked what would change, and only when all of it may be
 * does anybody change.  Then each scrimd cuts before it replies.
 *
 * As root it also puts into the kernel what policies lock, before, and lifts what older ones
 * locked, after.
 */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live.h"
#include "policy/compare.h"
#include "tools.h"
#include "words.h"

struct round {
	const struct applying *how;
	struct cameras *cameras;
	bool named;			/* by the user: then each of them has to run */
	bool quiet;			/* a JSON document comes in the end */
	int status;
	enum open_verdict verdict;
	const char *result[CAMERAS_MAX];	/* NULL: nothing was done */
};

static const struct camera_status *camera_find(const struct cameras *cameras, const char *name)
{
	for (unsigned i = 0; i < cameras->count; i++)
		if (!strcmp(cameras->at[i].name, name))
			return &cameras->at[i];
	return NULL;
}

static bool is_meant(const struct camera_status *camera, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strcmp(camera->name, argv[i]))
			return true;
	return !argc;
}

/* Those that are not meant go. */
static int choose(struct cameras *cameras, const char *path, int argc, char **argv)
{
	unsigned kept = 0;

	for (int i = 0; i < argc; i++)
		if (!camera_find(cameras, argv[i])) {
			complain("%s: there is no [camera %s]", path, argv[i]);
			return EXIT_USAGE;
		}
	for (unsigned i = 0; i < cameras->count; i++)
		if (is_meant(&cameras->at[i], argc, argv))
			cameras->at[kept++] = cameras->at[i];
	cameras->count = kept;
	return EXIT_DONE;
}

static void print_changes(const struct camera_status *camera)
{
	const struct control_changes *changes = &camera->reply.changes;

	for (unsigned i = 0; i < changes->count && i < CONTROL_CHANGES_MAX; i++)
		print_words(stdout, "%-8s  %s: %s: %s", verdict_name(changes->at[i].verdict),
			    camera->name, changes->at[i].what, changes->at[i].why);
	if (changes->count > CONTROL_CHANGES_MAX)
		print_words(stdout, "%s: and %u changes more", camera->name,
			    changes->count - CONTROL_CHANGES_MAX);
}

static json_t *changes_json(const struct camera_status *camera)
{
	const struct control_changes *changes = &camera->reply.changes;
	json_t *list = json_array();

	/* One that was refused says why it was as well. */
	if (camera->asked && camera->asked != -EPERM)
		return list;
	for (unsigned i = 0; i < changes->count && i < CONTROL_CHANGES_MAX; i++)
		json_array_append_new(list, json_pack("{ss so so}",
			"verdict", verdict_name(changes->at[i].verdict),
			"what", json_words(changes->at[i].what),
			"why", json_words(changes->at[i].why)));
	return list;
}

static void print_json(const struct round *r, int status)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < r->cameras->count; i++) {
		const struct camera_status *camera = &r->cameras->at[i];

		json_array_append_new(list, json_pack("{so ss so so}",
			"camera", json_words(camera->name),
			"result", r->result[i] ? r->result[i] : "unchanged",
			"error", camera->asked < 0 ? json_words(camera->why.text) : json_null(),
			"changes", changes_json(camera)));
	}
	print_document(json_pack("{ss sb so}", "verdict", verdict_name(r->verdict),
				 "applied", status == EXIT_DONE, "cameras", list));
}

/* What keeps the camera from taking it, as far as can be told before. */
static void look(struct round *r, struct camera_status *camera)
{
	camera_ask(camera, &r->how->where, CONTROL_COMPARE, 0);
	if (!camera->asked) {
		if (!r->quiet)
			print_changes(camera);
		if (camera->reply.changes.verdict > r->verdict)
			r->verdict = camera->reply.changes.verdict;
	} else if (!camera_is_down(camera)) {
		complain("%s: %s", camera->name, camera->why.text);
		r->status = EXIT_FAILED;
	} else if (r->named) {
		complain("%s: %s: systemctl start scrim@%s", camera->name, camera->why.text,
			 camera->name);
		r->status = EXIT_FAILED;
	}
}

static bool is_administered(const struct camera_status *camera)
{
	return geteuid() == 0 && camera->policy && access(CONFIGFS_CAMERAS, F_OK) == 0;
}

static int hold_and_ask(const struct round *r, struct camera_status *camera)
{
	int ret = 0;

	if (is_administered(camera))
		ret = camera->asked = live_hold(camera->policy, &camera->why);
	if (ret >= 0)
		ret = camera_ask(camera, &r->how->where, CONTROL_APPLY,
				 r->how->accept ? CONTROL_ACCEPT : 0);
	if (ret >= 0 && is_administered(camera))
		configfs_lift(camera->policy);
	return ret;
}

/* Returns what became of it, in a word for programs. */
static const char *take(struct round *r, struct camera_status *camera)
{
	if (camera_is_down(camera)) {
		if (!r->quiet)
			print_words(stdout, "%s: scrimd does not run; it reads the policy when it "
				    "starts", camera->name);
		return "not running";
	}
	if (hold_and_ask(r, camera) < 0) {
		complain("%s: %s", camera->name, camera->why.text);
		r->status = EXIT_FAILED;
		return "failed";
	}
	if (!r->quiet)
		print_words(stdout, "%s: the policy is in force", camera->name);
	return "applied";
}

static int both_rounds(struct round *r)
{
	struct cameras *cameras = r->cameras;

	for (unsigned i = 0; i < cameras->count; i++)
		look(r, &cameras->at[i]);
	if (r->status != EXIT_DONE) {
		complain("no policy was changed");
		return r->status;
	}
	if (r->verdict == VERDICT_LOOSENS && !r->how->accept) {
		complain("something loosens, so no policy was changed; if that is meant: --accept");
		return APPLY_LOOSENS;
	}
	for (unsigned i = 0; i < cameras->count; i++)
		r->result[i] = take(r, &cameras->at[i]);
	return r->status;
}

int policy_apply(const struct applying *a, bool json, int argc, char **argv)
{
	struct round r = { .how = a, .named = argc, .quiet = json };
	struct policies *right = NULL;
	struct scrim_error err;
	int status = policies_load_right(&right, a->where.policy);

	free(right);
	if (status == EXIT_DONE && cameras_find(&r.cameras, &a->where, &err) < 0) {
		complain("%s", err.text);
		status = EXIT_FAILED;
	}
	if (status == EXIT_DONE)
		status = choose(r.cameras, a->where.policy, argc, argv);
	if (status == EXIT_DONE) {
		status = both_rounds(&r);
		if (json)
			print_json(&r, status);
	}
	cameras_free(&r.cameras);
	return status;
}
