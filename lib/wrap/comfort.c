// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wrap/comfort.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "module.h"

#define PRELOAD	"LD_PRELOAD"

static void name_camera(const struct supervised *s)
{
	char text[16 << 10];
	size_t at = snprintf(text, sizeof(text), "%u" COMFORT_BETWEEN "%u",
			     major(s->camera.device), minor(s->camera.device));

	for (unsigned i = 0; i < s->names; i++)
		if (at + strlen(s->name[i]) + 1 < sizeof(text))
			at += sprintf(text + at, COMFORT_BETWEEN "%s", s->name[i]);
	setenv(COMFORT_CAMERA, text, 1);
}

/* Before what is there already: the loader takes spaces and colons for ends of names. */
static void preload(const char *path)
{
	const char *others = getenv(PRELOAD);
	char text[MODULE_PATH_MAX + (16 << 10)];

	if (strpbrk(path, " :"))
		return;
	if (snprintf(text, sizeof(text), "%s%s%s", path, others ? ":" : "",
		     others ? others : "") < (int)sizeof(text))
		setenv(PRELOAD, text, 1);
}

void comfort(const struct supervised *supervised)
{
	char path[MODULE_PATH_MAX];

	if (!module_find(path, COMFORT_MODULE))
		return;
	name_camera(supervised);
	preload(path);
}
