// SPDX-License-Identifier: GPL-2.0
/*
 * The fence from inside: every way out that somebody thought of is tried, once outside where it
 * leads somewhere and once inside where it does not.
 */
#include "test.h"

#include <fcntl.h>
#include <linux/sched.h>	/* struct clone_args */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "guard/cage_parts.h"
#include "guard/fence.h"
#include "guard/rights.h"

#define OTHER	9			/* a socket that is not the fence's */
#define OPEN	10			/* a file that was open before */

static char file[] = "/tmp/scrim-fence-XXXXXX";
static int victim;			/* another process of this user */

static int status_of(int pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* The ways: 0 or more where it leads somewhere. */

static long change_mode(void) { return chmod(file, 0666); }
static long change_open_mode(void) { return fchmod(OPEN, 0666); }
static long change_owner(void) { return chown(file, 0, 0); }
static long set_attribute(void) { return setxattr(file, "user.way", "x", 1, 0); }
static long set_open_attribute(void) { return fsetxattr(OPEN, "user.way", "x", 1, 0); }
static long read_file(void) { return open(file, O_RDONLY); }
static long write_file(void) { return open(file, O_WRONLY); }
static long truncate_file(void) { return truncate(file, 0); }
static long set_times(void) { return utimensat(AT_FDCWD, file, NULL, 0); }
static long link_file(void)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%d", file, getpid());
	return link(file, name) < 0 ? -1 : unlink(name);
}
static long make_file(void)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "%s.%d", file, getpid());
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	return fd < 0 ? -1 : unlink(name);
}
static long read_self(void) { return open("/proc/self/environ", O_RDONLY); }
static long read_victim(void)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/mem", victim);
	return open(name, O_RDONLY);
}
static long open_other_node(void) { return open("/dev/zero", O_RDONLY); }
static long make_datagrams(void)
{
	int ends[2];

	return socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
}
static long make_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }
static long make_netlink(void) { return socket(AF_NETLINK, SOCK_RAW, 15); }
static long send_elsewhere(void) { return rights_send(OTHER, "x", 1, (int[]){ OPEN }, 1); }
static long send_bytes(void) { return send(OTHER, "x", 1, 0); }
static long send_by_copy(void)
{
	int fd = dup(FENCE_SOCKET);

	return rights_send(fd, "x", 1, NULL, 0);
}
static long share_memory(void) { return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600); }
static long make_memory(void) { return memfd_create("way", 0); }
static long write_victim(void)
{
	static char there[16];
	struct iovec bytes = { there, sizeof(there) };

	return process_vm_writev(victim, &bytes, 1, &bytes, 1, 0);
}
static long take_descriptor(void)
{
	int fd = syscall(__NR_pidfd_open, victim, 0);

	return fd < 0 ? -1 : syscall(__NR_pidfd_getfd, fd, 0, 0);
}
static long set_signal_owner(void) { return fcntl(OTHER, F_SETOWN, victim); }
static long set_signal(void) { return fcntl(OTHER, F_SETSIG, SIGUSR1); }
static long set_async(void) { return fcntl(OTHER, F_SETFL, O_ASYNC); }
static long set_async_otherwise(void) { return ioctl(OTHER, FIOASYNC, &(int){ 1 }); }
static long kill_victim(void) { return kill(victim, SIGCONT); }
static long kill_group(void) { return kill(0, SIGCONT); }
static long kill_thread(void) { return syscall(__NR_tgkill, victim, victim, SIGCONT); }
static long kill_old(void) { return syscall(__NR_tkill, victim, SIGCONT); }
static long queue_signal(void) { return sigqueue(victim, SIGCONT, (union sigval){ 0 }); }
static long abort_victim(void) { return syscall(__NR_tgkill, victim, victim, SIGABRT); }
/* Landlock refuses signals of late kernels only: that nobody of this number is there is not found out. */
static long abort_nobody(void)
{
	return syscall(__NR_tgkill, 0x3fffff, 0x3fffff, SIGABRT) < 0 && errno == ESRCH ? 0 : -1;
}
static long limit_victim(void)
{
	const struct rlimit limit = { 64, 64 };

	return prlimit(victim, RLIMIT_NPROC, &limit, NULL);
}
static long ask_limit_of_victim(void)
{
	struct rlimit limit;

	return prlimit(victim, RLIMIT_NPROC, NULL, &limit);
}
static long limit_self(void)
{
	const struct rlimit limit = { 64, 64 };

	return setrlimit(RLIMIT_NOFILE, &limit);
}
static long slow_victim(void) { return setpriority(PRIO_PROCESS, victim, 19); }
static long slow_self(void) { return nice(1) == -1 ? -1 : 0; }
static long schedule_victim(void)
{
	const struct sched_param none = { 0 };

	return sched_setscheduler(victim, SCHED_IDLE, &none);
}
static long pin_victim(void)
{
	cpu_set_t all;

	CPU_ZERO(&all);
	CPU_SET(0, &all);
	return sched_setaffinity(victim, sizeof(all), &all);
}
static long see_where_victim_runs(void)
{
	cpu_set_t all;

	return sched_getaffinity(victim, sizeof(all), &all);
}
static long fork_child(void)
{
	int pid = fork();

	if (!pid)
		_exit(0);
	return pid < 0 ? -1 : status_of(pid);
}
static long fork_sibling(void)
{
	long pid = syscall(__NR_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid)
		_exit(0);
	return pid;
}
static long fork_new_way(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = syscall(__NR_clone3, &args, sizeof(args));

	if (!pid)
		_exit(0);
	return pid < 0 ? -1 : status_of(pid);
}
static long leave_session(void) { return setsid() < 0 ? -1 : 0; }
static long leave_group(void) { return setpgid(0, 0); }
static long run_program(void) { execl("/bin/true", "true", NULL); return -1; }
static long trace_victim(void) { return syscall(__NR_ptrace, 0x4206L /* SEIZE */, (long)victim, 0L, 0L); }
static long outlive(void) { return prctl(PR_SET_PDEATHSIG, 0); }
static long let_others_look(void) { return prctl(PR_SET_DUMPABLE, 1); }
static long run_made_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED ? -1 : 0;
}
static long make_code_of_memory(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}
static long ask_terminal(void)
{
	/* Types into whoever's terminal this is. */
	return ioctl(OTHER, FIONREAD, &(int){ 0 });
}
static long change_folder(void) { return chdir("/"); }

