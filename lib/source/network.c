// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Cameras in the network.  A child asks for the camera's name and connects; what the camera
 * says is read in cages, one that finds out what its pictures are and then the worker's, which
 * can read from and write to that one connection.  Passwords are read where they are used.
 */
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/rights.h"
#include "source/facts.h"
#include "source/video.h"

#define DIAL_SECONDS	4		/* for each of a name's addresses */
#define FIND_SECONDS	25u		/* for all that is done to find a camera */
#define ADDRESS_MAX	300

static const struct device_request network_requests[] = {
	{ DEVICE_WRITE, "ask the camera to play, and to play on" },
};

struct found {
	int ret;
	uint8_t basic;			/* a stranger's bool may be neither */
	struct video_facts facts;	/* fourcc 0: not known */
	char why[SCRIM_TEXT_MAX];
};

/* Connecting. */

static int connect_to(const struct addrinfo *to)
{
	const struct timeval limit = { .tv_sec = DIAL_SECONDS };
	int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC, to->ai_protocol), ret;

	if (fd < 0)
		return -errno;
	/* Holds for connect() and, later, for write(). */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int));
	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
		return fd;
	ret = errno == EINPROGRESS ? -ETIMEDOUT : -errno;
	close(fd);
	return ret;
}

static int dial(const struct url *url, struct scrim_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *all = NULL;
	int ret = getaddrinfo(url->host, url->port, &hints, &all);

	if (ret)
		return fail(err, -EHOSTUNREACH, "%s: %s", url->host, gai_strerror(ret));
	ret = -EHOSTUNREACH;
	for (const struct addrinfo *to = all; to && ret < 0; to = to->ai_next)
		ret = connect_to(to);
	freeaddrinfo(all);
	return ret < 0 ? fail(err, ret, "cannot reach %s, port %s: %s", url->host, url->port,
			      strerror(-ret)) : ret;
}

/* What the pictures are, in a cage. */

struct looking {
	const struct camera *camera;
	stream_opener *open;
	struct stream_from from;
	struct trust trust;
};

/* Before a cage closes. */
static int prepare(struct looking *l, struct scrim_error *err)
{
	int ret = stream_load(&l->open, err);

	if (ret >= 0 && *l->camera->credentials)
		ret = secret_read(&l->from.secret, l->camera->credentials, err);
	if (ret >= 0 && l->from.url.secure)
		ret = trust_read(&l->trust, l->camera->tls_ca, err);
	l->from.trust = &l->trust;
	return ret;
}

static int look_before(void *looking, struct scrim_error *err)
{
	return prepare(looking, err);
}

static int look(void *looking, void *result, struct scrim_error *err)
{
	const struct looking *l = looking;
	struct source *source = NULL;
	struct found *found = result;
	int ret = l->open(&source, &l->from, err);

	found->basic = l->from.basic || ret == -ENOKEY;
	if (ret >= 0)
		found->facts = facts_of(source);
	source_free(&source);
	return ret == -ENOKEY && !l->from.basic ? 0 : ret;
}

static int look_at(struct looking *l, struct found *found, struct scrim_error *err)
{
	const struct device_permission may = { l->from.fd, network_requests[0] };
	const struct cage_devices devices = { &may, 1, &cage_network };
	const struct caged_call call = {
		.before = look_before, .work = look, .ctx = l, .keep = &l->from.fd, .kept = 1,
		.size = sizeof(*found), .devices = &devices,
	};

	return caged(&call, found, err);
}

/* A connection that is ready for the worker; each caged process has one of its own. */
static int find_camera(struct looking *l, struct found *found, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned tries = 0; ret >= 0 && !found->facts.fourcc && tries < 2; tries++) {
		l->from.fd = ret = dial(&l->from.url, err);
		l->from.basic = found->basic;
		if (ret >= 0)
			ret = look_at(l, found, err);
		if (l->from.fd >= 0)
			close(l->from.fd);
	}
	if (ret >= 0 && !facts_are_sound(&found->facts))
		ret = fail(err, -ENOTSUP, "not a video that can be shown");
	return ret < 0 ? ret : dial(&l->from.url, err);
}

/* The child. */

/* "rtsp://host/path", without what nobody should see. */
static void shown(char to[ADDRESS_MAX], const struct camera *camera)
{
	char text[ADDRESS_MAX];

	snprintf(text, sizeof(text), "%s%s", camera->kind->prefix, camera->where);
	url_show(to, ADDRESS_MAX, text);
}

static int parse(struct url *url, const struct camera *camera, struct scrim_error *err)
{
	char text[ADDRESS_MAX];

	snprintf(text, sizeof(text), "%s%s", camera->kind->prefix, camera->where);
	return url_parse(url, text, err);
}

/* It ends by itself, in bounded time, and nothing is left of it. */
static void find_and_tell(const struct camera *camera, struct found *found, int to)
{
	struct looking l = { .camera = camera };
	struct scrim_error err;
	char name[ADDRESS_MAX];
	int fd;

	alarm(FIND_SECONDS);
	shown(name, camera);
	l.from.name = name;
	fd = parse(&l.from.url, camera, &err);
	if (fd >= 0)
		fd = find_camera(&l, found, &err);
	found->ret = fd < 0 ? fd : 0;
	if (fd < 0)
		snprintf(found->why, sizeof(found->why), "%s", err.text);
	rights_send(to, found, sizeof(*found), &fd, fd >= 0);
}

/* The parent's descriptors are none of its business. */
static int keep_one(int fd)
{
	if (dup2(fd, 3) < 0 || close_range(4, ~0u, 0) < 0)
		return -errno;
	return 3;
}

