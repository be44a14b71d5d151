/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the live tracker and the track log share: one step of a tracker, which
 * does not care whether time runs forwards or backwards.
 */
#ifndef DETECT_FOLLOW_H
#define DETECT_FOLLOW_H

#include "detect/track.h"

/* A detection, and the track that it belongs to; 0: none yet. */
struct sighting {
	struct detection seen;
	uint32_t track;
};

/* The options with the defaults filled in. */
struct track_options track_options_full(const struct track_options *options);

/*
 * Nanoseconds that a tracker lets pass between two frames, whatever their time
 * stamps say: a clock that stands, jumps or runs backwards must neither end a
 * hold at once nor keep it for ever.
 */
int64_t track_step_ns(int64_t from_ns, int64_t to_ns);

/* False when a detection is not a box: then something is wrong, and that is doubt. */
bool detection_sound(const struct detection *seen);

/*
 * One frame.  A sighting that begins or continues a track takes its number, and
 * gives its own to it when it has one already.
 */
void tracker_follow(struct tracker *tracker, struct sighting *sightings,
		    unsigned count, int64_t step_ns, unsigned width,
		    unsigned height, enum method method, struct regions *regions);

#endif
