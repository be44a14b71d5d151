/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `scrim ledger', `scrim erase', `scrim consent' and `scrim status' share: the caller's own
 * ledger of exports, for people and for programs.
 */
#ifndef TOOLS_LEDGER_H
#define TOOLS_LEDGER_H

#include <stdio.h>

#include "consent/books.h"
#include "tools.h"

/* As of scrim verify. */
enum ledger_status {
	LEDGER_BROKEN = 4,		/* it is not what was written */
};

struct ledger_files {
	struct log_files files;
	bool there;			/* else it is an empty one */
};

/* Before the door is locked: an exit status. */
int ledger_open_files(struct ledger_files *files, const char *store);
void ledger_close_files(struct ledger_files *files);
/* Behind it: an exit status; LEDGER_BROKEN was complained of, and the books are what comes before. */
int ledger_read(struct books *books, const struct ledger_files *files, struct log_verdict *verdict);

/* Who has a bundle and what became of it there: a line each, and a list, to be released. */
void ledger_print_recipients(FILE *to, const struct kept_bundle *bundle, int64_t now);
json_t *ledger_recipients_json(const struct kept_bundle *bundle, int64_t now);
/* Bundles that were given and rest on the consent that books->record_id names. */
void ledger_print_marked(FILE *to, const struct books *books, int64_t now);
json_t *ledger_marked_json(const struct books *books, int64_t now);

#endif
