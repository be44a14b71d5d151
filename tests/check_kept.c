// SPDX-License-Identifier: GPL-2.0
/*
 * Pictures that a keeper hands out: one that does its work, and one that lies.  The keeper is this
 * test here; the real one is in check_keeper.c.
 */
#include "test.h"

#include <linux/dma-buf.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controls.h"
#include "guard/rights.h"
#include "live_worker.h"
#include "source/drm_code.h"
#include "source/libcamera.h"

#define CANARY	0xa5

/* What a keeper tells. */

static const struct shim_frames sound = {
	.drm = v4l2_fourcc('Y', 'U', 'Y', 'V'), .width = 64, .height = 48, .stride = 128,
};

START_TEST(frames_that_are_none_are_refused)
{
	const struct wish any = { 0 }, jpeg = { .fourcc = V4L2_PIX_FMT_MJPEG };
	struct v4l2_pix_format pix;
	struct shim_frames frames = sound;

	ck_assert_int_eq(libcamera_frames(&pix, &frames, &any, NULL), 0);
	ck_assert_uint_eq(pix.pixelformat, V4L2_PIX_FMT_YUYV);
	ck_assert_uint_eq(pix.bytesperline, 128);
	ck_assert_int_eq(libcamera_frames(&pix, &frames, &jpeg, NULL), -EPROTO);
	frames.drm = 0;
	ck_assert_int_eq(libcamera_frames(&pix, &frames, &any, NULL), -EPROTO);
	frames = sound;
	frames.width = 63;
	ck_assert_int_eq(libcamera_frames(&pix, &frames, &any, NULL), -EPROTO);
	frames.width = UINT32_MAX - 1;
	ck_assert_int_eq(libcamera_frames(&pix, &frames, &any, NULL), -EPROTO);
	frames = sound;
	frames.height = 0;
	ck_assert_int_eq(libcamera_frames(&pix, &frames, &any, NULL), -EPROTO);
	frames = sound;
	frames.stride = UINT32_MAX;
	ck_assert_int_eq(libcamera_frames(&pix, &frames, &any, NULL), -EPROTO);
	frames = sound;
	frames.matrix = frames.range = UINT32_MAX;
	ck_assert_int_eq(libcamera_frames(&pix, &frames, &any, NULL), 0);
}
END_TEST

static uint32_t drm_of(uint32_t v4l2)
{
	for (unsigned i = 0; i < drm_codes_count; i++)
		if (drm_codes[i].v4l2 == v4l2)
			return drm_codes[i].drm;
	return 0;
}

/* Memory that says of itself that it is a dma-buf, and which of it was read when. */
static int dma_buf[CAMERA_BUFFERS];
static int synced, syncs;

static int is_dma_buf(int fd, unsigned long request, void *argument)
{
	const struct dma_buf_sync *sync = argument;

	for (unsigned i = 0; i < CAMERA_BUFFERS; i++)
		if (fd == dma_buf[i] && request == DMA_BUF_IOCTL_SYNC) {
			ck_assert(sync->flags & DMA_BUF_SYNC_READ);
			synced += sync->flags & DMA_BUF_SYNC_END ? -1 : 1;
			syncs++;
			return 0;
		}
	return -ENOTTY;
}

static int memory(size_t size)
{
	int fd = memfd_create("dma-buf", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, size), 0);
	return fd;
}

START_TEST(buffers_are_as_large_as_the_dma_buf_and_no_larger)
{
	static const struct {
		uint32_t at, offset, length, planes;
		int ret;
	} tries[] = {
		{ 0, 0, 8192, 1, 0 },
		{ 0, 4096, 4096, 1, 0 },
		{ 0, 4096, 4097, 1, -EPROTO },
		{ 0, 0, 0, 1, -EPROTO },
		{ 1, 0, 4096, 1, -EPROTO },
		{ UINT32_MAX, 0, 4096, 1, -EPROTO },
		/* Sums that do not fit into 32 bits. */
		{ 0, UINT32_MAX, 2, 1, -EPROTO },
		{ 0, UINT32_MAX - 4095, 8192, 1, -EPROTO },
		{ 0, 4096, UINT32_MAX - 4095, 1, -EPROTO },
		{ 0, 0, 8192, 0, -EPROTO },
		{ 0, 0, 8192, 4, -EPROTO },
		{ 0, 0, 8192, UINT32_MAX, -EPROTO },
	};
	struct camera_buffer buffer;

	test_nodes = is_dma_buf;
	dma_buf[0] = memory(8192);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		const struct keeper_buffer told = {
			tries[i].planes, { { tries[i].at, tries[i].offset, tries[i].length } },
		};

		ck_assert_msg(libcamera_buffer(&buffer, &told, dma_buf, 1, NULL) == tries[i].ret,
			      "try %zu", i);
	}
	close(dma_buf[0]);
	test_nodes = NULL;
}
END_TEST

