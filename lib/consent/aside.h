/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A small file that is there whole or not at all, also when the machine loses power.
 */
#ifndef CONSENT_ASIDE_H
#define CONSENT_ASIDE_H

#include <sys/types.h>

#include "error.h"

enum aside {
	ASIDE_NEW,		/* -EEXIST where there is one */
	ASIDE_INSTEAD,		/* of one that may be there */
};

/* folder is open; name is below it. */
int aside_write(int folder, const char *name, const char *text, mode_t mode, enum aside aside,
		struct scrim_error *err);

#endif
