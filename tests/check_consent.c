// SPDX-License-Identifier: GPL-2.0
/*
 * Records, offers and items are taken whole and understood or not at all.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "consent/settings.h"
#include "consent/when.h"
#include "consent_case.h"

static struct consent_case base;
static struct scrim_error err;
static char folder[64];

static void setup(void)
{
	case_make(&base, test_path("tests/consent"));
	snprintf(folder, sizeof(folder), "%s/scrim-check-consent-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

/* The three documents */

static int read_consent(const json_t *json)
{
	static struct consent consent;

	return consent_read(&consent, json, &err);
}

static int read_campaign(const json_t *json)
{
	static struct campaign campaign;
	char *text = json_dumps(json, JSON_COMPACT);
	int ret = campaign_read(&campaign, text, strlen(text), "campaign", &err);

	free(text);
	return ret;
}

static int read_item(const json_t *json)
{
	static struct item item;
	char *text = json_dumps(json, JSON_COMPACT);
	int ret = item_read(&item, text, strlen(text), "item", &err);

	free(text);
	return ret;
}

static json_t *make_file(const char *name)
{
	size_t size;
	char *text = case_text(test_path("tests/consent"), name, &size);
	json_t *json = json_loadb(text, size, 0, NULL);

	free(text);
	ck_assert_ptr_nonnull(json);
	return json;
}

static json_t *make_consent(void)
{
	base.consent[0].has_applies_before = true;
	base.consent[0].applies_before = 86400;
	strcpy(base.consent[0].withdrawal_url, "https://vision.example/withdraw");
	return consent_json(&base.consent[0]);
}

static json_t *make_campaign(void)
{
	return make_file("campaign.json");
}

static json_t *make_item(void)
{
	return make_file("item.json");
}

static const struct document {
	json_t *(*make)(void);
	int (*read)(const json_t *json);
} documents[] = {
	{ make_consent, read_consent },
	{ make_campaign, read_campaign },
	{ make_item, read_item },
};
#define DOCUMENTS	(sizeof(documents) / sizeof(documents[0]))

/* Objects in a document, each visited in turn: the nth, or NULL. */
static json_t *nth_object(json_t *json, unsigned *n)
{
	const char *key;
	json_t *value, *found = NULL;
	size_t i;

	if (json_is_object(json) && (*n)-- == 0)
		return json;
	json_object_foreach(json, key, value)
		if (!found)
			found = nth_object(value, n);
	json_array_foreach(json, i, value)
		if (!found)
			found = nth_object(value, n);
	return found;
}

static json_t *object_of(json_t *json, unsigned n)
{
	return nth_object(json, &n);
}

/* title: of records alone. */
static bool may_be_missing(const char *key, bool is_record)
{
	static const char *const optional[] = { "url", "written_release", "currency", "description" };

	for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (!strcmp(optional[i], key))
			return true;
	return is_record && !strcmp(key, "title");
}

START_TEST(a_document_that_is_right_is_taken)
{
	json_t *json = documents[_i].make();

	ck_assert_msg(documents[_i].read(json) == 0, "%s", err.text);
	json_decref(json);
}
END_TEST

START_TEST(a_field_that_is_missing_is_named)
{
	unsigned checked = 0;
	json_t *json = documents[_i].make(), *object, *value;

	for (unsigned n = 0; (object = object_of(json, n)); n++) {
		json_t *keys = json_copy(object);
		const char *key;

		json_object_foreach(keys, key, value) {
			if (may_be_missing(key, _i == 0))
				continue;
			json_object_del(object, key);
			ck_assert_msg(documents[_i].read(json) == -EINVAL, "without %s", key);
			ck_assert_msg(strstr(err.text, key), "%s: %s", key, err.text);
			json_object_set(object, key, value);
			checked++;
		}
		json_decref(keys);
	}
	ck_assert_uint_gt(checked, 20);
	ck_assert_int_eq(documents[_i].read(json), 0);
	json_decref(json);
}
END_TEST

START_TEST(a_field_that_nobody_knows_is_refused)
{
	json_t *json = documents[_i].make(), *object;

	for (unsigned n = 0; (object = object_of(json, n)); n++) {
		json_object_set_new(object, "unless", json_string("it rains"));
		ck_assert_int_eq(documents[_i].read(json), -EINVAL);
		ck_assert_msg(strstr(err.text, "unless"), "%s", err.text);
		json_object_del(object, "unless");
	}
	json_decref(json);
}
END_TEST

