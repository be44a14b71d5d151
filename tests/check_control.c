// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket, with real sockets: what is a message, who may ask, and that
 * nobody who asks can hold up the daemon or those who ask beside him.
 */
#include "test.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control_server.h"
#include "policy/compare.h"

static struct control_server server;
static char folder[64], path[96];
static int64_t now;
static unsigned answers;

static void begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/scrim-control-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(control_path(path, sizeof(path), folder, "porch", NULL), 0);
	ck_assert_int_eq(control_listen(&server, path, -1, NULL), 0);
	now = 1000;
	answers = 0;
}

static void end(void)
{
	control_end(&server);
	ck_assert_int_lt(access(path, F_OK), 0);
	rmdir(folder);
}

static void answer(void *ctx, const struct control_peer *peer,
		   const struct control_request *request, struct control_reply *reply,
		   struct control_gift *gift)
{
	ck_assert_uint_eq(peer->uid, geteuid());
	reply->status.per = 1;
	control_text(reply->text, sizeof(reply->text), "heard");
	answers++;
}

/* One turn of the daemon's loop, which must never wait. */
static void turn(void)
{
	struct pollfd polls[CONTROL_POLLS];

	control_polls(&server, polls);
	poll(polls, CONTROL_POLLS, 0);
	control_serve(&server, polls, now, answer, NULL);
}

