// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Calls whose argument points to an array: extended controls.  It is fetched whole before the
 * device is asked and delivered whole before the answer, as the kernel does it; meanwhile
 * other calls are answered.  One after another, in the order in which they came.
 */
#include "session/calls.h"

#include <string.h>

static struct waiting *first(struct session *s)
{
	return &s->arrays[s->arrays_first];
}

static const struct v4l2_ext_controls *argument_of(const struct waiting *call)
{
	return (const void *)call->argument.bytes;
}

bool arrays_has(const struct waiting *call)
{
	if (call->cmd != VIDIOC_G_EXT_CTRLS && call->cmd != VIDIOC_S_EXT_CTRLS &&
	    call->cmd != VIDIOC_TRY_EXT_CTRLS)
		return false;
	return argument_of(call)->count && argument_of(call)->count <= DEVICE_CONTROLS_MAX;
}

/* When nobody takes the order its process has ended, which arrays_turn() is told next. */
static void fetch_first(struct session *s)
{
	const struct waiting *call = first(s);
	const struct v4l2_ext_controls *all = argument_of(call);

	s->reach.pid = fuse_req_ctx(call->req)->pid;
	s->reach.address = (uintptr_t)all->controls;
	s->reach.size = all->count * sizeof(*all->controls);
	s->reach.deliver = false;
	reacher_order(&s->reacher, &s->reach);
}

void arrays_begin(struct session *s, const struct waiting *call)
{
	if (s->arrays_count == WAITING_MAX) {
		fuse_reply_err(call->req, EAGAIN);
		return;
	}
	s->arrays[(s->arrays_first + s->arrays_count++) % WAITING_MAX] = *call;
	if (s->arrays_count == 1)
		fetch_first(s);
}

/* Where in the array that is, or NULL. */
static uint8_t *at(struct session *s, uint64_t address, size_t size)
{
	uint64_t from = address - s->reach.address;

	return size <= s->reach.size && from <= s->reach.size - size ? s->reach.bytes + from : NULL;
}

int arrays_fetch(void *ctx, uint64_t address, void *to, size_t size)
{
	const uint8_t *from = at(ctx, address, size);

	if (!from)
		return -EFAULT;
	memcpy(to, from, size);
	return 0;
}

int arrays_deliver(void *ctx, uint64_t address, const void *from, size_t size)
{
	uint8_t *to = at(ctx, address, size);

	if (!to)
		return -EFAULT;
	memcpy(to, from, size);
	return 0;
}

static void ask_device(struct session *s)
{
	struct waiting *call = first(s);

	s->array_ret = device_ioctl(call->by->handle, call->cmd, call->argument.bytes,
				    session_now_ns());
	s->reach.deliver = true;
	reacher_order(&s->reacher, &s->reach);
}

static void answer_first(struct session *s)
{
	const struct waiting *call = first(s);

	if (s->reach.ret < 0)
		fuse_reply_err(call->req, -s->reach.ret);
	else
		fuse_reply_ioctl(call->req, s->array_ret, call->argument.bytes, call->out);
	s->arrays_first = (s->arrays_first + 1) % WAITING_MAX;
	s->arrays_count--;
	if (s->arrays_count)
		fetch_first(s);
}

int arrays_turn(struct session *s)
{
	int ret = reacher_done(&s->reacher, &s->reach);

	if (ret <= 0)
		return ret;
	if (!s->arrays_count)
		return -EPROTO;
	if (s->reach.deliver || s->reach.ret < 0)
		answer_first(s);
	else
		ask_device(s);
	return 0;
}

void arrays_end(struct session *s)
{
	for (; s->arrays_count; s->arrays_count--) {
		fuse_reply_err(first(s)->req, ENODEV);
		s->arrays_first = (s->arrays_first + 1) % WAITING_MAX;
	}
}
