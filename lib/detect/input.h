/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A frame of any of our formats as a network sees it: small, three floats a
 * pixel.  The picture keeps its shape; what a network needs to round its size up
 * is left at the right and below, and is never written.
 */
#ifndef DETECT_INPUT_H
#define DETECT_INPUT_H

#include "frame/frame.h"

struct input_scale {
	bool bgr;			/* blue first, or red */
	float subtract, divide;		/* of samples from 0 to 255 */
};

struct input {
	uint32_t fourcc;		/* 0: nothing is allocated yet */
	unsigned width, height;		/* pixels of the frame */
	unsigned small_width, small_height;
	unsigned band;			/* rows of the frame that full holds */
	uint8_t *full[3];		/* Y, U, V of these; NULL: it has planes itself */
	uint8_t *halved[3];		/* on the way down; NULL: it is not that far */
	uint8_t *small[3];		/* Y, U, V of the small picture */
	uint8_t *pairs;			/* U and V of it, interleaved */
	uint8_t *rgb;			/* the small picture, 3 bytes a pixel */
};

/* Ready for frames like that one; allocates only when something changed. */
int input_shape(struct input *input, const struct frame *frame,
		unsigned small_width, unsigned small_height, struct scrim_error *err);
/* Fills the upper left of to, whose rows have width pixels. */
int input_fill(struct input *input, const struct frame *frame,
	       const struct input_scale *scale, float *to, unsigned width,
	       struct scrim_error *err);
void input_clear(struct input *input);

#endif
