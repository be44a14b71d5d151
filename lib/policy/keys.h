/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keys that a policy may have, for its file and for the command line.
 */
#ifndef POLICY_KEYS_H
#define POLICY_KEYS_H

#include "policy/policy.h"

enum {
	IN_CAMERA = 1,			/* a [camera] section, and policy_set() */
	IN_REGION = 2,			/* a [region] section */
	IN_OPTIONS = 4,			/* policy_set() only; repeats */
	IN_DEFAULTS = 8,		/* a [defaults] section */
};

/* One of the setters is NULL.  Values are not empty. */
struct policy_key {
	const char *name;
	unsigned where;
	int (*camera)(struct policy *policy, const char *value, struct scrim_error *err);
	int (*region)(struct policy_region *region, const char *value,
		      struct scrim_error *err);
	const char *help;
};

#define POLICY_KEYS_MAX	32		/* a bit each */

extern const struct policy_key policy_keys[];
extern const unsigned policy_keys_count;

/* NULL: no such key there. */
const struct policy_key *policy_key_find(const char *name, unsigned where);

#endif
