// SPDX-License-Identifier: GPL-2.0
/*
 * What redact() promises, against a picture of the regions that is made here,
 * pixel by pixel, without lib/frame/shape.c and without the table of formats.
 */
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "redact/redact.h"
#include "reference.h"

/* libcheck's own assertions write to a pipe: too slow for every byte. */
#define expect(that, ...) \
	do { \
		if (!(that)) \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

#define SIDE_MAX	64
#define SHAPES_MAX	4

static const struct {
	unsigned width, height;
} sizes[] = {
	{ 1, 1 }, { 1, 2 }, { 2, 1 }, { 2, 2 }, { 3, 1 }, { 1, 3 }, { 3, 3 }, { 5, 4 },
	{ 1, 9 }, { 9, 1 }, { 8, 8 }, { 9, 7 }, { 15, 2 }, { 16, 9 }, { 17, 33 },
	{ 33, 17 }, { 64, 48 },
};

#define SIZES	(sizeof(sizes) / sizeof(sizes[0]))

/* The slow reference is asked less often about the larger ones. */
static unsigned rounds(unsigned s)
{
	return sizes[s].width * sizes[s].height > 500 ? 4 : 12;
}

/* Regions, and which pixels they hide for sure and perhaps. */
struct scene {
	unsigned width, height;
	struct regions regions;
	struct shape *shape[SHAPES_MAX];
	unsigned shapes;
	bool surely[SIDE_MAX][SIDE_MAX];	/* by fill, [y][x] */
	bool perhaps[SIDE_MAX][SIDE_MAX];	/* by any method */
};

static struct redactor *redactor;
static struct scene *scene;

static void setup(void)
{
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	scene = calloc(1, sizeof(*scene));
	ck_assert_ptr_nonnull(scene);
}

static void scene_clear(unsigned width, unsigned height)
{
	while (scene->shapes)
		shape_free(&scene->shape[--scene->shapes]);
	memset(scene, 0, sizeof(*scene));
	scene->width = width;
	scene->height = height;
}

static void teardown(void)
{
	scene_clear(0, 0);
	free(scene);
	redactor_free(&redactor);
	ck_assert_ptr_null(redactor);
}

static void mark(unsigned x, unsigned y, enum method method, bool surely)
{
	if (surely && (method == METHOD_FILL || method == METHOD_UNSET))
		scene->surely[y][x] = true;
	scene->perhaps[y][x] = true;
}

static void scene_rect(struct rect box, enum method method)
{
	const struct region region = { .box = box, .method = method };

	regions_add(&scene->regions, &region);
	for (int y = 0; y < (int)scene->height; y++)
		for (int x = 0; x < (int)scene->width; x++)
			if (x >= box.x && x - box.x < box.w &&
			    y >= box.y && y - box.y < box.h)
				mark(x, y, method, true);
}

static void scene_polygons(const struct polygon *polygons, unsigned count,
			   bool reveal, enum method method)
{
	struct shape *shape;
	struct region region = { .method = method };
	unsigned w = scene->width, h = scene->height;

	if (scene->shapes == SHAPES_MAX)
		return;
	ck_assert_int_eq(shape_draw(&shape, polygons, count, reveal, w, h, NULL), 0);
	scene->shape[scene->shapes++] = shape;
	region.box = shape->box;
	region.shape = shape;
	regions_add(&scene->regions, &region);
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++)
			if (reference_perhaps(polygons, count, reveal, w, h, x, y))
				mark(x, y, method, reference_surely(polygons, count,
								    reveal, w, h, x, y));
}

/* Anywhere, but a third of all edges lie on an edge of the picture. */
static void random_side(int *from, int *length, int whole)
{
	int to;

	*from = test_random() % 3 ? (int)(test_random() % (whole + 8)) - 4 : 0;
	to = test_random() % 3 ? *from + (int)(test_random() % (whole + 8)) : whole;
	*length = to - *from;
}

