// SPDX-License-Identifier: GPL-2.0
/*
 * A live camera without one: what the kernel would say to source and sink is said
 * here, by a camera that does what cameras should not, and a feed that remembers.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <jpeglib.h>

#include "live_worker.h"
#include "sink/output.h"
#include "source/v4l2.h"
#include "policy/configfs.h"

#define WIDTH	64u
#define HEIGHT	48u
#define BYTES	(WIDTH * HEIGHT * 2)
#define MS	INT64_C(1000000)

/* What the camera says next: so many pictures are ready, then it is an error. */
struct event {
	uint32_t sequence;
	uint32_t flags;
	uint32_t used;			/* bytes */
	uint8_t value;			/* of all bytes */
	unsigned index;			/* 0: the oldest buffer; else this one, less 1 */
	int error;			/* what DQBUF says in place of a picture */
	unsigned seconds;		/* when it was made; 0: as its number */
};

static struct {
	int fd;				/* always readable */
	struct event next[64];
	unsigned count, at;
	bool queued[V4L2_BUFFERS_MAX];	/* with the camera */
	unsigned buffers;
	uint8_t *bytes[V4L2_BUFFERS_MAX];
	bool on;
} camera;

static struct {
	int fd;
	uint8_t bytes[BYTES], shown[BYTES];
	unsigned puts, rates;
	struct v4l2_fract interval;
	struct timeval stamp;
	bool on, queued, fails;
} feed;

int __real_v4l2_call(int fd, unsigned long request, void *argument);
int __wrap_v4l2_call(int fd, unsigned long request, void *argument);
int __real_v4l2_map(struct v4l2_buffers *buffers, int fd, enum v4l2_buf_type type,
		    unsigned count, size_t picture, struct scrim_error *err);
int __wrap_v4l2_map(struct v4l2_buffers *buffers, int fd, enum v4l2_buf_type type,
		    unsigned count, size_t picture, struct scrim_error *err);
void __wrap_v4l2_unmap(struct v4l2_buffers *buffers);

static int oldest(void)
{
	for (unsigned i = 0; i < camera.buffers; i++)
		if (camera.queued[i])
			return i;
	return -1;
}

static int camera_gives(struct v4l2_buffer *buf)
{
	struct event *event = &camera.next[camera.at];
	int index = oldest();

	if (camera.at == camera.count)
		return -ENODEV;		/* it was unplugged at the end */
	camera.at++;
	if (event->error)
		return event->error;
	ck_assert_int_ge(index, 0);
	ck_assert(camera.on);
	camera.queued[index] = false;
	memset(camera.bytes[index], event->value, BYTES);
	buf->index = event->index ? event->index - 1 : (unsigned)index;
	buf->sequence = event->sequence;
	buf->flags = event->flags;
	buf->bytesused = event->used;
	buf->timestamp.tv_sec = event->seconds ? event->seconds : event->sequence;
	return 0;
}

static int camera_call(unsigned long request, void *argument)
{
	struct v4l2_buffer *buf = argument;

	switch (request) {
	case VIDIOC_QBUF:
		ck_assert(!camera.queued[buf->index]);
		camera.queued[buf->index] = true;
		return 0;
	case VIDIOC_DQBUF:
		return camera_gives(buf);
	case VIDIOC_STREAMON:
		camera.on = true;
		return 0;
	default:
		ck_abort_msg("the camera was asked for what the worker may not");
		return -ENOTTY;
	}
}

static void show(void)
{
	memcpy(feed.shown, feed.bytes, BYTES);
	feed.puts++;
}

static int feed_call(unsigned long request, void *argument)
{
	struct v4l2_streamparm *parm = argument;
	struct v4l2_buffer *buf = argument;

	switch (request) {
	case VIDIOC_QBUF:
		if (feed.fails)
			return -ENODEV;
		ck_assert_uint_eq(buf->bytesused, BYTES);
		feed.stamp = buf->timestamp;
		feed.queued = true;
		if (feed.on)
			show();
		return 0;
	case VIDIOC_DQBUF:
		ck_assert(feed.on && feed.queued);
		feed.queued = false;
		return 0;
	case VIDIOC_STREAMON:
		ck_assert(feed.queued);
		feed.on = true;
		show();
		return 0;
	case VIDIOC_S_PARM:
		feed.interval = parm->parm.output.timeperframe;
		feed.rates++;
		return 0;
	default:
		ck_abort_msg("the feed was asked for what the worker may not");
		return -ENOTTY;
	}
}

