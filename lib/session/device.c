// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What every request means, in one table.  Who streams is served; whoever else
 * would change what he relies on gets EBUSY.
 */
#include "session/state.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static const struct v4l2_fract *interval_of(const struct device *device)
{
	return &device->pictures.interval;
}

/* Pixel formats and sizes */

static bool has_format(const struct device *device, uint32_t fourcc)
{
	for (unsigned i = 0; i < device->pictures.formats; i++)
		if (device->pictures.fourcc[i] == fourcc)
			return true;
	return false;
}

/* The nearest that this device has to what is wanted: its own size, and rows without padding. */
static void nearest(const struct device *device, struct v4l2_pix_format *pix)
{
	const struct device_pictures *has = &device->pictures;
	uint32_t fourcc = has_format(device, pix->pixelformat) ? pix->pixelformat : has->fourcc[0];
	const struct format *format = format_find(fourcc);

	*pix = (struct v4l2_pix_format){
		.width = has->width, .height = has->height, .pixelformat = fourcc,
		.field = V4L2_FIELD_NONE,
		.bytesperline = plane_row_bytes(&format->plane[0], has->width),
		.colorspace = format->rgb ? V4L2_COLORSPACE_SRGB : V4L2_COLORSPACE_SMPTE170M,
		.priv = V4L2_PIX_FMT_PRIV_MAGIC,
		.ycbcr_enc = V4L2_YCBCR_ENC_601,
		.quantization = format->rgb || has->full_range ?
			V4L2_QUANTIZATION_FULL_RANGE : V4L2_QUANTIZATION_LIM_RANGE,
		.xfer_func = V4L2_XFER_FUNC_709,
	};
	for (unsigned i = 0; i < format->planes; i++)
		pix->sizeimage += plane_row_bytes(&format->plane[i], has->width) *
				  plane_rows(&format->plane[i], has->height);
}

static void blacken(uint8_t *to, const struct v4l2_pix_format *pix)
{
	const struct format *format = format_find(pix->pixelformat);
	bool full = pix->quantization == V4L2_QUANTIZATION_FULL_RANGE;

	for (unsigned i = 0; i < format->planes; i++) {
		const struct plane_format *plane = &format->plane[i];
		const uint8_t *black = full ? plane->black_full : plane->black;
		size_t bytes = plane_row_bytes(plane, pix->width) * plane_rows(plane, pix->height);

		for (size_t at = 0; at < bytes; at++)
			to[at] = black[at % plane->cell_bytes];
		to += bytes;
	}
}

static int use_format(struct device *device, const struct v4l2_pix_format *pix)
{
	uint8_t *blank = malloc(pix->sizeimage);

	if (!blank)
		return -ENOMEM;
	blacken(blank, pix);
	free(device->blank);
	device->blank = blank;
	device->pix = *pix;
	return 0;
}

/* Requests */

static int query_capability(struct handle *handle, void *argument)
{
	const struct device *device = handle->device;
	struct v4l2_capability *cap = argument;

	*cap = (struct v4l2_capability){
		.driver = "scrim", .bus_info = "platform:scrim",
		.version = 6 << 16,	/* of the kernel whose rules these are */
		.device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING |
			       V4L2_CAP_EXT_PIX_FORMAT,
	};
	cap->capabilities = cap->device_caps | V4L2_CAP_DEVICE_CAPS;
	snprintf((char *)cap->card, sizeof(cap->card), "%s", device->pictures.card);
	return 0;
}

static int enum_input(struct handle *handle, void *argument)
{
	struct v4l2_input *input = argument;

	if (input->index)
		return -EINVAL;
	*input = (struct v4l2_input){ .name = "Camera", .type = V4L2_INPUT_TYPE_CAMERA };
	return 0;
}

static int get_input(struct handle *handle, void *argument)
{
	*(int *)argument = 0;
	return 0;
}

static int set_input(struct handle *handle, void *argument)
{
	return *(int *)argument ? -EINVAL : 0;
}

/* The kernel's words, which are the same in all its versions. */
static const char *description(uint32_t fourcc)
{
	switch (fourcc) {
	case V4L2_PIX_FMT_YUYV:
		return "YUYV 4:2:2";
	case V4L2_PIX_FMT_YUV420:
		return "Planar YUV 4:2:0";
	}
	return format_find(fourcc)->name;
}

static int enum_format(struct handle *handle, void *argument)
{
	const struct device *device = handle->device;
	struct v4l2_fmtdesc *desc = argument;
	const struct format *format;
	uint32_t index = desc->index;

	if (desc->type != CAPTURE || index >= device->pictures.formats)
		return -EINVAL;
	format = format_find(device->pictures.fourcc[index]);
	*desc = (struct v4l2_fmtdesc){
		.index = index, .type = CAPTURE, .pixelformat = format->fourcc,
	};
	snprintf((char *)desc->description, sizeof(desc->description), "%s",
		 description(format->fourcc));
	return 0;
}

