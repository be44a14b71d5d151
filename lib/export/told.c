// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/told.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "consent/entry.h"
#include "consent/fields.h"

#define KEY_MAX	64

const json_t *told(const json_t *json, const char *path)
{
	char key[KEY_MAX];

	while (json && path) {
		const char *dot = strchr(path, '.');

		if (snprintf(key, sizeof(key), "%.*s", (int)(dot ? dot - path : (long)strlen(path)),
			     path) >= (int)sizeof(key))
			return NULL;
		json = json_object_get(json, key);
		path = dot ? dot + 1 : NULL;
	}
	return json;
}

const char *told_text(const json_t *json, const char *path)
{
	return json_string_value(told(json, path));
}

const char *told_name(const json_t *json)
{
	if (json_is_string(json))
		return json_string_value(json);
	return told_text(json, "name") ? told_text(json, "name") : told_text(json, "id");
}

int64_t told_number(const json_t *json, const char *path)
{
	return json_integer_value(told(json, path));
}

static bool is_day(const char *text)
{
	static const char form[] = "0000-00-00";

	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return true;
}

bool told_day(char day[DAY_MAX], const json_t *json, const char *path)
{
	const char *text = told_text(json, path);

	if (!text || !is_day(text) || (text[DAY_MAX - 1] && text[DAY_MAX - 1] != 'T'))
		return false;
	memcpy(day, text, DAY_MAX - 1);
	day[DAY_MAX - 1] = '\0';
	return true;
}

static bool is_in(const struct terms *terms, const char *word)
{
	return word && term_find(terms, word) >= 0;
}

static bool is_source(const char *word)
{
	return is_in(&source_classes, word) && !source_is_banned(term_find(&source_classes, word));
}

/* Letters, digits, "_" and "-": a "." would end the name for who reads a webdataset. */
static bool is_name(const char *name)
{
	return name && log_word_ok(name, ITEM_NAME_MAX) && !strchr(name, '.');
}

static bool begins_with(const char *name, const char *event, const char *origin)
{
	char begin[ITEM_NAME_MAX];
	int length = snprintf(begin, sizeof(begin), "%s-%s-", event, origin);

	return !strncmp(name, begin, length);
}

static bool is_sha256(const char *text)
{
	return text && strlen(text) == SHA256_TEXT_MAX - 1 &&
	       strspn(text, "0123456789abcdef") == SHA256_TEXT_MAX - 1;
}

/* Nothing more exact than a day leaves, and a key that is not there says nothing. */
static bool is_day_or_none(const json_t *json, const char *path)
{
	const char *text = told_text(json, path);

	return !told(json, path) || (text && is_day(text) && strlen(text) == DAY_MAX - 1);
}

/* NULL: nothing is. */
static const char *wrong_with_item(const json_t *item, enum layout layout)
{
	const char *name = told_text(item, "name"), *path = told_text(item, "path");
	const char *event = told_text(item, "event_class"), *origin = told_text(item, "origin");
	char wanted[LAYOUT_PATH_MAX];

	if (!is_name(name))
		return "the name";
	if (!is_in(&event_classes, event))
		return "the class";
	if (!origin || (strcmp(origin, "real") && strcmp(origin, "staged")))
		return "the origin";
	if (!begins_with(name, event, origin))
		return "the name, which has to begin with class and origin";
	layout_path(wanted, layout, name, "mp4");
	if (!path || strcmp(path, wanted))
		return "the path";
	if (!is_sha256(told_text(item, "sha256")))
		return "sha256";
	if (!json_is_integer(told(item, "bytes")) || told_number(item, "bytes") < 0)
		return "bytes";
	if (told(item, "source_class") && !is_source(told_text(item, "source_class")))
		return "the class of the source";
	return is_day_or_none(item, "captured") ? NULL : "the day it was captured";
}

static int check_items(const json_t *items, struct scrim_error *err)
{
	json_t *names = json_object();
	const char *path = told_text(json_array_get(items, 0), "path"), *wrong = NULL;
	enum layout layout = path && !strncmp(path, "shards/", 7) ? LAYOUT_WEBDATASET : LAYOUT_COCO;
	size_t i;

	for (i = 0; !wrong && i < json_array_size(items); i++) {
		const char *name = told_text(json_array_get(items, i), "name");

		wrong = wrong_with_item(json_array_get(items, i), layout);
		if (!wrong && json_object_get(names, name))
			wrong = "the name, which another one has";
		else if (!wrong && json_object_set_new(names, name, json_true()) < 0)
			wrong = "memory, of which there is no more";
	}
	json_decref(names);
	return wrong ? fail(err, -EINVAL, "manifest: items[%zu]: wrong is %s", i - 1, wrong) : 0;
}

static const char *wrong_with_bundle(const json_t *bundle)
{
	const char *id = told_text(bundle, "id"), *campaign = told_text(bundle, "campaign");
	const char *purpose = told_text(bundle, "purpose");

	if (!id || !log_word_ok(id, KEY_MAX))
		return "id";
	if (!campaign || !log_word_ok(campaign, KEY_MAX))
		return "campaign";
	if (!is_in(&purposes, purpose) || purpose_is_banned(term_find(&purposes, purpose)))
		return "purpose";
	return told(bundle, "created") && is_day_or_none(bundle, "created") ? NULL : "created";
}

int told_check(const json_t *manifest, struct scrim_error *err)
{
	const char *wrong = wrong_with_bundle(told(manifest, "bundle"));

	if (wrong)
		return fail(err, -EINVAL, "manifest: bundle: wrong is %s", wrong);
	if (!told_items(manifest))
		return fail(err, -EINVAL, "manifest: there are no items");
	return check_items(told(manifest, "items"), err);
}

size_t told_items(const json_t *manifest)
{
	return json_array_size(told(manifest, "items"));
}

const json_t *told_item(const json_t *manifest, size_t i)
{
	return json_array_get(told(manifest, "items"), i);
}

const char *told_file(const json_t *item)
{
	return strchr(told_text(item, "path"), '/') + 1;
}

bool told_shards(const json_t *manifest)
{
	return !strncmp(told_text(told_item(manifest, 0), "path"), "shards/", 7);
}
