/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine's key: FOLDER/NAME.key, which only its owner reads, and FOLDER/NAME.pub, which
 * anybody may.  It is made when it is first asked for and never written over: whoever wants
 * another renames it to NAME-ID.key and NAME-ID.pub, where it can say who follows.
 */
#ifndef CONSENT_KEY_H
#define CONSENT_KEY_H

#include "consent/minisign.h"

#define KEY_FOLDER	"/var/lib/scrim"
#define KEY_NAME	"log"
#define KEY_NAME_MAX	32

/* -EACCES: others can read the secret key as well. */
int key_open(struct secret_key *key, const char *folder, const char *name,
	     struct scrim_error *err);

/* One that was put away.  -ENOENT: there is none of this id. */
int key_open_old(struct secret_key *key, const char *folder, const char *name,
		 const uint8_t id[KEY_ID_SIZE], struct scrim_error *err);

#endif
