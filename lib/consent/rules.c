// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "consent/agreed.h"
#include "consent/when.h"

#define YEARS_3		(3 * 365)

static bool deny(struct verdict *v, const char *rule, const struct grant *grant,
		 const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Returns true, which is a refusal. */
static bool deny(struct verdict *v, const char *rule, const struct grant *grant,
		 const char *fmt, ...)
{
	va_list args;

	v->rule = rule;
	snprintf(v->record, sizeof(v->record), "%s",
		 grant && grant->consent ? grant->consent->record_id : "");
	va_start(args, fmt);
	vsnprintf(v->sentence, sizeof(v->sentence), fmt, args);
	va_end(args);
	return true;
}

/* 1: the log */

static bool ledger_clip(const struct facts *f, struct verdict *v)
{
	return !f->ledger_whole && deny(v, "ledger.broken", NULL,
		"the log of consents is not what was written; scrim consent verify says where");
}

/* 2: the switch */

static bool off_clip(const struct facts *f, struct verdict *v)
{
	return !f->export_on && deny(v, "off.default", NULL,
		"no administrator of this machine has switched export on");
}

/* 3: the place */

static bool class_clip(const struct facts *f, struct verdict *v)
{
	const char *name = term_name(&source_classes, f->item->source);

	if (source_is_banned(f->item->source))
		return deny(v, "class.never", NULL, "pictures of the class '%s' are never exported", name);
	if (!(f->campaign->offer.sources & term_bit(f->item->source)))
		return deny(v, "class.not-offered", NULL, "the campaign does not ask for the class '%s'",
			    name);
	return false;
}

static bool class_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	return !(g->process->sources & term_bit(f->item->source)) &&
	       deny(v, "class.not-granted", g, "%s did not agree to pictures of the class '%s'",
		    g->person->id, term_name(&source_classes, f->item->source));
}

/* 4: age */

/*
 * Any consent, to whatever, withdrawn or not: nobody is an adult in one and a child in the other,
 * nor grows up by taking it back.
 */
static bool says_minor(const struct consent *c)
{
	bool minor = c->subject.age_class != AGE_ADULT || c->subject.role == ROLE_GUARDIAN;

	for (unsigned i = 0; i < c->events; i++)
		minor = minor || c->event[i].by == BY_GUARDIAN;
	return minor;
}

static bool minor_clip(const struct facts *f, struct verdict *v)
{
	for (unsigned i = 0; i < f->item->people; i++) {
		const struct person *person = &f->item->person[i];

		if (person->age_class != AGE_ADULT)
			return deny(v, "minor.person", NULL, "%s is not known to be an adult (%s)",
				    person->id, term_name(&age_classes, person->age_class));
		for (unsigned n = 0; n < f->consents; n++) {
			const struct grant g = { person, f->consent[n], NULL };

			if (grant_is_about(f->consent[n], person) && says_minor(f->consent[n]))
				return deny(v, "minor.consent", &g, "a consent says that %s is not an adult, "
					    "or has a guardian", person->id);
		}
	}
	return false;
}

/* 5: purposes that nobody may have */

static bool banned_clip(const struct facts *f, struct verdict *v)
{
	unsigned purpose = purpose_is_banned(f->purpose) ? f->purpose : f->campaign->offer.purpose;

	return purpose_is_banned(purpose) &&
	       deny(v, "purpose-banned.never", NULL, "'%s' is never a purpose",
		    term_name(&purposes, purpose));
}

/* 6: everybody's consent */

static bool is_given_to(const struct consent *c, const struct person *person,
			const struct campaign *campaign)
{
	return grant_is_about(c, person) && !strcmp(c->campaign, campaign->id) && grant_holds(c);
}

/* The person's consents, and those of others: one key is one person. */
static bool one_key(const struct facts *f, const struct grant *g, struct verdict *v)
{
	for (unsigned i = 0; i < f->item->people; i++) {
		const struct person *other = &f->item->person[i];

		for (unsigned n = 0; strcmp(other->id, g->person->id) && n < f->consents; n++)
			if (is_given_to(f->consent[n], other, f->campaign) &&
			    !strcmp(f->consent[n]->key, g->consent->key))
				return deny(v, "noconsent.one-key", g, "%s and %s agreed with one key, and nobody "
					    "can agree for another", g->person->id, other->id);
	}
	return false;
}

