// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Coordinates of ZoneMinder and Frigate.
 */
#include "policy/import.h"

#include <stdio.h>
#include <string.h>

#define LENGTH_MAX	5		/* digits before the point */

static unsigned with_same_name(const struct import *import, const char *camera, const char *what)
{
	size_t length = strlen(what);
	unsigned count = 0;

	for (unsigned i = 0; i < import->count; i++) {
		const char *name = import->at[i].name;

		count += !strcmp(import->at[i].camera, camera) && !strncmp(name, what, length) &&
			 (!name[length] || name[length] == '-');
	}
	return count;
}

int import_add(struct import *import, const char *camera, const char *what,
	       const struct polygon *polygon, struct scrim_error *err)
{
	unsigned before = with_same_name(import, camera, what);
	struct imported *to;

	if (import->count == IMPORTS_MAX)
		return fail(err, -EINVAL, "more than %d masks", IMPORTS_MAX);
	to = &import->at[import->count++];
	snprintf(to->camera, sizeof(to->camera), "%s", camera);
	/* What cannot stand in the title of a section. */
	for (char *c = to->camera; *c; c++)
		if (strchr("[]/;", *c) || (unsigned char)*c <= ' ' || *c == 0x7f)
			*c = '-';
	if (before)
		snprintf(to->name, sizeof(to->name), "%.48s-%u", what, before + 1);
	else
		snprintf(to->name, sizeof(to->name), "%.48s", what);
	to->polygon = *polygon;
	return 0;
}

/* A number without sign and exponent, whatever the locale; *at moves behind it. */
static bool number_parse(double *value, const char **at)
{
	double unit = 1, number = 0;
	unsigned before = 0, after = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++, before++)
		number = number * 10 + (**at - '0');
	if (**at == '.')
		for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, after++)
			number += (**at - '0') * (unit /= 10);
	*value = number;
	return before + after && before <= LENGTH_MAX;
}

static const char *skip(const char *at, const char *blanks)
{
	return at + strspn(at, blanks);
}

/* Points as their source has them. */
struct points {
	unsigned count;
	double x[POLYGON_POINTS_MAX], y[POLYGON_POINTS_MAX];
};

/*
 * "x,y x,y" or "x,y,x,y": both are read, as a comma or blanks may stand between any two
 * numbers.
 */
static int points_parse(struct points *points, const char *text, struct scrim_error *err)
{
	const char *at = skip(text, " \t\r\n");

	points->count = 0;
	while (*at) {
		const char *word = at;
		double *to[] = { points->x, points->y };

		if (points->count == POLYGON_POINTS_MAX)
			return fail(err, -EINVAL, "a polygon has at most %d points", POLYGON_POINTS_MAX);
		for (int i = 0; i < 2; i++) {
			if (!number_parse(&to[i][points->count], &at) || (*at && !strchr(", \t\r\n", *at)))
				return fail(err, -EINVAL, "'%.32s' is not a point x,y", word);
			at = skip(at, " \t\r\n");
			if (*at == ',')
				at = skip(at + 1, " \t\r\n");
		}
		points->count++;
	}
	if (points->count < 3)
		return fail(err, -EINVAL, "'%.64s' is not three points or more", text);
	return 0;
}

/* Each is divided by a size, and must lie in the picture then. */
static int to_polygon(struct polygon *polygon, const struct points *points, double width,
		      double height, struct scrim_error *err)
{
	polygon->points = points->count;
	for (unsigned i = 0; i < points->count; i++) {
		double x = points->x[i] / width, y = points->y[i] / height;

		if (!(x <= 1 && y <= 1))
			return fail(err, -EINVAL, "%g,%g lies outside of the picture, which ends at %g,%g",
				    points->x[i], points->y[i], width, height);
		polygon->at[i].x = x;
		polygon->at[i].y = y;
	}
	return 0;
}

int import_zoneminder(struct import *import, const char *text, unsigned width, unsigned height,
		      struct scrim_error *err)
{
	struct polygon polygon;
	struct points points;
	int ret;

	ret = points_parse(&points, text, err);
	if (ret < 0)
		return ret;
	if (width == 1 || height == 1)
		return fail(err, -EINVAL, "a picture of %ux%u has no zones", width, height);
	/*
	 * A point names a pixel, the last is width - 1.  Divided by that, it comes to lie inside of its
	 * pixel, which so is covered: x <= x * width / (width - 1) <= x + 1.
	 */
	ret = to_polygon(&polygon, &points, width ? width - 1 : 100, width ? height - 1 : 100, err);
	return ret < 0 ? ret : import_add(import, "", "zone", &polygon, err);
}

static bool are_fractions(const struct points *points)
{
	for (unsigned i = 0; i < points->count; i++)
		if (points->x[i] > 1 || points->y[i] > 1)
			return false;
	return true;
}

/* Masks in pixels are drawn up to the size itself: 1280, not 1279. */
int import_frigate(struct import *import, const char *camera, const char *what,
		   const char *text, unsigned width, unsigned height, struct scrim_error *err)
{
	struct polygon polygon;
	struct points points;
	int ret;

	ret = points_parse(&points, text, err);
	if (ret < 0)
		return ret;
	if (are_fractions(&points))
		width = height = 1;
	else if (!width)
		return fail(err, -EINVAL, "a mask in pixels needs the size of the picture");
	ret = to_polygon(&polygon, &points, width, height, err);
	return ret < 0 ? ret : import_add(import, camera, what, &polygon, err);
}

bool import_is_sound(const struct import *import)
{
	if (import->count > IMPORTS_MAX)
		return false;
	for (unsigned i = 0; i < import->count; i++) {
		const struct imported *one = &import->at[i];

		if (!memchr(one->camera, '\0', sizeof(one->camera)) ||
		    !memchr(one->name, '\0', sizeof(one->name)) ||
		    !polygon_is_sound(&one->polygon))
			return false;
	}
	return true;
}
