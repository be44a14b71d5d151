// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The one control of the device, V4L2_CID_PRIVACY: an application's own shutter.
 * Closed, it gets black; it can open no other shutter.
 */
#include "session/state.h"

#include <stdio.h>
#include <string.h>

static const struct control {
	uint32_t id, type, flags;
	const char *name;
	int32_t maximum;
} controls[] = {
	{ V4L2_CID_CAMERA_CLASS, V4L2_CTRL_TYPE_CTRL_CLASS,
	  V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY, "Camera Controls", 0 },
	{ V4L2_CID_PRIVACY, V4L2_CTRL_TYPE_BOOLEAN, 0, "Privacy", 1 },
};
static const unsigned controls_count = sizeof(controls) / sizeof(controls[0]);

/* The one of that number, or with V4L2_CTRL_FLAG_NEXT_CTRL the first after it. */
static const struct control *find(uint32_t id)
{
	bool next = id & V4L2_CTRL_FLAG_NEXT_CTRL;
	uint32_t after = id & ~(V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND);

	if (!next && id != after)
		return NULL;		/* there are no compound controls */
	for (unsigned i = 0; i < controls_count; i++)
		if (next ? controls[i].id > after : controls[i].id == after)
			return &controls[i];
	return NULL;
}

int control_query(struct handle *handle, void *argument)
{
	struct v4l2_queryctrl *query = argument;
	const struct control *control = find(query->id);

	if (!control)
		return -EINVAL;
	*query = (struct v4l2_queryctrl){
		.id = control->id, .type = control->type, .flags = control->flags,
		.maximum = control->maximum, .step = control->maximum ? 1 : 0,
	};
	snprintf((char *)query->name, sizeof(query->name), "%s", control->name);
	return 0;
}

int control_query_ext(struct handle *handle, void *argument)
{
	struct v4l2_query_ext_ctrl *query = argument;
	const struct control *control = find(query->id);

	if (!control)
		return -EINVAL;
	*query = (struct v4l2_query_ext_ctrl){
		.id = control->id, .type = control->type, .flags = control->flags,
		.maximum = control->maximum, .step = control->maximum ? 1 : 0,
		.elem_size = sizeof(int32_t), .elems = 1,
	};
	snprintf(query->name, sizeof(query->name), "%s", control->name);
	return 0;
}

/* Whoever set it, and those who asked to be told, see the same. */
static int set(struct handle *handle, bool closed)
{
	struct device *device = handle->device;
	bool was = device->privacy;

	device->privacy = closed;
	if (closed == was)
		return 0;
	event_privacy(device, handle);
	return closed ? device_cut(device) : 0;
}

static int may(uint32_t id, uint32_t denied)
{
	const struct control *control = find(id);

	if (!control)
		return -EINVAL;
	return control->flags & denied ? -EACCES : 0;
}

int control_get(struct handle *handle, void *argument)
{
	struct v4l2_control *control = argument;
	int ret = may(control->id, V4L2_CTRL_FLAG_WRITE_ONLY);

	if (ret >= 0)
		control->value = handle->device->privacy;
	return ret;
}

int control_set(struct handle *handle, void *argument)
{
	struct v4l2_control *control = argument;
	int ret = may(control->id, V4L2_CTRL_FLAG_READ_ONLY);

	if (ret < 0)
		return ret;
	control->value = !!control->value;
	return set(handle, control->value);
}

/* Several at once, behind a pointer */

static int fetch(struct handle *handle, const struct v4l2_ext_controls *all, uint32_t at,
		 struct v4l2_ext_control *one)
{
	const struct device_base *base = &handle->device->base;

	return base->fetch(base->ctx, (uintptr_t)all->controls + at * sizeof(*one),
			   one, sizeof(*one));
}

static int deliver(struct handle *handle, const struct v4l2_ext_controls *all, uint32_t at,
		   const struct v4l2_ext_control *one)
{
	const struct device_base *base = &handle->device->base;

	return base->deliver(base->ctx, (uintptr_t)all->controls + at * sizeof(*one),
			   one, sizeof(*one));
}

/* Which values are meant: those of now, the defaults (to look at only), or a class of controls. */
static int check_which(struct v4l2_ext_controls *all, bool get)
{
	all->error_idx = all->count;
	all->reserved[0] = 0;
	if (all->count > DEVICE_CONTROLS_MAX || all->which == V4L2_CTRL_WHICH_REQUEST_VAL ||
	    (all->which == V4L2_CTRL_WHICH_DEF_VAL && !get))
		return -EINVAL;
	if (!all->count && all->which && all->which != V4L2_CTRL_WHICH_DEF_VAL &&
	    all->which != V4L2_CTRL_CLASS_CAMERA)
		return -EINVAL;
	return 0;
}

static int check_one(const struct v4l2_ext_controls *all, const struct v4l2_ext_control *one,
		     uint32_t denied)
{
	if (all->which && all->which != V4L2_CTRL_WHICH_DEF_VAL &&
	    V4L2_CTRL_ID2WHICH(one->id) != all->which)
		return -EINVAL;
	return one->id & (V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND) ?
		-EINVAL : may(one->id, denied);
}

int control_get_ext(struct handle *handle, void *argument)
{
	struct v4l2_ext_controls *all = argument;
	struct v4l2_ext_control one;
	int ret = check_which(all, true);

	for (uint32_t i = 0; ret >= 0 && i < all->count; i++) {
		ret = fetch(handle, all, i, &one);
		if (ret >= 0)
			ret = check_one(all, &one, V4L2_CTRL_FLAG_WRITE_ONLY);
		if (ret < 0)
			break;
		one.reserved2[0] = 0;
		one.value = all->which == V4L2_CTRL_WHICH_DEF_VAL ? 0 : handle->device->privacy;
		ret = deliver(handle, all, i, &one);
	}
	return ret;
}

/* All are looked at before one is set; the last value for the control is the one that stays. */
static int try_all(struct handle *handle, struct v4l2_ext_controls *all, bool *closed)
{
	struct v4l2_ext_control one;
	int ret = check_which(all, false);

	for (uint32_t i = 0; ret >= 0 && i < all->count; i++) {
		ret = fetch(handle, all, i, &one);
		if (ret < 0)
			break;
		all->error_idx = i;
		ret = check_one(all, &one, V4L2_CTRL_FLAG_READ_ONLY);
		if (ret < 0)
			break;
		one.reserved2[0] = 0;
		one.value = *closed = !!one.value;
		ret = deliver(handle, all, i, &one);
	}
	if (ret >= 0)
		all->error_idx = all->count;
	return ret;
}

int control_try_ext(struct handle *handle, void *argument)
{
	bool closed;

	return try_all(handle, argument, &closed);
}

int control_set_ext(struct handle *handle, void *argument)
{
	struct v4l2_ext_controls *all = argument;
	bool closed = handle->device->privacy;
	int ret = try_all(handle, all, &closed);

	all->error_idx = all->count;
	return ret < 0 ? ret : set(handle, closed);
}
