// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A camera of libcamera: the side that has a keeper started and looks at what it hands out.
 * Every number of a keeper is checked here or by who reads pictures (kept.c).
 */
#include "source/libcamera.h"

#include <linux/dma-buf.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/rights.h"
#include "node.h"
#include "source/drm_code.h"
#include "source/other.h"

#define MESSAGE_SECONDS	2		/* between what a keeper says in a row */
#define END_MS		300		/* that a keeper gets to let go of its camera */

_Static_assert(CAMERA_BUFFERS == SHIM_BUFFERS && FORMAT_PLANES_MAX == SHIM_PLANES &&
	       CAMERA_CONTROLS == SHIM_CONTROLS, "the same");

static int make_ask(struct keeper_ask *ask, const char *id, const struct wish *wish,
		    struct scrim_error *err)
{
	unsigned count = 0;

	*ask = (struct keeper_ask){ .width = wish->width, .height = wish->height };
	if (!*id || strlen(id) >= sizeof(ask->id))
		return fail(err, -EINVAL, "libcamera:ID needs an ID; scrim cameras lists them");
	strcpy(ask->id, id);
	if (wish->frames)
		ask->frame_us = UINT64_C(1000000) * wish->seconds / wish->frames;
	for (unsigned i = 0; i < drm_codes_count && count < KEEPER_FORMATS; i++)
		if (drm_codes[i].drm && (!wish->fourcc || wish->fourcc == drm_codes[i].v4l2))
			ask->drm[count++] = drm_codes[i].drm;
	return count ? 0 : fail(err, -ENOTSUP, "libcamera does not have the format of the policy");
}

/* What it tells. */

int libcamera_frames(struct v4l2_pix_format *pix, const struct shim_frames *frames,
		     const struct wish *wish, struct scrim_error *err)
{
	static const uint32_t matrices[] = {
		[SHIM_MATRIX_601] = V4L2_YCBCR_ENC_601, [SHIM_MATRIX_709] = V4L2_YCBCR_ENC_709,
		[SHIM_MATRIX_2020] = V4L2_YCBCR_ENC_BT2020,
	};
	uint32_t fourcc = drm_to_v4l2(frames->drm);

	if (!fourcc || (wish->fourcc && fourcc != wish->fourcc))
		return fail(err, -EPROTO, "the camera's keeper gives a format that was not asked for");
	if (!frames->width || !frames->height || frames->width & 1 || frames->height & 1 ||
	    frames->width > SCRIM_SIDE_MAX || frames->height > SCRIM_SIDE_MAX ||
	    frames->stride > CELL_BYTES_MAX * SCRIM_SIDE_MAX)
		return fail(err, -EPROTO, "the camera's keeper gives a size that is none");
	*pix = (struct v4l2_pix_format){
		.pixelformat = fourcc, .width = frames->width, .height = frames->height,
		.bytesperline = frames->stride, .field = V4L2_FIELD_NONE,
		.colorspace = V4L2_COLORSPACE_SRGB, .ycbcr_enc = V4L2_YCBCR_ENC_601,
	};
	if (frames->matrix && frames->matrix <= SHIM_MATRIX_2020)
		pix->ycbcr_enc = matrices[frames->matrix];
	if (frames->range == SHIM_RANGE_FULL)
		pix->quantization = V4L2_QUANTIZATION_FULL_RANGE;
	if (frames->range == SHIM_RANGE_LIMITED)
		pix->quantization = V4L2_QUANTIZATION_LIM_RANGE;
	return 0;
}

/* That it can be asked to be read is what makes it a dma-buf; its size never changes. */
static bool is_buffer(int fd, uint64_t *size)
{
	struct dma_buf_sync begin = { DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ };
	struct dma_buf_sync end = { DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ };
	off_t bytes;

	if (v4l2_call(fd, DMA_BUF_IOCTL_SYNC, &begin) < 0 ||
	    v4l2_call(fd, DMA_BUF_IOCTL_SYNC, &end) < 0)
		return false;
	bytes = lseek(fd, 0, SEEK_END);
	*size = bytes > 0 ? bytes : 0;
	return bytes > 0;
}

