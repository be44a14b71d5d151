// SPDX-License-Identifier: GPL-2.0
/*
 * Cameras on a monitor: each whole and in its proportions, its picture as it was sent, and black
 * as soon as it is silent.
 */
#include "test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "look/hotplug.h"
#include "look/watch.h"
#include "sink/grid.h"

#define MS	INT64_C(1000000)

static bool overlap(const struct place *a, const struct place *b)
{
	return a->x < b->x + b->size.width && b->x < a->x + a->size.width &&
	       a->y < b->y + b->size.height && b->y < a->y + a->size.height;
}

/* To a pixel on each side, of which there is one at least. */
static bool keeps_proportions(struct extent picture, struct extent place)
{
	return (place.width - 1ul) * picture.height <= (place.height + 1ul) * picture.width &&
	       (place.width + 1ul) * picture.height >= (place.height - 1ul) * picture.width;
}

static void lies_well(const struct place place[], const struct extent picture[], unsigned count,
		      struct extent screen)
{
	for (unsigned i = 0; i < count; i++) {
		ck_assert_uint_ge(place[i].size.width, 1);
		ck_assert_uint_ge(place[i].size.height, 1);
		ck_assert_uint_le(place[i].x + place[i].size.width, screen.width);
		ck_assert_uint_le(place[i].y + place[i].size.height, screen.height);
		ck_assert_msg(keeps_proportions(picture[i], place[i].size), "%ux%u became %ux%u",
			      picture[i].width, picture[i].height, place[i].size.width,
			      place[i].size.height);
		for (unsigned j = 0; j < i; j++)
			ck_assert(!overlap(&place[i], &place[j]));
	}
}

START_TEST(no_place_is_outside_or_on_another_or_stretched)
{
	struct extent picture[GRID_MAX], screen;
	struct place place[GRID_MAX];

	for (unsigned round = 0; round < 2000; round++) {
		unsigned count = 1 + test_random() % GRID_MAX, range = round % 2 ? 4000 : 60;

		screen = (struct extent){ count + test_random() % range, count + test_random() % range };
		for (unsigned i = 0; i < count; i++)
			picture[i] = (struct extent){ 1 + test_random() % range,
						      1 + test_random() % range };
		ck_assert_int_eq(grid_place(place, picture, count, screen), 0);
		lies_well(place, picture, count, screen);
	}
}
END_TEST

START_TEST(places_are_as_large_as_they_can_be)
{
	const struct {
		struct extent screen, picture;
		unsigned count;
		struct place last;
	} grids[] = {
		{ { 1920, 1080 }, { 1280, 720 }, 1, { 0, 0, { 1920, 1080 } } },
		{ { 1280, 800 }, { 1280, 720 }, 1, { 0, 40, { 1280, 720 } } },
		{ { 1080, 1920 }, { 1280, 720 }, 1, { 0, 656, { 1080, 608 } } },
		{ { 1920, 1080 }, { 1280, 720 }, 2, { 960, 270, { 960, 540 } } },
		{ { 1920, 1080 }, { 720, 1280 }, 2, { 1136, 0, { 608, 1080 } } },
		{ { 1080, 1920 }, { 1280, 720 }, 2, { 0, 1136, { 1080, 608 } } },
		{ { 1920, 1080 }, { 1280, 720 }, 4, { 960, 540, { 960, 540 } } },
		{ { 1920, 1080 }, { 1280, 720 }, 3, { 0, 540, { 960, 540 } } },
		{ { 1920, 1080 }, { 1280, 720 }, 9, { 1280, 720, { 640, 360 } } },
		{ { 3840, 720 }, { 1280, 720 }, 3, { 2560, 0, { 1280, 720 } } },
		{ { 65535, 65535 }, { 65535, 65535 }, 1, { 0, 0, { 65535, 65535 } } },
	}, *grid = &grids[_i];
	struct extent picture[GRID_MAX];
	struct place place[GRID_MAX], *last = &place[grid->count - 1];

	for (unsigned i = 0; i < grid->count; i++)
		picture[i] = grid->picture;
	ck_assert_int_eq(grid_place(place, picture, grid->count, grid->screen), 0);
	ck_assert_uint_eq(last->x, grid->last.x);
	ck_assert_uint_eq(last->y, grid->last.y);
	ck_assert_uint_eq(last->size.width, grid->last.size.width);
	ck_assert_uint_eq(last->size.height, grid->last.size.height);
}
END_TEST

