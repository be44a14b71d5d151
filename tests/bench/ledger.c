// SPDX-License-Identifier: GPL-2.0
/*
 * ledger FOLDER: what the ledger of exports costs.  FOLDER is on a disk: there entries are added
 * that are on it when the call returns, and rows to a database of SQLite in the same way, in turns.
 * The long ledger, of one donor, is in memory, so that what is measured is work.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "consent/exports.h"
#include "consent/key.h"
#include "consent/store.h"
#include "timing.h"

#define ENTRIES		201531
#define SHORT		1000
#define BUNDLE		1000		/* items of one */
#define APPENDS		200
#define LOOKUPS		2001

static struct scrim_error err;
static char receipts[PUBLIC_KEY_WORD_MAX];

static int failed(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, err.text);
	return -1;
}

static struct export_item item_of(const char *bundle, unsigned number, int64_t seq)
{
	struct export_item item = {
		.seq_in_bundle = seq, .campaign = "doorstep-2026", .donor = "donor",
		.camera = "porch", .event_class = EVENT_PACKAGE_THEFT, .origin = ORIGIN_REAL, .reward = REWARD_MONEY,
		.cents = 200, .currency = "USD", .consents = 1,
	};

	memcpy(item.bundle, bundle, sizeof(item.bundle));
	sha256_text(item.item, &number, sizeof(number));
	snprintf(item.event_id, sizeof(item.event_id), "event-%u", number);
	uuid_make(item.consent[0]);
	return item;
}

static int give(struct exports *e, const char *id, int64_t items)
{
	struct export_bundle b = {
		.campaign = "doorstep-2026", .purpose = PURPOSE_TRAIN_PACKAGE, .recipients = 1,
		.recipient = { { .id = "example-vision" } }, .items = items, .bytes = 1 << 20,
		.delete_by = 2000000000, .created = 1700000000,
	};

	memcpy(b.bundle, id, sizeof(b.bundle));
	memcpy(b.recipient[0].receipts, receipts, sizeof(receipts));
	sha256_text(b.sha256, id, 1);
	sha256_text(b.manifest, id, 2);
	snprintf(b.file, sizeof(b.file), "%s.tar.age", id);
	return exports_append_bundle(e, &b, &err);
}

/* entries of them are items, but for one a bundle. */
static int fill(struct exports *e, unsigned from, unsigned entries)
{
	char id[UUID_TEXT_MAX];
	int64_t seq = 0;
	int ret = 0;

	for (unsigned i = from; ret >= 0 && i < from + entries; i++) {
		bool end = seq == BUNDLE || i + 1 == from + entries;

		if (!seq)
			uuid_make(id);
		if (seq && end) {
			ret = give(e, id, seq);
			seq = 0;
		} else {
			struct export_item item = item_of(id, i, ++seq);

			ret = exports_append_item(e, &item, &err);
		}
	}
	return ret < 0 ? failed("fill") : 0;
}

static double lookup_us(struct exports *e)
{
	const struct export_count of = { "doorstep-2026", "donor", "porch", EVENT_PACKAGE_THEFT,
					 "another-event", NULL, NULL };
	static double took[LOOKUPS];
	uint64_t class_taken, donor_taken;

	for (unsigned i = 0; i < LOOKUPS; i++) {
		double began = now_ms();

		if (exports_taken(e, &of, &class_taken, &donor_taken, &err) < 0)
			return failed("lookup");
		took[i] = (now_ms() - began) * 1e3;
	}
	return median(took, LOOKUPS);
}

/* In a process of its own, whose memory is measured. */
static void measure(const char *what, int (*work)(const char *store), const char *store)
{
	struct rusage usage;
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		double began = now_ms();
		int ret = work(store);

		printf("%-26s %8.2f s of a processor", what, (now_ms() - began) / 1e3);
		fflush(stdout);
		_exit(ret < 0);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status)
		printf("%-26s failed\n", what);
	else
		printf(", at most %ld MB\n", usage.ru_maxrss / 1024);
}

static int verify(const char *store)
{
	static const struct log_reader nobody;
	static struct log_files files;
	struct log_verdict verdict;

	if (books_open(&files, store, &err) < 0 || log_read(&files, &nobody, &verdict, &err) < 0)
		return failed("verify");
	return verdict.broken || verdict.entries != ENTRIES ? failed(verdict.what) : 0;
}

