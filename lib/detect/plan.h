/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a network computes, before any picture size is known: a list of steps in
 * the words of net.c.  Batch normalisations and constant factors are folded into
 * the convolutions before them, a Relu into its maker, and a concatenation into
 * the convolutions after it.  Pictures are height x width x channels.
 */
#ifndef DETECT_PLAN_H
#define DETECT_PLAN_H

#include "detect/onnx.h"

#define PLAN_OUTPUTS_MAX	16u
#define PLAN_PARTS_MAX		8u	/* of a concatenation */
#define PLAN_CHANNELS_MAX	8192u
#define PLAN_KERNEL_MAX		64u	/* along a side; strides and dilations too */

enum step_kind {
	STEP_CONV,
	STEP_MAX_POOL,
	STEP_ADD,
	STEP_PRELU,
	STEP_CLAMP,
	STEP_SIGMOID,
	STEP_DOUBLE,		/* twice as wide and high, each pixel repeated */
	STEP_FLATTEN,		/* nothing to do if the picture is one pixel */
};

/* Vertical first, as ONNX has it; pad: top, left, bottom, right. */
struct window {
	unsigned kernel[2], stride[2], dilation[2], pad[4];
};

struct step {
	enum step_kind kind;
	unsigned input[2], output;	/* operands */
	struct window window;		/* CONV, MAX_POOL */
	unsigned groups;		/* CONV; as many as channels: depthwise */
	/*
	 * CONV: weights by output channel, row, column and input channel of the
	 * group; depthwise by row, column and output channel.  PRELU: slopes.
	 */
	float *weights;
	float *bias;
	float low, high;		/* CONV, MAX_POOL, ADD, CLAMP */
};

/* A picture between the steps; its size follows from that of the input. */
struct operand {
	unsigned channels;
	unsigned maker;			/* step, or ONNX_NONE */
	unsigned users;			/* nodes that read it, and outputs */
	unsigned parts;			/* of a concatenation; 0: none */
	unsigned part[PLAN_PARTS_MAX];
};

struct plan {
	unsigned steps, operands, outputs;
	struct step *step;
	struct operand *operand;	/* the first is the input */
	unsigned output[PLAN_OUTPUTS_MAX];	/* operands */
};

/*
 * Everything that the values in outputs need, and nothing else of the graph.
 * The graph is not needed any more afterwards.
 */
int plan_new(struct plan **plan, const struct onnx *onnx,
	     const uint32_t *outputs, unsigned count, struct scrim_error *err);
void plan_free(struct plan **plan);

bool step_depthwise(const struct plan *plan, const struct step *step);

#endif
