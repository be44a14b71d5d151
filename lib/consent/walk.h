/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines of a log in their order: each is signed and says which came before it, or the
 * first that is not and does not is named.
 *
 * A crash or a full disk leaves a line that has no end.  What the next writer makes of it:
 * an end, and an entry of kind "torn" that says how many bytes lie there and their hash.
 * A line that nobody vouches for in this way was edited.
 *
 * To check every signature of a long log takes most of the time.  A walk that trusts checks only
 * those of the last entry of each run of entries that name one key, and of the last of all.  What
 * it accepts, a walk that does not trust accepts as well, unless a key's owner signed for a line that
 * was not signed itself, which no writer does:
 *
 * - An entry is covered by the hash in the next, that one by the next but one, and so on to the last
 *   of its run, which the same key signed: so the key's owner signed for each of them.  Nobody else
 *   can put a line there, change one, take one out or change their order.
 * - A writer goes on behind a line only when it wrote it itself, or read it with its signature: it
 *   was the last then, and the last is always checked.  Behind another end it writes an entry that
 *   does not follow what is there (ledger.c), which ends the trust.
 * - A key that the log itself introduces is believed from the next entry on that it signed.  The run
 *   before it has ended there, and its last entry is checked with its own key: one that is
 *   introduced cannot vouch for its introduction, nor for anything before it.
 * - The form of a line is not looked at either: it is the one that the writer gave it.
 * - Heads take no part in this.  One that is missing, older, or of another log is told as before.
 * - An entry whose seq, prev, log, or key is not right, a line that nobody vouches for, or the last
 *   line of a run with a wrong signature ends the trust: the caller begins anew and checks each,
 *   and that verdict is what counts.
 */
#ifndef CONSENT_WALK_H
#define CONSENT_WALK_H

#include <sodium.h>

#include "consent/entry.h"

#define WALK_KEYS_MAX	32

/* Where the chain has got to. */
struct chain {
	uint64_t seq;			/* of the last entry; 0: none yet */
	uint8_t hash[ENTRY_HASH_SIZE];	/* of its line; zeros: none yet */
};

/* Bytes behind the last entry that are none. */
struct torn {
	uint64_t bytes;			/* without the end of the last line */
	uint8_t hash[ENTRY_HASH_SIZE];
	bool ended;			/* the last line has an end */
};

struct walk {
	char log[LOG_NAME_MAX];
	struct public_key key[WALK_KEYS_MAX];	/* whose signature counts */
	unsigned keys;

	struct chain chain;
	uint64_t first;			/* seq of the first entry; 0: none yet */
	struct chain before;		/* what that follows */
	uint64_t entries, torn_lines;	/* so far; the latter are vouched for */
	uint8_t last_key[KEY_ID_SIZE];	/* that signed the last entry */

	bool trusting;
	char line[ENTRY_LINE_MAX];	/* of one that trusts: the last entry */
	size_t line_size;

	/* Since the last entry: lines that are none, and what is wrong with the first. */
	uint64_t loose_bytes;
	unsigned loose_lines;
	bool loose_ended;
	crypto_generichash_state loose_hash;
	struct scrim_error why;
	uint64_t loose_first;		/* what the caller calls the first of them */
};

void walk_begin(struct walk *walk, const char *log, bool trusting);
/* -ENOSPC: more keys than are looked at. */
int walk_trust(struct walk *walk, const struct public_key *key, struct scrim_error *err);

/*
 * The next line, without its end; ended: it has one.  place is the caller's name for it.
 * 1: an entry, which the caller frees.  0: none, and what comes next decides.
 * -EBADMSG: the chain is broken at *at, which is place or that of an earlier line.
 */
int walk_line(struct walk *walk, const char *line, size_t size, bool ended, uint64_t place,
	      struct entry *entry, uint64_t *at, struct scrim_error *err);

/*
 * There are no more.  -EBADMSG: the last lines are no entries.  A single one without an end
 * is what a crash leaves, and right.
 */
int walk_end(const struct walk *walk, uint64_t *at, struct scrim_error *err);

/* What lies behind the last entry, edited or torn; 0 bytes: nothing. */
void walk_rest(const struct walk *walk, struct torn *torn);

#endif
