// SPDX-License-Identifier: GPL-2.0
/*
 * as UID[:GROUP] COMMAND [WORD...]: runs a command as another user, with no capabilities
 * and no groups but that one.
 */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "cam.h"

int main(int argc, char **argv)
{
	char *colon = "";
	gid_t group;
	uid_t uid;

	if (argc < 3)
		stop(-EINVAL, "usage: as UID[:GROUP] COMMAND [WORD...]");
	uid = strtol(argv[1], &colon, 10);
	if (*colon == ':') {
		group = atol(colon + 1);
		if (setgroups(1, &group) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
			stop(-errno, "cannot change the user");
	} else {
		become(uid);
	}
	execvp(argv[2], argv + 2);
	stop(-errno, argv[2]);
}
