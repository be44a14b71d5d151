// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/auth.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <libavutil/base64.h>
#include <libavutil/md5.h>

#define HASH_TEXT	33
#define HASHED_MAX	AUTH_LINE_MAX

static int too_long(struct scrim_error *err)
{
	return fail(err, -EBADMSG, "what the camera asks for is too long to be answered");
}

/* Cut, it would be the hash of something else. */
static int hash(char to[HASH_TEXT], struct scrim_error *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int hash(char to[HASH_TEXT], struct scrim_error *err, const char *fmt, ...)
{
	char text[HASHED_MAX];
	uint8_t sum[16];
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (length >= 0 && length < HASHED_MAX) {
		av_md5_sum(sum, (const uint8_t *)text, length);
		for (unsigned i = 0; i < sizeof(sum); i++)
			snprintf(to + 2 * i, 3, "%02x", sum[i]);
	}
	explicit_bzero(text, sizeof(text));
	return length >= 0 && length < HASHED_MAX ? 0 : too_long(err);
}

static int basic(char line[AUTH_LINE_MAX], const struct secret *secret, struct scrim_error *err)
{
	char text[2 * SECRET_MAX], coded[AV_BASE64_SIZE(sizeof(text))];
	int length = snprintf(text, sizeof(text), "%s:%s", secret->user, secret->password);

	if (length < 0 || length >= (int)sizeof(text) ||
	    !av_base64_encode(coded, sizeof(coded), (const uint8_t *)text, length))
		return too_long(err);
	length = snprintf(line, AUTH_LINE_MAX, "Authorization: Basic %s\r\n", coded);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(coded, sizeof(coded));
	return length >= 0 && length < AUTH_LINE_MAX ? 0 : too_long(err);
}

/* RFC 7616, 3.4.1; without qop as RFC 2069 had it, which cameras still do. */
static int digest(char line[AUTH_LINE_MAX], const struct challenge *c, const struct secret *secret,
		  const char *method, const char *uri, unsigned count, struct scrim_error *err)
{
	char who[HASH_TEXT], what[HASH_TEXT], answer[HASH_TEXT], nonces[64] = "";
	unsigned long long noise = 0;
	int ret, used;

	if (c->auth && getrandom(&noise, sizeof(noise), 0) != sizeof(noise))
		return fail(err, -EIO, "no random numbers to answer the camera with");
	ret = hash(who, err, "%s:%s:%s", secret->user, c->realm, secret->password);
	if (ret >= 0)
		ret = hash(what, err, "%s:%s", method, uri);
	if (ret >= 0 && c->auth)
		ret = hash(answer, err, "%s:%s:%08x:%016llx:auth:%s", who, c->nonce, count, noise,
			   what);
	else if (ret >= 0)
		ret = hash(answer, err, "%s:%s:%s", who, c->nonce, what);
	if (ret >= 0 && c->auth &&
	    snprintf(nonces, sizeof(nonces), ", qop=auth, nc=%08x, cnonce=\"%016llx\"", count,
		     noise) >= (int)sizeof(nonces))
		ret = too_long(err);
	if (ret < 0)
		return ret;
	used = snprintf(line, AUTH_LINE_MAX, "Authorization: Digest username=\"%s\", realm=\"%s\", "
			"nonce=\"%s\", uri=\"%s\", response=\"%s\"%s%s%s%s\r\n", secret->user,
			c->realm, c->nonce, uri, answer, nonces, *c->opaque ? ", opaque=\"" : "",
			c->opaque, *c->opaque ? "\"" : "");
	return used >= 0 && used < AUTH_LINE_MAX ? 0 : too_long(err);
}

int auth_write(char line[AUTH_LINE_MAX], const struct challenge *challenge,
	       const struct secret *secret, const char *method, const char *uri, unsigned count,
	       struct scrim_error *err)
{
	if (!*secret->user)
		return fail(err, -EACCES, "the camera wants a user and a password; write them into "
			    "a file of mode 0600, and name it as credentials");
	if (challenge->digest)
		return digest(line, challenge, secret, method, uri, count, err);
	if (challenge->basic)
		return basic(line, secret, err);
	return fail(err, -EACCES, "the camera asks for a password in a way that is not "
		    "known here: neither Basic nor Digest with MD5");
}
