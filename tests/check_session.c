// SPDX-License-Identifier: GPL-2.0
/*
 * The camera of a session as its rules are, in memory of our own: what an application
 * is shown, when, and what it may not have.
 */
#include "test.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "session/device.h"

#define WIDTH	32u
#define HEIGHT	16u
#define YUYV	(WIDTH * HEIGHT * 2)
#define RATE_NS	INT64_C(40000000)	/* 25 a second */
#define CANARY	0xab

static struct device *device;
static struct handle *handle, *other;
static struct scrim_error err;
static uint8_t memory[DEVICE_HEAD + DEVICE_BUFFERS_MAX * 8192];
static bool late;			/* stores do not arrive at once */
static unsigned woken, stores;
static int64_t now_ns;

static int store(void *ctx, unsigned buffer, uint64_t offset, const void *bytes, size_t size)
{
	ck_assert_uint_le(offset + size, sizeof(memory));
	memcpy(memory + offset, bytes, size);
	stores++;
	return late ? DEVICE_WAIT : 0;
}

static void wake(void *ctx, struct handle *who)
{
	woken++;
}

static int fetch(void *ctx, uint64_t address, void *to, size_t size)
{
	memcpy(to, (const void *)(uintptr_t)address, size);
	return 0;
}

static int deliver(void *ctx, uint64_t address, const void *from, size_t size)
{
	memcpy((void *)(uintptr_t)address, from, size);
	return 0;
}

static const struct device_base base = {
	.store = store, .wake = wake, .fetch = fetch, .deliver = deliver,
};

static const struct device_pictures pictures = {
	.card = "test", .width = WIDTH, .height = HEIGHT, .interval = { 1, 25 }, .formats = 2,
	.fourcc = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12 },
};

static void set_up(void)
{
	late = false;
	woken = 0;
	now_ns = INT64_C(1000000000);
	memset(memory, CANARY, sizeof(memory));
	ck_assert_int_eq(device_new(&device, &pictures, &base, &err), 0);
	ck_assert_int_eq(device_open(device, true, &handle), 0);
	ck_assert_int_eq(device_open(device, false, &other), 0);
}

static void tear_down(void)
{
	device_free(&device);
}

static int ask(struct handle *who, unsigned long request, void *argument)
{
	return device_ioctl(who, request, argument, now_ns);
}

static int request_buffers(struct handle *who, unsigned count)
{
	struct v4l2_requestbuffers request = {
		.count = count, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	int ret = ask(who, VIDIOC_REQBUFS, &request);

	return ret < 0 ? ret : (int)request.count;
}

static int put(struct handle *who, unsigned index)
{
	struct v4l2_buffer buf = {
		.index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};

	return ask(who, VIDIOC_QBUF, &buf);
}

static int take(struct handle *who, struct v4l2_buffer *buf)
{
	*buf = (struct v4l2_buffer){
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	return ask(who, VIDIOC_DQBUF, buf);
}

static int stream(struct handle *who, bool on)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	return ask(who, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &type);
}

static void start(unsigned buffers)
{
	ck_assert_int_eq(request_buffers(handle, buffers), buffers);
	for (unsigned i = 0; i < buffers; i++)
		ck_assert_int_eq(put(handle, i), 0);
	ck_assert_int_eq(stream(handle, true), 0);
}

static void show(uint8_t value)
{
	uint8_t picture[YUYV];

	memset(picture, value, sizeof(picture));
	ck_assert_int_eq(device_picture(device, picture, now_ns, now_ns), 0);
}

/* Luma 16, chroma 128: ITU-R BT.601, limited range. */
static bool is_black(const struct v4l2_buffer *buf)
{
	for (unsigned i = 0; i < YUYV; i++)
		if (memory[buf->m.offset + i] != (i % 2 ? 128 : 16))
			return false;
	return true;
}

static bool is_all(const struct v4l2_buffer *buf, uint8_t value)
{
	for (unsigned i = 0; i < YUYV; i++)
		if (memory[buf->m.offset + i] != value)
			return false;
	return true;
}

START_TEST(pictures_come_in_order_with_running_numbers)
{
	struct v4l2_buffer buf;

	start(3);
	for (unsigned n = 0; n < 20; n++) {
		now_ns += RATE_NS;
		show(n);
		ck_assert_int_eq(take(handle, &buf), 0);
		ck_assert(is_all(&buf, n));
		ck_assert_uint_eq(buf.sequence, n);
		ck_assert_uint_eq(buf.index, n % 3);
		ck_assert_uint_eq(buf.bytesused, YUYV);
		ck_assert_int_eq(buf.timestamp.tv_sec * 1000000000 + buf.timestamp.tv_usec * 1000,
				 now_ns);
		ck_assert_int_eq(put(handle, buf.index), 0);
	}
}
END_TEST

START_TEST(a_picture_that_nobody_waits_for_is_counted_and_gone)
{
	struct v4l2_buffer buf;

	start(1);
	show(1);
	show(2);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_all(&buf, 1));
	ck_assert_int_eq(put(handle, 0), 0);
	show(3);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_all(&buf, 3));
	ck_assert_uint_eq(buf.sequence, 2);
}
END_TEST

