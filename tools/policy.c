// SPDX-License-Identifier: GPL-2.0
/*
 * scrim policy: says whether policies are right, what they come to, and what a change of them
 * shows, and has them taken.  Files are read in a cage.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/cage.h"
#include "job.h"
#include "policy/compare.h"
#include "policy/import.h"
#include "policy/load.h"
#include "policy/write.h"
#include "text.h"
#include "policy.h"
#include "tools.h"
#include "words.h"

/* Of `scrim policy diff`, for scripts; else those of enum exit_status. */
enum diff_status {
	DIFF_SAME = 0,		/* nothing that is seen changes */
	DIFF_TIGHTENS = 3,
	DIFF_LOOSENS = 4,
};

struct options {
	const char *camera;
	unsigned width, height;
	bool json;
	struct applying apply;
};

static const char usage[] =
"usage: scrim policy check [PATH]\n"
"       scrim policy show  [PATH] [--camera NAME]\n"
"       scrim policy diff  OLD NEW\n"
"       scrim policy apply [--accept] [CAMERA ...]\n"
"       scrim policy import motion     MASK.pgm\n"
"       scrim policy import zoneminder 'X,Y X,Y X,Y ...' [--size WxH]\n"
"       scrim policy import frigate    CONFIG.yml | 'X,Y,X,Y,X,Y,...' [--size WxH]\n"
"\n"
"PATH, OLD and NEW are files or folders of *.conf; PATH is " POLICY_FOLDER " if not given.\n"
"\n"
"  check   name every mistake\n"
"  show    print what holds for each camera, defaults filled in\n"
"  diff    say of each change whether it LOOSENS, TIGHTENS or NEITHER\n"
"  apply   have those that run take their policies; what is hidden is when this returns\n"
"  import  print the places that another program masks as [region] sections\n"
"\n"
"      --camera NAME  show: only this one; import: of the sections, where the source has none\n"
"      --accept       apply: also what loosens\n"
"      --policy PATH  apply: where the policies are (" POLICY_FOLDER ")\n"
"      --run FOLDER   apply: where scrimd's sockets are (" CONTROL_FOLDER ")\n"
"      --size WxH     the picture that coordinates in pixels are of\n"
"      --json         print one JSON document (not import)\n"
"  -h, --help         print this\n"
"\n"
"Exit status: 0 right, or nothing changes; 1 something failed; 2 usage, or a policy is wrong;\n"
"diff: 3 it only tightens; diff and apply: 4 it loosens, and nothing was done.\n";

/* Every mistake, a line each. */
static void complain_all(const struct policies *policies)
{
	for (unsigned i = 0; i < policies->errors && i < POLICY_ERRORS_MAX; i++)
		complain("%s", policies->error[i]);
	if (policies->errors > POLICY_ERRORS_MAX)
		complain("and %u mistakes more", policies->errors - POLICY_ERRORS_MAX);
}

static int load(struct policies **policies, const char *path)
{
	struct scrim_error err;

	if (policies_load(policies, path, &err) < 0) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

int policies_load_right(struct policies **policies, const char *path)
{
	int status = load(policies, path);

	if (status == EXIT_DONE && (*policies)->errors) {
		complain_all(*policies);
		status = EXIT_USAGE;
	}
	return status;
}

static json_t *check_json(const char *path, const struct policies *policies)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < policies->errors && i < POLICY_ERRORS_MAX; i++)
		json_array_append_new(list, json_words(policies->error[i]));
	return json_pack("{so sI sI so}", "path", json_words(path), "cameras",
			 (json_int_t)policies->count, "mistakes", (json_int_t)policies->errors,
			 "errors", list);
}

static const char *path_of(int argc, char **argv)
{
	return argc ? argv[0] : POLICY_FOLDER;
}

static int check_main(const struct options *o, int argc, char **argv)
{
	struct policies *policies = NULL;
	unsigned regions = 0;
	int status = load(&policies, path_of(argc, argv));

	if (status == EXIT_DONE)
		status = tool_cage();
	if (status != EXIT_DONE)
		return status;
	for (unsigned i = 0; i < policies->count; i++)
		regions += policies->at[i].regions;
	if (policies->errors)
		status = EXIT_USAGE;
	if (o->json) {
		print_document(check_json(path_of(argc, argv), policies));
	} else if (policies->errors) {
		complain_all(policies);
	} else {
		print_words(stdout, "%s: right; %u camera%s, %u region%s", path_of(argc, argv),
			    policies->count, policies->count == 1 ? "" : "s",
			    regions, regions == 1 ? "" : "s");
	}
	free(policies);
	return status;
}

static json_t *polygon_json(const struct polygon *polygon)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < polygon->points; i++)
		json_array_append_new(list, json_pack("[ff]", (double)polygon->at[i].x,
						      (double)polygon->at[i].y));
	return list;
}

static json_t *region_json(const struct policy_region *region)
{
	char hours[HOURS_TEXT_MAX] = "";

	if (region->between.from != region->between.to)
		hours_write(hours, region->between);
	return json_pack("{so ss sb sb so so}", "name", json_words(region->name),
			 "method", method_name(region->method), "locked", region->locked,
			 "reveal", region->reveal,
			 "between", *hours ? json_string(hours) : json_null(),
			 "polygon", polygon_json(&region->polygon));
}

