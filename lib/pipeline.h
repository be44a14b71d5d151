/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of one frame: source, detect, track, redact, sink.
 */
#ifndef LIB_PIPELINE_H
#define LIB_PIPELINE_H

#include "detect/detect.h"
#include "detect/track.h"
#include "policy/policy.h"
#include "redact/redact.h"
#include "sink/sink.h"
#include "source/source.h"

struct pipeline;

/*
 * The detectors, which the pipeline takes.  One that the policy asks for and
 * that is not there makes the pipeline blind: every frame is covered whole, and
 * blind (static text) says why in the report.
 */
struct pipeline_parts {
	struct detector *faces;
	struct detector *moving;
	char blind[SCRIM_TEXT_MAX];	/* empty: not blind */
	struct track_options follow;	/* for faces */
};
/*
 * The detectors that a policy asks for.  model and boxes are descriptors, -1 for
 * none.  A face model that is missing or damaged makes the pipeline blind; boxes
 * that cannot be read are an error.
 */
int pipeline_make_parts(const struct policy *policy, int model, int boxes,
			struct pipeline_parts *parts, struct scrim_error *err);
int pipeline_new(struct pipeline **pipeline, const struct policy *policy,
		 struct pipeline_parts *parts, struct scrim_error *err);
void pipeline_free(struct pipeline **pipeline);

/*
 * Who is told of every frame on its way.  Pointers are borrowed for the call; a
 * negative return stops the file and becomes its result.
 */
struct pipeline_watcher {
	void *ctx;
	/* A file's frame was looked at; faces is NULL when that failed. */
	int (*looked)(void *ctx, uint64_t number, const struct detections *faces,
		      struct scrim_error *err);
	/* This is what will be covered in a frame. */
	int (*decided)(void *ctx, const struct frame *frame,
		       const struct regions *regions, struct scrim_error *err);
	/*
	 * The frame is clean.  before is what it was, under a policy that shows
	 * everything: only where wants_before() asked for it, else NULL.
	 */
	bool (*wants_before)(void *ctx, uint64_t number);
	int (*done)(void *ctx, const struct clean_frame *clean,
		    const struct clean_frame *before, struct scrim_error *err);
};
/* watcher stays the caller's and must outlive the pipeline; any call may be NULL. */
void pipeline_watch(struct pipeline *pipeline,
		    const struct pipeline_watcher *watcher);

struct pipeline_counts {
	uint64_t looked;		/* frames of a file in the first pass */
	uint64_t frames;		/* redacted */
	uint64_t whole;			/* of these, covered whole because of doubt */
	const char *why;		/* the last reason for that, static text */
};
void pipeline_count(const struct pipeline *pipeline, struct pipeline_counts *counts);

/*
 * What time it is, in minutes after midnight, for regions that cover in some hours only.
 * Until somebody says, and with a number that is no minute of a day, they all cover.
 */
void pipeline_set_minute(struct pipeline *pipeline, int minute);

/* Live: what is seen now decides what is covered now.  The frame is taken. */
int pipeline_frame(struct pipeline *pipeline, struct frame **frame,
		   struct clean_frame **clean, struct scrim_error *err);

/* The same for all frames of a source, until it ends or something fails. */
int pipeline_live(struct pipeline *pipeline, struct source *source,
		  struct sink *sink, struct scrim_error *err);

/*
 * A file is seen twice, first looked at, then shown, so that a face is covered
 * in the frames before it was found as well.  On success every frame is in the
 * sink, which is left to the caller to finish.
 */
int pipeline_file(struct pipeline *pipeline, struct source *source,
		  struct sink *sink, struct scrim_error *err);

#endif
