// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The only maker of clean frames.  Fills come first, so that no other method can
 * read what lies under them, and once more last, so that none shows through.
 */
#include "redact/redact.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frame/lent.h"
#include "redact/method.h"

/*
 * Pixels.  A blurred pixel alone would come out as it is: what is smaller than
 * this both ways has nothing to be mixed with and is filled.
 */
#define SOFT_SIDE_MIN	8

/* The layout is redact.c's secret: nobody else can make one of a frame. */
struct clean_frame {
	struct frame frame;
};

struct redactor {
	struct noise noise;
	struct scratch scratch;
};

/*
 * The system call itself: getrandom() of glibc 2.41 does without it on a Linux that lets
 * it, and first blocks signals for that, which the cage forbids.
 */
static bool make_noise(struct noise *noise)
{
	return syscall(SYS_getrandom, noise, sizeof(*noise), 0) == sizeof(*noise);
}

int redactor_new(struct redactor **redactor, struct scrim_error *err)
{
	struct redactor *made;

	*redactor = NULL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail(err, -ENOMEM, "no memory for a redactor");
	if (!make_noise(&made->noise)) {
		free(made);
		return fail(err, -EIO, "no random numbers for the mosaic");
	}
	*redactor = made;
	return 0;
}

void redactor_free(struct redactor **redactor)
{
	free(*redactor);
	*redactor = NULL;
}

/*
 * Cuts the region to the picture and says what is done there; METHOD_SHOW means
 * nothing.  Any method that is not known to be another one fills.
 */
static enum method area_of(struct area *area, const struct region *region,
			   const struct frame *frame)
{
	struct rect box = region->shape ? region->shape->box : region->box;

	*area = (struct area) {
		.box = rect_clip(box, frame->width, frame->height),
		.side = box.w > box.h ? box.w : box.h,
		.shape = region->shape,
		.track = region->track,
	};
	if (rect_empty(area->box) || region->method == METHOD_SHOW)
		return METHOD_SHOW;
	if (area->box.w < SOFT_SIDE_MIN && area->box.h < SOFT_SIDE_MIN)
		return METHOD_FILL;
	if (region->method == METHOD_MOSAIC || region->method == METHOD_BLUR)
		return region->method;
	return METHOD_FILL;
}

/* A list that cannot be trusted hides everything. */
static bool covers_whole(const struct regions *regions, const struct frame *frame)
{
	if (regions->whole || regions->count > REGIONS_MAX)
		return true;
	for (unsigned i = 0; i < regions->count; i++) {
		const struct shape *shape = regions->at[i].shape;

		if (shape && (shape->width != frame->width ||
			      shape->height != frame->height))
			return true;
	}
	return false;
}

static void cover_whole(struct canvas *canvas)
{
	const struct area area = {
		.box = { 0, 0, canvas->frame->width, canvas->frame->height },
	};

	fill_area(canvas, &area);
}

static void cover_filled(struct canvas *canvas, const struct regions *regions)
{
	struct area area;

	for (unsigned i = 0; i < regions->count; i++)
		if (area_of(&area, &regions->at[i], canvas->frame) == METHOD_FILL)
			fill_area(canvas, &area);
}

/* True when there was something to do. */
static bool cover_softly(struct canvas *canvas, const struct regions *regions,
			 struct redactor *redactor)
{
	struct area area;
	bool any = false;

	for (unsigned i = 0; i < regions->count; i++) {
		enum method method = area_of(&area, &regions->at[i], canvas->frame);

		if (method == METHOD_MOSAIC)
			mosaic_area(canvas, &area, &redactor->scratch, &redactor->noise);
		if (method == METHOD_BLUR)
			blur_area(canvas, &area, &redactor->scratch);
		any |= method == METHOD_MOSAIC || method == METHOD_BLUR;
	}
	return any;
}

int redact(struct redactor *redactor, struct frame **frame,
	   const struct regions *regions, struct clean_frame **clean,
	   struct scrim_error *err)
{
	struct canvas canvas;

	canvas_prepare(&canvas, *frame);
	if (covers_whole(regions, *frame)) {
		cover_whole(&canvas);
	} else {
		fill_hidden(&canvas);
		cover_filled(&canvas, regions);
		if (cover_softly(&canvas, regions, redactor)) {
			cover_filled(&canvas, regions);
			fill_hidden(&canvas);
		}
		if (regions->badge)
			badge_draw(&canvas);
	}
	frame_clear_padding(*frame);
	if ((*frame)->lent)
		(*frame)->lent->raw = false;
	*clean = (struct clean_frame *)*frame;
	*frame = NULL;
	return 0;
}

const struct frame *clean_frame_view(const struct clean_frame *clean)
{
	return &clean->frame;
}

void clean_frame_free(struct clean_frame **clean)
{
	struct frame *frame = (struct frame *)*clean;

	*clean = NULL;
	frame_free(&frame);
}
