// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * YUV is scaled as planes with halved chroma, twelve bits a pixel, and becomes RGB when it is
 * small; RGB is scaled as it is.
 */
#include "look/scale.h"

#include <libyuv.h>

#define HD	720u			/* rows, from which BT.709 is usual */

static bool is_planar(const struct frame *frame)
{
	return frame->format->fourcc == V4L2_PIX_FMT_YUV420 ||
	       frame->format->fourcc == V4L2_PIX_FMT_YVU420;
}

int scaler_shape(struct scaler *s, const struct frame *from, const struct frame *to,
		 struct scrim_error *err)
{
	bool rgb = from->format->rgb;
	int ret = 0;

	scaler_clear(s);
	if (!is_planar(from))
		ret = frame_new(&s->full, rgb ? V4L2_PIX_FMT_ABGR32 : V4L2_PIX_FMT_YUV420,
				from->width, from->height, err);
	if (ret >= 0 && !rgb)
		ret = frame_new(&s->small, V4L2_PIX_FMT_YUV420, to->width, to->height, err);
	if (ret < 0)
		scaler_clear(s);
	return ret;
}

void scaler_clear(struct scaler *s)
{
	frame_free(&s->full);
	frame_free(&s->small);
}

/* libyuv names RGB by words, V4L2 by bytes. */
static int unpack_rgb(struct frame *to, const struct frame *from)
{
	typedef int convert(const uint8_t *from, int stride, uint8_t *to, int to_stride, int width,
			    int height);
	convert *const way = from->format->fourcc == V4L2_PIX_FMT_RGB24 ? RAWToARGB :
			     from->format->fourcc == V4L2_PIX_FMT_BGR24 ? RGB24ToARGB : ARGBCopy;

	return way(from->plane[0], from->stride[0], to->plane[0], to->stride[0], from->width,
		   from->height);
}

static int unpack_pairs(struct frame *to, const struct frame *from)
{
	bool swapped = from->format->fourcc == V4L2_PIX_FMT_NV21;

	return (swapped ? NV21ToI420 : NV12ToI420)(
		from->plane[0], from->stride[0], from->plane[1], from->stride[1],
		to->plane[0], to->stride[0], to->plane[1], to->stride[1],
		to->plane[2], to->stride[2], from->width, from->height);
}

static int unpack_yuv(struct frame *to, const struct frame *from)
{
	typedef int convert(const uint8_t *from, int stride, uint8_t *y, int y_stride,
			    uint8_t *u, int u_stride, uint8_t *v, int v_stride, int width, int height);
	convert *const way = from->format->fourcc == V4L2_PIX_FMT_YUYV ? YUY2ToI420 :
			     from->format->fourcc == V4L2_PIX_FMT_UYVY ? UYVYToI420 : I400ToI420;

	if (from->format->planes > 1)
		return unpack_pairs(to, from);
	return way(from->plane[0], from->stride[0], to->plane[0], to->stride[0],
		   to->plane[1], to->stride[1], to->plane[2], to->stride[2],
		   from->width, from->height);
}

static int shrink(struct frame *to, const struct frame *from)
{
	unsigned u = from->format->fourcc == V4L2_PIX_FMT_YVU420 ? 2 : 1, v = 3 - u;

	return I420Scale(from->plane[0], from->stride[0], from->plane[u], from->stride[u],
			 from->plane[v], from->stride[v], from->width, from->height,
			 to->plane[0], to->stride[0], to->plane[1], to->stride[1],
			 to->plane[2], to->stride[2], to->width, to->height, kFilterBox);
}

/* By ITU-T H.273; where a picture does not say, as is usual. */
static const struct YuvConstants *matrix_of(const struct frame *frame)
{
	bool full = frame->colour.full_range;

	switch (frame->colour.matrix) {
	case 1:
		return full ? &kYuvF709Constants : &kYuvH709Constants;
	case 5:
	case 6:
		return full ? &kYuvJPEGConstants : &kYuvI601Constants;
	case 9:
		return full ? &kYuvV2020Constants : &kYuv2020Constants;
	default:
		return full ? &kYuvJPEGConstants :
		       frame->height >= HD ? &kYuvH709Constants : &kYuvI601Constants;
	}
}

static int show_yuv(struct scaler *s, struct frame *to, const struct frame *from)
{
	const struct YuvConstants *matrix = matrix_of(from);
	const struct frame *small = s->small;

	if (s->full && unpack_yuv(s->full, from))
		return -1;
	if (shrink(s->small, s->full ? s->full : from))
		return -1;
	return I420ToARGBMatrix(small->plane[0], small->stride[0], small->plane[1],
				small->stride[1], small->plane[2], small->stride[2],
				to->plane[0], to->stride[0], matrix, to->width, to->height);
}

static int show_rgb(struct scaler *s, struct frame *to, const struct frame *from)
{
	if (unpack_rgb(s->full, from))
		return -1;
	return ARGBScale(s->full->plane[0], s->full->stride[0], from->width, from->height,
			 to->plane[0], to->stride[0], to->width, to->height, kFilterBox);
}

int scaler_show(struct scaler *s, struct frame *to, const struct frame *from,
		struct scrim_error *err)
{
	if ((from->format->rgb ? show_rgb : show_yuv)(s, to, from))
		return fail(err, -ENOTSUP, "pictures of format %s and %ux%u cannot be shown",
			    from->format->name, from->width, from->height);
	return 0;
}
