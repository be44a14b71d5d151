// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that lie in a camera's buffers, between a camera and a feed that watch each other: no
 * buffer is in two hands, and what the feed reads while it has one is remembered.  And those
 * that lie in the feed's.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "detect/input.h"
#include "live_worker.h"
#include "sink/output.h"
#include "source/v4l2.h"

#define WIDTH	48u
#define HEIGHT	40u
#define YUYV	(WIDTH * HEIGHT * 2)
#define ROOM	6144			/* of the buffers that check_live.c gives */
#define RAW	0xee			/* a value that no method writes */

static struct {
	int fd;
	const struct lending *lending;
	unsigned left;			/* pictures until it is unplugged */
	bool pause;			/* after each picture there is none for a moment */
	uint32_t sequence, flags, used;
	uint8_t bytes[ROOM];		/* what it writes */
	unsigned picture;		/* bytes of that */
	bool has[LENT_MAX];
	bool black[LENT_MAX];		/* it got the buffer back with no raw byte in it */
	bool gives_twice, exports_not;
} camera;

static struct {
	int fd;
	const struct lending *own;	/* its own buffers */
	bool has[LENT_MAX], prepared[LENT_MAX];
	unsigned imports, last, puts;
	uint8_t shown[ROOM];
	bool on;
	unsigned long fails;		/* at this request */
	struct v4l2_buffer first;	/* queued before STREAMON */
} feed;

static bool plain;			/* the camera's memory */

bool __real_v4l2_memory_is_plain(int dmabuf);
bool __wrap_v4l2_memory_is_plain(int dmabuf);

bool __wrap_v4l2_memory_is_plain(int dmabuf)
{
	return plain;
}

static const struct lent *lent_at(unsigned index)
{
	ck_assert_ptr_nonnull(camera.lending);
	ck_assert_uint_lt(index, camera.lending->count);
	return &camera.lending->at[index];
}

static int camera_gives(struct v4l2_buffer *buf)
{
	unsigned index = 0;

	if (camera.pause) {
		camera.pause = false;
		return -EAGAIN;
	}
	if (!camera.left)
		return -ENODEV;
	while (index < LENT_MAX && camera.has[index] == camera.gives_twice)
		index++;
	ck_assert_uint_lt(index, LENT_MAX);
	if (camera.lending) {
		ck_assert(!feed.has[index]);
		memcpy(lent_at(index)->bytes, camera.bytes, camera.picture);
	}
	camera.has[index] = false;
	camera.left--;
	camera.pause = true;
	*buf = (struct v4l2_buffer){
		.index = index, .bytesused = camera.used, .flags = camera.flags,
		.sequence = camera.sequence, .timestamp.tv_sec = camera.sequence + 1,
	};
	camera.sequence++;
	return 0;
}

static int camera_call(unsigned long request, void *argument)
{
	struct v4l2_exportbuffer *export = argument;
	struct v4l2_buffer *buf = argument;

	switch (request) {
	case VIDIOC_QBUF:
		ck_assert_msg(!feed.has[buf->index], "the camera gets what the feed reads");
		ck_assert(!camera.has[buf->index]);
		camera.has[buf->index] = true;
		camera.black[buf->index] = camera.lending &&
			!memchr(lent_at(buf->index)->bytes, RAW, ROOM);
		return 0;
	case VIDIOC_DQBUF:
		return camera_gives(buf);
	case VIDIOC_STREAMON:
		return 0;
	case VIDIOC_EXPBUF:
		if (camera.exports_not)
			return -ENOTTY;
		export->fd = eventfd(0, EFD_CLOEXEC);
		return 0;
	default:
		ck_abort_msg("the camera was asked for what the worker may not");
		return -ENOTTY;
	}
}

/* The driver reads all of it here, as the feed's format says, and nothing later. */
static void read_by_feed(const struct v4l2_buffer *buf)
{
	feed.puts++;
	for (unsigned i = 0; feed.own && i < feed.own->count; i++)
		if (feed.own->at[i].index == buf->index) {
			ck_assert(!feed.own->at[i].raw);
			memcpy(feed.shown, feed.own->at[i].bytes, buf->bytesused);
		}
	if (buf->memory != V4L2_MEMORY_DMABUF)
		return;
	ck_assert_msg(!camera.has[buf->index], "the feed gets what the camera writes");
	ck_assert_int_eq(buf->m.fd, lent_at(buf->index)->dmabuf);
	memcpy(feed.shown, lent_at(buf->index)->bytes, buf->bytesused);
}