START_TEST(what_cannot_be_placed_is_refused)
{
	struct extent picture[GRID_MAX + 1];
	struct place place[GRID_MAX + 1];
	const struct extent hd = { 1920, 1080 };

	for (unsigned i = 0; i <= GRID_MAX; i++)
		picture[i] = hd;
	ck_assert_int_eq(grid_place(place, picture, 0, hd), -EINVAL);
	ck_assert_int_eq(grid_place(place, picture, GRID_MAX + 1, hd), -EINVAL);
	ck_assert_int_eq(grid_place(place, picture, GRID_MAX, hd), 0);
	ck_assert_int_eq(grid_place(place, picture, 4, (struct extent){ 3, 1080 }), -EINVAL);
	ck_assert_int_eq(grid_place(place, picture, 4, (struct extent){ 1920, 3 }), -EINVAL);
	ck_assert_int_eq(grid_place(place, picture, 1, (struct extent){ 65536, 1 }), -EINVAL);
	picture[2].height = 0;
	ck_assert_int_eq(grid_place(place, picture, 4, hd), -EINVAL);
	ck_assert_int_eq(grid_place(place, picture, 2, hd), 0);
	picture[1].width = 65536;
	ck_assert_int_eq(grid_place(place, picture, 2, hd), -EINVAL);
}
END_TEST

/* A camera with pictures of 16 by 8, its node played here. */
#define CAMERA	1234
#define W	16
#define H	8
#define BUFFERS	4

static struct {
	struct v4l2_buffer ready[BUFFERS];
	unsigned count;			/* ready */
	bool queued[BUFFERS], gone;
	unsigned streams;
	int error;			/* of DQBUF, when nothing is ready; 0: none yet */
} node;

static int play(int fd, unsigned long request, void *argument)
{
	struct v4l2_buffer *buf = argument;

	ck_assert_int_eq(fd, CAMERA);
	if (node.gone)
		return -ENODEV;
	switch (request) {
	case VIDIOC_QBUF:
		ck_assert(!node.queued[buf->index]);
		node.queued[buf->index] = true;
		return 0;
	case VIDIOC_DQBUF:
		if (!node.count)
			return node.error ? node.error : -EAGAIN;
		*buf = node.ready[0];
		memmove(node.ready, node.ready + 1, --node.count * sizeof(node.ready[0]));
		return 0;
	case VIDIOC_STREAMON:
		node.streams++;
		return 0;
	case VIDIOC_STREAMOFF:
		memset(node.queued, 0, sizeof(node.queued));
		node.count = 0;
		node.streams = 0;
		return 0;
	}
	ck_abort_msg("request %lx", request);
}

/* The next buffer that is queued has a picture of this one value. */
static void send(struct watch *w, uint8_t value)
{
	unsigned i = 0;

	while (i < BUFFERS && !node.queued[i])
		i++;
	ck_assert_uint_lt(i, BUFFERS);
	node.queued[i] = false;
	memset(w->buffers.at[i].bytes, value, w->buffers.at[i].size);
	node.ready[node.count++] = (struct v4l2_buffer){
		.index = i, .bytesused = w->buffers.at[i].size,
	};
}

static struct watch start(uint32_t fourcc, unsigned bytes, const struct place *place)
{
	struct watch w = WATCH_NONE;