#define WAY(name)	{ #name, name }
static const struct way {
	const char *name;
	long (*go)(void);
} ways[] = {
	WAY(change_mode), WAY(change_open_mode), WAY(change_owner), WAY(set_attribute),
	WAY(set_open_attribute), WAY(read_file), WAY(write_file), WAY(truncate_file),
	WAY(set_times), WAY(link_file), WAY(make_file), WAY(read_self), WAY(read_victim),
	WAY(open_other_node), WAY(make_datagrams), WAY(make_socket), WAY(make_netlink),
	WAY(send_elsewhere), WAY(send_bytes), WAY(send_by_copy), WAY(share_memory),
	WAY(make_memory), WAY(write_victim), WAY(take_descriptor), WAY(set_signal_owner),
	WAY(set_signal), WAY(set_async), WAY(set_async_otherwise), WAY(kill_victim),
	WAY(kill_group), WAY(kill_thread), WAY(kill_old), WAY(queue_signal), WAY(abort_victim),
	WAY(abort_nobody),
	WAY(limit_victim), WAY(ask_limit_of_victim), WAY(limit_self), WAY(slow_victim),
	WAY(slow_self), WAY(schedule_victim), WAY(pin_victim), WAY(see_where_victim_runs),
	WAY(fork_child), WAY(fork_sibling), WAY(fork_new_way), WAY(leave_session),
	WAY(leave_group), WAY(run_program), WAY(trace_victim), WAY(outlive), WAY(let_others_look),
	WAY(run_made_code), WAY(make_code_of_memory), WAY(ask_terminal), WAY(change_folder),
};
#define WAYS	((int)(sizeof(ways) / sizeof(ways[0])))

/* A keeper's descriptors, some more, and the node that is its own. */
static int prepare(bool fenced)
{
	static const char *const nodes[] = { "/dev/null" };
	int ends[2], others[2];

	signal(SIGABRT, SIG_DFL);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, others) < 0)
		return -1;
	/* Above those that they become. */
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(ends[i], F_DUPFD, 20);
		others[i] = fcntl(others[i], F_DUPFD, 20);
	}
	if (dup2(ends[0], FENCE_SOCKET) < 0 || dup2(others[0], OTHER) < 0 ||
	    dup2(open(file, O_RDWR | O_CLOEXEC), OPEN) < 0)
		return -1;
	return fenced ? fence_enter(nodes, 1, NULL) : 0;
}

