// SPDX-License-Identifier: GPL-2.0
/*
 * attack WHAT FEED CAPTURE [key=value...]: what a user may try who has no business
 * with a camera, while its nodes are open to everybody (0666).
 *
 *	peek	  map buffers of others, without asking for any: at every place that the
 *		  nodes might know.  Counts mappings, and live pictures seen in them
 *	scribble  the same, and writes into whatever could be mapped
 *	fresh	  look into buffers of its own that were never queued
 *	inject	  take the role of the feeder, on both nodes, in every way there is, while
 *		  there is a feeder
 *	hijack	  the same for as long as `seconds`, whoever lives or dies
 *	hoard	  export buffers and close their node, again and again, until that is refused, at
 *		  most `opens` times.  Counts those it got; sees as many again after it let go
 *	rest	  read() the beginning of a white picture, say "ready", and the rest of it after
 *		  `seconds`.  Counts bytes of white in that, but for what a black JPEG has
 *
 *	uid=1000	who tries
 *	ruid=		what the real user is, if another
 *	namespace=0	1: as the administrator of a user namespace of its own
 *	seconds=2
 *
 * The last line is "mapped=N seen=N tried=N got=N".  What was injected is of epoch 666.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "cam.h"
#include "picture.h"

#define MAPS	128

static long tried, got, seen, mapped;
static int told;		/* only the first few are printed */
static struct {
	uint8_t *data;
	size_t size;
	uint64_t last;
} maps[MAPS];

/* For a try that has to be refused. */
static void attempt(const char *what, const char *node, int ret)
{
	tried++;
	if (ret < 0)
		return;
	got++;
	if (told++ < 10)
		printf("got %s on %s\n", what, node);
}

static void try_map(int fd, const char *node, size_t size, off_t offset)
{
	int prot = PROT_READ | PROT_WRITE;
	void *data;

	tried++;
	data = mmap(NULL, size, prot, MAP_SHARED, fd, offset);
	if (data == MAP_FAILED)
		data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, offset);
	if (data == MAP_FAILED || mapped == MAPS)
		return;
	if (told++ < 10)
		printf("got a mapping at %#lx of %s\n", (long)offset, node);
	maps[mapped].data = data;
	maps[mapped++].size = size;
}

/* Cookies are multiples of the page, and of the buffer in older drivers. */
static void map_node(const char *node, enum v4l2_buf_type type)
{
	size_t page = sysconf(_SC_PAGESIZE), size, aligned;
	struct cam cam;
	unsigned int i;

	if (cam_open(&cam, node, type)) {
		tried++;
		return;
	}
	size = cam.pix.sizeimage ?: page;
	aligned = (size + page - 1) / page * page;
	for (i = 0; i < 32; i++) {
		struct v4l2_buffer buf = { .index = i, .type = type, .memory = V4L2_MEMORY_MMAP };
		struct v4l2_exportbuffer exp = { .index = i, .type = type, .flags = O_RDWR };

		if (!cam_ioctl(cam.fd, VIDIOC_QUERYBUF, &buf))
			try_map(cam.fd, node, buf.length, buf.m.offset);
		if (!cam_ioctl(cam.fd, VIDIOC_EXPBUF, &exp)) {
			attempt("EXPBUF", node, 0);
			try_map(exp.fd, node, size, 0);
		}
		try_map(cam.fd, node, size, (off_t)i * aligned);
		try_map(cam.fd, node, page, (off_t)i * page);
	}
	/* The descriptor stays open: mappings would, too. */
}

static void look(bool write)
{
	long i;

	for (i = 0; i < mapped; i++) {
		struct v4l2_pix_format none = { .pixelformat = V4L2_PIX_FMT_RGB24 };
		struct picture p = picture_judge(maps[i].data, maps[i].size, &none);
		uint64_t first = (uint64_t)p.epoch << 32 | p.number;

		if (first && first != maps[i].last)
			seen++;
		maps[i].last = first;
		/* Behind the first word, so that it still looks like a picture. */
		if (write && maps[i].size > 4096)
			memset(maps[i].data + 2048, 0xa5, 64);
	}
}

