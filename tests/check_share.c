// SPDX-License-Identifier: GPL-2.0
#include "session/share.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redact/redact.h"
#include "session/ring.h"
#include "session/serve.h"
#include "test.h"

#define W	64
#define H	32

static struct share *share;
static struct feed feed;
static struct sink *worker;

static void begin(void)
{
	const struct session_frames frames = {
		.fourcc = V4L2_PIX_FMT_YUYV, .width = W, .height = H, .interval = { 1, 30 },
	};
	struct device_pictures pictures;

	session_pictures(&pictures, "porch", &frames);
	ck_assert_int_eq(share_new(&share, &pictures, NULL), 0);
	share_feed(share, &feed);
	ck_assert_int_eq(feed_sink(&worker, &feed, NULL), 0);
	share_serve(share, NULL);
}

static void end(void)
{
	sink_free(&worker);
	feed_close(&feed);
	share_free(&share);
}

/* A member as session_join() makes it. */
static void join_as(struct ring *ring, const struct reader *reader)
{
	int fds[2];

	ck_assert_int_eq(share_join(share, reader, fds, NULL), 0);
	ck_assert_int_eq(ring_join(ring, share_pictures(share), fds[0], fds[1], NULL), 0);
}

static void join(struct ring *ring)
{
	join_as(ring, &(struct reader){ .uid = 0 });
}

static void stream(struct ring *ring, uint32_t fourcc)
{
	ring_want(ring, fourcc);
	ck_assert_int_eq(ring_tell(ring, RING_STREAMS), 0);
	share_serve(share, NULL);
}

/* The worker makes a picture of one colour. */
static void put(uint8_t luma, int64_t time_ns)
{
	static const struct regions nothing;
	struct redactor *redactor = NULL;
	struct clean_frame *clean = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_YUYV, W, H, NULL), 0);
	for (unsigned y = 0; y < H; y++)
		for (unsigned x = 0; x < 2 * W; x++)
			frame->plane[0][y * frame->stride[0] + x] = x % 2 ? 128 : luma;
	frame->time_ns = time_ns;
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	ck_assert_int_eq(redact(redactor, &frame, &nothing, &clean, NULL), 0);
	ck_assert_int_eq(sink_put(worker, clean, NULL), 0);
	clean_frame_free(&clean);
	redactor_free(&redactor);
}

/* And it is passed on. */
static void work(uint8_t luma, int64_t time_ns)
{
	put(luma, time_ns);
	ck_assert_int_eq(share_serve(share, NULL), 0);
}

START_TEST(every_member_gets_the_picture_in_its_format)
{
	struct ring_picture got;
	struct ring a, b;

	join(&a);
	join(&b);
	stream(&a, V4L2_PIX_FMT_YUYV);
	stream(&b, V4L2_PIX_FMT_YUV420);
	ck_assert_uint_eq(share_wanted(share), 2);
	work(99, 7);
	ck_assert_int_eq(ring_take(&a, &got), 1);
	ck_assert_uint_eq(got.fourcc, V4L2_PIX_FMT_YUYV);
	ck_assert_int_eq(got.time_ns, 7);
	ck_assert_uint_eq(ring_picture(&a, got.slot)[2 * (W * H - 1)], 99);
	ck_assert_int_eq(ring_take(&b, &got), 1);
	ck_assert_uint_eq(got.fourcc, V4L2_PIX_FMT_YUV420);
	ck_assert_uint_eq(ring_picture(&b, got.slot)[W * H - 1], 99);
	ck_assert_int_eq(ring_take(&b, &got), 0);
	ring_close(&a);
	ring_close(&b);
	ck_assert_int_eq(share_serve(share, NULL), 0);
	ck_assert_uint_eq(share_wanted(share), 0);
}
END_TEST

START_TEST(who_does_not_stream_gets_nothing)
{
	struct ring_picture got;
	struct ring a;

	join(&a);
	ring_want(&a, V4L2_PIX_FMT_YUYV);
	work(99, 7);
	ck_assert_int_eq(ring_take(&a, &got), 0);
	stream(&a, V4L2_PIX_FMT_YUYV);
	work(99, 7);
	ck_assert_int_eq(ring_take(&a, &got), 1);
	ring_give_back(&a, got.slot);
	ck_assert_int_eq(ring_tell(&a, RING_STOPS), 0);
	share_serve(share, NULL);
	work(99, 7);
	ck_assert_int_eq(ring_take(&a, &got), 0);
	ring_close(&a);
}
END_TEST