START_TEST(silence_is_black_within_two_frame_times_and_at_the_nominal_rate)
{
	struct v4l2_buffer buf;
	int64_t began = now_ns;

	start(2);
	show(7);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert_int_eq(device_next_tick(device), now_ns + 2 * RATE_NS);
	now_ns += 2 * RATE_NS - 1;
	ck_assert_int_eq(device_tick(device, now_ns), 0);
	ck_assert_int_eq(take(handle, &buf), -EAGAIN);
	for (unsigned n = 1; n < 30; n++) {
		now_ns = began + (n + 1) * RATE_NS;
		ck_assert_int_eq(device_tick(device, now_ns), 0);
		ck_assert_int_eq(take(handle, &buf), 0);
		ck_assert(is_black(&buf));
		ck_assert_uint_eq(buf.sequence, n);
		ck_assert_int_eq(device_next_tick(device), now_ns + RATE_NS);
		put(handle, 0);
		put(handle, 1);
	}
}
END_TEST

START_TEST(time_never_goes_back)
{
	uint8_t picture[YUYV] = { 0 };
	struct v4l2_buffer buf;
	int64_t last = 0;

	start(1);
	for (unsigned n = 0; n < 30; n++) {
		int64_t told;

		now_ns += 3 * RATE_NS;
		if (n % 3)		/* taken half a second ago */
			ck_assert_int_eq(device_picture(device, picture, now_ns - 500000000, now_ns), 0);
		else
			ck_assert_int_eq(device_tick(device, now_ns), 0);
		if (take(handle, &buf) < 0)
			continue;
		told = buf.timestamp.tv_sec * INT64_C(1000000) + buf.timestamp.tv_usec;
		ck_assert_int_gt(told, last);
		last = told;
		put(handle, 0);
	}
}
END_TEST

START_TEST(pictures_that_take_longer_than_a_frame_have_their_own_times)
{
	uint8_t picture[YUYV] = { 0 };
	struct v4l2_buffer buf;

	start(1);
	now_ns += 2 * RATE_NS;
	ck_assert_int_eq(device_tick(device, now_ns), 0);
	ck_assert_int_eq(take(handle, &buf), 0);
	put(handle, 0);
	for (unsigned n = 0; n < 10; n++) {
		int64_t taken_ns = now_ns - RATE_NS / 4;

		now_ns += RATE_NS;
		ck_assert_int_eq(device_picture(device, picture, taken_ns, now_ns), 0);
		ck_assert_int_eq(take(handle, &buf), 0);
		put(handle, 0);
		if (n)			/* the first was taken before the black one was made */
			ck_assert_int_eq(buf.timestamp.tv_sec * INT64_C(1000000) +
					 buf.timestamp.tv_usec, taken_ns / 1000);
	}
}
END_TEST

START_TEST(a_slow_machine_is_slow_and_not_silent)
{
	struct v4l2_buffer buf;

	start(2);
	for (unsigned n = 0; n < 20; n++) {
		now_ns += 3 * RATE_NS;
		show(7);
		ck_assert_int_eq(take(handle, &buf), 0);
		put(handle, buf.index);
	}
	ck_assert_int_gt(device_next_tick(device), now_ns + 3 * RATE_NS);
	/* And has no more patience than for a picture a second. */
	for (unsigned n = 0; n < 20; n++) {
		now_ns += 100 * RATE_NS;
		show(7);
	}
	ck_assert_int_le(device_next_tick(device), now_ns + INT64_C(2000000000));
}
END_TEST

