/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every node by which a camera can be reached: V4L2, media, and the USB device, by which
 * V4L2 can be passed by.
 */
#ifndef TOOLS_NODES_H
#define TOOLS_NODES_H

#include <stdbool.h>

enum node_kind {
	NODE_RAW,			/* of a camera that is not ours */
	NODE_FEED,			/* of a scrim camera */
	NODE_CAPTURE,			/* what applications read of it */
};

struct node {
	enum node_kind kind;
	char path[64];			/* "/dev/video0" */
	unsigned major, minor;
};

#define NODES_MAX	128

struct nodes {
	unsigned count;
	struct node at[NODES_MAX];
	bool full;			/* there are more */
};

/* root: the folder below which to look; "": this machine. */
void nodes_find(struct nodes *nodes, const char *root);

#endif
