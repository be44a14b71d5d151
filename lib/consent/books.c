// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/books.h"

#include <stdlib.h>
#include <string.h>

#include "consent/store.h"
#include "consent/when.h"

int books_open(struct log_files *files, const char *store, struct scrim_error *err)
{
	return store_open_log(files, store, EXPORTS_LOG, err);
}

/* Finding */

struct kept_bundle *books_find(const struct books *books, const char *bundle)
{
	const json_t *at = json_object_get(books->ids, bundle);

	return at ? books->at[json_integer_value(at)] : NULL;
}

int kept_bundle_recipient(const struct kept_bundle *bundle, const char *recipient)
{
	for (unsigned i = 0; bundle->given && i < bundle->given->recipients; i++)
		if (!strcmp(bundle->given->recipient[i].id, recipient))
			return i;
	return -1;
}

bool erasure_is_overdue(const struct kept_bundle *bundle, unsigned recipient, int64_t now)
{
	return bundle->given && now >= bundle->given->delete_by &&
	       !bundle->erasure[recipient].deleted;
}

unsigned books_overdue(const struct books *books, int64_t now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < books->count; i++) {
		const struct kept_bundle *b = books->at[i];

		for (unsigned r = 0; b->given && r < b->given->recipients; r++)
			count += erasure_is_overdue(b, r, now);
	}
	return count;
}

static struct kept_bundle *begun(const struct books *books)
{
	struct kept_bundle *last = books->count ? books->at[books->count - 1] : NULL;

	return last && last->state == BUNDLE_BEGUN ? last : NULL;
}

static bool is_summed(const struct books *books, const struct kept_bundle *bundle)
{
	return !books->campaign || !strcmp(books->campaign, bundle->campaign);
}

/* What can follow */

static int check_item(const struct books *books, const struct export_item *item,
		      struct scrim_error *err)
{
	const struct kept_bundle *b = begun(books);

	if (b && strcmp(b->id, item->bundle))
		return fail(err, -EINVAL, "bundle %s was begun, and is neither given nor given up",
			    b->id);
	if (!b && books_find(books, item->bundle))
		return fail(err, -EINVAL, "bundle %s was ended before", item->bundle);
	if (item->seq_in_bundle != (b ? b->items : 0) + 1)
		return fail(err, -EINVAL, "it is item %lld of bundle %s, where %lld comes next",
			    (long long)item->seq_in_bundle, item->bundle,
			    (long long)(b ? b->items : 0) + 1);
	if (b && strcmp(b->campaign, item->campaign))
		return fail(err, -EINVAL, "bundle %s is of another campaign", b->id);
	if (b && *b->currency && *item->currency && strcmp(b->currency, item->currency))
		return fail(err, -EINVAL, "bundle %s is paid in another currency", b->id);
	return 0;
}

static int check_end(const struct books *books, const char *bundle, struct scrim_error *err)
{
	const struct kept_bundle *b = begun(books);

	return b && !strcmp(b->id, bundle) ? 0 :
	       fail(err, -EINVAL, "bundle %s is not one that is being made", bundle);
}

static int find_currency(const struct books *books, const char *name)
{
	unsigned i = 0;

	while (i < books->currencies && strcmp(books->money[i].name, name))
		i++;
	return i < CURRENCIES_MAX ? (int)i : -1;
}

static int check_bundle(const struct books *books, const struct export_bundle *bundle,
			struct scrim_error *err)
{
	const struct kept_bundle *b = begun(books);
	int ret = check_end(books, bundle->bundle, err);

	if (ret < 0)
		return ret;
	if (b->items != bundle->items)
		return fail(err, -EINVAL, "bundle %s has %lld items, not %lld", b->id,
			    (long long)b->items, (long long)bundle->items);
	if (strcmp(b->campaign, bundle->campaign))
		return fail(err, -EINVAL, "bundle %s is of another campaign", b->id);
	if (find_currency(books, b->currency) < 0)
		return fail(err, -EINVAL, "more than %d currencies", CURRENCIES_MAX);
	if (*books->fingerprint && strcmp(bundle->fingerprint, books->fingerprint))
		return fail(err, -EINVAL, "bundle %s was not named with the secret of those before it",
			    b->id);
	return 0;
}

/* -EINVAL, or which of its recipients. */
static int check_recipient(const struct books *books, const char *bundle, const char *recipient,
			   struct scrim_error *err)
{
	const struct kept_bundle *b = books_find(books, bundle);
	int r = b ? kept_bundle_recipient(b, recipient) : -1;

	return r >= 0 ? r : fail(err, -EINVAL, "'%s' was given no bundle %s", recipient, bundle);
}

