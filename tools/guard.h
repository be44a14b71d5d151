/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guard in the kernel (tools/bpf/guard.c), which stays when the command that set it up
 * has ended: it is pinned below GUARD_PINS.
 */
#ifndef TOOLS_GUARD_H
#define TOOLS_GUARD_H

#include "bpf/guard.h"
#include "error.h"

#define GUARD_PINS	"/sys/fs/bpf/scrim"

/* Device numbers as the kernel has them. */
struct guarded {
	struct guard_program feeder;
	unsigned count;
	__u32 device[GUARD_NODES_MAX];
};

#define GUARD_DEVICE(major, minor)	((__u32)(major) << 20 | (__u32)(minor))

/* -ENOTSUP, and why: this kernel or this build cannot. */
int guard_can(struct scrim_error *err);
bool guard_is_on(void);
/* Whole or not at all. */
int guard_start(const struct guarded *guarded, struct scrim_error *err);
/* Of one that is on: what it guards from now on. */
int guard_set(const struct guarded *guarded, struct scrim_error *err);
int guard_get(struct guarded *guarded, struct scrim_error *err);
int guard_stop(struct scrim_error *err);

#endif
