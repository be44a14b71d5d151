// SPDX-License-Identifier: LGPL-2.1-or-later
#include "module.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_there(char path[MODULE_PATH_MAX], const char *folder, const char *file)
{
	return snprintf(path, MODULE_PATH_MAX, "%s/%s", folder, file) < MODULE_PATH_MAX &&
	       access(path, F_OK) == 0;
}

bool module_find(char path[MODULE_PATH_MAX], const char *file)
{
	char exe[MODULE_PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - sizeof("../lib"));

	if (n > 0) {
		exe[n] = '\0';
		slash = strrchr(exe, '/');
		strcpy(slash, "/../lib");
		if (is_there(path, exe, file))
			return true;
	}
	return is_there(path, SCRIM_LIBDIR, file);
}
