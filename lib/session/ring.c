// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A slot is the worker's until it says that a picture is there, and then the server's
 * until that gives it back.
 */
#include "session/ring.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libyuv.h>

#define PAGE	4096u
#define CUT	(RING_BLACK + 1)	/* in place of a slot */

/* In the first page. */
struct ring_shared {
	atomic_uint wanted;			/* fourcc */
	atomic_uint taken[RING_SLOTS];		/* by the server; 0: the worker's */
};

struct ring_sink {
	struct sink base;
	struct ring ring;
	int fd;				/* of the socket */
	unsigned next;
	uint8_t *between;		/* a picture in YU12 */
};

static size_t ring_size(const struct ring *ring)
{
	return PAGE + (RING_SLOTS + 1) * ring->slot_bytes;
}

/* Nobody takes memory away from under the other side: that would be a SIGBUS there. */
static bool has_its_size(const struct ring *ring)
{
	struct stat st;
	int seals = fcntl(ring->memory, F_GET_SEALS);

	return seals >= 0 && (seals & F_SEAL_SHRINK) && fstat(ring->memory, &st) == 0 &&
	       st.st_size == (off_t)ring_size(ring);
}

static int map(struct ring *ring)
{
	void *all = mmap(NULL, ring_size(ring), PROT_READ | PROT_WRITE, MAP_SHARED,
			 ring->memory, 0);

	if (all == MAP_FAILED)
		return -errno;
	ring->shared = all;
	ring->pictures = (uint8_t *)all + PAGE;
	return 0;
}

