// SPDX-License-Identifier: GPL-2.0
/*
 * The one place where a picture passes from the feed to readers.
 *
 * The feeder can write to a buffer while it is copied, so nothing that must hold depends on what
 * the buffer holds: covered bytes are not copied and then blackened, they are never read.
 */
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "pair.h"

/* No picture takes so long from its camera to here. */
#define OLDEST_NS	(4 * (u64)NSEC_PER_SEC)

static u64 interval_ns(const struct scrim_pair *pair)
{
	return div_u64((u64)pair->interval.numerator * NSEC_PER_SEC, pair->interval.denominator);
}

/* Rows of a plane that share a row of the mask; [from, to) of each is copied, or black. */
struct strip {
	u8 *to;
	const u8 *from;
	u32 rows, stride;
	u32 block;			/* bytes that a block of the mask is wide */
	u32 black;
};

static void strip_copy(const struct strip *strip, u32 from, u32 to)
{
	u32 at = from * strip->block, bytes = (to - from) * strip->block, y;

	for (y = 0; y < strip->rows; y++, at += strip->stride)
		memcpy(strip->to + at, strip->from + at, bytes);
}

static void strip_blacken(const struct strip *strip, u32 from, u32 to)
{
	u32 at = from * strip->block, bytes = (to - from) * strip->block, y;

	for (y = 0; y < strip->rows; y++, at += strip->stride)
		scrim_blacken(strip->to + at, strip->black, bytes);
}

static void strip_pass(const struct strip *strip, const struct scrim_mask *mask, u32 row)
{
	const struct scrim_run *run = mask->runs + mask->row[row].first;
	const struct scrim_run *end = run + mask->row[row].count;
	u32 at = 0;

	for (; run < end; run++) {
		strip_copy(strip, at, run->from);
		strip_blacken(strip, run->from, run->to);
		at = run->to;
	}
	strip_copy(strip, at, mask->columns);
}

static void copy_masked(const struct scrim_format *format, const struct scrim_mask *mask,
			u8 *to, const u8 *from)
{
	unsigned int i;
	u32 y;

	for (i = 0; i < format->pixels->planes; i++) {
		const struct scrim_plane *plane = &format->pixels->plane[i];
		struct strip strip = {
			.to = to,
			.from = from,
			.rows = 2 / plane->ydiv,
			.stride = scrim_row_bytes(plane, format->width),
			.block = 2 / plane->xdiv * plane->bytes,
			.black = scrim_black(format, i),
		};
		u32 bytes = strip.rows * strip.stride;

		for (y = 0; y < mask->rows; y++) {
			strip_pass(&strip, mask, y);
			strip.to += bytes;
			strip.from += bytes;
		}
		to = strip.to;
		from = strip.from;
	}
}

/* Whether readers may see a picture of the feed at all. */
static bool may_show(const struct scrim_pair *pair, struct vb2_buffer *picture)
{
	const struct scrim_format *format = &pair->format;

	if (!picture || pair->shut)
		return false;
	if (format->pixels->compressed)
		return !pair->mask && vb2_get_plane_payload(picture, 0) <= format->sizeimage;
	return vb2_plane_size(picture, 0) >= format->sizeimage;
}

/* A reader's buffer is at least its format's sizeimage: capture.c looks before it queues one. */
static u32 fill(struct scrim_pair *pair, struct scrim_reader *reader, void *to,
		struct vb2_buffer *picture)
{
	const struct scrim_format *format = &reader->format;
	u32 bytes = format->sizeimage;
	const void *from;

	if (!may_show(pair, picture) || !scrim_format_same(format, &pair->format)) {
		pair->stats.black++;
		return scrim_black_picture(format, to);
	}
	pair->stats.delivered++;
	from = vb2_plane_vaddr(picture, 0);
	if (format->pixels->compressed)
		bytes = vb2_get_plane_payload(picture, 0);
	if (pair->mask)
		copy_masked(format, pair->mask, to, from);
	else
		memcpy(to, from, bytes);
	return bytes;
}

static struct scrim_buffer *next_ready(struct scrim_reader *reader)
{
	struct scrim_buffer *buffer;