static void peek(char **words, bool write)
{
	int64_t end = now() + number(words, "seconds", 2) * 1000000LL;

	map_node(words[0], V4L2_BUF_TYPE_VIDEO_OUTPUT);
	map_node(words[0], V4L2_BUF_TYPE_VIDEO_CAPTURE);
	map_node(words[1], V4L2_BUF_TYPE_VIDEO_CAPTURE);
	map_node(words[1], V4L2_BUF_TYPE_VIDEO_OUTPUT);
	while (now() < end) {
		look(write);
		usleep(write ? 200 : 2000);
	}
	got += mapped;
}

/* A reader's buffers before any picture was delivered into them, or after streaming. */
static void fresh(char **words)
{
	struct cam cam;
	unsigned int i, round;
	size_t at;

	for (round = 0; round < 20; round++) {
		if (cam_open(&cam, words[1], V4L2_BUF_TYPE_VIDEO_CAPTURE) ||
		    cam_buffers(&cam, 8, IO_MMAP))
			stop(-EIO, "fresh");
		usleep(100000);
		for (i = 0; i < cam.buffers; i++) {
			tried++;
			for (at = 0; at < cam.at[i].size && !cam.at[i].data[at]; at++)
				;
			seen += at < cam.at[i].size;
		}
		cam_close(&cam);
	}
	got += seen;
}

/* What was exported outlives the descriptor that it came from. */
static long hoard_once(char **words, int *kept)
{
	long n = 0, opens = number(words, "opens", 100);
	unsigned int i;
	struct cam cam;

	while (opens--) {
		if (cam_open(&cam, words[1], V4L2_BUF_TYPE_VIDEO_CAPTURE))
			break;
		if (cam_buffers(&cam, 2, IO_MMAP))
			opens = 0;
		for (i = 0; i < cam.buffers; i++) {
			struct v4l2_exportbuffer exp = {
				.index = i, .type = cam.type, .flags = O_RDWR | O_CLOEXEC,
			};

			tried++;
			if (n == MAPS || cam_ioctl(cam.fd, VIDIOC_EXPBUF, &exp))
				opens = 0;
			else
				kept[n++] = exp.fd;
		}
		cam_close(&cam);
	}
	return n;
}

static void hoard(char **words)
{
	int kept[MAPS];
	long i;

	got = hoard_once(words, kept);
	for (i = 0; i < got; i++)
		close(kept[i]);
	seen = hoard_once(words, kept);
}

#define BLACK_JPEG	4096	/* a black one is shorter, when it is small */

static void rest(char **words)
{
	static const uint8_t white[16] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};
	struct cam cam;
	uint8_t *page;
	ssize_t n, i;

	if (cam_open(&cam, words[1], V4L2_BUF_TYPE_VIDEO_CAPTURE))
		stop(-errno, "rest");
	fcntl(cam.fd, F_SETFL, 0);
	page = malloc(cam.pix.sizeimage);
	do {
		n = read(cam.fd, page, sizeof(white));
		if (n == sizeof(white) && !memcmp(page, white, sizeof(white))) {
			puts("ready");
			fflush(stdout);
			usleep(number(words, "seconds", 2) * 1000000);
			tried++;
		}
		n = read(cam.fd, page, cam.pix.sizeimage);
		if (n < 0)
			stop(-errno, "rest");
	} while (!tried);
	for (i = BLACK_JPEG; i < n; i++)
		seen += page[i] == 0xff;
	free(page);
	cam_close(&cam);
}

