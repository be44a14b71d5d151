// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard/namespace.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The kernel's file, and none that was mounted on it or on /proc. */
static int open_map(void)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), map = -1;
	struct statfs fs;

	if (proc < 0)
		return -1;
	if (fstatfs(proc, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC)
		map = syscall(__NR_openat2, proc, "self/uid_map", &how, sizeof(how));
	close(proc);
	return map;
}

/* Who may map all users maps them for a machine or a container, and is its administrator. */
int namespace_check(struct scrim_error *err)
{
	unsigned inside = 1, outside = 1, count = 0;
	char text[64] = "";
	int map = open_map();

	if (map >= 0 && read(map, text, sizeof(text) - 1) > 0)
		sscanf(text, "%u %u %u", &inside, &outside, &count);
	if (map >= 0)
		close(map);
	return inside || outside || count != ~0u ?
	       fail(err, -EACCES, "cannot tell who is root here: a user namespace") : 0;
}
