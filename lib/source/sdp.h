/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a server says that it sends (RFC 8866): of all that, the first video is taken, and
 * only what is needed to take its packets apart.
 */
#ifndef SOURCE_SDP_H
#define SOURCE_SDP_H

#include "error.h"

#define SDP_TEXT_MAX	4096
#define SDP_CONTROL_MAX	512

struct sdp {
	char base[SDP_CONTROL_MAX];	/* where all of it is controlled; empty: not said */
	char control[SDP_CONTROL_MAX];	/* where the video is */
	unsigned type;			/* of its packets, 0 to 127 */
	char text[SDP_TEXT_MAX];	/* a description of that video, and nothing else */
};

/* text is cut into lines.  -ENOTSUP: there is no video in it. */
int sdp_parse(struct sdp *sdp, char *text, size_t size, struct scrim_error *err);

#endif
