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
#include "sink/plane.h"

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

/* Before the cage closes: a camera's buffers, for which scanout->picture is described. */
void screen_import(struct screen *screen, struct scanout *scanout, const int dmabuf[],
		   unsigned count);
/*
 * Of the cameras with buffers there and a place: those that the card can show on planes above
 * what is drawn, all of them at once, get one.  Until the monitor is lit again.
 */
void screen_assign(struct screen *screen, struct scanout *const of[], unsigned count);
/* What such a plane is to show: a buffer, or with -1 what is drawn below. */
void screen_put(struct screen *screen, const struct scanout *scanout, int buffer);
/* The planes go out with the next picture, and nobody has one. */
void screen_draw_all(struct screen *screen);

/* Shows what was drawn and put, all of it with one picture of the monitor, and does not wait. */
int screen_show(struct screen *screen, struct scrim_error *err);
/* 1: what was last shown is seen, and what was seen before is not read any more. */
int screen_event(struct screen *screen, struct scrim_error *err);

/* What all of the above but screen_open() asks of the kernel: returns how many. */
#define SCREEN_MAYS	11u
unsigned screen_permit(struct device_permission may[SCREEN_MAYS], const struct screen *screen);

#endif
