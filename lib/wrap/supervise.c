// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the application may open was decided by Landlock before it began.  A path that
 * changes after it was looked at here is left to the kernel, which asks Landlock again:
 * a race wins nothing.
 */
#include "wrap/supervise.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "node.h"
#include "session/mount.h"
#include "wrap/judge.h"

#define PAGE		4096u

/* One open as it was asked for. */
struct asked {
	int dir;
	uint64_t path;			/* in the memory of who asks */
	uint64_t flags;
};

/* As much as there is, and no page further than needed. */
static int read_text(pid_t pid, uint64_t address, char *text, size_t size)
{
	size_t got = 0;

	while (got < size) {
		size_t part = PAGE - (address + got) % PAGE;
		struct iovec ours = { text + got, part < size - got ? part : size - got };
		struct iovec theirs = { (void *)(uintptr_t)(address + got), ours.iov_len };

		if (process_vm_readv(pid, &ours, 1, &theirs, 1, 0) != (ssize_t)ours.iov_len)
			return -EFAULT;
		if (memchr(ours.iov_base, '\0', ours.iov_len))
			return 0;
		got += ours.iov_len;
	}
	return -ENAMETOOLONG;
}

static int understand(const struct seccomp_notif *req, struct asked *asked)
{
	const uint64_t *args = (const uint64_t *)req->data.args;
	struct open_how how = { 0 };
	struct iovec ours = { &how, sizeof(how) }, theirs;

	switch (req->data.nr) {
#ifdef __NR_open
	case __NR_open:
		*asked = (struct asked){ AT_FDCWD, args[0], args[1] };
		return 0;
	case __NR_creat:
		*asked = (struct asked){ AT_FDCWD, args[0], O_WRONLY | O_CREAT | O_TRUNC };
		return 0;
#endif
	case __NR_openat:
		*asked = (struct asked){ args[0], args[1], args[2] };
		return 0;
	case __NR_openat2:
		theirs = (struct iovec){ (void *)(uintptr_t)args[2], sizeof(how) };
		if (process_vm_readv(req->pid, &ours, 1, &theirs, 1, 0) != sizeof(how))
			return -EFAULT;
		*asked = (struct asked){ args[0], args[1], how.flags };
		return 0;
	}
	return -ENOSYS;
}

/* Where a relative path begins, as a path of ours. */
static int from_where(pid_t pid, int dir, char *path, size_t size)
{
	char link[64];
	ssize_t got;

	if (dir == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", pid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, dir);
	got = readlink(link, path, size - 1);
	if (got < 0 || got == (ssize_t)size - 1)
		return -ENOENT;
	path[got] = '\0';
	return got;
}

static int whole_path(pid_t pid, const struct asked *asked, char path[PATH_MAX])
{
	char text[PATH_MAX];
	int ret = read_text(pid, asked->path, text, sizeof(text)), length = 0;

	if (ret < 0)
		return ret;
	if (text[0] != '/') {
		length = from_where(pid, asked->dir, path, PATH_MAX);
		if (length < 0)
			return length;
		path[length++] = '/';
	}
	if (length + strlen(text) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(path + length, text);
	judge_simplify(path);
	return 0;
}

/* Puts a descriptor into the one who asks: its number there, or a negative errno. */
static int hand_over(const struct supervised *s, const struct seccomp_notif *req,
		     const struct asked *asked, int fd)
{
	struct seccomp_notif_addfd add = {
		.id = req->id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = fd,
		.newfd_flags = asked->flags & O_CLOEXEC,
	};
	int ret = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return ret < 0 ? -errno : ret;
}

/* Another camera may have got that path since, a raw one. */
static bool is_noted(int fd, dev_t noted)
{
	struct v4l2_capability cap = { 0 };
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == noted &&
	       v4l2_call(fd, VIDIOC_QUERYCAP, &cap) >= 0 &&
	       !strncmp((const char *)cap.driver, "scrim", sizeof(cap.driver));
}

static int open_camera(const struct supervised *s, const struct asked *asked)
{
	int flags = asked->flags & (O_ACCMODE | O_NONBLOCK), fd;

	if (s->root >= 0)
		return mount_open(s->root, flags);
	fd = open(s->node, flags | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (is_noted(fd, s->noted))
		return fd;
	close(fd);
	return -ENODEV;
}

static int open_fact(const char *text)
{
	int fd = memfd_create("sysfs", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || lseek(fd, 0, SEEK_SET) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

/* In place of what was asked for. */
static int give(const struct supervised *s, const struct seccomp_notif *req,
		const struct asked *asked, int fd)
{
	int ret;

	if (fd < 0)
		return fd;
	ret = hand_over(s, req, asked, fd);
	close(fd);
	return ret;
}

static int answer(struct supervised *s, const struct seccomp_notif *req, int error)
{
	struct seccomp_notif_resp resp = { .id = req->id, .error = error };

	if (!error)
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	return ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) < 0 ? -errno : 0;
}

static enum open_verdict look_at(const struct supervised *s, const struct seccomp_notif *req,
			    struct asked *asked, char fact[FACT_MAX])
{
	char path[PATH_MAX];
	uint64_t id = req->id;

	if (understand(req, asked) < 0 || whole_path(req->pid, asked, path) < 0)
		return VERDICT_KERNEL;
	/* What was read belonged to who asks, and not to the next process of that number. */
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0)
		return VERDICT_KERNEL;
	return judge_open(s, path, asked->flags, fact);
}

int supervise(struct supervised *s, struct scrim_error *err)
{
	struct seccomp_notif req = { 0 };
	struct asked asked = { 0 };
	char fact[FACT_MAX];
	int ret = -EACCES;

	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
		return errno == EINTR || errno == ENOENT ? 0 :
			fail(err, -errno, "no questions come: %s", strerror(errno));
	switch (look_at(s, &req, &asked, fact)) {
	case VERDICT_KERNEL:
		ret = 0;
		break;
	case VERDICT_CAMERA:
		ret = give(s, &req, &asked, open_camera(s, &asked));
		break;
	case VERDICT_FACT:
		ret = give(s, &req, &asked, open_fact(fact));
		break;
	case VERDICT_REFUSE:
		break;
	}
	/* Whoever was given something has its answer already, and is not found any more. */
	answer(s, &req, ret < 0 ? ret : 0);
	return 0;
}