int libcamera_buffer(struct camera_buffer *buffer, const struct keeper_buffer *told,
		     const int *fds, unsigned count, struct scrim_error *err)
{
	*buffer = (struct camera_buffer){ .planes = told->planes };
	if (!told->planes || told->planes > FORMAT_PLANES_MAX)
		return fail(err, -EPROTO, "the camera's keeper gives a buffer that is none");
	for (unsigned i = 0; i < told->planes; i++) {
		uint64_t offset = told->plane[i].offset, length = told->plane[i].length, size;

		if (told->plane[i].at >= count || !is_buffer(fds[told->plane[i].at], &size))
			return fail(err, -EPROTO, "the camera's keeper gives what is no dma-buf");
		if (!length || offset + length > size)
			return fail(err, -EPROTO, "the camera's keeper gives a buffer of %llu bytes "
				    "that has %llu", (unsigned long long)(offset + length),
				    (unsigned long long)size);
		buffer->plane[i].fd = fds[told->plane[i].at];
		buffer->plane[i].offset = offset;
		buffer->plane[i].length = length;
	}
	return 0;
}

const char *libcamera_control_name(uint32_t id)
{
	static const struct {
		uint32_t id;
		const char *name;
	} names[] = {
		{ V4L2_CID_BRIGHTNESS,	"Brightness" },
		{ V4L2_CID_CONTRAST,	"Contrast" },
		{ V4L2_CID_SATURATION,	"Saturation" },
		{ V4L2_CID_SHARPNESS,	"Sharpness" },
		{ V4L2_CID_GAIN,	"Gain" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].id == id)
			return names[i].name;
	return NULL;
}

static bool is_known(const struct camera *camera, uint32_t id)
{
	for (unsigned i = 0; i < camera->controls; i++)
		if (camera->control[i].id == id)
			return true;
	return false;
}

void libcamera_controls(struct camera *camera, const struct keeper_told *told)
{
	camera->controls = 0;
	for (unsigned i = 0; i < told->controls && i < SHIM_CONTROLS; i++) {
		const struct shim_control *one = &told->control[i];

		if (!libcamera_control_name(one->id) || is_known(camera, one->id) ||
		    one->least >= one->most || one->preset < one->least || one->preset > one->most)
			continue;
		camera->control[camera->controls++] = (struct camera_control){
			one->id, one->least, one->most, one->preset,
		};
	}
}

