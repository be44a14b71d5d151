// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The public skin: checks arguments, calls inward, and lets only the errors out
 * that scrim.h names.  A scrim_frame is a frame and a scrim_clean_frame a
 * clean_frame; nobody outside can look into either.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detect/net.h"
#include "job.h"
#include "pipeline.h"
#include "text.h"

struct scrim_policy {
	struct policy policy;
};

struct scrim_source {
	struct source *source;
	int fd;
};

struct scrim_filter {
	struct pipeline *pipeline;
};

struct scrim_sink {
	struct sink *sink;
	struct outfile file;
};

/* What may leave: the list in scrim.h.  Anything else that went wrong is -EIO. */
static int out(int ret, struct scrim_error *err)
{
	static const int named[] = {
		-EINVAL, -ENOENT, -EACCES, -EEXIST, -EBADMSG, -ENOTSUP, -EFBIG,
		-ENOSPC, -ENOMEM, -EIO, -ECANCELED,
	};

	if (ret >= 0)
		return ret;
	if (ret == -EPERM || ret == -EROFS)
		ret = -EACCES;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (ret == named[i])
			goto named;
	ret = -EIO;
named:
	if (err)
		err->code = ret;
	return ret;
}

/* 1 with its reason, or 0. */
static int doubt(uint64_t whole, const char *why, struct scrim_error *err)
{
	if (!whole)
		return 0;
	fail(err, 0, "%s", why);
	return 1;
}

static int no_memory(struct scrim_error *err)
{
	return fail(err, -ENOMEM, "no memory");
}

const char *scrim_version(void)
{
	return SCRIM_VERSION;
}

int scrim_policy_new(struct scrim_policy **policy, struct scrim_error *err)
{
	*policy = calloc(1, sizeof(**policy));
	if (!*policy)
		return no_memory(err);
	policy_default(&(*policy)->policy);
	return 0;
}

int scrim_policy_set(struct scrim_policy *policy, const char *key,
		     const char *value, struct scrim_error *err)
{
	if (!key || !value)
		return fail(err, -EINVAL, "there is no key or no value");
	return out(policy_set(&policy->policy, key, value, err), err);
}

int scrim_policy_load(struct scrim_policy *policy, const char *path,
		      const char *camera, struct scrim_error *err)
{
	return out(policy_load(&policy->policy, path, camera, err), err);
}

void scrim_policy_free(struct scrim_policy **policy)
{
	free(*policy);
	*policy = NULL;
}

static int source_open(struct scrim_source *s, const char *path, struct scrim_error *err)
{
	s->fd = open_regular(path, err);
	if (s->fd < 0)
		return s->fd;
	return source_av(&s->source, s->fd, path, err);
}

int scrim_source_open(struct scrim_source **source, const char *path,
		      struct scrim_error *err)
{
	int ret;

	*source = calloc(1, sizeof(**source));
	if (!*source)
		return no_memory(err);
	ret = source_open(*source, path, err);
	if (ret < 0)
		scrim_source_free(source);
	return out(ret, err);
}

int scrim_source_next(struct scrim_source *source, struct scrim_frame **frame,
		      struct scrim_error *err)
{
	struct frame *raw = NULL;
	int ret = source_next(source->source, &raw, err);

	*frame = (struct scrim_frame *)raw;
	return out(ret, err);
}

void scrim_source_free(struct scrim_source **source)
{
	if (!*source)
		return;
	source_free(&(*source)->source);
	if ((*source)->fd >= 0)
		close((*source)->fd);
	free(*source);
	*source = NULL;
}

/* The caller's planes in the shape of a frame, to copy from. */
static int borrow_planes(struct frame *from, const struct frame *like,
			 const void *const plane[], const size_t stride[],
			 struct scrim_error *err)
{
	*from = *like;
	for (unsigned i = 0; i < like->format->planes; i++) {
		if (!plane[i] ||
		    stride[i] < plane_row_bytes(&like->format->plane[i], like->width))
			return fail(err, -EINVAL, "plane %u has a stride of %zu bytes, a row needs %zu",
				    i, stride[i], plane_row_bytes(&like->format->plane[i], like->width));
		from->plane[i] = (uint8_t *)plane[i];
		from->stride[i] = stride[i];
	}
	return 0;
}

int scrim_frame_new(struct scrim_frame **frame, uint32_t fourcc,
		    unsigned width, unsigned height,
		    const void *const plane[], const size_t stride[],
		    int64_t time_ns, struct scrim_error *err)
{
	struct frame *raw = NULL, from;
	int ret;

	*frame = NULL;
	ret = frame_new(&raw, fourcc, width, height, err);
	if (ret < 0)
		return out(ret, err);
	ret = borrow_planes(&from, raw, plane, stride, err);
	if (ret < 0) {
		frame_free(&raw);
		return out(ret, err);
	}
	frame_copy(raw, &from);
	raw->time_ns = time_ns;
	*frame = (struct scrim_frame *)raw;
	return 0;
}

void scrim_frame_free(struct scrim_frame **frame)
{
	struct frame *raw = (struct frame *)*frame;

	frame_free(&raw);
	*frame = NULL;
}

