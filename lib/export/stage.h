/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where bundles are made: a folder STORE/stage that only its owner enters.
 *
 *	lock		held by the one exporter that runs
 *	done/KEY.mp4	a redacted clip, and KEY.json, what is known of it
 *	BUNDLE/		what will be packed
 *	BUNDLE.place	where its encrypted file is to appear
 *
 * A crash leaves these and nothing else that has plaintext.  The next run takes up redacted clips
 * if KEY.json proves that they were made of the same clip under the same policy by the same
 * program.
 */
#ifndef EXPORT_STAGE_H
#define EXPORT_STAGE_H

#include "consent/books.h"
#include "export/secret.h"
#include "policy/policy.h"

struct stage {
	int store, folder, done, lock;	/* -1: not open */
	char path[3072];		/* of the folder */
};

#define STAGE_NONE	{ .store = -1, .folder = -1, .done = -1, .lock = -1 }

/* -ENOENT: there is none, and make is false.  -EBUSY: another export is under way. */
int stage_open(struct stage *stage, const char *store, bool make, struct scrim_error *err);
void stage_close(struct stage *stage);

/* A redacted clip. */
struct redacted {
	char key[SHA256_TEXT_MAX];	/* of clip, policy, model and program */
	char sha256[SHA256_TEXT_MAX];
	int64_t bytes, frames, faces, with_faces, whole, microseconds;	/* as of a job_result */
	unsigned width, height;
};

/* What a redacted clip is made of, besides the clip. */
struct recipe {
	char policy[SHA256_TEXT_MAX], model[SHA256_TEXT_MAX], tool[SHA256_TEXT_MAX];
};

/* Looks at the policy, at its model and at the program that runs. */
int recipe_make(struct recipe *recipe, const struct policy *policy, struct scrim_error *err);

void redacted_key(char key[SHA256_TEXT_MAX], const struct secret *secret, const char *clip,
		  const struct recipe *recipe);
/* 1: it is there, whole, and what it says it is; 0: it is not, and what there was is gone. */
int stage_find(struct redacted *redacted, const struct stage *stage, const struct secret *secret,
	       const char *key, struct scrim_error *err);
/* KEY.mp4 is there: writes down the rest. */
int stage_keep(const struct redacted *redacted, const struct stage *stage, const struct secret *secret,
	       struct scrim_error *err);
void stage_path(char *path, size_t room, const struct stage *stage, const char *key);
void stage_drop(const struct stage *stage, const char *key);
/* All of them. */
void stage_empty(const struct stage *stage);

/* The folder of a bundle with items/ in it: a descriptor. */
int stage_begin(const struct stage *stage, const char *bundle, struct scrim_error *err);
/* NAME.mp4 of the bundle: the redacted clip. */
int stage_put(const struct stage *stage, int bundle, const char *name, const char *key,
	      struct scrim_error *err);
/* Nothing of it stays, nor its place. */
void stage_end(const struct stage *stage, const char *bundle);

/* Where the encrypted file will be: a folder by its whole name, and a name in it. */
struct place {
	char folder[3072], file[EXPORT_FILE_TEXT_MAX];
};
int place_write(const struct stage *stage, const char *bundle, const struct place *place,
		struct scrim_error *err);
int place_read(struct place *place, const struct stage *stage, const char *bundle,
	       struct scrim_error *err);
void place_drop(const struct stage *stage, const char *bundle);

/* Files that were about to get a name when somebody was killed. */
void stage_sweep(const struct stage *stage);

/* Each bundle that was begun and not ended. */
int stage_each(const struct stage *stage,
	       int (*each)(void *ctx, const char *bundle, struct scrim_error *err), void *ctx,
	       struct scrim_error *err);

#endif
