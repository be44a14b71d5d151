// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Frames leave a source numbered 0, 1, 2 ... from its beginning.
 */
#include "source/source.h"

int source_next(struct source *source, struct frame **frame,
		struct scrim_error *err)
{
	int ret;

	*frame = NULL;
	ret = source->ops->next(source, frame, err);
	if (ret > 0)
		(*frame)->number = source->next_number++;
	return ret;
}

void source_count_in(struct source *source, uint64_t *dropped, uint64_t *damaged)
{
	source->dropped_too = dropped;
	source->damaged_too = damaged;
}

void source_tell(const struct source *source)
{
	if (source->dropped_too)
		*source->dropped_too = source->dropped;
	if (source->damaged_too)
		*source->damaged_too = source->damaged;
}

int source_rewind(struct source *source, struct scrim_error *err)
{
	int ret;

	if (!source->ops->rewind)
		return fail(err, -ENOTSUP, "this source cannot go back");
	ret = source->ops->rewind(source, err);
	if (ret >= 0)
		source->next_number = 0;
	return ret;
}

int source_lend(struct source *source, struct lending **lending, struct scrim_error *err)
{
	*lending = NULL;
	return source->ops->lend ? source->ops->lend(source, lending, err) :
	       fail(err, -ENOTSUP, "the camera is no V4L2 node");
}

void source_fill(struct source *source, struct lending *lending)
{
	source->into = lending;
}

int source_frame(struct source *source, struct frame_pool *pool, struct frame **frame,
		 struct scrim_error *err)
{
	if (source->into)
		frame_pool_adopt(pool, source->into);
	source->into = NULL;
	return frame_pool_get(pool, frame, err);
}

void source_free(struct source **source)
{
	struct source *dead = *source;

	*source = NULL;
	if (dead)
		dead->ops->free(dead);
}
