// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/quote.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Controls, and what Unicode has to format text or to stand for nothing, ascending. */
static bool is_hidden(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
		{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

char *quote_plain(const char *text)
{
	char *plain = malloc(strlen(text) + 1), *to = plain;
	unsigned bytes;
	uint32_t code;

	if (!plain)
		return NULL;
	for (; *text; text += bytes ? bytes : 1) {
		bytes = text_character(text, &code);
		if (!bytes || is_hidden(code)) {
			*to++ = ' ';
			continue;
		}
		memcpy(to, text, bytes);
		to += bytes;
	}
	*to = '\0';
	return plain;
}

void quote_markdown(FILE *out, const char *text)
{
	char *plain = quote_plain(text);

	fputc('`', out);
	for (const char *c = plain ? plain : "?"; *c; c++)
		fputc(*c == '`' ? '\'' : *c, out);
	fputc('`', out);
	free(plain);
}

static json_t *plain_text(const char *text)
{
	char *plain = quote_plain(text);
	json_t *json = plain ? json_string(plain) : NULL;

	free(plain);
	return json;
}

static json_t *plain_object(const json_t *json)
{
	json_t *copy = json_object(), *value;
	const char *key;
	char *plain;

	json_object_foreach((json_t *)json, key, value) {
		plain = quote_plain(key);
		if (plain)
			json_object_set_new(copy, plain, quote_json(value));
		free(plain);
	}
	return copy;
}

/* As deep as jansson reads: 2048 levels. */
json_t *quote_json(const json_t *json)
{
	json_t *copy;

	if (json_is_string(json))
		return plain_text(json_string_value(json));
	if (json_is_object(json))
		return plain_object(json);
	if (!json_is_array(json))
		return json_deep_copy(json);
	copy = json_array();
	for (size_t i = 0; i < json_array_size(json); i++)
		json_array_append_new(copy, quote_json(json_array_get(json, i)));
	return copy;
}
