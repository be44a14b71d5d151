// SPDX-License-Identifier: GPL-2.0
/*
 * scrimd: one camera, from its raw node to the feed of its scrim camera, while
 * somebody watches.  Opens nodes, starts the worker and ends it; sees no picture.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "live.h"
#include "notify.h"
#include "policy/configfs.h"
#include "policy/load.h"

#define FEEDER		"scrim"		/* the user, where there is one */

/* Milliseconds. */
#define WAIT_FIRST	250		/* before a worker is started again, doubling */
#define WAIT_LAST	8000
#define WAIT_CAMERA	500		/* for one that is not there */
#define PROVEN		10000		/* a worker that lasts so long did not fail at once */
#define LOOK		5000		/* how often a worker is looked after */
#define STUCK		60000		/* a worker that shows nothing for so long */

static const char usage[] =
"usage: scrimd --camera NAME [OPTIONS]\n"
"\n"
"Feeds the scrim camera NAME, as its policy says, while somebody watches it.\n"
"\n"
"  -c, --camera NAME       which camera; [camera NAME] of the policy\n"
"  -p, --policy PATH       file, or folder of files *.conf (" POLICY_FOLDER ")\n"
"      --feed null         make frames for nobody and drop them: a test, shown to no one\n"
"      --prepare           only make the camera and its locked regions, and end\n"
"  -h, --help              this list\n"
"  -V, --version           print the version\n"
"\n"
"SIGHUP reads the policy again.  See scrimd(8).\n";

struct scrimd {
	const char *camera, *policy_path;
	bool prepare;
	bool to_nobody;			/* --feed null */

	struct policy policy, now;	/* what was read, and its part for this hour */
	uint64_t regions;		/* that part, a bit for each */
	struct feed feed;
	unsigned readers;
	struct live live;
	int watch;			/* readable when the worker has ended; -1: none runs */
	int signals;

	struct live_counts total;	/* of workers that have ended */
	unsigned restarts;
	int64_t began, again;		/* ms: when it began, and when to try again */
	unsigned wait;			/* ms, before that */
	int64_t moved;			/* ms: when `shown` last grew */
	uint64_t shown;
	char said[SCRIM_TEXT_MAX];	/* why it does not start, so that it is said once */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void say(const struct scrimd *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct scrimd *d, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "scrimd: %s: %s\n", d->camera, text);
}

static void add(struct live_counts *sum, const struct live_counts *more)
{
	sum->frames += more->frames;
	sum->whole += more->whole;
	sum->dropped += more->dropped;
	sum->damaged += more->damaged;
	if (*more->why)
		memcpy(sum->why, more->why, sizeof(sum->why));
}

static void count_all(const struct scrimd *d, struct live_counts *all)
{
	struct live_counts now;

	*all = d->total;
	if (live_runs(&d->live)) {
		live_peek(&d->live, &now);
		add(all, &now);
	}
}

static void counts_text(char *text, size_t size, const struct live_counts *counts)
{
	snprintf(text, size, "%llu frames, %llu covered whole%s%s%s, %llu dropped, %llu damaged",
		 (unsigned long long)counts->frames, (unsigned long long)counts->whole,
		 counts->whole ? " (" : "", counts->whole ? counts->why : "",
		 counts->whole ? ")" : "", (unsigned long long)counts->dropped,
		 (unsigned long long)counts->damaged);
}

static bool wanted(const struct scrimd *d)
{
	return d->readers || d->policy.always_on || d->to_nobody;
}

static const char *watching(const struct scrimd *d, char text[32])
{
	if (d->to_nobody)
		return "shown to nobody (--feed null)";
	snprintf(text, 32, "%u watching", d->readers);
	return text;
}

static void tell(const struct scrimd *d)
{
	struct live_counts all;
	char text[512];

	count_all(d, &all);
	counts_text(text, sizeof(text), &all);
	notify("STATUS=%s, %s; %s, %u restarts", live_runs(&d->live) ? "camera on" :
	       wanted(d) ? "black" : "camera off", watching(d, (char[32]){ 0 }), text,
	       d->restarts);
}

/* The policy */

static int find_policy(const struct scrimd *d, const struct policies *all,
		       struct policy *policy, struct scrim_error *err)
{
	const struct policy *found = policies_find(all, d->camera);

	if (all->errors)
		return fail(err, -EINVAL, "%s", all->error[0]);
	if (!found)
		return fail(err, -ENOENT, "%s: there is no [camera %s]", d->policy_path, d->camera);
	if (!*found->device)
		return fail(err, -EINVAL, "%s: [camera %s] has no device", d->policy_path, d->camera);
	*policy = *found;
	return 0;
}

