// SPDX-License-Identifier: GPL-2.0
/*
 * A session as a program has it, by the kernel's own calls on its file: the program is a
 * child, this process serves, and feeds when the child asks for it.
 */
#include "test.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media.h"
#include "session/calls.h"

/* Not a whole number of pages; half a second from picture to picture, so that time is no matter. */
#define WIDTH	80u
#define HEIGHT	32u
#define BYTES	(WIDTH * HEIGHT * 2)
#define BUFFERS	3u
#define CAPTURE	V4L2_BUF_TYPE_VIDEO_CAPTURE
#define OLD_MS	2200			/* who stood still so long has overslept */

/* What a child asks for. */
#define PICTURE	'p'			/* and its number: one is put */
#define CUT	'c'
#define SLEEP	's'			/* stand still */
#define OTHER	'o'			/* one of a format that nobody wants */
#define LOSE	'l'			/* pictures in all slots, of which nobody is told */
#define KILL	'k'			/* the storer */
#define END	'e'			/* the session */

static struct session *session;
static struct feed feed;
static struct sink *sink;
static int root, out, fd;
static uint8_t *at[BUFFERS];
static bool none;			/* no FUSE here, or it is not for this user */

static void set_up(void)
{
	const struct session_frames frames = {
		.fourcc = V4L2_PIX_FMT_YUYV, .width = WIDTH, .height = HEIGHT,
		.interval = { 1, 2 },
	};
	struct device_pictures pictures;
	struct scrim_error err;
	int ret;

	session_pictures(&pictures, "porch", &frames);
	ret = session_new(&session, &pictures, &err);
	none = ret == -ENODEV || ret == -ENOENT || ret == -EPERM;
	if (none)
		return;
	ck_assert_msg(ret == 0, "%s", err.text);
	session_feed(session, &feed);
	ck_assert_int_eq(feed_sink(&sink, &feed, NULL), 0);
}

static void tear_down(void)
{
	if (none)
		return;
	sink_free(&sink);
	feed_close(&feed);
	session_free(&session);
}

/* The child's side */

#define NEED(what) do {								\
	if (!(what)) {								\
		fprintf(stderr, "line %d: %s: %s\n", __LINE__, #what, strerror(errno)); \
		_exit(1);							\
	}									\
} while (0)

static void demand(char what, uint8_t number)
{
	char both[2] = { what, number }, done;

	NEED(write(out, both, 2) == 2 && read(out, &done, 1) == 1);
}

static int stream(bool on)
{
	int type = CAPTURE;

	return ioctl(fd, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &type);
}

static int queue(unsigned index)
{
	struct v4l2_buffer buf = { .index = index, .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };

	return ioctl(fd, VIDIOC_QBUF, &buf);
}

static int take(struct v4l2_buffer *buf)
{
	*buf = (struct v4l2_buffer){ .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };
	return ioctl(fd, VIDIOC_DQBUF, buf);
}

static void have_buffers(void)
{
	struct v4l2_requestbuffers request = {
		.count = BUFFERS, .type = CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_buffer buf = { .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };

	NEED(ioctl(fd, VIDIOC_REQBUFS, &request) == 0 && request.count == BUFFERS);
	for (buf.index = 0; buf.index < BUFFERS; buf.index++) {
		NEED(ioctl(fd, VIDIOC_QUERYBUF, &buf) == 0 && buf.length == BYTES);
		at[buf.index] = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
				     buf.m.offset);
		NEED(at[buf.index] != MAP_FAILED);
	}
}

static void start(int flags)
{
	fd = mount_open(root, O_RDWR | flags);
	NEED(fd >= 0);
	have_buffers();
	for (unsigned i = 0; i < BUFFERS; i++)
		NEED(queue(i) == 0);
	NEED(stream(true) == 0);
}

static void leave(void)
{
	for (unsigned i = 0; i < BUFFERS; i++)
		munmap(at[i], BYTES);
	close(fd);
}

