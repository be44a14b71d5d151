/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may go, as of now: the consents, the settings and the clock are looked at again each time,
 * in a cage, so that who takes back a consent or switches export off is heard at the next clip.
 */
#ifndef EXPORT_JUDGE_H
#define EXPORT_JUDGE_H

#include "consent/decide.h"
#include "consent/walk.h"

#define JUDGE_ITEMS_MAX	1024

/* In their order: what is allowed before counts towards what comes after. */
struct judge_case {
	const struct item *item;
	const char *event;		/* several clips of one count once */
	uint64_t class_taken, donor_taken;	/* in earlier bundles, without this event */
	enum notice_state notice;
};

struct judge_request {
	const char *store;		/* folder of the consents */
	const char *settings;		/* a file; one that is not there allows nothing */
	const struct chain *known;	/* of their log, by the ledger of exports; or NULL */
	const struct campaign *campaign;
	const char *recipient;
	unsigned purpose;
	unsigned count;
	const struct judge_case *at;
};

#define RULE_TEXT_MAX	48

struct judged {
	enum decision code;
	char rule[RULE_TEXT_MAX], record[UUID_TEXT_MAX], sentence[SCRIM_TEXT_MAX];
	/* If it may: what it rests on, for each person of the item in its order. */
	struct {
		char record_id[UUID_TEXT_MAX], hash[SHA256_TEXT_MAX];
	} consent[PEOPLE_MAX];
	uint32_t days;			/* that it may be kept: the shortest of all */
};

/* Plain data, as it comes out of the cage. */
struct judgement {
	struct chain head;		/* the last entry of the log of consents */
	struct judged at[];
};

/* Opens what administrators say; *fd is -1 where there is no file.  -EACCES: it is not root's word. */
int judge_settings(int *fd, const char *path, struct scrim_error *err);

size_t judgement_size(unsigned count);

/*
 * judgement has room for request->count.  Negative: settings or consents could not be read, which
 * is no permission.
 */
int judge(struct judgement *judgement, const struct judge_request *request,
	  struct scrim_error *err);

#endif
