/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last steps of an export, each of which may be the last one before the power goes: what is in
 * the outbox under its name was written down before, and what was written down gets there.
 *
 *	BUNDLE.place		where it is going to be
 *	OUTBOX/.FILE.part	encrypted, whole, on the disk
 *	the ledger		now it is given
 *	OUTBOX/FILE		by renaming
 */
#ifndef EXPORT_BUNDLE_H
#define EXPORT_BUNDLE_H

#include "export/export.h"
#include "export/seal.h"

struct export {
	struct choice *choice;
	const struct export_job *job;
	struct exported *exported;
	struct exports *exports;	/* NULL: not open */
	struct stage stage;
	struct secret secret;
	struct recipe recipe;

	/* Of the bundle that is being made. */
	char bundle[UUID_TEXT_MAX];	/* empty: there is none */
	int folder, outbox;		/* -1: not open */
	struct place place;
	struct sealed sealed;
	struct known_files known;	/* of its folder */
	char manifest[SHA256_TEXT_MAX];
	int64_t now;
};

/* -EINVAL: what the job says cannot be done or written down; nothing was begun. */
int bundle_check(const struct export_job *job, struct scrim_error *err);
/* As choice_ask_again() does; -ECANCELED: stopped. */
int bundle_ask_again(struct export *x, struct scrim_error *err);
/* What clips were redacted, packed and encrypted, beside its place. */
int bundle_make(struct export *x, struct scrim_error *err);
/* Asks a last time, writes it down, and gives it its name. */
int bundle_give(struct export *x, struct scrim_error *err);
/* Nothing of it stays. */
void bundle_drop(struct export *x);
void bundle_close(struct export *x);

/* Ends what a run that was killed left. */
int bundle_take_up(struct export *x, struct scrim_error *err);

#endif
