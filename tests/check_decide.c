// SPDX-License-Identifier: GPL-2.0
/*
 * A clip leaves when nothing speaks against it, and never else: each rule is broken alone, all in
 * pairs, and the nevers with everything else that somebody might set.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent_case.h"
#include "consent/rules.h"

static struct consent_case base, c;

static void setup(void)
{
	case_make(&base, test_path("tests/consent"));
	case_make(&c, test_path("tests/consent"));
}

/* c is the case that is allowed, again. */
static void again(void)
{
	struct facts facts = base.facts;

	c.campaign = base.campaign;
	c.item = base.item;
	memcpy(c.consent, base.consent, sizeof(c.consent));
	facts.item = &c.item;
	facts.campaign = &c.campaign;
	facts.consent = c.all;
	c.facts = facts;
}

static struct process *offer(void)
{
	return &c.campaign.offer;
}

static struct process *donors(void)
{
	return &c.consent[CASE_DONOR].process[0];
}

/* Offered, and agreed to. */
static void reward(unsigned kind, int64_t cents)
{
	struct process *all[] = { offer(), donors(), &c.consent[CASE_ACTOR].process[0] };

	for (unsigned i = 0; i < 3; i++) {
		all[i]->reward.kind = kind;
		all[i]->reward.unit_cents = cents;
	}
}

/* The camera is in Illinois, and all but one rule of Illinois is kept. */
static void in_illinois(void)
{
	for (unsigned i = 0; i < 3; i++) {
		struct process *p = i == 0 ? offer() : &c.consent[i - 1].process[0];

		p->geo.deny.count = 0;
		p->data |= term_bit(DATA_UNREDACTED);
		p->written_release = true;
	}
	strcpy(c.item.region, "US-IL");
	c.item.data = term_bit(DATA_UNREDACTED);
	reward(REWARD_BADGE, 0);
}

/* One thing is wrong; which rule minds it. */

static void break_ledger(void) { c.facts.ledger_whole = false; }
static void break_switch(void) { c.facts.export_on = false; }

static void break_baby(void)
{
	c.item.source = SOURCE_BABY;
	offer()->sources = donors()->sources = UINT32_MAX;
}

static void break_class(void) { c.item.source = SOURCE_SHOP; donors()->sources = UINT32_MAX; }
static void break_class_of_donor(void) { donors()->sources = term_bit(SOURCE_DOORBELL); }
static void break_age(void) { c.item.person[CASE_ACTOR].age_class = AGE_MINOR; }
static void break_age_unknown(void) { c.item.person[CASE_DONOR].age_class = AGE_UNKNOWN; }
static void break_age_of_consent(void) { c.consent[CASE_ACTOR].subject.age_class = AGE_UNKNOWN; }
static void break_guardian(void) { c.consent[CASE_ACTOR].event[0].by = BY_GUARDIAN; }
static void break_guardians_role(void) { c.consent[CASE_ACTOR].subject.role = ROLE_GUARDIAN; }

static void break_banned(void)
{
	c.facts.purpose = offer()->purpose = donors()->purpose = PURPOSE_FACE_DATABASE;
}

static void break_banned_export(void) { c.facts.purpose = PURPOSE_EMOTION; }
static void break_consent(void) { c.facts.consents = 1; }

static void break_withdrawn(void)
{
	c.consent[CASE_DONOR].event[1] = c.consent[CASE_DONOR].event[0];
	c.consent[CASE_DONOR].event[1].state = STATE_WITHDRAWN;
	c.consent[CASE_DONOR].events = 2;
}

static void break_campaign(void) { strcpy(c.campaign.id, "doorstep-2027"); }
static void break_controller(void) { c.campaign.issuer.pubkey[20] = '-'; }
static void break_role(void) { c.consent[CASE_ACTOR].subject.role = ROLE_BYSTANDER; }
static void break_donor(void) { c.item.person[CASE_DONOR].role = ROLE_BYSTANDER; }
static void break_persons(void) { c.item.persons = 2; }

static void break_actors(void)
{
	c.item.people = 1;
	c.item.persons = 0;
	c.campaign.requires = REQUIRES_NOTHING;
}

static void in_a_meeting(void)
{
	c.item.source = SOURCE_MEETING;
	offer()->sources |= term_bit(SOURCE_MEETING);
	for (unsigned i = 0; i < 2; i++)
		c.consent[i].process[0].sources |= term_bit(SOURCE_MEETING);
}

