// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A bitmap becomes rectangles, and rectangles that stand on each other become polygons.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/import.h"
#include "policy/spans.h"
#include "text.h"

#define FILE_MAX	(64u << 20)
#define BANDS_MAX	(POLYGON_POINTS_MAX / 4)	/* rectangles in a polygon */

struct pgm {
	const uint8_t *at, *end;
	unsigned width, height, max;
	bool plain;			/* P2: numbers in words */
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct pgm *pgm)
{
	while (pgm->at < pgm->end && (is_blank(*pgm->at) || *pgm->at == '#')) {
		if (*pgm->at == '#')
			while (pgm->at < pgm->end && *pgm->at != '\n')
				pgm->at++;
		else
			pgm->at++;
	}
}

static bool read_number(struct pgm *pgm, unsigned *value)
{
	unsigned digits = 0;

	skip_blanks(pgm);
	for (*value = 0; pgm->at < pgm->end && *pgm->at >= '0' && *pgm->at <= '9'; pgm->at++)
		if (++digits <= 6)
			*value = *value * 10 + (*pgm->at - '0');
	return digits && digits <= 6;
}

static int read_head(struct pgm *pgm, const char *name, struct scrim_error *err)
{
	if (pgm->end - pgm->at < 2 || pgm->at[0] != 'P' || (pgm->at[1] != '2' && pgm->at[1] != '5'))
		return fail(err, -EBADMSG, "%s: this is no PGM picture", name);
	pgm->plain = pgm->at[1] == '2';
	pgm->at += 2;
	if (!read_number(pgm, &pgm->width) || !read_number(pgm, &pgm->height) ||
	    !read_number(pgm, &pgm->max) || !pgm->width || !pgm->height || !pgm->max ||
	    pgm->max > 65535 || pgm->at == pgm->end || !is_blank(*pgm->at))
		return fail(err, -EBADMSG, "%s: its PGM header is damaged", name);
	pgm->at++;
	if (pgm->width > SCRIM_SIDE_MAX || pgm->height > SCRIM_SIDE_MAX ||
	    (uint64_t)pgm->width * pgm->height > SCRIM_PIXELS_MAX)
		return fail(err, -EFBIG, "%s: a picture of %ux%u is too large", name, pgm->width,
			    pgm->height);
	return 0;
}

/* False: the file ends before its picture, or has a value above its maximum. */
static bool read_sample(struct pgm *pgm, unsigned *value)
{
	if (pgm->plain)
		return read_number(pgm, value) && *value <= pgm->max;
	if (pgm->end - pgm->at < 1 + (pgm->max > 255))
		return false;
	*value = *pgm->at++;
	if (pgm->max > 255)
		*value = *value << 8 | *pgm->at++;
	return *value <= pgm->max;
}

struct runs {
	struct span *span;
	uint32_t count, room;
};

static int add_run(struct runs *runs, unsigned from, unsigned to)
{
	if (runs->count == runs->room) {
		/* At most a run for two pixels of SCRIM_PIXELS_MAX: no overflow. */
		uint32_t more = runs->room ? runs->room * 2 : 1024;
		struct span *span = realloc(runs->span, more * sizeof(*span));

		if (!span)
			return -ENOMEM;
		runs->span = span;
		runs->room = more;
	}
	runs->span[runs->count++] = (struct span){ from, to };
	return 0;
}

/* The runs of pixels that are not white. */
static int read_row(struct runs *runs, struct pgm *pgm)
{
	unsigned value, from = 0;
	bool inside = false;

	for (unsigned x = 0; x <= pgm->width; x++) {
		bool masked = false;

		if (x < pgm->width) {
			if (!read_sample(pgm, &value))
				return -EBADMSG;
			masked = value < pgm->max;
		}
		if (masked && !inside)
			from = x;
		if (!masked && inside && add_run(runs, from, x) < 0)
			return -ENOMEM;
		inside = masked;
	}
	return 0;
}

static int read_shape(struct shape **shape, struct pgm *pgm, const char *name,
		      struct scrim_error *err)
{
	struct shape *read = calloc(1, sizeof(*read));
	struct runs runs = { 0 };
	int ret = -ENOMEM;

	*shape = NULL;
	if (read)
		read->row = calloc((size_t)pgm->height + 1, sizeof(*read->row));
	if (read && read->row) {
		read->width = pgm->width;
		read->height = pgm->height;
		ret = 0;
	}
	for (unsigned y = 0; ret >= 0 && y < pgm->height; y++) {
		ret = read_row(&runs, pgm);
		read->row[y + 1] = runs.count;
	}
	if (read)
		read->span = runs.span;
	if (ret < 0) {
		shape_free(&read);
		return fail(err, ret, ret == -ENOMEM ? "%s: out of memory" :
			    "%s: the picture is damaged or cut short", name);
	}
	*shape = read;
	return 0;
}