	memset(&node, 0, sizeof(node));
	test_nodes = play;
	w.name = "porch";
	w.fd = CAMERA;
	w.patience_ns = 80 * MS;
	w.pix = (struct v4l2_pix_format){
		.width = W, .height = H, .pixelformat = fourcc, .bytesperline = bytes / H,
		.colorspace = V4L2_COLORSPACE_SRGB,
	};
	w.buffers.count = BUFFERS;
	for (unsigned i = 0; i < BUFFERS; i++) {
		w.buffers.at[i].bytes = malloc(bytes);
		w.buffers.at[i].size = bytes;
	}
	ck_assert_int_eq(frame_new(&w.raw, fourcc, W, H, NULL), 0);
	w.raw->colour.full_range = v4l2_full_range(&w.pix);
	ck_assert_int_eq(watch_place(&w, place, NULL), 0);
	ck_assert_int_eq(watch_start(&w, NULL), 0);
	return w;
}

static void stop(struct watch *w)
{
	w->fd = -1;
	watch_close(w);
	test_nodes = NULL;
}

static const struct place whole = { 0, 0, { W, H } };

/* What is seen of it: every byte of colour has this value. */
static void shows(const struct watch *w, uint8_t value)
{
	static uint8_t bytes[W * H * 4];
	const struct canvas canvas = { bytes, W * 4, W, H, 0 };

	memset(bytes, 0x77, sizeof(bytes));
	watch_paint(w, &canvas);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		if (i % 4 != 3)
			ck_assert_uint_eq(bytes[i], value);
}

START_TEST(a_camera_is_black_until_it_sends_and_two_frame_times_after)
{
	struct watch w = start(V4L2_PIX_FMT_RGB24, W * H * 3, &whole);
	uint64_t version = w.version;

	shows(&w, 0);
	ck_assert_int_eq(watch_take(&w, POLLIN, 1000 * MS, NULL), 0);
	ck_assert_uint_eq(w.version, version);
	send(&w, 200);
	ck_assert_int_eq(watch_take(&w, POLLIN, 1000 * MS, NULL), 0);
	ck_assert_uint_ne(w.version, version);
	shows(&w, 200);
	version = w.version;
	watch_expire(&w, 1080 * MS - 1);
	ck_assert_uint_eq(w.version, version);
	shows(&w, 200);
	watch_expire(&w, 1080 * MS);
	ck_assert_uint_ne(w.version, version);
	shows(&w, 0);
	stop(&w);
}
END_TEST

START_TEST(the_latest_picture_is_shown_and_each_buffer_given_back)
{
	struct watch w = start(V4L2_PIX_FMT_RGB24, W * H * 3, &whole);

	for (unsigned round = 0; round < 5; round++) {
		for (unsigned i = 0; i <= round % BUFFERS; i++)
			send(&w, 10 * round + i);
		ck_assert_int_eq(watch_take(&w, POLLIN, MS, NULL), 0);
		shows(&w, 10 * round + round % BUFFERS);
		for (unsigned i = 0; i < BUFFERS; i++)
			ck_assert(node.queued[i]);
	}
	stop(&w);
}
END_TEST

START_TEST(a_broken_picture_is_black_and_so_is_the_one_before)
{
	struct watch w = start(V4L2_PIX_FMT_RGB24, W * H * 3, &whole);

	send(&w, 200);
	ck_assert_int_eq(watch_take(&w, POLLIN, MS, NULL), 0);
	send(&w, 100);
	if (_i == 0)
		node.ready[0].flags = V4L2_BUF_FLAG_ERROR;
	else if (_i == 1)
		node.ready[0].bytesused--;
	else
		node.ready[0].bytesused++;
	ck_assert_int_eq(watch_take(&w, POLLIN, 2 * MS, NULL), 0);
	shows(&w, 0);
	ck_assert(!w.gone);
	for (unsigned i = 0; i < BUFFERS; i++)
		ck_assert(node.queued[i]);
	stop(&w);
}
END_TEST

