// SPDX-License-Identifier: GPL-2.0
/*
 * A video in place of a camera: when its frames leave, by a clock that the test winds
 * up, and what its worker may ask of the kernel, with a real one.
 */
#include "test.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live_worker.h"
#include "media.h"
#include "source/play.h"

#define MS	INT64_C(1000000)
#define TICK	(40 * MS)
#define BEGAN	(1000 * MS)		/* by the clock */
#define FRAMES	5u			/* of a round */

/* The video: so many frames at these times, then its end. */
static struct {
	struct source base;
	int64_t time_ns[FRAMES];
	unsigned at, rounds;
	bool empty;			/* from the second round on */
} video;

static int video_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	if (video.at == FRAMES || (video.empty && video.rounds))
		return 0;
	ck_assert_int_eq(frame_new(frame, source->fourcc, source->width, source->height, err), 0);
	memset((*frame)->plane[0], video.at, (*frame)->stride[0] * source->height);
	(*frame)->time_ns = video.time_ns[video.at++];
	(*frame)->duration_ns = TICK;
	return 1;
}

static int video_rewind(struct source *source, struct scrim_error *err)
{
	video.at = 0;
	video.rounds++;
	return 0;
}

static void video_free(struct source *source)
{
	video.base.ops = NULL;
}

static int video_open(struct source **source, int fd, const char *name, struct scrim_error *err)
{
	static const struct source_ops ops = {
		.next = video_next, .rewind = video_rewind, .free = video_free,
	};

	video.base.ops = &ops;
	*source = &video.base;
	return 0;
}

/* The clock has ticked so often before anybody asks. */
static struct source *play(int *wind, unsigned ticks)
{
	const struct play_clock clock = { eventfd(ticks, EFD_CLOEXEC), BEGAN, TICK };
	const struct play_video from = { video_open, -1, "video" };
	const struct source like = { .fourcc = V4L2_PIX_FMT_GREY, .width = 16, .height = 16 };
	struct source *source = NULL;

	video.base = like;
	video.at = video.rounds = 0;
	video.empty = false;
	for (unsigned i = 0; i < FRAMES; i++)
		video.time_ns[i] = 700 * MS + i * TICK;
	*wind = clock.fd;
	ck_assert_int_eq(source_play(&source, &from, &like, &clock, NULL), 0);
	return source;
}

static void pass(int wind, uint64_t ticks)
{
	ck_assert_int_eq(write(wind, &ticks, sizeof(ticks)), sizeof(ticks));
}

/* Which frame of the video comes, and that it bears this time. */
static unsigned comes(struct source *source, int64_t time_ns)
{
	struct frame *frame = NULL;
	unsigned which;

	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	ck_assert_int_eq(frame->time_ns, time_ns);
	which = frame->plane[0][0];
	frame_free(&frame);
	return which;
}

static void done(struct source **source, int wind)
{
	source_free(source);
	close(wind);
}

START_TEST(a_video_begins_now_and_again_after_its_end)
{
	int wind;
	struct source *source = play(&wind, 3);
	int64_t now = BEGAN + 3 * TICK;

	for (unsigned i = 0; i < 3 * FRAMES; i++, now += TICK) {
		ck_assert_uint_eq(comes(source, now), i % FRAMES);
		pass(wind, 1);
	}
	ck_assert_uint_eq(video.rounds, 2);
	ck_assert_uint_eq(source->dropped, 0);
	done(&source, wind);
}
END_TEST

/* A third of a second is no whole number of nanoseconds. */
START_TEST(a_frame_that_is_rounded_up_leaves_with_its_tick)
{
	int wind;
	struct source *source = play(&wind, 1);

	for (unsigned i = 0; i < FRAMES; i++)
		video.time_ns[i] += i;
	for (unsigned i = 0; i < FRAMES; i++) {
		ck_assert_uint_eq(comes(source, BEGAN + (i + 1) * TICK + i), i);
		pass(wind, 1);
	}
	ck_assert_uint_eq(source->dropped, 0);
	done(&source, wind);
}
END_TEST

START_TEST(frames_for_which_there_was_no_time_are_dropped_and_counted)
{
	int wind;
	struct source *source = play(&wind, 1);
	uint64_t dropped = 0, damaged = 0;

	source_count_in(source, &dropped, &damaged);
	ck_assert_uint_eq(comes(source, BEGAN + TICK), 0);
	pass(wind, 1);
	ck_assert_uint_eq(comes(source, BEGAN + 2 * TICK), 1);
	pass(wind, 3);
	ck_assert_uint_eq(comes(source, BEGAN + 3 * TICK), 2);
	ck_assert_uint_eq(comes(source, BEGAN + 5 * TICK), 4);
	ck_assert_uint_eq(dropped, 1);
	done(&source, wind);
}
END_TEST

