/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pixels into a PNG file: signature, size, pixels and nothing else.
 */
#ifndef SINK_PNG_H
#define SINK_PNG_H

#include "frame/frame.h"

/* fourcc is RGB24, GREY or ABGR32. */
struct png_picture {
	uint32_t fourcc;
	unsigned width, height;
	const uint8_t *pixels;
	size_t stride;			/* bytes per row */
};

int png_save(const struct png_picture *picture, int fd, struct scrim_error *err);

#endif
