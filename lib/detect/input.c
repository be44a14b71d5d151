// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * All ways lead through planar YUV with halved chroma: frames that have it are
 * scaled as they are, others are converted first.  Twelve bits a pixel are less
 * to scale than the RGB that the network wants, and faces lose nothing by it.
 */
#include "detect/input.h"

#include <limits.h>
#include <stdlib.h>

#include <libyuv.h>

/* What is planar: pointers and strides of Y, U and V, in libyuv's types. */
struct planes {
	const uint8_t *at[3];
	int stride[3];
};

static int half(unsigned size)
{
	return (size + 1) / 2;
}

static bool needs_full(uint32_t fourcc)
{
	switch (fourcc) {
	case V4L2_PIX_FMT_YUV420:
	case V4L2_PIX_FMT_YVU420:
	case V4L2_PIX_FMT_NV12:
	case V4L2_PIX_FMT_NV21:
		return false;
	}
	return true;
}

/* The second may hold U and V in pairs. */
static bool planes_alloc(uint8_t *plane[3], size_t width, size_t height)
{
	size_t chroma = (size_t)half(width) * half(height);

	plane[0] = malloc(width * height);
	plane[1] = malloc(2 * chroma);
	plane[2] = malloc(chroma);
	return plane[0] && plane[1] && plane[2];
}

/*
 * A band of rows is taken apart and halved while it is in the cache.  Where something
 * does not divide, its edges would be seen: then all rows are one band.
 */
#define BAND	32u

static unsigned band_of(const struct frame *frame, bool far)
{
	bool divides = frame->width % 4 == 0 && frame->height % 4 == 0;

	return far && divides && frame->height > BAND ? BAND : frame->height;
}

int input_shape(struct input *input, const struct frame *frame,
		unsigned small_width, unsigned small_height, struct scrim_error *err)
{
	size_t area = (size_t)small_width * small_height;
	bool far = frame->width / 2 >= small_width && frame->height / 2 >= small_height;
	unsigned band = band_of(frame, far);

	if (input->fourcc == frame->format->fourcc && input->width == frame->width &&
	    input->height == frame->height && input->small_width == small_width &&
	    input->small_height == small_height)
		return 0;
	input_clear(input);
	input->pairs = malloc(2 * (size_t)half(small_width) * half(small_height));
	input->rgb = malloc(3 * area);
	if (!input->pairs || !input->rgb ||
	    !planes_alloc(input->small, small_width, small_height) ||
	    (needs_full(frame->format->fourcc) &&
	     !planes_alloc(input->full, frame->width, band)) ||
	    (far && !planes_alloc(input->halved, frame->width / 2, frame->height / 2))) {
		input_clear(input);
		return fail(err, -ENOMEM, "no memory to scale a picture");
	}
	*input = (struct input){
		frame->format->fourcc, frame->width, frame->height, small_width, small_height,
		band, { input->full[0], input->full[1], input->full[2] },
		{ input->halved[0], input->halved[1], input->halved[2] },
		{ input->small[0], input->small[1], input->small[2] },
		input->pairs, input->rgb,
	};
	return 0;
}

void input_clear(struct input *input)
{
	for (unsigned i = 0; i < 3; i++) {
		free(input->full[i]);
		free(input->halved[i]);
		free(input->small[i]);
	}
	free(input->pairs);
	free(input->rgb);
	*input = (struct input){ 0 };
}

/* Rows of what has one plane, into input->full. */
static int unpack(struct input *input, const struct frame *frame, unsigned from, unsigned rows)
{
	typedef int convert(const uint8_t *from, int stride, uint8_t *y, int y_stride,
			    uint8_t *u, int u_stride, uint8_t *v, int v_stride,
			    int width, int height);
	static const struct {
		uint32_t fourcc;
		convert *convert;
	} table[] = {	/* libyuv names RGB by words, V4L2 by bytes */
		{ V4L2_PIX_FMT_YUYV, YUY2ToI420 },
		{ V4L2_PIX_FMT_UYVY, UYVYToI420 },
		{ V4L2_PIX_FMT_RGB24, RAWToI420 },
		{ V4L2_PIX_FMT_BGR24, RGB24ToI420 },
		{ V4L2_PIX_FMT_ABGR32, ARGBToI420 },
		{ V4L2_PIX_FMT_GREY, I400ToI420 },
	};
	int chroma = half(frame->width);

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].fourcc == frame->format->fourcc)
			return table[i].convert(frame->plane[0] + from * frame->stride[0],
						frame->stride[0], input->full[0], frame->width,
						input->full[1], chroma, input->full[2], chroma,
						frame->width, rows);
	return -1;
}

/* The frame's own planes, or those that it was unpacked to. */
static struct planes planes_of(const struct input *input, const struct frame *frame)
{
	bool swapped = frame->format->fourcc == V4L2_PIX_FMT_YVU420;
	struct planes planes;

	for (unsigned i = 0; i < 3; i++) {
		unsigned from = swapped && i ? 3 - i : i;

		if (input->full[0]) {
			planes.at[i] = input->full[i];
			planes.stride[i] = i ? half(frame->width) : (int)frame->width;
		} else {
			planes.at[i] = frame->plane[from];
			planes.stride[i] = frame->stride[from];
		}
	}
	return planes;
}

/* Rows of the frame, from this one on, into input->halved. */
static int halve(struct input *input, const struct planes *from, unsigned width,
		 unsigned first, unsigned rows)
{
	unsigned w = width / 2, h = rows / 2, chroma = half(w);

	return I420Scale(from->at[0], from->stride[0], from->at[1], from->stride[1],
			 from->at[2], from->stride[2], width, rows,
			 input->halved[0] + (size_t)first / 2 * w, w,
			 input->halved[1] + (size_t)first / 4 * chroma, chroma,
			 input->halved[2] + (size_t)first / 4 * chroma, chroma,
			 w, h, kFilterBox);
}

