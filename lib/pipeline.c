// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The map of scrim: how a raw frame becomes a clean one.  Each step is a call
 * into the folder of its name.  Where a step fails, the frame is covered whole
 * or does not come out at all.
 */
#include "pipeline.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame/marks.h"

/* One thing that is looked for, and what is known about where it goes. */
struct sight {
	struct detector *detector;
	struct tracker *tracker;	/* live */
	struct track_log *log;		/* files */
	struct detections found;
	bool failed;			/* in the frame at hand */
	enum method method;
	struct track_options options;
};

struct pipeline {
	struct policy policy;
	struct sight faces, moving;
	char blind[SCRIM_TEXT_MAX];	/* why every frame is covered whole; empty: it is not */
	struct marks marks;		/* of the first pass */
	struct redactor *redactor;
	struct shape *shape[METHOD_SHOW + 1];	/* the policy's regions, drawn, by method */
	struct shape *hidden;		/* what lies outside of reveal regions */
	unsigned drawn_w, drawn_h;	/* picture size that they were drawn for */
	int minute;			/* of the day; -1: not known */
	struct regions regions;		/* of the frame at hand */
	const struct pipeline_watcher *watcher;
	struct pipeline_counts counts;
};

static bool wanted(enum method method)
{
	return method != METHOD_UNSET && method != METHOD_SHOW;
}

static int sight_init(struct sight *sight, struct detector **detector,
		      enum method method, const struct track_options *options,
		      struct scrim_error *err)
{
	sight->method = method;
	sight->options = *options;
	if (!wanted(method) || !*detector)
		return 0;
	sight->detector = *detector;
	*detector = NULL;
	return tracker_new(&sight->tracker, options, err);
}

static void sight_finish(struct sight *sight)
{
	detector_free(&sight->detector);
	tracker_free(&sight->tracker);
	track_log_free(&sight->log);
}

/* Motion is no matter of degree, nor is a box that somebody wrote down. */
static const struct track_options follow_all = {
	.start = FLT_MIN, .keep = FLT_MIN,
};

static void be_blind(char blind[SCRIM_TEXT_MAX], const char *why)
{
	if (!*blind)
		snprintf(blind, SCRIM_TEXT_MAX, "%s", why);
}

static void know_whether_blind(struct pipeline *p, const struct pipeline_parts *parts)
{
	memcpy(p->blind, parts->blind, sizeof(p->blind));
	if (p->policy.faces == METHOD_UNSET)
		be_blind(p->blind, "no policy");
	else if (policy_finds_faces(&p->policy) && !parts->faces)
		be_blind(p->blind, "no face detector");
	else if (wanted(policy_moving(&p->policy)) && !parts->moving)
		be_blind(p->blind, "no motion detector");
}

/* A face model that is missing or damaged is doubt, not the end. */
static void make_face(const struct policy *policy, int model, struct pipeline_parts *parts)
{
	const struct face_options options = {
		.width = policy->detect_w, .height = policy->detect_h,
	};
	struct scrim_error err;

	if (model < 0)
		be_blind(parts->blind, "there is no face model");
	else if (detector_face(&parts->faces, model, &options, &err) < 0)
		be_blind(parts->blind, err.text);
}

int pipeline_make_parts(const struct policy *policy, int model, int boxes,
			struct pipeline_parts *parts, struct scrim_error *err)
{
	int ret = 0;

	*parts = (struct pipeline_parts){ 0 };
	if (policy_finds_faces(policy)) {
		if (policy->detector == DETECTOR_REPLAY) {
			parts->follow = follow_all;
			ret = detector_replay(&parts->faces, boxes, policy->replay, err);
		} else {
			make_face(policy, model, parts);
		}
	}
	if (ret >= 0 && wanted(policy_moving(policy)))
		ret = detector_motion(&parts->moving, err);
	if (ret < 0)
		detector_free(&parts->faces);
	return ret;
}

int pipeline_new(struct pipeline **pipeline, const struct policy *policy,
		 struct pipeline_parts *parts, struct scrim_error *err)
{
	struct pipeline *p;
	int ret;

