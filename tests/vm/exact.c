// SPDX-License-Identifier: GPL-2.0
/*
 * exact WHAT FEED CAPTURE [key=value...]: has both nodes of a camera, so it knows what comes
 * after what, however slow the machine is.  Prints what is wrong; fails when anything is.
 *
 *	counts	  sequence numbers of both nodes, and stats=FILE
 *	stamps	  timestamps are the feeder's, unless those run backwards or ahead
 *	silence	  what lies in a reader's queue turns black when the feeder falls silent
 *	cuts	  so it does at STREAMOFF and close(); what is queued before STREAMON comes after
 *	range	  black is 16, or 0 in full range
 *	rates	  what S_PARM makes of a rate that is none; rate=30 is the camera's
 *	memory	  each node gives fits=2 buffers, and those that are mapped count when freed
 *	priority  of a reader does not bind the feeder
 *	twice	  a second open of the reader gets no buffers, and poll() says so
 *	writes	  write() fills pictures up, but a JPEG is whole
 *	payload	  a picture that is too short is refused, one that is too long is black
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include <linux/scrim.h>

#include "cam.h"
#include "picture.h"

static struct cam feed, capture;
static uint32_t given;		/* since feed_on(), and the number in the next picture */
static int wrong;
static char **words;

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	printf("wrong: %s\n", what);
	wrong++;
}

static void equal(const char *what, int64_t got, int64_t wanted)
{
	if (got == wanted)
		return;
	printf("wrong: %s is %lld, not %lld\n", what, (long long)got, (long long)wanted);
	wrong++;
}

static void done(int ret, const char *what)
{
	if (ret < 0)
		stop(ret, what);
}

static void feed_on(unsigned int count)
{
	if (count)
		done(cam_buffers(&feed, count, IO_MMAP), "exact: buffers of the feed");
	done(cam_stream(&feed, true), "exact: STREAMON of the feed");
	given = 0;
}

static int queue(unsigned int index, uint32_t bytes, int64_t stamp)
{
	struct v4l2_buffer buf = {
		.index = index, .type = feed.type, .memory = feed.memory, .bytesused = bytes,
		.field = V4L2_FIELD_NONE,
		.timestamp = { .tv_sec = stamp / 1000000, .tv_usec = stamp % 1000000 },
	};

	return cam_ioctl(feed.fd, VIDIOC_QBUF, &buf);
}

/* A picture; readers have it when this returns. */
static void give(int64_t stamp)
{
	struct v4l2_buffer buf;

	picture_make(feed.at[0].data, feed.pix.sizeimage, 1, given);
	done(queue(0, feed.pix.sizeimage, stamp), "exact: QBUF of the feed");
	done(cam_dequeue(&feed, &buf), "exact: DQBUF of the feed");
	equal("sequence of the feed", buf.sequence, given++);
}

static void reader_on(unsigned int count)
{
	unsigned int i;

	if (count)
		done(cam_buffers(&capture, count, IO_MMAP), "exact: buffers of a reader");
	for (i = 0; i < capture.buffers; i++)
		done(cam_queue(&capture, i), "exact: QBUF of a reader");
	done(cam_stream(&capture, true), "exact: STREAMON of a reader");
}

/* Takes what is there; false if nothing is. */
static bool take(struct v4l2_buffer *buf, struct picture *picture)
{
	int ret = cam_dequeue(&capture, buf);

	if (ret == -EAGAIN)
		return false;
	done(ret, "exact: DQBUF of a reader");
	*picture = picture_judge(capture.at[buf->index].data, buf->bytesused, &capture.pix);
	must(picture->kind == PICTURE_WHOLE || picture->kind == PICTURE_BLACK, picture_word(picture->kind));
	return true;
}

/* Waits for a picture and gives the buffer back. */
static struct picture next(struct v4l2_buffer *buf)
{
	struct picture picture;

	while (!take(buf, &picture))
		if (cam_wait(&capture, 20000) == 0)
			stop(-ETIMEDOUT, "exact: a picture");
	done(cam_queue(&capture, buf->index), "exact: QBUF of a reader");
	return picture;
}

