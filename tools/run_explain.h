/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What scrim run --explain found out, for the file that says it.
 */
#ifndef TOOLS_RUN_EXPLAIN_H
#define TOOLS_RUN_EXPLAIN_H

#include <stdbool.h>

#include "control.h"
#include "holders.h"

#define TRIED_MAX	160
#define SHARES_MAX	32

#define NOT_TRIED	(-1)

/* Errno of each attempt, 0: it succeeded; or NOT_TRIED. */
struct attempts {
	int confined;			/* of confine() itself, and why */
	char why[SCRIM_TEXT_MAX];
	unsigned nodes;
	struct {
		char path[64];
		bool ours;		/* of a scrim camera, which shows nothing raw */
		int outside;		/* opened by this user's other programs */
		int error;		/* by one that is confined, as all below */
	} node[TRIED_MAX];
	int make_node, take_descriptor, pass_descriptor, pipewire;

	/* Sockets of scrimd that gave pictures, or might for somebody else. */
	unsigned shares;
	struct {
		char camera[CONTROL_NAME_MAX];
		int error;
		char why[SCRIM_TEXT_MAX];
		unsigned width, height;
	} share[SHARES_MAX];
};

struct explanation {
	const struct attempts *tried;
	struct holders holders;		/* of the nodes that were tried */
	int landlock;			/* its version; 0: there is none */
	bool session;			/* there can be a camera in place of a raw one */
	struct scrim_error why;
	const char *run_folder;
};

void explanation_print(const struct explanation *explanation, bool json);

#endif
