// SPDX-License-Identifier: GPL-2.0
/*
 * What a person is shown: letters that can be read, lines where the fractions are, a
 * terminal that gets no more than it has room for, and black only when nothing else came.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "look/chart.h"
#include "look/font.h"
#include "look/terminal.h"
#include "look/view.h"

#define CANARY	0x5a

static const struct ink white = { 0xff, 0xff, 0xff };

static struct paper blank(unsigned width, unsigned height, uint8_t value)
{
	struct paper paper;

	ck_assert_int_eq(paper_new(&paper, width, height, NULL), 0);
	memset(paper.rgb, value, (size_t)width * height * 3);
	return paper;
}

static struct ink at(const struct paper *paper, unsigned x, unsigned y)
{
	struct ink ink;

	ck_assert(x < paper->width && y < paper->height);
	memcpy(&ink, paper->rgb + ((size_t)y * paper->width + x) * 3, 3);
	return ink;
}

static bool same(struct ink a, struct ink b)
{
	return !memcmp(&a, &b, sizeof(a));
}

static unsigned count(const struct paper *paper, struct ink ink)
{
	unsigned found = 0;

	for (unsigned y = 0; y < paper->height; y++)
		for (unsigned x = 0; x < paper->width; x++)
			found += same(at(paper, x, y), ink);
	return found;
}

START_TEST(no_two_letters_look_alike)
{
	for (char a = '!'; a <= '~'; a++) {
		uint8_t dots = 0;

		for (unsigned row = 0; row < FONT_H; row++) {
			ck_assert_uint_lt(font_rows(a)[row], 1 << FONT_W);
			dots |= font_rows(a)[row];
		}
		ck_assert_msg(dots, "'%c' is empty", a);
		for (char b = a + 1; b <= '~'; b++)
			ck_assert_msg(memcmp(font_rows(a), font_rows(b), FONT_H), "'%c' is '%c'", a, b);
	}
	ck_assert_ptr_eq(font_rows('\n'), font_rows('?'));
	ck_assert_ptr_eq(font_rows('\x7f'), font_rows('?'));
	ck_assert_ptr_eq(font_rows((char)0xe4), font_rows('?'));
}
END_TEST

START_TEST(words_stay_on_their_ground)
{
	unsigned zoom = _i + 1, w = words_width("0.25", zoom), h = words_height(zoom);
	struct paper paper = blank(w + 6, h + 6, CANARY);
	unsigned ground = 0;

	paper_words(&paper, 3, 3, "0.25", zoom, white);
	for (unsigned y = 0; y < paper.height; y++)
		for (unsigned x = 0; x < paper.width; x++) {
			bool in = x >= 3 && x < 3 + w && y >= 3 && y < 3 + h;

			ck_assert_int_eq(at(&paper, x, y).g != CANARY, in);
			ground += in && same(at(&paper, x, y), white);
		}
	ck_assert_uint_gt(ground, 0);
	ck_assert_uint_eq(ground % (zoom * zoom), 0);
	/* Around the letters there is black. */
	for (unsigned x = 3; x < 3 + w; x++)
		ck_assert(!same(at(&paper, x, 3), white) && !same(at(&paper, x, 2 + h), white));
	paper_free(&paper);
}
END_TEST

START_TEST(what_is_off_the_paper_is_not_drawn)
{
	struct paper paper = blank(20, 10, 0);
	const struct polygon large = { 3, { { -50, -50 }, { 2, 0 }, { 0, 2 } } };

	paper_words(&paper, -30, -30, "words", 3, white);
	paper_words(&paper, 19, 9, "words", 3, white);
	paper_words(&paper, INT16_MAX, INT16_MAX, "words", 3, white);
	ck_assert_uint_eq(count(&paper, white), 0);
	paper_line(&paper, -5, 3, 40, 3, 2, white);
	ck_assert_uint_eq(count(&paper, white), 40);
	paper_outline(&paper, &large, 3, white);
	paper_free(&paper);
}
END_TEST

