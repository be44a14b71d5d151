// SPDX-License-Identifier: GPL-2.0
/*
 * Who changed what may be seen, and when: a line for each event, one for each change of
 * a policy, and an entry in the signed log.  No pictures, no names of people.
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

static void write_down(struct scrimd *d, const struct event *event)
{
	uid_t by = event->by == NOBODY ? LOG_NOBODY : event->by;

	switch (event->kind) {
	case EVENT_START:
		log_start(&d->log, &d->policy, d->sealed.sha256);
		break;
	case EVENT_STOP:
		log_stop(&d->log);
		break;
	case EVENT_APPLY:
	case EVENT_REFUSED:
		log_policy(&d->log, &d->policy, d->sealed.sha256, event->changes, by,
			   event->kind == EVENT_APPLY);
		break;
	case EVENT_SHUTTER:
		log_shutter(&d->log, event->shut, by);
		break;
	}
}

void journal(struct scrimd *d, const struct event *event)
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
	if (d->runner < 0)		/* the machine's log is not a user's */
		write_down(d, event);
}
