// SPDX-License-Identifier: GPL-2.0
/*
 * Who takes pictures with a number drawn into them, and says which came when: a line each, the
 * number and seconds by CLOCK_MONOTONIC.
 *
 *	rtsp node NODE SECONDS		of a camera, YU12
 *	rtsp pipe SECONDS		raw ones from standard input, 1920x1080
 *
 * And what of a frame's time is whose, in milliseconds of processor time:
 *
 *	rtsp decode FILE		libavcodec's, with one thread
 *	rtsp copy			of one copy of a frame
 *
 * The number is in the lowest rows on the left: a block that is white, one that is black, and one
 * for each bit, the highest first.
 */
#include <fcntl.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "timing.h"

#define WIDTH	1920
#define HEIGHT	1080
#define BYTES	(WIDTH * HEIGHT * 3 / 2)
#define BLOCK	32
#define BITS	16
#define BUFFERS	4
#define COPIES	200
#define FRAMES	8			/* more than a cache holds */

static bool is_white(const uint8_t *luma, unsigned block)
{
	return luma[(HEIGHT - BLOCK / 2) * WIDTH + block * BLOCK + BLOCK / 2] > 128;
}

static void tell(const uint8_t *luma)
{
	unsigned number = 0;

	if (!is_white(luma, 0) || is_white(luma, 1))
		return;
	for (unsigned i = 0; i < BITS; i++)
		number = number << 1 | is_white(luma, 2 + i);
	printf("%u %.6f\n", number, wall_ms() / 1e3);
}

static int take_all(const char *node, double seconds)
{
	struct v4l2_requestbuffers request = {
		.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_format format = { .type = request.type };
	struct v4l2_buffer buf = { .type = request.type, .memory = request.memory };
	const uint8_t *at[BUFFERS];
	int fd = open(node, O_RDWR), type = request.type;
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	double end = wall_ms() + 1e3 * seconds;

	if (fd < 0 || ioctl(fd, VIDIOC_G_FMT, &format) < 0 || format.fmt.pix.width != WIDTH ||
	    format.fmt.pix.height != HEIGHT || format.fmt.pix.pixelformat != V4L2_PIX_FMT_YUV420 ||
	    ioctl(fd, VIDIOC_REQBUFS, &request) < 0 || request.count != BUFFERS)
		return 1;
	for (buf.index = 0; buf.index < BUFFERS; buf.index++) {
		if (ioctl(fd, VIDIOC_QUERYBUF, &buf) < 0)
			return 1;
		at[buf.index] = mmap(NULL, buf.length, PROT_READ, MAP_SHARED, fd, buf.m.offset);
		if (at[buf.index] == MAP_FAILED || ioctl(fd, VIDIOC_QBUF, &buf) < 0)
			return 1;
	}
	if (ioctl(fd, VIDIOC_STREAMON, &type) < 0)
		return 1;
	while (wall_ms() < end) {
		if (poll(&ready, 1, 10000) != 1 || ioctl(fd, VIDIOC_DQBUF, &buf) < 0)
			return 1;
		tell(at[buf.index]);
		if (ioctl(fd, VIDIOC_QBUF, &buf) < 0)
			return 1;
	}
	return 0;
}

static int read_all(double seconds)
{
	uint8_t *picture = malloc(BYTES);
	double end = wall_ms() + 1e3 * seconds;

	while (picture && wall_ms() < end && fread(picture, BYTES, 1, stdin) == 1)
		tell(picture);
	free(picture);
	return 0;
}

/* How many come out of a packet, NULL for those that are left. */
static unsigned decode(AVCodecContext *decoder, const AVPacket *packet, AVFrame *picture)
{
	unsigned pictures = 0;

	if (avcodec_send_packet(decoder, packet) < 0)
		return 0;
	while (avcodec_receive_frame(decoder, picture) >= 0)
		pictures++;
	return pictures;
}

static int decode_all(const char *path)
{
	AVFormatContext *file = NULL;
	AVCodecContext *decoder;
	AVPacket *packet = av_packet_alloc();
	AVFrame *picture = av_frame_alloc();
	unsigned pictures = 0;
	double took = 0, began;

	if (avformat_open_input(&file, path, NULL, NULL) < 0 || !file->nb_streams)
		return 1;
	decoder = avcodec_alloc_context3(avcodec_find_decoder(file->streams[0]->codecpar->codec_id));
	if (!decoder || avcodec_parameters_to_context(decoder, file->streams[0]->codecpar) < 0)
		return 1;
	decoder->thread_count = 1;
	if (avcodec_open2(decoder, NULL, NULL) < 0)
		return 1;
	while (av_read_frame(file, packet) >= 0) {
		began = now_ms();
		pictures += decode(decoder, packet, picture);
		took += lap_ms(&began);
		av_packet_unref(packet);
	}
	pictures += decode(decoder, NULL, picture);
	printf("%.3f\n", took / pictures);
	return 0;
}

static int copy(void)
{
	static double took[COPIES];
	uint8_t *frames = malloc(FRAMES * BYTES);

	if (!frames)
		return 1;
	memset(frames, 1, FRAMES * BYTES);
	for (unsigned i = 0; i < COPIES; i++) {
		double began = now_ms();

		memcpy(frames + i % FRAMES * BYTES, frames + (i + FRAMES / 2) % FRAMES * BYTES, BYTES);
		took[i] = lap_ms(&began);
	}
	printf("%.3f\n", median(took, COPIES));
	free(frames);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "node"))
		return take_all(argv[2], atof(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "pipe"))
		return read_all(atof(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "decode"))
		return decode_all(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "copy"))
		return copy();
	fprintf(stderr, "rtsp node NODE SECONDS | rtsp pipe SECONDS | rtsp decode FILE | rtsp copy\n");
	return 2;
}