/* Members share no memory: all of one's is written, and nothing of it is in another's. */
START_TEST(what_a_member_writes_reaches_nobody)
{
	struct ring_picture got;
	struct ring bad, good;
	unsigned wrong = 0;

	join(&bad);
	join(&good);
	stream(&bad, V4L2_PIX_FMT_YUYV);
	stream(&good, V4L2_PIX_FMT_YUYV);
	for (unsigned round = 0; round < 50; round++) {
		test_random_fill(bad.shared, 4096);
		test_random_fill(bad.pictures, RING_SLOTS * bad.slot_bytes);
		ring_want(&bad, round % 3 ? test_random() : V4L2_PIX_FMT_RGB24);
		work(round, round);
		ck_assert_int_eq(ring_take(&good, &got), 1);
		ck_assert_int_eq(got.time_ns, round);
		for (unsigned i = 0; i < W * H; i++)
			wrong += ring_picture(&good, got.slot)[2 * i] != round;
		ring_give_back(&good, got.slot);
	}
	ck_assert_uint_eq(wrong, 0);
	ring_close(&bad);
	ring_close(&good);
}
END_TEST

/* _i: a word that is none, one of another size, or the end. */
START_TEST(who_says_what_is_no_word_is_a_member_no_more)
{
	const uint64_t words[] = { RING_IS_CUT + 1, 1 };
	struct ring_picture got;
	struct ring a;

	join(&a);
	stream(&a, V4L2_PIX_FMT_YUYV);
	ck_assert_uint_eq(share_wanted(share), 1);
	if (_i < 2)
		ck_assert_int_gt(send(a.ends[1], &words[_i], _i ? 8 : 4, 0), 0);
	else
		shutdown(a.ends[1], SHUT_RDWR);
	ck_assert_int_eq(share_serve(share, NULL), 0);
	ck_assert_uint_eq(share_wanted(share), 0);
	ck_assert_int_eq(ring_take(&a, &got), -EPIPE);
	ring_close(&a);
}
END_TEST

START_TEST(a_cut_waits_for_those_who_answer_and_drops_those_who_do_not)
{
	struct ring_picture got;
	struct ring quick, slow;
	int64_t began;

	join(&quick);
	join(&slow);
	stream(&quick, V4L2_PIX_FMT_YUYV);
	stream(&slow, V4L2_PIX_FMT_YUYV);
	work(99, 7);
	ck_assert_int_eq(ring_tell(&quick, RING_IS_CUT), 0);	/* as soon as it is asked */
	began = session_now_ns();
	ck_assert_int_eq(feed_cut(&feed, NULL), 0);
	ck_assert_int_ge(session_now_ns() - began, 90000000);
	ck_assert_uint_eq(share_wanted(share), 1);
	ck_assert_int_eq(ring_take(&quick, &got), 1);
	ck_assert_int_eq(ring_take(&quick, &got), RING_CUT);
	work(98, 8);
	ck_assert_int_eq(ring_take(&quick, &got), 1);
	ck_assert_int_eq(got.time_ns, 8);
	ck_assert_int_eq(ring_take(&slow, &got), 1);
	ck_assert_int_eq(ring_take(&slow, &got), RING_CUT);
	ck_assert_int_eq(ring_take(&slow, &got), -EPIPE);
	ring_close(&quick);
	ring_close(&slow);
}
END_TEST

/* The word for a cut is not the worker's, and there is no slot of that number. */
static const struct ring_picture cut = { RING_BLACK + 1, V4L2_PIX_FMT_YUV420, 7 };

START_TEST(what_the_worker_put_before_a_cut_is_not_passed_on)
{
	struct ring_picture got;
	struct ring a;

	join(&a);
	stream(&a, V4L2_PIX_FMT_YUYV);
	/* Nor what stands behind words that are none. */
	ck_assert_int_eq(send(feed.fd, &cut, sizeof(cut), 0), sizeof(cut));
	for (unsigned i = 0; i < RING_SLOTS; i++)
		put(99, 7);
	ck_assert_int_eq(ring_tell(&a, RING_IS_CUT), 0);
	ck_assert_int_eq(feed_cut(&feed, NULL), 0);
	ck_assert_int_eq(share_serve(share, NULL), 0);
	ck_assert_int_eq(ring_take(&a, &got), RING_CUT);
	ck_assert_int_eq(ring_take(&a, &got), 0);
	work(98, 8);		/* by the next worker, who finds room */
	ck_assert_int_eq(ring_take(&a, &got), 1);
	ck_assert_int_eq(got.time_ns, 8);
	ring_close(&a);
}
END_TEST

