/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of a clip that somebody wants to give away, scrim.item/1: where and when it was
 * taken, who is in it, and what was covered.  What nobody said of it is the worst it can be.
 */
#ifndef CONSENT_ITEM_H
#define CONSENT_ITEM_H

#include "consent/process.h"

#define ITEM_FILE_MAX	(64u << 10)
#define PEOPLE_MAX	32

struct person {
	char id[TERM_ID_MAX];		/* the pseudonym that consents have */
	unsigned role, age_class;
	bool visible;			/* in the picture */
};

/* All zero: a clip of nothing known, which nobody may have. */
struct item {
	char sha256[SHA256_TEXT_MAX];
	char camera[TERM_ID_MAX];
	int64_t from, until;		/* when it was taken; both are of it */
	unsigned source, event;		/* of source_classes and event_classes */
	unsigned origin;		/* real or staged */
	char region[PLACE_MAX];		/* of the camera */
	uint32_t tags;			/* set of tags */
	bool is_private;		/* the camera's owner says: never */
	uint32_t data;			/* set of data_classes: what would leave */
	uint32_t shown;			/* set of excluded_classes: what was not covered */
	unsigned persons;		/* in the picture; as many as are visible, or more */
	unsigned false_faces;		/* found where nobody is; somebody looked at them */
	unsigned people;
	struct person person[PEOPLE_MAX];
	struct {
		bool faces, plates;	/* all are covered */
		unsigned method;
		int64_t version;
	} redaction;
	char description[TERM_TEXT_MAX];	/* free text, which decides nothing; may be empty */
};

/* It shows people who meet or work together: each of them has to be told while it is taken. */
bool item_needs_notice(const struct item *item);

/* name is for messages.  On an error *item is all zero. */
int item_read(struct item *item, const char *text, size_t size, const char *name,
	      struct scrim_error *err);

#endif
