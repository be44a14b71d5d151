// SPDX-License-Identifier: GPL-2.0
/*
 * scrim region: the corners of a region are read off a picture of what the camera shows.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "look/chart.h"
#include "picture.h"
#include "policy/load.h"
#include "tools.h"

static const char usage[] =
"usage: scrim region draw CAMERA [OPTIONS]\n"
"\n"
"Draws what the camera shows now with a grid in fractions of the picture, and with the\n"
"regions of its policy.  What the grid says are the numbers of polygon = x,y x,y ...\n"
"\n"
"  -o, --output FILE     write a PNG file; else it is drawn in the terminal\n"
"      --policy PATH     file, or folder of files *.conf (" POLICY_FOLDER ")\n"
"      --grid N          parts of each side (10)\n"
"      --node NODE       any video node in place of the camera's\n"
"      --wait SECONDS    for a picture that is not black (10)\n"
"  -h, --help            print this\n"
"\n"
"Exit status: 0 done; 1 no picture; 2 usage, or the policy is wrong;\n"
"3 done, but the picture is black.\n";

struct options {
	struct picture_options picture;
	const char *policy;
	unsigned grid;
};

static int load(struct policies **all, const struct policy **policy, const struct options *o,
		const char *name)
{
	struct scrim_error err;

	if (policies_load(all, o->policy, &err) < 0) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	if ((*all)->errors) {
		complain("%s", (*all)->error[0]);
		return EXIT_USAGE;
	}
	*policy = policies_find(*all, name);
	if (!*policy) {
		complain("%s: there is no [camera %s]", o->policy, name);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int draw(const struct options *o, const struct policy *policy, const char *name,
		struct scrim_error *err)
{
	struct picture picture;
	int ret = picture_take(&picture, &o->picture, name, err);

	if (ret < 0)
		return ret;
	chart_draw(&picture.view.paper, policy, o->grid);
	ret = picture_put(&picture.view.paper, &o->picture, err);
	if (ret >= 0)
		ret = picture_status(&picture);
	view_free(&picture.view);
	return ret;
}

static int draw_main(const struct options *o, const char *name)
{
	const struct policy *policy = NULL;
	struct policies *all = NULL;
	struct scrim_error err;
	int status = picture_check(&o->picture);

	if (status == EXIT_DONE)
		status = load(&all, &policy, o, name);
	if (status == EXIT_DONE) {
		status = draw(o, policy, name, &err);
		if (status < 0) {
			complain("cannot draw the regions of %s: %s", name, err.text);
			status = EXIT_FAILED;
		}
	}
	free(all);
	return status;
}

static int parse_grid(unsigned *grid, const char *word)
{
	size_t digits = strspn(word, "0123456789");

	*grid = digits && digits <= 2 && !word[digits] ? strtoul(word, NULL, 10) : 0;
	if (*grid >= 2 && *grid <= CHART_GRID_MAX)
		return EXIT_DONE;
	complain("--grid: '%s' is not a number from 2 to %u", word, CHART_GRID_MAX);
	return EXIT_USAGE;
}

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		PICTURE_OPTIONS,
		{ "policy",	required_argument,	NULL, 'p' },
		{ "grid",	required_argument,	NULL, 'g' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = EXIT_DONE;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE && (option = getopt_long(argc, argv, "o:h", options, NULL)) != -1)
		switch (option) {
		case 'p':
			o->policy = optarg;
			break;
		case 'g':
			status = parse_grid(&o->grid, optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			status = picture_option(&o->picture, option, optarg);
		}
	return status;
}

int region_main(int argc, char **argv)
{
	struct options o = {
		.picture = PICTURE_OPTIONS_DEFAULT, .policy = POLICY_FOLDER, .grid = CHART_GRID,
	};

	if (parse(&o, argc, argv) != EXIT_DONE)
		return EXIT_USAGE;
	argc -= optind;
	argv += optind;
	if (argc != 2 || strcmp(argv[0], "draw")) {
		complain("say `scrim region draw CAMERA`, see `scrim region --help`");
		return EXIT_USAGE;
	}
	return draw_main(&o, argv[1]);
}
