/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS 1.2 or 1.3 over a link, by GnuTLS.  The camera has a certificate of the name by which it is
 * called, from somebody who is trusted; or one that is itself in the policy's file, whatever
 * name is in it.  All that comes from the camera is taken apart here, in the cage.
 */
#ifndef SOURCE_TLS_H
#define SOURCE_TLS_H

#include "source/link.h"
#include "source/trust.h"

struct tls;

/*
 * Until both sides are sure, which has to be in time as link_expect() says; from then on the link
 * is read and written through it.  -EACCES: the certificate is not to be trusted.
 */
int tls_begin(struct tls **tls, struct link *link, const char *host, const struct trust *trust,
	      struct scrim_error *err);
void tls_free(struct tls **tls);

/* For the link: as read(2), but for -EAGAIN and errors that are told; 0: the other side ended. */
ssize_t tls_read(struct tls *tls, void *bytes, size_t size, struct scrim_error *err);
/* As write(2). */
ssize_t tls_write(struct tls *tls, const void *bytes, size_t size);

#endif
