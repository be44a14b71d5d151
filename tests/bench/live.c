// SPDX-License-Identifier: GPL-2.0
/*
 * What a live frame costs, from the camera's buffer to the feed's: processor time of
 * this thread, medians over the frames of a clip, for a camera that sends YUYV and
 * one that sends MJPEG.  Camera and feed are memory here.  Scaling is what of detection
 * is not the network; it is measured apart, and taken off.  Latency is what all of it
 * takes by the clock.
 *
 *	live MODEL.onnx CLIP
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <libyuv.h>

#include "detect/input.h"
#include "detect/net.h"
#include "detect/track.h"
#include "redact/redact.h"
#include "source/v4l2.h"
#include "timing.h"

enum stage { TAKE, SCALE, DETECT, TRACK, REDACT, GIVE, COPY, STAGES };

static const char *const names[STAGES] = {
	"take", "scale", "network", "track", "redact", "give", "memcpy",
};

/* What a frame goes through between camera and feed. */
struct filter {
	struct detector *detector;
	struct tracker *tracker;
	struct redactor *redactor;
};

#define FRAMES_MAX	200
#define WARM_UP		5
#define QUALITY		85

#define FRAME_MS	(1000 / 30.)

static double spent[STAGES][FRAMES_MAX], latency[FRAMES_MAX];
static double aside;			/* ms by the clock that were no part of it */

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
	double sum = 0, copy;

	for (unsigned i = 0; i < n; i++)
		spent[DETECT][i] -= spent[SCALE][i];
	copy = median(spent[COPY] + WARM_UP, n - WARM_UP);
	printf("%s, %u frames, ms of one core, copies of a frame\n", what, n);
	for (enum stage s = TAKE; s < COPY; s++) {
		double ms = median(spent[s] + WARM_UP, n - WARM_UP);

		sum += ms;
		printf("  %-8s %7.3f %6.1f\n", names[s], ms, ms / copy);
	}
	printf("  %-8s %7.3f %6.1f\n", "all", sum, sum / copy);
	for (unsigned i = 0; i < 2; i++) {
		double ms = quantile(latency + WARM_UP, n - WARM_UP, i ? .99 : .5);

		printf("  latency p%s %7.3f, %.2f of a frame's time at 30 a second%s\n", i ? "99" : "50",
		       ms, ms / FRAME_MS, i ? "; the bar is 1" : "");
	}
}

/* The detector's own way to the network's input, once more. */
static void scale(const struct frame *frame)
{
	static const struct input_scale as_it_is = { false, 0, 1 };
	static float to[3 * 640 * 360];
	static struct input input;
	struct scrim_error err;

	check(input_shape(&input, frame, 640, 360, &err), &err);
	check(input_fill(&input, frame, &as_it_is, to, 640, &err), &err);
}

static struct clean_frame *filter(struct filter *f, struct frame **frame, unsigned n)
{
	static struct detections found;
	static struct regions regions;
	struct clean_frame *clean = NULL;
	struct scrim_error err;
	double since = now_ms();

	aside = wall_ms();
	scale(*frame);
	aside = wall_ms() - aside;
	lap(SCALE, n, &since);
	check(detect(f->detector, *frame, &found, &err), &err);
	lap(DETECT, n, &since);
	regions_clear(&regions);
	track(f->tracker, &found, (*frame)->time_ns, (*frame)->width, (*frame)->height,
	      METHOD_FILL, &regions);
	lap(TRACK, n, &since);
	check(redact(f->redactor, frame, &regions, &clean, &err), &err);
	lap(REDACT, n, &since);
	return clean;
}

static void measure(struct filter *f, const char *clip, uint32_t fourcc)
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
	double since, began;
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
		began = wall_ms();
		since = now_ms();
		check(frame_pool_get(pool, &frame, &err), &err);
		check(v4l2_picture(frame, &camera.pix, bytes, used, &err), &err);
		frame->time_ns = time_ns;
		lap(TAKE, n, &since);
		clean = filter(f, &frame, n);
		since = now_ms();
		frame_copy(fed, clean_frame_view(clean));
		clean_frame_free(&clean);
		lap(GIVE, n, &since);
		latency[n] = wall_ms() - began - aside;
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
	const struct face_options face = { 0 };
	const struct track_options follow = { 0 };
	struct filter f = { NULL, NULL, NULL };
	struct scrim_error err;

	if (argc != 3) {
		fprintf(stderr, "usage: live MODEL.onnx CLIP\n");
		return 2;
	}
	check(net_init(&err), &err);
	for (unsigned i = 0; i < 2; i++) {
		check(detector_face(&f.detector, open(argv[1], O_RDONLY), &face, &err), &err);
		check(tracker_new(&f.tracker, &follow, &err), &err);
		check(redactor_new(&f.redactor, &err), &err);
		measure(&f, argv[2], fourccs[i]);
		detector_free(&f.detector);
		tracker_free(&f.tracker);
		redactor_free(&f.redactor);
	}
	return 0;
}
