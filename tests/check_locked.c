// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel will hold against what redact() covers.  The rule by which the driver scales
 * spans is written here again, from its contract.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../driver/uapi/linux/scrim.h"
#include "policy/locked.h"

static struct policy policy;
static struct scrim_error err;

static float random_fraction(void)
{
	/* Often on a border between pixels, where rounding matters. */
	return test_random() % 3 ? (test_random() % 1001) / 1000.0f : (test_random() % 9) / 8.0f;
}

static void add_region(unsigned points, bool locked)
{
	struct policy_region *region = &policy.region[policy.regions++];

	*region = (struct policy_region){ .method = METHOD_FILL, .locked = locked };
	region->polygon.points = points;
	for (unsigned i = 0; i < points; i++) {
		region->polygon.at[i].x = random_fraction();
		region->polygon.at[i].y = random_fraction();
	}
}

static void random_policy(void)
{
	policy_default(&policy);
	add_region(3 + test_random() % 6, true);
	if (test_random() % 2)
		add_region(3 + test_random() % 3, true);
	if (test_random() % 3 == 0)
		add_region(3, false);
}

/* The blocks of 2x2 pixels of a feed that the driver blackens, a byte each. */
static uint8_t *driver_mask(const struct locked *locked, unsigned width, unsigned height)
{
	unsigned columns = width / 2, rows = height / 2, lines = 0;
	uint8_t *mask = calloc(columns, rows);
	const char *line = locked->text;

	ck_assert_ptr_nonnull(mask);
	for (; *line; line = strchr(line, '\n') + 1, lines++) {
		unsigned top, bottom, left, right;
		int used = 0;

		ck_assert_int_eq(sscanf(line, "%u %u %u %u%n", &top, &bottom, &left, &right, &used), 4);
		ck_assert_int_eq(line[used], '\n');
		ck_assert(top < bottom && bottom <= locked->height);
		ck_assert(left < right && right <= locked->width);
		for (unsigned y = top * rows / locked->height;
		     y < rows && y * locked->height < bottom * rows; y++)
			for (unsigned x = left * columns / locked->width;
			     x < columns && x * locked->width < right * columns; x++)
				mask[y * columns + x] = 1;
	}
	ck_assert_uint_eq(lines, locked->count);
	return mask;
}

/* What redact() covers for the locked regions. */
static struct shape *drawn(unsigned width, unsigned height)
{
	struct polygon polygons[POLICY_REGIONS_MAX];
	struct shape *shape = NULL;
	unsigned count = 0;

	for (unsigned i = 0; i < policy.regions; i++)
		if (policy.region[i].locked)
			polygons[count++] = policy.region[i].polygon;
	ck_assert_int_eq(shape_draw(&shape, polygons, count, false, width, height, &err), 0);
	return shape;
}

/* Blocks that are covered; every pixel of the shape lies in one. */
static unsigned assert_covers(const struct locked *locked, unsigned width, unsigned height)
{
	uint8_t *mask = driver_mask(locked, width, height);
	struct shape *shape = drawn(width, height);
	unsigned covered = 0, missed = 0;

	for (unsigned y = 0; y < height; y++)
		for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++)
			for (unsigned x = shape->span[i].from; x < shape->span[i].to; x++)
				missed += !mask[y / 2 * (width / 2) + x / 2];
	for (unsigned i = 0; i < (width / 2) * (height / 2); i++)
		covered += mask[i];
	ck_assert_msg(!missed, "%u pixels of %ux%u are open, measured in %ux%u", missed, width, height,
		      locked->width, locked->height);
	shape_free(&shape);
	free(mask);
	return covered;
}

/* Each test begins with the same chance. */
static void stir(int i)
{
	for (; i; i--)
		test_random();
}

static void assert_every_size(void)
{
	static const struct { unsigned width, height; } sizes[] = {
		{ 16, 16 }, { 64, 48 }, { 126, 94 }, { 63, 47 }, { 101, 3 }, { 1, 1 }, { 17, 130 },
	};
	struct locked locked;

	for (unsigned m = 0; m < sizeof(sizes) / sizeof(sizes[0]); m++) {
		ck_assert_int_eq(policy_locked(&locked, &policy, sizes[m].width, sizes[m].height,
					       SCRIM_SPANS_MAX / 2, &err), 0);
		for (unsigned f = 0; f < 3; f++)
			assert_covers(&locked, sizes[f].width, sizes[f].height);
		locked_free(&locked);
		ck_assert_ptr_null(locked.text);
	}
}

START_TEST(what_redact_covers_the_kernel_holds_in_every_size)
{
	stir(_i);
	random_policy();
	assert_every_size();
}
END_TEST

/*
 * What has no area may lie on a border between pixels in one size, and within a pixel in
 * another; and what is near a border in one size is less so in another.
 */
START_TEST(what_lies_on_a_border_is_covered_in_every_size)
{
	static const char *const texts[] = {
		"0.125,0.125 0.375,0.125 0.292,0.75 0.875,0.125",	/* level, beside an area */
		"0.125,0.125 0.125,0.375 0.75,0.292 0.125,0.875",
		"0.125,0.25 0.875,0.25 0.5,0.25",			/* a line */
		"0.25,0.125 0.25,0.875 0.25,0.5",
		"0.25,0.25 0.25,0.25 0.25,0.25",			/* a point */
		"1,1 1,1 1,1",
		"0.5,1 1,1 0.75,1",
		"0.25,0.25 0.5,0.25 0.5,0.5 0.25,0.5 0.25,0.25 0.25,0.125",
		/* An edge that passes 0.0000003 pixels beside the corner of one, of 16 in a row. */
		"0.375,0.466 0.25,0.125 0,0.625 0.75,0.067 0.785,0.94 0.125,0.5 0.318,0.75",
	};

	policy_default(&policy);
	policy.region[policy.regions++] = (struct policy_region){ .locked = true };
	ck_assert_int_eq(polygon_parse(&policy.region[0].polygon, texts[_i], &err), 0);
	assert_every_size();
}
END_TEST

