/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Times and durations as records write them.  A time without a zone is none: it would mean
 * another moment to whoever reads it elsewhere.
 */
#ifndef CONSENT_WHEN_H
#define CONSENT_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define WHEN_TEXT_MAX	21		/* "2026-11-22T08:00:00Z" */
#define DAYS_MAX	36525		/* of a duration: a hundred years */

/* RFC 3339, whole seconds, years 1970 to 9999: seconds since 1970, UTC.  False: it is none. */
bool when_read(int64_t *when, const char *text);
void when_write(char text[WHEN_TEXT_MAX], int64_t when);

/* ISO 8601, "P30D", "P6M" or "P3Y", as days: a month has 30, a year 365; never 0. */
bool days_read(uint32_t *days, const char *text);

/*
 * Who may set the clock back could give clips when nobody agreed to it: an entry of a log that is so
 * much older than one before it, in seconds, is none.  last: the latest so far, 0 at first.
 */
#define CLOCK_SLACK	60
int when_follows(int64_t *last, const char *at, struct scrim_error *err);
/* What were written now could be one of those. */
bool clock_is_behind(int64_t last);

#endif
