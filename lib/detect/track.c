// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The tracker.  Strong detections begin tracks and continue them; weak ones only
 * continue what is left over, because a face that was there is likelier to be
 * there still than noise is to look like one (two rounds, as in ByteTrack).
 */
#include "detect/track.h"

#include <math.h>
#include <stdlib.h>

#include "detect/follow.h"
#include "detect/glide.h"
#include "detect/match.h"

#define NS_PER_S	1e9

static const struct track_options defaults = {
	.start = .7f,
	.keep = .4f,
	.margin = .15f,
	.hold_ns = 1000000000,
	.growth = 1.f,
};

/*
 * In sizes of the face, so that near and far faces behave alike: how far a
 * detector's box is off, how fast a new face may be, how much its speed changes.
 */
#define PLACE_NOISE	.08
#define SIZE_NOISE	.1
#define PLACE_SPEED	5.
#define SIZE_SPEED	.5
#define PLACE_SHOVE	3.
#define SIZE_SHOVE	.5
#define SPEED_MAX	40.
/* A face that is lost is not believed to go further than this. */
#define DRIFT_MAX	4.
/* Seconds in which the speed of a face that is not seen fades to a third. */
#define FADE_S		1.
/*
 * How far a face goes between two frames.  One that has been lost for longer than
 * a frame does not jump: it would hop from neighbour to neighbour, held for ever.
 */
#define REACH		1.5f
/* Pixels; beyond, a box says nothing about a picture of ours. */
#define PLACE_MAX	1e6f
/* Steps outside of these are not believed: 250 frames a second, 4 a second. */
#define STEP_MIN_NS	4000000
#define STEP_MAX_NS	250000000

struct track {
	uint32_t id;
	struct glide x, y, w, h;	/* centre and size */
	struct detection seen;		/* the last hit */
	int64_t unseen_ns;		/* since then; 0: hit in this frame */
	/*
	 * A jump may have been to another face.  Where the track was before stays
	 * covered as if it had been lost there.
	 */
	struct fbox left;
	int64_t left_ns;		/* since the jump; below 0: there is none */
};

struct tracker {
	struct track_options options;
	bool running;			/* time_ns is known */
	int64_t time_ns;
	uint32_t next_id;
	unsigned count;
	struct track track[TRACKS_MAX];
	struct matcher matcher;
	struct sighting scratch[DETECTIONS_MAX];
};

struct track_options track_options_full(const struct track_options *options)
{
	struct track_options full = defaults;

	if (!options)
		return full;
	if (options->start > 0)
		full.start = options->start;
	if (options->keep > 0)
		full.keep = options->keep;
	if (options->margin > 0)
		full.margin = options->margin;
	if (options->hold_ns > 0)
		full.hold_ns = options->hold_ns;
	if (options->growth > 0)
		full.growth = options->growth;
	return full;
}

int64_t track_step_ns(int64_t from_ns, int64_t to_ns)
{
	int64_t step;

	if (__builtin_sub_overflow(to_ns, from_ns, &step) || step < STEP_MIN_NS)
		return STEP_MIN_NS;
	return step < STEP_MAX_NS ? step : STEP_MAX_NS;
}

bool detection_sound(const struct detection *seen)
{
	return fabsf(seen->x) <= PLACE_MAX && fabsf(seen->y) <= PLACE_MAX &&
	       seen->w > 0 && seen->w <= PLACE_MAX &&
	       seen->h > 0 && seen->h <= PLACE_MAX && isfinite(seen->score);
}

static struct fbox seen_box(const struct detection *seen)
{
	return (struct fbox){ seen->x, seen->y, seen->w, seen->h };
}

/* Never smaller than half of what was seen: a filter may undershoot. */
static struct fbox guess_box(const struct track *track)
{
	float w = fmax(track->w.at, track->seen.w / 2);
	float h = fmax(track->h.at, track->seen.h / 2);

	if (track->unseen_ns) {	/* what is lost does not shrink */
		w = fmaxf(w, track->seen.w);
		h = fmaxf(h, track->seen.h);
	}
	return (struct fbox){ track->x.at - w / 2, track->y.at - h / 2, w, h };
}

static struct fbox box_around(struct fbox a, struct fbox b)
{
	float x = fminf(a.x, b.x), y = fminf(a.y, b.y);

	return (struct fbox){ x, y, fmaxf(a.x + a.w, b.x + b.w) - x,
			      fmaxf(a.y + a.h, b.y + b.h) - y };
}

static double size_of(const struct track *track)
{
	return ((double)track->seen.w + track->seen.h) / 2;
}

static double within(double at, double middle, double reach)
{
	return fmin(fmax(at, middle - reach), middle + reach);
}

