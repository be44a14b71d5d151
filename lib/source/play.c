// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/play.h"

#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BILLION		INT64_C(1000000000)
#define TICKS_MAX	1000			/* at once */
#define GAP_NS		(2 * BILLION)		/* longer pauses of a video are skipped */
/* Each is decoded all the same: who has no time gains little by dropping many in a row. */
#define SKIPS_MAX	1

struct play {
	struct source base;
	struct play_video from;
	struct source *video;		/* NULL: not open yet */
	struct play_clock clock;
	bool begins;			/* the next frame is the video's first */
	int64_t shift_ns;		/* from the video's time to the clock's */
	uint64_t damaged;		/* in earlier rounds */
	int64_t next_ns;		/* when the next frame is due, by the one before */
};

static struct play *play_of(struct source *source)
{
	return (struct play *)source;
}

/* Waits for a tick. */
static int tick(struct play *play, struct scrim_error *err)
{
	uint64_t ticks;
	ssize_t n;

	do
		n = read(play->clock.fd, &ticks, sizeof(ticks));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(ticks))
		return fail(err, -EIO, "the clock of a video stands");
	if (ticks > TICKS_MAX)
		ticks = TICKS_MAX;
	play->clock.now_ns += ticks * play->clock.tick_ns;
	return 0;
}

static int read_on(struct play *play, struct frame **frame, struct scrim_error *err)
{
	int ret = source_next(play->video, frame, err);

	if (ret)
		return ret;
	play->begins = true;
	play->damaged += play->video->damaged;
	ret = source_rewind(play->video, err);
	if (ret >= 0)
		ret = source_next(play->video, frame, err);
	return ret ? ret : fail(err, -EBADMSG, "there is no picture in it any more");
}

/* The next frame, by the clock's time. */
static int pull(struct play *play, struct frame **frame, struct scrim_error *err)
{
	int ret = read_on(play, frame, err);
	int64_t ahead;

	if (ret < 0)
		return ret;
	ahead = (*frame)->time_ns + play->shift_ns - play->next_ns;
	if (play->begins || ahead < -play->clock.tick_ns || ahead > GAP_NS)
		play->shift_ns = play->next_ns - (*frame)->time_ns;
	play->begins = false;
	(*frame)->time_ns += play->shift_ns;
	play->next_ns = (*frame)->time_ns + ((*frame)->duration_ns > 0 ?
					     (*frame)->duration_ns : play->clock.tick_ns);
	return 1;
}

/*
 * The time of a frame and that of a tick are both rounded: one that is due a moment after a tick
 * goes with it, or it would be a whole tick late.
 */
static bool is_early(const struct play *play, const struct frame *frame)
{
	return frame->time_ns > play->clock.now_ns + play->clock.tick_ns / 16;
}

static bool is_late(const struct play *play, const struct frame *frame)
{
	return frame->time_ns + play->clock.tick_ns <= play->clock.now_ns;
}

/* It is the time of what comes: what was lost is not run after. */
static void catch_up(struct play *play, struct frame *frame)
{
	int64_t late = play->clock.now_ns - frame->time_ns;

	play->shift_ns += late;
	play->next_ns += late;
	frame->time_ns += late;
}

static int start(struct play *play, struct scrim_error *err)
{
	const struct play_video *from = &play->from;
	const struct source *is, *was = &play->base;
	int ret = from->open(&play->video, from->fd, from->name, err);

	if (ret < 0)
		return ret;
	is = play->video;
	if (is->fourcc != was->fourcc || is->width != was->width || is->height != was->height)
		return fail(err, -EBADMSG, "%s changes while it is read", from->name);
	source_fill(play->video, play->base.into);
	ret = tick(play, err);		/* of before, while all was made ready */
	play->next_ns = play->clock.now_ns;
	play->begins = true;
	return ret;
}

static int play_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	struct play *play = play_of(source);
	int ret = play->video ? 0 : start(play, err);

	if (ret >= 0)
		ret = pull(play, frame, err);
	for (unsigned skips = 0; ret > 0 && is_late(play, *frame) && skips < SKIPS_MAX; skips++) {
		frame_free(frame);
		source->dropped++;
		ret = pull(play, frame, err);
	}
	if (ret > 0 && is_late(play, *frame))
		catch_up(play, *frame);
	while (ret > 0 && is_early(play, *frame))
		if (tick(play, err) < 0)
			ret = -EIO;
	if (ret < 0)
		frame_free(frame);
	if (play->video)
		source->damaged = play->damaged + play->video->damaged;
	source_tell(source);
	return ret;
}

static void play_free(struct source *source)
{
	struct play *play = play_of(source);

	source_free(&play->video);
	free(play);
}

static const struct source_ops play_ops = { .next = play_next, .free = play_free };

int play_clock_start(struct play_clock *clock, int64_t tick_ns, struct scrim_error *err)
{
	const struct timespec each = { tick_ns / BILLION, tick_ns % BILLION };
	const struct itimerspec timer = { each, each };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	clock->now_ns = now.tv_sec * BILLION + now.tv_nsec;
	clock->tick_ns = tick_ns;
	clock->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (clock->fd < 0 || timerfd_settime(clock->fd, 0, &timer, NULL) < 0)
		return fail(err, -errno, "no clock to play a video by: %s", strerror(errno));
	return 0;
}

int source_play(struct source **source, const struct play_video *video,
		const struct source *like, const struct play_clock *clock,
		struct scrim_error *err)
{
	struct play *play = calloc(1, sizeof(*play));

	*source = NULL;
	if (!play)
		return fail(err, -ENOMEM, "no memory to play a video");
	play->base = *like;
	play->base.ops = &play_ops;
	play->from = *video;
	play->clock = *clock;
	*source = &play->base;
	return 0;
}
