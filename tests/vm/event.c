// SPDX-License-Identifier: GPL-2.0
/*
 * event FEED [key=value...]: prints "readers N pid PID uid UID" for each event about readers.
 *
 *	seconds=5	uid=990
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <linux/scrim.h>

#include "cam.h"

static void print(const struct v4l2_event *event)
{
	struct scrim_event_readers readers;
	unsigned int i, rest = 0;

	memcpy(&readers, event->u.data, sizeof(readers));
	for (i = 0; i < sizeof(readers.reserved) / sizeof(readers.reserved[0]); i++)
		rest |= readers.reserved[i];
	printf("readers %u pid %u uid %u%s\n", readers.readers, readers.pid, readers.uid,
	       rest ? " and something reserved" : "");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct v4l2_event_subscription sub = {
		.type = SCRIM_EVENT_READERS, .flags = V4L2_EVENT_SUB_FL_SEND_INITIAL,
	};
	struct v4l2_event event;
	struct cam cam;
	int64_t end;
	int ret;

	if (argc < 2)
		stop(-EINVAL, "usage: event FEED [key=value...]");
	become(number(argv, "uid", 990));
	ret = cam_open(&cam, argv[1], V4L2_BUF_TYPE_VIDEO_OUTPUT);
	ret = ret ?: cam_ioctl(cam.fd, VIDIOC_SUBSCRIBE_EVENT, &sub);
	if (ret)
		stop(ret, "event");
	end = now() + number(argv, "seconds", 5) * 1000000LL;
	while (now() < end) {
		struct pollfd pfd = { .fd = cam.fd, .events = POLLPRI };

		poll(&pfd, 1, 100);
		while (!cam_ioctl(cam.fd, VIDIOC_DQEVENT, &event))
			print(&event);
	}
	cam_close(&cam);
	return 0;
}
