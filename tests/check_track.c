// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "detect/track.h"

#define FRAME_NS	33333333
#define HOLD_FRAMES	30		/* of the default hold time */
#define WIDTH		1280
#define HEIGHT		720
#define STRONG		.9f
#define WEAK		.5f		/* keeps a track, begins none */

static struct tracker *tracker;
static struct track_log *track_log;
static struct detections found;
static struct regions regions;

static void setup(void)
{
	ck_assert_int_eq(tracker_new(&tracker, NULL, NULL), 0);
	ck_assert_int_eq(track_log_new(&track_log, NULL, NULL), 0);
}

static void teardown(void)
{
	tracker_free(&tracker);
	track_log_free(&track_log);
}

static void see_nothing(void)
{
	found.full = false;
	found.count = 0;
}

static void see(float x, float y, float size, float score)
{
	found.at[found.count++] = (struct detection){ x, y, size, size, score };
}

static void track_frame(int frame)
{
	regions_clear(&regions);
	track(tracker, &found, frame * (int64_t)FRAME_NS, WIDTH, HEIGHT, METHOD_FILL,
	      &regions);
}

static void log_frame(int frame)
{
	ck_assert_int_eq(track_log_add(track_log, &found, frame * (int64_t)FRAME_NS,
				       WIDTH, HEIGHT, NULL), 0);
}

static void log_read(uint64_t frame)
{
	regions_clear(&regions);
	track_log_at(track_log, frame, METHOD_FILL, &regions);
}

static const struct region *region_around(struct rect r)
{
	for (unsigned i = 0; i < regions.count; i++) {
		struct rect both = rect_union(r, regions.at[i].box);

		if (both.w == regions.at[i].box.w && both.h == regions.at[i].box.h)
			return &regions.at[i];
	}
	return NULL;
}

static bool covered(float x, float y, float size)
{
	int left = floorf(x), top = floorf(y);
	struct rect r = { left, top, (int)ceilf(x + size) - left, (int)ceilf(y + size) - top };

	r = rect_clip(r, WIDTH, HEIGHT);
	return regions.whole || rect_empty(r) || region_around(r);
}

START_TEST(a_new_face_is_covered_on_its_first_frame)
{
	see_nothing();
	track_frame(0);
	ck_assert_uint_eq(regions.count, 0);
	see(100, 100, 40, STRONG);
	track_frame(1);
	ck_assert_uint_eq(regions.count, 1);
	ck_assert(covered(100 - 6, 100 - 6, 40 + 12));	/* 30 % larger */
	ck_assert_int_eq(regions.at[0].cause, CAUSE_FACE);
	ck_assert_uint_eq(regions.at[0].track, 1);
	ck_assert_int_eq(regions.at[0].seen.x, 100);
	ck_assert_int_eq(regions.at[0].seen.w, 40);
	ck_assert_float_eq(regions.at[0].score, STRONG);
}
END_TEST

START_TEST(noise_begins_no_track)
{
	see_nothing();
	see(100, 100, 40, WEAK);
	track_frame(0);
	ck_assert_uint_eq(regions.count, 0);
	ck_assert(!regions.whole);
}
END_TEST

START_TEST(a_blink_never_uncovers_a_face)
{
	for (int frame = 0; frame < 200; frame++) {
		see_nothing();
		if (frame == 0 || test_random() % 4)
			see(100, 100, 40, STRONG);
		track_frame(frame);
		ck_assert_msg(covered(100, 100, 40), "frame %d", frame);
		ck_assert_uint_eq(regions.at[0].track, 1);
	}
}
END_TEST

START_TEST(a_lost_face_stays_covered_while_its_box_grows)
{
	struct rect last = { 0 };

	see_nothing();
	see(600, 300, 40, STRONG);
	track_frame(0);
	see_nothing();
	for (int frame = 1; frame <= HOLD_FRAMES; frame++) {
		track_frame(frame);
		ck_assert_uint_eq(regions.count, 1);
		ck_assert_int_eq(regions.at[0].cause, CAUSE_HELD);
		ck_assert(covered(600, 300, 40));
		if (frame % 5 == 0) {
			ck_assert_int_gt(regions.at[0].box.w, last.w);
			ck_assert_int_gt(regions.at[0].box.h, last.h);
			last = regions.at[0].box;
		}
	}
	track_frame(HOLD_FRAMES + 2);
	ck_assert_uint_eq(regions.count, 0);
}
END_TEST

