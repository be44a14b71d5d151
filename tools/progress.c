// SPDX-License-Identifier: GPL-2.0
#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "tools.h"
#include "words.h"

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

	va_start(args, fmt);
	vprint_words(stderr, "scrim: ", fmt, args);
	va_end(args);
}

/* Takes object. */
static void print_json(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	fflush(stdout);
	json_decref(object);
}

void progress_wipe(struct progress *p)
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

static int columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* One line, cut to the terminal's width so that it can be drawn over. */
static void draw_bar(struct progress *p, const struct so_far *s, const char *name,
		     double elapsed)
{
	static const char full[] = "========================", empty[] = "                        ";
	int cells = s->share * BAR_CELLS, at;
	char line[256];

	_Static_assert(sizeof(full) == BAR_CELLS + 1, "as wide as the bar");
	at = snprintf(line, sizeof(line), "%.28s [%.*s%.*s] %3.0f%%  %llu", name, cells, full,
		      BAR_CELLS - cells, empty, 100 * s->share, (unsigned long long)s->frames);
	if (s->known)
		at += snprintf(line + at, sizeof(line) - at, "/%llu",
			       (unsigned long long)s->expected);
	at += snprintf(line + at, sizeof(line) - at, " frames");
	if (elapsed > 1 && s->steps)
		at += snprintf(line + at, sizeof(line) - at, "  %.1f/s", s->steps / elapsed);
	if (elapsed > 2 && s->share > .01)
		at += snprintf(line + at, sizeof(line) - at, "  %.0f s left",
			       elapsed * (1 - s->share) / s->share);
	if (p->files > 1)
		snprintf(line + at, sizeof(line) - at, "  %zu of %zu files",
			 p->done + p->failed + p->skipped, p->files);
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	fprintf(stderr, "\r\033[K%.*s", columns() - 1, line);
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
		print_json(json_pack("{ss so sf sI}", "event", "progress", "in", json_words(name),
				     "share", s.share, "frames", (json_int_t)s.frames));
	else
		complain("%s: %llu frames, %.0f %% of all", name,
			 (unsigned long long)s.frames, 100 * s.share);
}

static void print_done(const struct file *file, const struct job_result *r, double seconds)
{
	print_words(stdout, "%s: %llu frame%s, %llu face%s, %.1f s", file->out,
		    (unsigned long long)r->frames, r->frames == 1 ? "" : "s",
		    (unsigned long long)r->faces, r->faces == 1 ? "" : "s", seconds);
	fflush(stdout);
}

void progress_done(struct progress *p, const struct file *file,
		   const struct job_result *r, double seconds)
{
	p->done++;
	p->doubtful += r->whole > 0;
	progress_wipe(p);
	if (p->style == PROGRESS_JSON)
		print_json(json_pack("{ss so so sI sI sI sI si si sf so}", "event", "done",
				     "in", json_words(file->in), "out", json_words(file->out),
				     "frames", (json_int_t)r->frames,
				     "damaged", (json_int_t)r->damaged,
				     "faces", (json_int_t)r->faces,
				     "whole", (json_int_t)r->whole,
				     "width", r->width, "height", r->height,
				     "seconds", seconds, "why", json_words(r->why)));
	else if (p->style != PROGRESS_QUIET)
		print_done(file, r, seconds);
	if (r->damaged && p->style != PROGRESS_QUIET)
		complain("%s: %llu damaged packets were left out", file->out,
			 (unsigned long long)r->damaged);
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
	progress_wipe(p);
	if (p->style == PROGRESS_JSON)
		print_json(json_pack("{ss so so so}", "event", "failed",
				     "in", json_words(file->in), "out", json_words(file->out),
				     "error", json_words(err->text)));
	complain_about(file, err->text);
}

void progress_skipped(struct progress *p, const struct file *file)
{
	p->skipped++;
	if (p->style == PROGRESS_JSON)
		print_json(json_pack("{ss so so}", "event", "skipped",
				     "in", json_words(file->in), "out", json_words(file->out)));
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
	progress_wipe(p);
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
