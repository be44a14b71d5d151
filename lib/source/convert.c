// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/convert.h"

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>

struct converter {
	struct SwsContext *sws;
};

static const struct {
	uint32_t fourcc;
	enum AVPixelFormat format;
} names[] = {
	{ V4L2_PIX_FMT_YUYV, AV_PIX_FMT_YUYV422 },
	{ V4L2_PIX_FMT_UYVY, AV_PIX_FMT_UYVY422 },
	{ V4L2_PIX_FMT_NV12, AV_PIX_FMT_NV12 },
	{ V4L2_PIX_FMT_NV21, AV_PIX_FMT_NV21 },
	{ V4L2_PIX_FMT_YUV420, AV_PIX_FMT_YUV420P },
	{ V4L2_PIX_FMT_YVU420, AV_PIX_FMT_YUV420P },	/* planes swapped below */
	{ V4L2_PIX_FMT_GREY, AV_PIX_FMT_GRAY8 },
	{ V4L2_PIX_FMT_RGB24, AV_PIX_FMT_RGB24 },
	{ V4L2_PIX_FMT_BGR24, AV_PIX_FMT_BGR24 },
	{ V4L2_PIX_FMT_ABGR32, AV_PIX_FMT_BGRA },
};

enum AVPixelFormat image_format(uint32_t fourcc)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].fourcc == fourcc)
			return names[i].format;
	return AV_PIX_FMT_NONE;
}

struct image image_of_frame(const struct frame *frame)
{
	bool swapped = frame->format->fourcc == V4L2_PIX_FMT_YVU420;
	struct image image = {
		.format = image_format(frame->format->fourcc),
		.width = frame->width,
		.height = frame->height,
		.colour = frame->colour,
	};

	for (unsigned i = 0; i < frame->format->planes; i++) {
		unsigned at = swapped && i ? 3 - i : i;

		image.plane[at] = frame->plane[i];
		image.stride[at] = frame->stride[i];
	}
	return image;
}

struct image image_of_picture(const AVFrame *picture, struct colour colour)
{
	struct image image = {
		.format = picture->format,
		.width = picture->width,
		.height = picture->height,
		.colour = colour,
	};

	for (unsigned i = 0; i < 4; i++) {
		image.plane[i] = picture->data[i];
		image.stride[i] = picture->linesize[i];
	}
	return image;
}

bool image_is_rgb(enum AVPixelFormat format)
{
	return av_pix_fmt_desc_get(format)->flags &
	       (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
}

/* What players take when nothing is said: BT.709 for HD video, else BT.601. */
static int matrix_of(const struct image *image)
{
	switch (image->colour.matrix) {
	case 0:
	case 2:
		return image->height >= 720 && !image->colour.full_range ?
			SWS_CS_ITU709 : SWS_CS_ITU601;
	default:
		return image->colour.matrix;
	}
}

/*
 * Between YUV and RGB the matrix of the YUV side counts; between two of a kind
 * only the range may change.
 */
static int set_colours(struct SwsContext *sws, const struct image *to,
		       const struct image *from)
{
	int matrix = matrix_of(image_is_rgb(from->format) ? to : from);
	const int *coefficients = sws_getCoefficients(matrix);

	return sws_setColorspaceDetails(sws, coefficients, from->colour.full_range,
					coefficients, to->colour.full_range,
					0, 1 << 16, 1 << 16);
}

int convert(struct converter **converter, const struct image *to,
	    const struct image *from, struct scrim_error *err)
{
	if (!*converter)
		*converter = calloc(1, sizeof(**converter));
	if (!*converter)
		return fail(err, -ENOMEM, "no memory to convert pictures");
	if (from->format == AV_PIX_FMT_NONE || !sws_isSupportedInput(from->format))
		return fail(err, -ENOTSUP, "pictures of format %s cannot be converted",
			    av_get_pix_fmt_name(from->format) ?: "unknown");
	(*converter)->sws = sws_getCachedContext((*converter)->sws,
		from->width, from->height, from->format,
		to->width, to->height, to->format,
		SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
	if (!(*converter)->sws)
		return fail(err, -ENOMEM, "cannot convert %s of %dx%d to %s of %dx%d",
			    av_get_pix_fmt_name(from->format), from->width, from->height,
			    av_get_pix_fmt_name(to->format), to->width, to->height);
	set_colours((*converter)->sws, to, from);	/* -1: the format has no choice */
	if (sws_scale((*converter)->sws, (const uint8_t *const *)from->plane, from->stride,
		      0, from->height, to->plane, to->stride) != to->height)
		return fail(err, -EIO, "cannot convert a picture of %dx%d",
			    from->width, from->height);
	return 0;
}

void converter_free(struct converter **converter)
{
	if (*converter)
		sws_freeContext((*converter)->sws);
	free(*converter);
	*converter = NULL;
}
