// SPDX-License-Identifier: GPL-2.0
#include "consent_case.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/head.h"
#include "consent/key.h"
#include "consent/minisign.h"
#include "consent/store.h"
#include "consent/when.h"

static void give_up(const char *what)
{
	fprintf(stderr, "tests/consent: %s\n", what);
	exit(2);
}

char *case_text(const char *folder, const char *name, size_t *size)
{
	char path[4096], *text = malloc(CAMPAIGN_FILE_MAX);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	if (!file || !text)
		give_up(path);
	*size = fread(text, 1, CAMPAIGN_FILE_MAX - 1, file);
	text[*size] = '\0';
	fclose(file);
	return text;
}

int64_t case_time(const char *text)
{
	int64_t when;

	if (!when_read(&when, text))
		give_up(text);
	return when;
}

void case_grant(struct consent *consent, const struct campaign *campaign, const char *subject,
		unsigned role, int64_t time)
{
	memset(consent, 0, sizeof(*consent));
	uuid_make(consent->record_id);
	snprintf(consent->subject.id, sizeof(consent->subject.id), "%s", subject);
	consent->subject.role = role;
	consent->subject.age_class = AGE_ADULT;
	memcpy(consent->campaign, campaign->id, sizeof(consent->campaign));
	memcpy(consent->title, campaign->title, sizeof(consent->title));
	consent->notice = campaign->notice;
	consent->terms = campaign->terms;
	consent->controller = campaign->issuer;
	consent->processes = 1;
	consent->process[0] = campaign->offer;
	for (unsigned i = 0; i < campaign->recipients; i++)
		consent->process[0].recipient[consent->process[0].recipients++] = campaign->recipient[i].key;
	consent->events = 1;
	consent->event[0] = (struct consent_event){ .time = time, .from = time,
						    .until = campaign->until };
	snprintf(consent->withdrawal_command, sizeof(consent->withdrawal_command),
		 "scrim consent withdraw %s", consent->record_id);
	consent->rights = campaign->rights;
	consent->jurisdiction = campaign->jurisdiction;
}

void case_make(struct consent_case *c, const char *folder)
{
	struct scrim_error err;
	size_t size;
	char *text;

	if (minisign_init(&err) < 0)
		give_up(err.text);
	text = case_text(folder, "campaign.json", &size);
	if (campaign_read(&c->campaign, text, size, "campaign.json", &err) < 0)
		give_up(err.text);
	free(text);
	text = case_text(folder, "item.json", &size);
	if (item_read(&c->item, text, size, "item.json", &err) < 0)
		give_up(err.text);
	free(text);
	memset(c->consent, 0, sizeof(c->consent));
	case_grant(&c->consent[CASE_DONOR], &c->campaign, c->item.person[CASE_DONOR].id, ROLE_DONOR,
		   case_time("2026-02-01T00:00:00Z"));
	case_grant(&c->consent[CASE_ACTOR], &c->campaign, c->item.person[CASE_ACTOR].id,
		   ROLE_PARTICIPANT, case_time("2026-02-01T00:00:00Z"));
	memcpy(c->consent[CASE_ACTOR].key, CASE_ACTOR_KEY, sizeof(CASE_ACTOR_KEY));
	for (unsigned i = 0; i < CASE_CONSENTS; i++)
		c->all[i] = &c->consent[i];
	c->facts = (struct facts){
		.item = &c->item, .campaign = &c->campaign, .consent = c->all, .consents = 2,
		.recipient = "example-vision", .purpose = c->campaign.offer.purpose,
		.now = case_time("2026-11-23T00:00:00Z"), .ledger_whole = true, .export_on = true,
		.taken_known = true, .notice = NOTICE_SHOWN,
	};
}

enum decision case_decide(struct consent_case *c)
{
	return decide(&c->facts, &c->verdict);
}

static void put(const char *store, const char *log, const char *ending, const char *text)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s%s", store, log, ending);
	file = fopen(path, "we");
	if (!file || fputs(text, file) == EOF || fclose(file) == EOF)
		give_up(path);
}

/* A line as ledger_append() writes it; line is where it goes. */
static void sign_line(char *line, size_t room, const json_t *json, const struct secret_key *key)
{
	char *text = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT), base64[128];
	uint8_t signature[SIGNATURE_SIZE];

	crypto_sign_detached(signature, NULL, (uint8_t *)text, strlen(text), key->secret);
	sodium_bin2base64(base64, sizeof(base64), signature, sizeof(signature),
			  sodium_base64_VARIANT_ORIGINAL);
	snprintf(line, room, "%.*s,\"sig\":\"%s\"}\n", (int)strlen(text) - 1, text, base64);
	free(text);
}

void case_date_last(const char *store, const char *log, const char *at)
{
	char name[64], head[HEAD_TEXT_MAX], signature[MINISIGN_TEXT_MAX], *text, *line;
	struct chain chain = { 0 };
	struct secret_key key;
	json_t *json;
	size_t size;

	snprintf(name, sizeof(name), "%s.log", log);
	text = case_text(store, name, &size);
	line = (char *)memrchr(text, '\n', size - 1);
	line = line ? line + 1 : text;
	json = json_loadb(line, size - (line - text) - 1, 0, NULL);
	if (!json || key_open(&key, store, STORE_LOG, NULL) < 0)
		give_up(name);
	chain.seq = json_integer_value(json_object_get(json, "seq"));
	json_object_set_new(json, "at", json_string(at));
	json_object_del(json, "sig");
	sign_line(line, CAMPAIGN_FILE_MAX - (line - text), json, &key);
	json_decref(json);
	entry_hash(chain.hash, line, strlen(line) - 1);
	head_write(head, log, &chain);
	minisign_write(signature, &key, head, strlen(head), "head");
	put(store, log, ".log", text);
	put(store, log, ".head", head);
	put(store, log, ".head.minisig", signature);
	free(text);
}
