// SPDX-License-Identifier: GPL-2.0
/*
 * The capture node: a queue of buffers for each open, so that readers share nothing.
 *
 * vdev->queue stays NULL and the vb2_ioctl_ and vb2_fop_ helpers are not used: they know
 * one queue a node.  Every call on a queue is made with the reader's own lock held, which
 * only this reader can hold up.
 */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <media/v4l2-event.h>
#include <media/v4l2-ioctl.h>
#include <media/videobuf2-vmalloc.h>

#include "compat.h"
#include "pair.h"

static struct scrim_reader *to_reader(struct file *file)
{
	return container_of(file->private_data, struct scrim_reader, fh);
}

/*
 * A process owns buffers through one open: a second one gets EBUSY, as programs expect of a
 * camera.  Other processes are other readers, as many as the administrator allows.
 */
static int reader_claim(struct scrim_reader *reader)
{
	struct scrim_pair *pair = reader->pair;
	struct scrim_reader *other;
	unsigned int owners = 0;
	int ret = 0;

	lockdep_assert_held(&reader->lock);

	mutex_lock(&pair->lock);
	if (reader->owner)
		goto unlock;
	list_for_each_entry(other, &pair->readers, entry) {
		if (!other->owner)
			continue;
		owners++;
		if (other->owner == task_tgid(current))
			ret = -EBUSY;
	}
	if (owners >= pair->config.readers)
		ret = -EBUSY;
	if (pair->gone)
		ret = -ENODEV;
	if (ret)
		goto unlock;
	reader->owner = get_pid(task_tgid(current));
	reader->uid = current_uid();
	reader->format = pair->format;
unlock:
	mutex_unlock(&pair->lock);
	return ret;
}

/* Who holds no buffers owns nothing. */
static void reader_settle(struct scrim_reader *reader)
{
	struct scrim_pair *pair = reader->pair;

	lockdep_assert_held(&reader->lock);

	if (vb2_is_busy(&reader->queue))
		return;
	reader->taken = NULL;
	mutex_lock(&pair->lock);
	put_pid(reader->owner);
	reader->owner = NULL;
	mutex_unlock(&pair->lock);
}

/* The format of the buffers, or of those that there would be. */
static void reader_format(struct scrim_reader *reader, struct v4l2_pix_format *pix)
{
	struct scrim_pair *pair = reader->pair;

	mutex_lock(&pair->lock);
	scrim_format_show(reader->owner ? &reader->format : &pair->format, pix);
	mutex_unlock(&pair->lock);
}

static int capture_open(struct file *file)
{
	struct scrim_pair *pair = video_drvdata(file);
	struct scrim_reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);
	int ret;

	if (!reader)
		return -ENOMEM;
	ret = scrim_reader_queue_init(reader);
	if (ret)
		goto free_reader;
	reader->pair = pair;
	reader->budget.limit = pair->config.bytes;
	mutex_init(&reader->lock);
	spin_lock_init(&reader->ready_lock);
	INIT_LIST_HEAD(&reader->ready);
	v4l2_fh_init(&reader->fh, video_devdata(file));
	scrim_fh_add(&reader->fh, file);
	mutex_lock(&pair->lock);
	list_add_tail(&reader->entry, &pair->readers);
	mutex_unlock(&pair->lock);
	return 0;

free_reader:
	kfree(reader);
	return ret;
}

static int capture_release(struct file *file)
{
	struct scrim_reader *reader = to_reader(file);
	struct scrim_pair *pair = reader->pair;

	mutex_lock(&reader->lock);
	vb2_queue_release(&reader->queue);
	reader_settle(reader);
	mutex_unlock(&reader->lock);
	scrim_exports_sweep(pair);

	mutex_lock(&pair->lock);
	list_del(&reader->entry);
	mutex_unlock(&pair->lock);
	scrim_fh_del(&reader->fh, file);
	v4l2_fh_exit(&reader->fh);
	mutex_destroy(&reader->lock);
	kfree(reader);
	return 0;
}

static ssize_t capture_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	struct scrim_reader *reader = to_reader(file);
	ssize_t ret;

	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	ret = reader_claim(reader);
	if (ret)
		goto unlock;
	scrim_reader_recheck(reader);
	ret = vb2_read(&reader->queue, to, count, at, file->f_flags & O_NONBLOCK);
	reader_settle(reader);
unlock:
	mutex_unlock(&reader->lock);
	return ret;
}