static int feed_call(unsigned long request, void *argument)
{
	struct v4l2_requestbuffers *ask = argument;
	struct v4l2_buffer *buf = argument;

	if (request == feed.fails)
		return -EINVAL;
	switch (request) {
	case VIDIOC_REQBUFS:
		ck_assert_uint_eq(ask->memory, V4L2_MEMORY_DMABUF);
		memset(feed.prepared, 0, sizeof(feed.prepared));
		feed.imports = ask->count;
		return 0;
	case VIDIOC_PREPARE_BUF:
		ck_assert_uint_lt(buf->index, feed.imports);
		feed.prepared[buf->index] = true;
		return 0;
	case VIDIOC_QBUF:
		ck_assert(!feed.has[buf->index] && !feed.prepared[buf->index]);
		feed.has[buf->index] = true;
		feed.last = buf->index;
		feed.first = *buf;
		if (feed.on)
			read_by_feed(buf);
		return 0;
	case VIDIOC_STREAMON:
		feed.on = true;
		read_by_feed(&feed.first);
		return 0;
	case VIDIOC_DQBUF:
		ck_assert(feed.has[feed.last]);
		feed.has[feed.last] = false;
		buf->index = feed.last;
		return 0;
	case VIDIOC_S_PARM:
		return 0;
	default:
		ck_abort_msg("the feed was asked for what the worker may not");
		return -ENOTTY;
	}
}

static int call(int fd, unsigned long request, void *argument)
{
	return fd == camera.fd ? camera_call(request, argument) : feed_call(request, argument);
}

static const struct v4l2_pix_format yuyv = {
	.width = WIDTH, .height = HEIGHT, .pixelformat = V4L2_PIX_FMT_YUYV,
	.bytesperline = WIDTH * 2, .sizeimage = YUYV,
};

static void begin(void)
{
	memset(&camera, 0, sizeof(camera));
	memset(&feed, 0, sizeof(feed));
	camera.fd = eventfd(1, EFD_CLOEXEC);
	feed.fd = eventfd(1, EFD_CLOEXEC);
	memset(camera.bytes, RAW, sizeof(camera.bytes));
	camera.picture = camera.used = YUYV;
	plain = true;
	test_nodes = call;
}

static void end(void)
{
	test_nodes = NULL;
	close(camera.fd);
	close(feed.fd);
}

/* Both ends, as a worker makes them. */
static struct live_worker worker;
static struct camera node;
static struct feed output;
static struct policy policy;
static struct pipeline *pipeline;

static int borrow(struct sink **sink, const struct feed *of, const struct lending *lending,
		  struct scrim_error *err)
{
	camera.lending = lending;
	return sink_output_borrow(sink, of, lending, err);
}

static const struct feed_kind driver = { .sink = sink_output, .borrow = borrow };

static void prepare(void)
{
	node = (struct camera){
		.kind = &camera_v4l2, .fd = camera.fd, .lends = true, .pix = yuyv,
		.interval = { 1, 30 },
	};
	output = (struct feed){ .kind = &driver, .fd = feed.fd, .interval = { 1, 30 } };
	policy = (struct policy){
		.faces = METHOD_SHOW, .detector = DETECTOR_NONE, .zero_copy = true,
	};
	worker = (struct live_worker){
		.policy = &policy, .camera = &node, .feed = &output, .model = -1, .boxes = -1,
	};
}

static void meet(void)
{
	struct scrim_error err;

	output.pix = camera_frames(&node);
	ck_assert_msg(live_before(&worker, &err) >= 0, "%s", err.text);
}

static void part(void)
{
	source_free(&worker.source);
	sink_free(&worker.sink);
}