START_TEST(a_lost_face_is_followed_where_it_went)
{
	int frame;

	for (frame = 0; frame < 30; frame++) {
		see_nothing();
		see(100 + 4 * frame, 300, 40, STRONG);
		track_frame(frame);
	}
	see_nothing();
	for (; frame < 40; frame++) {
		track_frame(frame);
		ck_assert_msg(covered(100 + 4 * frame, 300, 40), "frame %d", frame);
		ck_assert(covered(100 + 4 * 29, 300, 40));
	}
}
END_TEST

START_TEST(a_weak_sight_keeps_a_face_covered)
{
	for (int frame = 0; frame < 5 * HOLD_FRAMES; frame++) {
		see_nothing();
		see(100 + frame, 100, 40, frame ? WEAK : STRONG);
		track_frame(frame);
		ck_assert(covered(100 + frame, 100, 40));
		ck_assert_int_eq(regions.at[0].cause, CAUSE_FACE);
	}
}
END_TEST

START_TEST(the_box_of_this_frame_is_covered_when_the_estimate_lags)
{
	for (int frame = 0; frame < 60; frame++) {
		float x = 640 + 400 * sinf(frame * .3f), y = 360 + 200 * cosf(frame * .2f);

		see_nothing();
		see(x, y, 60, STRONG);
		track_frame(frame);
		ck_assert_msg(covered(x - 9, y - 9, 60 + 18), "frame %d", frame);
	}
}
END_TEST

START_TEST(a_small_fast_face_keeps_its_track)
{
	for (int frame = 0; frame < 20; frame++) {
		see_nothing();
		see(100 + 12 * frame, 100, 10, frame ? WEAK : STRONG);
		track_frame(frame);
		ck_assert_msg(covered(100 + 12 * frame, 100, 10), "frame %d", frame);
		ck_assert_uint_eq(region_around((struct rect){ 100 + 12 * frame, 100, 10, 10 })->track, 1);
	}
}
END_TEST

START_TEST(a_track_that_jumps_to_a_neighbour_leaves_the_face_covered)
{
	see_nothing();
	see(100, 100, 40, STRONG);
	track_frame(0);
	see_nothing();
	see(150, 100, 40, STRONG);	/* next to it; the first is not seen */
	for (int frame = 1; frame <= 15; frame++) {
		track_frame(frame);
		ck_assert(covered(150, 100, 40));
		ck_assert_msg(covered(100, 100, 40), "frame %d", frame);
	}
}
END_TEST

START_TEST(a_track_continues_at_most_one_face)
{
	see_nothing();
	see(100, 100, 40, STRONG);
	track_frame(0);
	see(110, 100, 40, STRONG);
	track_frame(1);
	ck_assert(covered(100, 100, 40));
	ck_assert(covered(110, 100, 40));
	ck_assert_uint_eq(regions.count, 2);
	ck_assert_uint_ne(regions.at[0].track, regions.at[1].track);
	/* The better fit goes on. */
	ck_assert_uint_eq(region_around((struct rect){ 100, 100, 40, 40 })->track, 1);
}
END_TEST

START_TEST(covered_boxes_stay_in_the_picture)
{
	see_nothing();
	see(-30, -30, 60, STRONG);
	see(WIDTH - 20, HEIGHT - 20, 60, STRONG);
	see(WIDTH + 500, 100, 60, STRONG);
	for (int frame = 0; frame < 20; frame++) {
		track_frame(frame);
		ck_assert_uint_eq(regions.count, 2);
		for (unsigned i = 0; i < regions.count; i++) {
			struct rect box = regions.at[i].box;
			struct rect clip = rect_clip(box, WIDTH, HEIGHT);

			ck_assert_mem_eq(&box, &clip, sizeof(box));
		}
		see_nothing();
	}
}
END_TEST

