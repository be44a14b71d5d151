/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which clips may go, which not and why, which were given already: nothing is written to find out.
 */
#ifndef EXPORT_CHOICE_H
#define EXPORT_CHOICE_H

#include "consent/exports.h"
#include "export/clip.h"
#include "export/judge.h"
#include "export/layout.h"
#include "export/secret.h"
#include "export/stage.h"

enum clip_state {
	CLIP_FAILED,			/* it, or its item, could not be read, or not be redacted */
	CLIP_REFUSED,			/* judged says why */
	CLIP_GIVEN,			/* to this recipient already, in the bundle that is named */
	CLIP_TWICE,			/* it was named before */
	CLIP_GOES,
};

struct chosen {
	const char *path;		/* the caller's */
	enum clip_state state;
	struct item item;		/* as it will leave */
	enum notice_state notice;
	char hash[SHA256_TEXT_MAX];	/* salted: in the ledger, and in the manifest */
	char camera[PSEUDONYM_TEXT_MAX], event[PSEUDONYM_TEXT_MAX];
	int64_t begin;			/* of all that touches it, and */
	unsigned place;			/* which of its camera's it is there, from 0 */
	struct judged judged;
	char bundle[UUID_TEXT_MAX];	/* CLIP_GIVEN */
	struct scrim_error why;		/* CLIP_FAILED */
	struct redacted redacted;	/* once it is */
	char name[ITEM_NAME_MAX];	/* in the bundle */
};

struct choice {
	const char *store, *settings, *recipient;
	struct notice_place cameras;	/* whose logs say who was told */
	const char *of_camera;		/* whose regions are covered; NULL and empty: of any */
	const struct campaign *campaign;
	unsigned purpose;
	unsigned count;
	struct chosen *at;		/* owned */
	struct chain head;		/* of the log of consents, as it was judged */
	bool revoked;			/* one that was to go no longer may */
};

int choice_new(struct choice *choice, char *const *paths, unsigned count, struct scrim_error *err);
void choice_free(struct choice *choice);

/*
 * What is known once the clip was redacted: one whose item says that nobody is in it, and in which
 * more faces were followed than somebody looked at and found to be none, is refused.
 */
void choice_count_faces(struct chosen *chosen);

/* exports may be NULL: nothing was ever given. */
int choice_make(struct choice *choice, const struct secret *secret, struct exports *exports,
		struct scrim_error *err);

/*
 * The same question again, of all that goes.  An error with choice->revoked says what may no longer,
 * and why; any other is no answer.
 */
int choice_ask_again(struct choice *choice, struct exports *exports, struct scrim_error *err);

unsigned choice_going(const struct choice *choice);
/* NULL: the campaign has none of that name, and nothing goes. */
const struct campaign_recipient *choice_recipient(const struct choice *choice);

#endif
