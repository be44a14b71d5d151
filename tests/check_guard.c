// SPDX-License-Identifier: GPL-2.0
/*
 * The cage from inside.  That the real worker needs each line of the table is
 * shown with real files by run/cage.sh.
 */
#include "test.h"

#include <fcntl.h>
#include <gnu/libc-version.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/cage_parts.h"

#define CALLS_END	470		/* beyond the last system call of Linux 7 */

/*
 * The cages: for files, with this one permission for a live camera, a video and a camera in the
 * network, for pictures of a session and for the arrays of its programs, for a screen, for a
 * question to scrimd, for a command.
 */
#define DEVICE		3
#define REQUEST		0xc0585611ul	/* VIDIOC_DQBUF */
static const struct device_permission dequeue = { DEVICE, { REQUEST, "for the tests" } };
static const struct cage_devices live = { &dequeue, 1, &cage_live };
static const struct cage_devices video = { &dequeue, 1, &cage_video };
static const struct cage_devices network = { &dequeue, 1, &cage_network };
static const struct cage_devices store = { NULL, 0, &cage_store };
static const struct cage_devices reach = { NULL, 0, &cage_reach };
static const struct cage_devices wall = { &dequeue, 1, &cage_wall };
static const struct cage_devices ask = { NULL, 0, &cage_ask };
enum { FILES, LIVE, VIDEO, NETWORK, STORE, REACH, WALL, ASK, TOOL, CAGES };
static const struct cage_devices *const cages[CAGES] = {
	[LIVE] = &live, [VIDEO] = &video, [NETWORK] = &network, [STORE] = &store,
	[REACH] = &reach, [WALL] = &wall, [ASK] = &ask,
};

static struct cage_table table_of(int cage)
{
	if (cage == TOOL)
		return cage_tool;
	return cages[cage] ? *cages[cage]->calls :
		(struct cage_table){ .at = cage_permissions, .count = cage_permissions_count };
}

static int enter(int cage)
{
	return cage == TOOL ? cage_enter_tool(NULL) : cage_enter(cages[cage], NULL);
}

/* Wait status of a child that makes one call inside a cage; it exits with 0, or says errno. */
static int caged_call_of(int cage, long call, const long arg[5])
{
	int status, pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (enter(cage) < 0)
			_exit(99);
		_exit(syscall(call, arg[0], arg[1], arg[2], arg[3], arg[4], 0) < 0 ? errno : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static int caged_syscall(int cage, long call, long a, long b, long c)
{
	return caged_call_of(cage, call, (const long[]){ a, b, c, 0, 0 });
}

static bool was_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool permitted(int cage, long call)
{
	const struct cage_table table = table_of(cage);

	for (unsigned i = 0; i < table.count; i++)
		if (table.at[i].call == call)
			return true;
	return false;
}

/* AddressSanitizer makes calls of its own; the cage makes room for these. */
static bool sanitizer_calls(long call)
{
	const long calls[] = { __NR_sched_yield, __NR_sigaltstack, __NR_getpid,
		__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_futex, __NR_mprotect,
		__NR_readlink };

	for (size_t i = 0; SANITIZED && i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i] == call)
			return true;
	return false;
}

/*
 * uretprobe and uprobe, by which the kernel's own trampolines come back: it lets
 * them through every filter, and refuses them from anywhere else.
 */
static bool kernel_calls(long call)
{
	return call == 335 || call == 336;
}

START_TEST(who_may_write_may_do_so_to_one_descriptor)
{
	static const struct device_permission say = { 1, { DEVICE_WRITE, "for the tests" } };
	const struct cage_devices may = { &say, 1, _i < 3 ? &cage_live : &cage_network };
	int status, pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (cage_enter(&may, NULL) < 0)
			_exit(99);
		_exit(syscall(__NR_write, _i % 3, "", 0));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (_i % 3 == 1)
		ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	else
		ck_assert(was_killed(status));
}
END_TEST

START_TEST(every_call_that_is_not_in_the_table_kills)
{
	int status;

	for (long call = 0; call < CALLS_END; call++) {
		if ((permitted(_i, call) && call != __NR_ioctl) || sanitizer_calls(call) ||
		    kernel_calls(call))
			continue;
		status = caged_syscall(_i, call, -1, 0, 0);
		ck_assert_msg(was_killed(status), "system call %ld came back in the cage", call);
	}
}
END_TEST

/* Of another descriptor, another request, or the same with bits that the kernel ignores. */
START_TEST(a_device_is_asked_for_what_is_listed_and_nothing_else)
{
	static const struct {
		long fd, request;
		bool may;
	} asks[] = {
		{ DEVICE, REQUEST, true },
		{ DEVICE + 1, REQUEST, false },
		{ 0, REQUEST, false },
		{ DEVICE, REQUEST + 1, false },
		{ DEVICE, 0x5421, false },	/* FIONBIO */
		{ DEVICE | 1l << 32, REQUEST, false },
		{ DEVICE, REQUEST | 1l << 32, false },
	};
	int status = caged_syscall(LIVE, __NR_ioctl, asks[_i].fd, asks[_i].request, 0);

	ck_assert_int_eq(was_killed(status), !asks[_i].may);
}
END_TEST

/* _i: the cage, and a kind of memory that it gives or does not. */
START_TEST(memory_in_the_cage_is_private_and_never_executable)
{
	const struct {
		int protection, flags;
		bool may;
	} maps[] = {
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, true },
		{ PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, false },
		{ PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, false },
	}, *map = &maps[_i % 3];
	int status = caged_call_of(_i / 3, __NR_mmap,
				   (const long[]){ 0, 4096, map->protection, map->flags, -1 });
	bool may = map->may && permitted(_i / 3, __NR_mmap);

	ck_assert_int_eq(was_killed(status), !may);
	ck_assert(!may || WEXITSTATUS(status) == 0);
}
END_TEST

