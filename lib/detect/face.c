// SPDX-License-Identifier: LGPL-2.1-or-later
/* Faces, by a network: from a frame's pixels to boxes in them. */
#include "detect/family.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AREA		(640.0 * 360.0)	/* of the network's input, in pixels */
#define ENLARGE_MAX	2.0		/* more invents detail */
#define SIDE_MIN	32u

struct face {
	struct detector base;
	const struct family *family;
	struct face_options options;
	struct net *net;
	struct input input;
	unsigned width, height;		/* of the network's input now; 0: none */
	struct candidates candidates;
};

static unsigned round_side(double side, unsigned max)
{
	return side < 1 ? 1 : side > max ? max : (unsigned)(side + .5);
}

static unsigned round_up(unsigned side, unsigned multiple)
{
	side = (side + multiple - 1) / multiple * multiple;
	return side < SIDE_MIN ? SIDE_MIN : side;
}

/*
 * How large the network sees a picture: in its own shape, in the area or box that
 * was asked for, turned if that suits the picture better.
 */
static void face_fit(const struct face_options *options, unsigned width,
		     unsigned height, unsigned *small_width, unsigned *small_height)
{
	bool upright = height > width;
	double scale = ENLARGE_MAX;

	if (options->width && options->height) {
		unsigned wide = options->width, high = options->height;

		if (upright != (high > wide) && wide != high) {
			wide = options->height;
			high = options->width;
		}
		scale = fmin(scale, fmin((double)wide / width, (double)high / height));
	} else {
		scale = fmin(scale, sqrt(AREA / width / height));
	}
	*small_width = round_side(width * scale, NET_SIDE_MAX);
	*small_height = round_side(height * scale, NET_SIDE_MAX);
}

/* Makes everything ready for such a frame, if it is not. */
static int face_shape(struct face *face, const struct frame *frame,
		      struct scrim_error *err)
{
	unsigned width, height, multiple = face->family->multiple;
	bool changed;
	int ret;

	face_fit(&face->options, frame->width, frame->height, &width, &height);
	changed = width != face->input.small_width || height != face->input.small_height;
	ret = input_shape(&face->input, frame, width, height, err);
	if (ret < 0)
		return ret;
	width = round_up(width, multiple);
	height = round_up(height, multiple);
	if (width != face->width || height != face->height) {
		size_t max = (size_t)face->family->places * (width / 8) * (height / 8);
		struct detection *at = realloc(face->candidates.at, max * sizeof(*at));

		face->width = 0;
		if (!at)
			return fail(err, -ENOMEM, "no memory for detection");
		face->candidates = (struct candidates){ 0, max, at };
		ret = net_shape(face->net, width, height, err);
		if (ret < 0)
			return ret;
		face->width = width;
		face->height = height;
	} else if (changed) {
		/* The last picture may have reached further. */
		memset(net_input(face->net), 0, 3 * sizeof(float) * width * height);
	}
	return 0;
}

static int face_detect(struct detector *detector, const struct frame *frame,
		       struct detections *found, struct scrim_error *err)
{
	struct face *face = (struct face *)detector;
	float across, down;
	int ret;

	ret = face_shape(face, frame, err);
	if (ret < 0)
		return ret;
	ret = input_fill(&face->input, frame, &face->family->scale,
			 net_input(face->net), face->width, err);
	if (ret < 0)
		return ret;
	ret = net_run(face->net, err);
	if (ret < 0)
		return ret;
	face->candidates.count = 0;
	ret = face->family->boxes(face->net, PROPOSAL_SCORE, &face->candidates, err);
	if (ret < 0)
		return ret;
	boxes_pick(&face->candidates, face->options.threshold, found);
	across = (float)frame->width / face->input.small_width;
	down = (float)frame->height / face->input.small_height;
	for (unsigned i = 0; i < found->count; i++) {
		found->at[i].x *= across;
		found->at[i].w *= across;
		found->at[i].y *= down;
		found->at[i].h *= down;
	}
	return 0;
}

static void face_free(struct detector *detector)
{
	struct face *face = (struct face *)detector;

	net_free(&face->net);
	input_clear(&face->input);
	free(face->candidates.at);
	free(face);
}

static const struct detector_ops face_ops = {
	.name = "face",
	.detect = face_detect,
	.free = face_free,
};

static int options_check(const struct face_options *options, struct scrim_error *err)
{
	if (!options->width != !options->height || options->width > NET_SIDE_MAX ||
	    options->height > NET_SIDE_MAX)
		return fail(err, -EINVAL, "a detection size of %u x %u; sides go to %u",
			    options->width, options->height, NET_SIDE_MAX);
	if (!(options->threshold >= 0 && options->threshold < 1))
		return fail(err, -EINVAL, "a score threshold that is not from 0 to 1");
	return 0;
}

int detector_face(struct detector **detector, int model,
		  const struct face_options *options, struct scrim_error *err)
{
	struct face *face = NULL;
	struct onnx *onnx = NULL;
	char *bytes = NULL;
	size_t size = 0;
	int ret;

	ret = options_check(options, err);
	if (ret < 0)
		return ret;
	face = calloc(1, sizeof(*face));
	if (!face)
		return fail(err, -ENOMEM, "no memory for detection");
	face->base.ops = &face_ops;
	face->options = *options;
	if (lseek(model, 0, SEEK_SET) < 0) {
		ret = fail(err, -EIO, "cannot read the model: %s", strerror(errno));
		goto out;
	}
	ret = bytes_read(&bytes, &size, ONNX_BYTES_MAX, model, "the model", err);
	if (ret < 0)
		goto out;
	ret = onnx_parse(&onnx, (const uint8_t *)bytes, size, err);
	if (ret < 0)
		goto out;
	ret = family_open(&face->family, &face->net, onnx, err);
	if (ret < 0)
		goto out;
	if (face->options.threshold == 0)
		face->options.threshold = face->family->threshold;
	*detector = &face->base;
	face = NULL;
out:
	if (face)
		face_free(&face->base);
	onnx_free(&onnx);
	free(bytes);
	return ret;
}