START_TEST(a_value_of_another_kind_is_refused)
{
	json_t *json = documents[_i].make(), *object, *value;

	for (unsigned n = 0; (object = object_of(json, n)); n++) {
		json_t *keys = json_copy(object);
		const char *key;

		json_object_foreach(keys, key, value) {
			json_t *wrong[] = { json_null(), json_real(1.5), json_string(""), json_string("\x1b[2J"),
					    json_integer(-1), json_pack("[[]]"), json_pack("{}") };

			for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
				json_object_set_new(object, key, wrong[i]);
				ck_assert_msg(documents[_i].read(json) == -EINVAL, "%s, %u", key, i);
			}
			json_object_set(object, key, value);
		}
		json_decref(keys);
	}
	json_decref(json);
}
END_TEST

/* Single values */

struct value {
	unsigned document;
	const char *path, *value;	/* JSON */
	const char *says;
};

/* "process.0.origin": the object, and the last word. */
static json_t *walk(json_t *json, const char *path, char last[64])
{
	char copy[128], *next, *word;

	snprintf(copy, sizeof(copy), "%s", path);
	word = strtok_r(copy, ".", &next);
	while (*next) {
		json = json_is_array(json) ? json_array_get(json, atoi(word)) : json_object_get(json, word);
		word = strtok_r(NULL, ".", &next);
	}
	snprintf(last, 64, "%s", word);
	ck_assert_msg(json_is_object(json), "%s", path);
	return json;
}

