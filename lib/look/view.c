// SPDX-License-Identifier: LGPL-2.1-or-later
#include "look/view.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frame/convert.h"
#include "guard/cage.h"
#include "look/terminal.h"
#include "sink/png.h"
#include "source/v4l2.h"

#define GRACE	3000			/* ms beyond the camera's own clock */
#define REQUESTS_MAX	8
#define DARK	8			/* of 255: the black of a coder that rounds */

struct looking {
	struct camera camera;
	struct source *source;
	unsigned wait;			/* ms */
};

/* What comes out of the cage; the size is agreed before. */
struct seen {
	int black;			/* not 0: it is */
	uint8_t rgb[];
};

static bool is_black(const struct paper *paper)
{
	size_t bytes = (size_t)paper->width * paper->height * 3;

	for (size_t i = 0; i < bytes; i++)
		if (paper->rgb[i] > DARK)
			return false;
	return true;
}

static int to_paper(struct paper *paper, const struct frame *frame,
		    struct converter **converter, struct scrim_error *err)
{
	struct image from = image_of_frame(frame), to;
	struct frame *rgb = NULL;
	int ret = frame_new(&rgb, V4L2_PIX_FMT_RGB24, paper->width, paper->height, err);

	if (ret < 0)
		return ret;
	to = image_of_frame(rgb);
	ret = convert(converter, &to, &from, err);
	for (unsigned y = 0; ret >= 0 && y < paper->height; y++)
		memcpy(paper->rgb + (size_t)y * paper->width * 3,
		       rgb->plane[0] + y * rgb->stride[0], (size_t)paper->width * 3);
	frame_free(&rgb);
	return ret;
}

int view_picture(struct source *source, unsigned wait, struct paper *paper, bool *black,
		 struct scrim_error *err)
{
	struct converter *converter = NULL;
	struct frame *frame = NULL;
	int64_t first = -1;
	int ret;

	do {
		ret = source_next(source, &frame, err);
		if (!ret)
			ret = fail(err, -ENODATA, "the camera sends nothing");
		if (ret < 0)
			break;
		ret = to_paper(paper, frame, &converter, err);
		if (first < 0)
			first = frame->time_ns;
		*black = is_black(paper);
		if (ret >= 0 && *black)
			ret = frame->time_ns - first < wait * INT64_C(1000000);
		else if (ret >= 0)
			ret = 0;
		frame_free(&frame);
	} while (ret > 0);
	converter_free(&converter);
	return ret;
}

static int look_before(void *ctx, struct scrim_error *err)
{
	struct looking *l = ctx;

	return camera_source(&l->source, &l->camera, err);
}

static int look_work(void *ctx, void *result, struct scrim_error *err)
{
	struct looking *l = ctx;
	struct seen *seen = result;
	struct paper paper = { l->source->width, l->source->height, seen->rgb };
	bool black = true;
	int ret = view_picture(l->source, l->wait, &paper, &black, err);

	seen->black = black;
	return ret;
}

static bool can_be_shown(const struct v4l2_pix_format *pix)
{
	return pix->width && pix->height && pix->width <= SCRIM_SIDE_MAX &&
	       pix->height <= SCRIM_SIDE_MAX &&
	       (uint64_t)pix->width * pix->height <= SCRIM_PIXELS_MAX &&
	       (pix->pixelformat == V4L2_PIX_FMT_MJPEG || format_find(pix->pixelformat));
}

/* As it is: a reader that chose a format would change it for others, or be refused. */
static int open_reader(struct camera *camera, const char *node, struct scrim_error *err)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	const struct v4l2_pix_format *pix = &format.fmt.pix;
	int ret = v4l2_node(&camera->fd, node, V4L2_CAP_VIDEO_CAPTURE, err);

	if (ret >= 0 && v4l2_call(camera->fd, VIDIOC_G_FMT, &format) < 0)
		ret = fail(err, -EIO, "%s does not say what its pictures are", node);
	else if (ret >= 0 && !can_be_shown(pix))
		ret = fail(err, -ENOTSUP, "%s sends pictures that cannot be shown: %ux%u %.4s",
			   node, pix->width, pix->height, (const char *)&pix->pixelformat);
	camera->kind = &camera_v4l2;
	camera->where = node;
	camera->pix = *pix;
	return ret;
}