/* Pictures that wait in the reader's queue. */
static unsigned int waiting(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < capture.buffers; i++) {
		struct v4l2_buffer buf = { .index = i, .type = capture.type, .memory = capture.memory };

		done(cam_ioctl(capture.fd, VIDIOC_QUERYBUF, &buf), "exact: QUERYBUF");
		n += !!(buf.flags & V4L2_BUF_FLAG_DONE);
	}
	return n;
}

/* Until there are more than that, whoever makes them. */
static void more_than(unsigned int n)
{
	int64_t end = now() + 20000000;

	while (waiting() <= n) {
		if (now() > end)
			stop(-ETIMEDOUT, "exact: a picture");
		usleep(1000);
	}
}

/* Takes and gives back what waits; the number of pictures that are not black. */
static unsigned int drain(void)
{
	unsigned int n = waiting(), live = 0;
	struct v4l2_buffer buf;

	while (n--)
		live += next(&buf).kind != PICTURE_BLACK;
	return live;
}

static void reopen(void)
{
	cam_close(&capture);
	done(cam_open(&capture, words[1], V4L2_BUF_TYPE_VIDEO_CAPTURE), "exact: open");
}

static void reformat(uint32_t fourcc, uint32_t colorspace, uint32_t quantization)
{
	struct v4l2_format fmt = { .type = feed.type, .fmt.pix = feed.pix };

	fmt.fmt.pix.pixelformat = fourcc;
	fmt.fmt.pix.colorspace = colorspace;
	fmt.fmt.pix.quantization = quantization;
	fmt.fmt.pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
	done(cam_ioctl(feed.fd, VIDIOC_S_FMT, &fmt), "exact: S_FMT");
	equal("quantization", fmt.fmt.pix.quantization, quantization);
	feed.pix = fmt.fmt.pix;
	reopen();
}

static long long stat(const char *name)
{
	FILE *file = fopen(word(words, "stats", ""), "r");
	long long value, found = -1;
	char key[32];

	if (!file)
		stop(-errno, "exact: stats");
	while (fscanf(file, "%31s %lld", key, &value) == 2)
		if (!strcmp(key, name))
			found = value;
	fclose(file);
	return found;
}

/* What a reader saw from STREAMON on, told by sequence numbers. */
struct seen {
	uint32_t whole, black, next, missed;
};

static void see(struct seen *seen)
{
	struct v4l2_buffer buf;
	struct picture picture;

	while (take(&buf, &picture)) {
		seen->whole += picture.kind == PICTURE_WHOLE;
		seen->black += picture.kind == PICTURE_BLACK;
		must(buf.sequence >= seen->next, "sequence numbers of a reader grow");
		seen->missed += buf.sequence - seen->next;
		seen->next = buf.sequence + 1;
	}
}

/* False if the clock may have made a picture that we did not take. */
static bool counts_once(void)
{
	int64_t frames = stat("frames"), delivered = stat("delivered");
	int64_t black = stat("black"), dropped = stat("dropped"), begun, ended;
	struct seen seen = { 0 };
	int before = wrong, i;

	reader_on(0);
	equal("readers", stat("readers"), 1);
	more_than(0);		/* of the clock, black; it makes the next in a second */
	begun = now();
	feed_on(0);
	for (i = 0; i < 40; i++)
		give(now());
	see(&seen);
	for (i = 0; i < (int)capture.buffers; i++)
		done(cam_queue(&capture, i), "exact: QBUF of a reader");
	for (i = 0; i < 3; i++)
		give(now());
	see(&seen);
	frames = stat("frames") - frames;
	delivered = stat("delivered") - delivered;
	black = stat("black") - black;
	dropped = stat("dropped") - dropped;
	ended = now();
	done(cam_stream(&feed, false), "exact: STREAMOFF of the feed");
	done(cam_stream(&capture, false), "exact: STREAMOFF of a reader");
	equal("readers, later", stat("readers"), 0);
	equal("frames", frames, 43);
	equal("delivered", delivered, seen.whole);
	equal("black", black, seen.black);
	equal("dropped", dropped, seen.missed);
	equal("pictures that the reader saw, or missed", seen.next, 44);
	equal("whole ones", seen.whole, 3 + 3);
	equal("missed ones", seen.missed, 37);
	if (wrong == before || ended - begun < 700000)
		return true;
	printf("too slow to tell: %lld us\n", (long long)(ended - begun));
	wrong = before;
	return false;
}

