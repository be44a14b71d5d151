// SPDX-License-Identifier: GPL-2.0
/*
 * scrimd for one application: in place of a scrim camera it has a session, whose file it
 * hands to `scrim run`, and ends with it.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "guard/rights.h"
#include "scrimd.h"
#include "node.h"
#include "session/serve.h"

/* The camera is opened for what its pictures are, and closed: nobody watches yet. */
static int look_at_camera(const struct scrimd *d, struct device_pictures *pictures,
			  struct scrim_error *err)
{
	static const uint32_t offers[] = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_YUV420 };
	const struct camera_name name = { d->policy.device, d->policy.credentials };
	struct v4l2_pix_format pix;
	struct camera camera;
	int ret = camera_open(&camera, &name, &d->policy.wish, err);

	if (ret < 0)
		return ret;
	pix = camera_frames(&camera);
	*pictures = (struct device_pictures){
		.width = pix.width, .height = pix.height, .interval = camera.interval,
		.formats = 2, .fourcc = { offers[0], offers[1] },
		.full_range = v4l2_full_range(&pix),
	};
	if (!pictures->interval.numerator || !pictures->interval.denominator)
		pictures->interval = (struct v4l2_fract){ 1, 30 };
	snprintf(pictures->card, sizeof(pictures->card), "scrim: %.24s", d->camera);
	camera_close(&camera);
	return 0;
}

int session_set_up(struct scrimd *d, struct scrim_error *err)
{
	struct device_pictures pictures;
	int ret = look_at_camera(d, &pictures, err), root;

	if (ret >= 0)
		ret = session_new(&d->session, &pictures, err);
	if (ret < 0)
		return ret;
	session_feed(d->session, &d->feed);
	root = session_root(d->session);
	ret = rights_send(d->runner, &pictures, sizeof(pictures), &root, 1);
	return ret < 0 ? fail(err, ret, "nobody takes the session: %s", strerror(-ret)) : 0;
}

unsigned session_polls(const struct scrimd *d, struct pollfd polls[SESSION_POLLS], int *patience)
{
	int64_t until, left;

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
	return SESSION_POLLS;
}

int session_turn(struct scrimd *d, const struct pollfd polls[SESSION_POLLS],
		 struct scrim_error *err)
{
	unsigned readers = d->readers;
	int ret = session_serve(d->session, err);

	if (ret < 0)
		return ret;
	d->readers = session_wanted(d->session);
	if (d->readers != readers && !wanted(d))
		worker_stop(d, "nobody watches");
	return polls[SESSION_FDS].revents ? 1 : 0;
}
