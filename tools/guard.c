// SPDX-License-Identifier: GPL-2.0
/*
 * scrim guard: closes raw cameras in the kernel to every program but scrimd, root's included.
 */
#include "guard.h"

#include <getopt.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "nodes.h"
#include "peek.h"
#include "tools.h"
#include "words.h"

static const char usage[] =
"usage: scrim guard on|update|off|status [OPTIONS]\n"
"\n"
"Closes raw cameras to every program but scrimd, root's included, by a BPF program in the kernel.\n"
"\n"
"  on      close those that are there; it holds until `off` or a reboot\n"
"  update  where it is on: follow cameras that came and went, and a scrimd that was replaced\n"
"  off     leave them to their nodes' owners and modes\n"
"  status  say whether it is on, and for which nodes\n"
"\n"
"      --feeder FILE  the program that may open them (scrimd)\n"
"      --json         status: print one JSON object\n"
"  -h, --help         print this\n"
"\n"
"Exit status: 0 done, or it is on for all raw cameras; 1 failed, or it is not; 2 usage.\n";

struct options {
	const char *feeder;		/* NULL: the scrimd that was installed with us */
	bool json;
};

/* ../sbin/scrimd, seen from our own folder. */
static const char *installed_feeder(char path[PEEK_PATH_MAX])
{
	char exe[PEEK_PATH_MAX / 2];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	exe[n > 0 ? n : 0] = '\0';
	if (strrchr(exe, '/'))
		*strrchr(exe, '/') = '\0';
	return peek_path(path, exe, "/../sbin/scrimd");
}

/* On these, what stat() says is not what the kernel has of the program that runs. */
static bool tells_numbers(const struct statfs *fs)
{
	return fs->f_type != BTRFS_SUPER_MAGIC && fs->f_type != OVERLAYFS_SUPER_MAGIC;
}

static int find_feeder(struct guard_program *feeder, const struct options *o,
		       struct scrim_error *err)
{
	char installed[PEEK_PATH_MAX];
	const char *path = o->feeder ? o->feeder : installed_feeder(installed);
	struct stat st;
	struct statfs fs;

	if (stat(path, &st) < 0 || statfs(path, &fs) < 0)
		return fail(err, -errno, "cannot find %s: %s; say --feeder FILE", path,
			    strerror(errno));
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return fail(err, -EINVAL, "%s is no program", path);
	if (st.st_uid != 0 || st.st_mode & 0022)
		return fail(err, -EPERM, "others than root can change %s", path);
	if (!tells_numbers(&fs))
		return fail(err, -ENOTSUP, "%s is on btrfs or overlayfs, where the kernel cannot tell "
			    "it from others", path);
	*feeder = (struct guard_program){
		.inode = st.st_ino,
		.device = GUARD_DEVICE(major(st.st_dev), minor(st.st_dev)),
	};
	return 0;
}

/* What is to be guarded on this machine now. */
static int wanted(struct guarded *guarded, struct nodes *nodes, const struct options *o,
		  struct scrim_error *err)
{
	int ret = find_feeder(&guarded->feeder, o, err);

	nodes_find(nodes, "");
	guarded->count = 0;
	for (unsigned i = 0; i < nodes->count; i++) {
		const struct node *node = &nodes->at[i];

		if (node->kind == NODE_RAW && node->major)
			guarded->device[guarded->count++] = GUARD_DEVICE(node->major, node->minor);
	}
	if (ret >= 0 && nodes->full)
		ret = fail(err, -EFBIG, "there are more than %d nodes of cameras", NODES_MAX);
	return ret;
}

_Static_assert(NODES_MAX <= GUARD_NODES_MAX, "all that are found can be guarded");

static int on(const struct options *o, struct scrim_error *err)
{
	static struct nodes nodes;
	struct guarded guarded;
	int ret = guard_can(err);

	if (ret >= 0)
		ret = wanted(&guarded, &nodes, o, err);
	if (ret < 0)
		return ret;
	return guard_is_on() ? guard_set(&guarded, err) : guard_start(&guarded, err);
}

