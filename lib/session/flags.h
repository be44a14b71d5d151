/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a file of a mount is open without blocking, as its process set it last: FUSE
 * tells the flags of open(), and not what fcntl(F_SETFL) made of them.
 */
#ifndef SESSION_FLAGS_H
#define SESSION_FLAGS_H

#include <stdbool.h>
#include <sys/types.h>

/* The mount of an open descriptor of our own, as /proc names it; -1: not known. */
int flags_mount(int fd);

/*
 * The flags of the descriptor of a process that is in a mount and stands at that position,
 * which is how opens are told apart (mount_open()).  false: there is none, or nobody may
 * look.  *hint is where it was found last, -1 at first.
 */
struct flags_of {
	int mount;
	long position;
};
bool flags_now(pid_t pid, const struct flags_of *of, int *hint, int *flags);

#endif
