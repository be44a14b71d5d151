/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether polygons cover what another one covers, in pictures of every size: decided on the
 * polygons themselves, not on pixels.  Doubt says no.
 */
#ifndef POLICY_AREA_H
#define POLICY_AREA_H

#include "frame/region.h"

struct point2 {
	double x, y;			/* fractions */
};

/*
 * Polygons may cross so often that comparing them takes long.  This much is done, over all calls
 * with the same *left (a policy that people write needs a thousandth); then all is doubt.
 */
#define AREA_WORK_MAX	(1u << 26)

/*
 * Each point of a, its edges included, lies in one of b or on its edges; "in" is what it goes
 * around, as shape_draw() has it when it covers.  Where not, *where is such a point.
 */
bool area_is_covered(const struct polygon *a, const struct polygon *const b[], unsigned count,
		     uint64_t *left, struct point2 *where);

/*
 * What is revealed by a is by b as well: in a polygon that reveals is what it goes around an
 * odd number of times, without its edges.
 */
bool area_is_revealed(const struct polygon *a, const struct polygon *b, uint64_t *left,
		      struct point2 *where);

#endif
