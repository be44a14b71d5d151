// SPDX-License-Identifier: LGPL-2.1-or-later
#include "look/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "source/v4l2.h"

#define CAPTURE		V4L2_BUF_TYPE_VIDEO_CAPTURE
#define BUFFERS		4
#define SECOND		INT64_C(1000000000)
#define FRAME_MIN	(SECOND / 1000)
#define FRAME_MAX	(10 * SECOND)
#define FRAME_USUAL	(SECOND / 30)

/* By the name of its driver: only the kernel gives that. */
static int is_ours(int fd, const char *node, struct scrim_error *err)
{
	struct v4l2_capability cap = { 0 };

	if (v4l2_call(fd, VIDIOC_QUERYCAP, &cap) < 0 ||
	    strncmp((const char *)cap.driver, "scrim", sizeof(cap.driver)))
		return fail(err, -ENOTSUP, "%s is no scrim camera", node);
	return 0;
}

static int look_at_format(struct watch *w, const char *node, struct scrim_error *err)
{
	struct v4l2_format format = { .type = CAPTURE };
	struct v4l2_layout layout;
	size_t bytes;

	if (v4l2_call(w->fd, VIDIOC_G_FMT, &format) < 0)
		return fail(err, -EIO, "%s does not say what its pictures are", node);
	w->pix = format.fmt.pix;
	bytes = v4l2_layout(&layout, &w->pix);
	if (!bytes)
		return fail(err, -ENOTSUP, "%s sends pictures that cannot be shown: %ux%u %.4s", node,
			    w->pix.width, w->pix.height, (const char *)&w->pix.pixelformat);
	return v4l2_map(&w->buffers, w->fd, CAPTURE, BUFFERS, bytes, err);
}

/* In ITU-T H.273; 2: none of those that can be shown. */
static uint8_t matrix(const struct v4l2_pix_format *pix)
{
	switch (v4l2_encoding(pix)) {
	case V4L2_YCBCR_ENC_601:
		return 6;
	case V4L2_YCBCR_ENC_709:
		return 1;
	case V4L2_YCBCR_ENC_BT2020:
		return 9;
	default:
		return 2;
	}
}

static int64_t patience(int fd)
{
	struct v4l2_streamparm parm = { .type = CAPTURE };
	const struct v4l2_fract *interval = &parm.parm.capture.timeperframe;
	int64_t frame = FRAME_USUAL;

	if (v4l2_call(fd, VIDIOC_G_PARM, &parm) >= 0 && interval->numerator && interval->denominator)
		frame = interval->numerator * SECOND / interval->denominator;
	return 2 * (frame < FRAME_MIN ? FRAME_MIN : frame > FRAME_MAX ? FRAME_MAX : frame);
}

int watch_open(struct watch *w, const char *name, const char *node, struct scrim_error *err)
{
	int ret;

	*w = (struct watch)WATCH_NONE;
	w->name = name;
	ret = v4l2_node(&w->fd, node, V4L2_CAP_VIDEO_CAPTURE, err);
	if (ret >= 0)
		ret = is_ours(w->fd, node, err);
	if (ret >= 0)
		ret = look_at_format(w, node, err);
	if (ret >= 0)
		ret = frame_new(&w->raw, w->pix.pixelformat, w->pix.width, w->pix.height, err);
	if (ret < 0) {
		watch_close(w);
		return ret;
	}
	w->raw->colour.full_range = v4l2_full_range(&w->pix);
	w->raw->colour.matrix = matrix(&w->pix);
	w->patience_ns = patience(w->fd);
	return 0;
}

void watch_close(struct watch *w)
{
	v4l2_unmap(&w->buffers);
	if (w->fd >= 0)
		v4l2_close(w->fd);
	scaler_clear(&w->scaler);
	frame_free(&w->raw);
	frame_free(&w->picture);
	*w = (struct watch)WATCH_NONE;
}

