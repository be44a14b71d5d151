// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/video.h"

#include <dlfcn.h>

#include "module.h"

static void *load(const char *name, struct scrim_error *err)
{
	char path[MODULE_PATH_MAX];
	void *module, *symbol;

	if (!module_find(path, VIDEO_MODULE)) {
		fail(err, -ENOTSUP, "cannot read videos: there is no %s", VIDEO_MODULE);
		return NULL;
	}
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	symbol = module ? dlsym(module, name) : NULL;
	if (!symbol)
		fail(err, -ENOTSUP, "cannot read videos: %s", dlerror());
	return symbol;
}

int video_load(video_opener **open, struct scrim_error *err)
{
	*(void **)open = load("scrim_video", err);
	return *open ? 0 : -ENOTSUP;
}

int stream_load(stream_opener **open, struct scrim_error *err)
{
	*(void **)open = load("scrim_stream", err);
	return *open ? 0 : -ENOTSUP;
}
