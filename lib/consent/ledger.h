/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A log that grows and cannot be edited unseen: each entry says what came before it and is
 * signed with the machine's key.  It has one writer, which this is; read.h reads it.
 *
 * In the folder: NAME.log, to which entries are added; the files that it was rotated to, under
 * names that read.h knows; NAME.head and NAME.head.minisig; NAME.lock.  To rotate, rename
 * NAME.log: the next entry goes into a new one.
 */
#ifndef CONSENT_LEDGER_H
#define CONSENT_LEDGER_H

#include "consent/entry.h"
#include "consent/walk.h"

struct ledger;

struct ledger_place {
	const char *folder, *name;	/* of the log */
	const char *keys, *key;		/* folder and name of the key; see key.h */
};

/*
 * Makes the key and the log where there are none.  A log that was cut or edited goes on behind
 * what its head says, so that what is wrong with it stays to be seen.  -EBUSY: there is
 * another writer.
 */
int ledger_open(struct ledger **ledger, const struct ledger_place *place,
		struct scrim_error *err);

/*
 * Adds an entry with these fields, an object without numbers that are not whole.  It is on
 * the disk when this returns 0.  1: it is, but the head could not be written, and *err says
 * why.  Negative: there is no entry; the next call may succeed.
 */
int ledger_append(struct ledger *ledger, const char *kind, json_t *fields,
		  struct scrim_error *err);

/* The last entry. */
const struct chain *ledger_chain(const struct ledger *ledger);

void ledger_close(struct ledger *ledger);

#endif
