// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/rtsp.h"

#include <stdio.h>
#include <string.h>

#define BODY_MAX	(64u << 10)	/* of a description */
#define REQUEST_MAX	6144
#define ADDRESS_MAX	1536
#define USUAL_TIMEOUT	60		/* seconds; RFC 2326, 12.37 */
#define BILLION		INT64_C(1000000000)
#define AGENT		"User-Agent: scrim\r\n"

void caller_begin(struct caller *caller, int fd, const struct url *url,
		  const struct secret *secret)
{
	link_begin(&caller->link, fd);
	caller->url = url;
	caller->secret = secret;
	caller->challenge = (struct challenge){ 0 };
	caller->answers = 0;
}

/* What a status that is not 200 means to whom it concerns. */
static int refused(unsigned status, struct scrim_error *err)
{
	switch (status) {
	case 401:
		return fail(err, -EKEYREJECTED, "the camera does not know the user, or the password is wrong");
	case 403:
		return fail(err, -EACCES, "the camera does not let this user see it (403)");
	case 404:
		return fail(err, -EBADMSG, "the camera has nothing at this address (404)");
	case 453: case 503:
		return fail(err, -EAGAIN, "the camera has no room for another who watches (%u)", status);
	case 461:
		return fail(err, -ENOTSUP, "the camera does not send video over TCP (461)");
	}
	if (status / 100 == 3)
		return fail(err, -ENOTSUP, "the camera sends us elsewhere (%u), where we do not go; "
			    "write that address into the policy", status);
	return fail(err, -EBADMSG, "the camera refuses (%u)", status);
}

/* Empty where nobody has asked. */
static int authorise(struct caller *c, char line[AUTH_LINE_MAX], const char *method,
		     const char *uri, struct scrim_error *err)
{
	*line = '\0';
	if (!c->challenge.basic && !c->challenge.digest)
		return 0;
	return auth_write(line, &c->challenge, c->secret, method, uri, ++c->answers, err);
}

/*
 * 1: the server asks who we are, and has not heard that yet, or as an answer to a question
 * of before; so ask again.  Anything else is a refusal, and cameras lock out who tries on.
 */
static int is_asked(struct caller *c, const struct reply *reply, struct scrim_error *err)
{
	bool heard = c->challenge.basic || c->challenge.digest;

	if (reply->status != 401 || (heard && !reply->challenge.stale))
		return 0;
	c->challenge = reply->challenge;
	c->answers = 0;
	if (!c->challenge.basic && !c->challenge.digest)
		return auth_write((char[AUTH_LINE_MAX]){ 0 }, &c->challenge, c->secret, "", "", 1, err);
	return 1;
}

/* Sends a request; the answer is still to come. */
static int ask(struct rtsp *rtsp, const char *method, const char *uri, const char *more,
	       struct scrim_error *err)
{
	char request[REQUEST_MAX], who[AUTH_LINE_MAX];
	const char *session = rtsp->session;
	int ret = authorise(&rtsp->caller, who, method, uri, err);

	if (ret < 0)
		return ret;
	if (snprintf(request, sizeof(request), "%s %s RTSP/1.0\r\nCSeq: %u\r\n" AGENT "%s%s%s%s%s\r\n",
		     method, uri, ++rtsp->cseq, who, *session ? "Session: " : "", session,
		     *session ? "\r\n" : "", more) >= (int)sizeof(request))
		return fail(err, -EBADMSG, "the camera's addresses are too long");
	return link_write(&rtsp->caller.link, request, err);
}

/* To a request of the server: we are none. */
static int decline(struct rtsp *rtsp, const struct reply *request, struct scrim_error *err)
{
	char answer[128];

	snprintf(answer, sizeof(answer), "RTSP/1.0 501 Not Implemented\r\nCSeq: %u\r\n\r\n",
		 request->cseq);
	return link_write(&rtsp->caller.link, answer, err);
}

static int skip_body(struct rtsp *rtsp, const struct reply *reply, struct scrim_error *err)
{
	if (reply->length > BODY_MAX)
		return fail(err, -EFBIG, "the camera's answer has more than %u bytes", BODY_MAX);
	return link_bytes(&rtsp->caller.link, NULL, reply->length, err);
}

/* "$", channel and length in two bytes: RFC 2326, 10.12. */
static int packet_head(struct rtsp *rtsp, unsigned *channel, size_t *length, struct scrim_error *err)
{
	uint8_t head[4] = { 0 };
	int ret = link_bytes(&rtsp->caller.link, head, sizeof(head), err);

	*channel = head[1];
	*length = head[2] << 8 | head[3];
	return ret;
}

/* To the answer of our last request; packets and other things that come before are dropped. */
static int hear(struct rtsp *rtsp, struct reply *reply, struct scrim_error *err)
{
	unsigned channel;
	size_t length;
	int ret;

	for (;;) {
		ret = link_peek(&rtsp->caller.link, err);
		if (ret == '$') {
			ret = packet_head(rtsp, &channel, &length, err);
			if (ret >= 0)
				ret = link_bytes(&rtsp->caller.link, NULL, length, err);
		} else if (ret >= 0) {
			ret = reply_read(reply, &rtsp->caller.link, err);
			if (ret >= 0 && !reply->request && reply->cseq == rtsp->cseq)
				return 0;
			if (ret >= 0)
				ret = skip_body(rtsp, reply, err);
			if (ret >= 0 && reply->request)
				ret = decline(rtsp, reply, err);
		}
		if (ret < 0)
			return ret;
	}
}

