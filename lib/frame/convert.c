// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame/convert.h"

#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>

struct converter {
	struct SwsContext *sws;
	struct image to, from;		/* what it was made for; planes do not count */
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

/* Grey is full range to swscale, whatever we say: two alike need no change. */
static bool target_is_full(const struct image *to, const struct image *from)
{
	return to->colour.full_range ||
	       (from->format == AV_PIX_FMT_GRAY8 && !from->colour.full_range);
}

/*
 * Ranges have to be known before swscale chooses its ways, and the matrix after.
 * Between YUV and RGB the matrix of the YUV side counts; between two of a kind
 * only the range may change.
 */
static int scaler_new(struct SwsContext **sws, const struct image *to,
		      const struct image *from)
{
	int matrix = matrix_of(image_is_rgb(from->format) ? to : from);
	const int *coefficients = sws_getCoefficients(matrix);
	bool full = target_is_full(to, from);

	*sws = sws_alloc_context();
	if (!*sws)
		return AVERROR(ENOMEM);
	av_opt_set_int(*sws, "sws_flags",
		       SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, 0);
	av_opt_set_int(*sws, "srcw", from->width, 0);
	av_opt_set_int(*sws, "srch", from->height, 0);
	av_opt_set_int(*sws, "src_format", from->format, 0);
	av_opt_set_int(*sws, "src_range", from->colour.full_range, 0);
	av_opt_set_int(*sws, "dstw", to->width, 0);
	av_opt_set_int(*sws, "dsth", to->height, 0);
	av_opt_set_int(*sws, "dst_format", to->format, 0);
	av_opt_set_int(*sws, "dst_range", full, 0);
	/* -1: these formats have no choice. */
	sws_setColorspaceDetails(*sws, coefficients, from->colour.full_range,
				 coefficients, full, 0, 1 << 16, 1 << 16);
	return sws_init_context(*sws, NULL, NULL);
}

static bool same_kind(const struct image *a, const struct image *b)
{
	return a->format == b->format && a->width == b->width && a->height == b->height &&
	       a->colour.full_range == b->colour.full_range &&
	       a->colour.matrix == b->colour.matrix;
}

static int converter_fit(struct converter *converter, const struct image *to,
			 const struct image *from, struct scrim_error *err)
{
	int ret;

	if (converter->sws && same_kind(&converter->to, to) &&
	    same_kind(&converter->from, from))
		return 0;
	if (from->format == AV_PIX_FMT_NONE || !sws_isSupportedInput(from->format))
		return fail(err, -ENOTSUP, "pictures of format %s cannot be converted",
			    av_get_pix_fmt_name(from->format) ?: "unknown");
	sws_freeContext(converter->sws);
	converter->sws = NULL;
	ret = scaler_new(&converter->sws, to, from);
	if (ret < 0) {
		sws_freeContext(converter->sws);
		converter->sws = NULL;
		return fail(err, ret == AVERROR(ENOMEM) ? -ENOMEM : -ENOTSUP,
			    "cannot convert %s of %dx%d to %s of %dx%d",
			    av_get_pix_fmt_name(from->format), from->width, from->height,
			    av_get_pix_fmt_name(to->format), to->width, to->height);
	}
	converter->to = *to;
	converter->from = *from;
	return 0;
}

int convert(struct converter **converter, const struct image *to,
	    const struct image *from, struct scrim_error *err)
{
	int ret;

	if (!*converter)
		*converter = calloc(1, sizeof(**converter));
	if (!*converter)
		return fail(err, -ENOMEM, "no memory to convert pictures");
	ret = converter_fit(*converter, to, from, err);
	if (ret < 0)
		return ret;
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
