// SPDX-License-Identifier: GPL-2.0
/*
 * How often a face shows in a video.  Clips are made in memory from photos whose
 * faces are known: the camera pans, zooms and shakes, the light fails, a bar
 * passes before the picture, the camera swings round with motion blur.
 *
 *	SCRIM_FACES=FOLDER video MODEL.onnx [start=.7,keep=.4,hold=1,...]...
 *
 * FOLDER/faces.txt: "image NAME WIDTH HEIGHT", then "x1 y1 x2 y2" for each face.
 *
 * Counted are faces that are FACE_MIN pixels high in the photo, while that much of
 * their height is in the picture (which is the detector's input, pixel by pixel)
 * and at least half of them is neither outside of it nor behind the bar.  Photos of
 * which most faces are too small to be counted are left out.  A face shows when more than a quarter of its visible pixels are
 * uncovered.  "Once found" counts faces only after the first frame in which they
 * were covered; in two passes there is no before.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>

#include "detect/detect.h"
#include "detect/track.h"

#define WIDTH		640
#define HEIGHT		360
#define FRAMES		240		/* of a clip, 30 a second */
#define FRAME_NS	33333333
#define FACE_MIN	16.f
#define SHOWS_ABOVE	.25f
#define CLIPS		30		/* unless SCRIM_CLIPS says otherwise */
#define CLIPS_MAX	200
#define FACES_MAX	1024
#define LOWEST_SCORE	.2f
#define BLUR_TAPS	6

/* What happens in a clip, and when: frames. */
#define DARK		60
#define DARK_FRAMES	15
#define BAR		110
#define BAR_FRAMES	30
#define SWING		180
#define SWING_FRAMES	10

struct photo {
	char name[256];
	unsigned width, height;
	uint8_t *rgb;
	unsigned faces;
	struct { float x, y, w, h; } face[FACES_MAX];
};

/* Where the camera looks: pixels of the photo, and of the picture for each. */
struct view {
	float x, y, scale;
};

struct sights {
	unsigned count;
	struct detection *at;
};

struct clip {
	struct photo photo;
	float phase;			/* makes clips differ */
	struct sights frame[FRAMES];
};

enum mode { TRUTH, STRONG_FRAMES, ALL_FRAMES, LIVE, TWO_PASSES, MODES };

static const char *const modes[MODES] = {
	"the faces themselves", "single frames, score >= start", "single frames, score >= keep",
	"live tracking", "two passes",
};

struct tally {
	unsigned long frames, showing, showing_once_found, faces, faces_showing;
	unsigned longest, longest_once_found;
	double covered;
};

static struct clip *clips;
static unsigned clips_count;

static void die(const char *what, const struct scrim_error *err)
{
	fprintf(stderr, "video: %s%s%s\n", what, err ? ": " : "", err ? err->text : "");
	exit(1);
}

static uint32_t noise_state;

static int noise(int levels)
{
	noise_state = noise_state * 1664525 + 1013904223;
	return (int)(noise_state >> 16) % (2 * levels + 1) - levels;
}

static void photo_load(struct photo *photo, const char *folder)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, photo->name);
	file = fopen(path, "rb");
	if (!file)
		die(path, NULL);
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_stdio_src(&jpeg, file);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = JCS_RGB;
	jpeg_start_decompress(&jpeg);
	if (jpeg.output_width != photo->width || jpeg.output_height != photo->height)
		die(path, NULL);
	photo->rgb = malloc((size_t)photo->width * photo->height * 3);
	while (photo->rgb && jpeg.output_scanline < photo->height) {
		JSAMPROW row = photo->rgb + (size_t)jpeg.output_scanline * photo->width * 3;

		jpeg_read_scanlines(&jpeg, &row, 1);
	}
	if (!photo->rgb)
		die("out of memory", NULL);
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	fclose(file);
}

