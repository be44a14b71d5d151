// SPDX-License-Identifier: GPL-2.0
/*
 * scrim: one command, a table of subcommands.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools.h"

static int version_main(int argc, char **argv)
{
	printf("scrim %s\n", scrim_version());
	return EXIT_DONE;
}

static int help_main(int argc, char **argv);

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "redact",	redact_main,	"cover faces and regions in photos and videos" },
	{ "run",	run_main,	"run a program that gets a covered camera, and no other" },
	{ "policy",	policy_main,	"check, show, compare, apply and import policies" },
	{ "status",	status_main,	"say how cameras fare; so does scrim without a command" },
	{ "cameras",	cameras_main,	"list the cameras" },
	{ "shutter",	shutter_main,	"make cameras black at once, or show them again" },
	{ "log",	log_main,	"print who changed what may be seen, and when" },
	{ "verify",	verify_main,	"say whether the log is what was written" },
	{ "preview",	preview_main,	"show what an application would see now" },
	{ "wall",	wall_main,	"show cameras on a monitor, without a desktop" },
	{ "region",	region_main,	"draw a camera's regions, with a grid to read corners from" },
	{ "doctor",	doctor_main,	"look for what is wrong here, and say what to type" },
	{ "guard",	guard_main,	"close raw cameras in the kernel, to root as well" },
	{ "consent",	consent_main,	"agree to an offer, take that back, and see what was agreed to" },
	{ "explain",	explain_main,	"say whether a clip may be given away, rule by rule" },
	{ "export",	export_main,	"give clips away, with every consent, encrypted" },
	{ "ledger",	ledger_main,	"count and list what was given away, and to whom" },
	{ "erase",	erase_main,	"ask for what was given to be deleted, and keep the receipts" },
	{ "version",	version_main,	"print the version" },
	{ "help",	help_main,	"this list" },
};
static const unsigned commands_count = sizeof(commands) / sizeof(commands[0]);

static int help_main(int argc, char **argv)
{
	printf("usage: scrim [COMMAND [OPTIONS]]\n\n");
	for (unsigned i = 0; i < commands_count; i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].what);
	printf("\n`scrim COMMAND --help` lists its options; scrim(1) says it all.\n");
	return EXIT_DONE;
}

static const struct command *command_find(const char *name)
{
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		name = "version";
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	for (unsigned i = 0; i < commands_count; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Descriptors 0 to 2 are ours to print on, never a file that we open. */
static int have_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd >= 0)
		close(fd);
	return fd;
}

/* What is printed is read by scripts: half of it is a failure. */
static int flushed(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	complain("cannot write the answer: %s", strerror(errno));
	return EXIT_FAILED;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (have_standard_descriptors() < 0)
		return EXIT_FAILED;
	if (argc < 2)
		return flushed(status_main(argc, argv));
	command = command_find(argv[1]);
	if (!command) {
		fprintf(stderr, "scrim: unknown command '%s', see `scrim help`\n", argv[1]);
		return EXIT_USAGE;
	}
	return flushed(command->run(argc - 1, argv + 1));
}
