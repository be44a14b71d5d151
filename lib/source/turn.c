// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/turn.h"

#include <stdlib.h>
#include <string.h>

#define TILE	32	/* samples; a tile of source and target stays in the cache */

struct turn turn_of_exif(unsigned orientation)
{
	static const struct turn turns[] = {
		{ 0 }, { 0 },
		{ false, true, false }, { false, true, true }, { false, false, true },
		{ true, false, false }, { true, true, false },
		{ true, true, true }, { true, false, true },
	};

	return turns[orientation < 9 ? orientation : 1];
}

/* x' = a x + c y, y' = b x + d y, as [ a b u c d v x y w ]. */
struct turn turn_of_matrix(const int32_t m[9])
{
	int64_t a = m[0], b = m[1], c = m[3], d = m[4];

	if (llabs(b) + llabs(c) > llabs(a) + llabs(d))
		return (struct turn){ true, c < 0, b < 0 };
	return (struct turn){ false, a < 0, d < 0 };
}

/* A plane of the target: where its first sample comes from, and its steps. */
struct walk {
	const uint8_t *from;
	ptrdiff_t step_x, step_y;	/* bytes in the source */
	uint8_t *to;
	size_t stride;
	unsigned width, height, bytes;	/* of a sample */
};

static void walk_tile(const struct walk *w, unsigned left, unsigned top)
{
	unsigned right = left + TILE < w->width ? left + TILE : w->width;
	unsigned bottom = top + TILE < w->height ? top + TILE : w->height;

	for (unsigned y = top; y < bottom; y++) {
		const uint8_t *from = w->from + (ptrdiff_t)y * w->step_y +
				      (ptrdiff_t)left * w->step_x;
		uint8_t *to = w->to + y * w->stride + (size_t)left * w->bytes;

		for (unsigned x = left; x < right; x++, from += w->step_x)
			for (unsigned i = 0; i < w->bytes; i++)
				*to++ = from[i];
	}
}

static void walk_rows(const struct walk *w)
{
	for (unsigned y = 0; y < w->height; y++)
		memcpy(w->to + y * w->stride, w->from + (ptrdiff_t)y * w->step_y,
		       (size_t)w->width * w->bytes);
}

void turn_planes(struct frame *to, uint8_t *const plane[], const int stride[],
		 struct turn turn)
{
	for (unsigned i = 0; i < to->format->planes; i++) {
		const struct plane_format *format = &to->format->plane[i];
		struct walk w = {
			.from = plane[i], .to = to->plane[i], .stride = to->stride[i],
			.width = plane_cells(format, to->width),
			.height = plane_rows(format, to->height),
			.bytes = format->cell_bytes,
		};

		w.step_x = turn.swap ? stride[i] : format->cell_bytes;
		w.step_y = turn.swap ? format->cell_bytes : stride[i];
		if (turn.mirror_x) {
			w.from += (ptrdiff_t)(w.width - 1) * w.step_x;
			w.step_x = -w.step_x;
		}
		if (turn.mirror_y) {
			w.from += (ptrdiff_t)(w.height - 1) * w.step_y;
			w.step_y = -w.step_y;
		}
		if (w.step_x == (ptrdiff_t)w.bytes) {
			walk_rows(&w);
			continue;
		}
		for (unsigned y = 0; y < w.height; y += TILE)
			for (unsigned x = 0; x < w.width; x += TILE)
				walk_tile(&w, x, y);
	}
}
