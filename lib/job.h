/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file, from its name to its redacted copy.  Names are opened here; bytes are
 * read in a caged worker; the copy appears under its name when it is complete.
 */
#ifndef LIB_JOB_H
#define LIB_JOB_H

#include "guard/cage.h"
#include "policy/open.h"
#include "sink/outfile.h"

struct job_request {
	const char *in, *out;
	const char *name;		/* of in, for messages; NULL: in */
	const struct policy *policy;
	const char *codec;		/* an encoder's name; NULL: by container */
	bool keep_audio;
	bool replace;			/* an existing out */
	int report;			/* descriptor for a line a frame (JSON); -1: none */
	int sheet;			/* descriptor for tiles, see sheet.h; -1: none */
};

/* How far a job is, and at the end what it did.  Plain data from the worker. */
struct job_result {
	uint64_t expected;		/* frames, 0: not known */
	uint64_t looked, frames;	/* in the first pass, written in the second */
	uint64_t whole;			/* written wholly covered because of doubt */
	uint64_t faces;			/* tracks of faces */
	uint64_t with_faces;		/* written with a face that was seen in that frame */
	uint64_t damaged;		/* packets that could not be decoded */
	unsigned width, height;
	int64_t span_ns;		/* from the first frame to the last */
	bool still;
	char why[SCRIM_TEXT_MAX];		/* the last doubt; empty: none */
};

struct job {
	struct caged_child child;
	struct outfile out;
	bool replace;
};

/*
 * Starts the worker, or says why it cannot: the input is not there, the output
 * exists or is the input, the policy's model cannot be read.
 */
int job_start(struct job *job, const struct job_request *request,
	      struct scrim_error *err);
/* A descriptor that is readable when the worker has ended; the caller closes it. */
int job_watch(const struct job *job, struct scrim_error *err);
void job_peek(const struct job *job, struct job_result *result);
/* Waits; on success the copy is complete, in job->out.fd, and job_place() gives it its name. */
int job_end(struct job *job, struct job_result *result, struct scrim_error *err);
int job_place(struct job *job, struct scrim_error *err);
/* Both. */
int job_finish(struct job *job, struct job_result *result,
	       struct scrim_error *err);
/* No copy; nothing stays behind. */
void job_stop(struct job *job);

bool is_same_file(int fd, const char *path);

/* Writes the tiles of finished jobs as a contact sheet, PNG, in a cage. */
int sheet_compose(const int *tiles, unsigned count, int out,
		  struct scrim_error *err);

#endif
