/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One camera for the sessions of several applications, of different users: a worker's
 * clean pictures are copied to each, into memory that it shares with nobody else.  None
 * can hold up another, or the cut.
 */
#ifndef SESSION_SHARE_H
#define SESSION_SHARE_H

#include <poll.h>

#include "policy/policy.h"
#include "session/device.h"
#include "sink/feed.h"

#define SHARE_MAX	8
#define SHARE_FORMAT	V4L2_PIX_FMT_YUV420	/* what a worker makes; others are made of it */

struct share;

int share_new(struct share **share, const struct device_pictures *pictures,
	      struct scrim_error *err);
void share_free(struct share **share);
const struct device_pictures *share_pictures(const struct share *share);

/* Where a worker puts frames for all of them; the share has to outlive the feed. */
void share_feed(struct share *share, struct feed *feed);

/*
 * One more, of this reader: the two descriptors that session_join() takes, for the caller to hand
 * over and close.  -EMFILE: there are SHARE_MAX.
 */
int share_join(struct share *share, const struct reader *reader, int fds[2],
	       struct scrim_error *err);
/* Those of others get nothing further. */
void share_keep(struct share *share, bool (*may)(const void *ctx, const struct reader *reader),
		const void *ctx);
unsigned share_wanted(const struct share *share);	/* how many stream */

#define SHARE_POLLS	(1 + SHARE_MAX)
void share_polls(const struct share *share, struct pollfd polls[SHARE_POLLS]);
/* Does all that can be done now. */
int share_serve(struct share *share, struct scrim_error *err);

#endif
