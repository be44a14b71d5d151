/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ledger of exports: what left, to whom, for what, and what became of it.  It is a signed log
 * beside the consents, to which is only ever added.  A bundle is given when its entry is on the
 * disk; clips of a bundle that was given up, or was never finished, count for nothing.
 *
 * How many clips a campaign has of somebody is looked up in an index (index.h), which is made anew
 * from the log whenever it is missing, damaged, does not stand on an entry of the log, or has a row
 * that is not what the log says.
 */
#ifndef CONSENT_EXPORTS_H
#define CONSENT_EXPORTS_H

#include "consent/books.h"

struct exports;

/*
 * 1: somebody wrote to the ledger, as its log, what it was rotated to, its head or its index says,
 * whichever is missing; 0: nobody did.
 */
int exports_began(const char *store, struct scrim_error *err);

/*
 * Reads the whole log, brings the index up to its end, and waits some seconds for another writer:
 * then -EBUSY.  -EBADMSG: the log is not what was written; there are no exports, and nothing was
 * added; or it is missing, and the index says that it was there.  -EINVAL: the clock is behind the
 * last entry.  The folder is that of the consents, and the key is theirs; it is made where there is
 * none.  What was wrong with the index is in note, "" for nothing; it may be NULL.
 */
int exports_open(struct exports **exports, const char *store, char note[SCRIM_TEXT_MAX],
		 struct scrim_error *err);
void exports_close(struct exports *exports);

/* As of now, with what was added since it was opened. */
const struct books *exports_books(const struct exports *exports);
/* The last entry, which a manifest names. */
const struct chain *exports_chain(const struct exports *exports);
/* The user's key, which signs what is handed over. */
const struct secret_key *exports_key(const struct exports *exports);

/*
 * All of these: on the disk when they return 0, or 1: but the head could not be written, and *err
 * says why.  -EINVAL: it cannot be, as one field or what came before says; nothing was added.
 */

/* Of a bundle that is not given yet; the first begins it.  seq_in_bundle goes 1, 2, 3. */
int exports_append_item(struct exports *exports, const struct export_item *item,
			struct scrim_error *err);
/* Now it is given: all its items are there. */
int exports_append_bundle(struct exports *exports, const struct export_bundle *bundle,
			  struct scrim_error *err);
/* It will never be given. */
int exports_void(struct exports *exports, const char *bundle, const char *why,
		 struct scrim_error *err);
int exports_request(struct exports *exports, const struct export_request *request,
		    struct scrim_error *err);
int exports_receipt(struct exports *exports, const struct export_receipt *receipt,
		    struct scrim_error *err);
int exports_switch(struct exports *exports, bool on, struct scrim_error *err);

/*
 * What counts towards a quota: clips, each once, whoever else gets it.  What two cameras saw of one
 * event is one of its class, and one of each camera.
 */
struct export_count {
	const char *campaign, *donor, *camera;
	unsigned event_class;
	const char *event_id;		/* another camera may have seen */
	const char *bundle;		/* one being made, whose items count as well; or NULL */
	const char *item;		/* not counted itself, as it would not count twice; or NULL */
};
/* Takes as long for a million as for one.  -EINVAL: another bundle than this one is being made. */
int exports_taken(struct exports *exports, const struct export_count *of, uint64_t *class_taken,
		  uint64_t *donor_taken, struct scrim_error *err);

/* 1: the recipient was given this clip for the campaign, in the bundle; 0: not. */
int exports_has(struct exports *exports, const char *campaign, const char *recipient,
		const char *item, char bundle[UUID_TEXT_MAX], struct scrim_error *err);

/* 1: anybody was given, or is to be given, this clip for the campaign; 0: not. */
int exports_known(struct exports *exports, const char *campaign, const char *item,
		  struct scrim_error *err);

/* 1: a bundle that was begun and neither given nor given up, as a crash leaves one; 0: none. */
int exports_unfinished(const struct exports *exports, char bundle[UUID_TEXT_MAX]);

#endif
