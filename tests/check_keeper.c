// SPDX-License-Identifier: GPL-2.0
/*
 * Cameras of libcamera, with a keeper that is this test: one that does its work, and one that
 * lies.  That pictures of a real one arrive is shown by vm/guest/live-libcamera.
 */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controls.h"
#include "guard/cage.h"
#include "guard/rights.h"
#include "live_worker.h"
#include "module.h"
#include "source/drm_code.h"
#include "source/libcamera.h"
#include "source/other.h"

#define CANARY	0xa5

/* Formats. */

static const struct drm_code *code_of(uint32_t v4l2)
{
	for (unsigned i = 0; i < drm_codes_count; i++)
		if (drm_codes[i].v4l2 == v4l2)
			return &drm_codes[i];
	return NULL;
}

START_TEST(every_format_that_scrim_takes_has_its_line)
{
	static const uint32_t native[] = {
		V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_MJPEG,
	};
	unsigned others = 0;

	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(drm_codes[i].v4l2, native[i]);
	for (; other_at(others); others++)
		ck_assert_uint_eq(drm_codes[4 + others].v4l2, other_at(others));
	ck_assert_uint_eq(drm_codes_count, 4 + others);
	for (unsigned i = 0; i < drm_codes_count; i++) {
		ck_assert(drm_codes[i].drm || drm_codes[i].why);
		ck_assert_ptr_eq(code_of(drm_codes[i].v4l2), &drm_codes[i]);
		if (drm_codes[i].drm)
			ck_assert_uint_eq(drm_to_v4l2(drm_codes[i].drm), drm_codes[i].v4l2);
	}
	ck_assert_uint_eq(drm_to_v4l2(0), 0);
	ck_assert_uint_eq(drm_to_v4l2(0xffffffff), 0);
}
END_TEST

/* Each four letters that stand in a header after `before`: ('Y', 'U', 'Y', 'V') */
static bool header_has(const char *path, const char *before, uint32_t code)
{
	char line[512], a, b, c, d;
	FILE *header = fopen(path, "re");
	bool has = false;

	ck_assert_ptr_nonnull(header);
	while (!has && fgets(line, sizeof(line), header)) {
		const char *at = strstr(line, before);

		has = at && sscanf(at + strlen(before), "('%c', '%c', '%c', '%c')", &a, &b, &c, &d) == 4 &&
		      v4l2_fourcc(a, b, c, d) == code;
	}
	fclose(header);
	return has;
}

START_TEST(codes_are_those_of_the_headers)
{
	static const char drm[] = "/usr/include/libdrm/drm_fourcc.h";
	static const char libcamera[] = "/usr/include/libcamera/libcamera/formats.h";

	for (unsigned i = 0; i < drm_codes_count; i++) {
		const struct drm_code *code = &drm_codes[i];

		if (!code->drm)
			continue;
		ck_assert_msg(header_has(drm, "fourcc_code", code->drm) == !code->why, "%.4s",
			      (const char *)&code->v4l2);
		ck_assert(!code->why || header_has(libcamera, "__fourcc", code->drm));
	}
	/* Words and bytes are named from different ends. */
	ck_assert_uint_eq(code_of(V4L2_PIX_FMT_RGB24)->drm, v4l2_fourcc('B', 'G', '2', '4'));
	ck_assert_uint_eq(code_of(V4L2_PIX_FMT_BGR24)->drm, v4l2_fourcc('R', 'G', '2', '4'));
	ck_assert_uint_eq(code_of(V4L2_PIX_FMT_XBGR32)->drm, v4l2_fourcc('X', 'R', '2', '4'));
}
END_TEST

/* Nodes. */

static char sys[] = "/tmp/scrim-sys-XXXXXX";

static void run(const char *fmt, const char *a, const char *b)
{
	char command[1024];

	snprintf(command, sizeof(command), fmt, sys, a, b, sys);
	ck_assert_int_eq(system(command), 0);
}

