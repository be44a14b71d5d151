/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file that has no name until it is complete: whatever happens before, nothing
 * of that name appears, and what had the name stays as it was.
 */
#ifndef SINK_OUTFILE_H
#define SINK_OUTFILE_H

#include "error.h"

struct outfile {
	int fd;				/* to write to; -1: none */
	char *path;			/* where it will appear */
	char *aside;			/* its name until then, NULL: it has none */
};

#define OUTFILE_NONE	{ .fd = -1 }

/*
 * mode as in open(2).  Without replace an existing path is -EEXIST, both now and
 * when the file is complete.
 */
int outfile_open(struct outfile *file, const char *path, unsigned mode,
		 bool replace, struct scrim_error *err);
/* Writes through to the disk, then gives the file its name. */
int outfile_commit(struct outfile *file, bool replace, struct scrim_error *err);
/* Without commit: nothing was ever there.  Safe on a closed one. */
void outfile_discard(struct outfile *file);

#endif
