/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a session keeps, for the files that make it up: calls.c answers what applications
 * do with the file, arrays.c where a call points to more, serve.c is the loop around them.
 */
#ifndef SESSION_CALLS_H
#define SESSION_CALLS_H

#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>

#include "session/reach.h"
#include "session/ring.h"
#include "session/serve.h"
#include "session/store.h"

#define ARGUMENT_MAX	256		/* bytes: the largest of V4L2's is 232 */
#define WAITING_MAX	64		/* calls that block, of all handles */

/* What struct fuse_file_info::fh points to. */
struct opened {
	struct handle *handle;
	struct fuse_pollhandle *poll;	/* NULL: nobody polls */
	struct opened *next;
	bool nonblocking;		/* when it was opened */
	uint32_t number;		/* for mount_open() */
	int fd;				/* its descriptor there, as seen last; -1: not known */
};

/* A call that blocks.  req NULL: a free place. */
struct waiting {
	fuse_req_t req;
	struct opened *by;
	unsigned cmd;
	size_t out;			/* bytes of the answer */
	union {
		char bytes[ARGUMENT_MAX];
		uint64_t align;
	} argument;
};

struct session {
	struct device *device;
	struct fuse_mount mount;
	int mount_id;			/* as /proc has it */
	struct fuse_session *fuse;
	struct fuse_buf buf;		/* libfuse's own */
	struct ring ring;
	bool joined, told;		/* the ring is shared; who fills it knows that we stream */
	struct storer storer;
	uint32_t black_of;		/* the format of the black slot */
	unsigned stores[RING_SLOTS + 1];	/* under way, from each slot */
	struct opened *opened;
	struct waiting waiting[WAITING_MAX];
	bool woken;
	struct reacher reacher;
	struct waiting arrays[WAITING_MAX];	/* first come, first served */
	unsigned arrays_first, arrays_count;
	struct reach reach;		/* for the first of them */
	int array_ret;			/* what the device said to it */
};

/* calls.c: ctx is the struct session. */
extern const struct fuse_lowlevel_ops session_calls;
/* An open's device_base::wake(). */
void calls_wake(void *ctx, struct handle *handle);
/* Those that blocked and may go on. */
void calls_retry(struct session *session);
/* Nobody gets an answer any more. */
void calls_end(struct session *session);

/* arrays.c: whether an array belongs to the call. */
bool arrays_has(const struct waiting *call);
/* The call is answered when its array has been fetched and delivered. */
void arrays_begin(struct session *session, const struct waiting *call);
/* An order of the reacher may be done. */
int arrays_turn(struct session *session);
void arrays_end(struct session *session);
/* device_base's, of the array that is here. */
int arrays_fetch(void *ctx, uint64_t address, void *to, size_t size);
int arrays_deliver(void *ctx, uint64_t address, const void *from, size_t size);

#endif