/* Ended, or not in time. */
static int wait_for(const struct caged_child *child, unsigned wait, const char *node,
		    struct scrim_error *err)
{
	struct pollfd ready = { .fd = syscall(__NR_pidfd_open, child->pid, 0), .events = POLLIN };
	int ret;

	if (ready.fd < 0)
		return fail(err, -errno, "cannot watch a worker: %s", strerror(errno));
	do
		ret = poll(&ready, 1, wait + GRACE);
	while (ret < 0 && errno == EINTR);
	close(ready.fd);
	return ret > 0 ? 0 : fail(err, -ETIMEDOUT, "%s sends no picture", node);
}

/* What a worker may ask of a camera; it cannot change it. */
static unsigned permit(struct device_permission may[REQUESTS_MAX], const struct camera *camera)
{
	unsigned count = 0;

	while (count < camera->kind->mays && count < REQUESTS_MAX) {
		may[count] = (struct device_permission){ camera->fd, camera->kind->may[count] };
		count++;
	}
	return count;
}

static int look(struct looking *l, struct seen *seen, size_t size, const char *node,
		struct scrim_error *err)
{
	struct device_permission may[REQUESTS_MAX];
	const struct cage_devices devices = {
		may, permit(may, &l->camera), l->camera.kind->calls,
	};
	const struct caged_call call = {
		.before = look_before, .work = look_work, .ctx = l, .keep = &l->camera.fd,
		.kept = 1, .size = size, .devices = &devices,
	};
	struct caged_child child = { 0 };
	int ret = caged_start(&call, &child, err);

	if (ret < 0)
		return ret;
	ret = wait_for(&child, l->wait, node, err);
	if (ret < 0) {
		caged_stop(&child);
		return ret;
	}
	return caged_finish(&child, seen, err);
}

int view_take(struct view *view, const char *node, unsigned wait, struct scrim_error *err)
{
	struct looking l = { .camera.fd = -1, .wait = wait };
	struct seen *seen = NULL;
	size_t bytes = 0;
	int ret;

	*view = (struct view){ 0 };
	ret = open_reader(&l.camera, node, err);
	if (ret >= 0)
		ret = paper_new(&view->paper, l.camera.pix.width, l.camera.pix.height, err);
	if (ret < 0)
		goto out;
	bytes = (size_t)view->paper.width * view->paper.height * 3;
	seen = malloc(sizeof(*seen) + bytes);
	ret = seen ? look(&l, seen, sizeof(*seen) + bytes, node, err) :
		fail(err, -ENOMEM, "no memory for a picture");
	if (ret < 0)
		goto out;
	memcpy(view->paper.rgb, seen->rgb, bytes);
	view->fourcc = l.camera.pix.pixelformat;
	view->black = seen->black != 0;
out:
	free(seen);
	camera_close(&l.camera);
	if (ret < 0)
		view_free(view);
	return ret;
}

void view_free(struct view *view)
{
	paper_free(&view->paper);
}

struct writing {
	const struct paper *paper;
	unsigned columns, rows;
	int fd;
};

static int write_work(void *ctx, void *result, struct scrim_error *err)
{
	const struct writing *w = ctx;
	const struct png_picture picture = {
		V4L2_PIX_FMT_RGB24, w->paper->width, w->paper->height, w->paper->rgb,
		(size_t)w->paper->width * 3,
	};

	if (w->columns)
		return terminal_show(w->paper, w->columns, w->rows, w->fd, err);
	return png_save(&picture, w->fd, err);
}

int view_write(const struct paper *paper, unsigned columns, unsigned rows, int fd,
	       struct scrim_error *err)
{
	struct writing w = { paper, columns, rows, fd };
	const struct caged_call call = {
		.work = write_work, .ctx = &w, .keep = &w.fd, .kept = 1,
	};
	char none;

	return caged(&call, &none, err);
}
