// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Follows faces through a whole file, first forwards, then backwards, and keeps
 * for each frame what either way covers.  A detection that both ways meet carries
 * the number of its track from one to the other.
 */
#include "detect/track.h"

#include <assert.h>
#include <stdlib.h>

#include "detect/follow.h"

#define GROW_FROM	1024

struct logged_frame {
	int64_t time_ns;
	const char *doubt;		/* static text; the frame is covered whole */
	uint64_t first_sighting;	/* those of the next frame come after */
	uint64_t first_place;		/* likewise, in the result of the last pass */
	unsigned places;
	uint16_t width, height;
	unsigned sightings;
};

/* A region of the result, clipped to the picture, as small as it gets. */
struct place {
	uint16_t x, y, w, h;
	uint16_t seen_x, seen_y, seen_w, seen_h;
	uint32_t track;
	uint16_t score;			/* in 65535ths */
	uint8_t cause;
};

struct places {
	struct place *at;
	uint64_t count, room;
};

struct track_log {
	struct track_options options;
	bool finished;
	struct logged_frame *frame;
	uint64_t frames, frame_room;
	struct sighting *sighting;
	uint64_t sightings, sighting_room;
	struct places places;
};

static_assert(sizeof(struct logged_frame) <= 48, "promised in track.h");
static_assert(sizeof(struct sighting) <= 24 && sizeof(struct place) <= 24,
	      "promised in track.h");

/* Makes room for more entries of a growing array. */
static int reserve(void **array, uint64_t *room, uint64_t count, uint64_t more,
		   size_t size, struct scrim_error *err)
{
	uint64_t wanted = *room ? *room : GROW_FROM;
	size_t bytes;
	void *grown;

	if (__builtin_add_overflow(count, more, &more))
		return fail(err, -ENOMEM, "too many faces to remember");
	if (more <= *room)
		return 0;
	while (wanted < more)
		if (__builtin_mul_overflow(wanted, 2, &wanted))
			return fail(err, -ENOMEM, "too many faces to remember");
	if (__builtin_mul_overflow(wanted, size, &bytes) ||
	    !(grown = realloc(*array, bytes)))
		return fail(err, -ENOMEM, "out of memory for the faces of all frames");
	*array = grown;
	*room = wanted;
	return 0;
}

int track_log_new(struct track_log **log, const struct track_options *options,
		  struct scrim_error *err)
{
	*log = calloc(1, sizeof(**log));
	if (!*log)
		return fail(err, -ENOMEM, "out of memory for the track log");
	(*log)->options = track_options_full(options);
	return 0;
}

static void log_sightings(struct track_log *log, struct logged_frame *frame,
			  const struct detections *found)
{
	for (unsigned i = 0; i < found->count; i++) {
		if (!detection_sound(&found->at[i])) {
			frame->doubt = "the detector returned nonsense";
			continue;
		}
		if (found->at[i].score < log->options.keep)
			continue;
		log->sighting[log->sightings++] = (struct sighting){ .seen = found->at[i] };
		frame->sightings++;
	}
}

int track_log_add(struct track_log *log, const struct detections *found,
		  int64_t time_ns, unsigned width, unsigned height,
		  struct scrim_error *err)
{
	struct logged_frame frame = { .time_ns = time_ns };
	int ret;

	if (log->finished)
		return fail(err, -EINVAL, "the track log is finished");
	if (width > UINT16_MAX || height > UINT16_MAX)
		return fail(err, -EFBIG, "picture of %u x %u is too large", width, height);
	ret = reserve((void **)&log->frame, &log->frame_room, log->frames, 1,
		      sizeof(frame), err);
	if (ret < 0)
		return ret;
	ret = reserve((void **)&log->sighting, &log->sighting_room, log->sightings,
		      found ? found->count : 0, sizeof(*log->sighting), err);
	if (ret < 0)
		return ret;
	frame.width = width;
	frame.height = height;
	frame.first_sighting = log->sightings;
	if (!found)
		frame.doubt = "the detector failed";
	else if (found->full)
		frame.doubt = "more faces than can be counted";
	if (found)
		log_sightings(log, &frame, found);
	log->frame[log->frames++] = frame;
	return 0;
}

/* Shows frame n to the tracker; what it covers goes to regions. */
static void log_follow(struct track_log *log, struct tracker *tracker, uint64_t n,
		       int64_t step_ns, struct regions *regions)
{
	struct logged_frame *frame = &log->frame[n];

	regions_clear(regions);
	tracker_follow(tracker, &log->sighting[frame->first_sighting], frame->sightings,
		       step_ns, frame->width, frame->height, METHOD_FILL, regions);
	if (regions->whole)
		frame->doubt = regions->why;
}

static struct rect place_box(const struct place *place)
{
	return (struct rect){ place->x, place->y, place->w, place->h };
}

static struct place place_of(const struct region *region, const struct logged_frame *frame)
{
	struct rect seen = rect_clip(region->seen, frame->width, frame->height);
	float score = region->score < 0 ? 0 : region->score > 1 ? 1 : region->score;

	return (struct place){
		.x = region->box.x, .y = region->box.y,
		.w = region->box.w, .h = region->box.h,
		.seen_x = seen.x, .seen_y = seen.y,
		.seen_w = seen.w, .seen_h = seen.h,
		.track = region->track,
		.score = score * UINT16_MAX + .5f,
		.cause = region->cause,
	};
}

