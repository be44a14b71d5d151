// SPDX-License-Identifier: GPL-2.0
/*
 * scrimd without a scrim camera.  For one application it has a session, whose file it hands
 * to `scrim run`, and ends with it; for several it shares pictures with the sessions that their
 * users' own processes have.
 */
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "guard/rights.h"
#include "scrimd.h"
#include "node.h"
#include "session/serve.h"
#include "source/video.h"

/* Until the finder has something to say.  -ECANCELED: we are to end. */
static int wait_for_camera(const struct scrimd *d, bool *reload, struct scrim_error *err)
{
	struct pollfd ready[] = {
		{ .fd = d->finder.from, .events = POLLIN },
		{ .fd = d->signals, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	poll(ready, 2, -1);
	while (read(d->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGHUP)
			return fail(err, -ECANCELED, "asked to end");
		*reload = true;
	}
	return 0;
}

/*
 * The camera is opened for what its pictures are, and closed: nobody watches yet.  What takes
 * long to find out is remembered.
 */
static int look_at_camera(struct scrimd *d, struct device_pictures *pictures,
			  struct scrim_error *err)
{
	const struct camera_name name = {
		d->policy.device, d->policy.credentials, d->policy.tls_ca,
	};
	struct session_frames frames;
	struct v4l2_pix_format pix;
	struct camera camera;
	bool reload = false;
	int ret;

	do {
		ret = camera_look_for(&camera, &d->finder, &name, &d->policy.wish, err);
		if (ret == -EINPROGRESS && wait_for_camera(d, &reload, err) < 0)
			ret = -ECANCELED;
	} while (ret == -EINPROGRESS);
	/* The policy can be read again when it is in use. */
	if (reload)
		raise(SIGHUP);
	if (ret < 0)
		return ret;
	pix = camera_frames(&camera);
	frames = (struct session_frames){
		.fourcc = d->shares ? SHARE_FORMAT : pix.pixelformat,
		.width = pix.width, .height = pix.height, .interval = camera.interval,
		.full_range = v4l2_full_range(&pix),
	};
	session_pictures(pictures, d->camera, &frames);
	camera_close(&camera);
	return 0;
}

static int set_up_session(struct scrimd *d, const struct device_pictures *pictures,
			  struct scrim_error *err)
{
	int ret = session_new(&d->session, pictures, err), root;

	if (ret < 0)
		return ret;
	session_feed(d->session, &d->feed);
	root = session_root(d->session);
	ret = rights_send(d->runner, pictures, sizeof(*pictures), &root, 1);
	return ret < 0 ? fail(err, ret, "nobody takes the session: %s", strerror(-ret)) : 0;
}

static int set_up_share(struct scrimd *d, const struct device_pictures *pictures,
			struct scrim_error *err)
{
	int ret = share_new(&d->share, pictures, err);

	if (ret >= 0)
		share_feed(d->share, &d->feed);
	return ret;
}

static bool may_read(const void *policy, const struct reader *reader)
{
	const struct passwd *user = getpwuid(reader->uid);

	return policy_allows_reader(policy, reader, user ? user->pw_name : "");
}

/* The program of --feed session is of the service that this process is of as well. */
static struct reader own_reader(void)
{
	struct reader reader = { .uid = geteuid() };

	unit_of_self(reader.unit, NULL);
	return reader;
}

/* unknown: why its service is not known; empty: it is. */
static int check_reader(const struct scrimd *d, const struct reader *reader, const char *unknown,
			struct scrim_error *err)
{
	if (may_read(&d->policy, reader))
		return 0;
	if (*unknown && policy_names_units(&d->policy))
		return fail(err, -EACCES, "user %u is not among its readers, and of which unit it "
			    "asks is not known: %s", reader->uid, unknown);
	return fail(err, -EACCES, "user %u%s%s is not among its readers, who are: %s", reader->uid,
		    *reader->unit ? " of " : "", reader->unit, d->policy.readers);
}

int session_set_up(struct scrimd *d, struct scrim_error *err)
{
	const struct reader own = own_reader();
	struct device_pictures pictures;
	video_opener *unused;
	int ret = d->shares ? 0 : check_reader(d, &own, "", err);

	if (ret < 0)
		return ret;
	/*
	 * Loading takes longer than readers wait for black: once here, and every worker has it.  A
	 * camera that cannot be read is an error of the next line.
	 */
	if (!camera_is_node(d->policy.device))
		video_load(&unused, NULL);
	ret = look_at_camera(d, &pictures, err);
	if (ret < 0)
		return ret;
	return d->shares ? set_up_share(d, &pictures, err) : set_up_session(d, &pictures, err);
}

void session_policy(struct scrimd *d)
{
	const struct reader own = own_reader();

	if (d->share)
		share_keep(d->share, may_read, &d->policy);
	d->denied = d->session && !may_read(&d->policy, &own);
}

int session_give(struct scrimd *d, const struct control_peer *to, struct control_session *session,
		 struct control_gift *gift, struct scrim_error *err)
{
	const struct device_pictures *pictures;
	struct reader reader = { .uid = to->uid };
	struct scrim_error unknown = { 0 };
	int ret;

	if (!d->share)
		return fail(err, -ENOTSUP, "it feeds %s; for sessions it is to run with --feed share",
			    d->to_nobody ? "nobody" : d->session ? "one application" : "the driver");
	unit_of_peer(reader.unit, to->fd, &unknown);
	ret = check_reader(d, &reader, unknown.text, err);
	if (ret >= 0)
		ret = share_join(d->share, &reader, gift->fd, err);
	if (ret < 0)
		return ret;
	gift->count = CONTROL_FDS;
	pictures = share_pictures(d->share);
	*session = (struct control_session){
		.width = pictures->width, .height = pictures->height,
		.seconds = pictures->interval.numerator, .per = pictures->interval.denominator,
		.full_range = pictures->full_range,
	};
	return 0;
}

unsigned session_polls(const struct scrimd *d, struct pollfd polls[SESSION_POLLS], int *patience)
{
	int64_t until, left;

	if (d->share) {
		share_polls(d->share, polls);
		return SHARE_POLLS;
	}
	if (!d->session)
		return 0;
	until = session_wait(d->session, polls);
	polls[SESSION_FDS] = (struct pollfd){ .fd = d->runner, .events = POLLIN };
	if (until >= 0) {
		left = until / 1000000 + 1 - now_ms();
		if (left < 0)
			left = 0;
		if (*patience < 0 || left < *patience)
			*patience = left;
	}
	return SESSION_FDS + 1;
}

int session_turn(struct scrimd *d, const struct pollfd polls[SESSION_POLLS],
		 struct scrim_error *err)
{
	unsigned readers = d->readers;
	int ret = d->share ? share_serve(d->share, err) : session_serve(d->session, polls, err);

	/* Programs wait in black for a worker that does better. */
	if (ret < 0 && d->share) {
		say(d, "%s", err->text);
		worker_stop(d, NULL);
	} else if (ret < 0) {
		return ret;
	}
	d->readers = d->share ? share_wanted(d->share) : session_wanted(d->session);
	if (d->readers != readers && !wanted(d))
		worker_rest(d);
	return d->session && polls[SESSION_FDS].revents ? 1 : 0;
}
