// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Few buffers are enough: the driver has copied a picture to all readers when QBUF
 * returns, and gives the buffer back.  Of a camera's buffers each has its own, so that the
 * driver finds the memory that it knows.
 */
#include "sink/output.h"

#include <stdlib.h>
#include <string.h>

#include "controls.h"

#define OUTPUT	V4L2_BUF_TYPE_VIDEO_OUTPUT
#define BUFFERS	3			/* each comes back at once; for copies, and to lie in */
#define COPIES	0			/* the one for copies */

/*
 * The driver takes a feed for silent after two frame times.  What was declared is
 * mended when it is wrong by a quarter.
 */
#define SLOWEST_NS	INT64_C(1000000000)	/* one a second, as slow as the driver goes */
#define MEAN_OF		4			/* pictures */

/* SCRIM_EVENT_READERS of linux/scrim.h, which need not be installed. */
#define EVENT_READERS	(V4L2_EVENT_PRIVATE_START + 0x5c0)
#define READERS_AT	0			/* in the event's data, 32 bits */

struct output {
	struct sink base;
	struct feed feed;
	struct v4l2_buffers buffers;
	struct v4l2_layout layout;
	size_t bytes;
	struct lending lending;		/* of all but the first */
	bool borrows;			/* frames are where the camera wrote them */
	bool streams;
	int64_t last_ns;		/* of the picture before; 0: none */
	int64_t camera_ns;		/* from picture to picture, by the camera */
	int64_t mean_ns, said_ns;	/* as it is, and as it was declared */
};

static int output_readers(struct feed *feed, unsigned *readers, struct scrim_error *err)
{
	struct v4l2_event event;
	uint32_t now;
	int ret, any = 0;

	while (!(ret = v4l2_call(feed->fd, VIDIOC_DQEVENT, &event))) {
		feed->turned |= event.type == V4L2_EVENT_CTRL;
		if (event.type != EVENT_READERS)
			continue;
		memcpy(&now, event.u.data + READERS_AT, sizeof(now));
		*readers = now;
		any = 1;
	}
	return ret == -ENOENT || ret == -EAGAIN ? any :
		fail(err, ret, "the feed is gone: %s", strerror(-ret));
}

static int set_interval(int fd, const struct v4l2_fract *interval)
{
	struct v4l2_streamparm parm = { .type = OUTPUT };

	parm.parm.output.timeperframe = *interval;
	return v4l2_call(fd, VIDIOC_S_PARM, &parm);
}

static int output_set(struct feed *feed, const struct v4l2_pix_format *pix,
		      struct scrim_error *err)
{
	struct v4l2_format format = { .type = OUTPUT };
	struct v4l2_pix_format *got = &format.fmt.pix;
	int ret;

	*got = *pix;
	got->bytesperline = got->sizeimage = 0;
	ret = v4l2_call(feed->fd, VIDIOC_S_FMT, &format);
	if (ret < 0)
		return fail(err, ret, "the feed cannot be set up: %s", strerror(-ret));
	if (got->width != pix->width || got->height != pix->height ||
	    got->pixelformat != pix->pixelformat)
		return fail(err, -ENOTSUP, "the feed does not take pictures of %ux%u",
			    pix->width, pix->height);
	feed->pix = *got;
	ret = set_interval(feed->fd, &feed->interval);
	return ret < 0 ? fail(err, ret, "the feed takes no rate: %s", strerror(-ret)) : 0;
}

static int output_cut(const struct feed *feed, struct scrim_error *err)
{
	struct v4l2_requestbuffers none = { .type = OUTPUT, .memory = V4L2_MEMORY_MMAP };
	int type = OUTPUT, ret;

	ret = v4l2_call(feed->fd, VIDIOC_STREAMOFF, &type);
	if (ret >= 0)
		ret = v4l2_call(feed->fd, VIDIOC_REQBUFS, &none);
	return ret < 0 ? fail(err, ret, "the feed cannot be cut: %s", strerror(-ret)) : 0;
}

