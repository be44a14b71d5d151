/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One worker at a time for one output, on this machine and on others that share the folder.  A
 * claim is a byte of the file .scrim.lock beside the output, locked; it ends with its process,
 * however that ends, and leaves nothing to be cleared away.
 */
#ifndef TOOLS_CLAIM_H
#define TOOLS_CLAIM_H

#include "error.h"

#define CLAIM_FILE	".scrim.lock"

/* Does not wait.  *claim is to be closed.  -EBUSY: somebody else has it. */
int claim_take(int *claim, const char *path, struct scrim_error *err);

#endif
