/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clean pictures on their way from the worker that makes them to the process that
 * answers for a session: memory that both have, and a socket that says which part
 * of it is a picture now.  Neither trusts what the other writes there.
 */
#ifndef SESSION_RING_H
#define SESSION_RING_H

#include "session/device.h"
#include "sink/sink.h"

#define RING_SLOTS	4
#define RING_BLACK	RING_SLOTS	/* one more, that only the server writes */

struct ring {
	int memory;			/* RING_SLOTS + 1 pictures; -1: none */
	int ends[2];			/* of the socket: the worker's, the server's */
	size_t slot_bytes;		/* a whole number of pages */
	struct ring_shared *shared;	/* who has which slot, and the format that is wanted */
	uint8_t *pictures;
};
#define RING_NONE	{ -1, { -1, -1 }, 0, NULL, NULL }

/* picture: bytes of the largest picture. */
int ring_make(struct ring *ring, size_t picture, struct scrim_error *err);
void ring_close(struct ring *ring);

/*
 * For the worker.  A picture is converted to the format that is wanted when it is
 * put, among YUYV, NV12 and YU12; without a free slot it is dropped.  fd is its end of the
 * socket, or a copy of it.
 */
int sink_ring(struct sink **sink, const struct ring *ring, int fd, struct scrim_error *err);

/* For the server. */
void ring_want(struct ring *ring, uint32_t fourcc);
/* 1: a picture of that format is in a slot, which is the server's until it is given back. */
int ring_take(struct ring *ring, unsigned *slot, uint32_t *fourcc, int64_t *time_ns);
void ring_give_back(struct ring *ring, unsigned slot);
uint8_t *ring_picture(const struct ring *ring, unsigned slot);
uint64_t ring_offset(const struct ring *ring, unsigned slot);	/* in memory */

#endif