static int stats(const char *store)
{
	static struct log_files files;
	struct log_verdict verdict;
	struct books books = { 0 };

	if (books_open(&files, store, &err) < 0 || books_read(&books, &files, &verdict, &err) < 0)
		return failed("stats");
	return verdict.broken || !books.items ? failed(verdict.what) : 0;
}

static int open_it(const char *store)
{
	struct exports *e;
	char note[SCRIM_TEXT_MAX];

	if (exports_open(&e, store, note, &err) < 0)
		return failed("open");
	if (*note)
		fprintf(stderr, "%s\n", note);
	exports_close(e);
	return 0;
}

static int rebuild(const char *store)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/export.index", store);
	unlink(path);
	return open_it(store);
}

/* Each transaction is on the disk when it ends, as an entry is. */
static sqlite3 *open_sqlite(const char *folder)
{
	char path[4200];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/rows", folder);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA synchronous = FULL; CREATE TABLE entry "
			 "(seq INTEGER PRIMARY KEY, line TEXT)", NULL, NULL, NULL) != SQLITE_OK)
		return NULL;
	return db;
}

static bool insert(sqlite3 *db, const struct export_item *item)
{
	const struct export_entry entry = { .kind = EXPORT_ITEM, .item = *item };
	json_t *fields = export_fields(&entry);
	char *line = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);
	sqlite3_stmt *q = NULL;
	bool done = sqlite3_prepare_v2(db, "INSERT INTO entry (line) VALUES (?1)", -1, &q, NULL) ==
		    SQLITE_OK && sqlite3_bind_text(q, 1, line, -1, SQLITE_STATIC) == SQLITE_OK &&
		    sqlite3_step(q) == SQLITE_DONE;

	sqlite3_finalize(q);
	json_decref(fields);
	free(line);
	return done;
}

static int compare_appends(const char *folder)
{
	static double ours[APPENDS], theirs[APPENDS];
	char store[4200], id[UUID_TEXT_MAX];
	sqlite3 *db = open_sqlite(folder);
	struct exports *e;

	snprintf(store, sizeof(store), "%s/store", folder);
	if (!db || exports_open(&e, store, NULL, &err) < 0)
		return failed("append");
	uuid_make(id);
	for (unsigned i = 0; i < APPENDS; i++) {
		struct export_item item = item_of(id, i, i + 1);
		double began = wall_ms();

		if (exports_append_item(e, &item, &err) != 0)
			return failed("append");
		ours[i] = wall_ms() - began;
		began = wall_ms();
		if (!insert(db, &item))
			return failed("insert");
		theirs[i] = wall_ms() - began;
	}
	exports_close(e);
	sqlite3_close(db);
	printf("append, on the disk        %8.2f ms; an insert of SQLite %.2f ms; ratio %.2f\n",
	       median(ours, APPENDS), median(theirs, APPENDS),
	       median(ours, APPENDS) / median(theirs, APPENDS));
	return 0;
}

int main(int argc, char **argv)
{
	char store[] = "/dev/shm/scrim-bench-ledger-XXXXXX", command[128];
	struct secret_key key;
	struct exports *e;
	double few, many;

	if (argc != 2 || !mkdtemp(store) || minisign_init(&err) < 0)
		return 2;
	secret_key_make(&key);
	public_key_word(receipts, &key.public);
	if (compare_appends(argv[1]) < 0 || exports_open(&e, store, NULL, &err) < 0 ||
	    fill(e, 0, SHORT) < 0)
		return 1;
	few = lookup_us(e);
	if (fill(e, SHORT, ENTRIES - SHORT) < 0)
		return 1;
	many = lookup_us(e);
	exports_close(e);
	printf("lookup of a cap            %8.1f us with %d entries, %.1f us with %d\n", few, SHORT,
	       many, ENTRIES);
	measure("verify whole", verify, store);
	measure("statistics", stats, store);
	measure("open to add", open_it, store);
	measure("open, index made anew", rebuild, store);
	snprintf(command, sizeof(command), "cd %s && wc -c export.log export.index; rm -rf %s",
		 store, store);
	return system(command) != 0;
}
