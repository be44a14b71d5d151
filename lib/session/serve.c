// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Pictures come from a worker, wait in slots until they are stored, and are then the
 * application's.
 */
#include "session/calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "session/flags.h"

#define PAGE	4096u
#define AT_ONCE	64		/* requests, before pictures have their turn */

enum { REQUESTS, STORED, PICTURES, REACHED };	/* what is waited for */

int64_t session_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* What the device stands on */

static unsigned slot_of(const struct session *s, const void *bytes)
{
	return bytes == device_black(s->device) ? RING_BLACK :
		((const uint8_t *)bytes - s->ring.pictures) / s->ring.slot_bytes;
}

static int base_store(void *ctx, unsigned buffer, uint64_t offset, const void *bytes, size_t size)
{
	struct session *s = ctx;
	struct store_order order = { .buffer = buffer, .slot = slot_of(s, bytes), .to = offset };
	int ret;

	if (order.slot == RING_BLACK && s->black_of != device_format(s->device)->pixelformat) {
		memcpy(ring_picture(&s->ring, RING_BLACK), bytes, size);
		s->black_of = device_format(s->device)->pixelformat;
	}
	/*
	 * Whole pages: the kernel asks us for the rest of one that was stored in part.  Behind a
	 * picture there may be one of before, in a longer format.
	 */
	order.size = (size + PAGE - 1) / PAGE * PAGE;
	memset(ring_picture(&s->ring, order.slot) + size, 0, order.size - size);
	order.from = ring_offset(&s->ring, order.slot);
	ret = storer_order(&s->storer, &order);
	if (ret < 0)
		return ret;
	s->stores[order.slot]++;
	return DEVICE_WAIT;
}

/* The loop */

static void slot_used(struct session *s, unsigned slot)
{
	if (slot < RING_SLOTS && !s->stores[slot])
		ring_give_back(&s->ring, slot);
}

static int take_stored(struct session *s)
{
	struct store_order order;
	int ret;

	while ((ret = storer_done(&s->storer, &order)) > 0) {
		if (order.slot > RING_BLACK || !s->stores[order.slot])
			return -EPROTO;
		s->stores[order.slot]--;
		slot_used(s, order.slot);
		ret = device_stored(s->device, order.buffer, session_now_ns());
		if (ret < 0)
			return ret;
	}
	return ret;
}

/* Nobody gets what was put before. */
static int take_cut(struct session *s)
{
	int ret = device_cut(s->device);

	return ret < 0 ? ret : ring_tell(&s->ring, RING_IS_CUT);
}

static int take_pictures(struct session *s)
{
	struct ring_picture p;
	int ret;

	while ((ret = ring_take(&s->ring, &p)) > 0) {
		if (ret == RING_CUT) {
			ret = take_cut(s);
		} else {
			if (p.fourcc == device_format(s->device)->pixelformat)
				ret = device_picture(s->device, ring_picture(&s->ring, p.slot),
						     p.time_ns, session_now_ns());
			slot_used(s, p.slot);
		}
		if (ret < 0)
			return ret;
	}
	return ret;
}

/* A worker that serves others as well has to be told; our own is started and stopped. */
static int tell(struct session *s)
{
	bool streams = device_streams(s->device);
	int ret;

	if (!s->joined || streams == s->told)
		return 0;
	ret = ring_tell(&s->ring, streams ? RING_STREAMS : RING_STOPS);
	if (ret >= 0)
		s->told = streams;
	return ret == -EAGAIN ? 0 : ret;
}

static int take_requests(struct session *s)
{
	for (unsigned n = 0; n < AT_ONCE; n++) {
		int ret = fuse_session_receive_buf(s->fuse, &s->buf);

		if (ret == -EINTR || ret == -EAGAIN)
			return 0;
		if (ret <= 0)
			return -ENODEV;
		fuse_session_process_buf(s->fuse, &s->buf);
	}
	return 0;
}

/* Nobody gets what was put before. */
static int drop_pictures(struct session *s)
{
	struct ring_picture p;
	int ret;

	while ((ret = ring_take(&s->ring, &p)) > 0)
		if (ret == RING_CUT)
			ring_tell(&s->ring, RING_IS_CUT);
		else
			slot_used(s, p.slot);
	return ret < 0 ? ret : device_cut(s->device);
}

