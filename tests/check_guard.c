// SPDX-License-Identifier: GPL-2.0
/*
 * The cage from inside.  That the real worker needs each line of the table is
 * shown with real files by run/cage.sh.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/cage.h"

#define CALLS_END	470		/* beyond the last system call of Linux 7 */

/* Exit status of a child that makes one call inside a cage. */
static int caged_syscall(const struct cage_devices *devices, long call, long a, long b, long c)
{
	int status, pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (cage_enter(devices, NULL) < 0)
			_exit(99);
		syscall(call, a, b, c, 0, 0, 0);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* The cages: for files, and with this one permission for a live camera and for a video. */
#define DEVICE		3
#define REQUEST		0xc0585611ul	/* VIDIOC_DQBUF */
static const struct device_permission dequeue = { DEVICE, { REQUEST, "for the tests" } };
static const struct cage_devices live = { &dequeue, 1, &cage_live };
static const struct cage_devices video = { &dequeue, 1, &cage_video };
static const struct cage_devices *const cages[] = { NULL, &live, &video };

static struct cage_table table_of(int cage)
{
	return cages[cage] ? *cages[cage]->calls :
		(struct cage_table){ cage_permissions, cage_permissions_count };
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

START_TEST(every_call_that_is_not_in_the_table_kills)
{
	int status;

	for (long call = 0; call < CALLS_END; call++) {
		if ((permitted(_i, call) && call != __NR_ioctl) || sanitizer_calls(call) || kernel_calls(call))
			continue;
		status = caged_syscall(cages[_i], call, -1, 0, 0);
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
			      "system call %ld came back in the cage", call);
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
	int status = caged_syscall(&live, __NR_ioctl, asks[_i].fd, asks[_i].request, 0);

	if (asks[_i].may)
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	else
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}
END_TEST

/* _i: of a kind that the cage does not give, or of the one that it does. */
START_TEST(memory_in_the_cage_is_private_and_never_executable)
{
	const struct {
		int protection, flags;
		bool may;
	} maps[] = {
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, true },
		{ PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, false },
		{ PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, false },
	};
	int status, pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (cage_enter(NULL, NULL) < 0)
			_exit(99);
		syscall(__NR_mmap, 0, 4096, maps[_i].protection, maps[_i].flags, -1, 0);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (maps[_i].may)
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	else
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
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
	tcase_add_loop_test(tcase, every_call_that_is_not_in_the_table_kills, 0, 3);
	tcase_add_loop_test(tcase, a_device_is_asked_for_what_is_listed_and_nothing_else, 0, 7);
	tcase_add_loop_test(tcase, memory_in_the_cage_is_private_and_never_executable, 0, 3);
	tcase_add_test(tcase, a_file_that_the_cage_writes_is_bounded);
	/* A sanitizer's address space has no bound. */
	if (!SANITIZED)
		tcase_add_loop_test(tcase, memory_in_the_cage_is_bounded, 0, 2);
	tcase_add_loop_test(tcase, every_permission_has_a_reason, 0, 3);
	tcase_add_test(tcase, an_answer_comes_back);
	tcase_add_test(tcase, a_refusal_comes_back_with_its_words_and_no_result);
	tcase_add_test(tcase, a_worker_that_breaks_out_or_dies_is_an_error);
	tcase_add_test(tcase, a_worker_holds_what_it_was_given_and_nothing_else);
	suite_add_tcase(suite, tcase);
	return suite;
}
