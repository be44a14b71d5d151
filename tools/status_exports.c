// SPDX-License-Identifier: GPL-2.0
#include "status_exports.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "consent.h"
#include "export/seal.h"

static void open_outbox(struct exports_status *e)
{
	struct scrim_error err;
	int ret = outbox_open(&e->files, e->outbox, &err);

	if (ret < 0 && ret != -ENOENT)
		outbox_judge(&e->verdict, -EACCES, &err);
}

void exports_open_all(struct exports_status *e, const char *outbox, struct concerns *concerns)
{
	const char *store = consent_default_store();
	struct scrim_error err;
	int ret;

	memset(e, 0, sizeof(*e));
	e->any = access(store, F_OK) == 0;
	if (!e->any)
		return;
	e->outbox = outbox;
	fail(&err, -EIO, "%s", outbox);
	memcpy(e->shown, err.text, sizeof(e->shown));
	e->verdict.end_to_end = KNOWN_YES;
	outbox_judge(&e->verdict, minisign_init(&err) < 0 ? -EAGAIN :
		     seal_measure(SEAL_NOBODY, &err), &err);
	open_outbox(e);
	ret = books_open(&e->ledger, store, &err);
	e->given = ret >= 0;
	if (ret < 0 && ret != -ENOENT)
		concerns_doubt(concerns, err.text);
}

/* What the caller gave away, and should have been deleted. */
static void look_for_overdue(const struct books *books, struct concerns *concerns)
{
	unsigned overdue = books_overdue(books, time(NULL));
	char text[128];

	snprintf(text, sizeof(text), "%u bundle%s not deleted in time: scrim erase --overdue",
		 overdue, overdue == 1 ? " was" : "s were");
	if (overdue)
		concerns_doubt(concerns, text);
}

static void read_ledger(struct books *books, const struct log_files *ledger,
			struct concerns *concerns)
{
	struct log_verdict verdict;
	struct scrim_error err;

	if (books_read(books, ledger, &verdict, &err) < 0)
		concerns_doubt(concerns, err.text);
	else if (verdict.broken)
		concerns_doubt(concerns, "the ledger of exports is not what was written, and "
			       "nothing is exported: scrim ledger verify");
	look_for_overdue(books, concerns);
}

/* That there is no age is nobody's fault; nothing is exported then. */
void exports_look(struct exports_status *e, struct concerns *concerns)
{
	struct outbox_verdict *v = &e->verdict;
	struct books books = { 0 };
	char text[SCRIM_TEXT_MAX + 64];

	if (!e->any)
		return;
	if (e->given)
		read_ledger(&books, &e->ledger, concerns);
	outbox_measure(v, &e->files, &books);
	books_free(&books);
	snprintf(text, sizeof(text), "%s: %s", v->end_to_end == KNOWN_NO ?
		 "what is exported is not encrypted" : "whether what is exported is encrypted is "
		 "unknown", v->why.text);
	if (v->end_to_end == KNOWN_NO ||
	    (v->end_to_end == KNOWN_NOT && v->why.code != -ENOENT))
		concerns_doubt(concerns, text);
}

void exports_close_all(struct exports_status *e)
{
	if (e->given)
		log_files_close(&e->ledger);
	if (e->any)
		outbox_close(&e->files);
}
