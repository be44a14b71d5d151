// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/receipt.h"

#include <string.h>

#include "consent/when.h"

/* Kantara */

/* Whom else it goes to; NULL: to nobody. */
static json_t *third_parties(const struct consent *c, const struct process *p)
{
	json_t *names = json_array();

	for (unsigned i = 0; i < p->recipients; i++)
		if (strcmp(p->recipient[i].id, c->controller.id))
			json_array_append_new(names, json_string(p->recipient[i].id));
	return names;
}

static json_t *kantara_purpose(const struct consent *c, const struct process *p)
{
	return json_pack("{ss s[s] ss so sb ss sb so}", "purpose", p->purpose_text,
			 "purposeCategory", term_name(&purposes, p->purpose),
			 "consentType", "EXPLICIT", "piiCategory", terms_json(&data_classes, p->data),
			 "primaryPurpose", false, "termination", p->storage.retention,
			 "thirdPartyDisclosure", p->third_party,
			 "thirdPartyName", third_parties(c, p));
}

static json_t *kantara_services(const struct consent *c)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < c->processes; i++)
		json_array_append_new(list, kantara_purpose(c, &c->process[i]));
	return json_pack("[{ss so}]", "service", c->campaign, "purposes", list);
}

static const char *before_of(const struct consent *c, char text[WHEN_TEXT_MAX])
{
	if (!c->has_applies_before)
		return "none";
	when_write(text, c->applies_before);
	return text;
}

json_t *receipt_kantara(const struct consent *c, int64_t now)
{
	char until[WHEN_TEXT_MAX], before[WHEN_TEXT_MAX];
	bool adult = c->subject.age_class == AGE_ADULT;
	json_t *receipt = json_pack("{ss ss sI ss ss ss ss s[{ss ss ss}] ss+ so sb so}",
		"version", "KI-CR-v1.1.0", "jurisdiction", c->jurisdiction.at[0],
		"consentTimestamp", (json_int_t)c->event[0].time,
		"collectionMethod", term_name(&methods_of_asking, c->event[0].method),
		"consentReceiptID", c->record_id, "language", c->notice.language,
		"piiPrincipalId", c->subject.id, "piiControllers", "piiController", c->controller.name,
		"contact", c->controller.contact, "id", c->controller.id,
		"policyUrl", "urn:sha256:", c->notice.sha256, "services", kantara_services(c),
		"sensitive", !adult, "spiCat",
		adult ? json_array() : json_pack("[s]", term_name(&age_classes, c->subject.age_class)));

	json_object_set_new(receipt, "publicKey", json_string(c->controller.pubkey));
	json_object_set_new(receipt, "state", json_string(consent_state(c, NULL, now)));
	when_write(until, consent_last(c)->until);
	json_object_set_new(receipt, "until", json_string(until));
	json_object_set_new(receipt, "applies_before", json_string(before_of(c, before)));
	return receipt;
}

/* DPV */

static json_t *dpv_context(void)
{
	return json_pack("{ss ss ss ss ss}", "dpv", "https://w3id.org/dpv#", "scrim", "urn:scrim:consent:",
			 "eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#",
			 "dct", "http://purl.org/dc/terms/", "xsd", "http://www.w3.org/2001/XMLSchema#");
}

static json_t *dpv_time(int64_t when)
{
	char text[WHEN_TEXT_MAX];

	when_write(text, when);
	return json_pack("{ss ss}", "@type", "xsd:dateTime", "@value", text);
}

static json_t *dpv_recipient(const struct recipient *r)
{
	json_t *json = json_pack("{ss ss}", "dct:identifier", r->id, "dct:provenance", r->pubkey);

	if (*r->name)
		json_object_set_new(json, "dpv:hasName", json_string(r->name));
	return json;
}

static json_t *dpv_recipients(const struct process *p)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < p->recipients; i++)
		json_array_append_new(list, dpv_recipient(&p->recipient[i]));
	return list;
}

