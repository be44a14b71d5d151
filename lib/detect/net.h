/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A network that runs at any picture size from one model file.  net_run()
 * allocates nothing, makes no system call and starts no thread.
 */
#ifndef DETECT_NET_H
#define DETECT_NET_H

#include "detect/onnx.h"

/* Side of a network's input, in pixels. */
#define NET_SIDE_MAX	4096u

struct net;

struct net_output {
	unsigned width, height, channels;
	const float *at;		/* rows of pixels of channels */
};

/*
 * Prepares the engine, which looks at the processor through /proc and /sys for
 * it: before a sandbox is entered.  Later calls do nothing.
 */
int net_init(struct scrim_error *err);

/*
 * What the values in outputs (of the graph, at most PLAN_OUTPUTS_MAX) need.  The
 * graph and its bytes are not needed any more afterwards.
 */
int net_open(struct net **net, const struct onnx *onnx, const uint32_t *outputs,
	     unsigned count, struct scrim_error *err);
void net_free(struct net **net);

/*
 * Makes the network ready for inputs of that size, in pixels.  Cheap when it is
 * the size of the last call.  -EINVAL: the network cannot take that size.
 */
int net_shape(struct net *net, unsigned width, unsigned height,
	      struct scrim_error *err);

/* height x width x 3 floats, to be filled before each net_run(). */
float *net_input(struct net *net);
int net_run(struct net *net, struct scrim_error *err);
/* Of the last net_run(), in the order of net_open(); sizes from net_shape() on. */
const struct net_output *net_output(const struct net *net, unsigned i);

#endif
