// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media.h"
#include "source/av_file.h"
#include "source/services.h"
#include "source/turn.h"

static uint64_t hash_frame(uint64_t hash, const struct frame *frame)
{
	for (unsigned i = 0; i < frame->format->planes; i++) {
		const struct plane_format *plane = &frame->format->plane[i];
		size_t bytes = frame->stride[i] * plane_rows(plane, frame->height);

		for (size_t at = 0; at < bytes; at++)
			hash = (hash ^ frame->plane[i][at]) * 1099511628211u;
	}
	return (hash ^ frame->time_ns) * 1099511628211u;
}

/* All frames to the end: how many, and a hash of what they show and when. */
static unsigned play(struct source *source, uint64_t *hash)
{
	struct frame *frame = NULL;
	unsigned count = 0;
	int ret;

	*hash = 14695981039346656037u;
	while ((ret = source_next(source, &frame, NULL)) > 0) {
		ck_assert_uint_eq(frame->number, count);
		ck_assert_uint_eq(frame->format->fourcc, source->fourcc);
		ck_assert_uint_eq(frame->width, source->width);
		ck_assert_uint_eq(frame->height, source->height);
		*hash = hash_frame(*hash, frame);
		count++;
		frame_free(&frame);
	}
	ck_assert_int_eq(ret, 0);
	ck_assert_ptr_null(frame);
	return count;
}

static int open_bytes(const void *bytes, size_t size, const char *name,
		      struct scrim_error *err)
{
	struct source *source = NULL;
	int fd = media_file(bytes, size), ret;

	ret = source_av(&source, fd, name, err);
	ck_assert(ret < 0 ? !source : !!source);
	source_free(&source);
	close(fd);
	return ret;
}

START_TEST(every_frame_is_what_was_announced)
{
	static const unsigned sizes[][2] = { { 1, 1 }, { 2, 1 }, { 17, 9 }, { 64, 48 } };
	int fd = media_y4m(sizes[_i][0], sizes[_i][1], 5);
	struct source *source = NULL;
	uint64_t hash;

	ck_assert_int_eq(source_av(&source, fd, "a.y4m", NULL), 0);
	ck_assert_uint_eq(source->fourcc, V4L2_PIX_FMT_YUV420);
	ck_assert_uint_eq(source->width, sizes[_i][0]);
	ck_assert_uint_eq(source->height, sizes[_i][1]);
	ck_assert_int_eq(source->rate.num, 25 * source->rate.den);
	ck_assert(!source->still);
	ck_assert_uint_eq(play(source, &hash), 5);
	source_free(&source);
	close(fd);
}
END_TEST

START_TEST(the_second_pass_sees_what_the_first_one_saw)
{
	int fd = media_y4m(33, 17, 12);
	struct source *source = NULL;
	struct frame *frame = NULL;
	uint64_t first, second;

	ck_assert_int_eq(source_av(&source, fd, "a.y4m", NULL), 0);
	ck_assert_uint_eq(play(source, &first), 12);
	ck_assert_int_eq(source_rewind(source, NULL), 0);
	ck_assert_uint_eq(play(source, &second), 12);
	ck_assert(first == second);
	/* From the middle as well. */
	ck_assert_int_eq(source_rewind(source, NULL), 0);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	frame_free(&frame);
	ck_assert_int_eq(source_rewind(source, NULL), 0);
	ck_assert_uint_eq(play(source, &second), 12);
	ck_assert(first == second);
	source_free(&source);
	close(fd);
}
END_TEST

START_TEST(pixels_of_a_video_come_through_untouched)
{
	int fd = media_y4m(5, 3, 1);
	size_t size;
	uint8_t *bytes = media_bytes(fd, &size), *at = bytes + size - 15 - 2 * 6;
	struct source *source = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(source_av(&source, fd, "a.y4m", NULL), 0);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	for (unsigned i = 0; i < 3; i++)
		for (unsigned y = 0; y < (i ? 2 : 3); y++) {
			size_t n = i ? 3 : 5;

			ck_assert_mem_eq(frame->plane[i] + y * frame->stride[i], at, n);
			at += n;
			for (size_t x = n; x < frame->stride[i]; x++)
				ck_assert_uint_eq(frame->plane[i][y * frame->stride[i] + x], 0);
		}
	frame_free(&frame);
	source_free(&source);
	free(bytes);
	close(fd);
}
END_TEST

