// SPDX-License-Identifier: GPL-2.0
/*
 * How many faces are found, by their height in pixels of the network's input, at
 * .1, .5 and 1 false boxes a picture.
 *
 *	accuracy MODEL.onnx [WxH]...
 *
 * The photos are those of a folder in SCRIM_FACES, whose faces.txt has a line
 * "image NAME WIDTH HEIGHT" for each, followed by a line "x1 y1 x2 y2" for each
 * of its faces.  A box counts as a face when the two overlap by .35 of their
 * union; a second box on the same face counts as nothing.  WxH is the box that a
 * photo is fitted into; 0x0 is what the detector does when nothing is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jpeglib.h>

#include "detect/detect.h"

#define PHOTOS_MAX	1000
#define FACES_MAX	20000
#define SAME		.35f

struct face {
	float x, y, w, h;
	float score;			/* of the box that found it; 0: none */
};

struct photo {
	char name[256];
	struct frame *frame;
	unsigned first, count;		/* its faces */
};

static struct photo photos[PHOTOS_MAX];
static struct face faces[FACES_MAX];
static float wrong[PHOTOS_MAX * DETECTIONS_MAX];	/* scores of false boxes */
static unsigned photo_count, face_count, wrong_count;

static const float heights[] = { 5, 7, 9, 11, 13, 16, 20, 26, 36, 64, 128, 1e9f };
#define CLASSES		(sizeof(heights) / sizeof(heights[0]) - 1)
static const float rates[] = { .1f, .5f, 1 };

static int read_photo(struct photo *photo, const char *folder, struct scrim_error *err)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr manager;
	char path[4096];
	FILE *file;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", folder, photo->name);
	file = fopen(path, "rb");
	if (!file)
		return fail(err, -ENOENT, "cannot open %s", path);
	jpeg.err = jpeg_std_error(&manager);
	jpeg_create_decompress(&jpeg);
	jpeg_stdio_src(&jpeg, file);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = JCS_RGB;
	jpeg_start_decompress(&jpeg);
	ret = frame_new(&photo->frame, V4L2_PIX_FMT_RGB24, jpeg.output_width,
			jpeg.output_height, err);
	while (!ret && jpeg.output_scanline < jpeg.output_height) {
		JSAMPROW row = photo->frame->plane[0] +
			       jpeg.output_scanline * photo->frame->stride[0];

		jpeg_read_scanlines(&jpeg, &row, 1);
	}
	jpeg_destroy_decompress(&jpeg);
	fclose(file);
	return ret;
}

static int read_photos(const char *folder, struct scrim_error *err)
{
	char path[4096], line[512];
	struct photo *photo = NULL;
	float x1, y1, x2, y2;
	FILE *list;
	int ret = 0;

	snprintf(path, sizeof(path), "%s/faces.txt", folder);
	list = fopen(path, "r");
	if (!list)
		return fail(err, -ENOENT, "cannot open %s", path);
	while (!ret && fgets(line, sizeof(line), list)) {
		if (!strncmp(line, "image ", 6) && photo_count < PHOTOS_MAX) {
			photo = &photos[photo_count++];
			photo->first = face_count;
			sscanf(line, "image %255s", photo->name);
			ret = read_photo(photo, folder, err);
		} else if (photo && face_count < FACES_MAX &&
			   sscanf(line, "%f %f %f %f", &x1, &y1, &x2, &y2) == 4) {
			faces[face_count++] = (struct face){ x1, y1, x2 - x1, y2 - y1, 0 };
			photo->count++;
		}
	}
	fclose(list);
	return ret;
}

static float overlap(const struct face *a, const struct detection *b)
{
	float left = a->x > b->x ? a->x : b->x, top = a->y > b->y ? a->y : b->y;
	float right = a->x + a->w < b->x + b->w ? a->x + a->w : b->x + b->w;
	float bottom = a->y + a->h < b->y + b->h ? a->y + a->h : b->y + b->h;
	float both = (right - left) * (bottom - top);

	if (right <= left || bottom <= top)
		return 0;
	return both / (a->w * a->h + b->w * b->h - both);
}

/* The best boxes choose first; each takes the face that it fits best. */
static void judge(const struct photo *photo, const struct detections *found)
{
	for (unsigned i = 0; i < found->count; i++) {
		struct face *best = NULL;
		float most = SAME;

		for (unsigned k = photo->first; k < photo->first + photo->count; k++) {
			float share = overlap(&faces[k], &found->at[i]);

			if (share >= most) {
				most = share;
				best = &faces[k];
			}
		}
		if (!best)
			wrong[wrong_count++] = found->at[i].score;
		else if (best->score == 0)
			best->score = found->at[i].score;
	}
}