int (*test_nodes)(int fd, unsigned long request, void *argument);

int __wrap_v4l2_call(int fd, unsigned long request, void *argument)
{
	if (test_nodes)
		return test_nodes(fd, request, argument);
	if (camera.fd && fd == camera.fd)
		return camera_call(request, argument);
	if (feed.fd && fd == feed.fd)
		return feed_call(request, argument);
	return __real_v4l2_call(fd, request, argument);
}

int __wrap_v4l2_map(struct v4l2_buffers *buffers, int fd, enum v4l2_buf_type type,
		    unsigned count, size_t picture, struct scrim_error *err)
{
	ck_assert_uint_le(picture, BYTES);
	buffers->count = count;
	for (unsigned i = 0; i < count; i++) {
		buffers->at[i].size = BYTES;
		buffers->at[i].bytes = fd == feed.fd ? feed.bytes : malloc(BYTES);
		if (fd == camera.fd)
			camera.bytes[i] = buffers->at[i].bytes;
	}
	if (fd == camera.fd)
		camera.buffers = count;
	return 0;
}

void __wrap_v4l2_unmap(struct v4l2_buffers *buffers)
{
	for (unsigned i = 0; i < buffers->count; i++)
		if (buffers->at[i].bytes != feed.bytes)
			free(buffers->at[i].bytes);
	buffers->count = 0;
}

static const struct v4l2_pix_format yuyv = {
	.width = WIDTH, .height = HEIGHT, .pixelformat = V4L2_PIX_FMT_YUYV,
	.bytesperline = WIDTH * 2, .sizeimage = BYTES,
};

static void begin(void)
{
	memset(&camera, 0, sizeof(camera));
	memset(&feed, 0, sizeof(feed));
	camera.fd = eventfd(1, EFD_CLOEXEC);
	feed.fd = eventfd(1, EFD_CLOEXEC);
	ck_assert_int_ge(camera.fd, 0);
	ck_assert_int_ge(feed.fd, 0);
}

static void end(void)
{
	close(camera.fd);
	close(feed.fd);
	camera.fd = feed.fd = 0;
}

static void comes(uint32_t sequence, uint8_t value)
{
	camera.next[camera.count++] = (struct event){
		.sequence = sequence, .used = BYTES, .value = value,
	};
}

static void pause_comes(void)
{
	camera.next[camera.count++] = (struct event){ .error = -EAGAIN };
}

static struct source *open_camera(void)
{
	const struct camera like = {
		.kind = &camera_v4l2, .fd = camera.fd, .pix = yuyv, .interval = { 1, 30 },
	};
	struct source *source = NULL;

	ck_assert_int_eq(camera_source(&source, &like, NULL), 0);
	return source;
}

static uint8_t next_value(struct source *source)
{
	struct frame *frame = NULL;
	uint8_t value;

	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	value = frame->plane[0][0];
	for (unsigned i = 0; i < WIDTH * 2; i++)
		ck_assert_uint_eq(frame->plane[0][i], value);
	frame_free(&frame);
	return value;
}

START_TEST(the_latest_picture_is_taken_and_the_others_are_counted)
{
	struct source *source = open_camera();

	comes(5, 1);
	pause_comes();
	comes(6, 2);
	comes(7, 3);
	comes(8, 4);
	pause_comes();
	comes(12, 5);
	pause_comes();
	ck_assert_uint_eq(next_value(source), 1);
	ck_assert_uint_eq(next_value(source), 4);
	ck_assert_uint_eq(source->dropped, 2);
	ck_assert_uint_eq(next_value(source), 5);
	ck_assert_uint_eq(source->dropped, 5);
	source_free(&source);
}
END_TEST