/* A device, of a driver or of a USB camera, and a node of it. */
static void device(const char *at, const char *driver)
{
	run("cd %s && mkdir -p devices/%s drivers/%s", at, driver);
	run("cd %s && ln -sfn $PWD/drivers/%3$s devices/%2$s/driver", at, driver);
}
static void usb_device(const char *at, const char *vendor)
{
	device(at, "uvcvideo");
	run("cd %s/devices/%s/.. && echo %s >idVendor && echo 0001 >idProduct", at, vendor);
}
static void media_node(const char *at, const char *name)
{
	run("cd %s && mkdir -p devices/%s/%s bus/media/devices", at, name);
	run("cd %s && ln -s $PWD/devices/%s/%s bus/media/devices/", at, name);
}
static void video_node(const char *at, const char *name)
{
	run("cd %s && mkdir -p class/video4linux/%3$s && ln -s $PWD/devices/%2$s class/video4linux/%3$s/device",
	    at, name);
}

static bool finds(const char *id, const char *wanted)
{
	char nodes[KEEPER_NODES][KEEPER_NODE];
	unsigned count = keeper_nodes(nodes, sys, id);
	char all[1024] = "";

	for (unsigned pass = 0; pass < 10; pass++)
		for (unsigned i = 0; i < count; i++)
			if (nodes[i][strlen(nodes[i]) - 1] == (char)('0' + pass)) {
				strcat(all, nodes[i] + strlen("/dev/"));
				strcat(all, " ");
			}
	if (strcmp(all, wanted))
		printf("%s: %s, not %s\n", id ? id : "any", all, wanted);
	return !strcmp(all, wanted);
}

START_TEST(a_keeper_gets_the_nodes_of_its_camera)
{
	strcpy(sys + strlen(sys) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(sys));
	ck_assert(finds(NULL, ""));
	device("platform/scrim.0", "scrim");
	video_node("platform/scrim.0", "video0");	/* the feed */
	run("mkdir -p %s/class/video4linux/video1", "", "");	/* of no device */
	ck_assert(finds(NULL, ""));
	usb_device("usb3/3-1/3-1:1.0", "1209");
	media_node("usb3/3-1/3-1:1.0", "media2");
	video_node("usb3/3-1/3-1:1.0", "video2");
	video_node("usb3/3-1/3-1:1.0", "video3");
	usb_device("usb3/3-2.4/3-2.4:1.0", "046d");
	media_node("usb3/3-2.4/3-2.4:1.0", "media4");
	video_node("usb3/3-2.4/3-2.4:1.0", "video4");
	device("platform/isp", "rkisp1");
	media_node("platform/isp", "media5");
	video_node("platform/isp", "video5");
	device("platform/i2c/sensor", "imx219");
	video_node("platform/i2c/sensor", "v4l-subdev6");
	media_node("platform/scrim.0", "media7");
	ck_assert(finds(NULL, "media2 video2 video3 media4 video4 media5 video5 v4l-subdev6 "));
	ck_assert(finds("\\_SB_.PCI0.XHC_-1:1.0-1209:0001", "media2 video2 video3 "));
	ck_assert(finds("\\_SB_.PCI0.XHC_-2.4:1.0-046d:0001", "media4 video4 "));
	ck_assert(finds("\\_SB_.PCI0.XHC_-1:1.0-046d:0001", ""));
	ck_assert(finds("\\_SB_.PCI0.XHC_-4:1.0-046d:0001", ""));
	ck_assert(finds("/base/i2c/imx219@10", "media5 video5 v4l-subdev6 "));
	run("rm -r %s", "", "");
}
END_TEST

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
	frames.drm = code_of(fourcc)->drm;
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

/* The program. */

static unsigned count_descriptors(int pid, char *highest)
{
	char path[64];
	struct dirent *entry;
	unsigned count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	ck_assert_ptr_nonnull(folder);
	*highest = '\0';
	while ((entry = readdir(folder)))
		if (*entry->d_name != '.') {
			count++;
			if (*entry->d_name > *highest)
				*highest = *entry->d_name;
		}
	closedir(folder);
	return count;
}

