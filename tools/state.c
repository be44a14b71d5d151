// SPDX-License-Identifier: GPL-2.0
#include "state.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void state_path(char path[STATE_PATH_MAX], const char *name)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	const struct passwd *user;

	if (!home || *home != '/') {
		user = getpwuid(geteuid());	/* which may ask a service */
		home = user ? user->pw_dir : "/nonexistent";
	}
	if (state && *state == '/')
		snprintf(path, STATE_PATH_MAX, "%s/scrim/%s", state, name);
	else
		snprintf(path, STATE_PATH_MAX, "%s/.local/state/scrim/%s", home, name);
}
