// SPDX-License-Identifier: GPL-2.0
/*
 * A capture program by the book, with no library: mmap, select, and pictures into a file.
 *
 *	reader NODE COUNT FILE
 */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <unistd.h>

#define BUFFERS	4

static int stop(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	struct v4l2_requestbuffers request = {
		.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_buffer buf = request.count ? (struct v4l2_buffer){ .type = request.type,
		.memory = request.memory } : (struct v4l2_buffer){ 0 };
	struct v4l2_format format = {
		.type = request.type, .fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV,
	};
	void *at[BUFFERS];
	int type = request.type, fd, out;

	if (argc != 4)
		return 2;
	fd = open(argv[1], O_RDWR | O_NONBLOCK);
	out = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || out < 0)
		return stop("open");
	if (ioctl(fd, VIDIOC_S_FMT, &format) < 0)
		return stop("S_FMT");
	if (ioctl(fd, VIDIOC_REQBUFS, &request) < 0 || request.count > BUFFERS)
		return stop("REQBUFS");
	for (buf.index = 0; buf.index < request.count; buf.index++) {
		if (ioctl(fd, VIDIOC_QUERYBUF, &buf) < 0)
			return stop("QUERYBUF");
		at[buf.index] = mmap(NULL, buf.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, buf.m.offset);
		if (at[buf.index] == MAP_FAILED || ioctl(fd, VIDIOC_QBUF, &buf) < 0)
			return stop("mmap");
	}
	if (ioctl(fd, VIDIOC_STREAMON, &type) < 0)
		return stop("STREAMON");
	for (int left = atoi(argv[2]); left; left--) {
		struct timeval patience = { 10, 0 };
		fd_set set;

		FD_ZERO(&set);
		FD_SET(fd, &set);
		if (select(fd + 1, &set, NULL, NULL, &patience) != 1)
			return stop("select");
		if (ioctl(fd, VIDIOC_DQBUF, &buf) < 0)
			return stop("DQBUF");
		if (write(out, at[buf.index], buf.bytesused) != (ssize_t)buf.bytesused)
			return stop("write");
		/* What is scribbled into a buffer is nobody's business. */
		memset(at[buf.index], 0xab, 64);
		if (ioctl(fd, VIDIOC_QBUF, &buf) < 0)
			return stop("QBUF");
	}
	return 0;
}