static void scene_random_region(enum method method)
{
	struct polygon polygons[2];
	struct rect box;

	if (test_random() % 2) {
		random_side(&box.x, &box.w, scene->width);
		random_side(&box.y, &box.h, scene->height);
		scene_rect(box, method);
		return;
	}
	for (unsigned i = 0; i < 2; i++)
		reference_polygon(&polygons[i], scene->width, scene->height);
	scene_polygons(polygons, 1 + test_random() % 2, test_random() % 4 == 0, method);
}

/*
 * A frame whose rows are `pad` bytes longer than they have to be, or as frame_new()
 * makes it when that is negative.  It has room to spare at its end, where nobody
 * may write.
 */
static struct frame *frame_made(const struct format *format, unsigned width,
				unsigned height, int pad)
{
	struct frame *frame;

	ck_assert_int_eq(frame_new(&frame, format->fourcc, width + 40, height + 2, NULL), 0);
	frame->width = width;
	frame->height = height;
	for (unsigned p = 0; p < format->planes && pad >= 0; p++)
		frame->stride[p] = plane_row_bytes(&format->plane[p], width) + pad;
	return frame;
}

static const struct frame *covered(struct frame **frame, struct clean_frame **clean)
{
	ck_assert_int_eq(redact(redactor, frame, &scene->regions, clean, NULL), 0);
	ck_assert_ptr_null(*frame);
	return clean_frame_view(*clean);
}

/* What a byte of a plane's row belongs to: pixels from <= x < to of some rows. */
struct owner {
	unsigned x, y, w, h;
	bool luma;		/* of one pixel, in a cell with others */
};

static struct owner owner_of(const struct frame *frame, unsigned plane,
			     unsigned row, size_t at)
{
	switch (frame->format->fourcc) {
	case V4L2_PIX_FMT_YUYV:
		if (at % 2 == 0)
			return (struct owner) { at / 2, row, 1, 1, true };
		return (struct owner) { at / 4 * 2, row, 2, 1, false };
	case V4L2_PIX_FMT_UYVY:
		if (at % 2 == 1)
			return (struct owner) { at / 2, row, 1, 1, true };
		return (struct owner) { at / 4 * 2, row, 2, 1, false };
	case V4L2_PIX_FMT_NV12:
	case V4L2_PIX_FMT_NV21:
		if (plane)
			return (struct owner) { at / 2 * 2, row * 2, 2, 2, false };
		return (struct owner) { at, row, 1, 1, false };
	case V4L2_PIX_FMT_YUV420:
	case V4L2_PIX_FMT_YVU420:
		if (plane)
			return (struct owner) { at * 2, row * 2, 2, 2, false };
		return (struct owner) { at, row, 1, 1, false };
	case V4L2_PIX_FMT_GREY:
		return (struct owner) { at, row, 1, 1, false };
	case V4L2_PIX_FMT_RGB24:
	case V4L2_PIX_FMT_BGR24:
		return (struct owner) { at / 3, row, 1, 1, false };
	}
	ck_assert_uint_eq(frame->format->fourcc, V4L2_PIX_FMT_ABGR32);
	return (struct owner) { at / 4, row, 1, 1, false };
}

static bool owner_marked(struct owner owner, bool map[SIDE_MAX][SIDE_MAX])
{
	for (unsigned y = owner.y; y < owner.y + owner.h && y < scene->height; y++)
		for (unsigned x = owner.x; x < owner.x + owner.w && x < scene->width; x++)
			if (map[y][x])
				return true;
	return false;
}

/* The pixels of the cell that a pixel's luma shares with its neighbour. */
static struct owner cell_of(struct owner owner)
{
	if (owner.luma) {
		owner.x = owner.x / 2 * 2;
		owner.w = 2;
	}
	return owner;
}

static bool is_padding(const struct frame *frame, unsigned plane, size_t at)
{
	return at >= plane_row_bytes(&frame->format->plane[plane], frame->width);
}

static unsigned rows_of(const struct frame *frame, unsigned plane)
{
	return plane_rows(&frame->format->plane[plane], frame->height);
}

/* Calls for every byte of every row, padding included. */
#define for_each_byte(frame, p, y, at) \
	for (unsigned p = 0; p < (frame)->format->planes; p++) \
		for (unsigned y = 0; y < rows_of(frame, p); y++) \
			for (size_t at = 0; at < (frame)->stride[p]; at++)

