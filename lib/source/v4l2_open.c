// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The side that opens a camera.  It sees what the driver says of the pictures, and
 * never a picture.
 */
#include "source/v4l2.h"

#include <string.h>

#define CAPTURE	V4L2_BUF_TYPE_VIDEO_CAPTURE

/* In the order in which they are liked: least work and least loss first. */
static const uint32_t fourccs[] = {
	V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_MJPEG,
};

/* One way to set a camera up; compared from its first member to its last. */
struct offer {
	struct v4l2_pix_format pix;
	uint64_t away;			/* from the size wished for, in pixels */
	double slow;			/* seconds a picture more than wished for */
};

static bool usable(const struct v4l2_pix_format *pix)
{
	return pix->width && pix->height && !(pix->width & 1) && !(pix->height & 1) &&
	       pix->field != V4L2_FIELD_ALTERNATE && pix->field != V4L2_FIELD_TOP &&
	       pix->field != V4L2_FIELD_BOTTOM;
}

/* Seconds from picture to picture at best; 0: the camera does not say. */
static double fastest(int fd, const struct v4l2_pix_format *pix)
{
	struct v4l2_frmivalenum each = {
		.pixel_format = pix->pixelformat, .width = pix->width, .height = pix->height,
	};
	double best = 0;

	for (; each.index < 64 && !v4l2_call(fd, VIDIOC_ENUM_FRAMEINTERVALS, &each); each.index++) {
		const struct v4l2_fract *one = each.type == V4L2_FRMIVAL_TYPE_DISCRETE ?
			&each.discrete : &each.stepwise.min;
		double seconds = one->denominator ? (double)one->numerator / one->denominator : 0;

		if (seconds > 0 && (best == 0 || seconds < best))
			best = seconds;
		if (each.type != V4L2_FRMIVAL_TYPE_DISCRETE)
			break;
	}
	return best;
}

static bool ask(int fd, uint32_t fourcc, const struct v4l2_format *now,
		const struct wish *wish, struct offer *offer)
{
	struct v4l2_format format = { .type = CAPTURE };
	unsigned width = wish->width ? wish->width : now->fmt.pix.width;
	unsigned height = wish->height ? wish->height : now->fmt.pix.height;
	int64_t dx, dy;
	double best, wanted;

	format.fmt.pix.width = width;
	format.fmt.pix.height = height;
	format.fmt.pix.pixelformat = fourcc;
	format.fmt.pix.field = V4L2_FIELD_ANY;
	if (v4l2_call(fd, VIDIOC_TRY_FMT, &format) < 0 ||
	    format.fmt.pix.pixelformat != fourcc || !usable(&format.fmt.pix))
		return false;
	dx = (int64_t)format.fmt.pix.width - width;
	dy = (int64_t)format.fmt.pix.height - height;
	best = fastest(fd, &format.fmt.pix);
	wanted = wish->frames ? (double)wish->seconds / wish->frames : 0;
	*offer = (struct offer){
		.pix = format.fmt.pix,
		.away = (dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy),
		/* A hundredth more, since 30000/1001 is as good as 30. */
		.slow = wanted > 0 && best > 1.01 * wanted ? best - wanted : 0,
	};
	return true;
}

static bool better(const struct offer *a, const struct offer *b)
{
	return a->away != b->away ? a->away < b->away : a->slow < b->slow;
}

static int choose(int fd, const struct wish *wish, struct offer *best,
		  const char *path, struct scrim_error *err)
{
	struct v4l2_format now = { .type = CAPTURE };
	bool any = false;
	int ret = v4l2_call(fd, VIDIOC_G_FMT, &now);

	if (ret < 0)
		return fail(err, ret, "%s does not say what it sends: %s", path, strerror(-ret));
	for (unsigned i = 0; i < sizeof(fourccs) / sizeof(fourccs[0]); i++) {
		struct offer offer;

		if (wish->fourcc && wish->fourcc != fourccs[i])
			continue;
		if (ask(fd, fourccs[i], &now, wish, &offer) && (!any || better(&offer, best))) {
			*best = offer;
			any = true;
		}
	}
	if (any)
		return 0;
	return fail(err, -ENOTSUP, wish->fourcc ? "%s does not have the format of the policy" :
		    "%s has none of YUYV, NV12, YU12 and MJPEG in a size of even numbers", path);
}

/* The rate is a wish; what counts is what the camera then says. */
static void set_rate(struct camera *camera, const struct wish *wish)
{
	struct v4l2_streamparm parm = { .type = CAPTURE };

	if (v4l2_call(camera->fd, VIDIOC_G_PARM, &parm) < 0)
		return;
	if (wish->frames && parm.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) {
		parm.parm.capture.timeperframe =
			(struct v4l2_fract){ wish->seconds, wish->frames };
		if (v4l2_call(camera->fd, VIDIOC_S_PARM, &parm) < 0)
			v4l2_call(camera->fd, VIDIOC_G_PARM, &parm);
	}
	camera->interval = parm.parm.capture.timeperframe;
}

static int set_up(struct camera *camera, const struct wish *wish,
		  const char *path, struct scrim_error *err)
{
	struct v4l2_format format = { .type = CAPTURE };
	struct offer offer;
	int ret = choose(camera->fd, wish, &offer, path, err);

	if (ret < 0)
		return ret;
	format.fmt.pix = offer.pix;
	ret = v4l2_call(camera->fd, VIDIOC_S_FMT, &format);
	if (ret < 0)
		return fail(err, ret, "%s cannot be set up: %s", path, strerror(-ret));
	if (format.fmt.pix.pixelformat != offer.pix.pixelformat || !usable(&format.fmt.pix))
		return fail(err, -ENOTSUP, "%s takes a format and then has another", path);
	camera->pix = format.fmt.pix;
	set_rate(camera, wish);
	return 0;
}

int v4l2_open(struct camera *camera, const char *path, const struct wish *wish,
	      struct scrim_error *err)
{
	int ret = v4l2_node(&camera->fd, path, V4L2_CAP_VIDEO_CAPTURE, err);

	return ret < 0 ? ret : set_up(camera, wish, path, err);
}
