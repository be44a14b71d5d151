// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/video.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As beside a program in its build folder and where it is installed. */
static void *load_beside(void)
{
	char exe[4096], path[4200], *slash;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	*slash = '\0';
	snprintf(path, sizeof(path), "%s/../lib/" VIDEO_MODULE, exe);
	return access(path, F_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

static void *load(const char *name, struct scrim_error *err)
{
	void *module = load_beside(), *symbol;

	if (!module)
		module = dlopen(SCRIM_LIBDIR "/" VIDEO_MODULE, RTLD_NOW | RTLD_LOCAL);
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
