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

/* Told of every frame that passed; the pointers are borrowed for the call. */
struct pipeline_watcher {
	void (*looked)(void *ctx, uint64_t number);	/* first pass of a file */
	void (*done)(void *ctx, const struct frame *frame,
		     const struct regions *regions);
	void *ctx;
};

/*
 * Takes the parts.  faces may be NULL when the policy shows faces, moving when
 * it shows what moves; a part that the policy asks for and that is missing makes
 * the pipeline blind: every frame is covered whole.  blind is static text that
 * says why, for the report; NULL: not blind.
 */
struct pipeline_parts {
	struct detector *faces;
	struct detector *moving;
	const char *blind;
};
int pipeline_new(struct pipeline **pipeline, const struct policy *policy,
		 struct pipeline_parts *parts, struct scrim_error *err);
void pipeline_watch(struct pipeline *pipeline, const struct pipeline_watcher *watcher);
void pipeline_free(struct pipeline **pipeline);

/* Live: what is seen now decides what is covered now.  The frame is taken. */
int pipeline_frame(struct pipeline *pipeline, struct frame **frame,
		   struct clean_frame **clean, struct scrim_error *err);

/*
 * A file: seen twice, first looked at, then shown, so that a face is covered in
 * the frames before it was found as well.  0, or an error; the sink is not
 * finished then.
 */
int pipeline_file(struct pipeline *pipeline, struct source *source,
		  struct sink *sink, struct scrim_error *err);

#endif
