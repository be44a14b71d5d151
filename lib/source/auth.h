/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who we are, for servers that ask: RFC 7617 (Basic) and RFC 7616 (Digest with MD5).
 */
#ifndef SOURCE_AUTH_H
#define SOURCE_AUTH_H

#include "source/reply.h"

#define SECRET_MAX	128
#define AUTH_LINE_MAX	2048

/* Empty user: none. */
struct secret {
	char user[SECRET_MAX], password[SECRET_MAX];
};

/*
 * Reads "user:password" from a file of ours, or root's, that nobody else can read.  No error text
 * has anything of what is in it.
 */
int secret_read(struct secret *secret, const char *path, struct scrim_error *err);

/*
 * "Authorization: ...\r\n" for a request.  count is how often this challenge was answered,
 * from 1 on.  -EACCES: there is no secret, or the server wants one of a kind that we do not have;
 * -EBADMSG: the line would be too long.
 */
int auth_write(char line[AUTH_LINE_MAX], const struct challenge *challenge,
	       const struct secret *secret, const char *method, const char *uri, unsigned count,
	       struct scrim_error *err);

#endif
