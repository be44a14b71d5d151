/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fence: around a process whose code is not ours, that opens a camera by itself and starts
 * threads.  It reads libraries and what the kernel tells of devices, opens the camera's nodes,
 * and speaks over one socket.  It starts no process, makes no socket, writes no file, and
 * reaches no other process; where the kernel has no Landlock nothing is fenced, and refused.
 *
 * Unlike a cage, what is not permitted fails and does not kill: libraries try one way, and
 * then another.
 */
#ifndef GUARD_FENCE_H
#define GUARD_FENCE_H

#include "guard/cage.h"

#define FENCE_SOCKET	3		/* the one descriptor for messages */

/* Where it says ioctl, it means those of fence_requests. */
extern const struct permission fence_permissions[];
extern const unsigned fence_permissions_count;
extern const struct device_request fence_requests[];
extern const unsigned fence_requests_count;

/* What may be opened besides the nodes, to read. */
struct fence_place {
	const char *path, *reason;
};
extern const struct fence_place fence_places[];
extern const unsigned fence_places_count;

/* Bytes of memory that a fenced process may add to what it has. */
#define FENCE_MEMORY_MAX	(512ull << 20)

/* -ENOTSUP: there is no Landlock.  No way back. */
int fence_enter(const char *const *nodes, unsigned count, struct scrim_error *err);

#endif
