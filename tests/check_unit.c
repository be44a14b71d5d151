// SPDX-License-Identifier: GPL-2.0
/*
 * A process is of the service that the machine's systemd put it in, whatever else on its way
 * is called like one; and who has ended is of none, though its number be another's.
 */
#include "test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/unit.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD	77
#endif

static const struct {
	const char *text, *unit;
} cgroups[] = {
	{ "0::/system.slice/nvr.service\n", "nvr.service" },
	{ "0::/system.slice/cam@porch.service\n", "cam@porch.service" },
	{ "0::/system.slice/system-cam.slice/cam@porch.service\n", "cam@porch.service" },
	{ "0::/system.slice/dev-front\\x2ddoor.service\n", "dev-front\\x2ddoor.service" },
	{ "0::/cctv.slice/cctv-indoor.slice/nvr.service\n", "nvr.service" },
	{ "0::/nvr.service\n", "nvr.service" },
	{ "0::/system.slice/_cpu.service\n", "cpu.service" },
	{ "0::/system.slice/__cpu.service\n", "_cpu.service" },
	{ "12:pids:/a\n1:name=systemd:/system.slice/a.service\n0::/system.slice/b.service\n",
	  "b.service" },
	/* Its own groups are the service, whatever they are called. */
	{ "0::/system.slice/nvr.service/payload\n", "nvr.service" },
	{ "0::/system.slice/nvr.service/system.slice/cron.service\n", "nvr.service" },
	{ "0::/machine.slice/systemd-nspawn@box.service/payload/system.slice/nvr.service\n",
	  "systemd-nspawn@box.service" },
	/* A user calls services as he likes. */
	{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/nvr.service\n", "" },
	{ "0::/user.slice/user-1000.slice/user@1000.service/system.slice/nvr.service\n", "" },
	{ "0::/user.slice/user-1000.slice/nvr.service\n", "" },
	{ "0::/_user.slice/nvr.service\n", "" },
	{ "0::/user.slice/user-1000.slice/session-3.scope/nvr.service\n", "" },
	/* So do containers. */
	{ "0::/system.slice/docker-4711.scope/nvr.service\n", "" },
	{ "0::/docker/4711/system.slice/nvr.service\n", "" },
	{ "0::/../system.slice/nvr.service\n", "" },
	{ "0::/system.slice/../nvr.service\n", "" },
	/* Where it is of none. */
	{ "0::/\n", "" },
	{ "0::/init.scope\n", "" },
	{ "0::/system.slice\n", "" },
	{ "0::/system.slice/\n", "" },
	{ "0::/system.slice//nvr.service\n", "" },
	{ "0::/system.slice/.service\n", "" },
	{ "0::/system.slice/@.service\n", "" },
	{ "0::/system.slice/cam@.service\n", "" },
	{ "0::/system.slice/nvr.service (deleted)\n", "" },
	{ "0::/system.slice/nvr service unit:b.service\n", "" },
	{ "0::/system.slice/nvr.services\n", "" },
	{ "0::/nvr.slice\n", "" },
	{ "0::/nvr.slice\nnvr.service\n", "" },
	/* Only the unified hierarchy says it. */
	{ "1:name=systemd:/system.slice/nvr.service\n0::/\n", "" },
	{ "10::/system.slice/nvr.service\n", "" },
	{ "1:cpu:/0::/system.slice/nvr.service\n", "" },
	{ "0:name=a:/system.slice/nvr.service\n", "" },
	{ "", "" },
};

#define CGROUPS	(sizeof(cgroups) / sizeof(cgroups[0]))

START_TEST(a_service_is_what_root_has_started)
{
	char unit[UNIT_MAX];

	unit_of_cgroup(unit, cgroups[_i].text);
	ck_assert_msg(!strcmp(unit, cgroups[_i].unit), "%s is of '%s'", cgroups[_i].text, unit);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_none)
{
	char text[UNIT_MAX + 64] = "0::/system.slice/", unit[UNIT_MAX];
	char *name = text + strlen(text);

	memset(name, 'a', UNIT_MAX);
	strcpy(name + UNIT_MAX - 1 - strlen(".service"), ".service\n");
	unit_of_cgroup(unit, text);
	ck_assert_uint_eq(strlen(unit), UNIT_MAX - 1);
	memset(name, 'a', UNIT_MAX);
	strcpy(name + UNIT_MAX - strlen(".service"), ".service\n");
	unit_of_cgroup(unit, text);
	ck_assert_str_eq(unit, "");
}
END_TEST

/* A socket at whose other end a process connected that has ended; *pid was its number. */
static int left_by(pid_t *pid)
{
	int channel[2], pair[2] = { -1, -1 }, ended;
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
				  .msg_control = room, .msg_controllen = sizeof(room) };

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), 0);
	*pid = fork();
	if (!*pid) {
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);

		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
		memcpy(CMSG_DATA(head), &pair[0], sizeof(int));
		_exit(sendmsg(channel[1], &message, 0) != 1);
	}
	ck_assert_int_eq(waitpid(*pid, &ended, 0), *pid);
	ck_assert_int_eq(ended, 0);
	ck_assert_int_eq(recvmsg(channel[0], &message, 0), 1);
	memcpy(&pair[0], CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	close(channel[0]);
	close(channel[1]);
	return pair[0];
}