static int start_child(struct finder *finder, const struct camera *camera, struct scrim_error *err)
{
	struct found found = { .basic = finder->basic };
	int ends[2], parent = getpid(), to;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(err, -errno, "no socket: %s", strerror(errno));
	/* The worker looks whether it is still so. */
	if (finder->pix.width)
		found.facts = (struct video_facts){
			.fourcc = finder->pix.pixelformat, .width = finder->pix.width,
			.height = finder->pix.height,
		};
	finder->pid = fork();
	if (!finder->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		to = getppid() == parent ? keep_one(ends[1]) : -1;
		if (to >= 0)
			find_and_tell(camera, &found, to);
		_exit(0);
	}
	close(ends[1]);
	if (finder->pid < 0) {
		finder->pid = 0;
		close(ends[0]);
		return fail(err, -EAGAIN, "no process to look for a camera");
	}
	finder->from = ends[0];
	return 0;
}

void finder_stop(struct finder *finder)
{
	if (!finder->pid)
		return;
	kill(finder->pid, SIGKILL);
	while (waitpid(finder->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(finder->from);
	finder->pid = 0;
}

void finder_forget(struct finder *finder)
{
	finder->pix = (struct v4l2_pix_format){ 0 };
	finder->basic = false;
}

/* What the child says is a stranger's word, but for the descriptor. */
static int take(struct finder *finder, struct camera *camera, struct scrim_error *err)
{
	char name[ADDRESS_MAX];
	struct found found;
	int ret = rights_receive(finder->from, &found, sizeof(found), &camera->fd, 1);

	finder_stop(finder);
	shown(name, camera);
	if (ret < 0)
		return fail(err, -ETIMEDOUT, "%s does not answer in %u seconds", name, FIND_SECONDS);
	found.why[sizeof(found.why) - 1] = '\0';
	/* This would be a promise that somebody still looks. */
	if (found.ret == -EINPROGRESS)
		found.ret = -EIO;
	if (found.ret < 0 || !ret)
		return fail(err, found.ret < 0 ? found.ret : -EIO, "%s: %s", name, found.why);
	if (!finder->pix.width && !facts_are_sound(&found.facts))
		return fail(err, -EIO, "%s: the worker's answer is none", name);
	if (!finder->pix.width) {
		facts_describe(camera, &found.facts);
		finder->pix = camera->pix;
		finder->interval = camera->interval;
		finder->basic = found.basic;
	}
	camera->pix = finder->pix;
	camera->interval = finder->interval;
	camera->basic = finder->basic;
	return 0;
}

static int network_find(struct camera *camera, struct finder *finder, struct scrim_error *err)
{
	struct pollfd ready = { .fd = finder->from, .events = POLLIN };
	int ret = 0;

	if (finder->pid && poll(&ready, 1, 0) > 0)
		return take(finder, camera, err);
	if (!finder->pid)
		ret = start_child(finder, camera, err);
	return ret < 0 ? ret : fail(err, -EINPROGRESS, "the camera is being looked for");
}

static int network_open(struct camera *camera, const char *where, const struct wish *wish,
			struct scrim_error *err)
{
	struct finder finder = { 0 };
	struct pollfd ready = { .events = POLLIN };
	int ret;

	while ((ret = network_find(camera, &finder, err)) == -EINPROGRESS) {
		ready.fd = finder.from;
		poll(&ready, 1, -1);
	}
	return ret;
}

/* The worker's. */

struct network {
	struct source source;
	struct source *video;		/* NULL: not open yet */
	struct looking looking;
	char name[ADDRESS_MAX];
};

static struct network *network_of(struct source *source)
{
	return (struct network *)source;
}

static int start(struct network *n, struct scrim_error *err)
{
	const struct source *is, *was = &n->source;
	int ret = n->looking.open(&n->video, &n->looking.from, err);

	if (ret < 0)
		return ret;
	is = n->video;
	if (is->fourcc != was->fourcc || is->width != was->width || is->height != was->height)
		return fail(err, -ESTALE, "the camera sends pictures of %ux%u now", is->width,
			    is->height);
	source_count_in(n->video, was->dropped_too, was->damaged_too);
	return 0;
}

static int network_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	struct network *n = network_of(source);
	int ret = n->video ? 0 : start(n, err);

	return ret < 0 ? ret : source_next(n->video, frame, err);
}

static void network_free(struct source *source)
{
	struct network *n = network_of(source);

	source_free(&n->video);
	explicit_bzero(&n->looking.from.secret, sizeof(n->looking.from.secret));
	trust_free(&n->looking.trust);
	free(n);
}

static const struct source_ops network_ops = { .next = network_next, .free = network_free };

static int network_source(struct source **source, const struct camera *camera,
			  struct scrim_error *err)
{
	struct network *n = calloc(1, sizeof(*n));
	int ret;

	if (!n)
		return fail(err, -ENOMEM, "no memory for a camera");
	n->source = facts_source(camera);
	n->source.ops = &network_ops;
	n->looking.camera = camera;
	n->looking.from.fd = camera->fd;
	n->looking.from.basic = camera->basic;
	n->looking.from.name = n->name;
	shown(n->name, camera);
	ret = parse(&n->looking.from.url, camera, err);
	if (ret >= 0)
		ret = prepare(&n->looking, err);
	if (ret < 0) {
		network_free(&n->source);
		return ret;
	}
	*source = &n->source;
	return 0;
}

#define NETWORK_KIND(begins)	{ \
	.prefix = begins, .open = network_open, .find = network_find, .source = network_source, \
	.calls = &cage_network, .may = network_requests, .mays = 1, \
}
const struct camera_kind camera_rtsp = NETWORK_KIND("rtsp://");
const struct camera_kind camera_rtsps = NETWORK_KIND("rtsps://");
const struct camera_kind camera_http = NETWORK_KIND("http://");
const struct camera_kind camera_https = NETWORK_KIND("https://");
