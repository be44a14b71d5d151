/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The feed of a scrim camera (scrim(4)): what is put here is what applications
 * see.  Divided by privilege, like the camera at the other end.
 */
#ifndef SINK_OUTPUT_H
#define SINK_OUTPUT_H

#include "node.h"
#include "sink/sink.h"

/* Plain data, but for the descriptor. */
struct feed {
	int fd;				/* -1: none */
	struct v4l2_pix_format pix;
	struct v4l2_fract interval;	/* seconds from picture to picture */
};

/* Opens the feed, and asks to be told of readers. */
int feed_open(struct feed *feed, const char *path, struct scrim_error *err);
void feed_close(struct feed *feed);

/*
 * Readers that stream now.  1: somebody came or went since the last call; 0: nothing
 * happened.  The descriptor is ready for POLLPRI when something has.
 */
int feed_readers(const struct feed *feed, unsigned *readers, struct scrim_error *err);

/* Makes the camera have such pictures; there must be no buffers. */
int feed_set(struct feed *feed, const struct v4l2_pix_format *pix,
	     const struct v4l2_fract *interval, struct scrim_error *err);

/*
 * Nothing that was put before is delivered from here on, and the buffers are gone.
 * Whoever fed must have ended.
 */
int feed_cut(const struct feed *feed, struct scrim_error *err);

/*
 * Maps the feed's buffers.  Putting a frame copies it into one and hands it over:
 * what is raw was never in memory that the feed knows.  The first one starts the
 * stream.  Frames must be of the feed's format and size.
 *
 * Readers are shown black when pictures come more slowly than the feed said, so on a
 * machine that is too slow for the camera the feed says what is true.
 */
int sink_output(struct sink **sink, const struct feed *feed, struct scrim_error *err);

#endif