static int update(const struct options *o, struct scrim_error *err)
{
	return guard_is_on() ? on(o, err) : 0;
}

static int off(const struct options *o, struct scrim_error *err)
{
	return guard_is_on() ? guard_stop(err) : 0;
}

static bool holds(const struct guarded *guarded, const struct node *node)
{
	for (unsigned i = 0; i < guarded->count; i++)
		if (guarded->device[i] == GUARD_DEVICE(node->major, node->minor))
			return true;
	return false;
}

struct state {
	bool on, whole, feeder;		/* whole: all raw nodes; feeder: the right program */
	struct guarded guarded;
	struct nodes nodes;
	struct scrim_error why;		/* it is not on, where text is not empty */
};

static void measure(struct state *state, const struct options *o)
{
	struct guarded now;

	state->why.text[0] = '\0';
	if (guard_can(&state->why) < 0)
		return;
	state->on = guard_is_on();
	if (wanted(&now, &state->nodes, o, &state->why) < 0 || !state->on)
		return;
	state->on = guard_get(&state->guarded, &state->why) >= 0;
	state->feeder = state->on && !memcmp(&now.feeder, &state->guarded.feeder, sizeof(now.feeder));
	state->whole = state->on;
	for (unsigned i = 0; i < state->nodes.count; i++)
		if (state->nodes.at[i].kind == NODE_RAW)
			state->whole &= holds(&state->guarded, &state->nodes.at[i]);
}

static void tell_json(const struct state *state)
{
	json_t *nodes = json_array(), *json;

	for (unsigned i = 0; i < state->nodes.count; i++)
		if (state->nodes.at[i].kind == NODE_RAW)
			json_array_append_new(nodes, json_pack("{so sb}",
				"node", json_words(state->nodes.at[i].path),
				"guarded", state->on && holds(&state->guarded, &state->nodes.at[i])));
	json = json_pack("{sb sb so so}", "on", state->on, "feeder", state->feeder,
			 "why", *state->why.text ? json_words(state->why.text) : json_null(),
			 "nodes", nodes);
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
}

static void tell_text(const struct state *state)
{
	if (!state->on) {
		print_words(stdout, "off%s%s", *state->why.text ? ": " : "", state->why.text);
		return;
	}
	puts("on");
	for (unsigned i = 0; i < state->nodes.count; i++)
		if (state->nodes.at[i].kind == NODE_RAW)
			print_words(stdout, "  %s: %s", state->nodes.at[i].path,
				    holds(&state->guarded, &state->nodes.at[i]) ? "closed" :
				    "not guarded; type: scrim guard update");
	if (!state->feeder)
		puts("  scrimd is not the program that may open them; type: scrim guard update");
}

static int guard_status(const struct options *o)
{
	static struct state state;

	measure(&state, o);
	if (o->json)
		tell_json(&state);
	else
		tell_text(&state);
	if (fflush(stdout) != 0)
		return EXIT_FAILED;
	return state.on && state.whole && state.feeder ? EXIT_DONE : EXIT_FAILED;
}

static const struct verb {
	const char *name;
	int (*run)(const struct options *o, struct scrim_error *err);
} verbs[] = {
	{ "on",		on },
	{ "update",	update },
	{ "off",	off },
};

static int run(const char *name, const struct options *o)
{
	struct scrim_error err;

	if (!strcmp(name, "status"))
		return guard_status(o);
	for (unsigned i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(name, verbs[i].name))
			continue;
		if (verbs[i].run(o, &err) >= 0)
			return EXIT_DONE;
		complain("cannot guard: %s", err.text);
		return EXIT_FAILED;
	}
	complain("unknown command 'guard %s', see `scrim guard --help`", name);
	return EXIT_USAGE;
}

int guard_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "feeder",	required_argument,	NULL, 'f' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { 0 };
	int option;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'f':	o.feeder = optarg; break;
		case 'j':	o.json = true; break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			return EXIT_USAGE;
		}
	if (optind + 1 != argc) {
		complain("say on, update, off or status, see `scrim guard --help`");
		return EXIT_USAGE;
	}
	return run(argv[optind], &o);
}
