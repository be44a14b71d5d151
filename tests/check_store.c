// SPDX-License-Identifier: GPL-2.0
/*
 * What was agreed to and taken back stays in a log that is the user's alone.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "consent/ledger.h"
#include "consent/receipt.h"
#include "consent/store.h"
#include "consent_case.h"

static struct consent_case base;
static struct scrim_error err;
static char folder[64];

static void setup(void)
{
	case_make(&base, test_path("tests/consent"));
	/* All that is granted here is of one user. */
	memset(base.consent[CASE_ACTOR].key, 0, PUBLIC_KEY_WORD_MAX);
	snprintf(folder, sizeof(folder), "%s/scrim-check-store-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *store(void)
{
	static char path[80];

	snprintf(path, sizeof(path), "%s/state/consent", folder);
	return path;
}

static struct consents consents;
static struct log_verdict verdict;

static const struct chain *known;	/* by the ledger of exports */

static int read_as(uid_t uid)
{
	static struct log_files files;
	int ret = store_open(&files, store(), &err);

	consents_free(&consents);
	if (ret < 0)
		return ret;
	ret = store_read(&consents, &files, uid, known, &verdict, &err);
	log_files_close(&files);
	return ret;
}

static void grant_both(void)
{
	ck_assert_msg(store_grant(store(), &base.consent[0], &err) >= 0, "%s", err.text);
	ck_assert_int_ge(store_grant(store(), &base.consent[1], &err), 0);
}

START_TEST(what_was_granted_is_there)
{
	const struct consent *found;
	struct consent same;

	ck_assert_int_eq(read_as(geteuid()), -ENOENT);
	grant_both();
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(!verdict.broken);
	ck_assert_uint_eq(consents.count, 2);
	found = consents_find(&consents, base.consent[1].record_id);
	ck_assert_ptr_nonnull(found);
	ck_assert_uint_eq(strlen(found->hash), 64);
	same = *found;
	memset(same.prev, 0, sizeof(same) - offsetof(struct consent, prev));
	ck_assert(!memcmp(&same, &base.consent[1], sizeof(same)));
	ck_assert_ptr_null(consents_find(&consents, "6ba7b810-9dad-41d1-80b4-00c04fd430c8"));
}
END_TEST

static void is_put_back(const struct chain *chain, const char *what)
{
	known = chain;
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(verdict.broken == !!what);
	ck_assert_msg(!what || (strstr(verdict.what, what) && strstr(verdict.what, "an older copy")),
		      "%s", verdict.what);
}

/* With its head, which agrees with it; and what was added to it since. */
START_TEST(a_log_that_was_put_back_is_not_whole_for_who_knows_more)
{
	struct chain first, last, later, other;

	known = NULL;
	ck_assert_int_ge(store_grant(store(), &base.consent[0], &err), 0);
	is_put_back(NULL, NULL);
	first = verdict.last;
	ck_assert_int_ge(store_grant(store(), &base.consent[1], &err), 0);
	is_put_back(&first, NULL);
	last = verdict.last;
	is_put_back(&last, NULL);
	later = last;
	later.seq++;
	is_put_back(&later, "ends with entry 2, and the ledger of exports knows entry 3");
	other = first;
	other.hash[ENTRY_HASH_SIZE - 1] ^= 1;
	is_put_back(&other, "entry 1: the ledger of exports knows another");
	known = NULL;
	consents_free(&consents);
	ck_assert_int_eq(store_read(&consents, NULL, geteuid(), &last, &verdict, &err), 0);
	ck_assert(verdict.broken);
	ck_assert_int_eq(store_read(&consents, NULL, geteuid(), NULL, &verdict, &err), 0);
	ck_assert(!verdict.broken);
}
END_TEST

START_TEST(what_was_withdrawn_stays_so)
{
	struct consent_event event = { .state = STATE_WITHDRAWN, .time = base.facts.now,
				       .from = base.facts.now, .until = base.facts.now + 1 };
	static struct store_matches matches;

	grant_both();
	ck_assert_int_eq(store_find(&matches, store(), base.consent[0].record_id, &err), 0);
	ck_assert_uint_eq(matches.count, 1);
	ck_assert_int_eq(store_find(&matches, store(), base.campaign.id, &err), 0);
	ck_assert_uint_eq(matches.count, 2);
	ck_assert_int_eq(store_withdraw(&matches, store(), base.campaign.id, &event, &err), 0);
	ck_assert_uint_eq(matches.count, 2);
	ck_assert_int_eq(store_find(&matches, store(), base.campaign.id, &err), 0);
	ck_assert_uint_eq(matches.count, 0);
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(!verdict.broken && consents.count == 2);
	ck_assert(!consent_is_given(consents.at[0], base.facts.now));
	ck_assert_uint_eq(consents.at[0]->events, 2);
	for (unsigned i = 0; i < 2; i++)
		base.consent[i] = *consents.at[i];
	ck_assert_int_eq(case_decide(&base), E_NOCONSENT);
	ck_assert_str_eq(base.verdict.rule, "noconsent.withdrawn");
}
END_TEST

START_TEST(a_store_of_another_user_is_not_believed)
{
	grant_both();
	ck_assert_int_eq(read_as(geteuid() + 1), 0);
	ck_assert(verdict.broken && !consents.count);
	ck_assert_ptr_nonnull(strstr(verdict.what, "another user's"));
}
END_TEST

START_TEST(a_store_that_others_can_enter_is_refused)
{
	grant_both();
	ck_assert_int_eq(chmod(store(), 0750), 0);
	ck_assert_int_eq(read_as(geteuid()), -EACCES);
	uuid_make(base.consent[0].record_id);
	ck_assert_int_eq(store_grant(store(), &base.consent[0], &err), -EACCES);
	ck_assert_int_eq(chmod(store(), 0700), 0);
	ck_assert_int_eq(read_as(geteuid()), 0);
}
END_TEST

/* Signed, and yet none of a store. */
static void append(const char *kind, json_t *fields)
{
	const struct ledger_place place = { store(), STORE_LOG, store(), STORE_LOG };
	struct ledger *ledger;

	ck_assert_int_eq(ledger_open(&ledger, &place, &err), 0);
	ck_assert_int_eq(ledger_append(ledger, kind, fields, &err), 0);
	ledger_close(ledger);
	json_decref(fields);
}

static json_t *again(unsigned i)
{
	return json_pack("{so si}", "record", consent_json(&base.consent[i]), "uid", (int)geteuid());
}

static void append_event(const struct consent_event *event)
{
	append("withdraw", json_pack("{ss so si}", "record_id", base.consent[0].record_id,
	       "event", consent_event_json(event), "uid", (int)geteuid()));
}

/* As two that withdraw at the same time may write it. */
START_TEST(to_withdraw_twice_is_to_withdraw)
{
	struct consent_event event = { .state = STATE_WITHDRAWN, .time = base.facts.now,
				       .from = base.facts.now, .until = base.facts.now + 1 };

	grant_both();
	append_event(&event);
	append_event(&event);
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert_msg(!verdict.broken, "%s", verdict.what);
	ck_assert_str_eq(consent_state(consents.at[0], NULL, base.facts.now), "withdrawn");
	ck_assert_uint_eq(consents.at[0]->events, 2);
	ck_assert(consent_is_given(consents.at[1], base.facts.now));
}
END_TEST

/* Somebody who writes for a moment, and one who does not end. */
START_TEST(who_withdraws_waits_for_another_writer)
{
	struct consent_event event = { .state = STATE_WITHDRAWN, .time = base.facts.now,
				       .from = base.facts.now, .until = base.facts.now + 1 };
	static struct store_matches matches;
	char path[120];
	int fd;
	pid_t child;

	grant_both();
	snprintf(path, sizeof(path), "%s/consent.lock", store());
	child = fork();
	if (!child) {
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (flock(fd, LOCK_EX) == 0)
			usleep(300000);
		_exit(0);
	}
	usleep(100000);
	ck_assert_msg(store_withdraw(&matches, store(), base.campaign.id, &event, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(matches.count, 2);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(store_grant(store(), &base.consent[0], &err), -EBUSY);
	close(fd);
}
END_TEST

START_TEST(an_event_that_cannot_be_breaks_the_store)
{
	json_t *more;

	grant_both();
	switch (_i) {
	case 0: append("grant", again(0)); break;
	case 1: append("allow", again(0)); break;
	case 2: append("withdraw", json_pack("{ss s{} si}", "record_id", "x", "event", "uid", 0)); break;
	case 3: append_event(&base.consent[0].event[0]); break;
	case 4:
		uuid_make(base.consent[0].record_id);
		more = again(0);
		json_object_set_new(more, "more", json_true());
		append("grant", more);
		break;
	case 5:
		uuid_make(base.consent[0].record_id);
		base.consent[0].process[0].sources = term_bit(SOURCE_BABY);
		append("grant", again(0));
		break;
	}
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(verdict.broken);
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 3: "));
	ck_assert_uint_eq(consents.count, 2);	/* and no half of one */
	base.facts.ledger_whole = !verdict.broken;
	ck_assert_int_eq(case_decide(&base), E_LEDGER);
}
END_TEST

static void withdraw_first(int64_t now)
{
	const struct consent_event event = { .state = STATE_WITHDRAWN, .time = now, .from = now,
					     .until = now + 1 };
	static struct store_matches matches;

	ck_assert_int_eq(store_withdraw(&matches, store(), base.consent[0].record_id, &event, &err), 0);
	ck_assert_uint_eq(matches.count, 1);
}

START_TEST(an_entry_that_is_older_than_the_one_before_it_is_named)
{
	grant_both();
	withdraw_first(base.facts.now);
	case_date_last(store(), STORE_LOG, "2020-01-01T00:00:00Z");
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(verdict.broken);
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 3: it is of 2020-01-01T00:00:00Z"));
}
END_TEST

/* What ended would not have. */
START_TEST(with_a_clock_that_was_set_back_nothing_is_believed_or_written)
{
	const struct consent_event event = { .state = STATE_WITHDRAWN, .time = 1, .from = 1, .until = 2 };
	static struct store_matches matches;

	ck_assert_int_ge(store_grant(store(), &base.consent[0], &err), 0);
	case_date_last(store(), STORE_LOG, "2099-01-01T00:00:00Z");
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(verdict.broken);
	ck_assert_ptr_nonnull(strstr(verdict.what, "the clock is behind the last entry of consent.log"));
	ck_assert_int_eq(store_grant(store(), &base.consent[1], &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "which is of 2099-01-01T00:00:00Z"));
	ck_assert_int_eq(store_withdraw(&matches, store(), base.consent[0].record_id, &event, &err),
			 -EINVAL);
	case_date_last(store(), STORE_LOG, "2026-01-01T00:00:00Z");
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(!verdict.broken && consents.count == 1 && consents.at[0]->events == 1);
}
END_TEST

/* A log without its key, a name that leads nowhere, a head without its log. */
START_TEST(a_store_that_misses_something_is_broken)
{
	static const char *const gone[] = { "consent.pub", "consent.log", "consent.log" };
	static struct store_matches matches;
	char path[120];

	grant_both();
	snprintf(path, sizeof(path), "%s/%s", store(), gone[_i]);
	ck_assert_int_eq(unlink(path), 0);
	if (_i == 1) {
		ck_assert_int_eq(symlink("nowhere", path), 0);
		snprintf(path, sizeof(path), "%s/consent.head", store());
		ck_assert_int_eq(unlink(path), 0);
	}
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(verdict.broken && !consents.count && *verdict.what);
	ck_assert_int_eq(store_find(&matches, store(), base.campaign.id, &err), 0);
	ck_assert(matches.broken);
}
END_TEST

/* As many as can be read; each is the first but for its id. */
START_TEST(a_store_that_is_full_takes_no_more)
{
	const struct ledger_place place = { store(), STORE_LOG, store(), STORE_LOG };
	struct ledger *ledger;
	json_t *fields = again(0);

	ck_assert_int_ge(store_grant(store(), &base.consent[0], &err), 0);
	ck_assert_int_eq(ledger_open(&ledger, &place, &err), 0);
	for (unsigned i = 1; i < STORE_MAX; i++) {
		uuid_make(base.consent[0].record_id);
		json_object_set_new(json_object_get(fields, "record"), "record_id",
				    json_string(base.consent[0].record_id));
		ck_assert_int_eq(ledger_append(ledger, "grant", fields, &err), 0);
	}
	ledger_close(ledger);
	json_decref(fields);
	uuid_make(base.consent[0].record_id);
	ck_assert_int_eq(store_grant(store(), &base.consent[0], &err), -EFBIG);
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(!verdict.broken && consents.count == STORE_MAX);
}
END_TEST

START_TEST(a_byte_that_is_changed_is_noticed)
{
	char path[120], byte;
	int fd;
	off_t size;

	ck_assert_int_ge(store_grant(store(), &base.consent[0], &err), 0);
	snprintf(path, sizeof(path), "%s/consent.log", store());
	fd = open(path, O_RDWR | O_CLOEXEC);
	size = lseek(fd, 0, SEEK_END);
	for (off_t at = 0; at < size - 1; at += 7) {
		ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
		byte ^= 1;
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		ck_assert_int_eq(read_as(geteuid()), 0);
		ck_assert_msg(verdict.broken, "byte %ld", (long)at);
		byte ^= 1;
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	}
	ck_assert_int_eq(read_as(geteuid()), 0);
	ck_assert(!verdict.broken);
	close(fd);
}
END_TEST

/* What cannot be read back is not written. */
START_TEST(a_consent_that_is_none_is_not_stored)
{
	base.consent[0].process[0].sources |= term_bit(SOURCE_BABY);
	ck_assert_int_eq(store_grant(store(), &base.consent[0], &err), -EINVAL);
	ck_assert_int_eq(access(store(), F_OK), -1);
}
END_TEST

START_TEST(receipts_say_whose_and_what)
{
	json_t *kantara = receipt_kantara(&base.consent[0], base.facts.now), *dpv = receipt_dpv(&base.consent[0]), *process;
	const char *id = base.consent[0].record_id;

	ck_assert_str_eq(json_string_value(json_object_get(kantara, "consentReceiptID")), id);
	ck_assert_str_eq(json_string_value(json_object_get(kantara, "version")), "KI-CR-v1.1.0");
	ck_assert_str_eq(json_string_value(json_object_get(dpv, "dct:identifier")), id);
	ck_assert_uint_eq(json_array_size(json_object_get(dpv, "dpv:hasProcess")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(dpv, "dpv:hasConsentEvent")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(kantara, "state")), "given");
	ck_assert_str_eq(json_string_value(json_object_get(kantara, "until")), "2036-01-01T00:00:00Z");
	ck_assert_str_eq(json_string_value(json_object_get(kantara, "applies_before")), "none");
	process = json_array_get(json_object_get(dpv, "dpv:hasProcess"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(process, "scrim:modelKind")), "non-generative");
	ck_assert(json_is_false(json_object_get(process, "scrim:thirdParty")));
	ck_assert(json_is_false(json_object_get(process, "scrim:writtenRelease")));
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(process,
			 "dpv:hasStorageCondition"), "scrim:deletion")), "erase");
	ck_assert(json_is_object(json_object_get(dpv, "scrim:terms")));
	ck_assert(json_is_string(json_object_get(json_object_get(dpv, "@context"), "scrim")));
	json_decref(kantara);
	json_decref(dpv);
	base.consent[0].subject.age_class = AGE_MINOR;
	kantara = receipt_kantara(&base.consent[0], base.facts.now);
	ck_assert(json_is_true(json_object_get(kantara, "sensitive")));
	json_decref(kantara);
	kantara = receipt_kantara(&base.consent[0], base.consent[0].event[0].until);
	ck_assert_str_eq(json_string_value(json_object_get(kantara, "state")), "expired");
	json_decref(kantara);
}
END_TEST

