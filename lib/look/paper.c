// SPDX-License-Identifier: LGPL-2.1-or-later
#include "look/paper.h"

#include <stdlib.h>
#include <string.h>

#include "look/font.h"

#define ADVANCE		(FONT_W + 1)	/* dots from letter to letter */
#define MARGIN		1u		/* dots of ground around words */

static const struct ink black = { 0, 0, 0 };

int paper_new(struct paper *paper, unsigned width, unsigned height, struct scrim_error *err)
{
	*paper = (struct paper){ 0 };
	if (!width || !height || (uint64_t)width * height > SCRIM_PIXELS_MAX)
		return fail(err, -EFBIG, "a picture of %ux%u pixels", width, height);
	paper->rgb = calloc((size_t)width * height, 3);
	if (!paper->rgb)
		return fail(err, -ENOMEM, "no memory for a picture");
	paper->width = width;
	paper->height = height;
	return 0;
}

void paper_free(struct paper *paper)
{
	free(paper->rgb);
	*paper = (struct paper){ 0 };
}

static void box(struct paper *paper, struct rect r, struct ink ink)
{
	r = rect_clip(r, paper->width, paper->height);
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			memcpy(paper->rgb + ((size_t)y * paper->width + x) * 3, &ink, 3);
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

/* As many steps as the longer side has pixels, each rounded to the nearest. */
void paper_line(struct paper *paper, int x0, int y0, int x1, int y1, unsigned thick,
		struct ink ink)
{
	int dx = x1 - x0, dy = y1 - y0, steps = larger(abs(dx), abs(dy));

	for (int i = 0; i <= steps; i++) {
		int64_t half = steps / 2;
		int x = x0 + (steps ? ((int64_t)dx * i + (dx < 0 ? -half : half)) / steps : 0);
		int y = y0 + (steps ? ((int64_t)dy * i + (dy < 0 ? -half : half)) / steps : 0);

		box(paper, (struct rect){ x, y, thick, thick }, ink);
	}
}

void paper_outline(struct paper *paper, const struct polygon *polygon, unsigned thick,
		   struct ink ink)
{
	float w = paper->width - 1, h = paper->height - 1;

	for (unsigned i = 0; i < polygon->points; i++) {
		unsigned next = (i + 1) % polygon->points;

		paper_line(paper, polygon->at[i].x * w, polygon->at[i].y * h,
			   polygon->at[next].x * w, polygon->at[next].y * h, thick, ink);
	}
}

static void letter(struct paper *paper, int x, int y, char which, unsigned zoom, struct ink ink)
{
	const uint8_t *rows = font_rows(which);

	for (unsigned row = 0; row < FONT_H; row++)
		for (unsigned dot = 0; dot < FONT_W; dot++)
			if (rows[row] >> (FONT_W - 1 - dot) & 1)
				box(paper, (struct rect){ x + dot * zoom, y + row * zoom, zoom, zoom },
				    ink);
}

void paper_words(struct paper *paper, int x, int y, const char *text, unsigned zoom,
		 struct ink ink)
{
	box(paper, (struct rect){ x, y, words_width(text, zoom), words_height(zoom) }, black);
	for (unsigned i = 0; text[i]; i++)
		letter(paper, x + (MARGIN + i * ADVANCE) * zoom, y + MARGIN * zoom, text[i], zoom,
		       ink);
}

unsigned words_width(const char *text, unsigned zoom)
{
	return (strlen(text) * ADVANCE + 2 * MARGIN - 1) * zoom;
}

unsigned words_height(unsigned zoom)
{
	return (FONT_H + 2 * MARGIN) * zoom;
}
