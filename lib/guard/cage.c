// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A caged process asks the kernel for what stands in the table and for nothing
 * else; it dies at the first other call.
 */
#include "guard/cage_parts.h"

#include <linux/futex.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct permission cage_permissions[] = {
	MAY(read,	"read the file and the model from their descriptors"),
	MAY(lseek,	"find the index of a container, and fill it in at the end"),
	MAY(write,	"write the result, the report and the tiles"),
	MAY(brk,	"memory for small things"),
	MAY(mmap,	"memory for pictures; private, never executable"),
	MAY(munmap,	"give memory back"),
	MAY(mremap,	"let a large block grow"),
	MAY(madvise,	"give memory back in the middle of the heap"),
	MAY(getrandom,	"noise for the mosaic"),
	MAY(futex,	"say that something is initialised; never wait"),
	MAY(exit_group,	"end"),
};
const unsigned cage_permissions_count =
	sizeof(cage_permissions) / sizeof(cage_permissions[0]);

/* A worker that feeds a camera has nothing to write a byte to. */
static const struct permission live_permissions[] = {
	MAY(poll,	"wait for the camera's next picture"),
	MAY(restart_syscall,	"wait on, after having been stopped"),
	MAY(ioctl,	"the requests below, each on its own device"),
	MAY(read,	"read the model from its descriptor"),
	MAY(lseek,	"from its beginning"),
	MAY(brk,	"memory for small things"),
	MAY(mmap,	"memory for pictures; private, never executable"),
	MAY(munmap,	"give memory back"),
	MAY(mremap,	"let a large block grow"),
	MAY(getrandom,	"noise for the mosaic"),
	MAY(futex,	"say that something is initialised; never wait"),
	MAY(exit_group,	"end"),
};
const struct cage_table cage_live = { CAGE_TABLE(live_permissions) };

/* A video that is played like a camera; it has a clock in place of one. */
static const struct permission video_permissions[] = {
	MAY(read,	"read the video, the model and the clock from their descriptors"),
	MAY(lseek,	"find the index of a container, and its beginning again"),
	MAY(ioctl,	"the requests below, each on its own device"),
	MAY(brk,	"memory for small things"),
	MAY(mmap,	"memory for pictures; private, never executable"),
	MAY(munmap,	"give memory back"),
	MAY(mremap,	"let a large block grow"),
	MAY(getrandom,	"noise for the mosaic"),
	MAY(futex,	"say that something is initialised; never wait"),
	MAY(exit_group,	"end"),
};
const struct cage_table cage_video = { CAGE_TABLE(video_permissions) };

/* A camera at the other end of a connection, which is the one descriptor that can be written. */
static const struct permission network_permissions[] = {
	MAY(poll,	"wait for what the camera sends, and not for ever"),
	MAY(restart_syscall,	"wait on, after having been stopped"),
	MAY(read,	"read what it sends, and the model from its descriptor"),
	MAY(ioctl,	"the requests below, each on its own device"),
	MAY(lseek,	"from the model's beginning"),
	MAY(clock_gettime,	"how long it has waited, and the date for TLS, where the kernel lends no page"),
	MAY(uname,	"libavformat asks for our name; nobody is told"),
	MAY(brk,	"memory for small things"),
	MAY(mmap,	"memory for pictures; private, never executable"),
	MAY(munmap,	"give memory back"),
	MAY(mremap,	"let a large block grow"),
	MAY(getrandom,	"noise for the mosaic, for a password's hash, and keys of TLS"),
	MAY(futex,	"say that something is initialised; never wait"),
	MAY(exit_group,	"end"),
};
const struct cage_table cage_network = { CAGE_TABLE(network_permissions) };

/* Clean pictures from memory into the file of a session. */
static const struct permission store_permissions[] = {
	MAY(read,	"be told of the next picture"),
	MAY(write,	"say that it is there"),
	MAY(writev,	"put it into the page cache of the session's file"),
	MAY(exit_group,	"end"),
};
const struct cage_table cage_store = { CAGE_TABLE(store_permissions) };