/* A user can make a key for anybody; an administrator may say whose there are. */
static bool stranger(const struct facts *f, const struct grant *g, struct verdict *v)
{
	for (unsigned i = 0; i < f->knowns; i++)
		if (!strcmp(f->known[i].id, g->person->id))
			return strcmp(f->known[i].key, g->consent->key) &&
			       deny(v, "noconsent.stranger", g, "an administrator says that %s has another key",
				    g->person->id);
	return f->knowns && *g->consent->key &&
	       deny(v, "noconsent.stranger", g, "no administrator has said whose key that of %s is",
		    g->person->id);
}

/* Whichever of them would be looked at: who agrees for somebody else does so with the own key. */
static bool anybody_agreed_for_another(const struct facts *f, struct verdict *v)
{
	for (unsigned i = 0; i < f->item->people; i++)
		for (unsigned n = 0; n < f->consents; n++) {
			const struct grant g = { &f->item->person[i], f->consent[n], NULL };

			if (is_given_to(g.consent, g.person, f->campaign) &&
			    (one_key(f, &g, v) || stranger(f, &g, v)))
				return true;
		}
	return false;
}

/* Who was not told that it may be kept could not agree, nor leave. */
static bool unnoticed(const struct facts *f, struct verdict *v)
{
	const struct item *item = f->item;
	char from[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];

	if (!item_needs_notice(item) || f->notice == NOTICE_SHOWN)
		return false;
	if (f->notice == NOTICE_BROKEN)
		return deny(v, "noconsent.notice-log", NULL, "the log of the camera '%s' is not what was "
			    "written; scrim verify says where", item->camera);
	if (f->notice == NOTICE_UNKNOWN)
		return deny(v, "noconsent.notice-unknown", NULL, "who meets has to be told, and there is "
			    "no log of the camera '%s' that says so", item->camera);
	when_write(from, item->from);
	when_write(until, item->until);
	return deny(v, "noconsent.notice", NULL, "who meets has to be told, and the log of the camera "
		    "'%s' has no notice from %s to %s", item->camera, from, until);
}

static bool noconsent_clip(const struct facts *f, struct verdict *v)
{
	const struct item *item = f->item;
	unsigned donors = 0, visible = 0, actors = 0;

	for (unsigned i = 0; i < item->people; i++) {
		donors += item->person[i].role == ROLE_DONOR;
		visible += item->person[i].visible;
		actors += item->person[i].role == ROLE_PARTICIPANT || item->person[i].visible;
	}
	if (!donors)
		return deny(v, "noconsent.no-donor", NULL, "nobody is named whose camera it was");
	if (item->persons > visible)
		return deny(v, "noconsent.unnamed", NULL, "%u persons are in the picture, and %u are named",
			    item->persons, visible);
	if (item->origin == ORIGIN_STAGED && !actors)
		return deny(v, "noconsent.actors", NULL, "it was staged, and nobody is named who acted");
	return unnoticed(f, v) || anybody_agreed_for_another(f, v);
}

static bool noconsent_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	struct grant other = { .person = g->person };

	if (g->consent)
		return false;
	for (unsigned i = 0; i < f->consents; i++)
		if (grant_is_about(f->consent[i], g->person) && !strcmp(f->consent[i]->campaign, f->campaign->id))
			other.consent = f->consent[i];
	if (!other.consent)
		return deny(v, "noconsent.none", NULL, "there is no consent of %s, the %s, to the campaign "
			    "'%s'", g->person->id, term_name(&roles, g->person->role), f->campaign->id);
	if (!grant_holds(other.consent))
		return deny(v, "noconsent.withdrawn", &other, "%s has withdrawn", g->person->id);
	if (other.consent->subject.role != g->person->role)
		return deny(v, "noconsent.role", &other, "%s agreed as %s, and is the %s here", g->person->id,
			    term_name(&roles, other.consent->subject.role),
			    term_name(&roles, g->person->role));
	return deny(v, "noconsent.controller", &other, "%s agreed to the campaign of another controller",
		    g->person->id);
}

/* 7: what was shown before */

