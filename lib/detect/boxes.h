/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From what a face network says to boxes.  A number that is none (infinite, not a
 * number) is an error and never "no face".
 */
#ifndef DETECT_BOXES_H
#define DETECT_BOXES_H

#include "detect/detect.h"
#include "detect/net.h"

struct candidates {
	unsigned count, max;		/* max: places for all that a network proposes */
	struct detection *at;		/* pixels of the network's input */
};

/*
 * UltraFace: outputs are the scores of four scales (8, 16, 32 and 64 pixels a
 * step), then their boxes.  YuNet: class and object scores of three scales (8, 16
 * and 32), then their boxes.  Proposals of at least threshold.
 */
int boxes_ultra(const struct net *net, float threshold,
		struct candidates *found, struct scrim_error *err);
int boxes_yunet(const struct net *net, float threshold,
		struct candidates *found, struct scrim_error *err);

/* Proposals below it neither are faces nor speak for one. */
#define PROPOSAL_SCORE	.2f

/*
 * The best of each heap of boxes that overlap, with a score that grows with the
 * heap, best first.  candidates is used up.
 */
void boxes_pick(struct candidates *candidates, float threshold, struct detections *picked);

#endif
