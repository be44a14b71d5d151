// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody agrees for somebody else: what is of another person is believed with that person's key.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/key.h"
#include "consent/ledger.h"
#include "consent/letter.h"
#include "consent/store.h"
#include "consent_case.h"

static struct consent_case base;
static struct consent *actor;		/* of base */
static struct secret_key theirs, strangers;
static struct scrim_error err;
static struct store_taken taken;
static struct consents consents;
static struct log_verdict verdict;
static char folder[64], store[80];

static void setup(void)
{
	case_make(&base, test_path("tests/consent"));
	actor = &base.consent[CASE_ACTOR];
	*actor->key = '\0';
	secret_key_make(&theirs);
	secret_key_make(&strangers);
	snprintf(folder, sizeof(folder), "%s/scrim-check-letter-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(store, sizeof(store), "%s/consent", folder);
	ck_assert_int_eq(store_grant(store, &base.consent[CASE_DONOR], &err), 0);
}

static void teardown(void)
{
	char command[128];

	consents_free(&consents);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static char *letter_of(const struct consent *consent, const struct secret_key *key)
{
	json_t *json = letter_json(consent, key);
	char *text = json_dumps(json, JSON_INDENT(2));

	json_decref(json);
	return text;
}

static int take(const struct consent *consent, const struct secret_key *key)
{
	char *text = letter_of(consent, key);
	int ret = store_take(&taken, store, text, &err);

	free(text);
	return ret;
}

/* What the store says then, and what is decided with it. */
static enum decision decided(void)
{
	static struct log_files files;

	consents_free(&consents);
	ck_assert_int_eq(store_open(&files, store, &err), 0);
	ck_assert_int_eq(store_read(&consents, &files, geteuid(), NULL, &verdict, &err), 0);
	log_files_close(&files);
	base.facts.consent = (const struct consent *const *)consents.at;
	base.facts.consents = consents.count;
	base.facts.ledger_whole = !verdict.broken;
	return case_decide(&base);
}

static void take_back(struct consent *consent)
{
	struct consent_event *e = &consent->event[consent->events++];

	*e = consent->event[0];
	e->state = STATE_WITHDRAWN;
	e->time++;
}

START_TEST(who_acts_agrees_with_a_key_of_their_own)
{
	char word[PUBLIC_KEY_WORD_MAX];

	public_key_word(word, &theirs.public);
	ck_assert_int_eq(decided(), E_NOCONSENT);
	ck_assert_msg(take(actor, &theirs) == 0, "%s", err.text);
	ck_assert(taken.taken == TAKEN_NEW && taken.first && taken.given);
	ck_assert_str_eq(taken.key, word);
	ck_assert_msg(decided() == DECISION_ALLOW, "%s", base.verdict.sentence);
	ck_assert_str_eq(consents_find(&consents, actor->record_id)->key, word);
	ck_assert_int_eq(take(actor, &theirs), 0);
	ck_assert(taken.taken == TAKEN_BEFORE && !taken.first);
}
END_TEST

START_TEST(nobody_agrees_for_another)
{
	ck_assert_int_eq(store_grant(store, actor, &err), 0);
	ck_assert_int_eq(decided(), E_NOCONSENT);
	ck_assert_str_eq(base.verdict.rule, "noconsent.one-key");
}
END_TEST

START_TEST(nor_by_a_letter_to_oneself)
{
	struct secret_key own;

	ck_assert_int_eq(store_key(&own, store, &err), 0);
	ck_assert_int_eq(take(actor, &own), -EPERM);
	ck_assert_int_eq(decided(), E_NOCONSENT);
}
END_TEST

START_TEST(a_person_has_the_key_that_was_first)
{
	ck_assert_int_eq(take(actor, &theirs), 0);
	uuid_make(actor->record_id);
	ck_assert_int_eq(take(actor, &strangers), -EPERM);
	ck_assert_ptr_nonnull(strstr(err.text, "has agreed with another key"));
	ck_assert_int_eq(store_grant(store, actor, &err), -EPERM);
	ck_assert_int_eq(take(actor, &theirs), 0);
	ck_assert(!taken.first);
	decided();
	ck_assert(!verdict.broken && consents.count == 3);
}
END_TEST

START_TEST(who_keeps_the_store_is_no_other_either)
{
	struct consent owner = base.consent[CASE_DONOR];

	uuid_make(owner.record_id);
	ck_assert_int_eq(take(&owner, &strangers), -EPERM);
	ck_assert_ptr_nonnull(strstr(err.text, "that of this store"));
}
END_TEST

/* Each byte of what was signed, and of the signature. */
START_TEST(a_letter_that_was_changed_is_none)
{
	static struct consent read;
	char *text = letter_of(actor, &theirs);
	size_t size = strlen(text);

	ck_assert_int_eq(letter_read(&read, text, size, "letter", &err), 0);
	for (size_t at = 0; at < size; at++) {
		if (strchr(" \n", text[at]))
			continue;
		text[at] ^= 1;
		if (letter_read(&read, text, size, "letter", &err) >= 0)
			ck_assert_msg(strstr(text, "untrusted comment: ") < text + at, "byte %zu", at);
		text[at] ^= 1;
	}
	free(text);
}
END_TEST

START_TEST(only_the_subject_gives_again_and_nobody_goes_back)
{
	struct consent before = *actor;

	ck_assert_int_eq(take(actor, &theirs), 0);
	take_back(actor);
	ck_assert_int_eq(take(actor, &strangers), -EPERM);
	ck_assert_int_eq(decided(), DECISION_ALLOW);
	ck_assert_int_eq(take(actor, &theirs), 0);
	ck_assert(taken.taken == TAKEN_LATER && !taken.given);
	ck_assert_int_eq(decided(), E_NOCONSENT);
	ck_assert_str_eq(base.verdict.rule, "noconsent.withdrawn");
	ck_assert_int_eq(take(&before, &theirs), 0);
	ck_assert_int_eq(taken.taken, TAKEN_BEFORE);
	ck_assert_int_eq(decided(), E_NOCONSENT);
}
END_TEST

/* A signature for other words under the same id is no later state of it. */
START_TEST(what_was_agreed_to_stays_what_it_was)
{
	ck_assert_int_eq(take(actor, &theirs), 0);
	actor->process[0].third_party = !actor->process[0].third_party;
	take_back(actor);
	ck_assert_int_eq(take(actor, &theirs), -EPERM);
	ck_assert_int_eq(decided(), DECISION_ALLOW);
}
END_TEST

START_TEST(the_keeper_may_do_without_and_says_so)
{
	struct consent_event event = { .state = STATE_WITHDRAWN, .time = base.facts.now,
				       .from = base.facts.now, .until = base.facts.now + 1 };
	static struct store_matches matches;

	ck_assert_int_eq(take(actor, &theirs), 0);
	ck_assert_int_eq(store_withdraw(&matches, store, actor->record_id, &event, &err), 0);
	ck_assert(matches.count == 1 && matches.at[0].handed);
	ck_assert_int_eq(decided(), E_NOCONSENT);
	ck_assert_uint_eq(consent_last(consents_find(&consents, actor->record_id))->by, BY_KEEPER);
	actor->event[0].by = BY_KEEPER;		/* but gives nothing */
	uuid_make(actor->record_id);
	ck_assert_int_lt(take(actor, &theirs), 0);
}
END_TEST

/* Written into the log by whoever has its key, past this program. */
START_TEST(a_letter_that_cannot_be_breaks_the_store)
{
	const struct ledger_place place = { store, STORE_LOG, store, STORE_LOG };
	char *text = letter_of(actor, &theirs), *at = strstr(text, "\"participant\"");
	struct ledger *ledger;
	json_t *fields;

	ck_assert_int_eq(take(actor, &theirs), 0);
	if (_i == 0) {
		memcpy(at, "\"bystander\"  ", 13);
	} else {
		free(text);
		uuid_make(actor->record_id);
		text = letter_of(actor, &strangers);
	}
	fields = json_pack("{ss si}", "letter", text, "uid", (int)geteuid());
	ck_assert_int_eq(ledger_open(&ledger, &place, &err), 0);
	ck_assert_int_eq(ledger_append(ledger, "letter", fields, &err), 0);
	ledger_close(ledger);
	json_decref(fields);
	free(text);
	ck_assert_int_eq(decided(), E_LEDGER);
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 3: "));
	ck_assert_uint_eq(consents.count, 2);
}
END_TEST

Suite *letter_suite(void)
{
	Suite *suite = suite_create("letter");
	TCase *tcase = tcase_create("letter");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, who_acts_agrees_with_a_key_of_their_own);
	tcase_add_test(tcase, nobody_agrees_for_another);
	tcase_add_test(tcase, nor_by_a_letter_to_oneself);
	tcase_add_test(tcase, a_person_has_the_key_that_was_first);
	tcase_add_test(tcase, who_keeps_the_store_is_no_other_either);
	tcase_add_test(tcase, a_letter_that_was_changed_is_none);
	tcase_add_test(tcase, only_the_subject_gives_again_and_nobody_goes_back);
	tcase_add_test(tcase, what_was_agreed_to_stays_what_it_was);
	tcase_add_test(tcase, the_keeper_may_do_without_and_says_so);
	tcase_add_loop_test(tcase, a_letter_that_cannot_be_breaks_the_store, 0, 2);
	return suite;
}
