/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scrim cameras side by side on a monitor.  None of them is waited for: the monitor shows what
 * came, each time at once, and black in the place of whoever is silent.  While there is no
 * monitor the cameras are off.  Where the card can, it shows pictures in the camera's own buffers
 * (sink/plane.h); the others are drawn.
 */
#ifndef LOOK_WALL_H
#define LOOK_WALL_H

#include "look/watch.h"

#define WALL_MAX	GRID_MAX

/* The watches and the screen are open, and the caller's. */
struct wall {
	struct screen *screen;
	struct watch *watch;
	unsigned count;
	bool copies;			/* all is drawn, whatever the card can */
	bool says;			/* which cameras are copied and why, on standard error */
};

/*
 * Closes the cage (lib/guard/cage.h) behind this process, and shows them until SIGTERM, SIGINT or
 * SIGHUP: 0.  -ENODEV: the last camera is gone.
 */
int wall_run(struct wall *wall, struct scrim_error *err);

#endif
