// SPDX-License-Identifier: LGPL-2.1-or-later
#include "detect/boxes.h"

#include <math.h>

#define OVERLAP	.4f		/* of boxes of one face: share of their union */

static int strange(struct scrim_error *err)
{
	return fail(err, -EIO, "the network answers with numbers that are none");
}

static float sigmoid(float x)
{
	return 1 / (1 + expf(-x));
}

/* Far outside of any picture: nothing that a sound network says. */
static bool sane(float pixels)
{
	return fabsf(pixels) < 1e6f;		/* false for what is no number */
}

static int propose(struct candidates *found, float x, float y, float w, float h,
		   float score, struct scrim_error *err)
{
	if (!sane(x) || !sane(y) || !sane(w) || !sane(h))
		return strange(err);
	if (found->count == found->max)
		return fail(err, -EIO, "the network proposes too many boxes");
	found->at[found->count++] = (struct detection){ x - w / 2, y - h / 2, w, h, score };
	return 0;
}

/*
 * Liu et al. 2016, SSD: boxes are given relative to priors, squares around the
 * middle of each step, with variances .1 for places and .2 for sizes.
 */
static const struct ultra_scale {
	unsigned step, priors;
	float side[3];			/* pixels */
} ultra_scales[] = {
	{ 8, 3, { 10, 16, 24 } },
	{ 16, 2, { 32, 48 } },
	{ 32, 2, { 64, 96 } },
	{ 64, 3, { 128, 192, 256 } },
};
#define ULTRA_SCALES	(sizeof(ultra_scales) / sizeof(ultra_scales[0]))

/* The priors around one place: scores are background and face for each. */
static int ultra_place(const struct ultra_scale *scale, unsigned x, unsigned y,
		       const float *score, const float *box, float threshold,
		       struct candidates *found, struct scrim_error *err)
{
	for (unsigned i = 0; i < scale->priors; i++, score += 2, box += 4) {
		float difference = score[1] - score[0], side = scale->side[i];
		int ret;

		if (!isfinite(difference))
			return strange(err);
		if (difference < threshold)
			continue;
		ret = propose(found, (x + .5f) * scale->step + box[0] * .1f * side,
			      (y + .5f) * scale->step + box[1] * .1f * side,
			      side * expf(box[2] * .2f), side * expf(box[3] * .2f),
			      sigmoid(difference), err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int ultra_scale(const struct ultra_scale *scale, const struct net_output *scores,
		       const struct net_output *boxes, float threshold,
		       struct candidates *found, struct scrim_error *err)
{
	const float *score = scores->at, *box = boxes->at;

	if (scores->width != boxes->width || scores->height != boxes->height ||
	    scores->channels != 2 * scale->priors || boxes->channels != 4 * scale->priors)
		return fail(err, -ENOTSUP, "the network is not like UltraFace");
	for (unsigned y = 0; y < scores->height; y++)
		for (unsigned x = 0; x < scores->width; x++) {
			int ret = ultra_place(scale, x, y, score, box, threshold, found, err);

			if (ret < 0)
				return ret;
			score += scores->channels;
			box += boxes->channels;
		}
	return 0;
}

int boxes_ultra(const struct net *net, float threshold,
		struct candidates *found, struct scrim_error *err)
{
	/* Two scores through softmax: the sigmoid of their difference. */
	float difference = logf(threshold / (1 - threshold));
	int ret = 0;

	for (unsigned i = 0; i < ULTRA_SCALES && !ret; i++)
		ret = ultra_scale(&ultra_scales[i], net_output(net, i),
				  net_output(net, ULTRA_SCALES + i), difference, found, err);
	return ret;
}

/* Wu et al. 2023, YuNet: one box a place, a face's score is the mean of two. */
static int yunet_scale(unsigned step, const struct net_output *class,
		       const struct net_output *object, const struct net_output *boxes,
		       float threshold, struct candidates *found, struct scrim_error *err)
{
	size_t places = (size_t)class->width * class->height;

	if (class->channels != 1 || object->channels != 1 || boxes->channels != 4 ||
	    (size_t)object->width * object->height != places ||
	    (size_t)boxes->width * boxes->height != places)
		return fail(err, -ENOTSUP, "the network is not like YuNet");
	for (size_t i = 0; i < places; i++) {
		const float *box = boxes->at + 4 * i;
		float score = sqrtf(sigmoid(class->at[i]) * sigmoid(object->at[i]));
		int ret;

		if (!isfinite(class->at[i] + object->at[i]))
			return strange(err);
		if (score < threshold)
			continue;
		ret = propose(found, (i % class->width + box[0]) * step,
			      (i / class->width + box[1]) * step,
			      expf(box[2]) * step, expf(box[3]) * step, score, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int boxes_yunet(const struct net *net, float threshold,
		struct candidates *found, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; i < 3 && !ret; i++)
		ret = yunet_scale(8 << i, net_output(net, i), net_output(net, 3 + i),
				  net_output(net, 6 + i), threshold, found, err);
	return ret;
}

static float overlap_of(const struct detection *a, const struct detection *b)
{
	float w = fminf(a->x + a->w, b->x + b->w) - fmaxf(a->x, b->x);
	float h = fminf(a->y + a->h, b->y + b->h) - fmaxf(a->y, b->y);

	if (w <= 0 || h <= 0)
		return 0;
	return w * h / (a->w * a->h + b->w * b->h - w * h);
}

/* Takes the best one out. */
static struct detection take_best(struct candidates *candidates)
{
	struct detection taken;
	unsigned best = 0;

	for (unsigned i = 1; i < candidates->count; i++)
		if (candidates->at[i].score > candidates->at[best].score)
			best = i;
	taken = candidates->at[best];
	candidates->at[best] = candidates->at[--candidates->count];
	return taken;
}

/* Takes out what overlaps with the best one; the scores of all of them together. */
static float take_heap(struct candidates *candidates, const struct detection *best)
{
	float support = best->score;
	unsigned left = 0;

	for (unsigned i = 0; i < candidates->count; i++)
		if (overlap_of(&candidates->at[i], best) > OVERLAP)
			support += candidates->at[i].score;
		else
			candidates->at[left++] = candidates->at[i];
	candidates->count = left;
	return support;
}

/*
 * A face makes a network propose its box from many places, what only looks like
 * one from few.  So the odds of the best proposal are multiplied by how many there
 * are, each counting as its score.
 */
static float score_of(float best, float support)
{
	float odds = fminf(best, .999999f) / (1 - fminf(best, .999999f)) * support;

	return odds / (1 + odds);
}

/* Into its place: the best comes first. */
static void insert(struct detections *picked, const struct detection *box)
{
	unsigned at = picked->count++;

	for (; at && picked->at[at - 1].score < box->score; at--)
		picked->at[at] = picked->at[at - 1];
	picked->at[at] = *box;
}

void boxes_pick(struct candidates *candidates, float threshold, struct detections *picked)
{
	while (candidates->count) {
		struct detection best = take_best(candidates);

		best.score = score_of(best.score, take_heap(candidates, &best));
		if (best.score < threshold)
			continue;
		if (picked->count == DETECTIONS_MAX) {
			picked->full = true;
			return;
		}
		insert(picked, &best);
	}
}
