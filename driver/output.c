// SPDX-License-Identifier: GPL-2.0
/*
 * The feed: pictures come in, from one program that may.
 *
 * The mode of the node is not trusted.  open() asks who it is, so that whoever the wrong
 * mode lets in holds no descriptor, and mmap() asks who owns the buffers, since vb2 does not.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/dma-buf.h>
#include <linux/module.h>
#include <media/v4l2-event.h>
#include <media/v4l2-ioctl.h>
#include <media/videobuf2-vmalloc.h>

#include "compat.h"
#include "pair.h"
#include "uapi/linux/scrim.h"

static bool may_feed(const struct scrim_pair *pair)
{
	return uid_eq(current_euid(), pair->config.feeder) || capable(CAP_SYS_ADMIN);
}

static int output_open(struct file *file)
{
	struct scrim_pair *pair = video_drvdata(file);

	/* Who was given only reading has no business here: buffers could be imported all the same. */
	if (!may_feed(pair) || !(file->f_mode & FMODE_WRITE))
		return -EACCES;
	return v4l2_fh_open(file);
}

static int output_release(struct file *file)
{
	struct scrim_pair *pair = video_drvdata(file);
	int ret = vb2_fop_release(file);

	/* A feeder that left buffers mapped must not take them from the budget of the next. */
	mutex_lock(&pair->feed_lock);
	if (list_empty(&pair->feed.fh_list) && !vb2_is_busy(&pair->feed_queue))
		pair->feed_budget.used = 0;
	mutex_unlock(&pair->feed_lock);
	return ret;
}

static int output_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct scrim_pair *pair = video_drvdata(file);
	int ret = -EBUSY;

	mutex_lock(&pair->owner_lock);
	if (pair->feed_queue.owner == file->private_data)
		ret = vb2_mmap(&pair->feed_queue, vma);
	mutex_unlock(&pair->owner_lock);
	return ret;
}

/*
 * A picture has been copied by the time that QBUF returns, but says that it is still queued, as
 * programs expect; this, after QBUF, gives the buffer back.
 */
static void output_return(struct scrim_pair *pair, enum vb2_buffer_state state)
{
	struct scrim_buffer *buffer, *next;

	lockdep_assert_held(&pair->lock);
	list_for_each_entry_safe(buffer, next, &pair->passed, entry) {
		list_del(&buffer->entry);
		vb2_buffer_done(&buffer->vb.vb2_buf, state);
	}
}

static int output_qbuf(struct file *file, void *priv, struct v4l2_buffer *buffer)
{
	struct scrim_pair *pair = video_drvdata(file);
	int ret = vb2_ioctl_qbuf(file, priv, buffer);

	mutex_lock(&pair->lock);
	output_return(pair, VB2_BUF_STATE_DONE);
	mutex_unlock(&pair->lock);
	return ret;
}

static ssize_t output_write(struct file *file, const char __user *from, size_t count, loff_t *at)
{
	struct scrim_pair *pair = video_drvdata(file);
	ssize_t ret = vb2_fop_write(file, from, count, at);

	mutex_lock(&pair->lock);
	output_return(pair, VB2_BUF_STATE_DONE);
	mutex_unlock(&pair->lock);
	return ret;
}

static __poll_t output_poll(struct file *file, struct poll_table_struct *wait)
{
	struct scrim_pair *pair = video_drvdata(file);

	scrim_poll_wait(&pair->feed_queue, file, wait);
	return vb2_fop_poll(file, wait);
}

static const struct v4l2_file_operations output_fops = {
	.owner		= THIS_MODULE,
	.open		= output_open,
	.release	= output_release,
	.write		= output_write,
	.poll		= output_poll,
	.mmap		= output_mmap,
	.unlocked_ioctl	= video_ioctl2,
};

