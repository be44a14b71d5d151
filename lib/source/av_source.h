/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a copy of a video keeps beside its pictures.
 */
#ifndef SOURCE_AV_SOURCE_H
#define SOURCE_AV_SOURCE_H

#include <libavutil/rational.h>

#include "source/av_file.h"
#include "source/source.h"

struct av_facts {
	AVRational time_base;		/* unit of the timestamps, seconds; 0/1: unknown */
	AVRational aspect;		/* of a pixel, upright; 0/1: unknown */
	const char *name;		/* the source's, "" when it is not such a file */
};

struct av_facts source_av_facts(const struct source *source);

/* What is taken apart where there is no file, and what of it is left out. */
struct av_origin {
	/* Fills format and io, which av_file_close() frees, on an error too. */
	int (*open)(void *ctx, struct av_file *file, struct scrim_error *err);
	/* Whether a packet is decoded, and whether a picture becomes a frame. */
	bool (*takes_packet)(void *ctx, AVCodecContext *decoder, const AVPacket *packet);
	bool (*takes_picture)(void *ctx, const AVFrame *picture);
	/* Something of it could not be decoded. */
	void (*damaged)(void *ctx);
	void *ctx;
};

/* As source_av(), but that cannot go back.  origin is copied. */
int source_av_live(struct source **source, const struct av_origin *origin, const char *name,
		   struct scrim_error *err);

#endif
