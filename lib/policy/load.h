/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All policies of a folder or a file, read in a cage.
 */
#ifndef POLICY_LOAD_H
#define POLICY_LOAD_H

#include "policy/policy.h"

#define POLICY_FOLDER	"/etc/scrim/policy.d"
#define POLICY_FILES_MAX	256

/*
 * path is a file, or a folder of which every *.conf is read, sorted by their names.  What is wrong
 * in them is in policies->errors; negative when they could not be read at all.
 * The caller frees *policies.
 */
int policies_load(struct policies **policies, const char *path, struct scrim_error *err);

#endif