/* A face that wanders; its detector is noisy, misses it, and doubts it. */
struct walk {
	float x, y, size, vx, vy, growing;
	int missing;			/* frames left until it is seen again */
};

#define WALK_FRAMES	150
#define MISSING_MAX	8
#define KNOWN		8		/* frames until its speed is known */

static float rnd(float from, float to)
{
	return from + (to - from) * (test_random() & 0xffff) / 0xffff;
}

static void walk_start(struct walk *w)
{
	w->size = rnd(16, 120);
	w->x = rnd(0, WIDTH - w->size);
	w->y = rnd(0, HEIGHT - w->size);
	w->vx = rnd(-1.5f, 1.5f) * w->size;
	w->vy = rnd(-1.5f, 1.5f) * w->size;
	w->growing = 0;
	w->missing = 0;
}

static void walk_step(struct walk *w)
{
	const float t = 1 / 30.f;

	/* It turns round where the picture ends. */
	w->vx += rnd(w->x < 0 ? 0 : -3, w->x > WIDTH - w->size ? 0 : 3) * w->size * t;
	w->vy += rnd(w->y < 0 ? 0 : -3, w->y > HEIGHT - w->size ? 0 : 3) * w->size * t;
	w->growing = fmaxf(-.3f, fminf(.3f, w->growing + rnd(-1, 1) * t));
	w->x += w->vx * t;
	w->y += w->vy * t;
	w->size = fmaxf(12, w->size * (1 + w->growing * t));
}

static bool walk_see(struct walk *w, int frame)
{
	float off = .04f * w->size;
	bool ends = frame == 0 || frame == WALK_FRAMES - 1;

	see_nothing();
	if (!w->missing && frame > KNOWN && test_random() % 12 == 0)
		w->missing = 1 + test_random() % MISSING_MAX;
	if (!ends && w->missing) {
		w->missing--;
		return false;
	}
	see(w->x + rnd(-off, off), w->y + rnd(-off, off), w->size * rnd(.95f, 1.05f),
	    ends || test_random() % 3 ? STRONG : WEAK);
	return true;
}

START_TEST(between_its_hits_a_wandering_face_is_never_uncovered)
{
	for (int run = 0; run < 40; run++) {
		struct walk walk;

		walk_start(&walk);
		tracker_reset(tracker);
		for (int frame = 0; frame < WALK_FRAMES; frame++) {
			bool seen = walk_see(&walk, frame);

			track_frame(frame);
			ck_assert_msg(covered(walk.x, walk.y, walk.size),
				      "run %d frame %d %s", run, frame, seen ? "hit" : "miss");
			walk_step(&walk);
		}
	}
}
END_TEST

START_TEST(between_its_hits_a_wandering_face_is_covered_in_two_passes)
{
	for (int run = 0; run < 40; run++) {
		struct walk walk, at[WALK_FRAMES];

		walk_start(&walk);
		track_log_free(&track_log);
		ck_assert_int_eq(track_log_new(&track_log, NULL, NULL), 0);
		for (int frame = 0; frame < WALK_FRAMES; frame++) {
			walk_see(&walk, frame);
			log_frame(frame);
			at[frame] = walk;
			walk_step(&walk);
		}
		ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
		for (int frame = 0; frame < WALK_FRAMES; frame++) {
			log_read(frame);
			ck_assert_msg(covered(at[frame].x, at[frame].y, at[frame].size),
				      "run %d frame %d", run, frame);
		}
	}
}
END_TEST

START_TEST(a_clock_that_misbehaves_does_not_uncover)
{
	static const int64_t jumps[] = {
		INT64_MAX, INT64_MIN, 0, -1, 1, INT64_MAX, 3600000000000, 5, 5, 5, 4, -7,
	};

	see_nothing();
	see(100, 100, 40, STRONG);
	for (unsigned i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		regions_clear(&regions);
		track(tracker, &found, jumps[i], WIDTH, HEIGHT, METHOD_FILL, &regions);
		ck_assert_uint_ge(regions.count, 1);
		ck_assert(covered(100, 100, 40));
		found.count = i % 3 == 2;	/* missed twice, then seen */
	}
}
END_TEST

