/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files and words of strangers: opened, read whole, up to a bound; text is refused when it
 * is none.
 */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include "error.h"

/* Control characters become '?': what goes into a line cannot forge another. */
void text_clean(char *text);

/*
 * Bytes of the UTF-8 character at the start of text, which ends with a NUL; 0: there
 * is none.  Overlong forms, surrogates and what lies beyond U+10FFFF are none.
 */
unsigned text_character(const char *text, uint32_t *code);

/* Opens an input: a regular file, with a descriptor above 2. */
int open_regular(const char *path, struct scrim_error *err);

/*
 * Reads fd from where it stands to its end.  *bytes, which the caller frees, end
 * with a NUL that *size does not count.  -EFBIG: more than max bytes.
 */
int bytes_read(char **bytes, size_t *size, size_t max, int fd, const char *name,
	       struct scrim_error *err);

/*
 * The same for text.  -EBADMSG, with "name:line": a control character, or a byte
 * that is not UTF-8.
 */
int text_read(char **text, size_t *size, size_t max, int fd, const char *name,
	      struct scrim_error *err);

/*
 * The next line, cut off in place at its end and with blanks and the return
 * character trimmed; *at moves behind it.  NULL: there is none.
 */
char *text_line(char **at, const char *end);

#endif
