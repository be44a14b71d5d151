/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A folder goes in as a tar file that says nothing of this machine, and comes out as a file of
 * age(1) that only the recipient opens.  What is in between is in a pipe, and on no disk.
 */
#ifndef EXPORT_SEAL_H
#define EXPORT_SEAL_H

#include "consent/process.h"
#include "export/tar.h"

#define AGE_PROGRAM	"/usr/bin/age"
#define SEAL_ALGORITHM	"age/v1: X25519, ChaCha20-Poly1305"

struct sealed {
	uint64_t plain, bytes;		/* of the tar file, and of what came out */
	char sha256[SHA256_TEXT_MAX];	/* of that */
};

/*
 * out is empty.  It is on the disk when this returns.  -ECANCELED: *stop was set meanwhile; and as
 * tar_write().
 */
int seal_folder(struct sealed *sealed, const struct packing *packing, const char *recipient,
		int out, const volatile int *stop, struct scrim_error *err);

/*
 * Whether what leaves is encrypted to this key, measured: bytes that nobody knows go in, and what
 * comes out has the form of age's and does not have them.  -EIO: it is not.
 */
int seal_measure(const char *recipient, struct scrim_error *err);

/* For seal_measure() where nothing is given: its secret was thrown away. */
#define SEAL_NOBODY	"age1jr6ps5g8v5clxhg3cugfeep6l3qxqj8fuyuj860a2dllm8me2f8q5c48za"

/*
 * The same of a file that lies there, which name is: the head for one recipient, a length that a
 * tar file has when it is encrypted, and bytes that look like it at its beginning, middle and end.
 * With nothing but calls that a cage has.  -EIO: it is not.
 */
int seal_look(int fd, const char *name, uint64_t *bytes, struct scrim_error *err);

#endif