static bool reconsent_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	const struct change *change = agreed_change(g->consent, g->process, f->campaign);

	return change && deny(v, change->rule, g, "%s agreed to %s", g->person->id, change->agreed_to);
}

/* 8: times */

static bool window_clip(const struct facts *f, struct verdict *v)
{
	const struct campaign *c = f->campaign;

	if (f->now < c->from || f->now >= c->until)
		return deny(v, "window.campaign", NULL, "the campaign does not run now");
	/* Nor is it of later: it ends before now, and now is before the end. */
	if (f->item->from < c->from)
		return deny(v, "window.campaign-clip", NULL, "the clip is not of the campaign's time");
	if (f->item->until > f->now || f->item->from > f->item->until)
		return deny(v, "window.clock", NULL, "the clip's time cannot be");
	return false;
}

static bool window_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	const struct consent_event *last = consent_last(g->consent);
	int64_t first = g->consent->event[0].time > last->from ? g->consent->event[0].time : last->from;
	char text[WHEN_TEXT_MAX];

	if (f->now < last->from || f->now >= last->until) {
		when_write(text, f->now < last->from ? last->from : last->until);
		return deny(v, "window.consent", g, "the consent of %s %s %s", g->person->id,
			    f->now < last->from ? "does not hold before" : "ended at", text);
	}
	if (g->consent->has_applies_before && g->consent->applies_before < first)
		first = g->consent->applies_before;
	when_write(text, first);
	/* Nor is it of later: it ended before now, and now is before the end. */
	return f->item->from < first &&
	       deny(v, "window.before-grant", g, "the clip is older than what %s agreed to, which begins "
		    "at %s", g->person->id, text);
}

/* 9: what for */

static bool purpose_clip(const struct facts *f, struct verdict *v)
{
	return f->purpose != f->campaign->offer.purpose &&
	       deny(v, "purpose.campaign", NULL, "'%s' is not what the campaign is for, which is '%s'",
		    term_name(&purposes, f->purpose), term_name(&purposes, f->campaign->offer.purpose));
}

static bool purpose_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	if (g->process->purpose != f->purpose)
		return deny(v, "purpose.consent", g, "%s agreed to '%s', not to '%s'", g->person->id,
			    term_name(&purposes, g->process->purpose), term_name(&purposes, f->purpose));
	return g->process->model_kind != f->campaign->offer.model_kind &&
	       deny(v, "purpose.model", g, "%s agreed to models that are %s", g->person->id,
		    term_name(&model_kinds, g->process->model_kind));
}

/* 10: who gets it */

/* The recipient, whom it uses, whom these use: a bit each. */
static uint32_t receivers(const struct facts *f)
{
	const struct campaign_recipient *to = campaign_recipient(f->campaign, f->recipient);
	uint32_t set = to ? term_bit(to - f->campaign->recipient) : 0, before;

	do {
		before = set;
		for (unsigned i = 0; i < f->campaign->recipients; i++)
			if (set & term_bit(i))
				set |= f->campaign->recipient[i].processors;
	} while (set != before);
	return set;
}

/* The next in the set from *i on; NULL: there is none. */
static const struct campaign_recipient *next_receiver(const struct facts *f, uint32_t set,
						      unsigned *i)
{
	while (*i < f->campaign->recipients && !(set & term_bit(*i)))
		++*i;
	return *i < f->campaign->recipients ? &f->campaign->recipient[(*i)++] : NULL;
}

/* Any of them that is not the issuer; NULL: there is none. */
static const struct campaign_recipient *third_party(const struct facts *f, uint32_t set)
{
	const struct campaign_recipient *r;

	for (unsigned i = 0; (r = next_receiver(f, set, &i));)
		if (strcmp(r->key.id, f->campaign->issuer.id))
			return r;
	return NULL;
}

static bool recipient_clip(const struct facts *f, struct verdict *v)
{
	uint32_t set = receivers(f);
	const struct campaign_recipient *r;

	if (!set)
		return deny(v, "recipient.unknown", NULL, "'%.64s' is no recipient of the campaign",
			    f->recipient);
	for (unsigned i = 0; (r = next_receiver(f, set, &i));) {
		if (r->status != RECIPIENT_ACTIVE)
			return deny(v, "recipient.suspended", NULL, "'%s' is suspended", r->key.id);
		if (f->suspended & term_bit(r - f->campaign->recipient))
			return deny(v, "recipient.suspended-here", NULL, "an administrator has suspended '%s'",
				    r->key.id);
	}
	r = third_party(f, set);
	return r && !f->campaign->offer.third_party &&
	       deny(v, "recipient.third-party", NULL, "'%s' is a third party, and the offer says that "
		    "there is none", r->key.id);
}

