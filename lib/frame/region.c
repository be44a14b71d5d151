// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rectangles, lists of regions and their names.  Every operation rounds outward
 * and none overflows: a rectangle that reaches too far is cut where no picture is.
 */
#include "frame/region.h"

#include <math.h>
#include <string.h>

/* Far outside of any picture, and a rectangle from end to end fits an int. */
#define REACH	((1 << 30) - 1)

static int64_t right(struct rect r)
{
	return (int64_t)r.x + r.w;
}

static int64_t bottom(struct rect r)
{
	return (int64_t)r.y + r.h;
}

static int within_reach(int64_t at)
{
	return at < -REACH ? -REACH : at > REACH ? REACH : at;
}

static struct rect rect_between(int64_t x0, int64_t y0, int64_t x1, int64_t y1)
{
	struct rect r = { within_reach(x0), within_reach(y0), 0, 0 };

	r.w = within_reach(x1) - r.x;
	r.h = within_reach(y1) - r.y;
	return rect_empty(r) ? (struct rect) { 0 } : r;
}

bool rect_empty(struct rect r)
{
	return r.w <= 0 || r.h <= 0;
}

struct rect rect_intersect(struct rect a, struct rect b)
{
	return rect_between(a.x > b.x ? a.x : b.x, a.y > b.y ? a.y : b.y,
			    right(a) < right(b) ? right(a) : right(b),
			    bottom(a) < bottom(b) ? bottom(a) : bottom(b));
}

struct rect rect_clip(struct rect r, unsigned width, unsigned height)
{
	return rect_intersect(r, rect_between(0, 0, width, height));
}

struct rect rect_union(struct rect a, struct rect b)
{
	if (rect_empty(a))
		return b;
	if (rect_empty(b))
		return a;
	return rect_between(a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y,
			    right(a) > right(b) ? right(a) : right(b),
			    bottom(a) > bottom(b) ? bottom(a) : bottom(b));
}

static int64_t outward(double length, float share)
{
	double by = ceil(length * share);

	return by < 2.0 * REACH ? (int64_t)by : 2 * (int64_t)REACH;
}

struct rect rect_grow(struct rect r, float share)
{
	int64_t dx, dy;

	if (rect_empty(r) || !(share > 0))
		return r;
	dx = outward(r.w, share);
	dy = outward(r.h, share);
	return rect_between(r.x - dx, r.y - dy, right(r) + dx, bottom(r) + dy);
}

static const struct {
	enum method method;
	const char *name;
} methods[] = {
	{ METHOD_FILL, "fill" },
	{ METHOD_MOSAIC, "mosaic" },
	{ METHOD_BLUR, "blur" },
	{ METHOD_SHOW, "show" },
};

#define METHODS	(sizeof(methods) / sizeof(methods[0]))

const char *method_name(enum method method)
{
	for (unsigned i = 0; i < METHODS; i++)
		if (methods[i].method == method)
			return methods[i].name;
	return "fill";		/* what redact() does with any other number */
}

int method_parse(enum method *method, const char *word, struct scrim_error *err)
{
	*method = METHOD_UNSET;
	for (unsigned i = 0; i < METHODS; i++)
		if (!strcmp(methods[i].name, word)) {
			*method = methods[i].method;
			return 0;
		}
	return fail(err, -EINVAL,
		    "unknown method '%.32s', not fill, mosaic, blur or show", word);
}

const char *cause_name(enum cause cause)
{
	switch (cause) {
	case CAUSE_FACE:	return "face";
	case CAUSE_HELD:	return "held";
	case CAUSE_AHEAD:	return "ahead";
	case CAUSE_MOVING:	return "moving";
	case CAUSE_REGION:	return "region";
	case CAUSE_DOUBT:	return "doubt";
	}
	return "doubt";
}

void regions_clear(struct regions *regions)
{
	regions->whole = regions->badge = false;
	regions->why = NULL;
	regions->count = 0;
}

void regions_add(struct regions *regions, const struct region *region)
{
	if (regions->count >= REGIONS_MAX) {
		regions_cover(regions, "more regions than fit");
		return;
	}
	regions->at[regions->count++] = *region;
}

void regions_cover(struct regions *regions, const char *why)
{
	if (!regions->whole)
		regions->why = why;	/* the first cause tells most */
	regions->whole = true;
}