START_TEST(after_a_pause_of_the_camera_a_face_is_still_covered)
{
	see_nothing();
	see(100, 100, 40, STRONG);
	track_frame(0);
	see_nothing();
	track_frame(100 * HOLD_FRAMES);
	ck_assert(covered(100, 100, 40));
}
END_TEST

START_TEST(a_clock_that_stands_does_not_hold_for_ever)
{
	int frames = 0;

	see_nothing();
	see(100, 100, 40, STRONG);
	do {
		regions_clear(&regions);
		track(tracker, &found, 77, WIDTH, HEIGHT, METHOD_FILL, &regions);
		see_nothing();
	} while (regions.count && frames++ < 1000);
	ck_assert_int_lt(frames, 1000);
}
END_TEST

START_TEST(a_detector_that_fails_does_not_end_a_hold)
{
	see_nothing();
	see(100, 100, 40, STRONG);
	track_frame(0);
	for (int frame = 1; frame < 10; frame++) {
		regions_clear(&regions);
		track(tracker, NULL, frame * (int64_t)FRAME_NS, WIDTH, HEIGHT,
		      METHOD_FILL, &regions);
		ck_assert(covered(100, 100, 40));
	}
}
END_TEST

START_TEST(more_faces_than_fit_cover_the_whole_picture)
{
	see_nothing();
	found.full = true;
	track_frame(0);
	ck_assert(regions.whole);
	tracker_reset(tracker);

	for (int frame = 0; frame < 2; frame++) {
		see_nothing();
		for (int i = 0; i < DETECTIONS_MAX; i++)
			see(20 * (i % 60) + 12 * 60 * 20 * frame, 20 * (i / 60), 8, STRONG);
		track_frame(frame);
	}
	ck_assert(regions.whole);
	ck_assert_str_eq(regions.why, "more faces than can be followed");
}
END_TEST

START_TEST(nonsense_from_the_detector_covers_the_whole_picture)
{
	static const struct detection nonsense[] = {
		{ NAN, 1, 8, 8, STRONG }, { 1, INFINITY, 8, 8, STRONG },
		{ 1, 1, NAN, 8, STRONG }, { 1, 1, 8, 1e30f, STRONG },
		{ 1, 1, 0, 8, STRONG }, { 1, 1, 8, -8, STRONG }, { 1, 1, 8, 8, NAN },
	};

	found.full = false;
	found.count = 1;
	found.at[0] = nonsense[_i];
	track_frame(0);
	ck_assert(regions.whole);
	log_frame(0);
	ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
	log_read(0);
	ck_assert(regions.whole);
}
END_TEST

START_TEST(a_face_found_late_is_covered_before)
{
	for (int frame = 0; frame < 120; frame++) {
		see_nothing();
		if (frame >= 90)
			see(100 + frame, 100, 40, STRONG);
		log_frame(frame);
	}
	ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
	for (int frame = 80; frame < 120; frame++) {
		log_read(frame);
		ck_assert_msg(covered(100 + frame, 100, 40), "frame %d", frame);
		ck_assert_uint_eq(regions.count, 1);
		ck_assert_int_eq(regions.at[0].cause, frame < 90 ? CAUSE_AHEAD : CAUSE_FACE);
		ck_assert_uint_eq(regions.at[0].track, 1);
	}
	log_read(10);
	ck_assert_uint_eq(regions.count, 0);
}
END_TEST

START_TEST(weak_sights_are_followed_backwards)
{
	for (int frame = 0; frame < 200; frame++) {
		see_nothing();
		if (frame >= 50)
			see(100 + frame, 100, 40, frame < 190 ? WEAK : STRONG);
		log_frame(frame);
	}
	ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
	for (int frame = 40; frame < 200; frame++) {
		log_read(frame);
		ck_assert_msg(covered(100 + frame, 100, 40), "frame %d", frame);
		ck_assert_uint_eq(regions.count, 1);
		ck_assert_uint_eq(regions.at[0].track, 1);
		ck_assert_int_eq(regions.at[0].cause, frame < 50 ? CAUSE_AHEAD : CAUSE_FACE);
	}
}
END_TEST