/* A request to a scrimd, whose reply is a stranger's message. */
static const struct permission ask_permissions[] = {
	MAY(sendto,	"ask scrimd over a socket that is connected, and nobody else"),
	MAY(recvmsg,	"read its answer"),
	MAY(close,	"close descriptors that came with it and that nobody asked for"),
	MAY(exit_group,	"end"),
};
const struct cage_table cage_ask = { CAGE_TABLE(ask_permissions) };

/* Clean pictures of cameras onto a screen. */
static const struct permission wall_permissions[] = {
	MAY(ppoll,	"wait for pictures, for the screen, and not for ever"),
	MAY(restart_syscall,	"wait on, after having been stopped"),
	MAY(ioctl,	"the requests below, each on its own device"),
	MAY(read,	"hear that a picture is seen, and that it is time to end"),
	MAY(recvfrom,	"hear of monitors from the kernel"),
	MAY(clock_gettime,	"how long a camera is silent, where the kernel lends no page for it"),
	MAY(brk,	"memory for small things"),
	MAY(mmap,	"memory for pictures; private, never executable"),
	MAY(munmap,	"give memory back"),
	MAY(mremap,	"let a large block grow"),
	MAY(futex,	"say that something is initialised; never wait"),
	MAY(poll,	"give a camera that is gone a moment, before it is closed"),
	MAY(close,	"let go of cameras and the screen"),
	MAY(exit_group,	"end"),
};
const struct cage_table cage_wall = { CAGE_TABLE(wall_permissions) };

/*
 * An array of a program that a session serves.  It may do so to the processes of its user, and
 * seccomp knows no processes: no bytes of a stranger are looked at here.
 */
static const struct permission reach_permissions[] = {
	MAY(read,	"be told of which program, and where"),
	MAY(process_vm_readv,	"fetch the array that its call points to"),
	MAY(process_vm_writev,	"put the answer there"),
	MAY(write,	"say that it is done"),
	MAY(exit_group,	"end"),
};
const struct cage_table cage_reach = { CAGE_TABLE(reach_permissions), .reaches = true };

/* What a sanitizer needs to watch and to report; empty in what is shipped. */
static const struct permission sanitizer_permissions[] = {
	MAY(sched_yield,	"wait for a lock of its own"),
	MAY(sigaltstack,	"stack for reports"),
	MAY(getpid,		"head of a report"),
	MAY(rt_sigaction,	"handlers"),
	MAY(rt_sigprocmask,	"handlers"),
	MAY(futex,		"its locks"),
	MAY(mprotect,		"guard pages"),
	MAY(readlink,		"name of the program, in a report"),
};

/* Some calls are permitted in one form only. */
int cage_allow(scmp_filter_ctx filter, const struct permission *may)
{
	/*
	 * Executable memory would turn any bug into any code, and shared memory is not
	 * counted by the limit.
	 */
	if (may->call == __NR_mmap)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
					SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
					SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_TYPE, MAP_PRIVATE));
	/* To no address. */
	if (may->call == __NR_sendto)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
					SCMP_A4(SCMP_CMP_EQ, 0, 0));
	/* One thread has nobody to wait for. */
	if (may->call == __NR_futex)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(futex), 1,
					SCMP_A1(SCMP_CMP_EQ, FUTEX_WAKE_PRIVATE, 0));
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, may->call, 0);
}

static int left_out = -1;

void cage_leave_out(int line)
{
	left_out = line;
}

bool cage_is_left_out(int line)
{
	return line == left_out;
}

static int allow_device(scmp_filter_ctx filter, const struct device_permission *may)
{
	if (may->may.request == DEVICE_WRITE)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
					SCMP_A0(SCMP_CMP_EQ, (unsigned)may->fd, 0));
	if (may->may.request == DEVICE_MAP)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 3,
					SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
					SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_TYPE, MAP_SHARED),
					SCMP_A4(SCMP_CMP_EQ, (unsigned)may->fd, 0));
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2,
				SCMP_A0(SCMP_CMP_EQ, (unsigned)may->fd, 0),
				SCMP_A1(SCMP_CMP_EQ, may->may.request, 0));
}

