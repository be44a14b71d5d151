/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Video that a camera sends over a connection as it is made: RTSP, and over HTTP JPEG
 * pictures one after the other or an MPEG transport stream.
 *
 * Who asks for pictures more slowly than they come gets recent ones: what is late is left
 * out, before it is decoded where the codec allows that (late.h), and counted as dropped.  Pictures
 * that did not come whole, and gaps between packets, are counted as damaged, and nothing is
 * shown that was predicted from them.  A frame bears the time at which it came,
 * by CLOCK_MONOTONIC.
 */
#ifndef SOURCE_STREAM_H
#define SOURCE_STREAM_H

#include "source/auth.h"
#include "source/source.h"
#include "source/trust.h"
#include "url.h"

struct stream_from {
	int fd;				/* connected; the caller's */
	const char *name;		/* for messages */
	struct url url;
	struct secret secret;
	const struct trust *trust;	/* for an address over TLS; the caller's */
	bool basic;			/* as -ENOKEY said */
};

/*
 * Decodes the first picture, as source_av() does.  -ENOKEY: to be tried again on another
 * connection, with from->basic.
 */
int source_stream(struct source **source, const struct stream_from *from,
		  struct scrim_error *err);

#endif
