/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A camera, divided by privilege: who may open names opens it and says what its
 * pictures are to be; who sees the pictures has only the descriptor.
 */
#ifndef SOURCE_V4L2_H
#define SOURCE_V4L2_H

#include "frame/format.h"
#include "source/source.h"
#include "node.h"

/* Plain data, but for the descriptor. */
struct v4l2_camera {
	int fd;				/* -1: none */
	struct v4l2_pix_format pix;	/* as the camera sends them */
	struct v4l2_fract interval;	/* from picture to picture, in seconds; 0/0: unknown */
};

/*
 * Opens a camera and sets it up for one of YUYV, NV12, YU12 and MJPEG: the first of
 * them in which it has the size and rate wished for, else the one that comes
 * closest; or for the one that is wished for.  -ENOTSUP: it has none of these, or half
 * pictures only, or of odd size.
 */
int v4l2_camera_open(struct v4l2_camera *camera, const char *path,
		     const struct wish *wish, struct scrim_error *err);
void v4l2_camera_close(struct v4l2_camera *camera);

/* What frames of this camera will be: MJPEG becomes YU12.  Rows have no padding. */
struct v4l2_pix_format v4l2_camera_frames(const struct v4l2_camera *camera);

/*
 * Maps the camera's buffers; nothing is opened.  The first source_next() starts the
 * stream.  Each picture is copied once, out of reach of the camera, and the latest
 * is taken: those for which there was no time are counted as dropped.  Pictures
 * that the camera calls broken, that are too short, or that are no JPEG of the right
 * size, are counted as damaged and not shown.  An unplugged camera is -ENODEV.
 * camera is copied; its descriptor stays the caller's.
 */
int source_v4l2(struct source **source, const struct v4l2_camera *camera,
		struct scrim_error *err);

/*
 * Has source->dropped and ->damaged written here as well, whenever they grow: a camera
 * that sends nothing but damage gives no frame by which to tell.
 */
void v4l2_count_in(struct source *source, uint64_t *dropped, uint64_t *damaged);

/* One picture of a camera, `used` bytes of it, into a frame; -EBADMSG: damaged. */
int v4l2_picture(struct frame *frame, const struct v4l2_pix_format *pix,
		 const uint8_t *bytes, size_t used, struct scrim_error *err);

#endif
