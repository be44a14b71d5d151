// SPDX-License-Identifier: GPL-2.0
/*
 * What people were shown is asked about again when it has changed, and nothing else is.
 */
#include "test.h"

#include <string.h>

#include "consent/agreed.h"
#include "consent_case.h"

static struct consent_case c;

static void setup(void)
{
	case_make(&c, test_path("tests/consent"));
}

static struct process *offer(void)
{
	return &c.campaign.offer;
}

static struct recipient *agreed(void)
{
	return &c.consent[CASE_DONOR].process[0].recipient[0];
}

static struct recipient *today(void)
{
	return &c.campaign.recipient[0].key;
}

static void older(void) { c.consent[CASE_ACTOR].title[0] = '\0'; }
static void older_name(void) { agreed()->name[0] = '\0'; }
static void older_signer(void) { agreed()->receipts[0] = '\0'; }
static void notice(void) { c.campaign.notice.sha256[3] = '-'; }
static void terms(void) { c.campaign.terms.sha256[3] = '-'; }
static void title(void) { c.campaign.title[0] = '-'; }
static void issuer(void) { c.campaign.issuer.name[0] = '-'; }
static void contact(void) { c.campaign.issuer.contact[0] = '-'; }
static void words(void) { offer()->purpose_text[0] = '-'; }
static void kind(void) { offer()->reward.kind = REWARD_GOODS; }
static void less(void) { offer()->reward.unit_cents--; }
static void more(void) { offer()->reward.unit_cents++; }
static void currency(void) { strcpy(offer()->reward.currency, "JPY"); }
static void fewer(void) { offer()->reward.cap_count--; }
static void right(void) { strcpy(c.campaign.rights.at[1], "nothing"); }
static void law(void) { strcpy(c.campaign.jurisdiction.at[0], "FR"); }
static void laws(void) { c.campaign.jurisdiction = (struct places){ 2, { "DE", "FR" } }; }
static void name(void) { today()->name[0] = '-'; }
static void signer(void) { today()->receipts[20] = '-'; }

static const struct spoiler {
	void (*spoil)(void);
	const char *rule;
} spoilers[] = {
	{ older, "reconsent.unsaid" },
	{ older_name, "reconsent.unsaid" },
	{ older_signer, "reconsent.unsaid" },
	{ notice, "reconsent.notice" },
	{ terms, "reconsent.terms" },
	{ title, "reconsent.title" },
	{ issuer, "reconsent.controller" },
	{ contact, "reconsent.controller" },
	{ words, "reconsent.purpose" },
	{ kind, "reconsent.reward" },
	{ less, "reconsent.reward" },
	{ more, "reconsent.reward" },
	{ currency, "reconsent.reward" },
	{ fewer, "reconsent.reward" },
	{ right, "reconsent.rights" },
	{ law, "reconsent.jurisdiction" },
	{ laws, "reconsent.jurisdiction" },
	{ name, "reconsent.recipient" },
	{ signer, "reconsent.recipient" },
};

START_TEST(each_change_of_what_was_shown_asks_again)
{
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
	spoilers[_i].spoil();
	ck_assert_int_eq(case_decide(&c), E_RECONSENT);
	ck_assert_str_eq(c.verdict.rule, spoilers[_i].rule);
}
END_TEST

/* Whose key it was asked with is the controller as well, although such a consent is to another. */
START_TEST(another_controller_is_a_change)
{
	const struct consent *consent = &c.consent[CASE_DONOR];

	ck_assert_ptr_null(agreed_change(consent, &consent->process[0], &c.campaign));
	(_i ? c.campaign.issuer.pubkey : c.campaign.issuer.id)[5] = '-';
	ck_assert_str_eq(agreed_change(consent, &consent->process[0], &c.campaign)->rule,
			 "reconsent.controller");
}
END_TEST

/* Each has a rule of its own, for what nobody agreed to, or is no worse for anybody. */
START_TEST(what_may_grow_asks_nobody_again)
{
	struct campaign *campaign = &c.campaign;

	campaign->recipient[campaign->recipients] = campaign->recipient[0];
	strcpy(campaign->recipient[campaign->recipients].key.id, "later");
	strcpy(campaign->recipient[campaign->recipients++].key.name, "Somebody Else");
	strcpy(campaign->rights.at[campaign->rights.count++], "portability");
	campaign->quota[c.item.event] *= 2;
	offer()->reward.cap_count++;
	campaign->from -= 86400;
	campaign->until += 86400;
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
	/* Who agreed to two, of whom one is left. */
	agreed()[1] = campaign->recipient[1].key;
	c.consent[CASE_DONOR].process[0].recipients = 2;
	campaign->recipients = 1;
	ck_assert_int_eq(case_decide(&c), DECISION_ALLOW);
}
END_TEST

Suite *agreed_suite(void)
{
	Suite *suite = suite_create("agreed");
	TCase *tcase = tcase_create("agreed");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, each_change_of_what_was_shown_asks_again, 0,
			    sizeof(spoilers) / sizeof(spoilers[0]));
	tcase_add_loop_test(tcase, another_controller_is_a_change, 0, 2);
	tcase_add_test(tcase, what_may_grow_asks_nobody_again);
	suite_add_tcase(suite, tcase);
	return suite;
}
