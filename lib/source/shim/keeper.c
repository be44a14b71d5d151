// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The program that a keeper is.  It loads libcamera, puts the fence up, and only then looks for
 * cameras.
 */
#include "source/keeper.h"

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "guard/fence.h"
#include "guard/rights.h"

#define LOOK_MS		100		/* how often it looks whether a silent camera is there */
#define YOUNG_NS	INT64_C(50000000)	/* a picture that came so long ago */
#define LET_GO_MS	100		/* that the kernel takes to take one apart */
#define VIDEO_MAJOR	81
#define NODES_MAX	16		/* that a camera has open */

struct keeping {
	const struct shim_calls *shim;
	struct shim *of;
	struct keeper_ask ask;
	struct keeper_told told;
	struct shim_buffer buffer[SHIM_BUFFERS];
	struct shim_name name[KEEPER_NAMES];
	int node[NODES_MAX];		/* of the camera */
	unsigned nodes;
	int events;			/* -1: it is off */
	bool gone;
	bool asked;			/* for a picture */
	bool holds;			/* one that nobody has asked for yet: */
	struct shim_filled held;
	int64_t held_ns;
};

static int fails(struct keeping *k, int ret, const char *why)
{
	snprintf(k->told.why, sizeof(k->told.why), "%s", why);
	return ret;
}

/* Beside this program. */
static int load(struct keeping *k)
{
	char path[PATH_MAX + sizeof("/" KEEPER_SHIM)] = "";
	const struct shim_calls *const *calls = NULL;
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	void *object = NULL;

	if (n > 0) {
		strcpy(strrchr(path, '/'), "/" KEEPER_SHIM);
		object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	}
	if (object)
		calls = dlsym(object, SHIM_NAME);
	if (!calls)
		return fails(k, -ENOTSUP, object || n <= 0 ? "no libcamera shim" : dlerror());
	k->shim = *calls;
	return 0;
}

static int put_up_fence(struct keeping *k)
{
	static char names[KEEPER_NODES][KEEPER_NODE];
	const char *nodes[KEEPER_NODES];
	unsigned count = keeper_nodes(names, "/sys", *k->ask.id ? k->ask.id : NULL);
	struct scrim_error err;
	int ret;

	/* This is asked every half second while a camera is away. */
	if (!count && *k->ask.id)
		return fails(k, -ENODEV, "the camera is not there");
	ret = load(k);
	for (unsigned i = 0; i < count; i++)
		nodes[i] = names[i];
	if (ret >= 0) {
		ret = fence_enter(nodes, count, &err);
		if (ret < 0)
			fails(k, ret, err.text);
	}
	return ret;
}

static uint64_t away(const struct shim_size *size, const struct keeper_ask *ask)
{
	int64_t dx = (int64_t)size->width - ask->width, dy = (int64_t)size->height - ask->height;

	return (dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy);
}

/* The first format of those that come closest; sizes are even. */
static int choose(struct keeping *k, struct shim_frames *frames)
{
	struct keeper_ask *ask = &k->ask;
	uint64_t least = UINT64_MAX;

	*frames = (struct shim_frames){ 0 };
	if (!ask->width || !ask->height) {
		ask->width = 640;
		ask->height = 480;
	}
	for (unsigned i = 0; i < KEEPER_FORMATS && ask->drm[i]; i++) {
		struct shim_size sizes[SHIM_SIZES];
		int count = k->shim->sizes(k->of, ask->drm[i], sizes, k->told.why);

		for (int at = 0; at < count; at++) {
			if (sizes[at].width & 1 || sizes[at].height & 1 || away(&sizes[at], ask) >= least)
				continue;
			least = away(&sizes[at], ask);
			*frames = (struct shim_frames){
				.drm = ask->drm[i], .width = sizes[at].width,
				.height = sizes[at].height, .frame_us = ask->frame_us,
			};
		}
	}
	return frames->drm ? 0 : fails(k, -ENOTSUP, "the camera has no format that can be read, in a "
				       "size of even numbers");
}

/* By what they are: libcamera does not say which it opened. */
static void find_nodes(struct keeping *k)
{
	struct stat st;

	for (int fd = FENCE_SOCKET + 1; fd < 256 && k->nodes < NODES_MAX; fd++)
		if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == VIDEO_MAJOR)
			k->node[k->nodes++] = fd;
}

static int find_camera(struct keeping *k)
{
	struct keeper_told *told = &k->told;
	int ret = k->shim->open(k->of, k->ask.id, told->why);

	if (ret >= 0)
		ret = choose(k, &told->frames);
	if (ret >= 0)
		ret = k->shim->controls(k->of, told->control, told->why);
	if (ret >= 0) {
		told->controls = ret;
		ret = k->shim->set_up(k->of, &told->frames, k->buffer, told->why);
	}
	find_nodes(k);
	return ret;
}

/* Returns how many messages follow. */
static int look(struct keeping *k)
{
	int ret = put_up_fence(k);

	if (ret >= 0)
		ret = k->shim->begin(&k->of, k->told.why);
	/* On a machine without any media device. */
	if (ret == -ENODEV && !*k->ask.id)
		return 0;
	if (ret < 0)
		return ret;
	return *k->ask.id ? find_camera(k) :
	       k->shim->list(k->of, k->name, KEEPER_NAMES, k->told.why);
}

