// SPDX-License-Identifier: GPL-2.0
/*
 * scrim run beside a scrimd that has the camera: that one gives pictures, and the file that
 * behaves like a camera is served by a process of this user.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guard/rights.h"
#include "control.h"
#include "run.h"
#include "session/serve.h"
#include "session/share.h"
#include "tools.h"

#define WAIT_MS		5000		/* for an answer */

static int serve(struct session *session, int runner, struct scrim_error *err)
{
	struct pollfd polls[SESSION_FDS + 1] = { 0 };
	int ret = 0;

	while (ret >= 0 && !polls[SESSION_FDS].revents) {
		int64_t until = session_wait(session, polls), left;

		polls[SESSION_FDS] = (struct pollfd){ .fd = runner, .events = POLLIN };
		left = until < 0 ? -1 : (until - session_now_ns()) / 1000000 + 1;
		if (poll(polls, SESSION_FDS + 1, until >= 0 && left < 0 ? 0 : left) < 0 &&
		    errno != EINTR)
			return fail(err, -errno, "cannot wait: %s", strerror(errno));
		ret = session_serve(session, polls, err);
	}
	return ret;
}

static void serve_child(const struct device_pictures *pictures, const int fds[CONTROL_FDS],
			int runner)
{
	struct session *session = NULL;
	struct scrim_error err;
	int root, ret;

	/* Signals stay blocked: killed in the middle it would leave the storer waiting. */
	setpgid(0, 0);
	ret = session_join(&session, pictures, fds[0], fds[1], &err);
	if (ret >= 0) {
		root = session_root(session);
		ret = rights_send(runner, "", 1, &root, 1);
		if (ret < 0)
			fail(&err, ret, "nobody takes the camera: %s", strerror(-ret));
		else
			ret = serve(session, runner, &err);
	}
	if (ret < 0)
		complain("%s", err.text);
	session_free(&session);
	_exit(ret < 0);
}

/* *link: who serves ends when the other end is closed. */
static pid_t start(const struct device_pictures *pictures, const int fds[CONTROL_FDS], int *root,
		   int *link, struct scrim_error *err)
{
	int ends[2];
	char ready;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(err, -errno, "no socket: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		serve_child(pictures, fds, ends[1]);
	}
	close(ends[1]);
	*link = ends[0];
	if (pid < 0 || rights_receive(ends[0], &ready, 1, root, 1) != 1)
		return fail(err, -EIO, "the camera's file cannot be made");
	return pid;
}

pid_t run_join(const struct run_options *options, struct device_pictures *pictures, int *root,
	       int *link, struct scrim_error *err)
{
	const struct control_session *s;
	struct session_frames frames;
	static struct control_reply reply;
	char path[128];
	int fds[CONTROL_FDS], ret = control_path(path, sizeof(path), options->run_folder,
						 options->camera, err);
	pid_t pid;

	if (ret < 0)
		return ret;
	ret = control_join(path, &reply, fds, WAIT_MS, err);
	if (ret == -ENOENT || ret == -ECONNREFUSED)
		return 0;
	if (ret < 0)
		return ret;
	if (reply.result < 0)
		return fail(err, reply.result, "scrimd: %s", reply.text);
	s = &reply.session;
	frames = (struct session_frames){
		.fourcc = SHARE_FORMAT, .width = s->width, .height = s->height,
		.interval = { s->seconds, s->per }, .full_range = s->full_range,
	};
	session_pictures(pictures, options->camera, &frames);
	pid = start(pictures, fds, root, link, err);
	close(fds[0]);
	close(fds[1]);
	return pid;
}
