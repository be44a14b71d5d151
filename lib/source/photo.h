/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the header of a JPEG or PNG photo says beside its pixels.
 */
#ifndef SOURCE_PHOTO_H
#define SOURCE_PHOTO_H

#include <stdint.h>

struct photo {
	uint32_t width, height;		/* as stored; 0: not said */
	unsigned orientation;		/* EXIF: 1 to 8; 0: not said */
	unsigned quality;		/* of a JPEG, 1 to 100; 0: not known */
};

/* Whatever cannot be read is not said: this never fails. */
void photo_read(struct photo *photo, int fd);

#endif