START_TEST(a_camera_that_counts_anew_has_dropped_nothing)
{
	struct source *source = open_camera();

	comes(1000, 1);
	pause_comes();
	comes(0, 2);
	camera.next[camera.count - 1].seconds = 1001;
	pause_comes();
	ck_assert_uint_eq(next_value(source), 1);
	ck_assert_uint_eq(next_value(source), 2);
	ck_assert_uint_eq(source->dropped, 0);
	source_free(&source);
}
END_TEST

/* As of a driver that copies pictures in several threads. */
START_TEST(a_picture_that_comes_after_a_later_one_is_not_shown)
{
	struct source *source = open_camera();

	comes(1, 1);
	pause_comes();
	comes(3, 3);		/* alone */
	pause_comes();
	comes(2, 2);
	pause_comes();
	comes(5, 5);		/* together */
	comes(4, 4);
	comes(3, 3);
	pause_comes();
	for (unsigned i = 0; i < camera.buffers; i++)
		comes(4 - i, 4 - i);	/* all that there are */
	comes(7, 7);
	pause_comes();
	ck_assert_uint_eq(next_value(source), 1);
	ck_assert_uint_eq(next_value(source), 3);
	ck_assert_uint_eq(next_value(source), 5);
	ck_assert_uint_eq(next_value(source), 7);
	ck_assert_uint_eq(source->dropped, 3);
	for (unsigned i = 0; i < camera.buffers; i++)
		ck_assert(camera.queued[i]);
	source_free(&source);
}
END_TEST

/* The camera had no buffer left, so even the latest is of long ago. */
START_TEST(when_all_buffers_were_waiting_a_fresh_picture_is_waited_for)
{
	struct source *source = open_camera();

	for (unsigned i = 0; i < camera.buffers; i++)
		comes(i, 1);
	pause_comes();
	comes(20, 2);
	pause_comes();
	ck_assert_uint_eq(next_value(source), 2);
	for (unsigned i = 0; i < camera.buffers; i++)
		ck_assert(camera.queued[i]);
	source_free(&source);
}
END_TEST

START_TEST(a_broken_picture_is_not_shown_and_counted)
{
	static const struct event broken[] = {
		{ .sequence = 1, .used = BYTES, .flags = V4L2_BUF_FLAG_ERROR },
		{ .sequence = 1, .used = BYTES - 1 },
		{ .sequence = 1, .used = 0 },
		{ .sequence = 1, .used = BYTES + 1 },
		{ .sequence = 1, .used = UINT32_MAX },
	};
	struct source *source = open_camera();

	camera.next[camera.count++] = broken[_i];
	pause_comes();
	comes(2, 9);
	pause_comes();
	ck_assert_uint_eq(next_value(source), 9);
	ck_assert_uint_eq(source->damaged, 1);
	for (unsigned i = 0; i < camera.buffers; i++)
		ck_assert(camera.queued[i]);
	source_free(&source);
}
END_TEST

START_TEST(what_the_camera_writes_later_changes_nothing)
{
	struct source *source = open_camera();
	struct frame *frame = NULL;

	comes(1, 7);
	pause_comes();
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	for (unsigned i = 0; i < camera.buffers; i++)
		memset(camera.bytes[i], 0xff, BYTES);
	for (unsigned y = 0; y < HEIGHT; y++)
		for (unsigned x = 0; x < WIDTH * 2; x++)
			ck_assert_uint_eq(frame->plane[0][y * frame->stride[0] + x], 7);
	ck_assert_int_eq(frame->time_ns, 1000 * MS);
	frame_free(&frame);
	source_free(&source);
}
END_TEST

START_TEST(an_unplugged_camera_is_the_end)
{
	struct source *source = open_camera();
	struct frame *frame = NULL;
	struct scrim_error err;

	ck_assert_int_eq(source_next(source, &frame, &err), -ENODEV);
	ck_assert_ptr_null(frame);
	ck_assert_str_eq(err.text, "the camera is gone");
	source_free(&source);
}
END_TEST

START_TEST(a_buffer_that_there_is_not_is_an_error)
{
	struct source *source = open_camera();
	struct frame *frame = NULL;

	comes(1, 1);
	camera.next[0].index = camera.buffers + 1;
	ck_assert_int_eq(source_next(source, &frame, NULL), -EIO);
	ck_assert_ptr_null(frame);
	source_free(&source);
}
END_TEST

