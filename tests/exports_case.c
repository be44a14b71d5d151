// SPDX-License-Identifier: GPL-2.0
#include "exports_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/ledger.h"

struct scrim_error err;
char store[64], note[SCRIM_TEXT_MAX];
struct secret_key recipient;
struct exports *e;
struct books books;
struct log_verdict verdict;
char bundles[8][UUID_TEXT_MAX];

const char *path_of(const char *name)
{
	static char path[2][256];
	static unsigned at;
	char *text = path[at++ % 2];

	snprintf(text, sizeof(path[0]), "%s/%s", store, name);
	return text;
}

void open_again(void)
{
	exports_close(e);
	ck_assert_msg(exports_open(&e, store, note, &err) == 0, "%s", err.text);
}

void close_it(void)
{
	exports_close(e);
	e = NULL;
}

void exports_setup(void)
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

void exports_teardown(void)
{
	char command[128];

	close_it();
	books_free(&books);
	snprintf(command, sizeof(command), "rm -rf %s", store);
	ck_assert_int_eq(system(command), 0);
}

/* Clips and bundles */

struct export_item given_item(unsigned bundle, int64_t seq, const char *event)
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

void add(const struct export_item *item)
{
	ck_assert_msg(exports_append_item(e, item, &err) == 0, "%s", err.text);
}

struct export_bundle given_bundle(unsigned bundle, int64_t items)
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
void give(unsigned bundle, int64_t items)
{
	struct export_bundle b = given_bundle(bundle, items);
	char event[32];

	for (int64_t i = 1; i <= items; i++) {
		struct export_item item;

		snprintf(event, sizeof(event), "event-%u-%lld", bundle, (long long)i);
		item = given_item(bundle, i, event);
		add(&item);
	}
	ck_assert_msg(exports_append_bundle(e, &b, &err) == 0, "%s", err.text);
}

void taken_are(const char *bundle, const char *event, uint64_t class, uint64_t donor)
{
	const struct export_count of = { "doorstep-2026", "owner", "porch", EVENT_PACKAGE_THEFT,
					 event, bundle, NULL };
	uint64_t class_taken = 99, donor_taken = 99;

	ck_assert_msg(exports_taken(e, &of, &class_taken, &donor_taken, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(class_taken, class);
	ck_assert_uint_eq(donor_taken, donor);
}

/* Of what is on the disk. */
void read_books(void)
{
	struct log_files files;

	books_free(&books);
	ck_assert_msg(books_open(&files, store, &err) == 0, "%s", err.text);
	ck_assert_msg(books_read(&books, &files, &verdict, &err) == 0, "%s", err.text);
	log_files_close(&files);
}

void sums_are(uint64_t given, uint64_t items, unsigned donors, int64_t cents)
{
	read_books();
	ck_assert_msg(!verdict.broken, "%s", verdict.what);
	ck_assert_uint_eq(books.bundles, given);
	ck_assert_uint_eq(books.items, items);
	ck_assert_uint_eq(json_object_size(books.donors), donors);
	ck_assert_uint_eq(books.currencies, cents > 0);
	ck_assert(!cents || (books.money[0].cents == cents && !strcmp(books.money[0].name, "USD")));
}

struct export_item clip_of(int64_t seq, const char *event, const char *camera)
{
	struct export_item item = given_item(0, seq, event);

	snprintf(item.camera, sizeof(item.camera), "%s", camera);
	sha256_text(item.item, (const char *)&seq, sizeof(seq));
	return item;
}

int has(const char *who, const struct export_item *item, char found[UUID_TEXT_MAX])
{
	return exports_has(e, "doorstep-2026", who, item->item, found, &err);
}