/* Of the one descriptor that is listed; _i: how, and whether it may. */
START_TEST(memory_is_shared_with_a_listed_device_and_nothing_else)
{
	static const struct device_permission map = { DEVICE, { DEVICE_MAP, "for the tests" } };
	static const struct cage_devices devices = { &map, 1, &cage_wall };
	static const struct {
		int protection, flags, fd;
		bool may;
	} maps[] = {
		{ PROT_READ | PROT_WRITE, MAP_SHARED, DEVICE, true },
		{ PROT_READ | PROT_EXEC, MAP_SHARED, DEVICE, false },
		{ PROT_READ | PROT_WRITE, MAP_SHARED, DEVICE + 1, false },
		{ PROT_READ | PROT_WRITE, MAP_SHARED_VALIDATE, DEVICE, false },
		{ PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, false },
	};
	int status, pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (cage_enter(&devices, NULL) < 0)
			_exit(99);
		syscall(__NR_mmap, 0, 4096, maps[_i].protection, maps[_i].flags, maps[_i].fd, 0);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(was_killed(status), !maps[_i].may);
	ck_assert(!maps[_i].may || (WIFEXITED(status) && !WEXITSTATUS(status)));
}
END_TEST

/* By the doors of other architectures: x32, and i386. */
START_TEST(calls_of_other_architectures_kill)
{
	int status, pid;

	for (long call = 0; call < CALLS_END; call += 13)
		ck_assert_msg(was_killed(caged_syscall(_i, call | 0x40000000, -1, 0, 0)),
			      "x32 call %ld came back in the cage", call);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		long ret = 20;		/* getpid there, writev here */

		if (enter(_i) < 0)
			_exit(99);
		__asm__ volatile("int $0x80" : "+a"(ret) : : "memory");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(was_killed(status) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));
}
END_TEST

/* A C library that is newer than this asks for calls that nobody here knows, and falls back. */
START_TEST(a_call_of_the_future_does_not_exist)
{
	for (long call = CAGE_NEWEST_CALL + 1; call < CAGE_NEWEST_CALL + 500; call += 7) {
		int status = caged_syscall(TOOL, call, -1, 0, 0);

		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == ENOSYS, "call %ld", call);
	}
	ck_assert(was_killed(caged_syscall(TOOL, 100000, -1, 0, 0)));
}
END_TEST

/* Permissions of a command that hold in one form only. */
START_TEST(a_command_that_reports_asks_in_one_form_only)
{
	static const struct {
		long call, arg[5];
		bool may;
	} asks[] = {
		{ __NR_ioctl, { 1, 0x5401 }, true },			/* TCGETS */
		{ __NR_ioctl, { 1, 0x5413 }, true },			/* TIOCGWINSZ */
		{ __NR_ioctl, { 1, 0x5412 }, false },			/* TIOCSTI */
		{ __NR_ioctl, { 1, 0x541c }, false },			/* TIOCLINUX */
		{ __NR_newfstatat, { 1, 0, 0, 0x1000 }, true },		/* AT_EMPTY_PATH */
		{ __NR_newfstatat, { -100, 0, 0, 0 }, false },
		{ __NR_sendto, { -1, 0, 0, 0, 0 }, false },
		{ __NR_recvfrom, { -1, 0, 0, 0, 0 }, false },
		{ __NR_tgkill, { 1, 1, SIGABRT }, false },		/* another process */
		{ __NR_tgkill, { 0, 0, SIGKILL }, false },
		{ __NR_openat, { -100, 0, 0 }, false },
		{ __NR_execve, { 0, 0, 0 }, false },
		{ __NR_socket, { 1, 1, 0 }, false },
		{ __NR_connect, { 0, 0, 0 }, false },
		{ __NR_ptrace, { 0, 0, 0 }, false },
	};

	ck_assert_int_eq(was_killed(caged_call_of(TOOL, asks[_i].call, asks[_i].arg)),
			 !asks[_i].may);
}
END_TEST