/* Time passes for a track; what the frame shows is not yet known. */
static void pass(struct track *track, int64_t step_ns)
{
	double seconds = step_ns / NS_PER_S, size = size_of(track);

	if (track->unseen_ns) {
		double fade = exp(-seconds / FADE_S);

		track->x.speed *= fade;
		track->y.speed *= fade;
		track->w.speed *= fade;
		track->h.speed *= fade;
	}
	glide_on(&track->x, seconds, PLACE_SHOVE * size);
	glide_on(&track->y, seconds, PLACE_SHOVE * size);
	glide_on(&track->w, seconds, SIZE_SHOVE * size);
	glide_on(&track->h, seconds, SIZE_SHOVE * size);
	track->x.at = within(track->x.at, track->seen.x + track->seen.w / 2, DRIFT_MAX * size);
	track->y.at = within(track->y.at, track->seen.y + track->seen.h / 2, DRIFT_MAX * size);
	track->unseen_ns += step_ns;
	if (track->left_ns >= 0)
		track->left_ns += step_ns;
}

static void begin(struct track *track, const struct detection *seen, uint32_t id)
{
	double size = ((double)seen->w + seen->h) / 2;

	*track = (struct track){ .id = id, .seen = *seen, .left_ns = -1 };
	glide_start(&track->x, seen->x + seen->w / 2, PLACE_NOISE * size, PLACE_SPEED * size);
	glide_start(&track->y, seen->y + seen->h / 2, PLACE_NOISE * size, PLACE_SPEED * size);
	glide_start(&track->w, seen->w, SIZE_NOISE * size, SIZE_SPEED * size);
	glide_start(&track->h, seen->h, SIZE_NOISE * size, SIZE_SPEED * size);
}

static void hit(struct track *track, const struct detection *seen, bool jumped)
{
	double size = ((double)seen->w + seen->h) / 2;

	if (jumped) {
		track->left = track->left_ns < 0 ? guess_box(track) :
			      box_around(track->left, guess_box(track));
		track->left_ns = 0;
	}
	glide_see(&track->x, seen->x + seen->w / 2, PLACE_NOISE * size);
	glide_see(&track->y, seen->y + seen->h / 2, PLACE_NOISE * size);
	glide_see(&track->w, seen->w, SIZE_NOISE * size);
	glide_see(&track->h, seen->h, SIZE_NOISE * size);
	track->x.speed = within(track->x.speed, 0, SPEED_MAX * size);
	track->y.speed = within(track->y.speed, 0, SPEED_MAX * size);
	track->seen = *seen;
	track->unseen_ns = 0;
}

static void match_prepare(struct tracker *tracker, const struct sighting *sightings,
			  unsigned count, int64_t step_ns)
{
	struct matcher *m = &tracker->matcher;

	m->olds = tracker->count;
	for (unsigned i = 0; i < tracker->count; i++) {
		m->old[i] = guess_box(&tracker->track[i]);
		m->reach[i] = tracker->track[i].unseen_ns <= 2 * step_ns ? REACH : 0;
		m->new_of[i] = MATCH_FREE;
	}
	m->news = count;
	for (unsigned i = 0; i < count; i++) {
		m->new[i] = seen_box(&sightings[i].seen);
		m->old_of[i] = MATCH_ABSENT;
	}
}

/* Lets those into the round that score at least this. */
static void match_round(struct tracker *tracker, const struct sighting *sightings,
			float score)
{
	struct matcher *m = &tracker->matcher;

	for (unsigned i = 0; i < m->news; i++)
		if (m->old_of[i] == MATCH_ABSENT && sightings[i].seen.score >= score)
			m->old_of[i] = MATCH_FREE;
	match(m);
}

static void continue_tracks(struct tracker *tracker, struct sighting *sightings)
{
	const struct matcher *m = &tracker->matcher;

	for (unsigned i = 0; i < m->olds; i++) {
		struct track *track = &tracker->track[i];
		struct sighting *sighting;

		if (m->new_of[i] < 0)
			continue;
		sighting = &sightings[m->new_of[i]];
		hit(track, &sighting->seen,
		    box_fit(&m->old[i], &m->new[m->new_of[i]], m->reach[i]) < 1);
		if (sighting->track)
			track->id = sighting->track;
		else
			sighting->track = track->id;
	}
}

static void begin_tracks(struct tracker *tracker, struct sighting *sightings,
			 struct regions *regions)
{
	const struct matcher *m = &tracker->matcher;

