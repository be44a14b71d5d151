/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel says of monitors, heard without udev (netlink(7), NETLINK_KOBJECT_UEVENT).
 */
#ifndef LOOK_HOTPLUG_H
#define LOOK_HOTPLUG_H

#include "error.h"

enum hotplug {
	HOTPLUG_NONE,			/* of something else */
	HOTPLUG_MAYBE,			/* of a graphics card */
	HOTPLUG_CHANGE,			/* a monitor came, went, or is another one */
};

/* A socket that does not block; the descriptor is the caller's. */
int hotplug_open(int *fd, struct scrim_error *err);
/* All that there is to hear; the most that was said. */
enum hotplug hotplug_hear(int fd);

/* One message: strings, each with its NUL. */
enum hotplug hotplug_judge(const char *message, size_t bytes);

#endif
