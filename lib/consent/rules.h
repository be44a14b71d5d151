/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules that decide() asks, in their order.  Each only ever refuses: there is no way to allow
 * a clip but to have nothing against it.
 */
#ifndef CONSENT_RULES_H
#define CONSENT_RULES_H

#include "consent/decide.h"

/* A consent that was given to this campaign, and the part of it that is looked at. */
struct grant {
	const struct person *person;
	const struct consent *consent;	/* NULL: the person has none */
	const struct process *process;
};

/* One part is about the clip and the offer, one about a person's consent; each may be NULL. */
struct rule {
	enum decision code;
	const char *name;
	const char *content;		/* what it says when it has nothing against it */
	bool (*clip)(const struct facts *f, struct verdict *v);
	bool (*consent)(const struct facts *f, const struct grant *g, struct verdict *v);
};

extern const struct rule decision_rules[DECISION_COUNT - 1];

/* What the answer rests on as far as this person is concerned. */
struct grant grant_find(const struct facts *f, const struct person *person);

/* Given, and not withdrawn since. */
bool grant_holds(const struct consent *c);
bool grant_is_about(const struct consent *c, const struct person *person);

#endif