	p = calloc(1, sizeof(*p));
	if (!p) {
		ret = fail(err, -ENOMEM, "no memory for a pipeline");
		goto out;
	}
	p->policy = *policy;
	p->minute = -1;
	know_whether_blind(p, parts);
	ret = sight_init(&p->faces, &parts->faces, policy->faces, &parts->follow, err);
	if (ret < 0)
		goto out;
	ret = sight_init(&p->moving, &parts->moving, policy_moving(policy), &follow_all, err);
	if (ret < 0)
		goto out;
	ret = redactor_new(&p->redactor, err);
	if (ret < 0)
		goto out;
	*pipeline = p;
	p = NULL;
out:
	pipeline_free(&p);
	detector_free(&parts->faces);
	detector_free(&parts->moving);
	return ret;
}

static void forget_shapes(struct pipeline *p)
{
	for (int i = 0; i <= METHOD_SHOW; i++)
		shape_free(&p->shape[i]);
	shape_free(&p->hidden);
	p->drawn_w = p->drawn_h = 0;
}

void pipeline_free(struct pipeline **pipeline)
{
	struct pipeline *p = *pipeline;

	if (!p)
		return;
	sight_finish(&p->faces);
	sight_finish(&p->moving);
	forget_shapes(p);
	marks_clear(&p->marks);
	redactor_free(&p->redactor);
	free(p);
	*pipeline = NULL;
}

/* Regions are drawn anew only where an hour begins or ends. */
void pipeline_set_minute(struct pipeline *p, int minute)
{
	bool turn = false;

	for (unsigned i = 0; i < p->policy.regions; i++)
		turn |= policy_region_holds(&p->policy.region[i], minute) !=
			policy_region_holds(&p->policy.region[i], p->minute);
	p->minute = minute;
	if (turn)
		forget_shapes(p);
}

void pipeline_watch(struct pipeline *p, const struct pipeline_watcher *watcher)
{
	p->watcher = watcher;
}

void pipeline_count(const struct pipeline *p, struct pipeline_counts *counts)
{
	*counts = p->counts;
}

/* detect: where in this raw frame is something to hide? */
static void sight_look(struct sight *sight, const struct frame *frame)
{
	sight->failed = false;
	if (sight->detector)
		sight->failed = detect(sight->detector, frame, &sight->found, NULL) < 0;
}

static void look(struct pipeline *p, const struct frame *frame)
{
	sight_look(&p->faces, frame);
	sight_look(&p->moving, frame);
}

/* track, live: what was seen a moment ago is still there. */
static void sight_follow(struct sight *sight, const struct frame *frame,
			 struct regions *regions)
{
	if (!sight->detector)
		return;
	track(sight->tracker, sight->failed ? NULL : &sight->found, frame->time_ns,
	      frame->width, frame->height, sight->method, regions);
	if (sight->failed)
		regions_cover(regions, "detection failed");
}

/* track, first pass of a file: remember for every frame what was seen. */
static int sight_remember(struct sight *sight, const struct frame *frame,
			  struct scrim_error *err)
{
	if (!sight->detector)
		return 0;
	return track_log_add(sight->log, sight->failed ? NULL : &sight->found,
			     frame->time_ns, frame->width, frame->height, err);
}

/* track, second pass: what was seen before and after this frame. */
static void sight_recall(const struct sight *sight, uint64_t number,
			 struct regions *regions)
{
	if (sight->detector)
		track_log_at(sight->log, number, sight->method, regions);
}

/* What the motion sight has added is there because it moves. */
static void say_moving(struct regions *regions, unsigned since)
{
	for (unsigned i = since; i < regions->count; i++)
		regions->at[i].cause = CAUSE_MOVING;
}

static int draw_method(struct pipeline *p, enum method method, unsigned width,
		       unsigned height, struct scrim_error *err)
{
	struct polygon polygons[POLICY_REGIONS_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < p->policy.regions; i++) {
		const struct policy_region *region = &p->policy.region[i];

		if (!region->reveal && region->method == method &&
		    policy_region_holds(region, p->minute))
			polygons[count++] = region->polygon;
	}
	if (!count)
		return 0;
	return shape_draw(&p->shape[method], polygons, count, false, width,
			  height, err);
}

