// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libyuv decodes what webcams send, straight into planes.  It refuses other ways to
 * write the same picture (4:2:2 as 2x2 to 1x2 samples, RGB), for which libjpeg
 * gives all three channels of each pixel.
 */
#include "source/jpeg.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <libyuv.h>

/* libjpeg leaves by longjmp: whatever is needed afterwards is kept here. */
struct jpeg_reading {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	jmp_buf leave;
};

static void leave(j_common_ptr jpeg)
{
	longjmp(((struct jpeg_reading *)jpeg->client_data)->leave, 1);
}

/* A warning is damage that libjpeg would draw over; level -1. */
static void doubt(j_common_ptr jpeg, int level)
{
	if (level < 0)
		leave(jpeg);
}

/* Two rows of pixels: luma as it is, chroma as the mean of each 2x2. */
static void put_rows(struct frame *frame, unsigned y, JSAMPARRAY rows)
{
	unsigned width = frame->width;

	for (unsigned i = 0; i < 2 && y + i < frame->height; i++)
		for (unsigned x = 0; x < width; x++)
			frame->plane[0][(y + i) * frame->stride[0] + x] = rows[i][3 * x];
	for (unsigned x = 0; x < width; x += 2) {
		unsigned right = x + 1 < width ? x + 1 : x;

		for (unsigned c = 1; c < 3; c++)
			frame->plane[c][y / 2 * frame->stride[c] + x / 2] =
				(rows[0][3 * x + c] + rows[0][3 * right + c] +
				 rows[1][3 * x + c] + rows[1][3 * right + c] + 2) / 4;
	}
}

static bool is_of(const struct jpeg_decompress_struct *jpeg, const struct frame *frame)
{
	return jpeg->image_width == frame->width && jpeg->image_height == frame->height;
}

/* In one scan: a picture can be sent as thousands of them, each as long to decode as all. */
static int decode(struct jpeg_reading *r, struct frame *frame, const uint8_t *bytes, size_t used)
{
	struct jpeg_decompress_struct *jpeg = &r->jpeg;
	JSAMPARRAY rows;

	if (setjmp(r->leave))
		return -EBADMSG;
	jpeg_create_decompress(jpeg);
	jpeg_mem_src(jpeg, bytes, used);
	if (jpeg_read_header(jpeg, TRUE) != JPEG_HEADER_OK || !is_of(jpeg, frame) ||
	    jpeg_has_multiple_scans(jpeg))
		return -EBADMSG;
	jpeg->out_color_space = JCS_YCbCr;
	jpeg_start_decompress(jpeg);
	rows = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, frame->width * 3, 2);
	for (unsigned y = 0; y < frame->height; y += 2) {
		jpeg_read_scanlines(jpeg, rows, 1);
		if (y + 1 < frame->height)
			jpeg_read_scanlines(jpeg, rows + 1, 1);
		else
			rows[1] = rows[0];
		put_rows(frame, y, rows);
	}
	jpeg_finish_decompress(jpeg);
	return 0;
}

static int decode_any(struct frame *frame, const uint8_t *bytes, size_t used)
{
	struct jpeg_reading r = { 0 };
	int ret;

	r.jpeg.err = jpeg_std_error(&r.errors);
	r.errors.error_exit = leave;
	r.errors.emit_message = doubt;
	r.jpeg.client_data = &r;
	ret = decode(&r, frame, bytes, used);
	jpeg_destroy_decompress(&r.jpeg);
	return ret;
}

int jpeg_picture(struct frame *frame, const uint8_t *bytes, size_t used,
		 struct scrim_error *err)
{
	if (!MJPGToI420(bytes, used, frame->plane[0], frame->stride[0], frame->plane[1],
			frame->stride[1], frame->plane[2], frame->stride[2],
			frame->width, frame->height, frame->width, frame->height))
		return 0;
	if (decode_any(frame, bytes, used) < 0)
		return fail(err, -EBADMSG, "a picture of %zu bytes that is no JPEG of %ux%u",
			    used, frame->width, frame->height);
	return 0;
}
