// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What handles have asked to be told.
 */
#include "session/state.h"

#include <string.h>

static void put(struct handle *handle, const struct v4l2_event *event)
{
	struct device *device = handle->device;
	struct v4l2_event *last;

	if (handle->events == EVENTS_MAX) {
		memmove(handle->event, handle->event + 1,
			(EVENTS_MAX - 1) * sizeof(handle->event[0]));
		handle->events--;
	}
	last = &handle->event[handle->events++];
	*last = *event;
	last->sequence = handle->event_sequence++;
	last->timestamp.tv_sec = device->now_ns / 1000000000;
	last->timestamp.tv_nsec = device->now_ns % 1000000000;
	device->base.wake(device->base.ctx, handle);
}

static void tell_privacy(struct handle *handle, uint32_t changes)
{
	struct v4l2_event event = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_PRIVACY };

	event.u.ctrl.changes = changes;
	event.u.ctrl.type = V4L2_CTRL_TYPE_BOOLEAN;
	event.u.ctrl.value = handle->device->privacy;
	event.u.ctrl.maximum = 1;
	event.u.ctrl.step = 1;
	put(handle, &event);
}

void event_privacy(struct device *device, const struct handle *by)
{
	for (struct handle *at = device->handles; at; at = at->next)
		if (at->wants_privacy && (at != by || at->wants_own))
			tell_privacy(at, V4L2_EVENT_CTRL_CH_VALUE);
}

int event_subscribe(struct handle *handle, void *argument)
{
	const struct v4l2_event_subscription *sub = argument;

	/* Its pictures never change, and nothing happens to the head of a class. */
	if (sub->type == V4L2_EVENT_SOURCE_CHANGE ||
	    (sub->type == V4L2_EVENT_CTRL && sub->id == V4L2_CID_CAMERA_CLASS))
		return 0;
	if (sub->type != V4L2_EVENT_CTRL || sub->id != V4L2_CID_PRIVACY)
		return -EINVAL;
	handle->wants_privacy = true;
	handle->wants_own = sub->flags & V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK;
	if (sub->flags & V4L2_EVENT_SUB_FL_SEND_INITIAL)
		tell_privacy(handle, V4L2_EVENT_CTRL_CH_VALUE | V4L2_EVENT_CTRL_CH_FLAGS);
	return 0;
}

int event_unsubscribe(struct handle *handle, void *argument)
{
	const struct v4l2_event_subscription *sub = argument;

	if (sub->type == V4L2_EVENT_ALL ||
	    (sub->type == V4L2_EVENT_CTRL && sub->id == V4L2_CID_PRIVACY)) {
		handle->wants_privacy = handle->wants_own = false;
		handle->events = 0;
	}
	return 0;
}

int event_take(struct handle *handle, void *argument)
{
	struct v4l2_event *event = argument;

	if (!handle->events)
		return handle->nonblocking ? -ENOENT : DEVICE_WAIT;
	*event = handle->event[0];
	handle->events--;
	memmove(handle->event, handle->event + 1, handle->events * sizeof(handle->event[0]));
	event->pending = handle->events;
	return 0;
}
