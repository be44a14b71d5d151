/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernels 5.10 to 7.x from one source: every test of a version is here.
 */
#ifndef SCRIM_COMPAT_H
#define SCRIM_COMPAT_H

#include <linux/poll.h>
#include <linux/version.h>
#include <media/v4l2-fh.h>
#include <media/videobuf2-v4l2.h>

/* A file handle learned of its file in 6.18. */
static inline void scrim_fh_add(struct v4l2_fh *fh, struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	v4l2_fh_add(fh, file);
#else
	file->private_data = fh;
	v4l2_fh_add(fh);
#endif
}

static inline void scrim_fh_del(struct v4l2_fh *fh, struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	v4l2_fh_del(fh, file);
#else
	v4l2_fh_del(fh);
	file->private_data = NULL;
#endif
}

/* vb2 of 5.10 does not wait on a queue that does not stream yet, so epoll never hears of it. */
static inline void scrim_poll_wait(struct vb2_queue *queue, struct file *file,
				   struct poll_table_struct *wait)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
	poll_wait(file, &queue->done_wq, wait);
#endif
}

/* Symbols of dma-buf are in a namespace since 5.16, whose name is a string since 6.13. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define SCRIM_IMPORT_DMA_BUF MODULE_IMPORT_NS("DMA_BUF")
#else
#define SCRIM_IMPORT_DMA_BUF MODULE_IMPORT_NS(DMA_BUF)
#endif

/* vb2 lets go of queue->lock while it waits: by itself since 6.14, by these before. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define SCRIM_VB2_WAIT_OPS
#else
#define SCRIM_VB2_WAIT_OPS				\
	.wait_prepare	= vb2_ops_wait_prepare,		\
	.wait_finish	= vb2_ops_wait_finish,
#endif

#endif
