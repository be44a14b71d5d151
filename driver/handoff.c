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

static u64 interval_ns(const struct scrim_pair *pair)
{
	return div_u64((u64)pair->interval.numerator * NSEC_PER_SEC, pair->interval.denominator);
}

/* What lies in [from, to) of the row is copied, or black. */
struct row {
	const struct scrim_format *format;
	unsigned int plane;
	u32 block;			/* bytes that a block of the mask is wide */
	u8 *to;
	const u8 *from;
};

static void row_copy(const struct row *row, u32 from, u32 to)
{
	u32 at = from * row->block;

	memcpy(row->to + at, row->from + at, (to - from) * row->block);
}

static void row_black(const struct row *row, u32 from, u32 to)
{
	u32 bytes = row->format->pixels->plane[row->plane].bytes;

	scrim_black_cells(row->format, row->plane, row->to + from * row->block,
			  (to - from) * row->block / bytes);
}

static void copy_row(const struct row *row, const unsigned long *covered, u32 columns)
{
	u32 at = 0, from, to;

	while (at < columns) {
		from = find_next_bit(covered, columns, at);
		to = find_next_zero_bit(covered, columns, from);
		row_copy(row, at, from);
		row_black(row, from, to);
		at = to;
	}
}

static void copy_masked(const struct scrim_format *format, const struct scrim_mask *mask,
			u8 *to, const u8 *from)
{
	unsigned int i;
	u32 y;

	for (i = 0; i < format->pixels->planes; i++) {
		const struct scrim_plane *plane = &format->pixels->plane[i];
		u32 bytes = scrim_row_bytes(plane, format->width);
		struct row row = {
			.format = format,
			.plane = i,
			.block = 2 / plane->xdiv * plane->bytes,
			.to = to,
			.from = from,
		};

		for (y = 0; y < format->height / plane->ydiv; y++) {
			copy_row(&row, scrim_mask_row(mask, y * plane->ydiv / 2), mask->columns);
			row.to += bytes;
			row.from += bytes;
		}
		to = row.to;
		from = row.from;
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
 * and worth keeping, as far as that holds.
 */
static u64 next_stamp(const struct scrim_pair *pair, struct vb2_buffer *picture, u64 now)
{
	if (picture && picture->timestamp > pair->stamp && picture->timestamp <= now)
		return picture->timestamp;
	return now > pair->stamp ? now : pair->stamp + 1;
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
 * Nothing handed off before is delivered after: capture.c blackens what a reader takes when
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