static int give(struct watch *w, unsigned index)
{
	struct v4l2_buffer buf = { .index = index, .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };

	return v4l2_call(w->fd, VIDIOC_QBUF, &buf);
}

/* To the camera, unless somebody needs it; that a camera is gone is heard elsewhere. */
static void let_go(struct watch *w, int index)
{
	if (index >= 0 && index != w->latest && index != w->told && index != w->seen)
		give(w, index);
}

static void blacken(struct watch *w)
{
	int latest = w->latest;

	w->latest = -1;
	let_go(w, latest);
	w->until_ns = 0;
	w->version++;
}

void watch_told(struct watch *w)
{
	w->told = w->latest;
}

void watch_seen(struct watch *w)
{
	int seen = w->seen;

	w->seen = w->told;
	let_go(w, seen);
}

/* All buffers, at once and without a word: the camera has taken them, or is no more. */
static void forget(struct watch *w)
{
	w->latest = w->told = w->seen = -1;
	blacken(w);
}

static int export(const struct watch *w, unsigned index, int *fd)
{
	struct v4l2_exportbuffer request = {
		.type = CAPTURE, .index = index, .flags = O_RDONLY | O_CLOEXEC,
	};
	int ret = v4l2_call(w->fd, VIDIOC_EXPBUF, &request);

	*fd = request.fd;
	return ret;
}

void watch_lend(struct watch *w, struct screen *screen)
{
	int fd[V4L2_BUFFERS_MAX];
	unsigned count = 0;

	w->scanout.why = "no card is told of such pictures";
	if (!plane_describe(&w->scanout.picture, &w->pix) || !plane_can_flush())
		return;
	while (count < w->buffers.count && export(w, count, &fd[count]) >= 0)
		count++;
	screen_import(screen, &w->scanout, fd, count == w->buffers.count ? count : 0);
	while (count)
		close(fd[--count]);
}

int watch_place(struct watch *w, const struct place *place, struct scrim_error *err)
{
	int ret;

	frame_free(&w->picture);
	w->place = *place;
	blacken(w);
	if (w->scanout.plane)
		return 0;
	ret = frame_new(&w->picture, V4L2_PIX_FMT_ABGR32, place->size.width, place->size.height, err);
	return ret < 0 ? ret : scaler_shape(&w->scaler, w->raw, w->picture, err);
}

/* Its descriptor is closed at the end: that takes a moment (v4l2_close()). */
static void be_gone(struct watch *w)
{
	v4l2_unmap(&w->buffers);
	w->gone = true;
	w->streams = false;
	forget(w);
}

int watch_start(struct watch *w, struct scrim_error *err)
{
	int type = CAPTURE, ret = 0;

	if (w->gone)
		return 0;
	for (unsigned i = 0; ret >= 0 && i < w->buffers.count; i++)
		ret = give(w, i);
	if (ret >= 0)
		ret = v4l2_call(w->fd, VIDIOC_STREAMON, &type);
	w->streams = ret >= 0;
	if (ret == -ENODEV)
		be_gone(w);
	else if (ret < 0)
		return fail(err, ret, "%s cannot be read: %s", w->name, strerror(-ret));
	return 0;
}

void watch_stop(struct watch *w)
{
	int type = CAPTURE;

	if (w->streams)
		v4l2_call(w->fd, VIDIOC_STREAMOFF, &type);
	w->streams = false;
	forget(w);
}

int watch_show(struct watch *w, const uint8_t *bytes, size_t used, struct scrim_error *err)
{
	int ret = v4l2_picture(w->raw, &w->pix, bytes, used, err);

	return ret < 0 ? ret : scaler_show(&w->scaler, w->picture, w->raw, err);
}

