/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One person's consent to one campaign, scrim.consent/1: the fields of ISO/IEC TS 27560 under
 * plain names.  A field that is missing or that this program does not know makes it invalid: a
 * condition that nobody understood would not be kept.
 */
#ifndef CONSENT_RECORD_H
#define CONSENT_RECORD_H

#include "consent/minisign.h"
#include "consent/process.h"

#define CONSENT_SCHEMA		"scrim.consent"
#define CONSENT_CONFORMS_TO	"https://w3id.org/dpv/guides/consent-27560"
#define CONSENT_PROCESSES_MAX	4
#define CONSENT_EVENTS_MAX	16

/* A text that was shown, by what cannot be changed unseen. */
struct notice {
	char id[TERM_ID_MAX];		/* of terms: empty */
	char version[TERM_ID_MAX], sha256[SHA256_TEXT_MAX];
	char language[16];		/* BCP 47; of terms: empty */
};

struct consent_event {
	unsigned state, type, by, method;
	int64_t time, from, until;	/* holds from <= t < until */
};

struct consent {
	char record_id[UUID_TEXT_MAX];
	struct {
		char id[TERM_ID_MAX];	/* a pseudonym */
		unsigned role, age_class;
	} subject;
	char campaign[TERM_ID_MAX];	/* its id; another campaign needs another consent */
	char title[TERM_TEXT_MAX];	/* of it; of records of before it was written down: empty */
	struct notice notice, terms;
	struct controller controller;
	unsigned processes;
	struct process process[CONSENT_PROCESSES_MAX];
	unsigned events;		/* oldest first, at least one */
	struct consent_event event[CONSENT_EVENTS_MAX];
	bool has_applies_before;
	int64_t applies_before;		/* clips back to then as well; else none before the grant */
	char withdrawal_command[TERM_TEXT_MAX];
	char withdrawal_url[TERM_TEXT_MAX];	/* may be empty */
	struct rights rights;
	struct places jurisdiction;

	/* Of the log's last entry about it; empty where it came from elsewhere. */
	char prev[SHA256_TEXT_MAX], hash[SHA256_TEXT_MAX], sig[96];
	/* Whose signature it has; empty: it is of the user whose store it is in. */
	char key[PUBLIC_KEY_WORD_MAX];
};

/* Whose key it is, as an administrator says. */
struct known_person {
	char id[TERM_ID_MAX], key[PUBLIC_KEY_WORD_MAX];
};

/* -EINVAL says which field is wrong.  On an error *consent is all zero. */
int consent_read(struct consent *consent, const json_t *json, struct scrim_error *err);
/* What consent_read() takes; to be released. */
json_t *consent_json(const struct consent *consent);

int consent_event_read(struct consent_event *event, const json_t *json, struct scrim_error *err);
json_t *consent_event_json(const struct consent_event *event);

/* The event that counts. */
const struct consent_event *consent_last(const struct consent *consent);
bool consent_is_given(const struct consent *consent, int64_t now);

/* "given", "withdrawn", "expired", "not-yet", or "pending-reconsent": another offer by now. */
struct campaign;
const char *consent_state(const struct consent *consent, const struct campaign *campaign,
			  int64_t now);

#endif
