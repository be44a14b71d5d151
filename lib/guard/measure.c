// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reads what the kernel shows of itself and of processes; opens no camera, since that alone could
 * turn its light on.
 */
#include "guard/measure.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "text.h"

#define PATH_BYTES	512

/* The first line of a small file; -errno. */
static int first_line(char *line, size_t size, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, line, size - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

static bool has_open(const char *folder, dev_t rdev)
{
	DIR *fds = opendir(folder);
	struct dirent *entry;
	struct stat st;
	bool has = false;

	if (!fds)
		return false;		/* it has ended */
	while (!has && (entry = readdir(fds)))
		has = entry->d_name[0] != '.' && fstatat(dirfd(fds), entry->d_name, &st, 0) == 0 &&
		      S_ISCHR(st.st_mode) && st.st_rdev == rdev;
	closedir(fds);
	return has;
}

/* "7 (name) S 1 ...": a name may have brackets in it. */
static pid_t parent_of(const char *process)
{
	char path[PATH_BYTES + 8], line[256] = "", *end;
	int parent = 0;

	snprintf(path, sizeof(path), "%s/stat", process);
	first_line(line, sizeof(line), path);
	end = strrchr(line, ')');
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

static void add_holder(struct raw_node *raw, const char *process, pid_t pid, uid_t uid)
{
	char path[PATH_BYTES + 8], name[64] = "";
	struct raw_holder *holder;

	if (raw->holders++ >= RAW_HOLDERS_MAX)
		return;
	holder = &raw->holder[raw->holders - 1];
	holder->pid = pid;
	holder->parent = parent_of(process);
	holder->uid = uid;
	snprintf(path, sizeof(path), "%s/comm", process);
	first_line(name, sizeof(name), path);
	snprintf(holder->name, sizeof(holder->name), "%.15s", name);
	text_clean(holder->name);
}

static void look_at_process(struct raw_node *raw, const char *proc, const char *pid, dev_t rdev)
{
	char path[PATH_BYTES], fds[PATH_BYTES + 8];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", proc, pid);
	snprintf(fds, sizeof(fds), "%s/fd", path);
	if (stat(path, &st) < 0)
		return;			/* it has ended */
	if (access(fds, R_OK | X_OK) < 0) {
		raw->unseen += errno != ENOENT;
		return;
	}
	if (has_open(fds, rdev))
		add_holder(raw, path, atoi(pid), st.st_uid);
}

static void look_for_holders(struct raw_node *raw, const char *proc, dev_t rdev)
{
	DIR *folder = opendir(proc);
	struct dirent *entry;

	if (!folder) {
		raw->unseen++;
		return;
	}
	while ((entry = readdir(folder)))
		if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name))
			look_at_process(raw, proc, entry->d_name, rdev);
	closedir(folder);
}

void raw_look(struct raw_node *raw, const char *device, const char *proc)
{
	char *real = NULL;
	struct stat st;

	*raw = (struct raw_node){ .why_not = -ENOTSUP };
	if (*device != '/')
		return;
	real = realpath(device, NULL);
	if (!real || stat(real, &st) < 0) {
		raw->why_not = -errno;
	} else if (S_ISCHR(st.st_mode)) {
		raw->why_not = 0;
		snprintf(raw->path, sizeof(raw->path), "%s", real);
		text_clean(raw->path);
		raw->uid = st.st_uid;
		raw->gid = st.st_gid;
		raw->mode = st.st_mode & 07777;
		raw->may_open = faccessat(AT_FDCWD, real, R_OK | W_OK, AT_EACCESS) == 0;
		look_for_holders(raw, proc, st.st_rdev);
	} else {
		raw->why_not = -ENODEV;
	}
	free(real);
}

static const char *below(char path[PATH_BYTES], const char *root, const char *name)
{
	snprintf(path, PATH_BYTES, "%s%s", root, name);
	return path;
}

/* Whether a line of the kernel's has one of these in it. */
static enum known shows(const char *root, const char *name, const char *const *words)
{
	char path[PATH_BYTES], line[512];
	int ret = first_line(line, sizeof(line), below(path, root, name));

	if (ret < 0)
		return ret == -ENOENT ? KNOWN_NO : KNOWN_NOT;
	for (; *words; words++)
		if (strstr(line, *words))
			return KNOWN_YES;
	return KNOWN_NO;
}

static enum known is_there(const char *root, const char *name)
{
	char path[PATH_BYTES];

	return access(below(path, root, name), F_OK) == 0 ? KNOWN_YES :
	       errno == ENOENT ? KNOWN_NO : KNOWN_NOT;
}

/* A module that is not signed leaves an E; whether a signature is forced does not matter. */
static enum known is_signed(const char *root)
{
	static const char *const unsigned_taint[] = { "E", NULL };

	switch (shows(root, "/sys/module/scrim/taint", unsigned_taint)) {
	case KNOWN_YES:	return KNOWN_NO;
	case KNOWN_NO:	return KNOWN_YES;
	case KNOWN_NOT:	return KNOWN_NOT;
	}
	return KNOWN_NOT;
}

void machine_look(struct machine *machine, const char *root)
{
	static const char *const locked[] = { "[integrity]", "[confidentiality]", NULL };
	static const char *const yes[] = { "Y", NULL };
	static const char *const bpf[] = { "bpf", NULL };
	long abi = syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*machine = (struct machine){
		.landlock = abi > 0 ? abi : 0,
		.seccomp = is_there(root, "/proc/sys/kernel/seccomp/actions_avail"),
		.locked_down = shows(root, "/sys/kernel/security/lockdown", locked),
		.signed_only = shows(root, "/sys/module/module/parameters/sig_enforce", yes),
		.driver = is_there(root, "/sys/module/scrim"),
		.bpf = shows(root, "/sys/kernel/security/lsm", bpf),
	};
	machine->driver_signed = machine->driver == KNOWN_YES ? is_signed(root) : KNOWN_NOT;
	/* A kernel that is locked down loads nothing without one. */
	if (machine->locked_down == KNOWN_YES)
		machine->signed_only = KNOWN_YES;
}
