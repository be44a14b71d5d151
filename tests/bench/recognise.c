// SPDX-License-Identifier: GPL-2.0
/*
 * Who still recognises a face that is covered?  For each method, how many faces
 * of real photos a face recogniser finds again in another frame, in a gallery of
 * clear faces and in one of faces that are covered alike.
 *
 *	recognise RECOGNISER.onnx DETECTOR.onnx PHOTO...
 *
 * Frames are YU12, as of a video: the photo itself for the gallery, and for the
 * probe the photo moved, enlarged, in other light and with noise.  That is easier
 * than to know a person on another day: hits are an upper bound.  "box": the
 * recogniser sees what the region covers, stretched to a square, so that neither
 * hair nor clothes nor size help; "wide": half as much again on each side.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detect/input.h"
#include "detect/net.h"
#include "detect/track.h"
#include "redact/redact.h"
#include "frame/convert.h"
#include "source/source.h"
#include "text.h"

#define FACES_MAX	256
#define SIDE		112		/* of the recogniser's input */
#define TRAITS		512		/* numbers that it makes of a face */
#define SCORE_MIN	.7f		/* of a box that is a face for sure */
#define HEIGHT_MIN	40		/* pixels; smaller faces are hard to know anyway */
#define BOX_OFF		.03f		/* share of its size by which a box may be off */

static const enum method methods[] = {
	METHOD_SHOW, METHOD_FILL, METHOD_MOSAIC, METHOD_BLUR,
};
static const char *const views[] = { "box", "wide" };
static const float view_grow[] = { 0, .5f };
enum take { GALLERY, PROBE, TAKES };

#define METHODS		(sizeof(methods) / sizeof(methods[0]))
#define VIEWS		(sizeof(views) / sizeof(views[0]))

/* Vectors of length 1. */
static float traits[METHODS][VIEWS][TAKES][FACES_MAX][TRAITS];
static unsigned faces;

static struct detector *detector;
static struct net *recogniser;
static struct input input;
static struct converter *converter;

/* From 0 to below 1, the same in each run. */
static float chance(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 40) / (float)(1 << 24);
}

static float about(float middle, float reach)
{
	return middle + reach * (2 * chance() - 1);
}

static int open_recogniser(int file, const char *name, struct scrim_error *err)
{
	struct onnx *onnx = NULL;
	char *bytes = NULL;
	size_t size;
	int ret;

	ret = bytes_read(&bytes, &size, ONNX_BYTES_MAX, file, name, err);
	if (!ret)
		ret = onnx_parse(&onnx, bytes, size, err);
	if (!ret)
		ret = net_open(&recogniser, onnx, onnx->output, onnx->outputs, err);
	if (!ret)
		ret = net_shape(recogniser, SIDE, SIDE, err);
	if (!ret && net_output(recogniser, 0)->channels != TRAITS)
		ret = fail(err, -ENOTSUP, "%s does not make %d numbers of a face", name, TRAITS);
	onnx_free(&onnx);
	free(bytes);
	return ret;
}

/* The part of a YU12 frame inside of the rectangle, in whole cells of chroma. */
static struct frame part_of(const struct frame *frame, struct rect r)
{
	struct frame part = *frame;
	unsigned left, top;

	r = rect_clip(r, frame->width, frame->height);
	left = (r.x + 1) / 2;
	top = (r.y + 1) / 2;
	part.width = 2 * ((r.x + r.w) / 2 - left);
	part.height = 2 * ((r.y + r.h) / 2 - top);
	part.plane[0] += 2 * (top * part.stride[0] + left);
	part.plane[1] += top * part.stride[1] + left;
	part.plane[2] += top * part.stride[2] + left;
	return part;
}

/* A frame of from's pixels, scaled to that size. */
static int scaled(struct frame **frame, const struct frame *from, unsigned width, unsigned height,
		  struct scrim_error *err)
{
	struct image to, image = image_of_frame(from);
	int ret = frame_new(frame, V4L2_PIX_FMT_YUV420, width, height, err);

	if (ret < 0)
		return ret;
	(*frame)->colour.matrix = 6;	/* BT.601 */
	to = image_of_frame(*frame);
	return convert(&converter, &to, &image, err);
}

