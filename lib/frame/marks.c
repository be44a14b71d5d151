// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame/marks.h"

#include <stdlib.h>

#include <libyuv.h>

#define HASH_START	5381		/* Bernstein's */

static struct mark mark_of(const struct frame *frame)
{
	struct mark mark = { frame->time_ns, HASH_START };

	for (unsigned i = 0; i < frame->format->planes; i++) {
		const struct plane_format *plane = &frame->format->plane[i];
		size_t bytes = plane_row_bytes(plane, frame->width);

		for (unsigned y = 0; y < plane_rows(plane, frame->height); y++)
			mark.hash = HashDjb2(frame->plane[i] + y * frame->stride[i], bytes,
					     mark.hash);
	}
	return mark;
}

int marks_add(struct marks *marks, const struct frame *frame, struct scrim_error *err)
{
	if (frame->number != marks->count)
		return fail(err, -EIO, "frames do not come in their order");
	if (marks->count == marks->room) {
		size_t room = 2 * marks->room + 256;
		struct mark *at = realloc(marks->at, room * sizeof(*at));

		if (!at)
			return fail(err, -ENOMEM, "no memory to remember frames");
		marks->at = at;
		marks->room = room;
	}
	marks->at[marks->count++] = mark_of(frame);
	return 0;
}

bool marks_match(const struct marks *marks, const struct frame *frame)
{
	struct mark now;

	if (frame->number >= marks->count)
		return false;
	now = mark_of(frame);
	return now.time_ns == marks->at[frame->number].time_ns &&
	       now.hash == marks->at[frame->number].hash;
}

void marks_clear(struct marks *marks)
{
	free(marks->at);
	*marks = (struct marks){ 0 };
}