START_TEST(a_line_has_both_its_ends)
{
	static const int ends[][4] = {
		{ 2, 3, 30, 3 }, { 5, 19, 5, 0 }, { 0, 0, 31, 19 }, { 31, 0, 0, 19 }, { 30, 19, 2, 18 },
		{ 7, 7, 7, 7 }, { 3, 19, 9, 0 },
	};
	const int *e = ends[_i];
	int longer = abs(e[2] - e[0]) > abs(e[3] - e[1]) ? abs(e[2] - e[0]) : abs(e[3] - e[1]);
	struct paper paper = blank(32, 20, 0);

	paper_line(&paper, e[0], e[1], e[2], e[3], 1, white);
	ck_assert(same(at(&paper, e[0], e[1]), white));
	ck_assert(same(at(&paper, e[2], e[3]), white));
	ck_assert_uint_eq(count(&paper, white), longer + 1);
	/* And what is between them is no more than half a pixel away from it. */
	for (int y = 0; y < 20; y++)
		for (int x = 0; x < 32; x++)
			ck_assert(!same(at(&paper, x, y), white) ||
				  2 * abs((e[2] - e[0]) * (y - e[1]) - (e[3] - e[1]) * (x - e[0])) <= longer);
	paper_free(&paper);
}
END_TEST

START_TEST(an_outline_goes_all_the_way_around)
{
	const struct polygon all = { 4, { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } } };
	struct paper paper = blank(30, 20, 0);

	paper_outline(&paper, &all, 1, white);
	ck_assert_uint_eq(count(&paper, white), 2 * 30 + 2 * 18);
	ck_assert(same(at(&paper, 29, 19), white) && same(at(&paper, 0, 10), white));
	paper_free(&paper);
}
END_TEST

START_TEST(no_paper_is_larger_than_a_picture)
{
	struct paper paper;
	struct scrim_error err;
	int ret;

	ck_assert_int_eq(paper_new(&paper, SCRIM_SIDE_MAX, SCRIM_SIDE_MAX, &err), -EFBIG);
	ck_assert_int_eq(paper_new(&paper, 0, 5, &err), -EFBIG);
	ck_assert_ptr_null(paper.rgb);
	test_alloc_fail_at(1);
	ret = paper_new(&paper, 5, 5, &err);
	test_alloc_fail_at(0);
	ck_assert_int_eq(ret, -ENOMEM);
}
END_TEST

/* One region with these corners. */
static struct policy policy_with(const char *corners, bool locked)
{
	struct policy policy = { .regions = 1 };

	strcpy(policy.region[0].name, "street");
	policy.region[0].method = METHOD_FILL;
	policy.region[0].locked = locked;
	ck_assert_int_eq(polygon_parse(&policy.region[0].polygon, corners, NULL), 0);
	return policy;
}

START_TEST(grid_lines_are_where_their_fractions_are)
{
	static const unsigned grids[] = { 2, 10, 20, 50 };
	unsigned grid = grids[_i];
	struct paper paper = blank(641, 361, CANARY);

	chart_draw(&paper, NULL, grid);
	for (unsigned i = 0; i <= grid; i++) {
		ck_assert_uint_ne(at(&paper, 640 * i / grid, 358).g, CANARY);
		ck_assert_uint_ne(at(&paper, 638, 360 * i / grid).g, CANARY);
	}
	for (unsigned i = grid / 2; i < grid; i++)
		ck_assert_uint_eq(at(&paper, 640 * i / grid + 6, 360 * (grid - 1) / grid + 3).g, CANARY);
	paper_free(&paper);
}
END_TEST

/* The word at x,y is this one: drawing it again changes nothing. */
static bool reads(const struct paper *paper, unsigned x, unsigned y, const char *text,
		  struct ink ink)
{
	struct paper again = blank(paper->width, paper->height, 0);
	size_t bytes = (size_t)paper->width * paper->height * 3;
	bool alike;

	memcpy(again.rgb, paper->rgb, bytes);
	paper_words(&again, x, y, text, 1, ink);
	alike = !memcmp(again.rgb, paper->rgb, bytes);
	paper_free(&again);
	return alike;
}

