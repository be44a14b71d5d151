// SPDX-License-Identifier: GPL-2.0
/*
 * What of all that was measured somebody ought to know, and what to type about it.
 */
#include "cameras.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void find(struct concerns *f, enum concern_kind kind, const struct camera_status *camera,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void find(struct concerns *f, enum concern_kind kind, const struct camera_status *camera,
		 const char *fmt, ...)
{
	struct concern *concern = &f->at[f->count];
	va_list args;

	f->doubts += kind == CONCERN_DOUBT;
	if (f->count == CONCERNS_MAX)
		return;
	f->count++;
	concern->kind = kind;
	if (camera)
		memcpy(concern->camera, camera->name, sizeof(concern->camera));
	va_start(args, fmt);
	vsnprintf(concern->text, sizeof(concern->text), fmt, args);
	va_end(args);
}

#define LATELY_MS	60000

static void daemon_concerns(struct concerns *f, const struct camera_status *camera)
{
	const struct control_status *s = &camera->reply.status;

	if (camera_is_down(camera)) {
		find(f, CONCERN_DOUBT, camera, "scrimd does not run, readers get black: "
		     "systemctl start scrim@%s", camera->name);
		return;
	}
	if (camera->asked < 0) {
		find(f, CONCERN_DOUBT, camera, "%s", camera->why.text);
		return;
	}
	if (s->has & CONTROL_TO_NOBODY)
		find(f, CONCERN_DOUBT, camera, "scrimd runs with --feed null: nobody is shown "
		     "anything");
	if (s->state == CONTROL_BLACK)
		find(f, CONCERN_DOUBT, camera, "black: %s", *s->why ? s->why : "it begins");
	if (s->whole && s->doubt_ms < LATELY_MS)
		find(f, CONCERN_DOUBT, camera, "pictures are covered whole: %s", s->doubt);
	if ((s->has & CONTROL_NEEDS_MODEL) && !(s->has & CONTROL_HAS_MODEL))
		find(f, CONCERN_DOUBT, camera, "there is no face model, so all of the picture is "
		     "covered; scrim(1) says where it belongs");
	if (!camera->policy)
		find(f, CONCERN_DOUBT, camera, "its policy is gone or wrong; scrimd keeps the one "
		     "that it has: scrim policy check");
}

static void kernel_concerns(struct concerns *f, const struct camera_status *camera)
{
	bool to_nobody = !camera->asked && camera->reply.status.has & CONTROL_TO_NOBODY;

	/* The service makes it. */
	if (to_nobody || (!camera->kernel.live && camera_is_down(camera)))
		return;
	if (camera->held < 0)
		find(f, CONCERN_DOUBT, camera, "%s", camera->held_why.text);
}

static const char *user_name(uid_t uid, char *text, size_t size)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(text, size, "%s", user->pw_name);
	else
		snprintf(text, size, "%u", (unsigned)uid);
	return text;
}

/* Those that belong to the camera's own daemon are as they should be: it, its worker, a keeper. */
static bool is_its_own(const struct camera_status *camera, const struct raw_holder *holder)
{
	const struct control_status *s = &camera->reply.status;

	return !camera->asked && ((uint32_t)holder->pid == s->pid ||
				  (uint32_t)holder->pid == s->worker ||
				  (s->pid && (uint32_t)holder->parent == s->pid));
}

static void holder_concerns(struct concerns *f, const struct camera_status *camera)
{
	const struct raw_node *raw = &camera->raw;
	char user[64];

	for (unsigned i = 0; i < raw->holders && i < RAW_HOLDERS_MAX; i++) {
		const struct raw_holder *holder = &raw->holder[i];

		if (!is_its_own(camera, holder))
			find(f, CONCERN_DOUBT, camera, "%s is held open by %s (process %d of %s): "
			     "it sees what the camera sees", raw->path, holder->name, holder->pid,
			     user_name(holder->uid, user, sizeof(user)));
	}
}

