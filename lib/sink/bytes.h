/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes into a descriptor, all of them or an error that says why not.
 */
#ifndef SINK_BYTES_H
#define SINK_BYTES_H

#include "error.h"

int bytes_write(int fd, const void *bytes, size_t size, struct scrim_error *err);
/* The error of a write that failed with this errno. */
int bytes_error(int number, struct scrim_error *err);

#endif
