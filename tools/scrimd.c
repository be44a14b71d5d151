// SPDX-License-Identifier: GPL-2.0
/*
 * scrimd: one camera, from its raw node to the feed of its scrim camera, while
 * somebody watches.  Opens nodes, starts the worker and ends it; sees no picture.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"
#include "policy/configfs.h"
#include "policy/load.h"
#include "scrimd.h"

static const char usage[] =
"usage: scrimd --camera NAME [OPTIONS]\n"
"\n"
"Feeds the scrim camera NAME, as its policy says, while somebody watches it.\n"
"\n"
"  -c, --camera NAME       which camera; [camera NAME] of the policy\n"
"  -p, --policy PATH       file, or folder of files *.conf (" POLICY_FOLDER ")\n"
"      --feed null         make frames for nobody and drop them: a test, shown to no one\n"
"      --feed share        give the camera to applications that scrim run starts, without the driver\n"
"      --feed session:FD   give the camera to one application, by that socket: scrim run does\n"
"      --device DEVICE     take pictures from there, and not where the policy says\n"
"  -r, --run FOLDER        where its control socket is (" CONTROL_FOLDER ")\n"
"      --prepare           only make the camera and its locked regions, and end\n"
"  -h, --help              this list\n"
"  -V, --version           print the version\n"
"\n"
"SIGHUP reads the policy again, and takes it unless it loosens.  See scrimd(8).\n";

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

void say(const struct scrimd *d, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "scrimd: %s: %s\n", d->camera, text);
}

/* What happens */

static void readers_changed(struct scrimd *d)
{
	if (!wanted(d))
		worker_rest(d);
	tell(d);
}

