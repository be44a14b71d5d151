// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/import.h"
#include "policy/write.h"

static struct import import;
static struct scrim_error err;

static int fd_with(const void *bytes, size_t size)
{
	int fd = memfd_create("mask", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int read_motion(const void *bytes, size_t size)
{
	int fd = fd_with(bytes, size), ret;

	memset(&import, 0x55, sizeof(import));
	ret = import_motion(&import, fd, "mask.pgm", &err);
	close(fd);
	return ret;
}

static int read_config(const char *text, unsigned width, unsigned height)
{
	int fd = fd_with(text, strlen(text)), ret;

	memset(&import, 0x55, sizeof(import));
	ret = import_frigate_config(&import, fd, "config.yml", width, height, &err);
	close(fd);
	return ret;
}

static struct shape *draw(unsigned width, unsigned height)
{
	struct polygon *polygons = calloc(IMPORTS_MAX, sizeof(*polygons));
	struct shape *shape = NULL;

	ck_assert(import_is_sound(&import));
	for (unsigned i = 0; i < import.count; i++)
		polygons[i] = import.at[i].polygon;
	ck_assert_int_eq(shape_draw(&shape, polygons, import.count, false, width, height, &err), 0);
	free(polygons);
	return shape;
}

static bool has(const struct shape *shape, unsigned x, unsigned y)
{
	for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++)
		if (x >= shape->span[i].from && x < shape->span[i].to)
			return true;
	return false;
}

/* Whether it is covered, in a picture `by` times as large. */
static void assert_covered(const uint8_t *mask, unsigned width, unsigned height, unsigned by)
{
	struct shape *shape = draw(width * by, height * by);
	unsigned missed = 0;

	for (unsigned y = 0; y < height * by; y++)
		for (unsigned x = 0; x < width * by; x++)
			missed += mask[y / by * width + x / by] < 255 && !has(shape, x, y);
	ck_assert_msg(!missed, "%u pixels are open in %ux%u times %u", missed, width, height, by);
	shape_free(&shape);
}

/* Discs and boxes; _i: so many, noise in the last. */
static void random_mask(uint8_t *mask, unsigned width, unsigned height, int shapes)
{
	memset(mask, 255, width * height);
	for (int i = 0; i < shapes; i++) {
		int cx = test_random() % width, cy = test_random() % height;
		int w = test_random() % 20, h = test_random() % 20, disc = test_random() % 2;

		for (int y = 0; y < (int)height; y++)
			for (int x = 0; x < (int)width; x++)
				if (disc ? (x - cx) * (x - cx) + (y - cy) * (y - cy) <= w * w :
				    abs(x - cx) <= w && abs(y - cy) <= h)
					mask[y * width + x] = i % 2 ? 0 : 254;
	}
	for (unsigned i = 0; shapes == 9 && i < width * height; i++)
		if (test_random() % 2)
			mask[i] = 0;
}

START_TEST(every_pixel_that_motion_masks_is_covered)
{
	for (int shapes = 1; shapes < 10; shapes++) {
		unsigned width = 1 + test_random() % 90, height = 1 + test_random() % 70;
		uint8_t bytes[64 + 90 * 70];
		int head = sprintf((char *)bytes, "P5\n# by hand\n%u %u\n255\n", width, height);

		random_mask(bytes + head, width, height, shapes);
		if (read_motion(bytes, head + width * height) < 0) {
			ck_assert_str_eq(err.text, "mask.pgm: all of it is white, nothing is masked");
			continue;
		}
		ck_assert_uint_le(import.count, POLICY_REGIONS_MAX);
		assert_covered(bytes + head, width, height, 1);
		assert_covered(bytes + head, width, height, 3);
	}
}
END_TEST

static const struct {
	const char *text, *polygon;
} masks[] = {
	{ "P2 4 2 1  0 0 1 1  0 0 1 1", "0.5,0 0.5,1 0,1 0,0" },
	{ "P2 # x\n4 2 # y\n255\n255 255 255 255 255 254 255 255\n", "0.5,0.5 0.5,1 0.25,1 0.25,0.5" },
	{ "P5 2 2 255\n\xff\xff\xff\x00", "1,0.5 1,1 0.5,1 0.5,0.5" },
	{ "P5 1 2 65535\n\xff\xff\xff\xfe", "1,0.5 1,1 0,1 0,0.5" },
	/* One stands on the other. */
	{ "P2 4 2 1  0 0 0 0  1 0 0 1", "1,0 1,0.5 0.75,0.5 0.75,1 0.25,1 0.25,0.5 0,0.5 0,0" },
};

START_TEST(a_mask_without_slants_is_had_exactly)
{
	char polygon[POLYGON_TEXT_MAX];
	size_t size = strlen(masks[_i].text);

	if (!strncmp(masks[_i].text, "P5 2", 4))
		size++;		/* the last sample is 0 */
	ck_assert_msg(read_motion(masks[_i].text, size) == 0, "%s", err.text);
	ck_assert_uint_eq(import.count, 1);
	polygon_write(polygon, &import.at[0].polygon);
	ck_assert_str_eq(polygon, masks[_i].polygon);
	ck_assert_str_eq(import.at[0].name, "mask");
}
END_TEST

START_TEST(places_that_do_not_stand_on_each_other_are_regions_of_their_own)
{
	static const char corners[] = "P2 4 2 1  0 1 1 1  1 1 0 1";

	ck_assert_int_eq(read_motion(corners, strlen(corners)), 0);
	ck_assert_uint_eq(import.count, 2);
	ck_assert_str_eq(import.at[1].name, "mask-2");
}
END_TEST

START_TEST(more_places_than_regions_are_covered_in_coarser_steps)
{
	uint8_t bytes[64 + 30 * 30];
	int head = sprintf((char *)bytes, "P5 30 30 255\n");

	for (int i = 0; i < 900; i++)
		bytes[head + i] = i % 3 || i / 30 % 3 ? 255 : 0;
	ck_assert_int_eq(read_motion(bytes, head + 900), 0);
	ck_assert_uint_le(import.count, POLICY_REGIONS_MAX);
	assert_covered(bytes + head, 30, 30, 1);
}
END_TEST

START_TEST(what_is_no_mask_is_refused)
{
	static const struct {
		const char *text, *error;
		int ret;
	} cases[] = {
		{ "", "this is no PGM picture", -EBADMSG },
		{ "P6 1 1 255\n   ", "this is no PGM picture", -EBADMSG },
		{ "P5 1 1 255", "its PGM header is damaged", -EBADMSG },
		{ "P5 0 1 255\n ", "its PGM header is damaged", -EBADMSG },
		{ "P5 1 1 0\n ", "its PGM header is damaged", -EBADMSG },
		{ "P5 1 1 65536\n  ", "its PGM header is damaged", -EBADMSG },
		{ "P5 -1 1 255\n ", "its PGM header is damaged", -EBADMSG },
		{ "P5 1 12345678901 255\n ", "its PGM header is damaged", -EBADMSG },
		{ "P5 99999 1 255\n ", "a picture of 99999x1 is too large", -EFBIG },
		{ "P5 32768 32768 255\n ", "a picture of 32768x32768 is too large", -EFBIG },
		{ "P5 2 2 255\n   ", "the picture is damaged or cut short", -EBADMSG },
		{ "P5 1 1 65535\n ", "the picture is damaged or cut short", -EBADMSG },
		{ "P2 2 2 255 1 2 3", "the picture is damaged or cut short", -EBADMSG },
		{ "P2 2 1 255 1 256", "the picture is damaged or cut short", -EBADMSG },
		{ "P2 2 1 255 255 255", "all of it is white", -ENOENT },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ret = read_motion(cases[i].text, strlen(cases[i].text));

		ck_assert_msg(ret == cases[i].ret && strstr(err.text, cases[i].error), "%s: %d %s",
			      cases[i].text, ret, err.text);
	}
}
END_TEST

START_TEST(a_zone_of_zoneminder_covers_each_pixel_that_it_names)
{
	import.count = 0;
	ck_assert_int_eq(import_zoneminder(&import, "10,20 29,20 29,39 10,39", 64, 48, &err), 0);
	struct shape *shape = draw(64, 48);

	for (unsigned y = 0; y < 48; y++)
		for (unsigned x = 0; x < 64; x++)
			if (x >= 10 && x <= 29 && y >= 20 && y <= 39)
				ck_assert_msg(has(shape, x, y), "%u,%u", x, y);
			else if (x < 9 || x > 30 || y < 19 || y > 40)
				ck_assert_msg(!has(shape, x, y), "%u,%u", x, y);
	shape_free(&shape);
	ck_assert_int_eq(import_zoneminder(&import, "0,0 63,0 63,47 0,47", 64, 48, &err), 0);
	ck_assert_str_eq(import.at[1].name, "zone-2");
	ck_assert_float_eq(import.at[1].polygon.at[2].x, 1);
	ck_assert_float_eq(import.at[1].polygon.at[2].y, 1);
	ck_assert_int_eq(import_zoneminder(&import, "0,0 50.5,0 100,100", 0, 0, &err), 0);
	ck_assert_float_eq(import.at[2].polygon.at[1].x, .505f);
}
END_TEST

START_TEST(coordinates_that_are_none_are_refused)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "'' is not three points" },
		{ "0,0 1,1", "is not three points" },
		{ "0,0 1,1 2", "is not a point x,y" },
		{ "0,0 1,1 -2,1", "'-2,1' is not a point" },
		{ "0,0 1,1 1e1,1", "is not a point" },
		{ "0,0 1,1 nan,1", "is not a point" },
		{ "0,0 1,1 123456,1", "is not a point" },
		{ "0,0 1,1 .,1", "is not a point" },
		{ "0,0 64,0 1,1", "64,0 lies outside of the picture, which ends at 63,47" },
	};
	char many[1024] = "";

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		import.count = 0;
		ck_assert_int_eq(import_zoneminder(&import, cases[i].text, 64, 48, &err), -EINVAL);
		ck_assert_msg(strstr(err.text, cases[i].error), "%s", err.text);
		ck_assert_uint_eq(import.count, 0);
	}
	for (int i = 0; i <= POLYGON_POINTS_MAX; i++)
		sprintf(many + strlen(many), "%d,%d ", i % 7, i % 5);
	ck_assert_int_eq(import_zoneminder(&import, many, 64, 48, &err), -EINVAL);
	ck_assert_int_eq(import_zoneminder(&import, "0,0 0,0 0,0", 1, 48, &err), -EINVAL);
}
END_TEST