/* ioctl alone is no permission: what may be asked of which device is one. */
static int allow_all(scmp_filter_ctx filter, const struct cage_devices *devices)
{
	const struct permission *may = devices ? devices->calls->at : cage_permissions;
	unsigned count = devices ? devices->calls->count : cage_permissions_count;
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < count; i++)
		if (!cage_is_left_out(i) && may[i].call != __NR_ioctl)
			ret = cage_allow(filter, &may[i]);
	for (unsigned i = 0; devices && ret >= 0 && i < devices->count; i++)
		if (!cage_is_left_out(count + i))
			ret = allow_device(filter, &devices->at[i]);
	return ret;
}

int cage_allow_sanitizer(scmp_filter_ctx filter)
{
	int ret = 0;

	for (unsigned i = 0; SANITIZED && ret >= 0 &&
	     i < sizeof(sanitizer_permissions) / sizeof(sanitizer_permissions[0]); i++)
		ret = cage_allow(filter, &sanitizer_permissions[i]);
	return ret;
}

static int filter_calls(const struct cage_devices *devices, struct scrim_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret = -ENOMEM;

	/* Calls by the 32-bit and x32 doors end it as well. */
	if (filter)
		ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (ret >= 0)
		ret = allow_all(filter, devices);
	if (ret >= 0)
		ret = cage_allow_sanitizer(filter);
	if (ret >= 0)
		ret = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return ret < 0 ? fail(err, ret, "cannot enter the cage: no seccomp filter") : 0;
}

/* The number of rights by ABI version is from linux/landlock.h. */
int cage_all_rights(struct cage_rights *all)
{
	static const unsigned files[] = { 0, 13, 14, 15, 15, 16 };
	long abi = syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 1)
		return 0;
	all->files = (1ull << files[abi < 5 ? abi : 5]) - 1;
	all->net = abi >= 4 ? 3 : 0;	/* bind and connect, TCP */
	all->scopes = abi >= 6 ? 3 : 0;	/* abstract sockets and signals of others */
	return abi >= 6 ? sizeof(*all) : abi >= 4 ? 16 : 8;
}

/*
 * None of them is granted; a kernel without Landlock leaves the file system to seccomp, whose
 * tables have no open.
 */
int cage_deny_rights(struct scrim_error *err)
{
	struct cage_rights all = { 0 };
	int size = cage_all_rights(&all);
	long ruleset, ret;

	if (!size)
		return 0;
	ruleset = syscall(__NR_landlock_create_ruleset, &all, size, 0);
	if (ruleset < 0)
		return fail(err, -errno, "cannot enter the cage: no Landlock ruleset");
	ret = syscall(__NR_landlock_restrict_self, ruleset, 0);
	close(ruleset);
	return ret < 0 ? fail(err, -errno, "cannot enter the cage: Landlock refuses") : 0;
}

/* What RLIMIT_DATA counts and this process has already; see proc(5), statm. */
static rlim_t memory_now(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file) {
		if (fscanf(file, "%*u %*u %*u %*u %*u %lu", &pages) != 1)
			pages = 0;
		fclose(file);
	}
	return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static int bound(int what, rlim_t most, struct scrim_error *err)
{
	const struct rlimit limit = { most, most };

	return setrlimit(what, &limit) < 0 ?
		fail(err, -errno, "cannot enter the cage: no limits") : 0;
}

/* A sanitizer reserves far more address space than it uses: no bound of memory there. */
int cage_bound(uint64_t file, uint64_t memory, struct scrim_error *err)
{
	int ret = bound(RLIMIT_FSIZE, file, err);

	if (ret >= 0 && !SANITIZED)
		ret = bound(RLIMIT_DATA, memory_now() + memory, err);
	return ret;
}

int cage_drop_privileges(struct scrim_error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fail(err, -errno, "cannot enter the cage: privileges stay");
	return bound(RLIMIT_CORE, 0, err);
}

int cage_enter(const struct cage_devices *devices, struct scrim_error *err)
{
	int ret = cage_drop_privileges(err);

	if (ret >= 0)
		ret = cage_bound(CAGE_FILE_MAX, CAGE_MEMORY_MAX, err);
	if (ret >= 0 && !(devices && devices->calls->reaches))
		ret = cage_deny_rights(err);
	return ret < 0 ? ret : filter_calls(devices, err);
}
