// SPDX-License-Identifier: GPL-2.0
/*
 * Scenes played through the whole pipeline, with parts that fail when told to.
 * The scene is a face, a block of canary bytes that moves to the right over a
 * plain ground; whatever fails, no canary may reach the sink.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline.h"

#define WIDTH	64u
#define HEIGHT	48u
#define FRAMES	12u
#define FACE	8		/* pixels a side */
#define CANARY	0xa5
#define GROUND	0x40

static struct rect face_at(uint64_t number)
{
	return (struct rect){ 4 + 3 * (int)number, 16, FACE, FACE };
}

/* Frames from this one on look otherwise in the second pass; it may be shorter too. */
static struct {
	unsigned differ_from, end;
	bool again;
} changed;

/* Which call of which part fails; counted over both passes. */
static struct {
	int next, rewind, detect, put, finish;
} failing;
static struct {
	int next, detect, put;
} calls;
static unsigned detect_from;	/* the detector is blind for frames before that */

/* A source of the scene. */

struct scene {
	struct source source;
	struct frame_pool *pool;
};

static void paint(struct frame *frame)
{
	struct rect face = face_at(frame->number);

	for (unsigned i = 0; i < frame->format->planes; i++)
		memset(frame->plane[i], GROUND,
		       frame->stride[i] * plane_rows(&frame->format->plane[i], HEIGHT));
	for (int y = face.y; y < face.y + face.h; y++)
		memset(frame->plane[0] + y * frame->stride[0] + face.x, CANARY, face.w);
	for (int y = face.y / 2; y < (face.y + face.h) / 2; y++)
		for (int p = 1; p < 3; p++)
			memset(frame->plane[p] + y * frame->stride[p] + face.x / 2,
			       CANARY, face.w / 2);
}

static int scene_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	struct scene *scene = (struct scene *)source;
	int ret;

	if (++calls.next == failing.next)
		return fail(err, -EIO, "told to fail");
	if (source->next_number == (changed.again && changed.end ? changed.end : FRAMES))
		return 0;
	ret = frame_pool_get(scene->pool, frame, err);
	if (ret < 0)
		return ret;
	(*frame)->number = source->next_number;
	(*frame)->time_ns = source->next_number * 40000000ll;
	paint(*frame);
	if (changed.again && changed.differ_from && source->next_number >= changed.differ_from)
		memset((*frame)->plane[0] + 40 * (*frame)->stride[0], CANARY, 4);
	return 1;
}

static int scene_rewind(struct source *source, struct scrim_error *err)
{
	changed.again = true;
	return failing.rewind ? fail(err, -EIO, "told to fail") : 0;
}

static void scene_free(struct source *source)
{
	struct scene *scene = (struct scene *)source;

	frame_pool_free(&scene->pool);
	free(scene);
}

static const struct source_ops scene_ops = {
	.next = scene_next, .rewind = scene_rewind, .free = scene_free,
};

static int scene_new(struct source **source)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (!scene)
		return -ENOMEM;
	scene->source = (struct source){ .ops = &scene_ops, .fourcc = V4L2_PIX_FMT_YUV420,
					 .width = WIDTH, .height = HEIGHT };
	*source = &scene->source;
	return frame_pool_new(&scene->pool, V4L2_PIX_FMT_YUV420, WIDTH, HEIGHT, NULL);
}

/* A detector that knows where the face is. */

static int know(struct detector *detector, const struct frame *frame,
		struct detections *found, struct scrim_error *err)
{
	struct rect face = face_at(frame->number);

	if (++calls.detect == failing.detect)
		return fail(err, -EIO, "told to fail");
	if (frame->number >= detect_from) {
		found->at[0] = (struct detection){ face.x, face.y, face.w, face.h, .95f };
		found->count = 1;
	}
	return 0;
}

static void know_free(struct detector *detector)
{
	free(detector);
}

static const struct detector_ops know_ops = {
	.name = "know", .detect = know, .free = know_free,
};

static int know_new(struct detector **detector)
{
	*detector = calloc(1, sizeof(**detector));
	if (!*detector)
		return -ENOMEM;
	(*detector)->ops = &know_ops;
	return 0;
}

