// SPDX-License-Identifier: GPL-2.0
/*
 * What a program may try with the camera that it was given, but read it.  Prints a line for each:
 * "ok" or what went wrong; after each, pictures come as before.  Nothing of what it reads is
 * brighter than BRIGHTEST, which only what is covered is, or was written by another session.
 *
 *	tricks NODE OWN OTHER		bytes that this session scribbles, and that another does
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define BUFFERS		3
#define BRIGHTEST	225
#define RUN		64		/* bytes in a row that are no accident */
#define CAPTURE		V4L2_BUF_TYPE_VIDEO_CAPTURE

static const char *node;
static int own, other;
static int fd = -1;
static uint8_t *at[BUFFERS];
static size_t length;
static uint32_t offset[BUFFERS];

/* In no picture are so many bytes the same: luma and chroma take turns. */
static bool is_scribbled(const uint8_t *bytes, size_t size, int with)
{
	size_t run = 0;

	for (size_t i = 0; i < size; i++) {
		run = bytes[i] == with ? run + 1 : 0;
		if (run == RUN)
			return true;
	}
	return false;
}

static bool is_clean(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] > BRIGHTEST) {
			printf("# byte %zu of %zu is %d\n", i, size, bytes[i]);
			return false;
		}
	return !is_scribbled(bytes, size, other);
}

/* Luma 16, chroma 128: or zero, where nothing was ever stored. */
static bool is_black(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] && bytes[i] != (i % 2 ? 128 : 16))
			return false;
	return true;
}

static int request(unsigned count)
{
	struct v4l2_requestbuffers buffers = {
		.count = count, .type = CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};

	return ioctl(fd, VIDIOC_REQBUFS, &buffers);
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

/* Opened, with buffers that are mapped; not streaming. */
static bool open_camera(void)
{
	struct v4l2_format yuyv = { .type = CAPTURE, .fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV };
	struct v4l2_buffer buf = { .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };

	fd = open(node, O_RDWR | O_NONBLOCK);
	if (fd < 0 || ioctl(fd, VIDIOC_S_FMT, &yuyv) < 0 || request(BUFFERS) < 0)
		return false;
	for (buf.index = 0; buf.index < BUFFERS; buf.index++) {
		if (ioctl(fd, VIDIOC_QUERYBUF, &buf) < 0)
			return false;
		length = buf.length;
		offset[buf.index] = buf.m.offset;
		at[buf.index] = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, buf.m.offset);
		if (at[buf.index] == MAP_FAILED)
			return false;
	}
	return true;
}

static bool start(void)
{
	for (unsigned i = 0; i < BUFFERS; i++)
		if (queue(i) < 0)
			return false;
	return stream(true) == 0;
}

static void close_camera(void)
{
	for (unsigned i = 0; i < BUFFERS; i++)
		munmap(at[i], length);
	close(fd);
}

/* The next picture's buffer, which is not given back; -1: none came. */
static int take(void)
{
	struct v4l2_buffer buf = { .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	if (poll(&ready, 1, 5000) != 1 || ioctl(fd, VIDIOC_DQBUF, &buf) < 0)
		return -1;
	return buf.index;
}

static bool shows(const uint8_t *bytes)
{
	for (size_t i = 0; i < length; i += 2)
		if (bytes[i] > 16)
			return true;
	return false;
}

/* Pictures come, one of the next thirty shows something, and all of it may be seen. */
static bool pictures_come(void)
{
	for (unsigned n = 0; n < 30; n++) {
		int index = take();
		bool something = index >= 0 && shows(at[index]);

		if (index < 0 || !is_clean(at[index], length) || queue(index) < 0)
			return false;
		if (something)
			return true;
	}
	return false;
}

static int reopen(int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags);
}

static bool fails(long ret)
{
	return ret < 0;
}

/* The tricks: true when what happens is what must. */

static bool scribbling(void)
{
	for (unsigned n = 0; n < 6; n++) {
		int index = take();

		if (index < 0 || is_scribbled(at[index], length, own))
			return false;
		memset(at[index], own, length);
		if (queue(index) < 0)
			return false;
	}
	/* And what is written while a picture comes is overwritten or stays the program's. */
	for (unsigned n = 0; n < 300; n++)
		for (unsigned i = 0; i < BUFFERS; i++)
			memset(at[i], own, length);
	return true;
}