/* Frame numbers may be fractions: moments within the exposure. */
static struct view view_at(const struct clip *clip, float frame)
{
	const struct photo *p = &clip->photo;
	float fit = fmaxf(WIDTH / (float)p->width, HEIGHT / (float)p->height);
	float t = frame / 30 + clip->phase, swing = fminf(fmaxf(frame - SWING, 0), SWING_FRAMES);
	struct view v = { .scale = fit * (1.35f + .2f * sinf(1.3f * t)) };
	float room_x = p->width - WIDTH / v.scale, room_y = p->height - HEIGHT / v.scale;

	/* A swing of 15 pixels a frame, and hands that shake by one or two. */
	v.x = room_x / 2 * (1 + sinf(.8f * t)) + 15 / v.scale * swing * (clip->phase > 1 ? 1 : -1);
	v.y = room_y / 2 * (1 + cosf(.7f * t));
	v.x += 1.5f / v.scale * sinf(17 * t);
	v.y += 1.5f / v.scale * cosf(13 * t);
	return v;
}

/* The bar crosses the picture in a second; left edge and width in pixels. */
static bool bar_at(unsigned frame, int *x, int *w)
{
	*w = WIDTH / 7;
	*x = ((int)frame - BAR) * (WIDTH + *w) / BAR_FRAMES - *w;
	return frame >= BAR && frame < BAR + BAR_FRAMES;
}

static float light_at(unsigned frame)
{
	return frame >= DARK && frame < DARK + DARK_FRAMES ? .25f : 1;
}

static bool swings_at(unsigned frame)
{
	return frame >= SWING && frame < SWING + SWING_FRAMES;
}

static void sample(const struct photo *p, float x, float y, float rgb[3])
{
	float cx = fminf(fmaxf(x, 0), p->width - 1.001f);
	float cy = fminf(fmaxf(y, 0), p->height - 1.001f);
	unsigned ix = cx, iy = cy;
	const uint8_t *at = p->rgb + ((size_t)iy * p->width + ix) * 3;
	float fx = cx - ix, fy = cy - iy;

	for (int c = 0; c < 3; c++) {
		float top = at[c] + fx * (at[c + 3] - at[c]);
		const uint8_t *below = at + (size_t)p->width * 3;
		float low = below[c] + fx * (below[c + 3] - below[c]);

		rgb[c] += top + fy * (low - top);
	}
}

static void render(const struct clip *clip, unsigned n, struct frame *frame)
{
	struct view tap[BLUR_TAPS];
	unsigned taps = swings_at(n) ? BLUR_TAPS : 1;
	int bar_x, bar_w;
	bool bar = bar_at(n, &bar_x, &bar_w);

	for (unsigned i = 0; i < taps; i++)
		tap[i] = view_at(clip, n + .8f * i / taps);
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			uint8_t *to = frame->plane[0] + y * frame->stride[0] + 3 * x;
			float rgb[3] = { 0 };

			for (unsigned i = 0; i < taps; i++)
				sample(&clip->photo, tap[i].x + x / tap[i].scale,
				       tap[i].y + y / tap[i].scale, rgb);
			for (int c = 0; c < 3; c++) {
				float level = bar && x >= bar_x && x < bar_x + bar_w ? 60 :
					      rgb[c] / taps;
				level = level * light_at(n) + noise(6);
				to[c] = level < 0 ? 0 : level > 255 ? 255 : level;
			}
		}
}

static void look(struct clip *clip, struct detector *detector, struct frame *frame)
{
	static struct detections found;
	struct scrim_error err;

	for (unsigned n = 0; n < FRAMES; n++) {
		struct sights *sights = &clip->frame[n];

		render(clip, n, frame);
		frame->number = n;
		if (detect(detector, frame, &found, &err) < 0)
			die(clip->photo.name, &err);
		sights->count = found.count;
		sights->at = malloc((found.count + 1) * sizeof(*sights->at));
		if (!sights->at)
			die("out of memory", NULL);
		memcpy(sights->at, found.at, found.count * sizeof(*sights->at));
	}
}

static void sights_read(const struct sights *sights, struct detections *found)
{
	found->full = false;
	found->count = sights->count;
	memcpy(found->at, sights->at, sights->count * sizeof(*sights->at));
}

