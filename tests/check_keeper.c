// SPDX-License-Identifier: GPL-2.0
/*
 * Keepers of libcamera's cameras: what they are given, and what the program does.  That pictures of
 * a real camera arrive is shown by vm/guest/live-libcamera.
 */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/cage.h"
#include "guard/rights.h"
#include "module.h"
#include "source/drm_code.h"
#include "source/libcamera.h"
#include "source/other.h"

/* Formats. */

static const struct drm_code *code_of(uint32_t v4l2)
{
	for (unsigned i = 0; i < drm_codes_count; i++)
		if (drm_codes[i].v4l2 == v4l2)
			return &drm_codes[i];
	return NULL;
}

START_TEST(every_format_that_scrim_takes_has_its_line)
{
	static const uint32_t native[] = {
		V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_MJPEG,
	};
	unsigned others = 0;

	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(drm_codes[i].v4l2, native[i]);
	for (; other_at(others); others++)
		ck_assert_uint_eq(drm_codes[4 + others].v4l2, other_at(others));
	ck_assert_uint_eq(drm_codes_count, 4 + others);
	for (unsigned i = 0; i < drm_codes_count; i++) {
		ck_assert(drm_codes[i].drm || drm_codes[i].why);
		ck_assert_ptr_eq(code_of(drm_codes[i].v4l2), &drm_codes[i]);
		if (drm_codes[i].drm)
			ck_assert_uint_eq(drm_to_v4l2(drm_codes[i].drm), drm_codes[i].v4l2);
	}
	ck_assert_uint_eq(drm_to_v4l2(0), 0);
	ck_assert_uint_eq(drm_to_v4l2(0xffffffff), 0);
}
END_TEST

/* Each four letters that stand in a header after `before`: ('Y', 'U', 'Y', 'V') */
static bool header_has(const char *path, const char *before, uint32_t code)
{
	char line[512], a, b, c, d;
	FILE *header = fopen(path, "re");
	bool has = false;

	ck_assert_ptr_nonnull(header);
	while (!has && fgets(line, sizeof(line), header)) {
		const char *at = strstr(line, before);

		has = at && sscanf(at + strlen(before), "('%c', '%c', '%c', '%c')", &a, &b, &c, &d) == 4 &&
		      v4l2_fourcc(a, b, c, d) == code;
	}
	fclose(header);
	return has;
}

START_TEST(codes_are_those_of_the_headers)
{
	static const char drm[] = "/usr/include/libdrm/drm_fourcc.h";
	static const char libcamera[] = "/usr/include/libcamera/libcamera/formats.h";

	for (unsigned i = 0; i < drm_codes_count; i++) {
		const struct drm_code *code = &drm_codes[i];

		if (!code->drm)
			continue;
		ck_assert_msg(header_has(drm, "fourcc_code", code->drm) == !code->why, "%.4s",
			      (const char *)&code->v4l2);
		ck_assert(!code->why || header_has(libcamera, "__fourcc", code->drm));
	}
	/* Words and bytes are named from different ends. */
	ck_assert_uint_eq(code_of(V4L2_PIX_FMT_RGB24)->drm, v4l2_fourcc('B', 'G', '2', '4'));
	ck_assert_uint_eq(code_of(V4L2_PIX_FMT_BGR24)->drm, v4l2_fourcc('R', 'G', '2', '4'));
	ck_assert_uint_eq(code_of(V4L2_PIX_FMT_XBGR32)->drm, v4l2_fourcc('X', 'R', '2', '4'));
}
END_TEST

/* Nodes. */

static char sys[] = "/tmp/scrim-sys-XXXXXX";

static void run(const char *fmt, const char *a, const char *b)
{
	char command[1024];

	snprintf(command, sizeof(command), fmt, sys, a, b, sys);
	ck_assert_int_eq(system(command), 0);
}