static int filter_open(struct scrim_filter *filter, const struct policy *policy,
		       struct scrim_error *err)
{
	struct pipeline_parts parts = { 0 };
	int model = -1, boxes = -1, ret;

	ret = net_init(err);
	if (ret >= 0)
		ret = policy_open(policy, &model, &boxes, err);
	if (ret >= 0)
		ret = pipeline_make_parts(policy, model, boxes, &parts, err);
	if (ret >= 0)
		ret = pipeline_new(&filter->pipeline, policy, &parts, err);
	if (model >= 0)
		close(model);
	if (boxes >= 0)
		close(boxes);
	return ret;
}

int scrim_filter_open(struct scrim_filter **filter,
		      const struct scrim_policy *policy,
		      struct scrim_error *err)
{
	int ret;

	*filter = calloc(1, sizeof(**filter));
	if (!*filter)
		return no_memory(err);
	ret = filter_open(*filter, &policy->policy, err);
	if (ret < 0)
		scrim_filter_free(filter);
	return out(ret, err);
}

int scrim_filter_frame(struct scrim_filter *filter, struct scrim_frame **raw,
		       struct scrim_clean_frame **clean,
		       struct scrim_error *err)
{
	struct frame *frame = (struct frame *)*raw;
	struct clean_frame *made = NULL;
	struct pipeline_counts before, after;
	int ret;

	pipeline_count(filter->pipeline, &before);
	ret = pipeline_frame(filter->pipeline, &frame, &made, err);
	*raw = NULL;
	*clean = (struct scrim_clean_frame *)made;
	if (ret < 0)
		return out(ret, err);
	pipeline_count(filter->pipeline, &after);
	return doubt(after.whole - before.whole, after.why, err);
}

void scrim_filter_free(struct scrim_filter **filter)
{
	if (!*filter)
		return;
	pipeline_free(&(*filter)->pipeline);
	free(*filter);
	*filter = NULL;
}

void scrim_clean_frame_view(const struct scrim_clean_frame *frame,
			    struct scrim_view *view)
{
	const struct frame *f = clean_frame_view((const struct clean_frame *)frame);

	*view = (struct scrim_view){ .fourcc = f->format->fourcc, .width = f->width,
				     .height = f->height, .time_ns = f->time_ns };
	for (unsigned i = 0; i < f->format->planes; i++) {
		view->plane[i] = f->plane[i];
		view->stride[i] = f->stride[i];
	}
}

void scrim_clean_frame_free(struct scrim_clean_frame **frame)
{
	struct clean_frame *clean = (struct clean_frame *)*frame;

	clean_frame_free(&clean);
	*frame = NULL;
}

static int sink_open(struct scrim_sink *s, const char *path,
		     const struct scrim_source *from, struct scrim_error *err)
{
	const struct sink_av_options options = { .audio = -1 };
	const struct source *source = from->source;
	int ret;

	if (is_same_file(from->fd, path))
		return fail(err, -EINVAL, "cannot write %s: it is the input", path);
	ret = outfile_open(&s->file, path, 0666, true, err);
	if (ret < 0)
		return ret;
	if (name_is_picture(path))
		return sink_picture(&s->sink, s->file.fd, path, source, err);
	return sink_av(&s->sink, s->file.fd, path, source, &options, err);
}

int scrim_sink_open(struct scrim_sink **sink, const char *path,
		    const struct scrim_source *source, struct scrim_error *err)
{
	int ret;

	*sink = calloc(1, sizeof(**sink));
	if (!*sink)
		return no_memory(err);
	(*sink)->file.fd = -1;
	ret = sink_open(*sink, path, source, err);
	if (ret < 0)
		scrim_sink_free(sink);
	return out(ret, err);
}

int scrim_sink_put(struct scrim_sink *sink, struct scrim_clean_frame *clean,
		   struct scrim_error *err)
{
	if (!clean)
		return fail(err, -EINVAL, "there is no frame to write");
	return out(sink_put(sink->sink, (struct clean_frame *)clean, err), err);
}

int scrim_sink_close(struct scrim_sink **sink, struct scrim_error *err)
{
	int ret;

	ret = sink_finish((*sink)->sink, err);
	if (ret >= 0)
		ret = outfile_commit(&(*sink)->file, true, err);
	scrim_sink_free(sink);
	return out(ret, err);
}

void scrim_sink_free(struct scrim_sink **sink)
{
	if (!*sink)
		return;
	sink_free(&(*sink)->sink);
	outfile_discard(&(*sink)->file);
	free(*sink);
	*sink = NULL;
}

int scrim_redact_file(const char *in, const char *out_path,
		      const struct scrim_policy *policy,
		      struct scrim_error *err)
{
	const struct job_request request = {
		.in = in, .out = out_path, .policy = &policy->policy,
		.replace = true, .report = -1, .sheet = -1,
	};
	struct job_result result;
	struct job job;
	int ret;

	ret = job_start(&job, &request, err);
	if (ret >= 0)
		ret = job_finish(&job, &result, err);
	return ret < 0 ? out(ret, err) : doubt(result.whole, result.why, err);
}
