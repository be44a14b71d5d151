/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A frame whose regions are gone.  redact() is the only way to get one and a
 * sink accepts nothing else, so sending a raw frame does not compile.
 */
#ifndef REDACT_REDACT_H
#define REDACT_REDACT_H

#include "frame/frame.h"
#include "frame/region.h"

struct clean_frame;

/*
 * What is kept from frame to frame: the secret behind a mosaic's noise.  -EIO: the
 * system gave no random numbers.  redact() asks for neither memory nor numbers.
 */
struct redactor;
int redactor_new(struct redactor **redactor, struct scrim_error *err);
void redactor_free(struct redactor **redactor);

/*
 * Covers the regions in place and hands the picture over as clean.  The frame is
 * taken in every case; on an error it is freed, and there is no clean frame.  A
 * list that cannot be right (too long, shapes of another size) hides everything.
 * The badge comes last, and is of one look wherever it is: it hides more, and shows nothing.
 *
 * Fill leaves no trace: two frames that differ only under filled regions come
 * out byte for byte the same, in every plane, and padding comes out zero.  Where
 * regions overlap, fill wins and no other method reads what lies under it.
 */
int redact(struct redactor *redactor, struct frame **frame,
	   const struct regions *regions, struct clean_frame **clean,
	   struct scrim_error *err);

/* For sinks: the pixels, to read; valid until the clean frame is freed. */
const struct frame *clean_frame_view(const struct clean_frame *clean);
void clean_frame_free(struct clean_frame **clean);

#endif
