// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Landlock says which files, seccomp which calls.  Of what Landlock does not know (modes,
 * owners, attributes, signals, other processes' limits) no call is in the table.
 */
#include "guard/fence.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/landlock.h>
#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard/cage_parts.h"

const struct permission fence_permissions[] = {
	MAY(openat,	"the camera's nodes, and what is told of them; Landlock says which"),
	MAY(close,	"close them"),
	MAY(read,	"read what is told, and wake its own threads"),
	MAY(pread64,	"read a library"),
	MAY(write,	"wake its own threads, and say what is wrong"),
	MAY(writev,	"the same"),
	MAY(lseek,	"where a file, or a buffer of pictures, ends"),
	MAY(fstat,	"which node it opened"),
	MAY(newfstatat,	"which node a name is"),
	MAY(statx,	"the same, as later C libraries ask"),
	MAY(readlink,	"which device a node belongs to"),
	MAY(readlinkat,	"the same"),
	MAY(faccessat,	"whether there is such a file"),
	MAY(faccessat2,	"the same, as later C libraries ask"),
#ifdef __NR_access
	MAY(access,	"the same, as earlier ones do"),
#endif
	MAY(getdents64,	"which devices there are"),
	MAY(getcwd,	"a name in full"),
	MAY(ioctl,	"the requests below"),
	MAY(fcntl,	"one more descriptor of the same, and a lock of a node; never a signal's owner"),
	MAY(dup,	"one more descriptor of the same"),
	MAY(pipe2,	"wake its own threads"),
	MAY(eventfd2,	"the same"),
	MAY(poll,	"wait for pictures"),
	MAY(ppoll,	"the same"),
	MAY(restart_syscall,	"wait on, after having been stopped"),
	MAY(sendmsg,	"over the one socket: hand buffers out, say which is filled"),
	MAY(recvmsg,	"over the one socket: be told what to do"),
	MAY(brk,	"memory for small things"),
	MAY(mmap,	"memory, and libraries; never to be written and executed"),
	MAY(mprotect,	"a thread's stack; never to be executed"),
	MAY(munmap,	"give memory back"),
	MAY(mremap,	"let a large block grow"),
	MAY(madvise,	"give memory back in the middle of the heap"),
	MAY(clone,	"a thread of its own, in the one form that the C library asks for"),
	MAY(set_robust_list,	"a thread begins"),
	MAY(rseq,	"the same"),
	MAY(futex,	"threads wait for each other"),
	MAY(sched_yield,	"the same"),
	MAY(sched_getaffinity,	"how many processors there are"),
	MAY(gettid,	"which thread says something"),
	MAY(getpid,	"end by abort()"),
	MAY(tgkill,	"the same: SIGABRT, to itself"),
	MAY(prctl,	"the name of a thread"),
	MAY(rt_sigaction,	"handlers, of signals that nobody sends"),
	MAY(rt_sigprocmask,	"the same"),
	MAY(rt_sigreturn,	"the same"),
	MAY(sigaltstack,	"the same"),
	MAY(clock_gettime,	"the time, where the kernel lends no page for it"),
	MAY(clock_nanosleep,	"wait a moment for a device"),
	MAY(prlimit64,	"how large its own stack may be; nothing is set"),
	MAY(getuid,	"whether it is root"),
	MAY(geteuid,	"the same"),
	MAY(getgid,	"the same"),
	MAY(getegid,	"the same"),
	MAY(uname,	"which Linux this is"),
	MAY(getrandom,	"tables of names"),
	MAY(exit,	"a thread ends"),
	MAY(exit_group,	"end"),
};
const unsigned fence_permissions_count = sizeof(fence_permissions) / sizeof(fence_permissions[0]);