/* Without memory: what is seen in a frame is covered, with the same margin. */
static void cover_seen(const struct sights *sights, float score, float margin,
		       struct regions *regions)
{
	for (unsigned i = 0; i < sights->count; i++) {
		const struct detection *d = &sights->at[i];
		struct region region = { .method = METHOD_FILL };
		struct rect box = { floorf(d->x), floorf(d->y), ceilf(d->w), ceilf(d->h) };

		region.box = rect_clip(rect_grow(box, margin), WIDTH, HEIGHT);
		if (d->score >= score && !rect_empty(region.box))
			regions_add(regions, &region);
	}
}

static uint8_t covered[HEIGHT][WIDTH];

static double paint(const struct regions *regions)
{
	unsigned long count = 0;

	memset(covered, regions->whole, sizeof(covered));
	for (unsigned i = 0; i < regions->count; i++)
		for (int y = 0; y < regions->at[i].box.h; y++)
			memset(&covered[regions->at[i].box.y + y][regions->at[i].box.x], 1,
			       regions->at[i].box.w);
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			count += covered[y][x];
	return count / (double)sizeof(covered);
}

/* Where a face is in the middle of the exposure; may lie outside of the picture. */
static struct rect face_box(const struct clip *clip, unsigned n, unsigned face)
{
	struct view v = view_at(clip, n + (swings_at(n) ? .4f : 0));

	return (struct rect){
		roundf((clip->photo.face[face].x - v.x) * v.scale),
		roundf((clip->photo.face[face].y - v.y) * v.scale),
		roundf(clip->photo.face[face].w * v.scale),
		roundf(clip->photo.face[face].h * v.scale),
	};
}

/* What there is to cover, small faces included: no detector can cover less. */
static void cover_faces(const struct clip *clip, unsigned n, float margin,
			struct regions *regions)
{
	for (unsigned i = 0; i < clip->photo.faces; i++) {
		struct region region = { .method = METHOD_FILL };

		region.box = rect_clip(rect_grow(face_box(clip, n, i), margin), WIDTH, HEIGHT);
		if (!rect_empty(region.box))
			regions_add(regions, &region);
	}
}

enum sight { NOT_COUNTED, HIDDEN, SHOWS };

static enum sight face_sight(const struct clip *clip, unsigned n, unsigned face)
{
	struct rect whole = face_box(clip, n, face), box = rect_clip(whole, WIDTH, HEIGHT);
	unsigned visible = 0, uncovered = 0;
	int bar_x, bar_w;
	bool bar = bar_at(n, &bar_x, &bar_w);

	for (int y = box.y; y < box.y + box.h; y++)
		for (int x = box.x; x < box.x + box.w; x++) {
			if (bar && x >= bar_x && x < bar_x + bar_w)
				continue;
			visible++;
			uncovered += !covered[y][x];
		}
	if (clip->photo.face[face].h < FACE_MIN || box.h < FACE_MIN || 2 * visible < (unsigned)(whole.w * whole.h))
		return NOT_COUNTED;
	return uncovered > SHOWS_ABOVE * visible ? SHOWS : HIDDEN;
}

/* One list of regions a frame, as mode makes them. */
static void cover_frame(const struct clip *clip, unsigned n, enum mode mode,
			const struct track_options *options, struct tracker *tracker,
			struct track_log *log, struct regions *regions)
{
	static struct detections found;

	regions_clear(regions);
	switch (mode) {
	case TRUTH:
		cover_faces(clip, n, options->margin, regions);
		break;
	case STRONG_FRAMES:
		cover_seen(&clip->frame[n], options->start, options->margin, regions);
		break;
	case ALL_FRAMES:
		cover_seen(&clip->frame[n], options->keep, options->margin, regions);
		break;
	case LIVE:
		sights_read(&clip->frame[n], &found);
		track(tracker, &found, n * (int64_t)FRAME_NS, WIDTH, HEIGHT, METHOD_FILL, regions);
		break;
	case TWO_PASSES:
		track_log_at(log, n, METHOD_FILL, regions);
		break;
	case MODES:
		break;
	}
}

