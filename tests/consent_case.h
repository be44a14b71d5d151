/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A clip that may be given away: the offer and the item of tests/consent/, and the consents of the
 * two whom it concerns.  Tests spoil one thing and see who minds.
 */
#ifndef TESTS_CONSENT_CASE_H
#define TESTS_CONSENT_CASE_H

#include "consent/decide.h"

#define CASE_CONSENTS	4
#define CASE_DONOR	0		/* the first consent, and the first person */
#define CASE_ACTOR	1
#define CASE_ACTOR_KEY	"the actor's own"

struct consent_case {
	struct campaign campaign;
	struct item item;
	struct consent consent[CASE_CONSENTS];
	const struct consent *all[CASE_CONSENTS];
	struct facts facts;		/* of the above */
	struct verdict verdict;		/* of case_decide() */
};

/* folder: tests/consent, wherever that is.  Ends the program when it cannot. */
void case_make(struct consent_case *c, const char *folder);
enum decision case_decide(struct consent_case *c);

/* As scrim consent grant would agree to all that is offered. */
void case_grant(struct consent *consent, const struct campaign *campaign, const char *subject,
		unsigned role, int64_t time);

/* The text of a file of the folder; to be freed. */
char *case_text(const char *folder, const char *name, size_t *size);
int64_t case_time(const char *text);

/* The last line of a log again, of another time, and its head: signed as the store's key would. */
void case_date_last(const char *store, const char *log, const char *at);

#endif
