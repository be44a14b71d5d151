// SPDX-License-Identifier: GPL-2.0
/*
 * life WHAT NODE [key=value...]: leaves a camera in one of the ways that programs do, while
 * it streams.  Says "ready" when it does.
 *
 *	close	without STREAMOFF, and buffers mapped
 *	kept	mappings are used after close(), until the end
 *	dup	streams on through a second descriptor when the first is closed
 *	fork	a child has the descriptor and goes on when the parent is gone
 *	kill	by SIGKILL
 *	wait	stays in DQBUF until something else ends it; prints why
 *	poll	has no buffers and waits in poll() for events, until something else ends it
 *	stall	read()s into memory that never comes, until it is killed
 *	export	uses a dma-buf after all else is closed
 *	hold	streams for `seconds` and goes on in the face of errors, then uses its mappings
 *
 *	seconds=2	out=0 (1: NODE is a feed)
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/userfaultfd.h>

#include "cam.h"
#include "picture.h"

static struct cam cam;

/* Streams a little: so many buffers go round, errors are for the caller. */
static int turn(int times)
{
	struct v4l2_buffer buf;
	int ret = 0;

	while (!ret && times-- > 0) {
		cam_wait(&cam, 300);
		ret = cam_dequeue(&cam, &buf);
		if (ret == -EAGAIN) {
			ret = 0;
			continue;
		}
		if (!ret)
			ret = cam_queue(&cam, buf.index);
	}
	return ret;
}

static void begin(const char *node, bool out, enum io io)
{
	unsigned int i;
	int ret;

	ret = cam_open(&cam, node, out ? V4L2_BUF_TYPE_VIDEO_OUTPUT : V4L2_BUF_TYPE_VIDEO_CAPTURE);
	ret = ret ?: cam_buffers(&cam, 4, io);
	for (i = 0; !ret && i < cam.buffers; i++) {
		if (out)
			picture_make(cam.at[i].data, cam.pix.sizeimage, 1, i);
		ret = cam_queue(&cam, i);
	}
	ret = ret ?: cam_stream(&cam, true);
	ret = ret ?: turn(3);
	if (ret)
		stop(ret, "life: begin");
	puts("ready");
	fflush(stdout);
}

/* Mapped memory stays memory, whatever happened to the camera. */
static void use(void)
{
	unsigned int i;

	for (i = 0; i < cam.buffers; i++) {
		memset(cam.at[i].data, 0x11, cam.at[i].size);
		if (((volatile uint8_t *)cam.at[i].data)[cam.at[i].size - 1] != 0x11)
			stop(-EFAULT, "life: memory");
	}
}

static _Noreturn void wait_for_events(const char *node)
{
	struct pollfd pfd = { .events = POLLPRI };

	pfd.fd = open(node, O_RDWR);
	if (pfd.fd < 0)
		stop(-errno, "life: poll");
	puts("ready");
	fflush(stdout);
	do
		poll(&pfd, 1, -1);
	while (!(pfd.revents & POLLERR));
	puts("poll: POLLERR");
	exit(0);
}

/* Memory whose pages we should provide, and do not. */
static void *never(size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register here = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	here.range.start = (uintptr_t)data;
	here.range.len = size;
	if (fd < 0 || data == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &here))
		stop(-errno, "life: userfaultfd");
	return data;
}

/* Not a word after read(): "ready" is said just before. */
static _Noreturn void stall(const char *node)
{
	void *data = never(getpagesize());
	int fd = open(node, O_RDWR);
	ssize_t n;

	if (fd < 0)
		stop(-errno, "life: stall");
	puts("ready");
	fflush(stdout);
	n = read(fd, data, getpagesize());
	stop(n < 0 ? -errno : -EIO, "life: read() does not stall");
}

static int live(const char *what, char **words)
{
	int64_t end = now() + number(words, "seconds", 2) * 1000000LL;
	int fd, ret = 0;

	if (!strcmp(what, "close")) {
		close(cam.fd);
	} else if (!strcmp(what, "kept")) {
		close(cam.fd);
		sleep_until(end);
		use();
	} else if (!strcmp(what, "dup")) {
		fd = dup(cam.fd);
		close(cam.fd);
		cam.fd = fd;
		ret = turn(5);
	} else if (!strcmp(what, "fork")) {
		if (fork())
			_exit(0);
		ret = turn(5);
	} else if (!strcmp(what, "kill")) {
		raise(SIGKILL);
	} else if (!strcmp(what, "wait")) {
		struct v4l2_buffer buf;

		fcntl(cam.fd, F_SETFL, 0);
		do	/* a feed without pictures has none to give back */
			ret = cam_dequeue(&cam, &buf);
		while (!ret && (V4L2_TYPE_IS_OUTPUT(cam.type) || !cam_queue(&cam, buf.index)));
		printf("DQBUF: %s\n", strerror(-ret));
		ret = 0;
	} else if (!strcmp(what, "export")) {
		close(cam.fd);
		sleep_until(end);
		use();
	} else if (!strcmp(what, "hold")) {
		while (now() < end)
			if (turn(1))
				usleep(10000);
		use();
	} else {
		stop(-EINVAL, what);
	}
	return ret;
}

int main(int argc, char **argv)
{
	char **words = argv + 2;
	int ret;

	if (argc < 3)
		stop(-EINVAL, "usage: life WHAT NODE [key=value...]");
	become(number(words, "uid", 0));
	if (!strcmp(argv[1], "poll"))
		wait_for_events(words[0]);
	if (!strcmp(argv[1], "stall"))
		stall(words[0]);
	begin(words[0], number(words, "out", 0), !strcmp(argv[1], "export") ? IO_DMABUF : IO_MMAP);
	ret = live(argv[1], words);
	if (ret)
		stop(ret, argv[1]);
	return 0;
}