static int read_photo(struct frame **frame, int file, const char *name, struct scrim_error *err)
{
	struct source *source = NULL;
	struct frame *photo = NULL;
	int ret;

	ret = source_av(&source, file, name, err);
	if (!ret)
		ret = source_next(source, &photo, err);
	if (!ret)
		ret = fail(err, -ENODATA, "%s: there is no picture", name);
	if (ret > 0)
		ret = scaled(frame, photo, photo->width, photo->height, err);
	frame_free(&photo);
	source_free(&source);
	return ret;
}

/* Other light, and noise of a standard deviation of 3.5. */
static void disturb(struct frame *frame)
{
	float light = about(1, .15f);

	for (unsigned y = 0; y < frame->height; y++) {
		uint8_t *luma = frame->plane[0] + y * frame->stride[0];

		for (unsigned x = 0; x < frame->width; x++)
			luma[x] = fmaxf(16, fminf(235, about(16 + light * (luma[x] - 16), 6)));
	}
}

/* Another frame of the same scene, a moment later; boxes move along, not quite. */
static int another_frame(struct frame **frame, const struct frame *photo,
			 struct detections *found, struct scrim_error *err)
{
	float cut = about(.03f, .02f), zoom = 1 / (1 - cut);
	int left = 2 * (int)(chance() * cut * photo->width / 2);
	int top = 2 * (int)(chance() * cut * photo->height / 2);
	struct frame part = part_of(photo, (struct rect){
		left, top, photo->width / zoom, photo->height / zoom,
	});
	int ret = scaled(frame, &part, photo->width, photo->height, err);

	if (!ret)
		disturb(*frame);
	for (unsigned i = 0; i < found->count; i++) {
		struct detection *face = &found->at[i];

		face->x = (face->x - left) * zoom + about(0, BOX_OFF * face->w);
		face->y = (face->y - top) * zoom + about(0, BOX_OFF * face->h);
		face->w *= zoom * about(1, BOX_OFF);
		face->h *= zoom * about(1, BOX_OFF);
	}
	return ret;
}

static int know(const struct frame *frame, struct rect box, float *to, struct scrim_error *err)
{
	static const struct input_scale scale = { false, 127, 128 };
	const float *at = net_output(recogniser, 0)->at;
	struct frame part = part_of(frame, box), *square = NULL;
	double length = 0;
	int ret;

	/* Not by input_fill(): its scaler makes 127 of some 128, which tells sizes apart. */
	ret = scaled(&square, &part, SIDE, SIDE, err);
	if (!ret)
		ret = input_shape(&input, square, SIDE, SIDE, err);
	if (!ret)
		ret = input_fill(&input, square, &scale, net_input(recogniser), SIDE, err);
	if (!ret)
		ret = net_run(recogniser, err);
	frame_free(&square);
	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < TRAITS; i++)
		length += (double)at[i] * at[i];
	for (unsigned i = 0; i < TRAITS; i++)
		to[i] = at[i] / sqrt(length);
	return length > 0 && isfinite(length) ? 0 :
	       fail(err, -EIO, "the recogniser says no numbers");
}

/* What is known of each face when a copy of the frame went the way of all frames. */
static int know_all(const struct frame *frame, const struct detections *found,
		    unsigned m, enum take take, struct scrim_error *err)
{
	static struct regions regions;
	struct tracker *tracker = NULL;
	struct redactor *redactor = NULL;	/* a new one: other noise */
	struct clean_frame *clean = NULL;
	struct frame *copy = NULL;
	int ret;

	ret = tracker_new(&tracker, &(struct track_options){ 0 }, err);
	if (!ret)
		ret = redactor_new(&redactor, err);
	if (!ret)
		ret = frame_new(&copy, frame->format->fourcc, frame->width, frame->height, err);
	if (ret < 0)
		goto out;
	frame_copy(copy, frame);
	regions_clear(&regions);
	track(tracker, found, 0, frame->width, frame->height, methods[m], &regions);
	ret = redact(redactor, &copy, &regions, &clean, err);
	for (unsigned i = 0; i < found->count && !ret; i++) {
		if (regions.count != found->count || regions.at[i].score != found->at[i].score)
			ret = fail(err, -EIO, "the regions are not those of the faces");
		for (unsigned v = 0; v < VIEWS && !ret; v++)
			ret = know(clean_frame_view(clean),
				   rect_grow(regions.at[i].box, view_grow[v]),
				   traits[m][v][take][faces + i], err);
	}
out:
	clean_frame_free(&clean);
	frame_free(&copy);
	redactor_free(&redactor);
	tracker_free(&tracker);
	return ret;
}

