// SPDX-License-Identifier: GPL-2.0
/*
 * Controls, between a feed and a camera that are both made up here.
 */
#include "test.h"

#include <string.h>

#include "controls.h"
#include "node.h"

enum { FEED = 1001, CAMERA = 1002 };

static struct knob {
	uint32_t id;
	const char *name;		/* at the camera */
	int32_t feed, camera;		/* values */
	uint32_t flags;			/* at the camera */
	int error;			/* of setting it there */
	int32_t most;			/* that it takes, others are cut */
} knobs[4];
static unsigned set_at_camera;

static struct knob *knob_of(uint32_t id)
{
	for (unsigned i = 0; i < 4; i++)
		if (knobs[i].id == id)
			return &knobs[i];
	return NULL;
}

static int query(int fd, struct v4l2_queryctrl *query)
{
	uint32_t id = query->id & ~V4L2_CTRL_FLAG_NEXT_CTRL;
	struct knob *knob = id == query->id ? knob_of(id) : NULL;

	for (unsigned i = 0; id != query->id && !knob && i < 4; i++)
		if (knobs[i].id > id)
			knob = &knobs[i];
	if (!knob || !knob->id)
		return -EINVAL;
	*query = (struct v4l2_queryctrl){
		.id = knob->id, .type = V4L2_CTRL_TYPE_INTEGER,
		.flags = fd == CAMERA ? knob->flags : 0,
	};
	strcpy((char *)query->name, fd == CAMERA ? knob->name : "V4L2's name");
	return 0;
}

static int value(int fd, bool set, struct v4l2_ext_control *control)
{
	struct knob *knob = knob_of(control->id);
	int32_t *at = fd == CAMERA ? &knob->camera : &knob->feed;

	if (set && fd == CAMERA) {
		set_at_camera++;
		if (knob->error)
			return knob->error;
		if (control->value > knob->most)
			control->value = knob->most;
		/* Whoever sets anything here switches automatics off. */
		for (unsigned i = 0; i < 4; i++)
			knobs[i].flags &= ~V4L2_CTRL_FLAG_INACTIVE;
	}
	if (set)
		*at = control->value;
	control->value = *at;
	return 0;
}

static int call(int fd, unsigned long request, void *argument)
{
	struct v4l2_ext_controls *controls = argument;

	switch (request) {
	case VIDIOC_QUERYCTRL:
		return query(fd, argument);
	case VIDIOC_G_EXT_CTRLS:
	case VIDIOC_S_EXT_CTRLS:
		return value(fd, request == VIDIOC_S_EXT_CTRLS, controls->controls);
	default:
		return -ENOTTY;
	}
}

static void begin(void)
{
	static const struct knob some[4] = {
		{ V4L2_CID_BRIGHTNESS, "Brightness", 7, 1, 0, 0, 100 },
		{ V4L2_CID_CONTRAST, "Contrast", 8, 2, 0, 0, 100 },
		{ V4L2_CID_GAIN, "Gain", 9, 3, 0, 0, 100 },
	};

	memcpy(knobs, some, sizeof(knobs));
	set_at_camera = 0;
	test_nodes = call;
}

static void end(void)
{
	test_nodes = NULL;
}

static int pass(const char *allowed, struct scrim_error *err)
{
	struct policy policy = { 0 };

	ck_assert_int_eq(policy_set(&policy, "controls", allowed, NULL), 0);
	return controls_pass(CAMERA, FEED, &policy, err);
}

START_TEST(what_the_policy_allows_reaches_the_camera_and_nothing_else)
{
	ck_assert_int_eq(pass("contrast", NULL), 0);
	ck_assert_int_eq(knobs[0].camera, 1);
	ck_assert_int_eq(knobs[1].camera, 8);
	ck_assert_int_eq(knobs[2].camera, 3);
	ck_assert_int_eq(pass("none", NULL), 0);
	ck_assert_int_eq(knobs[0].camera, 1);
	ck_assert_int_eq(pass("all", NULL), 0);
	ck_assert_int_eq(knobs[0].camera, 7);
	ck_assert_int_eq(knobs[2].camera, 9);
}
END_TEST

START_TEST(what_is_so_already_is_left_alone)
{
	ck_assert_int_eq(pass("all", NULL), 0);
	ck_assert_uint_eq(set_at_camera, 3);
	ck_assert_int_eq(pass("all", NULL), 0);
	ck_assert_uint_eq(set_at_camera, 3);
}
END_TEST

START_TEST(what_the_camera_does_not_take_is_told_and_the_others_are_set)
{
	struct scrim_error err;

	knobs[1].error = -EBUSY;
	ck_assert_int_eq(pass("all", &err), -EBUSY);
	ck_assert_ptr_nonnull(strstr(err.text, "= 8"));
	ck_assert_int_eq(knobs[0].camera, 7);
	ck_assert_int_eq(knobs[2].camera, 9);
}
END_TEST

START_TEST(who_set_it_learns_what_the_camera_made_of_it)
{
	knobs[0].most = 5;
	ck_assert_int_eq(pass("all", NULL), 0);
	ck_assert_int_eq(knobs[0].camera, 5);
	ck_assert_int_eq(knobs[0].feed, 5);
}
END_TEST

START_TEST(what_the_camera_regulates_itself_is_left_to_it)
{
	knobs[0].flags = V4L2_CTRL_FLAG_INACTIVE;
	ck_assert_int_eq(pass("brightness", NULL), 0);
	ck_assert_int_eq(knobs[0].camera, 1);
	/* Until another one is set, which may come after it. */
	ck_assert_int_eq(pass("all", NULL), 0);
	ck_assert_int_eq(knobs[0].camera, 7);
	knobs[0].flags = V4L2_CTRL_FLAG_READ_ONLY;
	knobs[0].feed = 50;
	ck_assert_int_eq(pass("all", NULL), 0);
	ck_assert_int_eq(knobs[0].camera, 7);
}
END_TEST

Suite *controls_suite(void)
{
	Suite *suite = suite_create("controls");
	TCase *tcase = tcase_create("controls");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, what_the_policy_allows_reaches_the_camera_and_nothing_else);
	tcase_add_test(tcase, what_is_so_already_is_left_alone);
	tcase_add_test(tcase, what_the_camera_does_not_take_is_told_and_the_others_are_set);
	tcase_add_test(tcase, who_set_it_learns_what_the_camera_made_of_it);
	tcase_add_test(tcase, what_the_camera_regulates_itself_is_left_to_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