static int reach(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(to.sun_path, path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static const struct control_request status = { CONTROL_VERSION, CONTROL_STATUS, 0, { 0 } };

/* What came back: its result, or 1 for none. */
static int heard(int fd)
{
	struct control_reply reply;
	ssize_t n = recv(fd, &reply, sizeof(reply), 0);

	if (n <= 0)
		return 1;
	ck_assert_int_eq(n, sizeof(reply));
	return reply.result;
}

static bool is_dropped(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) == 0;
}

static unsigned places_taken(void)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		taken += server.client[i].fd >= 0;
	return taken;
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

START_TEST(a_request_with_a_field_out_of_range_is_none)
{
	struct control_request r = status;

	ck_assert(control_request_is_sound(&r));
	r.version++;
	ck_assert(!control_request_is_sound(&r));
	for (unsigned i = 0; i < 13; i++) {
		r = status;
		r.reserved[i] = 1;
		ck_assert(!control_request_is_sound(&r));
	}
	for (uint32_t what = 0; what < 64; what++)
		for (uint32_t flags = 0; flags < 8; flags++) {
			uint32_t may = what == CONTROL_SHUTTER ? CONTROL_SHUT :
				       what == CONTROL_APPLY ? CONTROL_ACCEPT : 0;

			r = (struct control_request){ CONTROL_VERSION, what, flags, { 0 } };
			ck_assert_int_eq(control_request_is_sound(&r),
					 what >= CONTROL_STATUS && what <= CONTROL_SESSION &&
					 !(flags & ~may));
		}
}
END_TEST

static struct control_reply sound_reply(uint32_t what)
{
	struct control_reply reply = { .version = CONTROL_VERSION, .what = what };

	if (what == CONTROL_STATUS)
		reply.status.per = 1;
	return reply;
}

#define WORD(field)	offsetof(struct control_reply, field)

/* Each word on its own, with a value that it cannot have. */
START_TEST(a_status_with_a_field_out_of_range_is_none)
{
	static const struct { size_t at; uint32_t value; } wrong[] = {
		{ WORD(version), 2 }, { WORD(what), CONTROL_APPLY }, { WORD(result), 1 },
		{ WORD(result), (uint32_t)-4096 }, { WORD(reserved), 1 }, { WORD(reserved[12]), 1 },
		{ WORD(status.state), CONTROL_SHOWS + 1 }, { WORD(status.has), CONTROL_HAS_ALL + 1 },
		{ WORD(status.per), 0 }, { WORD(status.width), SCRIM_SIDE_MAX + 1 },
		{ WORD(status.height), SCRIM_SIDE_MAX + 1 }, { WORD(status.faces), METHOD_SHOW + 1 },
		{ WORD(status.moving), METHOD_SHOW + 1 },
		{ WORD(status.detector), DETECTOR_NONE + 1 },
		{ WORD(status.regions), POLICY_REGIONS_MAX + 1 }, { WORD(status.locked), 1 },
		{ WORD(status.undone), 1 }, { WORD(status.reserved), 1 },
		{ WORD(status.reserved[12]), 1 },
	};
	struct control_reply reply = sound_reply(CONTROL_STATUS);

	ck_assert(control_reply_is_sound(&reply, &status));
	memcpy((char *)&reply + wrong[_i].at, &wrong[_i].value, 4);
	ck_assert(!control_reply_is_sound(&reply, &status));
}
END_TEST

START_TEST(a_change_with_a_field_out_of_range_is_none)
{
	static const struct { size_t at; uint32_t value; } wrong[] = {
		{ WORD(changes.verdict), VERDICT_LOOSENS + 1 }, { WORD(changes.reserved), 1 },
		{ WORD(changes.at[0].verdict), VERDICT_LOOSENS + 1 },
		{ WORD(changes.at[CONTROL_CHANGES_MAX - 1].reserved), 1 },
		{ WORD(changes.at[CONTROL_CHANGES_MAX - 1].what), '\n' },
		{ WORD(changes.at[CONTROL_CHANGES_MAX - 1].why), 0x1b },
	};
	const struct control_request apply = { CONTROL_VERSION, CONTROL_APPLY, 0, { 0 } };
	struct control_reply reply = sound_reply(CONTROL_APPLY);

	ck_assert(control_reply_is_sound(&reply, &apply));
	memcpy((char *)&reply + wrong[_i].at, &wrong[_i].value, 4);
	ck_assert(!control_reply_is_sound(&reply, &apply));
}
END_TEST

START_TEST(a_text_without_an_end_or_with_control_characters_is_none)
{
	static const struct { size_t at, size; } texts[] = {
		{ WORD(camera), CONTROL_NAME_MAX }, { WORD(text), CONTROL_TEXT_MAX },
		{ WORD(status.why), CONTROL_TEXT_MAX }, { WORD(status.doubt), CONTROL_TEXT_MAX },
		{ WORD(status.device), CONTROL_TEXT_MAX }, { WORD(status.policy), CONTROL_TEXT_MAX },
		{ WORD(status.purpose), CONTROL_TEXT_MAX }, { WORD(status.class), CONTROL_NAME_MAX },
	};
	struct control_reply reply = sound_reply(CONTROL_STATUS);
	char *text = (char *)&reply + texts[_i].at;

	memset(text, 'a', texts[_i].size);
	ck_assert(!control_reply_is_sound(&reply, &status));
	text[texts[_i].size - 1] = '\0';
	ck_assert(control_reply_is_sound(&reply, &status));
	for (int c = 1; c < 128; c++) {
		text[0] = c;
		ck_assert_int_eq(control_reply_is_sound(&reply, &status), c >= ' ' && c != 0x7f);
	}
}
END_TEST

START_TEST(a_text_is_cut_to_fit_and_cleaned)
{
	char text[8] = "zzzzzzz";

	control_text(text, sizeof(text), "a\nb\x1b");
	ck_assert_mem_eq(text, "a?b?\0\0\0\0", 8);
	control_text(text, sizeof(text), "0123456789");
	ck_assert_str_eq(text, "0123456");
}
END_TEST

START_TEST(root_the_daemon_and_members_may_ask_and_nobody_else)
{
	struct control_peer peer = { .uid = 1000, .gid = 1000, .groups = 2, .group = { 4, 44 } };
	struct scrim_error err;

	ck_assert_int_eq(control_may(&peer, 990, 990, &err), -EACCES);
	ck_assert_ptr_nonnull(strstr(err.text, "user 1000 is not in group scrim; as root: adduser"));
	ck_assert_int_eq(control_may(&peer, 990, -1, NULL), -EACCES);
	peer.gid = -1;
	ck_assert_int_eq(control_may(&peer, 990, -1, NULL), -EACCES);
	peer.group[1] = 990;
	ck_assert_int_eq(control_may(&peer, 990, 990, NULL), 0);
	peer.groups = 1;
	ck_assert_int_eq(control_may(&peer, 990, 990, NULL), -EACCES);
	peer.gid = 990;
	ck_assert_int_eq(control_may(&peer, 990, 990, NULL), 0);
	peer = (struct control_peer){ .uid = 990 };
	ck_assert_int_eq(control_may(&peer, 990, -1, NULL), 0);
	peer = (struct control_peer){ .uid = 0, .gid = 7 };
	ck_assert_int_eq(control_may(&peer, 990, -1, NULL), 0);
}
END_TEST

START_TEST(the_kernel_says_who_asks)
{
	gid_t groups[CONTROL_GROUPS_MAX];
	int pair[2], count = getgroups(CONTROL_GROUPS_MAX, groups);
	struct control_peer peer;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(control_peer_of(&peer, pair[0], NULL), 0);
	ck_assert_int_eq(peer.fd, pair[0]);
	ck_assert_int_eq(peer.pid, getpid());
	ck_assert_uint_eq(peer.uid, geteuid());
	ck_assert_uint_eq(peer.gid, getegid());
	ck_assert_int_eq(peer.groups, count);
	for (int i = 0; i < count; i++)
		ck_assert_uint_eq(peer.group[i], groups[i]);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(who_asks_is_answered)
{
	struct control_reply reply;
	int pid = fork(), ended = 0;

	if (!pid)
		_exit(control_ask(path, &status, &reply, 5000, NULL) != 0 ||
		      strcmp(reply.text, "heard"));
	for (int i = 0; i < 500 && waitpid(pid, &ended, WNOHANG) == 0; i++) {
		turn();
		usleep(10000);
	}
	ck_assert_int_eq(ended, 0);
	ck_assert_uint_eq(answers, 1);
	ck_assert_uint_eq(places_taken(), 0);
}
END_TEST

START_TEST(silent_clients_hold_up_nobody)
{
	int silent[2 * CONTROL_CLIENTS_MAX], fd;

	for (unsigned i = 0; i < 2 * CONTROL_CLIENTS_MAX; i++) {
		silent[i] = reach();
		turn();
		now++;
	}
	ck_assert_uint_eq(places_taken(), CONTROL_CLIENTS_MAX);
	fd = reach();
	ck_assert_int_eq(send(fd, &status, sizeof(status), 0), sizeof(status));
	turn();				/* taken in */
	turn();				/* answered */
	ck_assert_int_eq(heard(fd), 0);
	close(fd);
	/* Who has waited longest made room; the one that was answered took a place as well. */
	for (unsigned i = 0; i < 2 * CONTROL_CLIENTS_MAX; i++) {
		ck_assert_int_eq(is_dropped(silent[i]), i <= CONTROL_CLIENTS_MAX);
		close(silent[i]);
	}
}
END_TEST

START_TEST(a_silent_client_is_dropped_after_a_while)
{
	int fd = reach();

	ck_assert_int_eq(control_patience(&server, now), -1);
	turn();
	ck_assert_uint_eq(places_taken(), 1);
	ck_assert_int_eq(control_patience(&server, now), CONTROL_PATIENCE_MS);
	now += CONTROL_PATIENCE_MS - 1;
	turn();
	ck_assert_uint_eq(places_taken(), 1);
	ck_assert_int_eq(control_patience(&server, now), 1);
	now++;
	ck_assert_int_eq(control_patience(&server, now + 1), 0);
	turn();
	ck_assert_uint_eq(places_taken(), 0);
	ck_assert_int_eq(control_patience(&server, now), -1);
	ck_assert(is_dropped(fd));
	close(fd);
}
END_TEST

/* Never reads; the daemon's turns come to an end all the same. */
START_TEST(a_client_that_does_not_fetch_its_reply_holds_up_nobody)
{
	int fd[64];

	for (unsigned i = 0; i < 64; i++) {
		fd[i] = reach();
		for (int n = 0; n < 3; n++)
			send(fd[i], &status, sizeof(status), MSG_DONTWAIT);
		turn();
		turn();
		ck_assert_uint_eq(places_taken(), 0);
	}
	ck_assert_uint_eq(answers, 64);
	for (unsigned i = 0; i < 64; i++)
		close(fd[i]);
}
END_TEST

START_TEST(a_stopped_client_holds_up_nobody)
{
	struct control_reply reply;
	int pid = fork(), fd;

	if (!pid) {
		fd = reach();
		send(fd, &status, sizeof(status), 0);
		raise(SIGSTOP);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
	turn();
	turn();
	ck_assert_uint_eq(answers, 1);
	ck_assert_uint_eq(places_taken(), 0);
	fd = reach();
	send(fd, &status, sizeof(status), 0);
	turn();
	turn();
	ck_assert_int_eq(recv(fd, &reply, sizeof(reply), 0), sizeof(reply));
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(what_is_no_request_is_refused_and_changes_nothing)
{
	static const size_t sizes[] = { 1, 63, 65, 4096 };
	char bytes[4096] = { CONTROL_VERSION };
	int fd = reach();

	memcpy(bytes, &status, sizeof(status));
	ck_assert_int_eq(send(fd, bytes, sizes[_i], 0), sizes[_i]);
	turn();
	turn();
	ck_assert_int_eq(heard(fd), -EINVAL);
	ck_assert_uint_eq(answers, 0);
	close(fd);
	fd = reach();
	send(fd, "", 0, 0);
	close(fd);
	turn();
	turn();
	ck_assert_uint_eq(answers, 0);
	ck_assert_uint_eq(places_taken(), 0);
}
END_TEST

/* A connection, or as root, who may always ask, less the process that made one as somebody else. */
static int reach_as_stranger(void)
{
	pid_t pid;
	int fd;

	if (geteuid()) {
		server.owner = geteuid() + 1;
		server.members = -1;
		return reach();
	}
	ck_assert_int_eq(chmod(folder, 0755) | chmod(path, 0666), 0);
	pid = fork();
	if (!pid) {
		if (setgroups(0, NULL) || setresgid(4711, 4711, 4711) || setresuid(4711, 4711, 4711))
			_exit(1);
		fd = reach();
		send(fd, &status, sizeof(status), 0);
		raise(SIGSTOP);
		_exit(heard(fd) == -EACCES ? 42 : 1);
	}
	return -pid;
}

START_TEST(who_may_not_is_refused_and_changes_nothing)
{
	int fd = reach_as_stranger(), ended = 0;

	if (fd < 0)
		ck_assert_int_eq(waitpid(-fd, NULL, WUNTRACED), -fd);
	else
		send(fd, &status, sizeof(status), 0);
	turn();
	turn();
	ck_assert_uint_eq(answers, 0);
	if (fd >= 0) {
		ck_assert_int_eq(heard(fd), -EACCES);
		return;
	}
	kill(-fd, SIGCONT);
	waitpid(-fd, &ended, 0);
	ck_assert(WIFEXITED(ended) && WEXITSTATUS(ended) == 42);
}
END_TEST

START_TEST(descriptors_that_a_client_sends_go_nowhere)
{
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } space = { { 0 } };
	struct control_request request = status;
	struct iovec iov = { &request, sizeof(request) };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &space,
				  .msg_controllen = sizeof(space) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	unsigned before = open_descriptors();
	int fd = reach();

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	ck_assert_int_eq(sendmsg(fd, &message, 0), sizeof(request));
	turn();
	turn();
	ck_assert_uint_eq(answers, 1);
	close(fd);
	ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(the_socket_is_for_its_owner_and_its_group)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFSOCK | 0660);
}
END_TEST

START_TEST(a_socket_is_taken_from_the_dead_and_not_from_the_living)
{
	struct control_server other;
	struct scrim_error err;

	ck_assert_int_eq(control_listen(&other, path, -1, &err), -EADDRINUSE);
	ck_assert_int_eq(other.fd, -1);
	close(server.fd);
	ck_assert_int_eq(access(path, F_OK), 0);
	ck_assert_int_eq(control_listen(&server, path, -1, NULL), 0);
}
END_TEST

START_TEST(what_is_no_socket_is_not_taken_away)
{
	struct control_server other;
	char file[128];
	int fd;

	snprintf(file, sizeof(file), "%s/file", folder);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_lt(control_listen(&other, file, -1, NULL), 0);
	ck_assert_int_eq(access(file, F_OK), 0);
	unlink(file);
}
END_TEST

START_TEST(one_who_does_not_answer_is_waited_for_so_long_and_no_longer)
{
	struct control_reply reply;
	struct scrim_error err;

	ck_assert_int_eq(control_ask(path, &status, &reply, 50, &err), -ETIMEDOUT);
	ck_assert_ptr_nonnull(strstr(err.text, "does not answer"));
}
END_TEST

START_TEST(one_who_does_not_run_is_told_from_one_who_never_did)
{
	struct control_reply reply;
	char none[128];

	snprintf(none, sizeof(none), "%s/none", folder);
	ck_assert_int_eq(control_ask(none, &status, &reply, 50, NULL), -ENOENT);
	close(server.fd);
	ck_assert_int_eq(control_ask(path, &status, &reply, 50, NULL), -ECONNREFUSED);
	memset(none, 'a', sizeof(none) - 1);
	none[127] = '\0';
	ck_assert_int_eq(control_ask(none, &status, &reply, 50, NULL), -ENAMETOOLONG);
	server.fd = dup(0);
}
END_TEST

Suite *control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tc = tcase_create("messages"), *sockets = tcase_create("sockets");

	tcase_add_test(tc, a_request_with_a_field_out_of_range_is_none);
	tcase_add_loop_test(tc, a_status_with_a_field_out_of_range_is_none, 0, 19);
	tcase_add_loop_test(tc, a_change_with_a_field_out_of_range_is_none, 0, 6);
	tcase_add_loop_test(tc, a_text_without_an_end_or_with_control_characters_is_none, 0, 8);
	tcase_add_test(tc, a_text_is_cut_to_fit_and_cleaned);
	tcase_add_test(tc, root_the_daemon_and_members_may_ask_and_nobody_else);
	tcase_add_test(tc, the_kernel_says_who_asks);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(sockets, begin, end);
	tcase_add_test(sockets, who_asks_is_answered);
	tcase_add_test(sockets, silent_clients_hold_up_nobody);
	tcase_add_test(sockets, a_silent_client_is_dropped_after_a_while);
	tcase_add_test(sockets, a_client_that_does_not_fetch_its_reply_holds_up_nobody);
	tcase_add_test(sockets, a_stopped_client_holds_up_nobody);
	tcase_add_loop_test(sockets, what_is_no_request_is_refused_and_changes_nothing, 0, 4);
	tcase_add_test(sockets, who_may_not_is_refused_and_changes_nothing);
	tcase_add_test(sockets, descriptors_that_a_client_sends_go_nowhere);
	tcase_add_test(sockets, the_socket_is_for_its_owner_and_its_group);
	tcase_add_test(sockets, a_socket_is_taken_from_the_dead_and_not_from_the_living);
	tcase_add_test(sockets, what_is_no_socket_is_not_taken_away);
	tcase_add_test(sockets, one_who_does_not_answer_is_waited_for_so_long_and_no_longer);
	tcase_add_test(sockets, one_who_does_not_run_is_told_from_one_who_never_did);
	suite_add_tcase(suite, sockets);
	return suite;
}
