// SPDX-License-Identifier: GPL-2.0
/*
 * scrim wall: cameras on a monitor, as applications see them.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "look/wall.h"
#include "screens.h"
#include "tools.h"
#include "words.h"

static const char usage[] =
"usage: scrim wall [OPTIONS]\n"
"       scrim wall --list [--json]\n"
"\n"
"Shows scrim cameras on a monitor, side by side, without a desktop, until it is ended.\n"
"\n"
"      --camera A,B,...  these, in this order; without it all that there are\n"
"      --screen SCREEN   on this one, plugged in or not; without it the first that is\n"
"      --copy            copy all pictures, whatever the card could show itself\n"
"      --verbose         say which cameras are copied, and why, on standard error\n"
"      --list            list screens, and whether a monitor is plugged in\n"
"      --json            as a JSON array\n"
"  -h, --help            print this\n"
"\n"
"Exit status: 0 ended by a signal, or listed; 1 it cannot be shown; 2 usage.\n";

struct options {
	const char *cameras, *screen;
	bool copy, verbose, list, json;
};

static json_t *screen_json(const struct screen_name *screen)
{
	bool sized = screen->plugged && screen->width;

	return json_pack("{so so sb so so}", "screen", json_words(screen->name),
			 "card", json_words(screen->card), "plugged", screen->plugged,
			 "width", sized ? json_integer(screen->width) : json_null(),
			 "height", sized ? json_integer(screen->height) : json_null());
}

static int list(const struct options *o)
{
	static struct screens screens;
	json_t *array = o->json ? json_array() : NULL;

	screens_find(&screens, "");
	for (unsigned i = 0; i < screens.count; i++) {
		const struct screen_name *screen = &screens.at[i];

		if (o->json)
			json_array_append_new(array, screen_json(screen));
		else if (screen->plugged && screen->width)
			print_words(stdout, "%-20s %ux%u", screen->name, screen->width, screen->height);
		else
			print_words(stdout, "%-20s %s", screen->name,
				    screen->plugged ? "plugged in" : "no monitor");
	}
	if (o->json)
		print_document(array);
	else if (!screens.count)
		complain("this machine has no screen");
	return EXIT_DONE;
}

/* By its name, or the first with a monitor. */
static int choose_screen(const struct screen_name **screen, const char *name,
			 struct scrim_error *err)
{
	static struct screens screens;

	screens_find(&screens, "");
	for (unsigned i = 0; i < screens.count; i++) {
		*screen = &screens.at[i];
		if (name ? !strcmp((*screen)->name, name) : (*screen)->plugged)
			return 0;
	}
	if (name)
		return fail(err, -ENOENT, "there is no screen %s: scrim wall --list says which", name);
	return fail(err, -ENOENT, "no monitor is plugged in: with --screen it is waited for");
}

/* "porch,door": how many. */
static int parse_names(struct capture camera[WALL_MAX], const char *names, struct scrim_error *err)
{
	unsigned count = 0;

	for (size_t length; ; names += length + 1) {
		length = strcspn(names, ",");
		if (!length || length >= CAPTURE_NAME_MAX)
			return fail(err, -EINVAL, "--camera takes names of cameras: porch,door");
		if (count == WALL_MAX)
			return fail(err, -EINVAL, "%u cameras are the most", WALL_MAX);
		memcpy(camera[count].name, names, length);
		camera[count].name[length] = '\0';
		for (unsigned i = 0; i < count; i++)
			if (!strcmp(camera[i].name, camera[count].name))
				return fail(err, -EINVAL, "camera %s is named twice", camera[i].name);
		count++;
		if (!names[length])
			return count;
	}
}

static int find_cameras(struct capture camera[WALL_MAX], const char *names,
			struct scrim_error *err)
{
	int count = names ? parse_names(camera, names, err) : (int)capture_all(camera, WALL_MAX);
	int ret = count;

	if (!count)
		return fail(err, -ENOENT, "there is no live scrim camera: scrim doctor says why");
	for (int i = 0; names && ret >= 0 && i < count; i++) {
		struct capture found;

		ret = capture_find(&found, camera[i].name, err);
		camera[i] = found;
	}
	return ret < 0 ? ret : count;
}

static int show(const struct capture camera[], unsigned count, const struct options *o,
		struct scrim_error *err)
{
	static struct watch watch[WALL_MAX];
	struct wall wall = { .watch = watch, .copies = o->copy, .says = o->verbose };
	const struct screen_name *screen = NULL;
	int ret = choose_screen(&screen, o->screen, err);

	while (ret >= 0 && wall.count < count) {
		const struct capture *one = &camera[wall.count];

		ret = watch_open(&watch[wall.count], one->name, one->node, err);
		wall.count += ret >= 0;
	}
	if (ret >= 0)
		ret = screen_open(&wall.screen, screen->card, screen_connector(screen), err);
	if (ret >= 0)
		ret = wall_run(&wall, err);
	screen_close(&wall.screen);
	while (wall.count)
		watch_close(&watch[--wall.count]);
	return ret;
}

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "camera",	required_argument,	NULL, 'c' },
		{ "screen",	required_argument,	NULL, 's' },
		{ "copy",	no_argument,		NULL, 'o' },
		{ "verbose",	no_argument,		NULL, 'v' },
		{ "list",	no_argument,		NULL, 'l' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'c':
			o->cameras = optarg;
			break;
		case 's':
			o->screen = optarg;
			break;
		case 'o':
			o->copy = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'l':
			o->list = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			return EXIT_USAGE;
		}
	if (optind < argc || (o->list && (o->cameras || o->screen || o->copy || o->verbose)) ||
	    (o->json && !o->list)) {
		complain("say --camera and --screen, or --list, see `scrim wall --help`");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

int wall_main(int argc, char **argv)
{
	static struct capture camera[WALL_MAX];
	struct options o = { 0 };
	struct scrim_error err;
	int ret, status = EXIT_FAILED;

	if (parse(&o, argc, argv) != EXIT_DONE)
		return EXIT_USAGE;
	if (o.list)
		return list(&o);
	ret = find_cameras(camera, o.cameras, &err);
	if (ret == -EINVAL)
		status = EXIT_USAGE;
	if (ret >= 0)
		ret = show(camera, ret, &o, &err);
	if (ret >= 0)
		return EXIT_DONE;
	complain("cannot show cameras: %s", err.text);
	return status;
}