START_TEST(a_camera_that_is_gone_is_black_and_is_asked_for_nothing_more)
{
	struct watch w = start(V4L2_PIX_FMT_RGB24, W * H * 3, &whole);

	send(&w, 200);
	ck_assert_int_eq(watch_take(&w, POLLIN, MS, NULL), 0);
	if (_i == 0)
		node.gone = true;
	else if (_i == 1)
		node.error = -EIO;
	else if (_i == 2)
		send(&w, 1), node.ready[0].index = BUFFERS;
	ck_assert_int_eq(watch_take(&w, _i == 3 ? POLLERR : POLLIN, 2 * MS, NULL), 0);
	ck_assert(w.gone && !w.streams);
	shows(&w, 0);
	node.gone = true;
	ck_assert_int_eq(watch_place(&w, &whole, NULL), 0);
	ck_assert_int_eq(watch_start(&w, NULL), 0);
	ck_assert(!w.streams);
	watch_stop(&w);
	shows(&w, 0);
	stop(&w);
}
END_TEST

START_TEST(nothing_is_left_of_a_picture_when_the_monitor_went)
{
	struct watch w = start(V4L2_PIX_FMT_RGB24, W * H * 3, &whole);

	send(&w, 200);
	ck_assert_int_eq(watch_take(&w, POLLIN, MS, NULL), 0);
	watch_stop(&w);
	ck_assert_uint_eq(node.streams, 0);
	shows(&w, 0);
	ck_assert_int_eq(watch_start(&w, NULL), 0);
	ck_assert_uint_eq(node.streams, 1);
	shows(&w, 0);
	stop(&w);
}
END_TEST

/* RGB comes out as it went in; of the others white, black and red are what they should be. */
START_TEST(pixels_are_shown_in_their_colours)
{
	const struct {
		uint32_t fourcc;
		unsigned bytes;
		uint8_t cell[4], size;
		uint8_t bgr[3];
	} pixels[] = {
		{ V4L2_PIX_FMT_RGB24, W * H * 3, { 1, 127, 255 }, 3, { 255, 127, 1 } },
		{ V4L2_PIX_FMT_BGR24, W * H * 3, { 1, 127, 255 }, 3, { 1, 127, 255 } },
		{ V4L2_PIX_FMT_YUYV, W * H * 2, { 235, 128, 235, 128 }, 4, { 255, 255, 255 } },
		{ V4L2_PIX_FMT_YUYV, W * H * 2, { 16, 128, 16, 128 }, 4, { 0, 0, 0 } },
		{ V4L2_PIX_FMT_YUYV, W * H * 2, { 81, 90, 81, 240 }, 4, { 0, 0, 255 } },
		{ V4L2_PIX_FMT_GREY, W * H, { 126, 126, 126, 126 }, 4, { 128, 128, 128 } },
		{ V4L2_PIX_FMT_ABGR32, W * H * 4, { 1, 127, 255, 9 }, 4, { 1, 127, 255 } },
		{ V4L2_PIX_FMT_UYVY, W * H * 2, { 90, 81, 240, 81 }, 4, { 0, 0, 255 } },
	}, *pixel = &pixels[_i];
	struct watch w = start(pixel->fourcc, pixel->bytes, &whole);
	uint8_t bytes[W * H * 4];

	for (unsigned i = 0; i < pixel->bytes; i++)
		bytes[i] = pixel->cell[i % pixel->size];
	ck_assert_int_eq(watch_show(&w, bytes, pixel->bytes, NULL), 0);
	for (unsigned i = 0; i < W * H * 4; i++) {
		int got = w.picture->plane[0][i / (W * 4) * w.picture->stride[0] + i % (W * 4)];

		if (i % 4 == 3)
			continue;
		ck_assert_msg(abs(got - pixel->bgr[i % 4]) <= (pixel->size == 3 ? 0 : 2),
			      "byte %u is %d, not %d", i, got, pixel->bgr[i % 4]);
	}
	stop(&w);
}
END_TEST

