// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <grp.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/udmabuf.h>

#include "cam.h"

int cam_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do
		ret = ioctl(fd, request, arg);
	while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

int cam_open(struct cam *cam, const char *path, enum v4l2_buf_type type)
{
	struct v4l2_format fmt = { .type = type };
	int ret;

	memset(cam, 0, sizeof(*cam));
	cam->type = type;
	cam->memory = V4L2_MEMORY_MMAP;
	cam->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (cam->fd < 0)
		return -errno;
	ret = cam_ioctl(cam->fd, VIDIOC_G_FMT, &fmt);
	cam->pix = fmt.fmt.pix;
	return ret;
}

static int map(struct cam *cam, unsigned int index, enum io io)
{
	struct v4l2_buffer buf = { .index = index, .type = cam->type, .memory = V4L2_MEMORY_MMAP };
	struct v4l2_exportbuffer exp = { .index = index, .type = cam->type, .flags = O_RDWR | O_CLOEXEC };
	int ret, prot = PROT_READ | PROT_WRITE;
	void *data;

	ret = cam_ioctl(cam->fd, VIDIOC_QUERYBUF, &buf);
	if (ret)
		return ret;
	exp.fd = -1;
	if (io == IO_DMABUF) {
		ret = cam_ioctl(cam->fd, VIDIOC_EXPBUF, &exp);
		if (ret)
			return ret;
		data = mmap(NULL, buf.length, prot, MAP_SHARED, exp.fd, 0);
	} else {
		data = mmap(NULL, buf.length, prot, MAP_SHARED, cam->fd, buf.m.offset);
	}
	if (data == MAP_FAILED)
		return -errno;
	cam->at[index].data = data;
	cam->at[index].size = buf.length;
	cam->at[index].dmabuf = exp.fd;
	return 0;
}

int cam_buffers(struct cam *cam, unsigned int count, enum io io)
{
	struct v4l2_requestbuffers req = {
		.count = count, .type = cam->type, .memory = V4L2_MEMORY_MMAP,
	};
	unsigned int i;
	int ret;

	ret = cam_ioctl(cam->fd, VIDIOC_REQBUFS, &req);
	if (ret)
		return ret;
	cam->buffers = req.count < CAM_BUFFERS ? req.count : CAM_BUFFERS;
	for (i = 0; i < cam->buffers; i++) {
		cam->at[i].dmabuf = -1;
		ret = map(cam, i, io);
		if (ret)
			return ret;
	}
	return 0;
}

/* A dma-buf of our own pages, or -errno. */
static int own_pages(size_t size)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), ret;

	if (device < 0)
		return -errno;
	create.memfd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ret = ftruncate(create.memfd, size) || fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK) ?
	      -1 : ioctl(device, UDMABUF_CREATE, &create);
	if (ret < 0)
		ret = -errno;
	close(create.memfd);
	close(device);
	return ret;
}

static int import_pages(struct cam *cam, unsigned int count)
{
	size_t page = getpagesize(), size = (cam->pix.sizeimage + page - 1) / page * page;
	unsigned int i;

	for (i = 0; i < count; i++) {
		cam->at[i].dmabuf = own_pages(size);
		if (cam->at[i].dmabuf < 0)
			return cam->at[i].dmabuf;
		cam->at[i].size = size;
		cam->at[i].data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
				       cam->at[i].dmabuf, 0);
		if (cam->at[i].data == MAP_FAILED)
			return -errno;
	}
	cam->buffers = count;
	return 0;
}

static int import_node(struct cam *cam, unsigned int count, const char *path)
{
	struct cam from;
	int ret;

	ret = cam_open(&from, path, V4L2_BUF_TYPE_VIDEO_CAPTURE);
	if (ret)
		return ret;
	ret = cam_buffers(&from, count, IO_DMABUF);
	memcpy(cam->at, from.at, sizeof(cam->at));
	cam->buffers = from.buffers;
	close(from.fd);			/* what was exported stays */
	return ret;
}

int cam_import(struct cam *cam, unsigned int count, const char *from)
{
	struct v4l2_requestbuffers req = { .type = cam->type, .memory = V4L2_MEMORY_DMABUF };
	int ret;

	cam->memory = V4L2_MEMORY_DMABUF;
	ret = !strcmp(from, "udmabuf") ? import_pages(cam, count) : import_node(cam, count, from);
	if (ret)
		return ret;
	req.count = cam->buffers;
	ret = cam_ioctl(cam->fd, VIDIOC_REQBUFS, &req);
	return ret ?: req.count == cam->buffers ? 0 : -ENOBUFS;
}

