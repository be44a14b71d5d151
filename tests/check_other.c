// SPDX-License-Identifier: GPL-2.0
/*
 * Formats that a converter reads for us: what of a picture comes out, and that nothing
 * else does, in the cage and out of it.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/cage.h"
#include "source/camera.h"
#include "source/other.h"

#define FORMATS	24

static const unsigned sizes[][2] = { { 320, 240 }, { 642, 482 }, { 16, 16 }, { 1280, 720 } };

static struct v4l2_pix_format shape(uint32_t fourcc, unsigned width, unsigned height)
{
	return (struct v4l2_pix_format){
		.pixelformat = fourcc, .width = width, .height = height,
	};
}

static int convert(const struct v4l2_pix_format *pix, const uint8_t *bytes, size_t used,
		   struct frame **frame)
{
	struct other *other = NULL;
	int ret;

	ck_assert_int_eq(other_new(&other, pix, NULL), 0);
	ck_assert_int_eq(frame_new(frame, V4L2_PIX_FMT_YUV420, pix->width, pix->height, NULL), 0);
	ret = other_picture(other, *frame, bytes, used, NULL);
	other_free(&other);
	return ret;
}

/* Each sample of each plane is about that. */
static void is_flat(const struct frame *frame, const uint8_t wanted[3], int tolerance)
{
	for (unsigned p = 0; p < 3; p++)
		for (unsigned y = 0; y < plane_rows(&frame->format->plane[p], frame->height); y++)
			for (size_t x = 0; x < plane_row_bytes(&frame->format->plane[p],
							       frame->width); x++)
				ck_assert_int_le(abs(frame->plane[p][y * frame->stride[p] + x] -
						     wanted[p]), tolerance);
}

/* A picture whose bytes are these, over and over. */
static const struct {
	uint32_t fourcc;
	uint8_t bytes[4];
	unsigned count;
	uint8_t y, u, v;
} pictures[] = {
	{ V4L2_PIX_FMT_UYVY, { 100, 50, 200, 50 }, 4, 50, 100, 200 },
	{ V4L2_PIX_FMT_YVYU, { 50, 200, 50, 100 }, 4, 50, 100, 200 },
	{ V4L2_PIX_FMT_RGB24, { 255, 0, 0 }, 3, 81, 90, 240 },
	{ V4L2_PIX_FMT_BGR24, { 255, 0, 0 }, 3, 41, 240, 110 },
	{ V4L2_PIX_FMT_XRGB32, { 0, 255, 0, 0 }, 4, 81, 90, 240 },
	{ V4L2_PIX_FMT_XBGR32, { 255, 0, 0, 0 }, 4, 41, 240, 110 },
	{ V4L2_PIX_FMT_SBGGR8, { 128 }, 1, 126, 128, 128 },
	{ V4L2_PIX_FMT_SGBRG8, { 128 }, 1, 126, 128, 128 },
	{ V4L2_PIX_FMT_SGRBG8, { 128 }, 1, 126, 128, 128 },
	{ V4L2_PIX_FMT_SRGGB8, { 128 }, 1, 126, 128, 128 },
	{ V4L2_PIX_FMT_SBGGR16, { 0, 128 }, 2, 126, 128, 128 },
	{ V4L2_PIX_FMT_GREY, { 77 }, 1, 77, 128, 128 },
	{ V4L2_PIX_FMT_Y16, { 0, 77 }, 2, 77, 128, 128 },
};

#define PICTURES	((int)(sizeof(pictures) / sizeof(pictures[0])))

START_TEST(colours_arrive)
{
	const struct v4l2_pix_format pix = shape(pictures[_i].fourcc, 64, 48);
	const uint8_t wanted[] = { pictures[_i].y, pictures[_i].u, pictures[_i].v };
	size_t size = other_bytes(&pix);
	uint8_t *bytes = malloc(size);
	struct frame *frame = NULL;

	for (size_t i = 0; i < size; i++)
		bytes[i] = pictures[_i].bytes[i % pictures[_i].count];
	ck_assert_int_eq(convert(&pix, bytes, size, &frame), 0);
	is_flat(frame, wanted, 3);
	frame_free(&frame);
	free(bytes);
}
END_TEST

/* _i: a format, whose bytes are a stranger's. */
START_TEST(any_bytes_become_a_picture_and_too_few_do_not)
{
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		const struct v4l2_pix_format pix = shape(other_at(_i), sizes[s][0], sizes[s][1]);
		size_t size = other_bytes(&pix);
		uint8_t *bytes = malloc(size);
		struct frame *frame = NULL;

		ck_assert_uint_gt(size, 0);
		test_random_fill(bytes, size);
		ck_assert_int_eq(convert(&pix, bytes, size, &frame), 0);
		frame_free(&frame);
		ck_assert_int_eq(convert(&pix, bytes, size - 1, &frame), -EBADMSG);
		frame_free(&frame);
		ck_assert_int_eq(convert(&pix, bytes, 0, &frame), -EBADMSG);
		frame_free(&frame);
		free(bytes);
	}
}
END_TEST