static uint8_t *byte_at(const struct frame *frame, unsigned p, unsigned y, size_t at)
{
	return &frame->plane[p][y * frame->stride[p] + at];
}

/* b becomes a, but for everything that no pixel shows after redaction. */
static void differ_under_regions(const struct frame *a, const struct frame *b)
{
	for_each_byte(a, p, y, at) {
		struct owner owner = owner_of(a, p, y, at);
		bool shown = owner.x < scene->width && !owner_marked(owner, scene->surely);

		if (!is_padding(a, p, at) && shown)
			*byte_at(b, p, y, at) = *byte_at(a, p, y, at);
	}
}

static void assert_same_bytes(const struct frame *a, const struct frame *b)
{
	for_each_byte(a, p, y, at)
		expect(*byte_at(a, p, y, at) == *byte_at(b, p, y, at),
		       "%s %ux%u: plane %u row %u byte %zu tells",
		       a->format->name, a->width, a->height, p, y, at);
}

static void assert_padding_zero(const struct frame *frame)
{
	for_each_byte(frame, p, y, at)
		expect(!is_padding(frame, p, at) || *byte_at(frame, p, y, at) == 0,
		       "padding: plane %u row %u byte %zu", p, y, at);
}

static void assert_no_trace(const struct format *format, int pad)
{
	struct frame *a = frame_made(format, scene->width, scene->height, pad);
	struct frame *b = frame_made(format, scene->width, scene->height, pad);
	struct clean_frame *clean_a, *clean_b;
	const struct frame *view_a, *view_b;

	test_random_fill(a->plane[0], a->bytes);
	test_random_fill(b->plane[0], b->bytes);
	a->colour.full_range = b->colour.full_range = test_random() % 2;
	differ_under_regions(a, b);
	view_a = covered(&a, &clean_a);
	view_b = covered(&b, &clean_b);
	assert_same_bytes(view_a, view_b);
	assert_padding_zero(view_a);
	clean_frame_free(&clean_a);
	clean_frame_free(&clean_b);
}

/* _i is the format in all loops but where it says otherwise. */
START_TEST(what_is_under_a_filled_region_leaves_no_trace)
{
	static const int pads[] = { -1, 0, 1, 13 };

	for (unsigned s = 0; s < SIZES; s++)
		for (unsigned round = 0; round < rounds(s); round++) {
			unsigned count = 1 + test_random() % 3;

			scene_clear(sizes[s].width, sizes[s].height);
			for (unsigned i = 0; i < count; i++)
				scene_random_region(METHOD_FILL);
			/* Soft ones must not carry anything out. */
			if (round % 3) {
				scene_random_region(METHOD_MOSAIC);
				scene_random_region(METHOD_BLUR);
			}
			if (round % 3 == 2)
				scene_random_region(METHOD_UNSET);
			assert_no_trace(&formats[_i], pads[round % 4]);
		}
}
END_TEST

/* A rectangle at each edge and corner, one pixel thick and more. */
START_TEST(a_region_at_an_edge_leaves_no_trace)
{
	for (unsigned s = 0; s < SIZES; s++) {
		int w = sizes[s].width, h = sizes[s].height;
		const struct rect boxes[] = {
			{ 0, 0, 1, h }, { w - 1, 0, 1, h }, { 0, 0, w, 1 }, { 0, h - 1, w, 1 },
			{ -5, -5, 6, 6 }, { w - 1, h - 1, 9, 9 }, { w / 2, -1, 1, h + 2 },
			{ -1, h / 2, w + 2, 1 }, { 0, 0, w, h }, { -9, -9, w + 99, h + 99 },
		};

		for (unsigned i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
			scene_clear(w, h);
			scene_rect(boxes[i], METHOD_FILL);
			scene_rect((struct rect) { 0, 0, w, h }, i % 2 ? METHOD_MOSAIC : METHOD_BLUR);
			assert_no_trace(&formats[_i], i % 2 ? -1 : 3);
		}
	}
}
END_TEST

