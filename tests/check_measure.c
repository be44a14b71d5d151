// SPDX-License-Identifier: GPL-2.0
/*
 * What is measured of this machine, on a made-up one, and on real processes with a real device.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/measure.h"

static char root[64];

static void begin(void)
{
	snprintf(root, sizeof(root), "/tmp/scrim-measure-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static void end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	ck_assert_int_eq(system(command), 0);
}

/* A file of the made-up machine. */
static void put(const char *name, const char *text)
{
	char command[512];

	snprintf(command, sizeof(command), "f='%s%s'; mkdir -p \"${f%%/*}\" && echo '%s' >\"$f\"",
		 root, name, text);
	ck_assert_int_eq(system(command), 0);
}

static struct machine look(void)
{
	struct machine machine;

	machine_look(&machine, root);
	return machine;
}

START_TEST(a_kernel_that_shows_nothing_protects_nothing)
{
	struct machine m = look();

	ck_assert_int_eq(m.seccomp, KNOWN_NO);
	ck_assert_int_eq(m.locked_down, KNOWN_NO);
	ck_assert_int_eq(m.signed_only, KNOWN_NO);
	ck_assert_int_eq(m.driver, KNOWN_NO);
	ck_assert_int_eq(m.bpf, KNOWN_NO);
}
END_TEST

START_TEST(lockdown_is_what_is_in_force_not_what_there_is)
{
	static const struct { const char *line; enum known locked; } lines[] = {
		{ "[none] integrity confidentiality", KNOWN_NO },
		{ "none [integrity] confidentiality", KNOWN_YES },
		{ "none integrity [confidentiality]", KNOWN_YES },
		{ "", KNOWN_NO },
	};

	put("/sys/module/module/parameters/sig_enforce", "N");
	put("/sys/kernel/security/lockdown", lines[_i].line);
	ck_assert_int_eq(look().locked_down, lines[_i].locked);
	/* A kernel that is locked down takes no other module. */
	ck_assert_int_eq(look().signed_only, lines[_i].locked);
}
END_TEST

START_TEST(the_kernel_says_what_it_has)
{
	put("/sys/module/module/parameters/sig_enforce", "Y");
	put("/sys/kernel/security/lsm", "lockdown,capability,landlock,bpf");
	put("/proc/sys/kernel/seccomp/actions_avail", "kill_process");
	ck_assert_int_eq(look().signed_only, KNOWN_YES);
	ck_assert_int_eq(look().bpf, KNOWN_YES);
	ck_assert_int_eq(look().seccomp, KNOWN_YES);
	put("/sys/kernel/security/lsm", "lockdown,capability,landlock");
	ck_assert_int_eq(look().bpf, KNOWN_NO);
}
END_TEST

START_TEST(the_driver_is_signed_or_not)
{
	ck_assert_int_eq(look().driver_signed, KNOWN_NOT);
	put("/sys/module/scrim/taint", "OE");
	ck_assert_int_eq(look().driver, KNOWN_YES);
	ck_assert_int_eq(look().driver_signed, KNOWN_NO);
	put("/sys/module/scrim/taint", "O");
	ck_assert_int_eq(look().driver_signed, KNOWN_YES);
}
END_TEST

START_TEST(what_is_no_node_is_told_from_what_is_not_there)
{
	struct raw_node raw;

	raw_look(&raw, "rtsp://camera/stream", "/proc");
	ck_assert_int_eq(raw.why_not, -ENOTSUP);
	raw_look(&raw, "", "/proc");
	ck_assert_int_eq(raw.why_not, -ENOTSUP);
	raw_look(&raw, "/dev/no-such-camera", "/proc");
	ck_assert_int_eq(raw.why_not, -ENOENT);
	raw_look(&raw, "/proc/self/maps", "/proc");
	ck_assert_int_eq(raw.why_not, -ENODEV);
}
END_TEST

