/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a region is covered, for redact.c alone.  Everything here is in whole cells
 * of each plane and needs no memory but the stack's, so that nothing can fail
 * half-way through a picture.
 */
#ifndef REDACT_METHOD_H
#define REDACT_METHOD_H

#include "frame/frame.h"
#include "frame/region.h"

/* A multiple of every cell's bytes. */
#define INK_BYTES	192

/* A picture while it is covered. */
struct canvas {
	struct frame *frame;
	uint8_t black[FORMAT_PLANES_MAX][INK_BYTES];	/* cell after cell */
};

/* One region, cut to the picture. */
struct area {
	struct rect box;		/* not empty, inside of the picture */
	int64_t side;			/* longer side of the region before the cut */
	const struct shape *shape;	/* NULL: all of the box */
	uint32_t track;
};

/* What makes a mosaic's noise; secret, or it could be subtracted. */
struct noise {
	uint64_t key[2];
};

void canvas_prepare(struct canvas *canvas, struct frame *frame);

/*
 * Calls draw for each run of cells, in one row of the plane, that the area
 * touches.  Rows of a shape that share cells are drawn more than once.
 */
typedef void draw_run(void *ctx, unsigned row, unsigned from, unsigned to);
void area_runs(const struct area *area, const struct plane_format *plane,
	       draw_run *draw, void *ctx);

void fill_plane(struct canvas *canvas, unsigned plane, const struct area *area);
void fill_area(struct canvas *canvas, const struct area *area);
void mosaic_area(struct canvas *canvas, const struct area *area,
		 const struct noise *noise);
void blur_area(struct canvas *canvas, const struct area *area);

/* fill.c: the samples of the last cell of a row that no pixel shows turn black. */
void fill_hidden(struct canvas *canvas);

/*
 * soft.c, for mosaic and blur: a few means are all that they keep.  A grid is
 * taken of every channel first, then the plane is filled, then the grid is drawn,
 * so that what a channel leaves out is constant.
 */
#define GRID_MAX	32
#define GRID_SHIFT	6		/* values are in 1/64 of a sample's unit */

struct grid {
	unsigned w, h;			/* 1 to GRID_MAX */
	uint16_t at[GRID_MAX][GRID_MAX];	/* [y][x] */
};

/* The samples of one channel of the cells under an area's box. */
struct patch {
	uint8_t *at;
	size_t stride;
	unsigned step, w, h;		/* w and h in samples */
	unsigned number;		/* tells the channels of a picture apart */
};

struct soft {
	/* Columns and rows of the grid wanted; a patch with fewer samples gets fewer. */
	unsigned columns, rows;
	void (*change)(const struct soft *soft, struct grid *grid,
		       const struct patch *patch);
	/* Draws samples from <= x < to of row y; line is of patch's width. */
	void (*draw)(const struct grid *grid, const struct patch *patch,
		     unsigned y, unsigned from, unsigned to);
	const struct area *area;
	const struct noise *noise;	/* mosaic's */
};

void soft_area(struct canvas *canvas, const struct soft *soft);

#endif
