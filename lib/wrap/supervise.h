/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Answers the opens of a confined application: the camera in place of the names that
 * it knows, what sysfs would say of that camera, no other camera, and the kernel's own
 * answer for everything else.  Holds no raw descriptor.
 */
#ifndef WRAP_SUPERVISE_H
#define WRAP_SUPERVISE_H

#include "error.h"
#include "wrap/sysfs.h"

#define SUPERVISE_NAMES_MAX	8

struct supervised {
	int listener;			/* of confine() */
	int root;			/* of the session that it gets, see mount_open(); -1: */
	const char *node;		/* or the node of a scrim camera */
	dev_t noted;			/* and its number when it was chosen */
	unsigned names;			/* absolute, whether they are there or not */
	const char *name[SUPERVISE_NAMES_MAX];
	struct sysfs_camera camera;	/* of the node whose place it takes */
};

/*
 * Answers one open; call it when listener is readable.  -ENOENT: nobody is left who could
 * ask.  What cannot be answered is refused, or left to the kernel and Landlock.
 */
int supervise(struct supervised *s, struct scrim_error *err);

#endif
