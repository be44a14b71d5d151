/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the verbs of `scrim consent' and `scrim explain' share.
 */
#ifndef TOOLS_CONSENT_H
#define TOOLS_CONSENT_H

#include <stdio.h>

#include "consent/campaign.h"
#include "consent/store.h"
#include "tools.h"

/* Else those of enum exit_status, and of scrim explain those of decision_status(). */
enum consent_status {
	CONSENT_BROKEN = 4,		/* the log is not what was written */
};

struct consent_options {
	const char *store;		/* folder; never NULL after parsing */
	const char *campaign;		/* list: a file, or NULL */
	const char *format;		/* receipt */
	const char *notice_sha256;	/* grant: instead of being asked; or NULL */
	const char *subject;		/* grant; NULL: a new pseudonym */
	unsigned role;
	int age_class;			/* -1: ask */
	unsigned origin;		/* ORIGIN_UNSET: what is offered */
	uint32_t data;			/* of what is offered */
	int64_t until;			/* -1: as long as the campaign */
	int64_t applies_before;		/* -1: none */
	bool written_release, json;
};

/* Each takes its one word, or NULL: an exit status. */
int consent_grant(const struct consent_options *o, const char *word);
int consent_withdraw(const struct consent_options *o, const char *word);
int consent_list(const struct consent_options *o, const char *word);
int consent_show(const struct consent_options *o, const char *word);
int consent_receipt(const struct consent_options *o, const char *word);
int consent_key(const struct consent_options *o, const char *word);
int consent_hand(const struct consent_options *o, const char *word);
int consent_take(const struct consent_options *o, const char *word);
int consent_verify(const struct consent_options *o, const char *word);

/* All that is agreed to, a line each. */
void consent_print_process(FILE *to, const struct process *process);

/* Where the caller's consents are, unless told otherwise. */
const char *consent_default_store(void);

/*
 * Opens the store, locks the door and reads.  *broken: it is only what comes before the place
 * that was complained of.
 */
int consent_read_store(struct consents *consents, const char *path, bool *broken);

/* Reads one, behind the locked door, and prints it: an exit status. */
int consent_print_of(const struct consent_options *o, const char *id,
		     void (*print)(const struct consent_options *o, const struct consent *c));

#endif