static void counts(void)
{
	int i, sure = 0;

	done(cam_rate(&feed, 1), "exact: S_PARM");
	done(cam_buffers(&feed, 2, IO_MMAP), "exact: buffers");
	done(cam_buffers(&capture, 4, IO_MMAP), "exact: buffers");
	for (i = 0; i < 8 && sure < 2; i++)
		sure += counts_once();
	must(sure == 2, "the machine is too slow");
}

/* Sends a picture with this stamp; what the reader gets as its stamp. */
static int64_t stamp_of(int64_t stamp)
{
	struct v4l2_buffer buf;
	struct picture picture;
	uint32_t number = given;

	give(stamp);
	do
		picture = next(&buf);
	while (picture.kind != PICTURE_WHOLE || picture.number != number);
	return buf.timestamp.tv_sec * 1000000LL + buf.timestamp.tv_usec;
}

static void stamps(void)
{
	int64_t last = 0, stamp, got, before;
	int i, kept = 0;

	done(cam_rate(&feed, 1), "exact: S_PARM");
	reader_on(4);
	feed_on(2);
	for (i = 0; i < 30; i++) {
		before = now();
		/* That of a picture taken just now; tomorrow's; one of long ago. */
		stamp = i % 3 == 0 ? before : i % 3 == 1 ? before + 86400000000LL : 1;
		got = stamp_of(stamp);
		must(got > last || (got == last && i % 3), "timestamps grow");
		must(got <= now(), "timestamps do not run ahead");
		if (i % 3 == 0)
			kept += got == stamp;
		else
			must(got >= before, "a wrong timestamp is replaced by now");
		/* Taken before the one that is of now: behind it, and the next has its own again. */
		if (i % 3 == 1)
			must(stamp_of(before - 1000) - got < 1000, "a late timestamp moves by little");
		last = got;
		usleep(2000);
	}
	/* A black one of the clock may come between; hardly ever. */
	must(kept >= 5, "the feeder's timestamps are kept");
}

static void silence(void)
{
	unsigned int i, tries, n;

	done(cam_rate(&feed, 10), "exact: S_PARM");
	reader_on(8);
	feed_on(2);
	for (i = tries = 0; i < 3 && tries < 20; tries++) {
		drain();
		give(now());
		n = waiting();
		if (n == capture.buffers)
			continue;
		more_than(n);		/* only the clock makes another */
		equal("pictures that outlive silence", drain(), 0);
		i++;
	}
	equal("times that the feeder fell silent", i, 3);
	for (i = n = 0; i < 20 && !n; i++) {
		give(now());
		n = drain();
	}
	must(n > 0, "the feeder is heard again");
}

static void cuts(void)
{
	unsigned int i;

	done(cam_rate(&feed, 1), "exact: S_PARM");
	reader_on(8);
	feed_on(2);
	for (i = 0; i < 5; i++) {
		drain();
		give(now());
		done(cam_stream(&feed, false), "exact: STREAMOFF of the feed");
		must(waiting() > 0, "something waits");
		equal("pictures that outlive STREAMOFF", drain(), 0);
		/* What was queued before STREAMON is new. */
		picture_make(feed.at[0].data, feed.pix.sizeimage, 2, i);
		done(queue(0, feed.pix.sizeimage, now()), "exact: QBUF of the feed");
		equal("pictures shown before STREAMON", drain(), 0);
		feed_on(0);
		given = 1;
		done(cam_dequeue(&feed, &(struct v4l2_buffer){ 0 }), "exact: DQBUF of the feed");
	}
	drain();
	give(now());
	cam_close(&feed);
	equal("pictures that outlive close()", drain(), 0);
}

