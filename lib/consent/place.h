/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Countries and parts of them, by the codes of ISO 3166: "DE", "HK", "US-IL".  A name that is in no
 * table is refused, so that a slip cannot stand for everywhere.
 */
#ifndef CONSENT_PLACE_H
#define CONSENT_PLACE_H

#include <stdbool.h>

#define PLACE_MAX	8		/* bytes of a code, with its NUL */
#define PLACES_MAX	48		/* of one list */

struct places {
	unsigned count;
	char at[PLACES_MAX][PLACE_MAX];
};

/* A country, a state of the United States, or "EU", which stands for its members. */
bool place_is_known(const char *code);

/*
 * The whole of the place is in the list: "US-IL" is where "US" is, and "FR" where "EU" is; "US" is
 * not where only "US-IL" is.
 */
bool places_cover(const struct places *places, const char *code);
/* Some of the place may be: "US" touches "US-IL" as well. */
bool places_touch(const struct places *places, const char *code);

#endif