static bool private_mapping(void)
{
	uint8_t *mine = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, offset[0]);
	int mark = own - 1;
	bool kept;

	if (mine == MAP_FAILED)
		return false;
	memset(mine, mark, length);
	kept = pictures_come() && !is_scribbled(at[0], length, mark) && mine[0] == mark;
	munmap(mine, length);
	return kept;
}

static bool growing_mapping(void)
{
	size_t more = length + (4 << 20);
	uint8_t *mine = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, offset[BUFFERS - 1]);
	bool clean;

	mine = mine == MAP_FAILED ? mine : mremap(mine, length, more, MREMAP_MAYMOVE);
	if (mine == MAP_FAILED)
		return true;
	clean = is_clean(mine, more) && is_black(mine + length, more - length);
	munmap(mine, more);
	return clean;
}

static bool protection(void)
{
	int reader = open(node, O_RDONLY);
	uint8_t *mine = mmap(NULL, length, PROT_READ, MAP_SHARED, reader, offset[0]);
	bool refused = mine != MAP_FAILED && fails(mprotect(mine, length, PROT_READ | PROT_WRITE)) &&
		       mmap(NULL, length, PROT_WRITE, MAP_SHARED, reader, offset[0]) == MAP_FAILED &&
		       mmap(NULL, length, PROT_EXEC, MAP_SHARED, reader, offset[0]) == MAP_FAILED;

	munmap(mine, length);
	close(reader);
	return refused;
}

static bool truncation(void)
{
	int cut = open(node, O_RDWR | O_TRUNC);
	bool whole = shows(at[0]) || pictures_come();

	close(cut);
	return whole && fails(reopen(O_RDWR | O_TRUNC)) && fails(ftruncate(fd, 0)) && fails(ftruncate(fd, 1ll << 40));
}

static bool holes(void)
{
	return fails(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1 << 20)) &&
	       fails(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 1 << 20)) &&
	       fails(fallocate(fd, 0, 0, 1ll << 40));
}

static bool second_handle(void)
{
	struct v4l2_requestbuffers buffers = { 1, CAPTURE, V4L2_MEMORY_MMAP, 0, 0, { 0 } };
	int again = open(node, O_RDWR), type = CAPTURE;
	bool refused = fails(reopen(O_RDWR)) && again >= 0 && fails(ioctl(again, VIDIOC_REQBUFS, &buffers)) && errno == EBUSY &&
		       fails(ioctl(again, VIDIOC_STREAMOFF, &type));

	close(again);
	return refused;
}

static bool writing(void)
{
	static char bytes[8192];

	return fails(write(fd, bytes, sizeof(bytes))) &&
	       fails(pwrite(fd, bytes, sizeof(bytes), offset[0])) &&
	       fails(pwrite(fd, bytes, sizeof(bytes), 1ll << 40));
}

static bool reading(void)
{
	static uint8_t bytes[1 << 20];
	ssize_t got = pread(fd, bytes, sizeof(bytes), offset[0]);

	return fails(read(fd, bytes, sizeof(bytes))) && errno == EINVAL &&
	       (got < 0 || is_clean(bytes, got)) && pread(fd, bytes, 1, 1ll << 40) <= 0;
}

static bool passing_on(void)
{
	static uint8_t bytes[1 << 20];
	int copy = memfd_create("copy", 0), ends[2];
	off_t from = offset[0];
	loff_t long_from = offset[0];
	ssize_t got;

	if (copy < 0 || pipe(ends) < 0)
		return false;
	sendfile(copy, fd, &from, sizeof(bytes));
	copy_file_range(fd, &long_from, copy, NULL, sizeof(bytes), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	long_from = offset[0];
	splice(fd, &long_from, ends[1], NULL, 1 << 15, SPLICE_F_NONBLOCK);
	got = read(ends[0], bytes, sizeof(bytes));
	if (got > 0 && !is_clean(bytes, got))
		return false;
	got = pread(copy, bytes, sizeof(bytes), 0);
	if (got > 0 && !is_clean(bytes, got))
		return false;
	close(copy);
	close(ends[0]);
	close(ends[1]);
	return true;
}

static bool past_the_cache(void)
{
	uint8_t *bytes = aligned_alloc(4096, 1 << 20);
	int direct = open(node, O_RDWR);
	bool set = fcntl(direct, F_SETFL, O_DIRECT) == 0;
	ssize_t got = pread(direct, bytes, 1 << 20, offset[0]);
	bool clean = set && (got < 0 || is_clean(bytes, got)) &&
		     fails(pwrite(direct, bytes, 4096, offset[0]));

	close(direct);
	free(bytes);
	return clean;
}

static sigjmp_buf back;

static void jump(int signal)
{
	siglongjmp(back, signal);
}

static bool beyond_the_buffers(void)
{
	uint8_t *mine = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			     (offset[BUFFERS - 1] + length + 4095) & ~4095ul);
	bool black = mine != MAP_FAILED && is_black(mine, 1 << 20);
	struct sigaction act = { .sa_handler = jump, .sa_flags = SA_NODEFER };
	struct stat st;

	if (!black || fstat(fd, &st) < 0)
		return false;
	memset(mine, own, 1 << 20);
	munmap(mine, 1 << 20);
	mine = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, (st.st_size + 4095) & ~4095ul);
	if (mine == MAP_FAILED)
		return true;
	sigaction(SIGBUS, &act, NULL);
	if (sigsetjmp(back, 1) == 0) {
		printf("# %d is beyond the end\n", *(volatile uint8_t *)mine);
		return false;
	}
	munmap(mine, 4096);
	return true;
}

