// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/index.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION "2"

/*
 * seen: how many clips show an event through a camera; taken: how many clips there are, of the class
 * from donor and camera; of the class alone, where these are empty, as many of each event as that
 * camera has which has most of it.  A clip counts once in a campaign.  A bundle that is being made
 * is counted, and taken out again when it is given up.
 */
static const char tables[] =
"CREATE TABLE head (version INTEGER, seq INTEGER, hash BLOB);"
"CREATE TABLE bundle (number INTEGER PRIMARY KEY, id TEXT UNIQUE, campaign TEXT, state INTEGER);"
"CREATE TABLE recipient (bundle INTEGER, id TEXT, PRIMARY KEY (bundle, id)) WITHOUT ROWID;"
"CREATE TABLE item (item TEXT, bundle INTEGER, seq INTEGER, campaign TEXT, class INTEGER,"
"	event TEXT, donor TEXT, camera TEXT, PRIMARY KEY (bundle, seq)) WITHOUT ROWID;"
"CREATE INDEX item_item ON item (item);"
"CREATE TABLE seen (campaign TEXT, class INTEGER, event TEXT, donor TEXT, camera TEXT, n INTEGER,"
"	PRIMARY KEY (campaign, class, event, donor, camera)) WITHOUT ROWID;"
"CREATE TABLE taken (campaign TEXT, class INTEGER, donor TEXT, camera TEXT, n INTEGER,"
"	PRIMARY KEY (campaign, class, donor, camera)) WITHOUT ROWID;";
static const char empty_head[] = "INSERT INTO head VALUES (" VERSION ", 0, zeroblob(32))";

enum query {
	BEGIN, COMMIT, ROLLBACK,
	HEAD_GET, HEAD_SET,
	BUNDLE_NEW, BUNDLE_STATE, BUNDLE_NUMBER, RECIPIENT_NEW,
	ITEM_NEW, ITEM_LIST, ITEM_DROP, ITEM_HAS, ITEM_BEFORE, ITEM_KNOWN,
	SEEN_EVENT, SEEN_CAMERA, SEEN_ADD, SEEN_DROP,
	TAKEN_GET, TAKEN_ADD,
	QUERIES
};

/* Columns ?1 to ?5 of SEEN_ and TAKEN_ are campaign, class, event, donor, camera. */
static const char *const queries[QUERIES] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[HEAD_GET] = "SELECT seq, hash FROM head WHERE version = " VERSION,
	[HEAD_SET] = "UPDATE head SET seq = ?1, hash = ?2",
	[BUNDLE_NEW] = "INSERT INTO bundle (id, campaign, state) VALUES (?1, ?2, 0)"
		       " ON CONFLICT (id) DO NOTHING",
	[BUNDLE_STATE] = "UPDATE bundle SET state = ?2 WHERE id = ?1",
	[BUNDLE_NUMBER] = "SELECT number FROM bundle WHERE id = ?1",
	[RECIPIENT_NEW] = "INSERT INTO recipient SELECT number, ?2 FROM bundle WHERE id = ?1",
	[ITEM_NEW] = "INSERT INTO item SELECT ?6, number, ?7, ?1, ?2, ?3, ?4, ?5 FROM bundle"
		     " WHERE id = ?8",
	[ITEM_LIST] = "SELECT item.campaign, class, event, donor, camera, item FROM item JOIN bundle"
		      " ON item.bundle = bundle.number WHERE bundle.id = ?1 AND seq = ?2",
	[ITEM_DROP] = "DELETE FROM item WHERE bundle = (SELECT number FROM bundle WHERE id = ?1)",
	[ITEM_HAS] = "SELECT bundle.id FROM item JOIN bundle ON item.bundle = bundle.number"
		     " JOIN recipient ON recipient.bundle = bundle.number"
		     " WHERE item = ?1 AND bundle.campaign = ?2 AND recipient.id = ?3 AND state = 1"
		     " ORDER BY bundle.number LIMIT 1",
	[ITEM_BEFORE] = "SELECT count(*) FROM item WHERE item = ?1 AND campaign = ?2 AND"
			" (bundle, seq) < ((SELECT number FROM bundle WHERE id = ?3), ?4)",
	[ITEM_KNOWN] = "SELECT count(*) FROM item WHERE item = ?1 AND campaign = ?2",
	[SEEN_EVENT] = "SELECT ifnull(max(n), 0) FROM seen WHERE campaign = ?1 AND class = ?2"
		       " AND event = ?3",
	[SEEN_CAMERA] = "SELECT n FROM seen WHERE campaign = ?1 AND class = ?2 AND event = ?3"
			" AND donor = ?4 AND camera = ?5",
	[SEEN_ADD] = "INSERT INTO seen VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
		     " ON CONFLICT DO UPDATE SET n = n + ?6",
	[SEEN_DROP] = "DELETE FROM seen WHERE campaign = ?1 AND class = ?2 AND event = ?3"
		      " AND donor = ?4 AND camera = ?5 AND n = 0",
	[TAKEN_GET] = "SELECT n FROM taken WHERE campaign = ?1 AND class = ?2 AND donor = ?4"
		      " AND camera = ?5",
	[TAKEN_ADD] = "INSERT INTO taken VALUES (?1, ?2, ?4, ?5, ?6)"
		      " ON CONFLICT DO UPDATE SET n = n + ?6",
};

