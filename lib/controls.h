/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Brightness, focus and so on: what programs set at a scrim camera reaches the real one
 * where the policy allows it.
 */
#ifndef LIB_CONTROLS_H
#define LIB_CONTROLS_H

#include "policy/policy.h"

#define CONTROLS_MAX		64
#define CONTROLS_TEXT_MAX	4096

/*
 * What the camera has, of what the policy allows: lines as the driver takes them
 * (scrim(4)), "" for none.  -ENOENT, -ENODEV: the camera is not there.
 */
int controls_list(char text[CONTROLS_TEXT_MAX], const struct policy *policy,
		  struct scrim_error *err);

/* The feed tells from now on (V4L2_EVENT_CTRL) when a program has set one. */
void controls_watch(int feed);

/*
 * Sets at the camera, of what the policy allows, what differs from the feed's, and tells
 * the feed where the camera made something else of it.  All are tried; err is the first
 * that failed.
 */
int controls_pass(int camera, int feed, const struct policy *policy, struct scrim_error *err);
/* The same for a camera that has a keeper, which does not tell what it made of it. */
struct camera;
int controls_pass_kept(const struct camera *camera, int feed, const struct policy *policy,
		       struct scrim_error *err);

#endif
