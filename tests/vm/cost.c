// SPDX-License-Identifier: GPL-2.0
/*
 * cost [rounds=100] [size=1920x1080] [format=YUYV] NAME:FEED:CAPTURE:READERS...: what it costs
 * to hand a picture to readers, in memcpys of the same picture, all of them in turns.
 *
 * Each reader is a process.  In a round each camera has its turn: its readers have a buffer
 * queued and wait, one picture is fed, and each says when DQBUF had returned.
 *
 * The memcpy is that of the kernel, "rep movsq", between two places of the feeder's; an
 * emulator makes others much faster or slower than they are.  Before it, and before each
 * picture, another process runs on the same processor: a picture goes from one process to
 * another, so no translation of an address is cached, and the memcpy must not have it better.
 *
 * Prints medians as ratios, and in us: queue (the call of QBUF; the copies are made in it),
 * first (from before QBUF to after the first reader's DQBUF), last (to the last one's).
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "cam.h"
#include "picture.h"

#define WAYS	8
#define ROUNDS	1000

struct way {
	char name[64], feed[32], capture[32];
	int readers;
	struct cam cam;
	int ready[2], taken[2];		/* pipes: a byte for each wait, a time for each picture */
	long queue[ROUNDS], first[ROUNDS], last[ROUNDS];
};

static struct way ways[WAYS];
static int count;
static long copies[ROUNDS];
static int other[2];

static void copy(void *to, const void *from, size_t size)
{
	size_t n = size / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

/* Blocks until the other process had its turn. */
static void others_turn(void)
{
	char byte = 0;

	if (write(other[0], &byte, 1) != 1 || read(other[0], &byte, 1) != 1)
		stop(-EIO, "cost: the other process");
}

static void start_other(void)
{
	cpu_set_t here;
	char byte;

	CPU_ZERO(&here);
	CPU_SET(0, &here);
	if (sched_setaffinity(0, sizeof(here), &here) || socketpair(AF_UNIX, SOCK_STREAM, 0, other))
		stop(-errno, "cost: the other process");
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(other[1], &byte, 1) == 1 && write(other[1], &byte, 1) == 1)
		;
	_exit(0);
}

static _Noreturn void reader(struct way *way)
{
	struct v4l2_buffer buf;
	struct cam cam;
	int64_t time;
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ret = cam_open(&cam, way->capture, V4L2_BUF_TYPE_VIDEO_CAPTURE);
	ret = ret ?: cam_buffers(&cam, 2, IO_MMAP);
	ret = ret ?: cam_queue(&cam, 0);
	ret = ret ?: cam_queue(&cam, 1);
	ret = ret ?: cam_stream(&cam, true);
	if (ret)
		stop(ret, "cost: reader");
	for (;;) {
		if (write(way->ready[1], "", 1) != 1)
			_exit(0);
		/* Black ones between are no business of ours. */
		for (;;) {
			cam_wait(&cam, 10000);
			ret = cam_dequeue(&cam, &buf);
			time = now();
			if (ret == -EAGAIN)
				continue;
			if (ret)
				stop(ret, "cost: DQBUF");
			if (*(uint64_t *)cam.at[buf.index].data >> 48 == 0x7363)
				break;
			cam_queue(&cam, buf.index);
		}
		cam_queue(&cam, buf.index);
		if (write(way->taken[1], &time, sizeof(time)) != sizeof(time))
			_exit(0);
	}
}

static void start(struct way *way, char **words)
{
	struct v4l2_format fmt = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	int ret, i;

	ret = cam_open(&way->cam, way->feed, fmt.type);
	fmt.fmt.pix = way->cam.pix;
	size_words(words, &fmt.fmt.pix);
	fmt.fmt.pix.bytesperline = fmt.fmt.pix.sizeimage = 0;
	ret = ret ?: cam_ioctl(way->cam.fd, VIDIOC_S_FMT, &fmt);
	way->cam.pix = fmt.fmt.pix;
	ret = ret ?: cam_buffers(&way->cam, 2, IO_MMAP);
	ret = ret ?: cam_stream(&way->cam, true);
	if (ret)
		stop(ret, "cost: feed");
	if (pipe(way->ready) || pipe(way->taken))
		stop(-errno, "cost: pipe");
	for (i = 0; i < way->readers; i++)
		if (!fork())
			reader(way);
	close(way->ready[1]);		/* so that we hear when there is no reader left */
	close(way->taken[1]);
}

static void turn(struct way *way, long n)
{
	struct v4l2_buffer buf = { .index = 0 };
	int64_t before, time, first = INT64_MAX, last = 0;
	char byte;
	int i;

	for (i = 0; i < way->readers; i++)
		if (read(way->ready[0], &byte, 1) != 1)
			stop(-EIO, "cost: readers");
	usleep(3000);			/* until they sleep */
	if (n && cam_dequeue(&way->cam, &buf))
		stop(-EIO, "cost: the feed kept a buffer");
	picture_make(way->cam.at[buf.index].data, way->cam.pix.sizeimage, 1, n);

	others_turn();
	before = now();
	if (cam_queue(&way->cam, buf.index))
		stop(-EIO, "cost: QBUF");
	way->queue[n] = now() - before;
	for (i = 0; i < way->readers; i++) {
		if (read(way->taken[0], &time, sizeof(time)) != sizeof(time))
			stop(-EIO, "cost: readers");
		first = time < first ? time : first;
		last = time > last ? time : last;
	}
	way->first[n] = first - before;
	way->last[n] = last - before;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return x < y ? -1 : x > y;
}

static long median(long *values, long n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 2];
}

int main(int argc, char **argv)
{
	long rounds = number(argv, "rounds", 100), n, one, queue, first, last;
	uint8_t *from, *to;
	size_t size;
	int64_t before;
	int i;

	for (i = 1; i < argc && count < WAYS; i++)
		if (sscanf(argv[i], "%63[^:]:%31[^:]:%31[^:]:%d", ways[count].name, ways[count].feed,
			   ways[count].capture, &ways[count].readers) == 4)
			count++;
	if (!count || rounds < 1 || rounds > ROUNDS)
		stop(-EINVAL, "usage: cost [key=value...] NAME:FEED:CAPTURE:READERS...");
	signal(SIGCHLD, SIG_IGN);
	for (i = 0; i < count; i++)
		start(&ways[i], argv);
	start_other();
	size = ways[0].cam.pix.sizeimage;
	from = malloc(size);
	to = malloc(size);
	memset(from, 1, size);
	memset(to, 1, size);
	for (n = 0; n < rounds; n++) {
		others_turn();
		before = now();
		copy(to, from, size);
		copies[n] = now() - before;
		for (i = 0; i < count; i++)
			turn(&ways[i], n);
	}
	one = median(copies, rounds);
	printf("one memcpy: %ld us, median of %ld; in memcpys:\n", one, rounds);
	printf("%-32s %8s %8s %8s\n", "", "queue", "first", "last");
	for (i = 0; i < count; i++) {
		queue = median(ways[i].queue, rounds);
		first = median(ways[i].first, rounds);
		last = median(ways[i].last, rounds);
		printf("%-32s %8.2f %8.2f %8.2f\n", ways[i].name, (double)queue / one,
		       (double)first / one, (double)last / one);
	}
	return 0;
}
