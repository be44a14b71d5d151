/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of a folder as a tar file that is the same whoever makes it and when: sorted by name,
 * nobody's, of 1970, readable by all.  What else comes to be in the folder is not packed.
 */
#ifndef EXPORT_TAR_H
#define EXPORT_TAR_H

#include <stdint.h>

#include "consent/fields.h"

/* Whoever makes a file of a bundle says what is in it: it is no other, or nothing is packed. */
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

struct packing {
	int folder;
	const char *first;		/* which of them comes first; NULL: any */
	struct known_files known;
};

/*
 * *bytes is the length of what was written to the pipe.  -EPIPE: nobody reads it.  -EBADMSG: a file
 * is another than the one that is known.  -ENOENT: it is not there.
 */
int tar_write(uint64_t *bytes, int pipe, const struct packing *packing, const volatile int *stop,
	      struct scrim_error *err);

#endif
