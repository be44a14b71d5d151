// SPDX-License-Identifier: GPL-2.0
/*
 * What the worker of a camera in the network may ask of the kernel: the real one, in its cage,
 * with a camera at the other end of a pair of sockets.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jpeglib.h>

#include "live_worker.h"
#include "source/libav.h"
#include "source/stream.h"

#define WIDTH	1280u
#define HEIGHT	720u
#define SHOWN	6

static int ends[2];
static uint8_t *jpeg;
static unsigned long jpeg_size;

static void make_jpeg(void)
{
	struct jpeg_compress_struct coder;
	struct jpeg_error_mgr errors;
	JSAMPLE row[WIDTH];
	JSAMPROW rows = row;

	coder.err = jpeg_std_error(&errors);
	jpeg_create_compress(&coder);
	jpeg_mem_dest(&coder, &jpeg, &jpeg_size);
	coder.image_width = WIDTH;
	coder.image_height = HEIGHT;
	coder.input_components = 1;
	coder.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&coder);
	jpeg_start_compress(&coder, TRUE);
	for (unsigned y = 0; y < HEIGHT; y++) {
		memset(row, y, WIDTH);
		jpeg_write_scanlines(&coder, &rows, 1);
	}
	jpeg_finish_compress(&coder);
	jpeg_destroy_compress(&coder);
}

static void free_jpeg(void)
{
	free(jpeg);
	jpeg = NULL;		/* or the next one is put there */
	jpeg_size = 0;
}

static void say_all(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	ssize_t put = 0;

	for (; size && (put = write(ends[1], at, size)) > 0; size -= put)
		at += put;
}

static const char multipart[] =
	"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n";

/* A camera by HTTP, whose video ends. */
static void send_pictures(void)
{
	char head[128];

	say_all(multipart, strlen(multipart));
	for (unsigned i = 0; i < SHOWN; i++) {
		snprintf(head, sizeof(head), "--b\r\nContent-Type: image/jpeg\r\n"
			 "Content-Length: %lu\r\n\r\n", jpeg_size);
		say_all(head, strlen(head));
		say_all(jpeg, jpeg_size);
		say_all("\r\n", 2);
		usleep(30000);
	}
}

/* One by RTSP that says what it sends, and then nothing. */
static void send_description(void)
{
	static const char text[] = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"
		"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 46\r\n\r\n"
		"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
		"RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n";

	say_all(text, strlen(text));
}

static int work(const struct camera_kind *kind, void (*send)(void), struct scrim_error *err)
{
	bool replay = kind == &camera_http;
	struct policy policy = {
		.faces = METHOD_MOSAIC, .detector = replay ? DETECTOR_REPLAY : DETECTOR_FACE,
	};
	struct camera camera = {
		.kind = kind, .where = "camera/", .credentials = "", .interval = { 1, 30 },
		.pix = { .width = WIDTH, .height = HEIGHT, .pixelformat = V4L2_PIX_FMT_YUV420 },
	};
	struct feed feed;
	struct live_worker w = {
		.policy = &policy, .camera = &camera, .feed = &feed, .model = -1, .boxes = -1,
	};
	struct device_permission may[LIVE_DEVICES_MAX];
	struct live_counts counts;
	int server, ret, boxes;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	feed_null(&feed);
	camera.fd = ends[0];
	/* Boxes, or a model that is none. */
	boxes = memfd_create("boxes", MFD_CLOEXEC);
	ck_assert_int_gt(boxes, ends[0]);
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_gt(dprintf(boxes, "%u 1 1 60 60\n", i), 0);
	lseek(boxes, 0, SEEK_SET);
	*(replay ? &w.boxes : &w.model) = boxes;
	server = fork();
	if (!server) {
		close(ends[0]);
		send();
		/* Who goes with questions unread breaks the connection. */
		shutdown(ends[1], SHUT_WR);
		while (read(ends[1], (char[256]){ 0 }, 256) > 0)
			;
		_exit(0);
	}
	close(ends[1]);
	const struct cage_devices devices = { may, live_devices(may, &camera, &feed), kind->calls };
	const struct caged_call call = {
		.before = live_before, .work = live_work, .ctx = &w,
		.keep = (const int[]){ camera.fd, boxes }, .kept = 2,
		.size = sizeof(counts), .devices = &devices,
	};

	ret = caged(&call, &counts, err);
	close(ends[0]);
	close(boxes);
	waitpid(server, NULL, 0);
	return ret;
}