/* poll() for pictures, before there are buffers, begins to read() as vb2 has it. */
static __poll_t capture_poll(struct file *file, struct poll_table_struct *wait)
{
	struct scrim_reader *reader = to_reader(file);
	bool begins = poll_requested_events(wait) & (EPOLLIN | EPOLLRDNORM);
	__poll_t ret = EPOLLERR;

	scrim_poll_wait(&reader->queue, file, wait);
	if (mutex_lock_interruptible(&reader->lock))
		return 0;
	if (begins && !vb2_is_busy(&reader->queue) && reader_claim(reader))
		goto unlock;
	ret = vb2_poll(&reader->queue, file, wait);
	reader_settle(reader);
unlock:
	mutex_unlock(&reader->lock);
	return ret;
}

/* The buffers of a queue can only be those of this very open. */
static int capture_mmap(struct file *file, struct vm_area_struct *vma)
{
	return vb2_mmap(&to_reader(file)->queue, vma);
}

static const struct v4l2_file_operations capture_fops = {
	.owner		= THIS_MODULE,
	.open		= capture_open,
	.release	= capture_release,
	.read		= capture_read,
	.poll		= capture_poll,
	.mmap		= capture_mmap,
	.unlocked_ioctl	= video_ioctl2,
};

static int capture_reqbufs(struct file *file, void *priv, struct v4l2_requestbuffers *request)
{
	struct scrim_reader *reader = to_reader(file);
	int ret;

	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	ret = reader_claim(reader);
	if (ret)
		goto unlock;
	ret = vb2_reqbufs(&reader->queue, request);
	reader_settle(reader);
unlock:
	mutex_unlock(&reader->lock);
	return ret;
}

static int capture_create_bufs(struct file *file, void *priv, struct v4l2_create_buffers *create)
{
	struct scrim_reader *reader = to_reader(file);
	int ret = 0;

	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	if (create->count)	/* otherwise it only asks what is possible */
		ret = reader_claim(reader);
	if (ret)
		goto unlock;
	ret = vb2_create_bufs(&reader->queue, create);
	reader_settle(reader);
unlock:
	mutex_unlock(&reader->lock);
	return ret;
}

/* For those that need nothing but the lock. */
#define QUEUE_CALL(name, type, call)						\
static int capture_##name(struct file *file, void *priv, type argument)	\
{										\
	struct scrim_reader *reader = to_reader(file);				\
	int ret;								\
										\
	if (mutex_lock_interruptible(&reader->lock))				\
		return -ERESTARTSYS;						\
	ret = call;								\
	mutex_unlock(&reader->lock);						\
	return ret;								\
}

QUEUE_CALL(querybuf, struct v4l2_buffer *, vb2_querybuf(&reader->queue, argument))
QUEUE_CALL(qbuf, struct v4l2_buffer *, vb2_qbuf(&reader->queue, NULL, argument))
QUEUE_CALL(dqbuf, struct v4l2_buffer *,
	   vb2_dqbuf(&reader->queue, argument, file->f_flags & O_NONBLOCK))
QUEUE_CALL(prepare_buf, struct v4l2_buffer *, vb2_prepare_buf(&reader->queue, NULL, argument))
QUEUE_CALL(expbuf, struct v4l2_exportbuffer *, scrim_export(reader, argument))
QUEUE_CALL(streamon, enum v4l2_buf_type, vb2_streamon(&reader->queue, argument))
QUEUE_CALL(streamoff, enum v4l2_buf_type, vb2_streamoff(&reader->queue, argument))

static int capture_querycap(struct file *file, void *priv, struct v4l2_capability *cap)
{
	struct scrim_pair *pair = video_drvdata(file);

	strscpy(cap->driver, "scrim", sizeof(cap->driver));
	strscpy(cap->card, pair->capture.name, sizeof(cap->card));
	strscpy(cap->bus_info, pair->bus_info, sizeof(cap->bus_info));
	return 0;
}

/* The format is the feed's: one of each. */
static int capture_enum_fmt(struct file *file, void *priv, struct v4l2_fmtdesc *desc)
{
	struct v4l2_pix_format pix;

	if (desc->index)
		return -EINVAL;
	reader_format(to_reader(file), &pix);
	desc->pixelformat = pix.pixelformat;
	return 0;
}

static int capture_g_fmt(struct file *file, void *priv, struct v4l2_format *f)
{
	reader_format(to_reader(file), &f->fmt.pix);
	return 0;
}

static int capture_s_fmt(struct file *file, void *priv, struct v4l2_format *f)
{
	if (vb2_is_busy(&to_reader(file)->queue))
		return -EBUSY;
	return capture_g_fmt(file, priv, f);
}

