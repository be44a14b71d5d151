/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client's side of RTSP/1.0 (RFC 2326), with packets between the answers on the one
 * connection there is; and of HTTP, as far as cameras need it: one request.
 */
#ifndef SOURCE_RTSP_H
#define SOURCE_RTSP_H

#include "source/auth.h"
#include "source/sdp.h"
#include "url.h"

/* A connection, and whom we want there. */
struct caller {
	struct link link;
	const struct url *url;		/* the caller's, as is the secret */
	const struct secret *secret;
	struct challenge challenge;	/* what the server asked for last */
	unsigned answers;		/* to it */
};
void caller_begin(struct caller *caller, int fd, const struct url *url,
		  const struct secret *secret);

struct rtsp {
	struct caller caller;
	struct sdp sdp;
	char base[2 * REPLY_TEXT_MAX + SDP_CONTROL_MAX];
	char session[REPLY_TEXT_MAX];
	bool get_parameter;
	int channel;			/* of the packets that we want */
	bool numbered;			/* one has come */
	uint16_t next;			/* number of the one that is to follow it */
	bool lost;			/* something was missing; the caller forgets it */
	unsigned cseq;
	unsigned playing;		/* cseq of the request to play */
	bool played_again;		/* it was said with our name as well */
	bool stayed_again;		/* so was the last one to be heard */
	int64_t alive_ns;		/* when the server has to hear of us again */
	int64_t lasts_ns;		/* how long it would wait */
};

/* Asks for the video and sets it going; rtsp->sdp says what it is. */
int rtsp_begin(struct rtsp *rtsp, struct scrim_error *err);

/*
 * The next packet of the video, cut to size if it is longer, which is a loss as well.  Packets of
 * other channels and all that the server says between them are dealt with.  0: never.
 */
int rtsp_packet(struct rtsp *rtsp, uint8_t *bytes, int size, struct scrim_error *err);

/*
 * Asks for what is at the caller's address; what follows on the link is its body.  -ENOKEY:
 * it is to be asked on another connection, with challenge.basic set from the beginning.
 */
int http_begin(struct caller *caller, struct reply *reply, struct scrim_error *err);

#endif