/* Until so many pictures were sent, and it is unplugged. */
static int run(unsigned pictures, const struct pipeline_watcher *watcher, struct scrim_error *err)
{
	struct pipeline_parts parts;
	int ret;

	camera.left = pictures;
	ck_assert_int_eq(pipeline_make_parts(&policy, -1, -1, &parts, NULL), 0);
	ck_assert_int_eq(pipeline_new(&pipeline, &policy, &parts, NULL), 0);
	pipeline_watch(pipeline, watcher);
	ret = pipeline_live(pipeline, worker.source, worker.sink, err);
	pipeline_free(&pipeline);
	return ret;
}

START_TEST(a_picture_is_shown_from_where_the_camera_wrote_it)
{
	struct scrim_error err;

	meet();
	ck_assert_str_eq(worker.copied, "");
	ck_assert_int_eq(run(20, NULL, &err), -ENODEV);
	ck_assert_str_eq(err.text, "the camera is gone");
	ck_assert_uint_eq(feed.puts, 20);
	for (unsigned i = 0; i < YUYV; i++)
		ck_assert_uint_eq(feed.shown[i], RAW);
	part();
}
END_TEST

static bool is_in_buffer(const void *at)
{
	for (unsigned i = 0; i < camera.lending->count; i++)
		if ((const uint8_t *)at >= camera.lending->at[i].bytes &&
		    (const uint8_t *)at < camera.lending->at[i].bytes + ROOM)
			return true;
	return false;
}

/* What is clean is what was raw, and there is no way left to that. */
START_TEST(redaction_takes_the_raw_frame_and_gives_a_clean_one_in_the_same_memory)
{
	struct redactor *redactor = NULL;
	struct clean_frame *clean = NULL;
	struct frame *frame = NULL;
	struct regions regions = { .whole = true };
	const uint8_t *at;

	meet();
	camera.left = 1;
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	ck_assert_int_eq(source_next(worker.source, &frame, NULL), 1);
	at = frame->plane[0];
	ck_assert(is_in_buffer(at) && frame->lent->raw);
	ck_assert_int_eq(redact(redactor, &frame, &regions, &clean, NULL), 0);
	ck_assert_ptr_null(frame);
	ck_assert_ptr_eq(clean_frame_view(clean)->plane[0], at);
	ck_assert_ptr_null(memchr(at, RAW, YUYV));
	ck_assert_uint_eq(feed.puts, 0);
	clean_frame_free(&clean);
	ck_assert_ptr_null(clean);
	redactor_free(&redactor);
	part();
}
END_TEST

/* A region, the badge, and what is outside of both. */
START_TEST(what_a_policy_covers_is_not_there_when_the_feed_reads)
{
	meet();
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 0.5,0 0.5,1 0,1", NULL), 0);
	policy.notice = true;
	ck_assert_int_eq(run(7, NULL, NULL), -ENODEV);
	ck_assert_uint_eq(feed.puts, 7);
	for (unsigned y = 0; y < HEIGHT; y++)
		ck_assert_ptr_null(memchr(feed.shown + y * WIDTH * 2, RAW, WIDTH));
	ck_assert_uint_eq(feed.shown[YUYV - 1], RAW);
	/* The ink of the badge. */
	ck_assert_ptr_nonnull(memchr(feed.shown, 235, YUYV / 2));
	part();
}
END_TEST

/* _i: no policy, no network. */
START_TEST(doubt_covers_the_whole_picture)
{
	meet();
	policy.faces = _i ? METHOD_FILL : METHOD_UNSET;
	policy.detector = DETECTOR_FACE;
	ck_assert_int_eq(run(3, NULL, NULL), -ENODEV);
	ck_assert_uint_eq(feed.puts, 3);
	ck_assert_ptr_null(memchr(feed.shown, RAW, YUYV));
	part();
}
END_TEST

/* The fakes fail where a buffer is in two hands. */
START_TEST(the_camera_and_the_feed_never_have_the_same_buffer)
{
	meet();
	policy.moving = METHOD_FILL;
	ck_assert_int_eq(run(100, NULL, NULL), -ENODEV);
	ck_assert_uint_eq(feed.puts, 100);
	for (unsigned i = 0; i < LENT_MAX; i++)
		ck_assert(!feed.has[i]);
	part();
}
END_TEST