static int make(struct ring *ring)
{
	ring->memory = memfd_create("scrim-pictures", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (ring->memory < 0 || ftruncate(ring->memory, ring_size(ring)) < 0 ||
	    fcntl(ring->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ring->ends) < 0)
		return -errno;
	return map(ring);
}

/* Four bytes a pixel is the largest of our formats. */
static struct ring ring_for(const struct device_pictures *pictures)
{
	size_t bytes = (size_t)pictures->width * pictures->height * CELL_BYTES_MAX;
	struct ring ring = RING_NONE;

	ring.width = pictures->width;
	ring.height = pictures->height;
	ring.slot_bytes = (bytes + PAGE - 1) / PAGE * PAGE;
	return ring;
}

int ring_make(struct ring *ring, const struct device_pictures *pictures, struct scrim_error *err)
{
	int ret;

	*ring = ring_for(pictures);
	ret = make(ring);
	if (ret >= 0)
		return 0;
	ring_close(ring);
	return fail(err, ret, "no memory for pictures: %s", strerror(-ret));
}

int ring_join(struct ring *ring, const struct device_pictures *pictures, int memory, int socket,
	      struct scrim_error *err)
{
	int ret;

	*ring = ring_for(pictures);
	ring->memory = memory;
	ring->ends[1] = socket;
	ret = has_its_size(ring) ? map(ring) : -EPROTO;
	if (ret >= 0)
		return 0;
	ring_close(ring);
	return fail(err, ret, "the pictures cannot be shared: %s", strerror(-ret));
}

void ring_close(struct ring *ring)
{
	const int fds[] = { ring->memory, ring->ends[0], ring->ends[1] };

	for (unsigned i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (ring->shared)
		munmap(ring->shared, ring_size(ring));
	*ring = (struct ring)RING_NONE;
}

void ring_wipe(struct ring *ring)
{
	if (ring->shared)
		madvise(ring->shared, ring_size(ring), MADV_REMOVE);
}

void ring_keep(struct ring *ring)
{
	madvise(ring->shared, ring_size(ring), MADV_DONTFORK);
}

int ring_has_size(const struct ring *ring, const struct v4l2_pix_format *pix,
		  struct scrim_error *err)
{
	return pix->width == ring->width && pix->height == ring->height ? 0 :
		fail(err, -ENOTSUP, "programs were told that pictures are %ux%u, and now they are %ux%u",
		     ring->width, ring->height, pix->width, pix->height);
}

uint8_t *ring_picture(const struct ring *ring, unsigned slot)
{
	return ring->pictures + slot * ring->slot_bytes;
}

/* The worker's side */

const struct device_request ring_may = { DEVICE_WRITE, "say that a clean frame is in the ring" };

/* Where the planes of a picture are in memory, one behind the other without padding. */
struct planes {
	uint8_t *at[FORMAT_PLANES_MAX];
	int stride[FORMAT_PLANES_MAX];
	size_t bytes;
};

static struct planes planes_of(uint8_t *bytes, const struct format *format, unsigned width,
			       unsigned height)
{
	struct planes planes = { 0 };

	for (unsigned i = 0; i < format->planes; i++) {
		const struct plane_format *plane = &format->plane[i];

		planes.at[i] = bytes + planes.bytes;
		planes.stride[i] = plane_row_bytes(plane, width);
		planes.bytes += (size_t)planes.stride[i] * plane_rows(plane, height);
	}
	return planes;
}

/* The same format: planes without padding in one go, which is a third quicker than by rows. */
static void copy(const struct planes *to, const struct frame *from)
{
	for (unsigned i = 0; i < from->format->planes; i++) {
		const struct plane_format *plane = &from->format->plane[i];

		CopyPlane(from->plane[i], from->stride[i], to->at[i], to->stride[i],
			  plane_row_bytes(plane, from->width), plane_rows(plane, from->height));
	}
}

/* YU12 is between any two: -1 when that is not possible. */
static int to_yu12(const struct planes *to, const struct frame *from)
{
	const int w = from->width, h = from->height;

	if (from->format->fourcc == V4L2_PIX_FMT_YUYV)
		return YUY2ToI420(from->plane[0], from->stride[0], to->at[0], to->stride[0],
				  to->at[1], to->stride[1], to->at[2], to->stride[2], w, h);
	if (from->format->fourcc == V4L2_PIX_FMT_NV12)
		return NV12ToI420(from->plane[0], from->stride[0], from->plane[1], from->stride[1],
				  to->at[0], to->stride[0], to->at[1], to->stride[1],
				  to->at[2], to->stride[2], w, h);
	return -1;
}

static int from_yu12(const struct planes *to, uint32_t fourcc, const struct planes *from,
		     int w, int h)
{
	if (fourcc == V4L2_PIX_FMT_YUYV)
		return I420ToYUY2(from->at[0], from->stride[0], from->at[1], from->stride[1],
				  from->at[2], from->stride[2], to->at[0], to->stride[0], w, h);
	if (fourcc == V4L2_PIX_FMT_NV12)
		return I420ToNV12(from->at[0], from->stride[0], from->at[1], from->stride[1],
				  from->at[2], from->stride[2], to->at[0], to->stride[0],
				  to->at[1], to->stride[1], w, h);
	return -1;
}

static struct planes planes_of_frame(const struct frame *frame)
{
	struct planes planes = { 0 };

	for (unsigned i = 0; i < frame->format->planes; i++) {
		planes.at[i] = frame->plane[i];
		planes.stride[i] = frame->stride[i];
	}
	return planes;
}

static int write_picture(struct ring_sink *r, const struct planes *to, uint32_t fourcc,
			 const struct frame *from)
{
	const struct format *yu12 = format_find(V4L2_PIX_FMT_YUV420);
	struct planes between;

	if (from->format->fourcc == fourcc) {
		copy(to, from);
		return 0;
	}
	if (fourcc == V4L2_PIX_FMT_YUV420)
		return to_yu12(to, from);
	if (from->format->fourcc == V4L2_PIX_FMT_YUV420) {
		between = planes_of_frame(from);
	} else {
		between = planes_of(r->between, yu12, from->width, from->height);
		if (to_yu12(&between, from) < 0)
			return -1;
	}
	return from_yu12(to, fourcc, &between, from->width, from->height);
}

static bool find_slot(struct ring_sink *r, unsigned *slot)
{
	for (unsigned i = 0; i < RING_SLOTS; i++) {
		*slot = (r->next + i) % RING_SLOTS;
		if (!atomic_load_explicit(&r->ring.shared->taken[*slot], memory_order_acquire))
			return true;
	}
	return false;
}

static int put(struct ring_sink *r, const struct frame *frame, struct scrim_error *err)
{
	const struct format *format = format_find(atomic_load(&r->ring.shared->wanted));
	struct ring_picture message = { .time_ns = frame->time_ns };
	struct planes to;
	unsigned slot;

	if (!format || !find_slot(r, &slot))
		return 0;
	to = planes_of(ring_picture(&r->ring, slot), format, frame->width, frame->height);
	if (frame->width != r->ring.width || frame->height != r->ring.height ||
	    write_picture(r, &to, format->fourcc, frame) < 0)
		return fail(err, -EINVAL, "a session has no pictures like these");
	message.fourcc = format->fourcc;
	message.slot = slot;
	r->next = slot + 1;
	atomic_store_explicit(&r->ring.shared->taken[slot], 1, memory_order_release);
	if (write(r->fd, &message, sizeof(message)) == sizeof(message))
		return 0;
	atomic_store(&r->ring.shared->taken[slot], 0);
	return errno == EAGAIN ? 0 : fail(err, -errno, "nobody takes pictures: %s", strerror(errno));
}

static int ring_put(struct sink *sink, const struct clean_frame *clean, struct scrim_error *err)
{
	return put((struct ring_sink *)sink, clean_frame_view(clean), err);
}

int ring_relay(struct sink *sink, const struct ring *from, const struct ring_picture *picture,
	       struct scrim_error *err)
{
	struct frame frame = {
		.format = format_find(picture->fourcc), .width = from->width,
		.height = from->height, .time_ns = picture->time_ns,
	};
	struct planes planes;

	if (!frame.format)
		return fail(err, -EPROTO, "a picture of an unknown format");
	planes = planes_of(ring_picture(from, picture->slot), frame.format, from->width,
			   from->height);
	for (unsigned i = 0; i < frame.format->planes; i++) {
		frame.plane[i] = planes.at[i];
		frame.stride[i] = planes.stride[i];
	}
	return put((struct ring_sink *)sink, &frame, err);
}

/* One after another, never waiting: the peer may be anybody's. */
static int say(int fd, const void *word, size_t size)
{
	return send(fd, word, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size ? 0 : -errno;
}

int ring_say_cut(const struct ring *ring)
{
	const struct ring_picture cut = { .slot = CUT };

	return say(ring->ends[0], &cut, sizeof(cut));
}

int ring_hear(const struct ring *ring, enum ring_word *word)
{
	uint32_t said;
	ssize_t got = recv(ring->ends[0], &said, sizeof(said), MSG_DONTWAIT | MSG_TRUNC);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got != sizeof(said) || said > RING_IS_CUT)
		return -EPIPE;
	*word = said;
	return 1;
}

static int ring_finish(struct sink *sink, struct scrim_error *err)
{
	return 0;
}

static void ring_free(struct sink *sink)
{
	struct ring_sink *r = (struct ring_sink *)sink;

	free(r->between);
	free(r);
}

static const struct sink_ops ring_ops = {
	.put = ring_put, .finish = ring_finish, .free = ring_free,
};

int sink_ring(struct sink **sink, const struct ring *ring, int fd, struct scrim_error *err)
{
	struct ring_sink *r = calloc(1, sizeof(*r));

	*sink = NULL;
	if (!r)
		return fail(err, -ENOMEM, "no memory for a session");
	r->base.ops = &ring_ops;
	r->ring = *ring;
	r->fd = fd;
	r->between = malloc(ring->slot_bytes);
	if (!r->between) {
		free(r);
		return fail(err, -ENOMEM, "no memory for a session");
	}
	*sink = &r->base;
	return 0;
}

/* The server's side */

void ring_want(struct ring *ring, uint32_t fourcc)
{
	atomic_store(&ring->shared->wanted, fourcc);
}

int ring_take(struct ring *ring, struct ring_picture *picture)
{
	ssize_t got = recv(ring->ends[1], picture, sizeof(*picture), MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	/* A worker has nothing to cut. */
	if (got == sizeof(*picture) && picture->slot == CUT && ring->ends[0] < 0)
		return RING_CUT;
	return got == sizeof(*picture) && picture->slot < RING_SLOTS ? 1 : got ? -EPROTO : -EPIPE;
}

int ring_tell(const struct ring *ring, enum ring_word word)
{
	const uint32_t said = word;

	return say(ring->ends[1], &said, sizeof(said));
}

void ring_give_back(struct ring *ring, unsigned slot)
{
	if (slot < RING_SLOTS)
		atomic_store_explicit(&ring->shared->taken[slot], 0, memory_order_release);
}

uint64_t ring_offset(const struct ring *ring, unsigned slot)
{
	return PAGE + slot * ring->slot_bytes;
}
