// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "detect/detect.h"

#define WIDTH		322		/* divisible by nothing in particular */
#define HEIGHT		178
#define FRAME_NS	100000000	/* 10 frames a second */
#define SECOND		10		/* in frames */
#define LEARN		(2 * SECOND)	/* safely longer than the detector needs */

static struct detector *detector;
static struct detections found;
static struct frame *frame;
static int now;

static void setup_format(const struct format *format)
{
	ck_assert_int_eq(detector_motion(&detector, NULL), 0);
	ck_assert_int_eq(frame_new(&frame, format->fourcc, WIDTH, HEIGHT, NULL), 0);
	now = 0;
}

static void teardown(void)
{
	if (detector)
		detector->ops->free(detector);
	detector = NULL;
	frame_free(&frame);
}

static void setup(void)
{
	setup_format(format_find(V4L2_PIX_FMT_GREY));
}

/* Brightness of a square of pixels, and of every other sample that it has. */
static void paint(int x0, int y0, int w, int h, uint8_t value)
{
	const struct plane_format *plane = &frame->format->plane[0];
	size_t pixel = plane->cell_bytes / plane->cell_w;

	for (int y = y0; y < y0 + h; y++)
		memset(frame->plane[0] + y * frame->stride[0] + x0 * pixel, value, w * pixel);
}

static void paint_noise(unsigned levels)
{
	size_t bytes = plane_row_bytes(&frame->format->plane[0], WIDTH);

	for (int y = 0; y < HEIGHT; y++)
		for (size_t i = 0; i < bytes; i++)
			frame->plane[0][y * frame->stride[0] + i] +=
				test_random() % (2 * levels + 1) - levels;
}

static void look(void)
{
	memset(&found, 0, sizeof(found));
	frame->time_ns = now++ * (int64_t)FRAME_NS;
	ck_assert_int_eq(detector->ops->detect(detector, frame, &found, NULL), 0);
}

static void look_at_nothing(int frames)
{
	while (frames--) {
		paint(0, 0, WIDTH, HEIGHT, 100);
		look();
	}
}

static bool is_found(float x, float y, float w, float h)
{
	for (unsigned i = 0; i < found.count; i++)
		if (found.at[i].x <= x && found.at[i].y <= y &&
		    found.at[i].x + found.at[i].w >= x + w &&
		    found.at[i].y + found.at[i].h >= y + h)
			return true;
	return false;
}

static bool whole(void)
{
	return is_found(0, 0, WIDTH, HEIGHT);
}

START_TEST(the_first_second_is_covered_whole)
{
	for (int i = 0; i < SECOND; i++) {
		look_at_nothing(1);
		ck_assert_msg(whole(), "frame %d", i);
	}
	look_at_nothing(LEARN);
	ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(what_moves_is_found_in_every_format)
{
	setup_format(&formats[_i]);
	look_at_nothing(LEARN);
	for (int i = 0; i < 40; i++) {
		paint(0, 0, WIDTH, HEIGHT, 100);
		paint(20 + 6 * i, 50, 21, 33, 120);
		look();
		ck_assert_msg(is_found(20 + 6 * i, 50, 21, 33), "%s, frame %d",
			      formats[_i].name, i);
		ck_assert(!whole());
	}
	teardown();
}
END_TEST

START_TEST(two_that_move_are_two_boxes)
{
	look_at_nothing(LEARN);
	paint(20, 20, 20, 20, 50);
	paint(200, 100, 20, 20, 50);
	look();
	ck_assert_uint_eq(found.count, 2);
	ck_assert(is_found(20, 20, 20, 20));
	ck_assert(is_found(200, 100, 20, 20));
	ck_assert_float_eq(found.at[0].score, 1);
}
END_TEST

START_TEST(who_stops_stays_covered)
{
	look_at_nothing(LEARN);
	for (int i = 0; i < 19 * SECOND; i++) {
		paint(0, 0, WIDTH, HEIGHT, 100);
		paint(100, 50, 30, 30, 130);
		look();
		ck_assert_msg(is_found(100, 50, 30, 30), "frame %d", i);
	}
	/* And becomes background in the end. */
	for (int i = 0; i < 5 * SECOND; i++)
		look();
	ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(who_fidgets_never_becomes_background)
{
	look_at_nothing(LEARN);
	for (int i = 0; i < 60 * SECOND; i++) {
		paint(0, 0, WIDTH, HEIGHT, 100);
		paint(100, 50, 30, 30, i / (2 * SECOND) % 2 ? 130 : 145);
		look();
		ck_assert_msg(is_found(100, 50, 30, 30), "frame %d", i);
	}
}
END_TEST

START_TEST(who_vanishes_for_a_moment_stays_covered)
{
	look_at_nothing(LEARN);
	paint(100, 50, 30, 30, 130);
	look();
	for (int i = 0; i < SECOND; i++) {
		look_at_nothing(1);
		ck_assert_msg(is_found(100, 50, 30, 30), "frame %d", i);
	}
	look_at_nothing(2 * SECOND);
	ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(when_everything_changes_everything_is_covered)
{
	look_at_nothing(LEARN);
	for (int i = 0; i < 10 * SECOND; i++) {
		paint(0, 0, WIDTH, HEIGHT, 150);	/* somebody switched the light on */
		look();
		ck_assert_msg(whole(), "frame %d", i);
	}
	for (int i = 0; i < 15 * SECOND; i++)
		look();
	ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(daylight_and_noise_are_no_motion)
{
	unsigned boxes = 0;

	for (int i = 0; i < 60 * SECOND; i++) {
		paint(0, 0, WIDTH, HEIGHT, 100 + i / (12 * SECOND));
		paint_noise(8);
		look();
		if (i > LEARN)
			boxes += found.count;
	}
	ck_assert_msg(boxes <= 580, "%u boxes", boxes);	/* of 3645 cells, one a frame */
}
END_TEST

START_TEST(another_picture_size_is_learnt_anew)
{
	look_at_nothing(LEARN);
	ck_assert(!whole());
	frame_free(&frame);
	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_GREY, 64, 48, NULL), 0);
	memset(&found, 0, sizeof(found));
	ck_assert_int_eq(detector->ops->detect(detector, frame, &found, NULL), 0);
	ck_assert(is_found(0, 0, 64, 48));
}
END_TEST

START_TEST(after_a_reset_it_is_learnt_anew)
{
	look_at_nothing(LEARN);
	detector->ops->reset(detector);
	look_at_nothing(1);
	ck_assert(whole());
}
END_TEST

START_TEST(tiny_pictures_are_looked_at)
{
	static const unsigned sizes[][2] = { { 1, 1 }, { 1, 9 }, { 5, 1 }, { 3, 700 } };

	frame_free(&frame);
	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_YUYV, sizes[_i][0], sizes[_i][1], NULL), 0);
	for (int i = 0; i < LEARN; i++)
		look();
	ck_assert_uint_eq(found.count, 0);
	memset(frame->plane[0], 0x80, frame->bytes);
	look();
	ck_assert(is_found(0, 0, sizes[_i][0], sizes[_i][1]));
}
END_TEST