static bool faults_of_our_own(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (uintptr_t)at[0], (length + 4095) & ~4095ul }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int uffd = syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	bool refused = uffd < 0 || fails(ioctl(uffd, UFFDIO_API, &api)) ||
		       fails(ioctl(uffd, UFFDIO_REGISTER, &range));

	if (uffd >= 0)
		close(uffd);
	return refused;
}

static bool advice(void)
{
	static const int ways[] = {
		MADV_DONTNEED, MADV_REMOVE, MADV_FREE, MADV_COLD, MADV_PAGEOUT, MADV_HUGEPAGE, MADV_DONTFORK,
		MADV_DOFORK, MADV_WIPEONFORK, MADV_MERGEABLE, MADV_RANDOM, MADV_NORMAL,
	};

	for (unsigned n = 0; n < 20; n++) {
		for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
			madvise(at[n % BUFFERS], length, ways[i]);
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		msync(at[n % BUFFERS], length, MS_SYNC);
		if (!is_clean(at[n % BUFFERS], length))
			return false;
	}
	return true;
}

static bool attributes(void)
{
	return fails(fchmod(fd, 0777)) && fails(fchown(fd, 1, 1)) && fails(futimens(fd, NULL)) &&
	       fails(fsetxattr(fd, "user.a", "b", 1, 0)) && fails(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

static bool shutter_in_a_loop(void)
{
	struct v4l2_control shutter = { V4L2_CID_PRIVACY, 0 };

	for (unsigned n = 0; n < 4000; n++) {
		shutter.value = !shutter.value;
		if (fails(ioctl(fd, VIDIOC_S_CTRL, &shutter)))
			return false;
	}
	return true;
}

static bool numbers_and_pointers(void)
{
	static uint8_t bytes[1 << 14];

	srandom(1);
	for (unsigned n = 0; n < 20000; n++) {
		unsigned long number = _IOC(random() % 4, n % 3 ? 'V' : random() % 256, random() % 256,
					    random() % (1 << 14));

		/* Those that it has are asked elsewhere, and some of them change what streams. */
		if (ioctl(fd, number, n % 2 ? (void *)bytes : (void *)(uintptr_t)random()) >= 0 &&
		    _IOC_SIZE(number) > 256)
			return false;
	}
	return fails(ioctl(fd, VIDIOC_QUERYCAP, NULL)) && errno == EFAULT;
}

static bool handles_without_end(void)
{
	int handle[400], most = 0;

	while (most < 400 && (handle[most] = open(node, O_RDWR)) >= 0)
		most++;
	for (int i = 0; i < most; i++)
		close(handle[i]);
	return most < 400;
}

/* More than it lets wait: those get EAGAIN, and those that wait can be killed. */
static bool calls_that_wait(void)
{
	int blocking = open(node, O_RDWR), refused = 0;
	pid_t child[80];

	for (unsigned i = 0; i < 80; i++) {
		struct v4l2_event event;

		child[i] = fork();
		if (!child[i])
			_exit(ioctl(blocking, VIDIOC_DQEVENT, &event) < 0 && errno == EAGAIN ? 1 : 2);
	}
	for (unsigned n = 0; n < 100 && refused < 80 - 64; n++, usleep(50000))
		while (waitpid(-1, NULL, WNOHANG) > 0)
			refused++;
	for (unsigned i = 0; i < 80; i++)
		kill(child[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	close(blocking);
	return refused == 80 - 64;
}

static bool requests_without_end(void)
{
	pid_t child[4];
	bool come;

	for (unsigned i = 0; i < 4; i++) {
		child[i] = fork();
		while (!child[i]) {
			struct v4l2_capability cap;

			ioctl(fd, VIDIOC_QUERYCAP, &cap);
		}
	}
	come = pictures_come() && pictures_come() && pictures_come();
	for (unsigned i = 0; i < 4; i++) {
		kill(child[i], SIGKILL);
		waitpid(child[i], NULL, 0);
	}
	return come;
}

/* Its supervisor, which is its parent; older kernels do not keep it from that. */
static bool signals(void)
{
	long version = syscall(444 /* landlock_create_ruleset */, NULL, 0, 1);

	return version < 6 || fails(kill(getppid(), 0));
}

static bool fork_and_scribble(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		for (unsigned i = 0; i < BUFFERS; i++)
			memset(at[i], own, length);
		stream(false);
		close(fd);
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && start();
}

static const struct trick {
	const char *name;
	bool (*works)(void);
} tricks[] = {
	{ "writing into mapped buffers: each picture is whole", scribbling },
	{ "a private mapping: its own copy", private_mapping },
	{ "a mapping that grows: nothing is behind it", growing_mapping },
	{ "writing or running where only reading was asked: refused", protection },
	{ "truncate, also by opening: refused", truncation },
	{ "holes and space: refused", holes },
	{ "opened again: the buffers have one owner; by /proc/self/fd: refused", second_handle },
	{ "write and pwrite: refused", writing },
	{ "read: refused; pread: what it has mapped", reading },
	{ "sendfile, splice, copy_file_range: what it has mapped", passing_on },
	{ "O_DIRECT: what it has mapped, nothing is written", past_the_cache },
	{ "beyond the buffers: zeros; beyond the end: SIGBUS", beyond_the_buffers },
	{ "userfaultfd: refused", faults_of_our_own },
	{ "madvise, fadvise, msync of any kind: clean", advice },
	{ "mode, owner, times, attributes, seals: refused", attributes },
	{ "a shutter that is moved 4000 times", shutter_in_a_loop },
	{ "any request with any pointer", numbers_and_pointers },
	{ "requests without end: pictures come", requests_without_end },
	{ "handles without end: refused", handles_without_end },
	{ "80 calls that wait: 64, which can be killed", calls_that_wait },
	{ "a signal to its supervisor: refused", signals },
	{ "a child that scribbles and stops", fork_and_scribble },
};

static int say(const char *name, bool good)
{
	printf("%s - %s\n", good ? "ok" : "not ok", name);
	return !good;
}

static bool soon_black(void)
{
	for (unsigned n = 0; n < 20; n++, usleep(50000))
		if (is_black(at[0], length) && is_black(at[1], length) && is_black(at[2], length))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	int bad = 0;

	if (argc != 4)
		return 2;
	node = argv[1];
	own = atoi(argv[2]);
	other = atoi(argv[3]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!open_camera())
		return say("it opens", false);
	bad |= say("mapped before the first STREAMON: zeros", soon_black());
	bad |= say("pictures come", start() && pictures_come());
	for (unsigned i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		bool works = tricks[i].works(), after = pictures_come();

		if (works && !after)
			puts("# no pictures come any more");
		bad |= say(tricks[i].name, works && after);
	}
	bad |= say("mapped after STREAMOFF: clean", stream(false) == 0 && is_clean(at[0], length) &&
		   is_clean(at[1], length) && is_clean(at[2], length) && take() < 0);
	bad |= say("mapped after REQBUFS 0: black", request(0) == 0 && soon_black());
	close_camera();
	bad |= say("mapped by the next who opens it: black", open_camera() && is_black(at[0], length) &&
		   is_black(at[1], length) && is_black(at[2], length));
	bad |= say("where pictures come", start() && pictures_come());
	close(fd);
	bad |= say("mapped when it is closed: clean", is_clean(at[0], length) &&
		   is_clean(at[1], length) && is_clean(at[2], length));
	for (unsigned i = 1; i < BUFFERS; i++)
		munmap(at[i], length);
	munmap(at[0], length);
	bad |= say("the next opens it: black", open_camera() && soon_black() && start() && pictures_come());
	return bad;
}
