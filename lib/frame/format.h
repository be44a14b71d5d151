/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a pixel format is, as data.  Each plane is a grid of cells: a cell holds
 * the samples of cell_w x cell_h pixels in cell_bytes bytes that cannot be taken
 * apart.  (YUYV: one plane, cells of 2x1 pixels in 4 bytes.  NV12: luma cells of
 * 1x1 in 1 byte, chroma cells of 2x2 in 2 bytes.)  Whatever touches a pixel of a
 * cell covers the whole cell in that plane; that is why chroma cannot leak.
 */
#ifndef FRAME_FORMAT_H
#define FRAME_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/videodev2.h>	/* the fourccs: V4L2_PIX_FMT_YUYV ... */

#define FORMAT_PLANES_MAX	3
#define CELL_BYTES_MAX		4

/*
 * The samples of one kind in a row: at byte `at` of the first cell, and then every
 * `step` bytes.  (Luma of YUYV: at 0, step 2, two in a cell.)  Bytes of no channel
 * are not part of the picture and take the value of black when they are covered.
 */
struct channel {
	uint8_t at, step;
};

struct plane_format {
	uint8_t cell_w, cell_h;		/* pixels that a cell covers */
	uint8_t cell_bytes;
	uint8_t channels;
	struct channel channel[CELL_BYTES_MAX];
	uint8_t black[CELL_BYTES_MAX];		/* limited range, ITU-R BT.601 */
	uint8_t black_full[CELL_BYTES_MAX];	/* full range (JPEG) */
	uint8_t white[CELL_BYTES_MAX], white_full[CELL_BYTES_MAX];
};

struct format {
	uint32_t fourcc;
	const char *name;		/* V4L2's: "YUYV", "NV12", ... */
	bool rgb;			/* cells are R, G, B in some order */
	unsigned planes;
	struct plane_format plane[FORMAT_PLANES_MAX];
};

extern const struct format formats[];
extern const unsigned formats_count;

/* NULL when the format is not one of ours. */
const struct format *format_find(uint32_t fourcc);

/* Cells in a row and rows of cells of a plane, for a picture of that size. */
unsigned plane_cells(const struct plane_format *plane, unsigned width);
unsigned plane_rows(const struct plane_format *plane, unsigned height);
/* Bytes of a row that hold samples; the stride may be larger. */
size_t plane_row_bytes(const struct plane_format *plane, unsigned width);

/* The pictures that a camera is asked for; 0: those that it has. */
struct wish {
	unsigned width, height;
	unsigned frames, seconds;	/* 30000 frames in 1001 seconds */
	uint32_t fourcc;
};

#endif
