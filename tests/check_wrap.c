// SPDX-License-Identifier: GPL-2.0
/*
 * What scrim run makes of an open, and the little that it tells of a camera.  That raw ones
 * cannot be opened is the kernel's word: tests/run/wrap.sh.
 */
#include "test.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/rights.h"
#include "wrap/comfort.h"
#include "wrap/confine.h"
#include "wrap/judge.h"

static const struct supervised supervised = {
	.listener = -1, .root = -1, .node = "/none/such", .names = 2,
	.name = { "/dev/video40", "/dev/v4l/by-id/porch" },
	.camera = { .node = "video40", .label = "scrim: porch" },
};
static struct supervised s;

static void set_up(void)
{
	s = supervised;
	s.camera.device = makedev(V4L_MAJOR, 40);
}

START_TEST(what_shows_a_picture_is_raw_by_its_name)
{
	static const char *const raw[] = {
		"video0", "video63", "media1", "v4l-subdev2", "v4l-touch0", "vbi0", "swradio0",
		"radio0", "fw0", "vchiq", "bus",
	};
	static const char *const others[] = {
		"null", "tty", "snd", "v4l", "dri", "fuse", "vhost-net", "busy", "shm", "pts",
		"zero", "watchdog",
	};

	for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++)
		ck_assert_msg(confine_is_raw(raw[i]), "%s", raw[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!confine_is_raw(others[i]), "%s", others[i]);
}
END_TEST

START_TEST(what_is_in_a_raw_folder_is_raw)
{
	static const char *const raw[] = { "/dev/video0", "/dev/bus", "/dev/bus/usb/001/002" };
	static const char *const others[] = {
		"/dev/null", "/dev/busy/usb", "/dev/v4l/video0", "/home/dev/bus", "/dev/", "",
	};

	for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++)
		ck_assert_msg(confine_is_raw_path(raw[i]), "%s", raw[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!confine_is_raw_path(others[i]), "%s", others[i]);
}
END_TEST

START_TEST(a_path_has_one_form)
{
	static const char *const paths[][2] = {
		{ "/dev/video0", "/dev/video0" }, { "//dev///video0", "/dev/video0" },
		{ "/dev/./video0", "/dev/video0" }, { "/./dev/././/video0", "/dev/video0" },
		{ "/dev/video0/", "/dev/video0/" }, { "/dev/video0/.", "/dev/video0" },
		{ "/dev/.video0", "/dev/.video0" }, { "/dev/../dev/video0", "/dev/../dev/video0" },
		{ "/", "/" }, { "", "" }, { "/.", "" }, { "./video0", "./video0" },
		{ "/dev/..", "/dev/.." }, { "/dev/v./a", "/dev/v./a" },
	};
	char path[64];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		strcpy(path, paths[i][0]);
		judge_simplify(path);
		ck_assert_str_eq(path, paths[i][1]);
	}
}
END_TEST

START_TEST(its_names_are_the_camera_and_like_ones_are_not)
{
	char fact[FACT_MAX];

	ck_assert_int_eq(judge_open(&s, "/dev/video40", O_RDWR, fact), VERDICT_CAMERA);
	ck_assert_int_eq(judge_open(&s, "/dev/video40", O_RDONLY | O_NONBLOCK, fact), VERDICT_CAMERA);
	ck_assert_int_eq(judge_open(&s, "/dev/v4l/by-id/porch", O_RDWR, fact), VERDICT_CAMERA);
	ck_assert_int_eq(judge_open(&s, "/dev/video4", O_RDWR, fact), VERDICT_KERNEL);
	ck_assert_int_eq(judge_open(&s, "/dev/video400", O_RDWR, fact), VERDICT_KERNEL);
	ck_assert_int_eq(judge_open(&s, "/dev/null", O_RDWR, fact), VERDICT_KERNEL);
	s.names = 0;
	ck_assert_int_eq(judge_open(&s, "/dev/video40", O_RDWR, fact), VERDICT_KERNEL);
}
END_TEST