static int refuses(void *ctx, const struct frame *frame, const struct regions *regions,
		   struct scrim_error *err)
{
	return fail(err, -EIO, "no");
}

static unsigned blackened(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < camera.lending->count; i++)
		n += camera.has[i] && camera.black[i] &&
		     !memcmp(lent_at(i)->bytes, "\x10\x80\x10\x80", 4);
	return n;
}

/* What fails between the camera and the feed. */
START_TEST(a_picture_that_fails_goes_back_black_and_is_not_shown)
{
	static const struct pipeline_watcher watcher = { .decided = refuses };
	struct scrim_error err;

	meet();
	ck_assert_int_eq(run(1, &watcher, &err), -EIO);
	ck_assert_str_eq(err.text, "no");
	ck_assert_uint_eq(feed.puts, 0);
	ck_assert_uint_eq(blackened(), 1);
	part();
}
END_TEST

/* _i: it calls it broken; it is cut off; it is longer than its buffer. */
START_TEST(a_damaged_picture_goes_back_black_and_is_not_shown)
{
	meet();
	camera.flags = _i ? 0 : V4L2_BUF_FLAG_ERROR;
	camera.used = _i == 1 ? YUYV - 1 : _i == 2 ? ROOM + 1 : YUYV;
	ck_assert_int_eq(run(4, NULL, NULL), -ENODEV);
	ck_assert_uint_eq(worker.source->damaged, 4);
	ck_assert_uint_eq(feed.puts, 0);
	ck_assert_uint_ge(blackened(), 1);
	part();
}
END_TEST

static const unsigned long refused[] = { VIDIOC_QBUF, VIDIOC_STREAMON, VIDIOC_DQBUF };

/* _i: where.  The camera's fake fails when it gets what the feed has. */
START_TEST(what_the_feed_may_still_read_never_goes_back_to_the_camera)
{
	unsigned with_camera = 0;
	struct scrim_error err;

	meet();
	feed.fails = refused[_i];
	ck_assert_int_eq(run(1, NULL, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "feed"));
	for (unsigned i = 0; i < camera.lending->count; i++)
		with_camera += camera.has[i];
	ck_assert_uint_eq(with_camera, camera.lending->count - 1);
	part();
}
END_TEST

START_TEST(a_buffer_that_the_camera_does_not_have_is_an_error)
{
	struct frame *frame = NULL, *second = NULL;

	meet();
	camera.left = 2;
	ck_assert_int_eq(source_next(worker.source, &frame, NULL), 1);
	camera.gives_twice = true;
	ck_assert_int_eq(source_next(worker.source, &second, NULL), -EIO);
	ck_assert_ptr_null(second);
	frame_free(&frame);
	part();
}
END_TEST

/* Promise 8, where the camera wrote: also between rows and behind the picture. */

static const struct {
	uint32_t fourcc;
	unsigned stride, bytes;		/* bytes of all rows that the camera writes */
} layouts[] = {
	{ V4L2_PIX_FMT_YUYV, WIDTH * 2, WIDTH * 2 * HEIGHT },
	{ V4L2_PIX_FMT_YUYV, WIDTH * 2 + 7, (WIDTH * 2 + 7) * HEIGHT },
	{ V4L2_PIX_FMT_NV12, WIDTH, WIDTH * HEIGHT * 3 / 2 },
	{ V4L2_PIX_FMT_NV12, WIDTH + 5, 53 * HEIGHT + 52 * HEIGHT / 2 },
	{ V4L2_PIX_FMT_YUV420, WIDTH, WIDTH * HEIGHT * 3 / 2 },
	{ V4L2_PIX_FMT_YUV420, WIDTH + 9, 57 * HEIGHT + 2 * 28 * HEIGHT / 2 },
};

#define LAYOUTS	(sizeof(layouts) / sizeof(layouts[0]))

