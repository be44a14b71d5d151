/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cage: a process that reads bytes of strangers keeps the descriptors that it
 * was given and can do nothing else.  The table says what it may still ask of the
 * kernel, with a reason a line.
 */
#ifndef GUARD_CAGE_H
#define GUARD_CAGE_H

#include "error.h"

struct permission {
	int call;			/* __NR_... */
	const char *name;
	const char *reason;
};

extern const struct permission cage_permissions[];
extern const unsigned cage_permissions_count;

/* Bytes of memory that a caged process may take, on top of what it has. */
#define CAGE_MEMORY_MAX		(1536ull << 20)

/*
 * No way back.  Landlock denies the file system (where the kernel has it),
 * seccomp kills on every call that is not in the table, memory is bounded, and
 * the process dies with its parent.
 */
int cage_enter(struct scrim_error *err);

/* For the tests: the same table with one line missing; -1: none. */
int cage_enter_without(int line, struct scrim_error *err);

#endif
