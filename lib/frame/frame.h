/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A raw picture and its owner.  It never leaves the process: only redact() turns
 * it into a clean_frame, which is what sinks take.
 */
#ifndef FRAME_FRAME_H
#define FRAME_FRAME_H

#include "error.h"
#include "frame/format.h"

/* How samples are to be read: code points of ITU-T H.273, 2 = unspecified. */
struct colour {
	bool full_range;
	uint8_t primaries, transfer, matrix;
};

struct frame {
	const struct format *format;
	unsigned width, height;			/* pixels, 1 or more */
	uint8_t *plane[FORMAT_PLANES_MAX];	/* 64-byte aligned when ours */
	size_t stride[FORMAT_PLANES_MAX];	/* bytes per row of cells */
	struct colour colour;
	int64_t time_ns;			/* presentation time */
	int64_t duration_ns;			/* 0: not known */
	uint64_t number;			/* 0, 1, 2 ... in the source */
	struct frame_pool *pool;		/* frame_free() gives it back there */
	struct frame *next;			/* frame_pool::idle */
	struct lent *lent;			/* lent.h: its memory is a driver's; NULL: ours */
	size_t bytes;				/* of all planes together */
};

/*
 * Frames of one shape, made when needed and used again: a stream that runs
 * allocates nothing.  A fresh or reused frame's padding is zero.  The pool
 * may be freed while frames are out; the last of them takes it along.
 */
struct frame_pool;
int frame_pool_new(struct frame_pool **pool, uint32_t fourcc, unsigned width,
		   unsigned height, struct scrim_error *err);
int frame_pool_get(struct frame_pool *pool, struct frame **frame,
		   struct scrim_error *err);
void frame_pool_free(struct frame_pool **pool);

/*
 * Frames of this pool lie in these buffers, as long as there are any left (lent.h).  Of another
 * format or size they are of no use.  The pool is freed before they are.
 */
struct lending;
void frame_pool_adopt(struct frame_pool *pool, struct lending *lending);

/* A single zeroed frame.  -EINVAL: unknown fourcc; -EFBIG: over the limits. */
int frame_new(struct frame **frame, uint32_t fourcc, unsigned width,
	      unsigned height, struct scrim_error *err);
void frame_free(struct frame **frame);

/* Zeroes the bytes of each row that hold no samples. */
void frame_clear_padding(struct frame *frame);

/*
 * Copies pixels row by row (strides may differ) and what is known of them.  Both
 * frames are of one format and size.
 */
void frame_copy(struct frame *to, const struct frame *from);

#endif