struct index {
	char path[4096];
	sqlite3 *db;
	sqlite3_stmt *query[QUERIES];
	struct chain chain;
};

/* What SQLite says, as an error; -EBADMSG: the file is damaged, or of another version. */
static int why(const struct index *x, int code, struct scrim_error *err)
{
	int primary = code & 0xff;
	bool damaged = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
		       primary == SQLITE_ERROR || primary == SQLITE_CONSTRAINT ||
		       primary == SQLITE_SCHEMA || primary == SQLITE_MISMATCH;

	return fail(err, primary == SQLITE_NOMEM ? -ENOMEM : damaged ? -EBADMSG : -EIO,
		    "%s: %s", x->path, x->db ? sqlite3_errmsg(x->db) : sqlite3_errstr(code));
}

/* A query with its values: text, unless it is said otherwise. */
static sqlite3_stmt *ask(struct index *x, enum query query)
{
	sqlite3_stmt *q = x->query[query];

	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	return q;
}

static void text(sqlite3_stmt *q, int at, const char *value)
{
	sqlite3_bind_text(q, at, value, -1, SQLITE_TRANSIENT);
}

static void number(sqlite3_stmt *q, int at, int64_t value)
{
	sqlite3_bind_int64(q, at, value);
}

/* 1: there is a row; 0: there is none, or it is done. */
static int step(struct index *x, sqlite3_stmt *q, struct scrim_error *err)
{
	int code = sqlite3_step(q);

	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : why(x, code, err);
}

static int run(struct index *x, sqlite3_stmt *q, struct scrim_error *err)
{
	int ret = step(x, q, err);

	sqlite3_reset(q);
	return ret < 0 ? ret : 0;
}

/* The number that it finds; 0 where there is none. */
static int get(struct index *x, sqlite3_stmt *q, int64_t *value, struct scrim_error *err)
{
	int ret = step(x, q, err);

	*value = ret > 0 ? sqlite3_column_int64(q, 0) : 0;
	sqlite3_reset(q);
	return ret;
}

/* Opening */