START_TEST(masks_of_frigate_are_fractions_or_pixels)
{
	char polygon[POLYGON_TEXT_MAX];

	import.count = 0;
	ck_assert_int_eq(import_frigate(&import, "", "mask", "0.994,0.328,0.969,0.374,0.999,0.997", 0, 0, &err), 0);
	ck_assert_int_eq(import_frigate(&import, "", "mask", "0,0,1280,0,1280,720,0,720", 1280, 720, &err), 0);
	polygon_write(polygon, &import.at[0].polygon);
	ck_assert_str_eq(polygon, "0.994,0.328 0.969,0.374 0.999,0.997");
	polygon_write(polygon, &import.at[1].polygon);
	ck_assert_str_eq(polygon, "0,0 1,0 1,1 0,1");
	ck_assert_int_eq(import_frigate(&import, "", "mask", "0,0,1280,0,1280,720", 0, 0, &err), -EINVAL);
	ck_assert_str_eq(err.text, "a mask in pixels needs the size of the picture");
}
END_TEST

static const char config[] =
	"mqtt:\n  host: x   # of all\n"
	"detect:\n  width: 640\n  height: 480\n"
	"motion:\n  mask: 9,9,9\n"
	"cameras:\n"
	"  front:\n"
	"    motion:\n      mask:\n      - 0,0,640,0,640,360\n      - '1,1, 2,2, 3,3'\n"
	"    zones:\n      near:\n        coordinates: 5,5,5,5\n"
	"    detect:\n      width: 1280\n      height: 720\n"
	"  \"back yard/2\":\n"
	"    ffmpeg:\n      inputs:\n      - path: rtsp://x\n        roles: [detect, {mask: 1}]\n"
	"    motion: {mask: \"0.1,0.2,0.3,0.4,0.5,0.6\", threshold: 30}\n"
	"    objects:\n      mask: 0,0,640,0,640,480\n      filters:\n        person:\n          mask: 7\n"
	"  off:\n    motion:\n      mask: ''\n";

