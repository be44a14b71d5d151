// SPDX-License-Identifier: GPL-2.0
/*
 * Spans grow outward on their way to blocks, never inward: a pixel that the administrator
 * covered is covered in every size and format.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mask.h"

static int parse_line(const char *line, size_t length, u16 width, u16 height,
		      struct scrim_span *span)
{
	u16 *field[] = { &span->top, &span->bottom, &span->left, &span->right };
	char copy[64], *rest = copy, *word;
	unsigned int n = 0;
	int ret;

	if (length >= sizeof(copy) || memchr(line, '\0', length))
		return -EINVAL;
	memcpy(copy, line, length);
	copy[length] = '\0';
	while ((word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		if (n == ARRAY_SIZE(field))
			return -EINVAL;
		ret = kstrtou16(word, 10, field[n++]);
		if (ret)
			return -EINVAL;
	}
	if (n != ARRAY_SIZE(field) ||
	    span->top >= span->bottom || span->bottom > height ||
	    span->left >= span->right || span->right > width)
		return -EINVAL;
	span->width = width;
	span->height = height;
	return 0;
}

int scrim_spans_parse(const char *text, size_t length, u16 width, u16 height,
		      struct scrim_span *to, size_t *used)
{
	const char *line = text, *end = text + length;
	int count = 0;

	while (line < end) {
		const char *next = memchr(line, '\n', end - line);
		struct scrim_span span;
		int ret;

		if (!next)
			break;
		ret = parse_line(line, next - line, width, height, &span);
		if (ret)
			return ret;
		if (to)
			to[count] = span;
		count++;
		line = next + 1;
	}
	*used = line - text;
	return count ? count : -EINVAL;
}

/* The blocks that [from, to) of size touches when size becomes blocks * 2. */
static void scale(u32 *from, u32 *to, u32 size, u32 blocks)
{
	*from = *from * blocks / size;
	*to = min(DIV_ROUND_UP(*to * blocks, size), blocks);
}

static void cover(struct scrim_mask *mask, const struct scrim_span *span)
{
	u32 top = span->top, bottom = span->bottom, left = span->left, right = span->right;
	u32 row;

	scale(&top, &bottom, span->height, mask->rows);
	scale(&left, &right, span->width, mask->columns);
	for (row = top; row < bottom; row++)
		bitmap_set(mask->bits + row * mask->stride, left, right - left);
}

struct scrim_mask *scrim_mask_build(const struct scrim_spans *spans, u32 width, u32 height)
{
	struct scrim_mask *mask;
	u32 columns = width / 2, rows = height / 2, i;
	size_t stride = BITS_TO_LONGS(columns);

	if (!spans || !spans->count)
		return NULL;
	mask = kvzalloc(struct_size(mask, bits, stride * rows), GFP_KERNEL);
	if (!mask)
		return ERR_PTR(-ENOMEM);
	mask->columns = columns;
	mask->rows = rows;
	mask->stride = stride;
	for (i = 0; i < spans->count; i++) {
		cover(mask, &spans->at[i]);
		cond_resched();
	}
	return mask;
}
