// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The side that sees a libcamera camera's pictures, in buffers that its keeper handed out.
 * Which of them is filled, and how far, is a stranger's word; their bytes may change while they
 * are read, so that each is read once: into the frame, or where it has to be decoded into memory
 * of our own first.
 */
#include <linux/dma-buf.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "node.h"
#include "source/libcamera.h"
#include "source/other.h"
#include "source/v4l2.h"

struct kept {
	struct source base;
	struct camera camera;
	uint8_t *map[CAMERA_BUFFERS][FORMAT_PLANES_MAX];	/* from the dma-buf's beginning */
	struct frame_pool *pool;
	struct other *other;		/* NULL: no need to convert */
	uint8_t *bytes;			/* NULL: no need to decode */
	size_t room;			/* in these */
	struct v4l2_layout layout;	/* of those that need neither */
	int64_t duration_ns;
	bool streams;
	bool counts;			/* there was a picture before: */
	struct shim_filled last;
};

static struct kept *kept_of(struct source *source)
{
	return (struct kept *)source;
}

static const struct camera_buffer *buffer_of(const struct kept *k, const struct shim_filled *filled)
{
	return &k->camera.buffer[filled->index];
}

static int order(struct kept *k, int what, uint32_t id, struct scrim_error *err)
{
	const struct keeper_order order = { what, id, 0 };
	ssize_t n;

	do
		n = write(k->camera.fd, &order, sizeof(order));
	while (n < 0 && errno == EINTR);
	return n == sizeof(order) ? 0 : fail(err, -ENODEV, "the camera's keeper has ended");
}

/* 1: something was read, 0: there is nothing yet. */
static int take(struct kept *k, struct shim_filled *filled, struct scrim_error *err)
{
	struct pollfd ready = { .fd = k->camera.fd, .events = POLLIN };
	ssize_t n;

	if (poll(&ready, 1, 0) <= 0)
		return 0;
	n = read(k->camera.fd, filled, sizeof(*filled));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return fail(err, -ENODEV, "the camera's keeper has ended");
	if (n != sizeof(*filled))
		return fail(err, -EPROTO, "the camera's keeper talks nonsense");
	if (filled->index == SHIM_GONE)
		return fail(err, -ENODEV, "the camera is gone");
	if (filled->index >= k->camera.buffers || filled->time_ns > INT64_MAX)
		return fail(err, -EPROTO, "the camera's keeper talks nonsense");
	return 1;
}

static bool is_late(const struct shim_filled *filled, const struct shim_filled *than)
{
	return (int32_t)(filled->sequence - than->sequence) < 0 && filled->time_ns <= than->time_ns;
}

/* One that was asked for, and is later than the last. */
static int wait_for(struct kept *k, struct shim_filled *filled, struct scrim_error *err)
{
	struct pollfd ready = { .fd = k->camera.fd, .events = POLLIN };
	int ret;

	do {
		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			return fail(err, -errno, "cannot wait for the camera");
		ret = take(k, filled, err);
		if (ret > 0 && k->counts && is_late(filled, &k->last)) {
			ret = order(k, KEEPER_GIVE_BACK, filled->index, err);
			ret = ret < 0 ? ret : 0;
		}
	} while (!ret);
	return ret;
}

/* A camera that begins to count anew has dropped nothing. */
static void count(struct kept *k, const struct shim_filled *filled)
{
	if (k->counts && filled->sequence > k->last.sequence)
		k->base.dropped += filled->sequence - k->last.sequence - 1;
	k->last = *filled;
	k->counts = true;
}

/* Reading. */

static int sync_all(const struct camera_buffer *buffer, uint64_t what, struct scrim_error *err)
{
	struct dma_buf_sync sync = { what | DMA_BUF_SYNC_READ };

	for (unsigned i = 0; i < buffer->planes; i++)
		if (v4l2_call(buffer->plane[i].fd, DMA_BUF_IOCTL_SYNC, &sync) < 0)
			return fail(err, -EIO, "the camera's buffer cannot be read");
	return 0;
}

static const uint8_t *plane_of(const struct kept *k, const struct shim_filled *filled, unsigned i)
{
	return k->map[filled->index][i] + buffer_of(k, filled)->plane[i].offset;
}

