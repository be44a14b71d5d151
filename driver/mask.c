// SPDX-License-Identifier: GPL-2.0
/*
 * Spans grow outward on their way to blocks, never inward: a pixel that the administrator
 * covered is covered in every size and format.
 */
#include <linux/bitmap.h>
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

/* While a mask is made: a bit for each block. */
struct canvas {
	u32 columns, rows;
	size_t stride;			/* longs a row */
	unsigned long bits[];
};

static void cover(struct canvas *canvas, const struct scrim_span *span)
{
	u32 top = span->top, bottom = span->bottom, left = span->left, right = span->right;
	u32 row;

	scale(&top, &bottom, span->height, canvas->rows);
	scale(&left, &right, span->width, canvas->columns);
	for (row = top; row < bottom; row++)
		bitmap_set(canvas->bits + row * canvas->stride, left, right - left);
}

static struct canvas *draw(const struct scrim_spans *spans, u32 columns, u32 rows)
{
	size_t stride = BITS_TO_LONGS(columns);
	struct canvas *canvas = kvzalloc(struct_size(canvas, bits, stride * rows), GFP_KERNEL);
	u32 i;

	if (!canvas)
		return NULL;
	canvas->columns = columns;
	canvas->rows = rows;
	canvas->stride = stride;
	for (i = 0; i < spans->count; i++) {
		cover(canvas, &spans->at[i]);
		cond_resched();
	}
	return canvas;
}

/* The runs of a row; stores them when to is not NULL. */
static u32 row_runs(const struct canvas *canvas, u32 row, struct scrim_run *to)
{
	const unsigned long *bits = canvas->bits + row * canvas->stride;
	u32 from, end = 0, count = 0;

	while ((from = find_next_bit(bits, canvas->columns, end)) < canvas->columns) {
		end = find_next_zero_bit(bits, canvas->columns, from);
		if (to)
			to[count] = (struct scrim_run){ from, end };
		count++;
	}
	return count;
}

static bool like_above(const struct canvas *canvas, u32 row)
{
	const unsigned long *bits = canvas->bits + row * canvas->stride;

	return row && !memcmp(bits, bits - canvas->stride, canvas->stride * sizeof(*bits));
}

static struct scrim_mask *trace(const struct canvas *canvas)
{
	struct scrim_mask *mask;
	size_t count = 0;
	u32 row;

	for (row = 0; row < canvas->rows; row++)
		if (!like_above(canvas, row))
			count += row_runs(canvas, row, NULL);
	mask = kvmalloc(struct_size(mask, row, canvas->rows) + count * sizeof(*mask->runs),
			GFP_KERNEL);
	if (!mask)
		return NULL;
	mask->columns = canvas->columns;
	mask->rows = canvas->rows;
	mask->runs = (struct scrim_run *)&mask->row[canvas->rows];
	for (row = 0, count = 0; row < canvas->rows; row++) {
		if (like_above(canvas, row)) {
			mask->row[row] = mask->row[row - 1];
			continue;
		}
		mask->row[row].first = count;
		mask->row[row].count = row_runs(canvas, row, mask->runs + count);
		count += mask->row[row].count;
	}
	return mask;
}

struct scrim_mask *scrim_mask_build(const struct scrim_spans *spans, u32 width, u32 height)
{
	struct scrim_mask *mask = NULL;
	struct canvas *canvas;

	if (!spans || !spans->count)
		return NULL;
	canvas = draw(spans, width / 2, height / 2);
	if (canvas)
		mask = trace(canvas);
	kvfree(canvas);
	return mask ?: ERR_PTR(-ENOMEM);
}
