// SPDX-License-Identifier: GPL-2.0
#include <jansson.h>

#include "consent/minisign.h"
#include "guard/cage.h"
#include "tools.h"

static bool locked;

#if SANITIZED
/* A search for leaks at the end would start a process, which a cage does not. */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
	return locked;
}
#endif

int tool_cage(void)
{
	struct scrim_error err;
	int ret = minisign_init(&err);

	json_object_seed(0);		/* from the system's random numbers */
	if (ret >= 0)
		ret = cage_enter_tool(&err);
	locked = ret >= 0;
	if (locked)
		return EXIT_DONE;
	complain("%s", err.text);
	return EXIT_FAILED;
}
