// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mosaic: at most 6 cells along the longer side of a region, with noise, in 16
 * levels.  It looks nice and can be undone by who has likely faces to compare
 * with; fill cannot.
 */
#include "redact/method.h"

#define CELLS		6
#define LEVEL		16

static uint64_t rotate(uint64_t n, unsigned by)
{
	return n << by | n >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-2-4 (Aumasson and Bernstein, 2012) of one eight-byte message. */
static uint64_t noise_at(const struct noise *noise, uint64_t place)
{
	uint64_t v[4] = {
		noise->key[0] ^ 0x736f6d6570736575u,
		noise->key[1] ^ 0x646f72616e646f6du,
		noise->key[0] ^ 0x6c7967656e657261u,
		noise->key[1] ^ 0x7465646279746573u,
	};
	const uint64_t message[2] = { place, (uint64_t)8 << 56 };

	for (unsigned i = 0; i < 2; i++) {
		v[3] ^= message[i];
		sip_round(v);
		sip_round(v);
		v[0] ^= message[i];
	}
	v[2] ^= 0xff;
	for (unsigned i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static unsigned quantise(int value)
{
	if (value < 0)
		value = 0;
	if (value > 255)
		value = 255;
	return value / LEVEL * LEVEL;
}

/*
 * The noise of a cell stays the same from frame to frame.  Fresh noise would be
 * averaged away over a second of video, and the 16 levels with it.
 */
static void mosaic_change(const struct soft *soft, struct grid *grid)
{
	for (unsigned y = 0; y < grid->h; y++)
		for (unsigned x = 0; x < grid->w; x++) {
			uint64_t place = (uint64_t)soft->area->track << 32 |
					 grid->number << 16 | y << 8 | x;
			int noise = noise_at(soft->noise, place) % LEVEL;
			int mean = grid->at[y][x] >> GRID_SHIFT;

			/* On average rounds to the nearest level. */
			grid->at[y][x] = quantise(mean + noise) << GRID_SHIFT;
		}
}

static unsigned cells_along(unsigned length, int64_t side)
{
	int64_t cell = (side + CELLS - 1) / CELLS;

	return (length + cell - 1) / cell;
}

void mosaic_area(struct canvas *canvas, const struct area *area,
		 struct scratch *scratch, const struct noise *noise)
{
	const struct soft soft = {
		.area = area,
		.columns = cells_along(area->box.w, area->side),
		.rows = cells_along(area->box.h, area->side),
		.change = mosaic_change,
		.noise = noise,
	};

	soft_area(canvas, &soft, scratch);
}
