// SPDX-License-Identifier: LGPL-2.1-or-later
#include "detect/match.h"

#include <math.h>

#define OVERLAP_MIN	.2f
#define SIZE_RATIO_MAX	2.f
/*
 * The best pair of all is made in every round.  Crowds settle in a handful; what
 * a contrived picture leaves after these counts as new faces: more is covered.
 */
#define ROUNDS_MAX	32

static float overlap(const struct fbox *a, const struct fbox *b)
{
	float w = fminf(a->x + a->w, b->x + b->w) - fmaxf(a->x, b->x);
	float h = fminf(a->y + a->h, b->y + b->h) - fmaxf(a->y, b->y);

	if (w <= 0 || h <= 0)
		return 0;
	return w * h / (a->w * a->h + b->w * b->h - w * h);
}

float box_fit(const struct fbox *old, const struct fbox *new, float reach)
{
	float shared = overlap(old, new);
	float old_size = sqrtf(old->w * old->h), new_size = sqrtf(new->w * new->h);
	float far;

	if (shared >= OVERLAP_MIN)
		return 1 + shared;
	if (reach <= 0 || old_size > SIZE_RATIO_MAX * new_size || new_size > SIZE_RATIO_MAX * old_size)
		return 0;
	far = hypotf(new->x + new->w / 2 - old->x - old->w / 2,
		     new->y + new->h / 2 - old->y - old->h / 2);
	return fmaxf(0, 1 - far / (reach * (old_size + new_size) / 2));
}

static void find_best(struct matcher *m)
{
	for (unsigned o = 0; o < m->olds; o++)
		m->fit_new[o] = 0;
	for (unsigned n = 0; n < m->news; n++) {
		m->fit_old[n] = 0;
		if (m->old_of[n] != MATCH_FREE)
			continue;
		for (unsigned o = 0; o < m->olds; o++) {
			float fit;

			if (m->new_of[o] != MATCH_FREE)
				continue;
			fit = box_fit(&m->old[o], &m->new[n], m->reach[o]);
			if (fit > m->fit_old[n]) {
				m->fit_old[n] = fit;
				m->best_old[n] = o;
			}
			if (fit > m->fit_new[o]) {
				m->fit_new[o] = fit;
				m->best_new[o] = n;
			}
		}
	}
}

/* Those that prefer each other; false when there are none left. */
static bool pair_best(struct matcher *m)
{
	bool paired = false;

	for (unsigned n = 0; n < m->news; n++) {
		int o = m->best_old[n];

		if (m->fit_old[n] <= 0 || m->best_new[o] != (int)n)
			continue;
		m->old_of[n] = o;
		m->new_of[o] = n;
		paired = true;
	}
	return paired;
}

void match(struct matcher *m)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		find_best(m);
		if (!pair_best(m))
			return;
	}
}
