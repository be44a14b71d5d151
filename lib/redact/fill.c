// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Covering with a constant colour: what was there is neither read nor mixed in.
 */
#include <string.h>

#include "redact/method.h"

static void fill_ink(uint8_t ink[INK_BYTES], const uint8_t *cell, unsigned bytes)
{
	for (unsigned at = 0; at < INK_BYTES; at += bytes)
		memcpy(ink + at, cell, bytes);
}

void canvas_prepare(struct canvas *canvas, struct frame *frame)
{
	canvas->frame = frame;
	for (unsigned i = 0; i < frame->format->planes; i++) {
		const struct plane_format *plane = &frame->format->plane[i];
		bool full = frame->colour.full_range;

		fill_ink(canvas->black[i], full ? plane->black_full : plane->black,
			 plane->cell_bytes);
		fill_ink(canvas->white[i], full ? plane->white_full : plane->white,
			 plane->cell_bytes);
	}
}

/* Cells from the one that holds pixel `from` to the one that holds pixel `to` - 1. */
static void draw_pixels(const struct plane_format *plane, unsigned row,
			unsigned from, unsigned to, draw_run *draw, void *ctx)
{
	draw(ctx, row, from / plane->cell_w, (to - 1) / plane->cell_w + 1);
}

void area_runs(const struct area *area, const struct plane_format *plane,
	       draw_run *draw, void *ctx)
{
	unsigned top = area->box.y, bottom = top + area->box.h;
	unsigned left = area->box.x, right = left + area->box.w;

	if (!area->shape) {
		for (unsigned y = top / plane->cell_h; y * plane->cell_h < bottom; y++)
			draw_pixels(plane, y, left, right, draw, ctx);
		return;
	}
	for (unsigned y = top; y < bottom; y++) {
		const struct span *span = area->shape->span + area->shape->row[y];
		const struct span *end = area->shape->span + area->shape->row[y + 1];

		for (; span < end; span++)
			draw_pixels(plane, y / plane->cell_h, span->from, span->to,
				    draw, ctx);
	}
}

struct ink {
	uint8_t *plane;
	size_t stride;
	unsigned cell_bytes;
	const uint8_t *cells;
};

static void ink_run(void *ctx, unsigned row, unsigned from, unsigned to)
{
	const struct ink *ink = ctx;
	uint8_t *at = ink->plane + row * ink->stride + (size_t)from * ink->cell_bytes;
	size_t left = (size_t)(to - from) * ink->cell_bytes;

	for (; left >= INK_BYTES; left -= INK_BYTES, at += INK_BYTES)
		memcpy(at, ink->cells, INK_BYTES);
	memcpy(at, ink->cells, left);
}

static void paint_plane(struct canvas *canvas, unsigned plane, const struct area *area,
			const uint8_t *cells)
{
	const struct plane_format *format = &canvas->frame->format->plane[plane];
	struct ink ink = {
		.plane = canvas->frame->plane[plane],
		.stride = canvas->frame->stride[plane],
		.cell_bytes = format->cell_bytes,
		.cells = cells,
	};

	area_runs(area, format, ink_run, &ink);
}

void fill_plane(struct canvas *canvas, unsigned plane, const struct area *area)
{
	paint_plane(canvas, plane, area, canvas->black[plane]);
}

void fill_area(struct canvas *canvas, const struct area *area)
{
	for (unsigned i = 0; i < canvas->frame->format->planes; i++)
		fill_plane(canvas, i, area);
}

void fill_area_white(struct canvas *canvas, const struct area *area)
{
	for (unsigned i = 0; i < canvas->frame->format->planes; i++)
		paint_plane(canvas, i, area, canvas->white[i]);
}

/* Pixels beyond the picture's edge: only packed formats of odd width have some. */
static void fill_hidden_channel(struct canvas *canvas, unsigned plane,
				struct channel channel)
{
	const struct frame *frame = canvas->frame;
	const struct plane_format *format = &frame->format->plane[plane];
	unsigned samples = format->cell_bytes / channel.step;
	unsigned shown = (frame->width - 1) % format->cell_w + 1;
	size_t last = plane_row_bytes(format, frame->width) - format->cell_bytes;

	if (samples < format->cell_w)
		return;		/* one sample for all pixels of the cell: not hidden */
	for (unsigned y = 0; y < plane_rows(format, frame->height); y++) {
		uint8_t *cell = frame->plane[plane] + y * frame->stride[plane] + last;

		for (unsigned x = shown; x < samples; x++) {
			unsigned at = channel.at + x * channel.step;

			cell[at] = canvas->black[plane][at];
		}
	}
}

void fill_hidden(struct canvas *canvas)
{
	const struct format *format = canvas->frame->format;

	for (unsigned i = 0; i < format->planes; i++) {
		const struct plane_format *plane = &format->plane[i];

		if (canvas->frame->width % plane->cell_w == 0)
			continue;
		for (unsigned c = 0; c < plane->channels; c++)
			fill_hidden_channel(canvas, i, plane->channel[c]);
	}
}
