/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file that a program answers for, in no directory of anybody: who holds the
 * descriptor of the mount can open it, and nobody finds it by a name.  An ordinary user
 * may have one.
 */
#ifndef SESSION_MOUNT_H
#define SESSION_MOUNT_H

#include <stdint.h>
#include <sys/ioctl.h>

#include "error.h"

struct fuse_mount {
	int device;			/* /dev/fuse: requests come here */
	int root;			/* O_PATH, of the file; see mount_open() */
};
#define FUSE_MOUNT_NONE	{ -1, -1 }

/* -ENODEV: no FUSE in this kernel; -EPERM: no user namespaces for this user. */
int mount_make(struct fuse_mount *mount, struct scrim_error *err);
void mount_close(struct fuse_mount *mount);

/*
 * Who answers for the file numbers its opens, from 1 to what is below a page, and tells by
 * this request.
 */
#define MOUNT_NUMBER	_IOR('V', 255, uint32_t)

/*
 * Opens the file behind a root, and has it stand at the position of its number, by which
 * /proc shows which open it is.  A descriptor or a negative errno.
 */
int mount_open(int root, int flags);

#endif