static void break_told(void) { in_a_meeting(); c.facts.notice = NOTICE_GAP; }
static void break_told_log(void) { in_a_meeting(); c.facts.notice = NOTICE_BROKEN; }
static void break_told_unknown(void) { in_a_meeting(); c.facts.notice = NOTICE_UNKNOWN; }
static void break_notice(void) { c.campaign.notice.sha256[3] = '-'; }
static void break_terms(void) { c.campaign.terms.sha256[3] = '-'; }
static void break_cents(void) { offer()->reward.unit_cents++; }
static void break_campaign_over(void) { c.facts.now = c.campaign.until; }
static void break_clip_over(void) { c.campaign.from = c.item.from + 1; }
static void break_future(void) { c.item.until = c.facts.now + 1; }
static void break_expired(void) { c.consent[CASE_DONOR].event[0].until = c.facts.now; }

static void break_older(void)
{
	c.consent[CASE_DONOR].event[0].time = c.consent[CASE_DONOR].event[0].from = c.item.from + 1;
}

static void break_purpose(void) { c.facts.purpose = PURPOSE_SHOW; }
static void break_purpose_of_donor(void) { donors()->purpose = PURPOSE_DISTRIBUTE; }
static void break_model(void) { donors()->model_kind = MODEL_GENERATIVE; }
static void break_recipient(void) { c.facts.recipient = "somebody"; }
static void break_suspended(void) { c.campaign.recipient[0].status = RECIPIENT_SUSPENDED; }
static void break_suspended_here(void) { c.facts.suspended = 1; }

static void break_third(void)
{
	strcpy(c.campaign.recipient[0].key.id, "other");
	strcpy(donors()->recipient[0].id, "other");
	strcpy(c.consent[1].process[0].recipient[0].id, "other");
	c.facts.recipient = "other";
}

static void break_third_consent(void) { break_third(); offer()->third_party = true; }
static void break_key(void) { donors()->recipient[0].pubkey[10] = '-'; }

static void break_camera_region(void)
{
	strcpy(c.item.region, "CN");
	donors()->geo.allow = (struct places){ 1, { "CN" } };
}

static void break_camera_denied(void) { strcpy(c.item.region, "US"); }

static void break_camera_region_of_donor(void)
{
	donors()->geo.allow = (struct places){ 1, { "DE" } };
}

static void break_recipient_region(void) { strcpy(c.campaign.recipient[0].region, "HK"); }

static void break_recipient_region_of_donor(void)
{
	donors()->geo.deny = (struct places){ 1, { "DE" } };
}

static void break_storage(void) { offer()->storage.region = (struct places){ 2, { "DE", "FR" } }; }
static void break_release(void) { in_illinois(); donors()->written_release = false; }
static void break_sale(void) { in_illinois(); reward(REWARD_MONEY, 200); }
static void break_barter(void) { in_illinois(); reward(REWARD_GOODS, 0); }

static void break_illinois_years(void)
{
	in_illinois();
	offer()->storage.days = donors()->storage.days = 2000;
	c.consent[CASE_ACTOR].process[0].storage.days = 2000;
}

static void break_private(void) { c.item.is_private = true; }
static void break_shown(void) { c.item.shown = term_bit(EXCLUDED_SCREEN); }
static void break_no_data(void) { c.item.data = 0; }

static void nobody_in_it(void)
{
	c.item.persons = 0;
	c.item.person[CASE_ACTOR].visible = false;
}

static void break_unsuitable(void) { nobody_in_it(); }
static void break_audio(void) { c.item.data |= term_bit(DATA_AUDIO); }
static void break_audio_of_donor(void) { break_audio(); offer()->data |= term_bit(DATA_AUDIO); }
static void break_event(void) { c.item.event = EVENT_PET; }
static void break_event_of_donor(void) { donors()->events = term_bit(EVENT_CAR_THEFT); }
static void break_origin(void) { offer()->origin = ORIGIN_REAL; }
static void break_origin_of_donor(void) { donors()->origin = ORIGIN_REAL; }
static void break_no_origin(void) { c.item.origin = ORIGIN_UNSET; }
static void break_school(void) { c.item.tags = term_bit(TAG_SCHOOL); }
static void break_faces(void) { c.item.redaction.faces = false; }
static void break_method(void) { c.item.redaction.method = STRENGTH_MOSAIC; }

static void break_faces_asked(void)
{
	nobody_in_it();
	c.campaign.requires = REQUIRES_NOTHING;
	c.item.redaction.faces = false;
}

static void break_faces_of_donor(void) { break_faces_asked(); offer()->redaction.faces = false; }
static void break_plates(void) { c.item.redaction.plates = false; }

/* With a release for what is not covered, it is as they ask. */
static void break_plates_asked(void)
{
	in_illinois();
	strcpy(c.item.region, "FR");
	break_plates();
}

