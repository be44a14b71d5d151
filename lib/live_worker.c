// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The worker of a live camera.  It sees raw pictures, and of the two devices that it
 * holds one can only be read and the other only be given clean frames.
 */
#include "live_worker.h"

#include <stdio.h>

#include "detect/net.h"

unsigned live_devices(struct device_permission may[LIVE_DEVICES_MAX], int camera, int feed)
{
	const struct device_permission list[] = {
		{ camera, VIDIOC_QBUF, "give the camera a buffer to fill" },
		{ camera, VIDIOC_DQBUF, "take a picture from the camera" },
		{ camera, VIDIOC_STREAMON, "start the camera, when all else is ready" },
		{ feed, VIDIOC_QBUF, "show a clean frame" },
		{ feed, VIDIOC_DQBUF, "have its buffer back" },
		{ feed, VIDIOC_STREAMON, "begin to be shown, with the first clean frame" },
		{ feed, VIDIOC_S_PARM, "say how fast frames really come" },
	};
	unsigned count = sizeof(list) / sizeof(list[0]);

	for (unsigned i = 0; i < count; i++)
		may[i] = list[i];
	return count;
}

int live_before(void *worker, struct scrim_error *err)
{
	struct live_worker *w = worker;
	int ret = net_init(err);

	if (ret >= 0)
		ret = source_v4l2(&w->source, w->camera, err);
	if (ret >= 0)
		ret = sink_output(&w->sink, w->feed, err);
	return ret;
}

static int decided(void *ctx, const struct frame *frame, const struct regions *regions,
		   struct scrim_error *err)
{
	struct live_counts *counts = ctx;

	if (regions->whole) {
		counts->whole++;
		snprintf(counts->why, sizeof(counts->why), "%s", regions->why);
	}
	return 0;
}

static int done(void *ctx, const struct clean_frame *clean, const struct clean_frame *before,
		struct scrim_error *err)
{
	struct live_counts *counts = ctx;

	counts->frames++;
	return 0;
}

int live_run(struct pipeline *pipeline, struct source *source, struct sink *sink,
	     struct live_counts *counts, struct scrim_error *err)
{
	const struct pipeline_watcher watcher = {
		.ctx = counts, .decided = decided, .done = done,
	};
	int ret;

	pipeline_watch(pipeline, &watcher);
	ret = pipeline_live(pipeline, source, sink, err);
	pipeline_watch(pipeline, NULL);
	return ret;
}

int live_work(void *worker, void *result, struct scrim_error *err)
{
	struct live_worker *w = worker;
	struct pipeline_parts parts = { 0 };
	struct pipeline *pipeline = NULL;
	struct live_counts *counts = result;
	int ret;

	v4l2_count_in(w->source, &counts->dropped, &counts->damaged);
	ret = pipeline_make_parts(w->policy, w->model, w->boxes, &parts, err);
	if (ret >= 0)
		ret = pipeline_new(&pipeline, w->policy, &parts, err);
	if (ret >= 0)
		ret = live_run(pipeline, w->source, w->sink, counts, err);
	pipeline_free(&pipeline);
	sink_free(&w->sink);
	source_free(&w->source);
	return ret;
}
