// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/late.h"

/* Late, and one was shown not long ago. */
static bool is_left_out(const struct late *late, int64_t dry_ns, int64_t now_ns)
{
	return now_ns - dry_ns > LATE_NS && now_ns - late->shown_ns < LATE_SHOW_NS;
}

enum late_packet late_packet(struct late *late, bool alone, bool key, int64_t dry_ns,
			     int64_t now_ns)
{
	if (alone)
		return is_left_out(late, dry_ns, now_ns) ? LATE_LEAVE : LATE_DECODE;
	if (now_ns - dry_ns > LATE_JUMP_NS)
		late->jumps = true;
	if (late->jumps && key && now_ns - dry_ns <= LATE_NS)
		late->jumps = false;
	if (late->jumps)
		return LATE_LEAVE;
	return now_ns - dry_ns > LATE_NS ? LATE_DECODE_LESS : LATE_DECODE;
}

bool late_picture(struct late *late, int64_t dry_ns, int64_t now_ns)
{
	if (is_left_out(late, dry_ns, now_ns))
		return false;
	late->shown_ns = now_ns;
	return true;
}
