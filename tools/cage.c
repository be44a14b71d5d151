// SPDX-License-Identifier: GPL-2.0
#include <jansson.h>

#include "consent/minisign.h"
#include "guard/cage.h"
#include "tools.h"

int tool_cage(void)
{
	struct scrim_error err;
	int ret = minisign_init(&err);

	json_object_seed(0);		/* from the system's random numbers */
	if (ret >= 0)
		ret = cage_enter_tool(&err);
	if (ret >= 0)
		return EXIT_DONE;
	complain("%s", err.text);
	return EXIT_FAILED;
}
