// SPDX-License-Identifier: GPL-2.0
/*
 * What a program pays for its camera being a session's, measured from inside: microseconds by
 * CLOCK_MONOTONIC, medians.
 *
 *	run open PATH			of an open()
 *	run pair NODE			of a DQBUF and QBUF when a picture has just come
 *	run row NODE			the same when many wait, one after another
 *	run first NODE			ms from here to the first frame, and to one that is not black
 *	run watch NODE SECONDS		nothing but taking pictures; prints how many
 */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "timing.h"

#define BUFFERS	4
#define ROW	32			/* buffers, which are full within .7 s */
#define OPENS	2000
#define PAIRS	150

static int fd;
static const uint8_t *at[ROW];

static double wall_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static bool start(const char *node, unsigned buffers)
{
	struct v4l2_requestbuffers request = {
		.count = buffers, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_buffer buf = { .type = request.type, .memory = request.memory };
	int type = request.type;

	fd = open(node, O_RDWR);
	if (fd < 0 || ioctl(fd, VIDIOC_REQBUFS, &request) < 0 || request.count != buffers)
		return false;
	for (buf.index = 0; buf.index < buffers; buf.index++) {
		if (ioctl(fd, VIDIOC_QUERYBUF, &buf) < 0)
			return false;
		at[buf.index] = mmap(NULL, buf.length, PROT_READ, MAP_SHARED, fd, buf.m.offset);
		if (at[buf.index] == MAP_FAILED || ioctl(fd, VIDIOC_QBUF, &buf) < 0)
			return false;
	}
	return ioctl(fd, VIDIOC_STREAMON, &type) == 0;
}

/* Waits for a picture, takes it and gives it back: what the last two took; negative: it failed. */
static double pair(bool *live)
{
	struct v4l2_buffer buf = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	double began, took;

	if (poll(&ready, 1, 10000) != 1)
		return -1;
	began = wall_us();
	if (ioctl(fd, VIDIOC_DQBUF, &buf) < 0)
		return -1;
	took = wall_us() - began;
	*live = false;
	for (size_t i = 0; i < buf.bytesused && !*live; i += 4096)
		*live = at[buf.index][i] > 16;
	began = wall_us();
	return ioctl(fd, VIDIOC_QBUF, &buf) < 0 ? -1 : took + wall_us() - began;
}

static int measure_open(const char *path)
{
	static double took[OPENS];

	for (unsigned i = 0; i < OPENS; i++) {
		double began = wall_us();
		int file = open(path, O_RDONLY | O_CLOEXEC);

		took[i] = wall_us() - began;
		if (file < 0)
			return 1;
		close(file);
	}
	printf("%.2f\n", median(took, OPENS));
	return 0;
}

static int measure_pair(const char *node)
{
	static double took[PAIRS];
	bool live;

	for (unsigned i = 0; i < PAIRS; i++) {
		if (!i && !start(node, BUFFERS))
			return 1;
		took[i] = pair(&live);
		if (took[i] < 0)
			return 1;
	}
	printf("%.2f\n", median(took, PAIRS));
	return 0;
}

/* As long as pictures wait: not the first of a row, for which everybody has to wake up. */
static int measure_row(const char *node)
{
	static double took[PAIRS];
	struct v4l2_buffer buf = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

	if (!start(node, ROW) || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return 1;
	for (unsigned i = 0, row = 0; i < PAIRS;) {
		double began = wall_us();

		if (row == ROW || ioctl(fd, VIDIOC_DQBUF, &buf) < 0) {
			row = 0;
			usleep(700000);
			continue;
		}
		if (ioctl(fd, VIDIOC_QBUF, &buf) < 0)
			return 1;
		if (row++)
			took[i++] = wall_us() - began;
	}
	printf("%.2f\n", median(took, PAIRS));
	return 0;
}

static int measure_first(const char *node)
{
	double began = wall_us(), frame = 0;
	bool live = false;

	if (!start(node, BUFFERS))
		return 1;
	for (unsigned i = 0; i < 300 && !live; i++) {
		if (pair(&live) < 0)
			return 1;
		if (!i)
			frame = wall_us() - began;
	}
	printf("%.0f %.0f\n", frame / 1e3, (wall_us() - began) / 1e3);
	return !live;
}

static int watch(const char *node, double seconds)
{
	double end = wall_us() + seconds * 1e6;
	unsigned count = 0;
	bool live;

	if (!start(node, BUFFERS))
		return 1;
	for (; wall_us() < end; count++)
		if (pair(&live) < 0)
			return 1;
	printf("%u\n", count);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "open"))
		return measure_open(argv[2]);
	if (!strcmp(argv[1], "pair"))
		return measure_pair(argv[2]);
	if (!strcmp(argv[1], "row"))
		return measure_row(argv[2]);
	if (!strcmp(argv[1], "first"))
		return measure_first(argv[2]);
	return argc == 4 ? watch(argv[2], atof(argv[3])) : 2;
}
