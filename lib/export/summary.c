// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/terms.h"
#include "export/paper.h"
#include "export/quote.h"

/* Counts how often something is said: an object of numbers, whose keys keep their order. */
static void count(json_t *counts, const char *text)
{
	char *plain = text ? quote_plain(text) : NULL;
	json_int_t before;

	if (plain && *plain) {
		before = json_integer_value(json_object_get(counts, plain));
		json_object_set_new(counts, plain, json_integer(before + 1));
	}
	free(plain);
}

static void count_all(json_t *counts, const json_t *words)
{
	for (size_t i = 0; i < json_array_size(words); i++)
		count(counts, json_string_value(json_array_get(words, i)));
}

/* Releases the counts. */
static char *counts_text(json_t *counts, bool numbers, const char *between)
{
	char *text = NULL;
	size_t size;
	FILE *out = json_object_size(counts) ? open_memstream(&text, &size) : NULL;
	const char *key, *before = "";
	json_t *value;

	if (out) {
		json_object_foreach(counts, key, value) {
			fprintf(out, "%s%s", before, key);
			if (numbers)
				fprintf(out, ": %" JSON_INTEGER_FORMAT, json_integer_value(value));
			before = between;
		}
		fclose(out);
	}
	json_decref(counts);
	return text;
}

/* "faces=true, plates=true, method=fill, ..."; a list by its length. */
static void put_value(FILE *out, const char *key, const json_t *value)
{
	char *text;

	fprintf(out, "%s=", key);
	if (json_is_string(value))
		fputs(json_string_value(value), out);
	else if (json_is_array(value))
		fprintf(out, "%zu", json_array_size(value));
	else if ((text = json_dumps(value, PAPER_JSON | JSON_ENCODE_ANY | JSON_COMPACT))) {
		fputs(text, out);
		free(text);
	}
}

static char *redaction_of(const json_t *item)
{
	static const char *const keys[] = {
		"faces", "plates", "regions", "method", "detector", "detector_sha256", "threshold",
		"hold_frames", "misses_estimate", "reversible_risk",
	};
	const json_t *redaction = told(item, "redaction"), *value;
	const char *before = "";
	char *text = NULL;
	size_t size;
	FILE *out = json_is_object(redaction) ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if ((value = json_object_get(redaction, keys[i])) && !json_is_null(value)) {
			fputs(before, out);
			put_value(out, keys[i], value);
			before = ", ";
		}
	return fclose(out) ? NULL : text;
}

char *summary_redaction(const json_t *manifest)
{
	json_t *counts = json_object();
	char *text;

	for (size_t i = 0; i < told_items(manifest); i++) {
		text = redaction_of(told_item(manifest, i));
		count(counts, text);
		free(text);
	}
	return counts_text(counts, true, "; ");
}

char *summary_stripped(const json_t *manifest)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < told_items(manifest); i++)
		count_all(counts, told(told_item(manifest, i), "stripped"));
	return counts_text(counts, false, ", ");
}

/* A number is what it is written as. */
static void count_value(json_t *counts, const json_t *value)
{
	char *text = json_is_number(value) ? json_dumps(value, PAPER_JSON | JSON_ENCODE_ANY) : NULL;

	count(counts, text ? text : json_string_value(value));
	free(text);
}

char *summary_words(const json_t *manifest, const char *key)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < told_items(manifest); i++)
		count_value(counts, told(told_item(manifest, i), key));
	return counts_text(counts, true, ", ");
}

static unsigned long clips_of(const json_t *manifest, const char *event, const char *origin)
{
	unsigned long clips = 0;

	for (size_t i = 0; i < told_items(manifest); i++)
		clips += !strcmp(told_text(told_item(manifest, i), "event_class"), event) &&
			 !strcmp(told_text(told_item(manifest, i), "origin"), origin);
	return clips;
}

char *summary_classes(const json_t *manifest)
{
	const char *before = "";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (unsigned i = 0; i < event_classes.count; i++) {
		unsigned long real = clips_of(manifest, term_name(&event_classes, i), "real");
		unsigned long staged = clips_of(manifest, term_name(&event_classes, i), "staged");

		if (!real && !staged)
			continue;
		fprintf(out, "%s%s: %lu real and %lu staged", before,
			term_name(&event_classes, i), real, staged);
		before = ", ";
	}
	return fclose(out) ? NULL : text;
}

bool summary_days(char first[DAY_MAX], char last[DAY_MAX], const json_t *manifest)
{
	char day[DAY_MAX];

	*first = *last = '\0';
	for (size_t i = 0; i < told_items(manifest); i++) {
		if (!told_day(day, told_item(manifest, i), "captured"))
			continue;
		if (!*first || strcmp(day, first) < 0)
			memcpy(first, day, DAY_MAX);
		if (strcmp(day, last) > 0)
			memcpy(last, day, DAY_MAX);
	}
	return *first;
}

int64_t summary_sum(const json_t *manifest, const char *key)
{
	int64_t sum = 0;

	for (size_t i = 0; i < told_items(manifest); i++)
		if (__builtin_add_overflow(sum, told_number(told_item(manifest, i), key), &sum))
			return INT64_MAX;
	return sum;
}

double summary_duration(const json_t *manifest)
{
	char digits[32];		/* as many as PAPER_JSON has */
	double sum = 0;

	for (size_t i = 0; i < told_items(manifest); i++) {
		snprintf(digits, sizeof(digits), "%.6g",
			 json_number_value(told(told_item(manifest, i), "duration")));
		sum += strtod(digits, NULL);
	}
	return sum;
}

size_t summary_consents(const json_t *manifest)
{
	size_t sum = 0;

	for (size_t i = 0; i < told_items(manifest); i++)
		sum += json_array_size(told(told_item(manifest, i), "consent"));
	return sum;
}