/* A picture of ours, by buffers of type OUTPUT. */
static void inject_buffers(const char *node)
{
	struct v4l2_requestbuffers req = {
		.count = 2, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_format fmt = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	struct cam cam;
	unsigned int i;
	int ret;

	ret = cam_open(&cam, node, V4L2_BUF_TYPE_VIDEO_OUTPUT);
	if (cam.fd < 0)
		return;
	fmt.fmt.pix = cam.pix;
	if (ret || !cam.pix.sizeimage)
		fmt.fmt.pix = (struct v4l2_pix_format){
			.width = 640, .height = 480, .pixelformat = V4L2_PIX_FMT_YUYV,
		};
	attempt("S_FMT of the feeder", node, cam_ioctl(cam.fd, VIDIOC_S_FMT, &fmt));
	cam.pix = fmt.fmt.pix;
	attempt("STREAMON of the feeder", node, cam_stream(&cam, true));
	ret = cam_ioctl(cam.fd, VIDIOC_REQBUFS, &req);
	attempt("REQBUFS of the feeder", node, ret);
	if (!ret && !cam_buffers(&cam, 4, IO_MMAP)) {
		for (i = 0; i < cam.buffers; i++) {
			picture_make(cam.at[i].data, cam.pix.sizeimage, 666, i);
			attempt("QBUF of the feeder", node, cam_queue(&cam, i));
		}
		attempt("STREAMON of the feeder", node, cam_stream(&cam, true));
		usleep(100000);
	}
	cam_close(&cam);
}

static void inject_write(const char *node)
{
	struct cam cam;
	uint8_t *page;
	size_t size;
	ssize_t n;

	cam_open(&cam, node, V4L2_BUF_TYPE_VIDEO_CAPTURE);
	if (cam.fd < 0)
		return;
	size = cam.pix.sizeimage ?: 640 * 480 * 2;
	page = malloc(size);
	picture_make(page, size, 666, 1000);
	n = write(cam.fd, page, size);
	attempt("write()", node, n < 0 ? -errno : 0);
	free(page);
	cam_close(&cam);
}

static void inject(char **words)
{
	int64_t end = now() + number(words, "seconds", 2) * 1000000LL;
	int node, fd;

	do {
		for (node = 0; node < 2; node++) {
			inject_buffers(words[node]);
			inject_write(words[node]);
		}
		fd = open(words[0], O_WRONLY);
		if (strcmp(words[0], words[1]))
			attempt("open() of the feed", words[0], fd < 0 ? -errno : 0);
		close(fd);
		fd = open(words[0], O_RDONLY);
		if (strcmp(words[0], words[1]))
			attempt("open() of the feed", words[0], fd < 0 ? -errno : 0);
		close(fd);
		usleep(10000);
	} while (now() < end);
}

static void disguise(char **words)
{
	long uid = number(words, "uid", 1000), ruid = number(words, "ruid", uid);

	if (ruid != uid && setresuid(ruid, uid, uid))
		stop(-errno, "cannot change the user");
	else if (ruid == uid)
		become(uid);
	if (number(words, "namespace", 0) && unshare(CLONE_NEWUSER))
		stop(-errno, "cannot make a namespace");
}

int main(int argc, char **argv)
{
	char **words = argv + 2;
	const char *what = argv[1];

	if (argc < 4)
		stop(-EINVAL, "usage: attack WHAT FEED CAPTURE [key=value...]");
	disguise(words);
	if (!strcmp(what, "peek") || !strcmp(what, "scribble")) {
		peek(words, *what == 's');
	} else if (!strcmp(what, "fresh")) {
		fresh(words);
	} else if (!strcmp(what, "hoard")) {
		hoard(words);
	} else if (!strcmp(what, "rest")) {
		rest(words);
	} else if (!strcmp(what, "inject") || !strcmp(what, "hijack")) {
		inject(words);
	} else {
		stop(-EINVAL, what);
	}
	printf("mapped=%ld seen=%ld tried=%ld got=%ld\n", mapped, seen, tried, got);
	return 0;
}
