/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What protects raw cameras on this machine: looked at, not believed.  What this user cannot
 * see is said to be unknown.
 */
#ifndef GUARD_MEASURE_H
#define GUARD_MEASURE_H

#include <sys/types.h>

#include "error.h"

#define RAW_HOLDERS_MAX	8

struct raw_holder {
	pid_t pid, parent;		/* parent 0: not known */
	uid_t uid;
	char name[16];			/* of the program, control characters gone */
};

/* The node of a raw camera. */
struct raw_node {
	int why_not;			/* 0, or why there is no node: a negative errno */
	char path[256];			/* without links */
	uid_t uid;
	gid_t gid;
	mode_t mode;			/* permission bits */
	bool may_open;			/* this user, by these */
	unsigned holders;		/* processes that have it open; the first are listed */
	struct raw_holder holder[RAW_HOLDERS_MAX];
	unsigned unseen;		/* processes whose descriptors this user cannot see */
};

/* -ENOTSUP, in why_not: the device of the policy is no node: "rtsp://", "file:". */
void raw_look(struct raw_node *raw, const char *device, const char *proc);

enum known {
	KNOWN_NOT,			/* this user cannot see it */
	KNOWN_NO,
	KNOWN_YES,
};

struct machine {
	int landlock;			/* version of its interface; 0: not there */
	enum known seccomp;
	enum known locked_down;		/* root cannot change the running kernel */
	enum known signed_only;		/* modules without a signature are refused */
	enum known driver;		/* scrim.ko is loaded */
	enum known driver_signed;	/* with a signature that the kernel knows */
	enum known bpf;			/* BPF programs may guard, if there were one */
};

/* root is "" but in tests. */
void machine_look(struct machine *machine, const char *root);

#endif
