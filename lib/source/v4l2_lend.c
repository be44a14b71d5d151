// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The camera exports its buffers and the feed imports them, not the other way round: uvcvideo
 * exports and does not import, and so the feed's driver reads the camera's memory while QBUF
 * runs, and the camera's never learns of the feed's.  Who may write after a buffer was given back is
 * the camera's driver either way.
 */
#include "source/v4l2.h"

#include <fcntl.h>

#include "source/other.h"

#define CAPTURE	V4L2_BUF_TYPE_VIDEO_CAPTURE

_Static_assert(LENT_MAX >= V4L2_BUFFERS_MAX, "a place each");

static int export_one(struct lent *lent, int camera, struct scrim_error *err)
{
	/* Nobody maps it: the feed's driver has its own way to the memory. */
	struct v4l2_exportbuffer buf = { .type = CAPTURE, .index = lent->index, .flags = O_CLOEXEC };

	if (v4l2_call(camera, VIDIOC_EXPBUF, &buf) < 0)
		return fail(err, -ENOTSUP, "the camera does not export its buffers");
	lent->dmabuf = buf.fd;
	return v4l2_memory_is_plain(buf.fd) ? 0 :
		fail(err, -ENOTSUP, "the camera's memory is not known to stay as it was redacted");
}

int v4l2_lend(struct lending *lending, const struct v4l2_buffers *buffers,
	      const struct camera *camera, struct scrim_error *err)
{
	const struct v4l2_pix_format *pix = &camera->pix;
	struct v4l2_layout layout;
	size_t picture = v4l2_layout(&layout, pix);
	int ret = 0;

	if (!picture || other_takes(pix->pixelformat))
		return fail(err, -ENOTSUP, "pictures are converted");
	while (ret >= 0 && lending->count < buffers->count) {
		struct lent *lent = &lending->at[lending->count];

		if (buffers->at[lending->count].size < picture)
			return fail(err, -ENOTSUP, "a picture does not fit into a buffer");
		*lent = (struct lent){
			.hands = HANDS_OURS, .bytes = buffers->at[lending->count].bytes,
			.size = buffers->at[lending->count].size, .index = lending->count,
			.dmabuf = -1, .lender = &lending->lender,
		};
		lent_describe(lent, pix->pixelformat, pix->width, pix->height, layout.at,
			      layout.stride);
		lending->count++;
		ret = export_one(lent, camera->fd, err);
	}
	if (ret < 0)
		lending_end(lending);
	return ret;
}
