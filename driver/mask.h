/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a picture must stay black, for one size of picture.
 */
#ifndef SCRIM_MASK_H
#define SCRIM_MASK_H

#include <linux/types.h>

/* Rows top to bottom - 1, columns left to right - 1, of a picture of width x height. */
struct scrim_span {
	u16 top, bottom, left, right;
	u16 width, height;
};

/* What all regions of a camera cover, in whatever size each was measured. */
struct scrim_spans {
	u32 count;
	struct scrim_span at[];
};

/*
 * In blocks of 2x2 pixels: no format has chroma samples that are coarser.  A row of blocks is
 * covered in some runs of columns, from left to right, which do not touch.  Rows that are
 * alike share theirs.
 */
struct scrim_run {
	u16 from, to;		/* covered: [from, to) */
};

struct scrim_mask {
	u32 columns, rows;
	struct scrim_run *runs;	/* behind row[] */
	struct {
		u32 first, count;
	} row[];
};

/*
 * Parses lines of "TOP BOTTOM LEFT RIGHT" as far as the last line break.  Returns how many
 * spans there are, all of them inside of width x height, and through *used the bytes that
 * they took; stores them when to is not NULL.  -EINVAL when a line is anything else.
 */
int scrim_spans_parse(const char *text, size_t length, u16 width, u16 height,
		      struct scrim_span *to, size_t *used);

/* NULL when nothing is covered.  ERR_PTR(-ENOMEM). */
struct scrim_mask *scrim_mask_build(const struct scrim_spans *spans, u32 width, u32 height);

#endif
