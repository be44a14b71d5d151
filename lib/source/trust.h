/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose certificates are believed: a file of them, read before a cage closes and taken apart
 * in it.
 */
#ifndef SOURCE_TRUST_H
#define SOURCE_TRUST_H

#include "error.h"

/* What Debian's ca-certificates keeps. */
#define TRUST_SYSTEM	"/etc/ssl/certs/ca-certificates.crt"

struct trust {
	char *pem;			/* NULL: nobody's */
	size_t size;
	bool own;			/* the policy's, not the system's */
};

/* path empty: the system's. */
int trust_read(struct trust *trust, const char *path, struct scrim_error *err);
void trust_free(struct trust *trust);

#endif
