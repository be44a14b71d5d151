/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a clip may be given away.  One pure function: no clock, no file, nothing remembered.
 * Every rule must be content; the first that is not, in this order, is the answer.  What is not
 * known is refused: facts that are all zero are.
 */
#ifndef CONSENT_DECIDE_H
#define CONSENT_DECIDE_H

#include "consent/campaign.h"
#include "consent/item.h"
#include "consent/notice.h"

/* The order of the rules.  Names and exit statuses are for scripts and never change. */
enum decision {
	DECISION_ALLOW,
	E_LEDGER,			/* the log of consents is not what was written */
	E_OFF,				/* no administrator has switched export on */
	E_CLASS,			/* pictures of such a place */
	E_MINOR,			/* somebody in it is not known to be an adult */
	E_PURPOSE_BANNED,
	E_NOCONSENT,			/* of somebody whom it concerns */
	E_RECONSENT,			/* the offer is another than that agreed to */
	E_WINDOW,			/* time of the clip, or of the export */
	E_PURPOSE,
	E_RECIPIENT,
	E_REGION,
	E_DATA,				/* what is in the pictures, or comes with them */
	E_REDACTION,
	E_QUOTA,
	E_TERMS,			/* no end of storage, or no key to encrypt to */
	DECISION_COUNT
};

#define DECISION_STATUS	20		/* exit status of E_LEDGER is one more, and so on */

struct facts {
	/* NULL is not allowed. */
	const struct item *item;
	const struct campaign *campaign;
	const struct consent *const *consent;	/* all that are known, in any order */
	unsigned consents;
	const char *recipient;		/* id */
	unsigned purpose;		/* of the export, enum purpose */
	int64_t now;

	enum notice_state notice;	/* for all of the item's time, by the log of its camera */
	bool ledger_whole;
	bool export_on;
	const struct known_person *known;	/* to an administrator */
	unsigned knowns;		/* 0: nobody is asked for; else who handed a consent over */
	uint32_t suspended;		/* by an administrator: a bit for each of its recipients */
	bool taken_known;
	uint64_t class_taken;		/* clips of its class that the campaign has by now */
	uint64_t donor_taken;		/* of those, from the same donor and camera */
};

struct verdict {
	enum decision code;
	const char *rule;		/* "window.before-grant"; "allow" */
	char record[UUID_TEXT_MAX];	/* the consent that it rests on; empty: on none */
	char sentence[SCRIM_TEXT_MAX];
};

enum decision decide(const struct facts *facts, struct verdict *verdict);

/* What each rule says: chain[E_LEDGER] to chain[E_TERMS]; the first that refuses decides. */
void decide_chain(const struct facts *facts, struct verdict chain[DECISION_COUNT]);

/* "E_LEDGER"; "ALLOW". */
const char *decision_name(enum decision code);
/* 0, or DECISION_STATUS and the number of the rule. */
int decision_status(enum decision code);

#endif
