// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The side that sees a camera's pictures.  Their bytes, their length and whether
 * they are broken is a stranger's word; what the camera writes to a buffer later
 * changes nothing any more, unless frames lie in its buffers.
 */
#include "source/v4l2.h"

#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "source/jpeg.h"
#include "source/other.h"

#define CAPTURE	V4L2_BUF_TYPE_VIDEO_CAPTURE
#define BUFFERS	4
#define FLAT_JPEG	1024		/* bytes at least that buffers for JPEG have */

struct v4l2 {
	struct source base;
	struct camera camera;
	struct v4l2_buffers buffers;
	struct frame_pool *pool;
	struct other *other;		/* NULL: no need to convert */
	struct lending lending;		/* ->on: frames lie in the camera's buffers */
	struct scrim_error refused;	/* ->code: the camera did not take one back */
	int64_t duration_ns;
	bool streams;
	bool counts;			/* there was a picture before: */
	struct v4l2_buffer last;
};

static int copy_picture(struct frame *frame, const struct v4l2_pix_format *pix,
			const uint8_t *bytes, size_t used, struct scrim_error *err)
{
	struct v4l2_layout layout;
	size_t whole = v4l2_layout(&layout, pix);

	if (!whole || used < whole)
		return fail(err, -EBADMSG, "a picture of %zu bytes in place of %zu", used, whole);
	for (unsigned i = 0; i < frame->format->planes; i++) {
		const struct plane_format *plane = &frame->format->plane[i];
		size_t row = plane_row_bytes(plane, frame->width);

		for (unsigned y = 0; y < plane_rows(plane, frame->height); y++)
			memcpy(frame->plane[i] + y * frame->stride[i],
			       bytes + layout.at[i] + y * layout.stride[i], row);
	}
	return 0;
}

int v4l2_picture(struct frame *frame, const struct v4l2_pix_format *pix,
		 const uint8_t *bytes, size_t used, struct scrim_error *err)
{
	return pix->pixelformat == V4L2_PIX_FMT_MJPEG ?
		jpeg_picture(frame, bytes, used, err) :
		copy_picture(frame, pix, bytes, used, err);
}

/* Bytes that a buffer must have room for. */
static size_t least(const struct v4l2_pix_format *pix)
{
	struct v4l2_layout layout;

	if (other_takes(pix->pixelformat))
		return other_bytes(pix);
	return pix->pixelformat == V4L2_PIX_FMT_MJPEG ? FLAT_JPEG : v4l2_layout(&layout, pix);
}

static int ask(struct v4l2 *v, unsigned long request, void *argument, struct scrim_error *err)
{
	int ret = v4l2_call(v->camera.fd, request, argument);

	if (ret == -ENODEV)
		return fail(err, ret, "the camera is gone");
	if (ret < 0 && ret != -EAGAIN)
		return fail(err, ret, "the camera fails: %s", strerror(-ret));
	return ret;
}

