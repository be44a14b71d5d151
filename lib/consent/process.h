/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may be done with which pictures, for whom, where and how long: what a campaign offers and a
 * consent agrees to, in the same words.
 */
#ifndef CONSENT_PROCESS_H
#define CONSENT_PROCESS_H

#include "consent/fields.h"

#define TERM_ID_MAX	64
#define TERM_TEXT_MAX	256
#define AGE_KEY_TEXT_MAX	63	/* "age1..." */
#define RECIPIENTS_MAX	8

/* Who asks, and answers for it. */
struct controller {
	char name[TERM_TEXT_MAX], id[TERM_ID_MAX], contact[TERM_TEXT_MAX];
	char pubkey[64];		/* a word of minisign(1) */
};

struct recipient {
	char id[TERM_ID_MAX];
	char pubkey[AGE_KEY_TEXT_MAX];	/* of age(1): only this recipient opens the bundle */
	/* Of records of before these were written down: empty. */
	char name[TERM_TEXT_MAX];
	char receipts[64];		/* key of minisign(1) that signs deletion receipts */
};

struct process {
	unsigned purpose, model_kind, origin, legal_basis;
	char purpose_text[TERM_TEXT_MAX];
	uint32_t sources, events, data;	/* sets of source_classes, event_classes, data_classes */
	struct {
		bool faces, plates;	/* must be covered */
		unsigned method;	/* at least that strong */
		int64_t min_version;	/* of the redaction */
	} redaction;
	unsigned recipients;		/* of a campaign none: those are in a list of their own */
	struct recipient recipient[RECIPIENTS_MAX];
	bool third_party;		/* others than the controller may get it */
	struct {
		char location[TERM_TEXT_MAX];
		struct places region;
		uint32_t days;		/* of retention */
		char retention[16];	/* the same, as it was written */
		unsigned deletion;
	} storage;
	struct {
		struct places allow, deny;
	} geo;
	struct {
		unsigned kind;
		int64_t unit_cents, cap_count;
		char currency[4];	/* ISO 4217; empty: none */
	} reward;
	bool written_release;		/* for what else is never shown */
};

/* Its name, and the key for receipts. */
void recipient_told_read(struct fields *f, struct recipient *recipient);

/* with_recipients: they are part of it. */
void process_read(struct fields *f, struct process *process, bool with_recipients);
json_t *process_json(const struct process *process);

/* Of people, by name: "access", "erasure". */
#define RIGHTS_MAX	8
struct rights {
	unsigned count;
	char at[RIGHTS_MAX][TERM_ID_MAX];
};

void rights_read(struct fields *f, struct rights *rights);
json_t *rights_json(const struct rights *rights);

void controller_read(struct fields *f, const char *key, struct controller *controller);
json_t *controller_json(const struct controller *controller);

/* Lists of what is written, to be released. */
json_t *terms_json(const struct terms *terms, uint32_t set);
json_t *places_json(const struct places *places);

/* A public key of age(1), its checksum included. */
bool age_key_is_valid(const char *text);
void fields_age_key(struct fields *f, const char *key, char to[AGE_KEY_TEXT_MAX]);

#endif