/* Buffers change hands only with owner_lock held; see output_mmap(). */
static int output_reqbufs(struct file *file, void *priv, struct v4l2_requestbuffers *request)
{
	struct scrim_pair *pair = video_drvdata(file);
	int ret;

	mutex_lock(&pair->owner_lock);
	ret = vb2_ioctl_reqbufs(file, priv, request);
	mutex_unlock(&pair->owner_lock);
	return ret;
}

static int output_create_bufs(struct file *file, void *priv, struct v4l2_create_buffers *create)
{
	struct scrim_pair *pair = video_drvdata(file);
	int ret;

	mutex_lock(&pair->owner_lock);
	ret = vb2_ioctl_create_bufs(file, priv, create);
	mutex_unlock(&pair->owner_lock);
	return ret;
}

static int output_querycap(struct file *file, void *priv, struct v4l2_capability *cap)
{
	struct scrim_pair *pair = video_drvdata(file);

	strscpy(cap->driver, "scrim", sizeof(cap->driver));
	strscpy(cap->card, pair->feed.name, sizeof(cap->card));
	strscpy(cap->bus_info, pair->bus_info, sizeof(cap->bus_info));
	return 0;
}

static int output_enum_fmt(struct file *file, void *priv, struct v4l2_fmtdesc *desc)
{
	struct scrim_pair *pair = video_drvdata(file);
	const struct scrim_pixels *pixels;

	mutex_lock(&pair->lock);
	pixels = scrim_pixels_at(desc->index, pair->mask);
	mutex_unlock(&pair->lock);
	if (!pixels)
		return -EINVAL;
	desc->pixelformat = pixels->fourcc;
	return 0;
}

static int output_g_fmt(struct file *file, void *priv, struct v4l2_format *f)
{
	struct scrim_pair *pair = video_drvdata(file);

	mutex_lock(&pair->lock);
	scrim_format_show(&pair->format, &f->fmt.pix);
	mutex_unlock(&pair->lock);
	return 0;
}

static int output_try_fmt(struct file *file, void *priv, struct v4l2_format *f)
{
	struct scrim_pair *pair = video_drvdata(file);
	struct scrim_format format;

	mutex_lock(&pair->lock);
	scrim_format_try(&format, &f->fmt.pix, pair->mask);
	mutex_unlock(&pair->lock);
	return 0;
}

static int output_s_fmt(struct file *file, void *priv, struct v4l2_format *f)
{
	struct scrim_pair *pair = video_drvdata(file);
	struct scrim_format format;
	int ret;

	if (vb2_is_busy(&pair->feed_queue))
		return -EBUSY;
	mutex_lock(&pair->lock);
	scrim_format_try(&format, &f->fmt.pix, pair->mask);
	ret = scrim_pair_format(pair, &format);
	mutex_unlock(&pair->lock);
	if (!ret)	/* write() of a JPEG is a whole one, of others it fills pictures up */
		pair->feed_queue.fileio_write_immediately = format.pixels->compressed;
	return ret;
}

static int output_enum_framesizes(struct file *file, void *priv, struct v4l2_frmsizeenum *size)
{
	if (size->index || !scrim_pixels_find(size->pixel_format))
		return -EINVAL;
	size->type = V4L2_FRMSIZE_TYPE_STEPWISE;
	size->stepwise.min_width = SCRIM_SIZE_MIN;
	size->stepwise.max_width = SCRIM_SIZE_MAX;
	size->stepwise.step_width = 2;
	size->stepwise.min_height = SCRIM_SIZE_MIN;
	size->stepwise.max_height = SCRIM_SIZE_MAX;
	size->stepwise.step_height = 2;
	return 0;
}

static int output_enum_frameintervals(struct file *file, void *priv,
				      struct v4l2_frmivalenum *interval)
{
	if (interval->index || !scrim_pixels_find(interval->pixel_format) ||
	    interval->width < SCRIM_SIZE_MIN || interval->width > SCRIM_SIZE_MAX ||
	    interval->height < SCRIM_SIZE_MIN || interval->height > SCRIM_SIZE_MAX ||
	    (interval->width | interval->height) & 1)
		return -EINVAL;
	interval->type = V4L2_FRMIVAL_TYPE_CONTINUOUS;
	interval->stepwise.min = (struct v4l2_fract){ 1, SCRIM_RATE_MAX };
	interval->stepwise.max = (struct v4l2_fract){ 1, 1 };
	interval->stepwise.step = (struct v4l2_fract){ 1, 1 };
	return 0;
}

