/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which node a scrim camera's applications read, and why it may be black.
 */
#ifndef TOOLS_CAPTURE_H
#define TOOLS_CAPTURE_H

#include "error.h"

#define CAPTURE_NAME_MAX	32
#define CAPTURE_NODE_MAX	64

struct capture {
	char name[CAPTURE_NAME_MAX];	/* empty: the node is not known to be of a camera's */
	char node[CAPTURE_NODE_MAX];	/* "/dev/video1" */
};

/*
 * By the name of its directory in configfs, else by its label in sysfs.  name NULL: the only
 * one that there is.
 */
int capture_find(struct capture *camera, const char *name, struct scrim_error *err);

/* All that there are, in the order of their nodes: how many, at most max. */
unsigned capture_all(struct capture camera[], unsigned max);

/* Pictures that the feed has given so far; 0 where that cannot be read. */
uint64_t capture_fed(const struct capture *camera);

/* What a black picture is likely to come from, when the feed had given so many before. */
void capture_why_black(char text[SCRIM_TEXT_MAX], const struct capture *camera, uint64_t fed);

#endif
