// SPDX-License-Identifier: GPL-2.0
#include "donor.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/exports.h"
#include "consent/head.h"
#include "consent/key.h"
#include "consent/store.h"

#define BUNDLE_ITEMS	1000

static struct scrim_error err;
static char receipts[PUBLIC_KEY_WORD_MAX];

/* Writing: entries as a ledger writes them, but on the disk once, at the end. */

struct writing {
	FILE *log;
	struct secret_key key;
	struct chain chain;
};

static bool write_entry(struct writing *w, const struct export_entry *what)
{
	struct entry entry = { .seq = w->chain.seq + 1, .log = EXPORTS_LOG,
			       .fields = export_fields(what) };
	char *line = NULL;
	size_t size = 0;
	bool done;

	snprintf(entry.kind, sizeof(entry.kind), "%s", export_kind_name(what->kind));
	memcpy(entry.prev, w->chain.hash, sizeof(entry.prev));
	done = entry_write(&line, &size, &entry, &w->key, &err) >= 0 &&
	       fwrite(line, 1, size, w->log) == size && putc('\n', w->log) == '\n';
	if (done) {
		w->chain.seq = entry.seq;
		entry_hash(w->chain.hash, line, size);
	}
	free(line);
	json_decref(entry.fields);
	return done;
}

static struct export_entry item_of(const char *bundle, uint64_t number)
{
	struct export_entry entry = { .kind = EXPORT_ITEM, .item = {
		.seq_in_bundle = number % BUNDLE_ITEMS + 1, .campaign = "doorstep-2026",
		.donor = "owner", .event_class = EVENT_PACKAGE_THEFT, .origin = ORIGIN_STAGED,
		.reward = REWARD_MONEY, .cents = 200, .currency = "USD", .consents = 1,
	} };
	struct export_item *item = &entry.item;

	memcpy(item->bundle, bundle, UUID_TEXT_MAX);
	memcpy(item->consent[0], bundle, UUID_TEXT_MAX);
	sha256_text(item->item, &number, sizeof(number));
	snprintf(item->event_id, sizeof(item->event_id), "event-%llu", (unsigned long long)number);
	snprintf(item->camera, sizeof(item->camera), "camera-%llu",
		 (unsigned long long)number / DONOR_CAMERA_CLIPS);
	return entry;
}

static struct export_entry bundle_of(const char *id, int64_t items)
{
	struct export_entry entry = { .kind = EXPORT_BUNDLE, .bundle = {
		.campaign = "doorstep-2026", .purpose = PURPOSE_TRAIN_PACKAGE, .recipients = 1,
		.recipient = { { .id = "example-vision" } }, .items = items, .bytes = 1 << 20,
		.delete_by = 2000000000, .created = 1700000000,
	} };
	struct export_bundle *b = &entry.bundle;

	memcpy(b->bundle, id, UUID_TEXT_MAX);
	memcpy(b->recipient[0].receipts, receipts, sizeof(receipts));
	sha256_text(b->sha256, id, 1);
	sha256_text(b->manifest, id, 2);
	snprintf(b->file, sizeof(b->file), "%s.tar.age", id);
	return entry;
}

static bool write_entries(struct writing *w, uint64_t items)
{
	char id[UUID_TEXT_MAX];
	bool done = true;

	for (uint64_t i = 0; done && i < items; i++) {
		struct export_entry entry;

		if (i % BUNDLE_ITEMS == 0)
			uuid_make(id);
		entry = item_of(id, i);
		done = write_entry(w, &entry);
		if (done && (i % BUNDLE_ITEMS == BUNDLE_ITEMS - 1 || i == items - 1)) {
			entry = bundle_of(id, i % BUNDLE_ITEMS + 1);
			done = write_entry(w, &entry);
		}
	}
	return done;
}

static bool write_text(const char *store, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", store, name);
	file = fopen(path, "we");
	return file && fputs(text, file) >= 0 && fclose(file) == 0;
}

