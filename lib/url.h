/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of cameras in the network: rtsp:// and http://, and over TLS rtsps:// and https://.
 * A user and a password are never part of one, since addresses are shown.
 */
#ifndef LIB_URL_H
#define LIB_URL_H

#include <stdbool.h>

#include "error.h"

#define URL_TEXT_MAX	256

struct url {
	bool http;			/* else rtsp */
	bool secure;			/* over TLS */
	bool bracketed;			/* the host is an IPv6 address */
	char host[URL_TEXT_MAX];
	char port[8];			/* a number */
	char path[URL_TEXT_MAX];	/* from its slash on, with the query */
};

/* It has a scheme, a known one or not: "rtsp://", "https://". */
bool url_is_one(const char *text);
/* Or it was to be one: "rtsp:/host". */
bool url_is_meant(const char *text);

/* It is called over TLS. */
bool url_is_secure(const char *text);

/*
 * -EINVAL: it is no address, or has a user in it; -ENOTSUP: a scheme that is not known.  No
 * error text has the address in it.
 */
int url_parse(struct url *url, const char *text, struct scrim_error *err);

/*
 * How an address may be told to anybody: without a user, and nothing behind the first of
 * ? & = ; in it.  What was to be one is shown up to its colon, and other text is copied.
 */
void url_show(char *to, size_t size, const char *text);

/* As requests have it: "rtsp://host:port/path"; cut when it does not fit. */
void url_write(char *to, size_t size, const struct url *url);

#endif
