/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process that puts pictures into the page cache of the file.  The kernel makes it
 * wait for a page that an application is just reading in, which only the one who
 * answers for the file can end: so it must not be the same.
 */
#ifndef SESSION_STORE_H
#define SESSION_STORE_H

#include "guard/cage.h"
#include "session/mount.h"

struct storer {
	int fd;				/* readable when something was stored; -1: none */
	struct caged_child child;
};
#define STORER_NONE	{ .fd = -1 }

/*
 * memory is a descriptor of `size` bytes from which pictures are taken.  The process
 * is caged, and ends when fd is closed.
 */
int storer_start(struct storer *storer, const struct fuse_mount *mount, int memory, size_t size,
		 struct scrim_error *err);
/* False: it waits in the kernel for an answer about the file.  Answer, and call it again. */
bool storer_stop(struct storer *storer);

struct store_order {
	uint32_t buffer;		/* for storer_done() */
	uint32_t slot;			/* the same */
	uint64_t from, to;		/* offsets in memory and in the file */
	uint64_t size;
};
/* Does not wait: -EAGAIN when too much is under way. */
int storer_order(const struct storer *storer, const struct store_order *order);
/* 1: this one is done; 0: none is; -EPIPE: the process has ended. */
int storer_done(const struct storer *storer, struct store_order *order);

#endif
