/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of a folder as a tar file that is the same whoever makes it and when: sorted by name,
 * nobody's, of 1970, readable by all.  What else comes to be in the folder is not packed.
 */
#ifndef EXPORT_TAR_H
#define EXPORT_TAR_H

#include <stdint.h>

#include "export/known.h"

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
