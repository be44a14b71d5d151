// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is fetched is bytes, and nothing here looks at them.
 */
#include "session/reach.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Bytes of the message: those of the program are in it when they have been, or are to be, moved. */
static size_t length(const struct reach *reach, bool with_bytes)
{
	return offsetof(struct reach, bytes) + (with_bytes ? reach->size : 0);
}

/*
 * Whoever asks may read and write its own memory, and so may its user; but where Yama lets
 * only parents do so that is EPERM, and no fault of the address.
 */
static int move(struct reach *reach)
{
	struct iovec ours = { reach->bytes, reach->size };
	struct iovec theirs = { (void *)(uintptr_t)reach->address, reach->size };
	ssize_t done = reach->deliver ?
		process_vm_writev(reach->pid, &ours, 1, &theirs, 1, 0) :
		process_vm_readv(reach->pid, &ours, 1, &theirs, 1, 0);

	if (done == (ssize_t)reach->size)
		return 0;
	return done < 0 && errno == EPERM ? -EPERM : -EFAULT;
}

static int work(void *ctx, void *result, struct scrim_error *err)
{
	const int orders = *(const int *)ctx;
	struct reach reach;
	ssize_t got;

	while ((got = read(orders, &reach, sizeof(reach))) > 0) {
		if (reach.size > REACH_MAX || got != (ssize_t)length(&reach, reach.deliver))
			return fail(err, -EPROTO, "a program's memory cannot be reached");
		reach.ret = move(&reach);
		got = length(&reach, !reach.deliver && !reach.ret);
		if (write(orders, &reach, got) != got)
			break;
	}
	return 0;
}

int reacher_start(struct reacher *reacher, struct scrim_error *err)
{
	const struct cage_devices cage = { .calls = &cage_reach };
	int ends[2], ret;
	const struct caged_call call = {
		.work = work, .ctx = &ends[1], .keep = &ends[1], .kept = 1, .devices = &cage,
	};

	*reacher = (struct reacher)REACHER_NONE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(err, -errno, "no socket: %s", strerror(errno));
	ret = caged_start(&call, &reacher->child, err);
	close(ends[1]);
	reacher->fd = ends[0];
	if (ret < 0)
		reacher_stop(reacher);
	return ret;
}

bool reacher_stop(struct reacher *reacher)
{
	if (reacher->fd >= 0)
		close(reacher->fd);
	reacher->fd = -1;
	return caged_try_stop(&reacher->child);
}

int reacher_order(const struct reacher *reacher, const struct reach *reach)
{
	size_t size = length(reach, reach->deliver);

	return send(reacher->fd, reach, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size ?
		0 : -errno;
}

int reacher_done(const struct reacher *reacher, struct reach *reach)
{
	const uint32_t size = reach->size, deliver = reach->deliver;
	ssize_t got = recv(reacher->fd, reach, sizeof(*reach), MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return reach->size == size && reach->deliver == deliver &&
	       got == (ssize_t)length(reach, !deliver && !reach->ret) ? 1 : -EPIPE;
}