const struct device_request fence_requests[] = {
	{ MEDIA_IOC_DEVICE_INFO,	"which device it is" },
	{ MEDIA_IOC_G_TOPOLOGY,		"what it is made of" },
	{ MEDIA_IOC_ENUM_ENTITIES,	"the same" },
	{ MEDIA_IOC_ENUM_LINKS,		"the same" },
	{ MEDIA_IOC_SETUP_LINK,		"let pictures flow from sensor to node" },
	{ VIDIOC_QUERYCAP,		"what a node can do, and whether it is there" },
	{ VIDIOC_ENUM_FMT,		"which formats it has" },
	{ VIDIOC_ENUM_FRAMESIZES,	"which sizes" },
	{ VIDIOC_ENUM_FRAMEINTERVALS,	"which rates" },
	{ VIDIOC_G_FMT,			"which one is set" },
	{ VIDIOC_TRY_FMT,		"which one would be" },
	{ VIDIOC_S_FMT,			"set it" },
	{ VIDIOC_G_PARM,		"the rate" },
	{ VIDIOC_S_PARM,		"set it" },
	{ VIDIOC_G_SELECTION,		"which part of the sensor" },
	{ VIDIOC_S_SELECTION,		"set it" },
	{ VIDIOC_QUERYCTRL,		"which controls there are" },
	{ VIDIOC_QUERY_EXT_CTRL,	"the same" },
	{ VIDIOC_QUERYMENU,		"what they may be set to" },
	{ VIDIOC_G_EXT_CTRLS,		"how they are" },
	{ VIDIOC_S_EXT_CTRLS,		"set them" },
	{ VIDIOC_SUBSCRIBE_EVENT,	"be told when a frame begins" },
	{ VIDIOC_UNSUBSCRIBE_EVENT,	"no longer" },
	{ VIDIOC_DQEVENT,		"which one it was" },
	{ VIDIOC_REQBUFS,		"buffers" },
	{ VIDIOC_CREATE_BUFS,		"the same" },
	{ VIDIOC_QUERYBUF,		"where they are" },
	{ VIDIOC_EXPBUF,		"a descriptor of one, to hand out" },
	{ VIDIOC_QBUF,			"give the camera one to fill" },
	{ VIDIOC_DQBUF,			"take it back" },
	{ VIDIOC_STREAMON,		"start" },
	{ VIDIOC_STREAMOFF,		"end" },
	{ VIDIOC_SUBDEV_QUERYCAP,	"the same of a part of a camera" },
	{ VIDIOC_SUBDEV_ENUM_MBUS_CODE,	"the same" },
	{ VIDIOC_SUBDEV_ENUM_FRAME_SIZE,	"the same" },
	{ VIDIOC_SUBDEV_G_FMT,		"the same" },
	{ VIDIOC_SUBDEV_S_FMT,		"the same" },
	{ VIDIOC_SUBDEV_G_SELECTION,	"the same" },
	{ VIDIOC_SUBDEV_S_SELECTION,	"the same" },
	{ DMA_BUF_IOCTL_SYNC,		"read a buffer when the camera is done with it" },
};
const unsigned fence_requests_count = sizeof(fence_requests) / sizeof(fence_requests[0]);

const struct fence_place fence_places[] = {
	{ "/sys",			"which devices there are, and how they are joined" },
	{ "/usr/lib",			"libcamera's modules, and what they need" },
	{ "/usr/local/lib",		"the same" },
	{ "/lib",			"the same" },
	{ "/lib64",			"the same" },
	{ "/etc/ld.so.cache",		"where libraries are" },
	{ "/usr/share/libcamera",	"what is known of sensors" },
	{ "/usr/local/share/libcamera",	"the same" },
	{ "/etc/libcamera",		"the same, as the administrator has it" },
};
const unsigned fence_places_count = sizeof(fence_places) / sizeof(fence_places[0]);

/* Seccomp. */

/* What the C library says for a thread: no process, and no namespace. */
#define THREAD	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
		 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static int allow_memory(scmp_filter_ctx filter, int call)
{
	int ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (ret < 0 || call != __NR_mmap)
		return ret;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC));
}

static int allow_fcntl(scmp_filter_ctx filter)
{
	static const int commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETLK };
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < sizeof(commands) / sizeof(commands[0]); i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
				       SCMP_A1(SCMP_CMP_EQ, commands[i], 0));
	return ret < 0 ? ret : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 2,
						SCMP_A1(SCMP_CMP_EQ, F_SETFL, 0),
						SCMP_A2(SCMP_CMP_MASKED_EQ, O_ASYNC, 0));
}

