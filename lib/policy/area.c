// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A sweep.  Between two heights next to each other at which an edge begins, ends or crosses
 * another one, edges lie side by side.  There it is enough to walk along the middle and to ask
 * on every edge, and between every two, who is inside of what.  Level edges are upright
 * in a second sweep, with x and y exchanged.
 */
#include "policy/area.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Fractions of the picture.  What is narrower than this is no place: rounding of
 * crossings is 2^-50, and a picture has at most 2^15 pixels along a side.
 */
#define NARROW		1e-12

/* More than this is not compared, but doubted; a usual policy has a hundred edges. */
#define EDGES_MAX	512
#define LEVELS_MAX	4096

#define POLYGONS_MAX	129		/* a and the others */

struct edge {
	double x0, y0, x1, y1;		/* y0 < y1 */
	int turn;			/* 1 down, -1 up */
	unsigned owner;			/* 0: a */
	double x;			/* at the height of the walk */
};

struct sweep {
	const struct polygon *a;
	const struct polygon *const *b;
	unsigned count;
	bool reveal;
	bool swapped;			/* x and y */
	unsigned edges, levels, active;
	struct edge *edge;		/* EDGES_MAX */
	double *level;			/* LEVELS_MAX */
	const struct edge **line;	/* active edges, from left to right */
	int winding[POLYGONS_MAX];	/* left of where the walk is */
	bool on[POLYGONS_MAX];		/* an edge of it is here */
	uint64_t *left;			/* work, in edges looked at */
	struct point2 *where;
};

static struct point2 vertex(const struct sweep *s, const struct polygon *polygon, unsigned i)
{
	double x = polygon->at[i % polygon->points].x, y = polygon->at[i % polygon->points].y;

	return s->swapped ? (struct point2){ y, x } : (struct point2){ x, y };
}

static bool add_level(struct sweep *s, double y)
{
	if (s->levels == LEVELS_MAX)
		return false;
	s->level[s->levels++] = y;
	return true;
}

static bool add_edges(struct sweep *s, const struct polygon *polygon, unsigned owner)
{
	for (unsigned i = 0; i < polygon->points; i++) {
		struct point2 p = vertex(s, polygon, i), q = vertex(s, polygon, i + 1);
		struct point2 top = p.y < q.y ? p : q, low = p.y < q.y ? q : p;

		if (p.y == q.y)
			continue;
		if (s->edges == EDGES_MAX || !add_level(s, p.y) || !add_level(s, q.y))
			return false;
		s->edge[s->edges++] = (struct edge){ top.x, top.y, low.x, low.y,
						     p.y < q.y ? 1 : -1, owner, 0 };
	}
	return true;
}

static double edge_x(const struct edge *e, double y)
{
	return e->x0 + (e->x1 - e->x0) * ((y - e->y0) / (e->y1 - e->y0));
}

/* The height at which two edges cross, if they do. */
static bool add_crossing(struct sweep *s, const struct edge *a, const struct edge *b)
{
	double top = fmax(a->y0, b->y0), low = fmin(a->y1, b->y1);
	double above, below;

	if (top >= low)
		return true;
	above = edge_x(a, top) - edge_x(b, top);
	below = edge_x(a, low) - edge_x(b, low);
	if ((above < 0) == (below < 0) || above == below)
		return true;
	return add_level(s, top + (low - top) * (above / (above - below)));
}

