/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a monitor can be plugged in, by what sysfs says: no card is opened for it.
 */
#ifndef TOOLS_SCREENS_H
#define TOOLS_SCREENS_H

#include <stdbool.h>

#define SCREEN_NAME_MAX	48
#define SCREENS_MAX	64

struct screen_name {
	char name[SCREEN_NAME_MAX];	/* "card0-HDMI-A-1" */
	char card[32];			/* "/dev/dri/card0" */
	bool plugged;
	unsigned width, height;		/* of the monitor's first mode; 0: it says none */
};

struct screens {
	unsigned count;
	struct screen_name at[SCREENS_MAX];
};

/* In the order of their names.  root: the folder below which to look; "": this machine. */
void screens_find(struct screens *screens, const char *root);
/* "HDMI-A-1", within its name. */
const char *screen_connector(const struct screen_name *screen);

#endif
