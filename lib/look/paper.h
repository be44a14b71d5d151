/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pixels to draw on, and what a person needs to point at a place in them: lines,
 * outlines, words.  Whatever is drawn outside of the paper is not there.
 */
#ifndef LOOK_PAPER_H
#define LOOK_PAPER_H

#include "frame/region.h"

/* Red, green and blue, three bytes a pixel, rows without padding. */
struct paper {
	unsigned width, height;
	uint8_t *rgb;			/* owned */
};

struct ink {
	uint8_t r, g, b;
};

/* Black.  -EFBIG: more than SCRIM_PIXELS_MAX. */
int paper_new(struct paper *paper, unsigned width, unsigned height, struct scrim_error *err);
void paper_free(struct paper *paper);

/* thick pixels to the right and down of x,y; the ends are part of the line. */
void paper_line(struct paper *paper, int x0, int y0, int x1, int y1, unsigned thick,
		struct ink ink);
/* Its edges, the last point joined with the first; 1,1 is the last pixel. */
void paper_outline(struct paper *paper, const struct polygon *polygon, unsigned thick,
		   struct ink ink);

/*
 * Letters of five by seven dots, each zoom pixels wide, on a ground of black that makes
 * them readable on any picture; x,y is the upper left corner of the ground.  Bytes
 * that are not printable ASCII come out as '?'.
 */
void paper_words(struct paper *paper, int x, int y, const char *text, unsigned zoom,
		 struct ink ink);
/* What paper_words() takes up, in pixels. */
unsigned words_width(const char *text, unsigned zoom);
unsigned words_height(unsigned zoom);

#endif
