/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any shape as few upright rectangles, which cover all of it.
 */
#ifndef POLICY_SPANS_H
#define POLICY_SPANS_H

#include "frame/region.h"

/* Rows top to bottom - 1, columns left to right - 1, in pixels. */
struct rect_span {
	unsigned top, bottom, left, right;
};

/*
 * Every block of *block x *block pixels that the shape touches.  Rows of blocks that are alike
 * are one rectangle.  The list, which the caller frees, goes from top to bottom and there from
 * left to right.  Where there would be more than max of them, *block doubles until there
 * are not.
 */
int spans_merge(struct rect_span **spans, unsigned *count, const struct shape *shape,
		unsigned *block, unsigned max);

#endif
