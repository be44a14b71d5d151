/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words of others in papers of ours: they can be read, and do nothing else.  What cannot be seen,
 * or turns the direction of writing around, becomes a blank.
 */
#ifndef EXPORT_QUOTE_H
#define EXPORT_QUOTE_H

#include <jansson.h>
#include <stdio.h>

/* One line without control characters, to be freed; NULL: out of memory.  text is UTF-8. */
char *quote_plain(const char *text);

/* Between backquotes, where Markdown has no headings, links or tags. */
void quote_markdown(FILE *out, const char *text);

/* A copy whose texts, and keys, are all plain; to be released. */
json_t *quote_json(const json_t *json);

#endif