/* Black as the test knows it: by the byte's place, not by the table. */
static uint8_t black_of(const struct frame *frame, unsigned plane, size_t at)
{
	uint8_t luma = frame->colour.full_range ? 0 : 16;

	switch (frame->format->fourcc) {
	case V4L2_PIX_FMT_YUYV:
		return at % 2 ? 128 : luma;
	case V4L2_PIX_FMT_UYVY:
		return at % 2 ? luma : 128;
	case V4L2_PIX_FMT_RGB24:
	case V4L2_PIX_FMT_BGR24:
		return 0;
	case V4L2_PIX_FMT_ABGR32:
		return at % 4 == 3 ? 255 : 0;
	}
	return plane ? 128 : luma;
}

START_TEST(fill_is_black_and_wins_over_every_other_method)
{
	for (unsigned s = 0; s < SIZES; s++)
		for (unsigned round = 0; round < rounds(s); round++) {
			struct frame *frame;
			struct clean_frame *clean;
			const struct frame *view;

			scene_clear(sizes[s].width, sizes[s].height);
			scene_random_region(METHOD_FILL);
			scene_random_region(METHOD_MOSAIC);
			scene_random_region(METHOD_BLUR);
			scene_random_region(METHOD_SHOW);
			frame = frame_made(&formats[_i], scene->width, scene->height, round - 1);
			test_random_fill(frame->plane[0], frame->bytes);
			frame->colour.full_range = round % 2;
			view = covered(&frame, &clean);
			for_each_byte(view, p, y, at) {
				struct owner owner = owner_of(view, p, y, at);
				/* The pixel beyond the edge of an odd width never shows. */
				bool black = owner.x >= scene->width ||
					     owner_marked(cell_of(owner), scene->surely);

				if (is_padding(view, p, at) || !black)
					continue;
				expect(*byte_at(view, p, y, at) == black_of(view, p, at),
				       "%s %ux%u: plane %u row %u byte %zu is not black",
				       view->format->name, view->width, view->height,
				       p, y, at);
			}
			clean_frame_free(&clean);
		}
}
END_TEST

START_TEST(what_no_region_touches_stays_as_it_was)
{
	static const enum method methods[] = { METHOD_FILL, METHOD_MOSAIC, METHOD_BLUR };

	for (unsigned s = 0; s < SIZES; s++)
		for (unsigned round = 0; round < rounds(s); round++) {
			struct frame *frame, *before;
			struct clean_frame *clean;
			const struct frame *view;

			scene_clear(sizes[s].width, sizes[s].height);
			scene_random_region(methods[round % 3]);
			frame = frame_made(&formats[_i], scene->width, scene->height, round - 1);
			before = frame_made(&formats[_i], scene->width, scene->height, round - 1);
			test_random_fill(frame->plane[0], frame->bytes);
			memcpy(before->plane[0], frame->plane[0], frame->bytes);
			view = covered(&frame, &clean);
			for_each_byte(view, p, y, at) {
				struct owner owner = owner_of(view, p, y, at);

				if (is_padding(view, p, at) || owner.x >= scene->width ||
				    owner_marked(cell_of(owner), scene->perhaps))
					continue;
				expect(*byte_at(view, p, y, at) == *byte_at(before, p, y, at),
				       "%s %ux%u: plane %u row %u byte %zu changed",
				       view->format->name, view->width, view->height,
				       p, y, at);
			}
			clean_frame_free(&clean);
			frame_free(&before);
		}
}
END_TEST