START_TEST(a_configuration_of_frigate_is_searched_for_masks)
{
	static const struct {
		const char *camera, *name, *polygon;
	} expected[] = {
		{ "front", "motion", "0,0 0.5,0 0.5,0.5" },
		{ "front", "motion-2", NULL },
		{ "back-yard-2", "motion", "0.1,0.2 0.3,0.4 0.5,0.6" },
		{ "back-yard-2", "objects", "0,0 1,0 1,1" },
	};
	char polygon[POLYGON_TEXT_MAX];

	ck_assert_msg(read_config(config, 0, 0) == 0, "%s", err.text);
	ck_assert_uint_eq(import.count, 4);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_str_eq(import.at[i].camera, expected[i].camera);
		ck_assert_str_eq(import.at[i].name, expected[i].name);
		polygon_write(polygon, &import.at[i].polygon);
		if (expected[i].polygon)
			ck_assert_str_eq(polygon, expected[i].polygon);
	}
}
END_TEST

START_TEST(a_configuration_that_is_not_understood_is_refused)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "config.yml: no camera has a mask" },
		{ "cameras:\n  a:\n    motion:\n      mask: 1,1\n", "config.yml:4: '1,1' is not three points" },
		{ "cameras:\n  a:\n    motion:\n      mask:\n      - 0,0,9,9,9,0\n", "config.yml:5: a mask in pixels" },
		{ "x: &m 0,0,1,1,1,0\ncameras:\n  a:\n    motion:\n      mask: *m\n",
		  "config.yml:5: *m: anchors are not followed" },
		{ "cameras:\n  a: [\n", "this is no YAML" },
		{ "cameras:\n  a:\n    detect:\n      width: wide\n", "config.yml:4: 'wide' is no size" },
		{ "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "config.yml:1: too deep" },
		{ "? [a]\n: b\n", "a key that is no word" },
		{ "a: \x01\n", "config.yml:1: control character" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_lt(read_config(cases[i].text, 0, 0), 0);
		ck_assert_msg(strstr(err.text, cases[i].error), "%u: %s", i, err.text);
	}
	ck_assert_int_eq(read_config(cases[2].text, 10, 10), 0);
}
END_TEST

