// SPDX-License-Identifier: GPL-2.0
/*
 * Watches the camera until it fails or SIGTERM comes, and prints what it sees as it comes:
 *
 *	frame MS NUMBER LEFT RIGHT	MS by CLOCK_MONOTONIC; the number that the picture bears,
 *					"black" or "neither"; whether its upper corners show
 *	mark				SIGUSR1: all frames below came after it
 *	shutter				SIGUSR2: has been closed
 *	error CALL: WHY			and what opening the nodes gives from then on
 *
 *	watch NODE RAW
 *
 * Pictures are 320x180 YUYV: see number_of().
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define WIDTH	320
#define HEIGHT	180
#define BUFFERS	3

static const uint8_t *at[BUFFERS];
static volatile sig_atomic_t marked, closing, ending;

static void heard(int signal)
{
	if (signal == SIGUSR1)
		marked = 1;
	else if (signal == SIGUSR2)
		closing = 1;
	else
		ending = 1;
}

static int luma(const uint8_t *picture, unsigned x, unsigned y)
{
	return picture[(y * WIDTH + x) * 2];
}

static bool is_black(const uint8_t *picture)
{
	for (unsigned i = 0; i < WIDTH * HEIGHT; i++)
		if (picture[i * 2] > 16)
			return false;
	return true;
}

/* Eight white or black fields below, the highest bit first, and one in the middle that is white. */
static int number_of(const uint8_t *picture)
{
	int number = 0;

	if (luma(picture, WIDTH / 2, HEIGHT / 2) < 128)
		return -1;
	for (unsigned bit = 0; bit < 8; bit++)
		number = number * 2 + (luma(picture, 20 + bit * 40, 160) > 128);
	return number;
}

static void print_frame(const uint8_t *picture)
{
	int number = number_of(picture);
	struct timespec now;
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("frame %lld %s %s %s\n", now.tv_sec * 1000ll + now.tv_nsec / 1000000,
	       is_black(picture) ? "black" : number < 0 ? "neither" : text,
	       luma(picture, 30, 20) > 16 ? "SHOWN" : "hidden",
	       luma(picture, 290, 20) > 16 ? "shown" : "hidden");
}

static int failed(const char *call)
{
	printf("error %s: %s\n", call, strerror(errno));
	return -1;
}

static int start(int fd)
{
	struct v4l2_requestbuffers request = {
		.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_format format = {
		.type = request.type, .fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV,
	};
	struct v4l2_buffer buf = { .type = request.type, .memory = request.memory };
	int type = request.type;

	if (ioctl(fd, VIDIOC_S_FMT, &format) < 0)
		return failed("S_FMT");
	if (ioctl(fd, VIDIOC_REQBUFS, &request) < 0 || request.count != BUFFERS)
		return failed("REQBUFS");
	for (buf.index = 0; buf.index < BUFFERS; buf.index++) {
		if (ioctl(fd, VIDIOC_QUERYBUF, &buf) < 0)
			return failed("QUERYBUF");
		at[buf.index] = mmap(NULL, buf.length, PROT_READ, MAP_SHARED, fd, buf.m.offset);
		if (at[buf.index] == MAP_FAILED || buf.length < WIDTH * HEIGHT * 2 ||
		    ioctl(fd, VIDIOC_QBUF, &buf) < 0)
			return failed("mmap");
	}
	return ioctl(fd, VIDIOC_STREAMON, &type) < 0 ? failed("STREAMON") : 0;
}

static void look_at_signals(int fd)
{
	struct v4l2_control shutter = { V4L2_CID_PRIVACY, 1 };

	if (marked)
		puts("mark");
	marked = 0;
	if (closing && ioctl(fd, VIDIOC_S_CTRL, &shutter) == 0)
		puts("shutter");
	closing = 0;
}

static int watch(int fd)
{
	while (!ending) {
		struct v4l2_buffer buf = {
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
		};
		struct pollfd ready = { .fd = fd, .events = POLLIN };

		look_at_signals(fd);
		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			return failed("poll");
		look_at_signals(fd);
		if (ioctl(fd, VIDIOC_DQBUF, &buf) < 0) {
			if (errno == EAGAIN || errno == EINTR)
				continue;
			return failed("DQBUF");
		}
		print_frame(at[buf.index]);
		if (ioctl(fd, VIDIOC_QBUF, &buf) < 0 && errno != EINTR)
			return failed("QBUF");
	}
	return 0;
}

static void try_again(const char *what, const char *node)
{
	int fd;

	do
		fd = open(node, O_RDWR);
	while (fd < 0 && errno == EINTR);
	printf("%s %s\n", what, fd < 0 ? strerror(errno) : "OPEN");
}

int main(int argc, char **argv)
{
	const struct sigaction act = { .sa_handler = heard };
	int fd;

	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGUSR1, &act, NULL);
	sigaction(SIGUSR2, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	fd = open(argv[1], O_RDWR | O_NONBLOCK);
	if (fd < 0)
		return failed("open");
	if (start(fd) < 0 || watch(fd) < 0) {
		try_again("node", argv[1]);
		try_again("raw", argv[2]);
		return 1;
	}
	return 0;
}
