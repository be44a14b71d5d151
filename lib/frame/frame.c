// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory of raw pictures.  A frame is one block: its description, then its
 * planes.  Nothing in it is ever uninitialised.
 */
#include "frame/lent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN	64		/* a cache line, and the widest vector */

struct frame_pool {
	struct frame shape;	/* what a new frame looks like; has no pixels */
	struct frame *idle;	/* linked by frame::next */
	size_t out;		/* frames in other hands */
	bool freed;		/* by its owner; waits for what is out */
};

static size_t round_up(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/*
 * Describes a frame without pixels.  The limits keep every product small: a
 * plane is at most 4 bytes a pixel and ALIGN bytes a row more.
 */
static int frame_shape(struct frame *shape, uint32_t fourcc, unsigned width,
		       unsigned height, struct scrim_error *err)
{
	const struct format *format = format_find(fourcc);

	if (!format)
		return fail(err, -EINVAL, "unknown pixel format 0x%08x", fourcc);
	if (!width || !height)
		return fail(err, -EINVAL, "a picture of %ux%u has no pixels",
			    width, height);
	if (width > SCRIM_SIDE_MAX || height > SCRIM_SIDE_MAX ||
	    (uint64_t)width * height > SCRIM_PIXELS_MAX)
		return fail(err, -EFBIG, "a picture of %ux%u is too large",
			    width, height);
	*shape = (struct frame) {
		.format = format,
		.width = width,
		.height = height,
		.colour = { .primaries = 2, .transfer = 2, .matrix = 2 },
	};
	for (unsigned i = 0; i < format->planes; i++) {
		const struct plane_format *plane = &format->plane[i];

		shape->stride[i] = round_up(plane_row_bytes(plane, width));
		shape->bytes += shape->stride[i] * plane_rows(plane, height);
	}
	return 0;
}

static int frame_make(struct frame **frame, const struct frame *shape,
		      struct scrim_error *err)
{
	size_t head = round_up(sizeof(**frame));
	struct frame *made = aligned_alloc(ALIGN, head + shape->bytes);
	uint8_t *at;

	*frame = NULL;
	if (!made)
		return fail(err, -ENOMEM, "no memory for a picture of %ux%u",
			    shape->width, shape->height);
	*made = *shape;
	at = (uint8_t *)made + head;
	memset(at, 0, shape->bytes);
	for (unsigned i = 0; i < shape->format->planes; i++) {
		made->plane[i] = at;
		at += shape->stride[i] *
		      plane_rows(&shape->format->plane[i], shape->height);
	}
	*frame = made;
	return 0;
}

int frame_new(struct frame **frame, uint32_t fourcc, unsigned width,
	      unsigned height, struct scrim_error *err)
{
	struct frame shape;
	int ret;

	*frame = NULL;
	ret = frame_shape(&shape, fourcc, width, height, err);
	if (ret < 0)
		return ret;
	return frame_make(frame, &shape, err);
}

int frame_pool_new(struct frame_pool **pool, uint32_t fourcc, unsigned width,
		   unsigned height, struct scrim_error *err)
{
	struct frame_pool *made;
	struct frame shape;
	int ret;

	*pool = NULL;
	ret = frame_shape(&shape, fourcc, width, height, err);
	if (ret < 0)
		return ret;
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail(err, -ENOMEM, "no memory for a pool of frames");
	made->shape = shape;
	made->shape.pool = made;
	*pool = made;
	return 0;
}

/* A frame that was in use looks like a new one, but for its pixels. */
static void frame_renew(struct frame *frame, const struct frame *shape)
{
	frame->colour = shape->colour;
	frame->time_ns = 0;
	frame->duration_ns = 0;
	frame->number = 0;
	frame->next = NULL;
	frame_clear_padding(frame);
}

int frame_pool_get(struct frame_pool *pool, struct frame **frame,
		   struct scrim_error *err)
{
	int ret;

	if (pool->idle) {
		*frame = pool->idle;
		pool->idle = (*frame)->next;
		frame_renew(*frame, &pool->shape);
		if ((*frame)->lent)
			(*frame)->lent->out = (*frame)->lent->raw = true;
	} else {
		ret = frame_make(frame, &pool->shape, err);
		if (ret < 0)
			return ret;
	}
	pool->out++;
	return 0;
}

void frame_pool_adopt(struct frame_pool *pool, struct lending *lending)
{
	for (unsigned i = 0; i < lending->count; i++) {
		struct frame *frame = &lending->at[i].frame;

		if (lending->at[i].out || frame->format != pool->shape.format ||
		    frame->width != pool->shape.width || frame->height != pool->shape.height)
			continue;
		frame->pool = pool;
		frame->next = pool->idle;
		pool->idle = frame;
	}
}

void frame_pool_free(struct frame_pool **pool)
{
	struct frame_pool *dead = *pool;
	struct frame *frame;

	*pool = NULL;
	if (!dead)
		return;
	while ((frame = dead->idle)) {
		dead->idle = frame->next;
		if (!frame->lent)
			free(frame);
	}
	dead->freed = true;
	if (!dead->out)
		free(dead);
}

void frame_free(struct frame **frame)
{
	struct frame *dead = *frame;
	struct frame_pool *pool;

	*frame = NULL;
	if (!dead)
		return;
	pool = dead->pool;
	if (dead->lent)
		lent_back(dead->lent);
	if (!pool) {
		if (!dead->lent)
			free(dead);
		return;
	}
	pool->out--;
	if (dead->lent)
		dead->lent->out = false;
	/* What a feed may still read is used no more. */
	if (!dead->lent || dead->lent->hands == HANDS_OURS) {
		dead->next = pool->idle;
		pool->idle = dead;
	}
	if (pool->freed)
		frame_pool_free(&pool);
}

void frame_clear_padding(struct frame *frame)
{
	for (unsigned i = 0; i < frame->format->planes; i++) {
		const struct plane_format *plane = &frame->format->plane[i];
		size_t used = plane_row_bytes(plane, frame->width);
		unsigned rows = plane_rows(plane, frame->height);

		if (used == frame->stride[i])
			continue;
		for (unsigned y = 0; y < rows; y++)
			memset(frame->plane[i] + y * frame->stride[i] + used, 0,
			       frame->stride[i] - used);
	}
}

void frame_copy(struct frame *to, const struct frame *from)
{
	assert(to->format == from->format);
	assert(to->width == from->width && to->height == from->height);
	for (unsigned i = 0; i < from->format->planes; i++) {
		const struct plane_format *plane = &from->format->plane[i];
		size_t bytes = plane_row_bytes(plane, from->width);
		unsigned rows = plane_rows(plane, from->height);

		for (unsigned y = 0; y < rows; y++)
			memcpy(to->plane[i] + y * to->stride[i],
			       from->plane[i] + y * from->stride[i], bytes);
	}
	to->colour = from->colour;
	to->time_ns = from->time_ns;
	to->duration_ns = from->duration_ns;
	to->number = from->number;
}
