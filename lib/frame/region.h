/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What of a picture is to be covered, and why.  Doubt hides: a list that is full
 * or spoilt becomes the whole picture, never less.
 */
#ifndef FRAME_REGION_H
#define FRAME_REGION_H

#include "error.h"

#define REGIONS_MAX		1024
#define POLYGON_POINTS_MAX	64

/* Pixels; covers x <= px < x + w.  May lie outside of the picture. */
struct rect {
	int x, y, w, h;
};

bool rect_empty(struct rect r);
struct rect rect_clip(struct rect r, unsigned width, unsigned height);
struct rect rect_union(struct rect a, struct rect b);
struct rect rect_intersect(struct rect a, struct rect b);
/* Outward by a share of its own size on each side: .15 makes it 30 % wider. */
struct rect rect_grow(struct rect r, float share);

/* Fractions of the picture, 0 to 1, in drawing order; closed by itself. */
struct polygon {
	unsigned points;
	struct { float x, y; } at[POLYGON_POINTS_MAX];
};

/*
 * "0,0.62 1,0.55 1,1 0,1": three points or more.  -EINVAL names the word that
 * is wrong.
 */
int polygon_parse(struct polygon *polygon, const char *text,
		  struct scrim_error *err);

/*
 * Polygons drawn for one picture size: for each row the runs of pixels that they
 * touch, sorted, not overlapping.  A pixel that a polygon touches with any part
 * is in.  With reveal the shape is the outside of the polygons: a pixel stays out
 * of it only if it lies inside of one with its whole area.  What a polygon goes around
 * twice is in, and is not revealed.
 */
struct span {
	uint32_t from, to;		/* pixels, from <= x < to */
};

struct shape {
	unsigned width, height;
	struct rect box;		/* around all spans */
	uint32_t *row;			/* spans of row y: span[row[y]] to span[row[y + 1]] */
	struct span *span;
};

int shape_draw(struct shape **shape, const struct polygon *polygons,
	       unsigned count, bool reveal, unsigned width, unsigned height,
	       struct scrim_error *err);
void shape_free(struct shape **shape);

enum method {
	METHOD_UNSET,			/* nobody said: treated as fill */
	METHOD_FILL,			/* constant colour: nothing is left */
	METHOD_MOSAIC,			/* looks nice, can be undone */
	METHOD_BLUR,			/* looks nice, can be undone */
	METHOD_SHOW,			/* left as it is, by explicit wish */
};

/* "fill", "mosaic", "blur", "show". */
const char *method_name(enum method method);
/* -EINVAL when the word is none of these. */
int method_parse(enum method *method, const char *word, struct scrim_error *err);

enum cause {
	CAUSE_FACE,			/* a detector saw a face in this frame */
	CAUSE_HELD,			/* it was seen before and may still be there */
	CAUSE_AHEAD,			/* it is seen in a later frame (files only) */
	CAUSE_MOVING,			/* something moves there */
	CAUSE_REGION,			/* the policy names this place */
	CAUSE_DOUBT,			/* something failed */
};

const char *cause_name(enum cause cause);

struct region {
	struct rect box;		/* what is covered, margin included */
	const struct shape *shape;	/* borrowed; NULL: all of the box */
	enum method method;
	enum cause cause;
	uint32_t track;			/* 0: none */
	float score;			/* 0 to 1; 0 when not from a detector */
	struct rect seen;		/* what the detector said, without margin */
};

struct regions {
	bool whole;			/* cover the whole picture with fill */
	bool badge;			/* on top of all, unless it is covered whole */
	const char *why;		/* when whole: static text for the report */
	unsigned count;
	struct region at[REGIONS_MAX];
};

void regions_clear(struct regions *regions);
/* A full list becomes the whole picture. */
void regions_add(struct regions *regions, const struct region *region);
/* Blind: hide the whole picture.  why is static text. */
void regions_cover(struct regions *regions, const char *why);

#endif
