/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Buffers of a camera that frames lie in: redacted where the camera wrote them, and read from
 * there by the feed.  A buffer is in one pair of hands at a time, and goes from the camera to us,
 * from us to the feed, and back the same way.
 */
#ifndef FRAME_LENT_H
#define FRAME_LENT_H

#include "frame/frame.h"

#define LENT_MAX	8

enum hands { HANDS_OURS, HANDS_CAMERA, HANDS_FEED };

/* The camera's side.  It owns the memory, and all frames are freed before it is. */
struct lender {
	/* A frame was freed: the camera may have the buffer, if it is in our hands. */
	void (*back)(struct lender *lender, unsigned index);
};

struct lent {
	struct frame frame;		/* over the buffer; its ->lent is this */
	enum hands hands;
	bool raw;			/* what the camera wrote is there still */
	uint8_t *bytes;
	size_t size;
	unsigned index;			/* by which both ends know it */
	int dmabuf;			/* the same memory, for the feed */
	struct lender *lender;
};

struct lending {
	struct lender lender;
	bool on;			/* both ends agreed: frames lie here */
	unsigned count;
	struct lent at[LENT_MAX];
};

/* For frame_free().  A picture that was not redacted leaves nothing: its buffer turns black. */
void lent_back(struct lent *lent);

/* Nothing is lent after all: frames are copies, and the dma-bufs are closed. */
void lending_end(struct lending *lending);

#endif
