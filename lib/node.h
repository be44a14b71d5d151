/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the camera at one end and the feed at the other have in common: V4L2 nodes
 * whose buffers are mapped.
 */
#ifndef LIB_NODE_H
#define LIB_NODE_H

#include <linux/videodev2.h>

#include "error.h"
#include "frame/frame.h"

#define V4L2_BUFFERS_MAX	8

struct v4l2_buffers {
	unsigned count;
	struct {
		uint8_t *bytes;
		size_t size;
	} at[V4L2_BUFFERS_MAX];
};

/* ioctl() that goes on after a signal: 0 or a negative errno. */
int v4l2_call(int fd, unsigned long request, void *argument);

/*
 * The last close of a node takes it off the media device's list without a lock, and so does the
 * kernel where a camera was unplugged: both at once were seen to crash Linux 6.1.  Of a camera that
 * is gone, this waits a moment.
 */
void v4l2_close(int fd);

/* Opens a node above descriptor 2, which does not block; says what is wrong with it. */
int v4l2_node(int *fd, const char *path, uint32_t capability, struct scrim_error *err);

/* Maps a buffer, which no core will hold: raw pictures are in it. */
int v4l2_map_bytes(uint8_t **bytes, int fd, size_t size, size_t at, struct scrim_error *err);
/* Asks for buffers and maps them; -EFBIG: one of them is smaller than a picture. */
int v4l2_map(struct v4l2_buffers *buffers, int fd, enum v4l2_buf_type type, unsigned count,
	     size_t picture, struct scrim_error *err);
void v4l2_unmap(struct v4l2_buffers *buffers);

/*
 * Whether a dma-buf is memory that only the processor writes and reads.  Of memory that a device
 * writes, a copy may lie between the two (swiotlb, a cache), and is fetched again when somebody
 * else begins to read: redaction would be undone.  False where the kernel does not say.
 */
bool v4l2_memory_is_plain(int dmabuf);

/* Whether luma is 0 to 255, by the rules of the kernel's documentation. */
bool v4l2_full_range(const struct v4l2_pix_format *pix);
/* The matrix of YUV: an enum v4l2_ycbcr_encoding, never the default. */
unsigned v4l2_encoding(const struct v4l2_pix_format *pix);

/*
 * Where the planes of a picture begin in a buffer, and how long their rows are.
 * Returns the bytes of the whole, 0 when that is not one of our formats or too large.
 */
struct v4l2_layout {
	size_t at[FORMAT_PLANES_MAX], stride[FORMAT_PLANES_MAX];
};
size_t v4l2_layout(struct v4l2_layout *layout, const struct v4l2_pix_format *pix);

#endif
