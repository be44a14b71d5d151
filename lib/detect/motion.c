// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Finds what moves: cells of the picture whose brightness is not what it is when
 * nothing is there.  While that is not known, and when most of the picture has
 * changed at once, the whole picture moves.
 *
 * Someone who stops stays found for STILL_NS and then becomes part of the
 * background, as does someone who was there and never moved.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/detect.h"
#include "detect/follow.h"

#define CELLS_ACROSS	160		/* along the longer side, at most */
#define CELL_SIDE_MIN	4		/* pixels */
#define CELL_ROWS	4		/* of a cell that are looked at */

#define S		1000000000ll	/* in nanoseconds */
#define LEARN_NS	S		/* from the first frame on */
#define STILL_NS	(20 * S)	/* then it is background */
#define HOLD_NS		(2 * S)		/* after the last difference */
#define DRIFT_S		6.f		/* daylight changes that slowly */
#define NOISE_S		4.f

/* Of brightness, 0 to 255. */
#define DIFFERENCE_MIN	3.f
#define NOISE_START	1.f
/* Mean deviations; 6 are 4.8 standard deviations of Gaussian noise. */
#define NOISE_TIMES	6.f
/* Share of the picture that must differ at once to doubt all of it. */
#define GLOBAL_SHARE	.5f

struct cell {
	float usual, noise;		/* brightness of the background */
	float fresh;			/* brightness of what came before it */
	int64_t fresh_ns;		/* and has stood still for so long */
	int64_t hold_ns;		/* still to be covered */
};

struct motion {
	struct detector detector;
	uint32_t fourcc;
	unsigned width, height, side, across, down;
	bool running;
	int64_t time_ns, learnt_ns;
	unsigned frames;		/* learnt from */
	struct cell *cell;
	float *now;			/* brightness in this frame */
	bool *moving;			/* to be grouped */
	uint32_t *todo;			/* cells of a group, yet to be visited */
};

/* Cells are in a box from left, top to right, bottom, inclusive. */
struct group {
	unsigned left, top, right, bottom;
};

static unsigned cells_of(const struct motion *m)
{
	return m->across * m->down;
}

static void forget_grid(struct motion *m)
{
	free(m->cell);
	free(m->now);
	free(m->moving);
	free(m->todo);
	m->cell = NULL;
	m->now = NULL;
	m->moving = NULL;
	m->todo = NULL;
	m->width = m->height = 0;
}

/* Sides are at most 32768 pixels, and so there are at most 160 x 160 cells. */
static int lay_grid(struct motion *m, const struct frame *frame, struct scrim_error *err)
{
	unsigned longer = frame->width > frame->height ? frame->width : frame->height;
	unsigned cells;

	forget_grid(m);
	m->side = (longer + CELLS_ACROSS - 1) / CELLS_ACROSS;
	if (m->side < CELL_SIDE_MIN)
		m->side = CELL_SIDE_MIN;
	m->across = (frame->width + m->side - 1) / m->side;
	m->down = (frame->height + m->side - 1) / m->side;
	cells = cells_of(m);
	m->cell = calloc(cells, sizeof(*m->cell));
	m->now = calloc(cells, sizeof(*m->now));
	m->moving = calloc(cells, sizeof(*m->moving));
	m->todo = calloc(cells, sizeof(*m->todo));
	if (!m->cell || !m->now || !m->moving || !m->todo) {
		forget_grid(m);
		return fail(err, -ENOMEM, "out of memory to look for motion");
	}
	m->fourcc = frame->format->fourcc;
	m->width = frame->width;
	m->height = frame->height;
	m->running = false;
	return 0;
}

/* Luma, or green, which is most of it. */
static float cell_brightness(const struct motion *m, const struct frame *frame,
			     unsigned cx, unsigned cy)
{
	struct channel channel = frame->format->plane[0].channel[frame->format->rgb ? 1 : 0];
	unsigned x0 = cx * m->side, y0 = cy * m->side, x1 = x0 + m->side, y1 = y0 + m->side;
	unsigned sum = 0, count = 0;

	x1 = x1 < m->width ? x1 : m->width;
	y1 = y1 < m->height ? y1 : m->height;
	for (unsigned y = y0; y < y1; y += m->side / CELL_ROWS) {
		const uint8_t *at = frame->plane[0] + y * frame->stride[0] + channel.at +
				    (size_t)x0 * channel.step;

		for (unsigned x = x0; x < x1; x++, at += channel.step)
			sum += *at;
		count += x1 - x0;
	}
	return (float)sum / count;
}

static void measure(struct motion *m, const struct frame *frame)
{
	for (unsigned y = 0; y < m->down; y++)
		for (unsigned x = 0; x < m->across; x++)
			m->now[y * m->across + x] = cell_brightness(m, frame, x, y);
}

/* The first second: averages over all frames so far. */
static void learn(struct motion *m)
{
	m->frames++;
	for (unsigned i = 0; i < cells_of(m); i++) {
		struct cell *cell = &m->cell[i];
		float off = m->now[i] - cell->usual;

		if (m->frames == 1)
			*cell = (struct cell){ .usual = m->now[i], .noise = NOISE_START };
		else
			cell->noise += (fabsf(off) - cell->noise) / m->frames;
		cell->usual += (m->now[i] - cell->usual) / m->frames;
	}
}

