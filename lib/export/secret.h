/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names for cameras, clips and events that mean nothing outside one campaign of one store: hashes
 * with a secret that never leaves it.  Whoever gets the bundles of two campaigns cannot tell by
 * them, nor by who signed, that they are of the same cameras.
 */
#ifndef EXPORT_SECRET_H
#define EXPORT_SECRET_H

#include "consent/fields.h"
#include "consent/minisign.h"

#define SECRET_FILE		"export.secret"	/* in the store's folder; for its owner alone */
#define SECRET_SIZE		32
#define PSEUDONYM_TEXT_MAX	33

struct secret {
	uint8_t store[SECRET_SIZE], campaign[SECRET_SIZE];
};

/*
 * folder: the store's, -1: there is none.  Where there is no file it is made, or, without make, the
 * secret is one that nobody will know again, and the answer is 1.
 */
int secret_open(struct secret *secret, int folder, const char *campaign, bool make,
		struct scrim_error *err);
void secret_forget(struct secret *secret);

/* what is a domain, so that a camera's pseudonym is never an event's. */
void secret_pseudonym(char text[PSEUDONYM_TEXT_MAX], const struct secret *secret, const char *what,
		      const char *name);
/* The same, as long as a hash. */
void secret_hash(char text[SHA256_TEXT_MAX], const struct secret *secret, const char *what,
		 const char *name);
/* Of the store, whatever the campaign. */
void secret_proof(char text[SHA256_TEXT_MAX], const struct secret *secret, const char *what,
		  const char *text_to_prove);

/* Says of two secrets that they are the same one, and nothing else of either. */
void secret_fingerprint(char text[SHA256_TEXT_MAX], const struct secret *secret);

/* The key that signs the campaign's bundles. */
void secret_signer(struct secret_key *key, const struct secret *secret);

#endif