static int capture_enum_framesizes(struct file *file, void *priv, struct v4l2_frmsizeenum *size)
{
	struct v4l2_pix_format pix;

	reader_format(to_reader(file), &pix);
	if (size->index || size->pixel_format != pix.pixelformat)
		return -EINVAL;
	size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
	size->discrete.width = pix.width;
	size->discrete.height = pix.height;
	return 0;
}

static struct v4l2_fract pair_interval(struct scrim_pair *pair)
{
	struct v4l2_fract interval;

	mutex_lock(&pair->lock);
	interval = pair->interval;
	mutex_unlock(&pair->lock);
	return interval;
}

static int capture_enum_frameintervals(struct file *file, void *priv,
				       struct v4l2_frmivalenum *interval)
{
	struct v4l2_pix_format pix;

	reader_format(to_reader(file), &pix);
	if (interval->index || interval->pixel_format != pix.pixelformat ||
	    interval->width != pix.width || interval->height != pix.height)
		return -EINVAL;
	interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
	interval->discrete = pair_interval(video_drvdata(file));
	return 0;
}

/* Serves S_PARM as well: the interval is the feed's. */
static int capture_g_parm(struct file *file, void *priv, struct v4l2_streamparm *parm)
{
	if (parm->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	memset(&parm->parm, 0, sizeof(parm->parm));
	parm->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
	parm->parm.capture.timeperframe = pair_interval(video_drvdata(file));
	parm->parm.capture.readbuffers = 2;
	return 0;
}

static int capture_enum_input(struct file *file, void *priv, struct v4l2_input *input)
{
	if (input->index)
		return -EINVAL;
	strscpy(input->name, "Camera", sizeof(input->name));
	input->type = V4L2_INPUT_TYPE_CAMERA;
	return 0;
}

static int capture_g_input(struct file *file, void *priv, unsigned int *index)
{
	*index = 0;
	return 0;
}

static int capture_s_input(struct file *file, void *priv, unsigned int index)
{
	return index ? -EINVAL : 0;
}

static int capture_subscribe(struct v4l2_fh *fh, const struct v4l2_event_subscription *sub)
{
	/* Of any id there would be as many as a reader likes, in memory and under a spinlock. */
	if (sub->type == V4L2_EVENT_SOURCE_CHANGE)
		return sub->id ? -EINVAL : v4l2_src_change_event_subscribe(fh, sub);
	return v4l2_ctrl_subscribe_event(fh, sub);
}

static const struct v4l2_ioctl_ops capture_ioctls = {
	.vidioc_querycap		= capture_querycap,
	.vidioc_enum_fmt_vid_cap	= capture_enum_fmt,
	.vidioc_g_fmt_vid_cap		= capture_g_fmt,
	.vidioc_try_fmt_vid_cap		= capture_g_fmt,
	.vidioc_s_fmt_vid_cap		= capture_s_fmt,
	.vidioc_enum_framesizes		= capture_enum_framesizes,
	.vidioc_enum_frameintervals	= capture_enum_frameintervals,
	.vidioc_g_parm			= capture_g_parm,
	.vidioc_s_parm			= capture_g_parm,
	.vidioc_enum_input		= capture_enum_input,
	.vidioc_g_input			= capture_g_input,
	.vidioc_s_input			= capture_s_input,
	.vidioc_reqbufs			= capture_reqbufs,
	.vidioc_create_bufs		= capture_create_bufs,
	.vidioc_querybuf		= capture_querybuf,
	.vidioc_prepare_buf		= capture_prepare_buf,
	.vidioc_qbuf			= capture_qbuf,
	.vidioc_dqbuf			= capture_dqbuf,
	.vidioc_expbuf			= capture_expbuf,
	.vidioc_streamon		= capture_streamon,
	.vidioc_streamoff		= capture_streamoff,
	.vidioc_subscribe_event		= capture_subscribe,
	.vidioc_unsubscribe_event	= v4l2_event_unsubscribe,
};

void scrim_capture_init(struct scrim_pair *pair)
{
	struct video_device *vdev = &pair->capture;

	strscpy(vdev->name, pair->config.label, sizeof(vdev->name));
	vdev->fops = &capture_fops;
	vdev->ioctl_ops = &capture_ioctls;
	vdev->release = video_device_release_empty;
	vdev->v4l2_dev = &pair->v4l2;
	vdev->ctrl_handler = &pair->capture_ctrls;
	vdev->vfl_dir = VFL_DIR_RX;
	vdev->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE;
	video_set_drvdata(vdev, pair);
}