/* Pictures without a camera: their bytes are a stranger's. */

static struct v4l2_pix_format shape(uint32_t fourcc, unsigned stride)
{
	return (struct v4l2_pix_format){
		.width = WIDTH, .height = HEIGHT, .pixelformat = fourcc, .bytesperline = stride,
	};
}

START_TEST(a_picture_that_is_cut_off_is_refused)
{
	static const struct { uint32_t fourcc; unsigned stride; } kinds[] = {
		{ V4L2_PIX_FMT_YUYV, WIDTH * 2 }, { V4L2_PIX_FMT_YUYV, WIDTH * 2 + 32 },
		{ V4L2_PIX_FMT_NV12, WIDTH }, { V4L2_PIX_FMT_NV12, WIDTH + 64 },
		{ V4L2_PIX_FMT_YUV420, WIDTH }, { V4L2_PIX_FMT_YUV420, WIDTH + 16 },
	};
	const struct v4l2_pix_format pix = shape(kinds[_i].fourcc, kinds[_i].stride);
	struct v4l2_layout layout;
	size_t whole = v4l2_layout(&layout, &pix);
	struct frame *frame = NULL;
	uint8_t *bytes = malloc(whole);

	ck_assert_uint_gt(whole, 0);
	test_random_fill(bytes, whole);
	ck_assert_int_eq(frame_new(&frame, pix.pixelformat, WIDTH, HEIGHT, NULL), 0);
	ck_assert_int_eq(v4l2_picture(frame, &pix, bytes, whole - 1, NULL), -EBADMSG);
	ck_assert_int_eq(v4l2_picture(frame, &pix, bytes, whole, NULL), 0);
	for (unsigned i = 0; i < frame->format->planes; i++) {
		size_t row = plane_row_bytes(&frame->format->plane[i], WIDTH);
		unsigned last = plane_rows(&frame->format->plane[i], HEIGHT) - 1;

		ck_assert_mem_eq(frame->plane[i] + last * frame->stride[i],
				 bytes + layout.at[i] + last * layout.stride[i], row);
	}
	frame_free(&frame);
	free(bytes);
}
END_TEST

START_TEST(a_layout_that_does_not_fit_is_refused)
{
	struct v4l2_layout layout;
	const struct v4l2_pix_format bad[] = {
		shape(V4L2_PIX_FMT_YUYV, WIDTH * 2 - 1), shape(V4L2_PIX_FMT_NV12, 0),
		shape(V4L2_PIX_FMT_NV12, UINT32_MAX), shape(V4L2_PIX_FMT_H264, WIDTH),
		{ .width = UINT32_MAX, .height = UINT32_MAX, .bytesperline = UINT32_MAX,
		  .pixelformat = V4L2_PIX_FMT_GREY },
	};

	ck_assert_uint_eq(v4l2_layout(&layout, &bad[_i]), 0);
}
END_TEST

/* A JPEG whose left half is dark and whose right half is light. */
static const struct { int y_down, c_across, c_down; } samples[] = {
	{ 2, 1, 1 }, { 1, 1, 1 }, { 2, 1, 2 }, { 1, 2, 1 },
};

static size_t make_jpeg(unsigned char **jpeg, unsigned width, unsigned height, int kind,
			bool progressive)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	unsigned long size = 0;
	uint8_t row[3 * 2 * WIDTH];
	JSAMPROW rows[] = { row };

	*jpeg = NULL;
	c.err = jpeg_std_error(&errors);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, jpeg, &size);
	c.image_width = width;
	c.image_height = height;
	c.input_components = 3;
	c.in_color_space = JCS_RGB;
	jpeg_set_defaults(&c);
	c.comp_info[0].h_samp_factor = 2;
	c.comp_info[0].v_samp_factor = samples[kind].y_down;
	for (int i = 1; i < 3; i++) {
		c.comp_info[i].h_samp_factor = samples[kind].c_across;
		c.comp_info[i].v_samp_factor = samples[kind].c_down;
	}
	if (progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	for (unsigned x = 0; x < 3 * width; x++)
		row[x] = x < 3 * width / 2 ? 10 : 240;
	while (c.next_scanline < height)
		jpeg_write_scanlines(&c, rows, 1);
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return size;
}

