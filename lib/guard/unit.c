// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "text.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD	77		/* Linux 6.5; the same number wherever scrim is built */
#endif

/* A line has a path of at most 4096 bytes, and there is one for each hierarchy. */
#define CGROUP_SIZE_MAX	(128 * 1024)

/* systemd's, and as in systemd a name that is longer is none. */
#define UNIT_LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@"

static bool ends_in(const char *name, size_t length, const char *end)
{
	size_t of_end = strlen(end);

	return length > of_end && !strncmp(name + length - of_end, end, of_end);
}

bool unit_is_service(const char *name, size_t length)
{
	return length < UNIT_MAX && ends_in(name, length, ".service") &&
	       strspn(name, UNIT_LETTERS) >= length && *name != '@' && *name != '.' &&
	       !ends_in(name, length, "@.service");
}

/* The path in the unified hierarchy, without its first "/".  No directory there has a newline. */
static const char *unified_path(const char *text)
{
	static const char line[] = "0::/";
	const char *at = text;

	while (at && strncmp(at, line, strlen(line))) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at ? at + strlen(line) : NULL;
}

static bool is_part(const char *part, size_t length, const char *name)
{
	return length == strlen(name) && !strncmp(part, name, length);
}

/*
 * The first directory that is no slice is the unit: slices are never given to others, so what is
 * in one was made by root's systemd, and what is in a unit may be anybody's.  All that users start
 * is in user.slice, where managers of theirs, and programs that hand out cgroups, let them name
 * things: none of that is a service here.
 */
void unit_of_cgroup(char unit[UNIT_MAX], const char *text)
{
	const char *at = unified_path(text);
	size_t length;

	*unit = '\0';
	if (!at)
		return;
	for (;;) {
		/* So systemd marks what would be a file of the kernel's, as "cpu.service". */
		at += *at == '_';
		length = strcspn(at, "/\n");
		if (!ends_in(at, length, ".slice"))
			break;
		if (is_part(at, length, "user.slice") || at[length] != '/')
			return;
		at += length + 1;
	}
	if (!unit_is_service(at, length))
		return;
	memcpy(unit, at, length);
	unit[length] = '\0';
}

static int read_unit(char unit[UNIT_MAX], const char *path, struct scrim_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;
	char *text = NULL;
	size_t size;

	if (fd < 0)
		return fail(err, -errno, "cannot read %s: %s", path, strerror(errno));
	ret = bytes_read(&text, &size, CGROUP_SIZE_MAX, fd, path, err);
	if (ret >= 0)
		unit_of_cgroup(unit, text);
	free(text);
	close(fd);
	return ret;
}

int unit_of_self(char unit[UNIT_MAX], struct scrim_error *err)
{
	*unit = '\0';
	return read_unit(unit, "/proc/self/cgroup", err);
}

/* A descriptor of the process that connected, or a negative errno. */
static int open_peer(int socket, pid_t pid)
{
	int fd;
	socklen_t size = sizeof(fd);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) == 0)
		return fd;
	if (errno != ENOPROTOOPT)
		return -errno;
	/*
	 * Before Linux 6.5.  What is left open: who connected may have ended already, a child of
	 * it have kept the socket, and a process of the service have got its number.  Numbers are
	 * given in turn, so that all others have to be used up in the seconds that a connection
	 * may wait.
	 */
	fd = syscall(__NR_pidfd_open, pid, 0);
	return fd < 0 ? -errno : fd;
}

static bool has_ended(int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	return poll(&end, 1, 0) != 0;
}

int unit_of_peer(char unit[UNIT_MAX], int socket, struct scrim_error *err)
{
	struct scrim_error why = { 0 };
	struct ucred cred;
	socklen_t size = sizeof(cred);
	char path[32];
	int pidfd, ret;

	*unit = '\0';
	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &cred, &size) < 0)
		return fail(err, -errno, "cannot know who asks: %s", strerror(errno));
	if (cred.pid <= 0)
		return fail(err, -ESRCH, "who asks has no number here");
	pidfd = open_peer(socket, cred.pid);
	if (pidfd < 0)
		return fail(err, pidfd, "process %d cannot be held: %s", cred.pid,
			    strerror(-pidfd));
	snprintf(path, sizeof(path), "/proc/%d/cgroup", cred.pid);
	ret = read_unit(unit, path, &why);
	/* While it lives, its number is nobody else's: what was read was said of it. */
	if (has_ended(pidfd))
		ret = fail(&why, -ESRCH, "process %d has ended", cred.pid);
	close(pidfd);
	if (ret < 0)
		*unit = '\0';
	return ret < 0 ? fail(err, ret, "%s", why.text) : 0;
}

int unit_can_look(struct scrim_error *err)
{
	if (access("/proc/1/cgroup", R_OK) < 0)
		return fail(err, -errno, "processes of other users cannot be seen: %s; the service "
			    "of scrimd needs ProtectProc=default", strerror(errno));
	return 0;
}
