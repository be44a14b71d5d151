// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Landlock knows no exceptions, so everything is allowed by name, but raw cameras:
 * each entry of / but /dev, and each of /dev but those.  What is plugged in later
 * was not named.
 */
#include "wrap/confine.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * What opening asks for, and what would make a second name for a raw camera: a node
 * that is made, or an entry that moves to where more is allowed.
 */
#define OPENS	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)
#define NAMES	LANDLOCK_ACCESS_FS_REFER	/* checked by the kernel against OPENS */
#define MAKES	(LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)

/*
 * Of version 6: no signals to processes outside, such as the filter itself.  Headers of
 * Debian 12 end before that.
 */
struct ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
};
#define NO_SIGNALS	(UINT64_C(1) << 1)	/* LANDLOCK_SCOPE_SIGNAL */

int confine_landlock(void)
{
	long abi = syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : abi;
}

#define USB_MAJOR	189		/* of Documentation/admin-guide/devices.txt */

/* USB devices as well: a library can talk to a camera without its driver. */
bool confine_is_raw(const char *name)
{
	static const char *const begins[] = {
		"video", "media", "v4l-subdev", "v4l-touch", "vbi", "swradio", "radio",
		"fw", "vchiq",		/* FireWire; cameras of older Raspberry Pis */
	};

	for (unsigned i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (!strncmp(name, begins[i], strlen(begins[i])))
			return true;
	return !strcmp(name, "bus");
}

bool confine_is_raw_path(const char *path)
{
	char first[64];

	if (strncmp(path, "/dev/", 5))
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(path + 5, "/"), path + 5);
	return confine_is_raw(first);
}

static bool is_raw_node(const struct stat *st)
{
	return S_ISCHR(st->st_mode) &&
	       (major(st->st_rdev) == V4L_MAJOR || major(st->st_rdev) == USB_MAJOR);
}

static bool fd_is_raw(const char *number)
{
	char link[32], path[256];
	struct stat st;
	ssize_t got;

	snprintf(link, sizeof(link), "/proc/self/fd/%.10s", number);
	got = readlink(link, path, sizeof(path) - 1);
	if (got < 0)
		return false;
	path[got] = '\0';
	return confine_is_raw_path(path) || (fstat(atoi(number), &st) == 0 && is_raw_node(&st));
}

void confine_close_raw(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && fd_is_raw(entry->d_name))
			close(atoi(entry->d_name));
	if (dir)
		closedir(dir);
}

static int allow(int ruleset, int dir, const char *name)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = OPENS };
	struct stat st;
	int ret;

	rule.parent_fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(rule.parent_fd, &st) < 0 ||
	    (S_ISCHR(st.st_mode) && major(st.st_rdev) == V4L_MAJOR) || S_ISLNK(st.st_mode)) {
		close(rule.parent_fd);
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		rule.allowed_access |= confine_landlock() >= 2 ? NAMES : 0;
	ret = syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return ret < 0 ? -errno : 0;
}

static int allow_entries(int ruleset, const char *path, bool (*but)(const char *name))
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return -errno;
	while (ret >= 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    !but(entry->d_name))
			ret = allow(ruleset, dirfd(dir), entry->d_name);
	closedir(dir);
	return ret;
}

static bool is_dev(const char *name)
{
	return !strcmp(name, "dev");
}

static int deny_cameras(struct scrim_error *err)
{
	struct ruleset attr = { .handled_access_fs = OPENS | MAKES };
	size_t size = sizeof(attr.handled_access_fs);
	long ruleset;
	int ret;

	if (confine_landlock() >= 2)
		attr.handled_access_fs |= NAMES;
	if (confine_landlock() >= 6) {
		attr.scoped = NO_SIGNALS;
		size = sizeof(attr);
	}
	ruleset = syscall(__NR_landlock_create_ruleset, &attr, size, 0);
	if (ruleset < 0)
		return fail(err, -errno, "no Landlock rules: %s", strerror(errno));
	ret = allow_entries(ruleset, "/", is_dev);
	if (ret >= 0)
		ret = allow_entries(ruleset, "/dev", confine_is_raw);
	if (ret >= 0 && syscall(__NR_landlock_restrict_self, ruleset, 0) < 0)
		ret = -errno;
	close(ruleset);
	return ret < 0 ? fail(err, ret, "Landlock cannot be set up: %s", strerror(-ret)) : 0;
}

#if defined(__x86_64__)
#define OUR_ARCH	AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH	AUDIT_ARCH_AARCH64
#else
#error "the number of this architecture is not known here"
#endif
#define X32		0x40000000	/* __X32_SYSCALL_BIT */
#define IOCTL_32	54		/* __NR_ioctl by the 32-bit door of both */

#define ASK_ABOUT(number)					\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),	\
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

#define REFUSE_TYPING(number)					\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4),	\
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])), \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0),	\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 0, 1),	\
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

/*
 * Opens of this architecture are asked about.  Those of others, and of io_uring, go
 * straight to the kernel, where Landlock answers.  Nobody types by either door into the
 * terminal, for a shell outside to read.
 */
static int ask_about_opens(struct scrim_error *err)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 7, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		REFUSE_TYPING(IOCTL_32),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
		/* x32: the same calls by other numbers, which hardly any kernel has. */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
#endif
		ASK_ABOUT(__NR_openat),
		ASK_ABOUT(__NR_openat2),
#ifdef __NR_open
		ASK_ABOUT(__NR_open),
		ASK_ABOUT(__NR_creat),
#endif
		REFUSE_TYPING(__NR_ioctl),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	/* A signal must not break off an open that is being answered; older kernels do not know. */
	long fd = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER |
			  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);

	if (fd < 0 && errno == EINVAL)
		fd = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
			     SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd < 0 && errno == EBUSY)
		return fail(err, -EBUSY, "another supervisor is there already: "
			    "scrim run does not go inside itself");
	return fd < 0 ? fail(err, -errno, "no seccomp notification: %s", strerror(errno)) : fd;
}

int confine(bool weak, struct scrim_error *err)
{
	int ret = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(err, -errno, "privileges stay: %s", strerror(errno));
	if (confine_landlock())
		ret = deny_cameras(err);
	else if (!weak)
		ret = fail(err, -ENOSYS, "this kernel has no Landlock, without which raw cameras "
			   "stay open to the application; --weak goes on all the same");
	return ret < 0 ? ret : ask_about_opens(err);
}
