// SPDX-License-Identifier: GPL-2.0
/*
 * What scrimd says and does for those who ask over its socket.  Who they are has been
 * checked; that what they ask is a request as well (lib/control.h).
 */
#include "scrimd.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/configfs.h"
#include "url.h"

static int make_folder(const struct scrimd *d, struct scrim_error *err)
{
	const struct passwd *feeder = getpwnam(CONFIGFS_FEEDER);

	if (geteuid() || (mkdir(d->run_folder, 0755) < 0 && errno == EEXIST))
		return 0;
	if (chown(d->run_folder, feeder ? feeder->pw_uid : 0, feeder ? feeder->pw_gid : 0) < 0)
		return fail(err, -errno, "cannot make %s: %s", d->run_folder, strerror(errno));
	return 0;
}

int control_place(const struct scrimd *d, char *path, size_t size, struct scrim_error *err)
{
	int ret = make_folder(d, err);

	return ret < 0 ? ret : control_path(path, size, d->run_folder, d->camera, err);
}

int control_set_up(struct scrimd *d, struct scrim_error *err)
{
	char path[128];
	int ret = control_place(d, path, sizeof(path), err);

	return ret < 0 ? ret : control_listen(&d->control, path, control_members(), err);
}

/* How a path may be told to others: an address may carry a password. */
static void device_text(char *to, size_t size, const char *device)
{
	char text[POLICY_TEXT_MAX + 16];

	url_show(text, sizeof(text), device);
	control_text(to, size, text);
}

static void fill_policy(struct control_status *s, const struct scrimd *d)
{
	const struct policy *policy = &d->policy;

	s->faces = policy->faces;
	s->moving = policy->moving;
	s->detector = policy->detector;
	s->regions = policy->regions;
	for (unsigned i = 0; i < policy->regions; i++) {
		const struct policy_region *region = &policy->region[i];

		s->locked += region->locked;
		s->undone += region->method == METHOD_MOSAIC || region->method == METHOD_BLUR;
	}
	s->has |= s->locked ? CONTROL_LOCKS : 0;
	s->has |= policy->always_on ? CONTROL_ALWAYS_ON : 0;
	s->has |= policy->notice ? CONTROL_NOTICE : 0;
	if (policy->detector == DETECTOR_FACE)
		s->has |= CONTROL_NEEDS_MODEL | (d->sealed.model >= 0 ? CONTROL_HAS_MODEL : 0);
	device_text(s->device, sizeof(s->device), policy->device);
	control_text(s->purpose, sizeof(s->purpose), policy->purpose);
	control_text(s->class, sizeof(s->class), policy->class);
}

static void fill_counts(struct control_status *s, const struct scrimd *d)
{
	struct live_counts all;

	count_all(d, &all);
	s->frames = all.frames;
	s->whole = all.whole;
	s->dropped = all.dropped;
	s->damaged = all.damaged;
	s->doubt_ms = all.whole ? now_ms() - d->doubted : 0;
	control_text(s->doubt, sizeof(s->doubt), all.why);
	s->has |= all.zero_copy ? CONTROL_ZERO_COPY : 0;
	control_text(s->copied, sizeof(s->copied), all.copied);
}

static void fill_status(struct control_status *s, const struct scrimd *d)
{
	bool shut = false;

	s->state = live_runs(&d->live) ? CONTROL_SHOWS : wanted(d) ? CONTROL_BLACK : CONTROL_OFF;
	s->uptime_ms = now_ms() - d->up;
	s->readers = d->readers;
	s->places = d->share ? share_taken(d->share) : 0;
	s->restarts = d->restarts;
	s->pid = getpid();
	s->worker = live_runs(&d->live) ? d->live.child.pid : 0;
	s->width = d->feed.pix.width;
	s->height = d->feed.pix.height;
	s->fourcc = d->feed.pix.pixelformat;
	s->seconds = d->feed.interval.denominator ? d->feed.interval.numerator : 0;
	s->per = d->feed.interval.denominator ? d->feed.interval.denominator : 1;
	if (feed_shutter(&d->feed, &shut, NULL) >= 0 && shut)
		s->has |= CONTROL_SHUTTER_SHUT;
	s->has |= d->to_nobody ? CONTROL_TO_NOBODY : 0;
	s->has |= d->notice ? CONTROL_NOTICE_SHOWN : 0;
	fill_policy(s, d);
	fill_counts(s, d);
	control_text(s->why, sizeof(s->why), d->why);
	control_text(s->policy, sizeof(s->policy), d->policy_path);
}

static void fill_changes(struct control_changes *to, const struct comparison *from)
{
	to->verdict = from->verdict;
	to->count = from->count;
	for (unsigned i = 0; i < from->count && i < CONTROL_CHANGES_MAX; i++) {
		to->at[i].verdict = from->at[i].verdict;
		control_text(to->at[i].what, sizeof(to->at[i].what), from->at[i].what);
		control_text(to->at[i].why, sizeof(to->at[i].why), from->at[i].why);
	}
}

static int shutter(struct scrimd *d, uid_t by, bool shut, struct scrim_error *err)
{
	const struct event event = { EVENT_SHUTTER, by, shut, NULL };
	int ret = !shut && live_runs(&d->live) ? notice_begin(d, err) : 0;

	if (ret >= 0)
		ret = feed_set_shutter(&d->feed, shut, err);
	if (ret >= 0 && shut)
		notice_end(d);
	if (ret >= 0)
		journal(d, &event);
	return ret;
}

void scrimd_answer(void *ctx, const struct control_peer *peer,
		   const struct control_request *request, struct control_reply *reply,
		   struct control_gift *gift)
{
	static struct comparison changes;
	static struct policy policy;
	struct sealed sealed = SEALED_NONE;
	struct scrimd *d = ctx;
	struct scrim_error err = { 0 };
	int ret = 0;

	comparison_clear(&changes);
	switch ((enum control_what)request->what) {
	case CONTROL_SHUTTER:
		ret = shutter(d, peer->uid, request->flags & CONTROL_SHUT, &err);
		fill_status(&reply->status, d);
		break;
	case CONTROL_STATUS:
		fill_status(&reply->status, d);
		break;
	case CONTROL_COMPARE:
		ret = policy_look(d, &policy, &sealed, &changes, &err);
		sealed_free(&sealed);
		fill_changes(&reply->changes, &changes);
		break;
	case CONTROL_APPLY:
		ret = policy_apply(d, peer->uid, request->flags & CONTROL_ACCEPT, &changes, &err);
		fill_changes(&reply->changes, &changes);
		break;
	case CONTROL_SESSION:
		ret = session_give(d, peer, &reply->session, gift, &err);
		break;
	}
	reply->result = ret < 0 ? ret : 0;
	control_text(reply->text, sizeof(reply->text), ret < 0 ? err.text : "");
	control_text(reply->camera, sizeof(reply->camera), d->camera);
}
