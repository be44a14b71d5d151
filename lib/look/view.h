/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an application sees when it opens a camera now.  The node is read as any
 * application reads it, and its picture converted in a cage.
 */
#ifndef LOOK_VIEW_H
#define LOOK_VIEW_H

#include "look/paper.h"
#include "source/source.h"

struct view {
	struct paper paper;
	uint32_t fourcc;		/* what the node sends, of paper's size */
	bool black;			/* nothing else came in time */
};

/*
 * Waits for a picture that is not black, for so many milliseconds of the camera's clock; then
 * takes a black one.  The node keeps the format that it has.  -ETIMEDOUT: no picture came at all.
 */
int view_take(struct view *view, const char *node, unsigned wait, struct scrim_error *err);
void view_free(struct view *view);

/* The part in the cage: the same of any source, into paper's pixels. */
int view_picture(struct source *source, unsigned wait, struct paper *paper, bool *black,
		 struct scrim_error *err);

/*
 * Writes a picture to fd as PNG, or for a terminal of so many columns and rows when they
 * are not 0; encoders are caged like decoders.
 */
int view_write(const struct paper *paper, unsigned columns, unsigned rows, int fd,
	       struct scrim_error *err);

#endif
