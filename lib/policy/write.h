/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Policies in the words of scrim.conf(5), so that reading them gives the same again.
 */
#ifndef POLICY_WRITE_H
#define POLICY_WRITE_H

#include <stdio.h>

#include "policy/policy.h"

/* "0,0.62 1,0.55 1,1": each number as short as it can be to be read as the same. */
#define POLYGON_TEXT_MAX	(POLYGON_POINTS_MAX * 34)
void polygon_write(char text[POLYGON_TEXT_MAX], const struct polygon *polygon);

/* "22:00-06:00". */
#define HOURS_TEXT_MAX	12
void hours_write(char text[HOURS_TEXT_MAX], struct hours hours);

/* "MJPG"; "": none. */
#define FOURCC_TEXT_MAX	5
void fourcc_write(char text[FOURCC_TEXT_MAX], uint32_t fourcc);

/* Every key that is not what it is without being said, and those that say what is covered. */
void policy_write(FILE *to, const struct policy *policy);

#endif
