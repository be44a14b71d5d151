/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files in memory, and pictures to put into them, for the suites of both ends.
 */
#ifndef TESTS_MEDIA_H
#define TESTS_MEDIA_H

#include "redact/redact.h"
#include "sink/sink.h"

/* A descriptor of its own with these bytes. */
int media_file(const void *bytes, size_t size);
/* All of a file; *size may be NULL.  To be freed. */
uint8_t *media_bytes(int fd, size_t *size);

/* "YUV4MPEG2 ..." of so many frames that differ. */
int media_y4m(unsigned width, unsigned height, unsigned frames);

/*
 * A picture of smooth ramps, different for each number, that has been through
 * redact() with nothing to cover.
 */
struct clean_frame *media_clean(uint32_t fourcc, unsigned width, unsigned height,
				uint64_t number, bool full_range, int64_t time_ns);

/* How far two pictures of a kind are apart: the mean difference of a byte. */
double media_distance(const struct frame *a, const struct frame *b);

/* Where the pictures of a test sink come from, as far as sinks ask. */
struct source media_source(uint32_t fourcc, unsigned width, unsigned height);

#endif
