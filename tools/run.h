/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `scrim run` is asked for.
 */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

#include "policy/load.h"
#include "policy/policy.h"
#include "session/device.h"
#include "wrap/confine.h"
#include "wrap/supervise.h"

struct run_options {
	const char *camera;		/* of the policy */
	const char *policy;		/* path; NULL: our own */
	const char *run_folder;		/* where scrimd's sockets are */
	char device[POLICY_TEXT_MAX];	/* as a policy has it; empty: the policy's */
	dev_t node;			/* of the device, when that is a node; else 0 */
	bool explain, json, weak;
	char **program;			/* and its arguments, NULL at the end */
};

/*
 * Asks the scrimd that has the camera for pictures, and serves them: the process that does, and
 * where mount_open() finds the file; it ends when *link is closed.  0: none runs.
 */
pid_t run_join(const struct run_options *options, struct device_pictures *pictures, int *root,
	       int *link, struct scrim_error *err);

/* Says what is enforced here and what is not; an exit status. */
int run_explain(const struct run_options *options);

#endif
