/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A V4L2 capture camera as plain state.  What an application asks comes in as a
 * request and its bytes, answers go out the same way; nothing is opened here and
 * nothing is waited for.  It behaves like the kernel's vb2 behind a USB camera:
 * priority, format and buffers belong to the device, whoever opens it.
 *
 * Applications map the memory of the device; what they write there is never read.
 */
#ifndef SESSION_DEVICE_H
#define SESSION_DEVICE_H

#include <linux/videodev2.h>

#include "error.h"
#include "frame/format.h"

struct device;
struct handle;				/* one open() of it */

#define DEVICE_WAIT	1		/* not an error: it has to wait */

#define DEVICE_BUFFERS_MAX	32
#define DEVICE_HANDLES_MAX	256
#define DEVICE_FORMATS_MAX	4
#define DEVICE_CONTROLS_MAX	1024	/* in a request, as many as the kernel takes */
#define DEVICE_HEAD		4096u	/* bytes before the first: in no buffer */
#define DEVICE_MEMORY_MAX	(UINT64_C(512) << 20)	/* bytes of all its buffers */

/* What a device stands on.  wake() must not call back. */
struct device_base {
	void *ctx;
	/*
	 * Puts bytes where applications have mapped them, for a buffer: 0 when they are there,
	 * DEVICE_WAIT when they will be at device_stored(), or a negative errno.
	 */
	int (*store)(void *ctx, unsigned buffer, uint64_t offset, const void *bytes,
		     size_t size);
	/* What a handle waits for, in poll() or in a call, may be there now.  NULL: in a call. */
	void (*wake)(void *ctx, struct handle *handle);
	/* The memory of who called, for arrays behind pointers: 0, -EFAULT, or -EPERM. */
	int (*fetch)(void *ctx, uint64_t address, void *to, size_t size);
	int (*deliver)(void *ctx, uint64_t address, const void *from, size_t size);
};

/* The pictures it has: one size and rate, some formats, the first by default. */
struct device_pictures {
	char card[32];			/* what applications show */
	unsigned width, height;		/* even */
	struct v4l2_fract interval;	/* seconds from picture to picture */
	unsigned formats;
	uint32_t fourcc[DEVICE_FORMATS_MAX];
	bool full_range;		/* luma is 0 to 255 */
};

int device_new(struct device **device, const struct device_pictures *pictures,
	       const struct device_base *base, struct scrim_error *err);
void device_free(struct device **device);

/* -EMFILE: too many are open.  Closing gives back what the handle owned. */
int device_open(struct device *device, bool nonblocking, struct handle **handle);
void device_set_nonblocking(struct handle *handle, bool nonblocking);
void device_close(struct handle **handle);

/*
 * One ioctl().  argument holds the _IOC_SIZE(request) bytes that it is about, aligned
 * for any of them, which are changed in place; on an error too, as the kernel does it
 * for extended controls.  0, the negative errno that V4L2 gives, or DEVICE_WAIT: the call
 * blocks, and is to be made again after wake().
 */
int device_ioctl(struct handle *handle, unsigned long request, void *argument, int64_t now_ns);

/* What poll() would say: POLLIN, POLLPRI, POLLERR ... */
short device_poll(const struct handle *handle);

/* The format that pictures must have to be shown, with all its strides. */
const struct v4l2_pix_format *device_format(const struct device *device);
/* Whether somebody streams: the camera has to be on. */
bool device_streams(const struct device *device);

/*
 * One picture for whoever streams, sizeimage bytes in the device's format; dropped
 * when no buffer waits.  time_ns is when it was taken, by CLOCK_MONOTONIC as now_ns is; what
 * applications are told is that, unless an older picture was newer.
 */
int device_picture(struct device *device, const void *bytes, int64_t time_ns, int64_t now_ns);
/* Bytes of a buffer that had to wait are where they belong: too late, they become black. */
int device_stored(struct device *device, unsigned buffer, int64_t now_ns);
/* A black picture of the device's format, until that changes. */
const void *device_black(const struct device *device);
/* Black, when the last picture is two frame times old. */
int device_tick(struct device *device, int64_t now_ns);
/* When device_tick() is next needed; -1: not before something happens. */
int64_t device_next_tick(const struct device *device);
/* Nobody called that in time: what was put meanwhile is old by now. */
bool device_overslept(const struct device *device, int64_t now_ns);
/* What was put before and not yet taken will only be taken black. */
int device_cut(struct device *device);

#endif
