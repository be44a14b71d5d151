// SPDX-License-Identifier: GPL-2.0
/*
 * What a live frame costs, from the camera's buffer to the feed's: processor time of
 * this thread, medians over the frames of a clip, for a camera that sends YUYV and
 * one that sends MJPEG.  Camera and feed are memory here.
 *
 *	live MODEL.onnx CLIP
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <libyuv.h>

#include "detect/net.h"
#include "pipeline.h"
#include "source/v4l2.h"
#include "timing.h"

enum stage { TAKE, FILTER, GIVE, COPY, STAGES };

static const char *const names[STAGES] = { "take", "filter", "give", "memcpy" };

#define FRAMES_MAX	200
#define WARM_UP		5
#define QUALITY		85

static double spent[STAGES][FRAMES_MAX];

static void lap(enum stage stage, unsigned n, double *since)
{
	spent[stage][n] = lap_ms(since);
}

static void check(int ret, const struct scrim_error *err)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "live: %s\n", err->text);
	exit(1);
}

/* What a camera would have sent in place of this frame; returns its bytes. */
static size_t as_yuyv(const struct frame *f, uint8_t *to)
{
	I420ToYUY2(f->plane[0], f->stride[0], f->plane[1], f->stride[1], f->plane[2],
		   f->stride[2], to, f->width * 2, f->width, f->height);
	return (size_t)f->width * f->height * 2;
}

static size_t as_jpeg(const struct frame *f, uint8_t *to)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	unsigned long size = (size_t)f->width * f->height * 2;
	uint8_t *at = to, *row = malloc(f->width * 3);
	JSAMPROW rows[] = { row };

	c.err = jpeg_std_error(&errors);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &at, &size);
	c.image_width = f->width;
	c.image_height = f->height;
	c.input_components = 3;
	c.in_color_space = JCS_YCbCr;
	jpeg_set_defaults(&c);
	c.comp_info[0].v_samp_factor = 1;	/* 4:2:2, as webcams send it */
	jpeg_set_quality(&c, QUALITY, TRUE);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < f->height) {
		unsigned y = c.next_scanline;

		for (unsigned x = 0; x < f->width; x++) {
			row[3 * x] = f->plane[0][y * f->stride[0] + x];
			row[3 * x + 1] = f->plane[1][y / 2 * f->stride[1] + x / 2];
			row[3 * x + 2] = f->plane[2][y / 2 * f->stride[2] + x / 2];
		}
		jpeg_write_scanlines(&c, rows, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	free(row);
	return at == to ? size : 0;
}

static void report(const char *what, unsigned n)
{
	double ms, sum = 0, copy = median(spent[COPY] + WARM_UP, n - WARM_UP);

	printf("%s, %u frames, ms of one core\n", what, n);
	for (enum stage s = TAKE; s < COPY; s++) {
		ms = median(spent[s] + WARM_UP, n - WARM_UP);
		sum += ms;
		printf("  %-8s %7.3f\n", names[s], ms);
	}
	printf("  %-8s %7.3f, %.1f copies of a frame\n", "all", sum, sum / copy);
}

static void measure(struct pipeline *pipeline, const char *clip, uint32_t fourcc)
{
	struct frame_pool *pool = NULL;
	struct frame *frame = NULL, *fed = NULL;
	struct clean_frame *clean = NULL;
	struct source *source = NULL;
	struct camera camera = { .fd = -1 };
	struct v4l2_pix_format pix;
	struct scrim_error err;
	uint8_t *bytes, *other;
	unsigned n = 0;
	double since;
	size_t used;

	check(source_av(&source, open(clip, O_RDONLY), clip, &err), &err);
	camera.pix = (struct v4l2_pix_format){
		.width = source->width, .height = source->height, .pixelformat = fourcc,
		.bytesperline = source->width * 2,
	};
	pix = camera_frames(&camera);
	check(frame_pool_new(&pool, pix.pixelformat, pix.width, pix.height, &err), &err);
	check(frame_new(&fed, pix.pixelformat, pix.width, pix.height, &err), &err);
	bytes = calloc(2, (size_t)pix.width * pix.height * 2);
	other = bytes + (size_t)pix.width * pix.height * 2;
	for (; n < FRAMES_MAX && source_next(source, &frame, &err) > 0; n++) {
		int64_t time_ns = frame->time_ns;

		used = fourcc == V4L2_PIX_FMT_YUYV ? as_yuyv(frame, bytes) : as_jpeg(frame, bytes);
		frame_free(&frame);
		since = now_ms();
		check(frame_pool_get(pool, &frame, &err), &err);
		check(v4l2_picture(frame, &camera.pix, bytes, used, &err), &err);
		frame->time_ns = time_ns;
		lap(TAKE, n, &since);
		check(pipeline_frame(pipeline, &frame, &clean, &err), &err);
		lap(FILTER, n, &since);
		frame_copy(fed, clean_frame_view(clean));
		clean_frame_free(&clean);
		lap(GIVE, n, &since);
		memcpy(other, bytes, fed->bytes);
		lap(COPY, n, &since);
	}
	if (n > WARM_UP)
		report(fourcc == V4L2_PIX_FMT_YUYV ? "YUYV" : "MJPEG", n);
	free(bytes);
	frame_free(&fed);
	frame_pool_free(&pool);
	source_free(&source);
}

int main(int argc, char **argv)
{
	static const uint32_t fourccs[] = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG };
	struct pipeline_parts parts;
	struct pipeline *pipeline = NULL;
	struct scrim_error err;
	struct policy policy;

	if (argc != 3) {
		fprintf(stderr, "usage: live MODEL.onnx CLIP\n");
		return 2;
	}
	check(net_init(&err), &err);
	for (unsigned i = 0; i < 2; i++) {
		policy_default(&policy);
		check(pipeline_make_parts(&policy, open(argv[1], O_RDONLY), -1, &parts, &err), &err);
		check(pipeline_new(&pipeline, &policy, &parts, &err), &err);
		measure(pipeline, argv[2], fourccs[i]);
		pipeline_free(&pipeline);
	}
	return 0;
}
