// SPDX-License-Identifier: GPL-2.0
/*
 * uvc [key=value...]: a USB camera, plugged in as long as this runs, for the kernel's own
 * uvcvideo to drive; 640x480 and other sizes, YUYV and MJPG.
 *
 *	pictures=DIR	what it sees: DIR/640x480-1.jpg, -2.jpg...; .yuyv of the same size
 *	each=0		the next picture after so many frames; 0: when told to
 *	fill=pattern	without pictures, in YUYV: pictures that say what they are; white: all 0xff
 *	epoch=1		of these
 *	fps=		as the host wishes; 0: as fast as it takes them
 *	serial=0001
 *	seed=1		of all that is at random
 *	control=FIFO	where commands come from, a line each
 *
 * Commands:
 *	next		the next picture
 *	epoch N		of the pictures that say what they are, from here on
 *	cut|flip|header|noise|small|short N	does harm to the next N frames: a JPEG cut off, with
 *			bits flipped, with another header; bytes at random; another picture, of
 *			half the size; a payload that ends half-way
 *	freeze		sends nothing more, from the middle of a frame on
 *	thaw		goes on
 *	unplug		in the middle of a frame, if it streams
 *	plug
 *
 * Prints "plugged", "unplugged", "on TIME WxH FORMAT", "off TIME FRAMES", "picture N", "set
 * CONTROL VALUE" and "cut done" or the like; times are CLOCK_MONOTONIC in us.
 */
#include "uvc_device.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cam.h"
#include "picture.h"

#define HEADER		2		/* bytes of a payload's own */
#define FRAME_ID	0x01		/* alternates from frame to frame */
#define END_OF_FRAME	0x02
#define END_OF_HEADER	0x80
#define LARGEST		(1920 * 1080 * 2)

enum harm { CUT, FLIP, FORGE, NOISE, SMALL, SHORT };
static const char *const harms[] = { "cut", "flip", "header", "noise", "small", "short" };

struct camera {
	struct uvc_device device;
	struct uvc_choice choice;
	bool chosen, on;
	int commands;			/* -1: none come */
	const char *pictures;
	bool white;
	unsigned int picture, each;
	uint32_t epoch, number, seed;
	long fps;			/* -1: what the host chose */

	int64_t due;			/* when the next frame is */
	long frames;			/* since it is on */
	bool sending;
	size_t at, size;		/* of the payload, header and all */
	uint8_t payload[HEADER + LARGEST];

	enum harm harm;
	long harmed;			/* to so many frames from here on */
	enum { GO_ON, FREEZE, UNPLUG } half_way;
};

static unsigned int dice(struct camera *c, unsigned int sides)
{
	/* Numerical Recipes' generator; its low bits are poor. */
	c->seed = c->seed * 1664525 + 1013904223;
	return (c->seed >> 8) % (sides ?: 1);
}

/* The first segments are tables, the picture's size and its sampling. */
static void forge_header(struct camera *c, uint8_t *data, size_t size)
{
	unsigned int n = 1 + dice(c, 8);

	while (n--)
		data[dice(c, size < 640 ? size : 640)] = dice(c, 256);
}

static void flip_bits(struct camera *c, uint8_t *data, size_t size)
{
	unsigned int n = 1 + dice(c, 64);

	while (n--)
		data[dice(c, size)] ^= 1 << dice(c, 8);
}

static size_t load_picture(struct camera *c, uint8_t *data, unsigned int width, unsigned int height)
{
	char path[256];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%ux%u-%u.%s", c->pictures, width, height, c->picture,
		 c->choice.format == UVC_MJPEG ? "jpg" : "yuyv");
	file = fopen(path, "r");
	if (!file)
		return 0;
	size = fread(data, 1, LARGEST, file);
	fclose(file);
	return size;
}

/* Returns how many bytes the frame has then. */
static size_t do_harm(struct camera *c, uint8_t *data, size_t size)
{
	size_t i;

	switch (c->harm) {
	case CUT:
		return dice(c, size);
	case FLIP:
		flip_bits(c, data, size);
		return size;
	case FORGE:
		forge_header(c, data, size);
		return size;
	case NOISE:
		for (i = 0; i < size; i++)
			data[i] = dice(c, 256);
		return size;
	case SMALL:
		return load_picture(c, data, c->choice.width / 2, c->choice.height / 2);
	case SHORT:
		return size / 2;
	}
	return 0;
}

/* After the last picture comes the first. */
static size_t see(struct camera *c, uint8_t *data)
{
	size_t size = c->choice.width * c->choice.height * 2;

	if (c->white) {
		memset(data, 0xff, size);
	} else if (!c->pictures) {
		picture_make(data, size, c->epoch, c->number);
	} else {
		size = load_picture(c, data, c->choice.width, c->choice.height);
		if (!size) {
			c->picture = 1;
			size = load_picture(c, data, c->choice.width, c->choice.height);
		}
	}
	return size;
}

static void begin_frame(struct camera *c)
{
	uint8_t *data = c->payload + HEADER;
	size_t size;

	if (c->each && c->frames && c->frames % c->each == 0)
		c->picture++;
	size = see(c, data);
	if (c->harmed) {
		size = do_harm(c, data, size);
		if (!--c->harmed)
			printf("%s done\n", harms[c->harm]);
	}
	c->number++;
	c->payload[0] = HEADER;
	c->payload[1] = END_OF_HEADER | END_OF_FRAME | (c->number & FRAME_ID);
	c->at = 0;
	c->size = HEADER + size;
	c->sending = true;
}

static void turn_off(struct camera *c)
{
	if (c->on)
		printf("off %lld %ld\n", (long long)now(), c->frames);
	c->on = c->sending = c->chosen = false;
	c->frames = 0;
}