static int output_g_parm(struct file *file, void *priv, struct v4l2_streamparm *parm)
{
	struct scrim_pair *pair = video_drvdata(file);

	if (parm->type != V4L2_BUF_TYPE_VIDEO_OUTPUT)
		return -EINVAL;
	memset(&parm->parm, 0, sizeof(parm->parm));
	parm->parm.output.capability = V4L2_CAP_TIMEPERFRAME;
	parm->parm.output.writebuffers = 2;
	mutex_lock(&pair->lock);
	parm->parm.output.timeperframe = pair->interval;
	mutex_unlock(&pair->lock);
	return 0;
}

static int output_s_parm(struct file *file, void *priv, struct v4l2_streamparm *parm)
{
	struct scrim_pair *pair = video_drvdata(file);
	struct v4l2_fract interval;

	if (parm->type != V4L2_BUF_TYPE_VIDEO_OUTPUT)
		return -EINVAL;
	interval = parm->parm.output.timeperframe;
	if (!interval.numerator || !interval.denominator)
		interval = pair->config.interval;
	if ((u64)interval.numerator * SCRIM_RATE_MAX < interval.denominator)
		interval = (struct v4l2_fract){ 1, SCRIM_RATE_MAX };
	if (interval.numerator > interval.denominator)
		interval = (struct v4l2_fract){ 1, 1 };
	mutex_lock(&pair->lock);
	pair->interval = interval;
	scrim_clock_kick(pair);
	mutex_unlock(&pair->lock);
	return output_g_parm(file, priv, parm);
}

static int output_enum_output(struct file *file, void *priv, struct v4l2_output *output)
{
	if (output->index)
		return -EINVAL;
	strscpy(output->name, "Feed", sizeof(output->name));
	output->type = V4L2_OUTPUT_TYPE_ANALOG;
	return 0;
}

static int output_g_output(struct file *file, void *priv, unsigned int *index)
{
	*index = 0;
	return 0;
}

static int output_s_output(struct file *file, void *priv, unsigned int index)
{
	return index ? -EINVAL : 0;
}

/* How many there are already. */
static int readers_subscribed(struct v4l2_subscribed_event *sub, unsigned int elems)
{
	struct scrim_pair *pair = video_get_drvdata(sub->fh->vdev);
	struct v4l2_event event;

	if (!(sub->flags & V4L2_EVENT_SUB_FL_SEND_INITIAL))
		return 0;
	mutex_lock(&pair->lock);
	scrim_readers_event(pair, NULL, &event);
	sub->elems = elems;	/* open for this one already */
	v4l2_event_queue_fh(sub->fh, &event);
	mutex_unlock(&pair->lock);
	return 0;
}

static const struct v4l2_subscribed_event_ops readers_ops = {
	.add = readers_subscribed,
};

static int output_subscribe(struct v4l2_fh *fh, const struct v4l2_event_subscription *sub)
{
	if (sub->type != SCRIM_EVENT_READERS)
		return v4l2_ctrl_subscribe_event(fh, sub);
	if (sub->id)
		return -EINVAL;
	return v4l2_event_subscribe(fh, sub, 16, &readers_ops);
}