void cam_free(struct cam *cam)
{
	struct v4l2_requestbuffers req = { .type = cam->type, .memory = cam->memory };
	unsigned int i;

	for (i = 0; i < cam->buffers; i++) {
		if (!cam->at[i].data)
			continue;
		munmap(cam->at[i].data, cam->at[i].size);
		if (cam->at[i].dmabuf >= 0)
			close(cam->at[i].dmabuf);
		cam->at[i].data = NULL;
	}
	cam->buffers = 0;
	cam_ioctl(cam->fd, VIDIOC_REQBUFS, &req);
}

int cam_queue(struct cam *cam, unsigned int index)
{
	struct v4l2_buffer buf = {
		.index = index, .type = cam->type, .memory = cam->memory, .field = V4L2_FIELD_NONE,
	};
	int64_t t = now();

	if (cam->memory == V4L2_MEMORY_DMABUF) {
		buf.m.fd = cam->at[index].dmabuf;
		buf.length = cam->at[index].size;
	}

	if (V4L2_TYPE_IS_OUTPUT(cam->type)) {
		buf.bytesused = cam->pix.sizeimage;
		buf.timestamp.tv_sec = t / 1000000;
		buf.timestamp.tv_usec = t % 1000000;
	}
	return cam_ioctl(cam->fd, VIDIOC_QBUF, &buf);
}

int cam_dequeue(struct cam *cam, struct v4l2_buffer *buf)
{
	memset(buf, 0, sizeof(*buf));
	buf->type = cam->type;
	buf->memory = cam->memory;
	return cam_ioctl(cam->fd, VIDIOC_DQBUF, buf);
}

int cam_stream(struct cam *cam, bool on)
{
	int type = cam->type;

	return cam_ioctl(cam->fd, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &type);
}

int cam_wait(struct cam *cam, int ms)
{
	struct pollfd pfd = {
		.fd = cam->fd,
		.events = POLLPRI | (V4L2_TYPE_IS_OUTPUT(cam->type) ? POLLOUT : POLLIN),
	};
	int ret;

	do
		ret = poll(&pfd, 1, ms);
	while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret ? pfd.revents : 0;
}

int cam_rate(struct cam *cam, unsigned int per_second)
{
	struct v4l2_streamparm parm = { .type = cam->type };

	/* The capture and the output member have this at the same place. */
	parm.parm.output.timeperframe.numerator = 1;
	parm.parm.output.timeperframe.denominator = per_second;
	return cam_ioctl(cam->fd, VIDIOC_S_PARM, &parm);
}

void cam_close(struct cam *cam)
{
	cam_free(cam);
	close(cam->fd);
	cam->fd = -1;
}

int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

void sleep_until(int64_t us)
{
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

void become(long uid)
{
	if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		stop(-errno, "cannot change the user");
}

void unlucky(long nth)
{
	FILE *file = nth ? fopen("/proc/self/fail-nth", "w") : NULL;

	if (!file)
		return;
	setbuf(file, NULL);
	fprintf(file, "%ld", nth);
	/* Not closed: that would count. */
}

const char *word(char **words, const char *key, const char *none)
{
	size_t n = strlen(key);

	for (; *words; words++)
		if (!strncmp(*words, key, n) && (*words)[n] == '=')
			return *words + n + 1;
	return none;
}

long number(char **words, const char *key, long none)
{
	const char *value = word(words, key, NULL);

	return value ? strtol(value, NULL, 0) : none;
}

enum io io_word(char **words)
{
	const char *value = word(words, "io", "mmap");

	return !strcmp(value, "rw") ? IO_RW : !strcmp(value, "dmabuf") ? IO_DMABUF : IO_MMAP;
}

void size_words(char **words, struct v4l2_pix_format *pix)
{
	const char *size = word(words, "size", NULL), *format = word(words, "format", NULL);

	if (size && sscanf(size, "%ux%u", &pix->width, &pix->height) != 2)
		stop(-EINVAL, "size");
	if (format && strlen(format) != 4)
		stop(-EINVAL, "format");
	if (format)
		pix->pixelformat = v4l2_fourcc(format[0], format[1], format[2], format[3]);
}

_Noreturn void stop(int ret, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-ret));
	fflush(NULL);
	exit(2);
}