/* Each stands on the one before, and they share some columns: their outline does not cross itself. */
struct tower {
	unsigned bands;
	const struct rect_span *band[BANDS_MAX];
};

static bool stands_on(const struct rect_span *low, const struct rect_span *high)
{
	return high->bottom == low->top && low->left < high->right && high->left < low->right;
}

static void put(struct polygon *polygon, unsigned i, unsigned x, unsigned y,
		const struct shape *shape)
{
	polygon->at[i].x = (double)x / shape->width;
	polygon->at[i].y = (double)y / shape->height;
}

/* Down on the right, up on the left. */
static void outline(struct polygon *polygon, const struct tower *tower, const struct shape *shape)
{
	unsigned last = 4 * tower->bands - 1;

	polygon->points = last + 1;
	for (unsigned i = 0; i < tower->bands; i++) {
		const struct rect_span *band = tower->band[i];

		put(polygon, 2 * i, band->right, band->top, shape);
		put(polygon, 2 * i + 1, band->right, band->bottom, shape);
		put(polygon, last - 2 * i, band->left, band->top, shape);
		put(polygon, last - 2 * i - 1, band->left, band->bottom, shape);
	}
}

/* Points that only repeat a neighbour, or lie on the way between two, say nothing. */
static void tidy(struct polygon *polygon)
{
	unsigned count = 0;

	for (unsigned i = 0; i < polygon->points; i++) {
		unsigned next = i + 1 < polygon->points ? i + 1 : 0;
		unsigned last = count ? count - 1 : polygon->points - 1;
		bool upright = polygon->at[last].x == polygon->at[i].x &&
			       polygon->at[i].x == polygon->at[next].x;
		bool level = polygon->at[last].y == polygon->at[i].y &&
			     polygon->at[i].y == polygon->at[next].y;

		if (!upright && !level)
			polygon->at[count++] = polygon->at[i];
	}
	polygon->points = count;
}

/* False: more towers than polygons are allowed. */
static bool build_towers(struct import *import, const struct rect_span *spans, unsigned count,
			 bool *used, const struct shape *shape)
{
	memset(used, 0, count * sizeof(*used));
	import->count = 0;
	for (unsigned i = 0; i < count; i++) {
		struct tower tower = { 1, { &spans[i] } };
		struct polygon polygon;

		if (used[i])
			continue;
		for (unsigned k = i + 1; k < count && tower.bands < BANDS_MAX; k++)
			if (!used[k] && stands_on(&spans[k], tower.band[tower.bands - 1])) {
				used[k] = true;
				tower.band[tower.bands++] = &spans[k];
			}
		outline(&polygon, &tower, shape);
		tidy(&polygon);
		if (import->count == POLICY_REGIONS_MAX)
			return false;
		import_add(import, "", "mask", &polygon, NULL);
	}
	return true;
}

static int to_polygons(struct import *import, const struct shape *shape)
{
	const unsigned max = POLICY_REGIONS_MAX * BANDS_MAX;
	bool *used = malloc(max * sizeof(*used)), done = false;
	int ret = used ? 0 : -ENOMEM;

	for (unsigned block = 1; ret >= 0 && !done; block *= 2) {
		struct rect_span *spans = NULL;
		unsigned count;

		ret = spans_merge(&spans, &count, shape, &block, max);
		if (ret >= 0)
			done = build_towers(import, spans, count, used, shape);
		free(spans);
	}
	free(used);
	return ret;
}

int import_motion(struct import *import, int fd, const char *name, struct scrim_error *err)
{
	struct shape *shape = NULL;
	struct pgm pgm = { 0 };
	char *bytes = NULL;
	size_t size;
	int ret;

	import->count = 0;
	ret = bytes_read(&bytes, &size, FILE_MAX, fd, name, err);
	if (ret < 0)
		return ret;
	pgm.at = (const uint8_t *)bytes;
	pgm.end = pgm.at + size;
	ret = read_head(&pgm, name, err);
	if (ret >= 0)
		ret = read_shape(&shape, &pgm, name, err);
	if (ret >= 0) {
		ret = to_polygons(import, shape);
		if (ret < 0)
			fail(err, ret, "%s: out of memory", name);
		else if (!import->count)
			ret = fail(err, -ENOENT, "%s: all of it is white, nothing is masked", name);
	}
	shape_free(&shape);
	free(bytes);
	return ret;
}