	spin_lock(&reader->ready_lock);
	buffer = list_first_entry_or_null(&reader->ready, struct scrim_buffer, entry);
	if (buffer)
		list_del(&buffer->entry);
	spin_unlock(&reader->ready_lock);
	return buffer;
}

static void deliver(struct scrim_pair *pair, struct scrim_reader *reader,
		    struct vb2_buffer *picture)
{
	struct scrim_buffer *buffer = next_ready(reader);
	u32 sequence = reader->sequence++;
	struct vb2_buffer *vb;

	if (!buffer) {
		pair->stats.dropped++;
		return;
	}
	vb = &buffer->vb.vb2_buf;
	vb2_set_plane_payload(vb, 0, fill(pair, reader, vb2_plane_vaddr(vb, 0), picture));
	vb->timestamp = pair->stamp;
	buffer->vb.sequence = sequence;
	buffer->vb.field = V4L2_FIELD_NONE;
	buffer->epoch = pair->epoch;
	vb2_buffer_done(vb, VB2_BUF_STATE_DONE);
}

/*
 * Timestamps of readers never run backwards or ahead.  The feeder's is that of the real camera,
 * and worth keeping, as far as that holds: after black, which is of now, a picture that was on
 * its way goes just behind it, and not to now, or those after it would never have theirs.
 */
static u64 next_stamp(const struct scrim_pair *pair, struct vb2_buffer *picture, u64 now)
{
	u64 next = pair->stamp + NSEC_PER_USEC, stamp = picture ? picture->timestamp : now;

	if (stamp > now || now - stamp > OLDEST_NS)
		stamp = now;
	return stamp > next ? stamp : next;
}

/* Gives every reader the picture, or black where it may not see it; NULL is black for all. */
void scrim_handoff(struct scrim_pair *pair, struct vb2_buffer *picture)
{
	struct scrim_reader *reader;
	u64 now = ktime_get_ns();

	lockdep_assert_held(&pair->lock);

	pair->stamp = next_stamp(pair, picture, now);
	if (picture) {
		pair->stats.frames++;
		pair->silent = false;
		/* The next one may be late, but silence must be black within two. */
		pair->due = now + interval_ns(pair) * 7 / 4;
	}
	list_for_each_entry(reader, &pair->watching, watch) {
		deliver(pair, reader, picture);
		cond_resched();
	}
}

/*
 * Nothing handed off before is delivered after: reader.c blackens what a reader takes when
 * its epoch is over.
 */
void scrim_cut(struct scrim_pair *pair)
{
	lockdep_assert_held(&pair->lock);
	WRITE_ONCE(pair->epoch, pair->epoch + 1);
}

static void clock_arm(struct scrim_pair *pair, u64 now)
{
	u64 wait = pair->due > now ? pair->due - now : 0;

	mod_delayed_work(scrim_clocks, &pair->clock, nsecs_to_jiffies(wait));
}

/* Somebody began to watch, or pictures stopped: do not wait for longer than a frame time. */
void scrim_clock_kick(struct scrim_pair *pair)
{
	u64 now = ktime_get_ns();

	lockdep_assert_held(&pair->lock);
	if (pair->gone || list_empty(&pair->watching))
		return;
	pair->due = min(pair->due, now + interval_ns(pair));
	clock_arm(pair, now);
}

/* Runs while somebody watches; makes a picture when the feed does not. */
void scrim_clock(struct work_struct *work)
{
	struct scrim_pair *pair = container_of(to_delayed_work(work), struct scrim_pair, clock);
	u64 now;

	mutex_lock(&pair->lock);
	if (pair->gone || list_empty(&pair->watching))
		goto unlock;
	now = ktime_get_ns();
	/* A jiffy early is better than one late. */
	if (now + jiffies_to_nsecs(1) > pair->due) {
		if (!pair->silent)
			scrim_cut(pair);
		pair->silent = true;
		scrim_handoff(pair, NULL);
		pair->due += interval_ns(pair);
		if (pair->due < now)
			pair->due = now + interval_ns(pair);
	}
	clock_arm(pair, now);
unlock:
	mutex_unlock(&pair->lock);
}
