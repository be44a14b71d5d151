// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/croissant.h"

#include <stdlib.h>
#include <string.h>

#include "consent/terms.h"
#include "export/quote.h"
#include "export/summary.h"
#include "export/told.h"

/* The one that the specification recommends, and the vocabularies that we use beside it. */
static json_t *context(void)
{
	static const struct {
		const char *term, *iri;
	} terms[] = {
		{ "@language", "en" }, { "@vocab", "http://schema.org/" },
		{ "sc", "http://schema.org/" }, { "cr", "http://mlcommons.org/croissant/" },
		{ "rai", "http://mlcommons.org/croissant/RAI/" },
		{ "dct", "http://purl.org/dc/terms/" }, { "odrl", "http://www.w3.org/ns/odrl/2/" },
		{ "prov", "http://www.w3.org/ns/prov#" },
		{ "xsd", "http://www.w3.org/2001/XMLSchema#" }, { "annotation", "cr:annotation" },
		{ "arrayShape", "cr:arrayShape" }, { "citeAs", "cr:citeAs" },
		{ "column", "cr:column" },
		{ "conformsTo", "dct:conformsTo" }, { "containedIn", "cr:containedIn" },
		{ "equivalentProperty", "cr:equivalentProperty" }, { "excludes", "cr:excludes" },
		{ "extract", "cr:extract" }, { "field", "cr:field" },
		{ "fileObject", "cr:fileObject" }, { "fileProperty", "cr:fileProperty" },
		{ "fileSet", "cr:fileSet" }, { "format", "cr:format" },
		{ "includes", "cr:includes" },
		{ "isArray", "cr:isArray" }, { "isLiveDataset", "cr:isLiveDataset" },
		{ "jsonPath", "cr:jsonPath" }, { "key", "cr:key" }, { "md5", "cr:md5" },
		{ "parentField", "cr:parentField" }, { "readLines", "cr:readLines" },
		{ "recordSet", "cr:recordSet" }, { "references", "cr:references" },
		{ "regex", "cr:regex" }, { "sdVersion", "cr:sdVersion" },
		{ "separator", "cr:separator" }, { "source", "cr:source" },
		{ "subField", "cr:subField" }, { "transform", "cr:transform" },
		{ "unArchive", "cr:unArchive" }, { "value", "cr:value" },
	};
	json_t *json = json_pack("{s{ss ss} s{ss ss} s{ss ss}}",
		"data", "@id", "cr:data", "@type", "@json",
		"dataType", "@id", "cr:dataType", "@type", "@vocab",
		"examples", "@id", "cr:examples", "@type", "@json");

	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
		json_object_set_new(json, terms[i].term, json_string(terms[i].iri));
	return json;
}

/* Distribution */

static json_t *file_object(const json_t *item, bool shards)
{
	const char *path = told_text(item, "path");
	json_t *file = json_pack("{ss ss ss ss so ss ss}", "@type", "cr:FileObject", "@id", path,
		"name", told_file(item), "contentUrl", shards ? told_file(item) : path,
		"contentSize", json_sprintf("%" JSON_INTEGER_FORMAT " B",
					    (json_int_t)told_number(item, "bytes")),
		"encodingFormat", "video/mp4", "sha256", told_text(item, "sha256"));
	const json_t *from = told(item, "prov.derived_from");

	if (shards)
		json_object_set_new(file, "containedIn", json_pack("{ss}", "@id", "shards"));
	if (json_is_string(from))
		json_object_set_new(file, "prov:wasDerivedFrom", json_pack("{ss so}",
			"@type", "prov:Entity", "prov:label", quote_json(from)));
	return file;
}

static json_t *distribution(const json_t *manifest)
{
	bool shards = told_shards(manifest);
	json_t *list = json_array();

	if (shards)
		json_array_append_new(list, json_pack("{ss ss ss ss}", "@type", "cr:FileSet",
			"@id", "shards", "encodingFormat", "application/x-tar",
			"includes", "shards/*.tar"));
	json_array_append_new(list, json_pack("{ss ss ss ss so*}", "@type", "cr:FileSet",
		"@id", "clips", "encodingFormat", "video/mp4",
		"includes", shards ? "*.mp4" : "items/*.mp4",
		"containedIn", shards ? json_pack("{ss}", "@id", "shards") : NULL));
	for (size_t i = 0; i < told_items(manifest); i++)
		json_array_append_new(list, file_object(told_item(manifest, i), shards));
	return list;
}

/* Records */

