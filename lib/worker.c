// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The worker of one file.  It sees raw pixels and bytes of strangers, and holds
 * nothing that they could be sent to but the descriptors that it was given.
 */
#include "worker.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detect/net.h"
#include "pipeline.h"

#define SHEET_PAIRS	3	/* before and after, of one video */

struct work {
	const struct worker *worker;
	struct job_result *result;
	struct pipeline *pipeline;
	struct source *source;
	struct sink *sink;
	struct sheet *sheet;
	uint16_t *seen;			/* faces by frame, to choose for the sheet */
	size_t seen_room;
	int64_t first_ns;		/* of the first frame written */
	uint64_t pick[SHEET_PAIRS];
	unsigned picks;
	struct pipeline_watcher watcher;
};

int worker_before(void *worker, struct scrim_error *err)
{
	json_object_seed(0);		/* from the system's random numbers */
	return net_init(err);
}

static int write_all(int fd, const char *bytes, size_t size, struct scrim_error *err)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, -errno, "cannot write the report: %s", strerror(errno));
		bytes += n;
		size -= n;
	}
	return 0;
}

static json_t *box_json(struct rect r)
{
	return json_pack("[iiii]", r.x, r.y, r.w, r.h);
}

static json_t *region_json(const struct region *region)
{
	json_t *json = json_pack("{so ss ss}", "box", box_json(region->box),
				 "cause", cause_name(region->cause),
				 "method", method_name(region->method));

	if (json && region->track) {
		json_object_set_new(json, "track", json_integer(region->track));
		json_object_set_new(json, "score", json_real(region->score));
	}
	if (json && !rect_empty(region->seen))
		json_object_set_new(json, "seen", box_json(region->seen));
	return json;
}

static json_t *frame_json(const struct frame *frame, const struct regions *regions)
{
	json_t *list = json_array(), *json;

	for (unsigned i = 0; i < regions->count; i++)
		json_array_append_new(list, region_json(&regions->at[i]));
	json = json_pack("{sI sf so}", "frame", (json_int_t)frame->number,
			 "time", frame->time_ns / 1e9, "regions", list);
	if (json && regions->whole)
		json_object_set_new(json, "whole", json_string(regions->why));
	return json;
}

static int report_frame(struct work *work, const struct frame *frame,
			const struct regions *regions, struct scrim_error *err)
{
	int fd = work->worker->request->report, ret;
	json_t *json;
	char *text;

	if (fd < 0)
		return 0;
	json = frame_json(frame, regions);
	text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
	json_decref(json);
	if (!text)
		return fail(err, -ENOMEM, "no memory for the report");
	ret = write_all(fd, work->result->frames ? ",\n" : "\n", work->result->frames ? 2 : 1, err);
	if (ret >= 0)
		ret = write_all(fd, text, strlen(text), err);
	free(text);
	return ret;
}

/* The watcher: progress, the report, and the pictures of the contact sheet. */

static int remember_seen(struct work *work, uint64_t number, unsigned faces,
			 struct scrim_error *err)
{
	if (number >= work->seen_room) {
		size_t room = 2 * work->seen_room + 1024;
		uint16_t *seen = realloc(work->seen, room * sizeof(*seen));

		if (!seen)
			return fail(err, -ENOMEM, "no memory for the contact sheet");
		work->seen = seen;
		work->seen_room = room;
	}
	work->seen[number] = faces;
	return 0;
}

static int looked(void *ctx, uint64_t number, const struct detections *faces,
		  struct scrim_error *err)
{
	struct work *work = ctx;

	work->result->looked++;
	if (!work->sheet)
		return 0;
	return remember_seen(work, number, faces ? faces->count : 0, err);
}

/* Of each third of the file, the frame with most faces. */
static void choose_picks(struct work *work)
{
	uint64_t frames = work->result->looked;

	for (unsigned i = 0; i < SHEET_PAIRS; i++) {
		uint64_t from = frames * i / SHEET_PAIRS, to = frames * (i + 1) / SHEET_PAIRS;
		uint64_t best = (from + to) / 2;

		for (uint64_t n = from; n < to; n++)
			if (work->seen[n] > work->seen[best])
				best = n;
		if (from < to)
			work->pick[work->picks++] = best;
	}
}