static int execute(struct index *x, const char *sql, struct scrim_error *err)
{
	int code = sqlite3_exec(x->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : why(x, code, err);
}

static void close_db(struct index *x)
{
	for (unsigned i = 0; i < QUERIES; i++) {
		sqlite3_finalize(x->query[i]);
		x->query[i] = NULL;
	}
	sqlite3_close(x->db);
	x->db = NULL;
}

static int read_head(struct index *x, struct scrim_error *err)
{
	sqlite3_stmt *q = ask(x, HEAD_GET);
	int ret = step(x, q, err);

	memset(&x->chain, 0, sizeof(x->chain));
	if (ret > 0 && sqlite3_column_bytes(q, 1) == ENTRY_HASH_SIZE) {
		x->chain.seq = sqlite3_column_int64(q, 0);
		memcpy(x->chain.hash, sqlite3_column_blob(q, 1), ENTRY_HASH_SIZE);
	} else if (ret >= 0) {
		ret = fail(err, -EBADMSG, "%s: of another version", x->path);
	}
	sqlite3_reset(q);
	return ret < 0 ? ret : 0;
}

/* The one row of one text that a query has is this, or -EBADMSG. */
static int check_text(struct index *x, const char *sql, const char *wanted, struct scrim_error *err)
{
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(x->db, sql, -1, &q, NULL), ret;
	const char *said;

	if (code != SQLITE_OK)
		return why(x, code, err);
	ret = step(x, q, err);
	said = ret > 0 ? (const char *)sqlite3_column_text(q, 0) : NULL;
	if (ret >= 0 && (!said || strcmp(said, wanted)))
		ret = fail(err, -EBADMSG, "%s: it was not written here: %.100s", x->path,
			   said ? said : "nothing");
	sqlite3_finalize(q);
	return ret < 0 ? ret : 0;
}

/* No trigger and no view, which would answer for a table; every page can be read. */
static int check_file(struct index *x, struct scrim_error *err)
{
	int ret = check_text(x, "SELECT group_concat(sql || ';', '') FROM (SELECT sql FROM"
			     " sqlite_master WHERE sql IS NOT NULL ORDER BY rowid)", tables, err);

	return ret < 0 ? ret : check_text(x, "PRAGMA integrity_check(1)", "ok", err);
}

static bool is_empty(struct index *x)
{
	sqlite3_stmt *q = NULL;
	bool empty = sqlite3_prepare_v2(x->db, "SELECT 1 FROM sqlite_master", -1, &q, NULL) ==
		     SQLITE_OK && sqlite3_step(q) == SQLITE_DONE;

	sqlite3_finalize(q);
	return empty;
}

static int make_tables(struct index *x, struct scrim_error *err)
{
	int ret = execute(x, tables, err);

	return ret < 0 ? ret : execute(x, empty_head, err);
}

/* No other program has anything to do with it: who holds it is an error, not waited for. */
static int open_db(struct index *x, struct scrim_error *err)
{
	int code = sqlite3_open_v2(x->path, &x->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				   SQLITE_OPEN_NOFOLLOW, NULL), ret = 0;

	if (code != SQLITE_OK)
		return why(x, code, err);
	sqlite3_extended_result_codes(x->db, 1);
	ret = execute(x, "PRAGMA trusted_schema = OFF; PRAGMA synchronous = FULL", err);
	if (ret >= 0 && is_empty(x))
		ret = make_tables(x, err);
	else if (ret >= 0)
		ret = check_file(x, err);
	for (unsigned i = 0; ret >= 0 && i < QUERIES; i++) {
		code = sqlite3_prepare_v3(x->db, queries[i], -1, SQLITE_PREPARE_PERSISTENT,
					  &x->query[i], NULL);
		if (code != SQLITE_OK)
			ret = why(x, code, err);
	}
	if (ret >= 0)
		ret = read_head(x, err);
	if (ret >= 0)
		ret = run(x, ask(x, BEGIN), err);
	return ret;
}

/* With what a crash left beside it. */
static void throw_away(const struct index *x)
{
	char journal[sizeof(x->path) + 16];

	unlink(x->path);
	snprintf(journal, sizeof(journal), "%s-journal", x->path);
	unlink(journal);
}

int index_open(struct index **index, const char *folder, char note[SCRIM_TEXT_MAX],
	       struct scrim_error *err)
{
	struct index *x = calloc(1, sizeof(*x));
	struct scrim_error damage;
	int ret;

	*index = NULL;
	*note = '\0';
	if (!x)
		return fail(err, -ENOMEM, "no memory for an index");
	snprintf(x->path, sizeof(x->path), "%s/" INDEX_FILE, folder);
	ret = open_db(x, &damage);
	if (ret == -EBADMSG) {
		snprintf(note, SCRIM_TEXT_MAX, "%.200s; it is made anew", damage.text);
		close_db(x);
		throw_away(x);
		ret = open_db(x, &damage);
	}
	if (ret >= 0) {
		*index = x;
		return 0;
	}
	index_close(x);
	return fail(err, ret, "%s", damage.text);
}

void index_close(struct index *x)
{
	if (!x)
		return;
	close_db(x);
	free(x);
}

const struct chain *index_chain(const struct index *x)
{
	return &x->chain;
}

int index_undo(struct index *x, struct scrim_error *err)
{
	int ret = run(x, ask(x, ROLLBACK), err);

	if (ret >= 0)
		ret = read_head(x, err);
	return ret < 0 ? ret : run(x, ask(x, BEGIN), err);
}

int index_clear(struct index *x, struct scrim_error *err)
{
	close_db(x);
	throw_away(x);
	return open_db(x, err);
}

int index_keep(struct index *x, struct scrim_error *err)
{
	int ret = run(x, ask(x, COMMIT), err);

	return ret < 0 ? ret : run(x, ask(x, BEGIN), err);
}

/* Counting */

/* An event through a camera, as ?1 to ?5. */
struct sight {
	const char *campaign, *event, *donor, *camera;
	int64_t class;
};

static sqlite3_stmt *about(struct index *x, enum query query, const struct sight *s)
{
	sqlite3_stmt *q = ask(x, query);

	text(q, 1, s->campaign);
	number(q, 2, s->class);
	text(q, 3, s->event);
	text(q, 4, s->donor);
	text(q, 5, s->camera);
	return q;
}

static int add(struct index *x, enum query query, const struct sight *s, int64_t more,
	       struct scrim_error *err)
{
	sqlite3_stmt *q = about(x, query, s);

	number(q, 6, more);
	return run(x, q, err);
}

static struct sight of_class(const struct sight *s)
{
	struct sight class = *s;

	class.donor = class.camera = "";
	return class;
}

/* How many clips of the event this camera has, or that camera which has most. */
static int seen(struct index *x, enum query query, const struct sight *s, int64_t *clips,
		struct scrim_error *err)
{
	int ret = get(x, about(x, query, s), clips, err);

	return ret < 0 ? ret : 0;
}

/* more: 1 or -1. */
static int count(struct index *x, const struct sight *s, int more, struct scrim_error *err)
{
	struct sight class = of_class(s);
	int64_t before, after;
	int ret = seen(x, SEEN_EVENT, s, &before, err);

	if (ret >= 0)
		ret = add(x, SEEN_ADD, s, more, err);
	if (ret >= 0)
		ret = run(x, about(x, SEEN_DROP, s), err);
	if (ret >= 0)
		ret = seen(x, SEEN_EVENT, s, &after, err);
	if (ret >= 0)
		ret = add(x, TAKEN_ADD, s, more, err);
	return ret >= 0 && after != before ? add(x, TAKEN_ADD, &class, after - before, err) : ret;
}

/* Whether the clip is in an earlier bundle, or earlier in this one. */
static int is_counted(struct index *x, const char *campaign, const char *item, const char *bundle,
		      int64_t seq, struct scrim_error *err)
{
	sqlite3_stmt *q = ask(x, ITEM_BEFORE);
	int64_t times;
	int ret;

	text(q, 1, item);
	text(q, 2, campaign);
	text(q, 3, bundle);
	number(q, 4, seq);
	ret = get(x, q, &times, err);
	return ret < 0 ? ret : times > 0;
}

/* Entries */

static struct sight of_item(const struct export_item *item)
{
	return (struct sight){ item->campaign, item->event_id, item->donor, item->camera,
			       item->event_class };
}

static int take_item(struct index *x, const struct export_item *item, struct scrim_error *err)
{
	const struct sight s = of_item(item);
	sqlite3_stmt *q = ask(x, BUNDLE_NEW);
	int ret = 0;

	if (item->seq_in_bundle == 1) {
		text(q, 1, item->bundle);
		text(q, 2, item->campaign);
		ret = run(x, q, err);
	}
	if (ret < 0)
		return ret;
	q = about(x, ITEM_NEW, &s);
	text(q, 6, item->item);
	number(q, 7, item->seq_in_bundle);
	text(q, 8, item->bundle);
	ret = run(x, q, err);
	if (ret >= 0)
		ret = is_counted(x, item->campaign, item->item, item->bundle, item->seq_in_bundle, err);
	return ret ? (ret < 0 ? ret : 0) : count(x, &s, 1, err);
}

static int set_state(struct index *x, const char *bundle, enum bundle_state state,
		     struct scrim_error *err)
{
	sqlite3_stmt *q = ask(x, BUNDLE_STATE);

	text(q, 1, bundle);
	number(q, 2, state);
	return run(x, q, err);
}

static int take_bundle(struct index *x, const struct export_bundle *bundle,
		       struct scrim_error *err)
{
	int ret = set_state(x, bundle->bundle, BUNDLE_GIVEN, err);

	for (unsigned i = 0; ret >= 0 && i < bundle->recipients; i++) {
		sqlite3_stmt *q = ask(x, RECIPIENT_NEW);

		text(q, 1, bundle->bundle);
		text(q, 2, bundle->recipient[i].id);
		ret = run(x, q, err);
	}
	return ret;
}

static const char *word(sqlite3_stmt *q, int column)
{
	return (const char *)sqlite3_column_text(q, column);
}

/* 1: it was there and is taken out. */
static int uncount(struct index *x, const char *bundle, int64_t seq, struct scrim_error *err)
{
	sqlite3_stmt *q = ask(x, ITEM_LIST);
	int ret;

	text(q, 1, bundle);
	number(q, 2, seq);
	ret = step(x, q, err);
	if (ret > 0) {
		const struct sight s = {
			word(q, 0), word(q, 2), word(q, 3), word(q, 4), sqlite3_column_int64(q, 1),
		};

		ret = is_counted(x, s.campaign, word(q, 5), bundle, seq, err);
		if (!ret)
			ret = count(x, &s, -1, err);
		ret = ret < 0 ? ret : 1;
	}
	sqlite3_reset(q);
	return ret;
}

static int take_void(struct index *x, const char *bundle, struct scrim_error *err)
{
	int ret = set_state(x, bundle, BUNDLE_VOID, err);
	sqlite3_stmt *q;

	for (int64_t seq = 1; ret >= 0; seq++) {
		ret = uncount(x, bundle, seq, err);
		if (!ret)
			break;
	}
	q = ask(x, ITEM_DROP);
	text(q, 1, bundle);
	return ret < 0 ? ret : run(x, q, err);
}

static int take_entry(struct index *x, const struct export_entry *entry, struct scrim_error *err)
{
	switch (entry->kind) {
	case EXPORT_ITEM:	return take_item(x, &entry->item, err);
	case EXPORT_BUNDLE:	return take_bundle(x, &entry->bundle, err);
	case EXPORT_VOID:	return take_void(x, entry->given_up.bundle, err);
	case EXPORT_REQUEST:
	case EXPORT_RECEIPT:
	case EXPORT_SWITCH:
	case EXPORT_KINDS:	break;
	}
	return 0;
}

int index_take(struct index *x, const struct export_entry *entry, const struct chain *chain,
	       struct scrim_error *err)
{
	int ret = entry ? take_entry(x, entry, err) : 0;
	sqlite3_stmt *q = ask(x, HEAD_SET);

	number(q, 1, chain->seq);
	sqlite3_bind_blob(q, 2, chain->hash, sizeof(chain->hash), SQLITE_STATIC);
	if (ret >= 0)
		ret = run(x, q, err);
	if (ret >= 0)
		x->chain = *chain;
	return ret;
}

/* Asking */

int index_agrees(struct index *x, const struct tally *tally, struct scrim_error *err)
{
	bool agree;
	int code = proof_compare(&agree, x->db, tally);

	return code == SQLITE_OK ? agree : why(x, code, err);
}

int index_taken(struct index *x, const struct export_count *of, uint64_t *class_taken,
		uint64_t *donor_taken, struct scrim_error *err)
{
	const struct sight s = { of->campaign, of->event_id, of->donor, of->camera,
				 of->event_class };
	const struct sight class = of_class(&s);
	int64_t of_all, own, most, here;
	int known = of->item ? index_known(x, of->campaign, of->item, err) : 0, ret;

	if (known < 0)
		return known;
	ret = get(x, about(x, TAKEN_GET, &class), &of_all, err);
	if (ret >= 0)
		ret = get(x, about(x, TAKEN_GET, &s), &own, err);
	if (ret >= 0)
		ret = seen(x, SEEN_EVENT, &s, &most, err);
	if (ret >= 0)
		ret = seen(x, SEEN_CAMERA, &s, &here, err);
	if (ret < 0)
		return ret;
	*class_taken = of_all - ((known && of_all) || here < most);
	*donor_taken = own - (known && own);
	return 0;
}

int index_known(struct index *x, const char *campaign, const char *item, struct scrim_error *err)
{
	sqlite3_stmt *q = ask(x, ITEM_KNOWN);
	int64_t times;
	int ret;

	text(q, 1, item);
	text(q, 2, campaign);
	ret = get(x, q, &times, err);
	return ret < 0 ? ret : times > 0;
}

int index_has(struct index *x, const char *campaign, const char *recipient, const char *item,
	      char bundle[UUID_TEXT_MAX], struct scrim_error *err)
{
	sqlite3_stmt *q = ask(x, ITEM_HAS);
	int ret;

	text(q, 1, item);
	text(q, 2, campaign);
	text(q, 3, recipient);
	ret = step(x, q, err);
	if (ret > 0)
		snprintf(bundle, UUID_TEXT_MAX, "%s", word(q, 0));
	sqlite3_reset(q);
	return ret;
}
