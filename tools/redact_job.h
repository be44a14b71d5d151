/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scrim redact --job: this worker's shard of many clips.  What it did is told by its exit status
 * and by a signed receipt beside each copy; asked again, it does only what is not done.
 */
#ifndef TOOLS_REDACT_JOB_H
#define TOOLS_REDACT_JOB_H

#include <signal.h>

#include "job_file.h"
#include "progress.h"

struct order {
	const char *job;		/* the file; NULL: there is none */
	struct job_shard shard;
	const char *keys;		/* the folder of the key that signs; NULL: the user's own */
	enum progress_style style;
};

/* "3/8": an exit status. */
int order_parse_shard(struct order *order, const char *text);
/* Ends early when *stopped is set. */
int order_run(const struct order *order, const volatile sig_atomic_t *stopped);

#endif
