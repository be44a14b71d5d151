// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The mount is made by a child in a user namespace of its own, where it may, and is
 * never attached to a directory.  The child sends two descriptors and ends.
 */
#include "session/mount.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/rights.h"

/* What the child says when it fails: the step, and errno. */
struct outcome {
	int error;
	char step[48];
};

static int step_failed(struct outcome *outcome, const char *step)
{
	outcome->error = errno;
	snprintf(outcome->step, sizeof(outcome->step), "%s", step);
	return -1;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return done < 0 ? -1 : 0;
}

/*
 * Inside, the user is root: FUSE gives the file to user 0, and nobody may write to what
 * belongs to nobody.
 */
static int enter_namespaces(struct outcome *outcome)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return step_failed(outcome, "user namespaces");
	snprintf(map, sizeof(map), "0 %u 1\n", uid);
	if (write_file("/proc/self/uid_map", map) < 0)
		return step_failed(outcome, "the user's number");
	if (write_file("/proc/self/setgroups", "deny") < 0)
		return step_failed(outcome, "groups");
	snprintf(map, sizeof(map), "0 %u 1\n", gid);
	if (write_file("/proc/self/gid_map", map) < 0)
		return step_failed(outcome, "the group's number");
	return 0;
}

static int set(int fs, const char *key, const char *format, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), format, value);
	return fsconfig(fs, FSCONFIG_SET_STRING, key, text, 0);
}

/* The root is a regular file: rootmode is octal, as in a stat's mode. */
static int make(struct fuse_mount *mount, struct outcome *outcome)
{
	int fs;

	mount->device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (mount->device < 0)
		return step_failed(outcome, "/dev/fuse");
	fs = fsopen("fuse", FSOPEN_CLOEXEC);
	if (fs < 0)
		return step_failed(outcome, "FUSE");
	if (set(fs, "fd", "%u", mount->device) < 0 || set(fs, "rootmode", "%o", S_IFREG | 0600) < 0 ||
	    set(fs, "user_id", "%u", 0) < 0 || set(fs, "group_id", "%u", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return step_failed(outcome, "FUSE's options");
	mount->root = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			      MOUNT_ATTR_NOEXEC);
	close(fs);
	return mount->root < 0 ? step_failed(outcome, "a FUSE mount") : 0;
}

static void child(int to)
{
	struct fuse_mount mount = FUSE_MOUNT_NONE;
	struct outcome outcome = { 0 };

	/* Root in a chroot() may have no user namespace, and needs none. */
	if (enter_namespaces(&outcome) < 0 && outcome.error == EPERM && geteuid() == 0)
		outcome = (struct outcome){ 0 };
	if (!outcome.error)
		make(&mount, &outcome);
	rights_send(to, &outcome, sizeof(outcome), (int[]){ mount.device, mount.root },
		    outcome.error ? 0 : 2);
	_exit(0);
}

static int receive(int from, struct fuse_mount *mount, struct scrim_error *err)
{
	struct outcome outcome = { 0 };
	int fds[2], got = rights_receive(from, &outcome, sizeof(outcome), fds, 2);

	if (got == 2) {
		*mount = (struct fuse_mount){ fds[0], fds[1] };
		return 0;
	}
	if (got < 0 || !outcome.error)
		outcome = (struct outcome){ EIO, "a process" };
	return fail(err, -outcome.error, "cannot have a camera of one's own: %s: %s",
		    outcome.step, strerror(outcome.error));
}

int mount_make(struct fuse_mount *mount, struct scrim_error *err)
{
	int ends[2], ret;
	pid_t pid;

	*mount = (struct fuse_mount)FUSE_MOUNT_NONE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(err, -errno, "no socket: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child(ends[1]);
	close(ends[1]);
	ret = pid < 0 ? fail(err, -errno, "no process: %s", strerror(errno)) :
			receive(ends[0], mount, err);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ret;
}

void mount_close(struct fuse_mount *mount)
{
	if (mount->root >= 0)
		close(mount->root);
	if (mount->device >= 0)
		close(mount->device);
	*mount = (struct fuse_mount)FUSE_MOUNT_NONE;
}

int mount_open(int root, int flags)
{
	uint32_t number;
	struct stat st;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", root);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* The kernel learns how long the file is: a page beyond its end is a SIGBUS. */
	if (fstat(fd, &st) < 0) {
		int ret = -errno;

		close(fd);
		return ret;
	}
	if (ioctl(fd, MOUNT_NUMBER, &number) == 0)
		lseek(fd, number, SEEK_SET);
	return fd;
}
