// SPDX-License-Identifier: GPL-2.0
/*
 * scrim status, cameras, shutter: how cameras fare, which there are, and black at once.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cameras.h"
#include "export.h"
#include "policy/load.h"
#include "status_exports.h"
#include "tools.h"
#include "words.h"

struct asking {
	struct where where;
	const char *outbox;
	bool json, limits;
};

static const char usage[] =
"usage: scrim status  [CAMERA] [--json] [--limits] [--outbox FOLDER]\n"
"       scrim cameras [--json]\n"
"       scrim shutter on|off [CAMERA]\n"
"\n"
"  status   how cameras fare, what protects them here, what still leaks, and whether what you\n"
"           export is encrypted\n"
"  cameras  which there are, a line each: name, device, node for applications, state\n"
"  shutter  on: every picture is black when this returns; off: no longer\n"
"\n"
"      --policy PATH  file or folder of *.conf (" POLICY_FOLDER ")\n"
"      --run FOLDER   where scrimd's sockets are (" CONTROL_FOLDER ")\n"
"      --outbox FOLDER  status: where bundles wait (~/.local/state/scrim/outbox)\n"
"      --limits       status: also what scrim cannot do\n"
"      --json         print one JSON document (not shutter)\n"
"  -h, --help         print this\n"
"\n"
"Exit status: 0 all is well; 1 something could not be done; 2 usage, or there is no such camera;\n"
"3 status: something is in doubt.\n";

static const char limits[] =
"\n"
"what scrim cannot do\n"
"  No detector finds every face: small, turned, half hidden and drawn ones are missed more often.\n"
"  A person can be known without a face: by clothes, gait, voice, companions and place.\n"
"  Root, where the kernel is not locked down, can read the raw camera.\n"
"  A process outside `scrim run' that works with one inside can pass it a raw descriptor.\n"
"  What mosaic and blur cover can be recognised again; only fill leaves nothing.\n"
"  Who is in a clip, and that they agreed, is what its owner says; nothing looks.\n"
"  What a recipient does with pictures is law, not software.\n";

static int parse(struct asking *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "policy",	required_argument,	NULL, 'p' },
		{ "run",	required_argument,	NULL, 'r' },
		{ "outbox",	required_argument,	NULL, 'o' },
		{ "limits",	no_argument,		NULL, 'l' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL,		0,			NULL, 0 },
	};
	int option;

	*a = (struct asking){ .where = { POLICY_FOLDER, CONTROL_FOLDER, NULL },
			      .outbox = export_default_outbox() };
	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'p':	a->where.policy = optarg; break;
		case 'r':	a->where.run = optarg; break;
		case 'o':	a->outbox = optarg; break;
		case 'l':	a->limits = true; break;
		case 'j':	a->json = true; break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			return EXIT_USAGE;
		}
	return EXIT_DONE;
}

static int find(struct cameras **cameras, const struct where *where)
{
	struct scrim_error err;
	int ret = cameras_find(cameras, where, &err);

	if (ret >= 0)
		return EXIT_DONE;
	complain("%s", err.text);
	return ret == -ENOENT ? EXIT_USAGE : EXIT_FAILED;
}

static int too_many(const char *command)
{
	complain("too many words for `scrim %s', see `scrim %s --help`", command, command);
	return EXIT_USAGE;
}

int status_main(int argc, char **argv)
{
	struct cameras *cameras = NULL;
	static struct concerns concerns;
	static struct exports_status exports;
	struct asking a;

	if (parse(&a, argc, argv) != EXIT_DONE)
		return EXIT_USAGE;
	if (argc - optind > 1)
		return too_many("status");
	a.where.camera = optind < argc ? argv[optind] : NULL;
	if (find(&cameras, &a.where) != EXIT_DONE)
		return EXIT_USAGE;
	cameras_look(cameras, &a.where);
	concerns_make(&concerns, cameras);	/* looks up the names of users */
	exports_open_all(&exports, a.outbox, &concerns);
	if (tool_cage() != EXIT_DONE) {
		cameras_free(&cameras);
		exports_close_all(&exports);
		return EXIT_FAILED;
	}
	exports_look(&exports, &concerns);
	if (a.json)
		print_document(status_json(cameras, &exports, &concerns));
	else
		status_print(cameras, a.where.policy, &exports, &concerns);
	exports_close_all(&exports);
	if (a.limits && !a.json)
		fputs(limits, stdout);
	cameras_free(&cameras);
	return concerns.doubts ? EXIT_DOUBT : EXIT_DONE;
}