static bool differs(const struct cell *cell, float now, float from)
{
	return fabsf(now - from) > fmaxf(DIFFERENCE_MIN, NOISE_TIMES * cell->noise);
}

static void settle(struct cell *cell, float now, int64_t step_ns)
{
	float step_s = step_ns / 1e9f, off = now - cell->usual;

	cell->usual += off * step_s / DRIFT_S;
	cell->noise += (fabsf(off) - cell->noise) * step_s / NOISE_S;
	cell->fresh_ns = 0;
	cell->fresh = now;
	cell->hold_ns -= cell->hold_ns < step_ns ? cell->hold_ns : step_ns;
}

/* Something is before the background; when it stays it becomes background. */
static void stir(struct cell *cell, float now, int64_t step_ns)
{
	cell->hold_ns = HOLD_NS;
	if (differs(cell, now, cell->fresh)) {
		cell->fresh = now;
		cell->fresh_ns = 0;
	}
	cell->fresh_ns += step_ns;
	if (cell->fresh_ns > STILL_NS)
		cell->usual = cell->fresh;
}

/* How many cells differ from the background in this frame. */
static unsigned compare(struct motion *m, int64_t step_ns)
{
	unsigned count = 0;

	for (unsigned i = 0; i < cells_of(m); i++) {
		struct cell *cell = &m->cell[i];

		if (differs(cell, m->now[i], cell->usual)) {
			stir(cell, m->now[i], step_ns);
			count++;
		} else {
			settle(cell, m->now[i], step_ns);
		}
		m->moving[i] = cell->hold_ns > 0;
	}
	return count;
}

static void found_whole(const struct motion *m, struct detections *found)
{
	found->count = 1;
	found->at[0] = (struct detection){ 0, 0, m->width, m->height, 1 };
}

static void visit(struct motion *m, unsigned x, unsigned y, struct group *group,
		  unsigned *todo)
{
	unsigned i = y * m->across + x;

	if (!m->moving[i])
		return;
	m->moving[i] = false;
	m->todo[(*todo)++] = i;
	group->left = x < group->left ? x : group->left;
	group->top = y < group->top ? y : group->top;
	group->right = x > group->right ? x : group->right;
	group->bottom = y > group->bottom ? y : group->bottom;
}

/* Takes the cells that hang together with this one, corners included. */
static struct group gather(struct motion *m, unsigned x, unsigned y)
{
	struct group group = { x, y, x, y };
	unsigned todo = 0;

	visit(m, x, y, &group, &todo);
	while (todo) {
		unsigned i = m->todo[--todo], cx = i % m->across, cy = i / m->across;

		for (unsigned ny = cy ? cy - 1 : 0; ny <= cy + 1 && ny < m->down; ny++)
			for (unsigned nx = cx ? cx - 1 : 0; nx <= cx + 1 && nx < m->across; nx++)
				visit(m, nx, ny, &group, &todo);
	}
	return group;
}

/* A cell more on each side: the edge of what moves fills its cells in part. */
static void found_add(const struct motion *m, struct detections *found,
		      const struct group *group)
{
	float side = m->side;

	if (found->count == DETECTIONS_MAX) {
		found->full = true;
		return;
	}
	found->at[found->count++] = (struct detection){
		.x = side * group->left - side,
		.y = side * group->top - side,
		.w = side * (group->right - group->left + 3),
		.h = side * (group->bottom - group->top + 3),
		.score = 1,
	};
}

static void find_groups(struct motion *m, struct detections *found)
{
	for (unsigned y = 0; y < m->down; y++)
		for (unsigned x = 0; x < m->across; x++)
			if (m->moving[y * m->across + x]) {
				struct group group = gather(m, x, y);

				found_add(m, found, &group);
			}
}

static int motion_detect(struct detector *detector, const struct frame *frame,
			 struct detections *found, struct scrim_error *err)
{
	struct motion *m = (struct motion *)detector;
	int64_t step_ns;

	if (m->width != frame->width || m->height != frame->height ||
	    m->fourcc != frame->format->fourcc) {
		int ret = lay_grid(m, frame, err);

		if (ret < 0)
			return ret;
	}
	if (!m->running)
		m->learnt_ns = m->frames = 0;
	step_ns = m->running ? track_step_ns(m->time_ns, frame->time_ns) : 0;
	m->running = true;
	m->time_ns = frame->time_ns;
	measure(m, frame);
	if (m->learnt_ns < LEARN_NS) {
		m->learnt_ns += step_ns;
		learn(m);
		found_whole(m, found);
	} else if (compare(m, step_ns) > GLOBAL_SHARE * cells_of(m)) {
		found_whole(m, found);
	} else {
		find_groups(m, found);
	}
	return 0;
}

static void motion_reset(struct detector *detector)
{
	((struct motion *)detector)->running = false;
}

static void motion_free(struct detector *detector)
{
	struct motion *m = (struct motion *)detector;

	forget_grid(m);
	free(m);
}

static const struct detector_ops motion_ops = {
	.name = "motion",
	.detect = motion_detect,
	.reset = motion_reset,
	.free = motion_free,
};

int detector_motion(struct detector **detector, struct scrim_error *err)
{
	struct motion *m = calloc(1, sizeof(*m));

	*detector = NULL;
	if (!m)
		return fail(err, -ENOMEM, "out of memory to look for motion");
	m->detector.ops = &motion_ops;
	*detector = &m->detector;
	return 0;
}
