/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which files and encoders there are, as data.
 */
#ifndef SINK_CONTAINER_H
#define SINK_CONTAINER_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "error.h"

struct container {
	const char *ending;
	const char *muxer;		/* libavformat's name */
	const char *encoder;		/* unless another is asked for */
	bool constant_rate;		/* frames are counted, not timed */
};

/*
 * None of them starts a thread or needs to look ahead far: memory stays small,
 * and the sandbox has no clone().  Frames come out in the order they went in.
 */
struct encoder {
	const char *name;		/* libavcodec's */
	const char *options;		/* "key=value,key=value" */
	enum AVPixelFormat format;
	bool even;			/* sizes have to be */
	bool constant_rate;		/* its time base is too coarse for others */
	const char *strip;		/* bitstream filter that removes its signature */
};

/* By the ending of name; -ENOTSUP lists what there is. */
int container_find(const struct container **container, const char *name,
		   struct scrim_error *err);
/* name NULL: the container's.  It exists and fits into the container. */
int encoder_find(const struct encoder **encoder, const char *name,
		 const struct container *container, struct scrim_error *err);

#endif
