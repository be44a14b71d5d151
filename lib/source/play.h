/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A video as if a camera sent it: in real time, again and again, and the latest frame
 * when there was no time for all.
 */
#ifndef SOURCE_PLAY_H
#define SOURCE_PLAY_H

#include "source/source.h"
#include "source/video.h"

/*
 * The clock's descriptor is read for how often it ticked since the last time, 8 bytes,
 * as of timerfd_create(2); reading waits for one tick at least.  That many ns, from
 * now_ns on, are the time by which frames leave, and which they bear.
 */
struct play_clock {
	int fd;
	int64_t now_ns, tick_ns;
};

/* One that ticks as often, by CLOCK_MONOTONIC. */
int play_clock_start(struct play_clock *clock, int64_t tick_ns, struct scrim_error *err);

/*
 * Reads nothing of the video, which the first source_next() opens: it has to have the
 * pictures that `like` says.  Descriptors and name stay the caller's.  A video that
 * comes out more slowly than it should plays slowly: it does not run after lost time.
 */
struct play_video {
	video_opener *open;
	int fd;
	const char *name;
};
int source_play(struct source **source, const struct play_video *video,
		const struct source *like, const struct play_clock *clock,
		struct scrim_error *err);

#endif