/* A device, of a driver or of a USB camera, and a node of it. */
static void device(const char *at, const char *driver)
{
	run("cd %s && mkdir -p devices/%s drivers/%s", at, driver);
	run("cd %s && ln -sfn $PWD/drivers/%3$s devices/%2$s/driver", at, driver);
}
static void usb_device(const char *at, const char *vendor)
{
	device(at, "uvcvideo");
	run("cd %s/devices/%s/.. && echo %s >idVendor && echo 0001 >idProduct", at, vendor);
}
static void media_node(const char *at, const char *name)
{
	run("cd %s && mkdir -p devices/%s/%s bus/media/devices", at, name);
	run("cd %s && ln -s $PWD/devices/%s/%s bus/media/devices/", at, name);
}
static void video_node(const char *at, const char *name)
{
	run("cd %s && mkdir -p class/video4linux/%3$s && ln -s $PWD/devices/%2$s class/video4linux/%3$s/device",
	    at, name);
}

static bool finds(const char *id, const char *wanted)
{
	char nodes[KEEPER_NODES][KEEPER_NODE];
	unsigned count = keeper_nodes(nodes, sys, id);
	char all[1024] = "";

	for (unsigned pass = 0; pass < 10; pass++)
		for (unsigned i = 0; i < count; i++)
			if (nodes[i][strlen(nodes[i]) - 1] == (char)('0' + pass)) {
				strcat(all, nodes[i] + strlen("/dev/"));
				strcat(all, " ");
			}
	if (strcmp(all, wanted))
		printf("%s: %s, not %s\n", id ? id : "any", all, wanted);
	return !strcmp(all, wanted);
}

START_TEST(a_keeper_gets_the_nodes_of_its_camera)
{
	strcpy(sys + strlen(sys) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(sys));
	ck_assert(finds(NULL, ""));
	device("platform/scrim.0", "scrim");
	video_node("platform/scrim.0", "video0");	/* the feed */
	run("mkdir -p %s/class/video4linux/video1", "", "");	/* of no device */
	ck_assert(finds(NULL, ""));
	usb_device("usb3/3-1/3-1:1.0", "1209");
	media_node("usb3/3-1/3-1:1.0", "media2");
	video_node("usb3/3-1/3-1:1.0", "video2");
	video_node("usb3/3-1/3-1:1.0", "video3");
	usb_device("usb3/3-2.4/3-2.4:1.0", "046d");
	media_node("usb3/3-2.4/3-2.4:1.0", "media4");
	video_node("usb3/3-2.4/3-2.4:1.0", "video4");
	device("platform/isp", "rkisp1");
	media_node("platform/isp", "media5");
	video_node("platform/isp", "video5");
	device("platform/i2c/sensor", "imx219");
	video_node("platform/i2c/sensor", "v4l-subdev6");
	media_node("platform/scrim.0", "media7");
	ck_assert(finds(NULL, "media2 video2 video3 media4 video4 media5 video5 v4l-subdev6 "));
	ck_assert(finds("\\_SB_.PCI0.XHC_-1:1.0-1209:0001", "media2 video2 video3 "));
	ck_assert(finds("\\_SB_.PCI0.XHC_-2.4:1.0-046d:0001", "media4 video4 "));
	ck_assert(finds("\\_SB_.PCI0.XHC_-1:1.0-046d:0001", ""));
	ck_assert(finds("\\_SB_.PCI0.XHC_-4:1.0-046d:0001", ""));
	ck_assert(finds("/base/i2c/imx219@10", "media5 video5 v4l-subdev6 "));
	run("rm -r %s", "", "");
}
END_TEST

/* The program. */

static unsigned count_descriptors(int pid, char *highest)
{
	char path[64];
	struct dirent *entry;
	unsigned count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	ck_assert_ptr_nonnull(folder);
	*highest = '\0';
	while ((entry = readdir(folder)))
		if (*entry->d_name != '.') {
			count++;
			if (*entry->d_name > *highest)
				*highest = *entry->d_name;
		}
	closedir(folder);
	return count;
}

