// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: who has a raw camera open, whatever the mode of its node is by now; and
 * what a session's PipeWire hands out.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "holders.h"

static bool is_pid(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name) && strlen(name) < 12;
}

/* Its name is its own word; that it belongs to user scrim or root is the kernel's. */
static bool is_scrimd(const struct doctor *d, const struct holder *holder)
{
	return !strcmp(holder->program, "scrimd") && (holder->uid == 0 || holder->uid == d->scrim);
}

static void tell(struct doctor *d, const struct holder *holder)
{
	doctor_problem(d, "holders", "%s (process %d) has %s open",
		       *holder->program ? holder->program : "a program", holder->pid, holder->node);
	doctor_todo(d, "kill %d, or end what started it; who opened a camera keeps it open",
		    holder->pid);
}

void doctor_holders(struct doctor *d)
{
	const char *raw[NODES_MAX];
	unsigned count = 0, before = d->problems;
	struct holders holders;

	for (unsigned i = 0; i < d->nodes.count; i++)
		if (d->nodes.at[i].kind == NODE_RAW)
			raw[count++] = d->nodes.at[i].path;
	holders_find(&holders, d->root, raw, count);
	for (unsigned i = 0; i < holders.count; i++)
		if (!is_scrimd(d, &holders.at[i]))
			tell(d, &holders.at[i]);
	if (holders.hidden)
		doctor_unknown(d, "holders", "of %u processes only root can see what they have open",
			       holders.hidden);
	else if (!holders.seen)
		doctor_unknown(d, "holders", "there is no /proc to see what programs have open");
	else if (d->problems == before)
		doctor_ok(d, "holders", "nobody but scrimd has a raw camera open");
}

/* The arguments of a process are strings, one behind the other. */
static bool is_run(const char *line, size_t size, const char *program, const char *word)
{
	const char *slash = strrchr(line, '/');

	if (strcmp(slash ? slash + 1 : line, program))
		return false;
	for (size_t at = strlen(line) + 1; at < size; at += strlen(line + at) + 1)
		if (!strcmp(line + at, word))
			return true;
	return false;
}

pid_t doctor_runs(const struct doctor *d, const char *program, const char *word)
{
	char path[PEEK_PATH_MAX], line[4096];
	DIR *all = opendir(peek_path(path, d->root, "/proc"));
	struct dirent *entry;
	pid_t found = 0;
	int size;

	while (all && !found && (entry = readdir(all))) {
		if (!is_pid(entry->d_name))
			continue;
		size = peek_text(line, sizeof(line), d->root,
				 peek_path(path, "", "/proc/%s/cmdline", entry->d_name));
		if (size > 0 && is_run(line, size, program, word))
			found = atoi(entry->d_name);
	}
	if (all)
		closedir(all);
	return found;
}

/* 0.4 is configured in Lua, what came after it is not. */
void doctor_session(struct doctor *d)
{
	bool lua = doctor_there(d, "/usr/share/wireplumber/main.lua.d");
	const char *rule = lua ? "wireplumber/main.lua.d/51-scrim-raw.lua" :
				 "wireplumber/wireplumber.conf.d/51-scrim-raw.conf";

	if (!doctor_there(d, "/usr/bin/wireplumber")) {
		doctor_ok(d, "pipewire", "there is no WirePlumber that could offer raw cameras");
	} else if (doctor_there(d, "/etc/%s", rule) || doctor_there(d, "/usr/share/%s", rule)) {
		doctor_ok(d, "pipewire", "WirePlumber offers scrim cameras only");
	} else {
		doctor_problem(d, "pipewire", "WirePlumber would offer raw cameras that it can open; "
			       "/etc/%s is missing", rule);
		doctor_todo(d, "make install-service, or apt install scrim; "
			    "then: systemctl --user restart wireplumber");
	}
}