/* _i: whether an address is named. */
START_TEST(who_asks_scrimd_sends_to_no_address)
{
	int status = caged_call_of(ASK, __NR_sendto, (const long[]){ -1, 0, 0, 0, _i ? 4096 : 0 });

	ck_assert_int_eq(was_killed(status), _i);
	ck_assert(_i || WEXITSTATUS(status) == EBADF);
}
END_TEST

/* Landlock holds by itself, should the filter ever let an open through. */
START_TEST(no_file_is_opened_when_rights_are_denied)
{
	int status, pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (cage_drop_privileges(NULL) < 0 || cage_deny_rights(NULL) < 0)
			_exit(99);
		_exit(open("/etc/passwd", O_RDONLY) < 0 ? errno : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), EACCES);
}
END_TEST

static int aborts_without(int line)
{
	int status, pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		cage_leave_out(line);
		if (cage_enter_tool(NULL) < 0)
			_exit(99);
		abort();
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	return WTERMSIG(status);
}

/* A crash is looked up by its signal. */
START_TEST(a_command_that_aborts_in_the_cage_says_so)
{
	/* glibc 2.41 blocks no signals for it. */
	bool blocks = strverscmp(gnu_get_libc_version(), "2.41") < 0;

	ck_assert_int_eq(aborts_without(-1), SIGABRT);
	for (unsigned i = 0; !SANITIZED && i < cage_tool.count; i++)
		if (cage_tool.at[i].call == __NR_tgkill || cage_tool.at[i].call == __NR_gettid ||
		    cage_tool.at[i].call == __NR_getpid ||
		    (blocks && cage_tool.at[i].call == __NR_rt_sigprocmask))
			ck_assert_int_eq(aborts_without(i), SIGSYS);
}
END_TEST

static int take_memory(void *ctx, void *result, struct scrim_error *err)
{
	size_t size = *(int *)ctx ? CAGE_MEMORY_MAX / 2 : CAGE_MEMORY_MAX + (64 << 20);

	*(int *)result = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
	return 0;
}

static int write_far(void *ctx, void *result, struct scrim_error *err)
{
	int fd = *(int *)ctx;

	if (lseek(fd, CAGE_FILE_MAX, SEEK_SET) < 0)
		return fail(err, -errno, "cannot seek");
	*(int *)result = write(fd, "", 1) == 1 ? 0 : errno;
	return 0;
}

START_TEST(a_file_that_the_cage_writes_is_bounded)
{
	int fd = memfd_create("far", MFD_CLOEXEC), result = 0;
	const struct caged_call far = { .work = write_far, .ctx = &fd, .keep = &fd,
					.kept = 1, .size = sizeof(result) };

	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(caged(&far, &result, NULL), 0);
	ck_assert_int_eq(result, EFBIG);
	close(fd);
}
END_TEST