static json_t *dpv_process(const struct process *p)
{
	return json_pack("{ss ss sb sb s{ss ss} ss so so s{ss sb sb} so s{s{ss} s{ss} so ss} s{so so}}",
		"@type", "dpv:Process", "scrim:modelKind", term_name(&model_kinds, p->model_kind),
		"scrim:writtenRelease", p->written_release, "scrim:thirdParty", p->third_party,
		"dpv:hasPurpose", "dct:identifier", term_name(&purposes, p->purpose),
		"dct:description", p->purpose_text,
		"dpv:hasLegalBasis", term_name(&legal_bases, p->legal_basis),
		"dpv:hasDataSource", terms_json(&source_classes, p->sources),
		"dpv:hasPersonalData", terms_json(&data_classes, p->data),
		"dpv:hasTechnicalOrganisationalMeasure",
		"dct:identifier", term_name(&strengths, p->redaction.method),
		"faces", p->redaction.faces, "plates", p->redaction.plates,
		"dpv:hasRecipient", dpv_recipients(p),
		"dpv:hasStorageCondition", "dpv:hasLocation", "dct:description", p->storage.location,
		"dpv:hasDuration", "@value", p->storage.retention,
		"dpv:hasCountry", places_json(&p->storage.region),
		"scrim:deletion", term_name(&deletions, p->storage.deletion),
		"dpv:hasRule", "dpv:hasPermission", places_json(&p->geo.allow),
		"dpv:hasProhibition", places_json(&p->geo.deny));
}

static json_t *dpv_processes(const struct consent *c)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < c->processes; i++)
		json_array_append_new(list, dpv_process(&c->process[i]));
	return list;
}

static json_t *dpv_events(const struct consent *c)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < c->events; i++) {
		const struct consent_event *e = &c->event[i];

		json_array_append_new(list, json_pack("{ss ss so s{ss so so} ss ss}",
			"dpv:hasConsentStatus",
			e->state == STATE_GIVEN ? "dpv:ConsentGiven" : "dpv:ConsentWithdrawn",
			"@type", "dpv:ExplicitlyExpressedConsent", "dct:date", dpv_time(e->time),
			"dpv:hasDuration", "@type", "dpv:UntilTimeDuration", "from", dpv_time(e->from),
			"until", dpv_time(e->until), "dpv:isIndicatedBy", term_name(&authors, e->by),
			"dpv:hasIndicationMethod", term_name(&methods_of_asking, e->method)));
	}
	return list;
}

json_t *receipt_dpv(const struct consent *c)
{
	json_t *receipt = json_pack("{so ss ss ss s{ss ss} s{ss ss ss ss} s{ss ss} s{ss ss ss ss}}",
		"@context", dpv_context(), "@type", "dpv:ConsentRecord",
		"dct:identifier", c->record_id, "dct:conformsTo", CONSENT_CONFORMS_TO,
		"dpv:hasDataSubject", "dct:identifier", c->subject.id,
		"role", term_name(&roles, c->subject.role),
		"dpv:hasNotice", "dct:identifier", c->notice.id, "dct:hasVersion", c->notice.version,
		"dct:language", c->notice.language, "sha256", c->notice.sha256,
		"scrim:terms", "dct:hasVersion", c->terms.version, "sha256", c->terms.sha256,
		"dpv:hasDataController", "dct:identifier", c->controller.id,
		"dpv:hasName", c->controller.name, "dpv:hasContact", c->controller.contact,
		"pubkey", c->controller.pubkey);
	char before[WHEN_TEXT_MAX];

	json_object_set_new(receipt, "dpv:hasProcess", dpv_processes(c));
	json_object_set_new(receipt, "dpv:hasConsentEvent", dpv_events(c));
	json_object_set_new(receipt, "applies_before", json_string(before_of(c, before)));
	json_object_set_new(receipt, "dpv:hasConsentControl", json_pack("{ss}", "dpv:WithdrawConsent",
			    c->withdrawal_command));
	json_object_set_new(receipt, "dpv:hasRight", rights_json(&c->rights));
	json_object_set_new(receipt, "dpv:hasJurisdiction", places_json(&c->jurisdiction));
	json_object_set_new(receipt, "dct:replaces", json_string(c->prev));
	json_object_set_new(receipt, "dct:provenance", json_pack("{ss ss}", "hash", c->hash, "sig", c->sig));
	return receipt;
}
