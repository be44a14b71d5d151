/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processes have nodes open, as far as who asks may see it: root sees all, others
 * their own.
 */
#ifndef TOOLS_HOLDERS_H
#define TOOLS_HOLDERS_H

#include <sys/types.h>

struct holder {
	pid_t pid;
	uid_t uid;
	char program[64];		/* its own word */
	char node[64];
};

#define HOLDERS_MAX	128

struct holders {
	unsigned seen, hidden;		/* processes that were looked at, and could not be */
	unsigned count;
	struct holder at[HOLDERS_MAX];	/* a process once for each node */
};

/* root: the folder below which to look; "": this machine. */
void holders_find(struct holders *holders, const char *root, const char *const node[],
		  unsigned nodes);

#endif