/* Of a part, that there is such a part. */
static int check_part(const struct books *books, const char *bundle, const char *record_id,
		      struct scrim_error *err)
{
	const struct kept_bundle *b = books_find(books, bundle);

	return !*record_id || json_object_get(b->records, record_id) ? 0 :
	       fail(err, -EINVAL, "nothing in bundle %s rests on consent %s", bundle, record_id);
}

static int check_request(const struct books *books, const struct export_request *request,
			 struct scrim_error *err)
{
	int r = check_recipient(books, request->bundle, request->recipient, err);

	return r < 0 ? r : check_part(books, request->bundle, request->record_id, err);
}

static int check_receipt(const struct books *books, const struct export_receipt *receipt,
			 struct scrim_error *err)
{
	int r = check_recipient(books, receipt->bundle, receipt->recipient, err);
	const struct export_bundle *given;
	char id[KEY_ID_TEXT_MAX] = "";
	struct public_key key;

	if (r < 0 || check_part(books, receipt->bundle, receipt->record_id, err) < 0)
		return -EINVAL;
	given = books_find(books, receipt->bundle)->given;
	if (public_key_of_word(&key, given->recipient[r].receipts))
		key_id_text(id, key.id);
	if (strcmp(id, receipt->key))
		return fail(err, -EINVAL, "key %s signs no receipts of '%s'", receipt->key,
			    receipt->recipient);
	if (receipt->deleted < given->created)
		return fail(err, -EINVAL, "bundle %s was not there when it is said to have been "
			    "deleted", given->bundle);
	return 0;
}

int books_check(const struct books *books, const struct export_entry *entry,
		struct scrim_error *err)
{
	int ret = 0;

	switch (entry->kind) {
	case EXPORT_ITEM:	ret = check_item(books, &entry->item, err); break;
	case EXPORT_BUNDLE:	ret = check_bundle(books, &entry->bundle, err); break;
	case EXPORT_VOID:	ret = check_end(books, entry->given_up.bundle, err); break;
	case EXPORT_REQUEST:	ret = check_request(books, &entry->request, err); break;
	case EXPORT_RECEIPT:	ret = check_receipt(books, &entry->receipt, err); break;
	case EXPORT_SWITCH:
	case EXPORT_KINDS:	break;
	}
	return ret < 0 ? ret : 0;
}

/* What follows */

static struct kept_bundle *add(struct books *books, const struct export_item *item)
{
	struct kept_bundle **at = books->at, *b = calloc(1, sizeof(*b));

	if (books->count == books->room) {
		at = realloc(at, (2 * books->room + 16) * sizeof(*at));
		if (at) {
			books->at = at;
			books->room = 2 * books->room + 16;
		}
	}
	if (!books->ids)
		books->ids = json_object();
	if (!at || !b ||
	    json_object_set_new(books->ids, item->bundle, json_integer(books->count)) < 0) {
		free(b);
		return NULL;
	}
	b->records = json_object();
	memcpy(b->id, item->bundle, sizeof(b->id));
	memcpy(b->campaign, item->campaign, sizeof(b->campaign));
	return books->at[books->count++] = b;
}

static int take_item(struct books *books, const struct export_item *item, struct scrim_error *err)
{
	struct kept_bundle *b = begun(books);

	if (!b)
		b = add(books, item);
	if (!books->waiting)
		books->waiting = json_object();
	if (!b || json_object_set_new(books->waiting, item->donor, json_true()) < 0)
		return fail(err, -ENOMEM, "no memory for the ledger of exports");
	b->items++;
	b->cents += item->cents;
	if (*item->currency)
		memcpy(b->currency, item->currency, sizeof(b->currency));
	for (unsigned i = 0; i < item->consents; i++) {
		if (json_object_set_new(b->records, item->consent[i], json_true()) < 0)
			return fail(err, -ENOMEM, "no memory for the ledger of exports");
		b->marked |= books->record_id && !strcmp(item->consent[i], books->record_id);
	}
	return 0;
}

static void sum_up(struct books *books, const struct kept_bundle *b)
{
	int i = find_currency(books, b->currency);

	books->bundles++;
	books->items += b->items;
	if (!*b->currency || i < 0)
		return;
	memcpy(books->money[i].name, b->currency, sizeof(b->currency));
	books->money[i].cents += b->cents;
	if ((unsigned)i == books->currencies)
		books->currencies++;
}

/* A log only grows: of two places in it, the later has the earlier behind it. */
static void know(struct books *books, const struct chain *consents)
{
	if (consents->seq > books->consents.seq)
		books->consents = *consents;
}

static int take_bundle(struct books *books, const struct export_bundle *bundle,
		       struct scrim_error *err)
{
	struct kept_bundle *b = begun(books);

