/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether those who were seen were told, by what scrimd wrote into its camera's log: from a notice
 * that is shown to the one that no longer is, every picture that was not black had the badge.
 */
#ifndef CONSENT_NOTICE_H
#define CONSENT_NOTICE_H

#include "consent/entry.h"

/* Zero is what nobody said. */
enum notice_state {
	NOTICE_UNKNOWN,			/* there is no log of that camera */
	NOTICE_BROKEN,			/* it is not what was written */
	NOTICE_GAP,			/* it was not shown for all of the time */
	NOTICE_SHOWN,
};

/* A time is looked for in entry after entry, from the first on. */
struct notice_search {
	int64_t from, until;		/* both are of it */
	int64_t since;			/* shown, and not ended yet; -1: it is not shown */
	bool found;
};

void notice_begin_search(struct notice_search *search, int64_t from, int64_t until);
void notice_take(struct notice_search *search, const struct entry *entry);
/* There are no more entries: what has not ended goes on. */
bool notice_was_shown(const struct notice_search *search);

struct notice_place {
	const char *logs;		/* folder, usually LOG_FOLDER */
	const char *keys;		/* folder, usually KEY_FOLDER */
};

/*
 * In a cage.  Negative: the log could not be read, or is signed with keys that others than the
 * machine's daemon and root can write.
 */
int notice_look(enum notice_state *state, const struct notice_place *place, const char *camera,
		int64_t from, int64_t until, struct scrim_error *err);

#endif
