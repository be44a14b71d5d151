/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of the store know of each other.
 */
#ifndef CONSENT_STORE_IN_H
#define CONSENT_STORE_IN_H

#include "consent/store.h"

int store_check_folder(const char *path, struct scrim_error *err);

/* The first key that somebody agreed with is the key of that person.  -EPERM: this is another. */
int consents_check_key(const struct consents *consents, const struct consent *consent,
		       struct scrim_error *err);
/* What a letter is to what is there.  -EPERM: nothing that is believed. */
int consents_weigh(enum taken *taken, const struct consents *consents,
		   const struct consent *letter, struct scrim_error *err);

/* What others took back themselves. */
int store_take_back(const char *path, const struct store_matches *told, struct scrim_error *err);

#endif