START_TEST(rows_may_be_longer_than_what_is_in_them)
{
	struct v4l2_pix_format pix = shape(V4L2_PIX_FMT_UYVY, 64, 48);
	const uint8_t wanted[] = { 50, 100, 200 };
	struct frame *frame = NULL;
	uint8_t bytes[160 * 48];

	pix.bytesperline = 160;
	memset(bytes, 0xff, sizeof(bytes));
	for (unsigned y = 0; y < 48; y++)
		for (unsigned x = 0; x < 128; x++)
			bytes[160 * y + x] = (const uint8_t[]){ 100, 50, 200, 50 }[x % 4];
	ck_assert_int_eq(convert(&pix, bytes, sizeof(bytes), &frame), 0);
	is_flat(frame, wanted, 0);
	frame_free(&frame);
	pix.bytesperline = UINT32_MAX;
	ck_assert_uint_eq(other_bytes(&pix), 0);
}
END_TEST

START_TEST(a_format_that_nothing_reads_is_refused)
{
	static const uint32_t bad[] = {
		V4L2_PIX_FMT_PAC207, V4L2_PIX_FMT_SPCA561, V4L2_PIX_FMT_OV511, V4L2_PIX_FMT_OV518,
		V4L2_PIX_FMT_H264, 0,
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct v4l2_pix_format pix = shape(bad[i], 64, 48);
		struct other *other = NULL;

		ck_assert(!other_takes(bad[i]));
		ck_assert_int_eq(other_new(&other, &pix, NULL), -ENOTSUP);
		ck_assert_ptr_null(other);
	}
}
END_TEST

START_TEST(frames_of_all_of_them_are_planar)
{
	struct camera camera = { .fd = -1, .pix = shape(other_at(_i), 64, 48) };
	struct v4l2_pix_format frames;

	camera.pix.quantization = V4L2_QUANTIZATION_FULL_RANGE;
	frames = camera_frames(&camera);
	ck_assert_uint_eq(frames.pixelformat, V4L2_PIX_FMT_YUV420);
	ck_assert_uint_eq(frames.bytesperline, 64);
	ck_assert_uint_eq(frames.quantization == V4L2_QUANTIZATION_LIM_RANGE,
			  other_is_rgb(other_at(_i)));
}
END_TEST

/* All of them in the cage of a camera, one after the other. */
static int convert_all(void *ctx, void *result, struct scrim_error *err)
{
	struct other **others = ctx;
	struct frame *frame = NULL;
	static uint8_t bytes[4 * 64 * 48];
	int ret = frame_new(&frame, V4L2_PIX_FMT_YUV420, 64, 48, err);

	for (unsigned i = 0; ret >= 0 && i < FORMATS; i++)
		ret = other_picture(others[i], frame, bytes, sizeof(bytes), err);
	*(int *)result = ret >= 0;
	return ret;
}

START_TEST(the_cage_is_enough_for_the_converter)
{
	struct other *others[FORMATS] = { NULL };
	const struct cage_devices devices = { NULL, 0, &cage_live };
	const struct caged_call call = { .work = convert_all, .ctx = others, .size = sizeof(int),
					 .devices = &devices };
	struct scrim_error err;
	int done = 0, ret;

	for (unsigned i = 0; i < FORMATS; i++) {
		const struct v4l2_pix_format pix = shape(other_at(i), 64, 48);

		ck_assert_int_eq(other_new(&others[i], &pix, NULL), 0);
	}
	ck_assert_uint_eq(other_at(FORMATS), 0);
	ret = caged(&call, &done, &err);
	ck_assert_msg(ret == 0 && done, "%s", err.text);
	for (unsigned i = 0; i < FORMATS; i++)
		other_free(&others[i]);
}
END_TEST

Suite *other_suite(void)
{
	Suite *suite = suite_create("other");
	TCase *tcase = tcase_create("other");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, colours_arrive, 0, PICTURES);
	tcase_add_loop_test(tcase, any_bytes_become_a_picture_and_too_few_do_not, 0, FORMATS);
	tcase_add_test(tcase, rows_may_be_longer_than_what_is_in_them);
	tcase_add_test(tcase, a_format_that_nothing_reads_is_refused);
	tcase_add_loop_test(tcase, frames_of_all_of_them_are_planar, 0, FORMATS);
	tcase_add_test(tcase, the_cage_is_enough_for_the_converter);
	suite_add_tcase(suite, tcase);
	return suite;
}