/* Room beyond the last row belongs to somebody else. */
START_TEST(nothing_is_written_outside_of_the_planes)
{
	for (unsigned s = 0; s < SIZES; s++) {
		struct frame *frame = frame_made(&formats[_i], sizes[s].width,
						 sizes[s].height, s % 5);
		struct frame *before = frame_made(&formats[_i], sizes[s].width,
						  sizes[s].height, s % 5);
		struct clean_frame *clean;
		const struct frame *view;

		test_random_fill(frame->plane[0], frame->bytes);
		memcpy(before->plane[0], frame->plane[0], frame->bytes);
		scene_clear(sizes[s].width, sizes[s].height);
		scene_rect((struct rect) { -1, -1, 99, 99 }, METHOD_FILL);
		scene_rect((struct rect) { -1, -1, 99, 99 }, METHOD_MOSAIC);
		scene_rect((struct rect) { -1, -1, 99, 99 }, METHOD_BLUR);
		view = covered(&frame, &clean);
		for (unsigned p = 0; p < view->format->planes; p++) {
			size_t used = rows_of(view, p) * view->stride[p];
			const uint8_t *end = p + 1 < view->format->planes ? view->plane[p + 1] :
					     view->plane[0] + view->bytes;

			ck_assert_mem_eq(view->plane[p] + used, before->plane[p] + used,
					 end - view->plane[p] - used);
		}
		clean_frame_free(&clean);
		frame_free(&before);
	}
}
END_TEST

/*
 * The region holds the canaries 1 and 254 in equal parts, which no method writes:
 * fill is black, a mosaic's levels are multiples of 16, a mean lies between.
 */
static void assert_no_canary(const struct format *format, enum method method,
			     unsigned width, unsigned height)
{
	struct frame *frame = frame_made(format, width, height, width % 7);
	struct clean_frame *clean;
	const struct frame *view;

	for (size_t i = 0; i < frame->bytes; i++)
		frame->plane[0][i] = test_random() % 2 ? 1 : 254;
	/* Each row of each channel has both, so that a mean of it is neither. */
	for_each_byte(frame, p, y, at)
		if (at / 4 < 2)
			*byte_at(frame, p, y, at) = (at / 4 + y) % 2 ? 1 : 254;
	scene_clear(width, height);
	scene_rect((struct rect) { 0, 0, width, height }, method);
	view = covered(&frame, &clean);
	for_each_byte(view, p, y, at)
		expect(*byte_at(view, p, y, at) != 1 && *byte_at(view, p, y, at) != 254,
		       "%s %ux%u: %s keeps plane %u row %u byte %zu",
		       format->name, width, height, method_name(method), p, y, at);
	clean_frame_free(&clean);
}

START_TEST(no_raw_byte_survives_in_a_region)
{
	static const enum method methods[] = { METHOD_FILL, METHOD_MOSAIC, METHOD_BLUR };

	for (unsigned m = 0; m < 3; m++)
		for (unsigned s = 0; s < SIZES; s++)
			assert_no_canary(&formats[_i], methods[m], sizes[s].width,
					 sizes[s].height);
}
END_TEST

/* A sanitizer sees when scratch memory is too short for it. */
START_TEST(the_longest_row_is_covered_to_its_end)
{
	static const enum method methods[] = { METHOD_FILL, METHOD_MOSAIC, METHOD_BLUR };

	for (unsigned m = 0; m < 3; m++) {
		const struct region region = {
			.box = { 0, 0, SCRIM_SIDE_MAX, 1 }, .method = methods[m],
		};
		struct clean_frame *clean;
		const struct frame *view;
		struct frame *frame;

		ck_assert_int_eq(frame_new(&frame, formats[_i].fourcc, SCRIM_SIDE_MAX, 1,
					   NULL), 0);
		for (size_t i = 0; i < frame->bytes; i++)
			frame->plane[0][i] = i / 4 % 2 ? 1 : 254;
		scene_clear(0, 0);
		regions_add(&scene->regions, &region);
		view = covered(&frame, &clean);
		for_each_byte(view, p, y, at)
			expect(*byte_at(view, p, y, at) != 1 &&
			       *byte_at(view, p, y, at) != 254, "byte %zu", at);
		clean_frame_free(&clean);
	}
}
END_TEST

static void assert_all_black(const struct frame *view, int doubt)
{
	for_each_byte(view, p, y, at) {
		int black = is_padding(view, p, at) ? 0 : black_of(view, p, at);

		expect(*byte_at(view, p, y, at) == black,
		       "%s, doubt %d: plane %u row %u byte %zu is not black",
		       view->format->name, doubt, p, y, at);
	}
}