static int halve_bands(struct input *input, const struct frame *frame)
{
	struct planes planes = planes_of(input, frame);
	unsigned rows;

	for (unsigned y = 0; y < frame->height; y += rows) {
		rows = frame->height - y < input->band ? frame->height - y : input->band;
		if (unpack(input, frame, y, rows) || halve(input, &planes, frame->width, y, rows))
			return -1;
	}
	return 0;
}

/*
 * Far down in two steps: halving reads each pixel once and is what libyuv does
 * fastest, what is left is a quarter of the pixels.
 */
static int scale_planes(struct input *input, const struct frame *frame)
{
	struct planes from = planes_of(input, frame);
	int width = frame->width, height = frame->height;
	int to = input->small_width, chroma = half(to);

	if (input->full[0] && !input->halved[0] && unpack(input, frame, 0, height))
		return -1;
	if (input->halved[0]) {
		int w = width / 2, h = height / 2;
		const struct planes halved = {
			{ input->halved[0], input->halved[1], input->halved[2] },
			{ w, half(w), half(w) },
		};

		if (input->full[0] ? halve_bands(input, frame) :
				     halve(input, &from, width, 0, height))
			return -1;
		from = halved;
		width = w;
		height = h;
	}
	return I420Scale(from.at[0], from.stride[0], from.at[1], from.stride[1],
			 from.at[2], from.stride[2], width, height,
			 input->small[0], to, input->small[1], chroma,
			 input->small[2], chroma, to, input->small_height, kFilterBox);
}

/* The same with interleaved chroma, which is taken apart at the end. */
static int scale_pairs(struct input *input, const struct frame *frame)
{
	unsigned swapped = frame->format->fourcc == V4L2_PIX_FMT_NV21;
	struct planes from = {
		{ frame->plane[0], frame->plane[1] }, { frame->stride[0], frame->stride[1] },
	};
	int width = frame->width, height = frame->height;
	int to = input->small_width, chroma = half(to);

	if (input->halved[0]) {
		int w = width / 2, h = height / 2;
		const struct planes halved = {
			{ input->halved[0], input->halved[1] }, { w, 2 * half(w) },
		};

		if (NV12Scale(from.at[0], from.stride[0], from.at[1], from.stride[1],
			      width, height, input->halved[0], w,
			      input->halved[1], 2 * half(w), w, h, kFilterBox))
			return -1;
		from = halved;
		width = w;
		height = h;
	}
	if (NV12Scale(from.at[0], from.stride[0], from.at[1], from.stride[1], width, height,
		      input->small[0], to, input->pairs, 2 * chroma, to,
		      input->small_height, kFilterBox))
		return -1;
	SplitUVPlane(input->pairs, 2 * chroma, input->small[1 + swapped], chroma,
		     input->small[2 - swapped], chroma, chroma, half(input->small_height));
	return 0;
}

/* Which YUV it is (H.273 matrix 1: BT.709, 9: BT.2020); with U and V swapped. */
static const struct YuvConstants *constants_of(const struct frame *frame, bool swapped)
{
	bool full = frame->colour.full_range;

	if (frame->format->rgb)			/* what libyuv made of it */
		return swapped ? &kYvuI601Constants : &kYuvI601Constants;
	if (frame->colour.matrix == 1)
		return full ? (swapped ? &kYvuF709Constants : &kYuvF709Constants) :
			      (swapped ? &kYvuH709Constants : &kYuvH709Constants);
	if (frame->colour.matrix == 9)
		return full ? (swapped ? &kYvuV2020Constants : &kYuvV2020Constants) :
			      (swapped ? &kYvu2020Constants : &kYuv2020Constants);
	return full ? (swapped ? &kYvuJPEGConstants : &kYuvJPEGConstants) :
		      (swapped ? &kYvuI601Constants : &kYuvI601Constants);
}

/* libyuv writes blue first; with U and V swapped it writes red first. */
static int small_rgb(struct input *input, const struct frame *frame, bool bgr)
{
	int width = input->small_width, chroma = half(input->small_width);

	return I420ToRGB24Matrix(input->small[0], width, input->small[bgr ? 1 : 2], chroma,
				 input->small[bgr ? 2 : 1], chroma, input->rgb, 3 * width,
				 constants_of(frame, !bgr), width, input->small_height);
}

/* By 16, which compilers turn into vectors. */
static void to_floats(float *to, const uint8_t *from, size_t count,
		      const struct input_scale *scale)
{
	const float subtract = scale->subtract, factor = 1 / scale->divide;
	size_t i = 0;

	for (; i + 16 <= count; i += 16)
		for (size_t j = i; j < i + 16; j++)
			to[j] = (from[j] - subtract) * factor;
	for (; i < count; i++)
		to[i] = (from[i] - subtract) * factor;
}

int input_fill(struct input *input, const struct frame *frame,
	       const struct input_scale *scale, float *to, unsigned width,
	       struct scrim_error *err)
{
	size_t row = 3 * (size_t)input->small_width;

	for (unsigned i = 0; i < frame->format->planes; i++)
		if (frame->stride[i] > INT_MAX)
			return fail(err, -ENOTSUP, "rows of more than 2 GiB");
	if ((frame->format->planes == 2 ? scale_pairs : scale_planes)(input, frame) ||
	    small_rgb(input, frame, scale->bgr))
		return fail(err, -EIO, "cannot scale a picture of %u x %u",
			    frame->width, frame->height);
	for (unsigned y = 0; y < input->small_height; y++)
		to_floats(to + 3 * (size_t)width * y, input->rgb + y * row, row, scale);
	return 0;
}