static const char *libcamera_device(char device[SHIM_TEXT + 16], const struct shim_name *name)
{
	snprintf(device, SHIM_TEXT + 16, "libcamera:%s", name->id);
	return device;
}

static json_t *list_json(const struct cameras *cameras)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < cameras->count; i++) {
		const struct camera_status *c = &cameras->at[i];

		json_array_append_new(list, json_pack("{so so so ss}", "name", json_words(c->name),
			"device", *camera_device(c) ? json_words(camera_device(c)) : json_null(),
			"capture", *c->kernel.capture ? json_string(c->kernel.capture) : json_null(),
			"state", camera_state(c)));
	}
	for (unsigned i = 0; i < cameras->libcameras; i++) {
		char device[SHIM_TEXT + 16];

		json_array_append_new(list, json_pack("{sn so sn ss so}", "name", "device",
			json_words(libcamera_device(device, &cameras->libcamera[i])), "capture",
			"state", "no policy", "model", json_words(cameras->libcamera[i].model)));
	}
	return list;
}

int cameras_main(int argc, char **argv)
{
	struct cameras *cameras = NULL;
	struct asking a;
	int status = EXIT_DONE;

	if (parse(&a, argc, argv) != EXIT_DONE)
		return EXIT_USAGE;
	if (optind < argc)
		return too_many("cameras");
	if (find(&cameras, &a.where) != EXIT_DONE)
		return EXIT_FAILED;
	cameras_look(cameras, &a.where);
	cameras_look_for_libcamera(cameras);
	if (tool_cage() != EXIT_DONE) {
		cameras_free(&cameras);
		return EXIT_FAILED;
	}
	if (cameras->err.code) {
		complain("%s", cameras->err.text);
		status = EXIT_USAGE;
	}
	if (a.json)
		print_document(list_json(cameras));
	for (unsigned i = 0; !a.json && i < cameras->count; i++) {
		const struct camera_status *c = &cameras->at[i];

		print_words(stdout, "%-16s %-12s %-13s %s", c->name, *c->kernel.capture ?
			    c->kernel.capture : "-", camera_state(c), *camera_device(c) ?
			    camera_device(c) : "-");
	}
	for (unsigned i = 0; !a.json && i < cameras->libcameras; i++) {
		char device[SHIM_TEXT + 16];

		print_words(stdout, "%-16s %-12s %-13s %s  (%s)", "-", "-", "no policy",
			    libcamera_device(device, &cameras->libcamera[i]),
			    cameras->libcamera[i].model);
	}
	cameras_free(&cameras);
	return status;
}

/* Where other shutters are closed as well, an open one is not the whole truth. */
static void say_shutter(struct camera_status *camera, bool shut)
{
	configfs_look(&camera->kernel, camera->name);
	if (shut)
		print_words(stdout, "%s: the shutter is closed, every picture is black", camera->name);
	else if (camera->kernel.shut)
		print_words(stdout, "%s: the shutter is open; the administrator's is closed, every "
			    "picture is black", camera->name);
	else
		print_words(stdout, "%s: the shutter is open", camera->name);
}

static int move_shutter(struct camera_status *camera, const struct where *where, bool shut)
{
	if (camera_ask(camera, where, CONTROL_SHUTTER, shut ? CONTROL_SHUT : 0) >= 0) {
		say_shutter(camera, shut);
		return EXIT_DONE;
	}
	complain(camera_is_down(camera) ? "%s: %s; readers get black" : "%s: %s", camera->name,
		 camera->why.text);
	return EXIT_FAILED;
}

int shutter_main(int argc, char **argv)
{
	struct cameras *cameras = NULL;
	struct asking a;
	bool shut;
	int status;

	if (parse(&a, argc, argv) != EXIT_DONE)
		return EXIT_USAGE;
	shut = optind < argc && !strcmp(argv[optind], "on");
	if (optind == argc || (!shut && strcmp(argv[optind], "off"))) {
		complain("say on or off: see `scrim shutter --help`");
		return EXIT_USAGE;
	}
	if (argc - optind > 2)
		return too_many("shutter");
	a.where.camera = optind + 1 < argc ? argv[optind + 1] : NULL;
	status = find(&cameras, &a.where);
	if (status == EXIT_DONE && !cameras->count) {
		complain("%s", cameras->err.code ? cameras->err.text : "there are no cameras");
		status = EXIT_FAILED;
	}
	for (unsigned i = 0; cameras && i < cameras->count; i++)
		if (move_shutter(&cameras->at[i], &a.where, shut) != EXIT_DONE)
			status = EXIT_FAILED;
	cameras_free(&cameras);
	return status;
}
