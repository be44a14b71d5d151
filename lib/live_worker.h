/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What runs in the cage for a live camera: pictures in from one descriptor, clean
 * ones out to another.
 */
#ifndef LIB_LIVE_WORKER_H
#define LIB_LIVE_WORKER_H

#include "live.h"
#include "pipeline.h"

/* All that the cage holds; -1: not there. */
struct live_worker {
	const struct policy *policy;
	const struct camera *camera;
	const struct feed *feed;
	int model;			/* ONNX */
	int boxes;			/* for the replay detector */
	struct source *source;		/* these two are made before the cage closes */
	struct sink *sink;
	char copied[SCRIM_TEXT_MAX];	/* why frames are; empty: they are not */
};

/* What may be asked of the two devices; returns how many permissions there are. */
#define LIVE_DEVICES_MAX	32
unsigned live_devices(struct device_permission may[LIVE_DEVICES_MAX],
		      const struct camera *camera, const struct feed *feed);

/* Before the cage closes: buffers are mapped, libraries look at the processor. */
int live_before(void *worker, struct scrim_error *err);
/* result is a struct live_counts that others read while this runs. */
int live_work(void *worker, void *result, struct scrim_error *err);

/* From source to sink until one of them ends, counting frames. */
int live_run(struct pipeline *pipeline, struct source *source, struct sink *sink,
	     struct live_counts *counts, struct scrim_error *err);

#endif
