// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame/region.h"
#include "reference.h"

static struct rect random_rect(void)
{
	return (struct rect) {
		(int)(test_random() % 40) - 12, (int)(test_random() % 40) - 12,
		(int)(test_random() % 30) - 4, (int)(test_random() % 30) - 4,
	};
}

static bool rect_has(struct rect r, int x, int y)
{
	return x >= r.x && x < r.x + r.w && y >= r.y && y < r.y + r.h;
}

START_TEST(rectangles_agree_with_counting_pixels)
{
	for (unsigned round = 0; round < 300; round++) {
		struct rect a = random_rect(), b = random_rect();
		struct rect both = rect_intersect(a, b), all = rect_union(a, b);
		struct rect clip = rect_clip(a, 9, 7);

		for (int y = -50; y < 70; y++)
			for (int x = -50; x < 70; x++) {
				bool in_a = rect_has(a, x, y), in_b = rect_has(b, x, y);

				if (rect_has(both, x, y) != (in_a && in_b) ||
				    (!rect_has(all, x, y) && (in_a || in_b)) ||
				    rect_has(clip, x, y) !=
				    (in_a && x >= 0 && x < 9 && y >= 0 && y < 7))
					ck_abort_msg("at %d,%d", x, y);
			}
	}
}
END_TEST

START_TEST(no_rectangle_is_too_far_away)
{
	const struct rect all = { INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX };
	const struct rect far = { INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX };
	const struct rect wide = rect_union(all, far);
	struct rect clip;

	clip = rect_clip(wide, 640, 480);
	ck_assert(clip.x == 0 && clip.y == 0 && clip.w == 640 && clip.h == 480);
	ck_assert(rect_empty(rect_clip(all, 640, 480)));
	ck_assert(rect_empty(rect_clip(far, 640, 480)));
	ck_assert(rect_empty(rect_intersect(all, far)));
	clip = rect_clip(rect_grow((struct rect) { 5, 5, 1, 1 }, 1e30f), 640, 480);
	ck_assert(clip.x == 0 && clip.y == 0 && clip.w == 640 && clip.h == 480);
	clip = rect_clip(rect_grow((struct rect) { 5, 5, 1, 1 }, INFINITY), 640, 480);
	ck_assert(clip.w == 640 && clip.h == 480);
}
END_TEST

START_TEST(growing_never_shrinks)
{
	struct rect grown = rect_grow((struct rect) { 10, 20, 100, 50 }, .15f);

	/* 15 of 100, and 7.5 of 50 rounded outward; .15f is a little more than .15. */
	ck_assert_int_ge(10 - grown.x, 15);
	ck_assert_int_le(10 - grown.x, 16);
	ck_assert_int_eq(grown.y, 20 - 8);
	ck_assert_int_eq(grown.h, 50 + 16);
	grown = rect_grow((struct rect) { 10, 20, 100, 50 }, -1);
	ck_assert_int_eq(grown.w, 100);
	grown = rect_grow((struct rect) { 10, 20, 100, 50 }, NAN);
	ck_assert_int_eq(grown.w, 100);
	ck_assert(rect_empty(rect_grow((struct rect) { 3, 3, 0, 5 }, 2)));
}
END_TEST

START_TEST(a_polygon_is_read_in_any_locale)
{
	struct polygon polygon;

	ck_assert_int_eq(polygon_parse(&polygon, "0,0.62 1,0.55\t1,1 \n0,1 ", NULL), 0);
	ck_assert_uint_eq(polygon.points, 4);
	ck_assert_float_eq(polygon.at[0].y, 0.62f);
	ck_assert_float_eq(polygon.at[1].x, 1);
	ck_assert_float_eq(polygon.at[1].y, 0.55f);
	ck_assert_int_eq(polygon_parse(&polygon, " .5,0. 1,1 0,1", NULL), 0);
	ck_assert_float_eq(polygon.at[0].x, .5f);
}
END_TEST

