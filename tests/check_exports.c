// SPDX-License-Identifier: GPL-2.0
/*
 * What left is in the ledger of exports, is counted there, and nothing else is.
 */
#include "exports_case.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "consent/ledger.h"

/* Counting */

START_TEST(what_was_given_is_counted_and_paid)
{
	taken_are(NULL, "another", 0, 0);
	give(0, 3);
	sums_are(1, 3, 1, 600);
	taken_are(NULL, "another", 3, 3);
	give(1, 2);
	sums_are(2, 5, 1, 1000);
	open_again();
	ck_assert_str_eq(note, "");
	taken_are(NULL, "another", 5, 5);
	ck_assert_str_eq(books_find(&books, bundles[1])->given->payment, "account 4711");
}
END_TEST

START_TEST(a_bundle_that_is_not_given_counts_for_nothing)
{
	struct export_item item = given_item(1, 1, "event");
	char unfinished[UUID_TEXT_MAX];
	uint64_t none;
	const struct export_count of = { "doorstep-2026", "owner", "porch", EVENT_PACKAGE_THEFT,
					 "x", NULL, NULL };

	give(0, 3);
	add(&item);
	sums_are(1, 3, 1, 600);
	taken_are(bundles[1], "another", 4, 4);		/* but for who makes it */
	ck_assert_int_eq(exports_taken(e, &of, &none, &none, &err), -EINVAL);
	open_again();
	ck_assert_int_eq(exports_unfinished(e, unfinished), 1);
	ck_assert_str_eq(unfinished, bundles[1]);
	ck_assert_int_eq(exports_void(e, bundles[1], "the exporter was ended", &err), 0);
	ck_assert_int_eq(exports_unfinished(e, unfinished), 0);
	taken_are(NULL, "another", 3, 3);
	sums_are(1, 3, 1, 600);
	ck_assert_int_eq(exports_append_item(e, &item, &err), -EINVAL);
	open_again();
	ck_assert_str_eq(note, "");
	taken_are(NULL, "another", 3, 3);
}
END_TEST

/* What two cameras see of one event is one of its class; what one camera sees are as many clips. */
START_TEST(clips_are_counted_and_those_of_other_cameras_once)
{
	const struct export_item items[] = {
		clip_of(1, "event", "porch"), clip_of(2, "event", "drive"), clip_of(3, "event", "porch"),
		clip_of(4, "event", "drive"), clip_of(5, "event", "drive"),
	};
	static const unsigned class[] = { 1, 1, 2, 2, 3 }, porch[] = { 1, 1, 2, 2, 2 };
	struct export_bundle b = given_bundle(0, 5);

	for (unsigned i = 0; i < 5; i++) {
		add(&items[i]);
		taken_are(bundles[0], "another", class[i], porch[i]);
	}
	taken_are(bundles[0], "event", 2, 2);		/* drive has more of it */
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
	taken_are(NULL, "another", 3, 2);
	sums_are(1, 5, 1, 1000);
	open_again();
	ck_assert_str_eq(note, "");
}
END_TEST

START_TEST(a_clip_counts_once_whoever_gets_it)
{
	struct export_count of = { "doorstep-2026", "owner", "porch", EVENT_PACKAGE_THEFT, "event",
				   NULL, NULL };
	const struct export_item item = given_item(1, 1, "event-0-1");
	struct export_bundle b = given_bundle(1, 1);
	uint64_t class, donor;

	ck_assert_int_eq(exports_known(e, "doorstep-2026", item.item, &err), 0);
	give(0, 2);
	ck_assert_int_eq(exports_known(e, "doorstep-2026", item.item, &err), 1);
	ck_assert_int_eq(exports_known(e, "another", item.item, &err), 0);
	of.item = item.item;
	ck_assert_int_eq(exports_taken(e, &of, &class, &donor, &err), 0);
	ck_assert(class == 1 && donor == 1);
	add(&item);
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
	taken_are(NULL, "another", 2, 2);
	open_again();
	ck_assert_str_eq(note, "");
}
END_TEST

START_TEST(what_is_given_up_leaves_what_others_counted)
{
	struct export_item item = given_item(1, 1, "event-0-1");	/* of the first bundle as well */

	give(0, 1);
	add(&item);
	ck_assert_int_eq(exports_void(e, bundles[1], "why not", &err), 0);
	taken_are(NULL, "another", 1, 1);
}
END_TEST

