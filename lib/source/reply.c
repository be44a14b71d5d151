// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/reply.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>


static const char *skip(const char *at)
{
	return at + strspn(at, " \t");
}

static int no_answer(struct scrim_error *err)
{
	return fail(err, -EBADMSG, "the camera's answer is none of RTSP or HTTP");
}

/* Digits, and nothing but blanks and `after` behind them. */
static int number(unsigned *to, const char *text, const char *after, struct scrim_error *err)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > 9 || !strchr(after, *skip(text + digits)))
		return no_answer(err);
	*to = strtoul(text, NULL, 10);
	return 0;
}

/* What does not fit is none: half of it would be something else. */
static int copy(char *to, size_t size, const char *text, size_t length, struct scrim_error *err)
{
	if (length >= size)
		return no_answer(err);
	memcpy(to, text, length);
	to[length] = '\0';
	return 0;
}

int reply_first(struct reply *reply, const char *line, struct scrim_error *err)
{
	const char *at = line;
	size_t length = strlen(line);

	*reply = (struct reply){ .channel = -1 };
	if (length > 9 && !strcmp(line + length - 9, " RTSP/1.0")) {
		reply->request = true;
		return 0;
	}
	if (strncmp(at, "RTSP/1.", 7) && strncmp(at, "HTTP/1.", 7))
		return no_answer(err);
	at = skip(at + strcspn(at, " "));
	if (strspn(at, "0123456789") != 3 || *at == '0' || (at[3] && at[3] != ' '))
		return no_answer(err);
	reply->status = atoi(at);
	return 0;
}

/* name="value" or name=value; NULL: there are no more. */
static const char *parameter(const char *at, const char *separators, char name[32],
			     char value[REPLY_TEXT_MAX])
{
	size_t length, longest = REPLY_TEXT_MAX - 1;
	bool quoted;

	at += strspn(at, separators);
	length = strcspn(at, "=,; \t");
	if (!length)
		return NULL;
	snprintf(name, 32, "%.*s", (int)(length < 31 ? length : 31), at);
	at += length;
	*value = '\0';
	if (*at != '=')
		return at;
	quoted = *++at == '"';
	at += quoted;
	length = strcspn(at, quoted ? "\"" : ",; \t");
	snprintf(value, REPLY_TEXT_MAX, "%.*s", (int)(length < longest ? length : longest), at);
	at += length;
	return at + (quoted && *at == '"');
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (size_t here; *(list += strspn(list, ", \t")); list += here) {
		here = strcspn(list, ", \t");
		if (here == length && !strncasecmp(list, word, length))
			return true;
	}
	return false;
}

/* Digest with another hash than MD5 is one that we do not know, and left to the next line. */
static void take_digest(struct challenge *c, const char *at)
{
	char name[32], value[REPLY_TEXT_MAX];
	struct challenge new = { .basic = c->basic, .digest = true };

	while ((at = parameter(at, ", \t", name, value))) {
		if (!strcasecmp(name, "realm"))
			memcpy(new.realm, value, sizeof(value));
		else if (!strcasecmp(name, "nonce"))
			memcpy(new.nonce, value, sizeof(value));
		else if (!strcasecmp(name, "opaque"))
			memcpy(new.opaque, value, sizeof(value));
		else if (!strcasecmp(name, "qop"))
			new.auth = has_word(value, "auth");
		else if (!strcasecmp(name, "algorithm") && strcasecmp(value, "MD5"))
			return;
	}
	*c = new;
}

static int take_challenge(struct reply *reply, const char *value, struct scrim_error *err)
{
	if (!strncasecmp(value, "Basic", 5))
		reply->challenge.basic = true;
	else if (!strncasecmp(value, "Digest ", 7) && !reply->challenge.digest)
		take_digest(&reply->challenge, value + 7);
	return 0;
}

static int take_length(struct reply *reply, const char *value, struct scrim_error *err)
{
	unsigned length = 0;
	int ret = number(&length, value, "", err);

	reply->length = length;
	return ret;
}

static int take_cseq(struct reply *reply, const char *value, struct scrim_error *err)
{
	return number(&reply->cseq, value, "", err);
}

static int take_type(struct reply *reply, const char *value, struct scrim_error *err)
{
	int ret = copy(reply->type, sizeof(reply->type), value, strcspn(value, "; \t"), err);

	for (char *c = reply->type; *c; c++)
		*c = tolower((unsigned char)*c);
	return ret;
}

static int take_base(struct reply *reply, const char *value, struct scrim_error *err)
{
	return copy(reply->base, sizeof(reply->base), value, strlen(value), err);
}

/* "12345678;timeout=60" */
static int take_session(struct reply *reply, const char *value, struct scrim_error *err)
{
	char name[32], text[REPLY_TEXT_MAX];
	const char *at = value + strcspn(value, "; \t");
	int ret = copy(reply->session, sizeof(reply->session), value, at - value, err);

	while (ret >= 0 && (at = parameter(at, "; \t", name, text)))
		if (!strcasecmp(name, "timeout"))
			ret = number(&reply->timeout, text, "", err);
	return ret;
}

/* "RTP/AVP/TCP;unicast;interleaved=0-1" */
static int take_transport(struct reply *reply, const char *value, struct scrim_error *err)
{
	char name[32], text[REPLY_TEXT_MAX];
	unsigned channel = 0;
	int ret = 0;

	while (ret >= 0 && (value = parameter(value, "; \t", name, text))) {
		if (strcasecmp(name, "interleaved"))
			continue;
		ret = number(&channel, text, "-", err);
		if (ret >= 0 && channel > 255)
			ret = no_answer(err);
		reply->channel = channel;
	}
	return ret;
}

static int take_public(struct reply *reply, const char *value, struct scrim_error *err)
{
	reply->get_parameter = has_word(value, "GET_PARAMETER");
	return 0;
}

static int take_coding(struct reply *reply, const char *value, struct scrim_error *err)
{
	reply->chunked = strcasecmp(value, "identity");
	return 0;
}

static const struct header {
	const char *name;
	int (*take)(struct reply *reply, const char *value, struct scrim_error *err);
} headers[] = {
	{ "CSeq",		take_cseq },
	{ "Content-Length",	take_length },
	{ "Content-Type",	take_type },
	{ "Content-Base",	take_base },
	{ "Public",		take_public },
	{ "Session",		take_session },
	{ "Transfer-Encoding",	take_coding },
	{ "Transport",		take_transport },
	{ "WWW-Authenticate",	take_challenge },
};

/* Blanks behind a value mean nothing; headers that we do not know either. */
int reply_line(struct reply *reply, char *line, struct scrim_error *err)
{
	size_t name = strcspn(line, ":"), length = strlen(line);

	if (line[name] != ':')
		return no_answer(err);
	while (length && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		line[--length] = '\0';
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (strlen(headers[i].name) == name && !strncasecmp(headers[i].name, line, name))
			return headers[i].take(reply, skip(line + name + 1), err);
	return 0;
}

int reply_read(struct reply *reply, struct link *link, struct scrim_error *err)
{
	char line[REPLY_LINE_MAX];
	int ret = link_line(link, line, sizeof(line), err);

	if (ret >= 0)
		ret = reply_first(reply, line, err);
	for (unsigned lines = 0; ret >= 0; lines++) {
		ret = link_line(link, line, sizeof(line), err);
		if (ret >= 0 && !*line)
			return 0;
		if (ret >= 0)
			ret = lines < REPLY_LINES_MAX ? reply_line(reply, line, err) : no_answer(err);
	}
	return ret;
}