static int by_height(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* False: there is too much to do. */
static bool add_levels(struct sweep *s)
{
	uint64_t work;

	for (unsigned i = 0; i < s->edges; i++)
		for (unsigned j = 0; j < i; j++)
			if (!add_crossing(s, &s->edge[i], &s->edge[j]))
				return false;
	work = (uint64_t)s->levels * s->edges + (uint64_t)s->edges * s->edges;
	if (work > *s->left)
		return false;
	*s->left -= work;
	qsort(s->level, s->levels, sizeof(s->level[0]), by_height);
	return true;
}

/* Covered by a but by none of b; or revealed by a but not by b. */
static bool is_open(const struct sweep *s)
{
	if (s->reveal)
		return (s->winding[0] & 1) && !s->on[0] && (!(s->winding[1] & 1) || s->on[1]);
	if (!s->winding[0] && !s->on[0])
		return false;
	for (unsigned i = 1; i <= s->count; i++)
		if (s->winding[i] || s->on[i])
			return false;
	return true;
}

static bool told(struct sweep *s, double x, double y)
{
	if (!is_open(s))
		return false;
	*s->where = s->swapped ? (struct point2){ y, x } : (struct point2){ x, y };
	return true;
}

static void line_up(struct sweep *s, double y)
{
	s->active = 0;
	for (unsigned i = 0; i < s->edges; i++) {
		struct edge *e = &s->edge[i];
		unsigned to = s->active;

		if (e->y0 > y || e->y1 < y)
			continue;
		e->x = edge_x(e, y);
		for (; to && s->line[to - 1]->x > e->x; to--)
			s->line[to] = s->line[to - 1];
		s->line[to] = e;
		s->active++;
	}
}

/* Walks along one height; true when something open lies there. */
static bool walk(struct sweep *s, double y)
{
	unsigned end;

	line_up(s, y);
	memset(s->winding, 0, sizeof(s->winding[0]) * (s->count + 1));
	for (unsigned i = 0; i < s->active; i = end) {
		double x = s->line[i]->x;

		/* On the line: inside on the left of it counts, and so does whose edge it is. */
		for (end = i; end < s->active && s->line[end]->x - x <= NARROW; end++)
			s->on[s->line[end]->owner] = true;
		if (told(s, x, y))
			return true;
		for (unsigned k = i; k < end; k++) {
			s->on[s->line[k]->owner] = false;
			s->winding[s->line[k]->owner] += s->line[k]->turn;
		}
		if (end < s->active && told(s, (x + s->line[end]->x) / 2, y))
			return true;
	}
	return false;
}

/* Whether something is open; doubt says yes. */
static bool sweep(struct sweep *s, bool swapped)
{
	s->swapped = swapped;
	s->edges = s->levels = 0;
	*s->where = vertex(s, s->a, 0);
	if (!add_edges(s, s->a, 0))
		return true;
	for (unsigned i = 0; i < s->count; i++)
		if (!add_edges(s, s->b[i], i + 1))
			return true;
	if (!add_levels(s))
		return true;
	for (unsigned i = 0; i + 1 < s->levels; i++) {
		double middle = (s->level[i] + s->level[i + 1]) / 2;

		if (s->level[i] < middle && middle < s->level[i + 1] && walk(s, middle))
			return true;
	}
	return false;
}

static bool same(const struct polygon *a, const struct polygon *b)
{
	return a->points == b->points && !memcmp(a->at, b->at, a->points * sizeof(a->at[0]));
}

/* All of its points are one: it has no edge, but a pixel in which it lies is covered. */
static bool is_point(const struct polygon *a)
{
	for (unsigned i = 1; i < a->points; i++)
		if (a->at[i].x != a->at[0].x || a->at[i].y != a->at[0].y)
			return false;
	return true;
}

static bool nothing_is_open(const struct polygon *a, const struct polygon *const b[],
			    unsigned count, bool reveal, uint64_t *left, struct point2 *where)
{
	struct sweep *s = NULL;
	bool none = false;

	*where = (struct point2){ a->at[0].x, a->at[0].y };
	if (is_point(a) || count >= POLYGONS_MAX)
		return false;
	s = calloc(1, sizeof(*s));
	if (!s)
		return false;
	s->a = a;
	s->b = b;
	s->count = count;
	s->reveal = reveal;
	s->left = left;
	s->where = where;
	s->edge = malloc(EDGES_MAX * sizeof(*s->edge));
	s->level = malloc(LEVELS_MAX * sizeof(*s->level));
	s->line = malloc(EDGES_MAX * sizeof(*s->line));
	if (s->edge && s->level && s->line)
		none = !sweep(s, false) && !sweep(s, true);
	free(s->edge);
	free(s->level);
	free(s->line);
	free(s);
	return none;
}

/* Whether the boxes around them meet; if not, b has nothing to do with a. */
static bool are_near(const struct polygon *a, const struct polygon *b)
{
	float box[2][4];

	for (int k = 0; k < 2; k++) {
		const struct polygon *p = k ? b : a;

		box[k][0] = box[k][1] = 2;
		box[k][2] = box[k][3] = -1;
		for (unsigned i = 0; i < p->points; i++) {
			box[k][0] = fminf(box[k][0], p->at[i].x);
			box[k][1] = fminf(box[k][1], p->at[i].y);
			box[k][2] = fmaxf(box[k][2], p->at[i].x);
			box[k][3] = fmaxf(box[k][3], p->at[i].y);
		}
	}
	return box[0][0] <= box[1][2] && box[1][0] <= box[0][2] &&
	       box[0][1] <= box[1][3] && box[1][1] <= box[0][3];
}

bool area_is_covered(const struct polygon *a, const struct polygon *const b[], unsigned count,
		     uint64_t *left, struct point2 *where)
{
	const struct polygon *near[POLYGONS_MAX];
	unsigned nearby = 0;

	for (unsigned i = 0; i < count && nearby < POLYGONS_MAX; i++) {
		if (same(a, b[i]))
			return true;
		if (are_near(a, b[i]))
			near[nearby++] = b[i];
	}
	return nothing_is_open(a, near, nearby, false, left, where);
}

bool area_is_revealed(const struct polygon *a, const struct polygon *b, uint64_t *left,
		      struct point2 *where)
{
	return same(a, b) || nothing_is_open(a, &b, 1, true, left, where);
}