START_TEST(a_wrong_polygon_is_refused_by_its_word)
{
	static const struct {
		const char *text, *word;
	} wrong[] = {
		{ "", "''" }, { "  ", "three points" }, { "0,0 1,1", "three points" },
		{ "0,0 1,1 1", "'1'" }, { "0,0 1,1 1,", "'1,'" }, { "0,0 1,1 ,1", "',1'" },
		{ "0,0 1.1,1 0,1", "'1.1,1'" }, { "0,0 -1,1 0,1", "'-1,1'" },
		{ "0,0 nan,1 0,1", "'nan,1'" }, { "0,0 1e0,1 0,1", "'1e0,1'" },
		{ "0,0 1,1,1 0,1", "'1,1,1'" }, { "0,0 1;1 0,1", "'1;1'" },
		{ "0,0 .,1 0,1", "'.,1'" }, { "0,0 0..1,1 0,1", "'0..1,1'" },
		{ "0,0 0.1234567890123456789,1 0,1", "'0.1234567890123456789,1'" },
		{ "0,0 1 ,1 0,1", "'1'" }, { "0,0 99999999999999999999,1 1,1", "'9999" },
	};
	struct scrim_error err;
	struct polygon polygon;

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(polygon_parse(&polygon, wrong[i].text, &err), -EINVAL);
		ck_assert_msg(strstr(err.text, wrong[i].word), "%s: %s",
			      wrong[i].text, err.text);
		ck_assert_uint_eq(polygon.points, 0);
	}
}
END_TEST

START_TEST(a_polygon_has_at_most_64_points)
{
	char text[4 * (POLYGON_POINTS_MAX + 1) + 1] = "";
	struct polygon polygon;

	for (unsigned i = 0; i < POLYGON_POINTS_MAX; i++)
		strcat(text, i % 2 ? "0,1 " : "1,0 ");
	ck_assert_int_eq(polygon_parse(&polygon, text, NULL), 0);
	ck_assert_uint_eq(polygon.points, POLYGON_POINTS_MAX);
	strcat(text, "1,1 ");
	ck_assert_int_eq(polygon_parse(&polygon, text, NULL), -EINVAL);
}
END_TEST

static bool shape_has(const struct shape *shape, unsigned x, unsigned y)
{
	for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++)
		if (x >= shape->span[i].from && x < shape->span[i].to)
			return true;
	return false;
}

static void assert_spans_sane(const struct shape *shape)
{
	ck_assert_uint_eq(shape->row[0], 0);
	for (unsigned y = 0; y < shape->height; y++) {
		uint32_t end = 0;

		ck_assert_uint_le(shape->row[y], shape->row[y + 1]);
		for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++) {
			struct span span = shape->span[i];

			ck_assert(i == shape->row[y] || span.from > end);
			ck_assert_uint_lt(span.from, span.to);
			ck_assert_uint_le(span.to, shape->width);
			ck_assert_int_ge(span.from, shape->box.x);
			ck_assert_int_le(span.to, shape->box.x + shape->box.w);
			ck_assert_int_ge(y, shape->box.y);
			ck_assert_int_lt(y, shape->box.y + shape->box.h);
			end = span.to;
		}
	}
}

/* _i is whether the polygons reveal. */
START_TEST(a_pixel_that_a_polygon_touches_is_in_its_shape)
{
	for (unsigned round = 0; round < 400; round++) {
		unsigned width = 1 + test_random() % 33, height = 1 + test_random() % 17;
		struct polygon polygons[3];
		unsigned count = 1 + test_random() % 3;
		struct shape *shape;

		for (unsigned i = 0; i < count; i++)
			reference_polygon(&polygons[i], width, height);
		ck_assert_int_eq(shape_draw(&shape, polygons, count, _i, width, height,
					    NULL), 0);
		assert_spans_sane(shape);
		for (unsigned y = 0; y < height; y++)
			for (unsigned x = 0; x < width; x++) {
				bool in = shape_has(shape, x, y);

				if (!in && reference_surely(polygons, count, _i, width,
							    height, x, y))
					ck_abort_msg("%u,%u of %ux%u leaks", x, y,
						     width, height);
				if (in && !reference_perhaps(polygons, count, _i, width,
							     height, x, y))
					ck_abort_msg("%u,%u of %ux%u is too much", x, y,
						     width, height);
			}
		shape_free(&shape);
	}
}
END_TEST

static struct shape *drawn(const char *text, bool reveal, unsigned width,
			   unsigned height)
{
	struct polygon polygon;
	struct shape *shape;

	ck_assert_int_eq(polygon_parse(&polygon, text, NULL), 0);
	ck_assert_int_eq(shape_draw(&shape, &polygon, 1, reveal, width, height, NULL), 0);
	return shape;
}