/* With an error anywhere in the folder there is no policy: cameras share [defaults]. */
static int load_policy(const struct scrimd *d, struct policy *policy, struct scrim_error *err)
{
	struct policies *all = NULL;
	int ret = policies_load(&all, d->policy_path, err);

	if (ret >= 0)
		ret = find_policy(d, all, policy, err);
	free(all);
	return ret;
}

static uid_t feeder(void)
{
	const struct passwd *user = getpwnam(FEEDER);

	return user ? user->pw_uid : 0;
}

/*
 * Locked regions are an administrator's: others can only see that they are there.
 * Where nobody is shown anything, the kernel has nothing to hold.
 */
static int hold(const struct scrimd *d, const struct policy *policy, struct scrim_error *err)
{
	if (d->to_nobody)
		return 0;
	return geteuid() == 0 ? configfs_make(policy, feeder(), err) :
				configfs_check(policy, err);
}

/* Minute of the day, in local time; -1: not known. */
static int minute_now(void)
{
	time_t now = time(NULL);
	struct tm tm;

	return now > 0 && localtime_r(&now, &tm) ? tm.tm_hour * 60 + tm.tm_min : -1;
}

/* The worker */

static void try_again(struct scrimd *d, bool missing)
{
	d->wait = missing ? WAIT_CAMERA : d->wait ? 2 * d->wait : WAIT_FIRST;
	if (d->wait > WAIT_LAST)
		d->wait = WAIT_LAST;
	d->again = now_ms() + d->wait;
}

static bool is_missing(int ret)
{
	return ret == -ENOENT || ret == -ENODEV || ret == -ENXIO;
}

static void start(struct scrimd *d)
{
	struct live_counts none;
	struct scrim_error err;
	int ret;

	d->regions = live_regions_at(&d->policy, minute_now());
	live_policy_of(&d->now, &d->policy, d->regions);
	ret = live_start(&d->live, &d->now, &d->feed, &err);
	if (ret >= 0) {
		d->watch = ret = live_watch(&d->live, &err);
		d->began = d->moved = now_ms();
		d->shown = 0;
		d->said[0] = '\0';
		say(d, "camera on, %s: %ux%u %.4s", watching(d, (char[32]){ 0 }),
		    d->live.camera.pix.width, d->live.camera.pix.height,
		    (const char *)&d->live.camera.pix.pixelformat);
	}
	if (ret < 0) {
		live_stop(&d->live, &none, NULL);	/* one that cannot be watched */
		if (strcmp(d->said, err.text))
			say(d, "%s; black", err.text);
		memcpy(d->said, err.text, sizeof(d->said));
		try_again(d, is_missing(ret));
	}
	tell(d);
}

/* Readers get black from here on; why is NULL when the worker ended by itself. */
static void stop(struct scrimd *d, const char *why)
{
	struct live_counts counts;
	struct scrim_error err;
	char text[512];
	int ret;

	if (!live_runs(&d->live))
		return;
	ret = live_stop(&d->live, &counts, &err);
	close(d->watch);
	d->watch = -1;
	add(&d->total, &counts);
	counts_text(text, sizeof(text), &counts);
	say(d, "black: %s; %s", why ? why : ret < 0 ? err.text : "the worker ended", text);
	if (!why) {
		d->restarts++;
		if (now_ms() - d->began >= PROVEN)
			d->wait = 0;
		try_again(d, is_missing(ret));
	}
	tell(d);
}

/* One that stands still would stand still for ever, and one of another hour shows too much. */
static void look_after(struct scrimd *d)
{
	struct live_counts counts;

	if (!live_runs(&d->live))
		return;
	if (live_regions_at(&d->policy, minute_now()) != d->regions) {
		stop(d, "another hour");
		d->again = 0;
		return;
	}
	live_peek(&d->live, &counts);
	if (counts.frames != d->shown)
		d->moved = now_ms();
	d->shown = counts.frames;
	if (now_ms() - d->moved < STUCK)
		return;
	stop(d, "no picture for a minute");
	d->restarts++;
	try_again(d, false);
}

/* What happens */

static void readers_changed(struct scrimd *d)
{
	if (!wanted(d))
		stop(d, "nobody watches");
	tell(d);
}

/*
 * Nothing of the old policy is shown when this says that it is ready.  A policy that
 * cannot be read or held changes nothing.
 */