/* Red of each kind, as large as it is and smaller; GREY has none. */
START_TEST(red_is_red_by_the_colours_of_its_size_and_range)
{
	const struct {
		uint32_t fourcc;
		unsigned height;
		bool full;
		uint8_t y, u, v;
		uint8_t matrix;		/* 0: by its size */
	} reds[] = {
		{ V4L2_PIX_FMT_YUV420, 8, false, 81, 90, 240, 0 },
		{ V4L2_PIX_FMT_YVU420, 8, false, 81, 90, 240, 0 },
		{ V4L2_PIX_FMT_NV12, 8, false, 81, 90, 240, 0 },
		{ V4L2_PIX_FMT_NV21, 8, false, 81, 90, 240, 0 },
		{ V4L2_PIX_FMT_YUV420, 718, false, 81, 90, 240, 0 },
		{ V4L2_PIX_FMT_YUV420, 720, false, 63, 102, 240, 0 },
		{ V4L2_PIX_FMT_NV12, 720, true, 76, 85, 255, 0 },
		{ V4L2_PIX_FMT_NV12, 8, true, 76, 85, 255, 0 },
		{ V4L2_PIX_FMT_NV12, 720, false, 81, 90, 240, 6 },
		{ V4L2_PIX_FMT_NV12, 8, false, 63, 102, 240, 1 },
		{ V4L2_PIX_FMT_NV12, 8, true, 54, 99, 255, 1 },
		{ V4L2_PIX_FMT_NV12, 8, false, 74, 97, 240, 9 },
	}, *red = &reds[_i % 12];
	unsigned swapped = red->fourcc == V4L2_PIX_FMT_YVU420 || red->fourcc == V4L2_PIX_FMT_NV21;
	const uint8_t chroma[] = { red->u, red->v };
	struct frame *from = NULL, *to = NULL;
	struct scaler scaler = { 0 };
	unsigned blue;

	ck_assert_int_eq(frame_new(&from, red->fourcc, W, red->height, NULL), 0);
	ck_assert_int_eq(frame_new(&to, V4L2_PIX_FMT_ABGR32, _i < 12 ? W : 7,
				   _i < 12 ? red->height : 5, NULL), 0);
	from->colour.full_range = red->full;
	from->colour.matrix = red->matrix;
	memset(from->plane[0], red->y, from->stride[0] * red->height);
	for (unsigned i = 0; i < from->stride[1] * red->height / 2; i++)
		from->plane[1][i] = chroma[from->plane[2] ? swapped : (i + swapped) % 2];
	if (from->plane[2])
		memset(from->plane[2], chroma[!swapped], from->stride[2] * red->height / 2);
	ck_assert_int_eq(scaler_shape(&scaler, from, to, NULL), 0);
	ck_assert_int_eq(scaler_show(&scaler, to, from, NULL), 0);
	/* libyuv's numbers of BT.2020 are coarse. */
	blue = red->matrix == 9 ? 6 : 3;
	for (unsigned y = 0; y < to->height; y++)
		for (unsigned x = 0; x < to->width; x++) {
			const uint8_t *bgr = to->plane[0] + y * to->stride[0] + x * 4;

			ck_assert_msg(bgr[0] <= blue && bgr[1] <= 3 && bgr[2] >= 252, "%u %u %u", bgr[0],
				      bgr[1], bgr[2]);
		}
	scaler_clear(&scaler);
	frame_free(&from);
	frame_free(&to);
}
END_TEST

/* The card's plane, for a camera that is shown without a copy. */
static struct plane plane;

static struct watch start_on_plane(void)
{
	struct watch w = start(V4L2_PIX_FMT_RGB24, W * H * 3, &whole);

