/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the ledger of exports says, added up while it is read: bundles and who has them, money,
 * donors, and what was to be deleted.  It goes back to the signed log alone, to no index.
 */
#ifndef CONSENT_BOOKS_H
#define CONSENT_BOOKS_H

#include "consent/item.h"
#include "consent/read.h"

#define EXPORTS_LOG		"export"	/* NAME of the log */
#define EXPORT_FILE_TEXT_MAX	128

/* Kinds of entries, and their fields. */
enum export_kind {
	EXPORT_ITEM, EXPORT_BUNDLE, EXPORT_VOID, EXPORT_REQUEST, EXPORT_RECEIPT, EXPORT_SWITCH,
	EXPORT_KINDS
};

struct export_item {
	char bundle[UUID_TEXT_MAX];
	char item[SHA256_TEXT_MAX];	/* a salted hash of the clip, never its own */
	int64_t seq_in_bundle;		/* from 1 */
	char campaign[TERM_ID_MAX], donor[TERM_ID_MAX], camera[TERM_ID_MAX];
	unsigned event_class, origin;	/* origin: real or staged */
	char event_id[TERM_ID_MAX];
	unsigned reward;		/* enum reward_kind */
	int64_t cents;			/* of currency; 0 unless the reward is money */
	char currency[4];		/* ISO 4217; empty: none */
	unsigned consents;		/* at least one */
	char consent[PEOPLE_MAX][UUID_TEXT_MAX];	/* their record_id */
};

/* receipts is kept here: whoever edits the campaign later cannot sign for the recipient. */
struct export_recipient {
	char id[TERM_ID_MAX];
	char receipts[64];		/* word of minisign(1), of the key that signs receipts */
};

struct export_bundle {
	char bundle[UUID_TEXT_MAX], campaign[TERM_ID_MAX];
	unsigned purpose;
	unsigned recipients;		/* at least one */
	struct export_recipient recipient[RECIPIENTS_MAX];
	int64_t items, bytes;		/* bytes: of the encrypted file */
	char sha256[SHA256_TEXT_MAX];	/* of that */
	char manifest[SHA256_TEXT_MAX];
	char file[EXPORT_FILE_TEXT_MAX];	/* its name in the outbox, a word */
	int64_t delete_by, created;
	char payment[TERM_TEXT_MAX];	/* how somebody is paid; in no bundle; may be empty */
	struct chain consents;		/* where their log was; seq 0: nobody wrote it down */
	/* Of the secret that named its clips; empty: it is of a version that did not write it. */
	char fingerprint[SHA256_TEXT_MAX];
};

struct export_request {
	char bundle[UUID_TEXT_MAX], recipient[TERM_ID_MAX];
	char record_id[UUID_TEXT_MAX];	/* only what rests on it; empty: the whole bundle */
	int64_t at;
	struct chain consents;		/* as of a bundle */
};

/* What a recipient signed. */
struct export_receipt {
	char bundle[UUID_TEXT_MAX], recipient[TERM_ID_MAX];
	char record_id[UUID_TEXT_MAX];	/* as of a request */
	int64_t deleted;		/* when, says the recipient */
	char sha256[SHA256_TEXT_MAX];	/* of the text that was signed */
	char key[KEY_ID_TEXT_MAX];	/* that signed it */
};

/* An entry, read. */
struct export_entry {
	enum export_kind kind;
	union {
		struct export_item item;
		struct export_bundle bundle;
		struct {
			char bundle[UUID_TEXT_MAX], why[TERM_TEXT_MAX];
		} given_up;
		struct export_request request;
		struct export_receipt receipt;
		bool on;		/* of a switch */
	};
};

/* "item"; fields are what an entry of that kind has, to be released; NULL: no memory. */
const char *export_kind_name(enum export_kind kind);
json_t *export_fields(const struct export_entry *entry);
/* -EINVAL says which field is wrong. */
int export_read(struct export_entry *entry, const char *kind, const json_t *fields,
		struct scrim_error *err);

enum bundle_state { BUNDLE_BEGUN, BUNDLE_GIVEN, BUNDLE_VOID };

/* Times are 0 until then. */
struct erasure {
	int64_t requested, deleted;	/* of the whole bundle */
	int64_t record_requested, record_deleted;	/* of a part: the last */
	json_t *open;			/* owned; records that were asked for and not signed since: when */
};

struct kept_bundle {
	enum bundle_state state;
	char id[UUID_TEXT_MAX], campaign[TERM_ID_MAX];
	int64_t items, cents;		/* so far */
	char currency[4];		/* empty: nothing was paid */
	json_t *records;		/* owned; of consents that an item rests on: an object */
	bool marked;			/* an item rests on the consent that was asked for */
	struct export_bundle *given;	/* owned; NULL until then */
	struct erasure erasure[RECIPIENTS_MAX];	/* as given->recipient */
};

#define CURRENCIES_MAX	16

struct books {
	const char *campaign;		/* the sums are only of this one; NULL: of all */
	const char *record_id;		/* mark bundles with this consent; or NULL */

	unsigned count, room;
	struct kept_bundle **at;	/* owned, as each is; only the last may be begun */
	json_t *ids;			/* which of them has this id */
	json_t *donors;			/* of bundles that were given: an object, a member each */
	json_t *waiting;		/* the same of the bundle that is begun */
	int64_t time;			/* of the last entry */
	bool switched, on;		/* there was a switch; the last */
	struct chain consents;		/* the latest of what entries name; seq 0: none does */
	char fingerprint[SHA256_TEXT_MAX];	/* of all bundles that have one; empty: none has */

	/* Of what was given. */
	uint64_t bundles, items, deletions;
	unsigned currencies;
	struct {
		char name[4];
		int64_t cents;
	} money[CURRENCIES_MAX];
	struct scrim_error why;		/* code 0, or an entry that cannot be */
};

/* As store_open(): -ENOENT: there is none yet. */
int books_open(struct log_files *files, const char *store, struct scrim_error *err);

/* -EINVAL: such an entry cannot follow what is there. */
int books_check(const struct books *books, const struct export_entry *entry,
		struct scrim_error *err);
/* One more, that was checked. */
int books_take(struct books *books, const struct export_entry *entry, struct scrim_error *err);
/* The same of a line of the log; *read is what it says, if it is of one of the kinds: 1, else 0. */
int books_take_line(struct books *books, const struct entry *entry, struct export_entry *read,
		    struct scrim_error *err);

/*
 * What the log says, up to where it is broken; verdict->broken also means an entry that is signed
 * but none of a ledger of exports.  campaign and record_id are set before, all else is zero.
 */
int books_read(struct books *books, const struct log_files *files, struct log_verdict *verdict,
	       struct scrim_error *err);
void books_free(struct books *books);

/* As before the first entry. */
void books_again(struct books *books);

/* NULL: there is none. */
struct kept_bundle *books_find(const struct books *books, const char *bundle);
/* -1: it was not given to that one. */
int kept_bundle_recipient(const struct kept_bundle *bundle, const char *recipient);
/* Given, past its day, and this recipient has not signed that it is gone. */
bool erasure_is_overdue(const struct kept_bundle *bundle, unsigned recipient, int64_t now);
unsigned books_overdue(const struct books *books, int64_t now);

#endif
