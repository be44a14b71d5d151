// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/decide.h"

#include <stdio.h>
#include <string.h>

#include "consent/rules.h"

#define RULES	(DECISION_COUNT - 1)

bool grant_holds(const struct consent *c)
{
	return c->events && consent_last(c)->state == STATE_GIVEN;
}

bool grant_is_about(const struct consent *c, const struct person *person)
{
	return !strcmp(c->subject.id, person->id);
}

/* By this person in this role, to this campaign and controller, and not withdrawn. */
static bool is_to(const struct consent *c, const struct person *person,
		  const struct campaign *campaign)
{
	return grant_is_about(c, person) && c->subject.role == person->role &&
	       *c->campaign && !strcmp(c->campaign, campaign->id) &&
	       !strcmp(c->controller.id, campaign->issuer.id) &&
	       !strcmp(c->controller.pubkey, campaign->issuer.pubkey) && grant_holds(c);
}

/* How many rules have nothing against it. */
static unsigned how_far(const struct facts *f, const struct grant *g)
{
	struct verdict ignored;
	unsigned i = 0;

	while (i < RULES && !(decision_rules[i].consent && decision_rules[i].consent(f, g, &ignored)))
		i++;
	return i;
}

/* Of several consents to the campaign one has to permit all: that which permits most. */
struct grant grant_find(const struct facts *f, const struct person *person)
{
	struct grant best = { .person = person };
	unsigned far = 0;

	for (unsigned i = 0; i < f->consents; i++) {
		if (!is_to(f->consent[i], person, f->campaign))
			continue;
		for (unsigned n = 0; n < f->consent[i]->processes; n++) {
			const struct grant g = { person, f->consent[i], &f->consent[i]->process[n] };
			unsigned now = how_far(f, &g);

			if (!best.consent || now > far) {
				best = g;
				far = now;
			}
		}
	}
	return best;
}

static bool denies(const struct rule *rule, const struct facts *f, const struct grant *grants,
		   struct verdict *v)
{
	bool denied = rule->clip && rule->clip(f, v);

	for (unsigned i = 0; !denied && rule->consent && i < f->item->people; i++)
		if (grants[i].consent || rule->code == E_NOCONSENT)
			denied = rule->consent(f, &grants[i], v);
	return denied;
}

void decide_chain(const struct facts *facts, struct verdict chain[DECISION_COUNT])
{
	struct grant grants[PEOPLE_MAX];

	memset(chain, 0, DECISION_COUNT * sizeof(*chain));
	for (unsigned i = 0; i < facts->item->people; i++)
		grants[i] = grant_find(facts, &facts->item->person[i]);
	for (unsigned i = 0; i < RULES; i++) {
		struct verdict *v = &chain[decision_rules[i].code];

		if (denies(&decision_rules[i], facts, grants, v)) {
			v->code = decision_rules[i].code;
			continue;
		}
		v->rule = "content";
		snprintf(v->sentence, sizeof(v->sentence), "%s", decision_rules[i].content);
	}
}

enum decision decide(const struct facts *facts, struct verdict *verdict)
{
	struct verdict chain[DECISION_COUNT];

	decide_chain(facts, chain);
	for (unsigned i = 0; i < RULES; i++)
		if (chain[decision_rules[i].code].code != DECISION_ALLOW) {
			*verdict = chain[decision_rules[i].code];
			return verdict->code;
		}
	*verdict = (struct verdict){ DECISION_ALLOW, "allow", "", "every rule is content" };
	return DECISION_ALLOW;
}

const char *decision_name(enum decision code)
{
	for (unsigned i = 0; i < RULES; i++)
		if (decision_rules[i].code == code)
			return decision_rules[i].name;
	return code == DECISION_ALLOW ? "ALLOW" : "?";
}

int decision_status(enum decision code)
{
	return code == DECISION_ALLOW ? 0 : DECISION_STATUS + (int)code;
}