	w.scanout.plane = &plane;
	w.scanout.picture.bytes = W * H * 3;
	ck_assert_int_eq(watch_place(&w, &whole, NULL), 0);
	return w;
}

/* Which buffer came: the one that the node does not have, and nobody else. */
static int sent(struct watch *w, uint8_t value, int64_t at)
{
	send(w, value);
	ck_assert_int_eq(watch_take(w, POLLIN, at, NULL), 0);
	return w->latest;
}

START_TEST(a_buffer_goes_back_only_after_the_flip_that_replaced_it)
{
	struct watch w = start_on_plane();
	int first, second, third;

	first = sent(&w, 1, MS);
	ck_assert(!node.queued[first]);
	watch_told(&w);
	second = sent(&w, 2, 2 * MS);
	ck_assert(!node.queued[first] && !node.queued[second]);
	watch_seen(&w);
	ck_assert(!node.queued[first] && !node.queued[second]);
	watch_told(&w);
	ck_assert(!node.queued[first] && !node.queued[second]);
	third = sent(&w, 3, 3 * MS);
	ck_assert(!node.queued[first] && !node.queued[second] && !node.queued[third]);
	watch_seen(&w);
	ck_assert(node.queued[first] && !node.queued[second] && !node.queued[third]);
	/* One that was never shown goes back when a later one comes. */
	sent(&w, 4, 4 * MS);
	ck_assert(node.queued[third] && !node.queued[second]);
	stop(&w);
}
END_TEST

/* In any order of what may happen, beside a list of what the card reads. */
START_TEST(the_card_never_reads_a_buffer_that_the_camera_has)
{
	struct watch w = start_on_plane();
	int told = -1, seen = -1;
	bool pending = false;
	int64_t now = MS;

	for (unsigned round = 0; round < 3000; round++, now += MS) {
		unsigned held = 0;

		switch (test_random() % 5) {
		case 0:
		case 1:
			sent(&w, round, now);
			break;
		case 2:
			if (pending)
				break;
			told = w.latest;
			watch_told(&w);
			pending = true;
			break;
		case 3:
			if (!pending)
				break;
			watch_seen(&w);
			seen = told;
			pending = false;
			break;
		case 4:
			watch_expire(&w, test_random() % 2 ? now + 1000 * MS : now);
			break;
		}
		ck_assert(told < 0 || !node.queued[told]);
		ck_assert(seen < 0 || !node.queued[seen]);
		ck_assert(w.latest < 0 || !node.queued[w.latest]);
		for (unsigned i = 0; i < BUFFERS; i++)
			held += !node.queued[i];
		/* Nor is any kept for nothing: the camera always has one to fill. */
		ck_assert_uint_eq(held, (told >= 0) + (seen >= 0 && seen != told) +
				  (w.latest >= 0 && w.latest != told && w.latest != seen));
		ck_assert_uint_lt(held, BUFFERS);
	}
	stop(&w);
}
END_TEST

START_TEST(on_a_plane_as_well_silence_and_what_is_broken_are_black)
{
	struct watch w = start_on_plane();
	int64_t second = 1000 * MS;

	ck_assert_int_ge(sent(&w, 200, second), 0);
	watch_expire(&w, second + 80 * MS - 1);
	ck_assert_int_ge(w.latest, 0);
	watch_expire(&w, second + 80 * MS);
	ck_assert_int_eq(w.latest, -1);
	ck_assert_int_ge(sent(&w, 200, second), 0);
	send(&w, 100);
	if (_i == 0)
		node.ready[0].flags = V4L2_BUF_FLAG_ERROR;
	else if (_i == 1)
		node.ready[0].bytesused--;
	else
		node.ready[0].bytesused++;
	ck_assert_int_eq(watch_take(&w, POLLIN, second, NULL), 0);
	ck_assert_int_eq(w.latest, -1);
	ck_assert(!w.gone);
	for (unsigned i = 0; i < BUFFERS; i++)
		ck_assert(node.queued[i]);
	stop(&w);
}
END_TEST