static const struct value values[] = {
	{ 0, "schema", "\"scrim.consent/2\"", "does not know" },
	{ 0, "schema", "\"scrim.campaign/1\"", "is not scrim.consent/1" },
	{ 0, "record_id", "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"", "UUID of version 4" },
	{ 0, "record_id", "\"6BA7B810-9DAD-41D1-80B4-00C04FD430C8\"", "UUID of version 4" },
	{ 0, "subject.role", "\"owner\"", "no role" },
	{ 0, "subject.age_class", "\"teenager\"", "no age class" },
	{ 0, "notice.sha256", "\"00\"", "not a SHA-256" },
	{ 0, "controller.pubkey", "\"RWQ\"", "no public key of minisign" },
	{ 0, "process.0.purpose", "\"improvement\"", "no purpose that scrim knows" },
	{ 0, "process.0.purpose", "\"train-detector:*\"", "no purpose that scrim knows" },
	{ 0, "process.0.purpose", "\"face-recognition-db\"", "never allowed" },
	{ 0, "process.0.purpose", "\"train-generator:video\"", "is not for models that are non-generative" },
	{ 0, "process.0.model_kind", "\"generative\"", "is not for models that are generative" },
	{ 1, "offer.purpose", "\"train-generator:summary\"", "is not for models that are non-generative" },
	{ 0, "process.0.source_class", "[\"outdoor\",\"baby\"]", "'baby' is never allowed" },
	{ 0, "process.0.source_class", "[\"outdoor\",\"outdoor\"]", "twice" },
	{ 0, "process.0.source_class", "[]", "has 0 members" },
	{ 0, "process.0.data", "[\"everything\"]", "no data class" },
	{ 0, "process.0.origin", "\"unset\"", "real, staged or any" },
	{ 0, "process.0.redaction.method", "\"unset\"", "is show, blur, mosaic or fill" },
	{ 1, "offer.redaction.method", "\"unset\"", "is show, blur, mosaic or fill" },
	{ 0, "process.0.recipients", "[]", "has 0 members" },
	{ 0, "process.0.recipients.0.pubkey", "\"age1t9z2apy5fqq3egyvx7zlrhs62ny2jmtvy0mc07wev2mzfmw5z5ws9p8dcq\"", "no public key of age" },
	{ 0, "process.0.storage.retention", "\"forever\"", "no duration" },
	{ 0, "process.0.storage.retention", "\"P0D\"", "no duration" },
	{ 0, "process.0.storage.region", "[\"XX\"]", "no code of ISO 3166" },
	{ 0, "process.0.geo.allow", "[]", "has 0 members" },
	{ 0, "process.0.geo.deny", "[\"US-XX\"]", "no code of ISO 3166" },
	{ 0, "process.0.reward.unit_cents", "2.5", "not a whole number" },
	{ 0, "process.0.reward.unit_cents", "0", "what money has" },
	{ 0, "process.0.reward.kind", "\"badge\"", "what money has" },
	{ 0, "process.0.reward.currency", "\"$\"", "ISO 4217" },
	{ 0, "process.0.legal_basis", "\"legitimate-interest\"", "no legal basis" },
	{ 0, "events.0.state", "\"withdrawn\"", "do not begin with one that gives it" },
	{ 0, "events.0.type", "\"implied\"", "no type of event" },
	{ 0, "events.0.time", "\"2026-11-22T08:00:00\"", "no time with a zone" },
	{ 0, "events.0.until", "\"2020-01-01T00:00:00Z\"", "not after from" },
	{ 0, "applies_before", "\"always\"", "neither a time" },
	{ 0, "jurisdiction", "[\"MOON\"]", "no code of ISO 3166" },
	{ 1, "offer.purpose", "\"improvement\"", "offer.purpose: 'improvement' is no purpose" },
	{ 1, "offer.purpose", "\"face-recognition\"", "never allowed" },
	{ 1, "offer.source_class", "[\"baby\"]", "never allowed" },
	{ 1, "offer.event_class", "[\"dancing\"]", "no event class" },
	{ 1, "notice.text", "\"something else\"", "notice.sha256: the text's is" },
	{ 1, "notice.text", "\"We give it t\\u202eyna\\u202c o body\"", "control characters" },
	{ 1, "terms.text", "\"something else\"", "terms.sha256: the text's is" },
	{ 1, "until", "\"2026-01-01T00:00:00Z\"", "not after from" },
	{ 1, "quota.package-theft", "0", "is not from 1" },
	{ 1, "quota.pet", "5", "not a field" },
	{ 0, "process.0.recipients.0.receipts", "\"RWQ\"", "no public key of minisign" },
	{ 1, "recipients.0.receipts", "\"RWQ\"", "no public key of minisign" },
	{ 1, "recipients.0.status", "\"trusted\"", "no status" },
	{ 1, "recipients.0.region", "\"Europe\"", "no code of ISO 3166" },
	{ 1, "recipients.0.id", "\"another\"", "is a third party" },
	{ 1, "recipients.0.processors", "[\"nobody\"]", "not another of the recipients" },
	{ 1, "recipients.0.processors", "[\"example-vision\"]", "not another of the recipients" },
	{ 1, "recipients.0.processors", "[7]", "not another of the recipients" },
	{ 2, "origin", "\"any\"", "is real or staged" },
	{ 2, "captured.until", "\"2026-11-22T11:00:00Z\"", "before from" },
	{ 2, "people", "[]", "has 0 members" },
	{ 2, "persons", "0", "0 are in the picture, and 1 are visible" },
	{ 2, "shown", "[\"faces\"]", "no excluded class" },
	{ 2, "false_faces", "1", "somebody is in the picture" },
	{ 2, "false_faces", "0", "is not from 1" },
};
#define VALUES	(sizeof(values) / sizeof(values[0]))

START_TEST(a_value_that_cannot_be_is_refused_and_named)
{
	const struct value *v = &values[_i];
	json_t *json = documents[v->document].make();
	char last[64];
	json_t *object = walk(json, v->path, last);

	ck_assert_int_eq(json_object_set_new(object, last, json_loads(v->value, JSON_DECODE_ANY, NULL)), 0);
	ck_assert_msg(documents[v->document].read(json) == -EINVAL, "%s = %s", v->path, v->value);
	ck_assert_msg(strstr(err.text, v->says), "%s: %s", v->path, err.text);
	json_decref(json);
}
END_TEST

/* Marks of direction, of joints, of order; and letters that are beside them. */
START_TEST(names_have_nothing_that_cannot_be_seen)
{
	static const char *const marks[] = {
		"\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2060", "\u2066",
		"\u2069", "\ufeff",
	};
	struct consent consent;
	json_t *json;

	for (unsigned i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		snprintf(base.consent[0].controller.name, TERM_TEXT_MAX, "Exa%smple", marks[i]);
		json = make_consent();
		ck_assert_msg(consent_read(&consent, json, &err) == -EINVAL, "%u", i);
		ck_assert_ptr_nonnull(strstr(err.text, "controller.name"));
		json_decref(json);
	}
	strcpy(base.consent[0].controller.name, "\u0645\u062b\u0627\u0644 \u2013 \u00bb\u4f8b\u00ab");
	json = make_consent();
	ck_assert_int_eq(consent_read(&consent, json, &err), 0);
	json_decref(json);
}
END_TEST

/* Of before names, keys for receipts and the title were in it. */
START_TEST(an_older_record_is_read_and_asked_about_again)
{
	json_t *json = make_consent(), *recipient;
	char last[64];
	struct consent consent;

	json_object_del(json, "title");
	recipient = walk(json, "process.0.recipients.0.name", last);
	json_object_del(recipient, "name");
	json_object_del(recipient, "receipts");
	ck_assert_int_eq(consent_read(&consent, json, &err), 0);
	ck_assert_str_eq(consent_state(&consent, &base.campaign, base.facts.now), "pending-reconsent");
	ck_assert_str_eq(consent_state(&consent, NULL, base.facts.now), "given");
	json_decref(json);
}
END_TEST

START_TEST(a_purpose_is_for_models_of_its_kind)
{
	struct process *p = &base.consent[0].process[0];
	struct consent consent;

	for (p->purpose = 0; p->purpose < PURPOSE_FACE_DATABASE; p->purpose++)
		for (p->model_kind = 0; p->model_kind < 2; p->model_kind++) {
			bool makes = !strncmp(term_name(&purposes, p->purpose), "train-generator:", 16);
			bool finds = strstr(term_name(&purposes, p->purpose), "-detector");
			bool fits = p->model_kind == MODEL_GENERATIVE ? !finds : !makes;
			json_t *json = make_consent();

			ck_assert_msg((consent_read(&consent, json, &err) == 0) == fits, "%u", p->purpose);
			json_decref(json);
		}
}
END_TEST

START_TEST(a_record_is_read_as_it_was_written)
{
	json_t *json = make_consent(), *again;
	struct consent consent;

	ck_assert_int_eq(consent_read(&consent, json, &err), 0);
	ck_assert(!memcmp(&consent, &base.consent[0], sizeof(consent)));
	again = consent_json(&consent);
	ck_assert(json_equal(json, again));
	json_decref(json);
	json_decref(again);
}
END_TEST

/* A record that was withdrawn is not given again. */
START_TEST(events_have_an_order)
{
	struct consent *c = &base.consent[0], consent;
	json_t *json;

	c->event[1] = c->event[0];
	c->event[1].state = STATE_WITHDRAWN;
	c->event[1].time++;
	c->events = 2;
	json = consent_json(c);
	ck_assert_int_eq(consent_read(&consent, json, &err), 0);
	json_decref(json);
	c->event[2] = c->event[0];
	c->event[2].time += 2;
	c->events = 3;
	json = consent_json(c);
	ck_assert_int_eq(consent_read(&consent, json, &err), -EINVAL);
	json_decref(json);
	c->events = 2;
	c->event[1].time = c->event[0].time - 1;
	json = consent_json(c);
	ck_assert_int_eq(consent_read(&consent, json, &err), -EINVAL);
	json_decref(json);
}
END_TEST

START_TEST(a_state_is_what_it_comes_to)
{
	struct consent *c = &base.consent[0];
	int64_t now = base.facts.now;

	ck_assert_str_eq(consent_state(c, &base.campaign, now), "given");
	ck_assert_str_eq(consent_state(c, NULL, c->event[0].until), "expired");
	ck_assert_str_eq(consent_state(c, NULL, c->event[0].from - 1), "not-yet");
	base.campaign.terms.sha256[0] = '-';
	ck_assert_str_eq(consent_state(c, &base.campaign, now), "pending-reconsent");
	c->process[c->processes++] = c->process[0];
	base.campaign.terms = c->terms;
	ck_assert_str_eq(consent_state(c, &base.campaign, now), "given");
	c->process[0].reward.unit_cents++;
	ck_assert_str_eq(consent_state(c, &base.campaign, now), "given");
	c->process[1].reward.unit_cents++;
	ck_assert_str_eq(consent_state(c, &base.campaign, now), "pending-reconsent");
	ck_assert_str_eq(consent_state(c, NULL, now), "given");
	c->event[0].state = STATE_WITHDRAWN;
	ck_assert_str_eq(consent_state(c, &base.campaign, now), "withdrawn");
}
END_TEST

START_TEST(a_document_that_says_something_twice_is_none)
{
	static const char twice[] = "{\"schema\":\"scrim.item/1\",\"schema\":\"scrim.item/1\"}";
	struct item item;

	ck_assert_int_eq(item_read(&item, twice, strlen(twice), "item", &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "item:1: "));
}
END_TEST

/* Words */

START_TEST(times_are_those_of_the_c_library)
{
	char text[WHEN_TEXT_MAX], theirs[32];

	for (unsigned i = 0; i < 20000; i++) {
		int64_t when = ((uint64_t)test_random() << 31 | test_random()) % 253402300800, again;
		time_t seconds = when;
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%SZ", &tm);
		when_write(text, when);
		ck_assert_str_eq(text, theirs);
		ck_assert(when_read(&again, text) && again == when);
	}
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
	static const char *const none[] = {
		"", "2026-11-22", "2026-11-22T08:00:00", "2026-11-22 08:00:00Z", "2026-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-11-22T24:00:00Z", "2026-11-22T08:60:00Z", "2026-11-22T08:00:60Z", "2026-11-22T08:00:00z",
		"2026-11-22T08:00:00+1:00", "2026-11-22T08:00:00+24:00", "2026-11-22T08:00:00Z ",
		"1969-12-31T23:59:59Z", "2026-11-22T08:00:00.5Z",
	};
	int64_t when, other;

	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(!when_read(&when, none[i]), "%s", none[i]);
	ck_assert(when_read(&when, "2024-02-29T01:30:00+01:30") && when_read(&other, "2024-02-29T00:00:00Z"));
	ck_assert_int_eq(when, other);
	ck_assert(when_read(&when, "2024-02-28T19:00:00-05:00") && when == other);
}
END_TEST

START_TEST(durations_are_days)
{
	static const char *const none[] = { "", "P", "P0D", "1Y", "P1", "P1W", "P1Y6M", "P-1D", "P101Y",
					    "P99999999999D", "p1y", "P1Y ", "PT1H" };
	uint32_t days;

	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(!days_read(&days, none[i]), "%s", none[i]);
	ck_assert(days_read(&days, "P30D") && days == 30);
	ck_assert(days_read(&days, "P6M") && days == 180);
	ck_assert(days_read(&days, "P3Y") && days == 1095);
	ck_assert(days_read(&days, "P100Y") && days == 36500);
}
END_TEST

START_TEST(a_place_is_where_it_is)
{
	const struct places eu = { 2, { "EU", "US" } }, il = { 1, { "US-IL" } };

	ck_assert(place_is_known("US-IL") && place_is_known("HK") && place_is_known("EU") &&
		  place_is_known("CH") && place_is_known("GB"));
	ck_assert(!place_is_known("") && !place_is_known("UK") && !place_is_known("us") &&
		  !place_is_known("US-ZZ") && !place_is_known("DE-BY") && !place_is_known("USA") &&
		  !place_is_known(" A") && !place_is_known("D "));
	ck_assert(places_cover(&eu, "FR") && places_cover(&eu, "US-IL") && !places_cover(&eu, "GB"));
	ck_assert(!places_cover(&il, "US") && places_touch(&il, "US") && places_touch(&il, "US-IL") &&
		  !places_touch(&il, "US-CA") && !places_cover(&il, ""));
	ck_assert(places_touch(&(struct places){ 1, { "FR" } }, "EU"));
}
END_TEST

START_TEST(a_key_with_one_letter_changed_is_none)
{
	const char *key = base.campaign.recipient[0].key.pubkey;
	char copy[AGE_KEY_TEXT_MAX];

	ck_assert(age_key_is_valid(key));
	for (unsigned i = 0; i < strlen(key); i++)
		for (char letter = '0'; letter <= 'z'; letter++) {
			memcpy(copy, key, sizeof(copy));
			copy[i] = letter;
			ck_assert(age_key_is_valid(copy) == (letter == key[i]));
		}
	ck_assert(!age_key_is_valid("") && !age_key_is_valid("age1"));
}
END_TEST

START_TEST(ids_are_random_and_of_version_4)
{
	char one[UUID_TEXT_MAX], other[UUID_TEXT_MAX];

	for (unsigned i = 0; i < 100; i++) {
		uuid_make(one);
		uuid_make(other);
		ck_assert(uuid_is_valid(one) && uuid_is_valid(other) && strcmp(one, other));
	}
}
END_TEST

/* Settings */

static int read_settings(struct export_settings *settings, const char *text)
{
	char *copy = strdup(text);
	int ret = settings_read(settings, copy, strlen(copy), "export.conf", &err);

	free(copy);
	return ret;
}

#define A_KEY "RWSdqRrx5AhaF31p/ljxGlFsS7q17Wzf+el4b1CRZpTKvGjiMAO8K2Wv"
START_TEST(export_is_off_unless_it_is_said_clearly)
{
	static const struct export_settings off;
	static const char *const wrong[] = {
		"", "[export]\n", "[export]\nallow\n", "[export]\nallow =\n", "allow = yes\n",
		"[export]\nallow = Yes\n", "[export]\nallow = true\n", "[export]\nalow = yes\n",
		"[export]\nallow = yes\nallow = yes\n", "[exports]\nallow = yes\n",
		"[export]\nallow = yes\nforce = yes\n", "[export]\nallow = yes ; really\n",
		"[export]\nallow = yes\n[export]\n", "[export] x\nallow = yes\n",
		"[export]\nallow = yes\nsuspended = a/b\n", "[export]\nallow = yes\nsource_class = baby\n",
		"[export]\nallow = yes\nsuspended = a\nsuspended = b\n", "[export]\nsuspended = a\n",
		"[export]\nallow = yes\nperson = a\n", "[export]\nallow = yes\nperson = a RWSkey\n",
		"[export]\nallow = yes\nperson = a " A_KEY " b\n", "[export]\nperson = a " A_KEY "\n",
		"[export]\nallow = yes\nperson = a/b " A_KEY "\n",
		"[export]\nallow = yes\nperson = a " A_KEY "\nperson = b " A_KEY "\n",
	};
	struct export_settings settings;

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(&settings, 1, sizeof(settings));
		ck_assert_msg(read_settings(&settings, wrong[i]) == -EINVAL, "%s", wrong[i]);
		ck_assert(!memcmp(&settings, &off, sizeof(off)));
	}
	ck_assert_int_eq(read_settings(&settings, "# who may\n[export]\n\n allow=yes\r\n; none\n"
				       "suspended = acme other-lab\nperson = actor  " A_KEY "\n"), 0);
	ck_assert(settings.allow && settings.suspended == 2 && settings.persons == 1);
	ck_assert_str_eq(settings.person[0].id, "actor");
	ck_assert_str_eq(settings.person[0].key, A_KEY);
	ck_assert_uint_eq(settings_suspended(&settings, &base.campaign), 0);
	snprintf(base.campaign.recipient[0].key.id, TERM_ID_MAX, "other-lab");
	ck_assert_uint_eq(settings_suspended(&settings, &base.campaign), 1);
	ck_assert_int_eq(read_settings(&settings, "[export]\nallow = no\n"), 0);
	ck_assert(!settings.allow);
	ck_assert_int_eq(read_settings(&settings, "[export]\nallow = maybe\n"), -EINVAL);
	ck_assert_str_eq(err.text, "export.conf:2: allow: neither yes nor no but 'maybe'");
}
END_TEST

