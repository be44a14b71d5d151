// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz FEED CAPTURE [key=value...]: random calls on both nodes: every ioctl of V4L2 and some
 * that are none, with arguments of random and of boundary values, and read, write, poll,
 * mmap, dup, close between them.  There is nothing to see here; the kernel says what broke.
 *
 *	seconds=10	seed=1		uid=0
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/scrim.h>

#include "cam.h"

#define FDS	6
#define MAPS	8

static uint64_t state;
static int fds[FDS];
static struct {
	void *data;
	size_t size;
} maps[MAPS];

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? (state >> 16) % below : state >> 16;
}

static uint32_t boundary(void)
{
	static const uint32_t values[] = {
		0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 127, 128, 255, 256, 1280, 4095, 4096, 4097, 8191,
		8192, 8193, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
		V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_GREY,
		V4L2_CID_PRIVACY, SCRIM_EVENT_READERS, V4L2_EVENT_SOURCE_CHANGE, V4L2_EVENT_CTRL,
	};

	return rnd(3) ? values[rnd(sizeof(values) / sizeof(values[0]))] : rnd(0);
}

static const unsigned long requests[] = {
	VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_G_FMT, VIDIOC_S_FMT, VIDIOC_REQBUFS, VIDIOC_QUERYBUF,
	VIDIOC_G_FBUF, VIDIOC_S_FBUF, VIDIOC_OVERLAY, VIDIOC_QBUF, VIDIOC_EXPBUF, VIDIOC_DQBUF,
	VIDIOC_STREAMON, VIDIOC_STREAMOFF, VIDIOC_G_PARM, VIDIOC_S_PARM, VIDIOC_G_STD, VIDIOC_S_STD,
	VIDIOC_ENUMSTD, VIDIOC_ENUMINPUT, VIDIOC_G_CTRL, VIDIOC_S_CTRL, VIDIOC_G_TUNER, VIDIOC_S_TUNER,
	VIDIOC_G_AUDIO, VIDIOC_S_AUDIO, VIDIOC_QUERYCTRL, VIDIOC_QUERYMENU, VIDIOC_G_INPUT, VIDIOC_S_INPUT,
	VIDIOC_G_EDID, VIDIOC_S_EDID, VIDIOC_G_OUTPUT, VIDIOC_S_OUTPUT, VIDIOC_ENUMOUTPUT, VIDIOC_G_AUDOUT,
	VIDIOC_S_AUDOUT, VIDIOC_G_MODULATOR, VIDIOC_S_MODULATOR, VIDIOC_G_FREQUENCY, VIDIOC_S_FREQUENCY,
	VIDIOC_CROPCAP, VIDIOC_G_CROP, VIDIOC_S_CROP, VIDIOC_G_JPEGCOMP, VIDIOC_S_JPEGCOMP, VIDIOC_QUERYSTD,
	VIDIOC_TRY_FMT, VIDIOC_ENUMAUDIO, VIDIOC_ENUMAUDOUT, VIDIOC_G_PRIORITY, VIDIOC_S_PRIORITY,
	VIDIOC_G_SLICED_VBI_CAP, VIDIOC_LOG_STATUS, VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS,
	VIDIOC_TRY_EXT_CTRLS, VIDIOC_ENUM_FRAMESIZES, VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_ENC_INDEX,
	VIDIOC_ENCODER_CMD, VIDIOC_TRY_ENCODER_CMD, VIDIOC_DBG_G_REGISTER, VIDIOC_S_HW_FREQ_SEEK,
	VIDIOC_S_DV_TIMINGS, VIDIOC_G_DV_TIMINGS, VIDIOC_DQEVENT, VIDIOC_SUBSCRIBE_EVENT,
	VIDIOC_UNSUBSCRIBE_EVENT, VIDIOC_CREATE_BUFS, VIDIOC_PREPARE_BUF, VIDIOC_G_SELECTION,
	VIDIOC_S_SELECTION, VIDIOC_DECODER_CMD, VIDIOC_TRY_DECODER_CMD, VIDIOC_ENUM_DV_TIMINGS,
	VIDIOC_QUERY_DV_TIMINGS, VIDIOC_DV_TIMINGS_CAP, VIDIOC_ENUM_FREQ_BANDS, VIDIOC_QUERY_EXT_CTRL,
};

/* The calls that get somewhere, more often than the others. */
static const unsigned long busy[] = {
	VIDIOC_REQBUFS, VIDIOC_CREATE_BUFS, VIDIOC_QBUF, VIDIOC_DQBUF, VIDIOC_STREAMON, VIDIOC_STREAMOFF,
	VIDIOC_S_FMT, VIDIOC_S_PARM, VIDIOC_EXPBUF, VIDIOC_PREPARE_BUF, VIDIOC_QUERYBUF, VIDIOC_S_CTRL,
	VIDIOC_SUBSCRIBE_EVENT, VIDIOC_DQEVENT,
};

static uint32_t *field(void *arg, size_t offset)
{
	return (uint32_t *)((char *)arg + offset);
}