static int work_both(struct scrim_error *err)
{
	int ret = work(&camera_http, send_pictures, err);

	return ret == -EPIPE ? work(&camera_rtsp, send_description, err) : ret;
}

START_TEST(every_line_of_the_table_of_networks_is_needed)	/* a line each, and the connection's */
{
	const char *name = _i < (int)cage_network.count ? cage_network.at[_i].name : "write";
	struct scrim_error err;
	int ret;

	/*
	 * ioctl stands for the connection's line; time is mostly read without a call; only who
	 * was stopped waits on by another; and whether a block can grow where it is is luck.
	 */
	if (!strcmp(name, "ioctl") || !strcmp(name, "clock_gettime") ||
	    !strcmp(name, "restart_syscall") || !strcmp(name, "mremap"))
		return;
	test_use_up_heap();
	ret = work_both(&err);
	ck_assert_msg(ret == -EPIPE, "%d: %s", ret, err.text);
	cage_leave_out(_i);
	ret = work_both(&err);
	ck_assert_msg(ret == -EIO, "nobody misses %s", name);
	ck_assert_ptr_nonnull(strstr(err.text, "killed"));
}
END_TEST

/* What a camera sends, until it ends. */
static void show_all(bool http, struct source **source, unsigned *shown, uint64_t *damaged)
{
	const struct stream_from from = {
		.fd = ends[0], .name = "camera",
		.url = { .http = http, .host = "porch", .port = "1", .path = "/" },
	};
	struct frame *frame = NULL;

	shutdown(ends[1], SHUT_WR);
	*shown = 0;
	ck_assert_int_eq(source_stream(source, &from, NULL), 0);
	source_count_in(*source, NULL, damaged);
	while (source_next(*source, &frame, NULL) > 0) {
		++*shown;
		frame_free(&frame);
	}
	source_free(source);
}

static void connect_pair(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	ck_assert_int_eq(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &(int){ 1 << 20 }, sizeof(int)), 0);
}

static void disconnect_pair(void)
{
	close(ends[0]);
	close(ends[1]);
}

/* The second ends early, and in the third bytes are missing. */
START_TEST(a_jpeg_picture_that_is_not_whole_is_not_shown)
{
	struct source *source;
	uint64_t damaged = 0;
	unsigned shown;
	char head[128];

	say_all(multipart, strlen(multipart));
	for (unsigned i = 0; i < 4; i++) {
		unsigned long size = i == 1 ? jpeg_size / 2 : jpeg_size;

		snprintf(head, sizeof(head), "--b\r\nContent-Type: image/jpeg\r\n"
			 "Content-Length: %lu\r\n\r\n", i == 2 ? size - 2000 : size);
		say_all(head, strlen(head));
		say_all(jpeg, i == 2 ? size / 2 : size);
		if (i == 2)
			say_all(jpeg + size / 2 + 2000, size - size / 2 - 2000);
		say_all("\r\n", 2);
	}
	show_all(true, &source, &shown, &damaged);
	ck_assert_uint_eq(shown, 2);
	ck_assert_uint_eq(damaged, 2);
}
END_TEST

/* Packets of MPEG-4 pictures, of which each fifth needs no other. */

#define PICTURES	15

static unsigned coded;			/* pictures, each in a packet of its own */
static AVPacket *packets[PICTURES];
static char config[1024];		/* of the coder, in hexadecimal digits */

