/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pictures in formats that none of our own code reads, through libv4l's converter, which
 * works on memory here and has no device.  What comes out is YU12.
 *
 * Those formats alone whose pictures have a size: their pictures are read at fixed places.
 * Converters of compressed ones (PAC207, SPCA561, SN9C10X ...) believe what they read, and
 * those of OV511 and OV518 are programs of their own; RGB565 comes out with red for blue.
 * Such cameras stay black.
 */
#ifndef SOURCE_OTHER_H
#define SOURCE_OTHER_H

#include <linux/videodev2.h>

#include "frame/frame.h"

/* The n-th of them, in the order in which they are liked; 0 at the end. */
uint32_t other_at(unsigned n);
bool other_takes(uint32_t fourcc);
/* It has no colours of its own: they become BT.601 of limited range. */
bool other_is_rgb(uint32_t fourcc);

/*
 * For pictures like pix.  Looks around once for its settings, so this is for before the
 * cage closes.
 */
struct other;
int other_new(struct other **other, const struct v4l2_pix_format *pix, struct scrim_error *err);
void other_free(struct other **other);

/* Bytes that a picture has at least. */
size_t other_bytes(const struct v4l2_pix_format *pix);
/* One picture into a frame of YU12; -EBADMSG: it is too short, or refused. */
int other_picture(struct other *other, struct frame *frame, const uint8_t *bytes,
		  size_t used, struct scrim_error *err);

#endif