START_TEST(a_worker_does_not_cut)
{
	struct ring_picture got;
	struct ring a;

	join(&a);
	stream(&a, V4L2_PIX_FMT_YUYV);
	ck_assert_int_eq(send(feed.fd, &cut, sizeof(cut), 0), sizeof(cut));
	ck_assert_int_eq(share_serve(share, NULL), -EPROTO);
	ck_assert_int_eq(ring_take(&a, &got), 0);
	ring_close(&a);
}
END_TEST

/* As many pictures as there is room for have waited: for how long, nobody knows. */
START_TEST(who_stood_still_passes_nothing_on)
{
	struct ring_picture got;
	struct ring a;

	join(&a);
	stream(&a, V4L2_PIX_FMT_YUYV);
	for (unsigned i = 0; i < RING_SLOTS; i++)
		put(99, i);
	ck_assert_int_eq(share_serve(share, NULL), 0);
	ck_assert_int_eq(ring_take(&a, &got), 0);
	work(98, 8);
	ck_assert_int_eq(ring_take(&a, &got), 1);
	ck_assert_int_eq(got.time_ns, 8);
	ring_close(&a);
}
END_TEST

/* It talks as fast as it can, from a process of its own. */
START_TEST(who_talks_without_end_holds_up_nobody)
{
	struct ring bad, good;
	int64_t began;
	pid_t pid;

	join(&bad);
	join(&good);
	stream(&good, V4L2_PIX_FMT_YUYV);
	pid = fork();
	if (!pid)
		for (unsigned i = 0;; i++) {
			const uint32_t word = i % 2 ? RING_STOPS : RING_STREAMS;

			if (send(bad.ends[1], &word, sizeof(word), MSG_NOSIGNAL) < 0)
				_exit(0);
		}
	usleep(20000);
	began = session_now_ns();
	ck_assert_int_eq(ring_tell(&good, RING_IS_CUT), 0);
	ck_assert_int_eq(feed_cut(&feed, NULL), 0);
	ck_assert_int_lt(session_now_ns() - began, 2000000000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_uint_eq(share_wanted(share), 1);
	ring_close(&bad);
	ring_close(&good);
}
END_TEST

START_TEST(of_who_left_nothing_stays_in_its_memory)
{
	struct ring_picture got;
	struct ring a;

	join(&a);
	stream(&a, V4L2_PIX_FMT_YUYV);
	work(99, 7);
	ck_assert_int_eq(ring_take(&a, &got), 1);
	ck_assert_uint_eq(ring_picture(&a, got.slot)[0], 99);
	ck_assert_int_eq(ring_tell(&a, RING_STREAMS), 0);	/* it has said so before */
	share_serve(share, NULL);
	ck_assert_uint_eq(share_wanted(share), 0);
	ck_assert_uint_eq(ring_picture(&a, got.slot)[0], 0);
	ring_close(&a);
}
END_TEST

START_TEST(pictures_of_another_size_are_refused)
{
	struct v4l2_pix_format pix = { .width = W, .height = H };
	const struct v4l2_fract interval = { 1, 30 };

	ck_assert_int_eq(feed_set(&feed, &pix, &interval, NULL), 0);
	pix.height /= 2;
	ck_assert_int_eq(feed_set(&feed, &pix, &interval, NULL), -ENOTSUP);
}
END_TEST

START_TEST(there_is_room_for_some_and_again_when_they_have_gone)
{
	struct ring ring[SHARE_MAX];
	int fds[2];

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < SHARE_MAX; i++)
			join(&ring[i]);
		ck_assert_int_eq(share_join(share, &(struct reader){ .uid = 0 }, fds, NULL), -EMFILE);
		for (unsigned i = 0; i < SHARE_MAX; i++)
			ring_close(&ring[i]);
		share_serve(share, NULL);
	}
}
END_TEST

static bool is_named(const void *ctx, const struct reader *reader)
{
	return reader->uid == 1000 || !strcmp(reader->unit, "nvr.service");
}