static void range(void)
{
	static const struct {
		uint32_t fourcc, colorspace, quantization;
		int luma;
	} cases[] = {
		{ V4L2_PIX_FMT_YUYV, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_FULL_RANGE, 0 },
		{ V4L2_PIX_FMT_YUYV, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_LIM_RANGE, 16 },
		{ V4L2_PIX_FMT_YUYV, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_DEFAULT, 16 },
		{ V4L2_PIX_FMT_YUYV, V4L2_COLORSPACE_JPEG, V4L2_QUANTIZATION_DEFAULT, 0 },
		{ V4L2_PIX_FMT_YUYV, V4L2_COLORSPACE_JPEG, V4L2_QUANTIZATION_LIM_RANGE, 16 },
		{ V4L2_PIX_FMT_NV12, V4L2_COLORSPACE_REC709, V4L2_QUANTIZATION_FULL_RANGE, 0 },
		{ V4L2_PIX_FMT_NV12, V4L2_COLORSPACE_REC709, V4L2_QUANTIZATION_DEFAULT, 16 },
		{ V4L2_PIX_FMT_GREY, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_FULL_RANGE, 0 },
		{ V4L2_PIX_FMT_GREY, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_LIM_RANGE, 16 },
		{ V4L2_PIX_FMT_RGB24, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_LIM_RANGE, 0 },
	};
	struct v4l2_buffer buf;
	struct picture picture;
	size_t i;

	done(cam_rate(&feed, 30), "exact: S_PARM");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reformat(cases[i].fourcc, cases[i].colorspace, cases[i].quantization);
		equal("quantization that readers see", capture.pix.quantization, cases[i].quantization);
		reader_on(2);
		picture = next(&buf);
		must(picture.kind == PICTURE_BLACK, "the first picture is black");
		equal("black", capture.at[buf.index].data[0], cases[i].luma);
		if (cases[i].fourcc == V4L2_PIX_FMT_YUYV)
			equal("its colour", capture.at[buf.index].data[1], 128);
	}
	reformat(V4L2_PIX_FMT_YUYV, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_DEFAULT);
}

static void rates(void)
{
	const unsigned int own = number(words, "rate", 30);
	const struct {
		struct v4l2_fract asked, got;
	} cases[] = {
		{ { 1, 25 }, { 1, 25 } },
		{ { 1, 240 }, { 1, 240 } },
		{ { 1, 241 }, { 1, 240 } },
		{ { 1, 0xffffffff }, { 1, 240 } },
		{ { 1, 1 }, { 1, 1 } },
		{ { 2, 1 }, { 1, 1 } },
		{ { 0xffffffff, 1 }, { 1, 1 } },
		{ { 1001, 30000 }, { 1001, 30000 } },
		{ { 0, 0 }, { 1, own } },
		{ { 0, 5 }, { 1, own } },
		{ { 5, 0 }, { 1, own } },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct v4l2_streamparm parm = { .type = feed.type }, seen = { .type = capture.type };

		parm.parm.output.timeperframe = cases[i].asked;
		done(cam_ioctl(feed.fd, VIDIOC_S_PARM, &parm), "exact: S_PARM");
		done(cam_ioctl(capture.fd, VIDIOC_G_PARM, &seen), "exact: G_PARM");
		equal("numerator", parm.parm.output.timeperframe.numerator, cases[i].got.numerator);
		equal("denominator", parm.parm.output.timeperframe.denominator, cases[i].got.denominator);
		equal("a reader's numerator", seen.parm.capture.timeperframe.numerator, cases[i].got.numerator);
		equal("a reader's denominator", seen.parm.capture.timeperframe.denominator,
		      cases[i].got.denominator);
	}
}

/* Buffers that a node gives when so many are wanted, or negative errno. */
static int ask(struct cam *cam, unsigned int count)
{
	struct v4l2_requestbuffers req = {
		.count = count, .type = cam->type, .memory = V4L2_MEMORY_MMAP,
	};
	int ret = cam_ioctl(cam->fd, VIDIOC_REQBUFS, &req);

	return ret ?: (int)req.count;
}