/* The latest that is ready; the others are given back. */
static int take_latest(struct watch *w, struct v4l2_buffer *latest)
{
	struct v4l2_buffer buf;
	bool any = false;
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < w->buffers.count; i++) {
		buf = (struct v4l2_buffer){ .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };
		ret = v4l2_call(w->fd, VIDIOC_DQBUF, &buf);
		if (ret >= 0 && buf.index >= w->buffers.count)
			ret = -EIO;
		if (ret < 0)
			break;
		if (any)
			ret = give(w, latest->index);
		*latest = buf;
		any = true;
	}
	return ret < 0 && ret != -EAGAIN ? ret : any;
}

static void appear(struct watch *w, int64_t now_ns)
{
	w->version++;
	w->until_ns = now_ns + w->patience_ns;
}

/* It stays where it is, and the camera does without it until the card shows another. */
static int keep(struct watch *w, const struct v4l2_buffer *buf, int64_t now_ns)
{
	blacken(w);
	if (buf->bytesused < w->scanout.picture.bytes)
		return give(w, buf->index);
	plane_flush(w->buffers.at[buf->index].bytes, w->scanout.picture.bytes);
	w->latest = buf->index;
	appear(w, now_ns);
	return 0;
}

static int copy(struct watch *w, const struct v4l2_buffer *buf, int64_t now_ns,
		struct scrim_error *err)
{
	int ret = watch_show(w, w->buffers.at[buf->index].bytes, buf->bytesused, err);

	if (ret < 0 && ret != -EBADMSG)
		return ret;
	blacken(w);
	if (ret >= 0)
		appear(w, now_ns);
	return give(w, buf->index);
}

/* A picture that is broken is not shown, and neither is the one before it any more. */
static int take(struct watch *w, const struct v4l2_buffer *buf, int64_t now_ns,
		struct scrim_error *err)
{
	if (buf->flags & V4L2_BUF_FLAG_ERROR || buf->bytesused > w->buffers.at[buf->index].size) {
		blacken(w);
		return give(w, buf->index);
	}
	return w->scanout.plane ? keep(w, buf, now_ns) : copy(w, buf, now_ns, err);
}

int watch_take(struct watch *w, int revents, int64_t now_ns, struct scrim_error *err)
{
	struct v4l2_buffer latest;
	int ret = take_latest(w, &latest);

	/* Nothing to come, and nothing to wait for. */
	if (!ret && revents & (POLLERR | POLLHUP))
		ret = -ENODEV;
	if (ret > 0) {
		ret = take(w, &latest, now_ns, err);
		if (ret == -ENOMEM || ret == -ENOTSUP)
			return ret;
	}
	if (ret < 0)
		be_gone(w);
	return 0;
}

void watch_expire(struct watch *w, int64_t now_ns)
{
	if (w->until_ns && now_ns >= w->until_ns)
		blacken(w);
}

void watch_paint(const struct watch *w, const struct canvas *canvas)
{
	size_t row = (size_t)w->place.size.width * 4;
	uint8_t *to = canvas->bytes + w->place.y * canvas->stride + (size_t)w->place.x * 4;

	for (unsigned y = 0; y < w->place.size.height; y++, to += canvas->stride)
		if (w->until_ns)
			memcpy(to, w->picture->plane[0] + y * w->picture->stride[0], row);
		else
			memset(to, 0, row);
}

static const struct device_request requests[WATCH_MAYS] = {
	{ VIDIOC_QBUF, "give the camera a buffer to fill" },
	{ VIDIOC_DQBUF, "take a picture from the camera" },
	{ VIDIOC_STREAMON, "watch it while a monitor is lit" },
	{ VIDIOC_STREAMOFF, "and not while there is none" },
	{ VIDIOC_QUERYCAP, "ask whether it is gone, before it is closed" },
};

unsigned watch_permit(struct device_permission may[WATCH_MAYS], const struct watch *w)
{
	for (unsigned i = 0; i < WATCH_MAYS; i++)
		may[i] = (struct device_permission){ w->fd, requests[i] };
	return WATCH_MAYS;
}