START_TEST(grid_lines_say_their_fractions)
{
	struct paper paper = blank(641, 361, CANARY);

	chart_draw(&paper, NULL, 10);
	ck_assert(reads(&paper, 64 * 3 + 1, 1, "0.3", white));
	ck_assert(!reads(&paper, 64 * 3 + 1, 1, "0.4", white));
	ck_assert(reads(&paper, 1, 36 * 7 + 1, "0.7", white));
	memset(paper.rgb, CANARY, 641 * 361 * 3);
	chart_draw(&paper, NULL, 20);
	ck_assert(reads(&paper, 32 * 3 + 1, 1, "0.15", white));
	ck_assert(reads(&paper, 32 * 4 + 1, 1, "0.2", white));
	/* Where there is no room some are left out; none runs into the next. */
	memset(paper.rgb, CANARY, 641 * 361 * 3);
	chart_draw(&paper, NULL, 50);
	ck_assert(reads(&paper, 640 * 2 / 50 + 1, 1, "0.04", white));
	ck_assert(!reads(&paper, 640 / 50 + 1, 1, "0.02", white));
	paper_free(&paper);
}
END_TEST

START_TEST(regions_are_outlined_and_named)
{
	static const struct ink yellow = { 0xff, 0xff, 0 }, red = { 0xff, 0, 0 };
	struct policy policy = policy_with("0.25,0.5 0.75,0.5 0.75,1 0.25,1", _i);
	struct ink ink = _i ? red : yellow;
	const char *name = _i ? "street: fill, locked" : "street: fill";
	struct paper paper = blank(641, 361, CANARY);

	chart_draw(&paper, &policy, 10);
	ck_assert(same(at(&paper, 160, 180), ink) && same(at(&paper, 480, 180), ink));
	ck_assert(same(at(&paper, 160, 360), ink) && same(at(&paper, 480, 360), ink));
	ck_assert(same(at(&paper, 330, 180), ink) && same(at(&paper, 480, 270), ink));
	ck_assert(reads(&paper, 163, 183, name, ink));
	ck_assert_uint_eq(count(&paper, _i ? yellow : red), 0);
	ck_assert_uint_eq(at(&paper, 335, 303).g, CANARY);
	paper_free(&paper);
}
END_TEST

START_TEST(a_name_at_the_edge_is_whole)
{
	struct policy policy = policy_with("0.99,0.99 1,0.99 1,1", true);
	struct paper paper = blank(320, 240, CANARY);
	unsigned w = words_width("street: fill, locked", 1), h = words_height(1);

	chart_draw(&paper, &policy, 10);
	ck_assert(reads(&paper, 320 - w, 240 - h, "street: fill, locked", (struct ink){ 0xff, 0, 0 }));
	paper_free(&paper);
}
END_TEST

START_TEST(any_picture_takes_a_chart)
{
	static const unsigned sizes[][2] = { { 1, 1 }, { 2, 300 }, { 300, 2 }, { 16, 16 }, { 1920, 1080 } };
	struct policy policy = policy_with("0,0 1,0 1,1 0,1", true);
	struct paper paper = blank(sizes[_i][0], sizes[_i][1], CANARY);

	chart_draw(&paper, &policy, CHART_GRID_MAX);
	ck_assert_uint_ne(at(&paper, paper.width - 1, paper.height - 1).g, CANARY);
	paper_free(&paper);
}
END_TEST

