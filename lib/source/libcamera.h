/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libcamera:ID, a camera whose keeper (keeper.h) has handed out its buffers.
 */
#ifndef SOURCE_LIBCAMERA_H
#define SOURCE_LIBCAMERA_H

#include "source/camera.h"
#include "source/keeper.h"

/* What a keeper told, looked at.  -EPROTO: it is not so. */
int libcamera_frames(struct v4l2_pix_format *pix, const struct shim_frames *frames,
		     const struct wish *wish, struct scrim_error *err);
/* fds stay the caller's; on success the buffer's planes name them. */
int libcamera_buffer(struct camera_buffer *buffer, const struct keeper_buffer *told,
		     const int *fds, unsigned count, struct scrim_error *err);

/* Those that make sense: at least two values, the preset among them, and of a known name. */
void libcamera_controls(struct camera *camera, const struct keeper_told *told);
/* V4L2's name; NULL: none of these. */
const char *libcamera_control_name(uint32_t id);
/* Sets a control; what the camera makes of it is not told. */
int libcamera_turn(const struct camera *camera, uint32_t id, int32_t value);

/* kept.c: maps the buffers; the first source_next() starts the camera. */
int source_kept(struct source **source, const struct camera *camera, struct scrim_error *err);

#endif
