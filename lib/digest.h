/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SHA-256 of a file, as sha256sum(1) prints it.
 */
#ifndef LIB_DIGEST_H
#define LIB_DIGEST_H

#include "consent/fields.h"

/*
 * Of the whole file, from its beginning, wherever it stands; it is left at its end.  With nothing
 * but calls that a cage has; minisign_init() came before.  bytes may be NULL: how many there were.
 */
int digest_fd(char text[SHA256_TEXT_MAX], uint64_t *bytes, int fd, const char *name,
	      struct scrim_error *err);

#endif
