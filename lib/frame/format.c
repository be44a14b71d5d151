// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The formats that scrim reads and covers, one table.
 */
#include "frame/format.h"

/* ITU-R BT.601: luma 16 to 235 (0 to 255 in full range), chroma in the middle. */
#define LUMA { \
	.cell_w = 1, .cell_h = 1, .cell_bytes = 1, \
	.channels = 1, .channel = { { 0, 1 } }, \
	.black = { 16 }, .black_full = { 0 }, \
	.white = { 235 }, .white_full = { 255 }, \
}

#define CHROMA_2x2 { \
	.cell_w = 2, .cell_h = 2, .cell_bytes = 1, \
	.channels = 1, .channel = { { 0, 1 } }, \
	.black = { 128 }, .black_full = { 128 }, \
	.white = { 128 }, .white_full = { 128 }, \
}

#define CHROMA_PAIR_2x2 { \
	.cell_w = 2, .cell_h = 2, .cell_bytes = 2, \
	.channels = 2, .channel = { { 0, 2 }, { 1, 2 } }, \
	.black = { 128, 128 }, .black_full = { 128, 128 }, \
	.white = { 128, 128 }, .white_full = { 128, 128 }, \
}

#define RGB_3 { \
	.cell_w = 1, .cell_h = 1, .cell_bytes = 3, \
	.channels = 3, .channel = { { 0, 3 }, { 1, 3 }, { 2, 3 } }, \
	.white = { 255, 255, 255 }, .white_full = { 255, 255, 255 }, \
}

const struct format formats[] = {
	{ V4L2_PIX_FMT_YUYV, "YUYV", false, 1, { {
		.cell_w = 2, .cell_h = 1, .cell_bytes = 4,
		.channels = 3, .channel = { { 0, 2 }, { 1, 4 }, { 3, 4 } },
		.black = { 16, 128, 16, 128 },
		.black_full = { 0, 128, 0, 128 },
		.white = { 235, 128, 235, 128 },
		.white_full = { 255, 128, 255, 128 },
	} } },
	{ V4L2_PIX_FMT_UYVY, "UYVY", false, 1, { {
		.cell_w = 2, .cell_h = 1, .cell_bytes = 4,
		.channels = 3, .channel = { { 1, 2 }, { 0, 4 }, { 2, 4 } },
		.black = { 128, 16, 128, 16 },
		.black_full = { 128, 0, 128, 0 },
		.white = { 128, 235, 128, 235 },
		.white_full = { 128, 255, 128, 255 },
	} } },
	{ V4L2_PIX_FMT_NV12, "NV12", false, 2, { LUMA, CHROMA_PAIR_2x2 } },
	{ V4L2_PIX_FMT_NV21, "NV21", false, 2, { LUMA, CHROMA_PAIR_2x2 } },
	{ V4L2_PIX_FMT_YUV420, "YU12", false, 3, { LUMA, CHROMA_2x2, CHROMA_2x2 } },
	{ V4L2_PIX_FMT_YVU420, "YV12", false, 3, { LUMA, CHROMA_2x2, CHROMA_2x2 } },
	{ V4L2_PIX_FMT_GREY, "GREY", false, 1, { LUMA } },
	{ V4L2_PIX_FMT_RGB24, "RGB24", true, 1, { RGB_3 } },
	{ V4L2_PIX_FMT_BGR24, "BGR24", true, 1, { RGB_3 } },
	/* Alpha is no channel: whatever is covered is opaque. */
	{ V4L2_PIX_FMT_ABGR32, "ABGR32", true, 1, { {
		.cell_w = 1, .cell_h = 1, .cell_bytes = 4,
		.channels = 3, .channel = { { 0, 4 }, { 1, 4 }, { 2, 4 } },
		.black = { 0, 0, 0, 255 },
		.black_full = { 0, 0, 0, 255 },
		.white = { 255, 255, 255, 255 },
		.white_full = { 255, 255, 255, 255 },
	} } },
};

const unsigned formats_count = sizeof(formats) / sizeof(formats[0]);

const struct format *format_find(uint32_t fourcc)
{
	for (unsigned i = 0; i < formats_count; i++)
		if (formats[i].fourcc == fourcc)
			return &formats[i];
	return NULL;
}

/* Rounds up without a sum that could overflow. */
static unsigned divide_up(unsigned n, unsigned by)
{
	return n / by + (n % by != 0);
}

unsigned plane_cells(const struct plane_format *plane, unsigned width)
{
	return divide_up(width, plane->cell_w);
}

unsigned plane_rows(const struct plane_format *plane, unsigned height)
{
	return divide_up(height, plane->cell_h);
}

size_t plane_row_bytes(const struct plane_format *plane, unsigned width)
{
	return (size_t)plane_cells(plane, width) * plane->cell_bytes;
}
