/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an open means: the camera's names get the camera, other cameras are refused, and
 * everything else is the kernel's matter.
 */
#ifndef WRAP_OPENS_H
#define WRAP_OPENS_H

#include <stdint.h>

#include "wrap/supervise.h"

#define FACT_MAX	256		/* bytes */

enum meaning {
	OPEN_IS_KERNELS,		/* it goes on as if nobody had looked */
	OPEN_IS_CAMERA,			/* it gets the session's file */
	OPEN_IS_FACT,			/* it gets a text of that camera */
	OPEN_IS_REFUSED,		/* a camera, and not that one */
};

/* "/dev//./video0" is "/dev/video0"; ".." is left as it is. */
void opens_simplify(char *path);

/* flags are those of open(); fact is filled for OPEN_IS_FACT. */
enum meaning opens_judge(const struct supervised *supervised, const char *path, uint64_t flags,
			 char fact[FACT_MAX]);

#endif
