/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A camera that is a V4L2 node.
 *
 * It is opened for one of YUYV, NV12, YU12 and MJPEG: the first of them in which it has
 * the size and rate wished for, else the one that comes closest; or for the one that is
 * wished for.  Where it has none of them, for one that can be converted (other.h).
 * -ENOTSUP: none of these either, or half pictures only, or of odd size.
 *
 * Each picture is copied once, out of reach of the camera (into a buffer of the feed, where
 * there is one), and the latest is taken: those for which there was no time, and those that come after
 * a later one, are counted as dropped.  Pictures that the camera calls broken, that are too
 * short, or that are no JPEG of the right size, are counted as damaged and not shown.  An
 * unplugged camera is -ENODEV.
 *
 * The copy is what makes redaction final: whatever a camera writes to a buffer after it was
 * redacted would be shown, and no type can say that it does not.  So frames lie in its buffers
 * only where the policy says that its driver is trusted so far (zero-copy = yes).
 */
#ifndef SOURCE_V4L2_H
#define SOURCE_V4L2_H

#include "source/camera.h"
#include "node.h"

int v4l2_open(struct camera *camera, const char *path, const struct wish *wish,
	      struct scrim_error *err);

/* Maps the camera's buffers, one more where it lends them; nothing is opened. */
int source_v4l2(struct source **source, const struct camera *camera, struct scrim_error *err);

/* One picture of a camera, `used` bytes of it, into a frame; -EBADMSG: damaged. */
int v4l2_picture(struct frame *frame, const struct v4l2_pix_format *pix,
		 const uint8_t *bytes, size_t used, struct scrim_error *err);

/*
 * v4l2_lend.c: has each buffer exported and described.  -ENOTSUP: the camera cannot, or its memory
 * is not known to stay as it was redacted.
 */
int v4l2_lend(struct lending *lending, const struct v4l2_buffers *buffers,
	      const struct camera *camera, struct scrim_error *err);

#endif
