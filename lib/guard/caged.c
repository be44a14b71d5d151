// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A function in a cage of its own: what it makes of a stranger's bytes comes back
 * as plain memory of a size that was agreed before, with no pointer in it.
 */
#include "guard/cage_parts.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Shared with the child, in front of the result. */
struct answer {
	bool done;
	int ret;
	struct scrim_error err;
	_Alignas(16) char result[];
};

/* Everything but the kept descriptors goes; 0 to 2 lead nowhere. */
static int close_others(const int *keep, unsigned kept)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), from = 3;

	if (null < 0)
		return -errno;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	for (unsigned i = 0; i < kept; i++) {
		if (keep[i] > from)
			syscall(__NR_close_range, from, keep[i] - 1, 0);
		from = keep[i] + 1;
	}
	return syscall(__NR_close_range, from, ~0u, 0) < 0 ? -errno : 0;
}

static int no_order(const void *a, const void *b)
{
	return 0;
}

/*
 * Dates in files are told by gmtime(), which wants to know the zone all the same.  glibc before
 * 2.37 asks how much memory there is when it first sorts a long list.
 */
void cage_look_around(void)
{
	char list[2048] = { 0 };

	setenv("TZ", ":/etc/localtime", 0);	/* else it looks each time whether that changed */
	tzset();
	qsort(list, sizeof(list), 1, no_order);
}

static int child_work(const struct caged_call *call, int parent,
		      struct answer *answer)
{
	struct scrim_error *err = &answer->err;
	int ret;

	/* With the parent goes whoever could take the result. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		return fail(err, -ECANCELED, "nobody waits for the result");
	/* The parent decides, and kills; its own handlers mean nothing here. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* write() says EFBIG */
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	ret = close_others(call->keep, call->kept);
	if (ret < 0)
		return fail(err, ret, "cannot enter the cage: descriptors stay open");
	cage_look_around();
	if (call->before) {
		ret = call->before(call->ctx, err);
		if (ret < 0)
			return ret;
	}
	ret = cage_enter(call->devices, err);
	if (ret < 0)
		return ret;
	return call->work(call->ctx, answer->result, err);
}

int caged_start(const struct caged_call *call, struct caged_child *child,
		struct scrim_error *err)
{
	size_t size = sizeof(struct answer) + call->size;
	struct answer *answer;
	int parent = getpid(), pid;

	answer = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answer == MAP_FAILED)
		return fail(err, -ENOMEM, "no memory for a worker");
	pid = fork();
	if (pid < 0) {
		munmap(answer, size);
		return fail(err, -EAGAIN, "cannot start a worker: %s", strerror(errno));
	}
	if (!pid) {
		answer->ret = child_work(call, parent, answer);
		answer->done = true;
		_exit(0);
	}
	child->pid = pid;
	child->shared = answer;
	child->size = size;
	return 0;
}

static void forget(struct caged_child *child)
{
	munmap(child->shared, child->size);
	*child = (struct caged_child){ 0 };
}

static int how_it_died(int status, struct scrim_error *err)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return fail(err, -EIO, "the worker broke out of its permissions and was killed");
	/* SIGKILL is nothing that it did: memory was short, or somebody sent it. */
	if (WIFSIGNALED(status))
		return fail(err, WTERMSIG(status) == SIGKILL ? -EAGAIN : -EIO,
			    "the worker was killed by signal %d (%s)",
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return fail(err, -EIO, "the worker ended before its time");
}

int caged_finish(struct caged_child *child, void *result, struct scrim_error *err)
{
	struct answer *answer = child->shared;
	size_t size = child->size - sizeof(*answer);
	int status = 0, ret;

	memset(result, 0, size);
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			break;
	if (!answer->done || !WIFEXITED(status)) {
		ret = how_it_died(status, err);
	} else if (answer->ret < 0) {
		/* Its words are a stranger's: bounded, and cleaned by fail(). */
		answer->err.text[sizeof(answer->err.text) - 1] = '\0';
		ret = fail(err, answer->ret, "%s", answer->err.text);
	} else {
		memcpy(result, answer->result, size);
		ret = answer->ret;
	}
	forget(child);
	return ret;
}

const volatile void *caged_peek(const struct caged_child *child)
{
	return ((struct answer *)child->shared)->result;
}

void caged_stop(struct caged_child *child)
{
	if (!child->pid)
		return;
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	forget(child);
}

bool caged_try_stop(struct caged_child *child)
{
	siginfo_t info = { 0 };

	if (!child->pid)
		return true;
	kill(child->pid, SIGKILL);
	if (waitid(P_PID, child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && !info.si_pid)
		return false;
	caged_stop(child);
	return true;
}

int caged(const struct caged_call *call, void *result, struct scrim_error *err)
{
	struct caged_child child = { 0 };
	int ret;

	ret = caged_start(call, &child, err);
	if (ret < 0)
		return ret;
	return caged_finish(&child, result, err);
}
