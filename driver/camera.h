/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cameras as the administrator sees them: directories of configfs.
 */
#ifndef SCRIM_CAMERA_H
#define SCRIM_CAMERA_H

int scrim_cameras_init(void);
void scrim_cameras_exit(void);

#endif
