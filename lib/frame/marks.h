/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file is seen twice.  What was decided about a frame holds only if it is that
 * frame again: marks remember of each when it was shown and what it looked like.
 */
#ifndef FRAME_MARKS_H
#define FRAME_MARKS_H

#include "frame/frame.h"

struct mark {
	int64_t time_ns;
	uint32_t hash;			/* of all pixels; DJB2, no secret in it */
};

/* All zero: none yet. */
struct marks {
	struct mark *at;		/* by frame number */
	size_t count, room;
};

/* The frame's number must be the count. */
int marks_add(struct marks *marks, const struct frame *frame, struct scrim_error *err);
/* False: this is not what was seen under that number, or nothing was. */
bool marks_match(const struct marks *marks, const struct frame *frame);
void marks_clear(struct marks *marks);

#endif
