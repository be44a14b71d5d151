// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What mosaic and blur share: of each channel under a region at most 32 x 32
 * means are kept, and the region is drawn anew from them.
 */
#include "redact/method.h"

/* Samples from <= n < to of `length` that lie in part i of `parts`. */
static unsigned part_start(unsigned i, unsigned parts, unsigned length)
{
	return (uint64_t)length * i / parts;
}

static uint64_t sum_samples(const uint8_t *at, unsigned step, unsigned count)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += at[(size_t)i * step];
	return sum;
}

/* Means of one row of the grid; the patch has at least as many samples. */
static void grid_row(uint16_t *mean, unsigned columns, const struct patch *patch,
		     unsigned top, unsigned bottom)
{
	uint64_t sum[GRID_MAX] = { 0 };

	for (unsigned y = top; y < bottom; y++) {
		const uint8_t *at = patch->at + y * patch->stride;

		for (unsigned x = 0; x < columns; x++) {
			unsigned from = part_start(x, columns, patch->w);
			unsigned to = part_start(x + 1, columns, patch->w);

			sum[x] += sum_samples(at + (size_t)from * patch->step,
					      patch->step, to - from);
		}
	}
	for (unsigned x = 0; x < columns; x++) {
		uint64_t count = (uint64_t)(bottom - top) *
				 (part_start(x + 1, columns, patch->w) -
				  part_start(x, columns, patch->w));

		mean[x] = (sum[x] << GRID_SHIFT) / count;
	}
}

static void grid_take(struct grid *grid, const struct soft *soft,
		      const struct patch *patch)
{
	grid->w = soft->columns < patch->w ? soft->columns : patch->w;
	grid->h = soft->rows < patch->h ? soft->rows : patch->h;
	for (unsigned y = 0; y < grid->h; y++)
		grid_row(grid->at[y], grid->w, patch,
			 part_start(y, grid->h, patch->h),
			 part_start(y + 1, grid->h, patch->h));
}

static struct patch patch_of(const struct canvas *canvas, unsigned plane,
			     unsigned channel, const struct area *area)
{
	const struct plane_format *format = &canvas->frame->format->plane[plane];
	struct channel samples = format->channel[channel];
	unsigned left = area->box.x / format->cell_w;
	unsigned right = (area->box.x + area->box.w - 1) / format->cell_w + 1;
	unsigned top = area->box.y / format->cell_h;
	unsigned bottom = (area->box.y + area->box.h - 1) / format->cell_h + 1;
	size_t stride = canvas->frame->stride[plane];

	return (struct patch) {
		.at = canvas->frame->plane[plane] + top * stride +
		      (size_t)left * format->cell_bytes + samples.at,
		.stride = stride,
		.step = samples.step,
		.w = (right - left) * (format->cell_bytes / samples.step),
		.h = bottom - top,
		.number = plane * CELL_BYTES_MAX + channel,
	};
}

struct brush {
	const struct soft *soft;
	const struct patch *patch;
	const struct grid *grid;
	unsigned left, top;		/* cells: where the patch starts */
	unsigned samples;		/* in a cell */
};

static void brush_run(void *ctx, unsigned row, unsigned from, unsigned to)
{
	const struct brush *brush = ctx;

	brush->soft->draw(brush->grid, brush->patch, row - brush->top,
			  (from - brush->left) * brush->samples,
			  (to - brush->left) * brush->samples);
}

static void soft_plane(struct canvas *canvas, unsigned plane,
		       const struct soft *soft)
{
	const struct plane_format *format = &canvas->frame->format->plane[plane];
	struct patch patch[CELL_BYTES_MAX];
	struct grid grid[CELL_BYTES_MAX];

	for (unsigned c = 0; c < format->channels; c++) {
		patch[c] = patch_of(canvas, plane, c, soft->area);
		grid_take(&grid[c], soft, &patch[c]);
		soft->change(soft, &grid[c], &patch[c]);
	}
	fill_plane(canvas, plane, soft->area);
	for (unsigned c = 0; c < format->channels; c++) {
		struct brush brush = {
			.soft = soft,
			.patch = &patch[c],
			.grid = &grid[c],
			.left = soft->area->box.x / format->cell_w,
			.top = soft->area->box.y / format->cell_h,
			.samples = format->cell_bytes / patch[c].step,
		};

		area_runs(soft->area, format, brush_run, &brush);
	}
}

void soft_area(struct canvas *canvas, const struct soft *soft)
{
	for (unsigned i = 0; i < canvas->frame->format->planes; i++)
		soft_plane(canvas, i, soft);
}
