// SPDX-License-Identifier: GPL-2.0
/*
 * How often a live picture is copied in user space, by what is written: all memory that could hold
 * one is filled with a mark before each picture, and after it the bytes are counted that lost it.  In
 * the camera's own buffers those count that are no longer what the camera wrote: redacted in
 * place.  And what it costs, in processor time of this thread.  Camera and feed are memory here;
 * what their drivers write and read is not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include <jpeglib.h>

#include "detect/net.h"
#include "live_worker.h"
#include "sink/output.h"
#include "source/v4l2.h"
#include "timing.h"

#define WIDTH	1920u
#define HEIGHT	1080u
#define ROOM	(WIDTH * HEIGHT * 2)
#define FULL	(WIDTH * HEIGHT * 3 / 2)	/* bytes of the smallest picture */
#define FRAMES	60
#define WARM_UP	5

static const uint8_t marks[] = { 0xc5, 0x3a };

enum place { OF_CAMERA, OF_FEED, OF_HEAP, PLACES };

/* Memory that could hold a picture. */
static struct {
	uint8_t *bytes;
	size_t size;
	enum place place;
} blocks[64];
static unsigned count;

static uint8_t sent[ROOM];
static size_t used;
static int camera_fd, feed_fd;
static unsigned next_buffer, taken, sequence;
static bool empty;			/* the camera has no picture until asked again */
static double aside;			/* ms that the camera took to write one */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
int __wrap_v4l2_call(int fd, unsigned long request, void *argument);
int __wrap_v4l2_map(struct v4l2_buffers *buffers, int fd, enum v4l2_buf_type type,
		    unsigned n, size_t picture, struct scrim_error *err);
void __wrap_v4l2_unmap(struct v4l2_buffers *buffers);
bool __wrap_v4l2_memory_is_plain(int dmabuf);

static void *note(void *bytes, size_t size, enum place place)
{
	if (bytes && size >= FULL && count < sizeof(blocks) / sizeof(blocks[0])) {
		blocks[count].bytes = bytes;
		blocks[count].size = size;
		blocks[count++].place = place;
	}
	return bytes;
}

void *__wrap_malloc(size_t size)
{
	return note(__real_malloc(size), size, OF_HEAP);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return note(__real_calloc(n, size), n * size, OF_HEAP);
}

/* Of a frame: what tells of it is in front, and no picture. */
void *__wrap_aligned_alloc(size_t align, size_t size)
{
	uint8_t *bytes = __real_aligned_alloc(align, size);
	size_t head = (sizeof(struct frame) + align - 1) / align * align;

	if (bytes && size > head)
		note(bytes + head, size - head, OF_HEAP);
	return bytes;
}

int __wrap_v4l2_map(struct v4l2_buffers *buffers, int fd, enum v4l2_buf_type type,
		    unsigned n, size_t picture, struct scrim_error *err)
{
	buffers->count = n;
	for (unsigned i = 0; i < n; i++) {
		buffers->at[i].size = ROOM;
		buffers->at[i].bytes = note(__real_malloc(ROOM), ROOM,
					    fd == camera_fd ? OF_CAMERA : OF_FEED);
	}
	return 0;
}

void __wrap_v4l2_unmap(struct v4l2_buffers *buffers)
{
	for (unsigned i = 0; i < buffers->count; i++)
		free(buffers->at[i].bytes);
	buffers->count = 0;
}

bool __wrap_v4l2_memory_is_plain(int dmabuf)
{
	return true;
}

static uint8_t *camera_bytes(unsigned index)
{
	for (unsigned i = 0; i < count; i++)
		if (blocks[i].place == OF_CAMERA && !index--)
			return blocks[i].bytes;
	return NULL;
}

static int camera_gives(struct v4l2_buffer *buf)
{
	double since = now_ms();

	empty = !empty;
	if (!empty)
		return -EAGAIN;
	taken = next_buffer;
	next_buffer = (next_buffer + 1) % 4;
	memcpy(camera_bytes(taken), sent, used);
	*buf = (struct v4l2_buffer){
		.index = taken, .bytesused = used, .sequence = sequence,
		.timestamp.tv_sec = sequence + 1,
	};
	sequence++;
	aside += now_ms() - since;
	return 0;
}

int __wrap_v4l2_call(int fd, unsigned long request, void *argument)
{
	static unsigned index;
	struct v4l2_buffer *buf = argument;

	if (request == VIDIOC_DQBUF && fd == camera_fd)
		return camera_gives(buf);
	if (request == VIDIOC_EXPBUF)
		((struct v4l2_exportbuffer *)argument)->fd = eventfd(0, EFD_CLOEXEC);
	if (request == VIDIOC_QBUF && fd == feed_fd)
		index = buf->index;
	if (request == VIDIOC_DQBUF && fd == feed_fd)
		buf->index = index;
	return 0;
}

static void check(int ret, const struct scrim_error *err)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "copies: %s\n", err->text);
	exit(1);
}

static void put_marks(uint8_t mark)
{
	for (unsigned i = 0; i < count; i++)
		if (blocks[i].place != OF_CAMERA)
			memset(blocks[i].bytes, mark, blocks[i].size);
}

