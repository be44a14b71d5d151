/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What scrimd writes into its camera's log: who changed what may be seen, and when.  No
 * pictures, no names of people, no paths, no words of errors, which may have such in them.
 *
 * A log that cannot be written never stops the filter: that is said on standard error,
 * and the next entry says how many are missing.  Only a notice has to be in it before it is given.
 */
#ifndef TOOLS_SCRIMD_LOG_H
#define TOOLS_SCRIMD_LOG_H

#include <sys/types.h>

#include "consent/ledger.h"
#include "policy/compare.h"

struct camera_log {
	const char *camera;
	struct ledger *ledger;		/* NULL: to be opened */
	uint64_t missing;		/* entries that could not be written, since the last */
	char said[SCRIM_TEXT_MAX];	/* why, so that it is said once */
};

/*
 * In the folders that the service manager gave, or else /var/log/scrim and /var/lib/scrim; they
 * are opened by the first entry.
 */
void log_begin(struct camera_log *log, const char *camera);
void log_end(struct camera_log *log);

#define LOG_NOBODY	((uid_t)-1)	/* a signal, or nobody who can be named */

/* scrimd is ready, under this policy; it ends. */
void log_start(struct camera_log *log, const struct policy *policy);
void log_stop(struct camera_log *log);

/*
 * Somebody asked for another policy.  policy is the one in force since: the new one when
 * it was taken, the old one when it was not.
 */
void log_policy(struct camera_log *log, const struct policy *policy,
		const struct comparison *changes, uid_t by, bool taken);

void log_shutter(struct camera_log *log, bool shut, uid_t by);

/*
 * From here on all pictures have the badge that tells who is seen, but those that are black; or
 * none have, as there are none.  Negative, and only when shown: it is not in the log.
 */
int log_notice(struct camera_log *log, bool shown, struct scrim_error *err);

#endif
