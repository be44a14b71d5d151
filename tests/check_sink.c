// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media.h"
#include "source/libav.h"

static const struct sink_av_options silent = { .audio = -1 };

static bool holds(int fd, const char *words)
{
	size_t size;
	uint8_t *bytes = media_bytes(fd, &size);
	bool found = memmem(bytes, size, words, strlen(words));

	free(bytes);
	return found;
}

/* What no file may tell: what made it, and when. */
static void check_no_metadata(int fd)
{
	static const char *const words[] = {
		"x264", "Lavc", "Lavf5", "Lavf6", "libvpx", "FFmpeg", "Exif", "tEXt",
		"tIME", "creation", "SERVICE_", "service_",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ck_assert_msg(!holds(fd, words[i]), "it says %s", words[i]);
}

static void write_photo(int fd, const char *name, const struct clean_frame *clean)
{
	const struct frame *frame = clean_frame_view(clean);
	struct source from = media_source(frame->format->fourcc, frame->width, frame->height);
	struct sink *sink = NULL;

	ck_assert_int_eq(sink_picture(&sink, fd, name, &from, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
}

/* The photo as a source reads it back. */
static struct frame *read_photo(int fd, const char *name)
{
	struct source *source = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(source_av(&source, fd, name, NULL), 0);
	ck_assert(source->still);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	source_free(&source);
	return frame;
}

static const unsigned sizes[][2] = {
	{ 1, 1 }, { 1, 7 }, { 3, 2 }, { 16, 16 }, { 17, 33 }, { 100, 75 },
};
#define SIZES	6

START_TEST(a_png_comes_back_as_it_was)
{
	static const uint32_t formats_kept[] = { V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_GREY };
	const unsigned *size = sizes[_i % SIZES];
	struct clean_frame *clean = media_clean(formats_kept[_i / SIZES], size[0], size[1],
						3, true, 0);
	int fd = media_file("", 0);
	struct frame *back;

	write_photo(fd, "a.png", clean);
	check_no_metadata(fd);
	back = read_photo(fd, "a.png");
	ck_assert(media_distance(back, clean_frame_view(clean)) == 0);
	frame_free(&back);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

/* Neither what is in alpha alone nor what alpha hides may pass by the detector. */
START_TEST(a_png_with_alpha_comes_back_on_white)
{
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_ABGR32, sizes[_i][0],
						sizes[_i][1], 3, true, 0);
	const struct frame *seen = clean_frame_view(clean);
	int fd = media_file("", 0);
	struct frame *back;

	write_photo(fd, "a.png", clean);
	check_no_metadata(fd);
	back = read_photo(fd, "a.png");
	ck_assert_uint_eq(back->format->fourcc, V4L2_PIX_FMT_RGB24);
	for (unsigned y = 0; y < seen->height; y++)
		for (unsigned x = 0; x < seen->width; x++) {
			const uint8_t *bgra = seen->plane[0] + y * seen->stride[0] + 4 * x;
			const uint8_t *rgb = back->plane[0] + y * back->stride[0] + 3 * x;

			for (unsigned i = 0; i < 3; i++)
				ck_assert_int_eq(rgb[i], lround(255 - (255 - bgra[2 - i]) *
								bgra[3] / 255.0));
		}
	frame_free(&back);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

START_TEST(a_jpeg_comes_back_nearly_as_it_was)
{
	static const uint32_t formats_kept[] = {
		V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_RGB24,
	};
	const unsigned *size = sizes[_i % SIZES];
	struct clean_frame *clean = media_clean(formats_kept[_i / SIZES], size[0], size[1],
						3, true, 0);
	int fd = media_file("", 0);
	struct frame *back;

	write_photo(fd, "a.JPG", clean);
	check_no_metadata(fd);
	back = read_photo(fd, "a.jpg");
	ck_assert_msg(media_distance(back, clean_frame_view(clean)) < 4,
		      "distance %f", media_distance(back, clean_frame_view(clean)));
	frame_free(&back);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

/* Levels of a video are stretched on their way into a photo. */
START_TEST(every_format_becomes_a_photo)
{
	const char *name = _i % 2 ? "a.png" : "a.jpg";
	struct clean_frame *clean = media_clean(formats[_i / 2].fourcc, 33, 17, 1, false, 0);
	int fd = media_file("", 0);
	struct frame *back;

	write_photo(fd, name, clean);
	back = read_photo(fd, name);
	ck_assert_uint_eq(back->width, 33);
	ck_assert_uint_eq(back->height, 17);
	frame_free(&back);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

/* A frame of a video, wholly covered. */
static struct clean_frame *black(void)
{
	static struct regions all;
	struct redactor *redactor = NULL;
	struct clean_frame *clean = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(frame_new(&frame, V4L2_PIX_FMT_YUV420, 20, 20, NULL), 0);
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	regions_clear(&all);
	regions_cover(&all, "test");
	ck_assert_int_eq(redact(redactor, &frame, &all, &clean, NULL), 0);
	redactor_free(&redactor);
	return clean;
}

START_TEST(black_of_a_video_is_black_in_a_photo)
{
	struct clean_frame *clean = black();
	struct frame *frame = NULL;
	int fd = media_file("", 0);

	write_photo(fd, _i ? "a.png" : "a.jpg", clean);
	frame = read_photo(fd, "a");
	for (size_t x = 0; x < 20; x++)
		ck_assert_uint_lt(frame->plane[0][x], 3);
	frame_free(&frame);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

START_TEST(a_photo_loses_no_more_than_it_has_lost)
{
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUV420, 64, 64, 0, true, 0);
	struct source from = media_source(V4L2_PIX_FMT_YUV420, 64, 64), *back = NULL;
	static const unsigned qualities[][2] = { { 0, 90 }, { 40, 90 }, { 90, 90 }, { 97, 97 } };
	struct sink *sink = NULL;
	int fd = media_file("", 0);

	from.quality = qualities[_i][0];
	ck_assert_int_eq(sink_picture(&sink, fd, "a.jpeg", &from, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	sink_free(&sink);
	ck_assert_int_eq(source_av(&back, fd, "a.jpeg", NULL), 0);
	ck_assert_int_le(abs((int)back->quality - (int)qualities[_i][1]), 1);
	source_free(&back);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

START_TEST(a_photo_holds_one_picture)
{
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_GREY, 8, 8, 0, true, 0);
	struct source from = media_source(V4L2_PIX_FMT_GREY, 8, 8);
	struct sink *sink = NULL;
	int fd = media_file("", 0);

	ck_assert_int_eq(sink_picture(&sink, fd, "a.png", &from, NULL), 0);
	ck_assert_int_eq(sink_finish(sink, NULL), -EINVAL);
	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), -EINVAL);
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

START_TEST(photos_are_known_by_their_ending)
{
	ck_assert(name_is_picture("a.jpg"));
	ck_assert(name_is_picture("b/a.JPEG"));
	ck_assert(name_is_picture("a.b.Png"));
	ck_assert(!name_is_picture("a.mp4"));
	ck_assert(!name_is_picture("jpg"));
	ck_assert(!name_is_picture(""));
}
END_TEST

/* Video.  Times of frames that no rate explains, in ms. */
static const int times_ms[] = { 0, 40, 120, 160, 400, 440, 1440, 1480 };
#define FRAMES	8

static void write_video(int fd, const char *name, const char *codec, unsigned width,
			unsigned height, bool even_pace)
{
	const struct sink_av_options options = { .codec = codec, .audio = -1 };
	struct source from = media_source(V4L2_PIX_FMT_YUV420, width, height);
	struct scrim_error err = { 0 };
	struct sink *sink = NULL;

	ck_assert_msg(sink_av(&sink, fd, name, &from, &options, &err) == 0, "%s", err.text);
	for (unsigned i = 0; i < FRAMES; i++) {
		int64_t ms = even_pace ? 40 * i : (unsigned)times_ms[i];
		struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUV420, width, height,
							i, false, ms * 1000000);

		ck_assert_msg(sink_put(sink, clean, &err) == 0, "%s", err.text);
		clean_frame_free(&clean);
	}
	ck_assert_msg(sink_finish(sink, &err) == 0, "%s", err.text);
	sink_free(&sink);
}

/* Reads it back: all frames there, alike, and in time. */
static void check_video(int fd, const char *name, unsigned width, unsigned height,
			bool even_pace, double distance)
{
	struct source *source = NULL;
	struct scrim_error err = { 0 };
	struct frame *frame = NULL;
	unsigned i = 0;

	ck_assert_msg(source_av(&source, fd, name, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(source->width, width);
	ck_assert_uint_eq(source->height, height);
	for (; source_next(source, &frame, NULL) > 0; i++) {
		int64_t ms = even_pace ? 40 * i : (unsigned)times_ms[i % FRAMES];
		struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUV420, width, height,
							i, false, 0);

		ck_assert_uint_lt(i, FRAMES);
		ck_assert_int_le(llabs(frame->time_ns - ms * 1000000), 1000000);
		ck_assert_msg(media_distance(frame, clean_frame_view(clean)) <= distance,
			      "%s: frame %u: %f", name, i,
			      media_distance(frame, clean_frame_view(clean)));
		clean_frame_free(&clean);
		frame_free(&frame);
	}
	ck_assert_uint_eq(i, FRAMES);
	source_free(&source);
}

static const struct { const char *name, *codec; bool even_pace; double distance; } videos[] = {
	{ "a.mp4", NULL, false, 4 },
	{ "a.MOV", NULL, false, 4 },
	{ "a.m4v", NULL, false, 4 },
	{ "a.mkv", NULL, false, 4 },
	{ "a.webm", NULL, false, 6 },
	{ "a.ts", NULL, false, 4 },
	{ "a.flv", NULL, false, 4 },
	{ "a.avi", NULL, true, 4 },
	{ "a.y4m", NULL, true, 0 },
	{ "a.avi", "mjpeg", true, 6 },
	{ "a.mkv", "mpeg4", true, 4 },
	{ "a.mkv", "ffv1", false, 0 },
	{ "a.avi", "rawvideo", true, 0 },
};
#define VIDEOS	13

START_TEST(a_video_comes_back_frame_by_frame_and_in_time)
{
	int fd = media_file("", 0);

	write_video(fd, videos[_i].name, videos[_i].codec, 64, 48, videos[_i].even_pace);
	check_video(fd, videos[_i].name, 64, 48, videos[_i].even_pace, videos[_i].distance);
	check_no_metadata(fd);
	close(fd);
}
END_TEST

START_TEST(odd_sizes_are_kept_where_the_codec_can)
{
	static const char *const names[] = { "a.y4m", "a.webm" };
	int fd = media_file("", 0);

	write_video(fd, names[_i], NULL, 33, 17, true);
	check_video(fd, names[_i], 33, 17, true, 6);
	close(fd);
}
END_TEST

/* The column and the row that are added repeat their neighbours. */
START_TEST(h264_makes_odd_sizes_even)
{
	struct source *source = NULL;
	struct frame *frame = NULL;
	int fd = media_file("", 0);

	write_video(fd, "a.mp4", NULL, 33, 17, true);
	ck_assert_int_eq(source_av(&source, fd, "a.mp4", NULL), 0);
	ck_assert_uint_eq(source->width, 34);
	ck_assert_uint_eq(source->height, 18);
	ck_assert_int_eq(source_next(source, &frame, NULL), 1);
	for (unsigned y = 0; y < 18; y++)
		ck_assert_int_le(abs(frame->plane[0][y * frame->stride[0] + 33] -
				     frame->plane[0][y * frame->stride[0] + 32]), 24);
	for (unsigned x = 0; x < 34; x++)
		ck_assert_int_le(abs(frame->plane[0][17 * frame->stride[0] + x] -
				     frame->plane[0][16 * frame->stride[0] + x]), 24);
	frame_free(&frame);
	source_free(&source);
	close(fd);
}
END_TEST

static int mean_luma(const struct frame *frame)
{
	const struct plane_format *plane = &frame->format->plane[0];
	unsigned step = plane->cell_bytes / plane->cell_w;
	unsigned at = frame->format->fourcc == V4L2_PIX_FMT_UYVY, sum = 0;

	for (unsigned y = 0; y < frame->height; y++)
		for (unsigned x = 0; x < frame->width; x++)
			sum += frame->plane[0][y * frame->stride[0] + at + x * step];
	return sum / (frame->width * frame->height);
}

START_TEST(every_format_becomes_a_video)
{
	uint32_t fourcc = formats[_i].fourcc;
	struct source from = media_source(fourcc, 32, 18), *back = NULL;
	struct clean_frame *clean = media_clean(fourcc, 32, 18, 1, false, 0);
	struct frame *frame = NULL;
	struct sink *sink = NULL;
	int fd = media_file("", 0);

	ck_assert_int_eq(sink_av(&sink, fd, "a.mkv", &from, &silent, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
	ck_assert_int_eq(source_av(&back, fd, "a.mkv", NULL), 0);
	ck_assert_uint_eq(back->width, 32);
	if (!format_find(fourcc)->rgb) {
		ck_assert_int_eq(source_next(back, &frame, NULL), 1);
		ck_assert_int_le(abs(mean_luma(clean_frame_view(clean)) - mean_luma(frame)), 2);
		frame_free(&frame);
	}
	source_free(&back);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

/* Frames that stand still or go back in time are pushed on, none is lost. */
START_TEST(time_never_stands_still)
{
	struct source from = media_source(V4L2_PIX_FMT_YUV420, 32, 32), *back = NULL;
	static const int64_t times[] = { 0, 40000000, 40000000, 20000000, 160000000 };
	const struct sink_av_options options = { .codec = _i ? "mpeg4" : "libx264", .audio = -1 };
	struct frame *frame = NULL;
	struct sink *sink = NULL;
	int fd = media_file("", 0);
	int64_t last = -1;
	unsigned count = 0;

	ck_assert_int_eq(sink_av(&sink, fd, "a.mkv", &from, &options, NULL), 0);
	for (unsigned i = 0; i < 5; i++) {
		struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUV420, 32, 32, i,
							false, times[i]);

		ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
		clean_frame_free(&clean);
	}
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
	ck_assert_int_eq(source_av(&back, fd, "a.mkv", NULL), 0);
	for (; source_next(back, &frame, NULL) > 0; count++) {
		ck_assert_int_gt(frame->time_ns, last);
		last = frame->time_ns;
		frame_free(&frame);
	}
	ck_assert_uint_eq(count, 5);
	ck_assert_int_eq(last, 160000000);
	source_free(&back);
	close(fd);
}
END_TEST

/* Motion JPEG knows full range only: what is black has to become blacker. */
START_TEST(levels_are_stretched_for_motion_jpeg)
{
	const struct sink_av_options options = { .codec = "mjpeg", .audio = -1 };
	struct source from = media_source(V4L2_PIX_FMT_YUV420, 20, 20), *back = NULL;
	struct clean_frame *clean = black();
	struct frame *frame = NULL;
	struct sink *sink = NULL;
	int fd = media_file("", 0);

	ck_assert_int_eq(sink_av(&sink, fd, "a.avi", &from, &options, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
	ck_assert_int_eq(source_av(&back, fd, "a.avi", NULL), 0);
	ck_assert(back->colour.full_range);
	ck_assert_int_eq(source_next(back, &frame, NULL), 1);
	ck_assert_int_lt(mean_luma(frame), 3);
	frame_free(&frame);
	source_free(&back);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

START_TEST(colour_is_kept)
{
	struct source from = media_source(V4L2_PIX_FMT_YUV420, 32, 32), *back = NULL;
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUV420, 32, 32, 0, true, 0);
	struct sink *sink = NULL;
	int fd = media_file("", 0);

	from.colour = (struct colour){ true, 9, 16, 9 };
	ck_assert_int_eq(sink_av(&sink, fd, "a.mp4", &from, &silent, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
	ck_assert_int_eq(source_av(&back, fd, "a.mp4", NULL), 0);
	ck_assert(back->colour.full_range);
	ck_assert_uint_eq(back->colour.primaries, 9);
	ck_assert_uint_eq(back->colour.transfer, 16);
	ck_assert_uint_eq(back->colour.matrix, 9);
	source_free(&back);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

START_TEST(what_cannot_be_written_is_said_with_what_can)
{
	static const struct { const char *name, *codec, *words; } wishes[] = {
		{ "a.doc", NULL, "mp4" },
		{ "a", NULL, "mkv" },
		{ "a.mp4", "libx666", "libx264" },
		{ "a.webm", "libx264", "libvpx-vp9" },
		{ "a.y4m", "libx264", "wrapped_avframe" },
	};
	struct source from = media_source(V4L2_PIX_FMT_YUV420, 32, 32);
	const struct sink_av_options options = { .codec = wishes[_i].codec, .audio = -1 };
	struct scrim_error err;
	struct sink *sink = NULL;
	int fd = media_file("", 0);

	ck_assert_int_eq(sink_av(&sink, fd, wishes[_i].name, &from, &options, &err), -ENOTSUP);
	ck_assert_ptr_null(sink);
	ck_assert_ptr_nonnull(strstr(err.text, wishes[_i].words));
	close(fd);
}
END_TEST

START_TEST(a_frame_of_another_size_is_refused)
{
	struct source from = media_source(V4L2_PIX_FMT_YUV420, 32, 32);
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUV420, 32, 30, 0, false, 0);
	struct sink *sink = NULL;
	int fd = media_file("", 0);

	ck_assert_int_eq(sink_av(&sink, fd, "a.mp4", &from, &silent, NULL), 0);
	ck_assert_int_eq(sink_put(sink, clean, NULL), -EINVAL);
	ck_assert_int_eq(sink_finish(sink, NULL), -EINVAL);	/* nothing is in it */
	sink_free(&sink);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

/* A Matroska file of one packet of sound, with words in the header of the codec. */
static int sound_with_header(enum AVCodecID codec, const char *header)
{
	AVFormatContext *format = NULL;
	AVPacket *packet = av_packet_alloc();
	AVStream *stream;
	uint8_t *bytes;
	int size, fd;

	ck_assert_int_ge(avformat_alloc_output_context2(&format, NULL, "matroska", "x"), 0);
	stream = avformat_new_stream(format, NULL);
	stream->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
	stream->codecpar->codec_id = codec;
	stream->codecpar->sample_rate = 8000;
	stream->codecpar->bits_per_coded_sample = 16;
	av_channel_layout_default(&stream->codecpar->ch_layout, 1);
	stream->codecpar->extradata = av_mallocz(strlen(header) + AV_INPUT_BUFFER_PADDING_SIZE);
	stream->codecpar->extradata_size = strlen(header);
	memcpy(stream->codecpar->extradata, header, strlen(header));
	ck_assert_int_ge(avio_open_dyn_buf(&format->pb), 0);
	ck_assert_int_ge(avformat_write_header(format, NULL), 0);
	ck_assert_int_ge(av_new_packet(packet, 1600), 0);
	memset(packet->data, 0, 1600);
	packet->pts = packet->dts = 0;
	packet->duration = 100;
	ck_assert_int_ge(av_write_frame(format, packet), 0);
	ck_assert_int_ge(av_write_trailer(format), 0);
	size = avio_close_dyn_buf(format->pb, &bytes);
	fd = media_file(bytes, size);
	av_free(bytes);
	av_packet_free(&packet);
	avformat_free_context(format);
	return fd;
}

START_TEST(headers_of_sound_bring_no_words)
{
	static const struct { enum AVCodecID codec; int ret; } sounds[] = {
		{ AV_CODEC_ID_PCM_S16LE, 0 },
		{ AV_CODEC_ID_AAC, -ENOTSUP },
		{ AV_CODEC_ID_TRUEHD, -ENOTSUP },	/* any that is not known */
	};
	struct sink_av_options options = {
		.audio = sound_with_header(sounds[_i].codec, "\x14\x08 SECRET WORDS"),
	};
	struct source from = media_source(V4L2_PIX_FMT_YUV420, 20, 20);
	struct clean_frame *clean = black();
	struct sink *sink = NULL;
	int fd = media_file("", 0);

	ck_assert(holds(options.audio, "SECRET WORDS"));
	ck_assert_int_eq(sink_av(&sink, fd, "a.mkv", &from, &options, NULL), sounds[_i].ret);
	if (sink) {
		ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
		ck_assert_int_eq(sink_finish(sink, NULL), 0);
		ck_assert(holds(fd, "A_PCM"));
	}
	ck_assert(!holds(fd, "SECRET WORDS"));
	sink_free(&sink);
	clean_frame_free(&clean);
	close(options.audio);
	close(fd);
}
END_TEST

START_TEST(a_full_disk_is_an_error_that_says_so)
{
	static const char *const names[] = { "a.mp4", "a.mkv", "a.ts", "a.png", "a.jpg" };
	struct source from = media_source(V4L2_PIX_FMT_YUV420, 320, 240);
	struct scrim_error err = { 0 };
	struct sink *sink = NULL;
	int fd = open("/dev/full", O_WRONLY), ret;

	ret = name_is_picture(names[_i]) ? sink_picture(&sink, fd, names[_i], &from, &err) :
	      sink_av(&sink, fd, names[_i], &from, &silent, &err);
	for (unsigned i = 0; ret >= 0 && i < 3; i++) {
		struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUV420, 320, 240, i,
							false, i * 40000000);

		ret = sink_put(sink, clean, &err);
		clean_frame_free(&clean);
	}
	if (ret >= 0)
		ret = sink_finish(sink, &err);
	ck_assert_int_eq(ret, -ENOSPC);
	ck_assert_ptr_nonnull(strstr(err.text, "No space left"));
	sink_free(&sink);
	close(fd);
}
END_TEST

/* Contact sheets. */

START_TEST(a_sheet_shows_its_pictures_side_by_side)
{
	struct clean_frame *left = media_clean(V4L2_PIX_FMT_RGB24, 40, 20, 0, true, 0);
	struct clean_frame *right = media_clean(V4L2_PIX_FMT_RGB24, 40, 20, 5, true, 0);
	const struct frame *l = clean_frame_view(left), *r = clean_frame_view(right);
	int direct = media_file("", 0), loaded = media_file("", 0), tiles = media_file("", 0);
	struct sheet *sheet = NULL, *other = NULL;
	struct frame *page, *same;

	ck_assert_int_eq(sheet_new(&sheet, 2, 40, NULL), 0);
	ck_assert_int_eq(sheet_add(sheet, left, NULL), 0);
	ck_assert_int_eq(sheet_add(sheet, right, NULL), 0);
	ck_assert_int_eq(sheet_write(sheet, direct, NULL), 0);
	check_no_metadata(direct);
	page = read_photo(direct, "a.png");
	ck_assert_uint_eq(page->width, 12 + 40 + 12 + 40 + 12);
	ck_assert_uint_eq(page->height, 12 + 20 + 12);
	for (unsigned y = 0; y < 20; y++) {
		const uint8_t *row = page->plane[0] + (12 + y) * page->stride[0];

		ck_assert_mem_eq(row + 12 * 3, l->plane[0] + y * l->stride[0], 40 * 3);
		ck_assert_mem_eq(row + 64 * 3, r->plane[0] + y * r->stride[0], 40 * 3);
	}
	/* The same by way of another process. */
	ck_assert_int_eq(sheet_save(sheet, tiles, NULL), 0);
	ck_assert_int_eq(sheet_new(&other, 2, 40, NULL), 0);
	ck_assert_int_eq(sheet_load(other, tiles, NULL), 0);
	ck_assert_int_eq(sheet_write(other, loaded, NULL), 0);
	same = read_photo(loaded, "a.png");
	ck_assert(media_distance(page, same) == 0);
	frame_free(&page);
	frame_free(&same);
	sheet_free(&sheet);
	sheet_free(&other);
	clean_frame_free(&left);
	clean_frame_free(&right);
	close(direct);
	close(loaded);
	close(tiles);
}
END_TEST

START_TEST(tiles_are_small_and_keep_their_shape)
{
	static const unsigned shapes[][4] = {
		{ 400, 200, 80, 40 }, { 200, 400, 40, 80 }, { 20, 10, 20, 10 },
		{ 1, 1, 1, 1 }, { 2000, 1, 80, 1 }, { 1, 2000, 1, 80 },
	};
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUV420, shapes[_i][0],
						shapes[_i][1], 0, false, 0);
	struct sheet *sheet = NULL;
	int fd = media_file("", 0);
	struct frame *page;

	ck_assert_int_eq(sheet_new(&sheet, 2, 80, NULL), 0);
	ck_assert_int_eq(sheet_write(sheet, fd, NULL), -EINVAL);	/* empty */
	ck_assert_int_eq(sheet_add(sheet, clean, NULL), 0);
	ck_assert_int_eq(sheet_write(sheet, fd, NULL), 0);
	page = read_photo(fd, "a.png");
	ck_assert_uint_eq(page->width, 24 + shapes[_i][2]);
	ck_assert_uint_eq(page->height, 24 + shapes[_i][3]);
	frame_free(&page);
	sheet_free(&sheet);
	clean_frame_free(&clean);
	close(fd);
}
END_TEST

START_TEST(tiles_of_strangers_are_measured)
{
	static const uint32_t files[][5] = {
		{ 0x12345678, 1, 1, 1, 0 },
		{ 0x74686373, 0xffffffff, 1, 1, 0 },
		{ 0x74686373, 1, 0, 1, 0 },
		{ 0x74686373, 1, 81, 1, 0 },
		{ 0x74686373, 1, 80, 0x80000000, 0 },
		{ 0x74686373, 1, 80, 80, 0 },
		{ 0x74686373, 2, 1, 1, 0 },
	};
	struct sheet *sheet = NULL;
	int fd = media_file(files[_i], sizeof(files[_i]));

	ck_assert_int_eq(sheet_new(&sheet, 2, 80, NULL), 0);
	ck_assert_int_eq(sheet_load(sheet, fd, NULL), -EBADMSG);
	sheet_free(&sheet);
	close(fd);
}
END_TEST

START_TEST(an_allocation_that_fails_is_an_error)
{
	static const char *const names[] = { "a.mp4", "a.jpg", "a.png" };
	struct source from = media_source(V4L2_PIX_FMT_BGR24, 32, 32);
	bool failed = true;

	for (unsigned n = 1; failed; n++) {
		struct clean_frame *clean = media_clean(V4L2_PIX_FMT_BGR24, 32, 32, 0, true, 0);
		struct sink *sink = NULL;
		struct sheet *sheet = NULL;
		int fd = media_file("", 0), ret;

		ck_assert_uint_lt(n, 1000);
		test_alloc_fail_at(n);
		ret = _i ? sink_picture(&sink, fd, names[_i], &from, NULL) :
		      sink_av(&sink, fd, names[_i], &from, &silent, NULL);
		if (ret >= 0)
			ret = sink_put(sink, clean, NULL);
		if (ret >= 0)
			ret = sheet_new(&sheet, 2, 16, NULL);
		if (ret >= 0)
			ret = sheet_add(sheet, clean, NULL);
		if (ret >= 0)
			ret = sheet_write(sheet, fd, NULL);
		failed = test_alloc_failed();
		test_alloc_fail_at(0);
		ck_assert_int_eq(ret, failed ? -ENOMEM : 0);
		sink_free(&sink);
		sheet_free(&sheet);
		clean_frame_free(&clean);
		close(fd);
	}
}
END_TEST

Suite *sink_suite(void)
{
	Suite *suite = suite_create("sink");
	TCase *picture = tcase_create("picture"), *av = tcase_create("av");
	TCase *sheet = tcase_create("sheet");

	tcase_add_loop_test(picture, a_png_comes_back_as_it_was, 0, 2 * SIZES);
	tcase_add_loop_test(picture, a_png_with_alpha_comes_back_on_white, 0, SIZES);
	tcase_add_loop_test(picture, a_jpeg_comes_back_nearly_as_it_was, 0, 3 * SIZES);
	tcase_add_loop_test(picture, every_format_becomes_a_photo, 0, 2 * formats_count);
	tcase_add_loop_test(picture, black_of_a_video_is_black_in_a_photo, 0, 2);
	tcase_add_loop_test(picture, a_photo_loses_no_more_than_it_has_lost, 0, 4);
	tcase_add_test(picture, a_photo_holds_one_picture);
	tcase_add_test(picture, photos_are_known_by_their_ending);
	suite_add_tcase(suite, picture);
	tcase_set_timeout(av, 60);
	tcase_add_loop_test(av, a_video_comes_back_frame_by_frame_and_in_time, 0, VIDEOS);
	tcase_add_loop_test(av, odd_sizes_are_kept_where_the_codec_can, 0, 2);
	tcase_add_test(av, h264_makes_odd_sizes_even);
	tcase_add_loop_test(av, every_format_becomes_a_video, 0, formats_count);
	tcase_add_loop_test(av, time_never_stands_still, 0, 2);
	tcase_add_test(av, levels_are_stretched_for_motion_jpeg);
	tcase_add_test(av, colour_is_kept);
	tcase_add_loop_test(av, what_cannot_be_written_is_said_with_what_can, 0, 5);
	tcase_add_test(av, a_frame_of_another_size_is_refused);
	tcase_add_loop_test(av, headers_of_sound_bring_no_words, 0, 3);
	tcase_add_loop_test(av, a_full_disk_is_an_error_that_says_so, 0, 5);
	suite_add_tcase(suite, av);
	tcase_add_test(sheet, a_sheet_shows_its_pictures_side_by_side);
	tcase_add_loop_test(sheet, tiles_are_small_and_keep_their_shape, 0, 6);
	tcase_add_loop_test(sheet, tiles_of_strangers_are_measured, 0, 7);
	tcase_add_loop_test(sheet, an_allocation_that_fails_is_an_error, 0, 3);
	suite_add_tcase(suite, sheet);
	return suite;
}
