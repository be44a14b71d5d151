// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Polygons become runs of pixels, and the doubt of a pixel that an edge passes
 * through always falls on the side of hiding.
 *
 * Only an edge can split a pixel.  So in each row: a pixel through which an edge
 * passes is hidden; every other one lies wholly inside or wholly outside, which
 * the edges crossed at half the row's height tell (even-odd).
 *
 * An upright or level edge that lies just between two pixels passes through neither: the one
 * on its inner side is hidden without it.  Where a polygon goes back on its own way there is no
 * inner side, and both are hidden.  Else a picture of another size, where the same edge lies
 * within a pixel, would hide what this one shows.
 */
#include "frame/region.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * By which part of the width the place of an edge is widened: far more than rounding can move it
 * (2^-51), far less than anybody sees.  The same part in every size, or one size would hide a pixel
 * that another shows.
 */
#define ROUNDING	0x1p-40

/* One row while it is drawn: a byte a pixel. */
struct row {
	unsigned width;
	uint8_t *inside;	/* of one polygon */
	uint8_t *any;		/* of any polygon so far */
};

struct point {
	double x, y;		/* pixels */
};

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/*
 * Decimal digits with at most one point, whatever the locale: strtod() would
 * take "0,62" for one number in half of Europe.
 */
static bool fraction_parse(float *value, const char **text)
{
	const char *at = *text;
	double number = 0, unit = 1;
	unsigned digits = 0;
	bool point = false;

	for (;; at++) {
		if (*at == '.' && !point) {
			point = true;
			continue;
		}
		if (*at < '0' || *at > '9')
			break;
		digits++;
		number = number * 10 + (*at - '0');
		if (point)
			unit *= 10;
		if (digits > 15)
			return false;
	}
	*text = at;
	*value = number / unit;
	return digits && number <= unit;
}

static bool point_parse(struct polygon *polygon, const char **text)
{
	float x, y;

	if (!fraction_parse(&x, text) || *(*text)++ != ',' ||
	    !fraction_parse(&y, text))
		return false;
	if (**text && !strchr(" \t\r\n", **text))
		return false;
	polygon->at[polygon->points].x = x;
	polygon->at[polygon->points].y = y;
	polygon->points++;
	return true;
}

int polygon_parse(struct polygon *polygon, const char *text,
		  struct scrim_error *err)
{
	struct polygon parsed = { 0 };
	const char *at = skip_blanks(text);

	polygon->points = 0;
	while (*at) {
		const char *word = at;

		if (parsed.points == POLYGON_POINTS_MAX)
			return fail(err, -EINVAL, "a polygon has at most %d points",
				    POLYGON_POINTS_MAX);
		if (!point_parse(&parsed, &at))
			return fail(err, -EINVAL,
				    "'%.*s' is not a point x,y with numbers from 0 to 1",
				    (int)strcspn(word, " \t\r\n"), word);
		at = skip_blanks(at);
	}
	if (parsed.points < 3)
		return fail(err, -EINVAL, "'%s' is not three points x,y or more", text);
	*polygon = parsed;
	return 0;
}

/* Runs are cut to the picture; an empty or reversed one marks nothing. */
static void row_mark(const struct row *row, uint8_t *bytes, double from,
		     double to, uint8_t mark)
{
	if (from < 0)
		from = 0;
	if (to > row->width)
		to = row->width;
	if (from < to)
		memset(bytes + (unsigned)from, mark, (unsigned)to - (unsigned)from);
}

static double edge_x(struct point a, struct point b, double y)
{
	return a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y));
}

static struct point vertex(const struct polygon *polygon, unsigned i,
			   const struct shape *shape)
{
	i %= polygon->points;
	return (struct point) {
		(double)polygon->at[i].x * shape->width,
		(double)polygon->at[i].y * shape->height,
	};
}

static struct point turned(struct point p)
{
	return (struct point) { p.y, p.x };
}

/* Two upright edges that share more than a point. */
static bool upright_together(struct point a, struct point b, struct point c, struct point d)
{
	return a.x == b.x && a.x == c.x && a.x == d.x &&
	       fmax(fmin(a.y, b.y), fmin(c.y, d.y)) < fmin(fmax(a.y, b.y), fmax(c.y, d.y));
}

