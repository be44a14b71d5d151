/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Places that other programs mask, as regions.  What they mask is covered; where a
 * mask cannot be had exactly, more is.
 */
#ifndef POLICY_IMPORT_H
#define POLICY_IMPORT_H

#include "policy/policy.h"

#define IMPORTS_MAX	256

struct import {
	unsigned count;
	struct imported {
		char camera[POLICY_NAME_MAX];	/* empty: the source names none */
		char name[POLICY_NAME_MAX];
		struct polygon polygon;
	} at[IMPORTS_MAX];
};

/*
 * A mask of Motion, PGM (P2 or P5): every pixel that is not white is covered.  A mask that
 * needs more than POLICY_REGIONS_MAX polygons is covered in coarser steps.
 */
int import_motion(struct import *import, int fd, const char *name, struct scrim_error *err);

/*
 * A zone of ZoneMinder, "x,y x,y x,y ...": pixels of a picture of this size, or percent when
 * width is 0.
 */
int import_zoneminder(struct import *import, const char *text, unsigned width, unsigned height,
		      struct scrim_error *err);

/*
 * A mask of Frigate, "x,y,x,y,x,y,...": fractions, or pixels of a picture of this size when
 * a number is above 1.
 */
int import_frigate(struct import *import, const char *camera, const char *what,
		   const char *text, unsigned width, unsigned height, struct scrim_error *err);

/*
 * The masks for motion and objects of all cameras in a configuration of Frigate (YAML).
 * Masks in pixels are of the size of the camera's `detect`, or else of this one.
 */
int import_frigate_config(struct import *import, int fd, const char *name, unsigned width,
			  unsigned height, struct scrim_error *err);

/* Of a process that read strangers' bytes: whether nobody can come to grief with it. */
bool import_is_sound(const struct import *import);

/* For import_*(): one more polygon, whose name is "WHAT" or, of several, "WHAT-2". */
int import_add(struct import *import, const char *camera, const char *what,
	       const struct polygon *polygon, struct scrim_error *err);

#endif