START_TEST(who_is_no_reader_any_more_gets_nothing_further)
{
	static const struct reader readers[] = { { .uid = 1000 }, { .uid = 1001 },
						 { 1001, "nvr.service" }, { 1001, "nv.service" } };
	static const bool stays[] = { true, false, true, false };
	struct ring ring[4];

	for (unsigned i = 0; i < 4; i++) {
		join_as(&ring[i], &readers[i]);
		stream(&ring[i], V4L2_PIX_FMT_YUV420);
	}
	ck_assert_uint_eq(share_wanted(share), 4);
	share_keep(share, is_named, NULL);
	ck_assert_uint_eq(share_wanted(share), 2);
	for (unsigned i = 0; i < 4; i++) {
		struct pollfd end = { .fd = ring[i].ends[1], .events = POLLIN };

		ck_assert_int_eq(poll(&end, 1, 0), stays[i] ? 0 : 1);
		ck_assert(stays[i] || end.revents & POLLHUP);
		ring_close(&ring[i]);
	}
}
END_TEST

START_TEST(memory_that_may_shrink_is_not_joined)
{
	struct device_pictures larger = *share_pictures(share);
	struct ring ring;
	int ends[2], memory = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING), fds[2];

	ck_assert_int_eq(ftruncate(memory, 4096 + (RING_SLOTS + 1) * W * H * 4), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	close(ends[0]);
	ck_assert_int_eq(ring_join(&ring, share_pictures(share), memory, ends[1], NULL), -EPROTO);
	ck_assert_int_eq(share_join(share, &(struct reader){ .uid = 0 }, fds, NULL), 0);
	ck_assert_int_lt(ftruncate(fds[0], 0), 0);
	larger.width *= 2;
	ck_assert_int_eq(ring_join(&ring, &larger, fds[0], fds[1], NULL), -EPROTO);
}
END_TEST

START_TEST(what_costs_no_conversion_is_offered_first)
{
	static const uint32_t made[][2] = {
		{ V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_YUYV },
		{ V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_YUV420 },
		{ V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420 },
	};
	const struct session_frames frames = {
		.fourcc = made[_i][0], .width = W, .height = H, .interval = { 1, 30 },
	};
	struct device_pictures pictures;

	session_pictures(&pictures, "porch", &frames);
	ck_assert_uint_eq(pictures.formats, 2);
	ck_assert_uint_eq(pictures.fourcc[0], made[_i][1]);
	ck_assert_uint_ne(pictures.fourcc[1], made[_i][1]);
}
END_TEST

/* Black is due by it: what cannot be is 30 a second. */
START_TEST(a_rate_that_no_camera_has_is_not_believed)
{
	static const struct v4l2_fract said[] = {
		{ 0, 30 }, { 30, 1 }, { 1, 0 }, { 1, 241 }, { 1, 30 },
	};
	const struct session_frames frames = {
		.fourcc = V4L2_PIX_FMT_YUYV, .width = W, .height = H, .interval = said[_i],
	};
	struct device_pictures pictures;

	session_pictures(&pictures, "porch", &frames);
	ck_assert_uint_eq(pictures.interval.numerator, 1);
	ck_assert_uint_eq(pictures.interval.denominator, 30);
}
END_TEST

Suite *share_suite(void)
{
	Suite *suite = suite_create("share");
	TCase *tcase = tcase_create("share");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, every_member_gets_the_picture_in_its_format);
	tcase_add_test(tcase, who_does_not_stream_gets_nothing);
	tcase_add_test(tcase, what_a_member_writes_reaches_nobody);
	tcase_add_loop_test(tcase, who_says_what_is_no_word_is_a_member_no_more, 0, 3);
	tcase_add_test(tcase, a_cut_waits_for_those_who_answer_and_drops_those_who_do_not);
	tcase_add_test(tcase, what_the_worker_put_before_a_cut_is_not_passed_on);
	tcase_add_test(tcase, a_worker_does_not_cut);
	tcase_add_test(tcase, who_stood_still_passes_nothing_on);
	tcase_add_test(tcase, who_talks_without_end_holds_up_nobody);
	tcase_add_test(tcase, of_who_left_nothing_stays_in_its_memory);
	tcase_add_test(tcase, pictures_of_another_size_are_refused);
	tcase_add_test(tcase, there_is_room_for_some_and_again_when_they_have_gone);
	tcase_add_test(tcase, who_is_no_reader_any_more_gets_nothing_further);
	tcase_add_test(tcase, memory_that_may_shrink_is_not_joined);
	tcase_add_loop_test(tcase, what_costs_no_conversion_is_offered_first, 0, 3);
	tcase_add_loop_test(tcase, a_rate_that_no_camera_has_is_not_believed, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}
