// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a camera which is a FUSE file can cost on this machine: one process that does
 * nothing but answer, and one that stores a picture 60 times a second.  No policy, no checks.
 *
 *	floor always PROGRAM ...	there is a picture whenever one is asked for
 *	floor 60 PROGRAM ...		as a camera has them
 *	floor copies SECONDS		per cent of a core of two copies of 60 pictures a second
 *
 * @ among a program's words becomes the camera's name.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/mount.h"
#include "timing.h"

#define BYTES	(1920 * 1080 * 3 / 2)
#define ROOM	((BYTES + 4095) / 4096 * 4096)
#define BUFFERS	4
#define WORDS	16

/* Of both processes.  A picture is told of once, to who polled last. */
struct shared {
	volatile unsigned stored, taken;
	volatile uint64_t poll;
	volatile bool polls;
};

static int device;
static bool always;
static struct shared *shared;

static void say(uint64_t unique, int error, const void *head, size_t head_size, const void *rest,
		size_t rest_size)
{
	struct fuse_out_header header = {
		.len = sizeof(header) + head_size + rest_size, .error = error, .unique = unique,
	};
	struct iovec parts[] = {
		{ &header, sizeof(header) }, { (void *)head, head_size }, { (void *)rest, rest_size },
	};

	if (writev(device, parts, 3) < 0 && errno != ENOENT)
		_exit(1);
}

/* Sleeps until the next picture is due. */
static void pace(struct timespec *due)
{
	due->tv_nsec += 1000000000 / 60;
	if (due->tv_nsec >= 1000000000) {
		due->tv_nsec -= 1000000000;
		due->tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, due, NULL) == EINTR)
		;
}

static void store(void)
{
	static uint8_t picture[ROOM];
	struct timespec due;

	memset(picture, 99, sizeof(picture));
	clock_gettime(CLOCK_MONOTONIC, &due);
	for (;;) {
		struct fuse_notify_store_out where = {
			.nodeid = FUSE_ROOT_ID, .size = ROOM,
			.offset = (uint64_t)(shared->stored % BUFFERS) * ROOM,
		};
		struct fuse_notify_poll_wakeup_out wake;

		pace(&due);
		if (shared->stored - shared->taken >= BUFFERS - 1)
			continue;
		say(0, FUSE_NOTIFY_STORE, &where, sizeof(where), picture, ROOM);
		shared->stored++;
		if (!shared->polls)
			continue;
		shared->polls = false;
		wake.kh = shared->poll;
		say(0, FUSE_NOTIFY_POLL, &wake, sizeof(wake), NULL, 0);
	}
}

static void answer_ioctl(uint64_t unique, const struct fuse_ioctl_in *in)
{
	const struct fuse_ioctl_out out = { 0 };
	struct v4l2_buffer buf = { 0 };

	if (in->cmd == VIDIOC_DQBUF && !always && shared->stored == shared->taken) {
		say(unique, -EAGAIN, NULL, 0, NULL, 0);
		return;
	}
	memcpy(&buf, in + 1, in->in_size < sizeof(buf) ? in->in_size : sizeof(buf));
	if (in->cmd == VIDIOC_DQBUF)
		buf.index = shared->taken++ % BUFFERS;
	if (in->cmd == VIDIOC_DQBUF || in->cmd == VIDIOC_QUERYBUF) {
		buf.m.offset = buf.index * ROOM;
		buf.bytesused = buf.length = BYTES;
	}
	say(unique, 0, &out, sizeof(out), &buf,
	    in->out_size < sizeof(buf) ? in->out_size : sizeof(buf));
}

static void answer_poll(uint64_t unique, const struct fuse_poll_in *in)
{
	struct fuse_poll_out out = { 0 };

	shared->poll = in->kh;
	shared->polls = in->flags & FUSE_POLL_SCHEDULE_NOTIFY;
	if (always || shared->stored != shared->taken)
		out.revents = POLLIN | POLLRDNORM;
	say(unique, 0, &out, sizeof(out), NULL, 0);
}

static void answer(const struct fuse_in_header *in)
{
	static const uint8_t zeros[1 << 20];
	const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 1 << 20,
	};
	const struct fuse_attr_out attributes = {
		.attr_valid = 3600, .attr.ino = FUSE_ROOT_ID, .attr.mode = S_IFREG | 0600,
		.attr.nlink = 1, .attr.size = 32 * ROOM,
	};
	const struct fuse_open_out open = { .open_flags = FOPEN_KEEP_CACHE };
	const struct fuse_read_in *read = (const void *)(in + 1);
	uint32_t most = sizeof(zeros);

	switch (in->opcode) {
	case FUSE_INIT:
		say(in->unique, 0, &init, sizeof(init), NULL, 0);
		break;
	case FUSE_GETATTR:
		say(in->unique, 0, &attributes, sizeof(attributes), NULL, 0);
		break;
	case FUSE_OPEN:
		say(in->unique, 0, &open, sizeof(open), NULL, 0);
		break;
	case FUSE_READ:
		say(in->unique, 0, zeros, read->size < most ? read->size : most, NULL, 0);
		break;
	case FUSE_POLL:
		answer_poll(in->unique, (const void *)(in + 1));
		break;
	case FUSE_IOCTL:
		answer_ioctl(in->unique, (const void *)(in + 1));
		break;
	case FUSE_RELEASE:
		say(in->unique, 0, NULL, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		say(in->unique, -ENOSYS, NULL, 0, NULL, 0);
	}
}

static void serve(void)
{
	static union { struct fuse_in_header header; uint8_t bytes[(1 << 20) + 4096]; } in;

	while (read(device, &in, sizeof(in)) > 0 || errno == EINTR || errno == ENOENT)
		answer(&in.header);
}

/* A child that ends with this process. */
static void start(void (*work)(void))
{
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	work();
	_exit(0);
}

static int run(char **words)
{
	char *argv[WORDS + 1] = { NULL }, name[32];
	struct fuse_mount mount;
	struct scrim_error err;
	int file, status;

	if (mount_make(&mount, &err) < 0)
		return 1;
	device = mount.device;
	start(serve);
	file = mount_open(mount.root, O_RDONLY);
	if (file < 0)
		return 1;
	close(file);
	if (!always)
		start(store);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", mount.root);
	for (unsigned i = 0; i < WORDS && words[i]; i++)
		argv[i] = strcmp(words[i], "@") ? words[i] : name;
	file = fork();
	if (!file) {
		fcntl(mount.root, F_SETFD, 0);
		execv(argv[0], argv);
		_exit(127);
	}
	return waitpid(file, &status, 0) == file && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* What made the picture and who shows it are other processes: nothing is at hand in a cache. */
static int copies(unsigned seconds)
{
	uint8_t *all = mmap(NULL, 3 * BUFFERS * ROOM, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	double took = 0, began;
	struct timespec due;

	if (all == MAP_FAILED || !seconds)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &due);
	for (unsigned i = 0; i < seconds * 60; i++) {
		uint8_t *made = all + i % BUFFERS * ROOM;

		memset(made, i, BYTES);
		pace(&due);
		began = now_ms();
		memcpy(made + BUFFERS * ROOM, made, BYTES);
		memcpy(made + 2 * BUFFERS * ROOM, made + BUFFERS * ROOM, BYTES);
		took += lap_ms(&began);
	}
	printf("%.1f\n", took / seconds / 10);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "copies"))
		return copies(atoi(argv[2]));
	if (argc < 3)
		return 2;
	always = !strcmp(argv[1], "always");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	return shared == MAP_FAILED ? 1 : run(argv + 2);
}