/* With such a descriptor nothing can be read, and with the camera's nobody could look around. */
START_TEST(who_only_wants_a_place_gets_the_kernels)
{
	char fact[FACT_MAX];

	ck_assert_int_eq(judge_open(&s, "/dev/video40", O_PATH, fact), VERDICT_KERNEL);
	ck_assert_int_eq(judge_open(&s, "/dev/video40", O_DIRECTORY, fact), VERDICT_KERNEL);
	ck_assert_int_eq(judge_open(&s, "/sys/class/video4linux/video40/name", O_PATH, fact),
			 VERDICT_KERNEL);
}
END_TEST

START_TEST(sysfs_says_what_it_would_of_this_camera_alone)
{
	static const char *const facts[][2] = {
		{ "/sys/class/video4linux/video40/name", "scrim: porch\n" },
		{ "/sys/class/video4linux/video40/dev", "81:40\n" },
		{ "/sys/dev/char/81:40/dev", "81:40\n" },
		{ "/sys/dev/char/81:40/index", "0\n" },
		{ "/sys/dev/char/81:40/uevent", "MAJOR=81\nMINOR=40\nDEVNAME=video40\n" },
	};
	static const char *const none[] = {
		"/sys/class/video4linux/video4/name", "/sys/class/video4linux/video40",
		"/sys/class/video4linux/video40/device", "/sys/dev/char/81:4/dev",
		"/sys/dev/char/81:400/dev", "/sys/dev/block/81:40/dev", "/sys/class/video4linux/",
		"/sys/class/video4linux/video40/name/",
	};
	char fact[FACT_MAX];

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		ck_assert_int_eq(judge_open(&s, facts[i][0], O_RDONLY, fact), VERDICT_FACT);
		ck_assert_str_eq(fact, facts[i][1]);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_int_eq(judge_open(&s, none[i], O_RDONLY, fact), VERDICT_KERNEL);
}
END_TEST

/* A text that is too long for its place ends with it. */
START_TEST(a_fact_stays_within_its_place)
{
	char text[8];

	memset(text, 'x', sizeof(text));
	ck_assert(sysfs_read(&s.camera, "/sys/dev/char/81:40/uevent", text, 4));
	ck_assert_mem_eq(text, "MAJ\0xxxx", 8);
}
END_TEST