START_TEST(what_was_not_taken_before_a_cut_is_black)
{
	struct v4l2_buffer buf;

	start(3);
	show(CANARY);
	show(CANARY);
	ck_assert_int_eq(device_cut(device), 0);
	show(9);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_black(&buf));
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_black(&buf));
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_all(&buf, 9));
}
END_TEST

START_TEST(a_closed_shutter_is_black_for_what_waits_as_well)
{
	struct v4l2_control shutter = { V4L2_CID_PRIVACY, 1 };
	struct v4l2_buffer buf;

	start(3);
	show(CANARY);
	ck_assert_int_eq(ask(other, VIDIOC_S_CTRL, &shutter), 0);
	show(CANARY);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(take(handle, &buf), 0);
		ck_assert(is_black(&buf));
	}
	shutter.value = 0;
	ck_assert_int_eq(ask(other, VIDIOC_S_CTRL, &shutter), 0);
	show(5);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_all(&buf, 5));
}
END_TEST

START_TEST(a_buffer_is_not_given_before_its_bytes_are_there)
{
	struct v4l2_buffer buf;

	late = true;
	start(2);
	show(1);
	ck_assert_int_eq(take(handle, &buf), -EAGAIN);
	ck_assert_int_eq(device_poll(handle), 0);
	device_stored(device, 0, now_ns);
	ck_assert_int_eq(device_poll(handle), POLLIN | POLLRDNORM);
	/* A cut is one more thing to wait for. */
	ck_assert_int_eq(device_cut(device), 0);
	ck_assert_int_eq(take(handle, &buf), -EAGAIN);
	device_stored(device, 0, now_ns);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_black(&buf));
	device_stored(device, 0, now_ns);	/* more than there are, and others */
	device_stored(device, 31, now_ns);
	device_stored(device, 1000, now_ns);
}
END_TEST

START_TEST(what_is_given_back_is_black_before_anybody_gets_it_again)
{
	struct v4l2_create_buffers create = {
		.count = 1, .memory = V4L2_MEMORY_MMAP,
		.format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE },
	};
	struct v4l2_buffer first = { .m.offset = DEVICE_HEAD };

	create.format.fmt.pix.sizeimage = YUYV;
	late = true;
	start(1);
	woken = 0;
	show(CANARY);
	ck_assert_uint_eq(woken, 0);
	device_stored(device, 0, now_ns);
	ck_assert_uint_eq(woken, 1);
	ck_assert(is_all(&first, CANARY));
	ck_assert_int_eq(stream(handle, false), 0);
	ck_assert_int_eq(request_buffers(handle, 0), 0);
	ck_assert_int_eq(request_buffers(other, 1), DEVICE_WAIT);
	ck_assert_int_eq(ask(other, VIDIOC_CREATE_BUFS, &create), DEVICE_WAIT);
	ck_assert(is_black(&first));
	woken = 0;
	device_stored(device, 0, now_ns);
	ck_assert_uint_gt(woken, 0);
	ck_assert_int_eq(request_buffers(other, 1), 1);
	/* Closing gives back as well. */
	ck_assert_int_eq(put(other, 0), 0);
	ck_assert_int_eq(stream(other, true), 0);
	show(CANARY);
	device_stored(device, 0, now_ns);
	device_close(&other);
	ck_assert_int_eq(request_buffers(handle, 1), DEVICE_WAIT);
	ck_assert(is_black(&first));
}
END_TEST

START_TEST(a_picture_that_takes_too_long_to_arrive_is_black)
{
	struct v4l2_buffer buf;

	late = true;
	start(2);
	show(CANARY);
	now_ns += 2 * RATE_NS;
	ck_assert_int_eq(device_stored(device, 0, now_ns), 0);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_all(&buf, CANARY));
	show(CANARY);
	now_ns = device_next_tick(device) + 1;
	ck_assert_int_eq(device_stored(device, 1, now_ns), 0);
	ck_assert_int_eq(take(handle, &buf), -EAGAIN);
	ck_assert_int_eq(device_stored(device, 1, now_ns), 0);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert(is_black(&buf));
}
END_TEST

