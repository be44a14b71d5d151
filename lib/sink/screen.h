/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A monitor without a compositor, by KMS.  What is drawn is seen whole and at once, when the
 * monitor begins its next picture: there are two buffers, and the one that is seen is not drawn
 * to.
 *
 * Opening makes this process the card's master.  When it is closed, or the process is killed, the
 * kernel takes our buffers from the monitor; where nobody else has the card open, it puts the
 * console back.
 */
#ifndef SINK_SCREEN_H
#define SINK_SCREEN_H

#include "error.h"
#include "guard/cage.h"

/* Four bytes a pixel: B, G, R, and one that is not looked at. */
struct canvas {
	uint8_t *bytes;
	size_t stride;			/* bytes per row */
	unsigned width, height;
	unsigned number;		/* 0 or 1: which of the two */
};

/*
 * card: "/dev/dri/card0"; connector: "HDMI-A-1", a monitor there or not.  -EBUSY: another
 * program has the card.
 */
struct screen;
int screen_open(struct screen **screen, const char *card, const char *connector,
		struct scrim_error *err);
/* Puts back what the monitor showed before. */
void screen_close(struct screen **screen);

/* Readable when the picture that was last shown is seen: screen_event(). */
int screen_fd(const struct screen *screen);

/* What the kernel knows without asking the monitor, which takes no time. */
bool screen_is_plugged(const struct screen *screen);
/* Lights the monitor in its own mode, black: 1; 0: there is none. */
int screen_light(struct screen *screen, struct scrim_error *err);
int screen_dark(struct screen *screen, struct scrim_error *err);

/* Of the lit monitor, in pixels. */
void screen_size(const struct screen *screen, unsigned *width, unsigned *height);
/* What to draw on; NULL while nothing is lit, or what was shown last is not seen yet. */
const struct canvas *screen_back(const struct screen *screen);
/* Shows that, and does not wait. */
int screen_show(struct screen *screen, struct scrim_error *err);
int screen_event(struct screen *screen, struct scrim_error *err);

/* What all of the above but screen_open() asks of the kernel: returns how many. */
#define SCREEN_MAYS	11u
unsigned screen_permit(struct device_permission may[SCREEN_MAYS], const struct screen *screen);

#endif
