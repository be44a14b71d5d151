// SPDX-License-Identifier: GPL-2.0
/*
 * What left is in the ledger of exports, is counted there, and nothing else is; whatever happens to
 * its files is noticed, and its index is never believed over it.
 */
#include "test.h"

#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "consent/exports.h"
#include "consent/index.h"
#include "consent/key.h"
#include "consent/ledger.h"
#include "consent/store.h"
#include "consent_case.h"

static struct scrim_error err;
static char store[64], note[SCRIM_TEXT_MAX];
static struct secret_key recipient;
static struct exports *e;
static struct books books;
static struct log_verdict verdict;
static char bundles[8][UUID_TEXT_MAX];

static const char *path_of(const char *name)
{
	static char path[2][256];
	static unsigned at;
	char *text = path[at++ % 2];

	snprintf(text, sizeof(path[0]), "%s/%s", store, name);
	return text;
}

static void open_again(void)
{
	exports_close(e);
	ck_assert_msg(exports_open(&e, store, note, &err) == 0, "%s", err.text);
}

static void close_it(void)
{
	exports_close(e);
	e = NULL;
}

static void setup(void)
{
	snprintf(store, sizeof(store), "%s/scrim-check-exports-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(store));
	ck_assert_int_eq(minisign_init(&err), 0);
	secret_key_make(&recipient);
	for (unsigned i = 0; i < 8; i++)
		uuid_make(bundles[i]);
	e = NULL;
	memset(&books, 0, sizeof(books));
	open_again();
}

static void teardown(void)
{
	char command[128];

	close_it();
	books_free(&books);
	snprintf(command, sizeof(command), "rm -rf %s", store);
	ck_assert_int_eq(system(command), 0);
}

/* Clips and bundles */

static struct export_item item_of(unsigned bundle, int64_t seq, const char *event)
{
	struct export_item item = {
		.seq_in_bundle = seq, .campaign = "doorstep-2026", .donor = "owner",
		.camera = "porch", .event_class = EVENT_PACKAGE_THEFT, .origin = ORIGIN_STAGED, .reward = REWARD_MONEY,
		.cents = 200, .currency = "USD", .consents = 2,
	};

	memcpy(item.bundle, bundles[bundle], sizeof(item.bundle));
	snprintf(item.event_id, sizeof(item.event_id), "%s", event);
	sha256_text(item.item, event, strlen(event));
	uuid_make(item.consent[0]);
	uuid_make(item.consent[1]);
	return item;
}

static void add(const struct export_item *item)
{
	ck_assert_msg(exports_append_item(e, item, &err) == 0, "%s", err.text);
}

static struct export_bundle bundle_of(unsigned bundle, int64_t items)
{
	struct export_bundle b = {
		.campaign = "doorstep-2026", .purpose = PURPOSE_TRAIN_PACKAGE, .recipients = 2,
		.recipient = { { .id = "example-vision" }, { .id = "example-labels" } },
		.items = items, .bytes = 1000, .delete_by = 1900000000, .created = 1700000000,
		.payment = "account 4711",
	};

	memcpy(b.bundle, bundles[bundle], sizeof(b.bundle));
	for (unsigned i = 0; i < 2; i++)
		public_key_word(b.recipient[i].receipts, &recipient.public);
	sha256_text(b.sha256, &bundle, 1);
	sha256_text(b.manifest, &bundle, 2);
	snprintf(b.file, sizeof(b.file), "%s.tar.age", b.bundle);
	return b;
}

/* So many clips of so many events. */
static void give(unsigned bundle, int64_t items)
{
	struct export_bundle b = bundle_of(bundle, items);
	char event[32];

	for (int64_t i = 1; i <= items; i++) {
		struct export_item item;

		snprintf(event, sizeof(event), "event-%u-%lld", bundle, (long long)i);
		item = item_of(bundle, i, event);
		add(&item);
	}
	ck_assert_msg(exports_append_bundle(e, &b, &err) == 0, "%s", err.text);
}

static void taken_are(const char *bundle, const char *event, uint64_t class, uint64_t donor)
{
	const struct export_count of = { "doorstep-2026", "owner", "porch", EVENT_PACKAGE_THEFT,
					 event, bundle, NULL };
	uint64_t class_taken = 99, donor_taken = 99;

	ck_assert_msg(exports_taken(e, &of, &class_taken, &donor_taken, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(class_taken, class);
	ck_assert_uint_eq(donor_taken, donor);
}

/* Of what is on the disk. */
static void read_books(void)
{
	struct log_files files;

	books_free(&books);
	ck_assert_msg(books_open(&files, store, &err) == 0, "%s", err.text);
	ck_assert_msg(books_read(&books, &files, &verdict, &err) == 0, "%s", err.text);
	log_files_close(&files);
}

static void sums_are(uint64_t given, uint64_t items, unsigned donors, int64_t cents)
{
	read_books();
	ck_assert_msg(!verdict.broken, "%s", verdict.what);
	ck_assert_uint_eq(books.bundles, given);
	ck_assert_uint_eq(books.items, items);
	ck_assert_uint_eq(json_object_size(books.donors), donors);
	ck_assert_uint_eq(books.currencies, cents > 0);
	ck_assert(!cents || (books.money[0].cents == cents && !strcmp(books.money[0].name, "USD")));
}

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
	struct export_item item = item_of(1, 1, "event");
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

static struct export_item clip_of(int64_t seq, const char *event, const char *camera)
{
	struct export_item item = item_of(0, seq, event);

	snprintf(item.camera, sizeof(item.camera), "%s", camera);
	sha256_text(item.item, (const char *)&seq, sizeof(seq));
	return item;
}

/* What two cameras see of one event is one of its class; what one camera sees are as many clips. */
START_TEST(clips_are_counted_and_those_of_other_cameras_once)
{
	const struct export_item items[] = {
		clip_of(1, "event", "porch"), clip_of(2, "event", "drive"), clip_of(3, "event", "porch"),
		clip_of(4, "event", "drive"), clip_of(5, "event", "drive"),
	};
	static const unsigned class[] = { 1, 1, 2, 2, 3 }, porch[] = { 1, 1, 2, 2, 2 };
	struct export_bundle b = bundle_of(0, 5);

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
	const struct export_item item = item_of(1, 1, "event-0-1");
	struct export_bundle b = bundle_of(1, 1);
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
	struct export_item item = item_of(1, 1, "event-0-1");	/* of the first bundle as well */

	give(0, 1);
	add(&item);
	ck_assert_int_eq(exports_void(e, bundles[1], "why not", &err), 0);
	taken_are(NULL, "another", 1, 1);
}
END_TEST

static int has(const char *who, const struct export_item *item, char found[UUID_TEXT_MAX])
{
	return exports_has(e, "doorstep-2026", who, item->item, found, &err);
}

START_TEST(a_clip_is_known_again)
{
	struct export_item item = item_of(0, 1, "event-0-1");
	char found[UUID_TEXT_MAX] = "";

	ck_assert_int_eq(has("example-vision", &item, found), 0);
	add(&item);
	ck_assert_int_eq(has("example-vision", &item, found), 0);
	ck_assert_int_eq(exports_void(e, bundles[0], "why not", &err), 0);
	give(1, 1);
	item = item_of(1, 1, "event-1-1");
	ck_assert_int_eq(has("example-vision", &item, found), 1);
	ck_assert_str_eq(found, bundles[1]);
	ck_assert_int_eq(has("another", &item, found), 0);
	ck_assert_int_eq(exports_has(e, "another", "example-vision", item.item, found, &err), 0);
}
END_TEST

START_TEST(sums_of_a_campaign_are_its_own)
{
	struct export_item item = item_of(1, 1, "event");
	struct export_bundle b = bundle_of(1, 1);

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
	struct export_item item = item_of(1, 1, "event");
	struct export_bundle b = bundle_of(1, 1);

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
	struct export_item items[] = { item_of(0, 1, "a"), item_of(0, 2, "b"), item_of(0, 3, "c") };
	struct export_bundle b = bundle_of(0, 2);
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

START_TEST(what_was_given_stays_given)
{
	struct export_bundle b = bundle_of(0, 1);

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
	int64_t day = bundle_of(0, 1).delete_by;

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
	struct export_item item = item_of(0, 1, "event");
	struct export_bundle b = bundle_of(0, 1);

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
	case 3: r.deleted = bundle_of(0, 1).created - 1; break;
	}
	ck_assert_int_eq(exports_receipt(e, &r, &err), -EINVAL);
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

static void sql(const char *text)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path_of(INDEX_FILE), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void flip(const char *name, off_t at)
{
	int fd = open(path_of(name), O_RDWR | O_CLOEXEC);
	char byte;

	ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

/* Whatever it says, it is as the log says after it was opened; those from 2 on are told. */
START_TEST(an_index_that_is_wrong_is_made_anew)
{
	static const char *const lies[] = {
		NULL, NULL, NULL,
		"UPDATE taken SET n = 0",
		"DELETE FROM taken WHERE donor <> ''",
		"UPDATE seen SET n = 7",
		"DELETE FROM item",
		"UPDATE head SET seq = seq + 1",
		"UPDATE head SET seq = 1",
		"UPDATE head SET hash = zeroblob(32)",
		"UPDATE head SET version = 1",
		"DROP TABLE taken",
		"DELETE FROM head",
		"UPDATE bundle SET state = 2",
	};

	give(0, 3);
	close_it();
	if (_i == 0)
		ck_assert_int_eq(unlink(path_of(INDEX_FILE)), 0);
	else if (_i == 1)
		ck_assert_int_eq(truncate(path_of(INDEX_FILE), 0), 0);
	else if (_i == 2)
		flip(INDEX_FILE, 0);
	else
		sql(lies[_i]);
	open_again();
	ck_assert_msg(!*note == (_i < 2), "%s", note);
	taken_are(NULL, "another", 3, 3);
	taken_are(NULL, "event-0-1", 3, 3);
	open_again();
	ck_assert_str_eq(note, "");
}
END_TEST

START_TEST(a_ledger_that_is_missing_does_not_begin_again)
{
	give(0, 3);
	close_it();
	ck_assert_int_eq(unlink(path_of("export.log")), 0);
	ck_assert_int_eq(unlink(path_of("export.head")), 0);
	ck_assert_int_eq(unlink(path_of("export.head.minisig")), 0);
	ck_assert_int_eq(exports_open(&e, store, note, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "export.log is missing, and had 4 entries"));
}
END_TEST

/* Some bytes of it, all of its first page. */
START_TEST(an_index_with_any_byte_changed_does_no_harm)
{
	struct stat st;

	give(0, 3);
	close_it();
	ck_assert_int_eq(stat(path_of(INDEX_FILE), &st), 0);
	for (off_t at = 0; at < st.st_size; at += at < 100 ? 3 : 397) {
		flip(INDEX_FILE, at);
		open_again();
		taken_are(NULL, "another", 3, 3);
		close_it();
		unlink(path_of(INDEX_FILE));
		open_again();
		close_it();
	}
}
END_TEST

/* As a crash leaves it. */
START_TEST(an_index_that_is_behind_catches_up)
{
	char copy[256];

	give(0, 2);
	close_it();
	snprintf(copy, sizeof(copy), "cp %s/" INDEX_FILE " %s/kept", store, store);
	ck_assert_int_eq(system(copy), 0);
	open_again();
	give(1, 2);
	close_it();
	ck_assert_int_eq(rename(path_of("kept"), path_of(INDEX_FILE)), 0);
	open_again();
	ck_assert_str_eq(note, "");
	taken_are(NULL, "another", 4, 4);
}
END_TEST

/* Tampering and crashes */

static size_t get_log(char *bytes, size_t room)
{
	FILE *file = fopen(path_of("export.log"), "re");
	size_t size = fread(bytes, 1, room, file);

	fclose(file);
	ck_assert_uint_lt(size, room);
	return size;
}

static void put_log(const char *bytes, size_t size)
{
	FILE *file = fopen(path_of("export.log"), "we");

	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void is_refused(void)
{
	ck_assert_int_eq(exports_open(&e, store, note, &err), -EBADMSG);
	ck_assert_ptr_null(e);
	ck_assert(*err.text);
}

START_TEST(a_changed_byte_anywhere_is_named_and_ends_exports)
{
	static char bytes[1 << 16];
	size_t size, line = 1;

	give(0, 1);
	close_it();
	size = get_log(bytes, sizeof(bytes));
	for (size_t i = 0; i < size; i++) {
		bytes[i] ^= 1 << i % 8;
		put_log(bytes, size);
		read_books();
		ck_assert_msg(verdict.broken && (verdict.line == line || i == size - 1),
			      "byte %zu of line %zu: line %u: %s", i, line, verdict.line,
			      verdict.what);
		if (i % 50 == 0)
			is_refused();
		bytes[i] ^= 1 << i % 8;
		line += bytes[i] == '\n';
	}
	put_log(bytes, size);
	open_again();
	taken_are(NULL, "x", 1, 1);
}
END_TEST

/* Signed rightly, by who has the key. */
static void append_raw(const char *kind, json_t *fields)
{
	const struct ledger_place place = { store, EXPORTS_LOG, store, STORE_LOG };
	struct ledger *ledger;

	ck_assert_int_eq(ledger_open(&ledger, &place, &err), 0);
	ck_assert_int_eq(ledger_append(ledger, kind, fields, &err), 0);
	ledger_close(ledger);
	json_decref(fields);
}

START_TEST(an_entry_that_cannot_be_breaks_the_ledger)
{
	give(0, 1);
	close_it();
	switch (_i) {
	case 0: append_raw("gift", json_object()); break;
	case 1: append_raw("void", json_pack("{ss ss}", "bundle", bundles[0], "why", "x")); break;
	case 2: append_raw("switch", json_pack("{ss}", "export", "maybe")); break;
	case 3: append_raw("switch", json_pack("{ss ss}", "export", "on", "more", "x")); break;
	case 4: append_raw("void", json_pack("{ss ss}", "bundle", bundles[1], "why", "x")); break;
	}
	read_books();
	ck_assert(verdict.broken);
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 3: "));
	ck_assert_uint_eq(books.items, 1);
	is_refused();
}
END_TEST

START_TEST(a_clock_that_was_set_back_is_named)
{
	give(0, 1);
	close_it();
	case_date_last(store, EXPORTS_LOG, "2020-01-01T00:00:00Z");
	read_books();
	ck_assert(verdict.broken);
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 2: it is of 2020-01-01T00:00:00Z"));
	is_refused();
}
END_TEST

/* An entry of now would be older than the last. */
START_TEST(who_sets_the_clock_back_exports_nothing)
{
	give(0, 1);
	close_it();
	case_date_last(store, EXPORTS_LOG, "2036-01-01T00:00:00Z");
	sums_are(1, 1, 1, 200);
	ck_assert_int_eq(exports_open(&e, store, note, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "set back: the last export is of 2036"));
}
END_TEST

static void copy_files(const char *what, const char *from, const char *to)
{
	char command[400];

	snprintf(command, sizeof(command), "mkdir -p %s && cp %s/%s %s", to, from, what, to);
	ck_assert_int_eq(system(command), 0);
}

/* The index is one of before or of after: it may be behind the log, and ahead of it. */
START_TEST(a_crash_at_every_byte_of_a_gift_gives_or_gives_not)
{
	static char bytes[1 << 16];
	struct export_item item = item_of(0, 1, "event-0-1");
	struct export_bundle b = bundle_of(0, 1);
	char unfinished[UUID_TEXT_MAX], before[80], after[80];
	size_t start, size;

	snprintf(before, sizeof(before), "%s/before", store);
	snprintf(after, sizeof(after), "%s/after", store);
	add(&item);
	close_it();
	start = get_log(bytes, sizeof(bytes));
	copy_files("export.*", store, before);
	open_again();
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
	close_it();
	size = get_log(bytes, sizeof(bytes));
	copy_files(INDEX_FILE, store, after);
	for (size_t length = start; length <= size; length += length + 9 < size ? 8 : 1) {
		bool given = length >= size - 1;

		copy_files("export.*", before, store);
		if (length % 16 < 8)
			copy_files(INDEX_FILE, after, store);
		put_log(bytes, length);
		open_again();
		ck_assert_int_eq(exports_unfinished(e, unfinished), !given);
		taken_are(given ? NULL : bundles[0], "another", 1, 1);
		if (!given)
			ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
		open_again();
		taken_are(NULL, "another", 1, 1);
		close_it();
		sums_are(1, 1, 1, 200);
	}
}
END_TEST

Suite *exports_suite(void)
{
	Suite *suite = suite_create("exports");
	TCase *tcase = tcase_create("exports");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_given_is_counted_and_paid);
	tcase_add_test(tcase, a_bundle_that_is_not_given_counts_for_nothing);
	tcase_add_test(tcase, clips_are_counted_and_those_of_other_cameras_once);
	tcase_add_test(tcase, a_clip_counts_once_whoever_gets_it);
	tcase_add_test(tcase, a_ledger_that_is_missing_does_not_begin_again);
	tcase_add_test(tcase, what_is_given_up_leaves_what_others_counted);
	tcase_add_test(tcase, a_clip_is_known_again);
	tcase_add_test(tcase, sums_of_a_campaign_are_its_own);
	tcase_add_test(tcase, bundles_that_rest_on_a_consent_are_marked);
	tcase_add_loop_test(tcase, what_cannot_follow_is_not_written, 0, BUNDLE_CASES + ITEM_CASES);
	tcase_add_test(tcase, what_was_given_stays_given);
	tcase_add_test(tcase, what_was_not_deleted_in_time_is_overdue);
	tcase_add_test(tcase, each_part_is_asked_for_until_its_own_receipt);
	tcase_add_test(tcase, a_receipt_of_a_part_closes_no_bundle);
	tcase_add_loop_test(tcase, a_receipt_of_another_is_refused, 0, 4);
	tcase_add_test(tcase, a_request_is_kept);
	tcase_add_test(tcase, the_last_switch_counts);
	tcase_add_loop_test(tcase, an_index_that_is_wrong_is_made_anew, 0, 14);
	tcase_add_test(tcase, an_index_with_any_byte_changed_does_no_harm);
	tcase_add_test(tcase, an_index_that_is_behind_catches_up);
	tcase_add_test(tcase, a_changed_byte_anywhere_is_named_and_ends_exports);
	tcase_add_loop_test(tcase, an_entry_that_cannot_be_breaks_the_ledger, 0, 5);
	tcase_add_test(tcase, a_clock_that_was_set_back_is_named);
	tcase_add_test(tcase, who_sets_the_clock_back_exports_nothing);
	tcase_add_test(tcase, a_crash_at_every_byte_of_a_gift_gives_or_gives_not);
	return suite;
}