START_TEST(on_its_way_between_two_hits_a_face_is_covered)
{
	/* It turns round while nobody sees it: each way knows half of the path. */
	for (int frame = 0; frame < 60; frame++) {
		see_nothing();
		if (frame < 22 || frame > 38)
			see(340 - abs(frame - 30), 100, 40, STRONG);
		log_frame(frame);
	}
	ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
	for (int frame = 0; frame < 60; frame++) {
		log_read(frame);
		ck_assert_msg(covered(340 - abs(frame - 30), 100, 40), "frame %d", frame);
		ck_assert_uint_eq(regions.count, 1);
		ck_assert_uint_eq(regions.at[0].track, 1);
	}
}
END_TEST

START_TEST(both_passes_give_a_face_one_box_and_one_number)
{
	for (int frame = 0; frame < 60; frame++) {
		see_nothing();
		if (frame % 3) {
			see(100, 100, 40, STRONG);
			see(400, 300, 60, STRONG);
		}
		log_frame(frame);
	}
	ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
	for (int frame = 0; frame < 60; frame++) {
		log_read(frame);
		ck_assert_uint_eq(regions.count, 2);
		ck_assert_uint_eq(region_around((struct rect){ 100, 100, 40, 40 })->track, 1);
		ck_assert_uint_eq(region_around((struct rect){ 400, 300, 60, 60 })->track, 2);
	}
}
END_TEST

START_TEST(on_the_way_back_a_track_takes_the_number_that_it_meets)
{
	/*
	 * It stands, then moves off unseen.  Forwards that is too far to be the same
	 * face; backwards its speed leads to where it stood.
	 */
	for (int frame = 0; frame < 70; frame++) {
		see_nothing();
		if (frame <= 30)
			see(100, 100, 40, STRONG);
		else if (frame >= 42)
			see(100 + 6 * (frame - 31), 100, 40, STRONG);
		log_frame(frame);
	}
	ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
	log_read(69);
	ck_assert_uint_eq(regions.at[0].track, 2);
	log_read(30);
	ck_assert(covered(100, 100, 40));
	for (unsigned i = 0; i < regions.count; i++)
		ck_assert_uint_eq(regions.at[i].track, 1);
}
END_TEST

START_TEST(a_scene_cut_only_covers_more)
{
	for (int frame = 0; frame < 60; frame++) {
		see_nothing();
		if (frame < 30)
			see(100, 100, 40, STRONG);
		else
			see(150, 110, 50, STRONG);
		log_frame(frame);
	}
	ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
	for (int frame = 0; frame < 60; frame++) {
		log_read(frame);
		ck_assert(frame < 30 ? covered(100, 100, 40) : covered(150, 110, 50));
	}
}
END_TEST

START_TEST(what_was_not_looked_at_is_covered_whole)
{
	see_nothing();
	log_frame(0);
	log_read(0);
	ck_assert(regions.whole);		/* not finished */
	ck_assert_int_eq(track_log_add(track_log, NULL, FRAME_NS, WIDTH, HEIGHT, NULL), 0);
	found.full = true;
	log_frame(2);
	ck_assert_int_eq(track_log_finish(track_log, NULL), 0);
	log_read(0);
	ck_assert(!regions.whole);
	for (int frame = 1; frame < 4; frame++) {	/* failed, overflown, beyond */
		log_read(frame);
		ck_assert_msg(regions.whole, "frame %d", frame);
	}
	ck_assert_int_eq(track_log_add(track_log, &found, 0, WIDTH, HEIGHT, NULL), -EINVAL);
	ck_assert_int_eq(track_log_finish(track_log, NULL), -EINVAL);
}
END_TEST