/* Random, but the same in both pictures for all that shows a pixel outside of the box. */
static void draw(const struct lent *lent, struct rect box, const uint8_t *outside)
{
	const struct frame *f = &lent->frame;

	for (unsigned i = 0; i < f->format->planes; i++) {
		const struct plane_format *plane = &f->format->plane[i];
		unsigned from = box.x / plane->cell_w, to = (box.x + box.w - 1) / plane->cell_w + 1;
		unsigned top = box.y / plane->cell_h, end = (box.y + box.h - 1) / plane->cell_h + 1;

		for (unsigned y = 0; y < plane_rows(plane, f->height); y++) {
			uint8_t *row = f->plane[i] + y * f->stride[i];

			memcpy(row, outside + (row - lent->bytes), f->stride[i]);
			if (y >= top && y < end)
				test_random_fill(row + from * plane->cell_bytes,
						 (to - from) * plane->cell_bytes);
			/* No pixel is there. */
			test_random_fill(row + plane_row_bytes(plane, f->width),
					 f->stride[i] - plane_row_bytes(plane, f->width));
		}
	}
}

static void shown(struct redactor *redactor, struct rect box, const uint8_t *outside, bool badge,
		  uint8_t to[ROOM])
{
	const struct region covered = { .box = box, .method = METHOD_FILL };
	const struct region soft = { .box = { 30, 2, 15, 29 }, .method = METHOD_BLUR };
	struct clean_frame *clean = NULL;
	struct frame *frame = NULL;
	struct regions regions;

	regions_clear(&regions);
	regions_add(&regions, &covered);
	regions_add(&regions, &soft);
	regions.badge = badge;
	camera.left = 1;
	camera.pause = false;
	ck_assert_int_eq(source_next(worker.source, &frame, NULL), 1);
	draw(frame->lent, box, outside);
	ck_assert_int_eq(redact(redactor, &frame, &regions, &clean, NULL), 0);
	memcpy(to, clean_frame_view(clean)->lent->bytes, camera.picture);
	clean_frame_free(&clean);
}

START_TEST(what_is_under_a_region_leaves_no_trace_in_the_cameras_buffer)
{
	static uint8_t outside[ROOM], one[ROOM], other[ROOM];
	struct redactor *redactor = NULL;
	struct lending *lending = NULL;
	struct rect box;

	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	node.pix.pixelformat = layouts[_i].fourcc;
	node.pix.bytesperline = layouts[_i].stride;
	camera.picture = camera.used = layouts[_i].bytes;
	ck_assert_int_eq(camera_source(&worker.source, &node, NULL), 0);
	ck_assert_int_eq(source_lend(worker.source, &lending, NULL), 0);
	camera.lending = lending;
	lending->on = true;
	for (unsigned round = 0; round < 40; round++) {
		box = (struct rect){ test_random() % 36, test_random() % 32,
				     1 + test_random() % 12, 1 + test_random() % 8 };
		test_random_fill(outside, sizeof(outside));
		shown(redactor, box, outside, round % 4 == 0, one);
		shown(redactor, box, outside, round % 4 == 0, other);
		ck_assert_mem_eq(one, other, layouts[_i].bytes);
	}
	redactor_free(&redactor);
	part();
}
END_TEST

/* A driver's buffer can end where the next page is nobody's. */

static const struct {
	uint32_t fourcc;
	unsigned width, height;
} ends[] = {
	{ V4L2_PIX_FMT_YUYV, 640, 480 }, { V4L2_PIX_FMT_YUYV, 322, 242 },
	{ V4L2_PIX_FMT_NV12, 1024, 768 }, { V4L2_PIX_FMT_NV12, 322, 242 },
	{ V4L2_PIX_FMT_YUV420, 1024, 768 }, { V4L2_PIX_FMT_YUV420, 322, 242 },
};

#define ENDS	(sizeof(ends) / sizeof(ends[0]))

static void before_the_edge(struct lent *lent, uint32_t fourcc, unsigned width, unsigned height)
{
	struct v4l2_pix_format pix = {
		.pixelformat = fourcc, .width = width, .height = height,
		.bytesperline = fourcc == V4L2_PIX_FMT_YUYV ? 2 * width : width,
	};
	struct v4l2_layout layout;
	size_t bytes = v4l2_layout(&layout, &pix), page = sysconf(_SC_PAGESIZE);
	size_t room = (bytes + page - 1) / page * page;
	uint8_t *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(map, MAP_FAILED);
	ck_assert_int_eq(mprotect(map + room, page, PROT_NONE), 0);
	*lent = (struct lent){ .bytes = map + room - bytes, .size = bytes, .dmabuf = -1 };
	test_random_fill(lent->bytes, bytes);
	lent_describe(lent, fourcc, width, height, layout.at, layout.stride);
}

