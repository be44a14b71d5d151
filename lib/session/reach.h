/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process that reads and writes the memory of programs.  The kernel makes it wait while
 * one of them maps or unmaps, which may itself wait for an answer about the session's file:
 * so it must not be the one who answers.
 */
#ifndef SESSION_REACH_H
#define SESSION_REACH_H

#include "guard/cage.h"
#include "session/device.h"

struct reacher {
	int fd;				/* readable when an order is done; -1: none */
	struct caged_child child;
};
#define REACHER_NONE	{ .fd = -1 }

#define REACH_MAX	(DEVICE_CONTROLS_MAX * sizeof(struct v4l2_ext_control))

/* One at a time: sent as it is, and it comes back with what was found. */
struct reach {
	int32_t pid;			/* whose memory; it waits for us, and cannot end meanwhile */
	int32_t ret;			/* 0, -EFAULT, or -EPERM: nobody may look */
	uint64_t address;
	uint32_t size;			/* bytes */
	uint32_t deliver;		/* else: fetch */
	uint8_t bytes[REACH_MAX];
};

/* The process is caged, and ends when fd is closed. */
int reacher_start(struct reacher *reacher, struct scrim_error *err);
/* False: it waits in the kernel for an answer about the file.  Answer, and call it again. */
bool reacher_stop(struct reacher *reacher);
int reacher_order(const struct reacher *reacher, const struct reach *reach);
/* 1: it is done; 0: not yet; -EPIPE: the process has ended. */
int reacher_done(const struct reacher *reacher, struct reach *reach);

#endif
