// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/sink.h"

int sink_put(struct sink *sink, const struct clean_frame *clean, struct scrim_error *err)
{
	return sink->ops->put(sink, clean, err);
}

int sink_finish(struct sink *sink, struct scrim_error *err)
{
	return sink->ops->finish(sink, err);
}

void sink_free(struct sink **sink)
{
	struct sink *dead = *sink;

	*sink = NULL;
	if (dead)
		dead->ops->free(dead);
}

struct lending *sink_lend(struct sink *sink)
{
	return sink->ops->lend ? sink->ops->lend(sink) : NULL;
}