static void memory_of(struct cam *cam, const char *node, int fits)
{
	struct v4l2_create_buffers more = {
		.count = 1, .memory = V4L2_MEMORY_MMAP, .format = { .type = cam->type, .fmt.pix = cam->pix },
	};
	unsigned int i, round;

	for (round = 0; round < 2; round++) {
		equal("buffers", ask(cam, 16), fits);
		equal("one more", cam_ioctl(cam->fd, VIDIOC_CREATE_BUFS, &more), -ENOMEM);
		equal("no buffers", ask(cam, 0), 0);
	}
	done(cam_buffers(cam, 16, IO_MMAP), "exact: buffers");
	equal("mapped buffers", cam->buffers, fits);
	equal("no buffers", ask(cam, 0), 0);
	equal("buffers beside those mapped", ask(cam, 16), -ENOMEM);
	for (i = 0; i < cam->buffers; i++)
		munmap(cam->at[i].data, cam->at[i].size);
	close(cam->fd);
	done(cam_open(cam, node, cam->type), "exact: open");
	equal("buffers after close()", ask(cam, 16), fits);
}

static void memory(void)
{
	memory_of(&feed, words[0], number(words, "fits", 2));
	memory_of(&capture, words[1], number(words, "fits", 2));
}

static void priority(void)
{
	int highest = V4L2_PRIORITY_RECORD;

	done(cam_ioctl(capture.fd, VIDIOC_S_PRIORITY, &highest), "exact: S_PRIORITY");
	equal("S_PARM", cam_rate(&feed, 30), 0);
	equal("buffers", cam_buffers(&feed, 2, IO_MMAP), 0);
	equal("STREAMON", cam_stream(&feed, true), 0);
	equal("STREAMOFF", cam_stream(&feed, false), 0);
}

static void twice(void)
{
	struct v4l2_event_subscription sub = { .type = V4L2_EVENT_SOURCE_CHANGE, .id = 1 };
	struct pollfd pfd = { .events = POLLIN };
	struct cam other;
	uint8_t byte;

	reader_on(2);
	done(cam_open(&other, words[1], V4L2_BUF_TYPE_VIDEO_CAPTURE), "exact: open");
	equal("buffers", ask(&other, 2), -EBUSY);
	equal("read()", read(other.fd, &byte, 1) < 0 ? -errno : 0, -EBUSY);
	pfd.fd = other.fd;
	equal("poll()", poll(&pfd, 1, 10000), 1);
	must(pfd.revents & POLLERR, "poll() says POLLERR");
	reopen();
	equal("buffers when the first is closed", ask(&other, 2), 2);
	cam_close(&other);

	equal("SOURCE_CHANGE of an input that is none",
	      cam_ioctl(capture.fd, VIDIOC_SUBSCRIBE_EVENT, &sub), -EINVAL);
	sub.type = SCRIM_EVENT_READERS;
	equal("readers of a camera that is none", cam_ioctl(feed.fd, VIDIOC_SUBSCRIBE_EVENT, &sub), -EINVAL);
}