static int pass_forwards(struct track_log *log, struct tracker *tracker,
			 struct regions *regions, struct places *ahead,
			 struct scrim_error *err)
{
	for (uint64_t n = 0; n < log->frames; n++) {
		struct logged_frame *frame = &log->frame[n];
		int ret;

		log_follow(log, tracker, n,
			   n ? track_step_ns(frame[-1].time_ns, frame->time_ns) : 0, regions);
		ret = reserve((void **)&ahead->at, &ahead->room, ahead->count,
			      regions->count, sizeof(*ahead->at), err);
		if (ret < 0)
			return ret;
		frame->first_place = ahead->count;
		frame->places = regions->count;
		for (unsigned i = 0; i < regions->count; i++)
			ahead->at[ahead->count++] = place_of(&regions->at[i], frame);
	}
	return 0;
}

/* Where both ways cover the same track it is one box. */
static bool same_place(const struct place *place, const struct region *back)
{
	return place->track == back->track &&
	       !rect_empty(rect_intersect(place_box(place), back->box));
}

static void widen(struct place *place, const struct region *back)
{
	struct rect box = rect_union(place_box(place), back->box);

	place->x = box.x;
	place->y = box.y;
	place->w = box.w;
	place->h = box.h;
	if (back->cause == CAUSE_FACE)
		place->cause = CAUSE_FACE;
}

static void add_back(struct places *places, uint64_t first, const struct region *back,
		     const struct logged_frame *frame)
{
	struct place *place;

	for (uint64_t i = first; i < places->count; i++)
		if (same_place(&places->at[i], back)) {
			widen(&places->at[i], back);
			return;
		}
	place = &places->at[places->count++];
	*place = place_of(back, frame);
	if (back->cause == CAUSE_HELD)
		place->cause = CAUSE_AHEAD;
}

/* Adds what the way back covers to a copy of what the way there covered. */
static int merge(struct track_log *log, struct logged_frame *frame,
		 const struct places *ahead, const struct regions *back,
		 struct scrim_error *err)
{
	struct places *places = &log->places;
	uint64_t first = places->count;
	int ret;

	ret = reserve((void **)&places->at, &places->room, places->count,
		      (uint64_t)frame->places + back->count, sizeof(*places->at), err);
	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < frame->places; i++)
		places->at[places->count++] = ahead->at[frame->first_place + i];
	for (unsigned i = 0; i < back->count; i++)
		add_back(places, first, &back->at[i], frame);
	frame->first_place = first;
	frame->places = places->count - first;
	return 0;
}

static int pass_backwards(struct track_log *log, struct tracker *tracker,
			  struct regions *regions, const struct places *ahead,
			  struct scrim_error *err)
{
	for (uint64_t n = log->frames; n-- > 0; ) {
		struct logged_frame *frame = &log->frame[n];
		int64_t step_ns = n + 1 < log->frames ?
				  track_step_ns(frame->time_ns, frame[1].time_ns) : 0;
		int ret;

		log_follow(log, tracker, n, step_ns, regions);
		ret = merge(log, frame, ahead, regions, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int track_log_finish(struct track_log *log, struct scrim_error *err)
{
	struct regions *regions = NULL;
	struct tracker *tracker = NULL;
	struct places ahead = { 0 };
	int ret;

	if (log->finished)
		return fail(err, -EINVAL, "the track log is finished");
	regions = malloc(sizeof(*regions));
	if (!regions) {
		ret = fail(err, -ENOMEM, "out of memory for the regions of a frame");
		goto out;
	}
	ret = tracker_new(&tracker, &log->options, err);
	if (ret < 0)
		goto out;
	ret = pass_forwards(log, tracker, regions, &ahead, err);
	if (ret < 0)
		goto out;
	tracker_reset(tracker);
	ret = pass_backwards(log, tracker, regions, &ahead, err);
	if (ret < 0)
		goto out;
	free(log->sighting);
	log->sighting = NULL;
	log->finished = true;
out:
	free(ahead.at);
	tracker_free(&tracker);
	free(regions);
	return ret;
}

void track_log_at(const struct track_log *log, uint64_t number,
		  enum method method, struct regions *regions)
{
	const struct logged_frame *frame;

	if (!log->finished || number >= log->frames) {
		regions_cover(regions, "this frame was not looked at");
		return;
	}
	frame = &log->frame[number];
	if (frame->doubt)
		regions_cover(regions, frame->doubt);
	for (unsigned i = 0; i < frame->places; i++) {
		const struct place *place = &log->places.at[frame->first_place + i];
		struct region region = {
			.box = place_box(place),
			.method = method,
			.cause = place->cause,
			.track = place->track,
			.score = place->score / (float)UINT16_MAX,
			.seen = { place->seen_x, place->seen_y,
				  place->seen_w, place->seen_h },
		};

		regions_add(regions, &region);
	}
}

void track_log_free(struct track_log **log)
{
	if (!*log)
		return;
	free((*log)->frame);
	free((*log)->sighting);
	free((*log)->places.at);
	free(*log);
	*log = NULL;
}
