// SPDX-License-Identifier: LGPL-2.1-or-later
#include "url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SCHEME_LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."
#define HOST_LETTERS	SCHEME_LETTERS "_"
#define PORT_MAX	65535

/* Bytes of "rtsp://"; 0: there is none. */
static size_t scheme_bytes(const char *text)
{
	size_t letters = strspn(text, SCHEME_LETTERS);

	return letters && !strncmp(text + letters, "://", 3) ? letters + 3 : 0;
}

bool url_is_one(const char *text)
{
	return scheme_bytes(text);
}

bool url_is_meant(const char *text)
{
	static const char *const schemes[] = { "rtsp:", "rtsps:", "http:", "https:" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (!strncasecmp(text, schemes[i], strlen(schemes[i])))
			return true;
	return url_is_one(text);
}

bool url_is_secure(const char *text)
{
	return !strncmp(text, "rtsps://", 8) || !strncmp(text, "https://", 8);
}

static int parse_scheme(struct url *url, const char *text, struct scrim_error *err)
{
	static const struct scheme {
		const char *text;
		bool http, secure;
		const char *port;
	} schemes[] = {
		{ "rtsp://",  false, false, "554" },
		{ "rtsps://", false, true,  "322" },
		{ "http://",  true,  false, "80" },
		{ "https://", true,  true,  "443" },
	};

	for (const struct scheme *s = schemes; s < schemes + sizeof(schemes) / sizeof(*s); s++) {
		if (strncmp(text, s->text, strlen(s->text)))
			continue;
		url->http = s->http;
		url->secure = s->secure;
		snprintf(url->port, sizeof(url->port), "%s", s->port);
		return 0;
	}
	return fail(err, -ENOTSUP, "not the address of a camera, which begins with rtsp://, rtsps://, "
		    "http:// or https://");
}

/* "host", "host:port", "[::1]:port" */
static int parse_host(struct url *url, const char *at, size_t length, struct scrim_error *err)
{
	size_t host = 0, digits;

	url->bracketed = *at == '[';
	if (url->bracketed)
		host = strspn(at + 1, "0123456789abcdefABCDEF:.");
	else
		host = strspn(at, HOST_LETTERS);
	if (!host || host >= sizeof(url->host) || (url->bracketed && at[host + 1] != ']'))
		return fail(err, -EINVAL, "the address has no host");
	snprintf(url->host, sizeof(url->host), "%.*s", (int)host, at + url->bracketed);
	host += 2 * url->bracketed;
	if (host == length)
		return 0;
	digits = strspn(at + host + 1, "0123456789");
	if (at[host] != ':' || !digits || digits > 5 || host + 1 + digits != length ||
	    atoi(at + host + 1) > PORT_MAX || atoi(at + host + 1) == 0)
		return fail(err, -EINVAL, "the address has no host, or what follows it is no port");
	snprintf(url->port, sizeof(url->port), "%.*s", (int)digits, at + host + 1);
	return 0;
}

/* It goes into a line of a request as it is. */
static bool path_is_sound(const char *path)
{
	for (; *path; path++)
		if ((unsigned char)*path <= ' ' || (unsigned char)*path >= 0x7f || *path == '"')
			return false;
	return true;
}

int url_parse(struct url *url, const char *text, struct scrim_error *err)
{
	int ret = parse_scheme(url, text, err);
	const char *host, *path;

	if (ret < 0)
		return ret;
	host = text + scheme_bytes(text);
	path = host + strcspn(host, "/?");
	/* In a path too: a password may have a slash. */
	if (strchr(host, '@'))
		return fail(err, -EINVAL, "a user and a password do not belong in an address, which is "
			    "shown; write them into a file of mode 0600: user:password, and name it "
			    "as credentials (@ in a path is written as %%40)");
	ret = parse_host(url, host, path - host, err);
	if (ret < 0)
		return ret;
	if (!path_is_sound(path) || strchr(path, '#') ||
	    snprintf(url->path, sizeof(url->path), "%s%s", *path == '/' ? "" : "/", path) >=
	    (int)sizeof(url->path))
		return fail(err, -EINVAL, "what follows the host is no path: blanks and the like "
			    "are written as %%20");
	return 0;
}

void url_show(char *to, size_t size, const char *text)
{
	const char *host = text + scheme_bytes(text), *user, *query;

	if (host == text && url_is_meant(text)) {
		snprintf(to, size, "%.*s...", (int)strcspn(text, ":") + 1, text);
		return;
	}
	if (host == text) {
		snprintf(to, size, "%s", text);
		return;
	}
	/* In front of the last @ anything may be a password, a slash in it as well. */
	user = strrchr(host, '@');
	query = strpbrk(user ? user : host, "?&=;");
	snprintf(to, size, "%.*s%s%.*s%s", (int)(host - text), text, user ? "..." : "",
		 query ? (int)(query - (user ? user : host)) : URL_TEXT_MAX,
		 user ? user : host, query ? (char[]){ *query, '.', '.', '.', '\0' } : "");
}

void url_write(char *to, size_t size, const struct url *url)
{
	snprintf(to, size, "%s%s://%s%s%s:%s%s", url->http ? "http" : "rtsp",
		 url->secure ? "s" : "", url->bracketed ? "[" : "", url->host, url->bracketed ? "]" : "", url->port,
		 url->path);
}
