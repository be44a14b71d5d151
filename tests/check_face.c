// SPDX-License-Identifier: GPL-2.0
/*
 * The detector, with a network of the tests' own that is shaped like UltraFace:
 * its first scale finds 8 x 8 blocks that are brighter than their surroundings
 * may be, the others find nothing.
 */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libyuv.h>

#include "detect/detect.h"
#include "detect/input.h"
#include "onnx_writer.h"

static struct writer graph, model, attributes;
static struct scrim_error err;
static struct detections found;

static void put_head(const char *name, int outputs, int kernel, int stride,
		     const float *weights, const float *bias)
{
	char names[64];

	snprintf(names, sizeof(names), "W%s", name);
	put_floats(&graph, names, weights, 4, outputs, 3, kernel, kernel);
	snprintf(names, sizeof(names), "B%s", name);
	put_floats(&graph, names, bias, 1, outputs);
	snprintf(names, sizeof(names), "in W%s B%s", name, name);
	attributes.size = 0;
	put_ints(&attributes, "strides", 2, stride, stride);
	put_node(&graph, "Conv", names, name, &attributes);
}

/* Scores and boxes of one scale; priors of steps above 8 never are a face. */
static void put_scale(unsigned step, int priors, float bias_of_box)
{
	static float weights[6 * 3 * 64], none[12 * 3], bias[12];
	char name[8];

	memset(weights, 0, sizeof(weights));
	for (int i = 0; i < 12; i++)
		bias[i] = i < 2 * priors && i % 2 ? -20 : 0;
	if (step == 8) {
		/* Second prior, 16 pixels: 40 * mean of what is from -1 to 1, less 20. */
		for (int i = 0; i < 3 * 64; i++)
			weights[3 * 3 * 64 + i] = 40.f / (3 * 64);
		snprintf(name, sizeof(name), "s8");
		put_head(name, 2 * priors, 8, 8, weights, bias);
	} else {
		snprintf(name, sizeof(name), "s%u", step);
		put_head(name, 2 * priors, 1, step, none, bias);
	}
	for (int i = 0; i < 12; i++)
		bias[i] = bias_of_box;
	snprintf(name, sizeof(name), "b%u", step);
	put_head(name, 4 * priors, 1, step, none, bias);
}

/* A descriptor of the model; bias_of_box moves and enlarges all of its boxes. */
static int make_model(float bias_of_box)
{
	int file = memfd_create("model", 0);

	graph.size = 0;
	put_values(&graph, 11, "in");
	put_values(&graph, 12, "scores boxes");
	put_scale(8, 3, bias_of_box);
	put_scale(16, 2, bias_of_box);
	put_scale(32, 2, bias_of_box);
	put_scale(64, 3, bias_of_box);
	/* What a real one does to them is never computed. */
	put_node(&graph, "Untold", "s8 s16 s32 s64", "scores", NULL);
	put_node(&graph, "Untold", "b8 b16 b32 b64", "boxes", NULL);
	put_model(&model, &graph);
	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(write(file, model.at, model.size), model.size);
	return file;
}

static struct detector *make_detector(float bias_of_box, unsigned width, unsigned height)
{
	const struct face_options options = { .width = width, .height = height };
	struct detector *detector = NULL;
	int file = make_model(bias_of_box);

	ck_assert_msg(detector_face(&detector, file, &options, &err) == 0, "%s", err.text);
	close(file);
	return detector;
}

/* Grey of that brightness in any format of ours. */
static void paint(struct frame *frame, struct rect r, uint8_t value)
{
	for (unsigned p = 0; p < frame->format->planes; p++) {
		const struct plane_format *plane = &frame->format->plane[p];
		bool luma = frame->format->rgb || p == 0;
		unsigned right = plane_cells(plane, r.x + r.w), bottom = plane_rows(plane, r.y + r.h);

		for (unsigned y = r.y / plane->cell_h; y < bottom; y++)
			for (unsigned x = r.x / plane->cell_w; x < right; x++)
				for (int b = 0; b < plane->cell_bytes; b++) {
					uint8_t *at = frame->plane[p] + y * frame->stride[p] +
						      x * plane->cell_bytes + b;
					bool chroma = !luma ||
						(frame->format->fourcc == V4L2_PIX_FMT_YUYV && b % 2) ||
						(frame->format->fourcc == V4L2_PIX_FMT_UYVY && !(b % 2));

					*at = chroma ? 128 : value;
				}
	}
}