START_TEST(nothing_behind_a_drivers_buffer_is_touched)
{
	static const struct input_scale scale = { false, 0, 1 };
	static const unsigned sides[][2] = { { 640, 360 }, { 320, 240 }, { 64, 48 }, { 96, 71 } };
	static float to[3 * 640 * 360];
	static struct detections found;
	static struct lender nobody;
	const struct region soft[] = {
		{ .box = { 0, 0, 5000, 5000 }, .method = METHOD_BLUR },
		{ .box = { 100, 100, 5000, 5000 }, .method = METHOD_MOSAIC },
		{ .box = { 200, 150, 5000, 5000 }, .method = METHOD_FILL },
	};
	struct detector *motion = NULL;
	struct redactor *redactor = NULL;
	struct clean_frame *clean = NULL;
	struct input input = { 0 };
	struct regions regions;
	struct frame *frame;
	struct lent lent;

	before_the_edge(&lent, ends[_i].fourcc, ends[_i].width, ends[_i].height);
	lent.lender = &nobody;
	frame = &lent.frame;
	for (unsigned i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		ck_assert_int_eq(input_shape(&input, frame, sides[i][0], sides[i][1], NULL), 0);
		ck_assert_int_eq(input_fill(&input, frame, &scale, to, sides[i][0], NULL), 0);
	}
	ck_assert_int_eq(detector_motion(&motion, NULL), 0);
	ck_assert_int_eq(detect(motion, frame, &found, NULL), 0);
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	regions_clear(&regions);
	for (unsigned i = 0; i < 3; i++)
		regions_add(&regions, &soft[i]);
	regions.badge = true;
	ck_assert_int_eq(redact(redactor, &frame, &regions, &clean, NULL), 0);
	lent.raw = true;		/* it turns black, to its end */
	clean_frame_free(&clean);
	input_clear(&input);
	detector_free(&motion);
	redactor_free(&redactor);
}
END_TEST

/* Where one end cannot: the same pictures, copied. */

static const char *const whys[] = {
	"zero-copy = no", "pictures are converted", "the camera's rows are not those of the feed",
	"the camera does not export its buffers", "the camera's memory is not known",
	"the feed takes no buffers", "the feed does not take the camera's",
	"pictures go to no feed of the driver",
};

static int hear(struct sink **sink, const struct feed *of, struct scrim_error *err)
{
	feed_null(&output);
	return output.kind->sink(sink, of, err);
}

START_TEST(where_one_end_cannot_frames_are_copied_and_it_is_said_why)
{
	static const struct feed_kind other = { .sink = hear };
	int before = dup(0), after;

	close(before);
	policy.zero_copy = _i != 0;
	if (_i == 1)
		node.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
	if (_i == 2) {
		node.pix.bytesperline += 2;
		camera.picture = camera.used = node.pix.bytesperline * HEIGHT;
	}
	camera.exports_not = _i == 3;
	plain = _i != 4;
	feed.fails = _i == 5 ? VIDIOC_REQBUFS : _i == 6 ? VIDIOC_PREPARE_BUF : 0;
	if (_i == 7)
		output.kind = &other;
	meet();
	camera.lending = NULL;
	ck_assert_msg(!strncmp(worker.copied, whys[_i], strlen(whys[_i])), "%s", worker.copied);
	/* No dma-buf is left to whoever does not need it. */
	after = dup(0);
	close(after);
	ck_assert_int_eq(after, before);
	ck_assert_int_eq(run(3, NULL, NULL), -ENODEV);
	if (_i == 1)
		ck_assert_uint_eq(worker.source->damaged, 3);
	else if (_i != 7)
		ck_assert_uint_eq(feed.puts, 3);
	part();
}
END_TEST

/* In the feed's buffer, where nothing has to be copied to. */
static void meet_copied(void)
{
	policy.zero_copy = false;
	meet();
	camera.lending = NULL;
	feed.own = sink_lend(worker.sink);
	ck_assert_uint_ge(feed.own->count, 1);
}

