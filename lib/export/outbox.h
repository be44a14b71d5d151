/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bundles that wait in an outbox, and whether each is encrypted: found by looking at them when
 * it is asked, whatever manifests and ledgers say.
 */
#ifndef EXPORT_OUTBOX_H
#define EXPORT_OUTBOX_H

#include "consent/books.h"
#include "guard/measure.h"

#define BUNDLE_SUFFIX		".tar.age"
#define OUTBOX_FILES_MAX	512	/* as many are opened at a time */
/* Bytes that are read to compare hashes; of bundles beyond that a few places are looked at. */
#define OUTBOX_READ_MAX		(512ull << 20)

struct outbox_file {
	char name[EXPORT_FILE_TEXT_MAX];
	int fd;				/* or a negative errno */
};

struct outbox {
	unsigned count;
	bool more;			/* than could be opened */
	struct outbox_file *at;		/* owned */
};

/* Opens all that are named like a bundle.  -ENOENT: there is no such folder. */
int outbox_open(struct outbox *outbox, const char *path, struct scrim_error *err);
void outbox_close(struct outbox *outbox);

struct outbox_verdict {
	enum known end_to_end;
	struct scrim_error why;		/* unless it is yes */
	unsigned bundles, sampled;	/* that are there; of those, not read whole */
};

/*
 * With nothing but calls that a cage has.  books NULL: how they look, and not what they should be.
 * A bundle that is not there any more says nothing; one that no ledger of this user has is of
 * somebody who shares the outbox, and has to be encrypted as well.
 */
void outbox_measure(struct outbox_verdict *verdict, const struct outbox *outbox,
		    const struct books *books);
/* One more thing was measured: what is worst stays.  ret: 0; -EIO: it is not encrypted; other. */
void outbox_judge(struct outbox_verdict *verdict, int ret, const struct scrim_error *why);

#endif