static void unplug(struct camera *c)
{
	turn_off(c);
	usbip_unplug(&c->device.usb);
	c->half_way = GO_ON;
	printf("unplugged\n");
}

static void plug(struct camera *c)
{
	int ret = usbip_plug(&c->device.usb);

	if (ret)
		stop(ret, "uvc: vhci_hcd");
	uvc_reset(&c->device);
	printf("plugged\n");
}

/* As much of the frame as the host has room for; a short packet ends it. */
static int send_frame(struct camera *c)
{
	struct usbip *usb = &c->device.usb;
	size_t room, n;
	int ret;

	while (c->sending && usb->waiting) {
		if (c->half_way != GO_ON && c->at >= c->size / 2)
			break;
		room = usb->at[0].room;
		n = c->size - c->at < room ? c->size - c->at : room;
		ret = usbip_give(usb, c->payload + c->at, n);
		if (ret)
			return ret;
		c->at += n;
		if (n < room) {
			c->sending = false;
			c->frames++;
		}
	}
	if (c->sending && c->half_way == UNPLUG && c->at >= c->size / 2)
		unplug(c);
	return 0;
}

static void turn_on(struct camera *c)
{
	c->on = true;
	c->due = now();
	c->choice = uvc_chosen(&c->device);
	printf("on %lld %ux%u %s\n", (long long)now(), c->choice.width, c->choice.height,
	       c->choice.format == UVC_MJPEG ? "MJPG" : "YUYV");
}

static int stream(struct camera *c)
{
	int64_t interval = c->fps < 0 ? c->choice.interval : c->fps ? 1000000 / c->fps : 0;

	if (!c->on && c->chosen && c->device.usb.waiting) {
		turn_on(c);
		return stream(c);
	}
	if (c->on && !c->sending && c->device.usb.waiting && now() >= c->due) {
		begin_frame(c);
		c->due += interval;
		if (c->due < now())		/* late: no burst to make up for it */
			c->due = now();
	}
	return send_frame(c);
}

static int listen_to_host(struct camera *c)
{
	struct usbip_control control;
	int ret = usbip_take(&c->device.usb, &control);

	if (ret == 1)
		ret = uvc_answer(&c->device, &control);
	if (ret == UVC_CHOSEN)
		c->chosen = true;
	if (ret == UVC_STOPPED)
		turn_off(c);
	return ret < 0 ? ret : 0;
}

static void plan_harm(struct camera *c, const char *name, long frames)
{
	unsigned int i;

	for (i = 0; i < sizeof(harms) / sizeof(harms[0]); i++)
		if (!strcmp(harms[i], name)) {
			c->harm = i;
			c->harmed = frames;
			return;
		}
	stop(-EINVAL, name);
}

static void obey(struct camera *c, const char *line)
{
	char name[16] = "";
	long n = 1;

	if (sscanf(line, "%15s %ld", name, &n) < 1)
		return;
	if (!strcmp(name, "next")) {
		c->picture++;
		printf("picture %u\n", c->picture);
	} else if (!strcmp(name, "epoch")) {
		c->epoch = n;
	} else if (!strcmp(name, "freeze")) {
		c->half_way = FREEZE;
	} else if (!strcmp(name, "thaw")) {
		c->half_way = GO_ON;
	} else if (!strcmp(name, "plug")) {
		plug(c);
	} else if (!strcmp(name, "unplug")) {
		if (c->on)
			c->half_way = UNPLUG;
		else
			unplug(c);
	} else {
		plan_harm(c, name, n);
	}
}

static void listen_to_test(struct camera *c)
{
	char lines[1024], *line, *rest;
	ssize_t n = read(c->commands, lines, sizeof(lines) - 1);

	if (n <= 0)
		return;
	lines[n] = '\0';
	for (line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		obey(c, line);
}

/* Milliseconds until there is something to send; -1: when the host has room. */
static int patience(const struct camera *c)
{
	int64_t left = c->due - now();

	if (!c->on || c->sending || !c->device.usb.waiting)
		return -1;
	return left > 0 ? left / 1000 + 1 : 0;
}

static void prepare(struct camera *c, char **words)
{
	const char *fifo = word(words, "control", NULL);

	c->device.serial = word(words, "serial", "0001");
	c->pictures = word(words, "pictures", NULL);
	c->picture = 1;
	c->each = number(words, "each", 0);
	c->white = !strcmp(word(words, "fill", "pattern"), "white");
	c->epoch = number(words, "epoch", 1);
	c->seed = number(words, "seed", 1);
	c->fps = number(words, "fps", -1);
	c->commands = -1;
	/* Open for writing as well, so that it does not end with the first who wrote. */
	if (fifo)
		c->commands = open(fifo, O_RDWR | O_CLOEXEC);
	if (fifo && c->commands < 0)
		stop(-errno, fifo);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	static struct camera c;
	int ret;

	if (argc < 2)
		stop(-EINVAL, "usage: uvc key=value...");
	prepare(&c, argv + 1);
	plug(&c);
	for (;;) {
		struct pollfd ready[] = {
			{ .fd = c.device.usb.fd, .events = POLLIN },
			{ .fd = c.commands, .events = POLLIN },
		};

		if (poll(ready, 2, patience(&c)) < 0 && errno != EINTR)
			stop(-errno, "uvc: poll");
		if (ready[1].revents)
			listen_to_test(&c);
		ret = ready[0].revents && c.device.usb.fd >= 0 ? listen_to_host(&c) : 0;
		if (!ret)
			ret = stream(&c);
		if (ret)
			stop(ret, "uvc: the host");
	}
}
