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
	EXIT_DOUBT = 3,		/* done, but something failed and was covered whole, or may be */
	EXIT_BAD = 65,		/* of a job: a clip or a line is wrong; EX_DATAERR of sysexits.h */
	EXIT_AGAIN = 75,	/* of a job: trying again may do; EX_TEMPFAIL */
	EXIT_STOPPED = 130,	/* by SIGINT, SIGTERM or SIGHUP */
};

int redact_main(int argc, char **argv);
int policy_main(int argc, char **argv);
int run_main(int argc, char **argv);
int status_main(int argc, char **argv);
int cameras_main(int argc, char **argv);
int shutter_main(int argc, char **argv);
int log_main(int argc, char **argv);
int verify_main(int argc, char **argv);
int preview_main(int argc, char **argv);
int region_main(int argc, char **argv);
int wall_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int guard_main(int argc, char **argv);
int consent_main(int argc, char **argv);
int explain_main(int argc, char **argv);
int export_main(int argc, char **argv);
int ledger_main(int argc, char **argv);
int erase_main(int argc, char **argv);

/*
 * Locks the door behind the command that runs: from here on it opens nothing, connects to
 * nothing and starts nothing (the table is in lib/guard/cage_tool.c).  A subcommand
 * opens its files, connects its sockets and looks up its names, has strangers' files read
 * by caged(), and then calls this before it looks at what it got:
 *
 *	status = tool_cage();
 *	if (status != EXIT_DONE)
 *		return status;
 */
int tool_cage(void);

/* "scrim: TEXT", the one line that an error gets. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
