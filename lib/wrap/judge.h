/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an open means: the camera's names get the camera, other cameras are refused, and
 * everything else is the kernel's matter.
 */
#ifndef WRAP_JUDGE_H
#define WRAP_JUDGE_H

#include <stdint.h>

#include "wrap/supervise.h"

#define FACT_MAX	256		/* bytes */

enum open_verdict {
	VERDICT_KERNEL,			/* it goes on as if nobody had looked */
	VERDICT_CAMERA,			/* it gets the session's file */
	VERDICT_FACT,			/* it gets a text of that camera */
	VERDICT_REFUSE,			/* a camera, and not that one */
};

/* "/dev//./video0" is "/dev/video0"; ".." is left as it is. */
void judge_simplify(char *path);

/* flags are those of open(); fact is filled for VERDICT_FACT. */
enum open_verdict judge_open(const struct supervised *supervised, const char *path, uint64_t flags,
			     char fact[FACT_MAX]);

#endif