static bool wants_before(void *ctx, uint64_t number)
{
	struct work *work = ctx;

	if (!work->sheet)
		return false;
	if (!work->result->looked)	/* a photo, or nothing was looked for */
		return number == 0;
	if (!work->picks)
		choose_picks(work);
	for (unsigned i = 0; i < work->picks; i++)
		if (work->pick[i] == number)
			return true;
	return false;
}

static int decided(void *ctx, const struct frame *frame,
		   const struct regions *regions, struct scrim_error *err)
{
	struct work *work = ctx;
	struct job_result *result = work->result;
	bool seen = false;

	if (!result->frames)
		work->first_ns = frame->time_ns;
	result->span_ns = frame->time_ns - work->first_ns;
	for (unsigned i = 0; i < regions->count; i++) {
		seen = seen || regions->at[i].cause == CAUSE_FACE;
		if (regions->at[i].cause != CAUSE_MOVING && regions->at[i].track > result->faces)
			result->faces = regions->at[i].track;
	}
	result->with_faces += seen;
	if (regions->whole) {
		result->whole++;
		snprintf(result->why, sizeof(result->why), "%s", regions->why);
	}
	return report_frame(work, frame, regions, err);
}

static int done(void *ctx, const struct clean_frame *clean,
		const struct clean_frame *before, struct scrim_error *err)
{
	struct work *work = ctx;
	int ret = 0;

	work->result->frames++;
	if (before) {
		ret = sheet_add(work->sheet, before, err);
		if (ret >= 0)
			ret = sheet_add(work->sheet, clean, err);
	}
	return ret;
}

static int make_sink(struct work *work, struct scrim_error *err)
{
	const struct job_request *request = work->worker->request;
	const struct sink_av_options options = {
		.codec = request->codec,
		.audio = request->keep_audio ? work->worker->audio : -1,
	};

	if (!name_is_picture(request->out))
		return sink_av(&work->sink, work->worker->out, request->out,
			       work->source, &options, err);
	if (!work->source->still)
		return fail(err, -EINVAL, "the input is a video, which does not fit into a photo");
	return sink_picture(&work->sink, work->worker->out, request->out,
			    work->source, err);
}

static int make(struct work *work, struct scrim_error *err)
{
	const struct job_request *request = work->worker->request;
	struct pipeline_parts parts = { 0 };
	int ret;

	ret = source_av(&work->source, work->worker->in,
			request->name ? request->name : request->in, err);
	if (ret < 0)
		return ret;
	work->result->expected = work->source->frames;
	work->result->width = work->source->width;
	work->result->height = work->source->height;
	work->result->still = work->source->still;
	ret = make_sink(work, err);
	if (ret < 0)
		return ret;
	if (request->sheet >= 0) {
		ret = sheet_new(&work->sheet, 2, SHEET_TILE_W, err);
		if (ret < 0)
			return ret;
	}
	ret = pipeline_make_parts(request->policy, work->worker->model,
				  work->worker->boxes, &parts, err);
	if (ret < 0)
		return ret;
	ret = pipeline_new(&work->pipeline, request->policy, &parts, err);
	if (ret >= 0)
		pipeline_watch(work->pipeline, &work->watcher);
	return ret;
}

int worker_run(void *ctx, void *result, struct scrim_error *err)
{
	const struct worker *worker = ctx;
	struct work *work;
	int ret;

	work = calloc(1, sizeof(*work));
	if (!work)
		return fail(err, -ENOMEM, "no memory for a worker");
	*work = (struct work){
		.worker = worker, .result = result,
		.watcher = { work, looked, decided, wants_before, done },
	};
	ret = make(work, err);
	if (ret >= 0)
		ret = pipeline_file(work->pipeline, work->source, work->sink, err);
	if (work->source)
		work->result->damaged = work->source->damaged;
	if (ret >= 0)
		ret = sink_finish(work->sink, err);
	if (ret >= 0 && work->sheet)
		ret = sheet_save(work->sheet, worker->request->sheet, err);
	pipeline_free(&work->pipeline);
	sheet_free(&work->sheet);
	sink_free(&work->sink);
	source_free(&work->source);
	free(work->seen);
	free(work);
	return ret;
}
