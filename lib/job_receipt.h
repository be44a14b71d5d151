/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The word of a worker that a copy is done: OUT.receipt.json says by hashes what was made of what,
 * by which program, under which policy and with which detector, and OUT.receipt.json.minisig is
 * its signature.  It tells no names, no times and no machine.
 */
#ifndef LIB_JOB_RECEIPT_H
#define LIB_JOB_RECEIPT_H

#include "consent/fields.h"
#include "consent/minisign.h"
#include "job.h"

#define RECEIPT_ENDING	".receipt.json"
#define RECEIPT_MAX	65536		/* bytes */

/* What is known before the work.  While it is the same, the work need not be done again. */
struct receipt_facts {
	char tool[SHA256_TEXT_MAX];	/* of the program */
	char policy[SHA256_TEXT_MAX];	/* of its file */
	char camera[POLICY_NAME_MAX];	/* empty: the policy has only one */
	enum detector_kind detector;
	char model[SHA256_TEXT_MAX];	/* what the detector reads; empty: nothing */
	char input[SHA256_TEXT_MAX];
};

/* The hash of what the policy's detector reads, for the facts. */
int receipt_model(struct receipt_facts *facts, const struct policy *policy, struct scrim_error *err);

/*
 * Of the copy, a descriptor, that will be at path.  It comes first: so a copy without a receipt is
 * none of ours, and a receipt without its copy does not fit.  Whoever sees the receipt sees its
 * signature too.
 */
int receipt_write(const char *path, int copy, const struct receipt_facts *facts,
		  const struct policy *policy, const struct job_result *result,
		  const struct secret_key *key, struct scrim_error *err);
/* Any, of whomever: then what is at path was once made by a worker, and may be made again. */
bool receipt_is_there(const char *path);
void receipt_remove(const char *path);

struct receipt_verdict {
	bool fits;			/* signed by the key, of these facts and this copy */
	uint64_t whole;			/* frames of it that are covered whole because of doubt */
};

/* Of what is at path, in a cage.  A copy or a receipt that is not there does not fit. */
int receipt_check(struct receipt_verdict *verdict, const char *path,
		  const struct receipt_facts *facts, const struct public_key *key,
		  struct scrim_error *err);

#endif
