// SPDX-License-Identifier: GPL-2.0
/*
 * scrim run: an application opens what it takes for a camera and gets the covered one.
 * Two children: a scrimd of its own, which has the camera, and the application, which
 * has not.  This process answers what the application opens, and holds neither.  Where
 * the kernel has the scrim camera that is asked for, that one is given.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "guard/rights.h"
#include "policy/configfs.h"
#include "run.h"
#include "session/device.h"
#include "url.h"
#include "tools.h"
#include "wrap/comfort.h"

static const char usage[] =
"usage: scrim run [OPTIONS] [--] PROGRAM [ARGUMENTS]\n"
"\n"
"Runs a program that gets a camera without what its policy hides, and no other.\n"
"\n"
"  -c, --camera NAME       as [camera NAME] of the policy says\n"
"  -s, --source WHERE      pictures from there: a video, the node of a camera, rtsp://...\n"
"  -p, --policy PATH       file, or folder of files *.conf; without it faces are filled\n"
"  -r, --run FOLDER        where the sockets of scrimd are (" CONTROL_FOLDER ")\n"
"  -a, --as PATH           what the program takes for a camera (/dev/video0); may be repeated\n"
"      --explain           say what is enforced here and what is not, and run nothing\n"
"      --json              the same as one JSON object\n"
"      --weak              go on without Landlock, which enforces nothing\n"
"  -h, --help              this list\n"
"\n"
"The exit status is the program's: 126 and 127 when it cannot be run, 128 and the signal when\n"
"one ends it; 125 when scrim run fails.  See scrim-run(1).\n";

#define EXIT_RUN	125
#define EXIT_CANNOT	126
#define EXIT_MISSING	127

/* The policy when nobody gave one: a camera of that name, faces filled. */
#define OWN_CAMERA	"run"
static const char own_policy[] =
	"[camera " OWN_CAMERA "]\n"
	"purpose = what the program that scrim run started does with it\n"
	"faces = fill\n";

struct runner {
	struct run_options options;
	struct supervised supervised;
	struct device_pictures pictures;
	char label[sizeof(((struct device_pictures *)0)->card)];
	int daemon_socket;		/* to what serves the camera, and ends when it is closed */
	pid_t daemon, program;
	int signals;
	int ended_by;			/* a signal, before there was a program; 0: none */
	void (*on_pipe)(int);		/* what SIGPIPE did when we were started */
	char folder[64];		/* for the daemon's own socket; empty: none was made */
	bool shared;			/* a camera that others may have as well */
	struct configfs_camera kernel;	/* its capture is given; empty: a session of our own */
};

/* Our scrimd */

/* Beside this program, as in a build folder, or in sbin as where it is installed. */
static const char *find_daemon(char path[4096])
{
	static const char *const places[] = { "/scrimd", "/../sbin/scrimd" };
	char exe[4000], *slash;
	ssize_t got = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (got <= 0)
		return NULL;
	exe[got] = '\0';
	slash = strrchr(exe, '/');
	*slash = '\0';
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, 4096, "%s%s", exe, places[i]);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

/* What it blocks itself as soon as it can, so that none is lost before. */
static const int daemon_takes[] = { SIGHUP, SIGTERM, SIGINT };

/* All signals but these are no longer blocked. */
static void let_through(const int *but, unsigned count)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	for (unsigned i = 0; i < count; i++)
		sigaddset(&blocked, but[i]);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static int own_policy_file(struct scrim_error *err)
{
	int fd = memfd_create("policy", 0);	/* the daemon opens it by its number */

	if (fd < 0 || write(fd, own_policy, strlen(own_policy)) != (ssize_t)strlen(own_policy))
		return fail(err, -EIO, "no memory for a policy");
	return fd;
}

/* What the daemon is called with. */
static void run_daemon(const struct runner *r, const char *path, int socket, int policy)
{
	char feed[32], file[48];
	const char *argv[16] = { "scrimd", "--camera", r->options.camera, "--feed", feed };
	unsigned n = 5;

	snprintf(feed, sizeof(feed), "session:%d", socket);
	snprintf(file, sizeof(file), "/proc/self/fd/%d", policy);
	argv[n++] = "--policy";
	argv[n++] = policy >= 0 ? file : r->options.policy;
	if (r->options.device[0]) {
		argv[n++] = "--device";
		argv[n++] = r->options.device;
	}
	argv[n++] = "--run";
	argv[n++] = r->folder;
	let_through(daemon_takes, sizeof(daemon_takes) / sizeof(daemon_takes[0]));
	/* Of a group of its own: what is typed at the terminal is for the program. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	fcntl(socket, F_SETFD, 0);
	execv(path, (char **)argv);
	_exit(EXIT_MISSING);
}

/* Until it has said something.  There is no program yet that could have a signal. */
static int wait_for_daemon(struct runner *r, struct scrim_error *err)
{
	struct signalfd_siginfo info;

	for (;;) {
		struct pollfd ready[] = {
			{ .fd = r->daemon_socket, .events = POLLIN },
			{ .fd = r->signals, .events = POLLIN },
		};

		if (poll(ready, 2, -1) < 0 && errno != EINTR)
			return fail(err, -errno, "cannot wait: %s", strerror(errno));
		if (ready[0].revents)
			return 0;
		while (read(r->signals, &info, sizeof(info)) == sizeof(info))
			if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGURG &&
			    info.ssi_signo != SIGWINCH && info.ssi_pid != (uint32_t)getpid()) {
				r->ended_by = info.ssi_signo;
				return fail(err, -EINTR, "signal %d", r->ended_by);
			}
	}
}