/* Bytes of a plane that may be read. */
static size_t used_of(const struct kept *k, const struct shim_filled *filled, unsigned i)
{
	size_t length = buffer_of(k, filled)->plane[i].length;

	if (i >= filled->planes)
		return 0;
	return filled->used[i] < length ? filled->used[i] : length;
}

static int copy_planes(struct kept *k, const struct shim_filled *filled, struct frame *frame,
		       struct scrim_error *err)
{
	bool together = buffer_of(k, filled)->planes == 1;

	for (unsigned i = 0; i < frame->format->planes; i++) {
		const struct plane_format *plane = &frame->format->plane[i];
		size_t row = plane_row_bytes(plane, frame->width), stride = k->layout.stride[i];
		size_t rows = plane_rows(plane, frame->height), at = together ? k->layout.at[i] : 0;
		unsigned from = together ? 0 : i;
		const uint8_t *bytes = plane_of(k, filled, from);

		if (used_of(k, filled, from) < at + stride * (rows - 1) + row)
			return fail(err, -EBADMSG, "a picture that is too short");
		for (unsigned y = 0; y < rows; y++)
			memcpy(frame->plane[i] + y * frame->stride[i], bytes + at + y * stride, row);
	}
	return 0;
}

/* Returns how many. */
static size_t copy_bytes(struct kept *k, const struct shim_filled *filled)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < buffer_of(k, filled)->planes; i++) {
		size_t used = used_of(k, filled, i);

		if (used > k->room - bytes)
			used = k->room - bytes;
		memcpy(k->bytes + bytes, plane_of(k, filled, i), used);
		bytes += used;
	}
	return bytes;
}

static int read_buffer(struct kept *k, const struct shim_filled *filled, struct frame *frame,
		       size_t *copied, struct scrim_error *err)
{
	int ret = sync_all(buffer_of(k, filled), DMA_BUF_SYNC_START, err), end;

	if (ret < 0)
		return ret;
	if (k->bytes)
		*copied = copy_bytes(k, filled);
	else
		ret = copy_planes(k, filled, frame, err);
	end = sync_all(buffer_of(k, filled), DMA_BUF_SYNC_END, err);
	return end < 0 ? end : ret;
}

static int copy_out(struct kept *k, const struct shim_filled *filled, struct frame *frame,
		    struct scrim_error *err)
{
	size_t copied = 0;
	int ret;

	if (filled->broken)
		return fail(err, -EBADMSG, "a picture that the camera calls broken");
	frame->time_ns = filled->time_ns;
	frame->duration_ns = k->duration_ns;
	frame->colour = k->base.colour;
	ret = read_buffer(k, filled, frame, &copied, err);
	if (ret < 0 || !k->bytes)
		return ret;
	if (k->other)
		return other_picture(k->other, frame, k->bytes, copied, err);
	return v4l2_picture(frame, &k->camera.pix, k->bytes, copied, err);
}

static int one(struct kept *k, struct frame **frame, struct scrim_error *err)
{
	struct shim_filled filled;
	int ret = wait_for(k, &filled, err), back;

	if (ret < 0)
		return ret;
	count(k, &filled);
	source_tell(&k->base);
	ret = source_frame(&k->base, k->pool, frame, err);
	if (ret >= 0)
		ret = copy_out(k, &filled, *frame, err);
	if (ret < 0)
		frame_free(frame);
	back = order(k, KEEPER_GIVE_BACK, filled.index, err);
	if (back < 0)
		frame_free(frame);
	return back < 0 ? back : ret;
}

static int kept_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	struct kept *k = kept_of(source);
	int ret = k->streams ? 0 : order(k, KEEPER_START, 0, err);

	if (ret < 0)
		return ret;
	k->streams = true;
	while ((ret = one(k, frame, err)) == -EBADMSG) {
		source->damaged++;
		source_tell(source);
	}
	return ret < 0 ? ret : 1;
}

static size_t map_bytes(const struct camera_buffer *buffer, unsigned i)
{
	return (size_t)buffer->plane[i].offset + buffer->plane[i].length;
}

