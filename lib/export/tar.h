/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All files of a folder as a tar file that is the same whoever makes it and when: sorted by name,
 * nobody's, of 1970, readable by all.
 */
#ifndef EXPORT_TAR_H
#define EXPORT_TAR_H

#include <stdint.h>

#include "error.h"

/*
 * first: the name of the file that comes first, or NULL.  *bytes is the length of what was written
 * to the pipe.  -EPIPE: nobody reads it.
 */
int tar_write(uint64_t *bytes, int pipe, int folder, const char *first, const volatile int *stop,
	      struct scrim_error *err);

#endif