static int output_set_shutter(const struct feed *feed, bool shut, struct scrim_error *err)
{
	struct v4l2_control control = { V4L2_CID_PRIVACY, shut };
	int ret = v4l2_call(feed->fd, VIDIOC_S_CTRL, &control);

	return ret < 0 ? fail(err, ret, "the shutter does not move: %s", strerror(-ret)) : 0;
}

static int output_shutter(const struct feed *feed, bool *shut, struct scrim_error *err)
{
	struct v4l2_control control = { V4L2_CID_PRIVACY, 0 };
	int ret = v4l2_call(feed->fd, VIDIOC_G_CTRL, &control);

	*shut = control.value;
	return ret < 0 ? fail(err, ret, "the feed has no shutter: %s", strerror(-ret)) : 0;
}

static void copy_in(const struct output *o, const struct frame *frame, uint8_t *to)
{
	for (unsigned i = 0; i < frame->format->planes; i++) {
		const struct plane_format *plane = &frame->format->plane[i];
		size_t row = plane_row_bytes(plane, frame->width);

		for (unsigned y = 0; y < plane_rows(plane, frame->height); y++)
			memcpy(to + o->layout.at[i] + y * o->layout.stride[i],
			       frame->plane[i] + y * frame->stride[i], row);
	}
}

/* The buffer comes back at once: the driver has copied it when QBUF returns. */
static int hand_over(struct output *o, struct v4l2_buffer *buf, const struct frame *frame)
{
	struct v4l2_buffer back = { .type = OUTPUT, .memory = buf->memory };
	int type = OUTPUT, ret;

	buf->type = OUTPUT;
	buf->bytesused = o->bytes;
	buf->field = V4L2_FIELD_NONE;
	buf->flags = V4L2_BUF_FLAG_TIMESTAMP_COPY;
	buf->timestamp.tv_sec = frame->time_ns / 1000000000;
	buf->timestamp.tv_usec = frame->time_ns / 1000 % 1000000;
	ret = v4l2_call(o->feed.fd, VIDIOC_QBUF, buf);
	if (ret >= 0 && !o->streams) {
		ret = v4l2_call(o->feed.fd, VIDIOC_STREAMON, &type);
		o->streams = ret >= 0;
	}
	if (ret >= 0)
		ret = v4l2_call(o->feed.fd, VIDIOC_DQBUF, &back);
	return ret >= 0 && back.index != buf->index ? -EIO : ret;
}

static int hand_over_copy(struct output *o, const struct frame *frame)
{
	struct v4l2_buffer buf = { .index = COPIES, .memory = V4L2_MEMORY_MMAP };

	copy_in(o, frame, o->buffers.at[COPIES].bytes);
	return hand_over(o, &buf, frame);
}

static struct v4l2_buffer buffer_of(const struct lent *lent)
{
	struct v4l2_buffer buf = { .index = lent->index, .memory = V4L2_MEMORY_MMAP };

	if (lent->dmabuf >= 0) {
		buf.memory = V4L2_MEMORY_DMABUF;
		buf.m.fd = lent->dmabuf;
		buf.length = lent->size;
	}
	return buf;
}

/* The camera gets it back from our hands only: not when the feed may still read it. */
static int hand_over_lent(struct output *o, const struct frame *frame)
{
	struct lent *lent = frame->lent;
	struct v4l2_buffer buf;
	int ret;

	if (lent->hands != HANDS_OURS)
		return -EBUSY;
	buf = buffer_of(lent);
	lent->hands = HANDS_FEED;
	ret = hand_over(o, &buf, frame);
	if (ret >= 0)
		lent->hands = HANDS_OURS;
	return ret;
}