enum doubt {
	DOUBT_COVERED,			/* regions_cover() was called */
	DOUBT_FULL,			/* more regions than fit */
	DOUBT_OVERRUN,			/* a count that cannot be */
	DOUBT_SHAPE,			/* drawn for another size */
	DOUBT_UNSET,			/* a region without a method */
	DOUBT_UNKNOWN,			/* a method that does not exist */
	DOUBT_TINY,			/* too small to be mixed with anything */
	DOUBTS,
};

static void scene_doubt(enum doubt doubt)
{
	const struct rect all = { 0, 0, 33, 17 };
	const struct rect corner = { 0, 0, 1, 1 };

	switch (doubt) {
	case DOUBT_COVERED:
		regions_cover(&scene->regions, "a test");
		break;
	case DOUBT_FULL:
		for (unsigned i = 0; i <= REGIONS_MAX; i++)
			scene_rect(corner, METHOD_FILL);
		break;
	case DOUBT_OVERRUN:
		scene->regions.count = REGIONS_MAX + 1;
		break;
	case DOUBT_SHAPE:
		scene->width--;
		scene_polygons(NULL, 0, true, METHOD_BLUR);
		break;
	case DOUBT_UNSET:
		scene_rect(all, METHOD_UNSET);
		break;
	case DOUBT_UNKNOWN:
		scene_rect(all, 77);
		break;
	case DOUBT_TINY:
		for (unsigned i = 0; i < 5 * 3; i++)
			scene_rect((struct rect) { i % 5 * 7, i / 5 * 7, 7, 7 }, METHOD_BLUR);
		break;
	case DOUBTS:
		break;
	}
}

START_TEST(doubt_hides)
{
	for (unsigned doubt = 0; doubt < DOUBTS; doubt++) {
		struct frame *frame = frame_made(&formats[_i], 33, 17, 5);
		struct clean_frame *clean;

		test_random_fill(frame->plane[0], frame->bytes);
		scene_clear(33, 17);
		scene_doubt(doubt);
		assert_all_black(covered(&frame, &clean), doubt);
		clean_frame_free(&clean);
	}
}
END_TEST

START_TEST(show_changes_nothing)
{
	struct frame *frame, *before;
	struct clean_frame *clean;
	const struct frame *view;

	ck_assert_int_eq(frame_new(&frame, formats[_i].fourcc, 32, 16, NULL), 0);
	ck_assert_int_eq(frame_new(&before, formats[_i].fourcc, 32, 16, NULL), 0);
	for (unsigned p = 0; p < formats[_i].planes; p++)
		for (unsigned y = 0; y < rows_of(frame, p); y++)
			test_random_fill(frame->plane[p] + y * frame->stride[p],
					 plane_row_bytes(&formats[_i].plane[p], 32));
	memcpy(before->plane[0], frame->plane[0], frame->bytes);
	scene_clear(32, 16);
	scene_rect((struct rect) { 0, 0, 32, 16 }, METHOD_SHOW);
	view = covered(&frame, &clean);
	ck_assert_mem_eq(view->plane[0], before->plane[0], view->bytes);
	clean_frame_free(&clean);
	frame_free(&before);
}
END_TEST

/* A picture of which each channel is a wave, along x or y; all of it softened. */
static const struct frame *softened(const struct format *format, enum method method,
				    unsigned width, unsigned height, double waves,
				    bool down, struct clean_frame **clean)
{
	const struct region region = { .box = { 0, 0, width, height }, .method = method };
	struct frame *frame = frame_made(format, width, height, -1);

	for_each_byte(frame, p, y, at) {
		struct owner owner = owner_of(frame, p, y, at);
		double along = down ? (owner.y + owner.h / 2.) / height :
				      (owner.x + owner.w / 2.) / width;

		*byte_at(frame, p, y, at) = lround(128 + 100 * cos(2 * M_PI * waves * along));
	}
	scene_clear(0, 0);
	regions_add(&scene->regions, &region);
	return covered(&frame, clean);
}

static bool is_alpha(const struct frame *frame, size_t at)
{
	return frame->format->fourcc == V4L2_PIX_FMT_ABGR32 && at % 4 == 3;
}