static int descending(const void *a, const void *b)
{
	float d = *(const float *)b - *(const float *)a;

	return (d > 0) - (d < 0);
}

/* The lowest score that lets through no more than rate false boxes a picture. */
static float threshold_for(float rate)
{
	unsigned allowed = rate * photo_count;

	return wrong_count > allowed ? wrong[allowed] : 0;
}

/* Pixels of the network's input for one of the photo: see face.c. */
static float scale_of(const struct photo *photo, unsigned width, unsigned height)
{
	float w = photo->frame->width, h = photo->frame->height, side, other;

	if (!width || (h > w) != (height > width)) {
		unsigned turn = width;

		width = height;
		height = turn;
	}
	side = width / w;
	other = height / h;
	return side < other ? side : other;
}

static void report(unsigned width, unsigned height)
{
	qsort(wrong, wrong_count, sizeof(wrong[0]), descending);
	for (unsigned r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
		float threshold = threshold_for(rates[r]);
		unsigned all[CLASSES + 2] = { 0 }, seen[CLASSES + 2] = { 0 };

		for (unsigned p = 0; p < photo_count; p++) {
			float scale = width ? scale_of(&photos[p], width, height) : 1;

			for (unsigned k = photos[p].first; k < photos[p].first + photos[p].count; k++) {
				float high = faces[k].h * scale;
				bool hit = faces[k].score > threshold;
				unsigned c = 0;

				while (c < CLASSES && !(high >= heights[c] && high < heights[c + 1]))
					c++;
				all[c]++;
				seen[c] += hit;
				if (faces[k].h >= 16) {
					all[CLASSES + 1]++;
					seen[CLASSES + 1] += hit;
				}
			}
		}
		printf("%4ux%-4u %4.1f %6.3f ", width, height, rates[r], threshold);
		for (unsigned c = 0; c <= CLASSES + 1; c++)
			if (c != CLASSES)
				printf(all[c] ? " %5.3f" : "     -", all[c] ? (float)seen[c] / all[c] : 0);
		printf("\n");
	}
}

static int measure(const char *model, unsigned width, unsigned height, struct scrim_error *err)
{
	const struct face_options options = { width, height, .02f };
	struct detector *detector = NULL;
	static struct detections found;
	int ret, file = open(model, O_RDONLY | O_CLOEXEC);
	clock_t since;

	if (file < 0)
		return fail(err, -ENOENT, "cannot open %s", model);
	ret = detector_face(&detector, file, &options, err);
	close(file);
	wrong_count = 0;
	since = clock();
	for (unsigned i = 0; i < photo_count && !ret; i++) {
		for (unsigned k = 0; k < photos[i].count; k++)
			faces[photos[i].first + k].score = 0;
		ret = detect(detector, photos[i].frame, &found, err);
		judge(&photos[i], &found);
	}
	if (!ret) {
		report(width, height);
		printf("          %.1f ms a picture\n",
		       1e3 * (clock() - since) / CLOCKS_PER_SEC / photo_count);
	}
	detector_free(&detector);
	return ret;
}

int main(int argc, char **argv)
{
	static char *usual[] = { "416x416", "640x640" };
	const char *folder = getenv("SCRIM_FACES");
	unsigned width, height, count = argc > 2 ? argc - 2 : 2;
	char **word = argc > 2 ? argv + 2 : usual;
	struct scrim_error err;
	int ret;

	if (argc < 2) {
		fprintf(stderr, "usage: accuracy MODEL.onnx [WxH]...\n");
		return 2;
	}
	if (!folder) {
		printf("accuracy: SCRIM_FACES names no folder of photos with known faces\n");
		return 0;
	}
	ret = read_photos(folder, &err);
	if (!ret)
		printf("%u photos, %u faces\n    size false  score ", photo_count, face_count);
	for (unsigned c = 0; c < CLASSES && !ret; c++)
		printf(" %4.0f-", heights[c]);
	printf("  16- of the photo\n");
	for (unsigned i = 0; i < count && !ret; i++) {
		if (sscanf(word[i], "%ux%u", &width, &height) != 2)
			ret = fail(&err, -EINVAL, "'%s' is no size", word[i]);
		else
			ret = measure(argv[1], width, height, &err);
	}
	if (ret < 0)
		fprintf(stderr, "accuracy: %s\n", err.text);
	for (unsigned i = 0; i < photo_count; i++)
		frame_free(&photos[i].frame);
	return ret < 0;
}