START_TEST(a_machine_that_is_too_slow_plays_slowly_and_goes_on)
{
	int wind;
	struct source *source = play(&wind, 1);

	comes(source, BEGAN + TICK);
	pass(wind, 1);
	comes(source, BEGAN + 2 * TICK);
	pass(wind, 500);
	comes(source, BEGAN + 3 * TICK);
	/* Of 500 that are due, one is skipped, and then it is the time of what comes. */
	comes(source, BEGAN + 502 * TICK);
	ck_assert_uint_eq(source->dropped, 1);
	pass(wind, 1);
	comes(source, BEGAN + 503 * TICK);
	done(&source, wind);
}
END_TEST

/* _i: a pause of hours, and a clock that jumps back. */
START_TEST(a_gap_in_a_video_is_skipped)
{
	static const int64_t jump[] = { 7200 * 1000 * MS, -500 * MS };
	int wind;
	struct source *source = play(&wind, 1);

	for (unsigned i = 2; i < FRAMES; i++)
		video.time_ns[i] += jump[_i];
	for (unsigned i = 0; i < FRAMES; i++) {
		ck_assert_uint_eq(comes(source, BEGAN + (1 + i) * TICK), i);
		pass(wind, 1);
	}
	done(&source, wind);
}
END_TEST

START_TEST(a_video_that_becomes_empty_or_another_ends)
{
	int wind;
	struct source *source = play(&wind, 1);
	struct frame *frame = NULL;

	video.empty = true;
	for (unsigned i = 0; i < FRAMES; i++) {
		comes(source, BEGAN + (1 + i) * TICK);
		pass(wind, 1);
	}
	ck_assert_int_eq(source_next(source, &frame, NULL), -EBADMSG);
	ck_assert_ptr_null(frame);
	done(&source, wind);
	source = play(&wind, 1);
	video.base.width = 32;
	ck_assert_int_eq(source_next(source, &frame, NULL), -EBADMSG);
	ck_assert_ptr_null(frame);
	done(&source, wind);
}
END_TEST

/* The real worker in its cage: a film of some frames, covered, and given to nobody. */

static struct film {
	unsigned width, height, frames, shown;
	uint8_t *bytes;
	size_t size;
} films[] = {
	{ 1280, 720, 5, 12, NULL, 0 },	/* large, and shown more than once */
	{ 16, 16, 6000, 5, NULL, 0 },	/* long: what finds its frames is large */
};

static void make_film(struct film *film)
{
	const struct sink_av_options options = { .audio = -1 };
	struct source like = media_source(V4L2_PIX_FMT_YUV420, film->width, film->height);
	int fd = memfd_create("film", MFD_CLOEXEC);
	struct sink *sink = NULL;

	like.rate.num = 200;
	ck_assert_int_eq(sink_av(&sink, fd, "film.avi", &like, &options, NULL), 0);
	for (unsigned i = 0; i < film->frames; i++) {
		struct clean_frame *clean = media_clean(like.fourcc, film->width, film->height,
							i, false, i * 5 * MS);

		ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
		clean_frame_free(&clean);
	}
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
	film->bytes = media_bytes(fd, &film->size);
	close(fd);
}

static void make_films(void)
{
	for (size_t i = 0; i < sizeof(films) / sizeof(films[0]); i++)
		make_film(&films[i]);
}

static void free_films(void)
{
	for (size_t i = 0; i < sizeof(films) / sizeof(films[0]); i++)
		free(films[i].bytes);
}

/* A face in every frame. */
static int make_boxes(void)
{
	int fd = memfd_create("boxes", MFD_CLOEXEC);

	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_gt(dprintf(fd, "%u 1 1 60 60\n", i), 0);
	return fd;
}

static bool has_ended(const struct caged_child *child)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

/* Plays it until so much was shown, and then there is nothing in it any more: -EBADMSG. */
static int play_film(const struct film *film, struct scrim_error *err)
{
	struct policy policy = { .faces = METHOD_MOSAIC, .detector = DETECTOR_REPLAY };
	struct camera camera = {
		.kind = &camera_file, .where = "film.avi",
		.fd = media_file(film->bytes, film->size), .interval = { 1, 200 },
		.pix = { .width = film->width, .height = film->height,
			 .pixelformat = V4L2_PIX_FMT_YUV420 },
	};
	struct feed feed;
	struct live_worker w = {
		.policy = &policy, .camera = &camera, .feed = &feed, .model = -1,
		.boxes = make_boxes(),
	};
	const struct cage_devices devices = { NULL, 0, camera.kind->calls };
	const int keep[] = { camera.fd, w.boxes };
	const struct caged_call call = {
		.before = live_before, .work = live_work, .ctx = &w, .keep = keep, .kept = 2,
		.size = sizeof(struct live_counts), .devices = &devices,
	};
	struct live_counts counts;
	struct caged_child child;
	int ret;

	feed_null(&feed);
	ck_assert_int_eq(lseek(w.boxes, 0, SEEK_SET), 0);
	ck_assert_int_eq(caged_start(&call, &child, err), 0);
	do
		memcpy(&counts, (const void *)caged_peek(&child), sizeof(counts));
	while (counts.frames < film->shown && !has_ended(&child) && usleep(10000) == 0);
	ck_assert_int_eq(ftruncate(camera.fd, 0), 0);
	/* What a long film has in memory would go on for a while. */
	if (film->frames > film->shown && !has_ended(&child))
		caged_stop(&child);
	ret = child.pid ? caged_finish(&child, &counts, err) : -EBADMSG;
	close(camera.fd);
	close(w.boxes);
	return ret;
}

