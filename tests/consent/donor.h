/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of one donor who gave clip after clip, as an exporter would have left it, and what
 * the next clip costs.
 */
#ifndef TESTS_CONSENT_DONOR_H
#define TESTS_CONSENT_DONOR_H

#include <stdbool.h>
#include <stdint.h>

#define DONOR_CAMERA_CLIPS	999	/* of each camera, until there is another */

struct donor_found {
	bool whole, cut_is_told;	/* the chain, and with a byte of it changed */
	uint64_t items, in_class;
	uint64_t before, after;		/* of the first camera, and after one more */
	int steps, scanned, pages;	/* of SQLite for a lookup */
};

/* Writes so many items and asks.  False: it could not, and says why. */
bool donor_ledger(struct donor_found *found, uint64_t items, bool cut);

#endif