START_TEST(of_a_camera_that_is_gone_or_off_no_buffer_is_given_back)
{
	struct watch w = start_on_plane();

	sent(&w, 1, MS);
	watch_told(&w);
	watch_seen(&w);
	sent(&w, 2, 2 * MS);
	watch_told(&w);
	sent(&w, 3, 3 * MS);
	node.gone = _i == 0;
	if (_i == 0)
		ck_assert_int_eq(watch_take(&w, POLLIN, 4 * MS, NULL), 0);
	else
		watch_stop(&w);
	/* What was told is seen now. */
	watch_seen(&w);
	ck_assert_int_eq(w.latest, -1);
	for (unsigned i = 0; _i && i < BUFFERS; i++)
		ck_assert(!node.queued[i]);
	if (_i == 0)
		ck_assert(w.gone);
	else
		ck_assert_int_eq(watch_start(&w, NULL), 0);
	for (unsigned i = 0; _i && i < BUFFERS; i++)
		ck_assert(node.queued[i]);
	stop(&w);
}
END_TEST

/* As when the card refuses what it took when it was asked. */
START_TEST(a_camera_that_loses_its_plane_is_drawn)
{
	struct watch w = start_on_plane();
	int first = sent(&w, 100, MS);

	watch_told(&w);
	watch_seen(&w);
	w.scanout.plane = NULL;
	ck_assert_int_eq(watch_place(&w, &whole, NULL), 0);
	shows(&w, 0);
	ck_assert(!node.queued[first]);
	send(&w, 200);
	ck_assert_int_eq(watch_take(&w, POLLIN, 2 * MS, NULL), 0);
	shows(&w, 200);
	watch_told(&w);
	ck_assert(!node.queued[first]);
	watch_seen(&w);
	for (unsigned i = 0; i < BUFFERS; i++)
		ck_assert(node.queued[i]);
	stop(&w);
}
END_TEST

START_TEST(no_memory_can_be_handed_on_from_within_the_cage)
{
	struct device_permission may[WATCH_MAYS];
	struct watch w = WATCH_NONE;

	for (unsigned i = 0; i < watch_permit(may, &w); i++)
		ck_assert(may[i].may.request != VIDIOC_EXPBUF && may[i].may.request != VIDIOC_REQBUFS);
}
END_TEST

START_TEST(nothing_is_painted_beside_a_cameras_place)
{
	enum { SCREEN_W = 40, SCREEN_H = 30, STRIDE = SCREEN_W * 4 + 12 };
	const struct place place = { 7, 5, { 25, 13 } };
	struct watch w = start(V4L2_PIX_FMT_RGB24, W * H * 3, &place);
	static uint8_t bytes[STRIDE * SCREEN_H];
	const struct canvas canvas = { bytes, STRIDE, SCREEN_W, SCREEN_H, 0 };

	for (int lit = 0; lit < 2; lit++) {
		memset(bytes, 0x77, sizeof(bytes));
		if (lit) {
			send(&w, 200);
			ck_assert_int_eq(watch_take(&w, POLLIN, MS, NULL), 0);
		}
		watch_paint(&w, &canvas);
		for (unsigned y = 0; y < SCREEN_H; y++)
			for (unsigned x = 0; x < STRIDE; x++) {
				bool inside = y >= 5 && y < 18 && x >= 28 && x < 128;
				unsigned value = inside ? lit ? 200 : 0 : 0x77;
				unsigned got = bytes[y * STRIDE + x];

				/* What is scaled is rounded. */
				if (!inside || x % 4 != 3)
					ck_assert_msg(got <= value && got + (inside && lit ? 3 : 0) >= value,
						      "%u at %u,%u", got, x, y);
			}
	}
	stop(&w);
}
END_TEST

