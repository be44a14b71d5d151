/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A camera for one application: a file that behaves like /dev/video0, answered for
 * here.  One process, one loop, one camera; nothing in it waits.
 */
#ifndef SESSION_SERVE_H
#define SESSION_SERVE_H

#include <poll.h>

#include "session/device.h"
#include "session/mount.h"
#include "sink/feed.h"

struct session;

/*
 * What the session of a camera offers.  First is the format that its worker's pictures have,
 * or is nearest to it: one that has to be made of it costs a third more.  An interval that
 * cannot be is that of 30 pictures a second.
 */
struct session_frames {
	uint32_t fourcc;
	unsigned width, height;
	struct v4l2_fract interval;	/* seconds from picture to picture */
	bool full_range;		/* luma is 0 to 255 */
};
void session_pictures(struct device_pictures *pictures, const char *camera,
		      const struct session_frames *frames);

int session_new(struct session **session, const struct device_pictures *pictures,
		struct scrim_error *err);
/*
 * The same with pictures that share_join() gives, by its two descriptors, which are the
 * session's from now on.
 */
int session_join(struct session **session, const struct device_pictures *pictures, int memory,
		 int socket, struct scrim_error *err);
/* Who has it open gets ENOTCONN from now on. */
void session_free(struct session **session);

/* From which mount_open() opens the camera. */
int session_root(const struct session *session);
/* Where a worker puts frames for it; the session has to outlive the feed. */
void session_feed(struct session *session, struct feed *feed);
bool session_wanted(const struct session *session);	/* somebody streams */

int64_t session_now_ns(void);		/* CLOCK_MONOTONIC */
/* What to wait for, and until when: the same, -1: for ever. */
#define SESSION_FDS	4
int64_t session_wait(const struct session *session, struct pollfd fds[SESSION_FDS]);
/* Does what poll() found to do, and what is due.  -ENODEV: nobody can have it open any more. */
int session_serve(struct session *session, const struct pollfd fds[SESSION_FDS],
		  struct scrim_error *err);

#endif
