// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libjpeg reads the header.  libyuv then decodes what webcams send, straight into
 * planes.  It refuses other ways to write the same picture (4:2:2 as 2x2 to 1x2
 * samples, RGB), for which libjpeg gives all three channels of each pixel.
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

static bool libyuv_takes(struct frame *f, const uint8_t *bytes, size_t used)
{
	return !MJPGToI420(bytes, used, f->plane[0], f->stride[0], f->plane[1], f->stride[1],
			   f->plane[2], f->stride[2], f->width, f->height, f->width, f->height);
}

static void decode_rows(struct jpeg_decompress_struct *jpeg, struct frame *frame)
{
	JSAMPARRAY rows;

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
}

/* In one scan: a picture can be sent as thousands of them, each as long to decode as all. */
static int decode(struct jpeg_reading *r, struct frame *frame, const uint8_t *bytes, size_t used)
{
	if (setjmp(r->leave))
		return -EBADMSG;
	jpeg_create_decompress(&r->jpeg);
	jpeg_mem_src(&r->jpeg, bytes, used);
	if (jpeg_read_header(&r->jpeg, TRUE) != JPEG_HEADER_OK || !is_of(&r->jpeg, frame) ||
	    jpeg_has_multiple_scans(&r->jpeg))
		return -EBADMSG;
	if (!libyuv_takes(frame, bytes, used))
		decode_rows(&r->jpeg, frame);
	return 0;
}

int jpeg_picture(struct frame *frame, const uint8_t *bytes, size_t used,
		 struct scrim_error *err)
{
	struct jpeg_reading r = { 0 };
	int ret;

	r.jpeg.err = jpeg_std_error(&r.errors);
	r.errors.error_exit = leave;
	r.errors.emit_message = doubt;
	r.jpeg.client_data = &r;
	ret = decode(&r, frame, bytes, used);
	jpeg_destroy_decompress(&r.jpeg);
	return ret < 0 ? fail(err, ret, "a picture of %zu bytes that is no JPEG of %ux%u",
			      used, frame->width, frame->height) : 0;
}
