// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/video.h"

#include <dlfcn.h>

#include "module.h"

int video_load(video_opener **open, struct scrim_error *err)
{
	char path[MODULE_PATH_MAX];
	void *module;

	*open = NULL;
	if (!module_find(path, VIDEO_MODULE))
		return fail(err, -ENOTSUP, "cannot read videos: there is no %s", VIDEO_MODULE);
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (module)
		*(void **)open = dlsym(module, "scrim_video");
	return *open ? 0 : fail(err, -ENOTSUP, "cannot read videos: %s", dlerror());
}
