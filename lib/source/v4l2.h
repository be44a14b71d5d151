/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A camera that is a V4L2 node.
 *
 * It is opened for one of YUYV, NV12, YU12 and MJPEG: the first of them in which it has
 * the size and rate wished for, else the one that comes closest; or for the one that is
 * wished for.  Where it has none of them, for one that can be converted (other.h).
 * -ENOTSUP: none of these either, or half pictures only, or of odd size.
 *
 * Each picture is copied once, out of reach of the camera, and the latest is taken: those for
 * which there was no time, and those that come after a later one, are counted as dropped.
 * Pictures that the camera calls broken, that are too short, or that are no JPEG of the right
 * size, are counted as damaged and not shown.  An unplugged camera is -ENODEV.
 *
 * The copy is what makes redaction final.  A camera could be given the feed's own buffers
 * (DMABUF), and two copies of a frame be saved; but then whatever it writes to one after it
 * was redacted would be shown, and no type could say that it does not.
 */
#ifndef SOURCE_V4L2_H
#define SOURCE_V4L2_H

#include "source/camera.h"
#include "node.h"

int v4l2_open(struct camera *camera, const char *path, const struct wish *wish,
	      struct scrim_error *err);

/* Maps the camera's buffers; nothing is opened. */
int source_v4l2(struct source **source, const struct camera *camera, struct scrim_error *err);

/* One picture of a camera, `used` bytes of it, into a frame; -EBADMSG: damaged. */
int v4l2_picture(struct frame *frame, const struct v4l2_pix_format *pix,
		 const uint8_t *bytes, size_t used, struct scrim_error *err);

#endif