static int draw_hidden(struct pipeline *p, unsigned width, unsigned height,
		       struct scrim_error *err)
{
	struct polygon polygons[POLICY_REGIONS_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < p->policy.regions; i++)
		if (p->policy.region[i].reveal)
			polygons[count++] = p->policy.region[i].polygon;
	if (!count)
		return 0;
	return shape_draw(&p->hidden, polygons, count, true, width, height, err);
}

/* The policy's polygons for this picture size; once, not for each frame. */
static int draw_shapes(struct pipeline *p, const struct frame *frame,
		       struct scrim_error *err)
{
	int ret;

	if (p->drawn_w == frame->width && p->drawn_h == frame->height)
		return 0;
	forget_shapes(p);
	for (enum method m = METHOD_UNSET; m < METHOD_SHOW; m++) {
		ret = draw_method(p, m, frame->width, frame->height, err);
		if (ret < 0)
			return ret;
	}
	ret = draw_hidden(p, frame->width, frame->height, err);
	if (ret < 0)
		return ret;
	p->drawn_w = frame->width;
	p->drawn_h = frame->height;
	return 0;
}

static void add_shape(struct regions *regions, const struct shape *shape,
		      enum method method)
{
	if (shape)
		regions_add(regions, &(struct region){ .box = shape->box,
			.shape = shape, .method = method, .cause = CAUSE_REGION });
}

/* The places that the policy names, whoever is or is not there. */
static void place(struct pipeline *p, const struct frame *frame)
{
	if (draw_shapes(p, frame, NULL) < 0) {
		regions_cover(&p->regions, "regions could not be drawn");
		return;
	}
	for (enum method m = METHOD_UNSET; m < METHOD_SHOW; m++)
		add_shape(&p->regions, p->shape[m], m);
	add_shape(&p->regions, p->hidden, METHOD_FILL);
}

static void count_frame(struct pipeline *p)
{
	p->counts.frames++;
	if (p->regions.whole) {
		p->counts.whole++;
		p->counts.why = p->regions.why;
	}
}

/* redact, with everything that is known about this frame in p->regions. */
static int cover(struct pipeline *p, struct frame **frame,
		 struct clean_frame **clean, struct scrim_error *err)
{
	const struct pipeline_watcher *w = p->watcher;
	int ret = 0;

	if (*p->blind)
		regions_cover(&p->regions, p->blind);
	place(p, *frame);
	p->regions.badge = p->policy.notice;
	count_frame(p);
	if (w && w->decided)
		ret = w->decided(w->ctx, *frame, &p->regions, err);
	if (ret < 0) {
		frame_free(frame);
		return ret;
	}
	return redact(p->redactor, frame, &p->regions, clean, err);
}

int pipeline_frame(struct pipeline *p, struct frame **frame,
		   struct clean_frame **clean, struct scrim_error *err)
{
	unsigned faces;

	regions_clear(&p->regions);
	look(p, *frame);
	sight_follow(&p->faces, *frame, &p->regions);
	faces = p->regions.count;
	sight_follow(&p->moving, *frame, &p->regions);
	say_moving(&p->regions, faces);
	return cover(p, frame, clean, err);
}

static int recalled_frame(struct pipeline *p, struct frame **frame,
			  struct clean_frame **clean, struct scrim_error *err)
{
	unsigned faces;

	regions_clear(&p->regions);
	sight_recall(&p->faces, (*frame)->number, &p->regions);
	faces = p->regions.count;
	sight_recall(&p->moving, (*frame)->number, &p->regions);
	say_moving(&p->regions, faces);
	if (!marks_match(&p->marks, *frame))
		regions_cover(&p->regions, "the file changed between two looks at it");
	return cover(p, frame, clean, err);
}

/* The first pass: nothing is shown. */
static int look_at_all(struct pipeline *p, struct source *source,
		       struct scrim_error *err)
{
	const struct pipeline_watcher *w = p->watcher;
	struct frame *frame = NULL;
	int ret;