static void reload(struct scrimd *d)
{
	struct policy policy;
	struct scrim_error err;
	struct timespec now;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &now);
	notify("RELOADING=1\nMONOTONIC_USEC=%lld",
	       (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	ret = load_policy(d, &policy, &err);
	if (ret >= 0)
		ret = hold(d, &policy, &err);
	if (ret >= 0) {
		stop(d, "another policy");
		d->policy = policy;
		d->again = d->wait = 0;
		say(d, "the policy was read again");
	} else {
		say(d, "%s; the old policy stays", err.text);
	}
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

/* Milliseconds until there is something to do without being told; -1: never. */
static int patience(const struct scrimd *d)
{
	int64_t left = d->again - now_ms();

	if (live_runs(&d->live))
		return LOOK;
	if (!wanted(d))
		return -1;
	return left > 0 ? left : 0;
}

static int turn(struct scrimd *d, struct scrim_error *err)
{
	struct pollfd ready[] = {
		{ .fd = d->signals, .events = POLLIN },
		{ .fd = d->feed.fd, .events = POLLPRI },
		{ .fd = -1, .events = POLLIN },
	};
	int happened, ret;

	if (wanted(d) && !live_runs(&d->live) && now_ms() >= d->again)
		start(d);
	ready[2].fd = d->watch;
	happened = poll(ready, 3, patience(d));
	if (happened < 0)
		return errno == EINTR ? 0 : fail(err, -errno, "cannot wait: %s", strerror(errno));
	look_after(d);
	if (!happened && live_runs(&d->live))
		tell(d);
	if (ready[2].revents)
		stop(d, NULL);
	if (ready[1].revents) {
		ret = feed_readers(&d->feed, &d->readers, err);
		if (ret < 0)
			return ret;
		if (ret)
			readers_changed(d);
	}
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

static int set_up(struct scrimd *d, struct scrim_error *err)
{
	struct scrim_error why;
	char path[64];
	int ret;

	ret = load_policy(d, &d->policy, err);
	if (ret >= 0)
		ret = hold(d, &d->policy, err);
	if (ret < 0 || d->prepare)
		return ret;
	if (d->to_nobody)
		feed_null(&d->feed);
	else
		ret = configfs_feed(d->camera, path, sizeof(path), err);
	if (ret >= 0 && !d->to_nobody)
		ret = feed_open(&d->feed, path, err);
	if (ret >= 0)
		ret = take_signals(d, err);
	if (ret >= 0 && live_probe(&d->policy, &d->feed, &why) < 0)
		say(d, "%s; black until it is there", why.text);
	return ret;
}

enum { OPTION_PREPARE = 256, OPTION_FEED };

static const struct option options[] = {
	{ "camera",	required_argument,	NULL, 'c' },
	{ "policy",	required_argument,	NULL, 'p' },
	{ "feed",	required_argument,	NULL, OPTION_FEED },
	{ "prepare",	no_argument,		NULL, OPTION_PREPARE },
	{ "help",	no_argument,		NULL, 'h' },
	{ "version",	no_argument,		NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* 0 to go on, 1 to end well. */
static int parse(struct scrimd *d, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "c:p:hV", options, NULL)) != -1)
		switch (option) {
		case 'c':
			d->camera = optarg;
			break;
		case 'p':
			d->policy_path = optarg;
			break;
		case OPTION_FEED:
			if (strcmp(optarg, "null")) {
				fprintf(stderr, "scrimd: --feed takes null and nothing else\n");
				return -EINVAL;
			}
			d->to_nobody = true;
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
	if (d->prepare && d->to_nobody) {
		fprintf(stderr, "scrimd: --prepare makes a feed, and --feed null has none\n");
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
		.policy_path = POLICY_FOLDER,
		.feed = FEED_NONE, .live = LIVE_NONE, .watch = -1, .signals = -1,
	};
	struct scrim_error err;
	int ret;

	if (!have_standard_descriptors())
		return 1;
	setvbuf(stderr, NULL, _IOLBF, 0);
	ret = parse(&d, argc, argv);
	if (ret)
		return ret < 0 ? 2 : 0;
	ret = set_up(&d, &err);
	if (ret >= 0 && !d.prepare) {
		say(&d, d.to_nobody ? "ready; shown to nobody (--feed null)" : "ready");
		notify("READY=1");
		tell(&d);
		do
			ret = turn(&d, &err);
		while (!ret);
		notify("STOPPING=1");
		stop(&d, "asked to end");
	}
	feed_close(&d.feed);
	if (ret < 0) {
		say(&d, "%s", err.text);
		notify("STATUS=%s\nERRNO=%d", err.text, -err.code);
	}
	return ret < 0;
}