static void break_plates_of_donor(void) { break_plates_asked(); offer()->redaction.plates = false; }
static void break_version(void) { offer()->redaction.min_version = 2; }
static void break_version_of_donor(void) { donors()->redaction.min_version = 2; }

static void break_unredacted(void)
{
	in_illinois();
	strcpy(c.item.region, "FR");
	donors()->written_release = false;
}

static void break_taken(void) { c.facts.taken_known = false; }
static void break_quota(void) { c.facts.class_taken = c.campaign.quota[c.item.event]; }
static void break_no_quota(void) { c.campaign.quota[c.item.event] = 0; }
/* The user of the store agreed for both, or somebody else did. */
static void both_keys(const char *key)
{
	for (unsigned i = 0; i < 2; i++)
		snprintf(c.consent[i].key, sizeof(c.consent[i].key), "%s", key);
}

static void break_one_key(void) { both_keys(""); }
static void break_key_of_others(void) { both_keys("a neighbour's"); }

/* An administrator knows another key of the actor, or somebody else alone. */
static const struct known_person known = { "actor", "another" }, nobody_here = { "else", "x" };
static void knows(const struct known_person *person) { c.facts.known = person; c.facts.knowns = 1; }
static void break_known(void) { knows(&known); }
static void break_unknown(void) { knows(&nobody_here); }
static void break_cap(void) { c.facts.donor_taken = 10; }
static void break_cap_of_donor(void) { c.facts.donor_taken = 9; donors()->reward.cap_count = 9; }
static void break_retention(void) { offer()->storage.days = 0; }

static void break_no_key(void)
{
	c.campaign.recipient[0].key.pubkey[0] = '\0';
	for (unsigned i = 0; i < 2; i++)
		c.consent[i].process[0].recipient[0].pubkey[0] = '\0';
}

static void break_longer(void) { donors()->storage.days = 364; }
static void break_deletion(void) { donors()->storage.deletion = DELETION_RETURN; }
static void break_location(void) { strcpy(offer()->storage.location, "a cellar"); }
static void break_basis(void) { offer()->legal_basis = BASIS_EXPLICIT; }

