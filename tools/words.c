// SPDX-License-Identifier: GPL-2.0
#include "words.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char *clean(char *text)
{
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return text;
}

void print_words(FILE *to, const char *fmt, ...)
{
	va_list args;
	char *text;
	int ret;

	va_start(args, fmt);
	ret = vasprintf(&text, fmt, args);
	va_end(args);
	if (ret < 0)
		return;
	fprintf(to, "%s\n", clean(text));
	free(text);
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
