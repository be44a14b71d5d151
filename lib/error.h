/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An error is described once, by whoever knows most: fail() fills *err and
 * returns the number, callers pass it up, tools print it.
 */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

#include <errno.h>

#include "scrim.h"

/*
 * Returns code, a negative errno.  err may be NULL.  The text is cut to fit and
 * control characters in it become '?', so that a file's name cannot forge lines.
 */
int fail(struct scrim_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
