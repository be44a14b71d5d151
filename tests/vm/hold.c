// SPDX-License-Identifier: GPL-2.0
/*
 * hold NODE [go=FILE]: opens a camera, waits for the file to appear, and then tries what a program
 * that has a camera open can do with it: a line "what=passed" or "what=refused" each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cam.h"

/* Only being told that it may not counts as refused. */
static void say(const char *what, int ret)
{
	if (ret < 0 && ret != -EACCES)
		printf("%s=%s\n", what, strerror(-ret));
	else
		printf("%s=%s\n", what, ret < 0 ? "refused" : "passed");
}

static int again(const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK);

	return fd < 0 ? -errno : close(fd);
}

static int map(const struct cam *cam, long offset)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, cam->fd, offset);

	return at == MAP_FAILED ? -errno : 0;
}

/* A descriptor that the kernel does not hand over is missing from the message. */
static int receive(int from)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};

	if (recvmsg(from, &message, 0) < 0)
		return -errno;
	return CMSG_FIRSTHDR(&message) ? 0 : -EACCES;
}

static int send_to(int to, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec data = { "x", 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	*head = (struct cmsghdr){ CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(to, &message, 0) < 0 ? -errno : 0;
}

static int pass(int fd)
{
	int pair[2], ret;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || send_to(pair[0], fd) < 0)
		return -EIO;
	ret = receive(pair[1]);
	close(pair[0]);
	close(pair[1]);
	return ret;
}

/* Another process takes it from us. */
static int taken(int fd)
{
	pid_t parent = getpid(), child = fork();
	int status;

	if (!child) {
		int pidfd = syscall(SYS_pidfd_open, parent, 0);

		_exit(syscall(SYS_pidfd_getfd, pidfd, fd, 0) < 0 ? errno : 0);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

int main(int argc, char **argv)
{
	struct v4l2_buffer buf = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
	const char *go = word(argv, "go", NULL);
	struct v4l2_capability cap;
	struct cam cam;
	int ret = argc > 1 ? cam_open(&cam, argv[1], V4L2_BUF_TYPE_VIDEO_CAPTURE) : -EINVAL;

	if (ret >= 0)
		ret = cam_buffers(&cam, 2, IO_MMAP);
	if (ret >= 0)
		ret = cam_ioctl(cam.fd, VIDIOC_QUERYBUF, &buf);
	if (ret < 0)
		stop(ret, argc > 1 ? argv[1] : "usage: hold NODE [go=FILE]");
	puts("open");
	fflush(stdout);
	while (go && access(go, F_OK) < 0)
		usleep(100000);
	say("again", again(argv[1]));
	say("ioctl", cam_ioctl(cam.fd, VIDIOC_QUERYCAP, &cap));
	say("map", map(&cam, buf.m.offset));
	say("pass", pass(cam.fd));
	say("taken", taken(cam.fd));
	return 0;
}