/* One that the feed could still read is no longer ours to give. */
static int give_back(struct v4l2 *v, unsigned index, struct scrim_error *err)
{
	struct v4l2_buffer buf = {
		.index = index, .type = CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct lent *lent = &v->lending.at[index];
	int ret;

	if (v->lending.on && lent->hands != HANDS_OURS)
		return fail(err, -EBUSY, "a buffer of the camera is not ours");
	ret = ask(v, VIDIOC_QBUF, &buf, err);
	if (ret >= 0)
		lent->hands = HANDS_CAMERA;
	return ret;
}

static int start(struct v4l2 *v, struct scrim_error *err)
{
	int type = CAPTURE, ret = 0;

	for (unsigned i = 0; ret >= 0 && i < v->buffers.count; i++)
		ret = give_back(v, i, err);
	if (ret >= 0)
		ret = ask(v, VIDIOC_STREAMON, &type, err);
	v->streams = ret >= 0;
	return ret;
}

static int take(struct v4l2 *v, struct v4l2_buffer *buf, struct scrim_error *err)
{
	int ret;

	*buf = (struct v4l2_buffer){ .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };
	ret = ask(v, VIDIOC_DQBUF, buf, err);
	if (ret >= 0 && buf->index >= v->buffers.count)
		ret = fail(err, -EIO, "the camera gives buffer %u of %u", buf->index,
			   v->buffers.count);
	if (ret < 0)
		return ret;
	if (v->lending.on && v->lending.at[buf->index].hands != HANDS_CAMERA)
		return fail(err, -EIO, "the camera gives a buffer that it does not have");
	v->lending.at[buf->index].hands = HANDS_OURS;
	return ret;
}

static int64_t time_ns(const struct v4l2_buffer *buf)
{
	return buf->timestamp.tv_sec * INT64_C(1000000000) + buf->timestamp.tv_usec * INT64_C(1000);
}

/*
 * A driver that copies pictures in several threads, as uvcvideo does, may be done with one after
 * the next.  A camera that begins to count anew is told from that by its time, which goes on.
 */
static bool is_late(const struct v4l2_buffer *buf, const struct v4l2_buffer *than)
{
	return (int32_t)(buf->sequence - than->sequence) < 0 && time_ns(buf) <= time_ns(than);
}

/*
 * The latest of the pictures that are ready, 0 when there is none later than the last that was
 * shown.  When there are as many as the camera had, even the latest is old: it had none left.
 */
static int take_latest(struct v4l2 *v, struct v4l2_buffer *latest, struct scrim_error *err)
{
	/* Where they are lent, one was on its way to the feed. */
	unsigned taken = 0, most = v->buffers.count - v->lending.on;
	struct v4l2_buffer buf;
	bool any = false;
	int ret;

	*latest = v->last;
	while (taken < most && (ret = take(v, &buf, err)) != -EAGAIN) {
		if (ret < 0)
			return ret;
		taken++;
		if (is_late(&buf, latest)) {
			ret = give_back(v, buf.index, err);
		} else {
			ret = any ? give_back(v, latest->index, err) : 0;
			*latest = buf;
			any = true;
		}
		if (ret < 0)
			return ret;
	}
	if (!any || taken < most)
		return any;
	ret = give_back(v, latest->index, err);
	return ret < 0 ? ret : 0;
}

static int wait_for(struct v4l2 *v, struct v4l2_buffer *latest, struct scrim_error *err)
{
	struct pollfd ready = { .fd = v->camera.fd, .events = POLLIN };
	int ret;

	do {
		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			return fail(err, -errno, "cannot wait for the camera");
		ret = take_latest(v, latest, err);
		/* Nothing to come, and nothing to wait for. */
		if (!ret && ready.revents & (POLLERR | POLLHUP))
			return fail(err, -ENODEV, "the camera does not stream any more");
	} while (!ret);
	return ret;
}

/* A camera that begins to count anew has dropped nothing. */
static void count(struct v4l2 *v, const struct v4l2_buffer *buf)
{
	if (v->counts && buf->sequence > v->last.sequence)
		v->base.dropped += buf->sequence - v->last.sequence - 1;
	v->last = *buf;
	v->counts = true;
}

/* Of each picture, whatever becomes of it. */
static void tell_of(const struct v4l2 *v, const struct v4l2_buffer *buf, struct frame *frame)
{
	frame->time_ns = time_ns(buf);
	frame->duration_ns = v->duration_ns;
	frame->colour = v->base.colour;
}

static int copy_out(struct v4l2 *v, const struct v4l2_buffer *buf, struct frame *frame,
		    struct scrim_error *err)
{
	size_t room = v->buffers.at[buf->index].size;

	if (buf->flags & V4L2_BUF_FLAG_ERROR || buf->bytesused > room)
		return fail(err, -EBADMSG, "a picture that the camera calls broken");
	tell_of(v, buf, frame);
	if (v->other)
		return other_picture(v->other, frame, v->buffers.at[buf->index].bytes,
				     buf->bytesused, err);
	return v4l2_picture(frame, &v->camera.pix, v->buffers.at[buf->index].bytes,
			    buf->bytesused, err);
}

/* The buffer goes back at once. */
static int copied(struct v4l2 *v, const struct v4l2_buffer *buf, struct frame **frame,
		  struct scrim_error *err)
{
	int ret, back;

	ret = source_frame(&v->base, v->pool, frame, err);
	if (ret >= 0)
		ret = copy_out(v, buf, *frame, err);
	if (ret < 0)
		frame_free(frame);
	back = give_back(v, buf->index, err);
	if (back < 0)
		frame_free(frame);
	return back < 0 ? back : ret;
}

/* The buffer goes back when its frame is freed. */
static int lent(struct v4l2 *v, const struct v4l2_buffer *buf, struct frame **frame,
		struct scrim_error *err)
{
	struct lent *of = &v->lending.at[buf->index];
	int ret = 0;

	*frame = &of->frame;
	of->raw = true;
	tell_of(v, buf, *frame);
	if (buf->flags & V4L2_BUF_FLAG_ERROR || buf->bytesused > of->size)
		ret = fail(err, -EBADMSG, "a picture that the camera calls broken");
	else if (buf->bytesused < least(&v->camera.pix))
		ret = fail(err, -EBADMSG, "a picture of %u bytes in place of %zu", buf->bytesused,
			   least(&v->camera.pix));
	if (ret < 0)
		frame_free(frame);
	return ret;
}

static int one(struct v4l2 *v, struct frame **frame, struct scrim_error *err)
{
	struct v4l2_buffer buf = { 0 };
	int ret;

	if (v->refused.code)
		return fail(err, v->refused.code, "%s", v->refused.text);
	ret = wait_for(v, &buf, err);
	if (ret < 0)
		return ret;
	count(v, &buf);
	source_tell(&v->base);
	return v->lending.on ? lent(v, &buf, frame, err) : copied(v, &buf, frame, err);
}

static void lent_came_back(struct lender *lender, unsigned index)
{
	struct v4l2 *v = (struct v4l2 *)((char *)lender - offsetof(struct v4l2, lending.lender));
	struct scrim_error why;
	int ret = give_back(v, index, &why);

	if (ret < 0)
		v->refused = why;
}

static int v4l2_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	struct v4l2 *v = (struct v4l2 *)source;
	int ret = v->streams ? 0 : start(v, err);

	if (ret < 0)
		return ret;
	while ((ret = one(v, frame, err)) == -EBADMSG) {
		source->damaged++;
		source_tell(source);
	}
	return ret < 0 ? ret : 1;
}

