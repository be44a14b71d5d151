/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A letter is seven rows of five dots: bit 4 of a row is its leftmost dot.
 */
#ifndef LOOK_FONT_H
#define LOOK_FONT_H

#include <stdint.h>

#define FONT_W		5u
#define FONT_H		7u

/* Of ' ' to '~'; of anything else the rows of '?'. */
const uint8_t *font_rows(char letter);

#endif