static const struct breaker {
	void (*breaks)(void);
	enum decision code;
	const char *rule;
} breakers[] = {
	{ break_ledger, E_LEDGER, "ledger.broken" },
	{ break_switch, E_OFF, "off.default" },
	{ break_baby, E_CLASS, "class.never" },
	{ break_class, E_CLASS, "class.not-offered" },
	{ break_class_of_donor, E_CLASS, "class.not-granted" },
	{ break_age, E_MINOR, "minor.person" },
	{ break_age_unknown, E_MINOR, "minor.person" },
	{ break_age_of_consent, E_MINOR, "minor.consent" },
	{ break_guardian, E_MINOR, "minor.consent" },
	{ break_guardians_role, E_MINOR, "minor.consent" },
	{ break_banned, E_PURPOSE_BANNED, "purpose-banned.never" },
	{ break_banned_export, E_PURPOSE_BANNED, "purpose-banned.never" },
	{ break_consent, E_NOCONSENT, "noconsent.none" },
	{ break_withdrawn, E_NOCONSENT, "noconsent.withdrawn" },
	{ break_campaign, E_NOCONSENT, "noconsent.none" },
	{ break_controller, E_NOCONSENT, "noconsent.controller" },
	{ break_role, E_NOCONSENT, "noconsent.role" },
	{ break_donor, E_NOCONSENT, "noconsent.no-donor" },
	{ break_persons, E_NOCONSENT, "noconsent.unnamed" },
	{ break_actors, E_NOCONSENT, "noconsent.actors" },
	{ break_one_key, E_NOCONSENT, "noconsent.one-key" },
	{ break_key_of_others, E_NOCONSENT, "noconsent.one-key" },
	{ break_known, E_NOCONSENT, "noconsent.stranger" },
	{ break_unknown, E_NOCONSENT, "noconsent.stranger" },
	{ break_told, E_NOCONSENT, "noconsent.notice" },
	{ break_told_log, E_NOCONSENT, "noconsent.notice-log" },
	{ break_told_unknown, E_NOCONSENT, "noconsent.notice-unknown" },
	{ break_notice, E_RECONSENT, "reconsent.notice" },
	{ break_terms, E_RECONSENT, "reconsent.terms" },
	{ break_cents, E_RECONSENT, "reconsent.reward" },
	{ break_campaign_over, E_WINDOW, "window.campaign" },
	{ break_clip_over, E_WINDOW, "window.campaign-clip" },
	{ break_future, E_WINDOW, "window.clock" },
	{ break_expired, E_WINDOW, "window.consent" },
	{ break_older, E_WINDOW, "window.before-grant" },
	{ break_purpose, E_PURPOSE, "purpose.campaign" },
	{ break_purpose_of_donor, E_PURPOSE, "purpose.consent" },
	{ break_model, E_PURPOSE, "purpose.model" },
	{ break_recipient, E_RECIPIENT, "recipient.unknown" },
	{ break_suspended, E_RECIPIENT, "recipient.suspended" },
	{ break_suspended_here, E_RECIPIENT, "recipient.suspended-here" },
	{ break_third, E_RECIPIENT, "recipient.third-party" },
	{ break_third_consent, E_RECIPIENT, "recipient.third-party-consent" },
	{ break_key, E_RECIPIENT, "recipient.consent" },
	{ break_camera_region, E_REGION, "region.camera" },
	{ break_camera_denied, E_REGION, "region.camera" },
	{ break_camera_region_of_donor, E_REGION, "region.camera-consent" },
	{ break_recipient_region, E_REGION, "region.recipient" },
	{ break_recipient_region_of_donor, E_REGION, "region.recipient-consent" },
	{ break_storage, E_REGION, "region.storage" },
	{ break_release, E_REGION, "region.release" },
	{ break_sale, E_REGION, "region.sale" },
	{ break_barter, E_REGION, "region.sale" },
	{ break_illinois_years, E_REGION, "region.retention" },
	{ break_private, E_DATA, "data.private" },
	{ break_shown, E_DATA, "data.excluded" },
	{ break_no_data, E_DATA, "data.unknown" },
	{ break_unsuitable, E_DATA, "data.unsuitable" },
	{ break_audio, E_DATA, "data.class" },
	{ break_audio_of_donor, E_DATA, "data.class-consent" },
	{ break_event, E_DATA, "data.event" },
	{ break_event_of_donor, E_DATA, "data.event-consent" },
	{ break_origin, E_DATA, "data.origin" },
	{ break_no_origin, E_DATA, "data.origin" },
	{ break_origin_of_donor, E_DATA, "data.origin-consent" },
	{ break_school, E_DATA, "data.site" },
	{ break_faces, E_REDACTION, "redaction.person" },
	{ break_method, E_REDACTION, "redaction.method" },
	{ break_faces_asked, E_REDACTION, "redaction.faces" },
	{ break_faces_of_donor, E_REDACTION, "redaction.faces-consent" },
	{ break_plates, E_REDACTION, "redaction.plate" },
	{ break_plates_asked, E_REDACTION, "redaction.plates" },
	{ break_plates_of_donor, E_REDACTION, "redaction.plates-consent" },
	{ break_version, E_REDACTION, "redaction.weaker" },
	{ break_version_of_donor, E_REDACTION, "redaction.weaker-consent" },
	{ break_unredacted, E_REDACTION, "redaction.release" },
	{ break_taken, E_QUOTA, "quota.unknown" },
	{ break_quota, E_QUOTA, "quota.class" },
	{ break_no_quota, E_QUOTA, "quota.class" },
	{ break_cap, E_QUOTA, "quota.donor" },
	{ break_cap_of_donor, E_QUOTA, "quota.consent" },
	{ break_retention, E_TERMS, "terms.retention" },
	{ break_no_key, E_TERMS, "terms.key" },
	{ break_longer, E_TERMS, "terms.longer" },
	{ break_deletion, E_TERMS, "terms.deletion" },
	{ break_location, E_TERMS, "terms.location" },
	{ break_basis, E_TERMS, "terms.basis" },
};
#define BREAKERS	(sizeof(breakers) / sizeof(breakers[0]))

START_TEST(a_clip_with_nothing_against_it_may_leave)
{
	ck_assert_msg(case_decide(&c) == DECISION_ALLOW, "%s", c.verdict.sentence);
	ck_assert_str_eq(c.verdict.rule, "allow");
	in_illinois();
	ck_assert_msg(case_decide(&c) == DECISION_ALLOW, "%s", c.verdict.sentence);
}
END_TEST

START_TEST(each_rule_refuses_alone_and_names_itself)
{
	const struct breaker *b = &breakers[_i];

	b->breaks();
	ck_assert_msg(case_decide(&c) == b->code, "%s: %s, not %s", b->rule, c.verdict.sentence,
		      decision_name(b->code));
	ck_assert_str_eq(c.verdict.rule, b->rule);
	ck_assert_uint_gt(strlen(c.verdict.sentence), 10);
}
END_TEST

