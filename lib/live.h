/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A camera while somebody watches it: opened here, seen in a caged worker, shown
 * by the feed.  When this ends, whatever the reason, the feed is cut: black.
 */
#ifndef LIB_LIVE_H
#define LIB_LIVE_H

#include "guard/cage.h"
#include "policy/sealed.h"
#include "sink/feed.h"
#include "source/camera.h"

/* What a worker did so far.  Plain data from a process that sees strangers' bytes. */
struct live_counts {
	uint64_t frames;		/* shown */
	uint64_t whole;			/* of these, wholly covered because of doubt */
	uint64_t dropped;		/* never looked at, for want of time */
	uint64_t damaged;		/* never shown, since the camera sent them broken */
	char why[SCRIM_TEXT_MAX];	/* the last doubt; empty: none */
	bool zero_copy;			/* the feed reads frames where the camera wrote them */
	char copied[SCRIM_TEXT_MAX];	/* why it does not; both empty: not known yet */
};

struct live {
	struct caged_child child;
	struct camera camera;
	struct feed *feed;		/* borrowed */
};

#define LIVE_NONE	{ .camera.fd = -1 }

/*
 * The regions of a policy that cover at this minute of the day or at the next one, a
 * bit each: who looks at the clock every few seconds is never late.  All of them when
 * the minute is none.
 */
uint64_t live_regions_at(const struct policy *policy, int minute);
/* The policy with these regions and no others. */
void live_policy_of(struct policy *now, const struct policy *policy, uint64_t regions);

/*
 * Gives the feed the format that the policy's device would send, which stays off:
 * readers that come first need not change theirs.  -EINPROGRESS: as camera_look_for().
 */
int live_probe(const struct policy *policy, struct feed *feed, struct finder *finder,
	       struct scrim_error *err);

/*
 * As configfs_hold(), with the controls that the policy's camera has and the policy allows.
 * One that is not there has none.
 */
int live_hold(const struct policy *policy, struct scrim_error *err);

/* Asked when the camera is there, and before the first picture; negative: there will be none. */
struct live_gate {
	int (*open)(void *ctx, struct scrim_error *err);
	void *ctx;
};

/*
 * Opens the policy's device, gives the feed its format, and starts the worker.  The
 * policy has to stay where it is while that runs, as has sealed, what its detector reads; gate may
 * be NULL.
 * -ENOENT, -ENODEV: the camera is not there; -EINPROGRESS: as camera_look_for().
 */
int live_start(struct live *live, const struct policy *policy, const struct sealed *sealed,
	       struct feed *feed, struct finder *finder, const struct live_gate *gate,
	       struct scrim_error *err);
/* Gives the camera what programs have set: its controls, where the policy allows it. */
int live_controls(const struct live *live, const struct policy *policy, struct scrim_error *err);
bool live_runs(const struct live *live);
/* A descriptor that is readable when the worker has ended; the caller closes it. */
int live_watch(const struct live *live, struct scrim_error *err);
void live_peek(const struct live *live, struct live_counts *counts);
/*
 * Ends the worker if it still runs, and cuts the feed before it returns.  counts is
 * what it did; err says why it ended by itself, with its number as the result: 0 when
 * it had not.  Does nothing when there is none.
 */
int live_stop(struct live *live, struct live_counts *counts, struct scrim_error *err);

#endif
