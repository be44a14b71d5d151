/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is handed over to have clips deleted, scrim.deletion-request/1, and what comes back,
 * scrim.deletion-receipt/1: two small documents, each signed as minisign(1) signs a file.
 *
 *	{"schema":"scrim.deletion-receipt/1","bundle":"...","recipient":"example-vision",
 *	 "deleted":"2026-11-22T08:00:00Z"}
 *
 * With "record_id", only what rests on that consent is gone.  A receipt counts when it is signed with
 * the key that the bundle was given under; no campaign that is read later can name another.
 */
#ifndef CONSENT_RECEIPTS_H
#define CONSENT_RECEIPTS_H

#include "consent/books.h"

#define DELETION_TEXT_MAX	4096

/* For the recipient, as text with an end of line, which the caller frees; NULL: no memory. */
char *deletion_request_text(const struct export_request *request,
			    const struct export_bundle *bundle);

/* name is for messages.  key is left empty: nobody has looked for a signature. */
int deletion_receipt_read(struct export_receipt *receipt, const char *text, size_t size,
			  const char *name, struct scrim_error *err);

/*
 * A receipt and its signature, read in a cage and compared with what was given.  -EINVAL: it is no
 * receipt, or of nothing that was given.  -EKEYREJECTED: not signed by who got the bundle.
 */
int deletion_receipt_load(struct export_receipt *receipt, const struct books *books,
			  const char *path, const char *signature, struct scrim_error *err);

#endif
