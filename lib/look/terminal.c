// SPDX-License-Identifier: LGPL-2.1-or-later
#include "look/terminal.h"

#include <stdio.h>
#include <stdlib.h>

#include "sink/bytes.h"

/* "\e[38;2;255;255;255;48;2;255;255;255m" and the upper half block. */
#define CELL_BYTES	39
#define LINE_END	"\033[0m\n"

/* What of the picture a dot of the terminal stands for: its mean colour. */
static struct ink mean(const struct paper *paper, struct rect r)
{
	uint64_t sum[3] = { 0 }, count = (uint64_t)r.w * r.h;

	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			for (int i = 0; i < 3; i++)
				sum[i] += paper->rgb[((size_t)y * paper->width + x) * 3 + i];
	return (struct ink){ sum[0] / count, sum[1] / count, sum[2] / count };
}

struct dots {
	unsigned width, height;
};

static struct ink dot(const struct paper *paper, struct dots dots, unsigned x, unsigned y)
{
	int left = (uint64_t)x * paper->width / dots.width;
	int top = (uint64_t)y * paper->height / dots.height;
	int right = (uint64_t)(x + 1) * paper->width / dots.width;
	int bottom = (uint64_t)(y + 1) * paper->height / dots.height;

	return mean(paper, (struct rect){ left, top, right - left, bottom - top });
}

/* Cells are about twice as high as wide, so dots are square. */
static struct dots fit(const struct paper *paper, unsigned columns, unsigned rows)
{
	struct dots dots = { paper->width, paper->height };

	if (dots.width > columns) {
		dots.width = columns;
		dots.height = (uint64_t)paper->height * columns / paper->width;
	}
	if (dots.height > 2 * rows) {
		dots.height = 2 * rows;
		dots.width = (uint64_t)paper->width * dots.height / paper->height;
	}
	dots.width += !dots.width;
	dots.height += !dots.height;
	return dots;
}

/* The last row of an odd number has nothing below: the terminal's own ground. */
static int put_cell(char *text, struct ink above, const struct ink *below)
{
	if (!below)
		return sprintf(text, "\033[0;38;2;%u;%u;%um\u2580", above.r, above.g, above.b);
	return sprintf(text, "\033[38;2;%u;%u;%u;48;2;%u;%u;%um\u2580", above.r, above.g, above.b,
		       below->r, below->g, below->b);
}

int terminal_show(const struct paper *paper, unsigned columns, unsigned rows, int fd,
		  struct scrim_error *err)
{
	struct dots dots = fit(paper, columns ? columns : 1, rows ? rows : 1);
	char *line = malloc((size_t)dots.width * CELL_BYTES + sizeof(LINE_END));
	int ret = 0;

	if (!line)
		return fail(err, -ENOMEM, "no memory for a line of the terminal");
	for (unsigned y = 0; ret >= 0 && y < dots.height; y += 2) {
		size_t used = 0;

		for (unsigned x = 0; x < dots.width; x++) {
			struct ink above = dot(paper, dots, x, y), below = { 0 };
			bool two = y + 1 < dots.height;

			if (two)
				below = dot(paper, dots, x, y + 1);
			used += put_cell(line + used, above, two ? &below : NULL);
		}
		used += sprintf(line + used, LINE_END);
		ret = bytes_write(fd, line, used, err);
	}
	free(line);
	return ret;
}
