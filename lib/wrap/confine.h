/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an application may no longer do before it begins: open a raw camera, in any
 * way.  Landlock denies that; seccomp only asks the supervisor about opens, so that a
 * camera can be given in its place.
 */
#ifndef WRAP_CONFINE_H
#define WRAP_CONFINE_H

#include "error.h"

#define V4L_MAJOR	81		/* video, vbi, subdev: Documentation/admin-guide/devices.txt */

/* Landlock's version in this kernel; 0: there is none. */
int confine_landlock(void);

/* Whether that name of /dev may lead to a picture that nobody has covered. */
bool confine_is_raw(const char *name);
bool confine_is_raw_path(const char *path);	/* the same of one below it; links resolved */

/* Closes those that are open already, which Landlock would leave open. */
void confine_close_raw(void);

/*
 * For good, for this process and what it starts: no new privileges, all files as before
 * but raw cameras, no signals to processes outside (Linux 6.12), no typing for others at the
 * terminal, and a question to whoever has the descriptor that is returned, for every open.
 * weak: go on without Landlock, which enforces nothing.
 */
int confine(bool weak, struct scrim_error *err);

#endif
