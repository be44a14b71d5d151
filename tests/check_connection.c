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
}

static void say_all(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	ssize_t put = 0;

	for (; size && (put = write(ends[1], at, size)) > 0; size -= put)
		at += put;
}

/* A camera by HTTP, whose video ends. */
static void send_pictures(void)
{
	char head[128];

	say_all("HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n", 74);
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
	struct live_worker w = { &policy, &camera, &feed, -1, -1, NULL, NULL };
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

Suite *connection_suite(void)
{
	Suite *suite = suite_create("connection");
	TCase *tcase = tcase_create("cage");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, make_jpeg, free_jpeg);
	/* A sanitizer makes calls of its own. */
	if (!SANITIZED)
		tcase_add_loop_test(tcase, every_line_of_the_table_of_networks_is_needed, 0,
				    cage_network.count + 1);
	return suite;
}