START_TEST(times_follow_the_rate)
{
	int fd = media_y4m(4, 4, 10);
	struct source *source = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(source_av(&source, fd, "a.y4m", NULL), 0);
	for (int64_t n = 0; source_next(source, &frame, NULL) > 0; n++) {
		ck_assert_int_eq(frame->time_ns, n * 40000000);
		ck_assert_int_eq(frame->duration_ns, 40000000);
		frame_free(&frame);
	}
	source_free(&source);
	close(fd);
}
END_TEST

START_TEST(a_frame_outlives_its_source)
{
	int fd = media_y4m(16, 16, 2);
	struct source *source = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(source_av(&source, fd, "a.y4m", NULL), 0);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	source_free(&source);
	ck_assert_uint_eq(frame->plane[0][0], 16);
	frame_free(&frame);
	ck_assert_int_eq(fcntl(fd, F_GETFD) < 0, 0);	/* it stays the caller's */
	close(fd);
}
END_TEST

START_TEST(a_file_that_shows_nothing_is_an_error)
{
	static const struct { const char *name, *bytes; } files[] = {
		{ "a.mp4", "" },
		{ "a.mp4", "this is a text, and no video at all\n" },
		{ "a.y4m", "YUV4MPEG2 W320 H240 F25:1\n" },
		{ "a.y4m", "YUV4MPEG2 W320 H240 F25:1\nFRAME\nand nothing" },
		{ "a.y4m", "YUV4MPEG2 W0 H240 F25:1\nFRAME\n" },
		{ "a.jpg", "\xff\xd8\xff\xe0" },
		{ "a.png", "\x89PNG\r\n\x1a\n" },
		{ "a.mp4", "[~e\xfc" "fwW=" },	/* perhaps the words of a song */
	};
	struct scrim_error err;

	ck_assert_int_eq(open_bytes(files[_i].bytes, strlen(files[_i].bytes),
				    files[_i].name, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, files[_i].name));
}
END_TEST

/* Such files could read others, or the network. */
START_TEST(a_file_that_names_other_files_is_not_read)
{
	static const char *const files[] = {
		"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
		"file:///etc/passwd\n#EXT-X-ENDLIST\n",
		"ffconcat version 1.0\nfile /etc/passwd\n",
		"<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
		"profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"static\">\n</MPD>\n",
	};
	struct scrim_error err;
	int ret = open_bytes(files[_i], strlen(files[_i]), "a.mp4", &err);

	/* Newer releases of libavformat do not even recognise some of them. */
	ck_assert(ret == -ENOTSUP || ret == -EBADMSG);
	ck_assert(strstr(err.text, "are not read") || strstr(err.text, "no photo or video"));
}
END_TEST

