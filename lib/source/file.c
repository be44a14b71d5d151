// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A video in place of a camera.  What its pictures are is found out in a cage; here
 * nothing of it is read.
 */
#include <sys/stat.h>

#include "source/facts.h"
#include "source/play.h"
#include "text.h"

#define BILLION		INT64_C(1000000000)

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
	*(struct video_facts *)result = facts_of(source);
	source_free(&source);
	return 0;
}

static int find_out(struct camera *camera, struct scrim_error *err)
{
	struct play_video video = { .fd = camera->fd, .name = camera->where };
	struct caged_call call = {
		.before = look_before, .work = look, .ctx = &video, .keep = &video.fd,
		.kept = 1, .size = sizeof(struct video_facts),
	};
	struct video_facts facts;
	int ret = caged(&call, &facts, err);

	if (ret < 0)
		return ret;
	if (!facts_are_sound(&facts))
		return fail(err, -ENOTSUP, "%s is not a video that can be played", camera->where);
	facts_describe(camera, &facts);
	return 0;
}

/* The size and the rate are the video's, whatever is wished for. */
static int file_open(struct camera *camera, const char *where, const struct wish *wish,
		     struct scrim_error *err)
{
	camera->fd = open_regular(where, err);
	return camera->fd < 0 ? camera->fd : find_out(camera, err);
}

static struct finder_file file_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return (struct finder_file){ 0 };
	return (struct finder_file){
		.device = st.st_dev, .number = st.st_ino, .bytes = st.st_size,
		.changed_ns = st.st_mtim.tv_sec * BILLION + st.st_mtim.tv_nsec,
	};
}

static bool is_known(const struct finder *finder, const struct finder_file *file)
{
	const struct finder_file *known = &finder->file;

	return finder->pix.width && file->device == known->device &&
	       file->number == known->number && file->bytes == known->bytes &&
	       file->changed_ns == known->changed_ns;
}

/* Programs wait while a camera is turned on: what is known is not found out again. */
static int file_find(struct camera *camera, struct finder *finder, struct scrim_error *err)
{
	struct finder_file file;
	int ret = 0;

	camera->fd = open_regular(camera->where, err);
	if (camera->fd < 0)
		return camera->fd;
	file = file_of(camera->fd);
	if (!is_known(finder, &file)) {
		ret = find_out(camera, err);
		finder->pix = camera->pix;
		finder->interval = camera->interval;
		finder->file = file;
	}
	camera->pix = finder->pix;
	camera->interval = finder->interval;
	return ret;
}

/* The clock goes with the process: in the cage nothing is closed. */
static int file_source(struct source **source, const struct camera *camera,
		       struct scrim_error *err)
{
	const struct v4l2_fract *interval = &camera->interval;
	struct play_video video = { .fd = camera->fd, .name = camera->where };
	struct play_clock clock;
	const struct source like = facts_source(camera);
	int ret = video_load(&video.open, err);

	if (ret >= 0)
		ret = play_clock_start(&clock, BILLION * interval->numerator /
				       interval->denominator, err);
	return ret < 0 ? ret : source_play(source, &video, &like, &clock, err);
}

const struct camera_kind camera_file = {
	.prefix = "file:", .open = file_open, .find = file_find, .source = file_source,
	.calls = &cage_video,
};