static const struct v4l2_ioctl_ops output_ioctls = {
	.vidioc_querycap		= output_querycap,
	.vidioc_enum_fmt_vid_out	= output_enum_fmt,
	.vidioc_g_fmt_vid_out		= output_g_fmt,
	.vidioc_try_fmt_vid_out		= output_try_fmt,
	.vidioc_s_fmt_vid_out		= output_s_fmt,
	.vidioc_enum_framesizes		= output_enum_framesizes,
	.vidioc_enum_frameintervals	= output_enum_frameintervals,
	.vidioc_g_parm			= output_g_parm,
	.vidioc_s_parm			= output_s_parm,
	.vidioc_enum_output		= output_enum_output,
	.vidioc_g_output		= output_g_output,
	.vidioc_s_output		= output_s_output,
	.vidioc_reqbufs			= output_reqbufs,
	.vidioc_create_bufs		= output_create_bufs,
	.vidioc_querybuf		= vb2_ioctl_querybuf,
	.vidioc_prepare_buf		= vb2_ioctl_prepare_buf,
	.vidioc_qbuf			= output_qbuf,
	.vidioc_dqbuf			= vb2_ioctl_dqbuf,
	.vidioc_expbuf			= vb2_ioctl_expbuf,
	.vidioc_streamon		= vb2_ioctl_streamon,
	.vidioc_streamoff		= vb2_ioctl_streamoff,
	.vidioc_subscribe_event		= output_subscribe,
	.vidioc_unsubscribe_event	= v4l2_event_unsubscribe,
};

static int output_queue_setup(struct vb2_queue *queue, unsigned int *buffers, unsigned int *planes,
			      unsigned int sizes[], struct device *devs[])
{
	struct scrim_pair *pair = vb2_get_drv_priv(queue);
	u32 bytes;

	mutex_lock(&pair->lock);
	bytes = pair->format.sizeimage;
	mutex_unlock(&pair->lock);
	return scrim_budget_setup(&pair->feed_budget, bytes, buffers, planes, sizes);
}

static int output_buf_init(struct vb2_buffer *vb)
{
	struct scrim_pair *pair = vb2_get_drv_priv(vb->vb2_queue);

	scrim_budget_take(&pair->feed_budget, vb);
	return 0;
}

static void output_buf_cleanup(struct vb2_buffer *vb)
{
	struct scrim_pair *pair = vb2_get_drv_priv(vb->vb2_queue);

	scrim_budget_give(&pair->feed_budget, vb);
}

/* Called with feed_lock held, so the format cannot change: there are buffers. */
static int output_buf_prepare(struct vb2_buffer *vb)
{
	struct scrim_pair *pair = vb2_get_drv_priv(vb->vb2_queue);
	struct scrim_format format;
	unsigned long bytes = vb2_get_plane_payload(vb, 0);

	mutex_lock(&pair->lock);
	format = pair->format;
	mutex_unlock(&pair->lock);
	if (!vb2_plane_vaddr(vb, 0))
		return -EINVAL;
	if (!bytes) {			/* the whole buffer: vb2 forgets that for DMABUF */
		bytes = vb2_plane_size(vb, 0);
		vb2_set_plane_payload(vb, 0, bytes);
	}
	if (format.pixels->compressed) {
		if (bytes > vb2_plane_size(vb, 0))
			return -EINVAL;
	} else if (bytes < format.sizeimage) {
		return -EINVAL;
	}
	/* Who draws in it may not be done yet, and vb2_vmalloc does not ask. */
	if (vb->memory == VB2_MEMORY_DMABUF)
		return dma_buf_begin_cpu_access(vb->planes[0].dbuf, DMA_FROM_DEVICE);
	return 0;
}

/* For each that was prepared. */
static void output_buf_finish(struct vb2_buffer *vb)
{
	if (vb->memory == VB2_MEMORY_DMABUF)
		dma_buf_end_cpu_access(vb->planes[0].dbuf, DMA_FROM_DEVICE);
}

static int output_buf_out_validate(struct vb2_buffer *vb)
{
	struct vb2_v4l2_buffer *vbuf = to_vb2_v4l2_buffer(vb);

	vbuf->field = V4L2_FIELD_NONE;
	/* write() sets the payload where vb2 is about to overwrite it with this one. */
	if (vb2_fileio_is_active(vb->vb2_queue))
		vbuf->planes[0].bytesused = vb->planes[0].bytesused;
	return 0;
}