/* A sink that looks for canaries in all that it is given. */

struct watchman {
	struct sink sink;
	unsigned frames, canaries, black;
};

static bool plane_has(const struct frame *frame, unsigned plane, int byte)
{
	return memchr(frame->plane[plane], byte, frame->stride[plane] *
		      plane_rows(&frame->format->plane[plane], frame->height));
}

static bool all_black(const struct frame *frame)
{
	for (unsigned y = 0; y < frame->height; y++)
		for (unsigned x = 0; x < frame->width; x++)
			if (frame->plane[0][y * frame->stride[0] + x] != 16)
				return false;
	return !plane_has(frame, 1, GROUND) && !plane_has(frame, 2, GROUND);
}

static int watch(struct sink *sink, const struct clean_frame *clean, struct scrim_error *err)
{
	struct watchman *man = (struct watchman *)sink;
	const struct frame *frame = clean_frame_view(clean);

	for (unsigned i = 0; i < 3; i++)
		man->canaries += plane_has(frame, i, CANARY);
	man->black += all_black(frame);
	man->frames++;
	if (++calls.put == failing.put)
		return fail(err, -ENOSPC, "told to fail");
	return 0;
}

static int watch_finish(struct sink *sink, struct scrim_error *err)
{
	return failing.finish ? fail(err, -EIO, "told to fail") : 0;
}

static const struct sink_ops watch_ops = { .put = watch, .finish = watch_finish };

static void nothing_fails(void)
{
	memset(&failing, 0, sizeof(failing));
	memset(&calls, 0, sizeof(calls));
	memset(&changed, 0, sizeof(changed));
	detect_from = 0;
	test_alloc_fail_at(0);
}

/* The scene through pipeline_file(), or frame by frame as if live. */
static int play(struct watchman *man, const struct policy *policy, bool live)
{
	struct pipeline_parts parts = { 0 };
	struct pipeline *pipeline = NULL;
	struct source *source = NULL;
	struct clean_frame *clean = NULL;
	struct frame *frame = NULL;
	struct sink *sink = &man->sink;
	int ret;

	*man = (struct watchman){ .sink.ops = &watch_ops };
	ret = scene_new(&source);
	if (ret >= 0)
		ret = know_new(&parts.faces);
	if (ret >= 0)
		ret = pipeline_new(&pipeline, policy, &parts, NULL);
	if (ret >= 0 && !live)
		ret = pipeline_file(pipeline, source, sink, NULL);
	while (ret >= 0 && live && (ret = source_next(source, &frame, NULL)) > 0) {
		ret = pipeline_frame(pipeline, &frame, &clean, NULL);
		if (ret >= 0)
			ret = sink_put(sink, clean, NULL);
		clean_frame_free(&clean);
	}
	if (ret >= 0)
		ret = sink_finish(sink, NULL);
	detector_free(&parts.faces);
	pipeline_free(&pipeline);
	source_free(&source);
	return ret;
}

static struct policy faces_filled(void)
{
	struct policy policy;

	policy_default(&policy);
	return policy;
}

START_TEST(no_raw_pixel_of_a_face_leaves)	/* file, live */
{
	struct policy policy = faces_filled();
	struct watchman man;

	nothing_fails();
	ck_assert_int_eq(play(&man, &policy, _i), 0);
	ck_assert_uint_eq(man.frames, FRAMES);
	ck_assert_uint_eq(man.canaries, 0);
	ck_assert_uint_eq(man.black, 0);
}
END_TEST

START_TEST(a_face_found_late_is_covered_in_the_frames_before)
{
	struct policy policy = faces_filled();
	struct watchman man;

	nothing_fails();
	detect_from = 5;
	ck_assert_int_eq(play(&man, &policy, false), 0);
	ck_assert_uint_eq(man.canaries, 0);
	ck_assert_uint_eq(man.black, 0);
	/* The same seen live shows that the test can fail. */
	nothing_fails();
	detect_from = 5;
	ck_assert_int_eq(play(&man, &policy, true), 0);
	ck_assert_uint_gt(man.canaries, 0);
}
END_TEST