/* _i: how many samples there are of colour, and in which of the ways to say so. */
START_TEST(a_jpeg_is_decoded)
{
	const struct v4l2_pix_format pix = shape(V4L2_PIX_FMT_MJPEG, 0);
	struct frame *frame = NULL;
	unsigned char *jpeg;
	size_t size = make_jpeg(&jpeg, WIDTH, HEIGHT, _i, false);

	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_YUV420, WIDTH, HEIGHT, NULL), 0);
	ck_assert_int_eq(v4l2_picture(frame, &pix, jpeg, size, NULL), 0);
	for (unsigned y = 0; y < HEIGHT; y++) {
		ck_assert_uint_le(frame->plane[0][y * frame->stride[0]], 20);
		ck_assert_uint_ge(frame->plane[0][y * frame->stride[0] + WIDTH - 1], 230);
		ck_assert_uint_le(abs(frame->plane[1][y / 2 * frame->stride[1]] - 128), 3);
		ck_assert_uint_le(abs(frame->plane[2][y / 2 * frame->stride[2]] - 128), 3);
	}
	frame_free(&frame);
	free(jpeg);
}
END_TEST

START_TEST(a_jpeg_that_ends_early_or_lies_is_refused)
{
	const struct v4l2_pix_format pix = shape(V4L2_PIX_FMT_MJPEG, 0);
	struct frame *frame = NULL;
	unsigned char *jpeg, *large;
	size_t size = make_jpeg(&jpeg, WIDTH, HEIGHT, _i, false);
	size_t more = make_jpeg(&large, 2 * WIDTH, HEIGHT, _i, false);

	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_YUV420, WIDTH, HEIGHT, NULL), 0);
	for (size_t used = 0; used + 2 < size; used++)
		ck_assert_int_eq(v4l2_picture(frame, &pix, jpeg, used, NULL), -EBADMSG);
	ck_assert_int_eq(v4l2_picture(frame, &pix, large, more, NULL), -EBADMSG);
	/* Whatever it makes of these, it stays within its memory. */
	for (unsigned i = 0; i < 2000; i++) {
		unsigned char forged[4096];

		ck_assert_uint_le(size, sizeof(forged));
		memcpy(forged, jpeg, size);
		for (unsigned n = 1 + test_random() % 8; n; n--)
			forged[test_random() % size] = test_random();
		v4l2_picture(frame, &pix, forged, size, NULL);
	}
	frame_free(&frame);
	free(jpeg);
	free(large);
}
END_TEST

START_TEST(a_jpeg_of_many_scans_is_refused)
{
	const struct v4l2_pix_format pix = shape(V4L2_PIX_FMT_MJPEG, 0);
	struct frame *frame = NULL;
	unsigned char *jpeg;
	size_t size = make_jpeg(&jpeg, WIDTH, HEIGHT, _i, true);

	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_YUV420, WIDTH, HEIGHT, NULL), 0);
	ck_assert_int_eq(v4l2_picture(frame, &pix, jpeg, size, NULL), -EBADMSG);
	frame_free(&frame);
	free(jpeg);
}
END_TEST

/* The whole way, without the cage. */

static struct pipeline *make_pipeline(struct policy *policy)
{
	struct pipeline_parts parts;
	struct pipeline *pipeline = NULL;

	ck_assert_int_eq(pipeline_make_parts(policy, -1, -1, &parts, NULL), 0);
	ck_assert_int_eq(pipeline_new(&pipeline, policy, &parts, NULL), 0);
	return pipeline;
}

static struct sink *open_feed(struct v4l2_fract interval)
{
	const struct feed like = { .fd = feed.fd, .pix = yuyv, .interval = interval };
	struct sink *sink = NULL;

	ck_assert_int_eq(sink_output(&sink, &like, NULL), 0);
	return sink;
}