START_TEST(what_waits_to_be_stored_is_bounded)
{
	struct v4l2_control shutter = { V4L2_CID_PRIVACY, 0 };

	late = true;
	start(2);
	stores = 0;
	for (unsigned n = 0; n < 100; n++) {
		shutter.value = !shutter.value;
		ck_assert_int_eq(ask(other, VIDIOC_S_CTRL, &shutter), 0);
		show(n);
		ck_assert_int_eq(stream(handle, false), 0);
		put(handle, 0);
		put(handle, 1);
		ck_assert_int_eq(stream(handle, true), 0);
	}
	ck_assert_uint_le(stores, 2 * 2);	/* a picture and black, of each buffer */
}
END_TEST

START_TEST(a_buffer_has_one_name_and_is_given_back_once)
{
	struct v4l2_buffer buf = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
	const struct v4l2_buffer good = buf;

	ck_assert_int_eq(request_buffers(handle, 2), 2);
	buf.index = 2;
	ck_assert_int_eq(ask(handle, VIDIOC_QUERYBUF, &buf), -EINVAL);
	buf = good;
	buf.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	ck_assert_int_eq(ask(handle, VIDIOC_QUERYBUF, &buf), -EINVAL);
	ck_assert_int_eq(ask(handle, VIDIOC_QBUF, &buf), -EINVAL);
	buf = good;
	buf.memory = V4L2_MEMORY_USERPTR;
	ck_assert_int_eq(ask(handle, VIDIOC_QBUF, &buf), -EINVAL);
	buf = good;
	buf.flags = V4L2_BUF_FLAG_REQUEST_FD;
	ck_assert_int_eq(ask(handle, VIDIOC_QBUF, &buf), -EBADR);
	buf = good;
	ck_assert_int_eq(ask(handle, VIDIOC_PREPARE_BUF, &buf), 0);
	buf = good;
	ck_assert_int_eq(ask(handle, VIDIOC_PREPARE_BUF, &buf), -EINVAL);
	ck_assert_int_eq(put(handle, 0), 0);
	ck_assert_int_eq(put(handle, 0), -EINVAL);
}
END_TEST

START_TEST(a_stream_has_buffers_and_begins_once)
{
	struct v4l2_buffer buf = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP };

	ck_assert_int_eq(stream(handle, true), -EINVAL);
	start(2);
	ck_assert_int_eq(ask(handle, VIDIOC_DQBUF, &buf), -EINVAL);
	show(1);
	ck_assert_int_eq(stream(handle, true), 0);	/* the numbers go on */
	show(2);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert_int_eq(take(handle, &buf), 0);
	ck_assert_uint_eq(buf.sequence, 1);
	ck_assert_int_eq(put(handle, 0), 0);
	ck_assert_int_eq(stream(handle, false), 0);
	ck_assert_int_eq(put(handle, 0), 0);		/* the end gives all of them back */
}
END_TEST

START_TEST(only_what_waits_to_be_taken_becomes_black_when_it_is_late)
{
	late = true;
	start(1);
	show(CANARY);
	ck_assert_int_eq(stream(handle, false), 0);
	stores = 0;
	now_ns = INT64_C(9000000000);
	ck_assert_int_eq(device_stored(device, 0, now_ns), 0);
	ck_assert_uint_eq(stores, 0);
	ck_assert_int_eq(device_stored(device, 0, now_ns), 0);	/* one more than there were */
	ck_assert_int_eq(request_buffers(handle, 0), 0);
	device_stored(device, 0, now_ns);
	ck_assert_int_eq(request_buffers(handle, 1), 1);
}
END_TEST

static uint32_t error_at;

static int ask_controls(unsigned long request, uint32_t which, uint32_t count, uint32_t id)
{
	struct v4l2_ext_control one[1] = { { .id = id, .value = 1 } };
	struct v4l2_ext_controls all = { .which = which, .count = count, .controls = one };

	int ret = ask(handle, request, &all);

	error_at = all.error_idx;
	return ret;
}

