// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Blur: like a Gaussian whose sigma is a quarter of the region's longer side or
 * more.  Nothing finer than 1/32 of the region could survive that, so the means
 * of 32 x 32 parts are blurred, by three box passes each way, and drawn again
 * with straight lines between them.  It looks nice and can be undone.
 */
#include "redact/method.h"

/*
 * Each mean becomes that of its neighbours up to `radius` (at most count) away.
 * Beyond an end the means come back mirrored: nothing is taken from outside, and
 * the middle is blurred no more than the ends.
 */
static void box_pass(uint16_t *at, unsigned count, unsigned step, unsigned radius)
{
	uint16_t row[3 * GRID_MAX];
	unsigned size = 2 * radius + 1;
	uint64_t inverse = (1ull << 32) / size + 1;
	uint32_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		row[radius + i] = at[i * step];
	for (unsigned i = 0; i < radius; i++) {
		row[radius - 1 - i] = row[radius + i];
		row[radius + count + i] = row[radius + count - 1 - i];
	}
	for (unsigned i = 0; i < size - 1; i++)
		sum += row[i];
	for (unsigned i = 0; i < count; i++) {
		sum += row[i + size - 1];
		at[i * step] = (sum + radius) * inverse >> 32;
		sum -= row[i];
	}
}

/*
 * Three boxes of 2r + 1 have a variance of ((2r + 1)^2 - 1) / 4 > r^2, so that a
 * radius of sigma is enough.  count grid cells cover length pixels.
 */
static unsigned radius_for(int64_t side, unsigned count, unsigned length)
{
	int64_t radius = (side * count + 4 * (int64_t)length - 1) / (4 * (int64_t)length);

	return radius < count ? radius : count;
}

static void blur_change(const struct soft *soft, struct grid *grid)
{
	const struct area *area = soft->area;
	unsigned across = radius_for(area->side, grid->w, area->box.w);
	unsigned down = radius_for(area->side, grid->h, area->box.h);

	for (unsigned pass = 0; pass < 3; pass++) {
		for (unsigned y = 0; y < grid->h; y++)
			box_pass(grid->at[y], grid->w, 1, across);
		for (unsigned x = 0; x < grid->w; x++)
			box_pass(&grid->at[0][x], grid->h, GRID_MAX, down);
	}
}

void blur_area(struct canvas *canvas, const struct area *area,
	       struct scratch *scratch)
{
	const struct soft soft = {
		.area = area,
		.columns = GRID_MAX,
		.rows = GRID_MAX,
		.smooth = true,
		.change = blur_change,
	};

	soft_area(canvas, &soft, scratch);
}
