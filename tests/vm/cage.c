// SPDX-License-Identifier: GPL-2.0
/*
 * cage POLICY CAMERA: the worker of a live camera, as scrimd starts it, once as it is and
 * once without each line of its cage's table; says of each line how the worker ended.
 *
 * The worker shows pictures, is stopped and goes on while it waits for the next one, and ends
 * when its camera does not stream any more.  "ended" is for that, "missed NAME" for a worker
 * that was killed for what it asked, and whatever else happens is printed as it is.
 */
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_worker.h"
#include "node.h"
#include "policy/configfs.h"
#include "policy/load.h"

#define PATIENCE	6000		/* times 10 ms: the network is slow under emulation */
#define PICTURES	4		/* by then the feed was told how fast they come */

/* The file /proc/PID/NAME begins with these characters. */
static bool begins(int pid, const char *name, const char *with)
{
	char path[64], text[64] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, text, strlen(with));
	close(fd);
	return n == (ssize_t)strlen(with) && !strcmp(text, with);
}

static bool has_ended(int watch)
{
	struct pollfd ready = { .fd = watch, .events = POLLIN };

	return poll(&ready, 1, 0) > 0;
}

/* False when it ends before, or never does. */
static bool shows(struct live *live, int watch, uint64_t pictures)
{
	struct live_counts counts = { 0 };

	for (int i = 0; i < PATIENCE && counts.frames < pictures && !has_ended(watch); i++) {
		usleep(10000);
		live_peek(live, &counts);
	}
	return counts.frames >= pictures;
}

/* A signal that stops it in poll(), number 7, makes the kernel ask for another call. */
static void stop_while_it_waits(const struct live *live, int watch)
{
	int pid = live->child.pid;

	for (int i = 0; i < PATIENCE && !begins(pid, "syscall", "7 ") && !has_ended(watch); i++)
		usleep(1000);
	kill(pid, SIGSTOP);
	usleep(100000);
	kill(pid, SIGCONT);
}

/* How it ended is in err. */
static void run(const struct policy *policy, struct feed *feed, struct scrim_error *err)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE, watch;
	struct live live = LIVE_NONE;
	struct finder finder = { 0 };
	struct live_counts counts;

	if (live_start(&live, policy, feed, &finder, NULL, err) < 0)
		return;
	watch = live_watch(&live, err);
	if (shows(&live, watch, PICTURES)) {
		stop_while_it_waits(&live, watch);
		live_peek(&live, &counts);
		shows(&live, watch, counts.frames + 2);
	}
	/* Its camera is ours as well. */
	v4l2_call(live.camera.fd, VIDIOC_STREAMOFF, &type);
	for (int i = 0; i < PATIENCE && !has_ended(watch); i++)
		usleep(10000);
	close(watch);
	if (live_stop(&live, &counts, err) >= 0)
		fail(err, -EIO, "it was still there after %llu pictures",
		     (unsigned long long)counts.frames);
}

static void tell(const struct policy *policy, struct feed *feed, int line, const char *name)
{
	struct scrim_error err;

	cage_leave_out(line);
	run(policy, feed, &err);
	/* "The camera fails", "the camera does not stream any more": by the driver. */
	if (!strncmp(err.text, "the camera ", 11))
		printf("ended %s\n", name);
	else if (strstr(err.text, "out of its permissions"))
		printf("missed %s\n", name);
	else
		printf("%s: %s\n", name, err.text);
}

static void tell_all(const struct policy *policy, struct feed *feed)
{
	const struct camera camera = { .kind = &camera_v4l2, .fd = -1 };
	struct device_permission may[LIVE_DEVICES_MAX];
	unsigned devices = live_devices(may, &camera, feed);

	tell(policy, feed, -1, "whole");
	for (unsigned i = 0; i < cage_live.count; i++)
		/* That one stands for the lines of devices. */
		if (strcmp(cage_live.at[i].name, "ioctl"))
			tell(policy, feed, i, cage_live.at[i].name);
	for (unsigned i = 0; i < devices; i++)
		tell(policy, feed, cage_live.count + i, may[i].may.reason);
}

int main(int argc, char **argv)
{
	const struct policy *policy = NULL;
	struct policies *all = NULL;
	struct scrim_error err = { 0 };
	struct feed feed = FEED_NONE;
	char path[64];
	int ret;

	if (argc != 3) {
		fputs("usage: cage POLICY CAMERA\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* What the regions of a large picture do, those of a small one do with this. */
	mallopt(M_MMAP_THRESHOLD, 65536);
	ret = policies_load(&all, argv[1], &err);
	if (ret >= 0)
		policy = policies_find(all, argv[2]);
	if (policy)
		ret = configfs_feed(argv[2], path, sizeof(path), &err);
	if (policy && ret >= 0)
		ret = feed_open(&feed, path, &err);
	if (policy && ret >= 0)
		tell_all(policy, &feed);
	else
		fprintf(stderr, "cage: %s\n", *err.text ? err.text : "no such camera");
	feed_close(&feed);
	free(all);
	return !policy || ret < 0;
}