/*
 * Readers have their copies when this returns, and nothing reads the buffer any more: it may be
 * that of a real camera, which has it back after DQBUF.
 */
static void output_buf_queue(struct vb2_buffer *vb)
{
	struct scrim_pair *pair = vb2_get_drv_priv(vb->vb2_queue);
	struct scrim_buffer *buffer = to_scrim_buffer(vb);

	mutex_lock(&pair->lock);
	if (pair->feeding && !pair->gone)
		scrim_handoff(pair, vb);
	buffer->vb.sequence = pair->sequence++;
	list_add_tail(&buffer->entry, &pair->passed);
	mutex_unlock(&pair->lock);
}

/* What was queued before comes now; nobody was shown it yet. */
static int output_start_streaming(struct vb2_queue *queue, unsigned int count)
{
	struct scrim_pair *pair = vb2_get_drv_priv(queue);
	struct scrim_buffer *buffer;

	mutex_lock(&pair->lock);
	if (pair->gone) {
		output_return(pair, VB2_BUF_STATE_QUEUED);
		mutex_unlock(&pair->lock);
		return -ENODEV;
	}
	scrim_cut(pair);
	pair->feeding = true;
	pair->sequence = 0;
	list_for_each_entry(buffer, &pair->passed, entry) {
		scrim_handoff(pair, &buffer->vb.vb2_buf);
		buffer->vb.sequence = pair->sequence++;
	}
	output_return(pair, VB2_BUF_STATE_DONE);
	mutex_unlock(&pair->lock);
	return 0;
}

/* Also when the feeder dies: closing its file comes here. */
static void output_stop_streaming(struct vb2_queue *queue)
{
	struct scrim_pair *pair = vb2_get_drv_priv(queue);

	mutex_lock(&pair->lock);
	pair->feeding = false;
	scrim_cut(pair);
	output_return(pair, VB2_BUF_STATE_ERROR);
	scrim_clock_kick(pair);
	mutex_unlock(&pair->lock);
}

static const struct vb2_ops output_queue_ops = {
	.queue_setup		= output_queue_setup,
	.buf_init		= output_buf_init,
	.buf_cleanup		= output_buf_cleanup,
	.buf_out_validate	= output_buf_out_validate,
	.buf_prepare		= output_buf_prepare,
	.buf_finish		= output_buf_finish,
	.buf_queue		= output_buf_queue,
	.start_streaming	= output_start_streaming,
	.stop_streaming		= output_stop_streaming,
	SCRIM_VB2_WAIT_OPS
};

int scrim_output_init(struct scrim_pair *pair)
{
	struct vb2_queue *queue = &pair->feed_queue;
	struct video_device *vdev = &pair->feed;

	queue->type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	queue->io_modes = VB2_MMAP | VB2_DMABUF | VB2_WRITE;
	queue->drv_priv = pair;
	queue->buf_struct_size = sizeof(struct scrim_buffer);
	queue->ops = &output_queue_ops;
	queue->mem_ops = &vb2_vmalloc_memops;
	queue->timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_COPY;
	queue->fileio_write_immediately = pair->format.pixels->compressed;
	queue->lock = &pair->feed_lock;

	/* Room for the label and the word that tells the nodes apart. */
	snprintf(vdev->name, sizeof(vdev->name), "%.26s feed", pair->config.label);
	vdev->fops = &output_fops;
	vdev->ioctl_ops = &output_ioctls;
	vdev->release = video_device_release_empty;
	vdev->v4l2_dev = &pair->v4l2;
	vdev->queue = queue;
	vdev->lock = &pair->feed_lock;
	vdev->ctrl_handler = &pair->feed_ctrls;
	vdev->prio = &pair->feed_prio;
	vdev->vfl_dir = VFL_DIR_TX;
	vdev->device_caps = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE;
	video_set_drvdata(vdev, pair);
	return vb2_queue_init(queue);
}
