// SPDX-License-Identifier: GPL-2.0
/*
 * feed NODE [key=value...]: feeds a camera with pictures that say what they are.
 *
 *	size=1280x720 format=YUYV	what the node has
 *	fps=30		0: as fast as buffers come back
 *	frames=0	then end; 0: never
 *	epoch=1		in the pictures; each cut starts another
 *	cut=0		STREAMOFF and STREAMON after so many frames
 *	colours=	601, 709, 601-full or 709-full: what YUV is to be read by
 *	fill=pattern	white: every byte 0xff; /...: what is in this file
 *	race=0		1: a thread writes 0xff to the buffers all the time
 *	io=mmap		rw: write()
 *	import=		buffers of this node, or "udmabuf": pages of ours
 *	count=4		buffers
 *	uid=0		become this user first
 *	unlucky=0	the nth allocation in the kernel fails
 *	keep=0		1: at the end stay open, streaming, and silent
 *
 * Prints "on TIME EPOCH" after each STREAMON and "off TIME EPOCH" after each
 * STREAMOFF; times are CLOCK_MONOTONIC in us.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cam.h"
#include "picture.h"

struct feed {
	struct cam cam;
	enum io io;
	uint32_t epoch, number;
	bool white;
	uint8_t *still;			/* what all pictures are, or NULL */
	uint8_t *page;			/* for write() */
	unsigned int queued;		/* buffers given for the first time */
};

static void fill(struct feed *f, uint8_t *data)
{
	if (f->still)
		memcpy(data, f->still, f->cam.pix.sizeimage);
	else if (f->white)
		memset(data, 0xff, f->cam.pix.sizeimage);
	else
		picture_make(data, f->cam.pix.sizeimage, f->epoch, f->number);
	f->number++;
}

static void *racer(void *arg)
{
	struct feed *f = arg;
	unsigned int i;

	for (;;)
		for (i = 0; i < f->cam.buffers; i++)
			memset(f->cam.at[i].data, 0xff, f->cam.at[i].size);
	return NULL;
}

static int put_rw(struct feed *f)
{
	ssize_t n;

	fill(f, f->page);
	do {
		n = write(f->cam.fd, f->page, f->cam.pix.sizeimage);
		if (n < 0 && errno == EAGAIN)
			cam_wait(&f->cam, 1000);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	return n < 0 ? -errno : 0;
}

/* A buffer that the node is done with, or one that it never had. */
static int spare(struct feed *f)
{
	struct v4l2_buffer buf;
	int ret;

	if (f->queued < f->cam.buffers)
		return f->queued++;
	for (;;) {
		ret = cam_dequeue(&f->cam, &buf);
		if (!ret)
			return buf.index;
		if (ret != -EAGAIN)
			return ret;
		ret = cam_wait(&f->cam, 10000);
		if (ret == 0)
			return -ETIMEDOUT;
		if (ret < 0)
			return ret;
	}
}

static int put(struct feed *f)
{
	int index;

	if (f->io == IO_RW)
		return put_rw(f);
	index = spare(f);
	if (index < 0)
		return index;
	fill(f, f->cam.at[index].data);
	return cam_queue(&f->cam, index);
}

static void on(struct feed *f)
{
	int ret = f->io == IO_RW ? 0 : cam_stream(&f->cam, true);

	if (ret)
		stop(ret, "feed: STREAMON");
	printf("on %lld %u\n", (long long)now(), f->epoch);
	fflush(stdout);
}

static void off(struct feed *f)
{
	int ret = cam_stream(&f->cam, false);

	if (ret)
		stop(ret, "feed: STREAMOFF");
	printf("off %lld %u\n", (long long)now(), f->epoch);
	fflush(stdout);
	f->queued = 0;
}

static uint8_t *load(const char *path, size_t size)
{
	uint8_t *data = malloc(size);
	FILE *file = fopen(path, "r");

	if (!data || !file || fread(data, 1, size, file) != size || fgetc(file) != EOF)
		stop(-EINVAL, path);
	fclose(file);
	return data;
}

static void colours(struct v4l2_pix_format *pix, const char *which)
{
	if (!*which)
		return;
	pix->ycbcr_enc = strncmp(which, "709", 3) ? V4L2_YCBCR_ENC_601 : V4L2_YCBCR_ENC_709;
	pix->quantization = strstr(which, "full") ? V4L2_QUANTIZATION_FULL_RANGE :
						    V4L2_QUANTIZATION_LIM_RANGE;
}

static void prepare(struct feed *f, char **words)
{
	struct v4l2_format fmt = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	pthread_t thread;
	int ret;

	become(number(words, "uid", 0));
	unlucky(number(words, "unlucky", 0));
	ret = cam_open(&f->cam, words[0], fmt.type);
	if (ret)
		stop(ret, "feed: open");
	fmt.fmt.pix = f->cam.pix;
	size_words(words, &fmt.fmt.pix);
	colours(&fmt.fmt.pix, word(words, "colours", ""));
	fmt.fmt.pix.bytesperline = fmt.fmt.pix.sizeimage = 0;
	ret = cam_ioctl(f->cam.fd, VIDIOC_S_FMT, &fmt);
	if (ret)
		stop(ret, "feed: S_FMT");
	f->cam.pix = fmt.fmt.pix;
	ret = cam_rate(&f->cam, number(words, "rate", number(words, "fps", 30) ?: 240));
	if (ret && ret != -ENOTTY)
		stop(ret, "feed: S_PARM");
	if (*word(words, "fill", "") == '/')
		f->still = load(word(words, "fill", ""), f->cam.pix.sizeimage);
	if (f->io == IO_RW)
		f->page = malloc(f->cam.pix.sizeimage);
	else if (*word(words, "import", ""))
		ret = cam_import(&f->cam, number(words, "count", 4), word(words, "import", ""));
	else
		ret = cam_buffers(&f->cam, number(words, "count", 4), f->io);
	if (ret && ret != -ENOTTY)
		stop(ret, "feed: buffers");
	if (number(words, "race", 0) && pthread_create(&thread, NULL, racer, f))
		stop(-EAGAIN, "feed: thread");
}

int main(int argc, char **argv)
{
	static struct feed f;
	char **words = argv + 1;
	long fps, frames, cut, i;
	int64_t due, begun;
	int ret;

	if (argc < 2)
		stop(-EINVAL, "usage: feed NODE [key=value...]");
	f.io = io_word(words);
	f.epoch = number(words, "epoch", 1);
	f.white = !strcmp(word(words, "fill", "pattern"), "white");
	fps = number(words, "fps", 30);
	frames = number(words, "frames", 0);
	cut = number(words, "cut", 0);
	prepare(&f, words);
	on(&f);
	begun = due = now();
	for (i = 0; !frames || i < frames; i++) {
		if (cut && i && i % cut == 0) {
			off(&f);
			f.epoch++;
			on(&f);
		}
		ret = put(&f);
		if (ret)
			stop(ret, "feed: frame");
		if (fps) {
			due += 1000000 / fps;
			if (due < now())	/* late: no burst to make up for it */
				due = now();
			sleep_until(due);
		}
	}
	printf("fed %ld frames in %lld us\n", frames, (long long)(now() - begun));
	fflush(stdout);
	while (number(words, "keep", 0))
		pause();
	cam_close(&f.cam);
	return 0;
}
