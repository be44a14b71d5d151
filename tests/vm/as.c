// SPDX-License-Identifier: GPL-2.0
/*
 * as UID COMMAND [WORD...]: runs a command as another user, with no groups and no
 * capabilities.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cam.h"

int main(int argc, char **argv)
{
	if (argc < 3)
		stop(-EINVAL, "usage: as UID COMMAND [WORD...]");
	become(atol(argv[1]));
	execvp(argv[2], argv + 2);
	stop(-errno, argv[2]);
}
