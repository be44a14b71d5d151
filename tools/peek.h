/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Small files in which a kernel or an installation says how it is, below a root
 * folder: "" is this machine.
 */
#ifndef TOOLS_PEEK_H
#define TOOLS_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEEK_PATH_MAX	4096

/* root and path, which begins with a slash, as one; cut where it would be too long. */
const char *peek_path(char to[PEEK_PATH_MAX], const char *root, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * What is in it, cut to size, as a string without the last newline: its length, or a negative
 * errno.  Only regular files are read.
 */
int peek_text(char *text, size_t size, const char *root, const char *path);

/* The number in the line "word NUMBER". */
bool peek_number(const char *text, const char *word, uint64_t *number);

#endif