static json_t *policy_json(const struct policy *policy)
{
	char fourcc[FOURCC_TEXT_MAX];
	json_t *regions = json_array();

	fourcc_write(fourcc, policy->wish.fourcc);
	for (unsigned i = 0; i < policy->regions; i++)
		json_array_append_new(regions, region_json(&policy->region[i]));
	return json_pack("{so so so so so ss ss ss so so si si sb sb so so si si si si ss so}",
			 "camera", json_words(policy->camera), "device", json_words(policy->device),
			 "tls_ca", json_words(policy->tls_ca),
			 "purpose", json_words(policy->purpose), "class", json_words(policy->class),
			 "faces", method_name(policy->faces),
			 "moving", method_name(policy->moving == METHOD_UNSET ? METHOD_SHOW :
					       policy->moving),
			 "detector", detector_name(policy->detector),
			 "replay", json_words(policy->replay), "model", json_words(policy->model),
			 "detect_width", policy->detect_w, "detect_height", policy->detect_h,
			 "on_demand", !policy->always_on, "notice", policy->notice,
			 "controls", json_words(*policy->controls ? policy->controls : "none"),
			 "readers", json_words(*policy->readers ? policy->readers : "all"),
			 "width", policy->wish.width, "height", policy->wish.height,
			 "rate_frames", policy->wish.frames, "rate_seconds", policy->wish.seconds,
			 "format", fourcc, "regions", regions);
}

static int show_main(const struct options *o, int argc, char **argv)
{
	struct policies *policies = NULL;
	json_t *list = json_array();
	int status = policies_load_right(&policies, path_of(argc, argv));
	unsigned shown = 0;

	if (status == EXIT_DONE)
		status = tool_cage();
	for (unsigned i = 0; status == EXIT_DONE && i < policies->count; i++) {
		if (o->camera && strcmp(o->camera, policies->at[i].camera))
			continue;
		if (o->json)
			json_array_append_new(list, policy_json(&policies->at[i]));
		else
			printf("%s", shown ? "\n" : "");
		if (!o->json)
			policy_write(stdout, &policies->at[i]);
		shown++;
	}
	if (status == EXIT_DONE && o->json)
		print_document(json_incref(list));
	if (status == EXIT_DONE && !shown) {
		complain("%s: there is no [camera %s]", path_of(argc, argv), o->camera);
		status = EXIT_USAGE;
	}
	json_decref(list);
	free(policies);
	return status;
}

static json_t *comparison_json(const struct comparison *comparison)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < comparison->count && i < CHANGES_MAX; i++) {
		const struct change *change = &comparison->at[i];

		json_array_append_new(list, json_pack("{ss so so so}",
			"verdict", verdict_name(change->verdict), "camera", json_words(change->camera),
			"what", json_words(change->what), "why", json_words(change->why)));
	}
	return json_pack("{ss so}", "verdict", verdict_name(comparison->verdict), "changes", list);
}

static void print_changes(const struct comparison *comparison)
{
	for (unsigned i = 0; i < comparison->count && i < CHANGES_MAX; i++) {
		const struct change *change = &comparison->at[i];

		print_words(stdout, "%-8s  %s: %s: %s", verdict_name(change->verdict),
			    change->camera, change->what, change->why);
	}
	if (comparison->count > CHANGES_MAX)
		printf("and %u changes more\n", comparison->count - CHANGES_MAX);
}

static int diff_status(enum open_verdict verdict)
{
	switch (verdict) {
	case VERDICT_NEITHER:	return DIFF_SAME;
	case VERDICT_TIGHTENS:	return DIFF_TIGHTENS;
	case VERDICT_LOOSENS:	return DIFF_LOOSENS;
	}
	return DIFF_LOOSENS;
}

static int diff_main(const struct options *o, int argc, char **argv)
{
	struct policies *old = NULL, *new = NULL;
	static struct comparison comparison;
	int status = policies_load_right(&old, argv[0]);

	if (status == EXIT_DONE)
		status = policies_load_right(&new, argv[1]);
	if (status == EXIT_DONE)
		status = tool_cage();
	if (status == EXIT_DONE) {
		policies_compare(&comparison, old, new);
		if (o->json)
			print_document(comparison_json(&comparison));
		else
			print_changes(&comparison);
		status = diff_status(comparison.verdict);
	}
	free(old);
	free(new);
	return status;
}

/* What the cage is given: a file, or words of the command line. */
struct importing {
	const char *from, *text;
	int fd;				/* -1: text is it */
	unsigned width, height;
};

static int import_caged(void *ctx, void *result, struct scrim_error *err)
{
	const struct importing *i = ctx;

	if (!strcmp(i->from, "motion"))
		return import_motion(result, i->fd, i->text, err);
	if (!strcmp(i->from, "zoneminder"))
		return import_zoneminder(result, i->text, i->width, i->height, err);
	if (i->fd < 0)
		return import_frigate(result, "", "mask", i->text, i->width, i->height, err);
	return import_frigate_config(result, i->fd, i->text, i->width, i->height, err);
}