/* Waits until it has a session for us; what is wrong it says itself. */
static int start_daemon(struct runner *r, struct scrim_error *err)
{
	char path[4096];
	int ends[2], policy = -1, ret;

	if (!find_daemon(path))
		return fail(err, -ENOENT, "scrimd is not beside this program");
	if (!r->options.policy) {
		policy = own_policy_file(err);
		if (policy < 0)
			return policy;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(err, -errno, "no socket: %s", strerror(errno));
	r->daemon = fork();
	if (r->daemon == 0)
		run_daemon(r, path, ends[1], policy);
	close(ends[1]);
	if (policy >= 0)
		close(policy);
	r->daemon_socket = ends[0];
	ret = r->daemon < 0 ? -errno : wait_for_daemon(r, err);
	if (ret >= 0)
		ret = rights_receive(ends[0], &r->pictures, sizeof(r->pictures),
				     &r->supervised.root, 1);
	if (ret == 1)
		return 0;
	return fail(err, ret < 0 && ret != -EPROTO ? ret : -EIO, "there is no camera to give");
}

/* The program */

static void run_program(const struct runner *r, int listener_to)
{
	struct scrim_error err;
	int listener;

	confine_close_raw();
	listener = confine(r->options.weak, &err);
	if (listener < 0) {
		complain("cannot run %s: %s", r->options.program[0], err.text);
		_exit(EXIT_RUN);
	}
	if (rights_send(listener_to, "", 1, &listener, 1) < 0)
		_exit(EXIT_RUN);
	close(listener);
	comfort(&r->supervised);
	signal(SIGPIPE, r->on_pipe);
	let_through(NULL, 0);
	execvp(r->options.program[0], r->options.program);
	complain("cannot run %s: %s", r->options.program[0], strerror(errno));
	_exit(errno == ENOENT ? EXIT_MISSING : EXIT_CANNOT);
}

static int start_program(struct runner *r, struct scrim_error *err)
{
	char ready;
	int ends[2], ret;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(err, -errno, "no socket: %s", strerror(errno));
	r->program = fork();
	if (r->program == 0)
		run_program(r, ends[1]);
	close(ends[1]);
	ret = r->program < 0 ? -errno :
		rights_receive(ends[0], &ready, 1, &r->supervised.listener, 1);
	close(ends[0]);
	/* When it could not be confined it has said why, and ends. */
	return ret == 1 || r->program > 0 ? 0 : fail(err, -EAGAIN, "no process");
}

/* While it runs */

/* Whoever started us wants it ignored, by the program as well. */
static bool is_ignored(int signal)
{
	struct sigaction now;

	return signal != SIGCHLD && sigaction(signal, NULL, &now) == 0 &&
	       now.sa_handler == SIG_IGN;
}

/* All but those of our own faults and limits, and those by which a shell stops us. */
static int take_signals(struct runner *r, struct scrim_error *err)
{
	static const int ours[] = {
		SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGXCPU, SIGXFSZ,
		SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT,
	};
	sigset_t set;

	sigfillset(&set);
	for (unsigned i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigdelset(&set, ours[i]);
	for (int i = 1; i <= SIGRTMAX; i++)
		if (is_ignored(i))
			sigdelset(&set, i);
	sigprocmask(SIG_BLOCK, &set, NULL);
	r->on_pipe = signal(SIGPIPE, SIG_IGN);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signals < 0 ? fail(err, -errno, "no signals: %s", strerror(errno)) : 0;
}

/* The program's exit status, or -1 while it runs. */
static int reap(struct runner *r)
{
	int status, ended = -1;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == r->daemon) {
			r->daemon = 0;
			complain("what serves the camera has ended; the program gets no more pictures");
		}
		if (pid == r->program)
			ended = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	return ended;
}

/* The terminal tells the program itself, and what a pipe tells us is about what we say. */
static bool is_for_program(const struct signalfd_siginfo *info)
{
	bool typed = info->ssi_signo == SIGINT || info->ssi_signo == SIGQUIT ||
		     info->ssi_signo == SIGHUP || info->ssi_signo == SIGWINCH;

	return !(typed && info->ssi_code == SI_KERNEL) && info->ssi_pid != (uint32_t)getpid();
}

/* What others send to us is for the program. */
static int take_signal(struct runner *r)
{
	struct signalfd_siginfo info;
	int ended = -1;

	while (ended < 0 && read(r->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			ended = reap(r);
		else if (is_for_program(&info))
			kill(r->program, info.ssi_signo);
	}
	return ended;
}

static int watch(struct runner *r, struct scrim_error *err)
{
	int ended = -1;

	while (ended < 0) {
		struct pollfd ready[] = {
			{ .fd = r->signals, .events = POLLIN },
			{ .fd = r->supervised.listener, .events = POLLIN },
		};

		if (poll(ready, 2, -1) < 0 && errno != EINTR)
			return fail(err, -errno, "cannot wait: %s", strerror(errno));
		if (ready[1].revents & POLLIN && supervise(&r->supervised, err) < 0)
			return err->code;
		if (ready[1].revents & POLLHUP) {
			close(r->supervised.listener);
			r->supervised.listener = -1;	/* all of them have ended */
		}
		if (ready[0].revents)
			ended = take_signal(r);
	}
	return ended;
}

/* Setting up */

enum { OPTION_EXPLAIN = 256, OPTION_JSON, OPTION_WEAK };

static const struct option long_options[] = {
	{ "camera",	required_argument,	NULL, 'c' },
	{ "source",	required_argument,	NULL, 's' },
	{ "policy",	required_argument,	NULL, 'p' },
	{ "as",		required_argument,	NULL, 'a' },
	{ "run",	required_argument,	NULL, 'r' },
	{ "explain",	no_argument,		NULL, OPTION_EXPLAIN },
	{ "json",	no_argument,		NULL, OPTION_JSON },
	{ "weak",	no_argument,		NULL, OPTION_WEAK },
	{ "help",	no_argument,		NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int add_name(struct runner *r, const char *name)
{
	struct supervised *s = &r->supervised;

	if (name[0] != '/' || s->names == SUPERVISE_NAMES_MAX) {
		complain("--as %s: %s", name, name[0] != '/' ? "not a path that begins with /" :
			 "too many names");
		return EXIT_USAGE;
	}
	s->name[s->names++] = name;
	return 0;
}

/* A path as scrimd knows devices: nodes as they are, anything else is a video. */
static int set_device(struct run_options *o, const char *source)
{
	struct stat st;
	char path[4096];
	bool node = stat(source, &st) == 0 && S_ISCHR(st.st_mode);
	struct scrim_error err;
	struct url url;
	int length;

	if (url_is_meant(source) && url_parse(&url, source, &err) < 0) {
		complain("--source: %s", err.text);
		return EXIT_USAGE;
	}

	if (url_is_one(source) || !strncmp(source, "file:", 5) || node) {
		length = snprintf(o->device, sizeof(o->device), "%s", source);
	} else if (realpath(source, path)) {
		length = snprintf(o->device, sizeof(o->device), "file:%s", path);
	} else {
		complain("cannot open %s: %s", source, strerror(errno));
		return EXIT_USAGE;
	}
	o->node = node ? st.st_rdev : 0;
	if (length < (int)sizeof(o->device))
		return 0;
	complain("--source %s: too long a name", source);
	return EXIT_USAGE;
}

static int parse(struct runner *r, int argc, char **argv)
{
	struct run_options *o = &r->options;
	int option, ret = 0;

	while (!ret && (option = getopt_long(argc, argv, "+c:s:p:a:r:h", long_options, NULL)) != -1)
		switch (option) {
		case 'c':
			o->camera = optarg;
			break;
		case 's':
			ret = set_device(o, optarg);
			break;
		case 'p':
			o->policy = optarg;
			break;
		case 'a':
			ret = add_name(r, optarg);
			break;
		case 'r':
			o->run_folder = optarg;
			break;
		case OPTION_EXPLAIN:
			o->explain = true;
			break;
		case OPTION_JSON:
			o->json = true;
			break;
		case OPTION_WEAK:
			o->weak = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return -1;
		default:
			return EXIT_USAGE;
		}
	o->program = argv + optind;
	if (!ret && o->json && !o->explain) {
		complain("run: --json is how --explain says it");
		return EXIT_USAGE;
	}
	return ret;
}

/* A policy or a source that is given here is for a camera of our own. */
static void look_for_kernel_camera(struct runner *r)
{
	const struct run_options *o = &r->options;

	r->shared = o->camera && !o->policy && !*o->device;
	if (r->shared)
		configfs_look(&r->kernel, o->camera);
}

/* What was not said follows from what was. */
static int complete(struct runner *r)
{
	struct run_options *o = &r->options;
	struct supervised *s = &r->supervised;
	unsigned number = 0;
	struct stat st;

	if (!*o->device && !o->camera) {
		complain("run: which camera?  --camera NAME of a policy, or --source a video or /dev/videoN");
		return EXIT_USAGE;
	}
	if (!o->program[0]) {
		complain("run: which program?");
		return EXIT_USAGE;
	}
	look_for_kernel_camera(r);
	if (!o->policy && o->camera)
		o->policy = POLICY_FOLDER;
	if (!o->camera)
		o->camera = OWN_CAMERA;
	if (!s->names && o->node)
		add_name(r, o->device);
	if (!s->names)
		add_name(r, "/dev/video0");
	if (*r->kernel.capture && add_name(r, r->kernel.capture))
		return EXIT_USAGE;
	s->camera.node = strrchr(s->name[0], '/') + 1;
	if (stat(s->name[0], &st) == 0 && S_ISCHR(st.st_mode)) {
		s->camera.device = st.st_rdev;
	} else {
		sscanf(s->camera.node, "video%u", &number);
		s->camera.device = makedev(V4L_MAJOR, number);
	}
	return 0;
}

static int take_kernel_camera(struct runner *r, struct scrim_error *err)
{
	struct supervised *s = &r->supervised;
	struct stat st;

	s->node = r->kernel.capture;
	if (access(s->node, R_OK | W_OK) < 0 || stat(s->node, &st) < 0)
		return fail(err, -errno, "camera %s is %s: %s", r->options.camera, s->node,
			    strerror(errno));
	s->noted = st.st_rdev;
	snprintf(r->label, sizeof(r->label), "scrim: %.24s", r->options.camera);
	return 0;
}

static int make_folder(struct runner *r, struct scrim_error *err)
{
	char made[] = "/tmp/scrim-run-XXXXXX";

	if (!mkdtemp(made))
		return fail(err, -errno, "no folder for a socket: %s", strerror(errno));
	snprintf(r->folder, sizeof(r->folder), "%s", made);
	return 0;
}

/* That of a scrimd that runs, else one of our own. */
static int take_session(struct runner *r, struct scrim_error *err)
{
	int ret = 0;

	if (r->shared)
		ret = r->daemon = run_join(&r->options, &r->pictures, &r->supervised.root,
					   &r->daemon_socket, err);
	if (!ret) {
		ret = make_folder(r, err);
		if (ret >= 0)
			ret = start_daemon(r, err);
	}
	if (ret >= 0)
		snprintf(r->label, sizeof(r->label), "%.31s", r->pictures.card);
	return ret;
}

static int run(struct runner *r, struct scrim_error *err)
{
	int ret = take_signals(r, err);

	if (ret >= 0)
		ret = *r->kernel.capture ? take_kernel_camera(r, err) : take_session(r, err);
	if (ret < 0)
		return ret;
	r->supervised.camera.label = r->label;
	if (r->options.weak && !confine_landlock())
		complain("weak: this kernel has no Landlock; nothing keeps the program from raw cameras");
	ret = start_program(r, err);
	return ret < 0 ? ret : watch(r, err);
}

static void end(struct runner *r)
{
	struct scrim_error err;
	char path[128];

	if (r->daemon_socket >= 0)
		close(r->daemon_socket);
	if (r->daemon > 0) {
		kill(r->daemon, SIGTERM);
		waitpid(r->daemon, NULL, 0);
	}
	if (!*r->folder)
		return;
	/* A daemon that was killed leaves its socket. */
	if (configfs_name_ok(r->options.camera) &&
	    control_path(path, sizeof(path), r->folder, r->options.camera, &err) >= 0)
		unlink(path);
	rmdir(r->folder);
}

int run_main(int argc, char **argv)
{
	struct runner r = {
		.options = { .run_folder = CONTROL_FOLDER },
		.supervised = { .listener = -1, .root = -1 },
		.daemon_socket = -1, .signals = -1,
	};
	struct scrim_error err;
	int ret = parse(&r, argc, argv);

	if (!ret && r.options.explain)
		return run_explain(&r.options);
	if (!ret)
		ret = complete(&r);
	if (ret)
		return ret < 0 ? EXIT_DONE : ret;
	ret = run(&r, &err);
	end(&r);
	if (r.ended_by)
		return 128 + r.ended_by;
	if (ret < 0)
		complain("cannot run %s: %s", r.options.program[0], err.text);
	return ret < 0 ? EXIT_RUN : ret;
}
