/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a caged process says of a video, before anybody sees it: a stranger's word.
 */
#ifndef SOURCE_FACTS_H
#define SOURCE_FACTS_H

#include "source/camera.h"

struct video_facts {
	uint32_t fourcc, width, height;
	int32_t num, den;			/* frames a second */
	uint8_t full_range, matrix, still;
};

struct video_facts facts_of(const struct source *source);
bool facts_are_sound(const struct video_facts *facts);
/* For cameras: YU12, and from one frame a second to 240, whatever the video says. */
void facts_describe(struct camera *camera, const struct video_facts *facts);

/* A source that has such pictures. */
struct source facts_source(const struct camera *camera);

#endif