/* What is said of each clip, by its key in the manifest. */
static const struct column {
	const char *key, *type, *refers, *description;
} columns[] = {
	{ "path", "sc:Text", NULL, "the clip, as a path in the bundle" },
	{ "sha256", "sc:Text", NULL, "of the clip" },
	{ "event_class", "sc:Text", "event_classes/name", "what happens in it" },
	{ "origin", "sc:Text", "origins/name", "whether that was real or staged" },
	{ "event_id", "sc:Text", NULL, "the same for clips of one event" },
	{ "label_by", "sc:Text", NULL, "who said so" },
	{ "source_class", "sc:Text", NULL, "the kind of place the camera looks at" },
	{ "camera_pseudonym", "sc:Text", NULL, "the same for clips of one camera" },
	{ "captured", "sc:Date", NULL, "the day" },
	{ "region", "sc:Text", NULL, "ISO 3166 code of where the camera is" },
	{ "frames", "sc:Integer", NULL, "how many" },
	{ "duration", "sc:Float", NULL, "in seconds" },
	{ "width", "sc:Integer", NULL, "in pixels" },
	{ "height", "sc:Integer", NULL, "in pixels" },
	{ "codec", "sc:Text", NULL, "of the video" },
};
#define COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static json_t *field(const struct column *column)
{
	json_t *json = json_pack("{ss so ss ss}", "@type", "cr:Field",
		"@id", json_sprintf("records/%s", column->key), "dataType", column->type,
		"description", column->description);

	if (column->refers) {
		json_object_set_new(json, "dataType", json_pack("[ss]", column->type, "cr:Label"));
		json_object_set_new(json, "references", json_pack("{ss}", "@id", column->refers));
	}
	return json;
}

static json_t *record(const json_t *item)
{
	json_t *json = json_object(), *key;

	for (size_t i = 0; i < COLUMNS; i++) {
		const json_t *value = json_object_get(item, columns[i].key);

		if (!value || json_is_null(value) || json_is_object(value) || json_is_array(value))
			continue;
		key = json_sprintf("records/%s", columns[i].key);
		json_object_set_new(json, json_string_value(key), quote_json(value));
		json_decref(key);
	}
	return json;
}

static json_t *records(const json_t *manifest)
{
	json_t *fields = json_array(), *data = json_array();

	for (size_t i = 0; i < COLUMNS; i++)
		json_array_append_new(fields, field(&columns[i]));
	for (size_t i = 0; i < told_items(manifest); i++)
		json_array_append_new(data, record(told_item(manifest, i)));
	return json_pack("{ss ss s{ss} so so}", "@type", "cr:RecordSet", "@id", "records",
			 "key", "@id", "records/path", "field", fields, "data", data);
}

/* The clips themselves, to be joined with what is said of them by their names. */
static json_t *videos(void)
{
	return json_pack("{ss ss s{ss} s[{ss ss ss s{s{ss} s{ss}}} {ss ss ss s{s{ss} s{ss}}}]}",
		"@type", "cr:RecordSet", "@id", "videos", "key", "@id", "videos/name", "field",
		"@type", "cr:Field", "@id", "videos/name", "dataType", "sc:Text",
		"source", "fileSet", "@id", "clips", "extract", "fileProperty", "filename",
		"@type", "cr:Field", "@id", "videos/video", "dataType", "sc:VideoObject",
		"source", "fileSet", "@id", "clips", "extract", "fileProperty", "content");
}

static json_t *enumeration(const char *id, const struct terms *terms, uint32_t set)
{
	json_t *data = json_array(), *name = json_sprintf("%s/name", id), *json;

	for (unsigned i = 0; i < terms->count; i++)
		if (set & term_bit(i))
			json_array_append_new(data, json_pack("{ss}", json_string_value(name),
							      term_name(terms, i)));
	json = json_pack("{ss ss ss s{sO} s[{ss sO ss}] so}", "@type", "cr:RecordSet", "@id", id,
		"dataType", "sc:Enumeration", "key", "@id", name, "field",
		"@type", "cr:Field", "@id", name, "dataType", "sc:Text", "data", data);
	json_decref(name);
	return json;
}

static uint32_t events_of(const json_t *manifest)
{
	uint32_t set = 0;

	for (size_t i = 0; i < told_items(manifest); i++)
		set |= term_bit(term_find(&event_classes,
					  told_text(told_item(manifest, i), "event_class")));
	return set;
}

/* What is said of all */

/* Takes the text. */
static void say(json_t *json, const char *key, const char *form, char *text)
{
	if (text)
		json_object_set_new(json, key, json_sprintf(form, text));
	free(text);
}

