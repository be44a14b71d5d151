/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a new policy shows that the old one did not.  This decides whether a change needs an
 * explicit yes: when anything that was covered may be seen, the change loosens.  Doubt
 * loosens.
 */
#ifndef POLICY_COMPARE_H
#define POLICY_COMPARE_H

#include "policy/policy.h"

#define CHANGES_MAX		512
#define CHANGE_TEXT_MAX		160

enum open_verdict {				/* ascending */
	VERDICT_NEITHER,		/* what is seen stays as it is */
	VERDICT_TIGHTENS,		/* less is seen, and nothing more */
	VERDICT_LOOSENS,		/* more may be seen */
};

/* "NEITHER", "TIGHTENS", "LOOSENS". */
const char *verdict_name(enum open_verdict verdict);

struct change {
	enum open_verdict verdict;
	char camera[POLICY_NAME_MAX];
	char what[POLICY_NAME_MAX + 8];	/* the key, or "region NAME"; "camera" */
	char why[CHANGE_TEXT_MAX];
};

struct comparison {
	enum open_verdict verdict;		/* the worst of all changes */
	unsigned count;			/* of changes; the first CHANGES_MAX are kept */
	struct change at[CHANGES_MAX];
};

void comparison_clear(struct comparison *comparison);

/* Adds the changes of one camera.  A policy that is not there, NULL, shows nothing. */
void policy_compare(struct comparison *comparison, const struct policy *old,
		    const struct policy *new);

/*
 * Adds that the file which the detector reads is another one under the same name.  By its SHA-256;
 * empty: there was none, or is none.
 */
void policy_compare_sealed(struct comparison *comparison, const struct policy *old,
			   const struct policy *new, const char *before, const char *now);

/* Of all cameras; they are told apart by their names. */
void policies_compare(struct comparison *comparison, const struct policies *old,
		      const struct policies *new);

#endif
