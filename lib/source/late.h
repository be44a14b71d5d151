/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is left out of a live video, so that who looks at it is never far behind.
 *
 * The camera's clock is not asked, which may say anything.  Whenever all that came has been
 * taken, we are on time; how late we are is how long that has not been so.
 */
#ifndef SOURCE_LATE_H
#define SOURCE_LATE_H

#include <stdbool.h>
#include <stdint.h>

#define LATE_NS		INT64_C(300000000)	/* from here on pictures are left out */
#define LATE_SHOW_NS	INT64_C(500000000)	/* but one is shown so often */
#define LATE_JUMP_NS	INT64_C(3000000000)	/* and from here on nothing is decoded */

struct late {
	int64_t shown_ns;		/* when a picture was last let through */
	bool jumps;			/* until a picture comes on time that needs no other */
};

enum late_packet {
	LATE_DECODE,
	LATE_DECODE_LESS,		/* but nothing that no other picture needs */
	LATE_LEAVE,			/* not at all */
};

/*
 * alone: no picture of this codec needs another one; key: this one needs none.  dry_ns is when
 * we were last on time.
 */
enum late_packet late_packet(struct late *late, bool alone, bool key, int64_t dry_ns,
			     int64_t now_ns);
/* Whether a picture that was decoded is shown. */
bool late_picture(struct late *late, int64_t dry_ns, int64_t now_ns);

#endif
