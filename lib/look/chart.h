/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A picture with its coordinates and the regions of a policy on it, from which the
 * corners of a polygon can be read off and written into scrim.conf(5).
 */
#ifndef LOOK_CHART_H
#define LOOK_CHART_H

#include "look/paper.h"
#include "policy/policy.h"

#define CHART_GRID	10u		/* parts of each side, so that lines are 0.1 apart */
#define CHART_GRID_MAX	50u

/*
 * A line at each `grid`th of both sides, labelled with its fraction, and around each region its
 * outline with name, method, and whether it is locked or revealed.  policy NULL: none.
 */
void chart_draw(struct paper *paper, const struct policy *policy, unsigned grid);

#endif
