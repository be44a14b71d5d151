// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Spans of whole blocks.  The kernel covers blocks of 2x2 pixels, so anything finer would only
 * be more lines; blocks double until there are few enough.
 */
#include "policy/locked.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/spans.h"

#define BLOCK		2
#define LINE_BYTES	24		/* four numbers up to SCRIM_SIDE_MAX, NUL included */

static int cover_shape(struct locked *locked, const struct shape *shape, unsigned max)
{
	unsigned block = BLOCK, count;
	struct rect_span *spans;
	size_t used = 0;
	int ret;

	ret = spans_merge(&spans, &count, shape, &block, max);
	if (ret < 0)
		return ret;
	locked->text = malloc((size_t)count * LINE_BYTES + 1);
	if (locked->text) {
		locked->text[0] = '\0';
		locked->count = count;
	}
	for (unsigned i = 0; i < locked->count; i++)
		used += sprintf(locked->text + used, "%u %u %u %u\n", spans[i].top, spans[i].bottom,
				spans[i].left, spans[i].right);
	free(spans);
	return locked->text ? 0 : -ENOMEM;
}

int policy_locked(struct locked *locked, const struct policy *policy, unsigned width,
		  unsigned height, unsigned max, struct scrim_error *err)
{
	struct polygon *polygons;
	struct shape *shape = NULL;
	unsigned count = 0;
	int ret;

	*locked = (struct locked){ .width = width, .height = height };
	if (!max)
		return fail(err, -EINVAL, "no room for locked regions");
	polygons = malloc(sizeof(*polygons) * POLICY_REGIONS_MAX);
	if (!polygons)
		return fail(err, -ENOMEM, "no memory for locked regions");
	for (unsigned i = 0; i < policy->regions; i++)
		if (policy->region[i].locked)
			polygons[count++] = policy->region[i].polygon;
	ret = shape_draw(&shape, polygons, count, false, width, height, err);
	if (ret >= 0) {
		ret = cover_shape(locked, shape, max);
		if (ret < 0)
			fail(err, ret, "no memory for locked regions");
	}
	shape_free(&shape);
	free(polygons);
	return ret;
}

void locked_free(struct locked *locked)
{
	free(locked->text);
	*locked = (struct locked){ 0 };
}