START_TEST(who_has_ended_is_of_no_service)
{
	char unit[UNIT_MAX] = "x";
	pid_t pid;
	int fd = left_by(&pid);

	ck_assert_int_lt(unit_of_peer(unit, fd, NULL), 0);
	ck_assert_str_eq(unit, "");
	close(fd);
}
END_TEST

/* Linux 6.5; before it, and that is said in the manual, who is quick may pass for another. */
static bool kernel_holds_peers(int fd)
{
	int pidfd;
	socklen_t size = sizeof(pidfd);

	return getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) == 0 || errno != ENOPROTOOPT;
}

START_TEST(a_number_that_is_anothers_by_now_is_not_believed)
{
	char unit[UNIT_MAX] = "x", path[64];
	struct clone_args args = { .exit_signal = SIGCHLD, .set_tid_size = 1 };
	struct scrim_error err = { 0 };
	pid_t pid, other;
	int fd = left_by(&pid), ret;

	if (!kernel_holds_peers(fd)) {
		close(fd);
		return;
	}
	args.set_tid = (uintptr_t)&pid;
	other = syscall(__NR_clone3, &args, sizeof(args));
	if (!other) {
		pause();
		_exit(0);
	}
	if (other < 0) {
		/* Choosing numbers is root's. */
		ck_assert(errno == EPERM);
		close(fd);
		return;
	}
	ck_assert_int_eq(other, pid);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	ck_assert_int_eq(access(path, R_OK), 0);
	ret = unit_of_peer(unit, fd, &err);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(fd);
	ck_assert_int_lt(ret, 0);
	ck_assert_str_eq(unit, "");
}
END_TEST

START_TEST(who_connected_is_looked_at)
{
	char own[UNIT_MAX] = "x", peer[UNIT_MAX] = "y";
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(unit_of_self(own, NULL), 0);
	ck_assert_int_eq(unit_of_peer(peer, pair[0], NULL), 0);
	ck_assert_str_eq(peer, own);
	close(pair[0]);
	close(pair[1]);
	ck_assert_int_eq(unit_of_peer(peer, pair[0], NULL), -EBADF);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("unit");
	TCase *tcase = tcase_create("unit");

	tcase_add_loop_test(tcase, a_service_is_what_root_has_started, 0, CGROUPS);
	tcase_add_test(tcase, a_name_that_is_too_long_is_none);
	tcase_add_test(tcase, who_has_ended_is_of_no_service);
	tcase_add_test(tcase, a_number_that_is_anothers_by_now_is_not_believed);
	tcase_add_test(tcase, who_connected_is_looked_at);
	suite_add_tcase(suite, tcase);
	return suite;
}
