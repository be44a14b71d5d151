/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a detector is: it looks at a raw frame and says where something is that
 * must be hidden.  It never changes a pixel.
 */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include "frame/frame.h"
#include "frame/region.h"

#define DETECTIONS_MAX	1000

struct detection {
	float x, y, w, h;		/* pixels of the frame; may stick out */
	float score;			/* 0 to 1 */
};

struct detections {
	bool full;			/* there were more than fit: doubt */
	unsigned count;			/* best score first */
	struct detection at[DETECTIONS_MAX];
};

struct detector;

struct detector_ops {
	const char *name;
	/* found is empty when called.  An error means blind for this frame. */
	int (*detect)(struct detector *detector, const struct frame *frame,
		      struct detections *found, struct scrim_error *err);
	/* There are no more frames; an error when what it knows cannot be of them.  NULL: fine. */
	int (*finish)(struct detector *detector, struct scrim_error *err);
	/* Forget what was learned from earlier frames; NULL: nothing is. */
	void (*reset)(struct detector *detector);
	void (*free)(struct detector *detector);
};

/* Embedded as the first member of each detector. */
struct detector {
	const struct detector_ops *ops;
};

int detect(struct detector *detector, const struct frame *frame,
	   struct detections *found, struct scrim_error *err);
int detector_finish(struct detector *detector, struct scrim_error *err);
void detector_reset(struct detector *detector);
void detector_free(struct detector **detector);

/*
 * face.c: a face network.  model is a descriptor of an ONNX file, read from its
 * start and not kept: UltraFace (RFB-320 and its kin) or YuNet.
 */
struct face_options {
	unsigned width, height;		/* of the network's input; 0: 640x360, turned
					   and fitted to the shape of the picture */
	float threshold;		/* lowest score reported; 0: the model's own */
};
int detector_face(struct detector **detector, int model,
		  const struct face_options *options, struct scrim_error *err);

/*
 * replay.c: boxes from a text, for deterministic tests and for boxes made by
 * other tools.  A line a box: frame x y w h [score], in pixels, frames from 0,
 * ascending; '#' starts a comment.  name is for error messages.
 */
int detector_replay(struct detector **detector, int text, const char *name,
		    struct scrim_error *err);

/* motion.c: everything that moves; needs no network.  Scores are 1. */
int detector_motion(struct detector **detector, struct scrim_error *err);

#endif
