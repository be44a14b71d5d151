/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Controls of the real camera that readers may turn.  The driver keeps their values and tells
 * the feeder; what they do is the feeder's affair.
 */
#ifndef SCRIM_CONTROL_H
#define SCRIM_CONTROL_H

#include <linux/types.h>

#include "uapi/linux/scrim.h"

struct v4l2_ctrl_handler;

struct scrim_controls {
	u32 count;
	struct scrim_control {
		u32 id;
		s32 min, max;
		u32 step;	/* of a menu: a bit for each item that there is not */
		s32 initial;
	} at[SCRIM_CONTROLS_MAX];
};

/* Whole lines, as linux/scrim.h has them; *controls is complete or undefined. */
int scrim_controls_parse(struct scrim_controls *controls, const char *page, size_t count);
ssize_t scrim_controls_show(const struct scrim_controls *controls, char *page);

int scrim_controls_init(struct v4l2_ctrl_handler *handler, const struct scrim_controls *controls);

#endif