/* No block that has no pixel of the shape. */
START_TEST(in_the_size_of_the_feed_not_a_block_more_is_covered)
{
	struct locked locked;
	struct shape *shape;
	unsigned covered, blocks = 0;
	uint8_t touched[24][32] = { 0 };

	stir(_i);
	random_policy();
	ck_assert_int_eq(policy_locked(&locked, &policy, 64, 48, SCRIM_SPANS_MAX, &err), 0);
	covered = assert_covers(&locked, 64, 48);
	shape = drawn(64, 48);
	for (unsigned y = 0; y < 48; y++)
		for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++)
			for (unsigned x = shape->span[i].from; x < shape->span[i].to; x++)
				touched[y / 2][x / 2] = 1;
	for (unsigned i = 0; i < sizeof(touched); i++)
		blocks += touched[i / 32][i % 32];
	ck_assert_uint_eq(covered, blocks);
	shape_free(&shape);
	locked_free(&locked);
}
END_TEST

START_TEST(rows_that_are_alike_are_one_span)
{
	struct locked locked;

	policy_default(&policy);
	policy.region[policy.regions++] = (struct policy_region){ .locked = true };
	ck_assert_int_eq(polygon_parse(&policy.region[0].polygon, "0.25,0.25 0.5,0.25 0.5,1 0.25,1", &err), 0);
	ck_assert_int_eq(policy_locked(&locked, &policy, 1280, 720, 100, &err), 0);
	ck_assert_str_eq(locked.text, "180 720 320 640\n");
	ck_assert_uint_eq(locked.count, 1);
	locked_free(&locked);
}
END_TEST

START_TEST(nothing_locked_is_no_span)
{
	struct locked locked;

	policy_default(&policy);
	add_region(4, false);
	ck_assert_int_eq(policy_locked(&locked, &policy, 64, 48, 100, &err), 0);
	ck_assert_uint_eq(locked.count, 0);
	ck_assert_str_eq(locked.text, "");
	locked_free(&locked);
}
END_TEST

/* _i: room for that many spans. */
START_TEST(spans_that_are_too_many_become_coarser_and_cover_more)
{
	struct locked locked;

	policy_default(&policy);
	add_region(POLYGON_POINTS_MAX, true);
	ck_assert_int_eq(policy_locked(&locked, &policy, 126, 94, 1u << _i, &err), 0);
	ck_assert_uint_ge(locked.count, 1);
	ck_assert_uint_le(locked.count, 1u << _i);
	assert_covers(&locked, 126, 94);
	assert_covers(&locked, 64, 48);
	locked_free(&locked);
}
END_TEST

START_TEST(a_picture_of_the_largest_width_fits_the_kernel)
{
	struct locked locked;

	policy_default(&policy);
	for (int i = 0; i < 8; i++)
		add_region(3, true);
	ck_assert_int_eq(policy_locked(&locked, &policy, SCRIM_SIZE_MAX, SCRIM_SIZE_MAX / 16,
				       SCRIM_SPANS_MAX / 2, &err), 0);
	ck_assert_uint_le(locked.count, SCRIM_SPANS_MAX / 2);
	locked_free(&locked);
}
END_TEST

START_TEST(without_memory_there_are_no_spans)
{
	struct locked locked;
	int ret = -ENOMEM;

	random_policy();
	for (unsigned n = 1; ret < 0; n++) {
		test_alloc_fail_at(n);
		ret = policy_locked(&locked, &policy, 64, 48, 100, &err);
		test_alloc_fail_at(0);
		ck_assert(ret == 0 || (ret == -ENOMEM && !locked.text && !locked.count));
	}
	locked_free(&locked);
	ck_assert_int_eq(policy_locked(&locked, &policy, 64, 48, 0, &err), -EINVAL);
	ck_assert_int_lt(policy_locked(&locked, &policy, 0, 48, 100, &err), 0);
}
END_TEST

Suite *locked_suite(void)
{
	Suite *suite = suite_create("locked");
	TCase *tcase = tcase_create("locked");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, what_redact_covers_the_kernel_holds_in_every_size, 0, 40);
	tcase_add_loop_test(tcase, what_lies_on_a_border_is_covered_in_every_size, 0, 9);
	tcase_add_loop_test(tcase, in_the_size_of_the_feed_not_a_block_more_is_covered, 0, 40);
	tcase_add_test(tcase, rows_that_are_alike_are_one_span);
	tcase_add_test(tcase, nothing_locked_is_no_span);
	tcase_add_loop_test(tcase, spans_that_are_too_many_become_coarser_and_cover_more, 0, 9);
	tcase_add_test(tcase, a_picture_of_the_largest_width_fits_the_kernel);
	tcase_add_test(tcase, without_memory_there_are_no_spans);
	suite_add_tcase(suite, tcase);
	return suite;
}