static struct track_log *log_clip(const struct clip *clip, const struct track_options *options)
{
	static struct detections found;
	struct track_log *log = NULL;
	struct scrim_error err;

	if (track_log_new(&log, options, &err) < 0)
		die("log", &err);
	for (unsigned n = 0; n < FRAMES; n++) {
		sights_read(&clip->frame[n], &found);
		if (track_log_add(log, &found, n * (int64_t)FRAME_NS, WIDTH, HEIGHT, &err) < 0)
			die("log", &err);
	}
	if (track_log_finish(log, &err) < 0)
		die("log", &err);
	return log;
}

struct run {
	unsigned now, now_once_found;	/* frames that it shows without a break */
	bool found;
};

static void count_face(struct tally *tally, struct run *run, enum sight sight, enum mode mode,
		       bool *shows, bool *shows_once_found)
{
	if (sight == HIDDEN)
		run->found = true;
	run->now = sight == SHOWS ? run->now + 1 : 0;
	run->now_once_found = sight == SHOWS && run->found ? run->now_once_found + 1 : 0;
	if (run->now > tally->longest)
		tally->longest = run->now;
	if (run->now_once_found > tally->longest_once_found)
		tally->longest_once_found = run->now_once_found;
	tally->faces += sight != NOT_COUNTED;
	tally->faces_showing += sight == SHOWS;
	*shows |= sight == SHOWS;
	*shows_once_found |= run->now_once_found > 0;
}

static void tally_clip(struct tally *tally, const struct clip *clip, enum mode mode,
		       const struct track_options *options)
{
	static struct regions regions;
	struct run run[FACES_MAX] = { 0 };
	struct track_log *log = NULL;
	struct tracker *tracker = NULL;

	if (tracker_new(&tracker, options, NULL) < 0)
		die("out of memory", NULL);
	if (mode == TWO_PASSES)
		log = log_clip(clip, options);
	/* In two passes nothing is shown before all was seen: twice round. */
	for (unsigned i = mode == TWO_PASSES ? 0 : FRAMES; i < 2 * FRAMES; i++) {
		unsigned n = i % FRAMES;
		bool shows = false, shows_once_found = false;
		double share;

		cover_frame(clip, n, mode, options, tracker, log, &regions);
		share = paint(&regions);
		for (unsigned f = 0; f < clip->photo.faces; f++) {
			enum sight sight = face_sight(clip, n, f);

			if (i < FRAMES)
				run[f].found |= sight == HIDDEN;
			else
				count_face(tally, &run[f], sight, mode, &shows,
					   &shows_once_found);
		}
		if (i < FRAMES)
			continue;
		tally->frames++;
		tally->showing += shows;
		tally->showing_once_found += shows_once_found;
		tally->covered += share;
	}
	track_log_free(&log);
	tracker_free(&tracker);
}

static void print_tally(enum mode mode, const struct tally *t)
{
	printf("  %-30s %5.0f %8u %9.0f %8u %11.1f %9.2f %%\n", modes[mode],
	       1000. * t->showing / t->frames, t->longest,
	       1000. * t->showing_once_found / t->frames, t->longest_once_found,
	       1000. * t->faces_showing / t->faces, 100 * t->covered / t->frames);
}

static void compare(const struct track_options *options)
{
	printf("start %.2f, keep %.2f, margin %.2f, hold %.2f s, growth %.2f a second\n",
	       options->start, options->keep, options->margin, options->hold_ns / 1e9,
	       options->growth);
	printf("  %-30s %14s %18s %11s %11s\n", "", "a face shows", "... once found",
	       "faces that", "picture");
	printf("  %-30s %5s %8s %9s %8s %11s %11s\n", "", "/1000", "longest", "/1000",
	       "longest", "show, /1000", "covered");
	for (enum mode mode = 0; mode < MODES; mode++) {
		struct tally tally = { 0 };

		for (unsigned i = 0; i < clips_count; i++)
			tally_clip(&tally, &clips[i], mode, options);
		print_tally(mode, &tally);
	}
}

