// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Orders come in by a socket, one at a time, and go back by it when they are done.
 */
#include "session/store.h"

#include <linux/fuse.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct job {
	int orders;			/* a socket */
	int device;			/* of the mount */
	uint8_t *memory;
	size_t size;
};

/* FUSE_NOTIFY_STORE of linux/fuse.h: what is said instead of an answer has unique 0. */
static int store(const struct job *job, const struct store_order *order)
{
	struct fuse_notify_store_out where = {
		.nodeid = FUSE_ROOT_ID, .offset = order->to, .size = order->size,
	};
	struct fuse_out_header header = {
		.len = sizeof(header) + sizeof(where) + order->size, .error = FUSE_NOTIFY_STORE,
	};
	struct iovec parts[] = {
		{ &header, sizeof(header) }, { &where, sizeof(where) },
		{ job->memory + order->from, order->size },
	};

	return writev(job->device, parts, 3) == (ssize_t)header.len ? 0 : -errno;
}

static bool is_sound(const struct job *job, const struct store_order *order)
{
	return order->size <= job->size && order->from <= job->size - order->size &&
	       order->size < UINT32_MAX / 2;
}

static int work(void *ctx, void *result, struct scrim_error *err)
{
	const struct job *job = ctx;
	struct store_order order;
	int ret;

	while (read(job->orders, &order, sizeof(order)) == sizeof(order)) {
		ret = is_sound(job, &order) ? store(job, &order) : -EPROTO;
		if (ret < 0)
			return fail(err, ret, "a picture cannot be stored: %s", strerror(-ret));
		if (write(job->orders, &order, sizeof(order)) != sizeof(order))
			break;
	}
	return 0;
}

int storer_start(struct storer *storer, const struct fuse_mount *mount, int memory, size_t size,
		 struct scrim_error *err)
{
	const struct cage_devices cage = { .calls = &cage_store };
	struct job job = { .device = mount->device, .size = size };
	int ends[2], ret, keep[2];
	const struct caged_call call = {
		.work = work, .ctx = &job, .keep = keep, .kept = 2, .devices = &cage,
	};

	*storer = (struct storer)STORER_NONE;
	job.memory = mmap(NULL, size, PROT_READ, MAP_SHARED, memory, 0);
	if (job.memory == MAP_FAILED)
		return fail(err, -errno, "no memory of pictures: %s", strerror(errno));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		munmap(job.memory, size);
		return fail(err, -errno, "no socket: %s", strerror(errno));
	}
	job.orders = ends[1];
	keep[job.orders > job.device] = job.orders;
	keep[job.device > job.orders] = job.device;
	ret = caged_start(&call, &storer->child, err);
	munmap(job.memory, size);
	close(ends[1]);
	storer->fd = ends[0];
	if (ret < 0)
		storer_stop(storer);
	return ret;
}

bool storer_stop(struct storer *storer)
{
	if (storer->fd >= 0)
		close(storer->fd);
	storer->fd = -1;
	return caged_try_stop(&storer->child);
}

int storer_order(const struct storer *storer, const struct store_order *order)
{
	return send(storer->fd, order, sizeof(*order), MSG_DONTWAIT | MSG_NOSIGNAL) ==
		sizeof(*order) ? 0 : -errno;
}

int storer_done(const struct storer *storer, struct store_order *order)
{
	ssize_t got = recv(storer->fd, order, sizeof(*order), MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return got == sizeof(*order) ? 1 : -EPIPE;
}
