// SPDX-License-Identifier: GPL-2.0
/*
 * A control is what V4L2's own table says of its number: name, type, and the names of a menu's
 * items.  What that table does not have, or has as no plain value, is not taken.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <media/v4l2-ctrls.h>

#include "control.h"

#define NOT_PLAIN (V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY | \
		   V4L2_CTRL_FLAG_VOLATILE | V4L2_CTRL_FLAG_EXECUTE_ON_WRITE)

/* The shutter is the driver's own. */
static bool is_of_a_camera(u32 id)
{
	return (V4L2_CTRL_ID2WHICH(id) == V4L2_CTRL_CLASS_USER ||
		V4L2_CTRL_ID2WHICH(id) == V4L2_CTRL_CLASS_CAMERA) && id != V4L2_CID_PRIVACY;
}

static bool range_ok(const struct scrim_control *c)
{
	return c->min < c->max && c->initial >= c->min && c->initial <= c->max;
}

static bool integer_ok(const struct scrim_control *c)
{
	return range_ok(c) && c->step && c->step <= (u32)c->max - (u32)c->min;
}

static bool boolean_ok(const struct scrim_control *c)
{
	return range_ok(c) && c->min == 0 && c->max == 1 && c->step == 1;
}

/* V4L2 does not look how many items a menu of its table has. */
static bool menu_ok(const struct scrim_control *c)
{
	const char * const *items = v4l2_ctrl_get_menu(c->id);
	s32 count = 0;

	while (items && items[count])
		count++;
	return c->min == 0 && range_ok(c) && c->max < count && c->max < 32 &&
	       !(c->step & BIT(c->initial));
}

static bool control_ok(const struct scrim_control *c)
{
	enum v4l2_ctrl_type type;
	const char *name;
	s64 min, max, initial;
	u64 step;
	u32 flags;

	if (!is_of_a_camera(c->id))
		return false;
	v4l2_ctrl_fill(c->id, &name, &type, &min, &max, &step, &initial, &flags);
	if (!name || flags & NOT_PLAIN)
		return false;
	switch (type) {
	case V4L2_CTRL_TYPE_INTEGER:
		return integer_ok(c);
	case V4L2_CTRL_TYPE_BOOLEAN:
		return boolean_ok(c);
	case V4L2_CTRL_TYPE_MENU:
		return menu_ok(c);
	default:
		return false;
	}
}

/* Five numbers with one blank between them, and nothing else. */
static int parse_line(struct scrim_control *c, char *line)
{
	char *word[5];
	int i;

	for (i = 0; i < 5; i++) {
		word[i] = strsep(&line, " ");
		if (!word[i])
			return -EINVAL;
	}
	if (line || kstrtou32(word[0], 0, &c->id) || kstrtos32(word[1], 10, &c->min) ||
	    kstrtos32(word[2], 10, &c->max) || kstrtou32(word[3], 10, &c->step) ||
	    kstrtos32(word[4], 10, &c->initial))
		return -EINVAL;
	return control_ok(c) ? 0 : -EINVAL;
}

static bool is_there(const struct scrim_controls *controls, u32 id)
{
	u32 i;

	for (i = 0; i < controls->count; i++)
		if (controls->at[i].id == id)
			return true;
	return false;
}

int scrim_controls_parse(struct scrim_controls *controls, const char *page, size_t count)
{
	struct scrim_control control;
	char line[80];
	size_t length;

	controls->count = 0;
	for (; count; page += length + 1, count -= length + 1) {
		const char *end = memchr(page, '\n', count);

		if (!end)
			return -EINVAL;
		length = end - page;
		if (!length)
			continue;
		if (length >= sizeof(line))
			return -EINVAL;
		memcpy(line, page, length);
		line[length] = '\0';
		if (strlen(line) != length || parse_line(&control, line) ||
		    is_there(controls, control.id))
			return -EINVAL;
		if (controls->count == SCRIM_CONTROLS_MAX)
			return -ENOSPC;
		controls->at[controls->count++] = control;
	}
	return 0;
}

ssize_t scrim_controls_show(const struct scrim_controls *controls, char *page)
{
	ssize_t length = 0;
	u32 i;

	for (i = 0; i < controls->count; i++) {
		const struct scrim_control *c = &controls->at[i];

		length += scnprintf(page + length, PAGE_SIZE - length, "0x%08x %d %d %u %d\n", c->id,
				    c->min, c->max, c->step, c->initial);
	}
	return length;
}

int scrim_controls_init(struct v4l2_ctrl_handler *handler, const struct scrim_controls *controls)
{
	u32 i;

	v4l2_ctrl_handler_init(handler, SCRIM_CONTROLS_MAX);
	for (i = 0; i < controls->count; i++) {
		const struct scrim_control *c = &controls->at[i];

		if (v4l2_ctrl_get_menu(c->id))
			v4l2_ctrl_new_std_menu(handler, NULL, c->id, c->max, c->step, c->initial);
		else
			v4l2_ctrl_new_std(handler, NULL, c->id, c->min, c->max, c->step,
					  c->initial);
	}
	return handler->error;
}