static int run(struct policy *policy, struct live_counts *counts, struct scrim_error *err)
{
	struct source *source = open_camera();
	struct sink *sink = open_feed((struct v4l2_fract){ 1, 30 });
	struct pipeline *pipeline = make_pipeline(policy);
	int ret;

	*counts = (struct live_counts){ 0 };
	source_count_in(source, &counts->dropped, &counts->damaged);
	ret = live_run(pipeline, source, sink, counts, err);
	pipeline_free(&pipeline);
	sink_free(&sink);
	source_free(&source);
	return ret;
}

START_TEST(a_frame_goes_from_the_camera_to_the_feed)
{
	struct policy policy = { .faces = METHOD_SHOW, .detector = DETECTOR_NONE };
	struct live_counts counts;

	comes(1, 33);
	pause_comes();
	ck_assert_int_eq(run(&policy, &counts, NULL), -ENODEV);
	ck_assert_uint_eq(counts.frames, 1);
	ck_assert_uint_eq(counts.whole, 0);
	ck_assert_uint_eq(feed.puts, 1);
	ck_assert_int_eq(feed.stamp.tv_sec, 1);
	for (unsigned i = 0; i < BYTES; i++)
		ck_assert_uint_eq(feed.shown[i], 33);
}
END_TEST

/* A region, and what is outside of it. */
START_TEST(what_a_policy_covers_never_reaches_the_feeds_memory)
{
	struct policy policy = { .faces = METHOD_SHOW, .detector = DETECTOR_NONE };
	struct live_counts counts;

	ck_assert_int_eq(policy_set(&policy, "region", "0,0 0.5,0 0.5,1 0,1", NULL), 0);
	comes(1, 0xee);
	pause_comes();
	ck_assert_int_eq(run(&policy, &counts, NULL), -ENODEV);
	for (unsigned y = 0; y < HEIGHT; y++) {
		ck_assert_ptr_null(memchr(feed.bytes + y * WIDTH * 2, 0xee, WIDTH));
		ck_assert_uint_eq(feed.shown[y * WIDTH * 2 + WIDTH * 2 - 1], 0xee);
	}
}
END_TEST

/* _i: no policy, no network. */
START_TEST(doubt_covers_every_live_frame_and_is_counted)
{
	struct policy policies[] = { { .faces = METHOD_UNSET }, { .faces = METHOD_FILL } };
	struct live_counts counts;

	for (unsigned i = 0; i < 4; i++) {
		comes(i, 0xee);
		pause_comes();
	}
	ck_assert_int_eq(run(&policies[_i], &counts, NULL), -ENODEV);
	ck_assert_uint_eq(counts.frames, 4);
	ck_assert_uint_eq(counts.whole, 4);
	ck_assert_uint_gt(strlen(counts.why), 3);
	ck_assert_ptr_null(memchr(feed.shown, 0xee, BYTES));
}
END_TEST

START_TEST(a_camera_that_sends_damage_alone_is_counted)
{
	struct policy policy = { .faces = METHOD_SHOW, .detector = DETECTOR_NONE };
	struct live_counts counts;

	for (unsigned i = 0; i < 3; i++) {
		comes(2 * i, 1);
		camera.next[camera.count - 1].used = 10;
		pause_comes();
	}
	ck_assert_int_eq(run(&policy, &counts, NULL), -ENODEV);
	ck_assert_uint_eq(counts.damaged, 3);
	ck_assert_uint_eq(counts.dropped, 2);
	ck_assert_uint_eq(counts.frames, 0);
	ck_assert_uint_eq(feed.puts, 0);
}
END_TEST

START_TEST(a_feed_that_fails_ends_it)
{
	struct policy policy = { .faces = METHOD_SHOW, .detector = DETECTOR_NONE };
	struct live_counts counts;
	struct scrim_error err;

	comes(1, 1);
	pause_comes();
	feed.fails = true;
	ck_assert_int_eq(run(&policy, &counts, &err), -ENODEV);
	ck_assert_ptr_nonnull(strstr(err.text, "feed"));
	ck_assert_uint_eq(counts.frames, 0);
	ck_assert(!feed.on);
}
END_TEST

