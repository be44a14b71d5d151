/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clean pictures on their way from the worker that makes them to the process that
 * answers for a session: memory that both have, and a socket that says which part
 * of it is a picture now.  Neither trusts what the other writes there.
 *
 * Worker and server may be of different users: a ring that was handed over by its memory
 * and its socket is like any other.
 */
#ifndef SESSION_RING_H
#define SESSION_RING_H

#include "guard/cage.h"
#include "session/device.h"
#include "sink/sink.h"

#define RING_SLOTS	4
#define RING_BLACK	RING_SLOTS	/* one more, that only the server writes */

struct ring {
	int memory;			/* RING_SLOTS + 1 pictures; -1: none */
	int ends[2];			/* of the socket: the worker's, the server's */
	unsigned width, height;		/* of all its pictures */
	size_t slot_bytes;		/* a whole number of pages */
	struct ring_shared *shared;	/* who has which slot, and the format that is wanted */
	uint8_t *pictures;
};
/* One that is there to be taken. */
struct ring_picture {
	uint32_t slot, fourcc;
	int64_t time_ns;
};

/* What a server says whose worker serves others as well. */
enum ring_word {
	RING_STOPS,			/* nobody streams */
	RING_STREAMS,
	RING_IS_CUT,			/* what was said to be cut is not shown any more */
};

#define RING_NONE	{ -1, { -1, -1 }, 0, 0, 0, NULL, NULL }

/* For pictures of this size, and no other. */
int ring_make(struct ring *ring, const struct device_pictures *pictures, struct scrim_error *err);
/* The server's side of a ring that was made elsewhere; both descriptors are the ring's now. */
int ring_join(struct ring *ring, const struct device_pictures *pictures, int memory, int socket,
	      struct scrim_error *err);
void ring_close(struct ring *ring);
/* What was in it is gone, for the other side as well, and its memory is the system's again. */
void ring_wipe(struct ring *ring);
/* Children that are forked from now on do not have it. */
void ring_keep(struct ring *ring);
/* -ENOTSUP: whoever takes the pictures was told of another size. */
int ring_has_size(const struct ring *ring, const struct v4l2_pix_format *pix,
		  struct scrim_error *err);

/*
 * For the worker.  A picture is converted to the format that is wanted when it is
 * put, among YUYV, NV12 and YU12; without a free slot it is dropped.  fd is its end of the
 * socket, or a copy of it.
 */
int sink_ring(struct sink **sink, const struct ring *ring, int fd, struct scrim_error *err);
extern const struct device_request ring_may;	/* of fd, in a cage */
/* Puts a picture that is in a slot of another ring, of these sides. */
int ring_relay(struct sink *sink, const struct ring *from, const struct ring_picture *picture,
	       struct scrim_error *err);
/* What was put before is not to be shown; -errno when that cannot be said. */
int ring_say_cut(const struct ring *ring);
/* 1: a word of the server's; 0: none now.  -EPIPE: it is gone. */
int ring_hear(const struct ring *ring, enum ring_word *word);

/* For the server. */
void ring_want(struct ring *ring, uint32_t fourcc);
/*
 * 1: a picture is in a slot, which is the server's until it is given back.  RING_CUT: what was
 * taken before is not to be shown; only a ring that was joined has that.
 */
#define RING_CUT	2
int ring_take(struct ring *ring, struct ring_picture *picture);
int ring_tell(const struct ring *ring, enum ring_word word);
void ring_give_back(struct ring *ring, unsigned slot);
uint8_t *ring_picture(const struct ring *ring, unsigned slot);
uint64_t ring_offset(const struct ring *ring, unsigned slot);	/* in memory */

#endif