START_TEST(what_is_no_dma_buf_is_no_buffer)
{
	const struct keeper_buffer told = { 1, { { 0, 0, 4096 } } };
	struct camera_buffer buffer;
	int fd = memory(8192);		/* this one says that it is none */

	ck_assert_int_eq(libcamera_buffer(&buffer, &told, &fd, 1, NULL), -EPROTO);
	close(fd);
}
END_TEST

/* Pictures. */

static struct camera camera;
static int keeper;			/* our end */
static struct source *source;

static void plug(uint32_t fourcc, unsigned planes, const uint32_t *at, size_t size)
{
	const struct wish any = { 0 };
	struct shim_frames frames = sound;
	int ends[2];

	test_nodes = is_dma_buf;
	synced = syncs = 0;
	frames.drm = drm_of(fourcc);
	frames.stride = fourcc == V4L2_PIX_FMT_YUYV ? 128 : 64;
	camera = (struct camera){ .kind = &camera_libcamera, .where = "test", .fd = -1 };
	ck_assert_int_eq(libcamera_frames(&camera.pix, &frames, &any, NULL), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	camera.fd = ends[0];
	keeper = ends[1];
	for (unsigned i = 0; i < CAMERA_BUFFERS; i++) {
		struct keeper_buffer told = { .planes = planes };

		dma_buf[i] = memory(size);
		for (unsigned p = 0; p < planes; p++) {
			told.plane[p].offset = at[p];
			told.plane[p].length = (p + 1 < planes ? at[p + 1] : size) - at[p];
		}
		ck_assert_int_eq(libcamera_buffer(&camera.buffer[i], &told, &dma_buf[i], 1, NULL), 0);
		camera.buffers++;
	}
	ck_assert_int_eq(source_kept(&source, &camera, NULL), 0);
}

static void unplug(void)
{
	source_free(&source);
	ck_assert_int_eq(synced, 0);
	camera_close(&camera);
	if (keeper >= 0)
		close(keeper);
	test_nodes = NULL;
}

static void fill(unsigned i, size_t at, size_t size, uint8_t value)
{
	uint8_t *bytes = malloc(size);

	memset(bytes, value, size);
	ck_assert_int_eq(pwrite(dma_buf[i], bytes, size, at), (ssize_t)size);
	free(bytes);
}

static void say_filled(const struct shim_filled *filled)
{
	ck_assert_int_eq(rights_send(keeper, filled, sizeof(*filled), NULL, 0), 0);
}

/* What the source asks of its keeper next; index or -1. */
static int told(int what)
{
	struct pollfd ready = { .fd = keeper, .events = POLLIN };
	struct keeper_order order;

	if (poll(&ready, 1, 0) <= 0)
		return -1;
	ck_assert_int_eq(rights_receive(keeper, &order, sizeof(order), NULL, 0), 0);
	ck_assert_int_eq(order.what, what);
	return order.id;
}

START_TEST(a_picture_is_copied_and_its_buffer_given_back)
{
	static const uint32_t at[] = { 4096 };
	const struct shim_filled filled = {
		.index = 2, .sequence = 7, .planes = 1, .time_ns = 123456789, .used = { 64 * 48 * 2 },
	};
	struct frame *frame;

	plug(V4L2_PIX_FMT_YUYV, 1, at, 4096 + 64 * 48 * 2);
	fill(2, 4096, 64 * 48 * 2, CANARY);
	say_filled(&filled);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	ck_assert_int_eq(told(KEEPER_START), 0);
	ck_assert_int_eq(told(KEEPER_GIVE_BACK), 2);
	ck_assert_int_eq(told(KEEPER_GIVE_BACK), -1);
	ck_assert_int_eq(frame->time_ns, 123456789);
	for (unsigned y = 0; y < 48; y++)
		for (unsigned x = 0; x < 128; x++)
			ck_assert_uint_eq(frame->plane[0][y * frame->stride[0] + x], CANARY);
	ck_assert_int_eq(syncs, 4 * 2 + 2);	/* each when it came, and one when it was read */
	/* What the camera writes later changes nothing. */
	fill(2, 4096, 64 * 48 * 2, 1);
	ck_assert_uint_eq(frame->plane[0][0], CANARY);
	frame_free(&frame);
	unplug();
}
END_TEST

/* In one plane, or in two with something between them. */
START_TEST(planes_lie_together_or_apart)
{
	static const uint32_t together[] = { 0 }, apart[] = { 0, 8192 };
	struct shim_filled filled = { .planes = 1, .used = { 64 * 48 * 3 / 2 } };
	struct frame *frame;

	plug(V4L2_PIX_FMT_NV12, _i + 1, _i ? apart : together, 8192 + 64 * 48 / 2);
	fill(0, 0, 64 * 48, 16);
	fill(0, _i ? 8192 : 64 * 48, 64 * 48 / 2, 99);
	if (_i)
		filled = (struct shim_filled){ .planes = 2, .used = { 64 * 48, 64 * 48 / 2 } };
	say_filled(&filled);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	ck_assert_uint_eq(frame->plane[0][47 * frame->stride[0] + 63], 16);
	ck_assert_uint_eq(frame->plane[1][0], 99);
	ck_assert_uint_eq(frame->plane[1][23 * frame->stride[1] + 63], 99);
	frame_free(&frame);
	/* The second one is short. */
	filled.used[filled.planes - 1]--;
	filled.time_ns++;
	filled.sequence++;
	say_filled(&filled);
	close(keeper);
	keeper = -1;
	ck_assert_int_eq(source_next(source, &frame, NULL), -ENODEV);
	unplug();
}
END_TEST

START_TEST(pictures_that_were_left_out_are_counted)
{
	static const uint32_t at[] = { 0 };
	struct shim_filled filled = { .planes = 1, .used = { 64 * 48 * 2 } };
	struct frame *frame;

	plug(V4L2_PIX_FMT_YUYV, 1, at, 64 * 48 * 2);
	for (unsigned i = 0; i < 3; i++) {
		fill(i, 0, 64 * 48 * 2, i);
		filled.index = i;
		/* The second is older than the first. */
		filled.sequence = filled.time_ns = i == 1 ? 1 : 5 + i;
		say_filled(&filled);
	}
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	ck_assert_uint_eq(frame->plane[0][0], 0);
	frame_free(&frame);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	ck_assert_uint_eq(frame->plane[0][0], 2);
	ck_assert_int_eq(told(KEEPER_START), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(told(KEEPER_GIVE_BACK), i);
	ck_assert_uint_eq(source->dropped, 1);
	frame_free(&frame);
	unplug();
}
END_TEST

/* Says that while the source waits. */
static void say_later(const struct shim_filled *filled)
{
	if (!fork()) {
		poll(NULL, 0, 100);
		rights_send(keeper, filled, sizeof(*filled), NULL, 0);
		_exit(0);
	}
}

/* A keeper that lies ends the worker, or shows nothing; never a byte of anything else. */
START_TEST(what_a_keeper_says_is_not_believed)
{
	static const struct {
		struct shim_filled filled;
		int ret;		/* 0: it is not shown, and the next is waited for */
	} lies[] = {
		{ { .index = CAMERA_BUFFERS, .planes = 1, .used = { 6144 } }, -EPROTO },
		{ { .index = UINT32_MAX - 1, .planes = 1, .used = { 6144 } }, -EPROTO },
		{ { .index = SHIM_GONE }, -ENODEV },
		{ { .planes = 1, .used = { 6144 }, .time_ns = UINT64_MAX }, -EPROTO },
		{ { .planes = 1, .used = { 6143 } }, 0 },
		{ { .planes = 0, .used = { 6144 } }, 0 },
		{ { .planes = 1, .used = { 6144 }, .broken = 1 }, 0 },
		/* More than there is: what there is. */
		{ { .planes = UINT32_MAX, .used = { UINT32_MAX } }, 1 },
	};
	static const uint32_t at[] = { 0 };
	const struct shim_filled next = {
		.index = 1, .sequence = 1, .planes = 1, .time_ns = 1, .used = { 6144 },
	};
	struct frame *frame;
	int ret;

	plug(V4L2_PIX_FMT_YUYV, 1, at, 6144);
	fill(0, 0, 6144, 1);
	fill(1, 0, 6144, 2);
	say_filled(&lies[_i].filled);
	if (!lies[_i].ret)
		say_later(&next);
	ret = source_next(source, &frame, NULL);
	ck_assert_int_eq(ret, lies[_i].ret ? lies[_i].ret : 1);
	ck_assert_uint_eq(source->damaged, !lies[_i].ret);
	ck_assert(ret < 0 ? !frame : frame->plane[0][0] == 1 + !lies[_i].ret);
	frame_free(&frame);
	unplug();
}
END_TEST

/* What lies behind it would be shown, or is not there. */
START_TEST(a_buffer_is_read_no_further_than_it_goes)
{
	static const uint32_t at[] = { 0 };
	const struct shim_filled filled = { .planes = 1, .used = { UINT32_MAX } };
	const struct shim_filled gone = { .index = SHIM_GONE };
	struct frame *frame;

	plug(V4L2_PIX_FMT_YUYV, 1, at, 4096);
	say_filled(&filled);
	say_later(&gone);
	ck_assert_int_eq(source_next(source, &frame, NULL), -ENODEV);
	ck_assert_uint_eq(source->damaged, 1);
	unplug();
}
END_TEST

START_TEST(nonsense_ends_the_worker)
{
	static const uint32_t at[] = { 0 };
	struct scrim_error err;
	struct frame *frame;

	plug(V4L2_PIX_FMT_YUYV, 1, at, 6144);
	ck_assert_int_eq(rights_send(keeper, "nonsense", 8, NULL, 0), 0);
	ck_assert_int_eq(source_next(source, &frame, &err), -EPROTO);
	ck_assert_str_eq(err.text, "the camera's keeper talks nonsense");
	unplug();
}
END_TEST

START_TEST(what_is_no_jpeg_is_not_shown)
{
	static const uint32_t at[] = { 0 };
	struct shim_filled filled = { .planes = 1, .used = { UINT32_MAX } };
	const struct shim_filled gone = { .index = SHIM_GONE };
	struct frame *frame;

	plug(V4L2_PIX_FMT_MJPEG, 1, at, 4096);
	fill(0, 0, 4096, 0xff);
	say_filled(&filled);
	say_later(&gone);
	ck_assert_int_eq(source_next(source, &frame, NULL), -ENODEV);
	ck_assert_uint_eq(source->damaged, 1);
	unplug();
}
END_TEST

START_TEST(the_worker_may_ask_of_its_buffers_to_be_read)
{
	static const uint32_t at[] = { 0 };
	static const struct feed_kind nothing;
	const struct feed none = { .kind = &nothing, .fd = -1 };
	struct device_permission may[LIVE_DEVICES_MAX];
	unsigned count;

	plug(V4L2_PIX_FMT_YUYV, 1, at, 6144);
	count = live_devices(may, &camera, &none);
	ck_assert_uint_eq(count, 1 + CAMERA_BUFFERS);
	ck_assert_int_eq(may[0].fd, camera.fd);
	ck_assert_uint_eq(may[0].may.request, DEVICE_WRITE);
	for (unsigned i = 0; i < CAMERA_BUFFERS; i++) {
		ck_assert_int_eq(may[1 + i].fd, dma_buf[i]);
		ck_assert_uint_eq(may[1 + i].may.request, DMA_BUF_IOCTL_SYNC);
	}
	unplug();
}
END_TEST

START_TEST(controls_that_make_no_sense_are_not_there)
{
	const struct keeper_told told = {
		.controls = UINT32_MAX, .control = {
			{ V4L2_CID_BRIGHTNESS, -100, 99, 0 },
			{ V4L2_CID_BRIGHTNESS, -1, 1, 0 },	/* again */
			{ V4L2_CID_CONTRAST, 5, 5, 5 },		/* nothing to set */
			{ V4L2_CID_SATURATION, 0, 100, 101 },
			{ V4L2_CID_SHARPNESS, 100, 0, 50 },
			{ V4L2_CID_PAN_ABSOLUTE, 0, 9, 1 },
			{ V4L2_CID_GAIN, INT32_MIN, INT32_MAX, 0 },
		},
	};

	libcamera_controls(&camera, &told);
	ck_assert_uint_eq(camera.controls, 2);
	ck_assert_uint_eq(camera.control[0].id, V4L2_CID_BRIGHTNESS);
	ck_assert_int_eq(camera.control[0].least, -100);
	ck_assert_uint_eq(camera.control[1].id, V4L2_CID_GAIN);
	ck_assert_str_eq(libcamera_control_name(V4L2_CID_GAIN), "Gain");
	ck_assert_ptr_null(libcamera_control_name(V4L2_CID_PRIVACY));
}
END_TEST

enum { FEED = 1001 };

static int feed_says(int fd, unsigned long request, void *argument)
{
	struct v4l2_ext_controls *controls = argument;

	if (fd != FEED)
		return is_dma_buf(fd, request, argument);
	ck_assert_uint_eq(request, VIDIOC_G_EXT_CTRLS);
	controls->controls->value = controls->controls->id == V4L2_CID_BRIGHTNESS ? 42 : 7;
	return 0;
}

START_TEST(controls_reach_a_keeper_where_the_policy_allows_it)
{
	static const uint32_t at[] = { 0 };
	static struct policy policy = { .controls = "brightness" };
	struct keeper_order order;

	plug(V4L2_PIX_FMT_YUYV, 1, at, 6144);
	test_nodes = feed_says;
	camera.controls = 2;
	camera.control[0] = (struct camera_control){ V4L2_CID_BRIGHTNESS, -100, 99, 0 };
	camera.control[1] = (struct camera_control){ V4L2_CID_CONTRAST, 0, 200, 100 };
	ck_assert_int_eq(controls_pass_kept(&camera, FEED, &policy, NULL), 0);
	ck_assert_int_eq(rights_receive(keeper, &order, sizeof(order), NULL, 0), 0);
	ck_assert_int_eq(order.what, KEEPER_TURN);
	ck_assert_uint_eq(order.id, V4L2_CID_BRIGHTNESS);
	ck_assert_int_eq(order.value, 42);
	ck_assert_int_eq(told(KEEPER_TURN), -1);
	/* A keeper that does not listen delays nobody. */
	for (unsigned i = 0; i < 100000 && controls_pass_kept(&camera, FEED, &policy, NULL) >= 0; i++)
		ck_assert_uint_lt(i, 99999);
	unplug();
}
END_TEST

Suite *kept_suite(void)
{
	Suite *suite = suite_create("kept");
	TCase *c = tcase_create("kept");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, frames_that_are_none_are_refused);
	tcase_add_test(c, buffers_are_as_large_as_the_dma_buf_and_no_larger);
	tcase_add_test(c, what_is_no_dma_buf_is_no_buffer);
	tcase_add_test(c, a_picture_is_copied_and_its_buffer_given_back);
	tcase_add_loop_test(c, planes_lie_together_or_apart, 0, 2);
	tcase_add_test(c, pictures_that_were_left_out_are_counted);
	tcase_add_loop_test(c, what_a_keeper_says_is_not_believed, 0, 8);
	tcase_add_test(c, a_buffer_is_read_no_further_than_it_goes);
	tcase_add_test(c, nonsense_ends_the_worker);
	tcase_add_test(c, what_is_no_jpeg_is_not_shown);
	tcase_add_test(c, the_worker_may_ask_of_its_buffers_to_be_read);
	tcase_add_test(c, controls_that_make_no_sense_are_not_there);
	tcase_add_test(c, controls_reach_a_keeper_where_the_policy_allows_it);
	suite_add_tcase(suite, c);
	return suite;
}