START_TEST(there_is_one_control_and_it_is_asked_for_as_the_kernel_has_it)
{
	struct v4l2_control class = { V4L2_CID_CAMERA_CLASS, 1 };

	ck_assert_int_eq(ask(handle, VIDIOC_S_CTRL, &class), -EACCES);
	ck_assert_int_eq(ask(handle, VIDIOC_G_CTRL, &class), -EACCES);
	ck_assert_int_eq(ask_controls(VIDIOC_G_EXT_CTRLS, 0, 1, V4L2_CID_PRIVACY), 0);
	ck_assert_int_eq(ask_controls(VIDIOC_TRY_EXT_CTRLS, V4L2_CTRL_WHICH_DEF_VAL, 1, V4L2_CID_PRIVACY), -EINVAL);
	ck_assert_int_eq(ask_controls(VIDIOC_TRY_EXT_CTRLS, V4L2_CTRL_CLASS_USER, 1, V4L2_CID_PRIVACY), -EINVAL);
	ck_assert_int_eq(ask_controls(VIDIOC_TRY_EXT_CTRLS, 0, 1025, V4L2_CID_PRIVACY), -EINVAL);
	ck_assert_uint_eq(error_at, 1025);		/* not one of them was looked at */
	ck_assert_int_eq(ask_controls(VIDIOC_S_EXT_CTRLS, 0, 1, V4L2_CID_CAMERA_CLASS), -EACCES);
}
END_TEST

START_TEST(the_oldest_events_go_first)
{
	struct v4l2_event_subscription sub = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_PRIVACY };
	struct v4l2_control shutter = { V4L2_CID_PRIVACY, 0 };
	struct v4l2_event event;
	unsigned left = 0;

	ck_assert_int_eq(ask(handle, VIDIOC_SUBSCRIBE_EVENT, &sub), 0);
	for (unsigned n = 0; n < 100; n++) {
		shutter.value = !shutter.value;
		ck_assert_int_eq(ask(other, VIDIOC_S_CTRL, &shutter), 0);
	}
	while (ask(handle, VIDIOC_DQEVENT, &event) == 0)
		left++;
	ck_assert_uint_eq(left, 16);
	ck_assert_uint_eq(event.sequence, 99);
	device_set_nonblocking(other, true);		/* who did not ask is not told */
	ck_assert_int_eq(ask(other, VIDIOC_DQEVENT, &event), -ENOENT);
	ck_assert_int_eq(ask(handle, VIDIOC_S_CTRL, &(struct v4l2_control){ V4L2_CID_PRIVACY, 1 }), 0);
	ck_assert_int_eq(ask(other, VIDIOC_DQEVENT, &event), -ENOENT);
}
END_TEST

START_TEST(what_there_is_has_an_end)
{
	struct v4l2_fmtdesc desc = { .index = 2, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	uint32_t priority = V4L2_PRIORITY_RECORD + 1;

	ck_assert_int_eq(ask(handle, VIDIOC_ENUM_FMT, &desc), -EINVAL);
	ck_assert_int_eq(ask(handle, VIDIOC_S_PRIORITY, &priority), -EINVAL);
	ck_assert_int_eq(request_buffers(handle, 1), 1);
	ck_assert_int_eq(device_poll(handle), POLLERR);		/* it does not stream */
	ck_assert_int_eq(device_picture(device, memory, now_ns, now_ns), 0);
	ck_assert_int_eq(stream(handle, true), 0);
	show(1);
	ck_assert_int_eq(put(handle, 0), 0);
	show(1);
	ck_assert_int_eq(device_poll(handle), POLLIN | POLLRDNORM);
}
END_TEST

START_TEST(no_camera_is_odd_or_without_pictures)
{
	struct device_pictures bad = pictures;
	struct device *none;

	bad.formats = 0;
	ck_assert_int_eq(device_new(&none, &bad, &base, &err), -EINVAL);
	bad.formats = DEVICE_FORMATS_MAX + 1;
	ck_assert_int_eq(device_new(&none, &bad, &base, &err), -EINVAL);
	bad = pictures;
	bad.width = WIDTH + 1;
	ck_assert_int_eq(device_new(&none, &bad, &base, &err), -EINVAL);
	bad = pictures;
	bad.interval.denominator = 0;
	ck_assert_int_eq(device_new(&none, &bad, &base, &err), -EINVAL);
	ck_assert_ptr_null(none);
}
END_TEST

START_TEST(nothing_is_stored_when_all_is_over)
{
	start(1);
	show(1);
	stores = 0;
	device_free(&device);
	ck_assert_uint_eq(stores, 0);
}
END_TEST

START_TEST(who_was_asleep_knows_it)
{
	ck_assert(!device_overslept(device, INT64_MAX));
	start(2);
	show(1);
	ck_assert(!device_overslept(device, device_next_tick(device) + RATE_NS));
	ck_assert(device_overslept(device, device_next_tick(device) + RATE_NS + 1));
}
END_TEST

START_TEST(buffers_belong_to_one_owner)
{
	struct v4l2_buffer buf;

	start(2);
	ck_assert_int_eq(request_buffers(other, 2), -EBUSY);
	ck_assert_int_eq(put(other, 0), -EBUSY);
	ck_assert_int_eq(take(other, &buf), -EBUSY);
	ck_assert_int_eq(stream(other, false), -EBUSY);
	ck_assert_int_eq(device_poll(other), POLLERR);
	ck_assert_int_eq(request_buffers(handle, 2), -EBUSY);	/* while it streams */
	device_close(&handle);
	ck_assert(!device_streams(device));
	ck_assert_int_eq(request_buffers(other, 2), 2);
}
END_TEST

START_TEST(a_format_does_not_change_under_buffers)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	format.fmt.pix.pixelformat = V4L2_PIX_FMT_NV12;
	start(1);
	ck_assert_int_eq(ask(handle, VIDIOC_S_FMT, &format), -EBUSY);
	ck_assert_int_eq(stream(handle, false), 0);
	ck_assert_int_eq(request_buffers(handle, 0), 0);
	ck_assert_int_eq(ask(handle, VIDIOC_S_FMT, &format), 0);
	ck_assert_uint_eq(device_format(device)->pixelformat, V4L2_PIX_FMT_NV12);
	ck_assert_uint_eq(device_format(device)->sizeimage, WIDTH * HEIGHT * 3 / 2);
}
END_TEST

