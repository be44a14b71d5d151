// SPDX-License-Identifier: LGPL-2.1-or-later
#include "look/wall.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "look/hotplug.h"

#define SECOND	INT64_C(1000000000)
#define MAYS	(SCREEN_MAYS + WALL_MAX * WATCH_MAYS + 1)

enum { END, MONITORS, SCREEN, CAMERAS };	/* descriptors, in the order of poll() */

struct show {
	struct wall wall;
	int end, monitors;		/* owned; -1: none */
	bool lit;
	bool ended;
	uint64_t painted[2][WALL_MAX];	/* which version is in each of the screen's buffers */
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static int open_signals(int *fd, struct scrim_error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    (*fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return fail(err, -errno, "cannot hear of signals: %s", strerror(errno));
	return 0;
}

static int close_cage(const struct wall *wall, struct scrim_error *err)
{
	struct device_permission may[MAYS] = {
		{ STDERR_FILENO, { DEVICE_WRITE, "say why it ends" } },
	};
	struct cage_devices devices = { may, 1, &cage_wall };

	devices.count += screen_permit(may + devices.count, wall->screen);
	for (unsigned i = 0; i < wall->count; i++)
		devices.count += watch_permit(may + devices.count, &wall->watch[i]);
	cage_look_around();		/* libdrm sorts what a commit names */
	return cage_enter(&devices, err);
}

/* Before the cage closes. */
static void lend_all(const struct wall *wall)
{
	for (unsigned i = 0; i < wall->count; i++)
		if (wall->copies)
			wall->watch[i].scanout.why = "as told";
		else
			watch_lend(&wall->watch[i], wall->screen);
}

static void say_paths(const struct wall *wall)
{
	for (unsigned i = 0; i < wall->count; i++) {
		const struct watch *watch = &wall->watch[i];
		struct scrim_error said;

		if (watch->scanout.plane)
			fail(&said, 0, "%s is shown by the card, without a copy", watch->name);
		else
			fail(&said, 0, "%s is copied: %s", watch->name, watch->scanout.why);
		fprintf(stderr, "scrim: %s\n", said.text);
	}
}

/* Planes for those that the card can show, in these places. */
static void assign_all(const struct wall *wall, const struct place places[])
{
	struct scanout *of[WALL_MAX];

	for (unsigned i = 0; i < wall->count; i++) {
		of[i] = &wall->watch[i].scanout;
		of[i]->place = places[i];
	}
	screen_assign(wall->screen, of, wall->count);
	if (wall->says)
		say_paths(wall);
}

static int place_all(struct show *s, struct scrim_error *err)
{
	struct wall *wall = &s->wall;
	struct extent pictures[WALL_MAX], screen;
	struct place places[WALL_MAX];
	int ret = 0;

	screen_size(wall->screen, &screen.width, &screen.height);
	for (unsigned i = 0; i < wall->count; i++)
		pictures[i] = (struct extent){ wall->watch[i].pix.width, wall->watch[i].pix.height };
	if (grid_place(places, pictures, wall->count, screen) < 0)
		return fail(err, -EINVAL, "%u cameras do not fit on %ux%u", wall->count, screen.width,
			    screen.height);
	assign_all(wall, places);
	for (unsigned i = 0; ret >= 0 && i < wall->count; i++)
		ret = watch_place(&wall->watch[i], &places[i], err);
	return ret;
}

/* Where there is a monitor. */
static int light(struct show *s, struct scrim_error *err)
{
	int ret = screen_light(s->wall.screen, err);

	if (ret <= 0)
		return ret;
	s->lit = true;
	memset(s->painted, 0, sizeof(s->painted));
	ret = place_all(s, err);
	for (unsigned i = 0; ret >= 0 && i < s->wall.count; i++)
		ret = watch_start(&s->wall.watch[i], err);
	return ret;
}

static int dark(struct show *s, struct scrim_error *err)
{
	s->lit = false;
	for (unsigned i = 0; i < s->wall.count; i++)
		watch_stop(&s->wall.watch[i]);
	return screen_dark(s->wall.screen, err);
}

/*
 * Asking a monitor for its modes takes longer than a picture may stay: that is not done while
 * one is lit.
 */
static int look_at_monitor(struct show *s, enum hotplug heard, struct scrim_error *err)
{
	bool plugged = screen_is_plugged(s->wall.screen);
	int ret = 0;

	if (heard == HOTPLUG_NONE)
		return 0;
	if (s->lit && (!plugged || heard == HOTPLUG_CHANGE))
		ret = dark(s, err);
	if (ret >= 0 && !s->lit && plugged)
		ret = light(s, err);
	return ret < 0 ? ret : 0;
}

/* Once: it is not listened to any more. */
static void say_gone(const struct watch *watch)
{
	struct scrim_error said;

	fail(&said, -ENODEV, "%s is gone, and stays black", watch->name);
	fprintf(stderr, "scrim: %s\n", said.text);
}

static int take_all(struct show *s, const struct pollfd ready[], struct scrim_error *err)
{
	int ret = 0;
	bool any = false;

	for (unsigned i = 0; ret >= 0 && i < s->wall.count; i++) {
		struct watch *watch = &s->wall.watch[i];

		if (ready[i].revents)
			ret = watch_take(watch, ready[i].revents, now(), err);
		if (ready[i].revents && watch->gone)
			say_gone(watch);
		any |= !watch->gone;
	}
	if (ret >= 0 && !any)
		return fail(err, -ENODEV, "no camera is left");
	return ret;
}

/* Whether the monitor shows, or is about to show, what it should. */
static bool is_painted(const struct show *s, unsigned buffer)
{
	for (unsigned i = 0; i < s->wall.count; i++)
		if (s->painted[buffer][i] != s->wall.watch[i].version)
			return false;
	return true;
}

/* Draws it, if it is not there yet, or has the card show it. */
static void put(struct show *s, unsigned i, const struct canvas *canvas)
{
	const struct watch *watch = &s->wall.watch[i];
	unsigned number = canvas->number;

	if (watch->scanout.plane)
		screen_put(s->wall.screen, &watch->scanout, watch->latest);
	else if (s->painted[number][i] != watch->version)
		watch_paint(watch, canvas);
	s->painted[number][i] = watch->version;
	/* Below a plane nothing is drawn. */
	if (watch->scanout.plane)
		s->painted[!number][i] = watch->version;
}

/* What it said that it can, the card refuses after all: from the next picture on all is drawn. */
static int draw_all(struct show *s, struct scrim_error *err)
{
	int ret = 0;

	screen_draw_all(s->wall.screen);
	for (unsigned i = 0; ret >= 0 && i < s->wall.count; i++) {
		struct watch *watch = &s->wall.watch[i];

		if (!watch->scanout.plane)
			continue;
		watch->scanout.plane = NULL;
		watch->scanout.why = "the card refused it";
		ret = watch_place(watch, &watch->scanout.place, err);
	}
	if (s->wall.says)
		say_paths(&s->wall);
	return ret;
}

static bool any_plane(const struct show *s)
{
	for (unsigned i = 0; i < s->wall.count; i++)
		if (s->wall.watch[i].scanout.plane)
			return true;
	return false;
}

static int paint(struct show *s, struct scrim_error *err)
{
	const struct canvas *canvas = screen_back(s->wall.screen);
	int ret;

	for (unsigned i = 0; i < s->wall.count; i++)
		watch_expire(&s->wall.watch[i], now());
	if (!canvas || is_painted(s, !canvas->number))
		return 0;
	for (unsigned i = 0; i < s->wall.count; i++)
		put(s, i, canvas);
	ret = screen_show(s->wall.screen, err);
	if (ret < 0 && ret != -EBUSY && any_plane(s)) {
		ret = draw_all(s, err);
		return ret < 0 ? ret : paint(s, err);
	}
	for (unsigned i = 0; ret >= 0 && i < s->wall.count; i++)
		watch_told(&s->wall.watch[i]);
	return ret;
}

/* What the card read until now, cameras get back. */
static int hear_screen(struct show *s, struct scrim_error *err)
{
	int ret = screen_event(s->wall.screen, err);

	for (unsigned i = 0; ret > 0 && i < s->wall.count; i++)
		watch_seen(&s->wall.watch[i]);
	return ret;
}

/* Until the first of the pictures has to be black; NULL: there is none. */
static const struct timespec *patience(const struct show *s, struct timespec *time)
{
	int64_t first = INT64_MAX, left;

	for (unsigned i = 0; i < s->wall.count; i++)
		if (s->wall.watch[i].until_ns && s->wall.watch[i].until_ns < first)
			first = s->wall.watch[i].until_ns;
	if (first == INT64_MAX)
		return NULL;
	left = first - now();
	left = left < 0 ? 0 : left;
	*time = (struct timespec){ left / SECOND, left % SECOND };
	return time;
}

static int wait_for(const struct show *s, struct pollfd ready[CAMERAS + WALL_MAX],
		    struct scrim_error *err)
{
	struct timespec time;

	ready[END] = (struct pollfd){ .fd = s->end, .events = POLLIN };
	ready[MONITORS] = (struct pollfd){ .fd = s->monitors, .events = POLLIN };
	ready[SCREEN] = (struct pollfd){ .fd = screen_fd(s->wall.screen), .events = POLLIN };
	for (unsigned i = 0; i < s->wall.count; i++) {
		const struct watch *watch = &s->wall.watch[i];

		ready[CAMERAS + i] = (struct pollfd){
			.fd = watch->streams ? watch->fd : -1, .events = POLLIN,
		};
	}
	if (ppoll(ready, CAMERAS + s->wall.count, patience(s, &time), NULL) < 0 && errno != EINTR)
		return fail(err, -errno, "cannot wait: %s", strerror(errno));
	return 0;
}

static int step(struct show *s, struct scrim_error *err)
{
	struct pollfd ready[CAMERAS + WALL_MAX];
	int ret = wait_for(s, ready, err);

	if (ret < 0)
		return ret;
	s->ended = ready[END].revents;
	if (ready[SCREEN].revents)
		ret = hear_screen(s, err);
	if (ret >= 0)
		ret = take_all(s, ready + CAMERAS, err);
	if (ret >= 0 && ready[MONITORS].revents)
		ret = look_at_monitor(s, hotplug_hear(s->monitors), err);
	return ret < 0 ? ret : paint(s, err);
}

int wall_run(struct wall *wall, struct scrim_error *err)
{
	struct show s = { .wall = *wall, .end = -1, .monitors = -1 };
	int ret = open_signals(&s.end, err);

	if (ret >= 0)
		ret = hotplug_open(&s.monitors, err);
	if (ret >= 0)
		lend_all(wall);
	if (ret >= 0)
		ret = close_cage(wall, err);
	if (ret >= 0)
		ret = light(&s, err);
	while (ret >= 0 && !s.ended)
		ret = step(&s, err);
	if (s.end >= 0)
		close(s.end);
	if (s.monitors >= 0)
		close(s.monitors);
	return ret < 0 ? ret : 0;
}
