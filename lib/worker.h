/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What runs in the cage for one file: descriptors in, a redacted file out.
 */
#ifndef LIB_WORKER_H
#define LIB_WORKER_H

#include "job.h"

/* All that the cage holds; -1: not there. */
struct worker {
	const struct job_request *request;
	int in;				/* the file */
	int audio;			/* the same file again, for its sound */
	int out;
	int model;			/* ONNX */
	int boxes;			/* for the replay detector */
};

/* Before the cage closes: libraries look at the processor once. */
int worker_before(void *worker, struct scrim_error *err);
/* result is a struct job_result that others read while this runs. */
int worker_run(void *worker, void *result, struct scrim_error *err);

#endif
