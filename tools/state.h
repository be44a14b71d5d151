/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a user's things are kept that nobody gave a place: $XDG_STATE_HOME/scrim/NAME, or
 * ~/.local/state/scrim/NAME.
 */
#ifndef TOOLS_STATE_H
#define TOOLS_STATE_H

#define STATE_PATH_MAX	4096

void state_path(char path[STATE_PATH_MAX], const char *name);

#endif