START_TEST(without_a_policy_everything_is_covered)
{
	struct policy policy = { 0 };
	struct watchman man;

	nothing_fails();
	ck_assert_int_eq(play(&man, &policy, _i), 0);
	ck_assert_uint_eq(man.black, FRAMES);
}
END_TEST

START_TEST(without_a_detector_everything_is_covered)
{
	struct policy policy = faces_filled();
	struct pipeline_parts parts = { 0 };
	struct pipeline *pipeline = NULL;
	struct source *source = NULL;
	struct watchman man = { .sink.ops = &watch_ops };

	nothing_fails();
	ck_assert_int_eq(scene_new(&source), 0);
	ck_assert_int_eq(pipeline_new(&pipeline, &policy, &parts, NULL), 0);
	ck_assert_int_eq(pipeline_file(pipeline, source, &man.sink, NULL), 0);
	ck_assert_uint_eq(man.black, FRAMES);
	pipeline_free(&pipeline);
	source_free(&source);
}
END_TEST

START_TEST(a_detector_that_fails_covers_that_frame_whole)	/* at each frame */
{
	struct policy policy = faces_filled();
	struct watchman man;

	for (int live = 0; live < 2; live++) {
		nothing_fails();
		failing.detect = _i + 1;
		ck_assert_int_eq(play(&man, &policy, live), 0);
		ck_assert_uint_eq(man.frames, FRAMES);
		ck_assert_uint_eq(man.canaries, 0);
		ck_assert_uint_eq(man.black, 1);
	}
}
END_TEST

START_TEST(a_source_or_sink_that_fails_ends_it_and_shows_nothing)	/* at each call */
{
	struct policy policy = faces_filled();
	struct watchman man;

	for (int live = 0; live < 2; live++) {
		nothing_fails();
		failing.next = _i + 1;
		if (live && _i > (int)FRAMES)
			continue;	/* live is one pass */
		ck_assert_int_eq(play(&man, &policy, live), -EIO);
		ck_assert_uint_eq(man.canaries, 0);
		nothing_fails();
		failing.put = _i + 1;
		ck_assert_int_eq(play(&man, &policy, live), _i < (int)FRAMES ? -ENOSPC : 0);
		ck_assert_uint_eq(man.canaries, 0);
	}
}
END_TEST

START_TEST(a_file_that_cannot_be_rewound_ends_it)
{
	struct policy policy = faces_filled();
	struct watchman man;

	nothing_fails();
	failing.rewind = 1;
	ck_assert_int_eq(play(&man, &policy, false), -EIO);
	ck_assert_uint_eq(man.frames, 0);
	nothing_fails();
	failing.finish = 1;
	ck_assert_int_eq(play(&man, &policy, false), -EIO);
}
END_TEST

START_TEST(every_allocation_that_fails_covers_or_ends)	/* file, live */
{
	struct policy policy = faces_filled();
	struct watchman man;
	unsigned n = 0;
	bool failed;
	int ret;

	ck_assert_int_eq(polygon_parse(&policy.region[0].polygon, "0,0 .5,0 0,.5", NULL), 0);
	policy.region[0].method = METHOD_BLUR;
	policy.regions = 1;
	do {
		nothing_fails();
		test_alloc_fail_at(++n);
		ret = play(&man, &policy, _i);
		failed = test_alloc_failed();
		nothing_fails();	/* libcheck allocates too */
		ck_assert_uint_eq(man.canaries, 0);
		if (failed && ret >= 0)
			ck_assert_uint_eq(man.frames, FRAMES);
	} while (failed && n < 10000);
	ck_assert_uint_gt(n, 10);
	ck_assert_int_eq(ret, 0);
}
END_TEST

