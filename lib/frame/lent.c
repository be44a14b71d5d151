// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame/lent.h"

#include <string.h>
#include <unistd.h>

static void blacken_plane(const struct frame *frame, unsigned i)
{
	const struct plane_format *plane = &frame->format->plane[i];
	const uint8_t *black = frame->colour.full_range ? plane->black_full : plane->black;
	size_t row = plane_row_bytes(plane, frame->width);
	uint8_t *first = frame->plane[i];

	for (size_t at = 0; at < row; at += plane->cell_bytes)
		memcpy(first + at, black, plane->cell_bytes);
	for (unsigned y = 1; y < plane_rows(plane, frame->height); y++)
		memcpy(first + y * frame->stride[i], first, row);
}

static void blacken(struct lent *lent)
{
	memset(lent->bytes, 0, lent->size);
	for (unsigned i = 0; i < lent->frame.format->planes; i++)
		blacken_plane(&lent->frame, i);
	lent->raw = false;
}

void lent_describe(struct lent *lent, uint32_t fourcc, unsigned width, unsigned height,
		   const size_t at[FORMAT_PLANES_MAX], const size_t stride[FORMAT_PLANES_MAX])
{
	struct frame *frame = &lent->frame;

	*frame = (struct frame){
		.format = format_find(fourcc), .width = width, .height = height,
		.colour = { .primaries = 2, .transfer = 2, .matrix = 2 },
		.lent = lent, .bytes = lent->size,
	};
	for (unsigned i = 0; i < frame->format->planes; i++) {
		frame->plane[i] = lent->bytes + at[i];
		frame->stride[i] = stride[i];
	}
}

void lent_back(struct lent *lent)
{
	if (lent->raw)
		blacken(lent);
	if (lent->lender->back)
		lent->lender->back(lent->lender, lent->index);
}

void lending_end(struct lending *lending)
{
	for (; lending->count; lending->count--)
		if (lending->at[lending->count - 1].dmabuf >= 0)
			close(lending->at[lending->count - 1].dmabuf);
	lending->on = false;
}