/* What goes to a terminal of that size; good until the next one. */
static const char *shown(const struct paper *paper, unsigned columns, unsigned rows)
{
	static char text[1 << 18];
	int fd = memfd_create("terminal", MFD_CLOEXEC);
	ssize_t n;

	ck_assert_int_eq(terminal_show(paper, columns, rows, fd, NULL), 0);
	n = pread(fd, text, sizeof(text) - 1, 0);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static unsigned occurs(const char *text, const char *what)
{
	unsigned found = 0;

	while ((text = strstr(text, what))) {
		found++;
		text += strlen(what);
	}
	return found;
}

START_TEST(a_cell_is_two_pixels)
{
	struct paper paper = blank(2, 3, 0);

	for (unsigned i = 0; i < 18; i++)
		paper.rgb[i] = i * 10;
	ck_assert_str_eq(shown(&paper, 80, 24),
		"\033[38;2;0;10;20;48;2;60;70;80m\u2580\033[38;2;30;40;50;48;2;90;100;110m\u2580\033[0m\n"
		"\033[0;38;2;120;130;140m\u2580\033[0;38;2;150;160;170m\u2580\033[0m\n");
	paper_free(&paper);
}
END_TEST

START_TEST(many_pixels_become_their_mean)
{
	struct paper paper = blank(4, 8, 0);

	memset(paper.rgb, 30, 24);			/* two rows each */
	memset(paper.rgb + 24, 50, 24);
	memset(paper.rgb + 48, 100, 48);
	ck_assert_str_eq(shown(&paper, 1, 24), "\033[38;2;40;40;40;48;2;100;100;100m\u2580\033[0m\n");
	paper_free(&paper);
}
END_TEST

START_TEST(a_terminal_gets_what_it_has_room_for)
{
	static const unsigned sizes[][6] = {	/* picture, terminal, then what it comes to */
		{ 640, 360, 80, 24, 80, 23 },	/* 80x45 dots */
		{ 640, 360, 200, 24, 85, 24 },
		{ 32, 24, 40, 20, 32, 12 },	/* never enlarged */
		{ 1, 4000, 80, 24, 1, 24 },
		{ 4000, 1, 80, 24, 80, 1 },
		{ 100, 100, 0, 0, 1, 1 },
	};
	const unsigned *s = sizes[_i];
	struct paper paper = blank(s[0], s[1], 77);
	const char *text = shown(&paper, s[2], s[3]);

	ck_assert_uint_eq(occurs(text, "\n"), s[5]);
	ck_assert_uint_eq(occurs(text, "\u2580"), s[4] * s[5]);
	ck_assert_uint_eq(occurs(text, "\033[0m\n"), s[5]);
	paper_free(&paper);
}
END_TEST

START_TEST(longest_cells_fit_into_a_line)
{
	struct paper paper = blank(200, 3, 0xff);
	const char *text = shown(&paper, 200, 100);
	int ret;

	ck_assert_uint_eq(occurs(text, "255"), 200 * 9);
	test_alloc_fail_at(1);
	ret = terminal_show(&paper, 10, 10, 1, NULL);
	test_alloc_fail_at(0);
	ck_assert_int_eq(ret, -ENOMEM);
	paper_free(&paper);
}
END_TEST

/* A camera of 4x2 pixels that shows these greys, half a second apart, then ends. */
struct greys {
	struct source base;
	const uint8_t *luma;
	unsigned at, count;
	int end;
};

static int greys_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	struct greys *g = (struct greys *)source;

	if (g->at == g->count)
		return g->end ? fail(err, g->end, "the camera is gone") : 0;
	ck_assert_int_eq(frame_new(frame, V4L2_PIX_FMT_GREY, 4, 2, err), 0);
	for (unsigned y = 0; y < 2; y++)
		memset((*frame)->plane[0] + y * (*frame)->stride[0], g->luma[g->at], 4);
	(*frame)->colour.full_range = true;
	(*frame)->time_ns = g->at++ * INT64_C(500000000) + 7;
	return 1;
}

static const struct source_ops greys_ops = { .next = greys_next };

static int see(struct greys *g, const uint8_t *luma, unsigned shots, unsigned wait,
	       struct paper *paper, bool *black)
{
	*g = (struct greys){ .base.ops = &greys_ops, .luma = luma, .count = shots, .end = g->end };
	return view_picture(&g->base, wait, paper, black, NULL);
}

START_TEST(a_picture_is_waited_for)
{
	static const uint8_t luma[] = { 0, 0, 3, 200, 0 };
	struct paper paper = blank(4, 2, CANARY);
	struct greys g = { 0 };
	bool black = true;

	ck_assert_int_eq(see(&g, luma, 5, 10000, &paper, &black), 0);
	ck_assert(!black);
	ck_assert_uint_eq(g.at, 4);
	ck_assert_uint_eq(count(&paper, (struct ink){ 200, 200, 200 }), 8);
	paper_free(&paper);
}
END_TEST

START_TEST(black_is_what_comes_when_nothing_else_does)
{
	static const uint8_t luma[] = { 0, 0, 0, 200 };
	struct paper paper = blank(4, 2, CANARY);
	struct greys g = { 0 };
	bool black = false;

	ck_assert_int_eq(see(&g, luma, 4, 1000, &paper, &black), 0);
	ck_assert(black);
	ck_assert_uint_eq(g.at, 3);
	ck_assert_uint_eq(count(&paper, (struct ink){ 0, 0, 0 }), 8);
	ck_assert_int_eq(see(&g, luma, 4, 0, &paper, &black), 0);
	ck_assert_uint_eq(g.at, 1);
	paper_free(&paper);
}
END_TEST

