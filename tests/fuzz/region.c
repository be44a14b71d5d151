// SPDX-License-Identifier: GPL-2.0
/*
 * A polygon of any text: refused in one line, or drawn with every corner inside
 * and nothing beyond the picture.  The first two bytes are its size.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame/region.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has(const struct shape *shape, unsigned x, unsigned y)
{
	for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++)
		if (x >= shape->span[i].from && x < shape->span[i].to)
			return true;
	return false;
}

static void check_spans(const struct shape *shape)
{
	for (unsigned y = 0; y < shape->height; y++)
		for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++)
			if (shape->span[i].from >= shape->span[i].to ||
			    shape->span[i].to > shape->width ||
			    (i > shape->row[y] &&
			     shape->span[i].from <= shape->span[i - 1].to))
				abort();
}

/* A corner on the border between pixels belongs to none of them. */
static void check_corners(const struct shape *shape, const struct polygon *polygon)
{
	for (unsigned i = 0; i < polygon->points; i++) {
		double x = (double)polygon->at[i].x * shape->width;
		double y = (double)polygon->at[i].y * shape->height;

		if (x != floor(x) && y != floor(y) && !has(shape, x, y))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scrim_error err;
	struct polygon polygon;
	char text[1024] = "";

	if (size < 2 || size - 2 >= sizeof(text))
		return 0;
	memcpy(text, data + 2, size - 2);
	if (polygon_parse(&polygon, text, &err) < 0)
		return 0;
	for (int reveal = 0; reveal < 2; reveal++) {
		struct shape *shape;

		if (shape_draw(&shape, &polygon, 1, reveal, data[0] % 64 + 1,
			       data[1] % 64 + 1, &err) < 0)
			abort();
		check_spans(shape);
		check_corners(shape, &polygon);
		shape_free(&shape);
	}
	return 0;
}
