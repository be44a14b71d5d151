/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a copy of a video keeps beside its pictures.
 */
#ifndef SOURCE_AV_SOURCE_H
#define SOURCE_AV_SOURCE_H

#include <libavutil/rational.h>

#include "source/source.h"

struct av_facts {
	AVRational time_base;		/* unit of the timestamps, seconds; 0/1: unknown */
	AVRational aspect;		/* of a pixel, upright; 0/1: unknown */
	const char *name;		/* the source's, "" when it is not such a file */
};

struct av_facts source_av_facts(const struct source *source);

#endif