static void say_of_people(json_t *json, const json_t *manifest)
{
	char *redaction = summary_redaction(manifest), *stripped = summary_stripped(manifest);
	json_t *protocol;

	if (redaction || stripped) {
		protocol = json_sprintf("Covered, with the number of clips: %s. Taken away: %s.",
					redaction ? redaction : "not said",
					stripped ? stripped : "not said");
		json_object_set_new(json, "rai:dataManipulationProtocol", protocol);
	}
	free(redaction);
	free(stripped);
	say(json, "rai:personalSensitiveInformation",
	    "Geography: regions, with the number of clips: %s.", summary_words(manifest, "region"));
	say(json, "rai:machineAnnotationTools", "%s",
	    summary_words(manifest, "redaction.detector"));
}

static void say_how_long(json_t *json, const json_t *manifest)
{
	char first[DAY_MAX], last[DAY_MAX];

	if (summary_days(first, last, manifest))
		json_object_set_new(json, "rai:dataCollectionTimeframe",
				    json_pack("[ss]", first, last));
	if (told_day(last, manifest, "bundle.retention.delete_by"))
		json_object_set_new(json, "rai:dataReleaseMaintenancePlan",
			json_sprintf("Recipients delete every clip by %s.", last));
}

static void say_of_data(json_t *json, const json_t *manifest)
{
	json_object_set_new(json, "rai:dataCollection", json_sprintf(
		"Clips given to the campaign %s; manifest.json names %zu consents for %zu clips.",
		told_text(manifest, "bundle.campaign"), summary_consents(manifest),
		told_items(manifest)));
	json_object_set_new(json, "rai:dataCollectionType",
			    json_string("User-generated content data"));
	json_object_set_new(json, "rai:dataUseCases",
		json_sprintf("%s, and nothing else", told_text(manifest, "bundle.purpose")));
	say(json, "rai:dataLimitations", "Clips by class: %s.", summary_classes(manifest));
	say(json, "rai:dataAnnotationProtocol", "Class and origin of a clip are as said by: %s.",
	    summary_words(manifest, "label_by"));
	json_object_set_new(json, "rai:annotationsPerItem", json_string("1"));
}

/* Without a title, by what it is for. */
static void say_who(json_t *json, const json_t *bundle)
{
	const char *issuer = told_name(told(bundle, "issuer")), *tool = told_text(bundle, "tool");
	const json_t *title = told(bundle, "title"), *text = told(bundle, "description");
	char *plain = issuer ? quote_plain(issuer) : NULL;

	json_object_set_new(json, "name", quote_json(json_is_string(title) ? title :
						     told(bundle, "campaign")));
	json_object_set_new(json, "description", quote_json(json_is_string(text) ? text :
							    told(bundle, "purpose")));
	if (plain) {
		json_object_set_new(json, "creator", json_pack("{ss ss}",
			"@type", "sc:Organization", "name", plain));
		free(plain);
	}
	if (tool)
		json_object_set_new(json, "prov:wasGeneratedBy", json_pack("{ss so}",
			"@type", "prov:Activity", "prov:label", quote_json(told(bundle, "tool"))));
	if (told(bundle, "usage_info"))
		json_object_set_new(json, "usageInfo", quote_json(told(bundle, "usage_info")));
}

json_t *croissant_json(const json_t *manifest)
{
	const json_t *bundle = told(manifest, "bundle");
	const char *created = told_text(bundle, "created");
	json_t *json = json_pack("{so ss s[ss] so ss ss sb s{ss so} ss so s[oooo]}",
		"@context", context(), "@type", "sc:Dataset", "conformsTo",
		"http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0",
		"url", json_sprintf("urn:scrim:bundle:%s", told_text(bundle, "id")),
		"datePublished", created, "dateCreated", created, "isLiveDataset", false,
		"license", "@type", "CreativeWork", "name",
		json_sprintf("the consents of the people in it, for %s, in the campaign %s",
			     told_text(bundle, "purpose"), told_text(bundle, "campaign")),
		"version", "1.0.0", "distribution", distribution(manifest), "recordSet",
		enumeration("event_classes", &event_classes, events_of(manifest)),
		enumeration("origins", &origins, term_bit(ORIGIN_REAL) | term_bit(ORIGIN_STAGED)),
		records(manifest), videos());

	say_who(json, bundle);
	say_of_data(json, manifest);
	say_of_people(json, manifest);
	say_how_long(json, manifest);
	return json;
}