static void kept_free(struct source *source)
{
	struct kept *k = kept_of(source);

	for (unsigned b = 0; b < k->camera.buffers; b++)
		for (unsigned i = 0; i < k->camera.buffer[b].planes; i++)
			if (k->map[b][i])
				munmap(k->map[b][i], map_bytes(&k->camera.buffer[b], i));
	other_free(&k->other);
	frame_pool_free(&k->pool);
	free(k->bytes);
	free(k);
}

static const struct source_ops kept_ops = { .next = kept_next, .free = kept_free };

/* Before anything is read. */

static int map_buffers(struct kept *k, struct scrim_error *err)
{
	for (unsigned b = 0; b < k->camera.buffers; b++)
		for (unsigned i = 0; i < k->camera.buffer[b].planes; i++) {
			const struct camera_buffer *buffer = &k->camera.buffer[b];
			void *map = mmap(NULL, map_bytes(buffer, i), PROT_READ, MAP_SHARED,
					 buffer->plane[i].fd, 0);

			if (map == MAP_FAILED)
				return fail(err, -errno, "cannot map a camera's buffer: %s",
					    strerror(errno));
			/* Raw pictures are in no core file. */
			madvise(map, map_bytes(buffer, i), MADV_DONTDUMP);
			k->map[b][i] = map;
		}
	return 0;
}

static size_t largest(const struct camera *camera)
{
	size_t most = 0;

	for (unsigned b = 0; b < camera->buffers; b++) {
		size_t bytes = 0;

		for (unsigned i = 0; i < camera->buffer[b].planes; i++)
			bytes += camera->buffer[b].plane[i].length;
		most = bytes > most ? bytes : most;
	}
	return most;
}

/* Planes lie one after the other, or each has its own. */
static int check_planes(struct kept *k, struct scrim_error *err)
{
	const struct format *format = format_find(k->camera.pix.pixelformat);

	if (!format || !v4l2_layout(&k->layout, &k->camera.pix))
		return fail(err, -ENOTSUP, "the camera's pictures cannot be told apart");
	for (unsigned b = 0; b < k->camera.buffers; b++)
		if (k->camera.buffer[b].planes != 1 && k->camera.buffer[b].planes != format->planes)
			return fail(err, -ENOTSUP, "the camera's planes are not those of its format");
	return 0;
}

static int make_room(struct kept *k, struct scrim_error *err)
{
	bool jpeg = k->camera.pix.pixelformat == V4L2_PIX_FMT_MJPEG;
	bool other = other_takes(k->camera.pix.pixelformat);

	if (!jpeg && !other)
		return check_planes(k, err);
	k->room = largest(&k->camera);
	k->bytes = malloc(k->room);
	if (!k->bytes)
		return fail(err, -ENOMEM, "no memory for a camera");
	return other ? other_new(&k->other, &k->camera.pix, err) : 0;
}

static void describe(struct kept *k, const struct v4l2_pix_format *pix)
{
	const struct v4l2_fract *interval = &k->camera.interval;

	k->base.fourcc = pix->pixelformat;
	k->base.width = pix->width;
	k->base.height = pix->height;
	k->base.colour = (struct colour){ v4l2_full_range(pix), 2, 2, 2 };
	k->base.rate.den = 1;
	if (!interval->numerator || !interval->denominator)
		return;
	k->base.rate.num = interval->denominator;
	k->base.rate.den = interval->numerator;
	k->duration_ns = interval->numerator * INT64_C(1000000000) / interval->denominator;
}

int source_kept(struct source **source, const struct camera *camera, struct scrim_error *err)
{
	struct v4l2_pix_format pix = camera_frames(camera);
	struct kept *k = calloc(1, sizeof(*k));
	int ret;

	*source = NULL;
	if (!k)
		return fail(err, -ENOMEM, "no memory for a camera");
	k->base.ops = &kept_ops;
	k->camera = *camera;
	describe(k, &pix);
	ret = frame_pool_new(&k->pool, pix.pixelformat, pix.width, pix.height, err);
	if (ret >= 0)
		ret = make_room(k, err);
	if (ret >= 0)
		ret = map_buffers(k, err);
	if (ret < 0) {
		kept_free(&k->base);
		return ret;
	}
	*source = &k->base;
	return 0;
}
