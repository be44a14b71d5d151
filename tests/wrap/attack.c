// SPDX-License-Identifier: GPL-2.0
/*
 * Every way that is known to the raw camera, from inside.  A line for each: "refused" and why,
 * "OPEN" when the raw node was reached, "absent" when this system does not have the way.
 *
 *	attack RAW OUTSIDER SOCKET SECONDS [FD]
 *	attack RAW			only opens it: errno is the status
 *
 * RAW is a node that would be opened if it could; OUTSIDER is a process outside that has it open
 * as its descriptor 9, and passes it on at SOCKET; FD was inherited.  Ends with the number of
 * ways that were open.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THEIRS	9
#define REACHED	1000000		/* as good as a descriptor of the raw node */

static const char *raw, *base;		/* "/dev/video7", "video7" */
static dev_t device;
static pid_t outsider;
static const char *gate;
static int inherited = -1;
static char scratch[64];		/* a folder of our own */

static const char *in_scratch(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	unlink(path);
	return path;
}

static int sys(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

static int by_open(void)
{
	return sys(syscall(__NR_open, raw, O_RDWR));
}

static int by_directory(void)
{
	int dir = open("/dev", O_RDONLY | O_DIRECTORY);

	return sys(openat(dir, base, O_RDONLY));
}

static int by_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	return sys(syscall(__NR_openat2, AT_FDCWD, raw, &how, sizeof(how)));
}

static int by_dots(void)
{
	char path[128];

	snprintf(path, sizeof(path), "/dev/../dev/./shm/../%s", base);
	return sys(open(path, O_RDONLY));
}

static int by_own_root(void)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/self/root%s", raw);
	return sys(open(path, O_RDONLY));
}

static int by_symlink(void)
{
	const char *path = in_scratch("link");

	return symlink(raw, path) < 0 ? -errno : sys(open(path, O_RDONLY));
}

static int by_creat(void)
{
	return sys(syscall(__NR_creat, raw, 0600));
}

static int by_reopening(void)
{
	char path[64];
	int fd = open(raw, O_PATH);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd < 0 ? -errno : sys(open(path, O_RDWR));
}

static int by_hardlink(void)
{
	const char *path = in_scratch("hard");
	int fd;

	if (link(raw, path) < 0 && link(raw, (path = "/dev/attack")) < 0)
		return -errno;
	fd = sys(open(path, O_RDONLY));
	unlink(path);
	return fd;
}

static int by_rename(void)
{
	const char *path = "/dev/shm/attack";
	int fd;

	if (rename(raw, path) < 0 && rename(raw, (path = "/dev/attack")) < 0)
		return -errno;
	fd = sys(open(path, O_RDONLY));
	rename(path, raw);
	return fd;
}

