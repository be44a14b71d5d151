// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wrap/judge.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "wrap/confine.h"

void judge_simplify(char *path)
{
	char *to = path;

	for (const char *from = path; *from; ) {
		if (from[0] == '/' && (from[1] == '/' ||
				       (from[1] == '.' && (from[2] == '/' || !from[2]))))
			from += from[1] == '/' ? 1 : 2;
		else
			*to++ = *from++;
	}
	*to = '\0';
}

static bool is_name(const struct supervised *s, const char *path)
{
	for (unsigned i = 0; i < s->names; i++)
		if (!strcmp(s->name[i], path))
			return true;
	return false;
}

enum open_verdict judge_open(const struct supervised *s, const char *path, uint64_t flags,
			     char fact[FACT_MAX])
{
	struct stat st;

	if (flags & (O_PATH | O_DIRECTORY))
		return VERDICT_KERNEL;
	if (is_name(s, path))
		return VERDICT_CAMERA;
	if (sysfs_read(&s->camera, path, fact, FACT_MAX))
		return VERDICT_FACT;
	if (stat(path, &st) < 0 || !S_ISCHR(st.st_mode) || major(st.st_rdev) != V4L_MAJOR)
		return VERDICT_KERNEL;
	return st.st_rdev == s->camera.device ? VERDICT_CAMERA : VERDICT_REFUSE;
}