START_TEST(a_log_without_memory_says_so)
{
	int ret = -ENOMEM;

	for (unsigned n = 1; ret < 0; n++) {
		track_log_free(&track_log);
		test_alloc_fail_at(n);
		ret = track_log_new(&track_log, NULL, NULL);
		for (int frame = 0; ret == 0 && frame < 3000; frame++) {
			see_nothing();
			see(100, 100, 40, STRONG);
			ret = track_log_add(track_log, &found, frame * (int64_t)FRAME_NS,
					    WIDTH, HEIGHT, NULL);
		}
		if (ret == 0)
			ret = track_log_finish(track_log, NULL);
		test_alloc_fail_at(0);	/* libcheck allocates as well */
		ck_assert(ret < 0 || !test_alloc_failed());
		if (ret == 0)
			break;
		ck_assert_int_eq(ret, -ENOMEM);
		if (track_log) {
			log_read(0);
			ck_assert(regions.whole);
		}
	}
	log_read(2999);
	ck_assert(covered(100, 100, 40));
}
END_TEST

START_TEST(a_live_tracker_allocates_nothing)
{
	test_alloc_fail_at(1);
	for (int frame = 0; frame < 100; frame++) {
		see_nothing();
		for (unsigned i = 0; i < 20 && frame % 5; i++)
			see(60 * i, 100 + frame, 40, STRONG);
		track_frame(frame);
	}
	test_alloc_fail_at(0);
	ck_assert(!test_alloc_failed());
	ck_assert_uint_eq(regions.count, 20);
}
END_TEST

Suite *track_suite(void)
{
	Suite *suite = suite_create("track");
	TCase *live = tcase_create("live");
	TCase *file = tcase_create("file");

	tcase_add_checked_fixture(live, setup, teardown);
	tcase_add_test(live, a_new_face_is_covered_on_its_first_frame);
	tcase_add_test(live, noise_begins_no_track);
	tcase_add_test(live, a_blink_never_uncovers_a_face);
	tcase_add_test(live, a_lost_face_stays_covered_while_its_box_grows);
	tcase_add_test(live, a_lost_face_is_followed_where_it_went);
	tcase_add_test(live, a_weak_sight_keeps_a_face_covered);
	tcase_add_test(live, the_box_of_this_frame_is_covered_when_the_estimate_lags);
	tcase_add_test(live, a_small_fast_face_keeps_its_track);
	tcase_add_test(live, a_track_that_jumps_to_a_neighbour_leaves_the_face_covered);
	tcase_add_test(live, a_track_continues_at_most_one_face);
	tcase_add_test(live, covered_boxes_stay_in_the_picture);
	tcase_add_test(live, between_its_hits_a_wandering_face_is_never_uncovered);
	tcase_add_test(live, a_clock_that_misbehaves_does_not_uncover);
	tcase_add_test(live, after_a_pause_of_the_camera_a_face_is_still_covered);
	tcase_add_test(live, a_clock_that_stands_does_not_hold_for_ever);
	tcase_add_test(live, a_detector_that_fails_does_not_end_a_hold);
	tcase_add_test(live, more_faces_than_fit_cover_the_whole_picture);
	tcase_add_loop_test(live, nonsense_from_the_detector_covers_the_whole_picture, 0, 7);
	tcase_add_test(live, a_live_tracker_allocates_nothing);
	suite_add_tcase(suite, live);
	tcase_add_checked_fixture(file, setup, teardown);
	tcase_add_test(file, a_face_found_late_is_covered_before);
	tcase_add_test(file, weak_sights_are_followed_backwards);
	tcase_add_test(file, on_its_way_between_two_hits_a_face_is_covered);
	tcase_add_test(file, both_passes_give_a_face_one_box_and_one_number);
	tcase_add_test(file, on_the_way_back_a_track_takes_the_number_that_it_meets);
	tcase_add_test(file, between_its_hits_a_wandering_face_is_covered_in_two_passes);
	tcase_add_test(file, a_scene_cut_only_covers_more);
	tcase_add_test(file, what_was_not_looked_at_is_covered_whole);
	tcase_add_test(file, a_log_without_memory_says_so);
	suite_add_tcase(suite, file);
	return suite;
}
