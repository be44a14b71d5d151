// SPDX-License-Identifier: LGPL-2.1-or-later
#include "digest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE	(256u << 10)

static int add_all(crypto_hash_sha256_state *state, uint64_t *bytes, int fd)
{
	uint8_t *piece = malloc(PIECE);
	ssize_t got;
	int ret = 0;

	if (!piece)
		return -ENOMEM;
	do {
		got = read(fd, piece, PIECE);
		if (got > 0) {
			crypto_hash_sha256_update(state, piece, got);
			*bytes += got;
		} else if (got < 0 && errno != EINTR) {
			ret = -errno;
		}
	} while (got && ret >= 0);
	free(piece);
	return ret;
}

void digest_end(char text[SHA256_TEXT_MAX], crypto_hash_sha256_state *state)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(state, hash);
	sodium_bin2hex(text, SHA256_TEXT_MAX, hash, sizeof(hash));
}

int digest_fd(char text[SHA256_TEXT_MAX], uint64_t *bytes, int fd, const char *name,
	      struct scrim_error *err)
{
	crypto_hash_sha256_state state;
	uint64_t count = 0;
	int ret;

	crypto_hash_sha256_init(&state);
	ret = lseek(fd, 0, SEEK_SET) < 0 ? -errno : add_all(&state, &count, fd);
	if (ret < 0)
		return fail(err, ret, "cannot read %s: %s", name, strerror(-ret));
	digest_end(text, &state);
	if (bytes)
		*bytes = count;
	return 0;
}
