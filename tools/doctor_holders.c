// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: who has a raw camera open, whatever the mode of its node is by now; and
 * what a session's PipeWire hands out.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"

static bool is_pid(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name) && strlen(name) < 12;
}

/* Its name is its own word; that it belongs to user scrim or root is the kernel's. */
static bool is_scrimd(const struct doctor *d, const char *pid, const char *comm)
{
	char path[PEEK_PATH_MAX];
	struct stat st;

	return !strcmp(comm, "scrimd") && stat(peek_path(path, d->root, "/proc/%s", pid), &st) == 0 &&
	       (st.st_uid == 0 || st.st_uid == d->scrim);
}

static void holds(struct doctor *d, const char *pid, const char *node)
{
	char path[PEEK_PATH_MAX], comm[64];

	peek_text(comm, sizeof(comm), d->root, peek_path(path, "", "/proc/%s/comm", pid));
	if (is_scrimd(d, pid, comm))
		return;
	doctor_problem(d, "holders", "%s (process %s) has %s open", *comm ? comm : "a program", pid,
		       node);
	doctor_todo(d, "kill %s, or end what started it; who opened a camera keeps it open", pid);
}

/* A node that it has open several times is told once. */
static void look_at(struct doctor *d, const char *pid, DIR *fds)
{
	char path[PEEK_PATH_MAX], target[64];
	bool told[NODES_MAX] = { false };
	struct dirent *entry;
	ssize_t n;

	while ((entry = readdir(fds))) {
		if (!is_pid(entry->d_name))
			continue;
		n = readlink(peek_path(path, d->root, "/proc/%s/fd/%s", pid, entry->d_name), target,
			     sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		for (unsigned i = 0; i < d->nodes.count; i++)
			if (!told[i] && d->nodes.at[i].kind == NODE_RAW &&
			    !strcmp(target, d->nodes.at[i].path)) {
				told[i] = true;
				holds(d, pid, target);
			}
	}
}

void doctor_holders(struct doctor *d)
{
	unsigned hidden = 0, seen = 0, before = d->problems;
	char path[PEEK_PATH_MAX];
	DIR *all = opendir(peek_path(path, d->root, "/proc")), *fds;
	struct dirent *entry;

	while (all && (entry = readdir(all))) {
		if (!is_pid(entry->d_name))
			continue;
		fds = opendir(peek_path(path, d->root, "/proc/%s/fd", entry->d_name));
		hidden += !fds && errno == EACCES;
		if (!fds)
			continue;
		seen++;
		look_at(d, entry->d_name, fds);
		closedir(fds);
	}
	if (all)
		closedir(all);
	if (hidden)
		doctor_unknown(d, "holders", "of %u processes only root can see what they have open",
			       hidden);
	else if (!seen)
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
