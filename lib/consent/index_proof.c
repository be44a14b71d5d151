// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/index_proof.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define ROW_MAX	1024

static_assert(TALLY_KEY_SIZE == crypto_shorthash_KEYBYTES, "a key of SipHash");
static_assert(2 * SHA256_TEXT_MAX + 5 * TERM_ID_MAX + 128 < ROW_MAX, "room for a row of the log");

/* Each value with its type and its length: no two rows read alike. */
struct row {
	uint8_t at[ROW_MAX];
	size_t size;			/* above ROW_MAX: cut, and so like no row of the log */
};

static void put(struct row *row, uint8_t type, const void *value, size_t size)
{
	const uint32_t length = size;

	if (size > ROW_MAX || row->size + sizeof(type) + sizeof(length) + size > ROW_MAX) {
		row->size = ROW_MAX + 1;
		return;
	}
	row->at[row->size++] = type;
	memcpy(row->at + row->size, &length, sizeof(length));
	row->size += sizeof(length);
	if (size)
		memcpy(row->at + row->size, value, size);
	row->size += size;
}

static void put_number(struct row *row, int64_t number)
{
	put(row, SQLITE_INTEGER, &number, sizeof(number));
}

static void put_text(struct row *row, const char *text)
{
	put(row, SQLITE_TEXT, text, strlen(text));
}

static uint64_t row_hash(const struct row *row, const struct tally *tally)
{
	uint64_t hash;

	static_assert(sizeof(hash) == crypto_shorthash_BYTES, "a hash of SipHash");
	crypto_shorthash((uint8_t *)&hash, row->at, row->size > ROW_MAX ? ROW_MAX : row->size,
			 tally->key);
	return hash;
}

/* The log */

static uint64_t bundle_hash(const struct tally *tally, enum bundle_state state)
{
	struct row row = { .size = 0 };

	put_text(&row, "bundle");
	put_number(&row, tally->bundle);
	put_text(&row, tally->id);
	put_text(&row, tally->campaign);
	put_number(&row, state);
	return row_hash(&row, tally);
}

static uint64_t recipient_hash(const struct tally *tally, const char *id)
{
	struct row row = { .size = 0 };

	put_text(&row, "recipient");
	put_number(&row, tally->bundle);
	put_text(&row, id);
	return row_hash(&row, tally);
}

static uint64_t item_hash(const struct tally *tally, const struct export_item *item)
{
	struct row row = { .size = 0 };

	put_text(&row, "item");
	put_text(&row, item->item);
	put_number(&row, tally->bundle);
	put_number(&row, item->seq_in_bundle);
	put_text(&row, item->campaign);
	put_number(&row, item->event_class);
	put_text(&row, item->event_id);
	put_text(&row, item->donor);
	put_text(&row, item->camera);
	return row_hash(&row, tally);
}

static void take_item(struct tally *tally, const struct export_item *item)
{
	if (!tally->begun) {
		tally->begun = true;
		tally->bundle++;
		tally->items = 0;
		memcpy(tally->id, item->bundle, sizeof(tally->id));
		memcpy(tally->campaign, item->campaign, sizeof(tally->campaign));
	}
	tally->items += item_hash(tally, item);
}

void tally_begin(struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
	randombytes_buf(tally->key, sizeof(tally->key));
}

void tally_take(struct tally *tally, const struct export_entry *entry)
{
	switch (entry->kind) {
	case EXPORT_ITEM:
		take_item(tally, &entry->item);
		break;
	case EXPORT_BUNDLE:
		tally->sum += tally->items + bundle_hash(tally, BUNDLE_GIVEN);
		for (unsigned i = 0; i < entry->bundle.recipients; i++)
			tally->sum += recipient_hash(tally, entry->bundle.recipient[i].id);
		tally->begun = false;
		break;
	case EXPORT_VOID:
		tally->sum += bundle_hash(tally, BUNDLE_VOID);
		tally->begun = false;
		break;
	case EXPORT_REQUEST:
	case EXPORT_RECEIPT:
	case EXPORT_SWITCH:
	case EXPORT_KINDS:	break;
	}
}

/* The index */

static const char *const rows[] = {
	"SELECT 'bundle', number, id, campaign, state FROM bundle",
	"SELECT 'recipient', bundle, id FROM recipient",
	"SELECT 'item', item, bundle, seq, campaign, class, event, donor, camera FROM item",
};

/*
 * A clip that is there several times counts as it was first: SQLite takes the other columns from the
 * row that has the min().  A bundle has fewer than 2^30 items.  Rows of nothing may stay.
 */
static const struct {
	const char *wanted, *found;
} counts[] = {
	{ "SELECT campaign, class, event, donor, camera, count(*) FROM (SELECT campaign, class, event,"
	  " donor, camera, min((bundle << 30) + seq) FROM item GROUP BY item, campaign)"
	  " GROUP BY campaign, class, event, donor, camera",
	  "SELECT campaign, class, event, donor, camera, n FROM seen" },
	{ "SELECT campaign, class, donor, camera, sum(n) FROM seen"
	  " GROUP BY campaign, class, donor, camera"
	  " UNION ALL SELECT campaign, class, '', '', sum(most) FROM (SELECT campaign, class,"
	  " max(n) AS most FROM seen GROUP BY campaign, class, event) GROUP BY campaign, class",
	  "SELECT campaign, class, donor, camera, n FROM taken WHERE n IS NOT 0" },
};

static void put_column(struct row *row, sqlite3_stmt *q, int i)
{
	int type = sqlite3_column_type(q, i);

	if (type == SQLITE_INTEGER)
		put_number(row, sqlite3_column_int64(q, i));
	else
		put(row, type, sqlite3_column_blob(q, i), sqlite3_column_bytes(q, i));
}

/* Adds the hashes of what a query finds. */
static int add_rows(uint64_t *sum, sqlite3 *db, const char *sql, const struct tally *tally)
{
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(q)) == SQLITE_ROW) {
		struct row row = { .size = 0 };

		for (int i = 0; i < sqlite3_column_count(q); i++)
			put_column(&row, q, i);
		*sum += row_hash(&row, tally);
		code = SQLITE_OK;
	}
	sqlite3_finalize(q);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int compare_counts(bool *agree, sqlite3 *db, const struct tally *tally)
{
	int code = SQLITE_OK;

	for (unsigned i = 0; code == SQLITE_OK && i < sizeof(counts) / sizeof(*counts); i++) {
		uint64_t wanted = 0, found = 0;

		code = add_rows(&wanted, db, counts[i].wanted, tally);
		if (code == SQLITE_OK)
			code = add_rows(&found, db, counts[i].found, tally);
		*agree = *agree && wanted == found;
	}
	return code;
}

int proof_compare(bool *agree, sqlite3 *db, const struct tally *tally)
{
	uint64_t wanted = tally->sum, found = 0;
	int code = SQLITE_OK;

	if (tally->begun)
		wanted += tally->items + bundle_hash(tally, BUNDLE_BEGUN);
	for (unsigned i = 0; code == SQLITE_OK && i < sizeof(rows) / sizeof(*rows); i++)
		code = add_rows(&found, db, rows[i], tally);
	*agree = wanted == found;
	return code == SQLITE_OK ? compare_counts(agree, db, tally) : code;
}