static void raw_concerns(struct concerns *f, const struct camera_status *camera)
{
	const struct passwd *scrim = getpwnam(CONTROL_GROUP);
	const struct raw_node *raw = &camera->raw;
	char user[64];

	if (raw->why_not == -ENOENT)
		find(f, CONCERN_DOUBT, camera, "the camera %s is not there", camera_device(camera));
	if (raw->why_not)
		return;
	user_name(raw->uid, user, sizeof(user));
	if (raw->mode & 07)
		find(f, CONCERN_DOUBT, camera, "everybody may open %s; make install-service closes "
		     "it", raw->path);
	else if (raw->mode & 070)
		find(f, CONCERN_DOUBT, camera, "group %u may open %s; make install-service closes "
		     "it", (unsigned)raw->gid, raw->path);
	if (raw->uid && !(scrim && raw->uid == scrim->pw_uid))
		find(f, CONCERN_DOUBT, camera, "%s belongs to user %s", raw->path, user);
	if (raw->may_open && geteuid() && !(scrim && geteuid() == scrim->pw_uid))
		find(f, CONCERN_DOUBT, camera, "you may open %s, whatever its mode says", raw->path);
	holder_concerns(f, camera);
}

static bool can_be_undone(const struct control_status *s)
{
	return s->undone || s->faces == METHOD_MOSAIC || s->faces == METHOD_BLUR ||
	       s->moving == METHOD_MOSAIC || s->moving == METHOD_BLUR;
}

/* What the policy lets through. */
static void policy_concerns(struct concerns *f, const struct camera_status *camera)
{
	const struct control_status *s = &camera->reply.status;

	if (camera->asked < 0)
		return;
	if (s->faces == METHOD_SHOW)
		find(f, CONCERN_LEAK, camera, "faces are shown, as its policy says");
	else if (s->detector == DETECTOR_NONE)
		find(f, CONCERN_LEAK, camera, "no faces are looked for, as its policy says");
	if (can_be_undone(s))
		find(f, CONCERN_LEAK, camera, "mosaic and blur can be undone; only fill cannot");
	if (s->has & CONTROL_ZERO_COPY)
		find(f, CONCERN_LEAK, camera, "the camera's driver is trusted not to write to a "
		     "picture after it was redacted (zero-copy = yes)");
}

static void machine_concerns(struct concerns *f, const struct machine *m)
{
	if (m->driver == KNOWN_NO)
		find(f, CONCERN_DOUBT, NULL, "the scrim driver is not loaded: modprobe scrim");
	if (m->locked_down != KNOWN_YES)
		find(f, CONCERN_LEAK, NULL, "root can read a raw camera%s: the kernel is not "
		     "locked down", m->signed_only == KNOWN_YES ? "" : ", and load any module");
	if (!m->landlock)
		find(f, CONCERN_LEAK, NULL, "workers are kept from files by seccomp alone: the "
		     "kernel has no Landlock");
	if (m->seccomp == KNOWN_NO)
		find(f, CONCERN_DOUBT, NULL, "the kernel has no seccomp: no worker starts");
	find(f, CONCERN_LEAK, NULL, "whoever is given an open descriptor of a raw camera can read "
	     "it%s", m->bpf == KNOWN_YES ? "" : ": the kernel runs no BPF guard");
}

void concerns_make(struct concerns *concerns, const struct cameras *cameras)
{
	concerns->count = concerns->doubts = 0;
	if (cameras->err.code)
		find(concerns, CONCERN_DOUBT, NULL, "%s", cameras->err.text);
	else if (!cameras->count)
		find(concerns, CONCERN_DOUBT, NULL, "there are no cameras");
	for (unsigned i = 0; i < cameras->count; i++) {
		const struct camera_status *camera = &cameras->at[i];

		daemon_concerns(concerns, camera);
		kernel_concerns(concerns, camera);
		raw_concerns(concerns, camera);
		policy_concerns(concerns, camera);
	}
	machine_concerns(concerns, &cameras->machine);
}

void concerns_doubt(struct concerns *concerns, const char *text)
{
	struct scrim_error clean;

	fail(&clean, -EIO, "%s", text);
	find(concerns, CONCERN_DOUBT, NULL, "%s", clean.text);
}