START_TEST(whoever_has_priority_is_not_disturbed)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	uint32_t record = V4L2_PRIORITY_RECORD;

	ck_assert_int_eq(ask(handle, VIDIOC_S_PRIORITY, &record), 0);
	ck_assert_int_eq(ask(other, VIDIOC_S_PRIORITY, &record), -EBUSY);
	ck_assert_int_eq(ask(other, VIDIOC_S_FMT, &format), -EBUSY);
	ck_assert_int_eq(request_buffers(other, 1), -EBUSY);
	ck_assert_int_eq(ask(handle, VIDIOC_S_FMT, &format), 0);
}
END_TEST

START_TEST(a_call_that_blocks_says_that_it_waits)
{
	struct v4l2_buffer buf;
	struct v4l2_event event;

	ck_assert_int_eq(request_buffers(other, 1), 1);
	ck_assert_int_eq(put(other, 0), 0);
	ck_assert_int_eq(stream(other, true), 0);
	ck_assert_int_eq(take(other, &buf), DEVICE_WAIT);
	ck_assert_int_eq(ask(other, VIDIOC_DQEVENT, &event), DEVICE_WAIT);
	device_set_nonblocking(other, true);
	ck_assert_int_eq(take(other, &buf), -EAGAIN);
	ck_assert_int_eq(ask(other, VIDIOC_DQEVENT, &event), -ENOENT);
	woken = 0;
	show(1);
	ck_assert_uint_gt(woken, 0);
}
END_TEST

START_TEST(the_end_of_a_stream_wakes_who_waits_for_it)
{
	struct v4l2_buffer buf;

	start(1);
	woken = 0;
	ck_assert_int_eq(stream(handle, false), 0);
	ck_assert_uint_gt(woken, 0);
	ck_assert_int_eq(take(handle, &buf), -EINVAL);
}
END_TEST

START_TEST(who_asked_is_told_of_the_shutter_and_nobody_else)
{
	struct v4l2_event_subscription sub = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_PRIVACY };
	struct v4l2_control shutter = { V4L2_CID_PRIVACY, 1 };
	struct v4l2_event event;

	ck_assert_int_eq(ask(handle, VIDIOC_SUBSCRIBE_EVENT, &sub), 0);
	ck_assert_int_eq(ask(other, VIDIOC_S_CTRL, &shutter), 0);
	ck_assert_int_eq(ask(other, VIDIOC_S_CTRL, &shutter), 0);	/* no change */
	ck_assert(device_poll(handle) & POLLPRI);
	ck_assert(!(device_poll(other) & POLLPRI));
	ck_assert_int_eq(ask(handle, VIDIOC_DQEVENT, &event), 0);
	ck_assert_uint_eq(event.type, V4L2_EVENT_CTRL);
	ck_assert_int_eq(event.u.ctrl.value, 1);
	ck_assert_int_eq(ask(handle, VIDIOC_DQEVENT, &event), -ENOENT);
	/* Whoever does it knows, unless it asks to be told of that as well. */
	shutter.value = 0;
	ck_assert_int_eq(ask(handle, VIDIOC_S_CTRL, &shutter), 0);
	ck_assert_int_eq(ask(handle, VIDIOC_DQEVENT, &event), -ENOENT);
}
END_TEST

