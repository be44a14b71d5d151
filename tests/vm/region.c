// SPDX-License-Identifier: GPL-2.0
/*
 * region check NODE SIZE SPAN... [-- key=value...]: reads a camera whose locked regions are
 * these, and looks at every byte.  A SPAN is "TOP,BOTTOM,LEFT,RIGHT" in a picture of SIZE,
 * which is also that of the camera; the feeder sends white (0xff).
 *
 * region draw FORMAT SIZE BYTES FILE VALUE SPAN...: a picture that is 0xff, and VALUE in the spans.
 *
 * Last line of check: frames; shown (they had white in them); leaks (bytes under a span that
 * were not black), spill (bytes beyond the spans' 2x2 blocks that were not white in shown
 * pictures); bytes (under spans, in each picture).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cam.h"
#include "picture.h"

enum { OUTSIDE, EDGE, COVERED };

/* Which pixels a byte tells about: columns x to x + w, rows y to y + h. */
struct block {
	unsigned int x, y, w, h;
};

static struct block block_at(const struct v4l2_pix_format *pix, size_t at)
{
	size_t luma = (size_t)pix->bytesperline * pix->height;
	unsigned int x = at % pix->bytesperline, y = at / pix->bytesperline;
	size_t stride;

	switch (pix->pixelformat) {
	case V4L2_PIX_FMT_YUYV:
	case V4L2_PIX_FMT_UYVY:
		if ((x & 1) == (pix->pixelformat == V4L2_PIX_FMT_YUYV))
			return (struct block){ x / 4 * 2, y, 2, 1 };
		return (struct block){ x / 2, y, 1, 1 };
	case V4L2_PIX_FMT_RGB24:
	case V4L2_PIX_FMT_BGR24:
		return (struct block){ x / 3, y, 1, 1 };
	case V4L2_PIX_FMT_NV12:
	case V4L2_PIX_FMT_NV21:
		if (at < luma)
			break;
		at -= luma;
		return (struct block){ at % pix->bytesperline / 2 * 2, at / pix->bytesperline * 2, 2, 2 };
	case V4L2_PIX_FMT_YUV420:
	case V4L2_PIX_FMT_YVU420:
		if (at < luma)
			break;
		stride = pix->bytesperline / 2;
		at = (at - luma) % (stride * ((pix->height + 1) / 2));
		return (struct block){ at % stride * 2, at / stride * 2, 2, 2 };
	}
	return (struct block){ x, y, 1, 1 };
}

static bool meets(struct block b, const unsigned int *s, unsigned int grown)
{
	unsigned int top = s[0] & ~grown, bottom = (s[1] + grown) & ~grown;
	unsigned int left = s[2] & ~grown, right = (s[3] + grown) & ~grown;

	return b.y < bottom && b.y + b.h > top && b.x < right && b.x + b.w > left;
}

/* For each byte of a picture. */
static uint8_t *map_make(const struct v4l2_pix_format *pix, char **spans)
{
	uint8_t *map = calloc(1, pix->sizeimage);
	unsigned int s[4];
	size_t at;

	for (; *spans && strcmp(*spans, "--"); spans++) {
		if (sscanf(*spans, "%u,%u,%u,%u", &s[0], &s[1], &s[2], &s[3]) != 4)
			stop(-EINVAL, *spans);
		for (at = 0; at < pix->sizeimage; at++) {
			struct block b = block_at(pix, at);

			if (b.x >= pix->width)	/* padding */
				map[at] |= EDGE;
			else if (meets(b, s, 0))
				map[at] = COVERED;
			else if (map[at] == OUTSIDE && meets(b, s, 1))
				map[at] = EDGE;
		}
	}
	return map;
}

static void look(const uint8_t *data, const uint8_t *map, const struct v4l2_pix_format *pix)
{
	static long frames, shown, leaks, spill, bytes;
	bool white = false;
	long spilt = 0;
	size_t at;

	for (bytes = at = 0; at < pix->sizeimage; at++) {
		if (map[at] == COVERED) {
			bytes++;
			leaks += !picture_byte_black(pix, at, data[at]);
		} else if (map[at] == OUTSIDE) {
			white |= data[at] == 0xff;
			spilt += data[at] != 0xff;
		}
	}
	frames++;
	shown += white;
	spill += white ? spilt : 0;
	printf("frames=%ld shown=%ld leaks=%ld spill=%ld bytes=%ld\n", frames, shown, leaks, spill, bytes);
}

static int check(char **argv)
{
	struct v4l2_pix_format wanted = { 0 };
	char **words = argv;
	struct v4l2_buffer buf;
	struct cam cam;
	unsigned int i;
	uint8_t *map;
	int64_t end;
	int ret;

	while (*words && strcmp(*words, "--"))
		words++;
	become(number(words, "uid", 1000));
	ret = cam_open(&cam, argv[0], V4L2_BUF_TYPE_VIDEO_CAPTURE);
	if (ret)
		stop(ret, "region: open");
	if (sscanf(argv[1], "%ux%u", &wanted.width, &wanted.height) != 2 ||
	    wanted.width != cam.pix.width || wanted.height != cam.pix.height)
		stop(-EINVAL, "region: the camera has another size");
	map = map_make(&cam.pix, argv + 2);
	ret = cam_buffers(&cam, 4, IO_MMAP);
	for (i = 0; !ret && i < cam.buffers; i++)
		ret = cam_queue(&cam, i);
	ret = ret ?: cam_stream(&cam, true);
	end = now() + number(words, "seconds", 2) * 1000000LL;
	while (!ret && now() < end) {
		cam_wait(&cam, 100);
		ret = cam_dequeue(&cam, &buf);
		if (ret == -EAGAIN) {
			ret = 0;
			continue;
		}
		if (ret)
			break;
		look(cam.at[buf.index].data, map, &cam.pix);
		ret = cam_queue(&cam, buf.index);
	}
	if (ret)
		stop(ret, "region: stream");
	cam_close(&cam);
	return 0;
}

static int draw(char **argv)
{
	struct v4l2_pix_format pix = { 0 };
	char *words[] = { NULL, NULL, NULL };
	char format[16], size[32];
	uint8_t *map;
	size_t at;
	FILE *file;

	snprintf(format, sizeof(format), "format=%s", argv[0]);
	snprintf(size, sizeof(size), "size=%s", argv[1]);
	words[0] = format;
	words[1] = size;
	size_words(words, &pix);
	pix.sizeimage = strtoul(argv[2], NULL, 0);
	pix.bytesperline = pix.width;
	if (!strcmp(argv[0], "YUYV") || !strcmp(argv[0], "UYVY"))
		pix.bytesperline *= 2;
	else if (!strcmp(argv[0], "RGB3") || !strcmp(argv[0], "BGR3"))
		pix.bytesperline *= 3;
	map = map_make(&pix, argv + 5);
	for (at = 0; at < pix.sizeimage; at++)
		map[at] = map[at] == COVERED ? strtol(argv[4], NULL, 0) : 0xff;
	file = fopen(argv[3], "w");
	if (!file || fwrite(map, 1, pix.sizeimage, file) != pix.sizeimage || fclose(file))
		stop(-EIO, argv[3]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[1], "check"))
		return check(argv + 2);
	if (argc > 6 && !strcmp(argv[1], "draw"))
		return draw(argv + 2);
	stop(-EINVAL, "usage: region check|draw ...");
}
