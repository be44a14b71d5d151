/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An index of the ledger of exports, FOLDER/export.index, a file of SQLite: it answers at once what
 * would take reading the whole log.  It can be thrown away at any time.  It says which entry it
 * stands on; a reader of the log compares that with the entry that is there, and what comes behind
 * is added.
 *
 * It never decides alone.  Whenever the log is read, which is before each export, every row is
 * compared with what the log says (index_proof.h): a row that a tool, damage or somebody changed,
 * added, removed or moved is noticed, and the index is made anew.  An older copy catches up.  What
 * this does not see is who changes the file, against SQLite's lock, while it is open; who runs
 * another program; and who, as the owner of the log's key, writes another log.
 */
#ifndef CONSENT_INDEX_H
#define CONSENT_INDEX_H

#include "consent/exports.h"
#include "consent/index_proof.h"

#define INDEX_FILE	"export.index"

struct index;

/*
 * Opens it, or makes an empty one; a damaged one is thrown away, and note, which is not empty then,
 * says so.  What is written is seen at once by who wrote, and is on the disk after index_keep():
 * until then a crash leaves it as it was.
 */
int index_open(struct index **index, const char *folder, char note[SCRIM_TEXT_MAX],
	       struct scrim_error *err);
void index_close(struct index *index);

/* The entry that it stands on; seq 0: none. */
const struct chain *index_chain(const struct index *index);
/* As it was when it was last kept; as if it had just been made. */
int index_undo(struct index *index, struct scrim_error *err);
int index_clear(struct index *index, struct scrim_error *err);

/* The next entry; NULL: one of no kind that it knows. */
int index_take(struct index *index, const struct export_entry *entry, const struct chain *chain,
	       struct scrim_error *err);
int index_keep(struct index *index, struct scrim_error *err);

/* 1: each of its rows is what the log says; 0: it is not. */
int index_agrees(struct index *index, const struct tally *tally, struct scrim_error *err);

int index_taken(struct index *index, const struct export_count *of, uint64_t *class_taken,
		uint64_t *donor_taken, struct scrim_error *err);
int index_has(struct index *index, const char *campaign, const char *recipient, const char *item,
	      char bundle[UUID_TEXT_MAX], struct scrim_error *err);
int index_known(struct index *index, const char *campaign, const char *item,
		struct scrim_error *err);

#endif
