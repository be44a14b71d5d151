// SPDX-License-Identifier: GPL-2.0
#include "progress.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tools.h"

#define BAR_CELLS	24
#define LINE_EVERY	10.0	/* seconds, where there is no terminal */

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

void complain(const char *fmt, ...)
{
	va_list args;

	fputs("scrim: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

/* Takes object. */
static void print_json(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	fflush(stdout);
	json_decref(object);
}

static void wipe_bar(struct progress *p)
{
	if (p->bar)
		fputs("\r\033[K", stderr);
	p->bar = false;
}

void progress_start(struct progress *p, enum progress_style style,
		    const struct files *files)
{
	*p = (struct progress){ .style = style, .files = files->count,
				.left_out = files->left_out,
				.started = seconds_now(), .last_line = seconds_now() };
}

/* A file is seen twice: to be looked at and to be written. */
struct so_far {
	uint64_t steps, expected, frames;
	double share;			/* 0 to 1, of all files */
	bool known;
};

static struct so_far add_up(const struct progress *p, const struct job_result *running,
			    unsigned count)
{
	struct so_far s = { .known = true };
	double parts = p->done + p->failed + p->skipped;

	for (unsigned i = 0; i < count; i++) {
		uint64_t steps = running[i].looked + running[i].frames;
		uint64_t all = 2 * running[i].expected;

		s.steps += steps;
		s.expected += running[i].expected;
		s.frames += running[i].frames ? running[i].frames : running[i].looked;
		if (!all)
			s.known = false;
		else
			parts += steps < all ? (double)steps / all : 1;
	}
	s.share = p->files ? parts / p->files : 0;
	return s;
}

static void draw_bar(struct progress *p, const struct so_far *s, const char *name,
		     double elapsed)
{
	static const char full[] = "========================", empty[] = "                        ";
	int cells = s->share * BAR_CELLS;

	_Static_assert(sizeof(full) == BAR_CELLS + 1, "as wide as the bar");
	fprintf(stderr, "\r\033[K%.28s [%.*s%.*s] %3.0f%%  %llu", name, cells, full,
		BAR_CELLS - cells, empty, 100 * s->share, (unsigned long long)s->frames);
	if (s->known)
		fprintf(stderr, "/%llu", (unsigned long long)s->expected);
	fprintf(stderr, " frames");
	if (elapsed > 1 && s->steps)
		fprintf(stderr, "  %.1f/s", s->steps / elapsed);
	if (elapsed > 2 && s->share > .01)
		fprintf(stderr, "  %.0f s left", elapsed * (1 - s->share) / s->share);
	if (p->files > 1)
		fprintf(stderr, "  %zu of %zu files", p->done + p->failed + p->skipped, p->files);
	fflush(stderr);
	p->bar = true;
}

void progress_tick(struct progress *p, const struct job_result *running,
		   unsigned count, const char *name)
{
	const double now = seconds_now();
	const struct so_far s = add_up(p, running, count);

	if (p->style == PROGRESS_BAR)
		draw_bar(p, &s, name, now - p->started);
	if (p->style == PROGRESS_QUIET || p->style == PROGRESS_BAR ||
	    now - p->last_line < (p->style == PROGRESS_JSON ? 1 : LINE_EVERY))
		return;
	p->last_line = now;
	if (p->style == PROGRESS_JSON)
		print_json(json_pack("{ss ss sf sI}", "event", "progress", "in", name,
				     "share", s.share, "frames", (json_int_t)s.frames));
	else
		fprintf(stderr, "scrim: %s: %llu frames, %.0f %% of all\n", name,
			(unsigned long long)s.frames, 100 * s.share);
}

static void print_done(const struct file *file, const struct job_result *r, double seconds)
{
	printf("%s: %llu frame%s, %llu face%s, %.1f s\n", file->out,
	       (unsigned long long)r->frames, r->frames == 1 ? "" : "s",
	       (unsigned long long)r->faces, r->faces == 1 ? "" : "s", seconds);
	fflush(stdout);
}

void progress_done(struct progress *p, const struct file *file,
		   const struct job_result *r, double seconds)
{
	p->done++;
	p->doubtful += r->whole > 0;
	wipe_bar(p);
	if (p->style == PROGRESS_JSON)
		print_json(json_pack("{ss ss ss sI sI sI si si sf ss}", "event", "done",
				     "in", file->in, "out", file->out,
				     "frames", (json_int_t)r->frames,
				     "faces", (json_int_t)r->faces,
				     "whole", (json_int_t)r->whole,
				     "width", r->width, "height", r->height,
				     "seconds", seconds, "why", r->why));
	else if (p->style != PROGRESS_QUIET)
		print_done(file, r, seconds);
	if (r->whole)
		complain("%s: %llu of %llu frames are covered whole: %s", file->out,
			 (unsigned long long)r->whole, (unsigned long long)r->frames, r->why);
}

/* "cannot X: why", with the file's name in it once. */
static void complain_about(const struct file *file, const char *why)
{
	size_t name = strlen(file->in);

	if (!strncmp(why, "cannot ", 7) && (strstr(why, file->in) || strstr(why, file->out)))
		complain("%s", why);
	else if (!strncmp(why, file->in, name) && !strncmp(why + name, ": ", 2))
		complain("cannot redact %s", why);
	else
		complain("cannot redact %s: %s", file->in, why);
}

void progress_failed(struct progress *p, const struct file *file,
		     const struct scrim_error *err)
{
	p->failed++;
	wipe_bar(p);
	if (p->style == PROGRESS_JSON)
		print_json(json_pack("{ss ss ss ss}", "event", "failed", "in", file->in,
				     "out", file->out, "error", err->text));
	complain_about(file, err->text);
}

void progress_skipped(struct progress *p, const struct file *file)
{
	p->skipped++;
	if (p->style == PROGRESS_JSON)
		print_json(json_pack("{ss ss ss}", "event", "skipped", "in", file->in,
				     "out", file->out));
}

static void print_totals(const struct progress *p)
{
	if (p->files > 1)
		printf("%zu files: %zu done, %zu failed, %zu skipped\n", p->files,
		       p->done, p->failed, p->skipped);
	if (p->left_out)
		printf("%zu files left out: neither photo nor video by their names\n",
		       p->left_out);
}

void progress_end(struct progress *p)
{
	wipe_bar(p);
	if (p->style == PROGRESS_JSON)
		print_json(json_pack("{ss sI sI sI sI sI sf}", "event", "end",
				     "done", (json_int_t)p->done,
				     "failed", (json_int_t)p->failed,
				     "skipped", (json_int_t)p->skipped,
				     "doubtful", (json_int_t)p->doubtful,
				     "left_out", (json_int_t)p->left_out,
				     "seconds", seconds_now() - p->started));
	else if (p->style != PROGRESS_QUIET)
		print_totals(p);
}
