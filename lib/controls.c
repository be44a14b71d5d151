// SPDX-License-Identifier: LGPL-2.1-or-later
#include "controls.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node.h"
#include "source/libcamera.h"

#define MENU_MAX	31		/* the last item that a mask has a bit for */

/* Not to be set, or not now: what the camera regulates itself is none of ours. */
#define NOT_SET		(V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY | \
			 V4L2_CTRL_FLAG_WRITE_ONLY)

/* The next one that is a plain value; query begins as zero. */
static bool next_control(int fd, struct v4l2_queryctrl *query)
{
	do {
		query->id |= V4L2_CTRL_FLAG_NEXT_CTRL;
		if (v4l2_call(fd, VIDIOC_QUERYCTRL, query) < 0)
			return false;
		query->name[sizeof(query->name) - 1] = '\0';
	} while (query->flags & NOT_SET || query->id == V4L2_CID_PRIVACY ||
		 (query->type != V4L2_CTRL_TYPE_INTEGER &&
		  query->type != V4L2_CTRL_TYPE_BOOLEAN && query->type != V4L2_CTRL_TYPE_MENU));
	return true;
}

static bool allowed(const struct policy *policy, const struct v4l2_queryctrl *query)
{
	return policy_allows_control(policy, (const char *)query->name);
}

/* A bit for each item that there is not. */
static uint32_t missing_items(int fd, const struct v4l2_queryctrl *query)
{
	struct v4l2_querymenu item = { .id = query->id };
	uint32_t missing = 0;

	for (; item.index <= (uint32_t)query->maximum; item.index++)
		if (item.index < (uint32_t)query->minimum ||
		    v4l2_call(fd, VIDIOC_QUERYMENU, &item) < 0)
			missing |= UINT32_C(1) << item.index;
	return missing;
}

static int line_of(char *line, size_t size, int fd, const struct v4l2_queryctrl *query)
{
	bool menu = query->type == V4L2_CTRL_TYPE_MENU;

	if (menu && (query->minimum < 0 || query->maximum > MENU_MAX))
		return 0;
	return snprintf(line, size, "0x%08x %d %d %u %d\n", query->id, menu ? 0 : query->minimum,
			query->maximum, menu ? missing_items(fd, query) : (uint32_t)query->step,
			query->default_value);
}

/* Those that a keeper tells; it is asked once for this. */
static int list_kept(char text[CONTROLS_TEXT_MAX], const struct policy *policy,
		     struct scrim_error *err)
{
	const struct camera_name name = { policy->device, policy->credentials, policy->tls_ca };
	struct camera camera;
	size_t used = 0;
	int ret = camera_open(&camera, &name, &policy->wish, err);

	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < camera.controls; i++) {
		const struct camera_control *one = &camera.control[i];

		if (policy_allows_control(policy, libcamera_control_name(one->id)))
			used += snprintf(text + used, CONTROLS_TEXT_MAX - used, "0x%08x %d %d 1 %d\n",
					 one->id, one->least, one->most, one->preset);
	}
	camera_close(&camera);
	return 0;
}

int controls_list(char text[CONTROLS_TEXT_MAX], const struct policy *policy,
		  struct scrim_error *err)
{
	struct v4l2_queryctrl query = { 0 };
	size_t used = 0;
	int fd, ret;

	*text = '\0';
	if (!*policy->controls)
		return 0;
	if (camera_is_kept(policy->device))
		return list_kept(text, policy, err);
	if (!camera_is_node(policy->device))
		return 0;
	ret = v4l2_node(&fd, policy->device, V4L2_CAP_VIDEO_CAPTURE, err);
	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < CONTROLS_MAX && next_control(fd, &query);)
		if (allowed(policy, &query)) {
			used += line_of(text + used, CONTROLS_TEXT_MAX - used, fd, &query);
			i++;
		}
	close(fd);
	return 0;
}

void controls_watch(int feed)
{
	struct v4l2_queryctrl query = { 0 };

	while (next_control(feed, &query)) {
		struct v4l2_event_subscription turned = {
			.type = V4L2_EVENT_CTRL, .id = query.id,
		};

		v4l2_call(feed, VIDIOC_SUBSCRIBE_EVENT, &turned);
	}
}

/* A value is read or set. */
static int value_of(int fd, unsigned long request, uint32_t id, int32_t *value)
{
	struct v4l2_ext_control control = { .id = id, .value = *value };
	struct v4l2_ext_controls controls = { .count = 1, .controls = &control };
	int ret = v4l2_call(fd, request, &controls);

	if (ret >= 0)
		*value = control.value;
	return ret;
}

/* The policy has the names that the camera has, which are not always V4L2's. */
static bool may_turn(int camera, uint32_t id, const struct policy *policy)
{
	struct v4l2_queryctrl query = { .id = id };

	if (v4l2_call(camera, VIDIOC_QUERYCTRL, &query) < 0)
		return false;
	query.name[sizeof(query.name) - 1] = '\0';
	return !(query.flags & (NOT_SET | V4L2_CTRL_FLAG_INACTIVE)) && allowed(policy, &query);
}

static int pass_one(int camera, int feed, const struct v4l2_queryctrl *query,
		    struct scrim_error *err)
{
	int32_t wanted = 0, is = 0;
	int ret;

	ret = value_of(feed, VIDIOC_G_EXT_CTRLS, query->id, &wanted);
	if (ret < 0)
		return fail(err, ret, "the feed does not tell %s: %s", query->name, strerror(-ret));
	if (value_of(camera, VIDIOC_G_EXT_CTRLS, query->id, &is) >= 0 && is == wanted)
		return 0;
	is = wanted;
	ret = value_of(camera, VIDIOC_S_EXT_CTRLS, query->id, &is);
	if (ret < 0)
		return fail(err, ret, "the camera does not take %s = %d: %s", query->name, wanted,
			    strerror(-ret));
	if (is != wanted)
		value_of(feed, VIDIOC_S_EXT_CTRLS, query->id, &is);
	return 0;
}

/* Twice, since some can be set when another one, which may come later, no longer regulates them. */
int controls_pass(int camera, int feed, const struct policy *policy, struct scrim_error *err)
{
	int first = 0;

	for (int round = 0; round < 2; round++) {
		struct v4l2_queryctrl query = { 0 };

		first = 0;
		while (next_control(feed, &query)) {
			int ret = may_turn(camera, query.id, policy) ?
				pass_one(camera, feed, &query, first ? NULL : err) : 0;

			first = first ? first : ret;
		}
	}
	return first;
}

int controls_pass_kept(const struct camera *camera, int feed, const struct policy *policy,
		       struct scrim_error *err)
{
	for (unsigned i = 0; i < camera->controls; i++) {
		const struct camera_control *one = &camera->control[i];
		const char *name = libcamera_control_name(one->id);
		int32_t wanted = one->preset;
		int ret;

		/* A feed that was made while the camera was away has none. */
		if (!policy_allows_control(policy, name) ||
		    value_of(feed, VIDIOC_G_EXT_CTRLS, one->id, &wanted) < 0)
			continue;
		ret = libcamera_turn(camera, one->id, wanted);
		if (ret < 0)
			return fail(err, ret, "the camera does not take %s = %d: %s", name, wanted,
				    strerror(-ret));
	}
	return 0;
}