START_TEST(memory_has_a_bound)
{
	struct v4l2_create_buffers create = {
		.count = 3, .memory = V4L2_MEMORY_MMAP,
		.format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE },
	};

	create.format.fmt.pix.sizeimage = DEVICE_MEMORY_MAX / 2;
	ck_assert_int_eq(ask(handle, VIDIOC_CREATE_BUFS, &create), 0);
	ck_assert_uint_eq(create.count, 2);
	create.count = 1;
	create.format.fmt.pix.sizeimage = YUYV;
	ck_assert_int_eq(ask(handle, VIDIOC_CREATE_BUFS, &create), -ENOMEM);
	create.count = 1;
	create.format.fmt.pix.sizeimage = UINT32_MAX;
	ck_assert_int_eq(ask(handle, VIDIOC_CREATE_BUFS, &create), -EINVAL);
	create.format.fmt.pix.sizeimage = YUYV - 1;
	ck_assert_int_eq(ask(handle, VIDIOC_CREATE_BUFS, &create), -EINVAL);
	ck_assert_int_eq(request_buffers(handle, 1000), DEVICE_BUFFERS_MAX);
}
END_TEST

START_TEST(so_many_have_it_open_and_no_more)
{
	struct handle *more;

	for (unsigned i = 2; i < DEVICE_HANDLES_MAX; i++)
		ck_assert_int_eq(device_open(device, true, &more), 0);
	ck_assert_int_eq(device_open(device, true, &more), -EMFILE);
	device_close(&other);
	ck_assert_int_eq(device_open(device, true, &more), 0);
}
END_TEST

Suite *session_suite(void)
{
	Suite *suite = suite_create("session");
	TCase *all = tcase_create("device");

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, pictures_come_in_order_with_running_numbers);
	tcase_add_test(all, a_picture_that_nobody_waits_for_is_counted_and_gone);
	tcase_add_test(all, silence_is_black_within_two_frame_times_and_at_the_nominal_rate);
	tcase_add_test(all, time_never_goes_back);
	tcase_add_test(all, pictures_that_take_longer_than_a_frame_have_their_own_times);
	tcase_add_test(all, a_slow_machine_is_slow_and_not_silent);
	tcase_add_test(all, what_was_not_taken_before_a_cut_is_black);
	tcase_add_test(all, a_closed_shutter_is_black_for_what_waits_as_well);
	tcase_add_test(all, a_buffer_is_not_given_before_its_bytes_are_there);
	tcase_add_test(all, what_is_given_back_is_black_before_anybody_gets_it_again);
	tcase_add_test(all, a_picture_that_takes_too_long_to_arrive_is_black);
	tcase_add_test(all, what_waits_to_be_stored_is_bounded);
	tcase_add_test(all, a_buffer_has_one_name_and_is_given_back_once);
	tcase_add_test(all, a_stream_has_buffers_and_begins_once);
	tcase_add_test(all, only_what_waits_to_be_taken_becomes_black_when_it_is_late);
	tcase_add_test(all, who_was_asleep_knows_it);
	tcase_add_test(all, there_is_one_control_and_it_is_asked_for_as_the_kernel_has_it);
	tcase_add_test(all, the_oldest_events_go_first);
	tcase_add_test(all, what_there_is_has_an_end);
	tcase_add_test(all, no_camera_is_odd_or_without_pictures);
	tcase_add_test(all, nothing_is_stored_when_all_is_over);
	tcase_add_test(all, buffers_belong_to_one_owner);
	tcase_add_test(all, a_format_does_not_change_under_buffers);
	tcase_add_test(all, whoever_has_priority_is_not_disturbed);
	tcase_add_test(all, a_call_that_blocks_says_that_it_waits);
	tcase_add_test(all, the_end_of_a_stream_wakes_who_waits_for_it);
	tcase_add_test(all, who_asked_is_told_of_the_shutter_and_nobody_else);
	tcase_add_test(all, memory_has_a_bound);
	tcase_add_test(all, so_many_have_it_open_and_no_more);
	suite_add_tcase(suite, all);
	return suite;
}