START_TEST(a_file_that_changes_between_its_passes_is_covered)
{
	struct policy policy = faces_filled();
	struct watchman man;

	nothing_fails();
	changed.differ_from = 7;
	ck_assert_int_eq(play(&man, &policy, false), 0);
	ck_assert_uint_eq(man.canaries, 0);
	ck_assert_uint_eq(man.black, FRAMES - 7);
	nothing_fails();
	changed.end = 7;
	ck_assert_int_eq(play(&man, &policy, false), -EIO);
}
END_TEST

START_TEST(reveal_shows_only_what_it_names)
{
	struct policy policy = faces_filled();
	struct watchman man;

	nothing_fails();
	ck_assert_int_eq(policy_set(&policy, "faces", "show", NULL), 0);
	ck_assert_int_eq(policy_set(&policy, "reveal", "0,0 1,0 1,.3 0,.3", NULL), 0);
	ck_assert_int_eq(play(&man, &policy, _i), 0);
	ck_assert_uint_eq(man.canaries, 0);
	ck_assert_uint_eq(man.black, 0);
}
END_TEST

/* Whether the scene's next frame is covered. */
static bool is_covered(struct pipeline *pipeline, struct source *source)
{
	struct clean_frame *clean = NULL;
	struct frame *frame = NULL;
	bool covered;

	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	ck_assert_int_eq(pipeline_frame(pipeline, &frame, &clean, NULL), 0);
	covered = all_black(clean_frame_view(clean));
	ck_assert_int_eq(covered, !plane_has(clean_frame_view(clean), 0, CANARY));
	clean_frame_free(&clean);
	return covered;
}

START_TEST(a_region_covers_in_its_hours_and_while_nobody_knows_the_time)
{
	struct pipeline_parts parts = { 0 };
	struct policy policy = faces_filled();
	struct pipeline *pipeline = NULL;
	struct source *source = NULL;

	nothing_fails();
	ck_assert_int_eq(policy_set(&policy, "faces", "show", NULL), 0);
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,1 0,1", NULL), 0);
	policy.region[0].between = (struct hours){ 22 * 60, 23 * 60 };
	ck_assert_int_eq(scene_new(&source), 0);
	ck_assert_int_eq(pipeline_new(&pipeline, &policy, &parts, NULL), 0);
	ck_assert(is_covered(pipeline, source));
	pipeline_set_minute(pipeline, 12 * 60);
	ck_assert(!is_covered(pipeline, source));
	ck_assert(!is_covered(pipeline, source));
	pipeline_set_minute(pipeline, 22 * 60 - 1);
	ck_assert(!is_covered(pipeline, source));
	pipeline_set_minute(pipeline, 22 * 60);
	ck_assert(is_covered(pipeline, source));
	pipeline_set_minute(pipeline, 23 * 60);
	ck_assert(!is_covered(pipeline, source));
	pipeline_set_minute(pipeline, -1);
	ck_assert(is_covered(pipeline, source));
	pipeline_free(&pipeline);
	source_free(&source);
}
END_TEST

Suite *pipeline_suite(void)
{
	Suite *suite = suite_create("pipeline");
	TCase *tcase = tcase_create("pipeline");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, no_raw_pixel_of_a_face_leaves, 0, 2);
	tcase_add_test(tcase, a_face_found_late_is_covered_in_the_frames_before);
	tcase_add_loop_test(tcase, without_a_policy_everything_is_covered, 0, 2);
	tcase_add_test(tcase, without_a_detector_everything_is_covered);
	tcase_add_loop_test(tcase, a_detector_that_fails_covers_that_frame_whole, 0, FRAMES);
	tcase_add_loop_test(tcase, a_source_or_sink_that_fails_ends_it_and_shows_nothing,
			    0, 2 * FRAMES);
	tcase_add_test(tcase, a_file_that_cannot_be_rewound_ends_it);
	tcase_add_loop_test(tcase, every_allocation_that_fails_covers_or_ends, 0, 2);
	tcase_add_test(tcase, a_file_that_changes_between_its_passes_is_covered);
	tcase_add_loop_test(tcase, reveal_shows_only_what_it_names, 0, 2);
	tcase_add_test(tcase, a_region_covers_in_its_hours_and_while_nobody_knows_the_time);
	suite_add_tcase(suite, tcase);
	return suite;
}
