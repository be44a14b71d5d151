/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ed25519 keys and signatures as minisign(1) writes and reads them, so that nobody has to take
 * our word for what was signed.
 */
#ifndef CONSENT_MINISIGN_H
#define CONSENT_MINISIGN_H

#include <stddef.h>

#include "error.h"

#define KEY_ID_SIZE		8
#define KEY_ID_TEXT_MAX		17	/* hexadecimal digits, most significant first, and a NUL */
#define SIGNATURE_SIZE		64

/* Any of the texts below, with its NUL. */
#define MINISIGN_TEXT_MAX	1024

struct public_key {
	uint8_t id[KEY_ID_SIZE];	/* random; it only tells keys apart */
	uint8_t key[32];
};

struct secret_key {
	struct public_key public;
	uint8_t secret[64];
};

/* Before anything else here, and before a cage: the library looks around once. */
int minisign_init(struct scrim_error *err);

void secret_key_make(struct secret_key *key);
void secret_key_forget(struct secret_key *key);
void key_id_text(char text[KEY_ID_TEXT_MAX], const uint8_t id[KEY_ID_SIZE]);

/* Two lines, a comment and the key; the secret one is not encrypted. */
void public_key_write(char text[MINISIGN_TEXT_MAX], const struct public_key *key);
void secret_key_write(char text[MINISIGN_TEXT_MAX], const struct secret_key *key);

/* The second of the two lines alone, as `minisign -P' takes it. */
#define PUBLIC_KEY_WORD_MAX	57
void public_key_word(char word[PUBLIC_KEY_WORD_MAX], const struct public_key *key);
bool public_key_of_word(struct public_key *key, const char *word);

/* name is for messages.  -EBADMSG: text is no such key. */
int public_key_read(struct public_key *key, const char *text, const char *name,
		    struct scrim_error *err);
int secret_key_read(struct secret_key *key, const char *text, const char *name,
		    struct scrim_error *err);

/* Four lines.  comment is signed with the bytes; it is one line, shorter than 256 bytes. */
void minisign_write(char text[MINISIGN_TEXT_MAX], const struct secret_key *key,
		    const void *bytes, size_t size, const char *comment);

/* Whether text is such a signature of these bytes by this key. */
bool minisign_fits(const char *text, const struct public_key *key, const void *bytes, size_t size);

#endif