	for (unsigned i = 0; i < m->news; i++) {
		struct sighting *sighting = &sightings[i];

		if (m->old_of[i] >= 0 || sighting->seen.score < tracker->options.start)
			continue;
		if (tracker->count == TRACKS_MAX) {
			regions_cover(regions, "more faces than can be followed");
			return;
		}
		if (!sighting->track)
			sighting->track = tracker->next_id++;
		begin(&tracker->track[tracker->count++], &sighting->seen, sighting->track);
	}
}

static void end_tracks(struct tracker *tracker)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < tracker->count; i++) {
		struct track *track = &tracker->track[i];

		if (track->left_ns > tracker->options.hold_ns)
			track->left_ns = -1;
		if (track->unseen_ns <= tracker->options.hold_ns)
			tracker->track[kept++] = *track;
	}
	tracker->count = kept;
}

static int pixel(float at)
{
	return fminf(fmaxf(at, -4 * PLACE_MAX), 4 * PLACE_MAX);
}

static struct rect pixels(struct fbox box)
{
	int x = pixel(floorf(box.x)), y = pixel(floorf(box.y));

	return (struct rect){ x, y, pixel(ceilf(box.x + box.w)) - x,
			      pixel(ceilf(box.y + box.h)) - y };
}

/* Share of its size, a side, by which a box is larger than what was seen. */
static float slack(const struct tracker *tracker, int64_t unseen_ns)
{
	return tracker->options.margin + tracker->options.growth * unseen_ns / NS_PER_S / 2;
}

static void cover(const struct track *track, struct rect box, enum cause cause,
		  unsigned width, unsigned height, enum method method,
		  struct regions *regions)
{
	struct region region = {
		.box = rect_clip(box, width, height),
		.method = method,
		.cause = cause,
		.track = track->id,
		.score = track->seen.score,
		.seen = pixels(seen_box(&track->seen)),
	};

	if (!rect_empty(region.box))
		regions_add(regions, &region);
}

static void cover_tracks(const struct tracker *tracker, unsigned width,
			 unsigned height, enum method method, struct regions *regions)
{
	for (unsigned i = 0; i < tracker->count; i++) {
		const struct track *track = &tracker->track[i];
		struct rect box = rect_union(pixels(seen_box(&track->seen)),
					     pixels(guess_box(track)));

		cover(track, rect_grow(box, slack(tracker, track->unseen_ns)),
		      track->unseen_ns ? CAUSE_HELD : CAUSE_FACE,
		      width, height, method, regions);
		if (track->left_ns >= 0)
			cover(track, rect_grow(pixels(track->left),
					       slack(tracker, track->left_ns)),
			      CAUSE_HELD, width, height, method, regions);
	}
}

void tracker_follow(struct tracker *tracker, struct sighting *sightings,
		    unsigned count, int64_t step_ns, unsigned width,
		    unsigned height, enum method method, struct regions *regions)
{
	for (unsigned i = 0; i < tracker->count; i++)
		pass(&tracker->track[i], step_ns);
	match_prepare(tracker, sightings, count, step_ns);
	match_round(tracker, sightings, tracker->options.start);
	match_round(tracker, sightings, tracker->options.keep);
	continue_tracks(tracker, sightings);
	begin_tracks(tracker, sightings, regions);
	end_tracks(tracker);
	cover_tracks(tracker, width, height, method, regions);
}

void track(struct tracker *tracker, const struct detections *found,
	   int64_t time_ns, unsigned width, unsigned height, enum method method,
	   struct regions *regions)
{
	int64_t step_ns = tracker->running ? track_step_ns(tracker->time_ns, time_ns) : 0;
	unsigned count = 0;

	tracker->running = true;
	tracker->time_ns = time_ns;
	for (unsigned i = 0; found && i < found->count; i++) {
		if (!detection_sound(&found->at[i])) {
			regions_cover(regions, "the detector returned nonsense");
			continue;
		}
		tracker->scratch[count++] = (struct sighting){ .seen = found->at[i] };
	}
	if (found && found->full)
		regions_cover(regions, "more faces than can be counted");
	tracker_follow(tracker, tracker->scratch, count, step_ns, width, height,
		       method, regions);
}

int tracker_new(struct tracker **tracker, const struct track_options *options,
		struct scrim_error *err)
{
	*tracker = calloc(1, sizeof(**tracker));
	if (!*tracker)
		return fail(err, -ENOMEM, "out of memory for the tracker");
	(*tracker)->options = track_options_full(options);
	(*tracker)->next_id = 1;
	return 0;
}

void tracker_reset(struct tracker *tracker)
{
	tracker->running = false;
	tracker->count = 0;
}

void tracker_free(struct tracker **tracker)
{
	free(*tracker);
	*tracker = NULL;
}
