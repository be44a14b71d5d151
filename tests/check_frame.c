// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <string.h>

#include "frame/frame.h"

START_TEST(every_byte_of_a_cell_but_alpha_belongs_to_one_channel)
{
	const struct format *format = &formats[_i];

	ck_assert_ptr_eq(format_find(format->fourcc), format);
	for (unsigned p = 0; p < format->planes; p++) {
		const struct plane_format *plane = &format->plane[p];
		unsigned seen[CELL_BYTES_MAX] = { 0 };

		for (unsigned c = 0; c < plane->channels; c++)
			for (unsigned at = plane->channel[c].at; at < plane->cell_bytes;
			     at += plane->channel[c].step)
				seen[at]++;
		for (unsigned at = 0; at < plane->cell_bytes; at++) {
			bool alpha = format->fourcc == V4L2_PIX_FMT_ABGR32 && at == 3;

			ck_assert_uint_eq(seen[at], !alpha);
		}
	}
}
END_TEST

START_TEST(a_format_that_is_not_ours_is_refused)
{
	struct scrim_error err;
	struct frame *frame;

	ck_assert_ptr_null(format_find(V4L2_PIX_FMT_MJPEG));
	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_MJPEG, 8, 8, &err), -EINVAL);
	ck_assert_ptr_null(frame);
}
END_TEST

/* Bytes of a whole picture, worked out by hand for a size odd both ways. */
START_TEST(odd_sizes_round_up_to_whole_cells)
{
	static const struct {
		uint32_t fourcc;
		size_t bytes[FORMAT_PLANES_MAX];	/* of a row of 7 pixels */
		unsigned rows[FORMAT_PLANES_MAX];	/* of 5 */
	} known[] = {
		{ V4L2_PIX_FMT_YUYV, { 16 }, { 5 } },
		{ V4L2_PIX_FMT_UYVY, { 16 }, { 5 } },
		{ V4L2_PIX_FMT_NV12, { 7, 8 }, { 5, 3 } },
		{ V4L2_PIX_FMT_NV21, { 7, 8 }, { 5, 3 } },
		{ V4L2_PIX_FMT_YUV420, { 7, 4, 4 }, { 5, 3, 3 } },
		{ V4L2_PIX_FMT_YVU420, { 7, 4, 4 }, { 5, 3, 3 } },
		{ V4L2_PIX_FMT_GREY, { 7 }, { 5 } },
		{ V4L2_PIX_FMT_RGB24, { 21 }, { 5 } },
		{ V4L2_PIX_FMT_BGR24, { 21 }, { 5 } },
		{ V4L2_PIX_FMT_ABGR32, { 28 }, { 5 } },
	};

	ck_assert_uint_eq(sizeof(known) / sizeof(known[0]), formats_count);
	for (unsigned i = 0; i < formats_count; i++) {
		const struct format *format = format_find(known[i].fourcc);

		ck_assert_ptr_nonnull(format);
		for (unsigned p = 0; p < format->planes; p++) {
			ck_assert_uint_eq(plane_row_bytes(&format->plane[p], 7),
					  known[i].bytes[p]);
			ck_assert_uint_eq(plane_rows(&format->plane[p], 5),
					  known[i].rows[p]);
		}
	}
}
END_TEST

static void assert_zero(const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (at[i])
			ck_abort_msg("byte %zu is %u", i, at[i]);
}

START_TEST(a_new_frame_is_zero_and_aligned)
{
	static const unsigned sides[] = { 1, 2, 3, 63, 64, 65 };

	for (unsigned i = 0; i < 36; i++) {
		struct frame *frame;
		size_t bytes = 0;

		ck_assert_int_eq(frame_new(&frame, formats[_i].fourcc, sides[i / 6],
					   sides[i % 6], NULL), 0);
		for (unsigned p = 0; p < frame->format->planes; p++) {
			const struct plane_format *plane = &frame->format->plane[p];
			size_t size = frame->stride[p] * plane_rows(plane, frame->height);

			ck_assert_uint_eq((uintptr_t)frame->plane[p] % 64, 0);
			ck_assert_uint_eq(frame->stride[p] % 64, 0);
			ck_assert_uint_ge(frame->stride[p],
					  plane_row_bytes(plane, frame->width));
			assert_zero(frame->plane[p], size);
			bytes += size;
		}
		ck_assert_uint_eq(frame->bytes, bytes);
		frame_free(&frame);
		ck_assert_ptr_null(frame);
	}
}
END_TEST

