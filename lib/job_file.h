/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many clips for many workers: a file that never changes says what is to be made of what, and a
 * worker picks its shard of it, the same whenever it looks.
 *
 *	{"schema":"scrim.job/1","out":"covered","policy":"scrim.conf","policy_sha256":"5a0c..."}
 *	{"in":"clips/0001.mp4","sha256":"77fe...","out":"0001.mp4"}
 *	{"in":"clips/0002.mp4","sha256":"91b3...","out":"0002.mp4"}
 *
 * An item counts by its place among the lines, so that one that is wrong is one shard's own.
 */
#ifndef LIB_JOB_FILE_H
#define LIB_JOB_FILE_H

#include "consent/fields.h"
#include "policy/policy.h"

#define JOB_FILE_MAX	(16u << 20)	/* bytes */
#define JOB_ITEMS_MAX	4096		/* of one shard */
#define JOB_PATH_MAX	1024		/* bytes of a name, with its NUL */
#define JOB_SHARDS_MAX	100000

/* The items whose number, from 0, leaves index when it is divided by count. */
struct job_shard {
	unsigned index, count;		/* index < count */
};

struct job_item {
	unsigned line;
	char in[JOB_PATH_MAX];
	char out[JOB_PATH_MAX];		/* below the job's folder */
	char sha256[SHA256_TEXT_MAX];	/* of in */
	char wrong[SCRIM_TEXT_MAX];	/* not empty: the line is no item, and why */
};

/* Names are as they were written: seen from the folder of the job file. */
struct job_file {
	char out[JOB_PATH_MAX];		/* the folder of all copies */
	char policy[JOB_PATH_MAX];
	char policy_sha256[SHA256_TEXT_MAX];
	char camera[POLICY_NAME_MAX];	/* empty: the policy has only one */
	unsigned items;			/* of all shards */
	unsigned count;			/* of this one */
	struct job_item at[JOB_ITEMS_MAX];
};

/*
 * name is for messages.  -EBADMSG, -EINVAL: the first line is wrong, or there is no item.  -EFBIG:
 * the shard has more than JOB_ITEMS_MAX of them.  text is cut into its lines.
 */
int job_file_read(struct job_file *file, char *text, size_t size, const char *name,
		  struct job_shard shard, struct scrim_error *err);

/* The same of a stranger's file, in a cage. */
int job_file_load(struct job_file *file, const char *path, struct job_shard shard,
		  struct scrim_error *err);

/* The policy at path, in a cage.  -EBADMSG: it is not the one that the job is about. */
int job_policy_load(struct policy *policy, const struct job_file *file, const char *path,
		    struct scrim_error *err);

#endif