/* Asks, and asks again with our name when that is wanted.  The body is still to be read. */
static int request(struct rtsp *rtsp, struct reply *reply, const char *method, const char *uri,
		   const char *more, struct scrim_error *err)
{
	int ret, again;

	for (unsigned tries = 0; tries < 3; tries++) {
		ret = ask(rtsp, method, uri, more, err);
		if (ret >= 0)
			ret = hear(rtsp, reply, err);
		if (ret < 0 || reply->status == 200)
			return ret;
		again = is_asked(&rtsp->caller, reply, err);
		if (again < 0)
			return again;
		ret = skip_body(rtsp, reply, err);
		if (ret < 0)
			return ret;
		if (!again)
			break;
	}
	return refused(reply->status, err);
}

/* What a control address means, RFC 2326, C.1.1. */
static int resolve(char to[ADDRESS_MAX], const char *base, const char *control,
		   struct scrim_error *err)
{
	size_t length = strlen(base);
	int used;

	if (!*control || !strcmp(control, "*"))
		used = snprintf(to, ADDRESS_MAX, "%s", base);
	else if (!strncmp(control, "rtsp://", 7) || !strncmp(control, "rtsps://", 8))
		used = snprintf(to, ADDRESS_MAX, "%s", control);
	else
		used = snprintf(to, ADDRESS_MAX, "%s%s%s", base,
				length && base[length - 1] == '/' ? "" : "/", control);
	return used < ADDRESS_MAX ? 0 : fail(err, -EBADMSG, "the camera's addresses are too long");
}

static int describe(struct rtsp *rtsp, const char *url, struct scrim_error *err)
{
	char body[BODY_MAX + 1], base[ADDRESS_MAX];
	struct reply reply;
	int ret = request(rtsp, &reply, "DESCRIBE", url, "Accept: application/sdp\r\n", err);

	if (ret >= 0 && reply.length > BODY_MAX)
		ret = fail(err, -EFBIG, "the camera describes itself in more than %u bytes", BODY_MAX);
	if (ret >= 0)
		ret = link_bytes(&rtsp->caller.link, body, reply.length, err);
	if (ret < 0)
		return ret;
	body[reply.length] = '\0';
	ret = sdp_parse(&rtsp->sdp, body, reply.length, err);
	if (ret >= 0)
		ret = resolve(base, *reply.base ? reply.base : url, rtsp->sdp.base, err);
	if (ret >= 0 && snprintf(rtsp->base, sizeof(rtsp->base), "%s", base) >=
	    (int)sizeof(rtsp->base))
		ret = fail(err, -EBADMSG, "the camera's addresses are too long");
	return ret;
}

static int set_up(struct rtsp *rtsp, struct scrim_error *err)
{
	char uri[ADDRESS_MAX];
	struct reply reply;
	int ret = resolve(uri, rtsp->base, rtsp->sdp.control, err);

	if (ret >= 0)
		ret = request(rtsp, &reply, "SETUP", uri,
			      "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n", err);
	if (ret >= 0)
		ret = skip_body(rtsp, &reply, err);
	if (ret < 0)
		return ret;
	if (reply.channel < 0)
		return fail(err, -ENOTSUP, "the camera does not send video over this connection");
	rtsp->channel = reply.channel;
	memcpy(rtsp->session, reply.session, sizeof(rtsp->session));
	rtsp->lasts_ns = BILLION * (reply.timeout ? reply.timeout : USUAL_TIMEOUT);
	return 0;
}

/* Packets may come before the answer, so that one is heard among them. */
static int play(struct rtsp *rtsp, struct scrim_error *err)
{
	int ret = ask(rtsp, "PLAY", rtsp->base, "Range: npt=0.000-\r\n", err);

	rtsp->playing = rtsp->cseq;
	return ret;
}

int rtsp_begin(struct rtsp *rtsp, struct scrim_error *err)
{
	char url[ADDRESS_MAX];
	struct reply reply;
	int ret;

	rtsp->cseq = 0;
	*rtsp->session = '\0';
	rtsp->numbered = rtsp->lost = rtsp->played_again = rtsp->stayed_again = false;
	url_write(url, sizeof(url), rtsp->caller.url);
	ret = request(rtsp, &reply, "OPTIONS", url, "", err);
	if (ret >= 0)
		ret = skip_body(rtsp, &reply, err);
	if (ret < 0)
		return ret;
	rtsp->get_parameter = reply.get_parameter;
	ret = describe(rtsp, url, err);
	if (ret >= 0)
		ret = set_up(rtsp, err);
	if (ret >= 0)
		ret = play(rtsp, err);
	rtsp->alive_ns = link_now_ns() + rtsp->lasts_ns / 2;
	return ret;
}

