/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scrim camera on a screen: the picture that came last, for two frame times, and then black.
 * No other camera is taken, so that nothing on a screen was ever raw.
 */
#ifndef LOOK_WATCH_H
#define LOOK_WATCH_H

#include "guard/cage.h"
#include "look/scale.h"
#include "node.h"
#include "sink/grid.h"
#include "sink/screen.h"

struct watch {
	const char *name;		/* for messages; the caller's */
	int fd;				/* owned; -1: none */
	struct v4l2_pix_format pix;
	struct v4l2_buffers buffers;
	int64_t patience_ns;		/* two frame times */
	bool streams;
	bool gone;			/* it was taken down; nothing more comes from it */
	struct frame *raw;		/* as it came, with room behind its rows */
	struct scaler scaler;
	struct place place;
	struct frame *picture;		/* for that place; NULL: it has none, or needs none */
	struct scanout scanout;		/* for the card to show where the camera left it */
	/*
	 * Buffers that the camera does not have meanwhile; -1: none.  The last one that came, what
	 * the monitor was told to show, and what it shows: the card reads the latter two.
	 */
	int latest, told, seen;
	int64_t until_ns;		/* when it is black again, by CLOCK_MONOTONIC; 0: it is */
	uint64_t version;		/* another number for another picture */
};

#define WATCH_NONE	{ .fd = -1, .latest = -1, .told = -1, .seen = -1 }

/* -ENOTSUP: the node is no scrim camera's, or sends what cannot be shown. */
int watch_open(struct watch *watch, const char *name, const char *node, struct scrim_error *err);
void watch_close(struct watch *watch);

/* Before the cage closes: gives the card the buffers, where it takes them. */
void watch_lend(struct watch *watch, struct screen *screen);

/* Black, there; on the plane that scanout has by then, or to be drawn. */
int watch_place(struct watch *watch, const struct place *place, struct scrim_error *err);

/* The camera is on in between.  One that is gone is black, and no error. */
int watch_start(struct watch *watch, struct scrim_error *err);
void watch_stop(struct watch *watch);

/* When poll() said revents; never waits.  now_ns: CLOCK_MONOTONIC. */
int watch_take(struct watch *watch, int revents, int64_t now_ns, struct scrim_error *err);
/* Black, if it is time. */
void watch_expire(struct watch *watch, int64_t now_ns);

/* Without a plane: draws it. */
void watch_paint(const struct watch *watch, const struct canvas *canvas);
/* The monitor was told to show what is the latest by now: it is not seen yet. */
void watch_told(struct watch *watch);
/* It is seen: a buffer goes back to the camera that the card read until then. */
void watch_seen(struct watch *watch);

/* One picture into its place, where there are `used` bytes of it. */
int watch_show(struct watch *watch, const uint8_t *bytes, size_t used, struct scrim_error *err);

/* What all of it but opening asks of the kernel. */
#define WATCH_MAYS	5u
unsigned watch_permit(struct device_permission may[WATCH_MAYS], const struct watch *watch);

#endif
