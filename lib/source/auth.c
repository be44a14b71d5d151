// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/auth.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <libavutil/base64.h>
#include <libavutil/md5.h>

#define HASH_TEXT	33

static void hash(char to[HASH_TEXT], const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void hash(char to[HASH_TEXT], const char *fmt, ...)
{
	char text[4 * REPLY_TEXT_MAX];
	uint8_t sum[16];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	av_md5_sum(sum, (const uint8_t *)text, strlen(text));
	for (unsigned i = 0; i < sizeof(sum); i++)
		snprintf(to + 2 * i, 3, "%02x", sum[i]);
	explicit_bzero(text, sizeof(text));
}

static void basic(char line[AUTH_LINE_MAX], const struct secret *secret)
{
	char text[2 * SECRET_MAX], coded[AV_BASE64_SIZE(sizeof(text))];

	snprintf(text, sizeof(text), "%s:%s", secret->user, secret->password);
	av_base64_encode(coded, sizeof(coded), (const uint8_t *)text, strlen(text));
	snprintf(line, AUTH_LINE_MAX, "Authorization: Basic %s\r\n", coded);
}

/* RFC 7616, 3.4.1; without qop as RFC 2069 had it, which cameras still do. */
static void digest(char line[AUTH_LINE_MAX], const struct challenge *c,
		   const struct secret *secret, const char *method, const char *uri, unsigned count)
{
	char who[HASH_TEXT], what[HASH_TEXT], answer[HASH_TEXT], nonces[64] = "";
	uint64_t noise = 0;
	int used;

	hash(who, "%s:%s:%s", secret->user, c->realm, secret->password);
	hash(what, "%s:%s", method, uri);
	if (c->auth) {
		if (getrandom(&noise, sizeof(noise), 0) != sizeof(noise))
			noise = (uintptr_t)line;
		hash(answer, "%s:%s:%08x:%016llx:auth:%s", who, c->nonce, count,
		     (unsigned long long)noise, what);
		snprintf(nonces, sizeof(nonces), ", qop=auth, nc=%08x, cnonce=\"%016llx\"", count,
			 (unsigned long long)noise);
	} else {
		hash(answer, "%s:%s:%s", who, c->nonce, what);
	}
	used = snprintf(line, AUTH_LINE_MAX, "Authorization: Digest username=\"%s\", realm=\"%s\", "
			"nonce=\"%s\", uri=\"%s\", response=\"%s\"", secret->user, c->realm,
			c->nonce, uri, answer);
	snprintf(line + used, AUTH_LINE_MAX - used, "%s%s%s%s\r\n", nonces,
		 *c->opaque ? ", opaque=\"" : "", c->opaque, *c->opaque ? "\"" : "");
}

int auth_write(char line[AUTH_LINE_MAX], const struct challenge *challenge,
	       const struct secret *secret, const char *method, const char *uri, unsigned count,
	       struct scrim_error *err)
{
	if (!*secret->user)
		return fail(err, -EACCES, "the camera wants a user and a password; write them into "
			    "a file of mode 0600, and name it as credentials");
	if (challenge->digest)
		digest(line, challenge, secret, method, uri, count);
	else if (challenge->basic)
		basic(line, secret);
	else
		return fail(err, -EACCES, "the camera asks for a password in a way that is not "
			    "known here: neither Basic nor Digest with MD5");
	return 0;
}