/* A program waits for what is asked here: nothing is looked at that has not happened. */
int session_serve(struct session *s, const struct pollfd fds[SESSION_FDS], struct scrim_error *err)
{
	/* Whoever was stopped goes on as if it had been silent. */
	int ret = device_overslept(s->device, session_now_ns()) ? drop_pictures(s) : 0;

	if (ret >= 0 && fds[STORED].revents)
		ret = take_stored(s);
	if (ret < 0)
		return fail(err, ret, "the session's pictures are lost: %s", strerror(-ret));
	/* Whoever fills the ring for others may have cut it since: before anything is answered. */
	ret = s->joined ? take_pictures(s) : 0;
	if (ret < 0)
		return fail(err, ret, "whoever had the camera is gone");
	ret = fds[REQUESTS].revents ? take_requests(s) : 0;
	if (ret < 0)
		return fail(err, ret, "the session's file is gone");
	ret = fds[REACHED].revents ? arrays_turn(s) : 0;
	if (ret < 0)
		return fail(err, ret, "programs' memory is out of reach: %s", strerror(-ret));
	ring_want(&s->ring, device_format(s->device)->pixelformat);
	if (fds[PICTURES].revents)
		ret = take_pictures(s);
	if (ret >= 0)
		ret = device_tick(s->device, session_now_ns());
	if (ret >= 0)
		ret = tell(s);
	if (ret < 0)
		return fail(err, ret, "the session's pictures do not arrive: %s", strerror(-ret));
	calls_retry(s);
	return 0;
}

int64_t session_wait(const struct session *s, struct pollfd fds[SESSION_FDS])
{
	fds[REQUESTS] = (struct pollfd){ .fd = s->mount.device, .events = POLLIN };
	fds[STORED] = (struct pollfd){ .fd = s->storer.fd, .events = POLLIN };
	fds[PICTURES] = (struct pollfd){ .fd = s->ring.ends[1], .events = POLLIN };
	fds[REACHED] = (struct pollfd){ .fd = s->reacher.fd, .events = POLLIN };
	return device_next_tick(s->device);
}

/* Setting up */

