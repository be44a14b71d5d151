/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What polygons hide, found without lib/frame/shape.c: slowly, by looking at many
 * points of a pixel.
 */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include "frame/region.h"

/*
 * A random polygon: 3 to 8 points, crossing itself or not, about half of its
 * coordinates on the edges of the picture or of pixels.
 */
void reference_polygon(struct polygon *polygon, unsigned width, unsigned height);

/* True: the pixel must be hidden.  May miss a sliver between its points. */
bool reference_surely(const struct polygon *polygons, unsigned count, bool reveal,
		      unsigned width, unsigned height, unsigned x, unsigned y);
/* False: the pixel must not be hidden. */
bool reference_perhaps(const struct polygon *polygons, unsigned count, bool reveal,
		       unsigned width, unsigned height, unsigned x, unsigned y);

#endif