/* The record is named where one is the reason. */
START_TEST(a_refusal_names_the_consent_that_it_rests_on)
{
	break_purpose_of_donor();
	case_decide(&c);
	ck_assert_str_eq(c.verdict.record, c.consent[CASE_DONOR].record_id);
	again();
	break_withdrawn();
	case_decide(&c);
	ck_assert_str_eq(c.verdict.record, c.consent[CASE_DONOR].record_id);
	again();
	break_switch();
	case_decide(&c);
	ck_assert_str_eq(c.verdict.record, "");
}
END_TEST

/* Two that set the same field are not two reasons. */
static bool still_denies(const struct breaker *b)
{
	struct verdict chain[DECISION_COUNT];

	decide_chain(&c.facts, chain);
	return chain[b->code].code == b->code;
}

START_TEST(of_two_reasons_the_earlier_rule_decides)
{
	const struct breaker *one = &breakers[_i];
	unsigned pairs = 0;

	for (unsigned i = 0; i < BREAKERS; i++) {
		enum decision first = breakers[i].code < one->code ? breakers[i].code : one->code;

		again();
		one->breaks();
		breakers[i].breaks();
		ck_assert_int_ne(case_decide(&c), DECISION_ALLOW);
		if (!still_denies(one) || !still_denies(&breakers[i]))
			continue;
		pairs++;
		ck_assert_msg(c.verdict.code <= first, "%s and %s: %s", one->rule, breakers[i].rule,
			      decision_name(c.verdict.code));
	}
	ck_assert_uint_gt(pairs, BREAKERS / 2);
}
END_TEST

START_TEST(what_nobody_said_is_refused)
{
	static const struct item no_item;
	static struct campaign no_campaign;
	struct facts nothing = { .item = &no_item, .campaign = &no_campaign, .recipient = "" };
	struct verdict verdict;

	ck_assert_int_eq(decide(&nothing, &verdict), E_LEDGER);
	c.facts.item = &no_item;
	ck_assert_int_eq(case_decide(&c), E_NOCONSENT);
	again();
	c.facts.campaign = &no_campaign;
	ck_assert_int_ne(case_decide(&c), DECISION_ALLOW);
	again();
	c.facts.consents = 0;
	ck_assert_int_eq(case_decide(&c), E_NOCONSENT);
	again();
	c.item.people = 0;
	c.item.persons = 0;
	ck_assert_int_eq(case_decide(&c), E_NOCONSENT);
}
END_TEST

/* Everybody agrees to everything: p for the offer and each consent. */
static void for_all(void (*set)(struct process *p, unsigned value), unsigned value)
{
	set(offer(), value);
	set(&c.consent[CASE_DONOR].process[0], value);
	set(&c.consent[CASE_ACTOR].process[0], value);
}

static void set_all(struct process *p, unsigned purpose)
{
	p->sources = p->events = p->data = UINT32_MAX;
	p->purpose = purpose;
	p->origin = ORIGIN_ANY;
	p->written_release = true;
	p->third_party = true;
	p->geo.allow = (struct places){ 1, { "FR" } };
	strcpy(p->geo.allow.at[p->geo.allow.count++], "DE");
	p->geo.deny.count = 0;
}

static void ask_for_no_plates(struct process *p, unsigned value)
{
	p->redaction.plates = value;
}

static void check_never(unsigned source, unsigned purpose, unsigned age, unsigned claimed,
			unsigned *allowed)
{
	bool never = source == SOURCE_BABY || source >= SOURCE_COUNT ||
		     purpose >= PURPOSE_FACE_DATABASE || age != AGE_ADULT || claimed != AGE_ADULT;

	c.item.source = source;
	c.facts.purpose = purpose;
	c.item.person[CASE_ACTOR].age_class = age;
	c.consent[CASE_ACTOR].subject.age_class = claimed;
	if (case_decide(&c) == DECISION_ALLOW) {
		ck_assert_msg(!never, "source %u, purpose %u, ages %u and %u", source, purpose, age, claimed);
		++*allowed;
	}
}

/* Settings, campaign, consents and user: whatever they say. */
START_TEST(nothing_that_anybody_sets_turns_a_never_into_yes)
{
	static const unsigned by[] = { BY_SUBJECT, BY_GUARDIAN };
	unsigned allowed = 0;

	for (unsigned i = 0; i < (PURPOSE_COUNT + 1) * (SOURCE_COUNT + 1) * 16; i++) {
		unsigned purpose = i / 16 % (PURPOSE_COUNT + 1), source = i / 16 / (PURPOSE_COUNT + 1);

		if (i % 16 == 0) {
			again();
			for_all(set_all, purpose);
		}
		for (unsigned more = 0; more < 64; more++) {
			c.item.origin = more & 1 ? ORIGIN_REAL : ORIGIN_STAGED;
			c.consent[CASE_ACTOR].event[0].by = by[more >> 1 & 1];
			reward(more & 4 ? REWARD_MONEY : REWARD_NONE, 0);
			c.item.data = more & 8 ? UINT32_MAX : term_bit(DATA_REDACTED);
			c.campaign.requires = more >> 4 & 1;
			c.item.tags = more & 32 ? 3 : 0;
			check_never(source, purpose, i % 4, i / 4 % 4, &allowed);
		}
	}
	/* Eleven purposes, ten classes, half of the rest: by the subject. */
	ck_assert_uint_eq(allowed, 11 * 10 * 32);
}
END_TEST

