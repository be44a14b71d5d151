/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keeps a face hidden while the detector blinks.  A new face is covered on its
 * first frame, a lost one stays covered for a hold time while its box grows.
 *
 * Live, a tracker sees the frames in order.  A file is seen whole first: a track
 * log collects the detections, track_log_finish() follows every track forwards
 * and backwards, and track_log_at() then says what to cover in each frame, the
 * frames before a face was first found included.
 */
#ifndef DETECT_TRACK_H
#define DETECT_TRACK_H

#include "detect/detect.h"

/* Zero means the default in every field. */
struct track_options {
	float start;			/* a score that begins a track */
	float keep;			/* a score that continues one */
	float margin;			/* added to a box, share of its size a side */
	int64_t hold_ns;		/* how long a lost face stays covered */
	float growth;			/* while held, share of its size a second */
};

struct tracker;
int tracker_new(struct tracker **tracker, const struct track_options *options,
		struct scrim_error *err);
/*
 * found may be NULL: the detector failed and the caller covers everything; the
 * tracks move on.  Adds to regions, with method, boxes clipped to width x height.
 */
void track(struct tracker *tracker, const struct detections *found,
	   int64_t time_ns, unsigned width, unsigned height, enum method method,
	   struct regions *regions);
/* Forgets the tracks; their numbers are not used again. */
void tracker_reset(struct tracker *tracker);
void tracker_free(struct tracker **tracker);

/*
 * Memory: 48 bytes a frame, 24 a detection and 24 a region of the result, at most
 * twice that while an array grows.
 */
struct track_log;
int track_log_new(struct track_log **log, const struct track_options *options,
		  struct scrim_error *err);
/* Frame number n is the nth call.  NULL or full detections: that frame is covered whole. */
int track_log_add(struct track_log *log, const struct detections *found,
		  int64_t time_ns, unsigned width, unsigned height,
		  struct scrim_error *err);
int track_log_finish(struct track_log *log, struct scrim_error *err);
/* A number beyond those added covers the whole picture. */
void track_log_at(const struct track_log *log, uint64_t number,
		  enum method method, struct regions *regions);
void track_log_free(struct track_log **log);

#endif