static void code_pictures(void)
{
	AVCodecContext *coder = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_MPEG4));
	AVFrame *picture = av_frame_alloc();

	coder->width = picture->width = 64;
	coder->height = picture->height = 64;
	coder->pix_fmt = picture->format = AV_PIX_FMT_YUV420P;
	coder->time_base = (AVRational){ 1, 25 };
	coder->gop_size = 5;
	coder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	ck_assert_int_eq(avcodec_open2(coder, NULL, NULL), 0);
	for (int i = 0; i < coder->extradata_size && i < 500; i++)
		sprintf(config + 2 * i, "%02x", coder->extradata[i]);
	ck_assert_int_eq(av_frame_get_buffer(picture, 0), 0);
	for (coded = 0; coded < PICTURES; coded++) {
		ck_assert_int_eq(av_frame_make_writable(picture), 0);
		for (int y = 0; y < 64; y++)
			memset(picture->data[0] + y * picture->linesize[0], 3 * (y + coded), 64);
		for (int y = 0; y < 32; y++) {
			memset(picture->data[1] + y * picture->linesize[1], 128, 32);
			memset(picture->data[2] + y * picture->linesize[2], 128, 32);
		}
		picture->pts = coded;
		packets[coded] = av_packet_alloc();
		ck_assert_int_eq(avcodec_send_frame(coder, picture), 0);
		ck_assert_int_eq(avcodec_receive_packet(coder, packets[coded]), 0);
		ck_assert_int_eq(packets[coded]->flags & AV_PKT_FLAG_KEY, coded % 5 == 0);
	}
	av_frame_free(&picture);
	avcodec_free_context(&coder);
}

static void free_pictures(void)
{
	for (unsigned i = 0; i < coded; i++)
		av_packet_free(&packets[i]);
}

static void describe_pictures(void)
{
	char text[2048], description[1536];

	snprintf(description, sizeof(description), "m=video 0 RTP/AVP 96\r\n"
		 "a=rtpmap:96 MP4V-ES/90000\r\na=fmtp:96 config=%s\r\n", config);
	snprintf(text, sizeof(text), "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"
		 "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: %zu\r\n\r\n%s"
		 "RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n",
		 strlen(description), description);
	say_all(text, strlen(text));
}

static void send_picture(unsigned i)
{
	unsigned size = 12 + packets[i]->size, time = 3600 * i;
	const uint8_t head[16] = {
		'$', 0, size >> 8, size, 0x80, 0x80 | 96, 0, i,
		time >> 24, time >> 16, time >> 8, time, 0, 0, 0, 1,
	};

	say_all(head, sizeof(head));
	say_all(packets[i]->data, packets[i]->size);
}

/* _i: none is missing; one that others are predicted from; one that needs none itself. */
START_TEST(behind_a_gap_nothing_is_shown_until_a_picture_needs_no_other)
{
	static const struct { unsigned missing, least, most; } gaps[] = {
		{ PICTURES, PICTURES, PICTURES }, { 2, 11, 12 }, { 5, 8, 10 },
	};
	struct source *source;
	uint64_t damaged = 0;
	unsigned shown;

	describe_pictures();
	for (unsigned i = 0; i < PICTURES; i++)
		if (i != gaps[_i].missing)
			send_picture(i);
	show_all(false, &source, &shown, &damaged);
	ck_assert_uint_ge(shown, gaps[_i].least);
	ck_assert_uint_le(shown, gaps[_i].most);
	ck_assert_uint_eq(damaged, _i > 0);
}
END_TEST

Suite *connection_suite(void)
{
	Suite *suite = suite_create("connection");
	TCase *tcase = tcase_create("damage");

	tcase_add_unchecked_fixture(tcase, make_jpeg, free_jpeg);
	tcase_add_unchecked_fixture(tcase, code_pictures, free_pictures);
	tcase_add_checked_fixture(tcase, connect_pair, disconnect_pair);
	tcase_add_test(tcase, a_jpeg_picture_that_is_not_whole_is_not_shown);
	tcase_add_loop_test(tcase, behind_a_gap_nothing_is_shown_until_a_picture_needs_no_other, 0, 3);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("cage");
	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, make_jpeg, free_jpeg);
	/* A sanitizer makes calls of its own. */
	if (!SANITIZED)
		tcase_add_loop_test(tcase, every_line_of_the_table_of_networks_is_needed, 0,
				    cage_network.count + 1);
	return suite;
}