/* Those of the tracker, as track.c has them, and what the argument changes. */
static struct track_options parse_options(char *text)
{
	struct track_options options = {
		.start = .7f, .keep = .4f, .margin = .15f, .hold_ns = 1000000000, .growth = 1,
	};
	char *word, *rest = NULL;

	for (word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		float value;

		if (sscanf(word, "start=%f", &value) == 1)
			options.start = value;
		else if (sscanf(word, "keep=%f", &value) == 1)
			options.keep = value;
		else if (sscanf(word, "margin=%f", &value) == 1)
			options.margin = value;
		else if (sscanf(word, "hold=%f", &value) == 1)
			options.hold_ns = value * 1e9f;
		else if (sscanf(word, "growth=%f", &value) == 1)
			options.growth = value;
		else
			die(word, NULL);
	}
	return options;
}

static bool is_suitable(const struct photo *photo)
{
	unsigned counted = 0;

	for (unsigned i = 0; i < photo->faces; i++)
		counted += photo->face[i].h >= FACE_MIN;
	return counted && 2 * counted >= photo->faces;
}

/* The first suitable photos of the list. */
static void list_clips(const char *folder, unsigned wanted)
{
	char path[4096], line[512];
	struct photo *photo = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "%s/faces.txt", folder);
	file = fopen(path, "r");
	clips = calloc(CLIPS_MAX + 1, sizeof(*clips));
	if (!file || !clips)
		die(path, NULL);
	while (fgets(line, sizeof(line), file)) {
		struct photo next = { 0 };
		float x1, y1, x2, y2;

		if (sscanf(line, "image %255s %u %u", next.name, &next.width, &next.height) == 3) {
			if (photo && is_suitable(photo))
				clips_count++;
			if (clips_count == wanted)
				break;
			photo = &clips[clips_count].photo;
			*photo = next;
		} else if (photo && photo->faces < FACES_MAX &&
			   sscanf(line, "%f %f %f %f", &x1, &y1, &x2, &y2) == 4) {
			photo->face[photo->faces].x = x1;
			photo->face[photo->faces].y = y1;
			photo->face[photo->faces].w = x2 - x1;
			photo->face[photo->faces++].h = y2 - y1;
		}
	}
	if (clips_count < wanted && photo && is_suitable(photo))
		clips_count++;
	fclose(file);
}

static void make_clips(const char *folder, const char *model)
{
	const struct face_options options = { .threshold = LOWEST_SCORE };
	const char *count = getenv("SCRIM_CLIPS");
	unsigned wanted = count ? strtoul(count, NULL, 10) : CLIPS;
	struct detector *detector = NULL;
	struct frame *frame = NULL;
	struct scrim_error err;
	int fd = open(model, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(model, NULL);
	if (detector_face(&detector, fd, &options, &err) < 0 ||
	    frame_new(&frame, V4L2_PIX_FMT_RGB24, WIDTH, HEIGHT, &err) < 0)
		die(model, &err);
	close(fd);
	list_clips(folder, wanted < CLIPS_MAX ? wanted : CLIPS_MAX);
	for (unsigned i = 0; i < clips_count; i++) {
		clips[i].phase = i % 7 * .35f;
		photo_load(&clips[i].photo, folder);
		look(&clips[i], detector, frame);
		free(clips[i].photo.rgb);
		clips[i].photo.rgb = NULL;
	}
	frame_free(&frame);
	detector_free(&detector);
}

int main(int argc, char **argv)
{
	const char *folder = getenv("SCRIM_FACES");
	struct track_options options;
	char none[] = "";

	if (!folder) {
		printf("skip - SCRIM_FACES names no folder with faces.txt and its photos\n");
		return 0;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: SCRIM_FACES=FOLDER video MODEL.onnx [OPTIONS]...\n");
		return 2;
	}
	make_clips(folder, argv[1]);
	printf("%u clips of %u frames, %u x %u, 30 frames a second\n", clips_count, FRAMES,
	       WIDTH, HEIGHT);
	options = parse_options(none);
	if (argc == 2)
		compare(&options);
	for (int i = 2; i < argc; i++) {
		options = parse_options(argv[i]);
		compare(&options);
	}
	return 0;
}
