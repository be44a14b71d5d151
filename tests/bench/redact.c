// SPDX-License-Identifier: GPL-2.0
/*
 * What redaction costs: milliseconds for a frame of 1920x1080, as a multiple of
 * memcpy() of the same frame.  Rounds of all measurements take turns and the
 * median of each counts, so that a busy machine bends all of them alike.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact/redact.h"
#include "timing.h"

#define WIDTH	1920
#define HEIGHT	1080
#define ROUNDS	41

struct job {
	const char *name;
	enum method method;
	unsigned faces, side;		/* squares of so many pixels a side */
	bool star;			/* under a polygon instead of squares */
};

/* The first is the peer: a copy of the frame. */
static const struct job jobs[] = {
	{ "memcpy", METHOD_SHOW, 0, 0, false },
	{ "fill, 10 faces of 200x200", METHOD_FILL, 10, 200, false },
	{ "fill, whole picture", METHOD_FILL, 1, 2000, false },
	{ "fill, a star of 1920x1080", METHOD_FILL, 0, 0, true },
	{ "mosaic, 1 face of 200x200", METHOD_MOSAIC, 1, 200, false },
	{ "mosaic, 10 faces of 200x200", METHOD_MOSAIC, 10, 200, false },
	{ "mosaic, whole picture", METHOD_MOSAIC, 1, 2000, false },
	{ "blur, 1 face of 200x200", METHOD_BLUR, 1, 200, false },
	{ "blur, 10 faces of 200x200", METHOD_BLUR, 10, 200, false },
	{ "blur, whole picture", METHOD_BLUR, 1, 2000, false },
	{ "blur, a star of 1920x1080", METHOD_BLUR, 0, 0, true },
};

#define JOBS	(sizeof(jobs) / sizeof(jobs[0]))

static struct redactor *redactor;
static struct regions regions;
static struct shape *star;

static void regions_for(const struct job *job)
{
	regions_clear(&regions);
	for (unsigned i = 0; i < job->faces; i++)
		regions_add(&regions, &(struct region) {
			.box = { i * 171 % 1700, i * 307 % 860, job->side, job->side },
			.method = job->method,
		});
	if (job->star)
		regions_add(&regions, &(struct region) {
			.box = star->box, .shape = star, .method = job->method,
		});
}

static double measure(const struct job *job, struct frame **frame, struct frame *copy)
{
	struct clean_frame *clean;
	double start;

	regions_for(job);
	start = now_ms();
	if (job == jobs)
		memcpy(copy->plane[0], (*frame)->plane[0], (*frame)->bytes);
	else if (redact(redactor, frame, &regions, &clean, NULL) < 0)
		exit(1);
	start = now_ms() - start;
	if (!*frame)	/* ours again, for the next round */
		*frame = (struct frame *)clean_frame_view(clean);
	return start;
}

static void bench(const struct format *format)
{
	static double ms[JOBS][ROUNDS];
	struct frame *frame, *copy;

	if (frame_new(&frame, format->fourcc, WIDTH, HEIGHT, NULL) < 0 ||
	    frame_new(&copy, format->fourcc, WIDTH, HEIGHT, NULL) < 0)
		exit(1);
	for (size_t i = 0; i < frame->bytes; i++)
		frame->plane[0][i] = i * 2654435761u >> 13;
	for (unsigned r = 0; r < ROUNDS; r++)
		for (unsigned j = 0; j < JOBS; j++)
			ms[j][r] = measure(&jobs[j], &frame, copy);
	for (unsigned j = 0; j < JOBS; j++) {
		qsort(ms[j], ROUNDS, sizeof(double), ascending);
		printf("%-7s %-30s %7.3f ms %6.2f x memcpy\n", format->name, jobs[j].name,
		       ms[j][ROUNDS / 2], ms[j][ROUNDS / 2] / ms[0][ROUNDS / 2]);
	}
	frame_free(&frame);
	frame_free(&copy);
}

int main(void)
{
	/* One of each class: planar, semi-planar, packed 4:2:2, packed RGB. */
	static const uint32_t fourccs[] = {
		V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUYV,
		V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_ABGR32,
	};
	struct polygon polygon;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	if (redactor_new(&redactor, NULL) < 0 ||
	    polygon_parse(&polygon, "0.5,0 0.8,1 0,0.4 1,0.4 0.2,1", NULL) < 0 ||
	    shape_draw(&star, &polygon, 1, false, WIDTH, HEIGHT, NULL) < 0)
		return 1;
	for (unsigned i = 0; i < sizeof(fourccs) / sizeof(fourccs[0]); i++)
		bench(format_find(fourccs[i]));
	shape_free(&star);
	redactor_free(&redactor);
	return 0;
}
