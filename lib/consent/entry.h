/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One entry of a log: a line of JSON with sorted keys and no blanks, so that there is one
 * way to write it, that says what came before it and who signed it.
 *
 *	{"at":"2026-11-22T08:00:00Z","fields":{...},"key":"93E5C1...","kind":"shutter",
 *	 "log":"porch","prev":"5a01...","seq":12,"sig":"..."}
 *
 * "prev" is the BLAKE2b-256 hash of the line before, without its end.  "sig", which sorts last,
 * is the Ed25519 signature of the same object without it.  "key" is the id of the key.
 */
#ifndef CONSENT_ENTRY_H
#define CONSENT_ENTRY_H

#include <jansson.h>

#include "consent/minisign.h"

#define ENTRY_LINE_MAX		65536	/* bytes, without the end of the line */
#define ENTRY_HASH_SIZE		32
#define ENTRY_HASH_TEXT_MAX	65
#define ENTRY_KIND_MAX		32
#define LOG_NAME_MAX		64
#define ENTRY_TIME_MAX		21	/* "2026-11-22T08:00:00Z" */

/* The first of a log has seq 1 and a prev of zeros. */
struct entry {
	uint64_t seq;
	char at[ENTRY_TIME_MAX];	/* UTC */
	char log[LOG_NAME_MAX];
	char kind[ENTRY_KIND_MAX];
	uint8_t prev[ENTRY_HASH_SIZE];
	uint8_t key[KEY_ID_SIZE];
	json_t *fields;			/* an object; owned */
};

/* Letters, digits, "_", "-" and ".", no "." first, shorter than max. */
bool log_word_ok(const char *word, size_t max);

/*
 * The line, without an end, that says all this, signed.  *line, which the caller frees, has
 * *size bytes.  at and key of the entry are filled in.  -EMSGSIZE: too much for a line.
 */
int entry_write(char **line, size_t *size, struct entry *entry, const struct secret_key *key,
		struct scrim_error *err);

/*
 * -EBADMSG: the line is no entry, or not written in the one way.  Whether it is signed is
 * another question.  On an error there is nothing to free.
 */
int entry_read(struct entry *entry, const char *line, size_t size, struct scrim_error *err);
/* The same for who knows otherwise that a writer wrote it: its form is not looked at. */
int entry_read_known(struct entry *entry, const char *line, size_t size, struct scrim_error *err);
void entry_free(struct entry *entry);

/* Of a line that entry_read() took. */
bool entry_is_signed(const char *line, size_t size, const struct public_key *key);

void entry_hash(uint8_t hash[ENTRY_HASH_SIZE], const char *line, size_t size);
void entry_hash_text(char text[ENTRY_HASH_TEXT_MAX], const uint8_t hash[ENTRY_HASH_SIZE]);
/* False: text is no hash. */
bool entry_hash_read(uint8_t hash[ENTRY_HASH_SIZE], const char *text);

#endif
