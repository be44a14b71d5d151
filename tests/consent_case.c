// SPDX-License-Identifier: GPL-2.0
#include "consent_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/minisign.h"
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