	while ((ret = source_next(source, &frame, err)) > 0) {
		look(p, frame);
		ret = marks_add(&p->marks, frame, err);
		if (ret >= 0)
			ret = sight_remember(&p->faces, frame, err);
		if (ret >= 0)
			ret = sight_remember(&p->moving, frame, err);
		if (ret >= 0 && w && w->looked)
			ret = w->looked(w->ctx, frame->number,
					p->faces.failed ? NULL : &p->faces.found, err);
		frame_free(&frame);
		if (ret < 0)
			return ret;
		p->counts.looked++;
	}
	return ret;
}

/* The picture as it was, for a watcher that the user told to ask for it. */
static int keep_before(struct pipeline *p, const struct frame *frame,
		       struct clean_frame **before, struct scrim_error *err)
{
	static const struct regions show_everything;
	const struct pipeline_watcher *w = p->watcher;
	struct frame *copy = NULL;
	int ret;

	if (!w || !w->wants_before || !w->wants_before(w->ctx, frame->number))
		return 0;
	ret = frame_new(&copy, frame->format->fourcc, frame->width,
			frame->height, err);
	if (ret < 0)
		return ret;
	frame_copy(copy, frame);
	return redact(p->redactor, &copy, &show_everything, before, err);
}

/* The second pass, and the only one for a photo. */
static int show_all(struct pipeline *p, struct source *source, struct sink *sink,
		    int (*make)(struct pipeline *, struct frame **,
				struct clean_frame **, struct scrim_error *),
		    struct scrim_error *err)
{
	const struct pipeline_watcher *w = p->watcher;
	struct clean_frame *clean = NULL, *before = NULL;
	struct frame *frame = NULL;
	int ret;

	while ((ret = source_next(source, &frame, err)) > 0) {
		ret = keep_before(p, frame, &before, err);
		if (ret < 0)
			break;
		ret = make(p, &frame, &clean, err);
		if (ret < 0)
			break;
		ret = sink_put(sink, clean, err);
		if (ret >= 0 && w && w->done)
			ret = w->done(w->ctx, clean, before, err);
		clean_frame_free(&clean);
		clean_frame_free(&before);
		if (ret < 0)
			break;
	}
	clean_frame_free(&before);
	frame_free(&frame);
	return ret;
}

int pipeline_live(struct pipeline *p, struct source *source, struct sink *sink,
		  struct scrim_error *err)
{
	return show_all(p, source, sink, pipeline_frame, err);
}

static int sight_begin(struct sight *sight, struct scrim_error *err)
{
	if (!sight->detector)
		return 0;
	track_log_free(&sight->log);
	detector_reset(sight->detector);
	return track_log_new(&sight->log, &sight->options, err);
}

static int sight_end(struct sight *sight, struct scrim_error *err)
{
	int ret;

	if (!sight->detector)
		return 0;
	ret = detector_finish(sight->detector, err);
	return ret < 0 ? ret : track_log_finish(sight->log, err);
}

/* Afterwards it is known for every frame what is to be covered. */
static int first_pass(struct pipeline *p, struct source *source,
		      struct scrim_error *err)
{
	int ret;

	marks_clear(&p->marks);
	ret = sight_begin(&p->faces, err);
	if (ret >= 0)
		ret = sight_begin(&p->moving, err);
	if (ret >= 0)
		ret = look_at_all(p, source, err);
	if (ret >= 0)
		ret = sight_end(&p->faces, err);
	if (ret >= 0)
		ret = sight_end(&p->moving, err);
	return ret;
}

int pipeline_file(struct pipeline *p, struct source *source, struct sink *sink,
		  struct scrim_error *err)
{
	int ret;

	/* A photo has no before and after; a blind filter nothing to look for. */
	if (source->still || *p->blind || (!p->faces.detector && !p->moving.detector)) {
		ret = show_all(p, source, sink, pipeline_frame, err);
		if (ret >= 0 && p->faces.detector)
			ret = detector_finish(p->faces.detector, err);
		return ret;
	}
	ret = first_pass(p, source, err);
	if (ret < 0)
		return ret;
	ret = source_rewind(source, err);
	if (ret < 0)
		return ret;
	ret = show_all(p, source, sink, recalled_frame, err);
	if (ret >= 0 && p->counts.frames < p->counts.looked)
		return fail(err, -EIO, "the file became shorter while it was read");
	return ret;
}