static struct frame *make_frame(uint32_t fourcc, unsigned width, unsigned height)
{
	struct frame *frame = NULL;

	ck_assert_int_eq(frame_new(&frame, fourcc, width, height, &err), 0);
	frame->colour.full_range = true;
	paint(frame, (struct rect){ 0, 0, width, height }, 40);
	return frame;
}

static void expect_face(struct rect face, float tolerance)
{
	ck_assert_uint_eq(found.count, 1);
	ck_assert_float_eq_tol(found.at[0].x + found.at[0].w / 2, face.x + face.w / 2.f, tolerance);
	ck_assert_float_eq_tol(found.at[0].y + found.at[0].h / 2, face.y + face.h / 2.f, tolerance);
	ck_assert_float_eq_tol(found.at[0].w, face.w, tolerance);
	ck_assert_float_eq_tol(found.at[0].h, face.h, tolerance);
	ck_assert_float_gt(found.at[0].score, .9f);
}

START_TEST(a_face_is_found_in_every_format)
{
	struct detector *detector = make_detector(0, 320, 240);
	struct frame *frame = make_frame(formats[_i].fourcc, 640, 480);

	/* One block of 8 x 8 at half the size; its prior is twice as large. */
	paint(frame, (struct rect){ 208, 112, 16, 16 }, 250);
	ck_assert_msg(detect(detector, frame, &found, &err) == 0, "%s", err.text);
	expect_face((struct rect){ 200, 104, 32, 32 }, .5f);
	frame_free(&frame);
	detector_free(&detector);
}
END_TEST

/* Limited range: 16 is black and 235 is white, so that 250 would be too much. */
START_TEST(the_range_of_samples_is_minded)
{
	struct detector *detector = make_detector(0, 320, 240);
	struct frame *frame = make_frame(V4L2_PIX_FMT_NV12, 320, 240);
	float score;

	paint(frame, (struct rect){ 208, 112, 8, 8 }, 200);
	ck_assert_int_eq(detect(detector, frame, &found, &err), 0);
	ck_assert_uint_eq(found.count, 1);
	score = found.at[0].score;
	frame->colour.full_range = false;
	ck_assert_int_eq(detect(detector, frame, &found, &err), 0);
	ck_assert_uint_eq(found.count, 1);
	ck_assert_float_gt(found.at[0].score, score);
	frame_free(&frame);
	detector_free(&detector);
}
END_TEST

static const uint8_t red[3] = { 200, 40, 90 };	/* R, G, B: all differ */

/* Samples of full range: by the weights of red and blue in luma. */
static void paint_red(struct frame *frame, float kr, float kb)
{
	float y = kr * red[0] + (1 - kr - kb) * red[1] + kb * red[2];
	float u = 128 + (red[2] - y) / (2 - 2 * kb), v = 128 + (red[0] - y) / (2 - 2 * kr);
	const struct {
		uint32_t fourcc;
		float cell[FORMAT_PLANES_MAX][CELL_BYTES_MAX];
	} table[] = {
		{ V4L2_PIX_FMT_YUYV, { { y, u, y, v } } },
		{ V4L2_PIX_FMT_UYVY, { { u, y, v, y } } },
		{ V4L2_PIX_FMT_NV12, { { y }, { u, v } } },
		{ V4L2_PIX_FMT_NV21, { { y }, { v, u } } },
		{ V4L2_PIX_FMT_YUV420, { { y }, { u }, { v } } },
		{ V4L2_PIX_FMT_YVU420, { { y }, { v }, { u } } },
		{ V4L2_PIX_FMT_GREY, { { y } } },
		{ V4L2_PIX_FMT_RGB24, { { red[0], red[1], red[2] } } },
		{ V4L2_PIX_FMT_BGR24, { { red[2], red[1], red[0] } } },
		{ V4L2_PIX_FMT_ABGR32, { { red[2], red[1], red[0], 255 } } },
	};
	unsigned t = 0;

	while (table[t].fourcc != frame->format->fourcc)
		t++;
	for (unsigned p = 0; p < frame->format->planes; p++) {
		const struct plane_format *plane = &frame->format->plane[p];
		size_t row = plane_row_bytes(plane, frame->width);

		for (unsigned r = 0; r < plane_rows(plane, frame->height); r++)
			for (size_t i = 0; i < row; i++)
				frame->plane[p][r * frame->stride[p] + i] =
					table[t].cell[p][i % plane->cell_bytes] + .5f;
	}
}

