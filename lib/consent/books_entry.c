// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The fields of the entries, by name.
 */
#include "consent/books.h"

#include <string.h>

#include "consent/when.h"

#define CENTS_MAX	100000000	/* of one clip */
#define COUNT_MAX	1000000000
#define BYTES_MAX	(INT64_C(1) << 50)

static const char *const kinds[] = {
	[EXPORT_ITEM] = "item", [EXPORT_BUNDLE] = "bundle", [EXPORT_VOID] = "void",
	[EXPORT_REQUEST] = "deletion-request", [EXPORT_RECEIPT] = "deletion-receipt",
	[EXPORT_SWITCH] = "switch",
};

const char *export_kind_name(enum export_kind kind)
{
	return kinds[kind];
}

/* Writing */

static json_t *time_json(int64_t when)
{
	char text[WHEN_TEXT_MAX];

	when_write(text, when);
	return json_string(text);
}

/* What nobody said is left out. */
static json_t *add_text(json_t *fields, const char *key, const char *text)
{
	if (fields && *text)
		json_object_set_new(fields, key, json_string(text));
	return fields;
}

static json_t *add_log(json_t *fields, const struct chain *consents)
{
	char hash[ENTRY_HASH_TEXT_MAX];

	entry_hash_text(hash, consents->hash);
	if (fields && consents->seq)
		json_object_set_new(fields, "consent_log", json_pack("{sI ss}", "entries",
				    (json_int_t)consents->seq, "hash", hash));
	return fields;
}

static json_t *item_json(const struct export_item *item)
{
	json_t *consents = json_array(), *fields;

	for (unsigned i = 0; i < item->consents && i < PEOPLE_MAX; i++)
		json_array_append_new(consents, json_string(item->consent[i]));
	fields = json_pack("{ss ss sI ss ss ss ss ss ss ss sI so}", "bundle", item->bundle,
			   "item", item->item, "seq_in_bundle", (json_int_t)item->seq_in_bundle,
			   "campaign", item->campaign, "donor", item->donor, "camera", item->camera,
			   "event_class", term_name(&event_classes, item->event_class),
			   "origin", term_name(&origins, item->origin), "event_id", item->event_id,
			   "reward", term_name(&reward_kinds, item->reward),
			   "cents", (json_int_t)item->cents, "consents", consents);
	return add_text(fields, "currency", item->currency);
}

static json_t *bundle_json(const struct export_bundle *b)
{
	json_t *recipients = json_array(), *fields;

	for (unsigned i = 0; i < b->recipients && i < RECIPIENTS_MAX; i++)
		json_array_append_new(recipients, json_pack("{ss ss}", "id", b->recipient[i].id,
				      "receipts", b->recipient[i].receipts));
	fields = json_pack("{ss ss ss so sI sI ss ss ss so so}", "bundle", b->bundle,
			   "campaign", b->campaign, "purpose", term_name(&purposes, b->purpose),
			   "recipients", recipients, "items", (json_int_t)b->items,
			   "bytes", (json_int_t)b->bytes, "sha256", b->sha256,
			   "manifest", b->manifest, "file", b->file,
			   "delete_by", time_json(b->delete_by), "created", time_json(b->created));
	fields = add_text(fields, "fingerprint", b->fingerprint);
	return add_log(add_text(fields, "payment", b->payment), &b->consents);
}

static json_t *request_json(const struct export_request *r)
{
	json_t *fields = json_pack("{ss ss so}", "bundle", r->bundle, "recipient", r->recipient,
				   "at", time_json(r->at));

	return add_log(add_text(fields, "record_id", r->record_id), &r->consents);
}

static json_t *receipt_json(const struct export_receipt *r)
{
	json_t *fields = json_pack("{ss ss so ss ss}", "bundle", r->bundle,
				   "recipient", r->recipient, "deleted", time_json(r->deleted),
				   "sha256", r->sha256, "key", r->key);

	return add_text(fields, "record_id", r->record_id);
}

json_t *export_fields(const struct export_entry *entry)
{
	switch (entry->kind) {
	case EXPORT_ITEM:	return item_json(&entry->item);
	case EXPORT_BUNDLE:	return bundle_json(&entry->bundle);
	case EXPORT_VOID:
		return json_pack("{ss ss}", "bundle", entry->given_up.bundle,
				 "why", entry->given_up.why);
	case EXPORT_REQUEST:	return request_json(&entry->request);
	case EXPORT_RECEIPT:	return receipt_json(&entry->receipt);
	case EXPORT_SWITCH:	return json_pack("{ss}", "export", entry->on ? "on" : "off");
	case EXPORT_KINDS:	break;
	}
	return NULL;
}

/* Reading */

#define UUID(f, key, to)	fields_uuid(f, key, to, sizeof(to))
#define NAME(f, key, to)	fields_name(f, key, to, sizeof(to))
#define TEXT(f, key, to)	fields_text(f, key, to, sizeof(to))

/* Entries of before it was written down have none. */
static void read_log(struct fields *f, struct chain *consents)
{
	char hash[SHA256_TEXT_MAX] = "";
	int64_t entries = 0;
	struct fields log;

	if (!fields_have(f, "consent_log"))
		return;
	fields_into(&log, f, "consent_log");
	fields_number(&log, "entries", 1, COUNT_MAX, &entries);
	fields_sha256(&log, "hash", hash);	/* as long, and as written, as BLAKE2b-256 */
	fields_leave(&log, f);
	if (entry_hash_read(consents->hash, hash))
		consents->seq = entries;
}

