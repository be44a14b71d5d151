/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where each of several pictures is on a screen: whole, in its own proportions, on no other's
 * place, and together as large as rows of equal cells allow.
 */
#ifndef SINK_GRID_H
#define SINK_GRID_H

#define GRID_MAX	16u

struct extent {
	unsigned width, height;		/* pixels, 1 to 65535 */
};
struct place {
	unsigned x, y;
	struct extent size;
};

/*
 * In the order given, row by row.  -EINVAL: none, more than GRID_MAX, a size out of range, or a
 * screen that has not a pixel for each.
 */
int grid_place(struct place to[], const struct extent pictures[], unsigned count,
	       struct extent screen);

#endif
