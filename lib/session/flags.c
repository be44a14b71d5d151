// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/flags.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What stands behind a word, in that base; -1: the word is not there. */
static long number_at(const char *text, const char *word, int base)
{
	const char *at = strstr(text, word);

	return at ? strtol(at + strlen(word), NULL, base) : -1;
}

/* proc(5), /proc/PID/fdinfo: flags are in octal. */
static bool read_one(pid_t pid, int fd, struct flags_of *of, int *flags)
{
	char path[64], text[512];
	ssize_t got;
	int file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	got = read(file, text, sizeof(text) - 1);
	close(file);
	if (got <= 0)
		return false;
	text[got] = '\0';
	of->position = number_at(text, "pos:", 10);
	of->mount = number_at(text, "mnt_id:", 10);
	*flags = number_at(text, "flags:", 8);
	return of->position >= 0 && of->mount >= 0 && *flags >= 0;
}

int flags_mount(int fd)
{
	struct flags_of of;
	int flags;

	return read_one(getpid(), fd, &of, &flags) ? of.mount : -1;
}

static bool is_it(pid_t pid, int fd, const struct flags_of *of, int *flags)
{
	struct flags_of its;

	return read_one(pid, fd, &its, flags) && its.mount == of->mount &&
	       its.position == of->position;
}

bool flags_now(pid_t pid, const struct flags_of *of, int *hint, int *flags)
{
	struct dirent *entry;
	bool found = false;
	char path[64];
	DIR *dir;

	if (of->mount < 0)
		return false;
	if (*hint >= 0 && is_it(pid, *hint, of, flags))
		return true;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		*hint = atoi(entry->d_name);
		found = entry->d_name[0] != '.' && is_it(pid, *hint, of, flags);
	}
	if (dir)
		closedir(dir);
	return found;
}