START_TEST(without_memory_nothing_is_imported)
{
	static const char mask[] = "P2 4 2 1  0 0 1 1  0 0 1 1";
	int ret = -ENOMEM;

	for (unsigned n = 1; ret < 0; n++) {
		int fd = fd_with(mask, sizeof(mask) - 1);

		test_alloc_fail_at(n);
		ret = import_motion(&import, fd, "mask.pgm", &err);
		test_alloc_fail_at(0);
		close(fd);
		ck_assert(ret == 0 || ret == -ENOMEM);
	}
	ret = -ENOMEM;
	for (unsigned n = 1; ret < 0; n++) {
		int fd = fd_with(config, sizeof(config) - 1);

		test_alloc_fail_at(n);
		ret = import_frigate_config(&import, fd, "config.yml", 0, 0, &err);
		test_alloc_fail_at(0);
		close(fd);
		ck_assert(ret == 0 || ret == -ENOMEM);
	}
}
END_TEST

START_TEST(an_answer_of_a_bad_worker_is_told_from_a_sound_one)
{
	import.count = 0;
	ck_assert_int_eq(import_frigate(&import, "", "mask", "0,0,1,0,1,1", 0, 0, &err), 0);
	ck_assert(import_is_sound(&import));
	import.count = IMPORTS_MAX + 1;
	ck_assert(!import_is_sound(&import));
	import.count = 1;
	import.at[0].polygon.at[0].x = NAN;
	ck_assert(!import_is_sound(&import));
	import.at[0].polygon.at[0].x = 0;
	memset(import.at[0].name, 'x', sizeof(import.at[0].name));
	ck_assert(!import_is_sound(&import));
}
END_TEST

START_TEST(more_masks_than_there_is_room_for_are_refused)
{
	import.count = 0;
	for (int i = 0; i < IMPORTS_MAX; i++)
		ck_assert_int_eq(import_frigate(&import, "a", "mask", "0,0,1,0,1,1", 0, 0, &err), 0);
	ck_assert_int_eq(import_frigate(&import, "a", "mask", "0,0,1,0,1,1", 0, 0, &err), -EINVAL);
	ck_assert_str_eq(import.at[255].name, "mask-256");
}
END_TEST

/* Whatever a polygon is, it is read as it was written. */
START_TEST(a_polygon_that_is_written_is_read_as_the_same)
{
	struct polygon polygon = { .points = 64 }, back;
	char text[POLYGON_TEXT_MAX];

	for (int round = 0; round < 200; round++) {
		for (unsigned i = 0; i < 64; i++) {
			polygon.at[i].x = test_random() / 4294967296.0f;
			polygon.at[i].y = i % 3 ? test_random() % 1001 / 1000.0f :
					  (test_random() % 1000) * 1e-7f;
		}
		polygon_write(text, &polygon);
		ck_assert_msg(polygon_parse(&back, text, &err) == 0, "%s", err.text);
		ck_assert_mem_eq(&back, &polygon, sizeof(back));
	}
}
END_TEST

Suite *import_suite(void)
{
	Suite *suite = suite_create("import");
	TCase *tcase = tcase_create("import");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, every_pixel_that_motion_masks_is_covered);
	tcase_add_loop_test(tcase, a_mask_without_slants_is_had_exactly, 0, sizeof(masks) / sizeof(masks[0]));
	tcase_add_test(tcase, places_that_do_not_stand_on_each_other_are_regions_of_their_own);
	tcase_add_test(tcase, more_places_than_regions_are_covered_in_coarser_steps);
	tcase_add_test(tcase, what_is_no_mask_is_refused);
	tcase_add_test(tcase, a_zone_of_zoneminder_covers_each_pixel_that_it_names);
	tcase_add_test(tcase, coordinates_that_are_none_are_refused);
	tcase_add_test(tcase, masks_of_frigate_are_fractions_or_pixels);
	tcase_add_test(tcase, a_configuration_of_frigate_is_searched_for_masks);
	tcase_add_test(tcase, a_configuration_that_is_not_understood_is_refused);
	tcase_add_test(tcase, without_memory_nothing_is_imported);
	tcase_add_test(tcase, an_answer_of_a_bad_worker_is_told_from_a_sound_one);
	tcase_add_test(tcase, more_masks_than_there_is_room_for_are_refused);
	tcase_add_test(tcase, a_polygon_that_is_written_is_read_as_the_same);
	suite_add_tcase(suite, tcase);
	return suite;
}
