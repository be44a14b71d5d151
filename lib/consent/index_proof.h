/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the rows of the index are what the log says.  Each row of bundles, recipients and items
 * goes back to one entry: while the log is read the hashes of these rows are added up, and so are
 * those of the rows that are there.  The order does not matter.  The key of the hash is drawn for
 * each reading and stays in memory, so that nobody can have made rows whose hashes add up as well.
 * The counts of clips are compared, row by row, with what the items come to.
 */
#ifndef CONSENT_INDEX_PROOF_H
#define CONSENT_INDEX_PROOF_H

#include <sqlite3.h>

#include "consent/books.h"

#define TALLY_KEY_SIZE	16

struct tally {
	uint8_t key[TALLY_KEY_SIZE];
	uint64_t sum;			/* of rows that stay */
	int64_t bundle;			/* number of the last; 0: none yet */
	/* While that is begun, of its items; it may be given up. */
	bool begun;
	uint64_t items;
	char id[UUID_TEXT_MAX], campaign[TERM_ID_MAX];
};

void tally_begin(struct tally *tally);
/* The next entry, which books_take() took. */
void tally_take(struct tally *tally, const struct export_entry *entry);

/* A code of SQLite. */
int proof_compare(bool *agree, sqlite3 *db, const struct tally *tally);

#endif