	if (!books->donors)
		books->donors = json_object();
	b->given = malloc(sizeof(*b->given));
	if (!b->given || !books->donors ||
	    (is_summed(books, b) && json_object_update(books->donors, books->waiting) < 0))
		return fail(err, -ENOMEM, "no memory for the ledger of exports");
	*b->given = *bundle;
	b->state = BUNDLE_GIVEN;
	know(books, &bundle->consents);
	memcpy(books->fingerprint, bundle->fingerprint, sizeof(books->fingerprint));
	json_object_clear(books->waiting);
	if (is_summed(books, b))
		sum_up(books, b);
	return 0;
}

static struct erasure *erasure_of(const struct books *books, const char *bundle,
				  const char *recipient)
{
	struct kept_bundle *b = books_find(books, bundle);

	return &b->erasure[kept_bundle_recipient(b, recipient)];
}

static int take_request(struct books *books, const struct export_request *r,
			struct scrim_error *err)
{
	struct erasure *e = erasure_of(books, r->bundle, r->recipient);

	know(books, &r->consents);
	if (!*r->record_id) {
		e->requested = r->at;
		return 0;
	}
	e->record_requested = r->at;
	if (!e->open)
		e->open = json_object();
	return json_object_set_new(e->open, r->record_id, json_integer(r->at)) < 0 ?
	       fail(err, -ENOMEM, "no memory for the ledger of exports") : 0;
}

static void take_receipt(struct books *books, const struct export_receipt *r)
{
	struct erasure *e = erasure_of(books, r->bundle, r->recipient);

	if (*r->record_id) {
		e->record_deleted = r->deleted;
		if (json_integer_value(json_object_get(e->open, r->record_id)) <= r->deleted)
			json_object_del(e->open, r->record_id);
		return;
	}
	if (!e->deleted && is_summed(books, books_find(books, r->bundle)))
		books->deletions++;
	e->deleted = r->deleted;
}

int books_take(struct books *books, const struct export_entry *entry, struct scrim_error *err)
{
	switch (entry->kind) {
	case EXPORT_ITEM:	return take_item(books, &entry->item, err);
	case EXPORT_BUNDLE:	return take_bundle(books, &entry->bundle, err);
	case EXPORT_VOID:
		begun(books)->state = BUNDLE_VOID;
		json_object_clear(books->waiting);
		break;
	case EXPORT_REQUEST:	return take_request(books, &entry->request, err);
	case EXPORT_RECEIPT:	take_receipt(books, &entry->receipt); break;
	case EXPORT_SWITCH:
		books->switched = true;
		books->on = entry->on;
		break;
	case EXPORT_KINDS:	break;
	}
	return 0;
}

/* Reading */

int books_take_line(struct books *books, const struct entry *entry, struct export_entry *read,
		    struct scrim_error *err)
{
	int ret = when_follows(&books->time, entry->at, err);

	if (ret < 0 || !strcmp(entry->kind, "torn") || !strcmp(entry->kind, "key"))
		return ret;
	ret = export_read(read, entry->kind, entry->fields, err);
	if (ret >= 0)
		ret = books_check(books, read, err);
	if (ret >= 0)
		ret = books_take(books, read, err);
	return ret < 0 ? ret : 1;
}

static int each(void *ctx, const struct entry *entry, const char *line, size_t size)
{
	struct books *books = ctx;
	struct export_entry read;
	struct scrim_error why;
	int ret = books_take_line(books, entry, &read, &why);

	return ret < 0 ? fail(&books->why, ret, "entry %llu: %s", (unsigned long long)entry->seq,
			      why.text) : 0;
}

static void again(void *ctx)
{
	books_again(ctx);
}

int books_read(struct books *books, const struct log_files *files, struct log_verdict *verdict,
	       struct scrim_error *err)
{
	const struct log_reader reader = { each, again, books };
	int ret = log_read(files, &reader, verdict, err);

	return store_verdict(ret, files, verdict, &books->why);
}

static void free_bundle(struct kept_bundle *b)
{
	for (unsigned i = 0; i < RECIPIENTS_MAX; i++)
		json_decref(b->erasure[i].open);
	json_decref(b->records);
	free(b->given);
	free(b);
}

void books_again(struct books *books)
{
	struct books empty = { .campaign = books->campaign, .record_id = books->record_id };

	for (unsigned i = 0; i < books->count; i++)
		free_bundle(books->at[i]);
	free(books->at);
	json_decref(books->ids);
	json_decref(books->donors);
	json_decref(books->waiting);
	*books = empty;
}

void books_free(struct books *books)
{
	books_again(books);
}
