/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guard in the kernel and the command that sets it up agree on.
 */
#ifndef BPF_GUARD_H
#define BPF_GUARD_H

#include <linux/types.h>

#define GUARD_NODES_MAX		256

/* The file of a program.  device is as the kernel has it: 12 bits of major, 20 of minor. */
struct guard_program {
	__u64 inode;
	__u32 device;
	__u32 reserved;			/* zero */
};

#endif