static void close_all(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

/* Descriptors that no plane names are closed; what a buffer names is the camera's. */
static int take_buffer(struct camera *camera, int from, struct scrim_error *err)
{
	struct camera_buffer *buffer = &camera->buffer[camera->buffers];
	struct keeper_buffer told;
	bool named[SHIM_PLANES] = { false };
	int fds[SHIM_PLANES], count, ret;

	count = rights_receive(from, &told, sizeof(told), fds, SHIM_PLANES);
	if (count < 0)
		return fail(err, count, "the camera's keeper does not go on");
	ret = libcamera_buffer(buffer, &told, fds, count, err);
	if (ret < 0) {
		close_all(fds, count);
		return ret;
	}
	camera->buffers++;
	for (unsigned i = 0; i < told.planes; i++)
		named[told.plane[i].at] = true;
	for (int i = 0; i < count; i++)
		if (!named[i])
			close(fds[i]);
	return 0;
}

static int take(struct camera *camera, const struct wish *wish, struct scrim_error *err)
{
	const struct timeval limit = { .tv_sec = MESSAGE_SECONDS };
	struct keeper_told told;
	int ret;

	setsockopt(camera->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	ret = rights_receive(camera->fd, &told, sizeof(told), NULL, 0);
	if (ret < 0)
		return fail(err, -EIO, "the camera's keeper ended before its time");
	told.why[sizeof(told.why) - 1] = '\0';
	/* This would be a promise that somebody still looks. */
	if (told.ret == -EINPROGRESS)
		told.ret = -EIO;
	if (told.ret < 0)
		return fail(err, told.ret, "libcamera:%.200s: %s", camera->where, told.why);
	if (!told.follow || told.follow > CAMERA_BUFFERS)
		return fail(err, -EPROTO, "the camera's keeper gives %u buffers", told.follow);
	ret = libcamera_frames(&camera->pix, &told.frames, wish, err);
	while (ret >= 0 && camera->buffers < told.follow)
		ret = take_buffer(camera, camera->fd, err);
	libcamera_controls(camera, &told);
	if (wish->frames)
		camera->interval = (struct v4l2_fract){ wish->seconds, wish->frames };
	return ret;
}

static int find(struct camera *camera, struct finder *finder, struct scrim_error *err)
{
	struct pollfd ready = { .fd = finder->from, .events = POLLIN };
	struct keeper keeper;
	struct keeper_ask ask;
	int ret;

	if (finder->pid && poll(&ready, 1, 0) > 0) {
		camera->fd = finder->from;
		camera->keeper = finder->pid;
		finder->pid = 0;
		return take(camera, finder->wish, err);
	}
	if (finder->pid)
		return fail(err, -EINPROGRESS, "the camera is being looked for");
	ret = make_ask(&ask, camera->where, finder->wish, err);
	if (ret >= 0)
		ret = keeper_start(&keeper, &ask, err);
	if (ret < 0)
		return ret;
	if (finder->said)
		close(finder->said);
	finder->said = keeper.said;
	finder->pid = keeper.pid;
	finder->from = keeper.fd;
	return fail(err, -EINPROGRESS, "the camera is being looked for");
}

static int open_now(struct camera *camera, const char *where, const struct wish *wish,
		    struct scrim_error *err)
{
	struct finder finder = { .wish = wish };
	struct pollfd ready = { .events = POLLIN };
	int ret;

	while ((ret = find(camera, &finder, err)) == -EINPROGRESS) {
		ready.fd = finder.from;
		poll(&ready, 1, -1);
	}
	if (finder.said)
		close(finder.said);
	return ret;
}

bool finder_said(const struct finder *finder, char *line, size_t size)
{
	return finder->said && keeper_said(finder->said, line, size);
}

/* It is asked to end first: one that was killed lets go of an unplugged camera too early. */
static void close_keeper(struct camera *camera)
{
	struct pollfd end = { .fd = camera->fd };

	for (unsigned i = 0; i < camera->buffers; i++)
		for (unsigned p = 0; p < camera->buffer[i].planes; p++) {
			unsigned before = 0;

			while (before < p && camera->buffer[i].plane[before].fd != camera->buffer[i].plane[p].fd)
				before++;
			if (before == p)
				close(camera->buffer[i].plane[p].fd);
		}
	camera->buffers = 0;
	if (!camera->keeper)
		return;
	shutdown(camera->fd, SHUT_WR);
	poll(&end, 1, END_MS);
	kill(camera->keeper, SIGKILL);
	while (waitpid(camera->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	camera->keeper = 0;
}

int libcamera_turn(const struct camera *camera, uint32_t id, int32_t value)
{
	const struct keeper_order order = { KEEPER_TURN, id, value };

	return send(camera->fd, &order, sizeof(order), MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(order) ?
		0 : -errno;
}

/* What a worker may do to the socket; each buffer's descriptor may be asked to be read as well. */
static const struct device_request requests[] = {
	{ DEVICE_WRITE, "say that the camera starts, and which buffer it gets back" },
};

const struct camera_kind camera_libcamera = {
	.prefix = "libcamera:", .open = open_now, .find = find, .close = close_keeper,
	.source = source_kept, .calls = &cage_live, .may = requests, .mays = 1,
};