START_TEST(a_clip_is_known_again)
{
	struct export_item item = given_item(0, 1, "event-0-1");
	char found[UUID_TEXT_MAX] = "";

	ck_assert_int_eq(has("example-vision", &item, found), 0);
	add(&item);
	ck_assert_int_eq(has("example-vision", &item, found), 0);
	ck_assert_int_eq(exports_void(e, bundles[0], "why not", &err), 0);
	give(1, 1);
	item = given_item(1, 1, "event-1-1");
	ck_assert_int_eq(has("example-vision", &item, found), 1);
	ck_assert_str_eq(found, bundles[1]);
	ck_assert_int_eq(has("another", &item, found), 0);
	ck_assert_int_eq(exports_has(e, "another", "example-vision", item.item, found, &err), 0);
}
END_TEST

START_TEST(sums_of_a_campaign_are_its_own)
{
	struct export_item item = given_item(1, 1, "event");
	struct export_bundle b = given_bundle(1, 1);

	give(0, 3);
	snprintf(item.campaign, sizeof(item.campaign), "another");
	snprintf(item.donor, sizeof(item.donor), "somebody");
	snprintf(item.currency, sizeof(item.currency), "EUR");
	add(&item);
	snprintf(b.campaign, sizeof(b.campaign), "another");
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
	taken_are(NULL, "x", 3, 3);
	books.campaign = "another";
	read_books();
	ck_assert_uint_eq(books.items, 1);
	ck_assert_uint_eq(json_object_size(books.donors), 1);
	ck_assert_uint_eq(books.currencies, 1);
	ck_assert_str_eq(books.money[0].name, "EUR");
	books.campaign = NULL;
	read_books();
	ck_assert_uint_eq(json_object_size(books.donors), 2);
	ck_assert_uint_eq(books.currencies, 2);
}
END_TEST

START_TEST(bundles_that_rest_on_a_consent_are_marked)
{
	struct export_item item = given_item(1, 1, "event");
	struct export_bundle b = given_bundle(1, 1);

	give(0, 1);
	add(&item);
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
	books.record_id = item.consent[1];
	read_books();
	ck_assert(!books.at[0]->marked && books.at[1]->marked);
	books.record_id = NULL;
}
END_TEST

/* What cannot be */

#define BUNDLE_CASES	5
static void put_bundle(struct export_bundle *b, unsigned which)
{
	switch (which) {
	case 0: b->items = 3; break;
	case 1: memcpy(b->bundle, bundles[5], UUID_TEXT_MAX); break;
	case 2: snprintf(b->campaign, sizeof(b->campaign), "another"); break;
	case 3: b->recipient[0].receipts[0] ^= 1; break;
	case 4: b->recipient[1] = b->recipient[0]; break;
	}
}

#define ITEM_CASES	9
static void put_item(struct export_item *item, unsigned which)
{
	switch (which) {
	case 0: item->seq_in_bundle = 4; break;
	case 1: memcpy(item->bundle, bundles[5], UUID_TEXT_MAX); break;
	case 2: snprintf(item->campaign, sizeof(item->campaign), "another"); break;
	case 3: item->origin = ORIGIN_ANY; break;
	case 4: item->consents = 0; break;
	case 5: *item->item = 'x'; break;
	case 6: item->reward = REWARD_BADGE; break;
	case 7: *item->currency = '\0'; break;
	case 8: snprintf(item->currency, sizeof(item->currency), "EUR"); break;
	}
}

START_TEST(what_cannot_follow_is_not_written)
{
	struct export_item items[] = {
		given_item(0, 1, "a"), given_item(0, 2, "b"), given_item(0, 3, "c"),
	};
	struct export_bundle b = given_bundle(0, 2);
	uint64_t before;

	add(&items[0]);
	add(&items[1]);
	before = exports_chain(e)->seq;
	if (_i < BUNDLE_CASES) {
		put_bundle(&b, _i);
		ck_assert_int_eq(exports_append_bundle(e, &b, &err), -EINVAL);
	} else {
		put_item(&items[2], _i - BUNDLE_CASES);
		ck_assert_int_eq(exports_append_item(e, &items[2], &err), -EINVAL);
	}
	ck_assert_uint_eq(exports_chain(e)->seq, before);
	ck_assert(*err.text);
}
END_TEST

/* Of a ledger that began before fingerprints were written, too. */
START_TEST(all_that_is_given_is_named_with_one_secret)
{
	static const char names[] = { 'a', 'a', 'b', '\0' };

	give(0, 1);
	for (unsigned i = 0; i < sizeof(names); i++) {
		struct export_bundle b = given_bundle(i + 1, 1);
		struct export_item item = given_item(i + 1, 1, "event");

		add(&item);
		if (names[i])
			sha256_text(b.fingerprint, &names[i], 1);
		ck_assert_int_eq(exports_append_bundle(e, &b, &err), i < 2 ? 0 : -EINVAL);
		ck_assert_int_eq(exports_void(e, bundles[i + 1], "why not", &err), i < 2 ? -EINVAL : 0);
		open_again();
		ck_assert_str_eq(exports_books(e)->fingerprint, exports_books(e)->at[1]->given->fingerprint);
	}
	ck_assert(*exports_books(e)->fingerprint);
}
END_TEST