/* Facts of all kinds: some things are wrong, or not as they were. */
static void spoil(void)
{
	for (unsigned n = test_random() % 3; n; n--)
		breakers[test_random() % BREAKERS].breaks();
	if (test_random() % 2)
		for_all(set_all, offer()->purpose);
	if (test_random() % 4 == 0)
		c.item.source = test_random() % SOURCE_COUNT;
}

static void deny_region(void)
{
	static const char *const codes[] = { "FR", "DE", "US-IL", "EU", "CH", "HK" };
	struct places *deny = test_random() % 2 ? &offer()->geo.deny : &donors()->geo.deny;

	if (deny->count < PLACES_MAX)
		strcpy(deny->at[deny->count++], codes[test_random() % 6]);
}

static void fewer_regions(void)
{
	struct places *allow = test_random() % 2 ? &offer()->geo.allow : &donors()->geo.allow;

	allow->count -= allow->count > 0;
}

static void stranger(void)
{
	struct person *person = &c.item.person[c.item.people];

	if (c.item.people == PEOPLE_MAX)
		return;
	*person = (struct person){ .id = "stranger", .role = ROLE_BYSTANDER, .age_class = AGE_ADULT,
				   .visible = true };
	c.item.people++;
	c.item.persons++;
}

static void lose_consent(void)
{
	c.facts.consents -= c.facts.consents > 0;
}

static void suspend(void)
{
	c.facts.suspended = 1;
}

static void less_data(void)
{
	donors()->data &= test_random();
	donors()->events &= test_random();
	donors()->sources &= test_random();
}

static void more_taken(void)
{
	c.facts.class_taken += test_random() % 30000;
	c.facts.donor_taken += test_random() % 12;
}

static void nobody_told(void)
{
	c.facts.notice = test_random() % NOTICE_SHOWN;
}

static void (*const tighten[])(void) = {
	nobody_told, deny_region, fewer_regions, stranger, lose_consent, suspend, less_data, more_taken,
	break_private, break_school, break_ledger, break_switch, break_withdrawn, break_longer,
};

START_TEST(a_restriction_never_turns_no_into_yes)
{
	unsigned yes = 0, turned = 0;

	for (unsigned i = 0; i < 1500; i++) {
		bool before, after;

		again();
		spoil();
		before = case_decide(&c) == DECISION_ALLOW;
		tighten[_i]();
		after = case_decide(&c) == DECISION_ALLOW;
		ck_assert_msg(before || !after, "run %u: %s", i, c.verdict.sentence);
		yes += before;
		turned += before && !after;
	}
	ck_assert_uint_gt(yes, 0);
	ck_assert_uint_gt(turned, 0);
}
END_TEST

/* Every place, kind of event and state of the log, and whatever else is as it may be. */
START_TEST(who_meets_leaves_only_when_told)
{
	unsigned told = 0, untold = 0;

	for (unsigned i = 0; i < SOURCE_COUNT * EVENT_COUNT * (NOTICE_SHOWN + 1); i++) {
		unsigned source = i % SOURCE_COUNT, event = i / SOURCE_COUNT % EVENT_COUNT;
		bool meets = source == SOURCE_MEETING || source == SOURCE_DESK ||
			     source == SOURCE_WORKPLACE || event == EVENT_MEETING;

		again();
		for_all(set_all, offer()->purpose);
		c.campaign.quota[event] = 1;
		c.item.source = source;
		c.item.event = event;
		c.facts.notice = i / SOURCE_COUNT / EVENT_COUNT;
		if (source == SOURCE_BABY)
			continue;
		case_decide(&c);
		ck_assert_int_eq(c.verdict.code, meets && c.facts.notice != NOTICE_SHOWN ?
				 E_NOCONSENT : DECISION_ALLOW);
		told += meets && c.verdict.code == DECISION_ALLOW;
		untold += c.verdict.code == E_NOCONSENT;
	}
	ck_assert_uint_eq(told, 3 * EVENT_COUNT + SOURCE_COUNT - 4);
	ck_assert_uint_eq(untold, 3 * told);
}
END_TEST

