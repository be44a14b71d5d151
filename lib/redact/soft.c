// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What mosaic and blur share: of each channel under a region at most 32 x 32
 * means are kept, and the region is drawn from nothing else.
 *
 * All channels of a row are added up and drawn together, byte by byte, whatever
 * they are.  The loops over 16 bytes are plain C that compilers turn into vectors.
 */
#include <string.h>

#include "redact/method.h"

#define VECTOR		16

/* Lines hold quarters of a level, and 64 steps lie between two of them. */
#define LINE_SHIFT	2
#define STEPS		64
#define STEPS_SHIFT	6

/* The cells under an area's box. */
struct patch {
	const struct plane_format *plane;
	uint8_t *at;
	size_t stride, bytes;		/* bytes: of a row */
	unsigned left, top, cells, rows;
};

static struct patch patch_of(const struct canvas *canvas, unsigned plane,
			     const struct area *area)
{
	const struct plane_format *format = &canvas->frame->format->plane[plane];
	unsigned left = area->box.x / format->cell_w;
	unsigned right = (area->box.x + area->box.w - 1) / format->cell_w + 1;
	unsigned top = area->box.y / format->cell_h;
	unsigned bottom = (area->box.y + area->box.h - 1) / format->cell_h + 1;
	size_t stride = canvas->frame->stride[plane];

	return (struct patch) {
		.plane = format,
		.at = canvas->frame->plane[plane] + top * stride +
		      (size_t)left * format->cell_bytes,
		.stride = stride,
		.bytes = (size_t)(right - left) * format->cell_bytes,
		.left = left,
		.top = top,
		.cells = right - left,
		.rows = bottom - top,
	};
}

static unsigned samples_of(const struct patch *patch, struct channel channel)
{
	return patch->cells * (patch->plane->cell_bytes / channel.step);
}

/* Where part i of `parts` begins among `length`. */
static unsigned part_start(unsigned i, unsigned parts, unsigned length)
{
	return (uint64_t)length * i / parts;
}

static void row_add(uint32_t *restrict sum, const uint8_t *restrict row, size_t bytes)
{
	size_t i = 0;

	for (; i + VECTOR <= bytes; i += VECTOR)
		for (unsigned k = 0; k < VECTOR; k++)
			sum[i + k] += row[i + k];
	for (; i < bytes; i++)
		sum[i] += row[i];
}

/* Row y of the grid from the sums of `rows` rows. */
static void grid_row(struct grid *grid, unsigned y, const uint32_t *sum,
		     struct channel channel, unsigned samples, unsigned rows)
{
	unsigned s = 0;

	for (unsigned x = 0; x < grid->w; x++) {
		unsigned first = s, end = part_start(x + 1, grid->w, samples);
		uint64_t all = 0;

		for (; s < end; s++)
			all += sum[channel.at + (size_t)s * channel.step];
		grid->at[y][x] = (all << GRID_SHIFT) / ((uint64_t)(end - first) * rows);
	}
}

static void grids_take(struct grid grid[], const struct soft *soft,
		       const struct patch *patch, uint32_t *sum)
{
	unsigned height = soft->rows < patch->rows ? soft->rows : patch->rows;

	for (unsigned c = 0; c < patch->plane->channels; c++) {
		unsigned samples = samples_of(patch, patch->plane->channel[c]);

		grid[c].w = soft->columns < samples ? soft->columns : samples;
		grid[c].h = height;
	}
	for (unsigned y = 0; y < height; y++) {
		unsigned top = part_start(y, height, patch->rows);
		unsigned bottom = part_start(y + 1, height, patch->rows);

		memset(sum, 0, patch->bytes * sizeof(*sum));
		for (unsigned row = top; row < bottom; row++)
			row_add(sum, patch->at + row * patch->stride, patch->bytes);
		for (unsigned c = 0; c < patch->plane->channels; c++)
			grid_row(&grid[c], y, sum, patch->plane->channel[c],
				 samples_of(patch, patch->plane->channel[c]), bottom - top);
	}
}

static uint16_t to_line(unsigned mean)
{
	return mean >> (GRID_SHIFT - LINE_SHIFT);
}

/* Each mean for all samples that it was taken from. */
static void expand_flat(uint16_t *line, const uint16_t *mean, unsigned count,
			unsigned step, unsigned samples)
{
	unsigned s = 0;

	for (unsigned x = 0; x < count; x++)
		for (unsigned end = part_start(x + 1, count, samples); s < end; s++)
			line[(size_t)s * step] = to_line(mean[x]);
}

/* Each mean in the middle of its samples, straight lines between the middles. */
static void expand_smooth(uint16_t *line, const uint16_t *mean, unsigned count,
			  unsigned step, unsigned samples)
{
	/* In 1/2^32 of the way from one mean to the next. */
	const int64_t whole = (int64_t)1 << 32;
	int64_t each = whole * count / samples;
	int64_t at = (each - whole) / 2;

	for (unsigned s = 0; s < samples; s++, at += each) {
		unsigned x = at < 0 ? 0 : at >> 32;
		unsigned next = x + 1 < count ? x + 1 : x;
		unsigned part = at < 0 ? 0 : at >> 24 & 255;

		line[(size_t)s * step] =
			to_line((mean[x] * (256 - part) + mean[next] * part) >> 8);
	}
}