static void assert_flat(const struct frame *view)
{
	for_each_byte(view, p, y, at) {
		int off = *byte_at(view, p, y, at) - 128;

		if (is_padding(view, p, at) || owner_of(view, p, y, at).x >= view->width)
			continue;
		if (is_alpha(view, at))
			expect(off == 127, "transparent");
		else	/* exp(-2 (pi sigma f)^2), sigma 1/4, f 2: 0.7 of 100. */
			expect(abs(off) <= 2, "%s: %d", view->format->name, off);
	}
}

START_TEST(blur_leaves_no_wave_shorter_than_half_the_region)
{
	static const unsigned lengths[] = { 32, 48, 200, 333 };

	for (unsigned i = 0; i < 8; i++) {
		unsigned length = lengths[i / 2];
		bool down = i % 2;
		struct clean_frame *clean;

		assert_flat(softened(&formats[_i], METHOD_BLUR, down ? 24 : length,
				     down ? length : 24, 2, down, &clean));
		clean_frame_free(&clean);
	}
}
END_TEST

/* Half a wave passes, so that the above is not fulfilled by a constant. */
START_TEST(blur_keeps_what_is_coarse)
{
	for (unsigned down = 0; down < 2; down++) {
		struct clean_frame *clean;
		const struct frame *view = softened(&formats[_i], METHOD_BLUR, 120, 120, .5,
						    down, &clean);
		size_t bytes = plane_row_bytes(view->format->plane, 120);
		/* From one pixel's first sample to the next one's. */
		size_t step = down ? view->stride[0] :
			      bytes / 120 * view->format->plane[0].cell_w;
		const uint8_t *first = view->plane[0], *last = first + 119 * step;

		if (view->format->plane[0].cell_w == 2 && !down)
			last = first + 59 * step;
		for (const uint8_t *at = first + step; at <= last; at += step)
			expect(*at <= at[-(ptrdiff_t)step], "rises");
		ck_assert_int_gt(*first, 128 + 20);
		ck_assert_int_lt(*last, 128 - 20);
		clean_frame_free(&clean);
	}
}
END_TEST

/* Along one row, or down one column, of a channel. */
static void assert_cells(const uint8_t *at, size_t step, unsigned count)
{
	unsigned cells = 1;

	for (unsigned i = 0; i < count; i++) {
		expect(at[i * step] % 16 == 0, "level %u", at[i * step]);
		cells += i && at[i * step] != at[(i - 1) * step];
	}
	ck_assert_uint_le(cells, 6);
	/* Half a wave is not one colour. */
	ck_assert(cells > 1 || count < 20);
}

START_TEST(a_mosaic_has_at_most_6_cells_and_16_levels)
{
	static const struct {
		unsigned width, height;
	} known[] = { { 8, 8 }, { 12, 9 }, { 100, 30 }, { 30, 100 }, { 334, 70 } };

	for (unsigned i = 0; i < 10; i++) {
		unsigned w = known[i / 2].width, h = known[i / 2].height;
		bool down = i % 2;
		struct clean_frame *clean;
		const struct frame *view = softened(&formats[_i], METHOD_MOSAIC, w, h,
						    .5, down, &clean);

		for (unsigned p = 0; p < view->format->planes; p++) {
			const struct plane_format *plane = &view->format->plane[p];

			for (unsigned c = 0; c < plane->channels; c++) {
				unsigned step = plane->channel[c].step;
				const uint8_t *at = view->plane[p] + plane->channel[c].at;

				if (down)
					assert_cells(at, view->stride[p], rows_of(view, p));
				else
					assert_cells(at, step, plane_row_bytes(plane, w) / step);
			}
		}
		for_each_byte(view, p, y, at)
			expect(!is_alpha(view, at) || is_padding(view, p, at) ||
			       *byte_at(view, p, y, at) == 255, "transparent");
		clean_frame_free(&clean);
	}
}
END_TEST

static struct clean_frame *grey_mosaic(struct redactor *with)
{
	struct clean_frame *clean;
	struct frame *frame;

	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_GREY, 60, 60, NULL), 0);
	memset(frame->plane[0], 99, frame->bytes);
	scene_clear(60, 60);
	scene_rect((struct rect) { 0, 0, 60, 60 }, METHOD_MOSAIC);
	ck_assert_int_eq(redact(with, &frame, &scene->regions, &clean, NULL), 0);
	return clean;
}

