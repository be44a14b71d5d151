/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of a bundle.  Whoever makes one says what is in it: it is no other, or nothing
 * is packed.
 */
#ifndef EXPORT_KNOWN_H
#define EXPORT_KNOWN_H

#include "consent/fields.h"

struct known_file {
	char path[256];			/* in the folder; no two have the same */
	char sha256[SHA256_TEXT_MAX];
};

struct known_files {
	struct known_file *at;		/* owned */
	unsigned count;
};

int known_add(struct known_files *known, const char *path, const char *sha256,
	      struct scrim_error *err);
void known_free(struct known_files *known);

#endif
