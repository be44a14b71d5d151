// SPDX-License-Identifier: GPL-2.0
#include "screens.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peek.h"

#define FOLDER	"/sys/class/drm"

/* "card0-HDMI-A-1"; cards themselves have no dash, and a writeback connector has no monitor. */
static int is_screen(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t digits = strncmp(name, "card", 4) ? 0 : strspn(name + 4, "0123456789");

	return digits && digits < 4 && name[4 + digits] == '-' &&
	       strlen(name) < SCREEN_NAME_MAX && strncmp(name + 5 + digits, "Writeback-", 10);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

static void look_at(struct screen_name *screen, const char *name, const char *root)
{
	char path[PEEK_PATH_MAX], text[64];

	*screen = (struct screen_name){ 0 };
	snprintf(screen->name, sizeof(screen->name), "%.*s", SCREEN_NAME_MAX - 1, name);
	snprintf(screen->card, sizeof(screen->card), "/dev/dri/%.*s", (int)strcspn(name, "-"), name);
	peek_text(text, sizeof(text), root, peek_path(path, FOLDER, "/%s/status", name));
	screen->plugged = !strcmp(text, "connected");
	peek_text(text, sizeof(text), root, peek_path(path, FOLDER, "/%s/modes", name));
	if (sscanf(text, "%5ux%5u", &screen->width, &screen->height) != 2)
		screen->width = screen->height = 0;
}

const char *screen_connector(const struct screen_name *screen)
{
	return strchr(screen->name, '-') + 1;
}

void screens_find(struct screens *screens, const char *root)
{
	char path[PEEK_PATH_MAX];
	struct dirent **entries = NULL;
	int count = scandir(peek_path(path, root, "%s", FOLDER), &entries, is_screen, by_name);

	screens->count = 0;
	for (int i = 0; i < count; i++) {
		if (screens->count < SCREENS_MAX)
			look_at(&screens->at[screens->count++], entries[i]->d_name, root);
		free(entries[i]);
	}
	free(entries);
}
