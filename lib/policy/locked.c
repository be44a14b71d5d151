// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Spans of whole blocks.  The kernel covers blocks of 2x2 pixels, so anything finer would only
 * be more lines; blocks double until there are few enough.
 */
#include "policy/locked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK		2
#define LINE_BYTES	24		/* four numbers up to SCRIM_SIDE_MAX, NUL included */

/* Rows top to bottom - 1, columns left to right - 1, in blocks. */
struct block_span {
	unsigned top, bottom, left, right;
};

struct cover {
	const struct shape *shape;
	unsigned block;			/* pixels along a side */
	unsigned columns, rows;		/* of blocks */
	uint8_t *row;			/* a byte a block, of the row at hand */
	unsigned *open, *next;		/* spans that end at the row at hand, from left to right */
	unsigned opened;
	struct block_span *span;
	unsigned count, max;
};

static unsigned blocks(unsigned pixels, unsigned block)
{
	return (pixels + block - 1) / block;
}

/* Every block of this row that a pixel of the shape lies in. */
static void mark_row(struct cover *cover, unsigned row)
{
	unsigned top = row * cover->block, bottom = top + cover->block;

	memset(cover->row, 0, cover->columns);
	if (bottom > cover->shape->height)
		bottom = cover->shape->height;
	for (uint32_t i = cover->shape->row[top]; i < cover->shape->row[bottom]; i++) {
		const struct span *span = &cover->shape->span[i];
		unsigned left = span->from / cover->block;

		memset(cover->row + left, 1, blocks(span->to, cover->block) - left);
	}
}

/* A span of the row above that is just as wide goes on. */
static bool goes_on(const struct cover *cover, unsigned *at, unsigned left, unsigned right)
{
	while (*at < cover->opened && cover->span[cover->open[*at]].left < left)
		(*at)++;
	return *at < cover->opened && cover->span[cover->open[*at]].left == left &&
	       cover->span[cover->open[*at]].right == right;
}

/* False: more spans than fit. */
static bool take_row(struct cover *cover, unsigned row)
{
	unsigned at = 0, opened = 0, *swap;

	mark_row(cover, row);
	for (unsigned x = 0; x < cover->columns; x++) {
		unsigned left = x;

		while (x < cover->columns && cover->row[x])
			x++;
		if (left == x)
			continue;
		if (goes_on(cover, &at, left, x)) {
			cover->next[opened] = cover->open[at];
		} else if (cover->count == cover->max) {
			return false;
		} else {
			cover->span[cover->count] = (struct block_span){ row, 0, left, x };
			cover->next[opened] = cover->count++;
		}
		cover->span[cover->next[opened++]].bottom = row + 1;
	}
	swap = cover->open;
	cover->open = cover->next;
	cover->next = swap;
	cover->opened = opened;
	return true;
}

static bool take_all(struct cover *cover, unsigned block)
{
	cover->block = block;
	cover->columns = blocks(cover->shape->width, block);
	cover->rows = blocks(cover->shape->height, block);
	cover->count = cover->opened = 0;
	for (unsigned row = 0; row < cover->rows; row++)
		if (!take_row(cover, row))
			return false;
	return true;
}

static unsigned pixels(unsigned block, unsigned size, unsigned most)
{
	return block * size < most ? block * size : most;
}

static int write_lines(struct locked *locked, const struct cover *cover)
{
	size_t used = 0;

	locked->text = malloc((size_t)cover->count * LINE_BYTES + 1);
	if (!locked->text)
		return -ENOMEM;
	locked->text[0] = '\0';
	for (unsigned i = 0; i < cover->count; i++) {
		const struct block_span *span = &cover->span[i];

		used += sprintf(locked->text + used, "%u %u %u %u\n", span->top * cover->block,
				pixels(span->bottom, cover->block, locked->height),
				span->left * cover->block,
				pixels(span->right, cover->block, locked->width));
	}
	locked->count = cover->count;
	return 0;
}

static int cover_shape(struct locked *locked, const struct shape *shape, unsigned max)
{
	struct cover cover = { .shape = shape, .max = max };
	unsigned columns = blocks(shape->width, BLOCK), block = BLOCK;
	unsigned *lists = malloc((size_t)(columns + 1) * 2 * sizeof(*lists));
	int ret = -ENOMEM;

	cover.row = malloc(columns);
	cover.span = malloc((size_t)max * sizeof(*cover.span));
	if (lists && cover.row && cover.span) {
		cover.open = lists;
		cover.next = lists + columns + 1;
		while (!take_all(&cover, block))
			block *= 2;
		ret = write_lines(locked, &cover);
	}
	free(cover.span);
	free(cover.row);
	free(lists);
	return ret;
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
