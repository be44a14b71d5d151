// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/terms.h"
#include "export/quote.h"
#include "export/told.h"

/* The uses that CAWG has words for. */
static const char *const entries[] = {
	"cawg.ai_generative_training", "cawg.ai_inference", "cawg.ai_training", "cawg.data_mining",
};
#define ENTRIES	(sizeof(entries) / sizeof(entries[0]))

/* AIPREF's, and what CAWG calls the same; train-ai is of generative models alone. */
static const struct {
	const char *label, *entry;
} preferences[] = {
	{ "ai-use", "cawg.ai_inference" },
	{ "search", "cawg.data_mining" },
	{ "train-ai", "cawg.ai_generative_training" },
};
#define PREFERENCES	(sizeof(preferences) / sizeof(preferences[0]))

static const char *entry_of_purpose(unsigned purpose)
{
	if (purpose == PURPOSE_TRAIN_VIDEO || purpose == PURPOSE_TRAIN_SUMMARY)
		return "cawg.ai_generative_training";
	if (purpose <= PURPOSE_TRAIN_ANIMAL)
		return "cawg.ai_training";
	if (purpose == PURPOSE_EVALUATE)
		return "cawg.ai_inference";
	return purpose == PURPOSE_RESEARCH_SAFETY ? "cawg.data_mining" : "";
}

json_t *usage_entries(unsigned purpose)
{
	const char *own = entry_of_purpose(purpose);
	json_t *json = json_object();

	for (size_t i = 0; i < ENTRIES; i++)
		json_object_set_new(json, entries[i], json_pack("{ss}", "use", "notAllowed"));
	if (*own)
		json_object_set_new(json, own, json_pack("{ss so}", "use", "constrained",
			"constraint_info", json_sprintf("by who got it in this bundle, for %s",
							term_name(&purposes, purpose))));
	return json;
}

static json_t *constraint(const char *operand, const char *operator, json_t *value)
{
	return json_pack("{ss s{ss} s{ss} so}", "@type", "odrl:Constraint",
			 "odrl:leftOperand", "@id", operand, "odrl:operator", "@id", operator,
			 "odrl:rightOperand", value);
}

static json_t *recipients(const json_t *bundle)
{
	const json_t *list = told(bundle, "recipients");
	json_t *names = json_array();

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = told_name(json_array_get(list, i));

		if (name)
			json_array_append_new(names, json_string(name));
	}
	return names;
}

/* Where a permission and a prohibition meet, the prohibition holds. */
json_t *usage_offer(const json_t *bundle)
{
	const char *purpose = told_text(bundle, "purpose");
	json_t *limits = json_array();
	char day[DAY_MAX];

	if (purpose)
		json_array_append_new(limits, constraint("odrl:purpose", "odrl:eq",
							 json_string(purpose)));
	json_array_append_new(limits, constraint("odrl:recipient", "odrl:isAnyOf",
						 recipients(bundle)));
	if (told_day(day, bundle, "retention.delete_by"))
		json_array_append_new(limits, constraint("odrl:dateTime", "odrl:lteq",
			json_pack("{ss ss}", "@type", "xsd:date", "@value", day)));
	return json_pack("{s[ss] ss s{ss} s{ss s{ss} so s{ss s{ss}}} s{ss s{ss}}}",
		"@type", "CreativeWork", "odrl:Offer", "name", "use for one purpose",
		"odrl:conflict", "@id", "odrl:prohibit",
		"odrl:permission", "@type", "odrl:Permission", "odrl:action", "@id", "odrl:use",
		"odrl:constraint", limits,
		"odrl:duty", "@type", "odrl:Duty", "odrl:action", "@id", "odrl:delete",
		"odrl:prohibition", "@type", "odrl:Prohibition",
		"odrl:action", "@id", "odrl:distribute");
}

static const json_t *entry_of(const json_t *item, const char *name)
{
	return json_object_get(told(item, "training_mining"), name);
}

