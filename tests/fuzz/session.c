// SPDX-License-Identifier: GPL-2.0
/*
 * Requests as an application may make them: two handles, any numbers and bytes, with
 * pictures in between.  What is stored stays within the memory that is promised.
 */
#include <stdlib.h>
#include <string.h>

#include "session/device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int store(void *ctx, unsigned buffer, uint64_t offset, const void *bytes, size_t size)
{
	if (buffer >= DEVICE_BUFFERS_MAX || offset < DEVICE_HEAD ||
	    offset + size > DEVICE_HEAD + DEVICE_MEMORY_MAX)
		abort();
	return *(const uint8_t *)bytes % 2 ? DEVICE_WAIT : 0;
}

static void wake(void *ctx, struct handle *handle)
{
}

static int fetch(void *ctx, uint64_t address, void *to, size_t size)
{
	memset(to, address, size);
	return address % 7 ? 0 : -EFAULT;
}

static int deliver(void *ctx, uint64_t address, const void *from, size_t size)
{
	return address % 5 ? 0 : -EFAULT;
}

static const unsigned long requests[] = {
	VIDIOC_QUERYCAP, VIDIOC_ENUMINPUT, VIDIOC_S_INPUT, VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES,
	VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_FMT, VIDIOC_TRY_FMT, VIDIOC_S_FMT, VIDIOC_S_PARM,
	VIDIOC_S_PRIORITY, VIDIOC_REQBUFS, VIDIOC_CREATE_BUFS, VIDIOC_QUERYBUF, VIDIOC_PREPARE_BUF,
	VIDIOC_QBUF, VIDIOC_DQBUF, VIDIOC_STREAMON, VIDIOC_STREAMOFF, VIDIOC_QUERYCTRL,
	VIDIOC_QUERY_EXT_CTRL, VIDIOC_G_CTRL, VIDIOC_S_CTRL, VIDIOC_G_EXT_CTRLS,
	VIDIOC_TRY_EXT_CTRLS, VIDIOC_S_EXT_CTRLS, VIDIOC_SUBSCRIBE_EVENT,
	VIDIOC_UNSUBSCRIBE_EVENT, VIDIOC_DQEVENT, VIDIOC_EXPBUF, VIDIOC_G_STD,
};

/* Of each step: what, by whom, how many bytes of argument; then those, the rest zero. */
static size_t step(struct device *device, struct handle *handle[2], const uint8_t *data,
		   size_t size)
{
	_Alignas(16) uint8_t argument[256] = { 0 };
	static uint8_t picture[64 * 48 * 4];
	unsigned what = data[0] % (sizeof(requests) / sizeof(requests[0]) + 4);
	size_t used = data[2] < size - 3 ? data[2] : size - 3;

	memcpy(argument, data + 3, used);
	if (what < sizeof(requests) / sizeof(requests[0])) {
		if (device_ioctl(handle[data[1] % 2], requests[what], argument, data[1]) > DEVICE_WAIT)
			abort();
	} else if (data[1] % 4 == 0) {
		picture[0] = data[2];
		device_picture(device, picture, data[2], data[2]);
	} else if (data[1] % 4 == 1) {
		device_stored(device, data[2], data[2]);
	} else if (data[1] % 4 == 2) {
		device_tick(device, INT64_MAX / 2);
	} else {
		device_cut(device);
	}
	if (device_format(device)->sizeimage > sizeof(picture))
		abort();
	return 3 + used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct device_pictures pictures = {
		.card = "fuzz", .width = 64, .height = 48, .interval = { 1, 30 }, .formats = 3,
		.fourcc = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_RGB24 },
	};
	static const struct device_base base = {
		.store = store, .wake = wake, .fetch = fetch, .deliver = deliver,
	};
	struct device *device;
	struct handle *handle[2];

	if (device_new(&device, &pictures, &base, NULL) < 0 ||
	    device_open(device, true, &handle[0]) < 0 || device_open(device, false, &handle[1]) < 0)
		abort();
	while (size > 3) {
		size_t used = step(device, handle, data, size);

		data += used;
		size -= used;
		device_poll(handle[0]);
	}
	device_free(&device);
	return 0;
}
