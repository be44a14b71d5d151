/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a picture is made of: planes of rows of cells, and what a black cell is.
 */
#ifndef SCRIM_FORMAT_H
#define SCRIM_FORMAT_H

#include <linux/videodev2.h>
#include <linux/types.h>

#define SCRIM_PLANES 3

/* A cell is the smallest group of samples that a plane can be cut at. */
struct scrim_plane {
	u8 xdiv, ydiv;		/* pixels a cell covers: 1 or 2 each way */
	u8 bytes;		/* of a cell */
	u8 black[4];		/* a black cell, limited range */
};

struct scrim_pixels {
	u32 fourcc;
	bool compressed;	/* cannot be masked; planes are empty */
	bool rgb;
	u8 planes;
	struct scrim_plane plane[SCRIM_PLANES];
};

struct scrim_format {
	const struct scrim_pixels *pixels;
	u32 width, height;	/* even */
	u32 sizeimage;
	u32 colorspace, xfer_func, ycbcr_enc, quantization;
};

/* The n-th format that may be used; NULL at the end.  masked leaves out what cannot be masked. */
const struct scrim_pixels *scrim_pixels_at(unsigned int n, bool masked);

/* NULL when the driver does not know it. */
const struct scrim_pixels *scrim_pixels_find(u32 fourcc);

/* Makes *pix something the driver can do, and *format the same; never fails. */
void scrim_format_try(struct scrim_format *format, struct v4l2_pix_format *pix, bool masked);

void scrim_format_show(const struct scrim_format *format, struct v4l2_pix_format *pix);
bool scrim_format_same(const struct scrim_format *a, const struct scrim_format *b);

static inline u32 scrim_row_bytes(const struct scrim_plane *plane, u32 width)
{
	return width / plane->xdiv * plane->bytes;
}

/* Four bytes that, over and over, make a plane black. */
u32 scrim_black(const struct scrim_format *format, unsigned int plane);

/* Writes whole cells of them, which begin where cells do. */
void scrim_blacken(u8 *to, u32 black, u32 bytes);

/* Writes a black picture; returns its bytes, at most sizeimage. */
u32 scrim_black_picture(const struct scrim_format *format, void *to);

#endif