START_TEST(a_name_is_only_a_name)
{
	static const char *const names[] = {
		"x%03d.png", "http://127.0.0.1:1/x.png", "*.png", "concat:a|b.png", "",
	};
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_RGB24, 8, 8, 0, true, 0);
	struct source from = media_source(V4L2_PIX_FMT_RGB24, 8, 8), *source = NULL;
	int fd = media_file("", 0);
	struct sink *sink = NULL;

	ck_assert_int_eq(sink_picture(&sink, fd, "a.png", &from, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	sink_free(&sink);
	ck_assert_int_eq(source_av(&source, fd, names[_i], NULL), 0);
	ck_assert(source->still);
	source_free(&source);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

START_TEST(a_picture_that_is_too_large_is_refused_by_its_header)
{
	static const uint8_t png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x40\0\0\0\x40\0"
		"\x08\x02\0\0\0\x4f\xb4\xe7\x3f\0\0\0\x08IDATx\x9c\x63\0\0\0\x01\0\x01";
	static const uint8_t jpeg[] = "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
		"\xff\xc0\0\x0b\x08\x40\0\x40\0\1\1\x11\0\xff\xda\0\x08\1\1\0\0\x3f\0\0\0\xff\xd9";
	struct scrim_error err;

	ck_assert_int_eq(_i ? open_bytes(jpeg, sizeof(jpeg), "a.jpg", &err) :
			 open_bytes(png, sizeof(png), "a.png", &err), -EFBIG);
	ck_assert_ptr_nonnull(strstr(err.text, "16384x16384 is larger than 67108864 pixels"));
}
END_TEST

START_TEST(a_video_that_is_too_large_is_refused_before_its_frames_are_read)
{
	static const char wide[] = "YUV4MPEG2 W40000 H2 F25:1\nFRAME\n";
	static const char large[] = "YUV4MPEG2 W9000 H9000 F25:1\nFRAME\n";
	struct scrim_error err;

	ck_assert_int_eq(open_bytes(wide, sizeof(wide), "a.y4m", &err), -EFBIG);
	ck_assert_ptr_nonnull(strstr(err.text, "40000x2"));
	ck_assert_int_eq(open_bytes(large, sizeof(large), "a.y4m", &err), -EFBIG);
	ck_assert_ptr_nonnull(strstr(err.text, "9000x9000"));
}
END_TEST

START_TEST(a_video_that_ends_too_early_ends_there)
{
	int whole = media_y4m(32, 32, 4), fd;
	struct source *source = NULL;
	size_t size;
	uint8_t *bytes = media_bytes(whole, &size);
	uint64_t hash;

	fd = media_file(bytes, size - 100);
	ck_assert_int_eq(source_av(&source, fd, "a.y4m", NULL), 0);
	ck_assert_uint_eq(play(source, &hash), 3);
	source_free(&source);
	free(bytes);
	close(whole);
	close(fd);
}
END_TEST

START_TEST(a_disk_that_cannot_be_read_is_an_error)
{
	struct source *source = NULL;
	struct scrim_error err;
	int fd = open("/proc/self/mem", O_RDONLY), out = open("/dev/null", O_WRONLY);

	ck_assert_int_eq(source_av(&source, out, "a.mp4", &err), -EBADMSG);
	ck_assert_int_eq(source_av(&source, -1, "a.mp4", &err), -EIO);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot read a.mp4"));
	close(out);
	close(fd);
}
END_TEST

/* The stored picture is bright at its top left and grey at its top right. */
#define STORED_W	32u
#define STORED_H	16u

static uint8_t *stored_jpeg(size_t *size)
{
	static struct regions none;
	struct source from = media_source(V4L2_PIX_FMT_GREY, STORED_W, STORED_H);
	struct clean_frame *clean = NULL;
	struct redactor *redactor = NULL;
	struct frame *frame = NULL;
	struct sink *sink = NULL;
	int fd = media_file("", 0);
	uint8_t *bytes;

	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_GREY, STORED_W, STORED_H, NULL), 0);
	frame->colour.full_range = true;
	for (unsigned y = 0; y < 8; y++) {
		memset(frame->plane[0] + y * frame->stride[0], 250, 8);
		memset(frame->plane[0] + y * frame->stride[0] + STORED_W - 8, 120, 8);
	}
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	ck_assert_int_eq(redact(redactor, &frame, &none, &clean, NULL), 0);
	ck_assert_int_eq(sink_picture(&sink, fd, "a.jpg", &from, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
	clean_frame_free(&clean);
	redactor_free(&redactor);
	bytes = media_bytes(fd, size);
	close(fd);
	return bytes;
}

/* A JPEG with these bytes as its EXIF. */
static int jpeg_with_exif(const void *exif, size_t exif_size)
{
	uint8_t head[] = { 0xff, 0xd8, 0xff, 0xe1, 0, 8 + exif_size,
			   'E', 'x', 'i', 'f', 0, 0 };
	size_t size;
	uint8_t *bytes = stored_jpeg(&size);
	int fd = media_file(head, sizeof(head));

	ck_assert_int_eq(write(fd, exif, exif_size), (ssize_t)exif_size);
	ck_assert_int_eq(write(fd, bytes + 2, size - 2), (ssize_t)size - 2);
	free(bytes);
	return fd;
}

/* 'T' or 'B', then 'L' or 'R': the corner that looks like that. */
static bool corner_is(const struct frame *frame, const char *corner, int level)
{
	unsigned x = corner[1] == 'L' ? 4 : frame->width - 5;
	unsigned y = corner[0] == 'T' ? 4 : frame->height - 5;

	return abs(frame->plane[0][y * frame->stride[0] + x] - level) < 12;
}

START_TEST(photos_stand_upright)
{
	static const struct { const char *bright, *grey; } corners[] = {
		{ "TL", "TR" },		/* 0 and 9 are no orientations */
		{ "TL", "TR" }, { "TR", "TL" }, { "BR", "BL" }, { "BL", "BR" },
		{ "TL", "BL" }, { "TR", "BR" }, { "BR", "TR" }, { "BL", "TL" },
		{ "TL", "TR" },
	};
	uint8_t exif[] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
			   0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, _i, 0, 0, 0, 0, 0, 0 };
	bool swapped = _i >= 5 && _i <= 8;
	int fd = jpeg_with_exif(exif, sizeof(exif));
	struct source *source = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(source_av(&source, fd, "a.jpg", NULL), 0);
	ck_assert_uint_eq(source->fourcc, V4L2_PIX_FMT_GREY);
	ck_assert_uint_eq(source->width, swapped ? STORED_H : STORED_W);
	ck_assert_uint_eq(source->height, swapped ? STORED_W : STORED_H);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	ck_assert_msg(corner_is(frame, corners[_i].bright, 250), "orientation %d", _i);
	ck_assert_msg(corner_is(frame, corners[_i].grey, 120), "orientation %d", _i);
	frame_free(&frame);
	/* It is one picture, and the same one after going back. */
	ck_assert_int_eq(source_next(source, &frame, NULL), 0);
	ck_assert_int_eq(source_rewind(source, NULL), 0);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	frame_free(&frame);
	source_free(&source);
	close(fd);
}
END_TEST

START_TEST(broken_exif_is_no_exif)
{
	static const struct { const char *bytes; size_t size; } exifs[] = {
		{ "", 0 },
		{ "MM\0*", 4 },
		{ "MM\0*\xff\xff\xff\xff", 8 },
		{ "II*\0\0\0\0\0", 8 },
		{ "II*\0\x08\0\0\0\xff\xff", 10 },
		{ "XX*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0", 22 },
	};
	int fd = jpeg_with_exif(exifs[_i].bytes, exifs[_i].size);
	struct source *source = NULL;

	ck_assert_int_eq(source_av(&source, fd, "a.jpg", NULL), 0);
	ck_assert_uint_eq(source->width, STORED_W);
	source_free(&source);
	close(fd);
}
END_TEST

START_TEST(display_matrices_turn_as_players_do)
{
	const int32_t one = 1 << 16;
	const struct { int32_t a, b, c, d; struct turn turn; } turns[] = {
		{ one, 0, 0, one, { false, false, false } },
		{ 0, one, -one, 0, { true, true, false } },	/* clockwise */
		{ -one, 0, 0, -one, { false, true, true } },
		{ 0, -one, one, 0, { true, false, true } },
		{ -one, 0, 0, one, { false, true, false } },	/* mirrored */
		{ one, 0, 0, -one, { false, false, true } },
		{ INT32_MIN, 0, 0, INT32_MIN, { false, true, true } },
		{ 0, 0, 0, 0, { false, false, false } },
	};
	const int32_t matrix[9] = { turns[_i].a, turns[_i].b, 0, turns[_i].c, turns[_i].d,
				    0, 0, 0, 1 << 30 };
	struct turn turn = turn_of_matrix(matrix);

	ck_assert_int_eq(turn.swap, turns[_i].turn.swap);
	ck_assert_int_eq(turn.mirror_x, turns[_i].turn.mirror_x);
	ck_assert_int_eq(turn.mirror_y, turns[_i].turn.mirror_y);
}
END_TEST

START_TEST(names_of_services_are_muted_wherever_they_are_cut)
{
	static const size_t sizes[] = { 188, 192, 204 };
	size_t step = sizes[_i], size = 64 * step;
	uint8_t *bytes = malloc(size);

	for (size_t chunk = 1000; chunk < 3 * step + 1000; chunk += 7) {
		size_t done = 0;

		test_random_fill(bytes, size);
		for (size_t at = 0; at < size; at += step)
			memcpy(bytes + at, at / step % 3 ? "\x47\x41\0" : "\x47\x40\x11", 3);
		while (done < size) {
			size_t n = chunk < size - done ? chunk : size - done;

			done += services_mute(bytes + done, n);
		}
		for (size_t at = 0; at < size; at += step)
			ck_assert_msg(memcmp(bytes + at, "\x47\x40\x11", 3),
				      "packet %zu of %zu bytes, chunks of %zu",
				      at / step, step, chunk);
	}
	free(bytes);
}
END_TEST

#define MS	INT64_C(1000000)

/* In steps of 40 ms; -1: no time. */
START_TEST(spliced_clocks_go_on_evenly)
{
	static const struct { bool splices; int64_t ms[5], want[5]; } clocks[] = {
		{ true, { 0, 40, 80, 120, 160 }, { 0, 40, 80, 120, 160 } },
		{ true, { 0, 40, 80, 0, 40 }, { 0, 40, 80, 120, 160 } },
		{ true, { 900, 940, 0, 40, 80 }, { 900, 940, 980, 1020, 1060 } },
		{ true, { 9000, 9040, 0, 40, 80 }, { 9000, 9040, 9080, 9120, 9160 } },
		{ true, { 0, 7200000, 7200040, 0, 40 }, { 0, 40, 80, 120, 160 } },
		{ true, { 0, 40, 1000, 1040, 1080 }, { 0, 40, 1000, 1040, 1080 } },
		{ true, { 0, 40, -1, 120, 160 }, { 0, 40, 80, 120, 160 } },
		/* Less than a frame is no other clock. */
		{ true, { 0, 40, 60, 120, 160 }, { 0, 40, 60, 120, 160 } },
		{ true, { 0, 40, 20, 120, 160 }, { 0, 40, 40, 120, 160 } },
		{ false, { 900, 940, 0, 40, 80 }, { 900, 940, 0, 40, 80 } },
	};
	const AVStream stream = { .time_base = { 1, 1000 } };
	struct av_file file = { .splices = clocks[_i].splices };
	struct av_clock clock = { 0 };

	for (unsigned i = 0; i < 5; i++) {
		int64_t ms = clocks[_i].ms[i];

		ms = av_clock_ns(&clock, &file, &stream, ms < 0 ? AV_NOPTS_VALUE : ms, 40 * MS);
		ck_assert_int_le(llabs(ms - clocks[_i].want[i] * MS), 1);
	}
}
END_TEST

START_TEST(a_spliced_clock_never_stands_still)
{
	const AVStream stream = { .time_base = { 1, 1000 } };
	struct av_file file = { .splices = true };
	struct av_clock clock = { 0 };
	int64_t last = -1, ns;

	for (unsigned i = 0; i < 100; i++) {
		ns = av_clock_ns(&clock, &file, &stream, test_random() % 200, 40 * MS);
		ck_assert_int_gt(ns, last);
		last = ns;
	}
}
END_TEST

START_TEST(an_allocation_that_fails_is_an_error)
{
	int fd = media_y4m(16, 16, 2);
	struct source *source = NULL;
	struct frame *frame = NULL;
	bool failed = true;

	for (unsigned n = 1; failed; n++) {
		int ret;

		ck_assert_uint_lt(n, 1000);
		test_alloc_fail_at(n);
		ret = source_av(&source, fd, "a.y4m", NULL);
		if (ret >= 0)
			ret = source_next(source, &frame, NULL);
		failed = test_alloc_failed();
		test_alloc_fail_at(0);
		ck_assert_int_eq(ret, failed ? -ENOMEM : 1);
		frame_free(&frame);
		source_free(&source);
	}
	close(fd);
}
END_TEST

Suite *source_suite(void)
{
	Suite *suite = suite_create("source");
	TCase *tcase = tcase_create("av");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, every_frame_is_what_was_announced, 0, 4);
	tcase_add_test(tcase, the_second_pass_sees_what_the_first_one_saw);
	tcase_add_test(tcase, pixels_of_a_video_come_through_untouched);
	tcase_add_test(tcase, times_follow_the_rate);
	tcase_add_test(tcase, a_frame_outlives_its_source);
	tcase_add_loop_test(tcase, a_file_that_shows_nothing_is_an_error, 0, 8);
	tcase_add_loop_test(tcase, a_file_that_names_other_files_is_not_read, 0, 3);
	tcase_add_loop_test(tcase, a_name_is_only_a_name, 0, 5);
	tcase_add_loop_test(tcase, a_picture_that_is_too_large_is_refused_by_its_header, 0, 2);
	tcase_add_test(tcase, a_video_that_is_too_large_is_refused_before_its_frames_are_read);
	tcase_add_test(tcase, a_video_that_ends_too_early_ends_there);
	tcase_add_test(tcase, a_disk_that_cannot_be_read_is_an_error);
	tcase_add_loop_test(tcase, photos_stand_upright, 0, 10);
	tcase_add_loop_test(tcase, broken_exif_is_no_exif, 0, 6);
	tcase_add_loop_test(tcase, display_matrices_turn_as_players_do, 0, 8);
	tcase_add_loop_test(tcase, names_of_services_are_muted_wherever_they_are_cut, 0, 3);
	tcase_add_loop_test(tcase, spliced_clocks_go_on_evenly, 0, 10);
	tcase_add_test(tcase, a_spliced_clock_never_stands_still);
	tcase_add_test(tcase, an_allocation_that_fails_is_an_error);
	suite_add_tcase(suite, tcase);
	return suite;
}
