// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of one reader: what it may hold, when it watches, what it is given too late.
 */
#include <linux/string.h>
#include <media/videobuf2-vmalloc.h>

#include "compat.h"
#include "pair.h"

/* Blackens a picture that a cut has made stale since it was delivered. */
static void blacken_stale(struct scrim_reader *reader, struct vb2_buffer *vb)
{
	u32 epoch = READ_ONCE(reader->pair->epoch);
	struct scrim_buffer *buffer = to_scrim_buffer(vb);
	u32 was = vb2_get_plane_payload(vb, 0), bytes;
	void *to = vb2_plane_vaddr(vb, 0);

	lockdep_assert_held(&reader->lock);
	if (buffer->epoch == epoch)
		return;
	bytes = scrim_black_picture(&reader->format, to);
	/* A black JPEG is shorter, and read() goes on to the end of what was there. */
	if (bytes < was)
		memset(to + bytes, 0, was - bytes);
	vb2_set_plane_payload(vb, 0, bytes);
	buffer->epoch = epoch;
}

/* A cut does not spare the rest of a picture whose beginning has been read(). */
void scrim_reader_recheck(struct scrim_reader *reader)
{
	struct vb2_buffer *vb = reader->taken;

	if (vb && vb2_fileio_is_active(&reader->queue) && vb->state == VB2_BUF_STATE_DEQUEUED)
		blacken_stale(reader, vb);
}

static int reader_queue_setup(struct vb2_queue *queue, unsigned int *buffers,
			      unsigned int *planes, unsigned int sizes[], struct device *devs[])
{
	struct scrim_reader *reader = vb2_get_drv_priv(queue);

	return scrim_budget_setup(&reader->budget, reader->format.sizeimage,
				  buffers, planes, sizes);
}

static int reader_buf_init(struct vb2_buffer *vb)
{
	struct scrim_reader *reader = vb2_get_drv_priv(vb->vb2_queue);

	scrim_budget_take(&reader->budget, vb);
	return 0;
}

static void reader_buf_cleanup(struct vb2_buffer *vb)
{
	struct scrim_reader *reader = vb2_get_drv_priv(vb->vb2_queue);

	scrim_budget_give(&reader->budget, vb);
	if (reader->taken == vb)
		reader->taken = NULL;
}

static int reader_buf_prepare(struct vb2_buffer *vb)
{
	struct scrim_reader *reader = vb2_get_drv_priv(vb->vb2_queue);

	return vb2_plane_size(vb, 0) < reader->format.sizeimage ? -EINVAL : 0;
}

static void reader_buf_queue(struct vb2_buffer *vb)
{
	struct scrim_reader *reader = vb2_get_drv_priv(vb->vb2_queue);

	spin_lock(&reader->ready_lock);
	list_add_tail(&to_scrim_buffer(vb)->entry, &reader->ready);
	spin_unlock(&reader->ready_lock);
}

/* The reader takes a buffer, by DQBUF or read(); or loses it, by STREAMOFF. */
static void reader_buf_finish(struct vb2_buffer *vb)
{
	struct scrim_reader *reader = vb2_get_drv_priv(vb->vb2_queue);

	if (vb->state != VB2_BUF_STATE_DONE)
		return;
	blacken_stale(reader, vb);
	reader->taken = vb;
}

static void return_ready(struct scrim_reader *reader, enum vb2_buffer_state state)
{
	struct scrim_buffer *buffer, *next;
	LIST_HEAD(ready);

	spin_lock(&reader->ready_lock);
	list_splice_init(&reader->ready, &ready);
	spin_unlock(&reader->ready_lock);
	list_for_each_entry_safe(buffer, next, &ready, entry)
		vb2_buffer_done(&buffer->vb.vb2_buf, state);
}

static int reader_start_streaming(struct vb2_queue *queue, unsigned int count)
{
	struct scrim_reader *reader = vb2_get_drv_priv(queue);
	struct scrim_pair *pair = reader->pair;
	int ret = 0;

	mutex_lock(&pair->lock);
	if (pair->gone) {
		return_ready(reader, VB2_BUF_STATE_QUEUED);
		ret = -ENODEV;
		goto unlock;
	}
	reader->sequence = 0;
	list_add_tail(&reader->watch, &pair->watching);
	pair->watchers++;
	scrim_pair_announce(pair, reader);
	scrim_clock_kick(pair);
unlock:
	mutex_unlock(&pair->lock);
	return ret;
}

/* A picture passes with the lock held, so none is on its way into the buffers returned here. */
static void reader_stop_streaming(struct vb2_queue *queue)
{
	struct scrim_reader *reader = vb2_get_drv_priv(queue);
	struct scrim_pair *pair = reader->pair;

	mutex_lock(&pair->lock);
	list_del(&reader->watch);
	pair->watchers--;
	scrim_pair_announce(pair, reader);
	mutex_unlock(&pair->lock);
	return_ready(reader, VB2_BUF_STATE_ERROR);
}

static const struct vb2_ops reader_queue_ops = {
	.queue_setup		= reader_queue_setup,
	.buf_init		= reader_buf_init,
	.buf_cleanup		= reader_buf_cleanup,
	.buf_prepare		= reader_buf_prepare,
	.buf_queue		= reader_buf_queue,
	.buf_finish		= reader_buf_finish,
	.start_streaming	= reader_start_streaming,
	.stop_streaming		= reader_stop_streaming,
	SCRIM_VB2_WAIT_OPS
};

int scrim_reader_queue_init(struct scrim_reader *reader)
{
	struct vb2_queue *queue = &reader->queue;

	queue->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	queue->io_modes = VB2_MMAP | VB2_READ;
	queue->drv_priv = reader;
	queue->buf_struct_size = sizeof(struct scrim_buffer);
	queue->ops = &reader_queue_ops;
	queue->mem_ops = &vb2_vmalloc_memops;
	queue->timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
	queue->lock = &reader->lock;
	return vb2_queue_init(queue);
}
