/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a region is covered, for redact.c alone.  Everything here is in whole cells
 * of each plane and asks for no memory, so that nothing can fail half-way through a
 * picture.
 */
#ifndef REDACT_METHOD_H
#define REDACT_METHOD_H

#include "frame/frame.h"
#include "frame/region.h"

/* A multiple of every cell's bytes; few enough for a copy without a call. */
#define INK_BYTES	48

/* A picture while it is covered. */
struct canvas {
	struct frame *frame;
	uint8_t black[FORMAT_PLANES_MAX][INK_BYTES];	/* cell after cell */
	uint8_t white[FORMAT_PLANES_MAX][INK_BYTES];
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

/* The longest row of any plane. */
#define ROW_BYTES_MAX	(SCRIM_SIDE_MAX * CELL_BYTES_MAX)

/* Memory of mosaic and blur; only as much of it is touched as a region is wide. */
struct scratch {
	uint32_t sum[ROW_BYTES_MAX];
	uint16_t line[2][ROW_BYTES_MAX];
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
void fill_area_white(struct canvas *canvas, const struct area *area);
void mosaic_area(struct canvas *canvas, const struct area *area,
		 struct scratch *scratch, const struct noise *noise);
void blur_area(struct canvas *canvas, const struct area *area,
	       struct scratch *scratch);

/* fill.c: the samples of the last cell of a row that no pixel shows turn black. */
void fill_hidden(struct canvas *canvas);

/* badge.c: over whatever is there, and cut where the picture is too small for it. */
void badge_draw(struct canvas *canvas);

/*
 * soft.c, for mosaic and blur: of each channel under a region they keep a grid of
 * means, change that, and draw the region from nothing else.
 */
#define GRID_MAX	32
#define GRID_SHIFT	6		/* means are in 1/64 */

struct grid {
	unsigned w, h;			/* 1 to GRID_MAX */
	unsigned number;		/* tells the channels of a picture apart */
	uint16_t at[GRID_MAX][GRID_MAX];	/* [y][x] */
};

struct soft {
	const struct area *area;
	/* Size of the grid; of a channel with fewer samples it is smaller. */
	unsigned columns, rows;
	bool smooth;			/* straight lines between the means */
	void (*change)(const struct soft *soft, struct grid *grid);
	const struct noise *noise;	/* mosaic's */
};

void soft_area(struct canvas *canvas, const struct soft *soft,
	       struct scratch *scratch);

#endif