/* The caller's own memory does not count. */
START_TEST(memory_in_the_cage_is_bounded)
{
	const struct caged_call bounded = { .work = take_memory, .ctx = &_i, .size = sizeof(int) };
	void *own = mmap(NULL, CAGE_MEMORY_MAX, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int given = -1;

	ck_assert(own != MAP_FAILED);
	ck_assert_int_eq(caged(&bounded, &given, NULL), 0);
	ck_assert_int_eq(given, _i);
	munmap(own, CAGE_MEMORY_MAX);
}
END_TEST

START_TEST(every_permission_has_a_reason)
{
	const struct cage_table table = table_of(_i);

	for (unsigned i = 0; i < table.count; i++)
		ck_assert_uint_gt(strlen(table.at[i].reason), 2);
}
END_TEST

/* What caged() does with a child, by what the child does. */

static int answer(void *ctx, void *result, struct scrim_error *err)
{
	*(int *)result = *(int *)ctx + 1;
	return 0;
}

static int refuse(void *ctx, void *result, struct scrim_error *err)
{
	*(int *)result = 77;
	return fail(err, -EBADMSG, "line 3: no");
}

static int escape(void *ctx, void *result, struct scrim_error *err)
{
	*(int *)result = 77;
	return open("/etc/passwd", O_RDONLY);
}

static int crash(void *ctx, void *result, struct scrim_error *err)
{
	*(int *)result = 77;
	__builtin_trap();
}

static int look_for_descriptors(void *ctx, void *result, struct scrim_error *err)
{
	char byte;
	int open = 0;

	for (int fd = 3; fd < 64; fd++)
		if (read(fd, &byte, 0) == 0 || errno != EBADF)
			open++;
	*(int *)result = open;
	return 0;
}

static int call(int (*work)(void *, void *, struct scrim_error *), int keep,
		int *result, struct scrim_error *err)
{
	int number = 41;
	const struct caged_call caged_call = {
		.work = work, .ctx = &number, .keep = &keep, .kept = keep >= 0, .size = sizeof(*result),
	};

	return caged(&caged_call, result, err);
}

START_TEST(an_answer_comes_back)
{
	int result = 0;

	ck_assert_int_eq(call(answer, -1, &result, NULL), 0);
	ck_assert_int_eq(result, 42);
}
END_TEST

START_TEST(a_refusal_comes_back_with_its_words_and_no_result)
{
	struct scrim_error err;
	int result = 1;

	ck_assert_int_eq(call(refuse, -1, &result, &err), -EBADMSG);
	ck_assert_str_eq(err.text, "line 3: no");
	ck_assert_int_eq(result, 0);
}
END_TEST

START_TEST(a_worker_that_breaks_out_or_dies_is_an_error)
{
	struct scrim_error err;
	int result = 1;

	ck_assert_int_eq(call(escape, -1, &result, &err), -EIO);
	ck_assert_ptr_nonnull(strstr(err.text, "permissions"));
	ck_assert_int_eq(result, 0);
	result = 1;
	ck_assert_int_eq(call(crash, -1, &result, &err), -EIO);
	ck_assert_int_eq(result, 0);
}
END_TEST

START_TEST(a_worker_holds_what_it_was_given_and_nothing_else)
{
	int given = open("/dev/null", O_RDONLY), other = open("/dev/null", O_RDONLY);
	int result = -1;

	ck_assert_int_ge(given, 3);
	ck_assert_int_eq(call(look_for_descriptors, given, &result, NULL), 0);
	ck_assert_int_eq(result, 1);
	ck_assert_int_eq(call(look_for_descriptors, -1, &result, NULL), 0);
	ck_assert_int_eq(result, 0);
	close(given);
	close(other);
}
END_TEST

Suite *guard_suite(void)
{
	Suite *suite = suite_create("guard");
	TCase *tcase = tcase_create("cage");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, every_call_that_is_not_in_the_table_kills, 0, CAGES);
	tcase_add_loop_test(tcase, who_may_write_may_do_so_to_one_descriptor, 0, 6);
	tcase_add_loop_test(tcase, calls_of_other_architectures_kill, 0, CAGES);
	tcase_add_test(tcase, a_call_of_the_future_does_not_exist);
	tcase_add_loop_test(tcase, a_command_that_reports_asks_in_one_form_only, 0, 15);
	tcase_add_loop_test(tcase, who_asks_scrimd_sends_to_no_address, 0, 2);
	tcase_add_test(tcase, no_file_is_opened_when_rights_are_denied);
	tcase_add_test(tcase, a_command_that_aborts_in_the_cage_says_so);
	tcase_add_loop_test(tcase, a_device_is_asked_for_what_is_listed_and_nothing_else, 0, 7);
	tcase_add_loop_test(tcase, memory_is_shared_with_a_listed_device_and_nothing_else, 0, 5);
	tcase_add_loop_test(tcase, memory_in_the_cage_is_private_and_never_executable, 0, 3 * CAGES);
	tcase_add_test(tcase, a_file_that_the_cage_writes_is_bounded);
	/* A sanitizer's address space has no bound. */
	if (!SANITIZED)
		tcase_add_loop_test(tcase, memory_in_the_cage_is_bounded, 0, 2);
	tcase_add_loop_test(tcase, every_permission_has_a_reason, 0, CAGES);
	tcase_add_test(tcase, an_answer_comes_back);
	tcase_add_test(tcase, a_refusal_comes_back_with_its_words_and_no_result);
	tcase_add_test(tcase, a_worker_that_breaks_out_or_dies_is_an_error);
	tcase_add_test(tcase, a_worker_holds_what_it_was_given_and_nothing_else);
	suite_add_tcase(suite, tcase);
	return suite;
}