START_TEST(who_can_be_seen_and_is_not_counted_is_covered)
{
	c.item.persons = 0;
	c.campaign.requires = REQUIRES_NOTHING;
	c.item.redaction.faces = false;
	offer()->redaction.faces = donors()->redaction.faces = false;
	c.consent[CASE_ACTOR].process[0].redaction.faces = false;
	ck_assert_int_eq(case_decide(&c), E_REDACTION);
	ck_assert_str_eq(c.verdict.rule, "redaction.person");
}
END_TEST

START_TEST(plates_are_covered_whoever_asks_for_it)
{
	for_all(ask_for_no_plates, 0);
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
	c.item.redaction.plates = false;
	ck_assert_int_eq(case_decide(&c), E_REDACTION);
	ck_assert_str_eq(c.verdict.rule, "redaction.plate");
}
END_TEST

START_TEST(a_person_without_a_consent_refuses)
{
	stranger();
	ck_assert_int_eq(case_decide(&c), E_NOCONSENT);
	ck_assert_ptr_nonnull(strstr(c.verdict.sentence, "stranger"));
}
END_TEST

START_TEST(a_reward_changes_no_decision)
{
	for (unsigned i = 0; i < 2000; i++) {
		enum decision with;

		again();
		spoil();
		if (c.item.data & term_bit(DATA_UNREDACTED))
			continue;	/* the law of Illinois does not let faces be sold */
		reward(REWARD_MONEY, 200);
		with = case_decide(&c);
		for (unsigned kind = 0; kind < reward_kinds.count; kind++) {
			reward(kind, test_random());
			ck_assert_int_eq(case_decide(&c), with);
		}
	}
}
END_TEST

/* Once by what was said of the age, once by the role, once by who spoke. */
START_TEST(a_minor_who_withdraws_is_still_one)
{
	struct consent *old = &c.consent[2];

	*old = c.consent[CASE_ACTOR];
	uuid_make(old->record_id);
	strcpy(old->campaign, "another");
	old->events = 2;
	old->event[1] = old->event[0];
	old->event[1].state = STATE_WITHDRAWN;
	c.facts.consents = 3;
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
	switch (_i) {
	case 0: old->subject.age_class = AGE_MINOR; break;
	case 1: old->subject.age_class = AGE_UNKNOWN; break;
	case 2: old->subject.role = ROLE_GUARDIAN; break;
	case 3: old->event[0].by = BY_GUARDIAN; break;
	}
	ck_assert_int_eq(case_decide(&c), E_MINOR);
	ck_assert_str_eq(c.verdict.rule, "minor.consent");
	ck_assert_str_eq(c.verdict.record, old->record_id);
}
END_TEST

/* One for another purpose, one for another recipient: neither is for this. */
START_TEST(two_consents_do_not_add_up_to_one)
{
	c.consent[2] = c.consent[CASE_DONOR];
	uuid_make(c.consent[2].record_id);
	c.facts.consents = 3;
	break_purpose_of_donor();
	c.consent[2].process[0].recipient[0].pubkey[10] = '-';
	ck_assert_int_eq(case_decide(&c), E_RECIPIENT);
	c.consent[2].process[0] = c.consent[CASE_ACTOR].process[0];
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
	/* Nor do two parts of one. */
	again();
	donors()[1] = donors()[0];
	c.consent[CASE_DONOR].processes = 2;
	break_purpose_of_donor();
	donors()[1].storage.days = 1;
	ck_assert_int_eq(case_decide(&c), E_TERMS);
}
END_TEST

START_TEST(whom_a_recipient_uses_is_a_recipient)
{
	struct campaign_recipient *cloud = &c.campaign.recipient[1], *deep = &c.campaign.recipient[2];

	*cloud = *deep = c.campaign.recipient[0];
	strcpy(cloud->key.id, "cloud");
	strcpy(deep->key.id, "deep");
	c.campaign.recipients = 3;
	c.campaign.recipient[0].processors = term_bit(1);
	ck_assert_int_eq(case_decide(&c), E_RECIPIENT);
	for (unsigned i = 0; i < 2; i++)
		c.consent[i].process[0].recipient[c.consent[i].process[0].recipients++] = cloud->key;
	ck_assert_int_eq(case_decide(&c), E_RECIPIENT);
	ck_assert_str_eq(c.verdict.rule, "recipient.third-party");
	ck_assert_ptr_nonnull(strstr(c.verdict.sentence, "cloud"));
	offer()->third_party = donors()->third_party = true;
	ck_assert_int_eq(case_decide(&c), E_RECIPIENT);
	ck_assert_str_eq(c.verdict.rule, "recipient.third-party-consent");
	c.consent[CASE_ACTOR].process[0].third_party = true;
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
	cloud->processors = term_bit(2);
	ck_assert_int_eq(case_decide(&c), E_RECIPIENT);
	ck_assert_ptr_nonnull(strstr(c.verdict.sentence, "deep"));
	cloud->processors = term_bit(0);	/* and back: it ends */
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
	cloud->status = RECIPIENT_SUSPENDED;
	ck_assert_int_eq(case_decide(&c), E_RECIPIENT);
	cloud->status = RECIPIENT_ACTIVE;
	c.facts.suspended = term_bit(1);
	ck_assert_int_eq(case_decide(&c), E_RECIPIENT);
	ck_assert_str_eq(c.verdict.rule, "recipient.suspended-here");
	c.facts.suspended = term_bit(2);	/* whom nobody uses */
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
}
END_TEST

