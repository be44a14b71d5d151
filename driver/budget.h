/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many bytes of buffers one queue may hold: memory of the kernel's that a program asks for.
 * Under the lock of the queue, as vb2 calls all of these.
 */
#ifndef SCRIM_BUDGET_H
#define SCRIM_BUDGET_H

#include <linux/minmax.h>
#include <linux/mm.h>
#include <media/videobuf2-v4l2.h>

struct scrim_budget {
	size_t limit, used;
};

/* The rest of queue_setup(), for pictures of so many bytes: fewer buffers, or -ENOMEM. */
static inline int scrim_budget_setup(const struct scrim_budget *budget, u32 bytes,
				     unsigned int *buffers, unsigned int *planes,
				     unsigned int sizes[])
{
	size_t left = budget->limit - min(budget->limit, budget->used);

	if (!*planes) {
		*planes = 1;
		sizes[0] = bytes;
		*buffers = max(*buffers, 2u);
	}
	if (sizes[0] < bytes)
		return -EINVAL;
	*buffers = min_t(size_t, *buffers, left / PAGE_ALIGN((size_t)sizes[0]));
	return *buffers ? 0 : -ENOMEM;
}

static inline size_t scrim_buffer_bytes(struct vb2_buffer *vb)
{
	return vb->memory == VB2_MEMORY_MMAP ? PAGE_ALIGN(vb2_plane_size(vb, 0)) : 0;
}

/* In buf_init(). */
static inline void scrim_budget_take(struct scrim_budget *budget, struct vb2_buffer *vb)
{
	budget->used += scrim_buffer_bytes(vb);
}

/* In buf_cleanup(): what is still mapped outlives the buffer, and counts on. */
static inline void scrim_budget_give(struct scrim_budget *budget, struct vb2_buffer *vb)
{
	if (vb->vb2_queue->mem_ops->num_users(vb->planes[0].mem_priv) <= 1)
		budget->used -= scrim_buffer_bytes(vb);
}

#endif
