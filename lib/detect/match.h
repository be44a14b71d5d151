/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pairs boxes of before with boxes of now.  Each is paired at most once, and of
 * two pairs that exclude each other the better one is made.
 */
#ifndef DETECT_MATCH_H
#define DETECT_MATCH_H

#include "detect/detect.h"

#define TRACKS_MAX	1024

struct fbox {
	float x, y, w, h;		/* pixels; w and h above 0 */
};

enum {
	MATCH_FREE = -1,		/* looks for a partner */
	MATCH_ABSENT = -2,		/* takes no part */
};

/*
 * reach: how far the centre of a small fast face may have gone, in box sizes; its
 * boxes overlap little, and only distance and size can tell.  0: they must overlap.
 */
struct matcher {
	unsigned olds, news;
	struct fbox old[TRACKS_MAX], new[DETECTIONS_MAX];
	float reach[TRACKS_MAX];
	int new_of[TRACKS_MAX], old_of[DETECTIONS_MAX];
	/* scratch */
	int best_new[TRACKS_MAX], best_old[DETECTIONS_MAX];
	float fit_new[TRACKS_MAX], fit_old[DETECTIONS_MAX];
};

/* Pairs those that are free. */
void match(struct matcher *matcher);

/* Above 1: they overlap; 0 to 1: near and of like size; 0: strangers. */
float box_fit(const struct fbox *old, const struct fbox *new, float reach);

#endif
