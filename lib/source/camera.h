/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A camera, divided by privilege: who may open names opens it and says what its
 * pictures are to be; who sees the pictures has only the descriptor.
 */
#ifndef SOURCE_CAMERA_H
#define SOURCE_CAMERA_H

#include "frame/format.h"
#include "guard/cage.h"
#include "source/source.h"

struct camera;

/* What differs from one kind of camera to the next. */
struct camera_kind {
	const char *prefix;		/* of a policy's device; "": the path of a node */
	/* where is the device without the prefix.  The camera has no descriptor yet. */
	int (*open)(struct camera *camera, const char *where, const struct wish *wish,
		    struct scrim_error *err);
	/* In the worker, before its cage closes. */
	int (*source)(struct source **source, const struct camera *camera,
		      struct scrim_error *err);
	/* What the worker may ask of the kernel, and of the descriptor. */
	const struct cage_table *calls;
	const struct device_request *may;
	unsigned mays;
};

/* Plain data, but for the descriptor. */
struct camera {
	const struct camera_kind *kind;
	const char *where;		/* the policy's; for messages */
	int fd;				/* -1: none */
	struct v4l2_pix_format pix;	/* as the camera sends them */
	struct v4l2_fract interval;	/* from picture to picture, in seconds; 0/0: unknown */
};

extern const struct camera_kind camera_v4l2, camera_file;

/*
 * Opens a policy's device, which has to outlive the camera, and sets it up as wished.
 * -ENOENT, -ENODEV: it is not there; -ENOTSUP: it has no pictures that we could take.
 */
int camera_open(struct camera *camera, const char *device, const struct wish *wish,
		struct scrim_error *err);
void camera_close(struct camera *camera);

/* What frames of this camera will be: MJPEG becomes YU12.  Rows have no padding. */
struct v4l2_pix_format camera_frames(const struct camera *camera);

/*
 * The camera's frames.  It is copied; its descriptor stays the caller's.  The first
 * source_next() starts it.
 */
int camera_source(struct source **source, const struct camera *camera, struct scrim_error *err);

#endif