static bool is_the_feeds(const struct frame *frame)
{
	for (unsigned i = 0; i < feed.own->count; i++)
		if (frame->plane[0] == feed.own->at[i].bytes)
			return frame->lent == &feed.own->at[i];
	return false;
}

static int see(void *ctx, const struct frame *frame, const struct regions *regions,
	       struct scrim_error *err)
{
	unsigned *seen = ctx;

	ck_assert(is_the_feeds(frame) && frame->lent->raw);
	/* As if the camera had sent this. */
	memset(frame->plane[0], RAW, YUYV);
	(*seen)++;
	return 0;
}

START_TEST(what_is_copied_is_redacted_in_the_feeds_buffer_and_read_from_there)
{
	unsigned seen = 0;
	const struct pipeline_watcher watcher = { .ctx = &seen, .decided = see };

	meet_copied();
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 0.5,0 0.5,1 0,1", NULL), 0);
	ck_assert_int_eq(run(5, &watcher, NULL), -ENODEV);
	ck_assert_uint_eq(seen, 5);
	ck_assert_uint_eq(feed.puts, 5);
	for (unsigned y = 0; y < HEIGHT; y++)
		ck_assert_ptr_null(memchr(feed.shown + y * WIDTH * 2, RAW, WIDTH));
	ck_assert_uint_eq(feed.shown[YUYV - 1], RAW);
	part();
}
END_TEST

static int see_and_fail(void *ctx, const struct frame *frame, const struct regions *regions,
			struct scrim_error *err)
{
	see(ctx, frame, regions, err);
	return fail(err, -EIO, "no");
}

START_TEST(what_fails_in_the_feeds_buffer_turns_black_and_is_not_shown)
{
	unsigned seen = 0;
	const struct pipeline_watcher watcher = { .ctx = &seen, .decided = see_and_fail };

	meet_copied();
	ck_assert_int_eq(run(1, &watcher, NULL), -EIO);
	ck_assert_uint_eq(seen, 1);
	ck_assert_uint_eq(feed.puts, 0);
	for (unsigned i = 0; i < feed.own->count; i++)
		ck_assert_ptr_null(memchr(feed.own->at[i].bytes, RAW, YUYV));
	part();
}
END_TEST

/* More frames at once than there are buffers: the rest is ours, and copied. */
START_TEST(frames_that_find_no_buffer_are_copied)
{
	struct redactor *redactor = NULL;
	struct frame *frames[8] = { NULL };
	struct regions regions = { .whole = false };
	struct clean_frame *clean = NULL;
	unsigned theirs = 0;

	meet_copied();
	camera.left = 8;
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	for (unsigned i = 0; i < 8; i++) {
		ck_assert_int_eq(source_next(worker.source, &frames[i], NULL), 1);
		memset(frames[i]->plane[0], i + 1, WIDTH * 2);
		theirs += is_the_feeds(frames[i]);
	}
	ck_assert_uint_eq(theirs, feed.own->count);
	for (unsigned i = 8; i-- > 0;) {
		ck_assert_uint_eq(frames[i]->plane[0][0], i + 1);
		ck_assert_int_eq(redact(redactor, &frames[i], &regions, &clean, NULL), 0);
		ck_assert_int_eq(sink_put(worker.sink, clean, NULL), 0);
		clean_frame_free(&clean);
	}
	ck_assert_uint_eq(feed.puts, 8);
	redactor_free(&redactor);
	part();
}
END_TEST

/* As when a video begins anew while its last frame is on its way. */
START_TEST(a_buffer_whose_frame_is_out_is_not_given_twice)
{
	struct frame_pool *first = NULL, *second = NULL;
	struct frame *out = NULL, *other[LENT_MAX + 1] = { NULL };

	meet_copied();
	ck_assert_int_eq(frame_pool_new(&first, V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT, NULL), 0);
	ck_assert_int_eq(frame_pool_new(&second, V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT, NULL), 0);
	worker.source->into = (struct lending *)feed.own;
	ck_assert_int_eq(source_frame(worker.source, first, &out, NULL), 0);
	ck_assert(is_the_feeds(out));
	frame_pool_free(&first);
	worker.source->into = (struct lending *)feed.own;
	for (unsigned i = 0; i <= feed.own->count; i++) {
		ck_assert_int_eq(source_frame(worker.source, second, &other[i], NULL), 0);
		ck_assert_ptr_ne(other[i]->plane[0], out->plane[0]);
	}
	for (unsigned i = 0; i <= feed.own->count; i++)
		frame_free(&other[i]);
	frame_free(&out);
	frame_pool_free(&second);
	part();
}
END_TEST

