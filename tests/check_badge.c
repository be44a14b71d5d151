// SPDX-License-Identifier: GPL-2.0
/*
 * The badge is what the manual says, byte by byte, against one that is drawn here from three
 * letters; beside it nothing changes.
 */
#include "test.h"

#include <string.h>

#include "redact/redact.h"

static struct redactor *redactor;
static struct regions regions;

static void setup(void)
{
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	memset(&regions, 0, sizeof(regions));
}

static void teardown(void)
{
	redactor_free(&redactor);
}

/* 5 bits a row: R, E and C. */
static bool is_ink(int x, int y)
{
	static const uint8_t letters[3][7] = {
		{ 0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11 },
		{ 0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f },
		{ 0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e },
	};
	int column = (x - 2) % 6;

	if (x == 0 || y == 0 || x == 20 || y == 10)
		return true;
	if (x < 2 || x > 18 || y < 2 || y > 8 || column == 5)
		return false;
	return letters[(x - 2) / 6][y - 2] >> (4 - column) & 1;
}

static bool is_luma(const struct frame *frame, unsigned plane, size_t at)
{
	switch (frame->format->fourcc) {
	case V4L2_PIX_FMT_YUYV:	return at % 2 == 0;
	case V4L2_PIX_FMT_UYVY:	return at % 2 == 1;
	}
	return plane == 0;
}

/* Chroma is of one value, whatever the ink, as alpha is. */
static uint8_t byte_of(const struct frame *frame, unsigned plane, size_t at, bool ink)
{
	if (frame->format->rgb)
		return frame->format->fourcc == V4L2_PIX_FMT_ABGR32 && at % 4 == 3 ? 255 :
		       ink ? 0 : 255;
	if (!is_luma(frame, plane, at))
		return 128;
	if (frame->colour.full_range)
		return ink ? 0 : 255;
	return ink ? 16 : 235;
}

static const struct {
	unsigned width, height;
	int point;
} sizes[] = {
	{ 96, 64, 2 }, { 97, 65, 2 }, { 320, 180, 2 }, { 640, 359, 2 }, { 360, 640, 4 },
	{ 641, 480, 4 }, { 1920, 1080, 12 }, { 31, 17, 2 }, { 2, 2, 2 }, { 1, 1, 2 },
};

#define SIZES	(sizeof(sizes) / sizeof(sizes[0]))

static struct frame *frame_of_noise(const struct format *format, unsigned width, unsigned height)
{
	struct frame *frame;

	ck_assert_int_eq(frame_new(&frame, format->fourcc, width, height, NULL), 0);
	test_random_fill(frame->plane[0], frame->bytes);
	frame->colour.full_range = test_random() % 2;
	return frame;
}

static struct clean_frame *redacted(const struct frame *raw, bool badge)
{
	struct clean_frame *clean;
	struct frame *frame;

	ck_assert_int_eq(frame_new(&frame, raw->format->fourcc, raw->width, raw->height, NULL), 0);
	frame_copy(frame, raw);
	regions.badge = badge;
	ck_assert_int_eq(redact(redactor, &frame, &regions, &clean, NULL), 0);
	return clean;
}

/* libcheck's own assertions write to a pipe: too slow for every byte. */
static void compare(const struct frame *with, const struct frame *without, int point)
{
	for (unsigned p = 0; p < with->format->planes; p++) {
		const struct plane_format *plane = &with->format->plane[p];

		for (unsigned y = 0; y < plane_rows(plane, with->height); y++)
			for (size_t at = 0; at < plane_row_bytes(plane, with->width); at++) {
				int dx = (int)(at / plane->cell_bytes * plane->cell_w) - point;
				int dy = (int)(y * plane->cell_h) - point;
				bool under = dx >= 0 && dy >= 0 && dx < 21 * point && dy < 11 * point;
				uint8_t is = with->plane[p][y * with->stride[p] + at];
				uint8_t wanted = under ?
					byte_of(with, p, at, is_ink(dx / point, dy / point)) :
					without->plane[p][y * without->stride[p] + at];

				if (is != wanted)
					ck_abort_msg("%s %ux%u: plane %u row %u byte %zu is %u, not %u",
						     with->format->name, with->width, with->height, p,
						     y, at, is, wanted);
			}
	}
}

/* _i is the format; over: how what lies below it is covered. */
static void check(unsigned format, unsigned size, enum method over)
{
	unsigned width = sizes[size].width, height = sizes[size].height;
	struct frame *raw = frame_of_noise(&formats[format], width, height);
	struct clean_frame *with, *without;

	regions_clear(&regions);
	regions_add(&regions, &(struct region){ .method = over,
		.box = { width / 8, height / 16, width / 2, height / 2 } });
	with = redacted(raw, true);
	without = redacted(raw, false);
	compare(clean_frame_view(with), clean_frame_view(without), sizes[size].point);
	clean_frame_free(&with);
	clean_frame_free(&without);
	frame_free(&raw);
}

START_TEST(the_badge_is_exact_opaque_and_changes_nothing_beside_it)
{
	for (unsigned i = 0; i < SIZES; i++) {
		check(_i, i, METHOD_FILL);
		check(_i, i, METHOD_BLUR);
		check(_i, i, METHOD_SHOW);
	}
}
END_TEST

START_TEST(what_is_covered_whole_has_no_badge)
{
	struct frame *raw = frame_of_noise(&formats[_i], 320, 180);
	struct clean_frame *with, *without;

	regions_cover(&regions, "doubt");
	with = redacted(raw, true);
	without = redacted(raw, false);
	ck_assert_mem_eq(clean_frame_view(with)->plane[0], clean_frame_view(without)->plane[0],
			 raw->bytes);
	clean_frame_free(&with);
	clean_frame_free(&without);
	frame_free(&raw);
}
END_TEST

/* So that none of the next frame has it unless the policy says so again. */
START_TEST(a_list_that_is_cleared_has_no_badge)
{
	regions.badge = true;
	regions_clear(&regions);
	ck_assert(!regions.badge);
}
END_TEST

Suite *badge_suite(void)
{
	Suite *suite = suite_create("badge");
	TCase *tcase = tcase_create("badge");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, the_badge_is_exact_opaque_and_changes_nothing_beside_it,
			    0, formats_count);
	tcase_add_loop_test(tcase, what_is_covered_whole_has_no_badge, 0, formats_count);
	tcase_add_test(tcase, a_list_that_is_cleared_has_no_badge);
	suite_add_tcase(suite, tcase);
	return suite;
}
