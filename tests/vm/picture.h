/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pictures that say what they are: every word of one follows from its epoch (which
 * feeder made it) and its number, so a byte of another picture in it shows.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stddef.h>
#include <stdint.h>
#include <linux/videodev2.h>

enum picture_kind {
	PICTURE_WHOLE,		/* one of ours, every byte of it */
	PICTURE_BLACK,
	PICTURE_WHITE,		/* every byte is 0xff */
	PICTURE_ZERO,		/* never written to */
	PICTURE_OTHER,		/* torn, or somebody else's */
};

struct picture {
	enum picture_kind kind;
	uint32_t epoch, number;	/* of the first word if that is one of ours, whatever follows */
};

void picture_make(uint8_t *data, size_t size, uint32_t epoch, uint32_t number);
struct picture picture_judge(const uint8_t *data, size_t size, const struct v4l2_pix_format *pix);
const char *picture_word(enum picture_kind kind);

/* The byte at this place is what black has there. */
int picture_byte_black(const struct v4l2_pix_format *pix, size_t at, uint8_t value);

#endif
