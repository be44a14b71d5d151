// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The worker of a live camera.  It sees raw pictures, and of the two devices that it
 * holds one can only be read and the other only be given clean frames.
 */
#include "live_worker.h"

#include <assert.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <string.h>

#include "detect/net.h"

static unsigned add(struct device_permission *may, unsigned count, int fd,
		    const struct device_request *requests, unsigned more)
{
	assert(count + more <= LIVE_DEVICES_MAX);
	for (unsigned i = 0; i < more; i++)
		may[count++] = (struct device_permission){ fd, requests[i] };
	return count;
}

/* Descriptors that planes share are listed more than once, which permits no more. */
static unsigned add_buffers(struct device_permission *may, unsigned count,
			    const struct camera *camera)
{
	static const struct device_request sync = {
		DMA_BUF_IOCTL_SYNC, "read a picture when the camera is done with it",
	};

	for (unsigned i = 0; i < camera->buffers; i++)
		for (unsigned p = 0; p < camera->buffer[i].planes; p++)
			count = add(may, count, camera->buffer[i].plane[p].fd, &sync, 1);
	return count;
}

unsigned live_devices(struct device_permission may[LIVE_DEVICES_MAX],
		      const struct camera *camera, const struct feed *feed)
{
	unsigned count = add(may, 0, camera->fd, camera->kind->may, camera->kind->mays);

	count = add_buffers(may, count, camera);
	return add(may, count, feed->fd, feed->kind->may, feed->kind->mays);
}

/* Where one of the ends cannot, or may not, frames are copied, and nobody is the worse for it. */
static int borrow(struct live_worker *w, struct scrim_error *why)
{
	struct lending *lending;
	int ret;

	if (!w->policy->zero_copy)
		return fail(why, -ENOTSUP, "zero-copy = no");
	ret = source_lend(w->source, &lending, why);
	if (ret < 0)
		return ret;
	ret = feed_borrow(&w->sink, w->feed, lending, why);
	if (ret >= 0)
		lending->on = true;
	else
		lending_end(lending);
	return ret;
}

int live_before(void *worker, struct scrim_error *err)
{
	struct live_worker *w = worker;
	struct scrim_error why;
	int ret = net_init(err);

	if (ret >= 0)
		ret = camera_source(&w->source, w->camera, err);
	if (ret >= 0 && borrow(w, &why) < 0) {
		snprintf(w->copied, sizeof(w->copied), "%s", why.text);
		ret = feed_sink(&w->sink, w->feed, err);
		if (ret >= 0 && sink_lend(w->sink))
			source_fill(w->source, sink_lend(w->sink));
	}
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

	counts->zero_copy = !*w->copied;
	memcpy(counts->copied, w->copied, sizeof(counts->copied));
	source_count_in(w->source, &counts->dropped, &counts->damaged);
	ret = pipeline_make_parts(w->policy, w->model, w->boxes, &parts, err);
	if (ret >= 0)
		ret = pipeline_new(&pipeline, w->policy, &parts, err);
	if (ret >= 0)
		ret = live_run(pipeline, w->source, w->sink, counts, err);
	pipeline_free(&pipeline);
	source_free(&w->source);
	sink_free(&w->sink);
	return ret;
}
