// SPDX-License-Identifier: GPL-2.0
/*
 * look NODE [key=value...]: reads a camera and says of each picture what it is.
 *
 *	seconds=5 frames=0	whichever is first; 0: never
 *	io=mmap		rw: read(); dmabuf: maps what EXPBUF gives
 *	count=4		buffers
 *	delay=0		wait so many ms between STREAMON and the first DQBUF
 *	hold=0		keep each picture for so many ms, and look whether it changes
 *	scribble=0	1: writes to all of its buffers all the time
 *	follow=0	1: at SOURCE_CHANGE take the new format
 *	dump=FILE	the first picture that is not black
 *	unlucky=0	the nth allocation in the kernel fails
 *	log=0		1: a line for each picture
 *	uid=0		become this user first
 *
 * SIGTERM ends it before its time, with its totals.  A line of the log is "frame BEFORE AFTER KIND EPOCH NUMBER SEQUENCE TIMESTAMP", times in
 * us of CLOCK_MONOTONIC: just before DQBUF was called and just after it returned.  The
 * last line has the totals, as key=value: frames, each kind; gaps (sequence numbers that
 * never came), back (those that did not grow), early (timestamps that did not grow),
 * repeat (pictures delivered twice, or after a later one), changed (while we held them),
 * maxgap (us between two), epochs.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cam.h"
#include "picture.h"

struct totals {
	long frames, kind[PICTURE_OTHER + 1], gaps, back, early, repeat, changed, maxgap, epochs, sources;
	int64_t last_time, last_stamp, last_sequence;
	uint32_t last_epoch, last_number;
};

static struct totals t;
static bool logging;
static const char *dump;
static volatile sig_atomic_t ended;

static void end_now(int signal_number)
{
	ended = signal_number;
}

static void count_order(const struct v4l2_buffer *buf, int64_t after)
{
	int64_t stamp = buf->timestamp.tv_sec * 1000000LL + buf->timestamp.tv_usec;

	if (t.frames) {
		if (buf->sequence <= t.last_sequence)
			t.back++;
		else
			t.gaps += buf->sequence - t.last_sequence - 1;
		if (stamp <= t.last_stamp)
			t.early++;
		if (after - t.last_time > t.maxgap)
			t.maxgap = after - t.last_time;
	}
	t.last_sequence = buf->sequence;
	t.last_stamp = stamp;
	t.last_time = after;
}

static void count_picture(const struct picture *p)
{
	t.frames++;
	t.kind[p->kind]++;
	if (p->kind != PICTURE_WHOLE)
		return;
	if (p->epoch != t.last_epoch)
		t.epochs++;
	else if (p->number <= t.last_number && ++t.repeat)
		printf("repeated %u after %u\n", p->number, t.last_number);
	t.last_epoch = p->epoch;
	t.last_number = p->number;
}

static void save(const uint8_t *data, size_t size)
{
	FILE *file = fopen(dump, "w");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		stop(-EIO, dump);
	dump = NULL;
}

static void saw(const uint8_t *data, const struct v4l2_buffer *buf, const struct cam *cam,
		int64_t before, int64_t after)
{
	struct picture p = picture_judge(data, buf->bytesused, &cam->pix);

	if (buf->bytesused != cam->pix.sizeimage)
		p.kind = PICTURE_OTHER;
	if (dump && p.kind != PICTURE_BLACK)
		save(data, buf->bytesused);
	count_order(buf, after);
	count_picture(&p);
	if (logging)
		printf("frame %lld %lld %s %u %u %u %lld\n", (long long)before, (long long)after,
		       picture_word(p.kind), p.epoch, p.number, buf->sequence,
		       (long long)(buf->timestamp.tv_sec * 1000000LL + buf->timestamp.tv_usec));
}

static int begin(struct cam *cam, enum io io, unsigned int count)
{
	unsigned int i;
	int ret;

	if (io == IO_RW)
		return 0;
	ret = cam_buffers(cam, count, io);
	for (i = 0; !ret && i < cam->buffers; i++)
		ret = cam_queue(cam, i);
	return ret ?: cam_stream(cam, true);
}

static void restart(struct cam *cam, enum io io, unsigned int count)
{
	struct v4l2_format fmt = { .type = cam->type };
	int ret;

	cam_stream(cam, false);
	cam_free(cam);
	ret = cam_ioctl(cam->fd, VIDIOC_G_FMT, &fmt);
	cam->pix = fmt.fmt.pix;
	ret = ret ?: begin(cam, io, count);
	if (ret)
		stop(ret, "look: the new format");
}

/* Takes an event; true if the format is another one. */
static bool source_changed(struct cam *cam)
{
	struct v4l2_event event;
	bool changed = false;

	while (!cam_ioctl(cam->fd, VIDIOC_DQEVENT, &event)) {
		if (event.type != V4L2_EVENT_SOURCE_CHANGE)
			continue;
		changed = true;
		t.sources++;
		printf("source %lld\n", (long long)now());
	}
	return changed;
}

