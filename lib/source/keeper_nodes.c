// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which nodes a camera is made of, by what the kernel tells of devices.  Nobody else's word is
 * asked.
 */
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/keeper.h"

struct nodes {
	char (*at)[KEEPER_NODE];
	unsigned count;
	const char *sys, *id;
};

/* Of a node by its directory: "device" where it has such a link, or else "..". */
static bool device_of(char device[PATH_MAX], const struct nodes *nodes, const char *folder,
		      const char *name, const char *where)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s/%s/%s", nodes->sys, folder, name, where) < PATH_MAX &&
	       realpath(path, device);
}

static bool is_scrim(const char *device)
{
	char path[PATH_MAX], driver[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/driver", device) < PATH_MAX &&
	       realpath(path, driver) && !strcmp(strrchr(driver, '/'), "/scrim");
}

static bool read_line(char *line, size_t size, const char *device, const char *file)
{
	char path[PATH_MAX];
	FILE *from = NULL;
	bool read;

	if (snprintf(path, sizeof(path), "%s/%s", device, file) < PATH_MAX)
		from = fopen(path, "re");
	read = from && fgets(line, size, from);
	if (from)
		fclose(from);
	if (read)
		line[strcspn(line, "\n")] = '\0';
	return read;
}

/* "...-1.4:1.0-046d:0825": the ports, configuration and interface, and whose it is. */
static bool names_usb(const char *id)
{
	size_t length = strlen(id), at = length - 10;
	static const char pattern[] = "-xxxx:xxxx";

	if (length < 16)
		return false;
	for (size_t i = 0; i < 10; i++)
		if (pattern[i] == 'x' ? !strchr("0123456789abcdef", id[at + i]) : id[at + i] != pattern[i])
			return false;
	while (at && strchr("0123456789.:", id[at - 1]))
		at--;
	return at && id[at - 1] == '-' && memchr(id + at, ':', length - 10 - at);
}

static bool is_of_usb(const char *device, char tail[64])
{
	const char *ports = strchr(strrchr(device, '/'), '-');
	char vendor[8], product[8];

	return ports && read_line(vendor, sizeof(vendor), device, "../idVendor") &&
	       read_line(product, sizeof(product), device, "../idProduct") &&
	       snprintf(tail, 64, "%s-%s:%s", ports, vendor, product) < 64;
}

static bool fits(const char *device, const char *id)
{
	size_t length;
	char tail[64];

	if (!id || !names_usb(id))
		return !id || !is_of_usb(device, tail);
	if (!is_of_usb(device, tail))
		return false;
	length = strlen(tail);
	return strlen(id) > length && !strcmp(id + strlen(id) - length, tail);
}

static void add(struct nodes *nodes, const char *name)
{
	if (nodes->count < KEEPER_NODES &&
	    snprintf(nodes->at[nodes->count], KEEPER_NODE, "/dev/%s", name) < KEEPER_NODE)
		nodes->count++;
}

static bool has_prefix(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

static void add_all(struct nodes *nodes, const char *folder, const char *prefix, const char *where)
{
	char path[PATH_MAX], device[PATH_MAX];
	struct dirent *entry;
	DIR *names = NULL;

	if (snprintf(path, sizeof(path), "%s/%s", nodes->sys, folder) < PATH_MAX)
		names = opendir(path);
	while (names && (entry = readdir(names)))
		if (has_prefix(entry->d_name, prefix) &&
		    device_of(device, nodes, folder, entry->d_name, where) && !is_scrim(device) &&
		    fits(device, nodes->id))
			add(nodes, entry->d_name);
	if (names)
		closedir(names);
}

unsigned keeper_nodes(char at[KEEPER_NODES][KEEPER_NODE], const char *sys, const char *id)
{
	struct nodes nodes = { at, 0, sys, id };

	add_all(&nodes, "bus/media/devices", "media", "..");
	if (!nodes.count)
		return 0;
	/* Nodes of no device are other programs' pictures. */
	add_all(&nodes, "class/video4linux", "video", "device");
	add_all(&nodes, "class/video4linux", "v4l-subdev", "device");
	return nodes.count;
}