START_TEST(one_bright_pixel_is_not_black)
{
	struct paper paper = blank(4, 2, 0);
	struct greys g = { 0 };
	static const uint8_t luma[] = { 9 };
	bool black = true;

	ck_assert_int_eq(see(&g, luma, 1, 0, &paper, &black), 0);
	ck_assert(!black);
	paper_free(&paper);
}
END_TEST

START_TEST(a_camera_that_ends_is_an_error)
{
	static const uint8_t luma[] = { 0, 0 };
	struct paper paper = blank(4, 2, 0);
	struct greys g = { 0 };
	bool black = false;

	ck_assert_int_eq(see(&g, luma, 2, 10000, &paper, &black), -ENODATA);
	g.end = -ENODEV;
	ck_assert_int_eq(see(&g, luma, 2, 10000, &paper, &black), -ENODEV);
	paper_free(&paper);
}
END_TEST

START_TEST(a_picture_is_written_as_it_is)
{
	struct paper paper = blank(37, 11, 0);
	struct source *source = NULL;
	struct frame *frame = NULL;
	int fd = memfd_create("png", MFD_CLOEXEC);

	test_random_fill(paper.rgb, 37 * 11 * 3);
	ck_assert_int_eq(view_write(&paper, 0, 0, fd, NULL), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(source_av(&source, fd, "view.png", NULL), 0);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	ck_assert_uint_eq(frame->format->fourcc, V4L2_PIX_FMT_RGB24);
	ck_assert(frame->width == 37 && frame->height == 11);
	for (unsigned y = 0; y < 11; y++)
		ck_assert_mem_eq(frame->plane[0] + y * frame->stride[0], paper.rgb + y * 37 * 3, 37 * 3);
	frame_free(&frame);
	source_free(&source);
	close(fd);
	paper_free(&paper);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	struct paper paper = blank(37, 11, 0);
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	close(pipes[0]);
	ck_assert_int_eq(view_write(&paper, _i ? 10 : 0, 10, pipes[1], NULL), -EIO);
	close(pipes[1]);
	paper_free(&paper);
}
END_TEST

START_TEST(what_is_no_camera_is_said)
{
	struct scrim_error err;
	struct view view;

	ck_assert_int_eq(view_take(&view, "/dev/null", 10, &err), -ENODEV);
	ck_assert_str_eq(err.text, "/dev/null is no camera");
	ck_assert_int_eq(view_take(&view, "/nowhere", 10, &err), -ENOENT);
	ck_assert_ptr_null(view.paper.rgb);
}
END_TEST

Suite *look_suite(void)
{
	Suite *suite = suite_create("look");
	TCase *tc = tcase_create("look");

	tcase_add_test(tc, no_two_letters_look_alike);
	tcase_add_loop_test(tc, words_stay_on_their_ground, 0, 3);
	tcase_add_test(tc, what_is_off_the_paper_is_not_drawn);
	tcase_add_loop_test(tc, a_line_has_both_its_ends, 0, 7);
	tcase_add_test(tc, an_outline_goes_all_the_way_around);
	tcase_add_test(tc, no_paper_is_larger_than_a_picture);
	tcase_add_loop_test(tc, grid_lines_are_where_their_fractions_are, 0, 4);
	tcase_add_test(tc, grid_lines_say_their_fractions);
	tcase_add_loop_test(tc, regions_are_outlined_and_named, 0, 2);
	tcase_add_test(tc, a_name_at_the_edge_is_whole);
	tcase_add_loop_test(tc, any_picture_takes_a_chart, 0, 5);
	tcase_add_test(tc, a_cell_is_two_pixels);
	tcase_add_test(tc, many_pixels_become_their_mean);
	tcase_add_loop_test(tc, a_terminal_gets_what_it_has_room_for, 0, 6);
	tcase_add_test(tc, longest_cells_fit_into_a_line);
	tcase_add_test(tc, a_picture_is_waited_for);
	tcase_add_test(tc, black_is_what_comes_when_nothing_else_does);
	tcase_add_test(tc, one_bright_pixel_is_not_black);
	tcase_add_test(tc, a_camera_that_ends_is_an_error);
	tcase_add_test(tc, a_picture_is_written_as_it_is);
	tcase_add_loop_test(tc, a_full_disk_is_an_error, 0, 2);
	tcase_add_test(tc, what_is_no_camera_is_said);
	suite_add_tcase(suite, tc);
	return suite;
}
