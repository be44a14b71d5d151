/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An offer, scrim.campaign/1: what somebody asks of people with cameras, until when, and what they
 * get for it.  It moves nothing; only a consent to it does.
 */
#ifndef CONSENT_CAMPAIGN_H
#define CONSENT_CAMPAIGN_H

#include "consent/record.h"

#define CAMPAIGN_FILE_MAX	(256u << 10)
#define CAMPAIGN_TEXT_MAX	(24u << 10)	/* of notice and terms each */

struct campaign_recipient {
	struct recipient key;
	char region[PLACE_MAX];
	unsigned status;		/* enum recipient_status */
	uint32_t processors;		/* whom it uses: a bit each, of the campaign's recipients */
};

/* All zero: nobody offers anything. */
struct campaign {
	char id[TERM_ID_MAX], title[TERM_TEXT_MAX];
	struct controller issuer;
	struct notice notice, terms;	/* their hashes are those of the texts below */
	char notice_text[CAMPAIGN_TEXT_MAX], terms_text[CAMPAIGN_TEXT_MAX];
	int64_t from, until;		/* from <= t < until, for clips and for exports */
	struct process offer;		/* without recipients */
	int64_t quota[EVENT_COUNT];	/* clips of a class; 0 where it is not asked for */
	unsigned requires;		/* enum requirement */
	unsigned recipients;
	struct campaign_recipient recipient[RECIPIENTS_MAX];
	struct rights rights;
	struct places jurisdiction;
};

/* name is for messages.  On an error *campaign is all zero. */
int campaign_read(struct campaign *campaign, const char *text, size_t size, const char *name,
		  struct scrim_error *err);
/* The same of a file, in a cage. */
int campaign_load(struct campaign *campaign, const char *path, struct scrim_error *err);

/* NULL: it has no such recipient. */
const struct campaign_recipient *campaign_recipient(const struct campaign *campaign,
						    const char *id);

#endif
