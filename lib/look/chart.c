// SPDX-License-Identifier: LGPL-2.1-or-later
#include "look/chart.h"

#include <stdio.h>
#include <string.h>

static const struct ink line = { 0x80, 0x80, 0x80 }, label = { 0xff, 0xff, 0xff };

/* Regions side by side are to be told apart; a locked one is red and nothing else is. */
static const struct ink inks[] = {
	{ 0xff, 0xff, 0x00 }, { 0x00, 0xff, 0xff }, { 0x00, 0xff, 0x00 }, { 0xff, 0x80, 0x00 },
	{ 0xff, 0x00, 0xff }, { 0x60, 0xa0, 0xff },
};
static const struct ink locked_ink = { 0xff, 0x00, 0x00 };

/* Dots of letters in pixels: readable on a small picture, and when a large one is scaled. */
static unsigned zoom_of(const struct paper *paper)
{
	unsigned smaller = paper->width < paper->height ? paper->width : paper->height;

	return smaller / 480 + 1;
}

/* "0.1" for tenths, "0.05" where it takes two digits. */
static void fraction(char text[8], unsigned i, unsigned grid)
{
	bool tenths = i * 10 % grid == 0;

	snprintf(text, 8, "%.*f", tenths ? 1 : 2, (double)i / grid);
}

/* How many lines are left out from label to label, so that none runs into the next. */
static unsigned apart(unsigned side, unsigned grid, unsigned room)
{
	unsigned step = 1;

	while (step < grid && (uint64_t)side * step / grid < room)
		step++;
	return step;
}

static unsigned at_line(unsigned side, unsigned i, unsigned grid)
{
	return (uint64_t)(side - 1) * i / grid;
}

static void draw_grid(struct paper *paper, unsigned grid, unsigned zoom)
{
	unsigned w = paper->width, h = paper->height;

	for (unsigned i = 0; i <= grid; i++) {
		unsigned x = at_line(w, i, grid), y = at_line(h, i, grid);

		paper_line(paper, x, 0, x, h - 1, 1, line);
		paper_line(paper, 0, y, w - 1, y, 1, line);
	}
	for (unsigned i = 0; i < grid; i += apart(w, grid, words_width("0.00", zoom))) {
		char text[8];

		fraction(text, i, grid);
		paper_words(paper, at_line(w, i, grid) + 1, 1, text, zoom, label);
	}
	for (unsigned i = 1; i < grid; i += apart(h, grid, 2 * words_height(zoom))) {
		char text[8];

		fraction(text, i, grid);
		paper_words(paper, 1, at_line(h, i, grid) + 1, text, zoom, label);
	}
}

/* Inside of the region's box, and of the picture. */
static void put_name(struct paper *paper, const struct policy_region *region, unsigned zoom,
		     struct ink ink)
{
	const struct polygon *polygon = &region->polygon;
	float left = 1, top = 1;
	char text[POLICY_NAME_MAX + 32];
	int x, y, most;

	for (unsigned i = 0; i < polygon->points; i++) {
		left = polygon->at[i].x < left ? polygon->at[i].x : left;
		top = polygon->at[i].y < top ? polygon->at[i].y : top;
	}
	snprintf(text, sizeof(text), "%s: %s%s%s", region->name,
		 region->reveal ? "reveal" : method_name(region->method),
		 region->locked ? ", locked" : "",
		 region->between.from != region->between.to ? ", by the hour" : "");
	x = left * (paper->width - 1) + 3 * zoom;
	y = top * (paper->height - 1) + 3 * zoom;
	most = (int)paper->width - (int)words_width(text, zoom);
	x = x > most ? most : x;
	most = (int)paper->height - (int)words_height(zoom);
	y = y > most ? most : y;
	paper_words(paper, x < 0 ? 0 : x, y < 0 ? 0 : y, text, zoom, ink);
}

void chart_draw(struct paper *paper, const struct policy *policy, unsigned grid)
{
	unsigned zoom = zoom_of(paper);

	draw_grid(paper, grid, zoom);
	for (unsigned i = 0; policy && i < policy->regions; i++) {
		const struct policy_region *region = &policy->region[i];
		struct ink ink = region->locked ? locked_ink :
			inks[i % (sizeof(inks) / sizeof(inks[0]))];

		paper_outline(paper, &region->polygon, zoom + 1, ink);
		put_name(paper, region, zoom, ink);
	}
}
