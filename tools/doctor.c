// SPDX-License-Identifier: GPL-2.0
#include "doctor.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/load.h"
#include "tools.h"
#include "words.h"

static const char usage[] =
"usage: scrim doctor [OPTIONS]\n"
"\n"
"Looks whether cameras are closed and filtered as they should be on this machine, and says\n"
"what to type where they are not.  As root it sees more.\n"
"\n"
"      --policy PATH  file, or folder of files *.conf (" POLICY_FOLDER ")\n"
"      --root DIR     look at the system below this folder\n"
"      --json         print one JSON object\n"
"  -q, --quiet        print problems only\n"
"  -h, --help         print this\n"
"\n"
"Exit status: 0 no problem was found; 1 there are problems, or it failed; 2 usage.\n";

struct options {
	bool json, quiet;
};

static const char *finding_name(enum finding finding)
{
	switch (finding) {
	case FINDING_OK:	return "ok";
	case FINDING_PROBLEM:	return "problem";
	case FINDING_UNKNOWN:	return "unknown";
	}
	return "unknown";
}

static void note(struct doctor *doctor, enum finding finding, const char *check,
		 const char *fmt, va_list args)
{
	doctor->problems += finding == FINDING_PROBLEM;
	if (doctor->count == FINDINGS_MAX)
		return;
	doctor->at[doctor->count].finding = finding;
	doctor->at[doctor->count].check = check;
	vsnprintf(doctor->at[doctor->count].text, SCRIM_TEXT_MAX, fmt, args);
	doctor->count++;
}

void doctor_ok(struct doctor *doctor, const char *check, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(doctor, FINDING_OK, check, fmt, args);
	va_end(args);
}

void doctor_unknown(struct doctor *doctor, const char *check, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(doctor, FINDING_UNKNOWN, check, fmt, args);
	va_end(args);
}

void doctor_problem(struct doctor *doctor, const char *check, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(doctor, FINDING_PROBLEM, check, fmt, args);
	va_end(args);
}

void doctor_todo(struct doctor *doctor, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(doctor->at[doctor->count - 1].todo, SCRIM_TEXT_MAX, fmt, args);
	va_end(args);
}

bool doctor_there(const struct doctor *doctor, const char *fmt, ...)
{
	char name[PEEK_PATH_MAX], path[PEEK_PATH_MAX];
	struct stat st;
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	return stat(peek_path(path, doctor->root, "%s", name), &st) == 0;
}

bool doctor_is_this_machine(const struct doctor *doctor)
{
	return !*doctor->root;
}

static void print_text(const struct doctor *doctor, bool quiet)
{
	for (unsigned i = 0; i < doctor->count; i++) {
		if (quiet && doctor->at[i].finding != FINDING_PROBLEM)
			continue;
		print_words(stdout, "%-7s  %s: %s", finding_name(doctor->at[i].finding),
			    doctor->at[i].check, doctor->at[i].text);
		if (*doctor->at[i].todo)
			print_words(stdout, "         type: %s", doctor->at[i].todo);
	}
}

static void print_json(const struct doctor *doctor)
{
	json_t *checks = json_array(), *json;

	for (unsigned i = 0; i < doctor->count; i++)
		json_array_append_new(checks, json_pack("{ss ss so so}",
			"check", doctor->at[i].check, "result", finding_name(doctor->at[i].finding),
			"text", json_words(doctor->at[i].text),
			"type", *doctor->at[i].todo ? json_words(doctor->at[i].todo) : json_null()));
	json = json_pack("{si so}", "problems", doctor->problems, "checks", checks);
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
}

static int parse(struct options *o, struct doctor *doctor, int argc, char **argv)
{
	static const struct option options[] = {
		{ "policy",	required_argument,	NULL, 'p' },
		{ "root",	required_argument,	NULL, 'r' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "quiet",	no_argument,		NULL, 'q' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while ((option = getopt_long(argc, argv, "qh", options, NULL)) != -1)
		switch (option) {
		case 'p':	doctor->policy = optarg; break;
		case 'r':	doctor->root = strcmp(optarg, "/") ? optarg : ""; break;
		case 'j':	o->json = true; break;
		case 'q':	o->quiet = true; break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			return EXIT_USAGE;
		}
	if (optind < argc) {
		complain("doctor: '%s' is one word too many, see `scrim doctor --help`", argv[optind]);
		return EXIT_USAGE;
	}
	if (!doctor_there(doctor, "/.") || strlen(doctor->root) >= PEEK_PATH_MAX / 2) {
		complain("--root: there is no folder %s", doctor->root);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

int doctor_main(int argc, char **argv)
{
	static struct doctor doctor = {
		.root = "", .policy = POLICY_FOLDER, .scrim = NO_USER, .group = NO_GROUP,
	};
	struct options o = { 0 };

	if (parse(&o, &doctor, argc, argv) != EXIT_DONE)
		return EXIT_USAGE;
	doctor_kernel(&doctor);
	doctor_nodes(&doctor);
	doctor_holders(&doctor);
	doctor_session(&doctor);
	doctor_policy(&doctor);
	if (o.json)
		print_json(&doctor);
	else
		print_text(&doctor, o.quiet);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("cannot write the answer: %s", strerror(errno));
		return EXIT_FAILED;
	}
	return doctor.problems ? EXIT_FAILED : EXIT_DONE;
}
