// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/grid.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#define SIDE_MAX	65535u

static bool is_extent(struct extent extent)
{
	return extent.width && extent.height && extent.width <= SIDE_MAX &&
	       extent.height <= SIDE_MAX;
}

static unsigned divide_up(unsigned n, unsigned by)
{
	return (n + by - 1) / by;
}

/* n * by / of, rounded, and at least a pixel. */
static unsigned scaled(unsigned n, unsigned by, unsigned of)
{
	unsigned result = ((uint64_t)n * by + of / 2) / of;

	return result ? result : 1;
}

/* The largest of the picture's proportions that the cell has room for. */
static struct extent fit(struct extent picture, struct extent cell)
{
	if ((uint64_t)picture.width * cell.height >= (uint64_t)picture.height * cell.width)
		return (struct extent){
			cell.width, scaled(cell.width, picture.height, picture.width),
		};
	return (struct extent){ scaled(cell.height, picture.width, picture.height), cell.height };
}

/* The place of one in so many rows, in the middle of its cell. */
static struct place place(unsigned at, struct extent picture, unsigned rows, unsigned columns,
			  struct extent screen)
{
	unsigned column = at % columns, row = at / columns;
	unsigned left = screen.width * column / columns, top = screen.height * row / rows;
	struct extent cell = {
		screen.width * (column + 1) / columns - left,
		screen.height * (row + 1) / rows - top,
	};
	struct extent size = fit(picture, cell);

	return (struct place){
		left + (cell.width - size.width) / 2, top + (cell.height - size.height) / 2, size,
	};
}

/* All of them; the pixels that they take up. */
static uint64_t lay(struct place to[], const struct extent pictures[], unsigned count,
		    unsigned rows, struct extent screen)
{
	unsigned columns = divide_up(count, rows);
	uint64_t pixels = 0;

	for (unsigned i = 0; i < count; i++) {
		to[i] = place(i, pictures[i], rows, columns, screen);
		pixels += (uint64_t)to[i].size.width * to[i].size.height;
	}
	return pixels;
}

int grid_place(struct place to[], const struct extent pictures[], unsigned count,
	       struct extent screen)
{
	uint64_t most = 0, pixels;
	unsigned best = 1;

	if (!count || count > GRID_MAX || !is_extent(screen) || screen.width < count ||
	    screen.height < count)
		return -EINVAL;
	for (unsigned i = 0; i < count; i++)
		if (!is_extent(pictures[i]))
			return -EINVAL;
	/* Of two that are as good the one with fewer rows: side by side. */
	for (unsigned rows = 1; rows <= count; rows++) {
		pixels = lay(to, pictures, count, rows, screen);
		if (pixels > most) {
			most = pixels;
			best = rows;
		}
	}
	lay(to, pictures, count, best, screen);
	return 0;
}