static ssize_t read_of(int pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

/* Until it waits to be asked, or for ten seconds. */
static bool waits(int pid, const char *program)
{
	char path[64], exe[PATH_MAX] = "", where[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	for (unsigned i = 0; i < 1000; i++) {
		n = readlink(path, exe, sizeof(exe) - 1);
		if (n > 0)
			exe[n] = '\0';
		if (n > 0 && !strcmp(strrchr(exe, '/'), strrchr(program, '/')) &&
		    read_of(pid, "syscall", where, sizeof(where)) > 0 && strtol(where, NULL, 0) == 47)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

START_TEST(nothing_of_us_is_in_a_keeper)
{
	char program[MODULE_PATH_MAX], text[65536], highest;
	struct keeper k;

	ck_assert(module_find(program, KEEPER_PROGRAM));
	setenv("SCRIM_SECRET", "not for keepers", 1);
	ck_assert_int_eq(dup2(1, 40), 40);
	ck_assert_int_eq(keeper_launch(&k, program, NULL), 0);
	close(40);
#if defined(__x86_64__)
	if (waits(k.pid, program)) {
		/* 0 to 2 and the socket. */
		ck_assert_uint_eq(count_descriptors(k.pid, &highest), 4);
		ck_assert_int_eq(highest, '3');
		ck_assert_int_gt(read_of(k.pid, "environ", text, sizeof(text)), 0);
		ck_assert_int_eq(strncmp(text, "LIBCAMERA_", 10), 0);
		ck_assert_ptr_null(memmem(text, sizeof("LIBCAMERA") * 8, "SCRIM_SECRET", 12));
	}
#endif
	keeper_stop(&k);
	ck_assert_int_eq(k.pid, 0);
	unsetenv("SCRIM_SECRET");
}
END_TEST

START_TEST(a_keeper_ends_with_who_started_it)
{
	char program[MODULE_PATH_MAX];
	int status, pid, at[2], left, socket = -1;
	struct keeper k;

	ck_assert(module_find(program, KEEPER_PROGRAM));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, at), 0);
	pid = fork();
	if (!pid) {
		if (keeper_launch(&k, program, NULL) < 0 || !waits(k.pid, program))
			_exit(1);
		if (rights_send(at[1], &k.pid, sizeof(k.pid), &k.fd, 1) < 0)
			_exit(1);
		/* Killed, so that nothing is tidied up; the socket stays with us. */
		kill(getpid(), SIGKILL);
	}
	close(at[1]);
	ck_assert_int_eq(rights_receive(at[0], &left, sizeof(left), &socket, 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	for (unsigned i = 0; i < 500 && kill(left, 0) == 0; i++) {
		char stat[256];

		if (read_of(left, "stat", stat, sizeof(stat)) > 0 && strstr(stat, ") Z "))
			break;
		poll(NULL, 0, 10);
		ck_assert_uint_lt(i, 499);
	}
	close(socket);
	close(at[0]);
}
END_TEST

START_TEST(cameras_that_are_not_there_are_not_found)
{
	const struct camera_name name = { "libcamera:\\_SB_.PCI0.XHC_-9:1.0-ffff:ffff", "" };
	const struct wish any = { 0 };
	struct scrim_error err;
	int ret;

	if (SANITIZED)
		return;
	ret = camera_open(&camera, &name, &any, &err);
	ck_assert_msg(ret == -ENODEV, "%d: %s", ret, err.text);
	ck_assert_ptr_nonnull(strstr(err.text, "not there"));
	ck_assert_int_eq(camera.keeper, 0);
	ck_assert_int_eq(camera.fd, -1);
}
END_TEST

START_TEST(an_id_is_needed)
{
	static const char *const bad[] = { "libcamera:", NULL };
	char longest[600] = "libcamera:";
	const struct wish any = { 0 }, strange = { .fourcc = V4L2_PIX_FMT_M420 };
	struct camera_name name = { bad[0], "" };

	ck_assert_int_eq(camera_open(&camera, &name, &any, NULL), -EINVAL);
	memset(longest + strlen(longest), 'x', 300);
	name.device = longest;
	ck_assert_int_eq(camera_open(&camera, &name, &any, NULL), -EINVAL);
	name.device = "libcamera:x";
	ck_assert_int_eq(camera_open(&camera, &name, &strange, NULL), -ENOTSUP);
	ck_assert(!camera_is_node("libcamera:x"));
}
END_TEST

START_TEST(libcamera_starts_inside_the_fence)
{
	struct shim_name names[KEEPER_NAMES];
	struct scrim_error err = { 0 };
	int ret;

	if (SANITIZED)
		return;
	ret = keeper_list(names, &err);
	ck_assert_msg(ret >= 0, "%s", err.text);
}
END_TEST

/* A camera of the tests' own, behind the real program in its real fence. */

static const char usb[] = "\\_SB_.PCI0.XHC_-1:1.0-1209:0001";

static void say_order(const struct keeper *k, int what, uint32_t id, int32_t value)
{
	const struct keeper_order order = { what, id, value };

	ck_assert_int_eq(rights_send(k->fd, &order, sizeof(order), NULL, 0), 0);
}

static void fill_one(const struct keeper *k)
{
	say_order(k, KEEPER_TURN, V4L2_CID_GAIN, 0);
}

/* The next that it shows; -1: none in 200 ms. */
static int64_t shows(const struct keeper *k, uint32_t *sequence)
{
	struct pollfd ready = { .fd = k->fd, .events = POLLIN };
	struct shim_filled filled;

	if (poll(&ready, 1, 200) <= 0)
		return -1;
	ck_assert_int_eq(rights_receive(k->fd, &filled, sizeof(filled), NULL, 0), 0);
	*sequence = filled.sequence;
	return filled.index;
}

/* As root, in a place of its own where /sys has one USB camera. */
static bool plug_into_sys(void)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", "/sys", "tmpfs", 0, NULL) == 0 &&
	       system("cd /sys && mkdir -p devices/3-1/3-1:1.0/media0 bus/media/devices &&"
		      "echo 1209 >devices/3-1/idVendor && echo 0001 >devices/3-1/idProduct &&"
		      "ln -s /sys/devices/3-1/3-1:1.0/media0 bus/media/devices/") == 0;
}

static void start_keeper(struct keeper *k)
{
	struct keeper_ask ask = { .width = 300, .height = 200, .drm = { 1, V4L2_PIX_FMT_YUYV } };
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	ck_assert_int_gt(n, 0);
	program[n] = '\0';
	strcpy(strrchr(program, '/'), "/keeper");
	strcat(program, strrchr("/" KEEPER_PROGRAM, '/'));
	strcpy(ask.id, usb);
	ck_assert_int_eq(keeper_launch(k, program, NULL), 0);
	ck_assert_int_eq(rights_send(k->fd, &ask, sizeof(ask), NULL, 0), 0);
}

static void take_camera(const struct keeper *k)
{
	struct keeper_told told;
	struct keeper_buffer buffer;
	struct stat st;
	int fds[SHIM_PLANES];

	ck_assert_int_eq(rights_receive(k->fd, &told, sizeof(told), NULL, 0), 0);
	ck_assert_msg(told.ret == SHIM_BUFFERS, "%d: %s", told.ret, told.why);
	ck_assert_uint_eq(told.follow, SHIM_BUFFERS);
	/* The closest of those that are even. */
	ck_assert_uint_eq(told.frames.width, 320);
	ck_assert_uint_eq(told.frames.height, 240);
	ck_assert_uint_eq(told.controls, 1);
	for (unsigned i = 0; i < SHIM_BUFFERS; i++) {
		/* One descriptor for both planes. */
		ck_assert_int_eq(rights_receive(k->fd, &buffer, sizeof(buffer), fds, SHIM_PLANES), 1);
		ck_assert_uint_eq(buffer.planes, 2);
		ck_assert_uint_eq(buffer.plane[1].at, 0);
		ck_assert_uint_eq(buffer.plane[1].offset, 4096);
		ck_assert_int_eq(fstat(fds[0], &st), 0);
		ck_assert_int_eq(st.st_size, 8192 + i);
		close(fds[0]);
	}
}

START_TEST(a_keeper_shows_what_is_asked_for)
{
	struct keeper k;
	uint32_t sequence;
	char line[64];
	int status;

	if (SANITIZED || !plug_into_sys())
		return;
	start_keeper(&k);
	take_camera(&k);
	say_order(&k, KEEPER_GIVE_BACK, 0, 0);		/* it is off */
	say_order(&k, KEEPER_START, 0, 0);
	ck_assert_int_eq(shows(&k, &sequence), -1);
	fill_one(&k);
	ck_assert_int_eq(shows(&k, &sequence), 0);
	/* Nobody asks for these, of which the first goes back. */
	fill_one(&k);
	fill_one(&k);
	ck_assert_int_eq(shows(&k, &sequence), -1);
	/* That was long ago: the next. */
	say_order(&k, KEEPER_GIVE_BACK, 0, 0);
	ck_assert_int_eq(shows(&k, &sequence), -1);
	fill_one(&k);
	ck_assert_int_eq(shows(&k, &sequence), 0);
	ck_assert_uint_eq(sequence, 3);
	/* And this one is young. */
	fill_one(&k);
	poll(NULL, 0, 5);
	say_order(&k, KEEPER_GIVE_BACK, 0, 0);
	ck_assert_int_eq(shows(&k, &sequence), 1);
	ck_assert_uint_eq(sequence, 4);
	/* A worker that lies is told nothing, and the log a line. */
	say_order(&k, KEEPER_GIVE_BACK, 7, 0);
	ck_assert_int_eq(shows(&k, &sequence), -1);
	ck_assert(keeper_said(k.said, line, sizeof(line)));
	ck_assert_str_eq(line, "buffer 7 is here");
	say_order(&k, KEEPER_TURN, V4L2_CID_GAIN, -1);
	ck_assert_int_eq(shows(&k, &sequence), SHIM_GONE);
	/* It ends by itself when nobody has the other end. */
	close(k.fd);
	k.fd = -1;
	ck_assert_int_eq(waitpid(k.pid, &status, 0), k.pid);
	ck_assert_int_eq(status, 0);
	k.pid = 0;
	keeper_stop(&k);
}
END_TEST

/* What it says of itself goes into a log of ours. */
START_TEST(lines_of_a_keeper_are_bounded_and_clean)
{
	char line[16];
	int said[2];

	ck_assert_int_eq(pipe2(said, O_NONBLOCK | O_CLOEXEC), 0);
	ck_assert(!keeper_said(said[0], line, sizeof(line)));
	ck_assert_int_eq(write(said[1], "one\n\033[2Jtwo two two two two two\nx", 33), 33);
	ck_assert(keeper_said(said[0], line, sizeof(line)));
	ck_assert_str_eq(line, "one");
	ck_assert(keeper_said(said[0], line, sizeof(line)));
	ck_assert_str_eq(line, "?[2Jtwo two two");
	ck_assert(keeper_said(said[0], line, sizeof(line)));
	ck_assert_str_eq(line, "x");
	ck_assert(!keeper_said(said[0], line, sizeof(line)));
	close(said[0]);
	close(said[1]);
}
END_TEST

Suite *keeper_suite(void)
{
	Suite *suite = suite_create("keeper");
	TCase *c = tcase_create("keeper");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, every_format_that_scrim_takes_has_its_line);
	tcase_add_test(c, codes_are_those_of_the_headers);
	tcase_add_test(c, a_keeper_gets_the_nodes_of_its_camera);
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
	tcase_add_test(c, nothing_of_us_is_in_a_keeper);
	tcase_add_test(c, a_keeper_ends_with_who_started_it);
	tcase_add_test(c, cameras_that_are_not_there_are_not_found);
	tcase_add_test(c, an_id_is_needed);
	tcase_add_test(c, libcamera_starts_inside_the_fence);
	tcase_add_test(c, a_keeper_shows_what_is_asked_for);
	tcase_add_test(c, lines_of_a_keeper_are_bounded_and_clean);
	suite_add_tcase(suite, c);
	return suite;
}
