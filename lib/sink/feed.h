/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where live frames go, divided by privilege like the camera at the other end: who
 * may open names opens it, who sees pictures has only the descriptor.
 */
#ifndef SINK_FEED_H
#define SINK_FEED_H

#include "guard/cage.h"
#include "sink/sink.h"

struct feed;

/* What differs from one kind of feed to the next.  NULL: nothing to be done. */
struct feed_kind {
	int (*readers)(struct feed *feed, unsigned *readers, struct scrim_error *err);
	int (*set)(struct feed *feed, const struct v4l2_pix_format *pix, struct scrim_error *err);
	int (*cut)(const struct feed *feed, struct scrim_error *err);
	int (*set_shutter)(const struct feed *feed, bool shut, struct scrim_error *err);
	int (*shutter)(const struct feed *feed, bool *shut, struct scrim_error *err);
	/* In the worker, before its cage closes. */
	int (*sink)(struct sink **sink, const struct feed *feed, struct scrim_error *err);
	/* The same for frames that lie in a camera's buffers. */
	int (*borrow)(struct sink **sink, const struct feed *feed, const struct lending *lending,
		      struct scrim_error *err);
	/* What the worker may ask of the descriptor. */
	const struct device_request *may;
	unsigned mays;
};

/* Plain data, but for the descriptor. */
struct feed {
	const struct feed_kind *kind;
	int fd;				/* -1: none */
	struct v4l2_pix_format pix;
	struct v4l2_fract interval;	/* seconds from picture to picture */
	void *of;			/* what it is of, for its kind; NULL: nothing more */
	bool turned;			/* a program set a control; whoever looks clears it */
};

#define FEED_NONE	{ .fd = -1 }

/* output.c: the feed of a scrim camera (scrim(4)).  Asks to be told of readers. */
int feed_open(struct feed *feed, const char *path, struct scrim_error *err);
/* null.c: frames are made, counted by whoever makes them, and dropped. */
void feed_null(struct feed *feed);
void feed_close(struct feed *feed);

/*
 * Readers that stream now.  1: somebody came or went since the last call; 0: nothing
 * happened.  The descriptor is ready for POLLPRI when something has.  ->turned becomes
 * true when a control was set.
 */
int feed_readers(struct feed *feed, unsigned *readers, struct scrim_error *err);

/* Makes it have such pictures; no worker may be there. */
int feed_set(struct feed *feed, const struct v4l2_pix_format *pix,
	     const struct v4l2_fract *interval, struct scrim_error *err);

/*
 * Nothing that was put before is delivered from here on, and the buffers are gone.
 * Whoever fed must have ended.
 */
int feed_cut(const struct feed *feed, struct scrim_error *err);

/*
 * The shutter on the feed's side.  Closed, every picture is black, what a reader had not taken yet
 * as well when this returns; it stays closed when whoever closed it has ended.  -ENOTSUP: there
 * is none.
 */
int feed_set_shutter(const struct feed *feed, bool shut, struct scrim_error *err);
int feed_shutter(const struct feed *feed, bool *shut, struct scrim_error *err);

/* Takes frames of the feed's format and size, and no others.  It is copied. */
int feed_sink(struct sink **sink, const struct feed *feed, struct scrim_error *err);

/* The same, and takes them where they lie.  An error says why it cannot, and is no harm. */
int feed_borrow(struct sink **sink, const struct feed *feed, const struct lending *lending,
		struct scrim_error *err);

#endif