/* A worker that was taken over, and what it leaves where its counts are. */
static int forge(void *ctx, void *result, struct scrim_error *err)
{
	struct live_counts *counts = result;

	memset(counts->why, 'x', sizeof(counts->why));
	memcpy(counts->why, "\nMAINPID=1\033[2J", 15);
	counts->frames = 7;
	return 0;
}

START_TEST(what_a_worker_says_cannot_forge_a_line)
{
	const struct caged_call call = { .work = forge, .size = sizeof(struct live_counts) };
	struct live live = LIVE_NONE;
	struct live_counts counts;

	ck_assert_int_eq(caged_start(&call, &live.child, NULL), 0);
	do
		live_peek(&live, &counts);
	while (counts.frames != 7);
	ck_assert_uint_lt(strlen(counts.why), sizeof(counts.why));
	for (const char *c = counts.why; *c; c++)
		ck_assert_int_ge(*c, ' ');
	caged_stop(&live.child);
}
END_TEST

/* A clean frame of the feed's size, shown at that time. */
static void put_at(struct sink *sink, int64_t time_ns, uint32_t fourcc, int wanted)
{
	static const struct regions nothing;
	struct redactor *redactor = NULL;
	struct clean_frame *clean = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(frame_new(&frame, fourcc, WIDTH, HEIGHT, NULL), 0);
	frame->time_ns = time_ns;
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	ck_assert_int_eq(redact(redactor, &frame, &nothing, &clean, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), wanted);
	clean_frame_free(&clean);
	redactor_free(&redactor);
}

START_TEST(a_feed_takes_no_other_format)
{
	struct sink *sink = open_feed((struct v4l2_fract){ 1, 30 });

	put_at(sink, 1, V4L2_PIX_FMT_NV12, -EINVAL);
	ck_assert_uint_eq(feed.puts, 0);
	sink_free(&sink);
}
END_TEST

static double declared(void)
{
	return (double)feed.interval.numerator / feed.interval.denominator;
}

START_TEST(a_machine_that_is_too_slow_says_so_to_the_feed)
{
	struct sink *sink = open_feed((struct v4l2_fract){ 1, 30 });
	int64_t t = 1000 * MS;

	for (unsigned i = 0; i < 60; i++, t += 33 * MS)
		put_at(sink, t, V4L2_PIX_FMT_YUYV, 0);
	ck_assert_uint_eq(feed.rates, 0);
	for (unsigned i = 0; i < 60; i++, t += 200 * MS)
		put_at(sink, t, V4L2_PIX_FMT_YUYV, 0);
	ck_assert(declared() > .15 && declared() < .26);
	for (unsigned i = 0; i < 60; i++, t += 33 * MS)
		put_at(sink, t, V4L2_PIX_FMT_YUYV, 0);
	ck_assert(declared() > .03 && declared() < .05);
	put_at(sink, t + 3600 * 1000 * MS, V4L2_PIX_FMT_YUYV, 0);
	ck_assert(declared() <= 1);
	sink_free(&sink);
}
END_TEST

START_TEST(a_region_covers_from_a_minute_before_its_hours_and_when_nobody_knows_the_time)
{
	struct policy policy = { .faces = METHOD_SHOW, .detector = DETECTOR_NONE }, now;

	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,1", NULL), 0);
	policy.region[1].between = (struct hours){ 22 * 60, 6 * 60 };
	policy.region[2].between = (struct hours){ 0, 60 };
	ck_assert_uint_eq(live_regions_at(&policy, 12 * 60), 1);
	ck_assert_uint_eq(live_regions_at(&policy, 22 * 60 - 2), 1);
	ck_assert_uint_eq(live_regions_at(&policy, 22 * 60 - 1), 3);
	ck_assert_uint_eq(live_regions_at(&policy, 23 * 60 + 58), 3);
	ck_assert_uint_eq(live_regions_at(&policy, 23 * 60 + 59), 7);
	ck_assert_uint_eq(live_regions_at(&policy, 59), 7);
	ck_assert_uint_eq(live_regions_at(&policy, 60), 3);
	ck_assert_uint_eq(live_regions_at(&policy, 6 * 60), 1);
	ck_assert_uint_eq(live_regions_at(&policy, -1), 7);
	live_policy_of(&now, &policy, 5);
	ck_assert_uint_eq(now.regions, 2);
	ck_assert_str_eq(now.region[1].name, policy.region[2].name);
	ck_assert(policy_is_sound(&now));
}
END_TEST