static int play_films(struct scrim_error *err)
{
	int ret = play_film(&films[0], err);

	return ret == -EBADMSG ? play_film(&films[1], err) : ret;
}

START_TEST(every_line_of_the_table_of_videos_is_needed)	/* a line each */
{
	const char *name = cage_video.at[_i].name;
	struct scrim_error err;
	int ret;

	/* Nobody has no device, and whether a block can grow where it is is luck. */
	if (!strcmp(name, "ioctl") || !strcmp(name, "mremap"))
		return;
	/* What a film of hours does, one of seconds does with this. */
	mallopt(M_MMAP_THRESHOLD, 65536);
	ret = play_films(&err);
	ck_assert_msg(ret == -EBADMSG, "%d: %s", ret, err.text);
	cage_leave_out(_i);
	ret = play_films(&err);
	ck_assert_msg(ret == -EIO, "nobody misses %s", name);
	ck_assert_ptr_nonnull(strstr(err.text, "killed"));
}
END_TEST

/* What is remembered of it is made wrong here, to be seen. */
START_TEST(a_video_is_looked_at_once_until_it_is_another)
{
	struct finder finder = { 0 };
	struct camera camera;
	struct scrim_error err;
	char device[48];
	const struct camera_name name = { device, "", "" };
	const struct wish none = { 0 };
	const struct timespec then[2] = { { 1000, 0 }, { 1000, 0 } };
	int fd = media_y4m(32, 16, 2);

	snprintf(device, sizeof(device), "file:/proc/self/fd/%d", fd);
	ck_assert_int_eq(camera_look_for(&camera, &finder, &name, &none, &err), 0);
	ck_assert_uint_eq(camera.pix.width, 32);
	camera_close(&camera);
	finder.pix.width = 64;
	ck_assert_int_eq(camera_look_for(&camera, &finder, &name, &none, &err), 0);
	ck_assert_uint_eq(camera.pix.width, 64);
	camera_close(&camera);
	if (_i == 0)
		ck_assert_int_eq(futimens(fd, then), 0);
	else
		finder_forget(&finder);
	ck_assert_int_eq(camera_look_for(&camera, &finder, &name, &none, &err), 0);
	ck_assert_uint_eq(camera.pix.width, 32);
	camera_close(&camera);
	close(fd);
}
END_TEST

START_TEST(what_is_no_video_is_looked_at_again_each_time)
{
	struct finder finder = { 0 };
	struct camera camera;
	char device[48];
	const struct camera_name name = { device, "", "" };
	const struct wish none = { 0 };
	int fd = media_file("no video at all", 15);

	snprintf(device, sizeof(device), "file:/proc/self/fd/%d", fd);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_lt(camera_look_for(&camera, &finder, &name, &none, NULL), 0);
		ck_assert_int_eq(camera.fd, -1);
	}
	close(fd);
}
END_TEST

Suite *play_suite(void)
{
	Suite *suite = suite_create("play");
	TCase *tcase = tcase_create("play");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_video_begins_now_and_again_after_its_end);
	tcase_add_test(tcase, a_frame_that_is_rounded_up_leaves_with_its_tick);
	tcase_add_test(tcase, frames_for_which_there_was_no_time_are_dropped_and_counted);
	tcase_add_test(tcase, a_machine_that_is_too_slow_plays_slowly_and_goes_on);
	tcase_add_loop_test(tcase, a_gap_in_a_video_is_skipped, 0, 2);
	tcase_add_test(tcase, a_video_that_becomes_empty_or_another_ends);
	tcase_add_loop_test(tcase, a_video_is_looked_at_once_until_it_is_another, 0, 2);
	tcase_add_test(tcase, what_is_no_video_is_looked_at_again_each_time);
	suite_add_tcase(suite, tcase);
	/* A sanitizer makes calls of its own. */
	if (SANITIZED)
		return suite;
	tcase = tcase_create("cage");
	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, make_films, free_films);
	tcase_add_loop_test(tcase, every_line_of_the_table_of_videos_is_needed, 0, cage_video.count);
	suite_add_tcase(suite, tcase);
	return suite;
}
