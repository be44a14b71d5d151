/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection to a camera, read with patience that ends: nobody can hold the reader up by
 * sending nothing, little, or without end.
 */
#ifndef SOURCE_LINK_H
#define SOURCE_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

#define LINK_BYTES	(64 << 10)
#define LINK_SILENCE_MS	10000		/* without a byte */
#define LINK_TAKEN_MAX	(64u << 20)	/* bytes, between two pictures */

struct tls;

struct link {
	int fd;				/* the caller's */
	struct tls *tls;		/* what goes over it is in there; NULL: plain.  The caller's */
	uint8_t bytes[LINK_BYTES];	/* from at to end: read, not taken */
	size_t at, end;
	int64_t until_ns;		/* nothing counts that comes later, by CLOCK_MONOTONIC */
	int64_t dry_ns;			/* when last all that had come was taken */
	uint64_t taken;			/* bytes since link_expect() */
};

int64_t link_now_ns(void);

void link_begin(struct link *link, int fd);

/* Waits until something is there to read.  -ETIMEDOUT, -EFBIG: by the bounds above. */
int link_wait(struct link *link, struct scrim_error *err);
/* What is there of the connection's own bytes; -EAGAIN: nothing. */
ssize_t link_raw(struct link *link, void *bytes, size_t size, struct scrim_error *err);

/* From now on something is expected, which has so many milliseconds to come. */
void link_expect(struct link *link, int ms);

/*
 * At least one byte and at most size; 0: the other side ended.  -ETIMEDOUT, -EFBIG: by the
 * bounds above.
 */
int link_some(struct link *link, void *bytes, int size, struct scrim_error *err);

/* Exactly so many; bytes NULL: they are of no interest.  -EPIPE: the other side ended before. */
int link_bytes(struct link *link, void *bytes, size_t size, struct scrim_error *err);

/* The next byte, which stays. */
int link_peek(struct link *link, struct scrim_error *err);

/*
 * A line, without its end, NUL-terminated.  -EBADMSG: it is as long as size, or has a
 * control character in it.
 */
int link_line(struct link *link, char *line, size_t size, struct scrim_error *err);

/* All of text.  -ETIMEDOUT: it is not taken, by the socket's own limit or when it is too late. */
int link_write(struct link *link, const char *text, struct scrim_error *err);

#endif
