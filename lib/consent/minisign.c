// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The format is that of minisign 0.11: structs of bytes in base64, a line of comment before
 * each.  Files are signed by their BLAKE2b-512 hash, which is algorithm "ED".
 */
#include "consent/minisign.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define COMMENT		"untrusted comment: "
#define TRUSTED		"trusted comment: "
#define TRUSTED_MAX	256
#define BASE64		sodium_base64_VARIANT_ORIGINAL

struct public_bytes {
	char algorithm[2];		/* "Ed" */
	uint8_t id[KEY_ID_SIZE];
	uint8_t key[32];
};
static_assert(sizeof(struct public_bytes) == 42, "minisign's");

struct secret_bytes {
	char algorithm[2];		/* "Ed" */
	char encryption[2];		/* zero: none */
	char checksum_algorithm[2];	/* "B2" */
	uint8_t salt[32], limits[16];	/* of the encryption */
	uint8_t id[KEY_ID_SIZE];
	uint8_t secret[64];
	uint8_t checksum[32];		/* of algorithm, id and secret */
};
static_assert(sizeof(struct secret_bytes) == 158, "minisign's");

struct signature_bytes {
	char algorithm[2];		/* "ED" */
	uint8_t id[KEY_ID_SIZE];
	uint8_t signature[SIGNATURE_SIZE];
};
static_assert(sizeof(struct signature_bytes) == 74, "minisign's");

int minisign_init(struct scrim_error *err)
{
	return sodium_init() < 0 ? fail(err, -EIO, "cannot sign: libsodium does not start") : 0;
}

void secret_key_make(struct secret_key *key)
{
	crypto_sign_keypair(key->public.key, key->secret);
	randombytes_buf(key->public.id, sizeof(key->public.id));
}

void secret_key_forget(struct secret_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

/* minisign shows the number that it keeps with its lowest byte first. */
void key_id_text(char text[KEY_ID_TEXT_MAX], const uint8_t id[KEY_ID_SIZE])
{
	for (unsigned i = 0; i < KEY_ID_SIZE; i++)
		sprintf(text + 2 * i, "%02X", id[KEY_ID_SIZE - 1 - i]);
}

static void write_base64(char *text, size_t room, const void *bytes, size_t size)
{
	sodium_bin2base64(text, room, bytes, size, BASE64);
}

void public_key_word(char word[PUBLIC_KEY_WORD_MAX], const struct public_key *key)
{
	struct public_bytes bytes = { .algorithm = "Ed" };

	memcpy(bytes.id, key->id, sizeof(bytes.id));
	memcpy(bytes.key, key->key, sizeof(bytes.key));
	write_base64(word, PUBLIC_KEY_WORD_MAX, &bytes, sizeof(bytes));
}

void public_key_write(char text[MINISIGN_TEXT_MAX], const struct public_key *key)
{
	char id[KEY_ID_TEXT_MAX], word[PUBLIC_KEY_WORD_MAX];

	key_id_text(id, key->id);
	public_key_word(word, key);
	snprintf(text, MINISIGN_TEXT_MAX, COMMENT "minisign public key %s\n%s\n", id, word);
}

static void checksum(uint8_t sum[32], const struct secret_bytes *bytes)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, 32);
	crypto_generichash_update(&state, (const uint8_t *)bytes->algorithm, 2);
	crypto_generichash_update(&state, bytes->id, sizeof(bytes->id));
	crypto_generichash_update(&state, bytes->secret, sizeof(bytes->secret));
	crypto_generichash_final(&state, sum, 32);
}

void secret_key_write(char text[MINISIGN_TEXT_MAX], const struct secret_key *key)
{
	struct secret_bytes bytes = { .algorithm = "Ed", .checksum_algorithm = "B2" };
	char base64[256];

	memcpy(bytes.id, key->public.id, sizeof(bytes.id));
	memcpy(bytes.secret, key->secret, sizeof(bytes.secret));
	checksum(bytes.checksum, &bytes);
	write_base64(base64, sizeof(base64), &bytes, sizeof(bytes));
	snprintf(text, MINISIGN_TEXT_MAX, COMMENT "scrim secret key, not encrypted\n%s\n", base64);
	sodium_memzero(&bytes, sizeof(bytes));
	sodium_memzero(base64, sizeof(base64));
}

/* The next line, without its end; NULL: there is none that is whole. */
static const char *next_line(const char **text, size_t *length)
{
	const char *line = *text, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*length = end - line;
	*text = end + 1;
	return line;
}

/* A line of base64 that is exactly so many bytes. */
static bool read_base64(const char **text, void *bytes, size_t size)
{
	size_t length, got;
	const char *line = next_line(text, &length);

	return line && sodium_base642bin(bytes, size, line, length, NULL, &got, NULL, BASE64) == 0 &&
	       got == size;
}

static bool starts(const char *line, size_t length, const char *with)
{
	return length >= strlen(with) && !memcmp(line, with, strlen(with));
}

/* The comment that anybody may change, then bytes. */
static bool read_part(const char **text, void *bytes, size_t size)
{
	size_t length;
	const char *line = next_line(text, &length);

	return line && starts(line, length, COMMENT) && read_base64(text, bytes, size);
}

int public_key_read(struct public_key *key, const char *text, const char *name,
		    struct scrim_error *err)
{
	struct public_bytes bytes;

