/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The report: what was covered, where and why, as one JSON document.  Workers
 * write the frames of a file each into a part of their own; here the parts are
 * put together, in the order in which the files are done.
 */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "files.h"
#include "job.h"

struct report {
	const char *path;		/* NULL: none is wanted */
	struct outfile file;
	bool begun;
};

/* Does nothing when path is NULL, nor do the others then. */
int report_open(struct report *report, const char *path, bool replace,
		struct scrim_error *err);
/* A nameless file beside the report, for one worker; part->fd is -1 without one. */
int report_part(const struct report *report, struct outfile *part,
		struct scrim_error *err);
/* Takes the part. */
int report_add(struct report *report, struct outfile *part, const struct file *file,
	       const struct job_result *result, struct scrim_error *err);
int report_close(struct report *report, bool replace, struct scrim_error *err);
void report_discard(struct report *report);

#endif
