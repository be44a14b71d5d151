/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of files are anything but words: on a terminal and in JSON they must not be
 * able to pass for something else.
 */
#ifndef TOOLS_WORDS_H
#define TOOLS_WORDS_H

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

/* A line, as fprintf() would print it, but control characters come out as '?'. */
void print_words(FILE *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same after head. */
void vprint_words(FILE *to, const char *head, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

/* A JSON string; of a name that is not UTF-8, every byte above 127 becomes '?'. */
json_t *json_words(const char *text);

/* To standard output, for people as well; json is taken. */
void print_document(json_t *json);

#endif