START_TEST(only_what_was_agreed_to_reaches_back)
{
	c.item.from = c.item.until = case_time("2026-01-15T00:00:00Z");
	ck_assert_int_eq(case_decide(&c), E_WINDOW);
	for (unsigned i = 0; i < 2; i++) {
		c.consent[i].has_applies_before = true;
		c.consent[i].applies_before = c.item.from;
	}
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
	c.item.from--;
	ck_assert_int_eq(case_decide(&c), E_WINDOW);
}
END_TEST

START_TEST(codes_and_statuses_are_what_scripts_know)
{
	static const char *const names[] = {
		"ALLOW", "E_LEDGER", "E_OFF", "E_CLASS", "E_MINOR", "E_PURPOSE_BANNED", "E_NOCONSENT",
		"E_RECONSENT", "E_WINDOW", "E_PURPOSE", "E_RECIPIENT", "E_REGION", "E_DATA",
		"E_REDACTION", "E_QUOTA", "E_TERMS",
	};

	ck_assert_uint_eq(sizeof(names) / sizeof(names[0]), DECISION_COUNT);
	for (unsigned i = 0; i < DECISION_COUNT; i++) {
		ck_assert_str_eq(decision_name(i), names[i]);
		ck_assert_int_eq(decision_status(i), i ? 20 + (int)i : 0);
		if (i)
			ck_assert_int_eq(decision_rules[i - 1].code, (int)i);
	}
	ck_assert_str_eq(decision_name(DECISION_COUNT), "?");
}
END_TEST

START_TEST(deciding_changes_nothing)
{
	static struct consent_case before;
	struct verdict first;

	memset(&first, 0, sizeof(first));	/* also between its members */
	memset(&c.verdict, 0, sizeof(c.verdict));
	memcpy(&before, &c, sizeof(before));
	decide(&c.facts, &first);
	decide(&c.facts, &c.verdict);
	ck_assert(!memcmp(&first, &c.verdict, sizeof(first)));
	memcpy(&before.verdict, &c.verdict, sizeof(before.verdict));
	ck_assert(!memcmp(&before, &c, sizeof(before)));
}
END_TEST

Suite *decide_suite(void)
{
	Suite *suite = suite_create("decide");
	TCase *tcase = tcase_create("decide");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_clip_with_nothing_against_it_may_leave);
	tcase_add_loop_test(tcase, each_rule_refuses_alone_and_names_itself, 0, BREAKERS);
	tcase_add_test(tcase, a_refusal_names_the_consent_that_it_rests_on);
	tcase_add_loop_test(tcase, of_two_reasons_the_earlier_rule_decides, 0, BREAKERS);
	tcase_add_test(tcase, what_nobody_said_is_refused);
	tcase_add_test(tcase, nothing_that_anybody_sets_turns_a_never_into_yes);
	tcase_add_loop_test(tcase, a_restriction_never_turns_no_into_yes, 0,
			    sizeof(tighten) / sizeof(tighten[0]));
	tcase_add_test(tcase, who_meets_leaves_only_when_told);
	tcase_add_test(tcase, who_can_be_seen_and_is_not_counted_is_covered);
	tcase_add_test(tcase, plates_are_covered_whoever_asks_for_it);
	tcase_add_test(tcase, a_person_without_a_consent_refuses);
	tcase_add_test(tcase, a_reward_changes_no_decision);
	tcase_add_loop_test(tcase, a_minor_who_withdraws_is_still_one, 0, 4);
	tcase_add_test(tcase, two_consents_do_not_add_up_to_one);
	tcase_add_test(tcase, whom_a_recipient_uses_is_a_recipient);
	tcase_add_test(tcase, only_what_was_agreed_to_reaches_back);
	tcase_add_test(tcase, codes_and_statuses_are_what_scripts_know);
	tcase_add_test(tcase, deciding_changes_nothing);
	return suite;
}
