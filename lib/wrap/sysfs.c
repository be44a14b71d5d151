// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wrap/sysfs.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

/* What is behind a prefix, or NULL. */
static const char *after(const char *path, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(path, prefix, length) ? NULL : path + length;
}

static const char *file_of(const struct sysfs_camera *camera, const char *path)
{
	char by_number[64], by_name[128];
	const char *file;

	snprintf(by_number, sizeof(by_number), "/sys/dev/char/%u:%u/",
		 major(camera->device), minor(camera->device));
	snprintf(by_name, sizeof(by_name), "/sys/class/video4linux/%s/", camera->node);
	file = after(path, by_number);
	return file ? file : after(path, by_name);
}

bool sysfs_read(const struct sysfs_camera *camera, const char *path, char *text, size_t size)
{
	const char *file = file_of(camera, path);

	if (!file)
		return false;
	if (!strcmp(file, "uevent"))
		snprintf(text, size, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\n", major(camera->device),
			 minor(camera->device), camera->node);
	else if (!strcmp(file, "dev"))
		snprintf(text, size, "%u:%u\n", major(camera->device), minor(camera->device));
	else if (!strcmp(file, "name"))
		snprintf(text, size, "%s\n", camera->label);
	else if (!strcmp(file, "index"))
		snprintf(text, size, "0\n");
	else
		return false;
	return true;
}
