/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The consents that a user keeps, in a folder that nobody else can enter: a signed log of events,
 * to which is only ever added, and its key.  What is not in it and what is another's look the same.
 */
#ifndef CONSENT_STORE_H
#define CONSENT_STORE_H

#include <sys/types.h>

#include "consent/read.h"
#include "consent/record.h"

#define STORE_LOG	"consent"	/* NAME of the log and of its key */
#define STORE_MAX	4096		/* consents */

/* Read out of a log. */
struct consents {
	unsigned count, room;
	struct consent **at;		/* owned, as each is */
	uid_t uid;			/* whose they are */
	int64_t time;			/* of the latest entry */
	const struct chain *known;	/* while they are read: the caller's, or NULL */
	struct scrim_error why;		/* code 0, or an entry that is none of a store */
};

/*
 * Opens all files.  -ENOENT: there is none yet, which is no folder, or neither a log nor a head in
 * it; where one is missing store_read() says that it is broken.  -EACCES: the folder is not the
 * caller's alone.
 */
int store_open(struct log_files *files, const char *path, struct scrim_error *err);
/* The same of another log in the folder, which is signed with the same key. */
int store_open_log(struct log_files *files, const char *path, const char *log,
		   struct scrim_error *err);
/*
 * What log_read() returned, of a log that is never rotated away; files NULL: of none.  *why, if it
 * has a code, is what is wrong with an entry: then the log is broken.
 */
int store_verdict(int ret, const struct log_files *files, struct log_verdict *verdict,
		  struct scrim_error *why);
/* The user's own; makes the folder and the key where there are none. */
int store_key(struct secret_key *key, const char *path, struct scrim_error *err);
/* To add to it; makes the folder and the key where there are none, and waits for another writer. */
struct ledger;
int store_ledger(struct ledger **ledger, const char *path, const char *log,
		 struct scrim_error *err);

/*
 * What the log says, up to where it is broken; verdict->broken also means an entry that is signed
 * but no event of a consent of this user, or a clock that was set back: what had ended would not
 * have.  So does a log without the entry that the ledger of exports knows of (books.h): an older
 * copy, which its head agrees with, was put back.  files NULL: there is no store; known NULL, or
 * seq 0: nobody knows.
 */
int store_read(struct consents *consents, const struct log_files *files, uid_t uid,
	       const struct chain *known, struct log_verdict *verdict, struct scrim_error *err);
/* -EINVAL: the clock is behind the latest entry: what were written now would break the log. */
int store_check_clock(int64_t last, struct scrim_error *err);
/* NULL: it is not there. */
const struct consent *consents_find(const struct consents *consents, const char *record_id);
void consents_free(struct consents *consents);

/* The given ones that a word means, which is the id of a record or of a campaign. */
struct store_matches {
	bool broken;			/* the log is; these are of what comes before */
	int64_t time;			/* of the latest entry */
	struct chain last;		/* that entry; seq 0: there is none, or the log is broken */
	unsigned all;			/* consents, given or not */
	unsigned count;
	struct {
		char record_id[UUID_TEXT_MAX], campaign[TERM_ID_MAX];
		int64_t until;		/* of its last event */
		bool handed;		/* somebody else's, who signed it */
	} at[STORE_MAX];
};

/* In a cage.  A store that is not there has none.  word NULL: it means all. */
int store_find(struct store_matches *matches, const char *path, const char *word,
	       struct scrim_error *err);

/*
 * Makes the store where there is none.  On the disk when these return 0, or 1: but its head could
 * not be written, and *err says why.  -EBUSY: somebody else has been writing for seconds.
 */
int store_grant(const char *path, const struct consent *consent, struct scrim_error *err);
/*
 * What the word means now, when nobody else writes: *matches is what was taken back.  That of
 * others is taken back by the keeper.
 */
int store_withdraw(struct store_matches *matches, const char *path, const char *word,
		   const struct consent_event *event, struct scrim_error *err);

/* Of a letter that somebody else signed; what is believed of it is in the store then. */
enum taken {
	TAKEN_NEW,
	TAKEN_LATER,			/* something has happened to it since */
	TAKEN_BEFORE,			/* nothing has, or it was taken back: nothing is stored */
};
struct store_taken {
	enum taken taken;
	bool first;			/* of this person: whose key it is nobody here has seen */
	bool broken;			/* the log is, and nothing was taken */
	int64_t time;			/* of its latest entry */
	bool given;			/* or it was taken back */
	char record_id[UUID_TEXT_MAX], subject[TERM_ID_MAX], key[PUBLIC_KEY_WORD_MAX];
};

/*
 * text: of letter_load().  -EPERM: this person has another key here, or the letter says something
 * else of the same consent.  1: as above.
 */
int store_take(struct store_taken *taken, const char *path, const char *text,
	       struct scrim_error *err);

/*
 * On one machine nobody has to be asked to hear: who took a consent back leaves its id as a name in
 * this folder, in which anybody may make a name and nobody can list them.  A name alone says it:
 * whoever knows an id may only have less exported.  Of the user's own only a name that he made says
 * it: then an older copy of the store was put back.
 */
#define WITHDRAWN_FOLDER	"/var/lib/scrim/withdrawn"

/* Tell, and hear: what others took back is taken back here.  Where there is no folder, nothing is. */
int store_tell(const char *record_id, struct scrim_error *err);
int store_hear(const char *path, struct scrim_error *err);

#endif
