// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One buffer is enough: the driver has copied a picture to all readers when QBUF
 * returns, and gives the buffer back.
 */
#include "sink/output.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUT	V4L2_BUF_TYPE_VIDEO_OUTPUT
#define BUFFERS	1			/* each comes back at once */

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
	bool streams;
	int64_t last_ns;		/* of the picture before; 0: none */
	int64_t camera_ns;		/* from picture to picture, by the camera */
	int64_t mean_ns, said_ns;	/* as it is, and as it was declared */
};

static int output_readers(const struct feed *feed, unsigned *readers, struct scrim_error *err)
{
	struct v4l2_event event;
	uint32_t now;
	int ret, any = 0;

	while (!(ret = v4l2_call(feed->fd, VIDIOC_DQEVENT, &event))) {
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
static int hand_over(struct output *o, const struct frame *frame)
{
	struct v4l2_buffer buf = {
		.type = OUTPUT, .memory = V4L2_MEMORY_MMAP,
		.bytesused = o->bytes, .field = V4L2_FIELD_NONE,
		.flags = V4L2_BUF_FLAG_TIMESTAMP_COPY,
		.timestamp = { frame->time_ns / 1000000000, frame->time_ns / 1000 % 1000000 },
	};
	struct v4l2_buffer back = { .type = OUTPUT, .memory = V4L2_MEMORY_MMAP };
	int type = OUTPUT, ret;

	ret = v4l2_call(o->feed.fd, VIDIOC_QBUF, &buf);
	if (ret >= 0 && !o->streams) {
		ret = v4l2_call(o->feed.fd, VIDIOC_STREAMON, &type);
		o->streams = ret >= 0;
	}
	return ret < 0 ? ret : v4l2_call(o->feed.fd, VIDIOC_DQBUF, &back);
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

static int output_put(struct sink *sink, const struct clean_frame *clean,
		      struct scrim_error *err)
{
	struct output *o = (struct output *)sink;
	const struct frame *frame = clean_frame_view(clean);
	int ret;

	if (frame->format->fourcc != o->feed.pix.pixelformat ||
	    frame->width != o->feed.pix.width || frame->height != o->feed.pix.height)
		return fail(err, -EINVAL, "the feed has another format");
	copy_in(o, frame, o->buffers.at[0].bytes);
	ret = hand_over(o, frame);
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

static const struct sink_ops output_ops = {
	.put = output_put, .finish = output_finish, .free = output_free,
};

int sink_output(struct sink **sink, const struct feed *feed, struct scrim_error *err)
{
	struct output *o;
	int ret;

	*sink = NULL;
	o = calloc(1, sizeof(*o));
	if (!o)
		return fail(err, -ENOMEM, "no memory for a feed");
	o->base.ops = &output_ops;
	o->feed = *feed;
	o->camera_ns = feed->interval.numerator * INT64_C(1000000000) / feed->interval.denominator;
	o->mean_ns = o->said_ns = o->camera_ns;
	o->bytes = v4l2_layout(&o->layout, &feed->pix);
	if (o->bytes)
		ret = v4l2_map(&o->buffers, feed->fd, OUTPUT, BUFFERS, o->bytes, err);
	else
		ret = fail(err, -ENOTSUP, "the feed's pictures cannot be told apart");
	if (ret >= 0)
		*sink = &o->base;
	else
		free(o);
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
	return 0;
}