static bool is_agreed_to(const struct process *p, const struct recipient *recipient)
{
	for (unsigned i = 0; i < p->recipients; i++)
		if (!strcmp(p->recipient[i].id, recipient->id) &&
		    !strcmp(p->recipient[i].pubkey, recipient->pubkey))
			return true;
	return false;
}

static bool recipient_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	uint32_t set = receivers(f);
	const struct campaign_recipient *r;

	for (unsigned i = 0; (r = next_receiver(f, set, &i));)
		if (!is_agreed_to(g->process, &r->key))
			return deny(v, "recipient.consent", g, "%s did not agree to '%s' with this key",
				    g->person->id, r->key.id);
	r = third_party(f, set);
	return r && !g->process->third_party &&
	       deny(v, "recipient.third-party-consent", g, "%s agreed to no third party, and '%s' is one",
		    g->person->id, r->key.id);
}

/* 11: where */

static bool is_outside(const struct process *p, const char *place)
{
	return !places_cover(&p->geo.allow, place) || places_touch(&p->geo.deny, place);
}

static bool region_of(const struct facts *f, const struct process *p, const struct grant *g,
		      struct verdict *v)
{
	const char *who = g ? g->person->id : "the campaign";
	uint32_t set = receivers(f);
	const struct campaign_recipient *r;

	if (is_outside(p, f->item->region))
		return deny(v, g ? "region.camera-consent" : "region.camera", g,
			    "the camera is in %s, which %s leaves out", f->item->region, who);
	for (unsigned i = 0; (r = next_receiver(f, set, &i));)
		if (is_outside(p, r->region))
			return deny(v, g ? "region.recipient-consent" : "region.recipient", g,
				    "'%s' is in %s, which %s leaves out", r->key.id, r->region, who);
	return false;
}

/*
 * Illinois, 740 ILCS 14: faces that can be recognised need a written release, are not sold,
 * and are destroyed within three years.  A camera somewhere in the US may be there.
 */
static bool illinois(const struct facts *f, const struct grant *g, struct verdict *v)
{
	static const struct places there = { 1, { "US-IL" } };

	if (!places_touch(&there, f->item->region) || !(f->item->data & term_bit(DATA_UNREDACTED)))
		return false;
	if (!g->process->written_release)
		return deny(v, "region.release", g, "in %s faces need a written release, and that of %s is "
			    "not there", f->item->region, g->person->id);
	if (f->campaign->offer.reward.kind == REWARD_MONEY || f->campaign->offer.reward.kind == REWARD_GOODS)
		return deny(v, "region.sale", g, "in %s faces are not sold", f->item->region);
	return f->campaign->offer.storage.days > YEARS_3 &&
	       deny(v, "region.retention", g, "in %s faces are kept for three years at most",
		    f->item->region);
}

static bool region_clip(const struct facts *f, struct verdict *v)
{
	return region_of(f, &f->campaign->offer, NULL, v);
}

static bool region_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	const struct places *stored = &f->campaign->offer.storage.region;

	for (unsigned i = 0; i < stored->count; i++)
		if (!places_cover(&g->process->storage.region, stored->at[i]))
			return deny(v, "region.storage", g, "%s did not agree to storage in %s",
				    g->person->id, stored->at[i]);
	return region_of(f, g->process, g, v) || illinois(f, g, v);
}

/* 12: what is in it */

/* What is in what leaves and not in what is allowed: its name; NULL: nothing. */
static const char *first_of(const struct terms *terms, uint32_t set)
{
	for (unsigned i = 0; i < 32; i++)
		if (set & term_bit(i))
			return term_name(terms, i);
	return NULL;
}

static bool is_origin(unsigned allowed, unsigned origin)
{
	return (origin == ORIGIN_REAL || origin == ORIGIN_STAGED) &&
	       (allowed == ORIGIN_ANY || allowed == origin);
}

