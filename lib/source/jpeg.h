/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A JPEG picture from a camera, in memory, into a YU12 frame.
 */
#ifndef SOURCE_JPEG_H
#define SOURCE_JPEG_H

#include "frame/frame.h"

/*
 * -EBADMSG: it has not the frame's size, ends early, or its decoder has any doubt;
 * the frame's pixels are then worth nothing.
 */
int jpeg_picture(struct frame *frame, const uint8_t *bytes, size_t used,
		 struct scrim_error *err);

#endif