START_TEST(a_camera_cannot_be_named_out_of_its_folder)
{
	static const char *const bad[] = {
		"", ".", "..", "../porch", "a/b", ".hidden", "a b", "a\n", "abcdefghijklmnopqrstuvwxyz012345",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert(!configfs_name_ok(bad[i]));
	ck_assert(configfs_name_ok("porch"));
	ck_assert(configfs_name_ok("Porch-2_b.c"));
}
END_TEST

static int open_name(struct camera *opened, const char *device)
{
	const struct camera_name name = { device, "", "" };

	return camera_open(opened, &name, &(struct wish){ 0 }, NULL);
}

START_TEST(a_colon_in_a_path_makes_no_kind_of_camera)
{
	static const char *const nodes[] = {
		"/dev/video0", "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0", "video0",
	};
	static const char *const others[] = { "file:/dev/video0", "rtsp://door/1", "libcamera:0" };
	struct camera opened;

	for (size_t i = 0; i < 3; i++) {
		ck_assert(camera_is_node(nodes[i]));
		ck_assert(!camera_is_node(others[i]));
	}
	ck_assert_int_eq(open_name(&opened, "camera2:0"), -ENOTSUP);
	ck_assert_int_eq(open_name(&opened, "/nowhere/pci-0:1"), -ENOENT);
	ck_assert_int_eq(open_name(&opened, "file:/nowhere"), -ENOENT);
	ck_assert_int_eq(opened.fd, -1);
}
END_TEST

Suite *live_suite(void)
{
	Suite *suite = suite_create("live");
	TCase *tcase = tcase_create("live");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_latest_picture_is_taken_and_the_others_are_counted);
	tcase_add_test(tcase, a_camera_that_counts_anew_has_dropped_nothing);
	tcase_add_test(tcase, a_picture_that_comes_after_a_later_one_is_not_shown);
	tcase_add_test(tcase, when_all_buffers_were_waiting_a_fresh_picture_is_waited_for);
	tcase_add_loop_test(tcase, a_broken_picture_is_not_shown_and_counted, 0, 5);
	tcase_add_test(tcase, what_the_camera_writes_later_changes_nothing);
	tcase_add_test(tcase, an_unplugged_camera_is_the_end);
	tcase_add_test(tcase, a_buffer_that_there_is_not_is_an_error);
	tcase_add_loop_test(tcase, a_picture_that_is_cut_off_is_refused, 0, 6);
	tcase_add_loop_test(tcase, a_layout_that_does_not_fit_is_refused, 0, 5);
	tcase_add_loop_test(tcase, a_jpeg_is_decoded, 0, 4);
	tcase_add_loop_test(tcase, a_jpeg_of_many_scans_is_refused, 0, 4);
	tcase_add_loop_test(tcase, a_jpeg_that_ends_early_or_lies_is_refused, 0, 4);
	tcase_add_test(tcase, a_frame_goes_from_the_camera_to_the_feed);
	tcase_add_test(tcase, what_a_policy_covers_never_reaches_the_feeds_memory);
	tcase_add_loop_test(tcase, doubt_covers_every_live_frame_and_is_counted, 0, 2);
	tcase_add_test(tcase, a_camera_that_sends_damage_alone_is_counted);
	tcase_add_test(tcase, what_a_worker_says_cannot_forge_a_line);
	tcase_add_test(tcase, a_feed_that_fails_ends_it);
	tcase_add_test(tcase, a_feed_takes_no_other_format);
	tcase_add_test(tcase, a_machine_that_is_too_slow_says_so_to_the_feed);
	tcase_add_test(tcase, a_region_covers_from_a_minute_before_its_hours_and_when_nobody_knows_the_time);
	tcase_add_test(tcase, a_camera_cannot_be_named_out_of_its_folder);
	tcase_add_test(tcase, a_colon_in_a_path_makes_no_kind_of_camera);
	suite_add_tcase(suite, tcase);
	return suite;
}
