/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A picture in a terminal that knows 24-bit colour: each cell is two pixels, one
 * above the other.
 */
#ifndef LOOK_TERMINAL_H
#define LOOK_TERMINAL_H

#include "look/paper.h"

/*
 * Writes the picture to fd, as large as it can be in so many cells with its shape kept, and
 * never enlarged.  A line for each row of cells; each ends with the terminal's own colours.
 */
int terminal_show(const struct paper *paper, unsigned columns, unsigned rows, int fd,
		  struct scrim_error *err);

#endif
