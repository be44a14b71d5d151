// SPDX-License-Identifier: GPL-2.0
/*
 * Who changed what may be seen, and when: a line for each event, and one for each
 * change of a policy.  No pictures, no names of people.
 */
#include "scrimd.h"

#include <stdio.h>

static const char *event_name(const struct event *event)
{
	switch (event->kind) {
	case EVENT_START:	return "ready";
	case EVENT_STOP:	return "ends";
	case EVENT_APPLY:	return "the policy was read again";
	case EVENT_REFUSED:	return "a policy that loosens is refused; the old policy stays";
	case EVENT_SHUTTER:	return event->shut ? "the shutter is closed" : "the shutter is open";
	}
	return "";
}

void journal(const struct scrimd *d, const struct event *event)
{
	const struct comparison *changes = event->changes;
	char by[32] = "";

	if (event->by != NOBODY)
		snprintf(by, sizeof(by), ", by user %u", event->by);
	say(d, "%s%s%s", event_name(event), by,
	    event->kind == EVENT_START && d->to_nobody ? "; shown to nobody (--feed null)" : "");
	for (unsigned i = 0; changes && i < changes->count && i < CHANGES_MAX; i++)
		say(d, "%s %s: %s", verdict_name(changes->at[i].verdict), changes->at[i].what,
		    changes->at[i].why);
}
