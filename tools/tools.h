/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the subcommands share.
 */
#ifndef TOOLS_TOOLS_H
#define TOOLS_TOOLS_H

#include "error.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,	/* something could not be done; the rest was */
	EXIT_USAGE = 2,		/* the command line or a policy is wrong; nothing was done */
	EXIT_DOUBT = 3,		/* done, but something failed and was covered whole */
	EXIT_STOPPED = 130,	/* by SIGINT, SIGTERM or SIGHUP */
};

int redact_main(int argc, char **argv);
int policy_main(int argc, char **argv);
int preview_main(int argc, char **argv);
int region_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int guard_main(int argc, char **argv);

/* "scrim: TEXT", the one line that an error gets. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
