/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All files of a log as one chain.  Opening names and looking at bytes are apart, so that the
 * second can be done in a cage.
 */
#ifndef CONSENT_READ_H
#define CONSENT_READ_H

#include "consent/head.h"

#define LOG_FOLDER	"/var/log/scrim"
#define LOG_FILES_MAX	512

/* A file that is open; fd is -1 where there is none. */
struct log_file {
	int fd;
	char *name;			/* for messages; owned */
};

/*
 * NAME.log and what rotating made of it: NAME.log.1, NAME.log-20261122 and the like.  Which
 * comes first is what the entries in them say.
 */
struct log_files {
	char log[LOG_NAME_MAX];
	unsigned count;
	struct log_file at[LOG_FILES_MAX];
	struct log_file head, head_signature;	/* NAME.head and NAME.head.minisig */
	struct log_file kept, kept_signature;	/* a head that was kept elsewhere */
	unsigned keys;
	struct log_file key[WALK_KEYS_MAX];	/* public ones, whose signature counts */
};

#define LOG_FILES_NONE	{ .head.fd = -1, .head_signature.fd = -1, .kept.fd = -1, \
			  .kept_signature.fd = -1 }

/* Those of the log NAME in the folder.  -ENOENT: there is no such log. */
int log_files_open(struct log_files *files, const char *folder, const char *name,
		   struct scrim_error *err);
/* Only the one that is written to, and the head, as far as they are there. */
int log_files_open_last(struct log_files *files, const char *folder, const char *name,
			struct scrim_error *err);
/* A head, with path.minisig if that is there. */
int log_files_add_head(struct log_files *files, const char *path, struct scrim_error *err);
int log_files_add_key(struct log_files *files, const char *path, struct scrim_error *err);
/* All NAME.pub and NAME-ID.pub of the folder. */
int log_files_add_keys(struct log_files *files, const char *folder, const char *name,
		       struct scrim_error *err);
void log_files_close(struct log_files *files);

/* Their descriptors, ascending, for a cage: how many. */
#define LOG_KEEP_MAX	(LOG_FILES_MAX + WALK_KEYS_MAX + 4)
unsigned log_files_keep(int fd[LOG_KEEP_MAX], const struct log_files *files);

enum head_verdict {
	HEAD_NONE,		/* there is none to compare with */
	HEAD_AGREES,		/* the last entry is the one it names */
	HEAD_BEHIND,		/* it names an earlier one, rightly */
	HEAD_OLDER,		/* it names one that is older than the first that is here */
};

/* Which file is broken, if it is none of files->at. */
#define BROKEN_HEAD	LOG_FILES_MAX
#define BROKEN_KEPT	(LOG_FILES_MAX + 1)

/* Plain data, so that it can come out of a cage. */
struct log_verdict {
	bool broken;
	unsigned file, line;		/* where, if it is; line 0: in no line */
	char what[SCRIM_TEXT_MAX];	/* and what is wrong there */

	uint64_t first, entries, torn_lines;
	struct chain last, before;	/* the last entry, and what the first follows */
	struct torn rest;		/* what lies behind the last entry */
	uint8_t key[KEY_ID_SIZE];	/* that signed the last entry, or the head; zeros: none */
	enum head_verdict head, kept;
	struct chain head_says;		/* zeros: no head that one of the keys signed */
	bool kept_signed;		/* by one of the keys */
};

/*
 * Reads them all.  each() may be NULL; it gets every entry up to the first that is broken, with
 * its line, and ends the reading with a negative number, which is returned.  Whether the log
 * is whole is in *verdict; negative: it could not be read.
 *
 * Most signatures need not be looked at when the log is whole (see walk.h).  But only the end tells
 * whether it is; so that is done for who has no each(), or says with again() that it can forget all
 * that each() was told, and be told again from the first entry on.
 */
struct log_reader {
	int (*each)(void *ctx, const struct entry *entry, const char *line, size_t size);
	void (*again)(void *ctx);
	void *ctx;
};
int log_read(const struct log_files *files, const struct log_reader *reader,
	     struct log_verdict *verdict, struct scrim_error *err);

/* The same, with nothing but the verdict, in a cage. */
int log_verify(const struct log_files *files, struct log_verdict *verdict,
	       struct scrim_error *err);

/* "porch.log:12", or the name of the file: where the verdict says that it is broken. */
const char *log_where(const struct log_files *files, const struct log_verdict *verdict,
		      char *text, size_t size);

#endif
