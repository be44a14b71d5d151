// SPDX-License-Identifier: GPL-2.0
/*
 * scrim preview: what an application would see now, as a PNG file or in the terminal.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "picture.h"
#include "policy/write.h"
#include "tools.h"
#include "words.h"

static const char usage[] =
"usage: scrim preview [CAMERA] [OPTIONS]\n"
"\n"
"Shows what an application would see now: in the terminal, or as a PNG file.\n"
"CAMERA may be left out when there is only one.\n"
"\n"
"  -o, --output FILE     write a PNG file\n"
"      --node NODE       any video node in place of a scrim camera's\n"
"      --wait SECONDS    for a picture that is not black (10)\n"
"      --json            say what was seen as a JSON object; with no FILE, draw nothing\n"
"  -h, --help            print this\n"
"\n"
"Exit status: 0 done; 1 no picture; 2 usage; 3 done, but the picture is black.\n";

struct options {
	struct picture_options picture;
	bool json;
};

static void tell_json(const struct options *o, const struct picture *picture)
{
	const struct capture *camera = &picture->camera;
	const struct view *view = &picture->view;
	char fourcc[FOURCC_TEXT_MAX];
	json_t *json;

	fourcc_write(fourcc, view->fourcc);
	json = json_pack("{so so si si so sb so so}",
			 "camera", *camera->name ? json_words(camera->name) : json_null(),
			 "node", json_words(camera->node), "width", view->paper.width,
			 "height", view->paper.height, "format", json_words(fourcc),
			 "black", view->black,
			 "why", *picture->why ? json_words(picture->why) : json_null(),
			 "file", o->picture.output ? json_words(o->picture.output) : json_null());
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
}

static int preview(const struct options *o, const char *name, struct scrim_error *err)
{
	struct picture picture;
	int ret = picture_take(&picture, &o->picture, name, err);

	if (ret < 0)
		return ret;
	if (o->picture.output || !o->json)
		ret = picture_put(&picture.view.paper, &o->picture, err);
	if (ret >= 0 && o->json)
		tell_json(o, &picture);
	if (ret >= 0)
		ret = picture_status(&picture);
	view_free(&picture.view);
	return ret;
}

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		PICTURE_OPTIONS,
		{ "json",	no_argument,	NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = EXIT_DONE;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE && (option = getopt_long(argc, argv, "o:h", options, NULL)) != -1)
		switch (option) {
		case 'j':
			o->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			status = picture_option(&o->picture, option, optarg);
		}
	return status;
}

int preview_main(int argc, char **argv)
{
	struct options o = { .picture = PICTURE_OPTIONS_DEFAULT };
	struct scrim_error err;
	int ret;

	if (parse(&o, argc, argv) != EXIT_DONE)
		return EXIT_USAGE;
	argc -= optind;
	argv += optind;
	if (argc > 1 || (argc && o.picture.node)) {
		complain("say one camera or --node, see `scrim preview --help`");
		return EXIT_USAGE;
	}
	if (!o.json && picture_check(&o.picture) != EXIT_DONE)
		return EXIT_USAGE;
	ret = preview(&o, argc ? argv[0] : NULL, &err);
	if (ret < 0) {
		complain("cannot preview: %s", err.text);
		return EXIT_FAILED;
	}
	return fflush(stdout) == 0 ? ret : EXIT_FAILED;
}