static void expect_red(const struct frame *frame, bool bgr, float tolerance)
{
	const struct input_scale scale = { bgr, 0, 1 };
	struct input input = { 0 };
	float to[3 * 8 * 8];

	ck_assert_int_eq(input_shape(&input, frame, 8, 8, &err), 0);
	ck_assert_int_eq(input_fill(&input, frame, &scale, to, 8, &err), 0);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_float_eq_tol(to[3 * 8 * 4 + i],
				       frame->format->fourcc == V4L2_PIX_FMT_GREY ?
				       .299f * red[0] + .587f * red[1] + .114f * red[2] :
				       red[bgr ? 2 - i : i], tolerance);
	input_clear(&input);
}

/* Each of libyuv's two steps down cuts off what is below one; chroma counts double. */
#define SCALED	8

START_TEST(colours_arrive_from_every_format)
{
	struct frame *frame = make_frame(formats[_i].fourcc, 33, 21);

	paint_red(frame, .299f, .114f);
	expect_red(frame, false, SCALED);
	expect_red(frame, true, SCALED);
	if (!frame->format->rgb && frame->format->fourcc != V4L2_PIX_FMT_GREY) {
		frame->colour.matrix = 1;
		paint_red(frame, .2126f, .0722f);
		expect_red(frame, false, SCALED);
	}
	frame_free(&frame);
}
END_TEST

/* _i: in bands, the last of them short; and all at once, where they would show. */
START_TEST(a_picture_in_bands_is_scaled_like_the_whole)
{
	static const unsigned heights[] = { 96, 100, 98 };
	const struct input_scale scale = { false, 0, 1 };
	struct frame *packed = make_frame(V4L2_PIX_FMT_YUYV, 128, heights[_i]);
	struct frame *planar = make_frame(V4L2_PIX_FMT_YUV420, 128, heights[_i]);
	static float a[3 * 40 * 30], b[3 * 40 * 30];
	struct input input = { 0 };

	test_random_fill(packed->plane[0], packed->stride[0] * packed->height);
	YUY2ToI420(packed->plane[0], packed->stride[0], planar->plane[0], planar->stride[0],
		   planar->plane[1], planar->stride[1], planar->plane[2], planar->stride[2],
		   128, heights[_i]);
	ck_assert_int_eq(input_shape(&input, packed, 40, 30, &err), 0);
	ck_assert_int_eq(input_fill(&input, packed, &scale, a, 40, &err), 0);
	ck_assert_int_eq(input_shape(&input, planar, 40, 30, &err), 0);
	ck_assert_int_eq(input_fill(&input, planar, &scale, b, 40, &err), 0);
	ck_assert_mem_eq(a, b, sizeof(a));
	input_clear(&input);
	frame_free(&packed);
	frame_free(&planar);
}
END_TEST

START_TEST(a_detection_size_is_turned_to_suit_the_picture)
{
	struct detector *detector = make_detector(0, 640, 320);
	struct frame *frame = make_frame(V4L2_PIX_FMT_GREY, 320, 640);

	/* One of its pixels is one of the network's: 8 of them, a prior of 16. */
	paint(frame, (struct rect){ 160, 320, 8, 8 }, 255);
	ck_assert_int_eq(detect(detector, frame, &found, &err), 0);
	expect_face((struct rect){ 156, 316, 16, 16 }, .5f);
	frame_free(&frame);
	detector_free(&detector);
}
END_TEST