Suite *consent_suite(void)
{
	Suite *suite = suite_create("consent");
	TCase *tcase = tcase_create("consent");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_document_that_is_right_is_taken, 0, DOCUMENTS);
	tcase_add_loop_test(tcase, a_field_that_is_missing_is_named, 0, DOCUMENTS);
	tcase_add_loop_test(tcase, a_field_that_nobody_knows_is_refused, 0, DOCUMENTS);
	tcase_add_loop_test(tcase, a_value_of_another_kind_is_refused, 0, DOCUMENTS);
	tcase_add_loop_test(tcase, a_value_that_cannot_be_is_refused_and_named, 0, VALUES);
	tcase_add_test(tcase, names_have_nothing_that_cannot_be_seen);
	tcase_add_test(tcase, an_older_record_is_read_and_asked_about_again);
	tcase_add_test(tcase, a_purpose_is_for_models_of_its_kind);
	tcase_add_test(tcase, a_record_is_read_as_it_was_written);
	tcase_add_test(tcase, events_have_an_order);
	tcase_add_test(tcase, a_state_is_what_it_comes_to);
	tcase_add_test(tcase, a_document_that_says_something_twice_is_none);
	tcase_add_test(tcase, times_are_those_of_the_c_library);
	tcase_add_test(tcase, what_is_no_time_is_refused);
	tcase_add_test(tcase, durations_are_days);
	tcase_add_test(tcase, a_place_is_where_it_is);
	tcase_add_test(tcase, a_key_with_one_letter_changed_is_none);
	tcase_add_test(tcase, ids_are_random_and_of_version_4);
	tcase_add_test(tcase, export_is_off_unless_it_is_said_clearly);
	return suite;
}