/* Upright or level, and the polygon comes along it again; or all of the polygon is one point. */
static bool edge_doubled(const struct polygon *polygon, unsigned edge, const struct shape *shape)
{
	struct point a = vertex(polygon, edge, shape), b = vertex(polygon, edge + 1, shape);
	bool one_point = true;

	for (unsigned i = 0; i < polygon->points; i++) {
		struct point c = vertex(polygon, i, shape), d = vertex(polygon, i + 1, shape);

		if (i != edge && (upright_together(a, b, c, d) ||
				  upright_together(turned(a), turned(b), turned(c), turned(d))))
			return true;
		one_point &= c.x == a.x && c.y == a.y;
	}
	return one_point;
}

/* Marks the pixels of row y whose area the edge passes through. */
static void edge_mark(const struct row *row, const struct polygon *polygon, unsigned edge,
		      const struct shape *shape, unsigned y, uint8_t mark)
{
	struct point a = vertex(polygon, edge, shape), b = vertex(polygon, edge + 1, shape);
	struct point top = a.y < b.y ? a : b, low = a.y < b.y ? b : a;
	double from, to, spare = ROUNDING * shape->width;

	if (low.y < y || top.y > y + 1.0)
		return;
	if (!edge_doubled(polygon, edge, shape)) {
		if (low.y == y || top.y == y + 1.0)
			return;
		if (top.x == low.x)
			spare = 0;
	}
	from = top.y < y ? edge_x(top, low, y) : top.x;
	to = low.y > y + 1.0 ? edge_x(top, low, y + 1.0) : low.x;
	row_mark(row, row->inside, floor(fmin(from, to) - spare),
		 ceil(fmax(from, to) + spare), mark);
}

/* Where an edge crosses the middle of a row, and whether it goes down or up there. */
struct crossing {
	double x;
	int turn;			/* 1 or -1 */
};

/* From left to right. */
static unsigned crossings(const struct polygon *polygon,
			  const struct shape *shape, unsigned y,
			  struct crossing at[POLYGON_POINTS_MAX])
{
	double middle = y + 0.5;
	unsigned count = 0;

	for (unsigned i = 0; i < polygon->points; i++) {
		struct point a = vertex(polygon, i, shape);
		struct point b = vertex(polygon, i + 1, shape);
		struct crossing here;
		unsigned to = count;

		if ((a.y <= middle) == (b.y <= middle))
			continue;
		here = (struct crossing){ edge_x(a, b, middle), a.y < b.y ? 1 : -1 };
		for (; to && at[to - 1].x > here.x; to--)
			at[to] = at[to - 1];
		at[to] = here;
		count++;
	}
	return count;
}

/*
 * A polygon that crosses itself is read so that more is hidden: to cover, all that
 * it goes around counts, to reveal, only what it goes around an odd number of times.
 */
static void polygon_draw(struct row *row, const struct polygon *polygon,
			 const struct shape *shape, unsigned y, bool reveal)
{
	struct crossing at[POLYGON_POINTS_MAX];
	unsigned count = crossings(polygon, shape, y, at);
	int winding = 0;

	memset(row->inside, 0, row->width);
	for (unsigned i = 0; i + 1 < count; i++) {
		double from = at[i].x, to = at[i + 1].x;

		winding += at[i].turn;
		if (reveal ? winding & 1 : winding)
			row_mark(row, row->inside, reveal ? ceil(from) : floor(from),
				 reveal ? floor(to) : ceil(to), 1);
	}
	for (unsigned i = 0; i < polygon->points; i++)
		edge_mark(row, polygon, i, shape, y, !reveal);
	for (unsigned x = 0; x < row->width; x++)
		row->any[x] |= row->inside[x];
}