START_TEST(noise_of_a_mosaic_is_secret_and_cannot_be_averaged_away)
{
	struct redactor *other;
	struct clean_frame *first = grey_mosaic(redactor), *again = grey_mosaic(redactor);
	struct clean_frame *foreign;
	const struct frame *view = clean_frame_view(first);
	unsigned low = 0;

	ck_assert_int_eq(redactor_new(&other, NULL), 0);
	foreign = grey_mosaic(other);
	ck_assert_mem_eq(view->plane[0], clean_frame_view(again)->plane[0], view->bytes);
	ck_assert_mem_ne(view->plane[0], clean_frame_view(foreign)->plane[0], view->bytes);
	/* 99 lies between the levels 96 and 112: some cells become one, some the other. */
	for (unsigned i = 0; i < 36; i++)
		low += *byte_at(view, 0, i / 6 * 10, i % 6 * 10) == 96;
	ck_assert_uint_gt(low, 0);
	clean_frame_free(&first);
	clean_frame_free(&again);
	clean_frame_free(&foreign);
	redactor_free(&other);
}
END_TEST

START_TEST(redaction_needs_no_memory)
{
	struct frame *frame = frame_made(&formats[_i], 64, 48, 3);
	struct clean_frame *clean;
	bool failed;
	int ret;

	scene_clear(64, 48);
	scene_random_region(METHOD_FILL);
	scene_random_region(METHOD_MOSAIC);
	scene_random_region(METHOD_BLUR);
	test_alloc_fail_at(1);
	ret = redact(redactor, &frame, &scene->regions, &clean, NULL);
	failed = test_alloc_failed();
	test_alloc_fail_at(0);
	ck_assert(!failed && !ret && !frame);
	clean_frame_free(&clean);
	ck_assert_ptr_null(clean);
	clean_frame_free(&clean);
}
END_TEST

START_TEST(a_redactor_without_memory_is_an_error)
{
	struct redactor *none = (void *)1;
	int ret;

	test_alloc_fail_at(1);
	ret = redactor_new(&none, NULL);
	test_alloc_fail_at(0);
	ck_assert_int_eq(ret, -ENOMEM);
	ck_assert_ptr_null(none);
	redactor_free(&none);
}
END_TEST

Suite *redact_suite(void)
{
	Suite *suite = suite_create("redact");
	TCase *tcase = tcase_create("redact");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, what_is_under_a_filled_region_leaves_no_trace,
			    0, formats_count);
	tcase_add_loop_test(tcase, a_region_at_an_edge_leaves_no_trace, 0, formats_count);
	tcase_add_loop_test(tcase, fill_is_black_and_wins_over_every_other_method,
			    0, formats_count);
	tcase_add_loop_test(tcase, what_no_region_touches_stays_as_it_was,
			    0, formats_count);
	tcase_add_loop_test(tcase, nothing_is_written_outside_of_the_planes,
			    0, formats_count);
	tcase_add_loop_test(tcase, no_raw_byte_survives_in_a_region, 0, formats_count);
	tcase_add_loop_test(tcase, the_longest_row_is_covered_to_its_end,
			    0, formats_count);
	tcase_add_loop_test(tcase, doubt_hides, 0, formats_count);
	tcase_add_loop_test(tcase, show_changes_nothing, 0, formats_count);
	tcase_add_loop_test(tcase, blur_leaves_no_wave_shorter_than_half_the_region,
			    0, formats_count);
	tcase_add_loop_test(tcase, blur_keeps_what_is_coarse, 0, formats_count);
	tcase_add_loop_test(tcase, a_mosaic_has_at_most_6_cells_and_16_levels,
			    0, formats_count);
	tcase_add_test(tcase, noise_of_a_mosaic_is_secret_and_cannot_be_averaged_away);
	tcase_add_loop_test(tcase, redaction_needs_no_memory, 0, formats_count);
	tcase_add_test(tcase, a_redactor_without_memory_is_an_error);
	suite_add_tcase(suite, tcase);
	return suite;
}
