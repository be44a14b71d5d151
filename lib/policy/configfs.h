/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cameras of scrim.ko as an administrator makes them (scrim(4)).  Regions that
 * a policy locks are there before the first picture is, and no feeder can lift them.
 */
#ifndef POLICY_CONFIGFS_H
#define POLICY_CONFIGFS_H

#include "policy/policy.h"

#define CONFIGFS_CAMERAS	"/sys/kernel/config/scrim"
#define CONFIGFS_FEEDER		"scrim"	/* the user who feeds them; root, where there is none */

/* Letters, digits, "_", "-" and ".", at most 31, and no "." first. */
bool configfs_name_ok(const char *name);

/*
 * Makes the policy's camera, or adds to the one that is there: every locked region of the policy is
 * in force when this returns, beside those of an older one.  Live in the end.  What was not live
 * before gets these controls, lines as the driver takes them (scrim(4)): those that it has a
 * name for.
 */
int configfs_hold(const struct policy *policy, const char *controls, struct scrim_error *err);
bool configfs_is_live(const char *name);
/* Lifts the regions of older policies; those that nobody here made stay. */
void configfs_lift(const struct policy *policy);

/* The camera is live and every locked region of the policy in force: -EACCES if not. */
int configfs_check(const struct policy *policy, struct scrim_error *err);

/* "/dev/video0": the feed of a live camera, and what applications read. */
int configfs_feed(const char *name, char *path, size_t size, struct scrim_error *err);
int configfs_capture(const char *name, char *path, size_t size, struct scrim_error *err);

/* What the kernel shows of a camera to everybody. */
struct configfs_camera {
	bool there, live;
	bool shut;			/* the administrator's shutter */
	char feed[32], capture[32];	/* "/dev/video0"; empty while not live */
	unsigned regions;		/* locked ones, of whoever made them */
	unsigned readers;
	uint64_t delivered, black, dropped;	/* counted once a reader */
};
void configfs_look(struct configfs_camera *camera, const char *name);

#endif
