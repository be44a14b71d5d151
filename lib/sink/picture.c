// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A photo file that holds a picture and nothing else: no EXIF, no comment, no
 * colour profile, no thumbnail.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jpeglib.h>

#include "sink/bytes.h"
#include "sink/png.h"
#include "sink/sink.h"
#include "frame/convert.h"

#define QUALITY_MIN	90	/* a photo is not to lose more than it has lost */
#define BLOCK_ROWS	16	/* luma rows of a row of JPEG blocks, 4:2:0 */

struct picture_sink {
	struct sink sink;
	int fd;
	bool png;
	unsigned quality;
	bool done;
	struct converter *converter;
	struct frame *converted;
};

static bool ends_in(const char *name, const char *ending)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcasecmp(dot, ending);
}

bool name_is_picture(const char *name)
{
	return ends_in(name, ".jpg") || ends_in(name, ".jpeg") || ends_in(name, ".png");
}

/* libjpeg leaves by longjmp: whatever is needed afterwards is kept here. */
struct jpeg_writing {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr out;
	jmp_buf leave;
	int fd;
	int ret;
	struct scrim_error *err;
	uint8_t buffer[32 << 10];
	uint8_t *rows;			/* scratch for rows of blocks */
};

static void jpeg_failed(j_common_ptr jpeg)
{
	struct jpeg_writing *w = jpeg->client_data;
	char text[JMSG_LENGTH_MAX];

	if (w->ret >= 0) {
		jpeg->err->format_message(jpeg, text);
		w->ret = fail(w->err, -EIO, "cannot write a JPEG: %s", text);
	}
	longjmp(w->leave, 1);
}

static void jpeg_silent(j_common_ptr jpeg)
{
}

static void jpeg_put(struct jpeg_writing *w, size_t size)
{
	w->ret = bytes_write(w->fd, w->buffer, size, w->err);
	if (w->ret < 0)
		jpeg_failed((j_common_ptr)&w->jpeg);
	w->out.next_output_byte = w->buffer;
	w->out.free_in_buffer = sizeof(w->buffer);
}

static void out_begin(j_compress_ptr jpeg)
{
	jpeg->dest->next_output_byte = ((struct jpeg_writing *)jpeg->client_data)->buffer;
	jpeg->dest->free_in_buffer = sizeof(((struct jpeg_writing *)0)->buffer);
}

static boolean out_full(j_compress_ptr jpeg)
{
	struct jpeg_writing *w = jpeg->client_data;

	jpeg_put(w, sizeof(w->buffer));
	return TRUE;
}

static void out_end(j_compress_ptr jpeg)
{
	struct jpeg_writing *w = jpeg->client_data;

	jpeg_put(w, sizeof(w->buffer) - jpeg->dest->free_in_buffer);
}

static void jpeg_prepare(struct jpeg_writing *w)
{
	w->jpeg.err = jpeg_std_error(&w->errors);
	w->errors.error_exit = jpeg_failed;
	w->errors.output_message = jpeg_silent;
	w->jpeg.client_data = w;
}

static void jpeg_begin(struct jpeg_writing *w, const struct frame *frame, unsigned quality)
{
	w->out.init_destination = out_begin;
	w->out.empty_output_buffer = out_full;
	w->out.term_destination = out_end;
	w->jpeg.dest = &w->out;
	w->jpeg.image_width = frame->width;
	w->jpeg.image_height = frame->height;
	w->jpeg.input_components = frame->format->fourcc == V4L2_PIX_FMT_GREY ? 1 : 3;
	w->jpeg.in_color_space = frame->format->fourcc == V4L2_PIX_FMT_GREY ? JCS_GRAYSCALE :
		frame->format->rgb ? JCS_RGB : JCS_YCbCr;
	jpeg_set_defaults(&w->jpeg);
	jpeg_set_quality(&w->jpeg, quality, TRUE);
	/* Colour in full size for what came so; YU12 is in half size as it is. */
	w->jpeg.comp_info[0].h_samp_factor = w->jpeg.comp_info[0].v_samp_factor =
		frame->format->fourcc == V4L2_PIX_FMT_YUV420 ? 2 : 1;
	w->jpeg.raw_data_in = frame->format->fourcc == V4L2_PIX_FMT_YUV420;
	jpeg_start_compress(&w->jpeg, TRUE);
}

static void put_rows(struct jpeg_writing *w, const struct frame *frame)
{
	for (unsigned y = 0; y < frame->height; y++) {
		JSAMPROW row = frame->plane[0] + y * frame->stride[0];

		jpeg_write_scanlines(&w->jpeg, &row, 1);
	}
}

/* A row of a plane, its last sample and the last row repeated to whole blocks. */
static void fill_row(uint8_t *row, size_t row_bytes, const struct frame *frame,
		     unsigned plane, unsigned y)
{
	const struct plane_format *format = &frame->format->plane[plane];
	size_t bytes = plane_row_bytes(format, frame->width);
	unsigned rows = plane_rows(format, frame->height);
	const uint8_t *from = frame->plane[plane] +
			      (y < rows ? y : rows - 1) * frame->stride[plane];

	memcpy(row, from, bytes);
	memset(row + bytes, from[bytes - 1], row_bytes - bytes);
}