START_TEST(a_small_picture_is_enlarged_twice_and_no_more)
{
	struct detector *detector = make_detector(0, 0, 0);
	struct frame *frame = make_frame(V4L2_PIX_FMT_GREY, 64, 48);

	paint(frame, (struct rect){ 32, 16, 4, 4 }, 255);
	ck_assert_int_eq(detect(detector, frame, &found, &err), 0);
	ck_assert_uint_ge(found.count, 1);
	ck_assert_float_eq_tol(found.at[0].w, 8, .1f);
	frame_free(&frame);
	detector_free(&detector);
}
END_TEST

START_TEST(pictures_of_all_shapes_are_seen_undistorted)
{
	static const unsigned sizes[][2] = {
		{ 1280, 720 }, { 720, 1280 }, { 1000, 1000 }, { 641, 357 }, { 3000, 400 },
	};
	struct detector *detector = make_detector(0, 0, 0);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned width = sizes[i][0], height = sizes[i][1];
		struct frame *frame = make_frame(V4L2_PIX_FMT_YUV420, width, height);
		float step = 8 / sqrtf(640.f * 360 / width / height);

		/* A block and a half each way holds one whole block of the network. */
		paint(frame, (struct rect){ width / 2, height / 2, 2 * step, 2 * step }, 255);
		ck_assert_int_eq(detect(detector, frame, &found, &err), 0);
		ck_assert_uint_ge(found.count, 1);
		ck_assert_float_eq_tol(found.at[0].w, 2 * step, step / 8);
		ck_assert_float_eq_tol(found.at[0].h, 2 * step, step / 8);
		ck_assert_float_eq_tol(found.at[0].x + step, width / 2.f + step, 2 * step);
		ck_assert_float_eq_tol(found.at[0].y + step, height / 2.f + step, 2 * step);
		frame_free(&frame);
	}
	detector_free(&detector);
}
END_TEST

START_TEST(nothing_of_a_larger_picture_is_left_in_a_smaller_one)
{
	struct detector *detector = make_detector(0, 320, 240);
	struct frame *large = make_frame(V4L2_PIX_FMT_GREY, 320, 240);
	struct frame *small = make_frame(V4L2_PIX_FMT_GREY, 320, 233);

	paint(large, (struct rect){ 0, 0, 320, 240 }, 255);
	ck_assert_int_eq(detect(detector, large, &found, &err), 0);
	ck_assert_uint_gt(found.count, 10);
	ck_assert_int_eq(detect(detector, small, &found, &err), 0);
	ck_assert_uint_eq(found.count, 0);
	frame_free(&large);
	frame_free(&small);
	detector_free(&detector);
}
END_TEST

START_TEST(the_smallest_and_the_longest_pictures_work)
{
	static const unsigned sizes[][2] = { { 1, 1 }, { 2, 1 }, { 1, 3 }, { 32768, 1 },
					     { 1, 32768 }, { 7, 5 } };
	struct detector *detector = make_detector(0, 0, 0);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct frame *frame = make_frame(formats[_i].fourcc, sizes[i][0], sizes[i][1]);

		ck_assert_msg(detect(detector, frame, &found, &err) == 0, "%ux%u: %s",
			      sizes[i][0], sizes[i][1], err.text);
		ck_assert_uint_eq(found.count, 0);
		frame_free(&frame);
	}
	detector_free(&detector);
}
END_TEST

/* exp(.2 * 1e4) is infinite. */
START_TEST(an_answer_that_is_no_number_is_blindness)
{
	struct detector *detector = make_detector(1e4, 320, 240);
	struct frame *frame = make_frame(V4L2_PIX_FMT_GREY, 320, 240);

	paint(frame, (struct rect){ 64, 64, 8, 8 }, 255);
	ck_assert_int_eq(detect(detector, frame, &found, &err), -EIO);
	ck_assert_uint_eq(found.count, 0);
	frame_free(&frame);
	detector_free(&detector);
}
END_TEST

START_TEST(a_crowd_beyond_counting_is_doubt)
{
	struct detector *detector = make_detector(0, 640, 480);
	struct frame *frame = make_frame(V4L2_PIX_FMT_GREY, 640, 480);

	/* Priors of 16 pixels every 8: those in line overlap by a third. */
	paint(frame, (struct rect){ 0, 0, 640, 480 }, 255);
	ck_assert_int_eq(detect(detector, frame, &found, &err), 0);
	ck_assert(found.full);
	frame_free(&frame);
	detector_free(&detector);
}
END_TEST