static int say_alive(struct rtsp *rtsp, struct scrim_error *err)
{
	return ask(rtsp, rtsp->get_parameter ? "GET_PARAMETER" : "OPTIONS", rtsp->base, "", err);
}

/* Something else than a packet.  Each question is answered once more, and not without end. */
static int listen_to(struct rtsp *rtsp, struct scrim_error *err)
{
	struct reply reply;
	int ret = reply_read(&reply, &rtsp->caller.link, err), again;

	if (ret >= 0)
		ret = skip_body(rtsp, &reply, err);
	if (ret >= 0 && reply.request)
		return decline(rtsp, &reply, err);
	if (ret < 0 || reply.status == 200)
		return ret;
	again = is_asked(&rtsp->caller, &reply, err);
	if (reply.cseq == rtsp->playing && (again <= 0 || rtsp->played_again))
		return again < 0 ? again : refused(reply.status, err);
	if (reply.cseq == rtsp->playing) {
		rtsp->played_again = true;
		return play(rtsp, err);
	}
	if (again <= 0 || rtsp->stayed_again)
		return 0;
	rtsp->stayed_again = true;
	return say_alive(rtsp, err);
}

static int stay_alive(struct rtsp *rtsp, struct scrim_error *err)
{
	int64_t now = link_now_ns();

	if (now < rtsp->alive_ns)
		return 0;
	rtsp->alive_ns = now + rtsp->lasts_ns / 2;
	rtsp->stayed_again = false;
	return say_alive(rtsp, err);
}

/* RFC 3550, 5.1: those of the video are numbered; RFC 5761, 4: reports may be among them. */
static void check_number(struct rtsp *rtsp, const uint8_t *bytes, int size)
{
	uint16_t number;

	if (size < 4 || (bytes[1] >= 192 && bytes[1] <= 223) ||
	    (bytes[1] & 0x7fu) != rtsp->sdp.type)
		return;
	number = bytes[2] << 8 | bytes[3];
	rtsp->lost |= rtsp->numbered && number != rtsp->next;
	rtsp->numbered = true;
	rtsp->next = number + 1;
}

static int take_packet(struct rtsp *rtsp, uint8_t *bytes, int size, struct scrim_error *err)
{
	struct link *link = &rtsp->caller.link;
	size_t length, wanted = 0;
	unsigned channel;
	int ret = packet_head(rtsp, &channel, &length, err);

	if (ret >= 0 && (int)channel == rtsp->channel) {
		wanted = length < (size_t)size ? length : (size_t)size;
		ret = link_bytes(link, bytes, wanted, err);
		rtsp->lost |= wanted < length;
		if (ret >= 0)
			check_number(rtsp, bytes, wanted);
	}
	if (ret >= 0)
		ret = link_bytes(link, NULL, length - wanted, err);
	return ret < 0 ? ret : (int)wanted;
}

int rtsp_packet(struct rtsp *rtsp, uint8_t *bytes, int size, struct scrim_error *err)
{
	int ret;

	do {
		ret = stay_alive(rtsp, err);
		if (ret >= 0)
			ret = link_peek(&rtsp->caller.link, err);
		if (ret == '$')
			ret = take_packet(rtsp, bytes, size, err);
		else if (ret >= 0)
			ret = listen_to(rtsp, err);
	} while (!ret);
	return ret;
}

/* HTTP/1.0: no body in chunks, and the connection is for this one answer. */
static int get(struct caller *c, struct reply *reply, struct scrim_error *err)
{
	char request[REQUEST_MAX], who[AUTH_LINE_MAX];
	int ret = authorise(c, who, "GET", c->url->path, err);

	if (ret < 0)
		return ret;
	snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\nHost: %s%s%s:%s\r\n" AGENT
		 "Connection: keep-alive\r\n%s\r\n", c->url->path, c->url->bracketed ? "[" : "",
		 c->url->host, c->url->bracketed ? "]" : "", c->url->port, who);
	ret = link_write(&c->link, request, err);
	return ret < 0 ? ret : reply_read(reply, &c->link, err);
}

/* Who asks for Basic has often hung up; Digest needs the same connection once more. */
static int get_by_name(struct caller *c, struct reply *reply, struct scrim_error *err)
{
	int ret;

	if (!c->challenge.digest && *c->secret->user)
		return fail(err, -ENOKEY, "the camera wants a user and a password");
	ret = link_bytes(&c->link, NULL, reply->length, err);
	return ret < 0 ? ret : get(c, reply, err);
}

int http_begin(struct caller *caller, struct reply *reply, struct scrim_error *err)
{
	int ret = get(caller, reply, err);

	if (ret >= 0)
		ret = is_asked(caller, reply, err);
	if (ret > 0)
		ret = get_by_name(caller, reply, err);
	if (ret < 0)
		return ret;
	if (reply->status != 200)
		return refused(reply->status, err);
	return reply->chunked ? fail(err, -ENOTSUP, "the camera sends in chunks, which HTTP/1.0 "
				     "does not have") : 0;
}
