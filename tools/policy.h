/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scrim policy: what its commands share.
 */
#ifndef TOOLS_POLICY_H
#define TOOLS_POLICY_H

#include "cameras.h"

/* Policies without a mistake; else complains of each: an exit status. */
int policies_load_right(struct policies **policies, const char *path);

struct applying {
	struct where where;
	bool accept;			/* also what loosens */
};
/* Of these cameras, or of all; an exit status, APPLY_LOOSENS included. */
int policy_apply(const struct applying *a, bool json, int argc, char **argv);

#define APPLY_LOOSENS	4		/* it does, and that was not accepted: nothing was done */

#endif
