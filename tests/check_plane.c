// SPDX-License-Identifier: GPL-2.0
/*
 * Planes of a graphics card: what of a camera's pictures they are told, and who gets one.
 */
#include "test.h"

#include <drm_fourcc.h>

#include "sink/plane.h"

static struct v4l2_pix_format pix_of(uint32_t fourcc, unsigned stride)
{
	return (struct v4l2_pix_format){
		.width = 64, .height = 48, .pixelformat = fourcc, .bytesperline = stride,
		.colorspace = V4L2_COLORSPACE_SRGB,
	};
}

/* libdrm's header says of each where its samples lie, and so does the kernel's documentation. */
START_TEST(the_card_is_told_where_the_samples_lie)
{
	const struct {
		uint32_t v4l2, stride, drm;
		bool yuv;
		uint32_t offset[4], pitch[4];
	} all[] = {
		{ V4L2_PIX_FMT_NV12, 80, DRM_FORMAT_NV12, true, { 0, 3840 }, { 80, 80 } },
		{ V4L2_PIX_FMT_NV21, 64, DRM_FORMAT_NV21, true, { 0, 3072 }, { 64, 64 } },
		{ V4L2_PIX_FMT_YUV420, 64, DRM_FORMAT_YUV420, true, { 0, 3072, 3840 }, { 64, 32, 32 } },
		{ V4L2_PIX_FMT_YVU420, 64, DRM_FORMAT_YVU420, true, { 0, 3072, 3840 }, { 64, 32, 32 } },
		{ V4L2_PIX_FMT_YUYV, 140, DRM_FORMAT_YUYV, true, { 0 }, { 140 } },
		{ V4L2_PIX_FMT_UYVY, 128, DRM_FORMAT_UYVY, true, { 0 }, { 128 } },
		{ V4L2_PIX_FMT_RGB24, 192, DRM_FORMAT_BGR888, false, { 0 }, { 192 } },
		{ V4L2_PIX_FMT_BGR24, 192, DRM_FORMAT_RGB888, false, { 0 }, { 192 } },
		{ V4L2_PIX_FMT_ABGR32, 256, DRM_FORMAT_XRGB8888, false, { 0 }, { 256 } },
	}, *one = &all[_i];
	struct v4l2_pix_format pix = pix_of(one->v4l2, one->stride);
	struct plane_picture picture;

	ck_assert(plane_describe(&picture, &pix));
	ck_assert_uint_eq(picture.format, one->drm);
	ck_assert_int_eq(picture.yuv, one->yuv);
	ck_assert_uint_eq(picture.width, 64);
	ck_assert_uint_eq(picture.height, 48);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(picture.offset[i], one->offset[i]);
		ck_assert_uint_eq(picture.pitch[i], one->pitch[i]);
	}
}
END_TEST

START_TEST(of_yuv_it_is_told_the_matrix_and_the_range)
{
	const struct {
		uint32_t space, encoding, quantization;
		enum plane_encoding told;
		enum plane_range range;
	} all[] = {
		{ V4L2_COLORSPACE_SRGB, 0, 0, PLANE_BT601, PLANE_LIMITED },
		{ V4L2_COLORSPACE_SMPTE170M, 0, 0, PLANE_BT601, PLANE_LIMITED },
		{ V4L2_COLORSPACE_REC709, 0, 0, PLANE_BT709, PLANE_LIMITED },
		{ V4L2_COLORSPACE_BT2020, 0, 0, PLANE_BT2020, PLANE_LIMITED },
		{ V4L2_COLORSPACE_JPEG, 0, 0, PLANE_BT601, PLANE_FULL },
		{ V4L2_COLORSPACE_SRGB, V4L2_YCBCR_ENC_709, 0, PLANE_BT709, PLANE_LIMITED },
		{ V4L2_COLORSPACE_REC709, V4L2_YCBCR_ENC_601, V4L2_QUANTIZATION_FULL_RANGE, PLANE_BT601,
		  PLANE_FULL },
		{ V4L2_COLORSPACE_JPEG, 0, V4L2_QUANTIZATION_LIM_RANGE, PLANE_BT601, PLANE_LIMITED },
	}, *one = &all[_i];
	struct v4l2_pix_format pix = pix_of(V4L2_PIX_FMT_NV12, 64);
	struct plane_picture picture;

	pix.colorspace = one->space;
	pix.ycbcr_enc = one->encoding;
	pix.quantization = one->quantization;
	ck_assert(plane_describe(&picture, &pix));
	ck_assert_int_eq(picture.encoding, one->told);
	ck_assert_int_eq(picture.range, one->range);
}
END_TEST