START_TEST(a_shape_on_the_pixel_grid_is_exact)
{
	struct shape *shape = drawn("0.25,0.5 0.75,0.5 0.75,1 0.25,1", false, 8, 4);

	ck_assert(shape->box.x == 2 && shape->box.w == 4);
	ck_assert(shape->box.y == 2 && shape->box.h == 2);
	shape_free(&shape);
	ck_assert_ptr_null(shape);
	shape = drawn("0,0 1,0 1,1 0,1", true, 8, 4);
	ck_assert(rect_empty(shape->box));
	ck_assert_uint_eq(shape->row[4], 0);
	shape_free(&shape);
}
END_TEST

START_TEST(what_a_polygon_goes_around_twice_is_hidden)
{
	const char *const star = "0.5,0.02 0.79,0.95 0.02,0.37 0.98,0.37 0.21,0.95";
	const char *const twice = ".1,.1 .9,.1 .9,.9 .1,.9 .1,.1 .9,.1 .9,.9 .1,.9";
	struct shape *shape;

	for (int reveal = 0; reveal < 2; reveal++) {
		shape = drawn(star, reveal, 41, 41);
		ck_assert(shape_has(shape, 20, 20));
		shape_free(&shape);
		shape = drawn(twice, reveal, 41, 41);
		ck_assert(shape_has(shape, 20, 20));
		shape_free(&shape);
	}
}
END_TEST

START_TEST(a_crossed_polygon_hides_both_of_its_halves)
{
	/* A bow tie: left and right are in, top and bottom are out. */
	struct shape *shape = drawn("0,0 1,1 1,0 0,1", false, 21, 21);

	ck_assert(shape_has(shape, 1, 10) && shape_has(shape, 19, 10));
	ck_assert(!shape_has(shape, 10, 1) && !shape_has(shape, 10, 19));
	ck_assert(shape_has(shape, 10, 10));
	shape_free(&shape);
}
END_TEST

START_TEST(a_line_hides_the_pixels_that_it_crosses_and_reveals_none)
{
	struct shape *shape = drawn("0.1,0.3 0.9,0.3 0.5,0.3", false, 10, 5);

	ck_assert(shape->box.y == 1 && shape->box.h == 1);
	ck_assert(shape_has(shape, 5, 1));
	shape_free(&shape);
	shape = drawn("0.1,0.3 0.9,0.3 0.5,0.3", true, 10, 5);
	ck_assert(shape->box.w == 10 && shape->box.h == 5);
	for (unsigned y = 0; y < 5; y++)
		ck_assert_uint_eq(shape->span[y].to - shape->span[y].from, 10);
	shape_free(&shape);
}
END_TEST

START_TEST(without_a_polygon_nothing_is_hidden_and_nothing_revealed)
{
	struct shape *shape;

	ck_assert_int_eq(shape_draw(&shape, NULL, 0, false, 6, 4, NULL), 0);
	ck_assert(rect_empty(shape->box));
	shape_free(&shape);
	ck_assert_int_eq(shape_draw(&shape, NULL, 0, true, 6, 4, NULL), 0);
	ck_assert(shape->box.w == 6 && shape->box.h == 4);
	shape_free(&shape);
}
END_TEST

START_TEST(what_cannot_be_drawn_is_refused)
{
	struct polygon polygon = { 3, { { 0, 0 }, { 1, 0 }, { 1, 1 } } };
	struct shape *shape = (void *)1;

	ck_assert_int_eq(shape_draw(&shape, &polygon, 1, false, 0, 4, NULL), -EINVAL);
	ck_assert_ptr_null(shape);
	ck_assert_int_eq(shape_draw(&shape, &polygon, 1, false, 4, SCRIM_SIDE_MAX + 1,
				    NULL), -EFBIG);
	ck_assert_int_eq(shape_draw(&shape, &polygon, 1, false, 8193, 8192, NULL), -EFBIG);
	polygon.at[1].x = NAN;
	ck_assert_int_eq(shape_draw(&shape, &polygon, 1, false, 4, 4, NULL), -EINVAL);
	polygon.at[1].x = 1.5f;
	ck_assert_int_eq(shape_draw(&shape, &polygon, 1, false, 4, 4, NULL), -EINVAL);
	polygon.at[1].x = 1;
	polygon.points = 2;
	ck_assert_int_eq(shape_draw(&shape, &polygon, 1, false, 4, 4, NULL), -EINVAL);
	polygon.points = POLYGON_POINTS_MAX + 1;
	ck_assert_int_eq(shape_draw(&shape, &polygon, 1, false, 4, 4, NULL), -EINVAL);
	ck_assert_ptr_null(shape);
}
END_TEST

