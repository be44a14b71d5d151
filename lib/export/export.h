/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clips in, one encrypted file for one recipient out, or nothing.  Whoever has switched export off
 * or taken back a consent meanwhile is asked before each clip and once more when all is ready: then
 * nothing leaves.  The file appears under its name after the ledger says that it was given.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include "export/choice.h"
#include "job.h"

struct export_watch {
	void *ctx;
	/* Often, while a clip is redacted. */
	void (*tick)(void *ctx, const struct chosen *clip, const struct job_result *result);
	/* It is; reused: it was by an earlier run. */
	void (*redacted)(void *ctx, const struct chosen *clip, bool reused);
	void (*note)(void *ctx, const char *text);
};

struct export_job {
	const char *outbox;		/* a folder, by its whole name; made where it is not */
	const char *payment;		/* for the ledger alone; or NULL */
	const struct policy *policy;	/* of clip_policy() */
	enum layout layout;
	bool dry_run;			/* nothing is made, nor written but what others took back */
	const volatile int *stop;	/* set by who wants it to end */
	struct export_watch watch;
};

/* What was given; bundle is empty when nothing was. */
struct exported {
	char bundle[UUID_TEXT_MAX], file[EXPORT_FILE_TEXT_MAX];
	uint64_t bytes;
	unsigned clips;
	unsigned waiting;		/* bundles of earlier runs whose outbox is not there */
};

/*
 * choice has all but its answers, and has them then.  An error with choice->revoked: one that was
 * allowed no longer is, and nothing was given: err names it, and the choice has its new answer.
 * -ECANCELED: stopped; what was redacted is kept for the next run.  -EBUSY: another export is under
 * way.
 */
int export_clips(struct choice *choice, const struct export_job *job, struct exported *exported,
		 struct scrim_error *err);

#endif
