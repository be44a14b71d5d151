/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether root is root.  Anybody can make a user namespace in which he is user 0 and his files are
 * root's, and put files where an administrator's should be.
 */
#ifndef GUARD_NAMESPACE_H
#define GUARD_NAMESPACE_H

#include "error.h"

/* -EACCES: this process does not see the users of the machine. */
int namespace_check(struct scrim_error *err);

#endif
