// SPDX-License-Identifier: GPL-2.0
#include "holders.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peek.h"

static bool is_number(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name) && strlen(name) < 11;
}

static void add(struct holders *holders, const char *root, const char *pid, const char *node)
{
	struct holder *holder = &holders->at[holders->count];
	char path[PEEK_PATH_MAX];
	struct stat st;

	/* One that is gone has nothing open. */
	if (holders->count == HOLDERS_MAX ||
	    stat(peek_path(path, root, "/proc/%s", pid), &st) < 0)
		return;
	*holder = (struct holder){ .pid = atoi(pid), .uid = st.st_uid };
	peek_text(holder->program, sizeof(holder->program), root,
		  peek_path(path, "", "/proc/%s/comm", pid));
	snprintf(holder->node, sizeof(holder->node), "%s", node);
	holders->count++;
}

static bool is_told(const struct holders *holders, pid_t pid, const char *node)
{
	for (unsigned i = 0; i < holders->count; i++)
		if (holders->at[i].pid == pid && !strcmp(holders->at[i].node, node))
			return true;
	return false;
}

static void look_at(struct holders *holders, const char *root, const char *pid, DIR *fds,
		    const char *const node[], unsigned nodes)
{
	char path[PEEK_PATH_MAX], target[64];
	struct dirent *entry;
	ssize_t n;

	while ((entry = readdir(fds))) {
		if (!is_number(entry->d_name))
			continue;
		n = readlink(peek_path(path, root, "/proc/%s/fd/%s", pid, entry->d_name), target,
			     sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		for (unsigned i = 0; i < nodes; i++)
			if (!strcmp(target, node[i]) && !is_told(holders, atoi(pid), target))
				add(holders, root, pid, target);
	}
}

void holders_find(struct holders *holders, const char *root, const char *const node[],
		  unsigned nodes)
{
	char path[PEEK_PATH_MAX];
	DIR *all = opendir(peek_path(path, root, "/proc")), *fds;
	struct dirent *entry;

	*holders = (struct holders){ 0 };
	while (all && (entry = readdir(all))) {
		if (!is_number(entry->d_name))
			continue;
		fds = opendir(peek_path(path, root, "/proc/%s/fd", entry->d_name));
		holders->hidden += !fds && errno == EACCES;
		if (!fds)
			continue;
		holders->seen++;
		look_at(holders, root, entry->d_name, fds, node, nodes);
		closedir(fds);
	}
	if (all)
		closedir(all);
}