static bool is_picture(const uint8_t *bytes, unsigned number)
{
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT, number, false, 0);
	const struct frame *frame = clean_frame_view(clean);
	bool same = true;

	for (unsigned y = 0; y < HEIGHT; y++)
		same &= !memcmp(bytes + y * WIDTH * 2, frame->plane[0] + y * frame->stride[0],
				WIDTH * 2);
	clean_frame_free(&clean);
	return same;
}

/* Luma 16, chroma 128; or zero, where nothing was ever stored. */
static bool is_black(const uint8_t *bytes)
{
	for (unsigned i = 0; i < BYTES; i++)
		if (bytes[i] && bytes[i] != (i % 2 ? 128 : 16))
			return false;
	return true;
}

static void wait_for_picture(void)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	NEED(poll(&ready, 1, 20000) == 1 && ready.revents == POLLIN);
}

/* The parent's side */

static void feed_one(uint8_t number)
{
	struct clean_frame *clean = media_clean(V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT, number, false,
						session_now_ns());

	ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
	clean_frame_free(&clean);
}

static void feed_another(void)
{
	const struct ring_picture other = { .slot = 0, .fourcc = V4L2_PIX_FMT_YUV420 };

	ck_assert_int_eq(write(feed.fd, &other, sizeof(other)), sizeof(other));
}

static void lose_all(void)
{
	struct ring_picture lost;

	for (unsigned i = 0; i < RING_SLOTS; i++)
		feed_one(i);
	for (unsigned i = 0; i < RING_SLOTS; i++)
		ck_assert_int_eq(recv(session->ring.ends[1], &lost, sizeof(lost), 0), sizeof(lost));
}

static void obey(char what, uint8_t number)
{
	switch (what) {
	case PICTURE:
		feed_one(number);
		break;
	case CUT:
		ck_assert_int_eq(feed_cut(&feed, NULL), 0);
		break;
	case SLEEP:
		usleep(OLD_MS * 1000);
		break;
	case OTHER:
		feed_another();
		break;
	case LOSE:
		lose_all();
		break;
	case KILL:
		kill(session->storer.child.pid, SIGKILL);
		break;
	case END:
		session_free(&session);
		break;
	}
}

/* Of what is the parent's the child has the mount's root only. */
static void child(int to, int (*program)(void))
{
	root = dup2(session_root(session), 100);
	out = dup2(to, 101);
	close_range(3, 99, 0);
	close_range(102, ~0u, 0);
	_exit(program() ? 0 : 1);
}

