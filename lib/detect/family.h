/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The face networks that are known.  Which of them a model is shows in the names
 * of its outputs; what it computes after its last convolutions (boxes for one
 * fixed size) is cut off, and done by boxes.c for any size.
 */
#ifndef DETECT_FAMILY_H
#define DETECT_FAMILY_H

#include "detect/boxes.h"
#include "detect/input.h"
#include "detect/net.h"

struct family {
	const char *name;
	unsigned multiple;		/* of which the input's sides must be */
	unsigned places;		/* proposals for 64 pixels of the input, at most */
	float threshold;
	struct input_scale scale;
	unsigned outputs;
	const char *output[12];
	unsigned heads;			/* convolutions behind them, all together */
	int (*boxes)(const struct net *net, float threshold,
		     struct candidates *found, struct scrim_error *err);
};

/* -ENOTSUP: the model is of no known family. */
int family_open(const struct family **family, struct net **net,
		const struct onnx *onnx, struct scrim_error *err);

#endif
