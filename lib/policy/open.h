/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where names become descriptors, for processes that may open them.
 */
#ifndef POLICY_OPEN_H
#define POLICY_OPEN_H

#include "policy/policy.h"

/*
 * What the policy's detector reads: its model, or boxes; -1 where it has none.  A
 * model that nobody named and that is not installed is -1 too.
 */
int policy_open(const struct policy *policy, int *model, int *boxes,
		struct scrim_error *err);

/* Reads a policy in a cage: its text is a stranger's too. */
int policy_load(struct policy *policy, const char *path, const char *camera,
		struct scrim_error *err);

#endif