START_TEST(a_shape_without_memory_is_an_error_not_a_smaller_shape)
{
	struct polygon polygon = { 3, { { 0, 0 }, { 1, .5f }, { .2f, 1 } } };
	unsigned failures = 0;

	for (unsigned n = 1;; n++) {
		struct shape *shape;
		bool failed;
		int ret;

		test_alloc_fail_at(n);
		/* Tall enough for the spans to grow more than once. */
		ret = shape_draw(&shape, &polygon, 1, false, 20, 300, NULL);
		failed = test_alloc_failed();
		test_alloc_fail_at(0);
		if (!failed) {
			ck_assert_int_eq(ret, 0);
			shape_free(&shape);
			break;
		}
		ck_assert_int_eq(ret, -ENOMEM);
		ck_assert_ptr_null(shape);
		failures++;
	}
	ck_assert_uint_ge(failures, 6);
}
END_TEST

START_TEST(names_of_methods_are_what_is_parsed)
{
	static const enum method all[] = {
		METHOD_FILL, METHOD_MOSAIC, METHOD_BLUR, METHOD_SHOW,
	};
	struct scrim_error err;
	enum method method;

	for (unsigned i = 0; i < 4; i++) {
		ck_assert_int_eq(method_parse(&method, method_name(all[i]), NULL), 0);
		ck_assert_int_eq(method, all[i]);
	}
	ck_assert_str_eq(method_name(METHOD_UNSET), "fill");
	ck_assert_int_eq(method_parse(&method, "blurr", &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "'blurr'"));
	ck_assert_int_eq(method, METHOD_UNSET);
	ck_assert_int_eq(method_parse(&method, "", NULL), -EINVAL);
}
END_TEST

START_TEST(every_cause_has_a_name_of_its_own)
{
	for (int a = CAUSE_FACE; a <= CAUSE_DOUBT; a++)
		for (int b = CAUSE_FACE; b < a; b++)
			ck_assert_str_ne(cause_name(a), cause_name(b));
	ck_assert_str_eq(cause_name(99), "doubt");
}
END_TEST

START_TEST(a_full_list_covers_the_whole_picture)
{
	struct regions *regions = malloc(sizeof(*regions));
	const struct region region = { .box = { 0, 0, 1, 1 } };

	ck_assert_ptr_nonnull(regions);
	regions_clear(regions);
	for (unsigned i = 0; i < REGIONS_MAX; i++)
		regions_add(regions, &region);
	ck_assert(!regions->whole && regions->count == REGIONS_MAX);
	regions_add(regions, &region);
	ck_assert(regions->whole && regions->count == REGIONS_MAX);
	ck_assert_ptr_nonnull(regions->why);
	regions_cover(regions, "later");
	ck_assert_str_ne(regions->why, "later");
	regions_clear(regions);
	ck_assert(!regions->whole && !regions->count && !regions->why);
	free(regions);
}
END_TEST

Suite *region_suite(void)
{
	Suite *suite = suite_create("region");
	TCase *tcase = tcase_create("region");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, rectangles_agree_with_counting_pixels);
	tcase_add_test(tcase, no_rectangle_is_too_far_away);
	tcase_add_test(tcase, growing_never_shrinks);
	tcase_add_test(tcase, a_polygon_is_read_in_any_locale);
	tcase_add_test(tcase, a_wrong_polygon_is_refused_by_its_word);
	tcase_add_test(tcase, a_polygon_has_at_most_64_points);
	tcase_add_loop_test(tcase, a_pixel_that_a_polygon_touches_is_in_its_shape, 0, 2);
	tcase_add_test(tcase, a_shape_on_the_pixel_grid_is_exact);
	tcase_add_test(tcase, what_a_polygon_goes_around_twice_is_hidden);
	tcase_add_test(tcase, a_crossed_polygon_hides_both_of_its_halves);
	tcase_add_test(tcase, a_line_hides_the_pixels_that_it_crosses_and_reveals_none);
	tcase_add_test(tcase, without_a_polygon_nothing_is_hidden_and_nothing_revealed);
	tcase_add_test(tcase, what_cannot_be_drawn_is_refused);
	tcase_add_test(tcase, a_shape_without_memory_is_an_error_not_a_smaller_shape);
	tcase_add_test(tcase, names_of_methods_are_what_is_parsed);
	tcase_add_test(tcase, every_cause_has_a_name_of_its_own);
	tcase_add_test(tcase, a_full_list_covers_the_whole_picture);
	suite_add_tcase(suite, tcase);
	return suite;
}
