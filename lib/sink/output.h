/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The feed of a scrim camera (scrim(4)): what is put here is what applications see.
 */
#ifndef SINK_OUTPUT_H
#define SINK_OUTPUT_H

#include "node.h"
#include "sink/feed.h"

/*
 * Maps the feed's buffers.  Frames can lie in them; putting another one copies it.  The feed's
 * driver reads a buffer while QBUF runs, and nobody else can map it: what is raw is in none that is
 * queued.  The first one starts the stream.
 *
 * Readers are shown black when pictures come more slowly than the feed said, so on a
 * machine that is too slow for the camera the feed says what is true.
 */
int sink_output(struct sink **sink, const struct feed *feed, struct scrim_error *err);

/*
 * The same where clean frames lie in a camera's buffers: the feed's driver reads them there,
 * while QBUF runs, and sink_put() returns when it has.  A buffer that could not be had back
 * stays in the feed's hands.
 */
int sink_output_borrow(struct sink **sink, const struct feed *feed, const struct lending *lending,
		       struct scrim_error *err);

#endif
