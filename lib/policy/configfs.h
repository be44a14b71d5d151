/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cameras of scrim.ko as an administrator makes them (scrim(4)).  Regions that
 * a policy locks are there before the first picture is, and no feeder can lift them.
 */
#ifndef POLICY_CONFIGFS_H
#define POLICY_CONFIGFS_H

#include <sys/types.h>

#include "policy/policy.h"

#define CONFIGFS_CAMERAS	"/sys/kernel/config/scrim"

/* Letters, digits, "_", "-" and ".", at most 31, and no "." first. */
bool configfs_name_ok(const char *name);

/*
 * Makes the policy's camera, or brings the one that is there up to date: every locked
 * region of the policy is in force when this returns, those of an older policy are
 * lifted after that, and those that nobody here made stay.  Live in the end; what was
 * not live before gets the controls that the camera has and the policy allows.
 */
int configfs_make(const struct policy *policy, uid_t feeder, struct scrim_error *err);

/* The camera is live and every locked region of the policy in force: -EACCES if not. */
int configfs_check(const struct policy *policy, struct scrim_error *err);

/* "/dev/video0": the feed of a live camera. */
int configfs_feed(const char *name, char *path, size_t size, struct scrim_error *err);

#endif
