// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/facts.h"

#define RATE_MAX	240			/* frames a second */
#define USUAL		25			/* of a video that does not say */

struct video_facts facts_of(const struct source *source)
{
	return (struct video_facts){
		.fourcc = source->fourcc, .width = source->width, .height = source->height,
		.num = source->rate.num, .den = source->rate.den, .still = source->still,
		.full_range = source->colour.full_range, .matrix = source->colour.matrix,
	};
}

bool facts_are_sound(const struct video_facts *facts)
{
	return !facts->still && facts->fourcc == V4L2_PIX_FMT_YUV420 && facts->width && facts->height &&
	       facts->width <= SCRIM_SIDE_MAX && facts->height <= SCRIM_SIDE_MAX &&
	       (uint64_t)facts->width * facts->height <= SCRIM_PIXELS_MAX;
}

static struct v4l2_fract interval_of(const struct video_facts *facts)
{
	if (facts->num <= 0 || facts->den <= 0)
		return (struct v4l2_fract){ 1, USUAL };
	if (facts->num < facts->den)
		return (struct v4l2_fract){ 1, 1 };
	if (facts->num / facts->den >= RATE_MAX)
		return (struct v4l2_fract){ 1, RATE_MAX };
	return (struct v4l2_fract){ facts->den, facts->num };
}

void facts_describe(struct camera *camera, const struct video_facts *facts)
{
	bool hd = facts->matrix == 1;		/* BT.709 in ITU-T H.273 */

	camera->pix = (struct v4l2_pix_format){
		.pixelformat = facts->fourcc, .width = facts->width, .height = facts->height,
		.colorspace = hd ? V4L2_COLORSPACE_REC709 : V4L2_COLORSPACE_SMPTE170M,
		.quantization = facts->full_range ? V4L2_QUANTIZATION_FULL_RANGE :
						    V4L2_QUANTIZATION_LIM_RANGE,
	};
	camera->interval = interval_of(facts);
}

struct source facts_source(const struct camera *camera)
{
	return (struct source){
		.fourcc = camera->pix.pixelformat, .width = camera->pix.width,
		.height = camera->pix.height,
		.rate = { camera->interval.denominator, camera->interval.numerator },
	};
}
