// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/process.h"

#include <string.h>

#include "consent/entry.h"
#include "consent/minisign.h"
#include "consent/when.h"

#define CENTS_MAX	100000000	/* of one clip */
#define COUNT_MAX	1000000000

/* BIP 173: 32 symbols of five bits, the last six a checksum over name and symbols. */
static uint32_t bech32_step(uint32_t sum, unsigned value)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
					      0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (unsigned i = 0; i < 5; i++)
		if (top >> i & 1)
			sum ^= generator[i];
	return sum;
}

bool age_key_is_valid(const char *text)
{
	static const char name[] = "age", symbols[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	uint32_t sum = 1;

	if (strlen(text) != AGE_KEY_TEXT_MAX - 1 || strncmp(text, "age1", 4))
		return false;
	for (const char *c = name; *c; c++)
		sum = bech32_step(sum, *c >> 5);
	sum = bech32_step(sum, 0);
	for (const char *c = name; *c; c++)
		sum = bech32_step(sum, *c & 31);
	for (const char *c = text + 4; *c; c++) {
		const char *symbol = strchr(symbols, *c);

		if (!symbol)
			return false;
		sum = bech32_step(sum, symbol - symbols);
	}
	return sum == 1;
}

void fields_age_key(struct fields *f, const char *key, char to[AGE_KEY_TEXT_MAX])
{
	fields_text(f, key, to, AGE_KEY_TEXT_MAX);
	if (f->ret >= 0 && !age_key_is_valid(to))
		fields_wrong(f, key, "is no public key of age");
}

void controller_read(struct fields *f, const char *key, struct controller *controller)
{
	struct public_key pubkey;
	struct fields c;

	fields_into(&c, f, key);
	fields_text(&c, "name", controller->name, sizeof(controller->name));
	fields_name(&c, "id", controller->id, sizeof(controller->id));
	fields_text(&c, "contact", controller->contact, sizeof(controller->contact));
	fields_text(&c, "pubkey", controller->pubkey, sizeof(controller->pubkey));
	if (c.ret >= 0 && !public_key_of_word(&pubkey, controller->pubkey))
		fields_wrong(&c, "pubkey", "is no public key of minisign");
	fields_leave(&c, f);
}

void rights_read(struct fields *f, struct rights *rights)
{
	json_t *list = fields_list(f, "rights", 1, RIGHTS_MAX), *value;
	const char *word;
	size_t i;

	json_array_foreach(list, i, value) {
		word = json_string_value(value) ? json_string_value(value) : "";
		if (!log_word_ok(word, sizeof(rights->at[0])))
			fields_wrong(f, "rights", "'%.64s' is not of letters, digits, '_', '-' and '.'", word);
		else
			memcpy(rights->at[rights->count++], word, strlen(word) + 1);
	}
	json_decref(list);
}

static void purpose_read(struct fields *f, struct process *p)
{
	fields_word(f, "purpose", &purposes, &p->purpose);
	if (f->ret >= 0 && purpose_is_banned(p->purpose))
		fields_wrong(f, "purpose", "'%s' is never allowed", purposes.names[p->purpose]);
	fields_text(f, "purpose_text", p->purpose_text, sizeof(p->purpose_text));
	fields_word(f, "model_kind", &model_kinds, &p->model_kind);
	if (f->ret >= 0 && !purpose_fits_model(p->purpose, p->model_kind))
		fields_wrong(f, "model_kind", "'%s' is not for models that are %s",
			     purposes.names[p->purpose], model_kinds.names[p->model_kind]);
	fields_word(f, "legal_basis", &legal_bases, &p->legal_basis);
}

static void pictures_read(struct fields *f, struct process *p)
{
	fields_words(f, "source_class", &source_classes, 1, &p->sources);
	for (unsigned i = 0; i < source_classes.count; i++)
		if (f->ret >= 0 && p->sources & term_bit(i) && source_is_banned(i))
			fields_wrong(f, "source_class", "'%s' is never allowed", source_classes.names[i]);
	fields_words(f, "event_class", &event_classes, 1, &p->events);
	fields_words(f, "data", &data_classes, 1, &p->data);
	fields_word(f, "origin", &origins, &p->origin);
	if (f->ret >= 0 && p->origin == ORIGIN_UNSET)
		fields_wrong(f, "origin", "is real, staged or any");
	if (fields_have(f, "written_release"))
		fields_flag(f, "written_release", &p->written_release);
}

static void redaction_read(struct fields *f, struct process *p)
{
	struct fields r;

	fields_into(&r, f, "redaction");
	fields_flag(&r, "faces", &p->redaction.faces);
	fields_flag(&r, "plates", &p->redaction.plates);
	fields_word(&r, "method", &strengths, &p->redaction.method);
	if (r.ret >= 0 && p->redaction.method == STRENGTH_UNSET)
		fields_wrong(&r, "method", "is show, blur, mosaic or fill");
	fields_number(&r, "min_version", 1, COUNT_MAX, &p->redaction.min_version);
	fields_leave(&r, f);
}

void recipient_told_read(struct fields *f, struct recipient *recipient)
{
	struct public_key key;

	fields_text(f, "name", recipient->name, sizeof(recipient->name));
	fields_text(f, "receipts", recipient->receipts, sizeof(recipient->receipts));
	if (f->ret >= 0 && !public_key_of_word(&key, recipient->receipts))
		fields_wrong(f, "receipts", "is no public key of minisign");
}

static void recipient_read(struct fields *f, void *to)
{
	struct process *p = to;
	struct recipient *recipient = &p->recipient[p->recipients++];

	fields_name(f, "id", recipient->id, sizeof(recipient->id));
	fields_age_key(f, "pubkey", recipient->pubkey);
	if (fields_have(f, "name") || fields_have(f, "receipts"))
		recipient_told_read(f, recipient);
	for (unsigned i = 0; f->ret >= 0 && i + 1 < p->recipients; i++)
		if (!strcmp(p->recipient[i].id, recipient->id))
			fields_wrong(f, "id", "'%s' is there twice", recipient->id);
}

static void storage_read(struct fields *f, struct process *p)
{
	struct fields s;

	fields_into(&s, f, "storage");
	fields_text(&s, "location", p->storage.location, sizeof(p->storage.location));
	fields_places(&s, "region", 1, &p->storage.region);
	fields_text(&s, "retention", p->storage.retention, sizeof(p->storage.retention));
	if (s.ret >= 0 && !days_read(&p->storage.days, p->storage.retention))
		fields_wrong(&s, "retention", "'%s' is no duration, such as P30D, P6M or P3Y",
			     p->storage.retention);
	fields_word(&s, "deletion", &deletions, &p->storage.deletion);
	fields_leave(&s, f);
}

static void geo_read(struct fields *f, struct process *p)
{
	struct fields g;

	fields_into(&g, f, "geo");
	fields_places(&g, "allow", 1, &p->geo.allow);
	fields_places(&g, "deny", 0, &p->geo.deny);
	fields_leave(&g, f);
}

/* Money without an amount is none, and what is no money has none. */
static void reward_read(struct fields *f, struct process *p)
{
	struct fields r;

	fields_into(&r, f, "reward");
	fields_word(&r, "kind", &reward_kinds, &p->reward.kind);
	fields_number(&r, "unit_cents", 0, CENTS_MAX, &p->reward.unit_cents);
	fields_number(&r, "cap_count", 1, COUNT_MAX, &p->reward.cap_count);
	if (fields_have(&r, "currency"))
		fields_text(&r, "currency", p->reward.currency, sizeof(p->reward.currency));
	if (r.ret >= 0 && *p->reward.currency &&
	    strspn(p->reward.currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		fields_wrong(&r, "currency", "'%s' is no code of ISO 4217", p->reward.currency);
	if (r.ret >= 0 && (p->reward.kind == REWARD_MONEY) != (p->reward.unit_cents > 0))
		fields_wrong(&r, "unit_cents", "is what money has, and nothing else");
	if (r.ret >= 0 && (p->reward.kind == REWARD_MONEY) != !!*p->reward.currency)
		fields_wrong(&r, "currency", "is what money has, and nothing else");
	fields_leave(&r, f);
}

void process_read(struct fields *f, struct process *p, bool with_recipients)
{
	purpose_read(f, p);
	pictures_read(f, p);
	redaction_read(f, p);
	if (with_recipients)
		fields_objects(f, "recipients", 1, RECIPIENTS_MAX, recipient_read, p);
	fields_flag(f, "third_party", &p->third_party);
	storage_read(f, p);
	geo_read(f, p);
	reward_read(f, p);
}

/* Writing */

json_t *terms_json(const struct terms *terms, uint32_t set)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < terms->count; i++)
		if (set & term_bit(i))
			json_array_append_new(list, json_string(terms->names[i]));
	return list;
}

json_t *places_json(const struct places *places)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < places->count; i++)
		json_array_append_new(list, json_string(places->at[i]));
	return list;
}

