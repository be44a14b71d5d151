/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the cages are made of.
 */
#ifndef GUARD_CAGE_PARTS_H
#define GUARD_CAGE_PARTS_H

#include <seccomp.h>
#include <sys/syscall.h>

#include "guard/cage.h"

/* Where the kernel has these in their general form only, the C library calls that. */
#ifndef __NR_poll
#define __NR_poll	__NR_ppoll
#endif
#ifndef __NR_readlink
#define __NR_readlink	__NR_readlinkat
#endif

#define MAY(call, why)	{ __NR_##call, #call, why }
#define CAGE_TABLE(list)	.at = list, .count = sizeof(list) / sizeof((list)[0])

/* struct landlock_ruleset_attr of later kernels. */
struct cage_rights {
	uint64_t files, net, scopes;
};

/* All that the running kernel's Landlock knows, and the bytes of that; 0: there is no Landlock. */
int cage_all_rights(struct cage_rights *all);
int cage_deny_rights(struct scrim_error *err);

/* Bytes: of a file, and of memory beside what there is. */
int cage_bound(uint64_t file, uint64_t memory, struct scrim_error *err);

/* All forms of a call, or those that the cages for files and cameras permit. */
int cage_allow(scmp_filter_ctx filter, const struct permission *may);
/* What a sanitizer needs; nothing in what is shipped. */
int cage_allow_sanitizer(scmp_filter_ctx filter);

/* By cage_leave_out(). */
bool cage_is_left_out(int line);

/* The filter of cage_enter_tool(), to be loaded or looked at, and released; NULL: none. */
scmp_filter_ctx cage_tool_filter(void);

#endif