/* Appends the runs of bytes that are not `out` to the shape's spans. */
static int spans_append(struct shape *shape, const struct row *row, uint8_t out,
			uint32_t *count, uint32_t *room)
{
	for (unsigned x = 0; x < row->width; x++) {
		unsigned from = x;

		while (x < row->width && row->any[x] != out)
			x++;
		if (from == x)
			continue;
		if (*count == *room) {
			/* At most a span for two pixels of SCRIM_PIXELS_MAX: no overflow. */
			uint32_t more = *room ? *room * 2 : 64;
			struct span *span = realloc(shape->span, more * sizeof(*span));

			if (!span)
				return -ENOMEM;
			shape->span = span;
			*room = more;
		}
		shape->span[(*count)++] = (struct span) { from, x };
	}
	return 0;
}

static void shape_measure(struct shape *shape)
{
	for (unsigned y = 0; y < shape->height; y++) {
		uint32_t first = shape->row[y], end = shape->row[y + 1];
		struct rect runs = { 0, y, 0, 1 };

		if (first == end)
			continue;
		runs.x = shape->span[first].from;
		runs.w = shape->span[end - 1].to - runs.x;
		shape->box = rect_union(shape->box, runs);
	}
}

static int shape_fill(struct shape *shape, struct row *row,
		      const struct polygon *polygons, unsigned count, bool reveal)
{
	uint32_t spans = 0, room = 0;
	int ret;

	for (unsigned y = 0; y < shape->height; y++) {
		memset(row->any, 0, row->width);
		for (unsigned i = 0; i < count; i++)
			polygon_draw(row, &polygons[i], shape, y, reveal);
		ret = spans_append(shape, row, reveal, &spans, &room);
		if (ret < 0)
			return ret;
		shape->row[y + 1] = spans;
	}
	shape_measure(shape);
	return 0;
}

static bool polygon_sane(const struct polygon *polygon)
{
	if (polygon->points < 3 || polygon->points > POLYGON_POINTS_MAX)
		return false;
	for (unsigned i = 0; i < polygon->points; i++)
		if (!(polygon->at[i].x >= 0 && polygon->at[i].x <= 1 &&
		      polygon->at[i].y >= 0 && polygon->at[i].y <= 1))
			return false;
	return true;
}

static int shape_check(const struct polygon *polygons, unsigned count,
		       unsigned width, unsigned height, struct scrim_error *err)
{
	for (unsigned i = 0; i < count; i++)
		if (!polygon_sane(&polygons[i]))
			return fail(err, -EINVAL,
				    "polygon %u is not 3 to %d points inside the picture",
				    i + 1, POLYGON_POINTS_MAX);
	if (!width || !height)
		return fail(err, -EINVAL, "a picture of %ux%u has no pixels",
			    width, height);
	if (width > SCRIM_SIDE_MAX || height > SCRIM_SIDE_MAX ||
	    (uint64_t)width * height > SCRIM_PIXELS_MAX)
		return fail(err, -EFBIG, "a picture of %ux%u is too large",
			    width, height);
	return 0;
}

int shape_draw(struct shape **shape, const struct polygon *polygons,
	       unsigned count, bool reveal, unsigned width, unsigned height,
	       struct scrim_error *err)
{
	struct row row = { .width = width };
	struct shape *drawn = NULL;
	int ret;

	*shape = NULL;
	ret = shape_check(polygons, count, width, height, err);
	if (ret < 0)
		return ret;
	ret = -ENOMEM;
	row.inside = malloc(width);
	row.any = malloc(width);
	drawn = calloc(1, sizeof(*drawn));
	if (!row.inside || !row.any || !drawn)
		goto out;
	drawn->width = width;
	drawn->height = height;
	drawn->row = calloc((size_t)height + 1, sizeof(*drawn->row));
	if (!drawn->row)
		goto out;
	ret = shape_fill(drawn, &row, polygons, count, reveal);
	if (ret < 0)
		goto out;
	*shape = drawn;
	drawn = NULL;
out:
	shape_free(&drawn);
	free(row.inside);
	free(row.any);
	return ret < 0 ? fail(err, ret, "no memory for a shape of %ux%u",
			      width, height) : 0;
}

void shape_free(struct shape **shape)
{
	struct shape *dead = *shape;

	*shape = NULL;
	if (!dead)
		return;
	free(dead->span);
	free(dead->row);
	free(dead);
}