START_TEST(more_boxes_than_fit_are_doubt)
{
	frame_free(&frame);
	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_GREY, 640, 640, NULL), 0);
	for (int i = 0; i < LEARN; i++)
		look();
	for (int y = 0; y < 640; y += 12)
		for (int x = 0; x < 640; x += 12)
			paint(x, y, 4, 4, 200);
	look();
	ck_assert(found.full);
}
END_TEST

START_TEST(looking_for_motion_allocates_nothing)
{
	int ret = 0;

	look_at_nothing(1);
	test_alloc_fail_at(1);
	for (int i = 0; i < LEARN && ret == 0; i++) {
		paint(10 * i, 10, 20, 20, 200);
		frame->time_ns += FRAME_NS;
		found.count = 0;
		ret = detector->ops->detect(detector, frame, &found, NULL);
	}
	test_alloc_fail_at(0);
	ck_assert_int_eq(ret, 0);
	ck_assert(!test_alloc_failed());
}
END_TEST

START_TEST(without_memory_it_is_blind)
{
	int ret = -ENOMEM;

	for (unsigned n = 1; ret < 0; n++) {
		memset(&found, 0, sizeof(found));
		test_alloc_fail_at(n);
		ret = detector->ops->detect(detector, frame, &found, NULL);
		test_alloc_fail_at(0);
		ck_assert(ret == 0 || ret == -ENOMEM);
	}
	ck_assert(whole());
}
END_TEST

Suite *motion_suite(void)
{
	Suite *suite = suite_create("motion");
	TCase *tcase = tcase_create("motion"), *all = tcase_create("formats");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_first_second_is_covered_whole);
	tcase_add_test(tcase, two_that_move_are_two_boxes);
	tcase_add_test(tcase, who_stops_stays_covered);
	tcase_add_test(tcase, who_fidgets_never_becomes_background);
	tcase_add_test(tcase, who_vanishes_for_a_moment_stays_covered);
	tcase_add_test(tcase, when_everything_changes_everything_is_covered);
	tcase_add_test(tcase, daylight_and_noise_are_no_motion);
	tcase_add_test(tcase, another_picture_size_is_learnt_anew);
	tcase_add_test(tcase, after_a_reset_it_is_learnt_anew);
	tcase_add_loop_test(tcase, tiny_pictures_are_looked_at, 0, 4);
	tcase_add_test(tcase, more_boxes_than_fit_are_doubt);
	tcase_add_test(tcase, looking_for_motion_allocates_nothing);
	tcase_add_test(tcase, without_memory_it_is_blind);
	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(all, what_moves_is_found_in_every_format, 0, formats_count);
	suite_add_tcase(suite, all);
	return suite;
}