static int in_child(int (*way)(void))
{
	int *result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();
	int ret;

	if (!pid) {
		*result = way();
		/* A descriptor of the child counts as one of ours. */
		if (*result >= 0 && *result != REACHED) {
			struct stat st;

			*result = fstat(*result, &st) == 0 && st.st_rdev == device ? REACHED : -ENODEV;
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ret = *result;
	munmap(result, 4096);
	return ret;
}

static int bind_mount(void)
{
	char path[128];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 && unshare(CLONE_NEWNS) < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/bound", scratch);
	close(open(path, O_CREAT | O_RDWR, 0600));
	if (mount(raw, path, NULL, MS_BIND, NULL) < 0)
		return -errno;
	return sys(open(path, O_RDONLY));
}

static int by_bind_mount(void)
{
	return in_child(bind_mount);
}

static int by_mknod(void)
{
	const char *path = in_scratch("node");

	return mknod(path, S_IFCHR | 0600, device) < 0 ? -errno : sys(open(path, O_RDONLY));
}

/* The smallest ring there is, one request in it. */
static int by_io_uring(void)
{
	struct io_uring_params p = { 0 };
	int ring = syscall(__NR_io_uring_setup, 1, &p);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	uint8_t *sq, *cq;

	if (ring < 0)
		return -errno;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*cqe), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_CQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || sqe == MAP_FAILED)
		return -errno;
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_OPENAT;
	sqe->fd = AT_FDCWD;
	sqe->addr = (uintptr_t)raw;
	sqe->open_flags = O_RDONLY;
	*(uint32_t *)(sq + p.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(__NR_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	cqe = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	return cqe->res;
}

static int by_handle(void)
{
	struct {
		struct file_handle head;
		char bytes[128];
	} handle = { .head.handle_bytes = 128 };
	int mount_id, dir = open("/dev", O_RDONLY | O_DIRECTORY);

	if (name_to_handle_at(AT_FDCWD, raw, &handle.head, &mount_id, 0) < 0)
		return -errno;
	return sys(open_by_handle_at(dir, &handle.head, O_RDONLY));
}

/* open() by the door of 32-bit programs, which seccomp's filter leaves to Landlock. */
static int by_32_bit(void)
{
#ifdef __x86_64__
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long ret;

	if (low == MAP_FAILED)
		return -errno;
	strcpy(low, raw);
	__asm__ volatile("int $0x80" : "=a"(ret)
			 : "a"(5L), "b"((long)low), "c"((long)O_RDONLY), "d"(0L) : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
#else
	return -ENOSYS;
#endif
}

static int by_their_root(void)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/%d/root%s", outsider, raw);
	return sys(open(path, O_RDONLY));
}

static int by_their_descriptor(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", outsider, THEIRS);
	return sys(open(path, O_RDONLY));
}

/* Who is traced does what it is told. */
static int by_ptrace(void)
{
	if (ptrace(PTRACE_SEIZE, outsider, 0, 0) < 0)
		return -errno;
	ptrace(PTRACE_DETACH, outsider, 0, 0);
	return REACHED;
}

static int by_pidfd(void)
{
	int pidfd = syscall(__NR_pidfd_open, outsider, 0);

	return pidfd < 0 ? -errno : sys(syscall(__NR_pidfd_getfd, pidfd, THEIRS, 0));
}

static int by_their_memory(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", outsider);
	fd = open(path, O_RDONLY);
	return fd < 0 ? -errno : REACHED;
}

/* A copy of /dev that is at no place, and a file system that nobody has mounted. */
static int copy_of_dev(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 && unshare(CLONE_NEWNS) < 0)
		return -errno;
	int tree = syscall(__NR_open_tree, AT_FDCWD, "/dev", OPEN_TREE_CLONE | AT_RECURSIVE);

	return tree < 0 ? -errno : sys(openat(tree, base, O_RDONLY));
}

static int by_copy_of_dev(void)
{
	return in_child(copy_of_dev);
}

static int by_new_mount(void)
{
	int fs = syscall(__NR_fsopen, "devtmpfs", 0), mounted;

	if (fs < 0 || syscall(__NR_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0) < 0)
		return -errno;
	mounted = syscall(__NR_fsmount, fs, 0, 0);
	return mounted < 0 ? -errno : sys(openat(mounted, base, O_RDONLY));
}

static int chroot_to_dev(void)
{
	char path[64];

	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/%s", base);
	return chroot("/dev") < 0 ? -errno : sys(open(path, O_RDONLY));
}

static int by_chroot(void)
{
	return in_child(chroot_to_dev);
}

/* A program that is in no file, which does nothing but open. */
static int by_program_in_memory(void)
{
	int self = open("/proc/self/exe", O_RDONLY), program = memfd_create("program", 0), status;
	struct stat st;
	pid_t pid;

	if (self < 0 || fstat(self, &st) < 0 || sendfile(program, self, NULL, st.st_size) != st.st_size)
		return -errno;
	pid = fork();
	if (!pid) {
		syscall(__NR_execveat, program, "", (char *[]){ "attack", (char *)raw, NULL },
			(char *[]){ NULL }, AT_EMPTY_PATH);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? REACHED : -WEXITSTATUS(status);
}

/* What is typed into the terminal is read by the shell outside; here it is one of our own. */
static int type_at_terminal(int (*type)(int terminal))
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), terminal, ret;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return -errno;
	setsid();
	terminal = open(ptsname(master), O_RDWR);
	if (terminal < 0)
		return -errno;
	ret = type(terminal);
	return ret < 0 ? ret : REACHED;
}

static int type_natively(int terminal)
{
	return sys(ioctl(terminal, TIOCSTI, "x"));
}

static int type_32_bit(int terminal)
{
#ifdef __x86_64__
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long ret;

	if (low == MAP_FAILED)
		return -errno;
	*low = 'x';
	__asm__ volatile("int $0x80" : "=a"(ret)
			 : "a"(54L), "b"((long)terminal), "c"((long)TIOCSTI), "d"((long)low)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
#else
	return -ENOSYS;
#endif
}

static int typing(void)
{
	return type_at_terminal(type_natively);
}

static int typing_32_bit(void)
{
	return type_at_terminal(type_32_bit);
}

static int by_typing(void)
{
	return in_child(typing);
}

static int by_typing_32_bit(void)
{
	return in_child(typing_32_bit);
}

static int by_inheritance(void)
{
	return inherited < 0 ? -EBADF : sys(dup(inherited));
}

/* Somebody outside who wants to help. */
static int from_accomplice(const struct sockaddr_un *to, socklen_t size)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} rights = { 0 };
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights,
			      .msg_controllen = sizeof(rights) };
	int fd, s = socket(AF_UNIX, SOCK_STREAM, 0);

	if (connect(s, (const void *)to, size) < 0 || recvmsg(s, &msg, 0) < 0)
		return -errno;
	if (rights.head.cmsg_len != CMSG_LEN(sizeof(int)))
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(&rights.head), sizeof(fd));
	return fd;
}