/* Under any name, wherever it is: the number says what it is. */
START_TEST(a_node_is_known_by_its_number)
{
	char folder[] = "/tmp/scrim-test-XXXXXX", ours[64], other[64], block[64], fact[FACT_MAX];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(ours, sizeof(ours), "%s/ours", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	snprintf(block, sizeof(block), "%s/block", folder);
	if (mknod(ours, S_IFCHR | 0600, makedev(V4L_MAJOR, 40)) == 0) {
		ck_assert_int_eq(mknod(other, S_IFCHR | 0600, makedev(V4L_MAJOR, 41)), 0);
		ck_assert_int_eq(mknod(block, S_IFBLK | 0600, makedev(V4L_MAJOR, 41)), 0);
		ck_assert_int_eq(judge_open(&s, ours, O_RDWR, fact), VERDICT_CAMERA);
		ck_assert_int_eq(judge_open(&s, other, O_RDWR, fact), VERDICT_REFUSE);
		ck_assert_int_eq(judge_open(&s, block, O_RDWR, fact), VERDICT_KERNEL);
	}
	unlink(ours);
	unlink(other);
	unlink(block);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* A child asks for what a test wants opened, and says with what it came back. */

static int (*ask)(void);

static void confined(int to)
{
	struct scrim_error err;
	int listener = confine(true, &err);

	if (listener < 0 || rights_send(to, "", 1, &listener, 1) < 0)
		_exit(200);
	close(listener);
	_exit(ask());
}

/* What the child's question came to; the supervisor has no session to give. */
static int outcome(int (*question)(void))
{
	int ends[2], status, ret = 0;
	struct scrim_error err;
	char byte;
	pid_t pid;

	ask = question;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	pid = fork();
	if (!pid)
		confined(ends[1]);
	close(ends[1]);
	ck_assert_int_eq(rights_receive(ends[0], &byte, 1, &s.listener, 1), 1);
	while (ret >= 0 && waitpid(pid, &status, WNOHANG) == 0) {
		struct pollfd ready = { .fd = s.listener, .events = POLLIN };

		if (poll(&ready, 1, 20) > 0 && ready.revents & POLLIN)
			ret = supervise(&s, &err);
	}
	close(ends[0]);
	close(s.listener);
	ck_assert_int_eq(ret, 0);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool says(int fd, const char *text)
{
	char got[64] = "";

	return fd >= 0 && read(fd, got, sizeof(got) - 1) > 0 && !strcmp(got, text);
}

#define INDEX	"/sys/class/video4linux/video40/index"

static int by_open(void)
{
#ifdef __NR_open
	return says(syscall(__NR_open, INDEX, O_RDONLY), "0\n");
#else
	return 1;
#endif
}

static int by_openat(void)
{
	return says(syscall(__NR_openat, AT_FDCWD, INDEX, O_RDONLY), "0\n");
}

static int by_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	return says(syscall(__NR_openat2, AT_FDCWD, INDEX, &how, sizeof(how)), "0\n");
}

static int by_a_working_directory(void)
{
	return chdir("/sys") == 0 && says(open("class/video4linux/video40/index", O_RDONLY), "0\n");
}

static int by_a_directory(void)
{
	int dir = open("/sys/class", O_RDONLY | O_DIRECTORY);

	return says(openat(dir, "video4linux//./video40/index", O_RDONLY), "0\n");
}

/* The path goes on in the next page, or ends with the last. */
static int by_the_end_of_memory(void)
{
	char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	char *over = pages + 4096 - 10, *last = pages + 2 * 4096 - sizeof(INDEX);

	munmap(pages + 2 * 4096, 4096);
	strcpy(over, INDEX);
	strcpy(last, INDEX);
	return says(open(over, O_RDONLY), "0\n") && says(open(last, O_RDONLY), "0\n");
}

static int cannot_be_written(void)
{
	int fd = open(INDEX, O_RDWR);

	return fd >= 0 && write(fd, "1", 1) < 0 && ftruncate(fd, 0) < 0;
}

static int closes_on_exec(void)
{
	return fcntl(open(INDEX, O_RDONLY | O_CLOEXEC), F_GETFD) == FD_CLOEXEC &&
	       fcntl(open(INDEX, O_RDONLY), F_GETFD) == 0;
}

static int nothing_else_changes(void)
{
	int fd = open("/dev/null", O_WRONLY);

	return fd >= 0 && write(fd, "x", 1) == 1 &&
	       open("/none", O_RDONLY) < 0 && errno == ENOENT &&
	       syscall(__NR_openat, AT_FDCWD, NULL, O_RDONLY) < 0 && errno == EFAULT;
}

/* The one that it would get is not there. */
static int gets_no_camera(void)
{
	return open("/dev/video40", O_RDWR) < 0 && errno == ENOENT;
}

START_TEST(an_open_is_answered_however_it_is_made)
{
	static int (*const questions[])(void) = {
		by_open, by_openat, by_openat2, by_a_working_directory, by_a_directory,
		by_the_end_of_memory, cannot_be_written, closes_on_exec, nothing_else_changes,
		gets_no_camera,
	};

	ck_assert_int_eq(outcome(questions[_i]), 1);
}
END_TEST

static const char *driver;

static int says_driver(int fd, unsigned long request, void *argument)
{
	struct v4l2_capability *cap = argument;

	strcpy((char *)cap->driver, driver);
	return request == VIDIOC_QUERYCAP ? 0 : -ENOTTY;
}

static int gets_what_is_there(void)
{
	int fd = open("/dev/video40", O_RDWR);

	return fd >= 0 ? 1 : errno == ENODEV ? 2 : 0;
}

/* /dev/null has the path of the scrim camera's node. */
START_TEST(only_the_scrim_camera_that_was_chosen_is_handed_out)
{
	const struct {
		const char *driver;
		dev_t noted;
		int comes;
	} cases[] = {
		{ "scrim", makedev(1, 3), 1 },
		{ "uvcvideo", makedev(1, 3), 2 },
		{ "scrimmage", makedev(1, 3), 2 },
		{ "scrim", makedev(V4L_MAJOR, 40), 2 },
	};

	s.node = "/dev/null";
	s.noted = cases[_i].noted;
	driver = cases[_i].driver;
	test_nodes = says_driver;
	ck_assert_int_eq(outcome(gets_what_is_there), cases[_i].comes);
	test_nodes = NULL;
}
END_TEST

static int types(void)
{
	char byte = 'x';

	return syscall(__NR_ioctl, 0, 0x5412, &byte) < 0 && errno == EPERM &&	/* TIOCSTI */
	       syscall(__NR_ioctl, 0, 0x541c, &byte) < 0 && errno == EPERM &&	/* TIOCLINUX */
	       syscall(__NR_ioctl, -1, 0x5413, &byte) < 0 && errno == EBADF;
}

static int makes_nodes(void)
{
	char path[64];
	int made;

	snprintf(path, sizeof(path), "/tmp/scrim-test-node-%d", getpid());
	made = mknod(path, S_IFCHR | 0600, makedev(V4L_MAJOR, 0));
	if (made < 0)
		return !confine_landlock() || errno == EACCES;
	unlink(path);
	return !confine_landlock();
}

static int signals_outside(void)
{
	return confine_landlock() < 6 || (kill(getppid(), 0) < 0 && errno == EPERM);
}

static int supervises(void)
{
	struct scrim_error err;

	return confine(true, &err) == -EBUSY;
}

static int gains_privileges(void)
{
	char status[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY);

	return read(fd, status, sizeof(status) - 1) > 0 && strstr(status, "NoNewPrivs:\t1\n");
}

START_TEST(what_is_confined_stays_so)
{
	static int (*const questions[])(void) = {
		types, makes_nodes, signals_outside, supervises, gains_privileges,
	};

	ck_assert_int_eq(outcome(questions[_i]), 1);
}
END_TEST

START_TEST(a_raw_camera_that_is_open_is_closed)
{
	static const unsigned majors[] = { V4L_MAJOR, 189 };	/* and USB devices */
	char folder[] = "/tmp/scrim-test-XXXXXX", path[64];
	int null, raw, status;
	pid_t pid;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/node", folder);
	/* O_PATH opens what there is no driver for, and fstat() says the same of it. */
	if (mknod(path, S_IFCHR | 0600, makedev(majors[_i], 0)) == 0) {
		pid = fork();
		if (!pid) {
			null = open("/dev/null", O_RDONLY);
			raw = open(path, O_PATH);
			confine_close_raw();
			_exit(raw >= 0 && fcntl(raw, F_GETFD) < 0 && fcntl(null, F_GETFD) >= 0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(WEXITSTATUS(status), 1);
	}
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(programs_are_told_of_the_camera_by_words)
{
	unsetenv("LD_PRELOAD");
	setenv(COMFORT_CAMERA, "old", 1);
	comfort(&s);
	if (!getenv("LD_PRELOAD"))
		return;			/* the object was not built */
	ck_assert_str_eq(getenv(COMFORT_CAMERA), "81\n40\n/dev/video40\n/dev/v4l/by-id/porch");
	ck_assert_ptr_nonnull(strstr(getenv("LD_PRELOAD"), COMFORT_MODULE));
	setenv("LD_PRELOAD", "/other.so", 1);
	comfort(&s);
	ck_assert_ptr_nonnull(strstr(getenv("LD_PRELOAD"), COMFORT_MODULE ":/other.so"));
}
END_TEST

Suite *wrap_suite(void)
{
	Suite *suite = suite_create("wrap");
	TCase *tcase = tcase_create("judge");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, what_shows_a_picture_is_raw_by_its_name);
	tcase_add_test(tcase, what_is_in_a_raw_folder_is_raw);
	tcase_add_test(tcase, a_path_has_one_form);
	tcase_add_test(tcase, its_names_are_the_camera_and_like_ones_are_not);
	tcase_add_test(tcase, who_only_wants_a_place_gets_the_kernels);
	tcase_add_test(tcase, sysfs_says_what_it_would_of_this_camera_alone);
	tcase_add_test(tcase, a_fact_stays_within_its_place);
	tcase_add_test(tcase, a_node_is_known_by_its_number);
	tcase_add_loop_test(tcase, an_open_is_answered_however_it_is_made, 0, 10);
	tcase_add_loop_test(tcase, only_the_scrim_camera_that_was_chosen_is_handed_out, 0, 4);
	tcase_add_loop_test(tcase, what_is_confined_stays_so, 0, 5);
	tcase_add_loop_test(tcase, a_raw_camera_that_is_open_is_closed, 0, 2);
	tcase_add_test(tcase, programs_are_told_of_the_camera_by_words);
	suite_add_tcase(suite, tcase);
	return suite;
}