static int v4l2_lends(struct source *source, struct lending **lending, struct scrim_error *err)
{
	struct v4l2 *v = (struct v4l2 *)source;

	*lending = &v->lending;
	return v4l2_lend(&v->lending, &v->buffers, &v->camera, err);
}

/* The dma-bufs go with the process: its cage has no close(). */
static void v4l2_free(struct source *source)
{
	struct v4l2 *v = (struct v4l2 *)source;

	v4l2_unmap(&v->buffers);
	other_free(&v->other);
	frame_pool_free(&v->pool);
	free(v);
}

static const struct source_ops v4l2_ops = {
	.next = v4l2_next, .lend = v4l2_lends, .free = v4l2_free,
};

static void describe(struct v4l2 *v, const struct v4l2_pix_format *pix)
{
	const struct v4l2_fract *interval = &v->camera.interval;

	v->base.fourcc = pix->pixelformat;
	v->base.width = pix->width;
	v->base.height = pix->height;
	v->base.colour = (struct colour){ v4l2_full_range(pix), 2, 2, 2 };
	v->base.rate.den = 1;
	if (!interval->numerator || !interval->denominator ||
	    interval->numerator > 1000000 || interval->denominator > 1000000)
		return;
	v->base.rate.num = interval->denominator;
	v->base.rate.den = interval->numerator;
	v->duration_ns = interval->numerator * INT64_C(1000000000) / interval->denominator;
}

int source_v4l2(struct source **source, const struct camera *camera, struct scrim_error *err)
{
	struct v4l2_pix_format pix = camera_frames(camera);
	size_t room = least(&camera->pix);
	struct v4l2 *v;
	int ret;

	*source = NULL;
	if (!room)
		return fail(err, -ENOTSUP, "the camera's pictures cannot be told apart");
	v = calloc(1, sizeof(*v));
	if (!v)
		return fail(err, -ENOMEM, "no memory for a camera");
	v->base.ops = &v4l2_ops;
	v->camera = *camera;
	v->lending.lender.back = lent_came_back;
	describe(v, &pix);
	ret = frame_pool_new(&v->pool, pix.pixelformat, pix.width, pix.height, err);
	if (ret >= 0 && other_takes(camera->pix.pixelformat))
		ret = other_new(&v->other, &camera->pix, err);
	if (ret >= 0)
		ret = v4l2_map(&v->buffers, camera->fd, CAPTURE, BUFFERS + camera->lends,
			       room, err);
	if (ret >= 0) {
		*source = &v->base;
		v = NULL;
	}
	if (v)
		v4l2_free(&v->base);
	return ret;
}

/* What a worker may ask of a camera's node. */
static const struct device_request requests[] = {
	{ VIDIOC_QBUF, "give the camera a buffer to fill" },
	{ VIDIOC_DQBUF, "take a picture from the camera" },
	{ VIDIOC_STREAMON, "start the camera, when all else is ready" },
};

const struct camera_kind camera_v4l2 = {
	.prefix = "", .open = v4l2_open, .source = source_v4l2, .calls = &cage_live,
	.may = requests, .mays = sizeof(requests) / sizeof(requests[0]),
};
