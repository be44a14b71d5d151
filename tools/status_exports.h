/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What scrim status says of the caller's exports: whether they are encrypted, and what should have
 * been deleted.  All is opened before the cage, and read in it.
 */
#ifndef TOOLS_STATUS_EXPORTS_H
#define TOOLS_STATUS_EXPORTS_H

#include "cameras.h"
#include "export/outbox.h"

struct exports_status {
	bool any;			/* the caller has consents or exports */
	const char *outbox;		/* the folder */
	char shown[SCRIM_TEXT_MAX];	/* the same, cleaned */
	struct outbox_verdict verdict;

	bool given;			/* there is a ledger */
	struct log_files ledger;
	struct outbox files;
};

/* Where nothing was ever agreed to or given it does nothing. */
void exports_open_all(struct exports_status *e, const char *outbox, struct concerns *concerns);
void exports_look(struct exports_status *e, struct concerns *concerns);
void exports_close_all(struct exports_status *e);

#endif
