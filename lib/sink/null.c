// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A feed that nobody can watch: clean frames come here and go nowhere.
 */
#include <stdlib.h>

#include "sink/feed.h"

static int null_put(struct sink *sink, const struct clean_frame *clean, struct scrim_error *err)
{
	return 0;
}

static int null_finish(struct sink *sink, struct scrim_error *err)
{
	return 0;
}

static void null_free(struct sink *sink)
{
	free(sink);
}

static int null_sink(struct sink **sink, const struct feed *feed, struct scrim_error *err)
{
	static const struct sink_ops ops = {
		.put = null_put, .finish = null_finish, .free = null_free,
	};

	*sink = malloc(sizeof(**sink));
	if (!*sink)
		return fail(err, -ENOMEM, "no memory for a feed");
	(*sink)->ops = &ops;
	return 0;
}

void feed_null(struct feed *feed)
{
	static const struct feed_kind null = { .sink = null_sink };

	*feed = (struct feed){ .kind = &null, .fd = -1 };
}