START_TEST(a_model_of_another_kind_is_refused)
{
	const struct face_options options = { 0 };
	struct detector *detector = NULL;
	int file = memfd_create("model", 0);

	ck_assert_int_eq(detector_face(&detector, file, &options, &err), -EBADMSG);
	graph.size = 0;
	put_values(&graph, 11, "in");
	put_node(&graph, "Relu", "in", "out", NULL);
	put_values(&graph, 12, "out");
	put_model(&model, &graph);
	ck_assert_int_eq(write(file, model.at, model.size), model.size);
	ck_assert_int_eq(detector_face(&detector, file, &options, &err), -ENOTSUP);
	close(file);
	ck_assert_int_eq(detector_face(&detector, file, &options, &err), -EIO);
	ck_assert_ptr_null(detector);
}
END_TEST

START_TEST(options_without_sense_are_refused)
{
	static const struct face_options wrong[] = {
		{ .width = 640 }, { .height = 360 }, { .width = 8192, .height = 32 },
		{ .threshold = 1 }, { .threshold = -.1f }, { .threshold = NAN },
	};
	struct detector *detector = NULL;
	int file = make_model(0);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(detector_face(&detector, file, &wrong[i], &err), -EINVAL);
	ck_assert_ptr_null(detector);
	close(file);
}
END_TEST

START_TEST(every_allocation_of_the_detector_may_fail)
{
	const struct face_options options = { .width = 64, .height = 64 };
	struct frame *frame = make_frame(V4L2_PIX_FMT_YUYV, 64, 64);
	struct detector *detector = NULL;
	int ret, file = make_model(0);
	bool failed;

	for (unsigned n = 1; n < 1000; n++) {
		test_alloc_fail_at(n);
		ret = detector_face(&detector, file, &options, &err);
		if (!ret)
			ret = detect(detector, frame, &found, &err);
		failed = test_alloc_failed();
		test_alloc_fail_at(0);
		if (!failed) {
			ck_assert_int_eq(ret, 0);
			ck_assert_uint_gt(n, 20);
			break;
		}
		ck_assert_int_eq(ret, -ENOMEM);
		/* Memory is back: so is the detector. */
		if (detector)
			ck_assert_int_eq(detect(detector, frame, &found, &err), 0);
		detector_free(&detector);
	}
	ck_assert_ptr_nonnull(detector);
	/* From here on, nothing is allocated. */
	test_alloc_fail_at(1);
	ret = detect(detector, frame, &found, &err);
	failed = test_alloc_failed();
	test_alloc_fail_at(0);
	ck_assert_int_eq(ret, 0);
	ck_assert(!failed);
	detector_free(&detector);
	frame_free(&frame);
	close(file);
}
END_TEST

Suite *face_suite(void)
{
	Suite *suite = suite_create("face");
	TCase *tcase = tcase_create("face");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_face_is_found_in_every_format, 0, formats_count);
	tcase_add_test(tcase, the_range_of_samples_is_minded);
	tcase_add_loop_test(tcase, colours_arrive_from_every_format, 0, formats_count);
	tcase_add_loop_test(tcase, a_picture_in_bands_is_scaled_like_the_whole, 0, 3);
	tcase_add_test(tcase, a_detection_size_is_turned_to_suit_the_picture);
	tcase_add_test(tcase, a_small_picture_is_enlarged_twice_and_no_more);
	tcase_add_test(tcase, pictures_of_all_shapes_are_seen_undistorted);
	tcase_add_test(tcase, nothing_of_a_larger_picture_is_left_in_a_smaller_one);
	tcase_add_loop_test(tcase, the_smallest_and_the_longest_pictures_work, 0, formats_count);
	tcase_add_test(tcase, an_answer_that_is_no_number_is_blindness);
	tcase_add_test(tcase, a_crowd_beyond_counting_is_doubt);
	tcase_add_test(tcase, a_model_of_another_kind_is_refused);
	tcase_add_test(tcase, options_without_sense_are_refused);
	tcase_add_test(tcase, every_allocation_of_the_detector_may_fail);
	suite_add_tcase(suite, tcase);
	return suite;
}
