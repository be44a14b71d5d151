// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/flat.h"

#include <libavutil/pixdesc.h>

/* Palettes count as well: their colours have an alpha each. */
bool flat_wanted(enum AVPixelFormat format)
{
	return av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_ALPHA;
}

static int flat_fit(struct flat *flat, const struct image *image, struct scrim_error *err)
{
	if (flat->frame && (int)flat->frame->width == image->width &&
	    (int)flat->frame->height == image->height)
		return 0;
	frame_free(&flat->frame);
	return frame_new(&flat->frame, V4L2_PIX_FMT_ABGR32, image->width, image->height, err);
}

/* The distance from white shrinks to alpha / 255 of it, rounded. */
static void lay_row(uint8_t *at, unsigned width)
{
	for (unsigned x = 0; x < width; x++, at += 4) {
		for (unsigned i = 0; i < 3; i++)
			at[i] = 255 - ((255 - at[i]) * at[3] + 127) / 255;
		at[3] = 255;
	}
}

int flat_lay(struct flat *flat, struct image *image, struct scrim_error *err)
{
	struct image opaque;
	int ret = flat_fit(flat, image, err);

	if (ret < 0)
		return ret;
	opaque = image_of_frame(flat->frame);
	opaque.colour = image->colour;
	ret = convert(&flat->converter, &opaque, image, err);
	if (ret < 0)
		return ret;
	for (unsigned y = 0; y < flat->frame->height; y++)
		lay_row(flat->frame->plane[0] + y * flat->frame->stride[0], flat->frame->width);
	*image = opaque;
	return 0;
}

void flat_free(struct flat *flat)
{
	converter_free(&flat->converter);
	frame_free(&flat->frame);
}
