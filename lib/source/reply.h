/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The head of an answer, which RTSP/1.0 (RFC 2326) and HTTP/1.1 (RFC 9112) write in the
 * same way.  All of it is a stranger's: text is bounded and printable, numbers are in range.
 */
#ifndef SOURCE_REPLY_H
#define SOURCE_REPLY_H

#include "source/link.h"

#define REPLY_LINE_MAX	4096
#define REPLY_LINES_MAX	100
#define REPLY_TEXT_MAX	256

/* What a server wants to know before it answers: RFC 7617, RFC 7616. */
struct challenge {
	bool basic, digest;
	bool auth;			/* quality of protection that we have */
	bool stale;			/* the last answer was right, but to an old question */
	char realm[REPLY_TEXT_MAX], nonce[REPLY_TEXT_MAX], opaque[REPLY_TEXT_MAX];
};

struct reply {
	bool request;			/* it is none: the other side asks for something */
	unsigned status;		/* 100 to 999 */
	unsigned cseq;
	size_t length;			/* of the body */
	bool chunked;			/* it has another form, which we did not ask for */
	bool get_parameter;		/* the server knows this request */
	char type[REPLY_TEXT_MAX];	/* of the body, in lower case */
	char base[REPLY_TEXT_MAX];	/* of addresses in the body */
	char session[REPLY_TEXT_MAX];
	unsigned timeout;		/* seconds that it lasts; 0: not said */
	int channel;			/* of packets; -1: not said */
	struct challenge challenge;
};

/* A line at a time: the first one, then the others.  -EBADMSG: it is none. */
int reply_first(struct reply *reply, const char *line, struct scrim_error *err);
int reply_line(struct reply *reply, char *line, struct scrim_error *err);

/* All of them, to the empty line. */
int reply_read(struct reply *reply, struct link *link, struct scrim_error *err);

#endif