static bool data_of(const struct facts *f, const struct process *p, const struct grant *g,
		    struct verdict *v)
{
	const struct item *item = f->item;
	const char *who = g ? g->person->id : "the campaign", *over;

	over = first_of(&data_classes, item->data & ~p->data);
	if (over)
		return deny(v, g ? "data.class-consent" : "data.class", g, "'%s' is not what %s agreed to",
			    over, who);
	if (!(p->events & term_bit(item->event)))
		return deny(v, g ? "data.event-consent" : "data.event", g,
			    "events of the class '%s' are not what %s agreed to",
			    term_name(&event_classes, item->event), who);
	return !is_origin(p->origin, item->origin) &&
	       deny(v, g ? "data.origin-consent" : "data.origin", g,
		    "the clip is %s, which is not what %s agreed to", term_name(&origins, item->origin), who);
}

static bool data_clip(const struct facts *f, struct verdict *v)
{
	const char *shown = first_of(&excluded_classes, f->item->shown);

	if (f->item->is_private)
		return deny(v, "data.private", NULL, "the camera '%s' is private", f->item->camera);
	if (shown)
		return deny(v, "data.excluded", NULL, "it shows what is always covered: %s", shown);
	if (!f->item->data)
		return deny(v, "data.unknown", NULL, "nobody says what would leave");
	if (f->campaign->requires == REQUIRES_PERSON && !f->item->persons)
		return deny(v, "data.unsuitable", NULL, "the campaign asks for clips with persons");
	return data_of(f, &f->campaign->offer, NULL, v);
}

static bool data_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	const char *tag = first_of(&tags, f->item->tags);

	if (tag && !g->process->written_release)
		return deny(v, "data.site", g, "it was taken at a %s, for which %s gave no written release",
			    tag, g->person->id);
	return data_of(f, g->process, g, v);
}

/* 13: what was covered */

static bool redaction_of(const struct facts *f, const struct process *p, const struct grant *g,
			 struct verdict *v)
{
	const struct item *item = f->item;
	const char *who = g ? g->person->id : "the campaign";

	if (p->redaction.faces && !item->redaction.faces)
		return deny(v, g ? "redaction.faces-consent" : "redaction.faces", g,
			    "%s asks that faces are covered", who);
	if (p->redaction.plates && !item->redaction.plates)
		return deny(v, g ? "redaction.plates-consent" : "redaction.plates", g,
			    "%s asks that plates are covered", who);
	if (item->redaction.method < p->redaction.method ||
	    item->redaction.version < p->redaction.min_version)
		return deny(v, g ? "redaction.weaker-consent" : "redaction.weaker", g,
			    "%s asks for '%s' of version %lld or later", who,
			    term_name(&strengths, p->redaction.method),
			    (long long)p->redaction.min_version);
	return false;
}

static bool shows_somebody(const struct item *item)
{
	bool shows = item->persons > 0;

	for (unsigned i = 0; i < item->people; i++)
		shows = shows || item->person[i].visible;
	return shows;
}

static bool redaction_clip(const struct facts *f, struct verdict *v)
{
	const struct item *item = f->item;

	if (!(item->data & term_bit(DATA_UNREDACTED))) {
		if (shows_somebody(item) && !item->redaction.faces)
			return deny(v, "redaction.person", NULL, "a person's face is not covered");
		if (!item->redaction.plates)
			return deny(v, "redaction.plate", NULL, "number plates are not covered");
		if (item->redaction.method != STRENGTH_FILL)
			return deny(v, "redaction.method", NULL, "'%s' can be undone; only fill is exported",
				    term_name(&strengths, item->redaction.method));
	}
	return redaction_of(f, &f->campaign->offer, NULL, v);
}

static bool redaction_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	if (f->item->data & term_bit(DATA_UNREDACTED) && !g->process->written_release)
		return deny(v, "redaction.release", g, "%s gave no written release for what is not covered",
			    g->person->id);
	return redaction_of(f, g->process, g, v);
}

/* 14: how many */

