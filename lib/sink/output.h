/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The feed of a scrim camera (scrim(4)): what is put here is what applications see.
 */
#ifndef SINK_OUTPUT_H
#define SINK_OUTPUT_H

#include "node.h"
#include "sink/feed.h"

/*
 * Maps the feed's buffers.  Putting a frame copies it into one and hands it over:
 * what is raw was never in memory that the feed knows.  The first one starts the
 * stream.
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
