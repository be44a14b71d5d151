// SPDX-License-Identifier: GPL-2.0
/*
 * What one frame costs, by stage: processor time of this thread, medians over the
 * frames of a clip.  Decoding is shown and not counted.
 *
 *	stages MODEL.onnx CLIP [WxH]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "detect/net.h"
#include "pipeline.h"
#include "timing.h"

enum stage { DECODE, DETECT, TRACK, REDACT, STAGES };

static const char *const names[STAGES] = { "decode", "detect", "track", "redact" };

#define FRAMES_MAX	1000
#define WARM_UP		5

static double spent[STAGES][FRAMES_MAX];

static void lap(enum stage stage, unsigned n, double *since)
{
	spent[stage][n] = lap_ms(since);
}

static void check(int ret, const struct scrim_error *err)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "stages: %s\n", err->text);
	exit(1);
}

int main(int argc, char **argv)
{
	static struct detections found;
	static struct regions regions;
	struct face_options face = { 0 };
	const struct track_options follow = { 0 };
	struct clean_frame *clean = NULL;
	struct detector *detector = NULL;
	struct redactor *redactor = NULL;
	struct tracker *tracker = NULL;
	struct source *source = NULL;
	struct frame *frame = NULL;
	struct scrim_error err;
	unsigned n = 0, covered = 0;
	double since, sum = 0;
	int ret;

	if (argc < 3 || (argc > 3 && sscanf(argv[3], "%ux%u", &face.width, &face.height) != 2)) {
		fprintf(stderr, "usage: stages MODEL.onnx CLIP [WxH]\n");
		return 2;
	}
	check(net_init(&err), &err);
	check(detector_face(&detector, open(argv[1], O_RDONLY), &face, &err), &err);
	check(source_av(&source, open(argv[2], O_RDONLY), argv[2], &err), &err);
	check(tracker_new(&tracker, &follow, &err), &err);
	check(redactor_new(&redactor, &err), &err);
	for (since = now_ms(); n < FRAMES_MAX; n++) {
		ret = source_next(source, &frame, &err);
		check(ret, &err);
		if (!ret)
			break;
		lap(DECODE, n, &since);
		check(detect(detector, frame, &found, &err), &err);
		lap(DETECT, n, &since);
		regions_clear(&regions);
		track(tracker, &found, frame->time_ns, frame->width, frame->height,
		      METHOD_FILL, &regions);
		lap(TRACK, n, &since);
		check(redact(redactor, &frame, &regions, &clean, &err), &err);
		lap(REDACT, n, &since);
		covered += regions.count;
		clean_frame_free(&clean);
	}
	if (n <= WARM_UP) {
		fprintf(stderr, "stages: %s has too few frames\n", argv[2]);
		return 1;
	}
	printf("%ux%u, %u frames, %.1f regions a frame, ms of one core\n",
	       source->width, source->height, n, (double)covered / n);
	for (enum stage s = DECODE; s < STAGES; s++) {
		double ms = median(spent[s] + WARM_UP, n - WARM_UP);

		printf("  %-8s %7.3f%s\n", names[s], ms, s == DECODE ? "  (not counted)" : "");
		sum += s == DECODE ? 0 : ms;
	}
	printf("  %-8s %7.3f\n", "filter", sum);
	detector_free(&detector);
	tracker_free(&tracker);
	redactor_free(&redactor);
	source_free(&source);
	return 0;
}