static int enum_size(struct handle *handle, void *argument)
{
	const struct device *device = handle->device;
	struct v4l2_frmsizeenum *size = argument;

	if (size->index || !has_format(device, size->pixel_format))
		return -EINVAL;
	*size = (struct v4l2_frmsizeenum){
		.pixel_format = size->pixel_format, .type = V4L2_FRMSIZE_TYPE_DISCRETE,
		.discrete = { device->pictures.width, device->pictures.height },
	};
	return 0;
}

static int enum_interval(struct handle *handle, void *argument)
{
	const struct device *device = handle->device;
	struct v4l2_frmivalenum *ival = argument;

	if (ival->index || !has_format(device, ival->pixel_format) ||
	    ival->width != device->pictures.width || ival->height != device->pictures.height)
		return -EINVAL;
	*ival = (struct v4l2_frmivalenum){
		.pixel_format = ival->pixel_format, .width = ival->width, .height = ival->height,
		.type = V4L2_FRMIVAL_TYPE_DISCRETE, .discrete = *interval_of(device),
	};
	return 0;
}

static int get_format(struct handle *handle, void *argument)
{
	struct v4l2_format *format = argument;

	if (format->type != CAPTURE)
		return -EINVAL;
	memset(&format->fmt, 0, sizeof(format->fmt));
	format->fmt.pix = handle->device->pix;
	return 0;
}

static int try_format(struct handle *handle, void *argument)
{
	struct v4l2_format *format = argument;
	struct v4l2_pix_format pix = format->fmt.pix;

	if (format->type != CAPTURE)
		return -EINVAL;
	nearest(handle->device, &pix);
	memset(&format->fmt, 0, sizeof(format->fmt));
	format->fmt.pix = pix;
	return 0;
}

static int set_format(struct handle *handle, void *argument)
{
	struct v4l2_format *format = argument;
	int ret = try_format(handle, argument);

	if (ret < 0)
		return ret;
	return handle->device->owner ? -EBUSY : use_format(handle->device, &format->fmt.pix);
}

static int get_parm(struct handle *handle, void *argument)
{
	struct v4l2_streamparm *parm = argument;

	if (parm->type != CAPTURE)
		return -EINVAL;
	memset(&parm->parm, 0, sizeof(parm->parm));
	parm->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
	parm->parm.capture.timeperframe = *interval_of(handle->device);
	return 0;
}

/* Of all who have the device open: below that one may look and not touch. */
static enum v4l2_priority priority_of(const struct device *device)
{
	enum v4l2_priority highest = V4L2_PRIORITY_UNSET;

	for (const struct handle *at = device->handles; at; at = at->next)
		if (at->priority > highest)
			highest = at->priority;
	return highest;
}

static int get_priority(struct handle *handle, void *argument)
{
	*(uint32_t *)argument = priority_of(handle->device);
	return 0;
}

static int set_priority(struct handle *handle, void *argument)
{
	uint32_t priority = *(uint32_t *)argument;

	if (priority < V4L2_PRIORITY_BACKGROUND || priority > V4L2_PRIORITY_RECORD)
		return -EINVAL;
	handle->priority = priority;
	return 0;
}

static int log_status(struct handle *handle, void *argument)
{
	return 0;
}

/* Below the highest priority these are EBUSY, as in the kernel. */
#define PRIORITY	1u

static const struct request {
	unsigned long number;
	int (*answer)(struct handle *handle, void *argument);
	unsigned flags;
} requests[] = {
	{ VIDIOC_QUERYCAP,		query_capability, 0 },
	{ VIDIOC_ENUMINPUT,		enum_input, 0 },
	{ VIDIOC_G_INPUT,		get_input, 0 },
	{ VIDIOC_S_INPUT,		set_input, PRIORITY },
	{ VIDIOC_ENUM_FMT,		enum_format, 0 },
	{ VIDIOC_ENUM_FRAMESIZES,	enum_size, 0 },
	{ VIDIOC_ENUM_FRAMEINTERVALS,	enum_interval, 0 },
	{ VIDIOC_G_FMT,			get_format, 0 },
	{ VIDIOC_TRY_FMT,		try_format, 0 },
	{ VIDIOC_S_FMT,			set_format, PRIORITY },
	{ VIDIOC_G_PARM,		get_parm, 0 },
	{ VIDIOC_S_PARM,		get_parm, PRIORITY },	/* there is one rate */
	{ VIDIOC_G_PRIORITY,		get_priority, 0 },
	{ VIDIOC_S_PRIORITY,		set_priority, PRIORITY },
	{ VIDIOC_REQBUFS,		queue_request, PRIORITY },
	{ VIDIOC_CREATE_BUFS,		queue_create, PRIORITY },
	{ VIDIOC_QUERYBUF,		queue_query, 0 },
	{ VIDIOC_PREPARE_BUF,		queue_prepare, 0 },
	{ VIDIOC_QBUF,			queue_put, 0 },
	{ VIDIOC_DQBUF,			queue_take, 0 },
	{ VIDIOC_STREAMON,		queue_start, PRIORITY },
	{ VIDIOC_STREAMOFF,		queue_stop, PRIORITY },
	{ VIDIOC_QUERYCTRL,		control_query, 0 },
	{ VIDIOC_QUERY_EXT_CTRL,	control_query_ext, 0 },
	{ VIDIOC_G_CTRL,		control_get, 0 },
	{ VIDIOC_S_CTRL,		control_set, PRIORITY },
	{ VIDIOC_G_EXT_CTRLS,		control_get_ext, 0 },
	{ VIDIOC_TRY_EXT_CTRLS,		control_try_ext, 0 },
	{ VIDIOC_S_EXT_CTRLS,		control_set_ext, PRIORITY },
	{ VIDIOC_SUBSCRIBE_EVENT,	event_subscribe, 0 },
	{ VIDIOC_UNSUBSCRIBE_EVENT,	event_unsubscribe, 0 },
	{ VIDIOC_DQEVENT,		event_take, 0 },
	{ VIDIOC_LOG_STATUS,		log_status, 0 },
};

