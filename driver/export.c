// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that readers exported outlives them, for as long as somebody has the dma-buf.  It is
 * the kernel's, so there is an end to it: of one camera no more than its readers may
 * have in buffers.
 */
#include <linux/dma-buf.h>
#include <linux/file.h>
#include <linux/slab.h>

#include "pair.h"

struct scrim_export {
	struct list_head entry;
	struct dma_buf *dmabuf;		/* a reference of ours; NULL: unknown, so held for good */
	size_t bytes;
};

static void forget(struct scrim_export *export)
{
	list_del(&export->entry);
	if (export->dmabuf)
		dma_buf_put(export->dmabuf);
	kfree(export);
}

/* Bytes that somebody still has, and an end to our references to others. */
static size_t exports_held(struct scrim_pair *pair)
{
	struct scrim_export *export, *next;
	size_t bytes = 0;

	lockdep_assert_held(&pair->exports_lock);
	list_for_each_entry_safe(export, next, &pair->exports, entry) {
		if (export->dmabuf && file_count(export->dmabuf->file) == 1)
			forget(export);
		else
			bytes += export->bytes;
	}
	return bytes;
}

/* When a reader has gone: nobody tells when the last of a dma-buf is let go. */
void scrim_exports_sweep(struct scrim_pair *pair)
{
	mutex_lock(&pair->exports_lock);
	if (exports_held(pair))
		queue_delayed_work(scrim_clocks, &pair->sweep, HZ);
	mutex_unlock(&pair->exports_lock);
}

static void sweep(struct work_struct *work)
{
	scrim_exports_sweep(container_of(to_delayed_work(work), struct scrim_pair, sweep));
}

void scrim_exports_init(struct scrim_pair *pair)
{
	mutex_init(&pair->exports_lock);
	INIT_LIST_HEAD(&pair->exports);
	INIT_DELAYED_WORK(&pair->sweep, sweep);
}

void scrim_exports_free(struct scrim_pair *pair)
{
	struct scrim_export *export, *next;

	cancel_delayed_work_sync(&pair->sweep);
	list_for_each_entry_safe(export, next, &pair->exports, entry)
		forget(export);
}

/*
 * The descriptor is the process's own when vb2 returns it: another thread may have closed it, and
 * put another dma-buf in its place.
 */
static struct dma_buf *exported(const struct vb2_buffer *vb, int fd)
{
	struct dma_buf *dmabuf = dma_buf_get(fd);

	if (IS_ERR(dmabuf))
		return NULL;
	if (dmabuf->priv == vb->planes[0].mem_priv)
		return dmabuf;
	dma_buf_put(dmabuf);
	return NULL;
}

int scrim_export(struct scrim_reader *reader, struct v4l2_exportbuffer *request)
{
	struct scrim_pair *pair = reader->pair;
	struct scrim_export *export;
	struct vb2_buffer *vb;
	size_t limit;
	int ret;

	lockdep_assert_held(&reader->lock);
	if (check_mul_overflow(pair->config.bytes, (size_t)pair->config.readers, &limit))
		limit = SIZE_MAX;
	export = kzalloc(sizeof(*export), GFP_KERNEL);
	if (!export)
		return -ENOMEM;
	mutex_lock(&pair->exports_lock);
	/* The last one may be too much by one buffer. */
	ret = exports_held(pair) < limit ? vb2_expbuf(&reader->queue, request) : -ENOMEM;
	if (ret)
		goto free_export;
	vb = vb2_get_buffer(&reader->queue, request->index);
	export->dmabuf = exported(vb, request->fd);
	export->bytes = PAGE_ALIGN(vb2_plane_size(vb, 0));
	list_add_tail(&export->entry, &pair->exports);
	mutex_unlock(&pair->exports_lock);
	return 0;

free_export:
	mutex_unlock(&pair->exports_lock);
	kfree(export);
	return ret;
}
