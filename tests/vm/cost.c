// SPDX-License-Identifier: GPL-2.0
/*
 * cost FEED CAPTURE [key=value...]: what it costs to hand a picture to readers, in memcpys of
 * the same picture, taken in turns.
 *
 *	readers=1 rounds=100 size=1920x1080 format=YUYV
 *
 * Each reader is a process.  In each round all of them have a buffer queued and wait; one
 * picture is fed, and each says when DQBUF had returned.  The memcpy is that of the kernel,
 * "rep movsq", between two places of the feeder's; an emulator makes others much
 * faster or slower than they are.
 *
 * Prints the medians in us, and as ratios: queue (the call of QBUF; the copies are made in it),
 * latency (from before QBUF to after the first reader's DQBUF), last (to the last one's).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>

#include "cam.h"
#include "picture.h"

#define READERS	8
#define ROUNDS	1000

static int ready[2], taken[2];		/* pipes: a byte for each wait, a time for each picture */

static void copy(void *to, const void *from, size_t size)
{
	size_t n = size / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static _Noreturn void reader(const char *node, int feed)
{
	struct v4l2_buffer buf;
	struct cam cam;
	int64_t time;
	int ret;

	close(feed);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ret = cam_open(&cam, node, V4L2_BUF_TYPE_VIDEO_CAPTURE);
	ret = ret ?: cam_buffers(&cam, 2, IO_MMAP);
	ret = ret ?: cam_queue(&cam, 0);
	ret = ret ?: cam_queue(&cam, 1);
	ret = ret ?: cam_stream(&cam, true);
	if (ret)
		stop(ret, "cost: reader");
	for (;;) {
		if (write(ready[1], "", 1) != 1)
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
		if (write(taken[1], &time, sizeof(time)) != sizeof(time))
			_exit(0);
	}
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

static long copies[ROUNDS], queues[ROUNDS], firsts[ROUNDS], lasts[ROUNDS];

static void one_round(struct cam *cam, long n, long readers, uint8_t *from, uint8_t *to)
{
	struct v4l2_buffer buf = { .index = 0 };
	int64_t before, after, time, first = INT64_MAX, last = 0;
	char byte;
	long i;

	for (i = 0; i < readers; i++)
		if (read(ready[0], &byte, 1) != 1)
			stop(-EIO, "cost: readers");
	usleep(3000);			/* until they sleep */
	if (n && cam_dequeue(cam, &buf))
		stop(-EIO, "cost: the feed kept a buffer");
	picture_make(cam->at[buf.index].data, cam->pix.sizeimage, 1, n);

	before = now();
	copy(to, from, cam->pix.sizeimage);
	copies[n] = now() - before;

	before = now();
	if (cam_queue(cam, buf.index))
		stop(-EIO, "cost: QBUF");
	after = now();
	queues[n] = after - before;
	for (i = 0; i < readers; i++) {
		if (read(taken[0], &time, sizeof(time)) != sizeof(time))
			stop(-EIO, "cost: readers");
		first = time < first ? time : first;
		last = time > last ? time : last;
	}
	firsts[n] = readers ? first - before : 0;
	lasts[n] = readers ? last - before : 0;
}

int main(int argc, char **argv)
{
	struct v4l2_format fmt = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	char **words = argv + 1;
	long readers = number(words, "readers", 1), rounds = number(words, "rounds", 100), i;
	long memcpy_us, queue, first, last;
	uint8_t *from, *to;
	struct cam cam;
	int ret;

	if (argc < 3 || readers > READERS || rounds > ROUNDS || pipe(ready) || pipe(taken))
		stop(-EINVAL, "usage: cost FEED CAPTURE [key=value...]");
	signal(SIGCHLD, SIG_IGN);
	ret = cam_open(&cam, words[0], fmt.type);
	fmt.fmt.pix = cam.pix;
	size_words(words, &fmt.fmt.pix);
	fmt.fmt.pix.bytesperline = fmt.fmt.pix.sizeimage = 0;
	ret = ret ?: cam_ioctl(cam.fd, VIDIOC_S_FMT, &fmt);
	cam.pix = fmt.fmt.pix;
	ret = ret ?: cam_buffers(&cam, 2, IO_MMAP);
	ret = ret ?: cam_stream(&cam, true);
	if (ret)
		stop(ret, "cost: feed");
	for (i = 0; i < readers; i++)
		if (!fork())
			reader(words[1], cam.fd);
	close(ready[1]);		/* so that we hear when there is no reader left */
	close(taken[1]);
	from = calloc(1, cam.pix.sizeimage);
	to = calloc(1, cam.pix.sizeimage);
	memset(from, 1, cam.pix.sizeimage);
	memset(to, 1, cam.pix.sizeimage);
	for (i = 0; i < rounds; i++)
		one_round(&cam, i, readers, from, to);
	memcpy_us = median(copies, rounds);
	queue = median(queues, rounds);
	first = median(firsts, rounds);
	last = median(lasts, rounds);
	printf("%ld readers: memcpy %ld us, queue %ld us = %.2f, latency %ld us = %.2f, last %ld us = %.2f\n",
	       readers, memcpy_us, queue, (double)queue / memcpy_us, first, (double)first / memcpy_us,
	       last, (double)last / memcpy_us);
	return 0;
}