START_TEST(what_cannot_be_told_is_copied)
{
	struct v4l2_pix_format pix[] = {
		pix_of(V4L2_PIX_FMT_GREY, 64), pix_of(V4L2_PIX_FMT_MJPEG, 0),
		pix_of(V4L2_PIX_FMT_RGB24, 192), pix_of(V4L2_PIX_FMT_NV12, 64),
		pix_of(V4L2_PIX_FMT_NV12, 64), pix_of(V4L2_PIX_FMT_NV12, 63),
		pix_of(V4L2_PIX_FMT_RGB32, 256),
	};
	struct plane_picture picture;

	pix[2].quantization = V4L2_QUANTIZATION_LIM_RANGE;
	pix[3].ycbcr_enc = V4L2_YCBCR_ENC_SMPTE240M;
	pix[4].ycbcr_enc = V4L2_YCBCR_ENC_BT2020_CONST_LUM;
	ck_assert(!plane_describe(&picture, &pix[_i]));
}
END_TEST

START_TEST(a_plane_takes_only_what_it_can_be_told)
{
	struct plane plane = { .formats = 2, .format = { DRM_FORMAT_NV12, DRM_FORMAT_BGR888 } };
	struct v4l2_pix_format pix = pix_of(V4L2_PIX_FMT_NV12, 64);
	struct plane_picture yuv, rgb;

	ck_assert(plane_describe(&yuv, &pix));
	pix = pix_of(V4L2_PIX_FMT_RGB24, 192);
	ck_assert(plane_describe(&rgb, &pix));
	ck_assert(!plane_takes(&plane, &yuv));
	ck_assert(plane_takes(&plane, &rgb));
	plane.told[PLANE_BT601][PLANE_FULL] = plane.told[PLANE_BT709][PLANE_LIMITED] = true;
	ck_assert(!plane_takes(&plane, &yuv));
	plane.told[PLANE_BT601][PLANE_LIMITED] = true;
	ck_assert(plane_takes(&plane, &yuv));
	yuv.format = DRM_FORMAT_NV21;
	ck_assert(!plane_takes(&plane, &yuv));
}
END_TEST

/* A card: which of its planes can show which of five cameras, and how many at once. */
#define CAMERAS	5
static struct {
	struct planes planes;
	struct scanout camera[CAMERAS];
	bool can[PLANES_MAX][CAMERAS];
	unsigned most, tries;
} card;

static int try(void *ctx)
{
	unsigned shown = 0;

	ck_assert_ptr_eq(ctx, &card);
	card.tries++;
	for (unsigned i = 0; i < card.planes.count; i++) {
		const struct plane *plane = &card.planes.at[i];

		if (!plane->of)
			continue;
		/* A card is asked with a picture, or it says yes to anything. */
		ck_assert_uint_eq(plane->fb, plane->of->fb[0]);
		if (!card.can[i][plane->of - card.camera])
			return -EINVAL;
		shown++;
	}
	return shown <= card.most ? 0 : -ENOSPC;
}

