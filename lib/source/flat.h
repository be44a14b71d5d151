/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pictures that can be seen through, laid on white as most viewers do.  After that
 * there is one picture: nothing is in the alpha channel alone, and what alpha hid
 * is gone.
 */
#ifndef SOURCE_FLAT_H
#define SOURCE_FLAT_H

#include "frame/convert.h"

struct flat {
	struct converter *converter;
	struct frame *frame;		/* the picture on white, ABGR32 */
};

bool flat_wanted(enum AVPixelFormat format);
/* *image becomes an opaque one, in memory of flat until the next call. */
int flat_lay(struct flat *flat, struct image *image, struct scrim_error *err);
void flat_free(struct flat *flat);

#endif