static void read_reward(struct fields *f, struct export_item *item)
{
	fields_word(f, "reward", &reward_kinds, &item->reward);
	fields_number(f, "cents", 0, CENTS_MAX, &item->cents);
	if (fields_have(f, "currency"))
		TEXT(f, "currency", item->currency);
	if (f->ret >= 0 && *item->currency &&
	    strspn(item->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		fields_wrong(f, "currency", "is not of three capital letters");
	if (f->ret >= 0 && item->cents && (item->reward != REWARD_MONEY || !*item->currency))
		fields_wrong(f, "cents", "are of no money");
}

static void read_consents(struct fields *f, struct export_item *item)
{
	json_t *list = fields_list(f, "consents", 1, PEOPLE_MAX), *value;
	const char *id;
	size_t i;

	json_array_foreach(list, i, value) {
		id = json_string_value(value);
		if (id && uuid_is_valid(id))
			memcpy(item->consent[item->consents++], id, UUID_TEXT_MAX);
		else
			fields_wrong(f, "consents", "one is no UUID of version 4");
	}
	json_decref(list);
}

static void read_item(struct fields *f, struct export_item *item)
{
	UUID(f, "bundle", item->bundle);
	fields_sha256(f, "item", item->item);
	fields_number(f, "seq_in_bundle", 1, COUNT_MAX, &item->seq_in_bundle);
	NAME(f, "campaign", item->campaign);
	NAME(f, "donor", item->donor);
	NAME(f, "camera", item->camera);
	fields_word(f, "event_class", &event_classes, &item->event_class);
	fields_word(f, "origin", &origins, &item->origin);
	if (f->ret >= 0 && item->origin != ORIGIN_REAL && item->origin != ORIGIN_STAGED)
		fields_wrong(f, "origin", "is neither real nor staged");
	NAME(f, "event_id", item->event_id);
	read_reward(f, item);
	read_consents(f, item);
}

static void read_recipient(struct fields *f, void *to)
{
	struct export_bundle *b = to;
	struct export_recipient *r = &b->recipient[b->recipients];
	struct public_key key;

	NAME(f, "id", r->id);
	TEXT(f, "receipts", r->receipts);
	if (f->ret >= 0 && !public_key_of_word(&key, r->receipts))
		fields_wrong(f, "receipts", "is no public key of minisign");
	for (unsigned i = 0; i < b->recipients; i++)
		if (f->ret >= 0 && !strcmp(b->recipient[i].id, r->id))
			fields_wrong(f, "id", "'%s' is there twice", r->id);
	b->recipients++;
}

static void read_bundle(struct fields *f, struct export_bundle *b)
{
	UUID(f, "bundle", b->bundle);
	NAME(f, "campaign", b->campaign);
	fields_word(f, "purpose", &purposes, &b->purpose);
	fields_objects(f, "recipients", 1, RECIPIENTS_MAX, read_recipient, b);
	fields_number(f, "items", 1, COUNT_MAX, &b->items);
	fields_number(f, "bytes", 1, BYTES_MAX, &b->bytes);
	fields_sha256(f, "sha256", b->sha256);
	fields_sha256(f, "manifest", b->manifest);
	NAME(f, "file", b->file);
	fields_time(f, "delete_by", &b->delete_by);
	fields_time(f, "created", &b->created);
	if (fields_have(f, "payment"))
		TEXT(f, "payment", b->payment);
	if (fields_have(f, "fingerprint"))
		fields_sha256(f, "fingerprint", b->fingerprint);
	read_log(f, &b->consents);
}

static void read_request(struct fields *f, struct export_request *r)
{
	UUID(f, "bundle", r->bundle);
	NAME(f, "recipient", r->recipient);
	if (fields_have(f, "record_id"))
		UUID(f, "record_id", r->record_id);
	fields_time(f, "at", &r->at);
	read_log(f, &r->consents);
}

static void read_receipt(struct fields *f, struct export_receipt *r)
{
	UUID(f, "bundle", r->bundle);
	NAME(f, "recipient", r->recipient);
	if (fields_have(f, "record_id"))
		UUID(f, "record_id", r->record_id);
	fields_time(f, "deleted", &r->deleted);
	fields_sha256(f, "sha256", r->sha256);
	NAME(f, "key", r->key);
}

static void read_switch(struct fields *f, bool *on)
{
	char word[8] = "";

	TEXT(f, "export", word);
	*on = !strcmp(word, "on");
	if (f->ret >= 0 && !*on && strcmp(word, "off"))
		fields_wrong(f, "export", "is neither on nor off");
}

static void read_kind(struct fields *f, struct export_entry *entry)
{
	switch (entry->kind) {
	case EXPORT_ITEM:	read_item(f, &entry->item); break;
	case EXPORT_BUNDLE:	read_bundle(f, &entry->bundle); break;
	case EXPORT_VOID:
		UUID(f, "bundle", entry->given_up.bundle);
		TEXT(f, "why", entry->given_up.why);
		break;
	case EXPORT_REQUEST:	read_request(f, &entry->request); break;
	case EXPORT_RECEIPT:	read_receipt(f, &entry->receipt); break;
	case EXPORT_SWITCH:	read_switch(f, &entry->on); break;
	case EXPORT_KINDS:	break;
	}
}

int export_read(struct export_entry *entry, const char *kind, const json_t *fields,
		struct scrim_error *err)
{
	struct fields f;
	unsigned i = 0;

	memset(entry, 0, sizeof(*entry));
	while (i < EXPORT_KINDS && strcmp(kinds[i], kind))
		i++;
	if (i == EXPORT_KINDS)
		return fail(err, -EINVAL, "'%s' is no kind of entry", kind);
	entry->kind = i;
	fields_open(&f, fields, "", err);
	read_kind(&f, entry);
	return fields_close(&f);
}
