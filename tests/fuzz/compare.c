// SPDX-License-Identifier: GPL-2.0
/*
 * Two policies, with a line "---" between them.  Each is the same as itself.  When the second does
 * not loosen, a pixel whose middle the first one covers is covered by the second.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/compare.h"

#define SIDE	24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_one(struct policy *policy, const void *data, size_t size)
{
	int fd = memfd_create("policy", 0), ret;

	assert(pwrite(fd, data, size, 0) == (ssize_t)size);
	ret = policy_read(policy, fd, "policy", NULL, NULL);
	close(fd);
	/* Few, so that each run is short. */
	return ret == 0 && policy->regions < 5;
}

/* Whether the middle lies in it, and at least a hundredth of a pixel from its edges. */
static bool holds(const struct polygon *p, double x, double y)
{
	int winding = 0;

	for (unsigned i = 0; i < p->points; i++) {
		unsigned j = (i + 1) % p->points;
		double ax = p->at[i].x * SIDE - x, ay = p->at[i].y * SIDE - y;
		double bx = p->at[j].x * SIDE - x, by = p->at[j].y * SIDE - y;
		double cross = ax * by - ay * bx, length = hypot(bx - ax, by - ay);

		if (fabs(cross) < .01 * length)
			return false;
		winding += (ay <= 0 && by > 0 && cross > 0) - (ay > 0 && by <= 0 && cross < 0);
	}
	return winding;
}

static bool covered(const struct policy *policy, unsigned x, unsigned y)
{
	struct polygon polygons[POLICY_REGIONS_MAX];
	unsigned count[2] = { 0 };
	bool in = false;

	for (unsigned reveal = 0; reveal < 2; reveal++) {
		struct shape *shape;

		for (unsigned i = 0; i < policy->regions; i++)
			if (policy->region[i].reveal == reveal && policy->region[i].method == METHOD_FILL)
				polygons[count[reveal]++] = policy->region[i].polygon;
		if (!count[reveal])
			continue;
		assert(shape_draw(&shape, polygons, count[reveal], reveal, SIDE, SIDE, NULL) == 0);
		for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++)
			in |= x >= shape->span[i].from && x < shape->span[i].to;
		shape_free(&shape);
	}
	return in;
}

static void check(const struct policy *old, const struct policy *new)
{
	for (unsigned i = 0; i < old->regions; i++)
		for (unsigned at = 0; at < SIDE * SIDE; at++)
			if (!old->region[i].reveal && old->region[i].method == METHOD_FILL &&
			    holds(&old->region[i].polygon, at % SIDE + .5, at / SIDE + .5))
				assert(covered(new, at % SIDE, at / SIDE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy old, new;
	static struct comparison comparison;
	const uint8_t *cut = memmem(data, size, "---\n", 4);

	if (!cut || !read_one(&old, data, cut - data) || !read_one(&new, cut + 4, data + size - cut - 4))
		return 0;
	comparison_clear(&comparison);
	policy_compare(&comparison, &old, &old);
	assert(!comparison.count && comparison.verdict == VERDICT_NEITHER);
	policy_compare(&comparison, &old, &new);
	if (comparison.verdict != VERDICT_LOOSENS)
		check(&old, &new);
	return 0;
}