static int import_all(struct import *import, struct importing *i, struct scrim_error *err)
{
	const struct caged_call call = { NULL, import_caged, i, &i->fd, i->fd >= 0, sizeof(*import),
					 NULL };
	int ret = caged(&call, import, err);

	if (ret >= 0 && !import_is_sound(import))
		ret = fail(err, -EIO, "cannot import %s: the worker's answer is no region",
			   i->text);
	return ret;
}

static int print_import(const struct import *import, const char *camera)
{
	char polygon[POLYGON_TEXT_MAX];

	for (unsigned i = 0; i < import->count; i++) {
		const struct imported *one = &import->at[i];
		const char *of = camera ? camera : *one->camera ? one->camera : "camera";

		if (strlen("region ") + strlen(of) + 1 + strlen(one->name) > POLICY_TITLE_MAX) {
			complain("[region %s/%s] is longer than %d bytes; say --camera", of, one->name,
				 POLICY_TITLE_MAX);
			return EXIT_USAGE;
		}
		polygon_write(polygon, &one->polygon);
		print_words(stdout, "[region %s/%s]", of, one->name);
		printf("polygon = %s\nmethod = fill\n%s", polygon,
		       i + 1 < import->count ? "\n" : "");
	}
	return EXIT_DONE;
}

static int import_main(const struct options *o, int argc, char **argv)
{
	struct importing i = { argv[0], argv[1], -1, o->width, o->height };
	static struct import import;
	struct scrim_error err;
	bool motion = !strcmp(i.from, "motion"), frigate = !strcmp(i.from, "frigate");
	int ret = 0, status;

	if (!motion && !frigate && strcmp(i.from, "zoneminder")) {
		complain("cannot import from '%s', only from motion, zoneminder and frigate",
			 i.from);
		return EXIT_USAGE;
	}
	if (motion || (frigate && i.text[strspn(i.text, "0123456789., \t")]))
		ret = i.fd = open_regular(i.text, &err);
	if (ret >= 0)
		ret = import_all(&import, &i, &err);
	if (i.fd >= 0)
		close(i.fd);
	if (ret < 0) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	status = tool_cage();
	return status == EXIT_DONE ? print_import(&import, o->camera) : status;
}

static int apply_main(const struct options *o, int argc, char **argv)
{
	return policy_apply(&o->apply, o->json, argc, argv);
}

static const struct verb {
	const char *name;
	int least, most;		/* words after it */
	int (*run)(const struct options *options, int argc, char **argv);
} verbs[] = {
	{ "check",	0, 1, check_main },
	{ "show",	0, 1, show_main },
	{ "diff",	2, 2, diff_main },
	{ "apply",	0, POLICIES_MAX, apply_main },
	{ "import",	2, 2, import_main },
};

#define VERBS	(sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *find_verb(const char *name)
{
	for (unsigned i = 0; i < VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static int parse_size(struct options *o, const char *text)
{
	int used = -1;

	if (strspn(text, "0123456789x") == strlen(text) &&
	    sscanf(text, "%5ux%5u%n", &o->width, &o->height, &used) == 2 && !text[used] &&
	    o->width && o->height && o->width <= SCRIM_SIDE_MAX && o->height <= SCRIM_SIDE_MAX)
		return EXIT_DONE;
	complain("--size: '%s' is not a size like 640x480", text);
	return EXIT_USAGE;
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "camera",	required_argument,	NULL, 'c' },
		{ "size",	required_argument,	NULL, 's' },
		{ "policy",	required_argument,	NULL, 'p' },
		{ "run",	required_argument,	NULL, 'r' },
		{ "accept",	no_argument,		NULL, 'a' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL,		0,			NULL, 0 },
	};
	int option, status = EXIT_DONE;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE && (option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'c':	o->camera = optarg; break;
		case 's':	status = parse_size(o, optarg); break;
		case 'p':	o->apply.where.policy = optarg; break;
		case 'r':	o->apply.where.run = optarg; break;
		case 'a':	o->apply.accept = true; break;
		case 'j':	o->json = true; break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			status = EXIT_USAGE;
		}
	return status;
}

int policy_main(int argc, char **argv)
{
	struct options o = { .apply.where = { POLICY_FOLDER, CONTROL_FOLDER, NULL } };
	const struct verb *verb;

	if (parse_options(&o, argc, argv) != EXIT_DONE)
		return EXIT_USAGE;
	argc -= optind;
	argv += optind;
	verb = argc ? find_verb(argv[0]) : NULL;
	if (!verb) {
		complain(argc ? "unknown command 'policy %s', see `scrim policy --help`" :
			 "say what: see `scrim policy --help`", argv[0]);
		return EXIT_USAGE;
	}
	if (argc - 1 < verb->least || argc - 1 > verb->most) {
		complain("wrong number of words for `scrim policy %s', see `scrim policy --help`",
			 verb->name);
		return EXIT_USAGE;
	}
	return verb->run(&o, argc - 1, argv + 1);
}