START_TEST(a_node_of_another_driver_is_refused)
{
	struct scrim_error err;
	struct watch w;

	ck_assert_int_lt(watch_open(&w, "null", "/dev/null", &err), 0);
	ck_assert_str_eq(err.text, "/dev/null is no camera");
	ck_assert_int_eq(w.fd, -1);
}
END_TEST

START_TEST(the_kernel_is_understood_when_it_speaks_of_monitors)
{
	static const struct {
		const char *text;
		size_t bytes;
		enum hotplug what;
	} said[] = {
		{ "change@/devices/card0\0ACTION=change\0SUBSYSTEM=drm\0HOTPLUG=1", 60, HOTPLUG_CHANGE },
		{ "change@/devices/card0\0ACTION=change\0HOTPLUG=1\0SUBSYSTEM=drm", 60, HOTPLUG_CHANGE },
		{ "change@/devices/card0\0ACTION=change\0SUBSYSTEM=drm\0HOTPLUG=0", 60, HOTPLUG_MAYBE },
		{ "change@/devices/card0\0ACTION=change\0SUBSYSTEM=drm", 50, HOTPLUG_MAYBE },
		{ "change@/devices/usb1\0ACTION=change\0SUBSYSTEM=usb\0HOTPLUG=1", 59, HOTPLUG_NONE },
		/* Not whole: its last byte is missing. */
		{ "change@/devices/card0\0ACTION=change\0SUBSYSTEM=drm", 49, HOTPLUG_NONE },
		{ "", 0, HOTPLUG_NONE },
		{ "\0\0", 2, HOTPLUG_NONE },
	};

	ck_assert_int_eq(hotplug_judge(said[_i].text, said[_i].bytes), said[_i].what);
}
END_TEST

Suite *wall_suite(void)
{
	Suite *suite = suite_create("wall");
	TCase *tcase = tcase_create("wall");

	tcase_add_test(tcase, no_place_is_outside_or_on_another_or_stretched);
	tcase_add_loop_test(tcase, places_are_as_large_as_they_can_be, 0, 11);
	tcase_add_test(tcase, what_cannot_be_placed_is_refused);
	tcase_add_test(tcase, a_camera_is_black_until_it_sends_and_two_frame_times_after);
	tcase_add_test(tcase, the_latest_picture_is_shown_and_each_buffer_given_back);
	tcase_add_loop_test(tcase, a_broken_picture_is_black_and_so_is_the_one_before, 0, 3);
	tcase_add_loop_test(tcase, a_camera_that_is_gone_is_black_and_is_asked_for_nothing_more, 0, 4);
	tcase_add_test(tcase, nothing_is_left_of_a_picture_when_the_monitor_went);
	tcase_add_loop_test(tcase, pixels_are_shown_in_their_colours, 0, 8);
	tcase_add_loop_test(tcase, red_is_red_by_the_colours_of_its_size_and_range, 0, 24);
	tcase_add_test(tcase, a_buffer_goes_back_only_after_the_flip_that_replaced_it);
	tcase_add_test(tcase, the_card_never_reads_a_buffer_that_the_camera_has);
	tcase_add_loop_test(tcase, on_a_plane_as_well_silence_and_what_is_broken_are_black, 0, 3);
	tcase_add_loop_test(tcase, of_a_camera_that_is_gone_or_off_no_buffer_is_given_back, 0, 2);
	tcase_add_test(tcase, a_camera_that_loses_its_plane_is_drawn);
	tcase_add_test(tcase, no_memory_can_be_handed_on_from_within_the_cage);
	tcase_add_test(tcase, nothing_is_painted_beside_a_cameras_place);
	tcase_add_test(tcase, a_node_of_another_driver_is_refused);
	tcase_add_loop_test(tcase, the_kernel_is_understood_when_it_speaks_of_monitors, 0, 8);
	suite_add_tcase(suite, tcase);
	return suite;
}
