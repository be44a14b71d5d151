// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "detect/detect.h"

static struct detector *detector;
static struct detections found;
static struct scrim_error err;

static int replay_bytes(const void *bytes, size_t size)
{
	int fd = memfd_create("boxes", MFD_CLOEXEC), ret;

	ck_assert_int_ge(fd, 0);
	/* As another left it who read it. */
	ck_assert_int_eq(write(fd, bytes, size), size);
	ret = detector_replay(&detector, fd, "boxes.txt", &err);
	close(fd);
	return ret;
}

static int replay(const char *text)
{
	return replay_bytes(text, strlen(text));
}

static void look_at(uint64_t number)
{
	struct frame frame = { .number = number };

	memset(&found, 0, sizeof(found));
	ck_assert_int_eq(detector->ops->detect(detector, &frame, &found, &err), 0);
}

static void end(void)
{
	if (detector)
		detector->ops->free(detector);
	detector = NULL;
}

START_TEST(the_boxes_of_a_frame_are_what_the_text_says)
{
	ck_assert_msg(replay("# made by hand\r\n"
			     "3 1 2 30 40 0.5  # a child\n"
			     "\n"
			     "3\t-1.5 2 30 40\n"
			     "7 5 6 7 8 .25") == 0, "%s", err.text);
	look_at(3);
	ck_assert_uint_eq(found.count, 2);
	ck_assert(!found.full);
	ck_assert_float_eq(found.at[0].score, 1);	/* best first */
	ck_assert_float_eq(found.at[0].x, -1.5f);
	ck_assert_float_eq(found.at[1].score, .5f);
	ck_assert_float_eq(found.at[1].h, 40);
	look_at(7);
	ck_assert_uint_eq(found.count, 1);
	ck_assert_float_eq(found.at[0].y, 6);
	look_at(4);
	ck_assert_uint_eq(found.count, 0);
	look_at(3);					/* again, as after a rewind */
	ck_assert_uint_eq(found.count, 2);
	look_at(UINT64_MAX);
	ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(a_text_without_a_box_is_a_mistake)
{
	ck_assert_int_eq(replay("# nothing\n"), -EINVAL);
	ck_assert_str_eq(err.text, "boxes.txt: there is no box in it");
}
END_TEST

START_TEST(boxes_for_frames_that_are_not_there_are_a_mistake)
{
	ck_assert_int_eq(replay("0 1 1 6 6\n2 1 1 6 6\n"), 0);
	look_at(0);
	look_at(1);
	ck_assert_int_eq(detector_finish(detector, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "frame 2, but the last frame is 1"));
	look_at(2);
	ck_assert_int_eq(detector_finish(detector, &err), 0);
}
END_TEST

START_TEST(a_box_counts_however_low_its_score)
{
	ck_assert_int_eq(replay("0 1 1 6 6 0\n"), 0);
	look_at(0);
	ck_assert_uint_eq(found.count, 1);
	ck_assert(found.at[0].score > 0);
}
END_TEST

START_TEST(more_boxes_than_fit_are_doubt)
{
	static char text[DETECTIONS_MAX * 16 + 16];
	char *at = text;

	for (int i = 0; i <= DETECTIONS_MAX; i++)
		at += sprintf(at, "5 %d 0 8 8\n", i);
	ck_assert_int_eq(replay(text), 0);
	look_at(5);
	ck_assert_uint_eq(found.count, DETECTIONS_MAX);
	ck_assert(found.full);
}
END_TEST

static const struct {
	const char *text, *error;
} mistakes[] = {
	{ "0 1 2 3\n", "boxes.txt:1: h is missing" },
	{ "0 1 2 3 4\n1\n", "boxes.txt:2: x is missing" },
	{ "# none\nx 1 2 3 4\n", "boxes.txt:2: 'x' is not a frame number" },
	{ "-1 1 2 3 4\n", "boxes.txt:1: '-1' is not a frame number" },
	{ "1.5 1 2 3 4\n", "boxes.txt:1: '1.5' is not a frame number" },
	{ "99999999999999999999 1 2 3 4\n",
	  "boxes.txt:1: '99999999999999999999' is not a frame number" },
	{ "0 1 2 3 4,5\n", "boxes.txt:1: h: '4,5' is not a number" },
	{ "0 nan 2 3 4\n", "boxes.txt:1: x: 'nan' is not a number" },
	{ "0 1 inf 3 4\n", "boxes.txt:1: y: 'inf' is not a number" },
	{ "0 1 1e7 3 4\n", "boxes.txt:1: y: '1e7' is not a number" },
	{ "0 1 2 0 4\n", "boxes.txt:1: '0 x 4' is not the size of a box" },
	{ "0 1 2 3 -4\n", "boxes.txt:1: '3 x -4' is not the size of a box" },
	{ "0 1 2 3 4 1.5\n", "boxes.txt:1: score '1.5' is not between 0 and 1" },
	{ "0 1 2 3 4 -1\n", "boxes.txt:1: score '-1' is not between 0 and 1" },
	{ "0 1 2 3 4 1 face\n", "boxes.txt:1: 'face' is too much" },
	{ "1 1 2 3 4\n0 1 2 3 4\n", "boxes.txt:2: frame 0 comes too late" },
	{ "0 1 2 3 4\n\xff\n", "boxes.txt:2: byte 0xff is not UTF-8" },
};

#define MISTAKES	((int)(sizeof(mistakes) / sizeof(mistakes[0])))

START_TEST(a_mistake_in_the_boxes_is_named_with_its_line)
{
	ck_assert_int_lt(replay(mistakes[_i].text), 0);
	ck_assert_str_eq(err.text, mistakes[_i].error);
	ck_assert_ptr_null(detector);
}
END_TEST

START_TEST(a_text_with_a_nul_byte_is_no_text)
{
	ck_assert_int_eq(replay_bytes("0 1 2 3 4\n\0", 11), -EBADMSG);
	ck_assert_str_eq(err.text, "boxes.txt:2: control character 0x00");
}
END_TEST

START_TEST(without_memory_there_is_no_replay)
{
	int ret = -ENOMEM;

	for (unsigned n = 1; ret < 0; n++) {
		int fd = memfd_create("boxes", MFD_CLOEXEC);

		ck_assert_int_eq(write(fd, "0 1 2 3 4\n", 10), 10);
		lseek(fd, 0, SEEK_SET);
		test_alloc_fail_at(n);
		ret = detector_replay(&detector, fd, "boxes.txt", &err);
		test_alloc_fail_at(0);
		close(fd);
		ck_assert(ret == 0 || (ret == -ENOMEM && !detector));
	}
}
END_TEST

Suite *replay_suite(void)
{
	Suite *suite = suite_create("replay");
	TCase *tcase = tcase_create("replay");

	tcase_add_checked_fixture(tcase, NULL, end);
	tcase_add_test(tcase, the_boxes_of_a_frame_are_what_the_text_says);
	tcase_add_test(tcase, a_text_without_a_box_is_a_mistake);
	tcase_add_test(tcase, boxes_for_frames_that_are_not_there_are_a_mistake);
	tcase_add_test(tcase, a_box_counts_however_low_its_score);
	tcase_add_test(tcase, more_boxes_than_fit_are_doubt);
	tcase_add_loop_test(tcase, a_mistake_in_the_boxes_is_named_with_its_line, 0, MISTAKES);
	tcase_add_test(tcase, a_text_with_a_nul_byte_is_no_text);
	tcase_add_test(tcase, without_memory_there_is_no_replay);
	suite_add_tcase(suite, tcase);
	return suite;
}