/* Nothing of the old policy is shown when this says that it is ready. */
static void reload(struct scrimd *d)
{
	static struct comparison changes;
	struct scrim_error err;
	struct timespec now;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &now);
	notify("RELOADING=1\nMONOTONIC_USEC=%lld",
	       (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	ret = policy_apply(d, NOBODY, false, &changes, &err);
	if (ret < 0)
		say(d, "%s; the old policy stays", err.text);
	notify("READY=1");
	tell(d);
	if (ret < 0)
		notify("STATUS=%s; the old policy stays", err.text);
}

/* The signal that ends us, or 0. */
static int handle_signal(struct scrimd *d)
{
	struct signalfd_siginfo info;

	while (read(d->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGHUP)
			return info.ssi_signo;
		reload(d);
	}
	return 0;
}

/* Milliseconds; -1: for ever. */
static int patience(const struct scrimd *d)
{
	int worker = worker_patience(d), clients = control_patience(&d->control, now_ms());

	if (worker < 0 || clients < 0)
		return worker < 0 ? clients : worker;
	return worker < clients ? worker : clients;
}

static int turn(struct scrimd *d, struct scrim_error *err)
{
	struct pollfd ready[3 + CONTROL_POLLS + SESSION_POLLS] = {
		{ .fd = d->signals, .events = POLLIN },
		{ .fd = d->feed.fd, .events = POLLPRI },
	};
	int happened, ret, ms = patience(d);
	unsigned sessions;

	if (wanted(d) && worker_watch(d) < 0 && now_ms() >= d->again)
		worker_start(d);
	ready[2] = (struct pollfd){ .fd = worker_watch(d), .events = POLLIN };
	control_polls(&d->control, ready + 3);
	sessions = session_polls(d, ready + 3 + CONTROL_POLLS, &ms);
	happened = poll(ready, 3 + CONTROL_POLLS + sessions, ms);
	if (happened < 0)
		return errno == EINTR ? 0 : fail(err, -errno, "cannot wait: %s", strerror(errno));
	worker_look_after(d);
	if (!happened && live_runs(&d->live))
		tell(d);
	if (ready[2].revents)
		worker_turn(d);
	if (ready[1].revents) {
		ret = feed_readers(&d->feed, &d->readers, err);
		if (ret < 0)
			return ret;
		if (ret)
			readers_changed(d);
		if (d->feed.turned)
			worker_pass_controls(d);
	}
	if (sessions) {
		ret = session_turn(d, ready + 3 + CONTROL_POLLS, err);
		if (ret)
			return ret;
	}
	control_serve(&d->control, ready + 3, now_ms(), scrimd_answer, d);
	return ready[0].revents ? handle_signal(d) : 0;
}

/* Setting up */

static int take_signals(struct scrimd *d, struct scrim_error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	d->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return d->signals < 0 ? fail(err, -errno, "no signals: %s", strerror(errno)) : 0;
}

/* Without its socket a camera can still be watched, but two daemons cannot feed one. */
static int open_control(struct scrimd *d, struct scrim_error *err)
{
	int ret = control_set_up(d, err);

	if (ret < 0 && ret != -EADDRINUSE) {
		say(d, "%s; nobody can ask how it fares", err->text);
		ret = 0;
	}
	return ret;
}

static int open_feed(struct scrimd *d, struct scrim_error *err)
{
	char path[64];
	int ret;

	if (d->to_nobody) {
		feed_null(&d->feed);
		return 0;
	}
	if (d->runner >= 0 || d->shares)
		return session_set_up(d, err);
	ret = configfs_feed(d->camera, path, sizeof(path), err);
	return ret < 0 ? ret : feed_open(&d->feed, path, err);
}

static int set_up(struct scrimd *d, struct scrim_error *err)
{
	int ret;

	d->up = now_ms();
	ret = open_control(d, err);
	if (ret >= 0)
		ret = policy_set_up(d, err);
	if (ret >= 0)
		ret = take_signals(d, err);
	if (ret >= 0)
		ret = open_feed(d, err);
	if (ret >= 0 && !d->session && !d->share)
		worker_probe(d);
	return ret;
}

/* Until it is asked to end, or cannot go on. */
static int feed_camera(struct scrimd *d, struct scrim_error *err)
{
	const struct event start = { EVENT_START, NOBODY, false, NULL };
	const struct event stop = { EVENT_STOP, NOBODY, false, NULL };
	int ret;

	log_begin(&d->log, d->camera);
	ret = set_up(d, err);
	if (ret >= 0) {
		journal(d, &start);
		notify("READY=1");
		tell(d);
		do
			ret = turn(d, err);
		while (!ret);
		notify("STOPPING=1");
		worker_stop(d, "asked to end");
		journal(d, &stop);
	}
	control_end(&d->control);
	feed_close(&d->feed);
	session_free(&d->session);
	share_free(&d->share);
	sealed_free(&d->sealed);
	log_end(&d->log);
	return ret == -ECANCELED ? 0 : ret;
}

enum { OPTION_PREPARE = 256, OPTION_FEED, OPTION_DEVICE };

static const struct option options[] = {
	{ "camera",	required_argument,	NULL, 'c' },
	{ "policy",	required_argument,	NULL, 'p' },
	{ "feed",	required_argument,	NULL, OPTION_FEED },
	{ "run",	required_argument,	NULL, 'r' },
	{ "device",	required_argument,	NULL, OPTION_DEVICE },
	{ "prepare",	no_argument,		NULL, OPTION_PREPARE },
	{ "help",	no_argument,		NULL, 'h' },
	{ "version",	no_argument,		NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int parse_feed(struct scrimd *d, const char *word)
{
	static const char session[] = "session:";
	const char *number = word + strlen(session);

	d->to_nobody = !strcmp(word, "null");
	d->shares = !strcmp(word, "share");
	d->runner = -1;
	if (!strncmp(word, session, strlen(session)) && *number && strlen(number) <= 7 &&
	    !number[strspn(number, "0123456789")])
		d->runner = atoi(number);
	if (d->runner >= 0 || d->to_nobody || d->shares)
		return 0;
	fprintf(stderr, "scrimd: --feed takes null, share or session:FD\n");
	return -EINVAL;
}

/* 0 to go on, 1 to end well. */
static int parse(struct scrimd *d, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "c:p:r:hV", options, NULL)) != -1)
		switch (option) {
		case 'c':
			d->camera = optarg;
			break;
		case 'p':
			d->policy_path = optarg;
			break;
		case 'r':
			d->run_folder = optarg;
			break;
		case OPTION_FEED:
			if (parse_feed(d, optarg) < 0)
				return -EINVAL;
			break;
		case OPTION_DEVICE:
			d->device = optarg;
			break;
		case OPTION_PREPARE:
			d->prepare = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		case 'V':
			printf("scrimd %s\n", SCRIM_VERSION);
			return 1;
		default:
			return -EINVAL;
		}
	if (d->prepare && !has_kernel(d)) {
		fprintf(stderr, "scrimd: --prepare makes a feed, and what --feed names has none\n");
		return -EINVAL;
	}
	if (optind < argc || !d->camera || !configfs_name_ok(d->camera)) {
		fprintf(stderr, d->camera && optind == argc ?
			"scrimd: the camera's name is not letters, digits, _, - and .\n" :
			"scrimd: --camera NAME is required, and nothing but options\n");
		return -EINVAL;
	}
	return 0;
}

/* Descriptors 0 to 2 are ours to print on, never a node that we open. */
static bool have_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd >= 0)
		close(fd);
	return fd > 2;
}

int main(int argc, char **argv)
{
	struct scrimd d = {
		.policy_path = POLICY_FOLDER, .run_folder = CONTROL_FOLDER,
		.runner = -1, .sealed = SEALED_NONE, .feed = FEED_NONE, .live = LIVE_NONE,
		.watch = -1, .signals = -1,
	};
	struct scrim_error err;
	int ret;

	control_server_none(&d.control);
	if (!have_standard_descriptors())
		return 1;
	signal(SIGPIPE, SIG_IGN);	/* whoever reads what we say may leave */
	setvbuf(stderr, NULL, _IOLBF, 0);
	ret = parse(&d, argc, argv);
	if (ret)
		return ret < 0 ? 2 : 0;
	ret = d.prepare ? policy_prepare(&d, &err) : feed_camera(&d, &err);
	if (ret < 0) {
		say(&d, "%s", err.text);
		notify("STATUS=%s\nERRNO=%d", err.text, -err.code);
	}
	return ret < 0;
}