int device_ioctl(struct handle *handle, unsigned long number, void *argument, int64_t now_ns)
{
	struct device *device = handle->device;

	for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (requests[i].number != number)
			continue;
		if (requests[i].flags & PRIORITY && handle->priority < priority_of(device))
			return -EBUSY;
		device->now_ns = now_ns;
		return requests[i].answer(handle, argument);
	}
	return -ENOTTY;
}

short device_poll(const struct handle *handle)
{
	const struct device *device = handle->device;
	short ready = handle->events ? POLLPRI : 0;

	if (device->owner != handle || !device->streams)
		return ready | POLLERR;
	if (queue_ready(device))
		return ready | POLLIN | POLLRDNORM;
	return ready;
}

/* A device and who has it open */

static bool is_sound(const struct device_pictures *has)
{
	if (has->formats < 1 || has->formats > DEVICE_FORMATS_MAX || has->width < 2 ||
	    has->width > SCRIM_SIDE_MAX || has->height < 2 || has->height > SCRIM_SIDE_MAX ||
	    has->width % 2 || has->height % 2 ||
	    (uint64_t)has->width * has->height > SCRIM_PIXELS_MAX ||
	    !has->interval.numerator || !has->interval.denominator)
		return false;
	for (unsigned i = 0; i < has->formats; i++)
		if (!format_find(has->fourcc[i]))
			return false;
	return true;
}

int device_new(struct device **out, const struct device_pictures *pictures,
	       const struct device_base *base, struct scrim_error *err)
{
	struct v4l2_pix_format first = { 0 };
	struct device *device;

	*out = NULL;
	if (!is_sound(pictures))
		return fail(err, -EINVAL, "no camera has pictures of %ux%u like these",
			    pictures->width, pictures->height);
	device = calloc(1, sizeof(*device));
	if (!device)
		return fail(err, -ENOMEM, "no memory for a camera");
	device->pictures = *pictures;
	device->base = *base;
	nearest(device, &first);
	if (use_format(device, &first) < 0) {
		free(device);
		return fail(err, -ENOMEM, "no memory for a camera");
	}
	*out = device;
	return 0;
}

void device_free(struct device **device)
{
	if (!*device)
		return;
	(*device)->owner = NULL;	/* nothing is stored any more */
	while ((*device)->handles) {
		struct handle *handle = (*device)->handles;

		device_close(&handle);
	}
	free((*device)->blank);
	free(*device);
	*device = NULL;
}

int device_open(struct device *device, bool nonblocking, struct handle **out)
{
	struct handle *handle;

	*out = NULL;
	if (device->opened == DEVICE_HANDLES_MAX)
		return -EMFILE;
	handle = calloc(1, sizeof(*handle));
	if (!handle)
		return -ENOMEM;
	handle->device = device;
	handle->nonblocking = nonblocking;
	handle->priority = V4L2_PRIORITY_DEFAULT;
	handle->next = device->handles;
	device->handles = handle;
	device->opened++;
	*out = handle;
	return 0;
}

void device_set_nonblocking(struct handle *handle, bool nonblocking)
{
	handle->nonblocking = nonblocking;
}

void device_close(struct handle **handle)
{
	struct handle **at;
	struct device *device;

	if (!*handle)
		return;
	device = (*handle)->device;
	if (device->owner == *handle)
		queue_release(device);
	for (at = &device->handles; *at != *handle; at = &(*at)->next)
		;
	*at = (*handle)->next;
	device->opened--;
	free(*handle);
	*handle = NULL;
}

const struct v4l2_pix_format *device_format(const struct device *device)
{
	return &device->pix;
}

bool device_streams(const struct device *device)
{
	return device->streams;
}
