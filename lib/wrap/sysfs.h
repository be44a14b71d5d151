/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What sysfs says of a camera, for programs that look there before they take a node
 * for one, whether the kernel has a camera of that number or not.
 */
#ifndef WRAP_SYSFS_H
#define WRAP_SYSFS_H

#include <stdbool.h>
#include <sys/types.h>

struct sysfs_camera {
	dev_t device;
	const char *node;		/* "video0" */
	const char *label;
};

/* The text of a file, with its line break; false: it is none of this camera. */
bool sysfs_read(const struct sysfs_camera *camera, const char *path, char *text, size_t size);

#endif
