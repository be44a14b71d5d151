/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of files are anything but words: on a terminal and in JSON they must not be
 * able to pass for something else.
 */
#ifndef TOOLS_WORDS_H
#define TOOLS_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Like vfprintf(), but control characters come out as '?'. */
void print_words(FILE *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string; of a name that is not UTF-8, every byte above 127 becomes '?'. */
json_t *json_words(const char *text);

#endif