Suite *store_suite(void)
{
	Suite *suite = suite_create("store");
	TCase *tcase = tcase_create("store");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_granted_is_there);
	tcase_add_test(tcase, a_log_that_was_put_back_is_not_whole_for_who_knows_more);
	tcase_add_test(tcase, what_was_withdrawn_stays_so);
	tcase_add_test(tcase, a_store_of_another_user_is_not_believed);
	tcase_add_test(tcase, a_store_that_others_can_enter_is_refused);
	tcase_add_test(tcase, to_withdraw_twice_is_to_withdraw);
	tcase_add_test(tcase, who_withdraws_waits_for_another_writer);
	tcase_add_loop_test(tcase, an_event_that_cannot_be_breaks_the_store, 0, 6);
	tcase_add_test(tcase, an_entry_that_is_older_than_the_one_before_it_is_named);
	tcase_add_test(tcase, with_a_clock_that_was_set_back_nothing_is_believed_or_written);
	tcase_add_loop_test(tcase, a_store_that_misses_something_is_broken, 0, 3);
	tcase_add_test(tcase, a_store_that_is_full_takes_no_more);
	tcase_add_test(tcase, a_byte_that_is_changed_is_noticed);
	tcase_add_test(tcase, a_consent_that_is_none_is_not_stored);
	tcase_add_test(tcase, receipts_say_whose_and_what);
	return suite;
}
