// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/secret.h"

#include <assert.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/aside.h"

static_assert(SECRET_SIZE == crypto_auth_hmacsha256_KEYBYTES, "a key of HMAC-SHA-256");

/* HMAC of "what", a NUL and the name: no pair reads like another. */
static void derive(uint8_t out[SECRET_SIZE], const uint8_t key[SECRET_SIZE], const char *what,
		   const char *name)
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, SECRET_SIZE);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)what, strlen(what) + 1);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)name, strlen(name));
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof(state));
}

static int read_it(struct secret *secret, int folder, struct scrim_error *err)
{
	char text[2 * SECRET_SIZE + 2] = "";
	int fd = openat(folder, SECRET_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t size = 0;
	struct stat st;
	ssize_t got;
	int ret = 0;

	if (fd < 0)
		return fail(err, -errno, "cannot open " SECRET_FILE ": %s", strerror(errno));
	got = read(fd, text, sizeof(text));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_mode & 077)
		ret = fail(err, -EACCES, SECRET_FILE ": others can read it; chmod 600");
	else if (got != 2 * SECRET_SIZE + 1 ||
		 sodium_hex2bin(secret->store, SECRET_SIZE, text, 2 * SECRET_SIZE, NULL,
				&size, NULL) < 0 || size != SECRET_SIZE)
		ret = fail(err, -EBADMSG, SECRET_FILE ": it is damaged");
	sodium_memzero(text, sizeof(text));
	close(fd);
	return ret;
}

/* Of two that make one at the same time, one finds that of the other. */
static int make_it(struct secret *secret, int folder, struct scrim_error *err)
{
	char text[2 * SECRET_SIZE + 2];
	int ret;

	randombytes_buf(secret->store, SECRET_SIZE);
	sodium_bin2hex(text, sizeof(text), secret->store, SECRET_SIZE);
	strcat(text, "\n");
	ret = aside_write(folder, SECRET_FILE, text, 0600, ASIDE_NEW, err);
	sodium_memzero(text, sizeof(text));
	return ret == -EEXIST ? read_it(secret, folder, err) : ret;
}

static int forget_later(struct secret *secret)
{
	randombytes_buf(secret->store, SECRET_SIZE);
	return 1;
}

int secret_open(struct secret *secret, int folder, const char *campaign, bool make,
		struct scrim_error *err)
{
	int ret = minisign_init(err);

	if (ret < 0)
		return ret;
	ret = folder < 0 ? -ENOENT : read_it(secret, folder, err);
	if (ret == -ENOENT && make)
		ret = make_it(secret, folder, err);
	else if (ret == -ENOENT)
		ret = forget_later(secret);
	if (ret >= 0)
		derive(secret->campaign, secret->store, "campaign", campaign);
	else
		secret_forget(secret);
	return ret;
}

void secret_forget(struct secret *secret)
{
	sodium_memzero(secret, sizeof(*secret));
}

void secret_hash(char text[SHA256_TEXT_MAX], const struct secret *secret, const char *what,
		 const char *name)
{
	uint8_t hash[SECRET_SIZE];

	derive(hash, secret->campaign, what, name);
	sodium_bin2hex(text, SHA256_TEXT_MAX, hash, sizeof(hash));
}

void secret_pseudonym(char text[PSEUDONYM_TEXT_MAX], const struct secret *secret, const char *what,
		      const char *name)
{
	char hash[SHA256_TEXT_MAX];

	secret_hash(hash, secret, what, name);
	snprintf(text, PSEUDONYM_TEXT_MAX, "%.32s", hash);
}

void secret_proof(char text[SHA256_TEXT_MAX], const struct secret *secret, const char *what,
		  const char *text_to_prove)
{
	uint8_t hash[SECRET_SIZE];

	derive(hash, secret->store, what, text_to_prove);
	sodium_bin2hex(text, SHA256_TEXT_MAX, hash, sizeof(hash));
}

void secret_fingerprint(char text[SHA256_TEXT_MAX], const struct secret *secret)
{
	secret_proof(text, secret, "fingerprint", "");
}

void secret_signer(struct secret_key *key, const struct secret *secret)
{
	uint8_t seed[SECRET_SIZE], id[SECRET_SIZE];

	derive(seed, secret->campaign, "signer", "seed");
	derive(id, secret->campaign, "signer", "id");
	memcpy(key->public.id, id, sizeof(key->public.id));
	crypto_sign_seed_keypair(key->public.key, key->secret, seed);
	sodium_memzero(seed, sizeof(seed));
}