/* The planes go in as they are: no conversion, no loss but JPEG's own. */
static void put_planes(struct jpeg_writing *w, const struct frame *frame, size_t row_bytes)
{
	JSAMPROW row[3][BLOCK_ROWS];
	JSAMPARRAY planes[3] = { row[0], row[1], row[2] };

	for (unsigned top = 0; top < frame->height; top += BLOCK_ROWS) {
		uint8_t *at = w->rows;

		for (unsigned i = 0; i < 3; i++) {
			unsigned part = i ? 2 : 1;

			for (unsigned y = 0; y < BLOCK_ROWS / part; y++) {
				row[i][y] = at;
				fill_row(at, row_bytes / part, frame, i, top / part + y);
				at += row_bytes / part;
			}
		}
		jpeg_write_raw_data(&w->jpeg, planes, BLOCK_ROWS);
	}
}

static void put_jpeg(struct jpeg_writing *w, const struct frame *frame, unsigned quality,
		     size_t row_bytes)
{
	if (setjmp(w->leave))
		return;			/* jpeg_failed() has said why */
	jpeg_create_compress(&w->jpeg);
	jpeg_begin(w, frame, quality);
	if (w->jpeg.raw_data_in)
		put_planes(w, frame, row_bytes);
	else
		put_rows(w, frame);
	jpeg_finish_compress(&w->jpeg);
}

static int jpeg_save(const struct frame *frame, unsigned quality, int fd,
		     struct scrim_error *err)
{
	size_t row_bytes = ((size_t)frame->width + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS;
	struct jpeg_writing *w = calloc(1, sizeof(*w));
	int ret;

	if (w)
		w->rows = malloc(row_bytes * BLOCK_ROWS * 3 / 2);
	if (!w || !w->rows) {
		free(w);
		return fail(err, -ENOMEM, "no memory to write a JPEG");
	}
	w->fd = fd;
	w->err = err;
	jpeg_prepare(w);
	put_jpeg(w, frame, quality, row_bytes);
	jpeg_destroy_compress(&w->jpeg);
	ret = w->ret;
	free(w->rows);
	free(w);
	return ret;
}

/* JPEG's YUV is BT.601 in full range. */
static bool is_jpeg_colour(const struct colour *colour)
{
	return colour->matrix == 2 || colour->matrix == 5 || colour->matrix == 6;
}

/* What the file can hold that is nearest to the frame. */
static uint32_t target(const struct picture_sink *p, const struct frame *frame)
{
	uint32_t fourcc = frame->format->fourcc;

	if (fourcc == V4L2_PIX_FMT_GREY || fourcc == V4L2_PIX_FMT_RGB24 ||
	    (fourcc == V4L2_PIX_FMT_ABGR32 && p->png))
		return fourcc;
	if (!p->png && fourcc == V4L2_PIX_FMT_YUV420 && frame->colour.full_range &&
	    is_jpeg_colour(&frame->colour))
		return fourcc;
	return V4L2_PIX_FMT_RGB24;
}

static int convert_frame(struct picture_sink *p, const struct frame **frame,
			 uint32_t fourcc, struct scrim_error *err)
{
	struct image from = image_of_frame(*frame), to;
	int ret;

	ret = frame_new(&p->converted, fourcc, (*frame)->width, (*frame)->height, err);
	if (ret < 0)
		return ret;
	p->converted->colour = (*frame)->colour;
	p->converted->colour.full_range = true;
	to = image_of_frame(p->converted);
	*frame = p->converted;
	return convert(&p->converter, &to, &from, err);
}

static int save(struct picture_sink *p, const struct frame *frame, struct scrim_error *err)
{
	uint32_t fourcc = target(p, frame);
	struct png_picture picture;
	int ret;

	if (frame->format->fourcc != fourcc) {
		ret = convert_frame(p, &frame, fourcc, err);
		if (ret < 0)
			return ret;
	}
	if (!p->png)
		return jpeg_save(frame, p->quality, p->fd, err);
	picture = (struct png_picture){
		fourcc, frame->width, frame->height, frame->plane[0], frame->stride[0],
	};
	return png_save(&picture, p->fd, err);
}

static int picture_put(struct sink *sink, const struct clean_frame *clean,
		       struct scrim_error *err)
{
	struct picture_sink *p = (struct picture_sink *)sink;

	if (p->done)
		return fail(err, -EINVAL, "a photo holds one picture only");
	p->done = true;
	return save(p, clean_frame_view(clean), err);
}

static int picture_finish(struct sink *sink, struct scrim_error *err)
{
	struct picture_sink *p = (struct picture_sink *)sink;

	return p->done ? 0 : fail(err, -EINVAL, "no picture to write");
}

static void picture_free(struct sink *sink)
{
	struct picture_sink *p = (struct picture_sink *)sink;

	converter_free(&p->converter);
	frame_free(&p->converted);
	free(p);
}

static const struct sink_ops picture_ops = {
	.put = picture_put,
	.finish = picture_finish,
	.free = picture_free,
};

int sink_picture(struct sink **sink, int fd, const char *name,
		 const struct source *source, struct scrim_error *err)
{
	struct picture_sink *p;

	*sink = NULL;
	if (!name_is_picture(name))
		return fail(err, -EINVAL, "%s: a photo ends in .jpg, .jpeg or .png", name);
	p = calloc(1, sizeof(*p));
	if (!p)
		return fail(err, -ENOMEM, "no memory for a photo");
	p->sink.ops = &picture_ops;
	p->fd = fd;
	p->png = ends_in(name, ".png");
	p->quality = source->quality > QUALITY_MIN ? source->quality : QUALITY_MIN;
	*sink = &p->sink;
	return 0;
}
