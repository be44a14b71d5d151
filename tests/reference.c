// SPDX-License-Identifier: GPL-2.0
#include "reference.h"

#include <math.h>

#include "test.h"

#define POINTS	5		/* looked at along each side of a pixel */

static float random_place(unsigned pixels)
{
	switch (test_random() % 4) {
	case 0:
		return test_random() % 2;
	case 1:
		return (float)(test_random() % (pixels + 1)) / pixels;
	default:
		return test_random() % 65536 / 65535.f;
	}
}

void reference_polygon(struct polygon *polygon, unsigned width, unsigned height)
{
	polygon->points = 3 + test_random() % 6;
	for (unsigned i = 0; i < polygon->points; i++) {
		polygon->at[i].x = random_place(width);
		polygon->at[i].y = random_place(height);
	}
}

/*
 * How often the polygon goes around a point, by a ray to the right.  Points are kept
 * away from pixel borders.
 */
static int around(const struct polygon *polygon, double x, double y,
		  unsigned width, unsigned height)
{
	int times = 0;

	for (unsigned i = 0, k = polygon->points - 1; i < polygon->points; k = i++) {
		double ax = (double)polygon->at[i].x * width;
		double ay = (double)polygon->at[i].y * height;
		double bx = (double)polygon->at[k].x * width;
		double by = (double)polygon->at[k].y * height;

		if ((ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax)
			times += ay > by ? 1 : -1;
	}
	return times;
}

/* How many of the points of a pixel lie in the polygon: an odd number of times, to reveal. */
static unsigned points_inside(const struct polygon *polygon, bool reveal, unsigned width,
			      unsigned height, unsigned x, unsigned y)
{
	unsigned count = 0;

	for (unsigned i = 0; i < POINTS * POINTS; i++) {
		int times = around(polygon, x + (i % POINTS + .5) / POINTS,
				   y + (i / POINTS + .5) / POINTS, width, height);

		count += reveal ? times & 1 : times != 0;
	}
	return count;
}

/* From the middle of a pixel to the nearest edge. */
static double edge_distance(const struct polygon *polygon, unsigned width,
			    unsigned height, unsigned x, unsigned y)
{
	double best = INFINITY;

	for (unsigned i = 0, k = polygon->points - 1; i < polygon->points; k = i++) {
		double ax = (double)polygon->at[i].x * width - x - .5;
		double ay = (double)polygon->at[i].y * height - y - .5;
		double dx = (double)polygon->at[k].x * width - x - .5 - ax;
		double dy = (double)polygon->at[k].y * height - y - .5 - ay;
		double length = dx * dx + dy * dy;
		double t = length > 0 ? -(ax * dx + ay * dy) / length : 0;

		t = t < 0 ? 0 : t > 1 ? 1 : t;
		best = fmin(best, hypot(ax + t * dx, ay + t * dy));
	}
	return best;
}

/* An edge nearer than `near` counts as passing through the pixel. */
static bool hidden(const struct polygon *polygons, unsigned count, bool reveal,
		   unsigned width, unsigned height, unsigned x, unsigned y,
		   double near)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned in = points_inside(&polygons[i], reveal, width, height, x, y);
		bool edge = edge_distance(&polygons[i], width, height, x, y) < near;

		if (!reveal && (in || edge))
			return true;
		if (reveal && in == POINTS * POINTS && !edge)
			return false;
	}
	return reveal;
}

bool reference_surely(const struct polygon *polygons, unsigned count, bool reveal,
		      unsigned width, unsigned height, unsigned x, unsigned y)
{
	/* Within half a side. */
	return hidden(polygons, count, reveal, width, height, x, y, .499);
}

bool reference_perhaps(const struct polygon *polygons, unsigned count, bool reveal,
		       unsigned width, unsigned height, unsigned x, unsigned y)
{
	/* Within half a diagonal. */
	return hidden(polygons, count, reveal, width, height, x, y, .70711);
}