/* Bytes that were written, by whose memory they are. */
static void count_written(size_t written[PLACES], uint8_t mark)
{
	memset(written, 0, PLACES * sizeof(*written));
	for (unsigned i = 0; i < count; i++)
		for (size_t at = 0; blocks[i].place != OF_CAMERA && at < blocks[i].size; at++)
			written[blocks[i].place] += blocks[i].bytes[at] != mark;
	for (size_t at = 0; at < used; at++)
		written[OF_CAMERA] += camera_bytes(taken)[at] != sent[at];
}

/* Nothing in it is a mark. */
static void draw(uint32_t fourcc)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	unsigned long size = ROOM;
	static uint8_t row[WIDTH * 3];
	uint8_t *at = sent;
	JSAMPROW rows[] = { row };

	used = ROOM;
	for (unsigned i = 0; i < ROOM; i++)
		sent[i] = 64 + i / 7 % 32;
	if (fourcc != V4L2_PIX_FMT_MJPEG)
		return;
	c.err = jpeg_std_error(&errors);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &at, &size);
	c.image_width = WIDTH;
	c.image_height = HEIGHT;
	c.input_components = 3;
	c.in_color_space = JCS_YCbCr;
	jpeg_set_defaults(&c);
	c.comp_info[0].v_samp_factor = 1;	/* 4:2:2, as webcams send it */
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < HEIGHT) {
		for (unsigned x = 0; x < sizeof(row); x++)
			row[x] = 70 + (x / 3 + c.next_scanline) / 16 % 16;
		jpeg_write_scanlines(&c, rows, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	used = size;
}

/* The same as the worker does, a picture at a time. */
static double one(struct live_worker *w, struct pipeline *pipeline)
{
	struct clean_frame *clean = NULL;
	struct frame *frame = NULL;
	struct scrim_error err;
	double since;

	aside = 0;
	since = now_ms();
	check(source_next(w->source, &frame, &err), &err);
	check(pipeline_frame(pipeline, &frame, &clean, &err), &err);
	check(sink_put(w->sink, clean, &err), &err);
	clean_frame_free(&clean);
	return now_ms() - since - aside;
}

static void measure(const char *name, uint32_t fourcc, bool zero_copy, bool to_driver)
{
	static const struct feed_kind driver = { .sink = sink_output, .borrow = sink_output_borrow };
	struct policy policy = {
		.faces = METHOD_SHOW, .detector = DETECTOR_NONE, .zero_copy = zero_copy,
	};
	struct camera camera = {
		.kind = &camera_v4l2, .fd = camera_fd, .lends = zero_copy, .interval = { 1, 30 },
		.pix = {
			.width = WIDTH, .height = HEIGHT, .pixelformat = fourcc,
			.bytesperline = fourcc == V4L2_PIX_FMT_MJPEG ? 0 : WIDTH * 2,
		},
	};
	struct feed feed = { .kind = &driver, .fd = feed_fd, .interval = { 1, 30 } };
	struct live_worker w = {
		.policy = &policy, .camera = &camera, .feed = &feed, .model = -1, .boxes = -1,
	};
	struct pipeline_parts parts;
	struct pipeline *pipeline = NULL;
	static double ms[FRAMES];
	size_t written[PLACES], most[PLACES] = { 0 };
	struct scrim_error err;
	double full;

	count = sequence = 0;
	empty = false;
	next_buffer = 0;
	draw(fourcc);
	if (!to_driver)
		feed_null(&feed);
	feed.pix = camera_frames(&camera);
	full = feed.pix.pixelformat == V4L2_PIX_FMT_YUYV ? ROOM : FULL;
	/* A tenth of the picture, as large as a few faces. */
	check(policy_set(&policy, "region", "0.2,0.2 0.6,0.2 0.6,0.45 0.2,0.45", &err), &err);
	check(live_before(&w, &err), &err);
	check(pipeline_make_parts(&policy, -1, -1, &parts, &err), &err);
	check(pipeline_new(&pipeline, &policy, &parts, &err), &err);
	for (unsigned n = 0; n < FRAMES; n++) {
		put_marks(marks[n % 2]);
		ms[n] = one(&w, pipeline);
		count_written(written, marks[n % 2]);
		for (enum place p = 0; p < PLACES; p++)
			if (n >= WARM_UP && written[p] > most[p])
				most[p] = written[p];
	}
	printf("  %-30s %4.2f  feed %4.2f, own memory %4.2f; in place %4.2f; %7.3f ms\n", name,
	       (most[OF_FEED] + most[OF_HEAP]) / full, most[OF_FEED] / full,
	       most[OF_HEAP] / full, most[OF_CAMERA] / full, median(ms + WARM_UP, FRAMES - WARM_UP));
	pipeline_free(&pipeline);
	source_free(&w.source);
	sink_free(&w.sink);
}

int main(void)
{
	camera_fd = eventfd(1, EFD_CLOEXEC);
	feed_fd = eventfd(1, EFD_CLOEXEC);
	printf("%ux%u, %u pictures, a tenth covered: full pictures written in user space\n",
	       WIDTH, HEIGHT, FRAMES - WARM_UP);
	measure("YUYV, zero-copy", V4L2_PIX_FMT_YUYV, true, true);
	measure("YUYV, copied", V4L2_PIX_FMT_YUYV, false, true);
	measure("MJPEG, decoded", V4L2_PIX_FMT_MJPEG, false, true);
	measure("UYVY, converted", V4L2_PIX_FMT_UYVY, false, true);
	measure("YUYV, to no feed of the driver", V4L2_PIX_FMT_YUYV, true, false);
	return 0;
}