static bool write_ledger(const char *store, uint64_t items)
{
	char path[128], head[HEAD_TEXT_MAX], signature[MINISIGN_TEXT_MAX];
	struct writing w = { 0 };
	bool done;

	snprintf(path, sizeof(path), "%s/" EXPORTS_LOG ".log", store);
	if (key_open(&w.key, store, STORE_LOG, &err) < 0)
		return false;
	w.log = fopen(path, "we");
	public_key_word(receipts, &w.key.public);
	done = w.log && write_entries(&w, items) && fflush(w.log) == 0 &&
	       fsync(fileno(w.log)) == 0;
	head_write(head, EXPORTS_LOG, &w.chain);
	minisign_write(signature, &w.key, head, strlen(head), "head of the log");
	if (w.log)
		fclose(w.log);
	return done && write_text(store, EXPORTS_LOG ".head", head) &&
	       write_text(store, EXPORTS_LOG ".head.minisig", signature);
}

/* Asking */

/* SQLite calls it for each database that is opened: the index is the last. */
static sqlite3 *opened;

static int note_open(sqlite3 *db, const char **why, const struct sqlite3_api_routines *api)
{
	opened = db;
	return SQLITE_OK;
}

/* What its queries did since they were last counted. */
static void count_work(struct donor_found *found)
{
	int hit = 0, miss = 0, high;

	found->steps = found->scanned = 0;
	for (sqlite3_stmt *q = sqlite3_next_stmt(opened, NULL); q;
	     q = sqlite3_next_stmt(opened, q)) {
		found->steps += sqlite3_stmt_status(q, SQLITE_STMTSTATUS_VM_STEP, 1);
		found->scanned += sqlite3_stmt_status(q, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
	}
	sqlite3_db_status(opened, SQLITE_DBSTATUS_CACHE_HIT, &hit, &high, 1);
	sqlite3_db_status(opened, SQLITE_DBSTATUS_CACHE_MISS, &miss, &high, 1);
	found->pages = hit + miss;
}

static bool ask(struct exports *e, struct donor_found *found)
{
	struct export_count of = { "doorstep-2026", "owner", "camera-0",
				   EVENT_PACKAGE_THEFT, "another-event", NULL, NULL };
	struct export_entry more;
	char id[UUID_TEXT_MAX];
	uint64_t in_class;

	uuid_make(id);
	more = item_of(id, 0);
	snprintf(more.item.event_id, sizeof(more.item.event_id), "one-more");
	sha256_text(more.item.item, id, 8);
	found->items = exports_books(e)->items;
	count_work(found);
	if (exports_taken(e, &of, &found->in_class, &found->before, &err) < 0)
		return false;
	count_work(found);
	of.bundle = id;
	return exports_append_item(e, &more.item, &err) >= 0 &&
	       exports_taken(e, &of, &in_class, &found->after, &err) >= 0;
}

/* A letter in the middle of the log. */
static bool cut_is_told(const char *store)
{
	char path[128], note[SCRIM_TEXT_MAX] = "", letter = '?';
	struct exports *e = NULL;
	FILE *log;
	int ret;

	snprintf(path, sizeof(path), "%s/" EXPORTS_LOG ".log", store);
	log = fopen(path, "r+e");
	fseek(log, 0, SEEK_END);
	fseek(log, ftell(log) / 2, SEEK_SET);
	fwrite(&letter, 1, 1, log);
	fclose(log);
	ret = exports_open(&e, store, note, &err);
	exports_close(e);
	return ret < 0;
}

bool donor_ledger(struct donor_found *found, uint64_t items, bool cut)
{
	char store[64], command[128], note[SCRIM_TEXT_MAX] = "";
	struct exports *e = NULL;
	bool done;

	memset(found, 0, sizeof(*found));
	snprintf(store, sizeof(store), "%s/scrim-donor-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (minisign_init(&err) < 0 || !mkdtemp(store))
		return false;
	sqlite3_auto_extension((void (*)(void))note_open);
	done = write_ledger(store, items);
	found->whole = done && exports_open(&e, store, note, &err) >= 0;
	done = found->whole && ask(e, found);
	exports_close(e);
	if (done && cut)
		found->cut_is_told = cut_is_told(store);
	sqlite3_reset_auto_extension();
	if (!done)
		fprintf(stderr, "the ledger of a donor: %s\n", err.text);
	snprintf(command, sizeof(command), "rm -rf %s", store);
	return system(command) == 0 && done;
}
