/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which service a process is of, by its cgroup.  Only services count that the machine's own
 * systemd started: what users, containers and the services themselves call theirs does not.
 */
#ifndef GUARD_UNIT_H
#define GUARD_UNIT_H

#include "error.h"

#define UNIT_MAX	256		/* of the name, with its end; systemd has no longer ones */

/* Whether this can be the name of a service that runs: templates do not. */
bool unit_is_service(const char *name, size_t length);

/* The service of what /proc/PID/cgroup says; empty: it is of none. */
void unit_of_cgroup(char unit[UNIT_MAX], const char *text);

/*
 * The service of the process that connected this socket, whoever has it now; empty: it is of none.
 * On an error that is not known: -ESRCH, it has ended; -ENOENT, /proc hides it.
 */
int unit_of_peer(char unit[UNIT_MAX], int socket, struct scrim_error *err);
/* The same of this process. */
int unit_of_self(char unit[UNIT_MAX], struct scrim_error *err);

/* Whether this process can know that of other users' processes. */
int unit_can_look(struct scrim_error *err);

#endif