json_t *rights_json(const struct rights *rights)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < rights->count; i++)
		json_array_append_new(list, json_string(rights->at[i]));
	return list;
}

json_t *controller_json(const struct controller *c)
{
	return json_pack("{ss ss ss ss}", "name", c->name, "id", c->id, "contact", c->contact,
			 "pubkey", c->pubkey);
}

static json_t *recipient_json(const struct recipient *r)
{
	json_t *json = json_pack("{ss ss}", "id", r->id, "pubkey", r->pubkey);

	if (*r->name)
		json_object_update_new(json, json_pack("{ss ss}", "name", r->name,
						       "receipts", r->receipts));
	return json;
}

static json_t *recipients_json(const struct process *p)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < p->recipients; i++)
		json_array_append_new(list, recipient_json(&p->recipient[i]));
	return list;
}

static json_t *reward_json(const struct process *p)
{
	json_t *reward = json_pack("{ss sI sI}", "kind", term_name(&reward_kinds, p->reward.kind),
				   "unit_cents", (json_int_t)p->reward.unit_cents,
				   "cap_count", (json_int_t)p->reward.cap_count);

	if (*p->reward.currency)
		json_object_set_new(reward, "currency", json_string(p->reward.currency));
	return reward;
}

json_t *process_json(const struct process *p)
{
	return json_pack("{ss ss ss ss so so so ss sb s{sb sb ss sI} so sb s{ss so ss ss} s{so so} so}",
		"purpose", term_name(&purposes, p->purpose), "purpose_text", p->purpose_text,
		"model_kind", term_name(&model_kinds, p->model_kind),
		"legal_basis", term_name(&legal_bases, p->legal_basis),
		"source_class", terms_json(&source_classes, p->sources),
		"event_class", terms_json(&event_classes, p->events),
		"data", terms_json(&data_classes, p->data), "origin", term_name(&origins, p->origin),
		"written_release", p->written_release, "redaction", "faces", p->redaction.faces,
		"plates", p->redaction.plates, "method", term_name(&strengths, p->redaction.method),
		"min_version", (json_int_t)p->redaction.min_version,
		"recipients", recipients_json(p), "third_party", p->third_party,
		"storage", "location", p->storage.location, "region", places_json(&p->storage.region),
		"retention", p->storage.retention, "deletion", term_name(&deletions, p->storage.deletion),
		"geo", "allow", places_json(&p->geo.allow), "deny", places_json(&p->geo.deny),
		"reward", reward_json(p));
}