static void hold(const uint8_t *data, const struct v4l2_buffer *buf, struct cam *cam, long ms)
{
	struct picture p = picture_judge(data, buf->bytesused, &cam->pix), q;

	usleep(ms * 1000);
	q = picture_judge(data, buf->bytesused, &cam->pix);
	if (p.kind != q.kind || p.epoch != q.epoch || p.number != q.number)
		t.changed++;
}

static void scribble(struct cam *cam)
{
	unsigned int i;

	for (i = 0; i < cam->buffers; i++)
		memset(cam->at[i].data, 0xa5, cam->at[i].size);
}

/* 1 for a picture, 0 for none yet. */
static int take_mmap(struct cam *cam, char **words)
{
	struct v4l2_buffer buf;
	int64_t before = now();
	int ret = cam_dequeue(cam, &buf);

	if (ret)
		return ret == -EAGAIN ? 0 : ret;
	saw(cam->at[buf.index].data, &buf, cam, before, now());
	if (number(words, "hold", 0))
		hold(cam->at[buf.index].data, &buf, cam, number(words, "hold", 0));
	return cam_queue(cam, buf.index) ?: 1;
}

static int take_rw(struct cam *cam, uint8_t *page)
{
	struct v4l2_buffer buf = { .sequence = t.frames };
	int64_t before = now(), after;
	ssize_t n = read(cam->fd, page, cam->pix.sizeimage);

	after = now();
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	buf.bytesused = n;
	buf.timestamp.tv_sec = after / 1000000;
	buf.timestamp.tv_usec = after % 1000000;
	saw(page, &buf, cam, before, after);
	return 1;
}

static void print_totals(void)
{
	int kind;

	printf("frames=%ld", t.frames);
	for (kind = 0; kind <= PICTURE_OTHER; kind++)
		printf(" %s=%ld", picture_word(kind), t.kind[kind]);
	printf(" gaps=%ld back=%ld early=%ld repeat=%ld changed=%ld maxgap=%ld epochs=%ld sources=%ld\n",
	       t.gaps, t.back, t.early, t.repeat, t.changed, t.maxgap, t.epochs, t.sources);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct v4l2_event_subscription sub = { .type = V4L2_EVENT_SOURCE_CHANGE };
	char **words = argv + 1;
	struct cam cam;
	enum io io = io_word(words);
	unsigned int count;
	long frames;
	uint8_t *page;
	int64_t end;
	int ret;

	if (argc < 2)
		stop(-EINVAL, "usage: look NODE [key=value...]");
	become(number(words, "uid", 0));
	count = number(words, "count", 4);
	frames = number(words, "frames", 0);
	logging = number(words, "log", 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGTERM, end_now);
	dump = word(words, "dump", NULL);
	unlucky(number(words, "unlucky", 0));
	ret = cam_open(&cam, words[0], V4L2_BUF_TYPE_VIDEO_CAPTURE);
	if (ret)
		stop(ret, "look: open");
	page = malloc(cam.pix.sizeimage);
	cam_ioctl(cam.fd, VIDIOC_SUBSCRIBE_EVENT, &sub);
	ret = begin(&cam, io, count);
	if (ret)
		stop(ret, "look: begin");
	end = now() + number(words, "seconds", 5) * 1000000LL;
	usleep(number(words, "delay", 0) * 1000);
	while (!ended && now() < end && (!frames || t.frames < frames)) {
		if (number(words, "scribble", 0))
			scribble(&cam);
		/* read() starts the stream, so there is nothing to wait for before it. */
		if (io != IO_RW || t.frames) {
			ret = cam_wait(&cam, 100);
			if (ret > 0 && ret & POLLPRI && source_changed(&cam) && number(words, "follow", 0))
				restart(&cam, io, count);
		}
		ret = io == IO_RW ? take_rw(&cam, page) : take_mmap(&cam, words);
		if (ret < 0) {
			printf("error %lld %s\n", (long long)now(), strerror(-ret));
			break;
		}
	}
	print_totals();
	cam_close(&cam);
	return ret < 0;
}