/* Declares how fast pictures really come, by their own times. */
static void say_rate(struct output *o, int64_t time_ns)
{
	int64_t since = time_ns - o->last_ns, wanted;
	bool first = !o->last_ns;

	o->last_ns = time_ns;
	if (first || since <= 0)
		return;
	if (since > 4 * SLOWEST_NS)
		since = 4 * SLOWEST_NS;
	o->mean_ns += (since - o->mean_ns) / MEAN_OF;
	wanted = o->mean_ns > o->camera_ns ? o->mean_ns : o->camera_ns;
	if (wanted > SLOWEST_NS)
		wanted = SLOWEST_NS;
	if (wanted > o->said_ns + o->said_ns / 4 || wanted < o->said_ns - o->said_ns / 4) {
		const struct v4l2_fract interval = { wanted / 1000, 1000000 };

		if (set_interval(o->feed.fd, &interval) >= 0)
			o->said_ns = wanted;
	}
}

/* In a buffer that the feed knows, its own or one that it borrows. */
static bool lies_here(const struct output *o, const struct frame *frame)
{
	return frame->lent && (o->borrows || frame->lent->lender == &o->lending.lender);
}

static int output_put(struct sink *sink, const struct clean_frame *clean,
		      struct scrim_error *err)
{
	struct output *o = (struct output *)sink;
	const struct frame *frame = clean_frame_view(clean);
	int ret;

	if (frame->format->fourcc != o->feed.pix.pixelformat ||
	    frame->width != o->feed.pix.width || frame->height != o->feed.pix.height)
		return fail(err, -EINVAL, "the feed has another format");
	if (lies_here(o, frame))
		ret = hand_over_lent(o, frame);
	else
		ret = o->borrows ? -EINVAL : hand_over_copy(o, frame);
	if (ret < 0)
		return fail(err, ret, "the feed fails: %s", strerror(-ret));
	say_rate(o, frame->time_ns);
	return 0;
}

static int output_finish(struct sink *sink, struct scrim_error *err)
{
	return 0;
}

static void output_free(struct sink *sink)
{
	struct output *o = (struct output *)sink;

	v4l2_unmap(&o->buffers);
	free(o);
}

static struct lending *output_lend(struct sink *sink)
{
	return &((struct output *)sink)->lending;
}

static const struct sink_ops output_ops = {
	.put = output_put, .finish = output_finish, .free = output_free, .lend = output_lend,
};

/* All but the one for copies. */
static void lend(struct output *o)
{
	const struct v4l2_pix_format *pix = &o->feed.pix;

	for (unsigned i = COPIES + 1; i < o->buffers.count; i++) {
		struct lent *lent = &o->lending.at[o->lending.count++];

		*lent = (struct lent){
			.bytes = o->buffers.at[i].bytes, .size = o->buffers.at[i].size,
			.index = i, .dmabuf = -1, .lender = &o->lending.lender,
		};
		lent_describe(lent, pix->pixelformat, pix->width, pix->height, o->layout.at,
			      o->layout.stride);
	}
}

static int output_new(struct output **output, const struct feed *feed, struct scrim_error *err)
{
	struct output *o = calloc(1, sizeof(*o));

	*output = o;
	if (!o)
		return fail(err, -ENOMEM, "no memory for a feed");
	o->base.ops = &output_ops;
	o->feed = *feed;
	o->camera_ns = feed->interval.numerator * INT64_C(1000000000) / feed->interval.denominator;
	o->mean_ns = o->said_ns = o->camera_ns;
	o->bytes = v4l2_layout(&o->layout, &feed->pix);
	return o->bytes ? 0 : fail(err, -ENOTSUP, "the feed's pictures cannot be told apart");
}

static void give_or_free(struct sink **sink, struct output *o, int ret)
{
	if (ret >= 0)
		*sink = &o->base;
	else
		free(o);
}

int sink_output(struct sink **sink, const struct feed *feed, struct scrim_error *err)
{
	struct output *o;
	int ret = output_new(&o, feed, err);

	*sink = NULL;
	if (ret >= 0)
		ret = v4l2_map(&o->buffers, feed->fd, OUTPUT, BUFFERS, o->bytes, err);
	if (ret >= 0)
		lend(o);
	give_or_free(sink, o, ret);
	return ret;
}

