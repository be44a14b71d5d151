/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A picture for its place on a screen: another size, and four bytes a pixel.  It is made for
 * speed (libyuv) and not for keeping; frame/convert.h is for what is kept.
 */
#ifndef LOOK_SCALE_H
#define LOOK_SCALE_H

#include "frame/frame.h"

struct scaler {
	struct frame *full;		/* of the picture's size; NULL: it is planar itself */
	struct frame *small;		/* planes of the place's size; NULL: it is RGB */
};

/* For pictures like from, to a place like to, which is V4L2_PIX_FMT_ABGR32. */
int scaler_shape(struct scaler *scaler, const struct frame *from, const struct frame *to,
		 struct scrim_error *err);
int scaler_show(struct scaler *scaler, struct frame *to, const struct frame *from,
		struct scrim_error *err);
void scaler_clear(struct scaler *scaler);

#endif
