/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locked regions as scrim.ko wants them (driver/uapi/linux/scrim.h): spans that cover every
 * pixel which redact() covers for the same polygons, in whatever size the feed has.
 */
#ifndef POLICY_LOCKED_H
#define POLICY_LOCKED_H

#include "policy/policy.h"

struct locked {
	unsigned width, height;		/* that spans are measured in; for `size` */
	unsigned count;			/* of spans; 0: nothing is locked */
	char *text;			/* lines "TOP BOTTOM LEFT RIGHT\n"; owned */
};

/*
 * All locked regions of a policy together, measured in a picture of this size, as at most max
 * spans: where they would be more, coarser ones that cover more.  Half of SCRIM_SPANS_MAX
 * leaves room to put new ones in before the old ones are taken away.
 */
int policy_locked(struct locked *locked, const struct policy *policy, unsigned width,
		  unsigned height, unsigned max, struct scrim_error *err);
void locked_free(struct locked *locked);

#endif