START_TEST(memory_of_a_kind_that_nobody_names_is_not_plain)
{
	int fd = memfd_create("no dma-buf", MFD_CLOEXEC);

	ck_assert(!__real_v4l2_memory_is_plain(fd));
	close(fd);
	ck_assert(!__real_v4l2_memory_is_plain(fd));
}
END_TEST

/* Whether no core would hold it: the flags of its mapping, see proc(5). */
static bool is_left_out_of_cores(const void *at)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	char line[512], *flags;
	unsigned long from;
	bool here = false;

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-", &from) == 1 && strchr(line, '-'))
			here = from == (uintptr_t)at;
		flags = here && !strncmp(line, "VmFlags:", 8) ? strstr(line, " dd") : NULL;
		if (flags)
			break;
		flags = NULL;
	}
	fclose(maps);
	return here && flags;
}

START_TEST(no_core_holds_what_a_camera_wrote)
{
	int fd = memfd_create("camera", MFD_CLOEXEC);
	uint8_t *bytes;

	ck_assert_int_eq(ftruncate(fd, 2 * 8192), 0);
	ck_assert_int_eq(v4l2_map_bytes(&bytes, fd, 8192, 8192, NULL), 0);
	ck_assert(is_left_out_of_cores(bytes));
	munmap(bytes, 8192);
	close(fd);
}
END_TEST

static void setup(void)
{
	begin();
	prepare();
}

Suite *zero_suite(void)
{
	Suite *suite = suite_create("zero");
	TCase *tcase = tcase_create("zero copy");

	tcase_add_checked_fixture(tcase, setup, end);
	tcase_add_test(tcase, a_picture_is_shown_from_where_the_camera_wrote_it);
	tcase_add_test(tcase, redaction_takes_the_raw_frame_and_gives_a_clean_one_in_the_same_memory);
	tcase_add_test(tcase, what_a_policy_covers_is_not_there_when_the_feed_reads);
	tcase_add_loop_test(tcase, doubt_covers_the_whole_picture, 0, 2);
	tcase_add_test(tcase, the_camera_and_the_feed_never_have_the_same_buffer);
	tcase_add_test(tcase, a_picture_that_fails_goes_back_black_and_is_not_shown);
	tcase_add_loop_test(tcase, a_damaged_picture_goes_back_black_and_is_not_shown, 0, 3);
	tcase_add_loop_test(tcase, what_the_feed_may_still_read_never_goes_back_to_the_camera, 0, 3);
	tcase_add_test(tcase, a_buffer_that_the_camera_does_not_have_is_an_error);
	tcase_add_loop_test(tcase, what_is_under_a_region_leaves_no_trace_in_the_cameras_buffer,
			    0, LAYOUTS);
	tcase_add_loop_test(tcase, nothing_behind_a_drivers_buffer_is_touched, 0, ENDS);
	tcase_add_loop_test(tcase, where_one_end_cannot_frames_are_copied_and_it_is_said_why, 0,
			    sizeof(whys) / sizeof(whys[0]));
	tcase_add_test(tcase, what_is_copied_is_redacted_in_the_feeds_buffer_and_read_from_there);
	tcase_add_test(tcase, what_fails_in_the_feeds_buffer_turns_black_and_is_not_shown);
	tcase_add_test(tcase, frames_that_find_no_buffer_are_copied);
	tcase_add_test(tcase, a_buffer_whose_frame_is_out_is_not_given_twice);
	tcase_add_test(tcase, memory_of_a_kind_that_nobody_names_is_not_plain);
	tcase_add_test(tcase, no_core_holds_what_a_camera_wrote);
	suite_add_tcase(suite, tcase);
	return suite;
}
