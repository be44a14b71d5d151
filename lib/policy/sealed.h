/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a policy's detector reads, as it was when the policy was taken: a copy that nobody can
 * write to, this process and root's programs included.
 */
#ifndef POLICY_SEALED_H
#define POLICY_SEALED_H

#include "digest.h"
#include "policy/policy.h"

struct sealed {
	bool taken;			/* false: nothing was copied yet */
	int model, boxes;		/* memory; -1: the policy has none */
	char sha256[SHA256_TEXT_MAX];	/* of the one that there is; empty: there is none */
};

#define SEALED_NONE	{ .model = -1, .boxes = -1 }

/* As policy_open(), once and for all; on an error nothing is taken. */
int sealed_take(struct sealed *sealed, const struct policy *policy, struct scrim_error *err);
void sealed_free(struct sealed *sealed);

#endif