static int allow_requests(scmp_filter_ctx filter)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < fence_requests_count; i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_EQ, fence_requests[i].request, 0));
	return ret;
}

/* Those that are permitted in some form only. */
static int allow(scmp_filter_ctx filter, int call)
{
	switch (call) {
	case __NR_ioctl:
		return allow_requests(filter);
	case __NR_fcntl:
		return allow_fcntl(filter);
	case __NR_mmap:
	case __NR_mprotect:
		return allow_memory(filter, call);
	case __NR_sendmsg:
	case __NR_recvmsg:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
					SCMP_A0(SCMP_CMP_EQ, FENCE_SOCKET, 0));
	case __NR_clone:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
					SCMP_A0(SCMP_CMP_EQ, THREAD, 0));
	case __NR_tgkill:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 2,
					SCMP_A0(SCMP_CMP_EQ, (unsigned)getpid(), 0),
					SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0));
	case __NR_prctl:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
					SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
	case __NR_prlimit64:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 2,
					SCMP_A0(SCMP_CMP_EQ, 0, 0), SCMP_A2(SCMP_CMP_EQ, 0, 0));
	case __NR_sched_getaffinity:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
					SCMP_A0(SCMP_CMP_EQ, 0, 0));
	}
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

static int fill(scmp_filter_ctx filter)
{
	int ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	for (unsigned i = 0; ret >= 0 && i < fence_permissions_count; i++)
		if (!cage_is_left_out(i))
			ret = allow(filter, fence_permissions[i].call);
	/* Its flags are out of sight: the C library then asks for threads in the other form. */
	if (ret >= 0)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return ret;
}

static int filter_calls(struct scrim_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int ret = filter ? fill(filter) : -ENOMEM;

	if (ret >= 0)
		ret = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return ret < 0 ? fail(err, ret, "cannot put up the fence: no seccomp filter") : 0;
}

/* Landlock. */

/* Of a later linux/landlock.h: what is asked of a node. */
#define IOCTL_DEVICE	(1ull << 15)

static int permit(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = rights };
	struct stat st;
	int ret;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return 0;
	if (fstat(beneath.parent_fd, &st) < 0 || !S_ISDIR(st.st_mode))
		beneath.allowed_access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
	ret = syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	close(beneath.parent_fd);
	return ret < 0 ? -errno : 0;
}

static int permit_all(int ruleset, uint64_t known, const char *const *nodes, unsigned count)
{
	const uint64_t look = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	const uint64_t use = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
			     (known & IOCTL_DEVICE);
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < fence_places_count; i++)
		ret = permit(ruleset, fence_places[i].path, look);
	for (unsigned i = 0; ret >= 0 && i < count; i++)
		ret = permit(ruleset, nodes[i], use);
	return ret;
}

static int limit_files(const char *const *nodes, unsigned count, struct scrim_error *err)
{
	struct cage_rights all = { 0 };
	int size = cage_all_rights(&all), ruleset, ret;

	if (!size)
		return fail(err, -ENOTSUP, "libcamera is not used where there is no Landlock, which "
			    "Linux 5.13 and later have");
	ruleset = syscall(__NR_landlock_create_ruleset, &all, size, 0);
	if (ruleset < 0)
		return fail(err, -errno, "cannot put up the fence: no Landlock ruleset");
	ret = permit_all(ruleset, all.files, nodes, count);
	if (ret >= 0 && syscall(__NR_landlock_restrict_self, ruleset, 0) < 0)
		ret = -errno;
	close(ruleset);
	return ret < 0 ? fail(err, ret, "cannot put up the fence: Landlock refuses") : 0;
}

int fence_enter(const char *const *nodes, unsigned count, struct scrim_error *err)
{
	int ret = cage_drop_privileges(err);

	if (ret >= 0)
		ret = cage_bound(0, FENCE_MEMORY_MAX, err);
	if (ret >= 0)
		ret = limit_files(nodes, count, err);
	return ret < 0 ? ret : filter_calls(err);
}