START_TEST(a_node_is_found_behind_its_links_with_its_owner_and_mode)
{
	struct raw_node raw;
	struct stat st;
	char name[96];

	ck_assert_int_eq(stat("/dev/null", &st), 0);
	snprintf(name, sizeof(name), "%s/by-id", root);
	ck_assert_int_eq(symlink("/dev/null", name), 0);
	raw_look(&raw, name, "/proc");
	ck_assert_int_eq(raw.why_not, 0);
	ck_assert_str_eq(raw.path, "/dev/null");
	ck_assert_uint_eq(raw.uid, st.st_uid);
	ck_assert_uint_eq(raw.gid, st.st_gid);
	ck_assert_uint_eq(raw.mode, st.st_mode & 07777);
	ck_assert(raw.may_open);
}
END_TEST

/* One that opens a device that hardly anybody has open, under a name of its own. */
static pid_t holder(const char *name, int *ready)
{
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_NAME, name);
		if (open("/dev/random", O_RDONLY) < 0 || write(fds[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], ready, 1), 1);
	close(fds[0]);
	return pid;
}

static const struct raw_holder *find(const struct raw_node *raw, pid_t pid)
{
	for (unsigned i = 0; i < raw->holders && i < RAW_HOLDERS_MAX; i++)
		if (raw->holder[i].pid == pid)
			return &raw->holder[i];
	return NULL;
}

START_TEST(who_has_a_node_open_is_found_by_what_is_open_not_by_name)
{
	const struct raw_holder *found;
	struct raw_node raw;
	int ready;
	pid_t pid = holder("a\033[2Jb", &ready);

	raw_look(&raw, "/dev/random", "/proc");
	found = find(&raw, pid);
	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->name, "a?[2Jb");
	ck_assert_int_eq(found->parent, getpid());
	ck_assert_uint_eq(found->uid, geteuid());
	raw_look(&raw, "/dev/zero", "/proc");
	ck_assert_ptr_null(find(&raw, pid));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	raw_look(&raw, "/dev/random", "/proc");
	ck_assert_ptr_null(find(&raw, pid));
}
END_TEST

START_TEST(of_many_who_have_it_open_none_goes_uncounted)
{
	pid_t pid[RAW_HOLDERS_MAX + 3];
	struct raw_node raw;
	int ready;

	for (unsigned i = 0; i < RAW_HOLDERS_MAX + 3; i++)
		pid[i] = holder("holder", &ready);
	raw_look(&raw, "/dev/random", "/proc");
	ck_assert_uint_ge(raw.holders, RAW_HOLDERS_MAX + 3);
	for (unsigned i = 0; i < RAW_HOLDERS_MAX + 3; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
}
END_TEST

START_TEST(without_proc_nobody_is_said_to_be_absent)
{
	struct raw_node raw;

	raw_look(&raw, "/dev/random", "/proc/none");
	ck_assert_uint_eq(raw.holders, 0);
	ck_assert_uint_gt(raw.unseen, 0);
}
END_TEST

Suite *measure_suite(void)
{
	Suite *suite = suite_create("measure");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_kernel_that_shows_nothing_protects_nothing);
	tcase_add_loop_test(tc, lockdown_is_what_is_in_force_not_what_there_is, 0, 4);
	tcase_add_test(tc, the_kernel_says_what_it_has);
	tcase_add_test(tc, the_driver_is_signed_or_not);
	tcase_add_test(tc, what_is_no_node_is_told_from_what_is_not_there);
	tcase_add_test(tc, a_node_is_found_behind_its_links_with_its_owner_and_mode);
	tcase_add_test(tc, who_has_a_node_open_is_found_by_what_is_open_not_by_name);
	tcase_add_test(tc, of_many_who_have_it_open_none_goes_uncounted);
	tcase_add_test(tc, without_proc_nobody_is_said_to_be_absent);
	suite_add_tcase(suite, tc);
	return suite;
}
