// SPDX-License-Identifier: GPL-2.0
/*
 * scrim run --explain: a child is confined as a program would be, and tries.  What is
 * printed is what happened to it on this machine.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/rights.h"
#include "run.h"
#include "session/mount.h"
#include "tools.h"

#define NODES_MAX	64

/* Errno of each attempt, 0: it succeeded; -1: it was not made. */
struct attempts {
	int confined;			/* the same, for confine() itself */
	char why[SCRIM_TEXT_MAX];
	unsigned nodes;
	struct {
		char path[64];
		int error;
	} node[NODES_MAX];
	int make_node, take_descriptor, pass_descriptor, pipewire;
};

static int error_of(int ret)
{
	return ret < 0 ? errno : 0;
}

static void list_nodes(struct attempts *a)
{
	DIR *dir = opendir("/dev");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && a->nodes < NODES_MAX) {
		if (!confine_is_raw(entry->d_name) || entry->d_type != DT_CHR)
			continue;
		snprintf(a->node[a->nodes].path, sizeof(a->node[0].path), "/dev/%.50s",
			 entry->d_name);
		a->nodes++;
	}
	if (dir)
		closedir(dir);
}

static int open_node(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error = error_of(fd);

	if (fd >= 0)
		close(fd);
	return error;
}

static int make_node(void)
{
	char path[] = "/tmp/scrim-explain-XXXXXX", node[64];
	int error;

	if (!mkdtemp(path))
		return -1;
	snprintf(node, sizeof(node), "%s/node", path);
	error = error_of(mknod(node, S_IFCHR | 0600, makedev(V4L_MAJOR, 0)));
	unlink(node);
	rmdir(path);
	return error;
}

/* Out of a process outside, of the same user: the one that printed this. */
static int take_descriptor(void)
{
	int pidfd = syscall(__NR_pidfd_open, getppid(), 0), fd;

	if (pidfd < 0)
		return errno;
	fd = syscall(__NR_pidfd_getfd, pidfd, 0, 0);
	close(pidfd);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int reach_pipewire(void)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int s, error;

	if (!folder || snprintf(to.sun_path, sizeof(to.sun_path), "%s/pipewire-0", folder) >=
	    (int)sizeof(to.sun_path))
		return -1;
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = error_of(connect(s, (const struct sockaddr *)&to, sizeof(to)));
	close(s);
	return error == ENOENT ? -1 : error;
}

static void attempt(struct attempts *a, bool weak, int supervisor, int outside)
{
	struct scrim_error err;
	char byte;
	int listener, fd;

	listener = confine(weak, &err);
	if (listener < 0) {
		a->confined = -listener;
		snprintf(a->why, sizeof(a->why), "%s", err.text);
		return;
	}
	rights_send(supervisor, "", 1, &listener, 1);
	close(listener);
	for (unsigned i = 0; i < a->nodes; i++)
		a->node[i].error = open_node(a->node[i].path);
	a->make_node = make_node();
	a->take_descriptor = take_descriptor();
	a->pass_descriptor = rights_receive(outside, &byte, 1, &fd, 1) == 1 ? 0 : EACCES;
	a->pipewire = reach_pipewire();
}

/* Answers as scrim run would, without a camera to give. */
static void supervise_child(int from, pid_t child)
{
	struct supervised s = { .listener = -1, .root = -1, .camera = { .node = "" } };
	struct scrim_error err;
	char byte;

	if (rights_receive(from, &byte, 1, &s.listener, 1) != 1)
		s.listener = -1;
	while (s.listener >= 0 && waitpid(child, NULL, WNOHANG) == 0) {
		struct pollfd ready = { .fd = s.listener, .events = POLLIN };

		if (poll(&ready, 1, 100) > 0 && (!(ready.revents & POLLIN) || supervise(&s, &err) < 0))
			break;
	}
	if (s.listener >= 0)
		close(s.listener);
}

static const char *held(int error)
{
	return error == 0 ? "NO " : error > 0 ? "yes" : "-  ";
}

static void line(int error, const char *what)
{
	printf("  %s  %s%s%s\n", held(error), what, error > 0 ? ": " : "",
	       error > 0 ? strerror(error) : "");
}

static void print(const struct attempts *a, bool session, const struct scrim_error *why)
{
	char text[128];

	printf("Enforced for a program that scrim run starts here, as this user, now:\n");
	for (unsigned i = 0; i < a->nodes; i++) {
		snprintf(text, sizeof(text), "it cannot open %s", a->node[i].path);
		line(a->node[i].error, text);
	}
	if (!a->nodes)
		line(-1, "there is no raw camera now; one that is plugged in later is refused");
	line(a->make_node, "it cannot make another node for a camera");
	line(a->take_descriptor, "it cannot take a descriptor out of a process outside");
	printf("Not enforced:\n");
	if (a->pass_descriptor == 0)
		printf("  -    a process outside that helps can pass it a descriptor of a raw camera\n");
	if (a->pipewire == 0)
		printf("  -    it reaches this user's PipeWire: what that has of raw cameras, it has\n");
	printf("The camera in its place: %s\n", session ? "FUSE, Landlock and seccomp are there" :
	       why->text);
}

int run_explain(const struct run_options *options)
{
	struct attempts *a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct fuse_mount mount = FUSE_MOUNT_NONE;
	struct scrim_error err = { 0 };
	int supervisor[2], outside[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	bool session;
	pid_t child;

	if (a == MAP_FAILED || null < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, supervisor) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, outside) < 0) {
		complain("cannot explain: %s", strerror(errno));
		return EXIT_FAILED;
	}
	list_nodes(a);
	child = fork();
	if (child == 0) {
		attempt(a, options->weak, supervisor[1], outside[1]);
		_exit(0);
	}
	close(supervisor[1]);
	rights_send(outside[0], "", 1, &null, 1);
	supervise_child(supervisor[0], child);
	waitpid(child, NULL, 0);
	if (a->confined) {
		complain("cannot confine a program: %s", a->why);
		return EXIT_FAILED;
	}
	session = mount_make(&mount, &err) >= 0;
	print(a, session, &err);
	mount_close(&mount);
	return session ? EXIT_DONE : EXIT_FAILED;
}