static bool entry_is(const json_t *item, const char *name, const char *use)
{
	const char *said = told_text(entry_of(item, name), "use");

	return said && !strcmp(said, use);
}

/* As CAWG has it, a constraint that nobody states allows nothing. */
static json_t *entry_json(const json_t *item, const char *name)
{
	const char *info = told_text(entry_of(item, name), "constraint_info");

	if (entry_is(item, name, "allowed"))
		return json_pack("{ss}", "use", "allowed");
	if (entry_is(item, name, "constrained") && info && *info)
		return json_pack("{ss so}", "use", "constrained", "constraint_info",
				 quote_json(told(entry_of(item, name), "constraint_info")));
	return json_pack("{ss}", "use", "notAllowed");
}

json_t *usage_assertion(const json_t *item)
{
	json_t *said = json_object();

	for (size_t i = 0; i < ENTRIES; i++)
		json_object_set_new(said, entries[i], entry_json(item, entries[i]));
	return json_pack("{ss s{so} s{ss ss ss}}", "label", "cawg.training-mining",
			 "data", "entries", said, "asset", "alg", "sha256",
			 "hash", told_text(item, "sha256"), "path", told_text(item, "path"));
}

/*
 * Whether a dictionary of RFC 9651 says y, and nowhere anything else: "train-ai=y;x=1, search=n".
 * One with more than words and numbers in it, which AIPREF does not have, is not understood.
 */
static bool prefers(const char *dictionary, const char *label)
{
	size_t length = strlen(label);
	bool found = false;

	if (dictionary[strspn(dictionary, "abcdefghijklmnopqrstuvwxyz0123456789-_.*=;?, ")])
		return false;
	while (*dictionary) {
		dictionary += strspn(dictionary, ", ");
		if (!strncmp(dictionary, label, length) && strchr("=;, ", dictionary[length])) {
			if (strncmp(dictionary + length, "=y", 2) ||
			    !strchr(";,", dictionary[length + 2]))
				return false;
			found = true;
		}
		dictionary += strcspn(dictionary, ",");
	}
	return found;
}

static bool everybody_may(const json_t *manifest, size_t preference)
{
	const char *said = told_text(manifest, "bundle.content_usage");
	bool may = said && prefers(said, preferences[preference].label);

	for (size_t i = 0; may && i < told_items(manifest); i++)
		may = entry_is(told_item(manifest, i), preferences[preference].entry, "allowed");
	return may;
}

char *usage_preferences(const json_t *manifest)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < PREFERENCES; i++)
		fprintf(out, "%s%s=%c", i ? ", " : "", preferences[i].label,
			everybody_may(manifest, i) ? 'y' : 'n');
	return fclose(out) ? NULL : text;
}

char *usage_lines(const json_t *manifest)
{
	char *said = usage_preferences(manifest), *text = NULL;

	if (said && asprintf(&text,
		"# What anybody may do with the clips of this folder, as a header of HTTP says\n"
		"# it (AIPREF).  What is not said is not allowed; what recipients may do is in\n"
		"# manifest.json.\n"
		"Content-Usage: %s\n", said) < 0)
		text = NULL;
	free(said);
	return text;
}

/* Of an address that is one, and nothing else. */
static bool is_address(const char *text)
{
	if (!text || strncmp(text, "https://", 8) || !text[8])
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text >= 0x7f || strchr("\"<>\\^`{|}", *text))
			return false;
	return true;
}

/* Reserved, unless the manifest has a 0: a false or a "0" is not it. */
json_t *usage_tdmrep(const json_t *manifest)
{
	const json_t *reservation = told(manifest, "bundle.tdm.reservation");
	bool reserved = !json_is_integer(reservation) || json_integer_value(reservation);
	json_t *rule = json_pack("{ss si}", "location", "/", "tdm-reservation", reserved);
	const char *policy = told_text(manifest, "bundle.tdm.policy");

	if (is_address(policy))
		json_object_set_new(rule, "tdm-policy", json_string(policy));
	return json_pack("[o]", rule);
}
