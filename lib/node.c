// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a driver says of its node is checked like anything from outside: a size that
 * it gives and does not keep must not become a byte too far.
 */
#include "node.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAKEN_APART_MS	100		/* it takes a few */

int v4l2_call(int fd, unsigned long request, void *argument)
{
	int ret;

	do
		ret = ioctl(fd, request, argument);
	while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

static int is_node(int fd, const char *path, uint32_t capability, struct scrim_error *err)
{
	struct v4l2_capability cap = { 0 };
	struct stat st;
	uint32_t can;

	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
	    v4l2_call(fd, VIDIOC_QUERYCAP, &cap) < 0)
		return fail(err, -ENODEV, "%s is no camera", path);
	can = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps : cap.capabilities;
	if (~can & (capability | V4L2_CAP_STREAMING))
		return fail(err, -ENOTSUP, "%s does not stream video this way", path);
	return 0;
}

void v4l2_close(int fd)
{
	struct v4l2_capability cap;

	if (v4l2_call(fd, VIDIOC_QUERYCAP, &cap) == -ENODEV)
		poll(NULL, 0, TAKEN_APART_MS);
	close(fd);
}

int v4l2_node(int *fd, const char *path, uint32_t capability, struct scrim_error *err)
{
	int low = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY), ret;

	*fd = -1;
	if (low < 0)
		return fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
	ret = is_node(low, path, capability, err);
	if (ret >= 0) {
		*fd = fcntl(low, F_DUPFD_CLOEXEC, 3);
		if (*fd < 0)
			ret = fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
	}
	v4l2_close(low);
	return ret < 0 ? ret : 0;
}

int v4l2_map_bytes(uint8_t **bytes, int fd, size_t size, size_t at, struct scrim_error *err)
{
	int ret;

	*bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
	if (*bytes == MAP_FAILED)
		return fail(err, -errno, "cannot map a buffer: %s", strerror(errno));
	if (madvise(*bytes, size, MADV_DONTDUMP) == 0)
		return 0;
	ret = fail(err, -errno, "cannot keep a buffer out of cores: %s", strerror(errno));
	munmap(*bytes, size);
	return ret;
}

static int map_one(struct v4l2_buffers *buffers, int fd, enum v4l2_buf_type type,
		   struct scrim_error *err)
{
	struct v4l2_buffer buf = {
		.index = buffers->count, .type = type, .memory = V4L2_MEMORY_MMAP,
	};
	int ret = v4l2_call(fd, VIDIOC_QUERYBUF, &buf);
	uint8_t *bytes;

	if (ret < 0)
		return fail(err, ret, "the node does not know its buffers: %s", strerror(-ret));
	ret = v4l2_map_bytes(&bytes, fd, buf.length, buf.m.offset, err);
	if (ret < 0)
		return ret;
	buffers->at[buffers->count].bytes = bytes;
	buffers->at[buffers->count++].size = buf.length;
	return 0;
}

int v4l2_map(struct v4l2_buffers *buffers, int fd, enum v4l2_buf_type type, unsigned count,
	     size_t picture, struct scrim_error *err)
{
	struct v4l2_requestbuffers request = {
		.count = count, .type = type, .memory = V4L2_MEMORY_MMAP,
	};
	int ret = v4l2_call(fd, VIDIOC_REQBUFS, &request);

	*buffers = (struct v4l2_buffers){ 0 };
	if (ret < 0)
		return fail(err, ret, "the node gives no buffers: %s", strerror(-ret));
	if (!request.count || request.count > V4L2_BUFFERS_MAX)
		return fail(err, -EIO, "the node gives %u buffers", request.count);
	while (ret >= 0 && buffers->count < request.count) {
		ret = map_one(buffers, fd, type, err);
		if (ret >= 0 && buffers->at[buffers->count - 1].size < picture)
			ret = fail(err, -EFBIG, "a picture does not fit into a buffer");
	}
	if (ret < 0)
		v4l2_unmap(buffers);
	return ret;
}

void v4l2_unmap(struct v4l2_buffers *buffers)
{
	for (unsigned i = 0; i < buffers->count; i++)
		munmap(buffers->at[i].bytes, buffers->at[i].size);
	buffers->count = 0;
}

/* vb2_vmalloc is what cameras use that have no DMA: USB, for one. */
bool v4l2_memory_is_plain(int dmabuf)
{
	char path[64], line[128];
	bool plain = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", dmabuf);
	file = fopen(path, "re");
	while (file && !plain && fgets(line, sizeof(line), file))
		plain = !strcmp(line, "exp_name:\tvideobuf2_vmalloc\n");
	if (file)
		fclose(file);
	return plain;
}

bool v4l2_full_range(const struct v4l2_pix_format *pix)
{
	const struct format *format = format_find(pix->pixelformat);
	bool rgb = format && format->rgb;

	if (pix->quantization != V4L2_QUANTIZATION_DEFAULT)
		return pix->quantization == V4L2_QUANTIZATION_FULL_RANGE;
	return V4L2_MAP_QUANTIZATION_DEFAULT(rgb, pix->colorspace, pix->ycbcr_enc) ==
	       V4L2_QUANTIZATION_FULL_RANGE;
}

unsigned v4l2_encoding(const struct v4l2_pix_format *pix)
{
	if (pix->ycbcr_enc != V4L2_YCBCR_ENC_DEFAULT)
		return pix->ycbcr_enc;
	return V4L2_MAP_YCBCR_ENC_DEFAULT(pix->colorspace);
}

/* V4L2 tells the stride of the first plane; those of the others follow from it. */
size_t v4l2_layout(struct v4l2_layout *layout, const struct v4l2_pix_format *pix)
{
	const struct format *format = format_find(pix->pixelformat);
	size_t bytes = 0;

	if (!format || !pix->width || !pix->height || pix->width > SCRIM_SIDE_MAX ||
	    pix->height > SCRIM_SIDE_MAX || pix->bytesperline > CELL_BYTES_MAX * SCRIM_SIDE_MAX)
		return 0;
	for (unsigned i = 0; i < format->planes; i++) {
		const struct plane_format *plane = &format->plane[i];

		layout->at[i] = bytes;
		layout->stride[i] = pix->bytesperline;
		if (i)
			layout->stride[i] = pix->bytesperline / plane->cell_w * plane->cell_bytes;
		if (layout->stride[i] < plane_row_bytes(plane, pix->width))
			return 0;
		bytes += layout->stride[i] * plane_rows(plane, pix->height);
	}
	return bytes;
}