/* Types, memories and indices that may be right. */
static void plausible(unsigned long request, void *arg, int type)
{
	uint32_t memory = rnd(8) ? V4L2_MEMORY_MMAP : rnd(6);

	switch (request) {
	case VIDIOC_REQBUFS:
		*(struct v4l2_requestbuffers *)arg = (struct v4l2_requestbuffers){
			.count = rnd(6) ? rnd(8) : boundary(), .type = type, .memory = memory };
		break;
	case VIDIOC_CREATE_BUFS: {
		struct v4l2_create_buffers *c = arg;
		int fd = fds[rnd(FDS)];

		memset(c, 0, sizeof(*c));
		c->count = rnd(4);
		c->memory = memory;
		c->format.type = type;
		ioctl(fd, VIDIOC_G_FMT, &c->format);
		if (!rnd(3))
			c->format.fmt.pix.sizeimage = boundary();
		break;
	}
	case VIDIOC_QBUF:
	case VIDIOC_DQBUF:
	case VIDIOC_QUERYBUF:
	case VIDIOC_PREPARE_BUF: {
		struct v4l2_buffer *b = arg;

		memset(b, 0, sizeof(*b));
		b->index = rnd(10) ? rnd(6) : boundary();
		b->type = type;
		b->memory = memory;
		b->bytesused = boundary();
		b->length = boundary();
		if (memory == V4L2_MEMORY_DMABUF)
			b->m.fd = fds[rnd(FDS)];
		if (!rnd(8))
			b->flags = boundary();
		break;
	}
	case VIDIOC_EXPBUF:
		*(struct v4l2_exportbuffer *)arg = (struct v4l2_exportbuffer){
			.type = type, .index = rnd(6), .flags = rnd(2) ? O_RDWR : boundary() };
		break;
	case VIDIOC_S_FMT:
	case VIDIOC_TRY_FMT: {
		struct v4l2_format *f = arg;

		memset(f, 0, sizeof(*f));
		f->type = type;
		f->fmt.pix.width = boundary();
		f->fmt.pix.height = boundary();
		/* Extreme, but not so that a few buffers are all the memory there is. */
		if ((uint64_t)f->fmt.pix.width * f->fmt.pix.height > 1 << 20)
			f->fmt.pix.height = rnd(64);
		f->fmt.pix.pixelformat = boundary();
		f->fmt.pix.field = rnd(9);
		f->fmt.pix.bytesperline = boundary();
		break;
	}
	case VIDIOC_S_CTRL:
		*field(arg, 0) = V4L2_CID_PRIVACY;
		*field(arg, 4) = rnd(3);
		break;
	default:
		if (rnd(2))
			*field(arg, 0) = type;
	}
}

static void any_ioctl(int fd)
{
	static uint32_t arg[1024];
	unsigned long request = rnd(2) ? busy[rnd(sizeof(busy) / sizeof(busy[0]))] :
				requests[rnd(sizeof(requests) / sizeof(requests[0]))];
	int type = rnd(2) ? V4L2_BUF_TYPE_VIDEO_OUTPUT : V4L2_BUF_TYPE_VIDEO_CAPTURE;
	size_t i;

	if (!rnd(50))
		request = _IOC(rnd(4), 'V', rnd(256), rnd(256));
	for (i = 0; i < 64; i++)
		arg[i] = boundary();
	if (rnd(4))
		plausible(request, arg, rnd(12) ? type : (int)boundary());
	if (request == VIDIOC_DQBUF || request == VIDIOC_DQEVENT)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	if (!ioctl(fd, request, rnd(200) ? (void *)arg : NULL) && request == VIDIOC_EXPBUF) {
		struct v4l2_exportbuffer *exp = (void *)arg;
		void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, exp->fd, 0);

		if (data != MAP_FAILED)
			munmap(data, 4096);
		close(exp->fd);
	}
}

static void any_map(int fd)
{
	unsigned int i = rnd(MAPS);

	if (maps[i].data) {
		*(volatile char *)maps[i].data = 1;
		munmap(maps[i].data, maps[i].size);
		maps[i].data = NULL;
		return;
	}
	maps[i].size = rnd(2) ? 4096 : boundary() % 10000000 + 1;
	maps[i].data = mmap(NULL, maps[i].size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    (off_t)(rnd(2) ? rnd(64) * 4096 : boundary() & ~4095u));
	if (maps[i].data == MAP_FAILED)
		maps[i].data = NULL;
}

static void any_call(char **nodes)
{
	static char page[65536];
	unsigned int i = rnd(FDS);
	struct pollfd pfd = { .fd = fds[i], .events = rnd(64) };
	int fd;

	switch (rnd(40)) {
	case 0:
		close(fds[i]);
		fds[i] = open(nodes[i & 1], (rnd(8) ? O_RDWR : O_RDONLY) | O_NONBLOCK);
		break;
	case 1:
		fd = dup(fds[i]);
		close(fd);
		break;
	case 2:
		if (read(fds[i], page, boundary() % sizeof(page)) < 0)
			break;
		break;
	case 3:
		if (write(fds[i], page, boundary() % sizeof(page)) < 0)
			break;
		break;
	case 4:
		poll(&pfd, 1, rnd(3));
		break;
	case 5:
	case 6:
		any_map(fds[i]);
		break;
	default:
		any_ioctl(fds[i]);
	}
}

int main(int argc, char **argv)
{
	long calls = 0;
	int64_t end;
	int i;

	if (argc < 3)
		stop(-EINVAL, "usage: fuzz FEED CAPTURE [key=value...]");
	become(number(argv, "uid", 0));
	state = number(argv, "seed", 1) * 0x9e3779b97f4a7c15ULL | 1;
	end = now() + number(argv, "seconds", 10) * 1000000LL;
	for (i = 0; i < FDS; i++)
		fds[i] = open(argv[1 + (i & 1)], O_RDWR | O_NONBLOCK);
	for (; now() < end; calls++)
		any_call(argv + 1);
	printf("calls=%ld\n", calls);
	return 0;
}
