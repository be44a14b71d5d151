/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Buffers of a driver that frames lie in, so that they need not be copied to or from it.  Those
 * of a camera are redacted where the camera wrote them, and read from there by the feed: one is in
 * one pair of hands at a time, and goes from the camera to us, from us to the feed, and back
 * the same way.  Those of a feed are filled and redacted by us.
 */
#ifndef FRAME_LENT_H
#define FRAME_LENT_H

#include "frame/frame.h"

#define LENT_MAX	8

enum hands { HANDS_OURS, HANDS_CAMERA, HANDS_FEED };

/* Who owns the memory; all frames are freed before it is. */
struct lender {
	/* A frame was freed: a camera may have the buffer, if it is in our hands.  May be NULL. */
	void (*back)(struct lender *lender, unsigned index);
};

struct lent {
	struct frame frame;		/* over the buffer; its ->lent is this */
	enum hands hands;
	bool out;			/* of the pool that has it: somebody has the frame */
	bool raw;			/* not redacted: what the camera saw is there still */
	uint8_t *bytes;
	size_t size;
	unsigned index;			/* by which both ends know it */
	int dmabuf;			/* the same memory, for the feed; -1: it is the feed's */
	struct lender *lender;
};

struct lending {
	struct lender lender;
	bool on;			/* both ends agreed: frames lie here */
	unsigned count;
	struct lent at[LENT_MAX];
};

/* A frame over a buffer that has a size and bytes, which lie in it as the format says. */
void lent_describe(struct lent *lent, uint32_t fourcc, unsigned width, unsigned height,
		   const size_t at[FORMAT_PLANES_MAX], const size_t stride[FORMAT_PLANES_MAX]);

/* For frame_free().  A picture that was not redacted leaves nothing: its buffer turns black. */
void lent_back(struct lent *lent);

/* Nothing is lent after all: frames are copies, and the dma-bufs are closed. */
void lending_end(struct lending *lending);

#endif
