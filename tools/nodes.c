// SPDX-License-Identifier: GPL-2.0
#include "nodes.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peek.h"

#define VIDEO_CLASS	"0e"		/* of USB interfaces */
#define NAME_MAX_OURS	48

static void add(struct nodes *nodes, const char *root, const char *device, enum node_kind kind,
		const char *path)
{
	struct node *node = &nodes->at[nodes->count];
	char dev[32], name[PEEK_PATH_MAX];

	for (unsigned i = 0; i < nodes->count; i++)
		if (!strcmp(nodes->at[i].path, path))
			return;
	if (nodes->count == NODES_MAX) {
		nodes->full = true;
		return;
	}
	*node = (struct node){ .kind = kind };
	snprintf(node->path, sizeof(node->path), "%s", path);
	peek_text(dev, sizeof(dev), root, peek_path(name, "", "%s/dev", device));
	sscanf(dev, "%u:%u", &node->major, &node->minor);
	nodes->count++;
}

static bool is_ours(const char *root, const char *device)
{
	char path[PEEK_PATH_MAX], driver[PEEK_PATH_MAX];
	ssize_t n = readlink(peek_path(path, root, "%s/driver", device), driver,
			     sizeof(driver) - 1);

	if (n <= 0)
		return false;
	driver[n] = '\0';
	return !strcmp(strrchr(driver, '/') ? strrchr(driver, '/') + 1 : driver, "scrim");
}

/* Of a scrim camera the feed has index 0, what applications read index 1. */
static void video(struct nodes *nodes, const char *root, const char *device, const char *name)
{
	enum node_kind kind = NODE_RAW;
	char path[PEEK_PATH_MAX], index[8];

	if (is_ours(root, peek_path(path, "", "%s/device", device))) {
		peek_text(index, sizeof(index), root, peek_path(path, "", "%s/index", device));
		kind = strcmp(index, "0") ? NODE_CAPTURE : NODE_FEED;
	}
	add(nodes, root, device, kind, peek_path(path, "/dev/", "%s", name));
}

/* The folder of a media device is below that of its hardware. */
static void media(struct nodes *nodes, const char *root, const char *device, const char *name)
{
	char path[PEEK_PATH_MAX];

	if (!is_ours(root, peek_path(path, "", "%s/..", device)))
		add(nodes, root, device, NODE_RAW, peek_path(path, "/dev/", "%s", name));
}

static unsigned number(const char *root, const char *device, const char *attribute)
{
	char path[PEEK_PATH_MAX], text[16];

	peek_text(text, sizeof(text), root, peek_path(path, "", "%s/%s", device, attribute));
	return strtoul(text, NULL, 10);
}

/* "1-2:1.0" is an interface of "1-2"; one with video speaks for the whole device. */
static void usb(struct nodes *nodes, const char *root, const char *interface, const char *name)
{
	char path[PEEK_PATH_MAX], device[PEEK_PATH_MAX], class[8];
	size_t length = strcspn(name, ":");

	if (!name[length])
		return;
	peek_text(class, sizeof(class), root, peek_path(path, "", "%s/bInterfaceClass", interface));
	if (strcmp(class, VIDEO_CLASS))
		return;
	snprintf(device, sizeof(device), "%.*s", (int)(strrchr(interface, ':') - interface),
		 interface);
	peek_path(path, "/dev/bus/usb/", "%03u/%03u", number(root, device, "busnum"),
		  number(root, device, "devnum"));
	add(nodes, root, device, NODE_RAW, path);
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strlen(entry->d_name) < NAME_MAX_OURS;
}

static void each(struct nodes *nodes, const char *root, const char *folder,
		 void (*found)(struct nodes *nodes, const char *root, const char *device,
			       const char *name))
{
	char path[PEEK_PATH_MAX];
	struct dirent **entries = NULL;
	int count = scandir(peek_path(path, root, "%s", folder), &entries, is_name, by_number);

	for (int i = 0; i < count; i++) {
		found(nodes, root, peek_path(path, folder, "/%s", entries[i]->d_name),
		      entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

void nodes_find(struct nodes *nodes, const char *root)
{
	*nodes = (struct nodes){ 0 };
	each(nodes, root, "/sys/class/video4linux", video);
	each(nodes, root, "/sys/bus/media/devices", media);
	each(nodes, root, "/sys/bus/usb/devices", usb);
}
