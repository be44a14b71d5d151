/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far the work is: a bar on a terminal, plain lines elsewhere, or an object a
 * line for scripts.
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include "files.h"
#include "job.h"

enum progress_style {
	PROGRESS_BAR,			/* standard error is a terminal */
	PROGRESS_LINES,
	PROGRESS_JSON,			/* on standard output */
	PROGRESS_QUIET,			/* errors only */
};

struct progress {
	enum progress_style style;
	size_t files, done, failed, skipped, doubtful;
	size_t left_out;		/* of folders: neither photo nor video by name */
	double started, last_line;	/* seconds of CLOCK_MONOTONIC */
	bool bar;			/* there is one on the screen */
};

void progress_start(struct progress *progress, enum progress_style style,
		    const struct files *files);
/* Called often while jobs run: results of those that do, and one's name. */
void progress_tick(struct progress *progress, const struct job_result *running,
		   unsigned count, const char *name);
void progress_done(struct progress *progress, const struct file *file,
		   const struct job_result *result, double seconds);
void progress_failed(struct progress *progress, const struct file *file,
		     const struct scrim_error *err);
void progress_skipped(struct progress *progress, const struct file *file);
void progress_end(struct progress *progress);
/* Takes the bar away, so that something else can be said. */
void progress_wipe(struct progress *progress);

double seconds_now(void);

#endif
