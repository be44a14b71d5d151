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

struct parameter {
	char name[32], value[REPLY_TEXT_MAX];
	bool bare;			/* a word without a value */
	bool unfit;			/* the value is too long, without end, or has a backslash */
};

/* name="value" or name=value; NULL: there are no more. */
static const char *parameter(const char *at, const char *separators, struct parameter *p)
{
	size_t length = 0;
	bool quoted;

	*p = (struct parameter){ 0 };
	at += strspn(at, separators);
	length = strcspn(at, "=,; \t");
	if (!length)
		return NULL;
	snprintf(p->name, sizeof(p->name), "%.*s", (int)(length < 31 ? length : 31), at);
	at += length;
	p->bare = *at != '=';
	if (p->bare)
		return at;
	quoted = *++at == '"';
	at += quoted;
	length = strcspn(at, quoted ? "\"\\" : ",; \t\\");
	while (at[length] == '\\') {
		p->unfit = true;
		length += at[length + 1] ? 2 : 1;
		length += strcspn(at + length, quoted ? "\"\\" : ",; \t\\");
	}
	p->unfit |= length >= sizeof(p->value) || (quoted && !at[length]);
	if (!p->unfit)
		memcpy(p->value, at, length);
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

/* A server's question: there may be several of them, in one line or in many. */
struct question {
	bool basic, digest;
	bool unknown;			/* it wants what we do not have */
	struct challenge challenge;
};

static void begin_question(struct question *q, const char *scheme)
{
	*q = (struct question){
		.basic = !strcasecmp(scheme, "Basic"), .digest = !strcasecmp(scheme, "Digest"),
		.challenge.digest = true,
	};
}

/* Of Digest the first that we know. */
static void end_question(struct challenge *c, struct question *q)
{
	c->basic |= q->basic;
	if (!q->digest || q->unknown || c->digest)
		return;
	q->challenge.basic = c->basic;
	*c = q->challenge;
}

static void take_digest(struct question *q, const struct parameter *p)
{
	struct challenge *c = &q->challenge;

	q->unknown |= p->unfit;
	if (!strcasecmp(p->name, "realm"))
		memcpy(c->realm, p->value, sizeof(c->realm));
	else if (!strcasecmp(p->name, "nonce"))
		memcpy(c->nonce, p->value, sizeof(c->nonce));
	else if (!strcasecmp(p->name, "opaque"))
		memcpy(c->opaque, p->value, sizeof(c->opaque));
	else if (!strcasecmp(p->name, "stale"))
		c->stale = !strcasecmp(p->value, "true");
	else if (!strcasecmp(p->name, "qop"))
		c->auth = has_word(p->value, "auth");
	else if (strcasecmp(p->name, "algorithm"))
		return;
	q->unknown |= (!strcasecmp(p->name, "qop") && !c->auth) ||
		      (!strcasecmp(p->name, "algorithm") && strcasecmp(p->value, "MD5"));
}

static int take_challenge(struct reply *reply, const char *value, struct scrim_error *err)
{
	struct question question = { 0 };
	struct parameter p;

	while ((value = parameter(value, ", \t", &p))) {
		if (p.bare) {
			end_question(&reply->challenge, &question);
			begin_question(&question, p.name);
		} else if (question.digest) {
			take_digest(&question, &p);
		}
	}
	end_question(&reply->challenge, &question);
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

/* It goes into lines of requests. */
static int take_base(struct reply *reply, const char *value, struct scrim_error *err)
{
	if (value[strcspn(value, " \t\"")])
		return fail(err, -EBADMSG, "the camera's base address is none");
	return copy(reply->base, sizeof(reply->base), value, strlen(value), err);
}

/* "12345678;timeout=60" */
static int take_session(struct reply *reply, const char *value, struct scrim_error *err)
{
	struct parameter p;
	const char *at = value + strcspn(value, "; \t");
	int ret = copy(reply->session, sizeof(reply->session), value, at - value, err);

	while (ret >= 0 && (at = parameter(at, "; \t", &p)))
		if (!strcasecmp(p.name, "timeout"))
			ret = number(&reply->timeout, p.value, "", err);
	return ret;
}

/* "RTP/AVP/TCP;unicast;interleaved=0-1" */
static int take_transport(struct reply *reply, const char *value, struct scrim_error *err)
{
	struct parameter p;
	unsigned channel = 0;
	int ret = 0;

	while (ret >= 0 && (value = parameter(value, "; \t", &p))) {
		if (strcasecmp(p.name, "interleaved"))
			continue;
		ret = number(&channel, p.value, "-", err);
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
