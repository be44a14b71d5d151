// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The side of a job that may open names and never looks at bytes.
 */
#include "job.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sink/sink.h"
#include "text.h"
#include "worker.h"

bool is_same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int open_all(struct worker *w, struct job *job,
		    const struct job_request *request, struct scrim_error *err)
{
	int ret;

	w->in = ret = open_regular(request->in, err);
	if (ret < 0)
		return ret;
	if (request->keep_audio) {
		w->audio = ret = open_regular(request->in, err);
		if (ret < 0)
			return ret;
	}
	ret = policy_open(request->policy, &w->model, &w->boxes, err);
	if (ret < 0)
		return ret;
	if (is_same_file(w->in, request->out))
		return fail(err, -EINVAL, "cannot write %s: it is the input", request->out);
	ret = outfile_open(&job->out, request->out, 0666, request->replace, err);
	w->out = job->out.fd;
	return ret;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

int job_start(struct job *job, const struct job_request *request,
	      struct scrim_error *err)
{
	struct worker w = { request, -1, -1, -1, -1, -1 };
	struct caged_call call = { worker_before, worker_run, &w, NULL, 0,
				   sizeof(struct job_result), NULL };
	int keep[7], ret;

	*job = (struct job){ .out = OUTFILE_NONE, .replace = request->replace };
	ret = open_all(&w, job, request, err);
	if (ret < 0)
		goto out;
	const int fds[] = { w.in, w.audio, w.out, w.model, w.boxes,
			    request->report, request->sheet };
	for (unsigned i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			keep[call.kept++] = fds[i];
	qsort(keep, call.kept, sizeof(keep[0]), by_number);
	call.keep = keep;
	ret = caged_start(&call, &job->child, err);
out:
	close_if(w.in);
	close_if(w.audio);
	close_if(w.model);
	close_if(w.boxes);
	if (ret < 0)
		outfile_discard(&job->out);
	return ret;
}

int job_watch(const struct job *job, struct scrim_error *err)
{
	int fd = syscall(__NR_pidfd_open, job->child.pid, 0);

	return fd < 0 ? fail(err, -errno, "cannot watch a worker: %s", strerror(errno)) : fd;
}

void job_peek(const struct job *job, struct job_result *result)
{
	memcpy(result, (const void *)caged_peek(&job->child), sizeof(*result));
	result->why[sizeof(result->why) - 1] = '\0';
}

int job_end(struct job *job, struct job_result *result, struct scrim_error *err)
{
	int ret = caged_finish(&job->child, result, err);

	result->why[sizeof(result->why) - 1] = '\0';
	if (ret < 0)
		outfile_discard(&job->out);
	return ret;
}

int job_place(struct job *job, struct scrim_error *err)
{
	return outfile_commit(&job->out, job->replace, err);
}

int job_finish(struct job *job, struct job_result *result,
	       struct scrim_error *err)
{
	int ret = job_end(job, result, err);

	return ret < 0 ? ret : job_place(job, err);
}

void job_stop(struct job *job)
{
	caged_stop(&job->child);
	outfile_discard(&job->out);
}

struct composing {
	const int *tiles;
	unsigned count;
	int out;
};

static int compose(void *ctx, void *result, struct scrim_error *err)
{
	const struct composing *c = ctx;
	struct sheet *sheet = NULL;
	int ret;

	ret = sheet_new(&sheet, 2, SHEET_TILE_W, err);
	for (unsigned i = 0; ret >= 0 && i < c->count; i++)
		if (lseek(c->tiles[i], 0, SEEK_END) > 0)	/* else that file failed */
			ret = sheet_load(sheet, c->tiles[i], err);
	if (ret >= 0)
		ret = sheet_write(sheet, c->out, err);
	sheet_free(&sheet);
	return ret;
}

int sheet_compose(const int *tiles, unsigned count, int out,
		  struct scrim_error *err)
{
	struct composing composing = { tiles, count, out };
	struct caged_call call = { NULL, compose, &composing, NULL, count + 1, 0, NULL };
	int *keep = malloc((count + 1) * sizeof(*keep));
	char nothing;
	int ret;

	if (!keep)
		return fail(err, -ENOMEM, "no memory for the contact sheet");
	memcpy(keep, tiles, count * sizeof(*keep));
	keep[count] = out;
	qsort(keep, count + 1, sizeof(*keep), by_number);
	call.keep = keep;
	ret = caged(&call, &nothing, err);
	free(keep);
	return ret;
}