static int by_accomplice(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", gate);
	return from_accomplice(&to, sizeof(to));
}

/* The same name after a NUL: unix(7). */
static int by_abstract_name(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	snprintf(to.sun_path + 1, sizeof(to.sun_path) - 1, "%s", gate);
	return from_accomplice(&to, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(gate));
}

static const struct way {
	const char *name;
	int (*go)(void);
} ways[] = {
	{ "open", by_open },
	{ "openat, relative to /dev", by_directory },
	{ "openat2", by_openat2 },
	{ "a path with ..", by_dots },
	{ "/proc/self/root", by_own_root },
	{ "a symbolic link", by_symlink },
	{ "creat", by_creat },
	{ "O_PATH, and again by /proc/self/fd", by_reopening },
	{ "a hard link", by_hardlink },
	{ "another name", by_rename },
	{ "a bind mount", by_bind_mount },
	{ "another node of that number", by_mknod },
	{ "io_uring", by_io_uring },
	{ "a file handle", by_handle },
	{ "open by the 32-bit door", by_32_bit },
	{ "/proc/OUTSIDER/root", by_their_root },
	{ "/proc/OUTSIDER/fd", by_their_descriptor },
	{ "ptrace of an outsider", by_ptrace },
	{ "pidfd_getfd from an outsider", by_pidfd },
	{ "an outsider's memory", by_their_memory },
	{ "a detached copy of /dev", by_copy_of_dev },
	{ "a new mount of devtmpfs", by_new_mount },
	{ "chroot to /dev", by_chroot },
	{ "a program in memory", by_program_in_memory },
	{ "typing at the terminal", by_typing },
	{ "typing there by the 32-bit door", by_typing_32_bit },
	{ "an inherited descriptor", by_inheritance },
	{ "SCM_RIGHTS from an accomplice", by_accomplice },
	{ "SCM_RIGHTS, by an abstract name", by_abstract_name },
};

static bool is_raw(int fd)
{
	struct stat st;

	return fd == REACHED || (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == device);
}

static bool is_absent(int error)
{
	return error == -ENOSYS || error == -EOPNOTSUPP || error == -EBADF;
}

/* A path that changes while it is looked at: how often the raw node was reached. */
static unsigned race(unsigned seconds, unsigned *tries)
{
	volatile char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	time_t end = time(NULL) + seconds;
	unsigned won = 0;
	pid_t flipper;

	/* "/dev/video7" and "/dev/vide\0...": one byte decides whether it is a camera. */
	strcpy((char *)path, raw);
	flipper = fork();
	for (char other = '\0'; !flipper; other = other ? '\0' : raw[strlen(raw) - 1])
		path[strlen(raw) - 1] = other;
	for (*tries = 0; time(NULL) < end; (*tries)++) {
		int fd = open((char *)path, O_RDONLY);

		if (fd >= 0 && is_raw(fd))
			won++;
		if (fd >= 0)
			close(fd);
	}
	kill(flipper, SIGKILL);
	waitpid(flipper, NULL, 0);
	return won;
}

int main(int argc, char **argv)
{
	unsigned open_ways = 0, tries, won;

	if (argc == 2)
		return open(argv[1], O_RDONLY) < 0 ? errno : 0;
	if (argc < 5)
		return 100;
	raw = argv[1];
	base = strrchr(raw, '/') + 1;
	outsider = atoi(argv[2]);
	gate = argv[3];
	if (argc > 5)
		inherited = atoi(argv[5]);
	struct stat st;

	if (stat(raw, &st) < 0) {
		printf("no %s\n", raw);
		return 100;
	}
	device = st.st_rdev;
	snprintf(scratch, sizeof(scratch), "/tmp/attack-XXXXXX");
	if (!mkdtemp(scratch))
		return 100;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int fd = ways[i].go();
		bool reached = fd >= 0 && is_raw(fd);

		printf("%-36s %s%s%s\n", ways[i].name, reached ? "OPEN" :
		       is_absent(fd) ? "absent" : "refused", fd < 0 ? ": " : "",
		       fd < 0 ? strerror(-fd) : "");
		open_ways += reached;
	}
	won = race(atoi(argv[4]), &tries);
	printf("%-36s %s: %u of %u\n", "a path that changes meanwhile", won ? "OPEN" : "refused",
	       won, tries);
	fflush(stdout);
	return open_ways + !!won;
}
