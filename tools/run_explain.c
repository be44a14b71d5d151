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
#include "nodes.h"
#include "policy/configfs.h"
#include "run.h"
#include "run_explain.h"
#include "session/mount.h"
#include "tools.h"

#define ASK_MS		2000		/* for an answer of scrimd */

static int error_of(int ret)
{
	return ret < 0 ? errno : 0;
}

static int open_node(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error = error_of(fd);

	if (fd >= 0)
		close(fd);
	return error;
}

static void add_node(struct attempts *a, const char *path, bool ours)
{
	if (a->nodes == TRIED_MAX)
		return;
	snprintf(a->node[a->nodes].path, sizeof(a->node[0].path), "%.60s", path);
	a->node[a->nodes].ours = ours;
	a->node[a->nodes].outside = open_node(path);
	a->nodes++;
}

static bool is_listed(const struct attempts *a, const char *path)
{
	for (unsigned i = 0; i < a->nodes; i++)
		if (!strcmp(a->node[i].path, path))
			return true;
	return false;
}

/* Those that the kernel says are cameras, and those that have a camera's name. */
static void list_nodes(struct attempts *a)
{
	static struct nodes known;
	struct dirent *entry;
	char path[64];
	DIR *dir;

	nodes_find(&known, "");
	for (unsigned i = 0; i < known.count; i++)
		add_node(a, known.at[i].path, known.at[i].kind != NODE_RAW);
	dir = opendir("/dev");
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/dev/%.50s", entry->d_name);
		if (confine_is_raw(entry->d_name) && entry->d_type == DT_CHR && !is_listed(a, path))
			add_node(a, path, false);
	}
	if (dir)
		closedir(dir);
}

static int make_node(void)
{
	char path[] = "/tmp/scrim-explain-XXXXXX", node[64];
	int error;

	if (!mkdtemp(path))
		return NOT_TRIED;
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
		return NOT_TRIED;
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = error_of(connect(s, (const struct sockaddr *)&to, sizeof(to)));
	close(s);
	return error == ENOENT ? NOT_TRIED : error;
}

/* One that has ended, or feeds something else, shares nothing. */
static bool is_none(int error)
{
	return error == -ENOENT || error == -ECONNREFUSED || error == -ENOTSUP;
}

/* Takes a place and leaves it: only who gets one knows that there is one for it. */
static void ask_for(struct attempts *a, const char *folder, const char *camera)
{
	static struct control_reply reply;
	struct scrim_error err;
	char path[128];
	int fds[CONTROL_FDS], ret = control_path(path, sizeof(path), folder, camera, &err);

	if (ret >= 0)
		ret = control_join(path, &reply, fds, ASK_MS, &err);
	if (ret >= 0 && reply.result < 0)
		ret = fail(&err, reply.result, "%s", reply.text);
	if (is_none(ret))
		return;
	snprintf(a->share[a->shares].camera, sizeof(a->share[0].camera), "%.63s", camera);
	a->share[a->shares].error = -ret;
	if (ret < 0) {
		snprintf(a->share[a->shares].why, sizeof(a->share[0].why), "%s", err.text);
	} else {
		a->share[a->shares].width = reply.session.width;
		a->share[a->shares].height = reply.session.height;
		close(fds[0]);
		close(fds[1]);
	}
	a->shares++;
}

static void ask_for_cameras(struct attempts *a, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)) && a->shares < SHARES_MAX)
		if (configfs_name_ok(entry->d_name) &&
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISSOCK(st.st_mode))
			ask_for(a, folder, entry->d_name);
	if (dir)
		closedir(dir);
}

static void attempt(struct attempts *a, const struct run_options *options, int supervisor,
		    int outside)
{
	struct scrim_error err;
	char byte;
	int listener, fd;

	listener = confine(options->weak, &err);
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
	ask_for_cameras(a, options->run_folder);
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

static void find_holders(struct explanation *e)
{
	const char *raw[TRIED_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < e->tried->nodes; i++)
		if (!e->tried->node[i].ours)
			raw[count++] = e->tried->node[i].path;
	holders_find(&e->holders, "", raw, count);
}

int run_explain(const struct run_options *options)
{
	struct attempts *a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	static struct explanation e;
	struct fuse_mount mount = FUSE_MOUNT_NONE;
	int supervisor[2], outside[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
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
		attempt(a, options, supervisor[1], outside[1]);
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
	e.tried = a;
	e.landlock = confine_landlock();
	e.run_folder = options->run_folder;
	e.session = mount_make(&mount, &e.why) >= 0;
	mount_close(&mount);
	find_holders(&e);
	explanation_print(&e, options->json);
	return e.session ? EXIT_DONE : EXIT_FAILED;
}
