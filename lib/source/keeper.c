// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The side that starts a keeper.  It is another program and not a copy of this one, so that
 * nothing of our memory is in it.
 */
#include "source/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guard/fence.h"
#include "guard/rights.h"
#include "module.h"
#include "text.h"

/* What it may have said and nobody has read; the rest is lost. */
#define SAID_MAX	4096

/* Its descriptors: nothing, twice, what it says, and the socket. */
static void become_keeper(const char *program, int socket, int said, int parent)
{
	char *const words[] = { (char *)program, NULL };
	/* That it gets no memory of /dev/dma_heap is as it should be: the fence has none. */
	char *const settings[] = {
		"LIBCAMERA_LOG_LEVELS=DmaBufAllocator:FATAL,*:ERROR", "LIBCAMERA_LOG_NO_COLOR=1", NULL,
	};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	/* Above those that they become, and gone when the program begins. */
	socket = fcntl(socket, F_DUPFD_CLOEXEC, FENCE_SOCKET + 1);
	said = fcntl(said, F_DUPFD_CLOEXEC, FENCE_SOCKET + 1);
	sigemptyset(&none);
	if (null < 0 || socket < 0 || said < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    getppid() != parent || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(said, 2) < 0 ||
	    dup2(socket, FENCE_SOCKET) < 0 || close_range(FENCE_SOCKET + 1, ~0u, 0) < 0)
		return;
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(program, words, settings);
}

int keeper_launch(struct keeper *keeper, const char *program, struct scrim_error *err)
{
	int ends[2], said[2], parent = getpid();

	*keeper = (struct keeper){ .fd = -1, .said = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(err, -errno, "no socket: %s", strerror(errno));
	if (pipe2(said, O_CLOEXEC | O_NONBLOCK) < 0) {
		close(ends[0]);
		close(ends[1]);
		return fail(err, -errno, "no pipe: %s", strerror(errno));
	}
	fcntl(said[1], F_SETPIPE_SZ, SAID_MAX);
	keeper->fd = ends[0];
	keeper->said = said[0];
	keeper->pid = fork();
	if (!keeper->pid) {
		become_keeper(program, ends[1], said[1], parent);
		_exit(127);
	}
	close(ends[1]);
	close(said[1]);
	if (keeper->pid > 0)
		return 0;
	keeper->pid = 0;
	return fail(err, -EAGAIN, "no process to keep a camera: %s", strerror(errno));
}

int keeper_start(struct keeper *keeper, const struct keeper_ask *ask, struct scrim_error *err)
{
	char program[MODULE_PATH_MAX];
	int ret;

	*keeper = (struct keeper){ .fd = -1, .said = -1 };
	if (!module_find(program, KEEPER_PROGRAM))
		return fail(err, -ENOTSUP, "cannot use libcamera: there is no %s", KEEPER_PROGRAM);
	ret = keeper_launch(keeper, program, err);
	if (ret >= 0) {
		ret = rights_send(keeper->fd, ask, sizeof(*ask), NULL, 0);
		if (ret < 0)
			fail(err, ret, "the keeper of a camera does not listen");
	}
	if (ret < 0)
		keeper_stop(keeper);
	return ret;
}

void keeper_stop(struct keeper *keeper)
{
	if (keeper->fd >= 0)
		close(keeper->fd);
	if (keeper->said >= 0)
		close(keeper->said);
	keeper->fd = keeper->said = -1;
	if (!keeper->pid)
		return;
	kill(keeper->pid, SIGKILL);
	while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
		;
	keeper->pid = 0;
}

bool keeper_said(int said, char *line, size_t size)
{
	size_t used = 0;
	char c = 0;

	while (c != '\n' && read(said, &c, 1) == 1)
		if (used < size - 1 && c != '\n')
			line[used++] = c;
	line[used] = '\0';
	text_clean(line);
	return used;
}

/* Listing. */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static int receive(int fd, void *message, size_t size, int64_t until)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int64_t left = until - now_ms();

	if (left <= 0 || poll(&ready, 1, left) <= 0)
		return -ETIMEDOUT;
	return rights_receive(fd, message, size, NULL, 0);
}

static int take_names(int fd, struct shim_name names[KEEPER_NAMES], struct scrim_error *err)
{
	int64_t until = now_ms() + KEEPER_SECONDS * 1000;
	struct keeper_told told;
	int ret = receive(fd, &told, sizeof(told), until);

	if (ret < 0)
		return fail(err, ret, "the keeper of cameras does not answer");
	told.why[sizeof(told.why) - 1] = '\0';
	if (told.ret < 0)
		return fail(err, told.ret, "%s", told.why);
	if (told.follow > KEEPER_NAMES)
		return fail(err, -EPROTO, "the keeper of cameras talks nonsense");
	for (unsigned i = 0; ret >= 0 && i < told.follow; i++) {
		ret = receive(fd, &names[i], sizeof(names[i]), until);
		names[i].id[sizeof(names->id) - 1] = names[i].model[sizeof(names->model) - 1] = '\0';
		text_clean(names[i].id);
		text_clean(names[i].model);
	}
	return ret < 0 ? fail(err, ret, "the keeper of cameras does not answer") : (int)told.follow;
}

int keeper_list(struct shim_name names[KEEPER_NAMES], struct scrim_error *err)
{
	const struct keeper_ask ask = { 0 };
	struct keeper keeper;
	int ret = keeper_start(&keeper, &ask, err);

	if (ret >= 0)
		ret = take_names(keeper.fd, names, err);
	keeper_stop(&keeper);
	return ret;
}