START_TEST(what_was_given_stays_given)
{
	struct export_bundle b = given_bundle(0, 1);

	give(0, 1);
	ck_assert_int_eq(exports_void(e, bundles[0], "I changed my mind", &err), -EINVAL);
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), -EINVAL);
}
END_TEST

/* Deletion */

static struct export_receipt receipt_of(unsigned bundle)
{
	struct export_receipt r = { .recipient = "example-vision", .deleted = 1800000000 };

	memcpy(r.bundle, bundles[bundle], sizeof(r.bundle));
	sha256_text(r.sha256, "x", 1);
	key_id_text(r.key, recipient.public.id);
	return r;
}

START_TEST(what_was_not_deleted_in_time_is_overdue)
{
	struct export_receipt r = receipt_of(0);
	int64_t day = given_bundle(0, 1).delete_by;

	give(0, 1);
	give(1, 1);
	read_books();
	ck_assert_uint_eq(books_overdue(&books, day - 1), 0);
	ck_assert_uint_eq(books_overdue(&books, day), 4);	/* two bundles, two recipients */
	ck_assert_int_eq(exports_receipt(e, &r, &err), 0);
	ck_assert_int_eq(exports_receipt(e, &r, &err), 0);	/* twice is once */
	read_books();
	ck_assert_uint_eq(books_overdue(&books, day), 3);
	ck_assert_uint_eq(books.deletions, 1);
	ck_assert(!erasure_is_overdue(books.at[0], 0, day));
	ck_assert(erasure_is_overdue(books.at[0], 1, day));
}
END_TEST

static void give_with(char record[2][UUID_TEXT_MAX])
{
	struct export_item item = given_item(0, 1, "event");
	struct export_bundle b = given_bundle(0, 1);

	memcpy(record, item.consent, 2 * sizeof(record[0]));
	add(&item);
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
}

/* The receipt of another record, or of none that is there, is no answer. */
START_TEST(each_part_is_asked_for_until_its_own_receipt)
{
	struct export_request ask = { .recipient = "example-vision", .at = 1800000000 };
	struct export_receipt r = receipt_of(0);
	char record[2][UUID_TEXT_MAX];

	give_with(record);
	memcpy(ask.bundle, bundles[0], sizeof(ask.bundle));
	uuid_make(ask.record_id);
	ck_assert_int_eq(exports_request(e, &ask, &err), -EINVAL);
	memcpy(ask.record_id, record[0], sizeof(ask.record_id));
	ck_assert_int_eq(exports_request(e, &ask, &err), 0);
	r.deleted++;
	uuid_make(r.record_id);
	ck_assert_int_eq(exports_receipt(e, &r, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "rests on consent"));
	memcpy(r.record_id, record[1], sizeof(r.record_id));
	ck_assert_int_eq(exports_receipt(e, &r, &err), 0);
	read_books();
	ck_assert_uint_eq(json_object_size(books.at[0]->erasure[0].open), 1);
	memcpy(r.record_id, record[0], sizeof(r.record_id));
	r.deleted = ask.at - 1;				/* before it was asked for */
	ck_assert_int_eq(exports_receipt(e, &r, &err), 0);
	read_books();
	ck_assert_uint_eq(json_object_size(books.at[0]->erasure[0].open), 1);
	r.deleted = ask.at;
	ck_assert_int_eq(exports_receipt(e, &r, &err), 0);
	read_books();
	ck_assert_uint_eq(json_object_size(books.at[0]->erasure[0].open), 0);
}
END_TEST

START_TEST(a_receipt_of_a_part_closes_no_bundle)
{
	char record[2][UUID_TEXT_MAX];
	struct export_receipt r = receipt_of(0);

	give_with(record);
	memcpy(r.record_id, record[0], sizeof(r.record_id));
	ck_assert_int_eq(exports_receipt(e, &r, &err), 0);
	read_books();
	ck_assert_uint_eq(books_overdue(&books, INT64_MAX), 2);
	ck_assert_int_eq(books.at[0]->erasure[0].record_deleted, r.deleted);
}
END_TEST