/* Planes of the same descriptor share it. */
static int hand_out(const struct shim_buffer *buffer)
{
	struct keeper_buffer told = { .planes = buffer->planes };
	int fds[SHIM_PLANES];
	unsigned count = 0, at;

	for (unsigned i = 0; i < buffer->planes; i++) {
		for (at = 0; at < count && fds[at] != buffer->plane[i].fd; at++)
			;
		if (at == count)
			fds[count++] = buffer->plane[i].fd;
		told.plane[i].at = at;
		told.plane[i].offset = buffer->plane[i].offset;
		told.plane[i].length = buffer->plane[i].length;
	}
	return rights_send(FENCE_SOCKET, &told, sizeof(told), fds, count);
}

static int tell(struct keeping *k)
{
	int ret;

	k->told.follow = k->told.ret > 0 ? k->told.ret : 0;
	ret = rights_send(FENCE_SOCKET, &k->told, sizeof(k->told), NULL, 0);
	for (unsigned i = 0; ret >= 0 && i < k->told.follow; i++)
		ret = *k->ask.id ? hand_out(&k->buffer[i]) :
		      rights_send(FENCE_SOCKET, &k->name[i], sizeof(k->name[i]), NULL, 0);
	return ret < 0 ? ret : k->told.ret;
}

/* Keeping. */

static void say(const char *why)
{
	fprintf(stderr, "%s\n", why);
}

static void tell_gone(struct keeping *k)
{
	const struct shim_filled gone = { .index = SHIM_GONE };

	if (!k->gone)
		rights_send(FENCE_SOCKET, &gone, sizeof(gone), NULL, 0);
	k->gone = true;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void give_back(struct keeping *k, uint32_t index)
{
	char why[SHIM_TEXT] = "";

	if (k->shim->give_back(k->of, index, why) < 0)
		say(why);
}

/* False: nobody is there any more. */
static bool show(struct keeping *k, const struct shim_filled *filled)
{
	k->asked = false;
	return rights_send(FENCE_SOCKET, filled, sizeof(*filled), NULL, 0) >= 0;
}

/* The latest of what came is kept while nobody asks. */
static bool hold(struct keeping *k, const struct shim_filled *filled)
{
	if (k->asked)
		return show(k, filled);
	if (k->holds)
		give_back(k, k->held.index);
	k->holds = true;
	k->held = *filled;
	k->held_ns = now_ns();
	return true;
}

static void ask(struct keeping *k)
{
	bool young = k->holds && now_ns() - k->held_ns < YOUNG_NS;

	k->asked = true;
	if (young)
		show(k, &k->held);
	else if (k->holds)
		give_back(k, k->held.index);
	k->holds = false;
}

static void obey(struct keeping *k, const struct keeper_order *order)
{
	char why[SHIM_TEXT] = "";
	int ret = 0;

	switch (order->what) {
	case KEEPER_START:
		if (k->events < 0)
			ret = k->events = k->shim->start(k->of, why);
		k->asked = true;
		if (ret < 0)
			tell_gone(k);
		break;
	case KEEPER_GIVE_BACK:
		if (k->events < 0)
			break;
		give_back(k, order->id);
		ask(k);
		break;
	case KEEPER_TURN:
		ret = k->shim->turn(k->of, order->id, order->value, why);
		break;
	}
	if (ret < 0)
		say(why);
}

/* False: nobody is there any more. */
static bool listen_to(struct keeping *k)
{
	struct keeper_order order;
	int ret = rights_receive(FENCE_SOCKET, &order, sizeof(order), NULL, 0);

	if (ret >= 0)
		obey(k, &order);
	return ret >= 0 || ret == -EPROTO;
}

static bool pass_on(struct keeping *k)
{
	struct shim_filled filled;

	if (read(k->events, &filled, sizeof(filled)) != sizeof(filled))
		return true;
	if (filled.index == SHIM_GONE)
		tell_gone(k);
	return filled.index == SHIM_GONE || hold(k, &filled);
}

static void look_after(struct keeping *k)
{
	struct v4l2_capability capability;

	for (unsigned i = 0; i < k->nodes; i++)
		if (ioctl(k->node[i], VIDIOC_QUERYCAP, &capability) < 0 && errno == ENODEV)
			tell_gone(k);
}

static void keep(struct keeping *k)
{
	bool heard = true;

	while (heard) {
		struct pollfd ready[] = {
			{ .fd = FENCE_SOCKET, .events = POLLIN },
			{ .fd = k->events, .events = POLLIN },
		};
		int happened = poll(ready, 2, k->events >= 0 && !k->gone ? LOOK_MS : -1);

		if (!happened)
			look_after(k);
		if (happened > 0 && ready[0].revents)
			heard = listen_to(k);
		if (happened > 0 && heard && ready[1].revents)
			heard = pass_on(k);
	}
	/* The last close of a camera that is just taken apart: see v4l2_close(). */
	look_after(k);
	if (k->gone)
		poll(NULL, 0, LET_GO_MS);
}

int main(void)
{
	static struct keeping k = { .events = -1 };

	alarm(KEEPER_SECONDS);
	setvbuf(stderr, NULL, _IOLBF, 0);
	if (rights_receive(FENCE_SOCKET, &k.ask, sizeof(k.ask), NULL, 0) < 0)
		return 2;
	k.ask.id[sizeof(k.ask.id) - 1] = '\0';
	k.told.ret = look(&k);
	if (tell(&k) < 0 || !*k.ask.id)
		_exit(1);
	signal(SIGALRM, SIG_IGN);
	keep(&k);
	_exit(0);
}