static void payload(void)
{
	struct v4l2_create_buffers large = {
		.count = 1, .memory = V4L2_MEMORY_MMAP, .format = { .type = feed.type },
	};
	struct v4l2_buffer buf;
	unsigned int i;

	done(cam_buffers(&feed, 2, IO_MMAP), "exact: buffers");
	equal("a picture that lacks two bytes", queue(0, feed.pix.sizeimage - 2, now()), -EINVAL);
	cam_free(&feed);

	/* One buffer is larger than a picture can be. */
	reformat(V4L2_PIX_FMT_MJPEG, V4L2_COLORSPACE_JPEG, V4L2_QUANTIZATION_DEFAULT);
	large.format.fmt.pix = feed.pix;
	large.format.fmt.pix.sizeimage *= 2;
	done(cam_rate(&feed, 1), "exact: S_PARM");
	reader_on(4);
	done(cam_ioctl(feed.fd, VIDIOC_CREATE_BUFS, &large), "exact: CREATE_BUFS");
	feed_on(0);
	for (i = 0; i < 3; i++) {
		equal("a long picture", queue(0, large.format.fmt.pix.sizeimage, now()), 0);
		done(cam_dequeue(&feed, &buf), "exact: DQBUF of the feed");
	}
	for (i = 0; i < 3; i++) {
		while (cam_dequeue(&capture, &buf))
			if (cam_wait(&capture, 20000) == 0)
				stop(-ETIMEDOUT, "exact: a picture");
		must(buf.bytesused < capture.pix.sizeimage, "no reader gets a long picture");
	}
	done(cam_stream(&feed, false), "exact: STREAMOFF of the feed");
	cam_free(&feed);
	reformat(V4L2_PIX_FMT_YUYV, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_DEFAULT);
}

/* What the newest picture that waits has in bytes, or 0. */
static uint32_t newest(struct picture *picture)
{
	struct v4l2_buffer buf;
	uint32_t bytes = 0;

	while (!cam_dequeue(&capture, &buf)) {
		bytes = buf.bytesused;
		*picture = picture_judge(capture.at[buf.index].data, bytes, &capture.pix);
		done(cam_queue(&capture, buf.index), "exact: QBUF of a reader");
	}
	return bytes;
}

static void writes(void)
{
	static uint8_t page[640 * 480 * 2];
	struct picture picture = { 0 };
	size_t half = feed.pix.sizeimage / 2;
	int64_t frames = stat("frames");

	if (feed.pix.sizeimage > sizeof(page))
		stop(-EINVAL, "exact: size");
	done(cam_rate(&feed, 1), "exact: S_PARM");
	reader_on(4);
	picture_make(page, feed.pix.sizeimage, 3, 1);
	equal("half a picture", write(feed.fd, page, half), half);
	equal("pictures", stat("frames") - frames, 0);
	equal("the other half", write(feed.fd, page + half, half), half);
	equal("pictures", stat("frames") - frames, 1);
	equal("its bytes", newest(&picture), feed.pix.sizeimage);
	must(picture.kind == PICTURE_WHOLE && picture.epoch == 3, "a picture that is written is shown");
	cam_close(&feed);

	done(cam_open(&feed, words[0], V4L2_BUF_TYPE_VIDEO_OUTPUT), "exact: open");
	reformat(V4L2_PIX_FMT_MJPEG, V4L2_COLORSPACE_JPEG, V4L2_QUANTIZATION_DEFAULT);
	reader_on(4);
	equal("a short JPEG", write(feed.fd, page, 104), 104);
	equal("pictures", stat("frames") - frames, 2);
	equal("its bytes", newest(&picture), 104);
	equal("another", write(feed.fd, page, 48), 48);
	equal("its bytes", newest(&picture), 48);
	cam_close(&feed);

	done(cam_open(&feed, words[0], V4L2_BUF_TYPE_VIDEO_OUTPUT), "exact: open");
	reformat(V4L2_PIX_FMT_YUYV, V4L2_COLORSPACE_SRGB, V4L2_QUANTIZATION_DEFAULT);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{ "counts", counts }, { "stamps", stamps }, { "silence", silence }, { "cuts", cuts },
		{ "range", range }, { "rates", rates }, { "memory", memory }, { "priority", priority },
		{ "twice", twice }, { "payload", payload }, { "writes", writes },
	};
	unsigned int i;

	if (argc < 4)
		stop(-EINVAL, "usage: exact WHAT FEED CAPTURE [key=value...]");
	words = argv + 2;
	done(cam_open(&feed, words[0], V4L2_BUF_TYPE_VIDEO_OUTPUT), "exact: open");
	done(cam_open(&capture, words[1], V4L2_BUF_TYPE_VIDEO_CAPTURE), "exact: open");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(cases[i].name, argv[1]))
			continue;
		cases[i].run();
		return wrong > 0;
	}
	stop(-EINVAL, argv[1]);
}
