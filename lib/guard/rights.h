/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors from one process to another, beside a message of a known size.
 */
#ifndef GUARD_RIGHTS_H
#define GUARD_RIGHTS_H

#include "error.h"

#define RIGHTS_MAX	4

/* 0 or a negative errno; does not raise SIGPIPE. */
int rights_send(int to, const void *message, size_t size, const int *fds, unsigned count);
/*
 * Waits for one message of exactly that size.  Fills fds with as many descriptors as
 * came, which are the caller's, and returns their number; -EPROTO: another size, or more
 * than count.  -EPIPE: nobody is there to send one.
 */
int rights_receive(int from, void *message, size_t size, int *fds, unsigned count);

#endif
