/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pictures turned upright, by quarter turns and mirrors.
 */
#ifndef SOURCE_TURN_H
#define SOURCE_TURN_H

#include "frame/frame.h"

/* First rows become columns, then left and right, top and bottom change places. */
struct turn {
	bool swap, mirror_x, mirror_y;
};

/* EXIF's orientation, 1 to 8; anything else is upright. */
struct turn turn_of_exif(unsigned orientation);
/* A display matrix of ISO/IEC 14496-12; angles between are rounded. */
struct turn turn_of_matrix(const int32_t matrix[9]);

/* The planes of a picture into a frame of the size that the turn gives. */
void turn_planes(struct frame *to, uint8_t *const plane[], const int stride[],
		 struct turn turn);

#endif
