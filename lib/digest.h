/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SHA-256, as sha256sum(1) prints it.
 */
#ifndef LIB_DIGEST_H
#define LIB_DIGEST_H

#include <sodium.h>

#include "consent/fields.h"

/* Of what was added to the state, which is of no use after it. */
void digest_end(char text[SHA256_TEXT_MAX], crypto_hash_sha256_state *state);

/*
 * Of a whole file, from its beginning, wherever it stands; it is left at its end.  With nothing
 * but calls that a cage has; minisign_init() came before.  bytes may be NULL: how many there were.
 */
int digest_fd(char text[SHA256_TEXT_MAX], uint64_t *bytes, int fd, const char *name,
	      struct scrim_error *err);

#endif