static int take_photo(int file, const char *name, struct scrim_error *err)
{
	static struct detections found;
	struct frame *photo = NULL, *other = NULL;
	unsigned kept = 0;
	int ret;

	ret = read_photo(&photo, file, name, err);
	if (!ret)
		ret = detect(detector, photo, &found, err);
	for (unsigned i = 0; i < found.count && !ret; i++)
		if (found.at[i].score >= SCORE_MIN && found.at[i].h >= HEIGHT_MIN)
			found.at[kept++] = found.at[i];
	found.count = kept;
	if (faces + kept > FACES_MAX)
		ret = fail(err, -E2BIG, "more than %d faces", FACES_MAX);
	for (unsigned m = 0; m < METHODS && !ret; m++)
		ret = know_all(photo, &found, m, GALLERY, err);
	if (!ret)
		ret = another_frame(&other, photo, &found, err);
	for (unsigned m = 0; m < METHODS && !ret; m++)
		ret = know_all(other, &found, m, PROBE, err);
	faces += kept;
	frame_free(&photo);
	frame_free(&other);
	return ret;
}

/* The first file is the recogniser, the second the detector. */
static int take_file(const char *path, int nth, struct scrim_error *err)
{
	int ret, file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
	if (nth == 1)
		ret = open_recogniser(file, path, err);
	else if (nth == 2)
		ret = detector_face(&detector, file, &(struct face_options){ 0 }, err);
	else
		ret = take_photo(file, path, err);
	close(file);
	return ret;
}

static double likeness(const float *a, const float *b)
{
	double sum = 0;

	for (unsigned i = 0; i < TRAITS; i++)
		sum += (double)a[i] * b[i];
	return sum;
}

/* A hit: nobody is more alike than oneself; where several are, a share of one. */
static void report(float (*probe)[TRAITS], float (*gallery)[TRAITS])
{
	double hits = 0, same = 0, different = 0;

	for (unsigned i = 0; i < faces; i++) {
		double own = likeness(probe[i], gallery[i]);
		unsigned better = 0, equal = 0;

		for (unsigned k = 0; k < faces; k++) {
			double other = likeness(probe[i], gallery[k]);

			better += other > own;
			equal += other == own;
			different += k != i ? other / (faces - 1) : 0;
		}
		hits += better ? 0 : 1. / equal;
		same += own;
	}
	printf("  %5.1f  %5.2f %5.2f", hits, same / faces, different / faces);
}

int main(int argc, char **argv)
{
	struct scrim_error err;
	int ret = 0;

	if (argc < 4) {
		fprintf(stderr, "usage: recognise RECOGNISER.onnx DETECTOR.onnx PHOTO...\n");
		return 2;
	}
	for (int i = 1; i < argc && !ret; i++)
		ret = take_file(argv[i], i, &err);
	if (!ret)
		printf("%u faces; hits, mean likeness of same and different faces, by gallery\n"
		       "method view  clear   same other   like   same other\n", faces);
	for (unsigned v = 0; v < VIEWS && !ret; v++)
		for (unsigned m = 0; m < METHODS; m++) {
			printf("%-6s %-4s", method_name(methods[m]), views[v]);
			report(traits[m][v][PROBE], traits[0][v][GALLERY]);
			report(traits[m][v][PROBE], traits[m][v][GALLERY]);
			printf("\n");
		}
	if (ret < 0)
		fprintf(stderr, "recognise: %s\n", err.text);
	detector_free(&detector);
	net_free(&recogniser);
	input_clear(&input);
	converter_free(&converter);
	return ret < 0;
}
