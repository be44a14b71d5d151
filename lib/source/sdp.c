// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/sdp.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define TYPE_MAX	127

struct reading {
	struct sdp *sdp;
	bool media;			/* behind what holds for all of them */
	bool video, after;		/* inside of the one that is taken, or behind it */
	size_t used;			/* of sdp->text */
};

static int add(struct reading *r, const char *line, struct scrim_error *err)
{
	size_t room = sizeof(r->sdp->text) - r->used;
	int length = snprintf(r->sdp->text + r->used, room, "%s\r\n", line);

	if (length < 0 || (size_t)length >= room)
		return fail(err, -EFBIG, "the camera describes its video in more than %u bytes",
			    SDP_TEXT_MAX);
	r->used += length;
	return 0;
}

/* "m=video 0 RTP/AVP 96": one with its packets in RTP, and the first kind of them. */
static int take_media(struct reading *r, const char *line, struct scrim_error *err)
{
	char media[64];
	unsigned type;

	r->media = true;
	r->after |= r->video;
	r->video = false;
	if (r->after || (sscanf(line, "m=video %*u RTP/AVP %3u", &type) != 1 &&
			 sscanf(line, "m=video %*u/%*u RTP/AVP %3u", &type) != 1) || type > TYPE_MAX)
		return 0;
	r->video = true;
	r->sdp->type = type;
	snprintf(media, sizeof(media), "m=video 0 RTP/AVP %u", type);
	return add(r, media, err);
}

static int take_control(char to[SDP_CONTROL_MAX], const char *value, struct scrim_error *err)
{
	size_t length = strlen(value);

	if (length >= SDP_CONTROL_MAX || strcspn(value, " \t\"") != length)
		return fail(err, -EBADMSG, "the camera's control address is none");
	memcpy(to, value, length + 1);
	return 0;
}

/* "a=rtpmap:96 H264/90000" is of the packets that are taken. */
static bool is_ours(const struct reading *r, const char *line, const char *name)
{
	size_t length = strlen(name);
	unsigned type;

	return !strncmp(line, name, length) && sscanf(line + length, "%3u", &type) == 1 &&
	       type == r->sdp->type;
}

static int take_line(struct reading *r, const char *line, struct scrim_error *err)
{
	if (!strncmp(line, "m=", 2))
		return take_media(r, line, err);
	if (!strncmp(line, "a=control:", 10) && (!r->media || r->video))
		return take_control(r->media ? r->sdp->control : r->sdp->base, line + 10, err);
	if (r->video && (is_ours(r, line, "a=rtpmap:") || is_ours(r, line, "a=fmtp:") ||
			 is_ours(r, line, "a=framesize:")))
		return add(r, line, err);
	return 0;
}

int sdp_parse(struct sdp *sdp, char *text, size_t size, struct scrim_error *err)
{
	struct reading r = { .sdp = sdp };
	char *at = text, *line;
	int ret;

	*sdp = (struct sdp){ 0 };
	ret = add(&r, "v=0", err);
	while (ret >= 0 && (line = text_line(&at, text + size))) {
		text_clean(line);
		ret = take_line(&r, line, err);
	}
	if (ret >= 0 && !r.video && !r.after)
		return fail(err, -ENOTSUP, "the camera offers no video by RTP");
	return ret;
}