static int start_fuse(struct session *s, struct scrim_error *err)
{
	char name[] = "scrim", device[32];
	char *argv[] = { name, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	int fd;

	s->fuse = fuse_session_new(&args, &session_calls, sizeof(session_calls), s);
	fuse_opt_free_args(&args);
	if (!s->fuse)
		return fail(err, -ENOMEM, "no memory for a session");
	fd = dup(s->mount.device);	/* libfuse closes it */
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return fail(err, -errno, "/dev/fuse would block: %s", strerror(errno));
	snprintf(device, sizeof(device), "/dev/fd/%d", fd);
	return fd < 0 || fuse_session_mount(s->fuse, device) < 0 ?
		fail(err, -EIO, "FUSE does not take %s", device) : 0;
}

void session_pictures(struct device_pictures *pictures, const char *camera,
		      const struct session_frames *frames)
{
	const struct v4l2_fract *interval = &frames->interval;
	bool packed = frames->fourcc == V4L2_PIX_FMT_YUYV;

	*pictures = (struct device_pictures){
		.width = frames->width, .height = frames->height, .interval = *interval,
		.formats = 2, .full_range = frames->full_range,
	};
	pictures->fourcc[packed ? 0 : 1] = V4L2_PIX_FMT_YUYV;
	pictures->fourcc[packed ? 1 : 0] = V4L2_PIX_FMT_YUV420;
	/* A camera's own word, by which black is due: from 240 a second to one. */
	if (!interval->numerator || interval->numerator > interval->denominator ||
	    interval->denominator / interval->numerator > 240)
		pictures->interval = (struct v4l2_fract){ 1, 30 };
	snprintf(pictures->card, sizeof(pictures->card), "scrim: %.24s", camera);
}

/* With a ring of its own, when there is no memory to join. */
static int make(struct session **out, const struct device_pictures *pictures, int memory,
		int socket, struct scrim_error *err)
{
	const struct device_base base = {
		.store = base_store, .wake = calls_wake, .fetch = arrays_fetch,
		.deliver = arrays_deliver,
	};
	struct device_base mine = base;
	struct session *s = calloc(1, sizeof(*s));
	int ret;

	*out = NULL;
	if (!s) {
		if (memory >= 0)
			close(memory);
		if (socket >= 0)
			close(socket);
		return fail(err, -ENOMEM, "no memory for a session");
	}
	s->joined = memory >= 0;
	s->mount = (struct fuse_mount)FUSE_MOUNT_NONE;
	s->ring = (struct ring)RING_NONE;
	s->storer = (struct storer)STORER_NONE;
	s->reacher = (struct reacher)REACHER_NONE;
	mine.ctx = s;
	ret = s->joined ? ring_join(&s->ring, pictures, memory, socket, err) :
		ring_make(&s->ring, pictures, err);
	if (ret >= 0)
		ret = device_new(&s->device, pictures, &mine, err);
	if (ret >= 0)
		ret = mount_make(&s->mount, err);
	s->mount_id = flags_mount(s->mount.root);
	if (ret >= 0)
		ret = storer_start(&s->storer, &s->mount, s->ring.memory,
				   ring_offset(&s->ring, RING_BLACK + 1), err);
	if (ret >= 0)
		ret = reacher_start(&s->reacher, err);
	if (ret >= 0)
		ret = start_fuse(s, err);
	if (ret < 0)
		session_free(&s);
	*out = s;
	return ret < 0 ? ret : 0;
}

int session_new(struct session **session, const struct device_pictures *pictures,
		struct scrim_error *err)
{
	return make(session, pictures, -1, -1, err);
}

int session_join(struct session **session, const struct device_pictures *pictures, int memory,
		 int socket, struct scrim_error *err)
{
	return make(session, pictures, memory, socket, err);
}

/* Even killed they go on waiting for our answer, and the storer keeps the file from going away. */
static void stop_helpers(struct session *s)
{
	while (!storer_stop(&s->storer) || !reacher_stop(&s->reacher)) {
		struct pollfd request = { .fd = s->fuse ? s->mount.device : -1, .events = POLLIN };

		if (poll(&request, 1, 10) > 0)
			take_requests(s);
	}
}

void session_free(struct session **session)
{
	struct session *s = *session;

	if (!s)
		return;
	stop_helpers(s);
	calls_end(s);
	if (s->fuse) {
		fuse_session_unmount(s->fuse);
		fuse_session_destroy(s->fuse);
	}
	free(s->buf.mem);
	mount_close(&s->mount);
	ring_close(&s->ring);
	device_free(&s->device);
	free(s);
	*session = NULL;
}

int session_root(const struct session *s)
{
	return s->mount.root;
}

/* No worker is left that could put more. */
static int cut(const struct feed *feed, struct scrim_error *err)
{
	struct session *s = feed->of;
	int ret = drop_pictures(s);

	/* A worker that is gone has given back nothing. */
	for (unsigned slot = 0; slot < RING_SLOTS; slot++)
		slot_used(s, slot);
	return ret < 0 ? fail(err, ret, "the session cannot be cut: %s", strerror(-ret)) : 0;
}

static int set(struct feed *feed, const struct v4l2_pix_format *pix, struct scrim_error *err)
{
	const struct session *s = feed->of;

	return ring_has_size(&s->ring, pix, err);
}

static int make_sink(struct sink **sink, const struct feed *feed, struct scrim_error *err)
{
	const struct session *s = feed->of;

	return sink_ring(sink, &s->ring, feed->fd, err);
}

void session_feed(struct session *s, struct feed *feed)
{
	static const struct feed_kind kind = {
		.set = set, .cut = cut, .sink = make_sink, .may = &ring_may, .mays = 1,
	};

	*feed = (struct feed){ .kind = &kind, .fd = dup(s->ring.ends[0]), .of = s };
}

bool session_wanted(const struct session *s)
{
	return device_streams(s->device);
}