static ssize_t read_of(int pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

/* Until it waits to be asked, or for ten seconds. */
static bool waits(int pid, const char *program)
{
	char path[64], exe[PATH_MAX] = "", where[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	for (unsigned i = 0; i < 1000; i++) {
		n = readlink(path, exe, sizeof(exe) - 1);
		if (n > 0)
			exe[n] = '\0';
		if (n > 0 && !strcmp(strrchr(exe, '/'), strrchr(program, '/')) &&
		    read_of(pid, "syscall", where, sizeof(where)) > 0 && strtol(where, NULL, 0) == 47)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

START_TEST(nothing_of_us_is_in_a_keeper)
{
	char program[MODULE_PATH_MAX], text[65536], highest;
	struct keeper k;

	ck_assert(module_find(program, KEEPER_PROGRAM));
	setenv("SCRIM_SECRET", "not for keepers", 1);
	ck_assert_int_eq(dup2(1, 40), 40);
	ck_assert_int_eq(keeper_launch(&k, program, NULL), 0);
	close(40);
#if defined(__x86_64__)
	if (waits(k.pid, program)) {
		/* 0 to 2 and the socket. */
		ck_assert_uint_eq(count_descriptors(k.pid, &highest), 4);
		ck_assert_int_eq(highest, '3');
		ck_assert_int_gt(read_of(k.pid, "environ", text, sizeof(text)), 0);
		ck_assert_int_eq(strncmp(text, "LIBCAMERA_", 10), 0);
		ck_assert_ptr_null(memmem(text, sizeof("LIBCAMERA") * 8, "SCRIM_SECRET", 12));
	}
#endif
	keeper_stop(&k);
	ck_assert_int_eq(k.pid, 0);
	unsetenv("SCRIM_SECRET");
}
END_TEST

START_TEST(a_keeper_ends_with_who_started_it)
{
	char program[MODULE_PATH_MAX];
	int status, pid, at[2], left, socket = -1;
	struct keeper k;

	ck_assert(module_find(program, KEEPER_PROGRAM));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, at), 0);
	pid = fork();
	if (!pid) {
		if (keeper_launch(&k, program, NULL) < 0 || !waits(k.pid, program))
			_exit(1);
		if (rights_send(at[1], &k.pid, sizeof(k.pid), &k.fd, 1) < 0)
			_exit(1);
		/* Killed, so that nothing is tidied up; the socket stays with us. */
		kill(getpid(), SIGKILL);
	}
	close(at[1]);
	ck_assert_int_eq(rights_receive(at[0], &left, sizeof(left), &socket, 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	for (unsigned i = 0; i < 500 && kill(left, 0) == 0; i++) {
		char stat[256];

		if (read_of(left, "stat", stat, sizeof(stat)) > 0 && strstr(stat, ") Z "))
			break;
		poll(NULL, 0, 10);
		ck_assert_uint_lt(i, 499);
	}
	close(socket);
	close(at[0]);
}
END_TEST

START_TEST(cameras_that_are_not_there_are_not_found)
{
	struct camera camera;
	const struct camera_name name = { "libcamera:\\_SB_.PCI0.XHC_-9:1.0-ffff:ffff", "", "" };
	const struct wish any = { 0 };
	struct scrim_error err;
	int ret;

	if (SANITIZED)
		return;
	ret = camera_open(&camera, &name, &any, &err);
	ck_assert_msg(ret == -ENODEV, "%d: %s", ret, err.text);
	ck_assert_ptr_nonnull(strstr(err.text, "not there"));
	ck_assert_int_eq(camera.keeper, 0);
	ck_assert_int_eq(camera.fd, -1);
}
END_TEST

START_TEST(an_id_is_needed)
{
	struct camera camera;
	static const char *const bad[] = { "libcamera:", NULL };
	char longest[600] = "libcamera:";
	const struct wish any = { 0 }, strange = { .fourcc = V4L2_PIX_FMT_M420 };
	struct camera_name name = { bad[0], "", "" };

	ck_assert_int_eq(camera_open(&camera, &name, &any, NULL), -EINVAL);
	memset(longest + strlen(longest), 'x', 300);
	name.device = longest;
	ck_assert_int_eq(camera_open(&camera, &name, &any, NULL), -EINVAL);
	name.device = "libcamera:x";
	ck_assert_int_eq(camera_open(&camera, &name, &strange, NULL), -ENOTSUP);
	ck_assert(!camera_is_node("libcamera:x"));
}
END_TEST

START_TEST(libcamera_starts_inside_the_fence)
{
	struct shim_name names[KEEPER_NAMES];
	struct scrim_error err = { 0 };
	int ret;

	if (SANITIZED)
		return;
	ret = keeper_list(names, &err);
	ck_assert_msg(ret >= 0, "%s", err.text);
}
END_TEST

/* A camera of the tests' own, behind the real program in its real fence. */

static const char usb[] = "\\_SB_.PCI0.XHC_-1:1.0-1209:0001";

static void say_order(const struct keeper *k, int what, uint32_t id, int32_t value)
{
	const struct keeper_order order = { what, id, value };

	ck_assert_int_eq(rights_send(k->fd, &order, sizeof(order), NULL, 0), 0);
}

static void fill_one(const struct keeper *k)
{
	say_order(k, KEEPER_TURN, V4L2_CID_GAIN, 0);
}

/* The next that it shows; -1: none in 200 ms. */
static int64_t shows(const struct keeper *k, uint32_t *sequence)
{
	struct pollfd ready = { .fd = k->fd, .events = POLLIN };
	struct shim_filled filled;

	if (poll(&ready, 1, 200) <= 0)
		return -1;
	ck_assert_int_eq(rights_receive(k->fd, &filled, sizeof(filled), NULL, 0), 0);
	*sequence = filled.sequence;
	return filled.index;
}

/* As root, in a place of its own where /sys has one USB camera. */
static bool plug_into_sys(void)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", "/sys", "tmpfs", 0, NULL) == 0 &&
	       system("cd /sys && mkdir -p devices/3-1/3-1:1.0/media0 bus/media/devices &&"
		      "echo 1209 >devices/3-1/idVendor && echo 0001 >devices/3-1/idProduct &&"
		      "ln -s /sys/devices/3-1/3-1:1.0/media0 bus/media/devices/") == 0;
}

static void start_keeper(struct keeper *k)
{
	struct keeper_ask ask = { .width = 300, .height = 200, .drm = { 1, V4L2_PIX_FMT_YUYV } };
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	ck_assert_int_gt(n, 0);
	program[n] = '\0';
	strcpy(strrchr(program, '/'), "/keeper");
	strcat(program, strrchr("/" KEEPER_PROGRAM, '/'));
	strcpy(ask.id, usb);
	ck_assert_int_eq(keeper_launch(k, program, NULL), 0);
	ck_assert_int_eq(rights_send(k->fd, &ask, sizeof(ask), NULL, 0), 0);
}

static void take_camera(const struct keeper *k)
{
	struct keeper_told told;
	struct keeper_buffer buffer;
	struct stat st;
	int fds[SHIM_PLANES];

	ck_assert_int_eq(rights_receive(k->fd, &told, sizeof(told), NULL, 0), 0);
	ck_assert_msg(told.ret == SHIM_BUFFERS, "%d: %s", told.ret, told.why);
	ck_assert_uint_eq(told.follow, SHIM_BUFFERS);
	/* The closest of those that are even. */
	ck_assert_uint_eq(told.frames.width, 320);
	ck_assert_uint_eq(told.frames.height, 240);
	ck_assert_uint_eq(told.controls, 1);
	for (unsigned i = 0; i < SHIM_BUFFERS; i++) {
		/* One descriptor for both planes. */
		ck_assert_int_eq(rights_receive(k->fd, &buffer, sizeof(buffer), fds, SHIM_PLANES), 1);
		ck_assert_uint_eq(buffer.planes, 2);
		ck_assert_uint_eq(buffer.plane[1].at, 0);
		ck_assert_uint_eq(buffer.plane[1].offset, 4096);
		ck_assert_int_eq(fstat(fds[0], &st), 0);
		ck_assert_int_eq(st.st_size, 8192 + i);
		close(fds[0]);
	}
}

START_TEST(a_keeper_shows_what_is_asked_for)
{
	struct keeper k;
	uint32_t sequence;
	char line[64];
	int status;

	if (SANITIZED || !plug_into_sys())
		return;
	start_keeper(&k);
	take_camera(&k);
	say_order(&k, KEEPER_GIVE_BACK, 0, 0);		/* it is off */
	say_order(&k, KEEPER_START, 0, 0);
	ck_assert_int_eq(shows(&k, &sequence), -1);
	fill_one(&k);
	ck_assert_int_eq(shows(&k, &sequence), 0);
	/* Nobody asks for these, of which the first goes back. */
	fill_one(&k);
	fill_one(&k);
	ck_assert_int_eq(shows(&k, &sequence), -1);
	/* That was long ago: the next. */
	say_order(&k, KEEPER_GIVE_BACK, 0, 0);
	ck_assert_int_eq(shows(&k, &sequence), -1);
	fill_one(&k);
	ck_assert_int_eq(shows(&k, &sequence), 0);
	ck_assert_uint_eq(sequence, 3);
	/* And this one is young. */
	fill_one(&k);
	poll(NULL, 0, 5);
	say_order(&k, KEEPER_GIVE_BACK, 0, 0);
	ck_assert_int_eq(shows(&k, &sequence), 1);
	ck_assert_uint_eq(sequence, 4);
	/* A worker that lies is told nothing, and the log a line. */
	say_order(&k, KEEPER_GIVE_BACK, 7, 0);
	ck_assert_int_eq(shows(&k, &sequence), -1);
	ck_assert(keeper_said(k.said, line, sizeof(line)));
	ck_assert_str_eq(line, "buffer 7 is here");
	say_order(&k, KEEPER_TURN, V4L2_CID_GAIN, -1);
	ck_assert_int_eq(shows(&k, &sequence), SHIM_GONE);
	/* It ends by itself when nobody has the other end. */
	close(k.fd);
	k.fd = -1;
	ck_assert_int_eq(waitpid(k.pid, &status, 0), k.pid);
	ck_assert_int_eq(status, 0);
	k.pid = 0;
	keeper_stop(&k);
}
END_TEST

/* What it says of itself goes into a log of ours. */
START_TEST(lines_of_a_keeper_are_bounded_and_clean)
{
	char line[16];
	int said[2];

	ck_assert_int_eq(pipe2(said, O_NONBLOCK | O_CLOEXEC), 0);
	ck_assert(!keeper_said(said[0], line, sizeof(line)));
	ck_assert_int_eq(write(said[1], "one\n\033[2Jtwo two two two two two\nx", 33), 33);
	ck_assert(keeper_said(said[0], line, sizeof(line)));
	ck_assert_str_eq(line, "one");
	ck_assert(keeper_said(said[0], line, sizeof(line)));
	ck_assert_str_eq(line, "?[2Jtwo two two");
	ck_assert(keeper_said(said[0], line, sizeof(line)));
	ck_assert_str_eq(line, "x");
	ck_assert(!keeper_said(said[0], line, sizeof(line)));
	close(said[0]);
	close(said[1]);
}
END_TEST

Suite *keeper_suite(void)
{
	Suite *suite = suite_create("keeper");
	TCase *c = tcase_create("keeper");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, every_format_that_scrim_takes_has_its_line);
	tcase_add_test(c, codes_are_those_of_the_headers);
	tcase_add_test(c, a_keeper_gets_the_nodes_of_its_camera);
	tcase_add_test(c, nothing_of_us_is_in_a_keeper);
	tcase_add_test(c, a_keeper_ends_with_who_started_it);
	tcase_add_test(c, cameras_that_are_not_there_are_not_found);
	tcase_add_test(c, an_id_is_needed);
	tcase_add_test(c, libcamera_starts_inside_the_fence);
	tcase_add_test(c, a_keeper_shows_what_is_asked_for);
	tcase_add_test(c, lines_of_a_keeper_are_bounded_and_clean);
	suite_add_tcase(suite, c);
	return suite;
}
