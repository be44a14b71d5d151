// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A video in place of a camera.  What its pictures are is found out in a cage; here
 * nothing of it is read.
 */
#include "source/camera.h"
#include "source/play.h"
#include "text.h"

#define BILLION		INT64_C(1000000000)
#define RATE_MAX	240			/* frames a second */
#define USUAL		25			/* of a video that does not say */

/* What a caged process says of a video: a stranger's word. */
struct video_facts {
	uint32_t fourcc, width, height;
	int32_t num, den;			/* frames a second */
	uint8_t full_range, matrix, still;
};

static int look_before(void *video, struct scrim_error *err)
{
	struct play_video *v = video;

	return video_load(&v->open, err);
}

static int look(void *video, void *result, struct scrim_error *err)
{
	const struct play_video *v = video;
	struct source *source = NULL;
	int ret = v->open(&source, v->fd, v->name, err);

	if (ret < 0)
		return ret;
	*(struct video_facts *)result = (struct video_facts){
		.fourcc = source->fourcc, .width = source->width, .height = source->height,
		.num = source->rate.num, .den = source->rate.den, .still = source->still,
		.full_range = source->colour.full_range, .matrix = source->colour.matrix,
	};
	source_free(&source);
	return 0;
}

static bool is_sound(const struct video_facts *facts)
{
	return facts->fourcc == V4L2_PIX_FMT_YUV420 && facts->width && facts->height &&
	       facts->width <= SCRIM_SIDE_MAX && facts->height <= SCRIM_SIDE_MAX &&
	       (uint64_t)facts->width * facts->height <= SCRIM_PIXELS_MAX;
}

/* From one frame a second to RATE_MAX, whatever the video says. */
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

static void describe(struct camera *camera, const struct video_facts *facts)
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

/* The size and the rate are the video's, whatever is wished for. */
static int file_open(struct camera *camera, const char *where, const struct wish *wish,
		     struct scrim_error *err)
{
	struct play_video video = { .name = where };
	struct caged_call call = {
		.before = look_before, .work = look, .ctx = &video, .keep = &video.fd,
		.kept = 1, .size = sizeof(struct video_facts),
	};
	struct video_facts facts;
	int ret;

	camera->fd = video.fd = ret = open_regular(where, err);
	if (ret >= 0)
		ret = caged(&call, &facts, err);
	if (ret < 0)
		return ret;
	if (facts.still || !is_sound(&facts))
		return fail(err, -ENOTSUP, "%s is not a video that can be played", where);
	describe(camera, &facts);
	return 0;
}

/* The clock goes with the process: in the cage nothing is closed. */
static int file_source(struct source **source, const struct camera *camera,
		       struct scrim_error *err)
{
	const struct v4l2_fract *interval = &camera->interval;
	struct play_video video = { .fd = camera->fd, .name = camera->where };
	struct play_clock clock;
	const struct source like = {
		.fourcc = camera->pix.pixelformat, .width = camera->pix.width,
		.height = camera->pix.height,
		.rate = { interval->denominator, interval->numerator },
	};
	int ret = video_load(&video.open, err);

	if (ret >= 0)
		ret = play_clock_start(&clock, BILLION * interval->numerator /
				       interval->denominator, err);
	return ret < 0 ? ret : source_play(source, &video, &like, &clock, err);
}

const struct camera_kind camera_file = {
	.prefix = "file:", .open = file_open, .source = file_source, .calls = &cage_video,
};