/* Serves until the child ends; how the session did. */
static int serve(int (*program)(void))
{
	struct pollfd polls[SESSION_FDS + 1];
	int ends[2], status, ret = 0;
	char said[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	pid = fork();
	if (!pid)
		child(ends[1], program);
	close(ends[1]);
	for (;;) {
		int64_t until = session ? session_wait(session, polls) : -1;
		int ms = until < 0 ? 1000 : (until - session_now_ns()) / 1000000 + 1;

		for (unsigned i = 0; i < SESSION_FDS && !session; i++)
			polls[i].fd = -1;
		polls[SESSION_FDS] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
		poll(polls, SESSION_FDS + 1, ms < 0 ? 0 : ms);
		if (session)
			ret = session_serve(session, polls, NULL);
		if (ret < 0)
			session_free(&session);
		if (!polls[SESSION_FDS].revents)
			continue;
		if (read(ends[0], said, 2) != 2)
			break;
		obey(said[0], said[1]);
		ck_assert_int_eq(write(ends[0], "", 1), 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the program fails");
	close(ends[0]);
	return ret;
}

/* Programs */

static int streams(void)
{
	struct v4l2_buffer buf;

	start(0);
	/* More than there are slots and buffers. */
	for (unsigned number = 0; number < 12; number++) {
		demand(PICTURE, number);
		wait_for_picture();
		NEED(take(&buf) == 0 && buf.bytesused == BYTES && buf.sequence == number);
		NEED(is_picture(at[buf.index], number));
		/* What is scribbled into it is not seen again. */
		memset(at[buf.index], 0xab, BYTES);
		NEED(queue(buf.index) == 0);
	}
	return 1;
}

START_TEST(a_program_gets_every_picture_as_it_is)
{
	if (!none)
		ck_assert_int_eq(serve(streams), 0);
}
END_TEST

static int waits(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(PICTURE, 7);
	NEED(take(&buf) == 0 && is_picture(at[buf.index], 7) && queue(buf.index) == 0);
	/* Nobody feeds: it is black that comes. */
	NEED(take(&buf) == 0 && is_black(at[buf.index]) && buf.sequence == 1);
	return 1;
}

START_TEST(a_call_that_waits_is_answered_and_silence_is_black)
{
	if (!none)
		ck_assert_int_eq(serve(waits), 0);
}
END_TEST

static void interrupted(int signal)
{
}

static int changes_its_flags(void)
{
	const struct sigaction act = { .sa_handler = interrupted };
	const struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct v4l2_buffer buf;
	int first = mount_open(root, O_RDWR), copy;

	start(O_NONBLOCK);
	NEED(take(&buf) < 0 && errno == EAGAIN);
	sigaction(SIGALRM, &act, NULL);
	NEED(fcntl(fd, F_SETFL, 0) == 0);
	NEED(stream(false) == 0 && queue(0) == 0 && stream(true) == 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	NEED(take(&buf) < 0 && errno == EINTR);
	/* Of two that are open, and of two descriptors of one. */
	copy = dup(fd);
	NEED(fcntl(first, F_SETFL, O_NONBLOCK) == 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	NEED(take(&buf) < 0 && errno == EINTR);
	NEED(fcntl(copy, F_SETFL, O_NONBLOCK) == 0);
	NEED(take(&buf) < 0 && errno == EAGAIN);
	return 1;
}

START_TEST(whether_it_waits_is_as_the_program_set_it_last)
{
	if (!none)
		ck_assert_int_eq(serve(changes_its_flags), 0);
}
END_TEST

/* Who moves in the file is not found in /proc any more. */
static int is_not_found(void)
{
	const struct sigaction act = { .sa_handler = interrupted };
	const struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct v4l2_buffer buf;

	sigaction(SIGALRM, &act, NULL);
	start(O_NONBLOCK);
	NEED(lseek(fd, 0, SEEK_SET) == 0 && take(&buf) < 0 && errno == EAGAIN);
	leave();
	start(0);
	NEED(lseek(fd, 0, SEEK_SET) == 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	NEED(take(&buf) < 0 && errno == EINTR);
	return 1;
}

START_TEST(where_nobody_may_look_it_is_as_it_was_opened)
{
	if (!none)
		ck_assert_int_eq(serve(is_not_found), 0);
}
END_TEST

static int has_company(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(PICTURE, 5);
	NEED(take(&buf) == 0 && is_picture(at[buf.index], 5));
	NEED(close(mount_open(root, O_RDWR)) == 0 && close(mount_open(root, O_RDONLY)) == 0);
	NEED(is_picture(at[buf.index], 5));
	return 1;
}

START_TEST(a_picture_stays_when_others_open_the_camera)
{
	if (!none)
		ck_assert_int_eq(serve(has_company), 0);
}
END_TEST

/* Before any picture was stored. */
static int touches_first(void)
{
	fd = mount_open(root, O_RDWR);
	have_buffers();
	for (unsigned i = 0; i < BUFFERS; i++)
		NEED(!at[i][0] && !at[i][BYTES - 1]);
	leave();
	return 1;
}

START_TEST(a_buffer_is_there_as_soon_as_it_is_mapped)
{
	if (!none)
		ck_assert_int_eq(serve(touches_first), 0);
}
END_TEST

static int waits_for_an_event(void)
{
	struct v4l2_event_subscription sub = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_PRIVACY };
	struct v4l2_control shut = { V4L2_CID_PRIVACY, 1 };
	struct pollfd ready = { .events = POLLPRI };
	struct v4l2_event event;
	int other = mount_open(root, O_RDWR | O_NONBLOCK);

	fd = mount_open(root, O_RDWR);
	NEED(ioctl(other, VIDIOC_SUBSCRIBE_EVENT, &sub) == 0);
	NEED(ioctl(other, VIDIOC_DQEVENT, &event) < 0 && errno == ENOENT);
	NEED(fcntl(other, F_SETFL, 0) == 0 && fcntl(other, F_SETFL, O_NONBLOCK) == 0);
	if (fork() == 0) {
		usleep(100000);
		NEED(ioctl(fd, VIDIOC_S_CTRL, &shut) == 0);
		_exit(0);
	}
	ready.fd = other;
	/* It does not stream, which is an error besides. */
	while (poll(&ready, 1, 20000) == 1 && !(ready.revents & POLLPRI))
		usleep(10000);
	NEED(ready.revents & POLLPRI);
	NEED(ioctl(other, VIDIOC_DQEVENT, &event) == 0 && event.u.ctrl.value == 1);
	return 1;
}

START_TEST(who_subscribed_is_woken_by_an_event)
{
	if (!none)
		ck_assert_int_eq(serve(waits_for_an_event), 0);
}
END_TEST

static int tries(void)
{
	struct v4l2_ext_control one = { .id = V4L2_CID_PRIVACY, .value = 1 };
	struct v4l2_ext_controls all = { .count = 1, .controls = &one };
	struct v4l2_capability cap;
	char bytes[64] = "";
	struct stat st;

	fd = mount_open(root, O_RDWR);
	NEED(fd >= 0 && fstat(fd, &st) == 0);
	NEED(S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0600 && st.st_uid == geteuid());
	NEED(st.st_size == (off_t)(DEVICE_HEAD + DEVICE_MEMORY_MAX));
	NEED(ioctl(fd, VIDIOC_QUERYCAP, &cap) == 0 && !strcmp((char *)cap.card, "scrim: porch"));
	NEED(ioctl(fd, VIDIOC_QUERYCAP, NULL) < 0 && errno == EFAULT);
	NEED(ioctl(fd, VIDIOC_G_STD, bytes) < 0 && errno == ENOTTY);
	NEED(ioctl(fd, _IOWR('V', 0, char[300]), bytes) < 0 && errno == ENOTTY);
	/* Behind a pointer */
	NEED(ioctl(fd, VIDIOC_S_EXT_CTRLS, &all) == 0);
	one.value = 0;
	NEED(ioctl(fd, VIDIOC_G_EXT_CTRLS, &all) == 0 && one.value == 1);
	all.controls = NULL;
	NEED(ioctl(fd, VIDIOC_G_EXT_CTRLS, &all) < 0 && errno == EFAULT);
	NEED(read(fd, bytes, sizeof(bytes)) < 0 && errno == EINVAL);
	NEED(pwrite(fd, bytes, sizeof(bytes), DEVICE_HEAD) < 0 && errno == EINVAL);
	NEED(ftruncate(fd, 0) < 0 && errno == EPERM);
	NEED(fchmod(fd, 0666) < 0 && errno == EPERM);
	NEED(mount_open(root, O_RDWR | O_TRUNC) < 0);
	/* Where nothing was stored there is nothing. */
	NEED(pread(fd, bytes, sizeof(bytes), DEVICE_HEAD) == sizeof(bytes));
	for (unsigned i = 0; i < sizeof(bytes); i++)
		NEED(!bytes[i]);
	return 1;
}

START_TEST(the_file_can_do_what_a_camera_can_and_no_more)
{
	if (!none)
		ck_assert_int_eq(serve(tries), 0);
}
END_TEST

static int opens(void)
{
	uint32_t number[5];
	int many[5];

	for (int i = 0; i < 5; i++) {
		/* The kernel tells of what was closed when it has time. */
		if (i == 4)
			close(many[1]);
		usleep(200000);
		many[i] = mount_open(root, O_RDWR);
		NEED(ioctl(many[i], MOUNT_NUMBER, &number[i]) == 0 && number[i] > 0);
		NEED(lseek(many[i], 0, SEEK_CUR) == number[i]);
		for (int before = 0; i < 4 && before < i; before++)
			NEED(number[before] != number[i]);
	}
	NEED(number[4] == number[1]);
	return 1;
}

START_TEST(every_open_has_a_number)
{
	if (!none)
		ck_assert_int_eq(serve(opens), 0);
}
END_TEST

static int is_cut(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(PICTURE, 1);
	wait_for_picture();
	demand(CUT, 0);
	NEED(take(&buf) == 0 && is_black(at[buf.index]) && queue(buf.index) == 0);
	/* What was put and never looked at is gone as well. */
	demand(PICTURE, 2);
	NEED(take(&buf) == 0 && is_picture(at[buf.index], 2));
	return 1;
}

START_TEST(what_was_not_taken_before_a_cut_is_black)
{
	if (!none)
		ck_assert_int_eq(serve(is_cut), 0);
}
END_TEST

static int loses_a_worker(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(LOSE, 0);
	demand(CUT, 0);
	demand(PICTURE, 9);
	NEED(take(&buf) == 0 && is_picture(at[buf.index], 9));
	return 1;
}

START_TEST(what_a_worker_had_is_free_after_a_cut)
{
	if (!none)
		ck_assert_int_eq(serve(loses_a_worker), 0);
}
END_TEST

static int is_shown_no_other(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(OTHER, 0);
	demand(PICTURE, 4);
	NEED(take(&buf) == 0 && buf.sequence == 0 && is_picture(at[buf.index], 4));
	return 1;
}

START_TEST(a_picture_of_another_format_is_not_shown)
{
	if (!none)
		ck_assert_int_eq(serve(is_shown_no_other), 0);
}
END_TEST

static int has_waited(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(PICTURE, 1);
	wait_for_picture();
	demand(SLEEP, 0);
	NEED(take(&buf) == 0 && is_black(at[buf.index]));
	return 1;
}

START_TEST(who_stood_still_shows_nothing_old)
{
	if (!none)
		ck_assert_int_eq(serve(has_waited), 0);
}
END_TEST

static int leaves_and_comes(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(PICTURE, 1);
	NEED(take(&buf) == 0 && is_picture(at[buf.index], 1));
	leave();
	fd = mount_open(root, O_RDWR);
	have_buffers();
	for (unsigned i = 0; i < BUFFERS; i++)
		NEED(is_black(at[i]));
	return 1;
}

START_TEST(who_comes_next_sees_nothing_of_who_left)
{
	if (!none)
		ck_assert_int_eq(serve(leaves_and_comes), 0);
}
END_TEST

static int asks_for_another(void)
{
	struct v4l2_format format = { .type = CAPTURE, .fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420 };
	struct v4l2_requestbuffers request = {
		.count = 1, .type = CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_buffer buf;
	uint8_t *mapped;

	/* Black of the first format has been stored. */
	start(0);
	NEED(take(&buf) == 0 && is_black(at[buf.index]));
	leave();
	fd = mount_open(root, O_RDWR);
	NEED(ioctl(fd, VIDIOC_S_FMT, &format) == 0);
	NEED(ioctl(fd, VIDIOC_REQBUFS, &request) == 0);
	NEED(queue(0) == 0 && stream(true) == 0);
	/* The first may be of the format of before, which is not shown. */
	demand(PICTURE, 3);
	NEED(take(&buf) == 0 && buf.bytesused == WIDTH * HEIGHT * 3 / 2);
	mapped = mmap(NULL, buf.bytesused, PROT_READ, MAP_SHARED, fd, DEVICE_HEAD);
	NEED(mapped != MAP_FAILED && queue(0) == 0);
	/* Black of this format: nobody feeds. */
	NEED(take(&buf) == 0);
	for (unsigned i = 0; i < WIDTH * HEIGHT * 3 / 2; i++)
		NEED(mapped[i] == (i < WIDTH * HEIGHT ? 16 : 128));
	return 1;
}

START_TEST(black_is_of_the_format_that_was_asked_for)
{
	if (!none)
		ck_assert_int_eq(serve(asks_for_another), 0);
}
END_TEST

/* Of the page that the picture ends in. */
static bool is_nothing_behind(const uint8_t *page, unsigned bytes)
{
	for (unsigned i = bytes; i < 4096; i++)
		if (page[i])
			return false;
	return true;
}

/* The longer format has been in all slots, and its black as well. */
static int asks_for_a_shorter(void)
{
	struct v4l2_format format = { .type = CAPTURE, .fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420 };
	struct v4l2_requestbuffers request = {
		.count = 1, .type = CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_buffer buf;
	uint8_t *page;

	start(0);
	demand(LOSE, 0);
	demand(CUT, 0);
	NEED(take(&buf) == 0 && is_black(at[buf.index]));
	leave();
	fd = mount_open(root, O_RDWR);
	NEED(ioctl(fd, VIDIOC_S_FMT, &format) == 0);
	NEED(ioctl(fd, VIDIOC_REQBUFS, &request) == 0);
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, DEVICE_HEAD);
	NEED(page != MAP_FAILED && queue(0) == 0 && stream(true) == 0);
	demand(PICTURE, 3);
	NEED(take(&buf) == 0 && buf.bytesused < 4096);
	NEED(is_nothing_behind(page, buf.bytesused) && queue(0) == 0);
	/* Nobody feeds. */
	NEED(take(&buf) == 0 && page[0] == 16 && is_nothing_behind(page, buf.bytesused));
	return 1;
}

START_TEST(nothing_old_is_behind_a_shorter_picture)
{
	if (!none)
		ck_assert_int_eq(serve(asks_for_a_shorter), 0);
}
END_TEST

/* The kernel is told how long the file is: beyond its end nothing can be mapped. */
static void open_long(void)
{
	struct stat st;

	fd = mount_open(root, O_RDWR);
	NEED(fd >= 0 && fstat(fd, &st) == 0);
}

/* Whose memory is looked at, who waits for the session to unmap, and who waits for that one. */
static int64_t stop_ns;

static void *asks(void *unused)
{
	struct v4l2_ext_control one = { .id = V4L2_CID_PRIVACY };
	struct v4l2_ext_controls all = { .count = 1, .controls = &one };

	while (session_now_ns() < stop_ns)
		NEED(ioctl(fd, VIDIOC_G_EXT_CTRLS, &all) == 0 && one.value == 0);
	return NULL;
}

static void *unmaps(void *unused)
{
	while (session_now_ns() < stop_ns) {
		uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
				     DEVICE_HEAD);

		NEED(page != MAP_FAILED);
		page[0] = 1;
		NEED(munmap(page, 4096) == 0);
	}
	return NULL;
}

static void *maps(void *unused)
{
	while (session_now_ns() < stop_ns) {
		void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		NEED(page != MAP_FAILED && munmap(page, 4096) == 0);
	}
	return NULL;
}

static int asks_and_unmaps(void)
{
	static void *(*const does[])(void *) = { asks, asks, unmaps, maps };
	pthread_t thread[4];

	alarm(20);			/* kills it, where it would wait for ever */
	stop_ns = session_now_ns() + 2000000000;
	open_long();
	for (unsigned i = 0; i < 4; i++)
		NEED(pthread_create(&thread[i], NULL, does[i], NULL) == 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	return 1;
}

START_TEST(a_call_with_an_array_waits_for_no_other_thread)
{
	if (!none)
		ck_assert_int_eq(serve(asks_and_unmaps), 0);
}
END_TEST

/* All of the array or nothing; an array in the camera's own memory is like any other. */
static int points_far(void)
{
	const size_t size = DEVICE_CONTROLS_MAX * sizeof(struct v4l2_ext_control);
	struct v4l2_ext_controls all = { .count = DEVICE_CONTROLS_MAX };
	struct v4l2_ext_control *many;
	uint8_t *end;

	alarm(20);
	open_long();
	many = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, DEVICE_HEAD);
	NEED(many != MAP_FAILED);
	for (unsigned i = 0; i < DEVICE_CONTROLS_MAX; i++)
		many[i] = (struct v4l2_ext_control){ .id = V4L2_CID_PRIVACY, .value = 1 };
	all.controls = many;
	NEED(ioctl(fd, VIDIOC_S_EXT_CTRLS, &all) == 0);
	for (unsigned i = 0; i < DEVICE_CONTROLS_MAX; i++)
		many[i].value = 0;
	NEED(ioctl(fd, VIDIOC_G_EXT_CTRLS, &all) == 0);
	NEED(many[0].value == 1 && many[DEVICE_CONTROLS_MAX - 1].value == 1);
	all.controls = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, DEVICE_HEAD + size);
	/* Nothing can be delivered there. */
	NEED(ioctl(fd, VIDIOC_G_EXT_CTRLS, &all) < 0 && errno == EFAULT);
	end = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(end != MAP_FAILED && munmap(end + 4096, 4096) == 0);
	all.controls = (void *)(end + 4096 - sizeof(*many));
	all.count = 2;
	all.controls->id = V4L2_CID_PRIVACY;
	NEED(ioctl(fd, VIDIOC_S_EXT_CTRLS, &all) < 0 && errno == EFAULT);
	all.count = 1;
	NEED(ioctl(fd, VIDIOC_S_EXT_CTRLS, &all) == 0);
	all.count = DEVICE_CONTROLS_MAX + 1;
	NEED(ioctl(fd, VIDIOC_S_EXT_CTRLS, &all) < 0 && errno == EINVAL);
	return 1;
}

START_TEST(an_array_is_all_there_or_the_call_fails)
{
	if (!none)
		ck_assert_int_eq(serve(points_far), 0);
}
END_TEST

static int loses_its_storer(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(KILL, 0);
	NEED(take(&buf) < 0);
	return 1;
}

START_TEST(a_session_without_who_stores_is_over)
{
	if (!none)
		ck_assert_int_lt(serve(loses_its_storer), 0);
}
END_TEST

static int outlives_it(void)
{
	struct v4l2_buffer buf;

	start(0);
	demand(END, 0);
	NEED(take(&buf) < 0 && (errno == ENOTCONN || errno == ENODEV));
	NEED(mount_open(root, O_RDWR) < 0);
	return 1;
}

START_TEST(when_a_session_ends_so_does_the_camera)
{
	if (none)
		return;
	ck_assert_int_eq(serve(outlives_it), 0);
	ck_assert_ptr_null(session);
}
END_TEST

Suite *serve_suite(void)
{
	Suite *suite = suite_create("serve");
	TCase *tcase = tcase_create("serve");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_program_gets_every_picture_as_it_is);
	tcase_add_test(tcase, a_call_that_waits_is_answered_and_silence_is_black);
	tcase_add_test(tcase, whether_it_waits_is_as_the_program_set_it_last);
	tcase_add_test(tcase, where_nobody_may_look_it_is_as_it_was_opened);
	tcase_add_test(tcase, a_picture_stays_when_others_open_the_camera);
	tcase_add_test(tcase, a_buffer_is_there_as_soon_as_it_is_mapped);
	tcase_add_test(tcase, who_subscribed_is_woken_by_an_event);
	tcase_add_test(tcase, the_file_can_do_what_a_camera_can_and_no_more);
	tcase_add_test(tcase, every_open_has_a_number);
	tcase_add_test(tcase, what_was_not_taken_before_a_cut_is_black);
	tcase_add_test(tcase, what_a_worker_had_is_free_after_a_cut);
	tcase_add_test(tcase, a_picture_of_another_format_is_not_shown);
	tcase_add_test(tcase, who_stood_still_shows_nothing_old);
	tcase_add_test(tcase, who_comes_next_sees_nothing_of_who_left);
	tcase_add_test(tcase, black_is_of_the_format_that_was_asked_for);
	tcase_add_test(tcase, nothing_old_is_behind_a_shorter_picture);
	tcase_add_test(tcase, a_call_with_an_array_waits_for_no_other_thread);
	tcase_add_test(tcase, an_array_is_all_there_or_the_call_fails);
	tcase_add_test(tcase, a_session_without_who_stores_is_over);
	tcase_add_test(tcase, when_a_session_ends_so_does_the_camera);
	suite_add_tcase(suite, tcase);
	return suite;
}