/* Draws the rows of one plane, from top to bottom. */
struct brush {
	const struct soft *soft;
	const struct patch *patch;
	const struct grid *grid;	/* one for each channel */
	uint16_t *line[2];		/* rows of the grid, drawn out ... */
	unsigned line_row[2];		/* ... and which they are */
	unsigned row;			/* of the patch, prepared for */
	unsigned share;			/* of the second line, of STEPS */
};

#define NO_ROW	(~0u)

static void brush_line(struct brush *brush, unsigned which, unsigned grid_y)
{
	void (*expand)(uint16_t *line, const uint16_t *mean, unsigned count,
		       unsigned step, unsigned samples) =
		brush->soft->smooth ? expand_smooth : expand_flat;
	const struct patch *patch = brush->patch;

	if (brush->line_row[which] == grid_y)
		return;
	brush->line_row[which] = grid_y;
	for (unsigned c = 0; c < patch->plane->channels; c++) {
		struct channel channel = patch->plane->channel[c];
		const struct grid *grid = &brush->grid[c];

		expand(brush->line[which] + channel.at, grid->at[grid_y], grid->w,
		       channel.step, samples_of(patch, channel));
	}
}

/* Finds the rows of the grid between which a row of the patch lies. */
static void brush_prepare(struct brush *brush, unsigned row)
{
	unsigned height = brush->grid[0].h, rows = brush->patch->rows;
	uint64_t at = (2 * (uint64_t)row + 1) * height * (STEPS / 2) / rows;
	unsigned y, next;

	brush->row = row;
	brush->share = 0;
	if (!brush->soft->smooth) {
		brush_line(brush, 0, ((uint64_t)(row + 1) * height - 1) / rows);
		return;
	}
	at = at < STEPS / 2 ? 0 : at - STEPS / 2;
	y = at / STEPS;
	next = y + 1 < height ? y + 1 : y;
	brush->share = at % STEPS;
	if (brush->line_row[1] == y) {
		uint16_t *line = brush->line[0];

		brush->line[0] = brush->line[1];
		brush->line[1] = line;
		brush->line_row[1] = brush->line_row[0];
		brush->line_row[0] = y;
	}
	brush_line(brush, 0, y);
	brush_line(brush, 1, next);
}

/* Products stay below 2^16: 255 in quarters, times STEPS. */
static void mix(uint8_t *restrict out, const uint16_t *restrict a,
		const uint16_t *restrict b, uint16_t share, size_t bytes)
{
	uint16_t rest = STEPS - share, half = 1 << (STEPS_SHIFT + LINE_SHIFT - 1);
	size_t i = 0;

	for (; i + VECTOR <= bytes; i += VECTOR)
		for (unsigned k = 0; k < VECTOR; k++)
			out[i + k] = (uint16_t)(a[i + k] * rest + b[i + k] * share + half) >>
				     (STEPS_SHIFT + LINE_SHIFT);
	for (; i < bytes; i++)
		out[i] = (uint16_t)(a[i] * rest + b[i] * share + half) >>
			 (STEPS_SHIFT + LINE_SHIFT);
}

static void brush_run(void *ctx, unsigned row, unsigned from, unsigned to)
{
	struct brush *brush = ctx;
	const struct patch *patch = brush->patch;
	size_t cell = patch->plane->cell_bytes;
	size_t first = (from - patch->left) * cell;

	row -= patch->top;
	if (brush->row != row)
		brush_prepare(brush, row);
	mix(patch->at + row * patch->stride + first, brush->line[0] + first,
	    brush->line[1] + first, brush->share, (to - from) * cell);
}

static void soft_plane(struct canvas *canvas, unsigned plane,
		       const struct soft *soft, struct scratch *scratch)
{
	struct patch patch = patch_of(canvas, plane, soft->area);
	struct grid grid[CELL_BYTES_MAX];
	struct brush brush = {
		.soft = soft,
		.patch = &patch,
		.grid = grid,
		.line = { scratch->line[0], scratch->line[1] },
		.line_row = { NO_ROW, NO_ROW },
		.row = NO_ROW,
	};

	grids_take(grid, soft, &patch, scratch->sum);
	for (unsigned c = 0; c < patch.plane->channels; c++) {
		grid[c].number = plane * CELL_BYTES_MAX + c;
		soft->change(soft, &grid[c]);
	}
	/* Bytes that belong to no channel, such as alpha, are black's. */
	for (size_t i = 0; i < patch.bytes; i++)
		brush.line[0][i] = brush.line[1][i] =
			canvas->black[plane][i % INK_BYTES] << LINE_SHIFT;
	area_runs(soft->area, patch.plane, brush_run, &brush);
}

void soft_area(struct canvas *canvas, const struct soft *soft,
	       struct scratch *scratch)
{
	for (unsigned i = 0; i < canvas->frame->format->planes; i++)
		soft_plane(canvas, i, soft, scratch);
}