START_TEST(sizes_over_the_limits_are_refused_before_they_are_multiplied)
{
	static const struct {
		unsigned width, height;
		int ret;
	} known[] = {
		{ 0, 1, -EINVAL }, { 1, 0, -EINVAL }, { 0, 0, -EINVAL },
		{ SCRIM_SIDE_MAX + 1, 1, -EFBIG }, { 1, SCRIM_SIDE_MAX + 1, -EFBIG },
		{ 8192, 8193, -EFBIG }, { 32768, 2049, -EFBIG },
		{ 0x10000, 0x10000, -EFBIG }, { 0x10001, 0xffff, -EFBIG },
		{ 0xffffffff, 0xffffffff, -EFBIG }, { 0xffffffff, 1, -EFBIG },
		{ 1, 0xffffffff, -EFBIG }, { 0x80000000, 2, -EFBIG },
	};

	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct frame_pool *pool = (void *)1;
		struct frame *frame = (void *)1;

		ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_ABGR32, known[i].width,
					   known[i].height, NULL), known[i].ret);
		ck_assert_ptr_null(frame);
		ck_assert_int_eq(frame_pool_new(&pool, V4L2_PIX_FMT_ABGR32,
						known[i].width, known[i].height, NULL),
				 known[i].ret);
		ck_assert_ptr_null(pool);
	}
}
END_TEST

START_TEST(the_longest_sides_are_taken)
{
	struct frame *frame;

	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_GREY, SCRIM_SIDE_MAX, 1, NULL), 0);
	frame->plane[0][SCRIM_SIDE_MAX - 1] = 1;
	frame_free(&frame);
	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_GREY, 1, SCRIM_SIDE_MAX, NULL), 0);
	frame->plane[0][frame->stride[0] * (SCRIM_SIDE_MAX - 1)] = 1;
	frame_free(&frame);
}
END_TEST

START_TEST(a_stream_that_runs_allocates_nothing)
{
	struct frame_pool *pool;
	struct frame *frame[3];
	bool failed;
	int ret = 0;

	ck_assert_int_eq(frame_pool_new(&pool, V4L2_PIX_FMT_NV12, 33, 17, NULL), 0);
	for (unsigned round = 0; round < 4 && !ret; round++) {
		for (unsigned i = 0; i < 3; i++)
			ret |= frame_pool_get(pool, &frame[i], NULL);
		for (unsigned i = 0; i < 3; i++)
			frame_free(&frame[i]);
		test_alloc_fail_at(1);
	}
	failed = test_alloc_failed();
	test_alloc_fail_at(0);
	ck_assert(!ret && !failed);
	frame_pool_free(&pool);
	ck_assert_ptr_null(pool);
}
END_TEST

START_TEST(padding_of_a_reused_frame_is_zero)
{
	struct frame_pool *pool;
	struct frame *frame;

	ck_assert_int_eq(frame_pool_new(&pool, formats[_i].fourcc, 33, 17, NULL), 0);
	ck_assert_int_eq(frame_pool_get(pool, &frame, NULL), 0);
	memset(frame->plane[0], 0x5a, frame->bytes);
	frame->number = 7;
	frame->time_ns = 7;
	frame->colour.full_range = true;
	frame_free(&frame);
	ck_assert_int_eq(frame_pool_get(pool, &frame, NULL), 0);
	for (unsigned p = 0; p < frame->format->planes; p++) {
		size_t used = plane_row_bytes(&frame->format->plane[p], 33);

		for (unsigned y = 0; y < plane_rows(&frame->format->plane[p], 17); y++)
			assert_zero(frame->plane[p] + y * frame->stride[p] + used,
				    frame->stride[p] - used);
	}
	ck_assert(!frame->number && !frame->time_ns && !frame->colour.full_range);
	ck_assert_uint_eq(frame->colour.matrix, 2);
	frame_free(&frame);
	frame_pool_free(&pool);
}
END_TEST

