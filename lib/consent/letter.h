/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A consent in a letter that its subject signed, scrim.signed-consent/1: whoever has clips of that
 * person keeps it, and can neither write one nor change one.
 *
 *	{"key":"RWQ...","record":{...},"schema":"scrim.signed-consent/1","signature":"untrusted ..."}
 *
 * What is signed is the record as it is written in one way: sorted keys, no blanks.  minisign
 * verifies it with the key.
 */
#ifndef CONSENT_LETTER_H
#define CONSENT_LETTER_H

#include "consent/record.h"

#define LETTER_SCHEMA	"scrim.signed-consent"
#define LETTER_FILE_MAX	(64u << 10)

/* To be released; NULL: there is no memory.  What happened to the consent is signed with it. */
json_t *letter_json(const struct consent *consent, const struct secret_key *key);

/*
 * consent->key is whose signature it has.  -EPERM: it has none that fits.  On an error *consent is
 * all zero.  name is for messages.
 */
int letter_read(struct consent *consent, const char *text, size_t size, const char *name,
	       struct scrim_error *err);

/* A file, read in a cage: *text, to be freed, is what letter_read() took there. */
int letter_load(char **text, const char *path, struct scrim_error *err);

#endif