static bool quota_clip(const struct facts *f, struct verdict *v)
{
	int64_t quota = f->item->event < EVENT_COUNT ? f->campaign->quota[f->item->event] : 0;
	int64_t cap = f->campaign->offer.reward.cap_count;

	if (!f->taken_known)
		return deny(v, "quota.unknown", NULL, "nobody says how many the campaign has");
	if (quota <= 0 || f->class_taken >= (uint64_t)quota)
		return deny(v, "quota.class", NULL, "the campaign has its %lld clips of the class '%s'",
			    (long long)quota, term_name(&event_classes, f->item->event));
	return (cap <= 0 || f->donor_taken >= (uint64_t)cap) &&
	       deny(v, "quota.donor", NULL, "the campaign takes %lld clips of a class from a camera",
		    (long long)cap);
}

static bool quota_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	int64_t cap = g->process->reward.cap_count;

	return g->person->role == ROLE_DONOR && (cap <= 0 || f->donor_taken >= (uint64_t)cap) &&
	       deny(v, "quota.consent", g, "%s agreed to %lld clips of a class from a camera",
		    g->person->id, (long long)cap);
}

/* 15: how it ends */

static bool terms_clip(const struct facts *f, struct verdict *v)
{
	uint32_t set = receivers(f);
	const struct campaign_recipient *r;

	if (!f->campaign->offer.storage.days)
		return deny(v, "terms.retention", NULL, "the campaign does not say when clips are deleted");
	for (unsigned i = 0; (r = next_receiver(f, set, &i));)
		if (!age_key_is_valid(r->key.pubkey))
			return deny(v, "terms.key", NULL, "there is no key to encrypt to for '%s'", r->key.id);
	return false;
}

static bool terms_consent(const struct facts *f, const struct grant *g, struct verdict *v)
{
	const struct process *offer = &f->campaign->offer, *agreed = g->process;
	const char *who = g->person->id;

	if (offer->storage.days > agreed->storage.days)
		return deny(v, "terms.longer", g, "the campaign keeps clips longer than the %u days to which "
			    "%s agreed", agreed->storage.days, who);
	if (offer->storage.deletion != agreed->storage.deletion)
		return deny(v, "terms.deletion", g, "%s agreed to '%s' at the end, not to '%s'", who,
			    term_name(&deletions, agreed->storage.deletion),
			    term_name(&deletions, offer->storage.deletion));
	if (strcmp(offer->storage.location, agreed->storage.location))
		return deny(v, "terms.location", g, "%s agreed to storage in another location: %s", who,
			    agreed->storage.location);
	return offer->legal_basis != agreed->legal_basis &&
	       deny(v, "terms.basis", g, "%s agreed on the basis of '%s', not of '%s'", who,
		    term_name(&legal_bases, agreed->legal_basis),
		    term_name(&legal_bases, offer->legal_basis));
}

/* All of them */

const struct rule decision_rules[DECISION_COUNT - 1] = {
	{ E_LEDGER, "E_LEDGER", "the log of consents is whole", ledger_clip, NULL },
	{ E_OFF, "E_OFF", "export is switched on", off_clip, NULL },
	{ E_CLASS, "E_CLASS", "pictures of such a place may leave", class_clip, class_consent },
	{ E_MINOR, "E_MINOR", "everybody is an adult", minor_clip, NULL },
	{ E_PURPOSE_BANNED, "E_PURPOSE_BANNED", "the purpose is not a forbidden one", banned_clip, NULL },
	{ E_NOCONSENT, "E_NOCONSENT", "everybody has agreed", noconsent_clip, noconsent_consent },
	{ E_RECONSENT, "E_RECONSENT", "to what is said today", NULL, reconsent_consent },
	{ E_WINDOW, "E_WINDOW", "clip and export are in time", window_clip, window_consent },
	{ E_PURPOSE, "E_PURPOSE", "for this purpose", purpose_clip, purpose_consent },
	{ E_RECIPIENT, "E_RECIPIENT", "for this recipient", recipient_clip, recipient_consent },
	{ E_REGION, "E_REGION", "in these places", region_clip, region_consent },
	{ E_DATA, "E_DATA", "with these data", data_clip, data_consent },
	{ E_REDACTION, "E_REDACTION", "what has to be covered is", redaction_clip, redaction_consent },
	{ E_QUOTA, "E_QUOTA", "there is room for one more", quota_clip, quota_consent },
	{ E_TERMS, "E_TERMS", "it will end, and is encrypted", terms_clip, terms_consent },
};