	if (!read_part(&text, &bytes, sizeof(bytes)) || memcmp(bytes.algorithm, "Ed", 2) || *text)
		return fail(err, -EBADMSG, "%s: not a public key of minisign", name);
	memcpy(key->id, bytes.id, sizeof(key->id));
	memcpy(key->key, bytes.key, sizeof(key->key));
	return 0;
}

bool public_key_of_word(struct public_key *key, const char *word)
{
	char text[MINISIGN_TEXT_MAX];
	int size = snprintf(text, sizeof(text), COMMENT "\n%s\n", word);

	return (size_t)size < sizeof(text) && public_key_read(key, text, "key", NULL) >= 0;
}

/*
 * minisign writes no checksum into a key that it does not encrypt; but the first half of one
 * makes the second.
 */
static bool is_sound(const struct secret_bytes *bytes)
{
	uint8_t sum[32], public[32], secret[64];
	bool sound;

	checksum(sum, bytes);
	crypto_sign_seed_keypair(public, secret, bytes->secret);
	sound = !memcmp(secret, bytes->secret, sizeof(secret)) &&
		(sodium_is_zero(bytes->checksum, sizeof(sum)) ||
		 !memcmp(sum, bytes->checksum, sizeof(sum)));
	sodium_memzero(secret, sizeof(secret));
	return sound;
}

static int take_secret(struct secret_key *key, const struct secret_bytes *bytes, const char *name,
		       struct scrim_error *err)
{

	if (memcmp(bytes->algorithm, "Ed", 2) || memcmp(bytes->checksum_algorithm, "B2", 2))
		return fail(err, -EBADMSG, "%s: not a secret key of minisign", name);
	if (memcmp(bytes->encryption, "\0\0", 2))
		return fail(err, -EBADMSG, "%s: the key is encrypted, and nobody is there to ask",
			    name);
	if (!is_sound(bytes))
		return fail(err, -EBADMSG, "%s: the secret key is damaged", name);
	memcpy(key->public.id, bytes->id, sizeof(key->public.id));
	memcpy(key->secret, bytes->secret, sizeof(key->secret));
	crypto_sign_ed25519_sk_to_pk(key->public.key, key->secret);
	return 0;
}

int secret_key_read(struct secret_key *key, const char *text, const char *name,
		    struct scrim_error *err)
{
	struct secret_bytes bytes;
	int ret;

	if (read_part(&text, &bytes, sizeof(bytes)) && !*text)
		ret = take_secret(key, &bytes, name, err);
	else
		ret = fail(err, -EBADMSG, "%s: not a secret key of minisign", name);
	sodium_memzero(&bytes, sizeof(bytes));
	return ret;
}

/* What the second signature is of: the first, and the comment that is to be trusted. */
struct global {
	uint8_t signature[SIGNATURE_SIZE];
	char comment[TRUSTED_MAX];
};

void minisign_write(char text[MINISIGN_TEXT_MAX], const struct secret_key *key,
		    const void *bytes, size_t size, const char *comment)
{
	struct signature_bytes head = { .algorithm = "ED" };
	uint8_t hash[64], second[SIGNATURE_SIZE];
	char head_text[128], second_text[128];
	struct global global;

	memcpy(head.id, key->public.id, sizeof(head.id));
	crypto_generichash(hash, sizeof(hash), bytes, size, NULL, 0);
	crypto_sign_detached(head.signature, NULL, hash, sizeof(hash), key->secret);
	memcpy(global.signature, head.signature, sizeof(global.signature));
	snprintf(global.comment, sizeof(global.comment), "%s", comment);
	crypto_sign_detached(second, NULL, (const uint8_t *)&global,
			     SIGNATURE_SIZE + strlen(global.comment), key->secret);
	write_base64(head_text, sizeof(head_text), &head, sizeof(head));
	write_base64(second_text, sizeof(second_text), second, sizeof(second));
	snprintf(text, MINISIGN_TEXT_MAX, COMMENT "signature by scrim\n%s\n" TRUSTED "%s\n%s\n",
		 head_text, global.comment, second_text);
}

/* The comment that is signed, and the signature of it. */
static bool comment_fits(const char *text, const struct public_key *key, struct global *global)
{
	uint8_t second[SIGNATURE_SIZE];
	size_t length;
	const char *line = next_line(&text, &length);

	if (!line || !starts(line, length, TRUSTED))
		return false;
	length -= strlen(TRUSTED);
	if (length >= sizeof(global->comment))
		return false;
	memcpy(global->comment, line + strlen(TRUSTED), length);
	return read_base64(&text, second, sizeof(second)) && !*text &&
	       crypto_sign_verify_detached(second, (const uint8_t *)global, SIGNATURE_SIZE + length,
					   key->key) == 0;
}

bool minisign_fits(const char *text, const struct public_key *key, const void *bytes, size_t size)
{
	struct signature_bytes head;
	struct global global;
	uint8_t hash[64];

	if (!read_part(&text, &head, sizeof(head)) || memcmp(head.algorithm, "ED", 2) ||
	    memcmp(head.id, key->id, sizeof(head.id)))
		return false;
	crypto_generichash(hash, sizeof(hash), bytes, size, NULL, 0);
	memcpy(global.signature, head.signature, sizeof(global.signature));
	return crypto_sign_verify_detached(head.signature, hash, sizeof(hash), key->key) == 0 &&
	       comment_fits(text, key, &global);
}