/* A sanitizer sees what is freed too early, or never. */
START_TEST(a_pool_may_go_before_its_frames)
{
	struct frame_pool *pool;
	struct frame *a, *b;

	ck_assert_int_eq(frame_pool_new(&pool, V4L2_PIX_FMT_GREY, 8, 8, NULL), 0);
	ck_assert_int_eq(frame_pool_get(pool, &a, NULL), 0);
	ck_assert_int_eq(frame_pool_get(pool, &b, NULL), 0);
	frame_free(&a);
	frame_pool_free(&pool);
	b->plane[0][0] = 1;
	frame_free(&b);
	frame_free(&b);
	frame_pool_free(&pool);
}
END_TEST

START_TEST(a_copy_carries_pixels_and_what_is_known_of_them)
{
	struct frame *from, *to;

	ck_assert_int_eq(frame_new(&from, formats[_i].fourcc, 33, 17, NULL), 0);
	ck_assert_int_eq(frame_new(&to, formats[_i].fourcc, 33, 17, NULL), 0);
	test_random_fill(from->plane[0], from->bytes);
	from->time_ns = 1;
	from->duration_ns = 2;
	from->number = 3;
	from->colour = (struct colour) { true, 1, 1, 1 };
	for (unsigned p = 0; p < to->format->planes; p++)
		to->stride[p] = plane_row_bytes(&to->format->plane[p], 33) + p;
	frame_copy(to, from);
	for (unsigned p = 0; p < to->format->planes; p++)
		for (unsigned y = 0; y < plane_rows(&to->format->plane[p], 17); y++)
			ck_assert_mem_eq(to->plane[p] + y * to->stride[p],
					 from->plane[p] + y * from->stride[p],
					 plane_row_bytes(&to->format->plane[p], 33));
	ck_assert(to->time_ns == 1 && to->duration_ns == 2 && to->number == 3);
	ck_assert(to->colour.full_range && to->colour.matrix == 1);
	frame_free(&from);
	frame_free(&to);
}
END_TEST

START_TEST(every_allocation_that_fails_is_told)
{
	struct frame_pool *pool;
	struct frame *frame, *pooled;
	int frame_ret, pool_ret, get_ret;

	test_alloc_fail_at(1);
	frame_ret = frame_new(&frame, V4L2_PIX_FMT_GREY, 8, 8, NULL);
	pool_ret = frame_pool_new(&pool, V4L2_PIX_FMT_GREY, 8, 8, NULL);
	test_alloc_fail_at(0);
	ck_assert(frame_ret == -ENOMEM && !frame);
	ck_assert(pool_ret == -ENOMEM && !pool);
	ck_assert_int_eq(frame_pool_new(&pool, V4L2_PIX_FMT_GREY, 8, 8, NULL), 0);
	test_alloc_fail_at(1);
	get_ret = frame_pool_get(pool, &pooled, NULL);
	test_alloc_fail_at(0);
	ck_assert(get_ret == -ENOMEM && !pooled);
	frame_pool_free(&pool);
}
END_TEST

Suite *frame_suite(void)
{
	Suite *suite = suite_create("frame");
	TCase *tcase = tcase_create("frame");

	tcase_add_loop_test(tcase, every_byte_of_a_cell_but_alpha_belongs_to_one_channel,
			    0, formats_count);
	tcase_add_test(tcase, a_format_that_is_not_ours_is_refused);
	tcase_add_test(tcase, odd_sizes_round_up_to_whole_cells);
	tcase_add_loop_test(tcase, a_new_frame_is_zero_and_aligned, 0, formats_count);
	tcase_add_test(tcase, sizes_over_the_limits_are_refused_before_they_are_multiplied);
	tcase_add_test(tcase, the_longest_sides_are_taken);
	tcase_add_test(tcase, a_stream_that_runs_allocates_nothing);
	tcase_add_loop_test(tcase, padding_of_a_reused_frame_is_zero, 0, formats_count);
	tcase_add_test(tcase, a_pool_may_go_before_its_frames);
	tcase_add_loop_test(tcase, a_copy_carries_pixels_and_what_is_known_of_them,
			    0, formats_count);
	tcase_add_test(tcase, every_allocation_that_fails_is_told);
	suite_add_tcase(suite, tcase);
	return suite;
}
