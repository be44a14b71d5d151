// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/spans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct cover {
	const struct shape *shape;
	unsigned block;			/* pixels along a side */
	unsigned columns, rows;		/* of blocks */
	uint8_t *row;			/* a byte a block, of the row at hand */
	unsigned *open, *next;		/* spans that end at the row at hand, from left to right */
	unsigned opened;
	struct rect_span *span;
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
			cover->span[cover->count] = (struct rect_span){ row, 0, left, x };
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

static unsigned cut(unsigned pixels, unsigned most)
{
	return pixels < most ? pixels : most;
}

static void to_pixels(struct cover *cover)
{
	for (unsigned i = 0; i < cover->count; i++) {
		struct rect_span *span = &cover->span[i];

		span->top *= cover->block;
		span->left *= cover->block;
		span->bottom = cut(span->bottom * cover->block, cover->shape->height);
		span->right = cut(span->right * cover->block, cover->shape->width);
	}
}

int spans_merge(struct rect_span **spans, unsigned *count, const struct shape *shape,
		unsigned *block, unsigned max)
{
	struct cover cover = { .shape = shape, .max = max };
	unsigned columns = blocks(shape->width, *block);
	unsigned *lists = malloc((size_t)(columns + 1) * 2 * sizeof(*lists));
	int ret = -ENOMEM;

	*spans = NULL;
	*count = 0;
	cover.row = malloc(columns);
	cover.span = malloc((size_t)max * sizeof(*cover.span));
	if (!lists || !cover.row || !cover.span)
		goto out;
	cover.open = lists;
	cover.next = lists + columns + 1;
	while (!take_all(&cover, *block))
		*block *= 2;
	to_pixels(&cover);
	*count = cover.count;
	*spans = cover.span;
	cover.span = NULL;
	ret = 0;
out:
	free(cover.span);
	free(cover.row);
	free(lists);
	return ret;
}
