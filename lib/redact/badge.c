// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The badge that tells who is in the picture that it may be kept: black on white with a black
 * border, opaque, in the top left corner.
 */
#include "redact/method.h"

static const char *const badge[] = {
	"#####################",
	"#...................#",
	"#.####..#####..###..#",
	"#.#...#.#.....#...#.#",
	"#.#...#.#.....#.....#",
	"#.####..####..#.....#",
	"#.#.#...#.....#.....#",
	"#.#..#..#.....#...#.#",
	"#.#...#.#####..###..#",
	"#...................#",
	"#####################",
};

#define ROWS		((int)(sizeof(badge) / sizeof(badge[0])))
#define COLUMNS		21
#define UNITS		90		/* in the shorter side of the picture */

/* Pixels of a point of it: even, since no cell is wider, and then none is shared with the rest. */
static int unit_of(const struct frame *frame)
{
	unsigned side = frame->width < frame->height ? frame->width : frame->height;

	return side < 2 * UNITS ? 2 : side / (2 * UNITS) * 2;
}

/* In points, from the badge's corner, which is one point from that of the picture. */
static void draw(struct canvas *canvas, struct rect points, void (*fill)(struct canvas *,
		 const struct area *))
{
	int unit = unit_of(canvas->frame);
	const struct rect box = { (points.x + 1) * unit, (points.y + 1) * unit, points.w * unit,
				  points.h * unit };
	const struct area area = { .box = rect_clip(box, canvas->frame->width,
						    canvas->frame->height) };

	if (!rect_empty(area.box))
		fill(canvas, &area);
}

void badge_draw(struct canvas *canvas)
{
	draw(canvas, (struct rect){ 0, 0, COLUMNS, ROWS }, fill_area_white);
	for (int y = 0; y < ROWS; y++)
		for (int x = 0, from = 0; x <= COLUMNS; x++) {
			if (badge[y][x] == '#')
				continue;
			if (from < x)
				draw(canvas, (struct rect){ from, y, x - from, 1 }, fill_area);
			from = x + 1;
		}
}
