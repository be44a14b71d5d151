/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One picture into another of any format and size, through libswscale, in the
 * calling thread.  The scaler is made when needed and used again.
 */
#ifndef FRAME_CONVERT_H
#define FRAME_CONVERT_H

#include <libavutil/frame.h>

#include "frame/frame.h"

/* A picture in somebody's memory, in libav's words. */
struct image {
	enum AVPixelFormat format;
	int width, height;
	uint8_t *plane[4];
	int stride[4];
	struct colour colour;
};

struct converter;

struct image image_of_frame(const struct frame *frame);
struct image image_of_picture(const AVFrame *picture, struct colour colour);
/* AV_PIX_FMT_NONE: not one of ours. */
enum AVPixelFormat image_format(uint32_t fourcc);
bool image_is_rgb(enum AVPixelFormat format);

/* *converter starts NULL; the first call makes it. */
int convert(struct converter **converter, const struct image *to,
	    const struct image *from, struct scrim_error *err);
void converter_free(struct converter **converter);

#endif
