/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `scrim log' and `scrim verify' share: which logs there are, and their files.
 */
#ifndef TOOLS_LOG_H
#define TOOLS_LOG_H

#include "consent/read.h"
#include "tools.h"

/* Of both, for scripts; else those of enum exit_status. */
enum log_status {
	LOG_BROKEN = 4,			/* it is not what was written */
};

struct log_options {
	const char *folder;		/* of the logs */
	const char *camera;		/* NULL: all */
	const char *kept;		/* a head that was kept elsewhere, or NULL */
	const char *key[WALK_KEYS_MAX];	/* files; none: those of this machine */
	unsigned keys;
	bool json;
};

/* Names of logs in the folder, sorted. */
#define LOGS_MAX	64
struct logs {
	unsigned count;
	char name[LOGS_MAX][LOG_NAME_MAX];
	struct log_files *files[LOGS_MAX];	/* owned */
};

/* Opens all that is asked for: an exit status. */
int logs_open(struct logs *logs, const struct log_options *o);
void logs_close(struct logs *logs);

/* Takes --folder and --key: an exit status. */
int log_add_key(struct log_options *o, const char *path);

/* "porch: FILE:LINE: WHAT", where it is broken. */
void log_complain(const struct log_files *files, const struct log_verdict *verdict);

#endif