START_TEST(each_camera_gets_a_plane_of_its_own_that_the_card_can_show)
{
	struct scanout *of[CAMERAS];

	for (unsigned round = 0; round < 500; round++) {
		unsigned given = 0;

		memset(&card, 0, sizeof(card));
		card.planes.count = test_random() % 7;
		card.most = test_random() % 6;
		for (unsigned i = 0; i < card.planes.count; i++) {
			card.planes.at[i].formats = 1;
			card.planes.at[i].format[0] = DRM_FORMAT_BGR888;
			for (unsigned j = 0; j < CAMERAS; j++)
				card.can[i][j] = test_random() % 3;
		}
		for (unsigned j = 0; j < CAMERAS; j++) {
			card.camera[j] = (struct scanout){
				.picture = { .format = DRM_FORMAT_BGR888 + (test_random() % 6 == 0) },
				.count = test_random() % 6 ? 4 : 0, .fb = { 10 + j },
				/* From when it was lit before. */
				.plane = &card.planes.at[test_random() % PLANES_MAX],
			};
			of[j] = &card.camera[j];
		}
		planes_assign(&card.planes, of, CAMERAS, try, &card);
		for (unsigned j = 0; j < CAMERAS; j++) {
			const struct scanout *one = &card.camera[j];

			if (!one->plane)
				continue;
			given++;
			ck_assert(one->count && one->picture.format == DRM_FORMAT_BGR888);
			ck_assert_ptr_eq(one->plane->of, one);
			ck_assert(card.can[one->plane - card.planes.at][j]);
		}
		ck_assert_uint_le(given, card.most);
		ck_assert_uint_le(card.tries, CAMERAS * card.planes.count);
		for (unsigned i = 0; i < card.planes.count; i++) {
			const struct plane *plane = &card.planes.at[i];

			/* Nothing is shown before a picture comes. */
			ck_assert_uint_eq(plane->fb, 0);
			ck_assert(!plane->of || plane->of->plane == plane);
		}
	}
}
END_TEST

/* How many properties a commit would name. */
static int named(const struct planes *planes)
{
	drmModeAtomicReq *request = drmModeAtomicAlloc();
	int count;

	ck_assert_int_eq(planes_request(planes, request, 9), 0);
	count = drmModeAtomicGetCursor(request);
	drmModeAtomicFree(request);
	return count;
}

START_TEST(a_plane_is_switched_off_once)
{
	const struct scanout rgb = { .count = 1 }, yuv = { .count = 1, .picture = { .yuv = true } };
	struct planes planes = { .count = 3 };

	for (unsigned i = 0; i < 3; i++) {
		planes.at[i].id = 1 + i;
		for (unsigned j = 0; j < PLANE_PROPERTIES; j++)
			planes.at[i].property[j] = 1 + j;
	}
	planes.at[0].of = &rgb;
	planes.at[1].of = &yuv;
	ck_assert_int_eq(named(&planes), 0);
	planes.at[0].fb = 1;
	ck_assert_int_eq(named(&planes), PLANE_ENCODING);
	planes.at[1].fb = 2;
	ck_assert_int_eq(named(&planes), PLANE_ENCODING + PLANE_PROPERTIES);
	planes_committed(&planes);
	planes.at[0].fb = 0;
	ck_assert_int_eq(named(&planes), 2 + PLANE_PROPERTIES);
	/* Until that was committed. */
	ck_assert_int_eq(named(&planes), 2 + PLANE_PROPERTIES);
	planes_committed(&planes);
	ck_assert_int_eq(named(&planes), PLANE_PROPERTIES);
	planes_free(&planes);
	ck_assert_int_eq(named(&planes), 2);
	planes_committed(&planes);
	ck_assert_int_eq(named(&planes), 0);
}
END_TEST

START_TEST(without_planes_everything_is_copied_and_a_reason_given)
{
	struct scanout one = { .count = 4, .fb = { 1 } }, *of[] = { &one };
	struct planes none = { 0 };

	planes_assign(&none, of, 1, try, &card);
	ck_assert_ptr_null(one.plane);
	ck_assert_ptr_nonnull(one.why);
}
END_TEST

Suite *plane_suite(void)
{
	Suite *suite = suite_create("plane");
	TCase *tcase = tcase_create("plane");

	tcase_add_loop_test(tcase, the_card_is_told_where_the_samples_lie, 0, 9);
	tcase_add_loop_test(tcase, of_yuv_it_is_told_the_matrix_and_the_range, 0, 8);
	tcase_add_loop_test(tcase, what_cannot_be_told_is_copied, 0, 7);
	tcase_add_test(tcase, a_plane_takes_only_what_it_can_be_told);
	tcase_add_test(tcase, each_camera_gets_a_plane_of_its_own_that_the_card_can_show);
	tcase_add_test(tcase, a_plane_is_switched_off_once);
	tcase_add_test(tcase, without_planes_everything_is_copied_and_a_reason_given);
	suite_add_tcase(suite, tcase);
	return suite;
}