/* Exit status: 0 when it leads somewhere, 1 when it does not, or a signal. */
static int try(long (*go)(void), bool fenced)
{
	int pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		/* So that a signal to its group is to nobody else. */
		setpgid(0, 0);
		if (prepare(fenced) < 0)
			_exit(99);
		_exit(go() < 0);
	}
	return status_of(pid);
}

static void begin(void)
{
	int fd;

	strcpy(file + strlen(file) - 6, "XXXXXX");
	fd = mkstemp(file);
	ck_assert_int_ge(fd, 0);
	close(fd);
	victim = fork();
	if (!victim) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
}

static void end(void)
{
	kill(victim, SIGKILL);
	status_of(victim);
	unlink(file);
}

static bool has_landlock(void)
{
	struct cage_rights all;

	return cage_all_rights(&all) > 0;
}

START_TEST(no_way_leads_out_of_the_fence)
{
	const struct way *way = &ways[_i];
	int status;

	if (!has_landlock())
		return;
	status = try(way->go, true);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 1, "%s: %x", way->name, status);
	/* It does without: in this process' place, that is root's or not. */
	if (way->go == change_owner && geteuid())
		return;
	if (way->go == leave_session || way->go == set_attribute || way->go == set_open_attribute)
		return;		/* who leads a group cannot; tmpfs has no such attributes */
	status = try(way->go, false);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s, outside: %x", way->name, status);
}
END_TEST

static long is_there(void)
{
	return open("/dev/null", O_RDWR) < 0 || open("/sys", O_RDONLY | O_DIRECTORY) < 0 ? -1 : 0;
}
static void *nothing(void *data) { return data; }
static long run_thread(void)
{
	/* As the C library would. */
	extern int pthread_create(unsigned long *, const void *, void *(*)(void *), void *);
	extern int pthread_join(unsigned long, void **);
	unsigned long thread;

	return pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL) ? -1 : 0;
}
static long send_home(void) { return rights_send(FENCE_SOCKET, "x", 1, (int[]){ OPEN }, 1); }
static long load_library(void)
{
	int fd = open("/etc/ld.so.cache", O_RDONLY);
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	return code == MAP_FAILED ? -1 : 0;
}
static long ask_own_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_STACK, &limit);
}
static long give_up(void) { abort(); }

START_TEST(a_keeper_can_do_its_work_inside)
{
	static long (*const works[])(void) = {
		is_there, run_thread, send_home, load_library, ask_own_limit,
	};

	if (!has_landlock() || SANITIZED)
		return;
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		ck_assert_msg(try(works[i], true) == 0, "work %zu", i);
	ck_assert(WIFSIGNALED(try(give_up, true)));
}
END_TEST

/* Of a call that was forgotten in the table nobody would hear otherwise. */
START_TEST(what_the_fence_permits_has_a_reason)
{
	for (unsigned i = 0; i < fence_permissions_count; i++)
		ck_assert_uint_gt(strlen(fence_permissions[i].reason), 2);
	for (unsigned i = 0; i < fence_requests_count; i++)
		ck_assert_uint_gt(strlen(fence_requests[i].reason), 2);
	for (unsigned i = 0; i < fence_places_count; i++) {
		ck_assert_uint_gt(strlen(fence_places[i].reason), 5);
		/* Not the key, the log, the policies, other processes or devices. */
		ck_assert(strncmp(fence_places[i].path, "/var", 4) && strncmp(fence_places[i].path, "/proc", 5) &&
			  strncmp(fence_places[i].path, "/dev", 4) && strncmp(fence_places[i].path, "/run", 4) &&
			  strcmp(fence_places[i].path, "/etc") && strncmp(fence_places[i].path, "/etc/scrim", 10));
	}
}
END_TEST

/* Calls by the 32-bit door have other numbers. */
static long by_the_other_door(void)
{
#if defined(__x86_64__)
	return syscall(0x40000000 | __NR_fork);		/* x32 */
#else
	raise(SIGSYS);
	return 0;
#endif
}

START_TEST(the_other_door_is_closed)
{
	int status;

	if (!has_landlock())
		return;
	status = try(by_the_other_door, true);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%x", status);
}
END_TEST

Suite *fence_suite(void)
{
	Suite *suite = suite_create("fence");
	TCase *c = tcase_create("fence");

	tcase_add_checked_fixture(c, begin, end);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, no_way_leads_out_of_the_fence, 0, WAYS);
	tcase_add_test(c, a_keeper_can_do_its_work_inside);
	tcase_add_test(c, what_the_fence_permits_has_a_reason);
	tcase_add_test(c, the_other_door_is_closed);
	suite_add_tcase(suite, c);
	return suite;
}
