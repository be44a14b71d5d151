// SPDX-License-Identifier: GPL-2.0
#include "words.h"

#include <stdlib.h>
#include <string.h>

static char *clean(char *text)
{
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return text;
}

void vprint_words(FILE *to, const char *head, const char *fmt, va_list args)
{
	char *text;

	if (vasprintf(&text, fmt, args) < 0)
		return;
	fprintf(to, "%s%s\n", head, clean(text));
	free(text);
}

void print_words(FILE *to, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprint_words(to, "", fmt, args);
	va_end(args);
}

json_t *json_words(const char *text)
{
	json_t *json = json_string(text);
	char *copy;

	if (json)
		return json;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c > 127)
			*c = '?';
	json = json_string(copy);
	free(copy);
	return json;
}

void print_document(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(json);
}