START_TEST(a_receipt_of_another_is_refused)
{
	struct export_receipt r = receipt_of(0);

	give(0, 1);
	switch (_i) {
	case 0: r.key[3] = r.key[3] == '0' ? '1' : '0'; break;
	case 1: memcpy(r.bundle, bundles[1], sizeof(r.bundle)); break;
	case 2: snprintf(r.recipient, sizeof(r.recipient), "another"); break;
	case 3: r.deleted = given_bundle(0, 1).created - 1; break;
	}
	ck_assert_int_eq(exports_receipt(e, &r, &err), -EINVAL);
}
END_TEST

static struct chain place_of(uint64_t seq)
{
	struct chain chain = { .seq = seq };

	memset(chain.hash, seq, sizeof(chain.hash));
	return chain;
}

static void knows(uint64_t seq)
{
	struct chain chain = place_of(seq);

	if (!seq)
		memset(&chain, 0, sizeof(chain));
	ck_assert_mem_eq(&exports_books(e)->consents, &chain, sizeof(chain));
	read_books();
	ck_assert(!verdict.broken);
	ck_assert_mem_eq(&books.consents, &chain, sizeof(chain));
}

/* A bundle and a request say it, an older entry does not, and what is known is not forgotten. */
START_TEST(the_latest_place_in_the_log_of_consents_is_known)
{
	struct export_request r = { .recipient = "example-vision", .at = 1800000000 };
	struct export_bundle b = given_bundle(1, 1);
	struct export_item item = given_item(1, 1, "event");

	give(0, 1);
	knows(0);
	memcpy(r.bundle, bundles[0], sizeof(r.bundle));
	r.consents = place_of(7);
	ck_assert_int_eq(exports_request(e, &r, &err), 0);
	knows(7);
	r.consents = place_of(6);
	ck_assert_int_eq(exports_request(e, &r, &err), 0);
	knows(7);
	b.consents = place_of(8);
	add(&item);
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
	knows(8);
	open_again();
	knows(8);
}
END_TEST

START_TEST(a_request_is_kept)
{
	struct export_request r = { .recipient = "example-labels", .at = 1800000000 };
	char record[2][UUID_TEXT_MAX];

	give_with(record);
	memcpy(r.bundle, bundles[0], sizeof(r.bundle));
	ck_assert_int_eq(exports_request(e, &r, &err), 0);
	memcpy(r.record_id, record[1], sizeof(r.record_id));
	r.at++;
	ck_assert_int_eq(exports_request(e, &r, &err), 0);
	read_books();
	ck_assert_int_eq(books.at[0]->erasure[1].requested, r.at - 1);
	ck_assert_int_eq(books.at[0]->erasure[1].record_requested, r.at);
	ck_assert_int_eq(books.at[0]->erasure[0].requested, 0);
}
END_TEST

START_TEST(the_last_switch_counts)
{
	ck_assert(!exports_books(e)->switched);
	ck_assert_int_eq(exports_switch(e, true, &err), 0);
	read_books();
	ck_assert(books.switched && books.on);
	ck_assert_int_eq(exports_switch(e, false, &err), 0);
	read_books();
	ck_assert(books.switched && !books.on);
}
END_TEST

/* The index */

Suite *exports_suite(void)
{
	Suite *suite = suite_create("exports");
	TCase *tcase = tcase_create("exports");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, exports_setup, exports_teardown);
	tcase_add_test(tcase, what_was_given_is_counted_and_paid);
	tcase_add_test(tcase, a_bundle_that_is_not_given_counts_for_nothing);
	tcase_add_test(tcase, clips_are_counted_and_those_of_other_cameras_once);
	tcase_add_test(tcase, a_clip_counts_once_whoever_gets_it);
	tcase_add_test(tcase, what_is_given_up_leaves_what_others_counted);
	tcase_add_test(tcase, a_clip_is_known_again);
	tcase_add_test(tcase, sums_of_a_campaign_are_its_own);
	tcase_add_test(tcase, bundles_that_rest_on_a_consent_are_marked);
	tcase_add_loop_test(tcase, what_cannot_follow_is_not_written, 0, BUNDLE_CASES + ITEM_CASES);
	tcase_add_test(tcase, all_that_is_given_is_named_with_one_secret);
	tcase_add_test(tcase, what_was_given_stays_given);
	tcase_add_test(tcase, what_was_not_deleted_in_time_is_overdue);
	tcase_add_test(tcase, each_part_is_asked_for_until_its_own_receipt);
	tcase_add_test(tcase, a_receipt_of_a_part_closes_no_bundle);
	tcase_add_loop_test(tcase, a_receipt_of_another_is_refused, 0, 4);
	tcase_add_test(tcase, a_request_is_kept);
	tcase_add_test(tcase, the_latest_place_in_the_log_of_consents_is_known);
	tcase_add_test(tcase, the_last_switch_counts);
	return suite;
}
