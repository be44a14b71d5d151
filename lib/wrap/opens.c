// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wrap/opens.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "wrap/confine.h"

void opens_simplify(char *path)
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

enum meaning opens_judge(const struct supervised *s, const char *path, uint64_t flags,
			 char fact[FACT_MAX])
{
	struct stat st;

	if (flags & (O_PATH | O_DIRECTORY))
		return OPEN_IS_KERNELS;
	if (is_name(s, path))
		return OPEN_IS_CAMERA;
	if (sysfs_read(&s->camera, path, fact, FACT_MAX))
		return OPEN_IS_FACT;
	if (stat(path, &st) < 0 || !S_ISCHR(st.st_mode) || major(st.st_rdev) != V4L_MAJOR)
		return OPEN_IS_KERNELS;
	return st.st_rdev == s->camera.device ? OPEN_IS_CAMERA : OPEN_IS_REFUSED;
}