/* The driver reads a picture as the feed's format says, whoever made it. */
static bool lies_as(const struct output *o, const struct lent *lent)
{
	const struct frame *frame = &lent->frame;
	bool same = frame->format->fourcc == o->feed.pix.pixelformat &&
		    frame->width == o->feed.pix.width && frame->height == o->feed.pix.height &&
		    lent->size >= o->bytes;

	for (unsigned i = 0; same && i < frame->format->planes; i++)
		same = frame->plane[i] == lent->bytes + o->layout.at[i] &&
		       frame->stride[i] == o->layout.stride[i];
	return same;
}

static int ask_for(const struct output *o, unsigned count, struct scrim_error *err)
{
	struct v4l2_requestbuffers request = {
		.count = count, .type = OUTPUT, .memory = V4L2_MEMORY_DMABUF,
	};
	int ret = v4l2_call(o->feed.fd, VIDIOC_REQBUFS, &request);

	return ret < 0 || request.count < count ?
		fail(err, -ENOTSUP, "the feed takes no buffers of others") : 0;
}

/* Each is tried, before there is a picture in it that would be lost. */
static int try(const struct output *o, const struct lending *lending, struct scrim_error *err)
{
	int ret = ask_for(o, lending->count, err);

	for (unsigned i = 0; ret >= 0 && i < lending->count; i++) {
		struct v4l2_buffer buf = buffer_of(&lending->at[i]);

		buf.type = OUTPUT;
		buf.field = V4L2_FIELD_NONE;
		buf.bytesused = o->bytes;
		if (!lies_as(o, &lending->at[i]))
			ret = fail(err, -ENOTSUP, "the camera's rows are not those of the feed");
		else if (v4l2_call(o->feed.fd, VIDIOC_PREPARE_BUF, &buf) < 0)
			ret = fail(err, -ENOTSUP, "the feed does not take the camera's buffers");
	}
	return ret;
}

int sink_output_borrow(struct sink **sink, const struct feed *feed, const struct lending *lending,
		       struct scrim_error *err)
{
	struct output *o;
	int ret = output_new(&o, feed, err);

	*sink = NULL;
	if (ret >= 0)
		ret = try(o, lending, err);
	/* Anew: what was tried is prepared, and pictures are still to come. */
	if (ret >= 0)
		ret = ask_for(o, lending->count, err);
	if (ret >= 0)
		o->borrows = true;
	give_or_free(sink, o, ret);
	return ret;
}

/* What a worker may ask of a feed's node. */
static const struct device_request requests[] = {
	{ VIDIOC_QBUF, "show a clean frame" },
	{ VIDIOC_DQBUF, "have its buffer back" },
	{ VIDIOC_STREAMON, "begin to be shown, with the first clean frame" },
	{ VIDIOC_S_PARM, "say how fast frames really come" },
};

static const struct feed_kind output_kind = {
	.readers = output_readers, .set = output_set, .cut = output_cut, .sink = sink_output,
	.borrow = sink_output_borrow,
	.set_shutter = output_set_shutter, .shutter = output_shutter,
	.may = requests, .mays = sizeof(requests) / sizeof(requests[0]),
};

int feed_open(struct feed *feed, const char *path, struct scrim_error *err)
{
	struct v4l2_event_subscription readers = {
		.type = EVENT_READERS, .flags = V4L2_EVENT_SUB_FL_SEND_INITIAL,
	};
	int ret;

	*feed = (struct feed){ .kind = &output_kind, .fd = -1 };
	ret = v4l2_node(&feed->fd, path, V4L2_CAP_VIDEO_OUTPUT, err);
	if (ret < 0)
		return ret;
	if (v4l2_call(feed->fd, VIDIOC_SUBSCRIBE_EVENT, &readers) < 0) {
		feed_close(feed);
		return fail(err, -ENOTSUP, "%s is not the feed of a scrim camera", path);
	}
	controls_watch(feed->fd);
	return 0;
}
