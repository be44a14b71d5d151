// SPDX-License-Identifier: GPL-2.0
/*
 * A live camera is two nodes under one device.
 *
 * There is no media device.  It would tell no reader anything, and its core copies the topology
 * to whoever asks with a lock held that S_FMT of the feed and unregistering wait for: with memory
 * that takes its time to fault any reader could stall the feeder and the administrator.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <media/v4l2-event.h>

#include "pair.h"
#include "uapi/linux/scrim.h"

/* The module must not go before the last one is freed. */
static atomic_t pairs = ATOMIC_INIT(0);

void scrim_pairs_wait(void)
{
	wait_var_event(&pairs, !atomic_read(&pairs));
}

static void pair_free(struct scrim_pair *pair)
{
	scrim_exports_free(pair);
	v4l2_ctrl_handler_free(&pair->capture_ctrls);
	v4l2_ctrl_handler_free(&pair->feed_ctrls);
	v4l2_ctrl_handler_free(&pair->camera_ctrls);
	kvfree(pair->mask);
	kvfree(pair->spans);
	kfree(pair);
	if (atomic_dec_and_test(&pairs))
		wake_up_var(&pairs);
}

/* All files are closed, and their nodes gone. */
static void pair_release(struct v4l2_device *v4l2)
{
	struct scrim_pair *pair = container_of(v4l2, struct scrim_pair, v4l2);

	/* Since 6.8 a queue has memory even when its last buffer is freed. */
	mutex_lock(&pair->feed_lock);
	vb2_queue_release(&pair->feed_queue);
	mutex_unlock(&pair->feed_lock);
	pair_free(pair);
}

static int shutter_set(struct v4l2_ctrl *ctrl)
{
	struct scrim_pair *pair = ctrl->priv;

	scrim_pair_shut(pair, ctrl->handler == &pair->feed_ctrls ? SCRIM_SHUTTER_FEED :
								   SCRIM_SHUTTER_CAPTURE,
			ctrl->val);
	return 0;
}

static const struct v4l2_ctrl_ops shutter_ops = {
	.s_ctrl = shutter_set,
};

static int shutter_init(struct scrim_pair *pair, struct v4l2_ctrl_handler *handler)
{
	struct v4l2_ctrl *ctrl;

	v4l2_ctrl_handler_init(handler, 1);
	ctrl = v4l2_ctrl_new_std(handler, &shutter_ops, V4L2_CID_PRIVACY, 0, 1, 1, 0);
	if (ctrl)
		ctrl->priv = pair;
	return handler->error;
}

/* Each node has a shutter of its own; what the real camera has, they share. */
static int controls_init(struct scrim_pair *pair)
{
	int ret;

	ret = scrim_controls_init(&pair->camera_ctrls, &pair->config.controls);
	if (!ret)
		ret = shutter_init(pair, &pair->feed_ctrls);
	if (!ret)
		ret = shutter_init(pair, &pair->capture_ctrls);
	if (!ret)
		ret = v4l2_ctrl_add_handler(&pair->feed_ctrls, &pair->camera_ctrls, NULL, false);
	if (!ret)
		ret = v4l2_ctrl_add_handler(&pair->capture_ctrls, &pair->camera_ctrls, NULL, false);
	return ret;
}

/* The feed first: it gets index 0 below the device, which is how udev tells them apart. */
static int nodes_register(struct scrim_pair *pair)
{
	int ret;

	ret = video_register_device(&pair->feed, VFL_TYPE_VIDEO, -1);
	if (ret)
		return ret;
	ret = video_register_device(&pair->capture, VFL_TYPE_VIDEO, -1);
	if (ret)
		goto unregister_feed;
	return 0;

unregister_feed:
	video_unregister_device(&pair->feed);
	return ret;
}

/*
 * No picture passes any more, and whoever waits for one is told.  Nothing is waited for
 * here but a picture in flight: a process that stalls in a call of either node must not be
 * able to stall the administrator.  Queues go with their files.  May be called again.
 */
void scrim_pair_end(struct scrim_pair *pair)
{
	struct scrim_reader *reader;

	mutex_lock(&pair->lock);
	pair->gone = true;
	scrim_cut(pair);
	list_for_each_entry(reader, &pair->readers, entry)
		vb2_queue_error(&reader->queue);
	mutex_unlock(&pair->lock);
	vb2_queue_error(&pair->feed_queue);
	cancel_delayed_work_sync(&pair->clock);
}

static struct scrim_pair *pair_alloc(const struct scrim_config *config)
{
	struct scrim_pair *pair = kzalloc(sizeof(*pair), GFP_KERNEL);

	if (!pair)
		return NULL;
	atomic_inc(&pairs);
	pair->config = *config;
	pair->format = config->format;
	pair->interval = config->interval;
	pair->feed_budget.limit = config->bytes;
	mutex_init(&pair->feed_lock);
	mutex_init(&pair->owner_lock);
	mutex_init(&pair->lock);
	INIT_LIST_HEAD(&pair->passed);
	INIT_LIST_HEAD(&pair->readers);
	INIT_LIST_HEAD(&pair->watching);
	INIT_DELAYED_WORK(&pair->clock, scrim_clock);
	scrim_exports_init(pair);
	v4l2_prio_init(&pair->feed_prio);
	return pair;
}

/* Takes *spans.  ERR_PTR. */
struct scrim_pair *scrim_pair_plug(struct device *dev, const struct scrim_config *config,
				   struct scrim_spans **spans, bool shut)
{
	struct scrim_pair *pair = pair_alloc(config);
	int ret;

	if (!pair)
		return ERR_PTR(-ENOMEM);
	pair->shut = shut ? SCRIM_SHUTTER_ADMIN : 0;
	ret = controls_init(pair);
	if (ret)
		goto free_pair;
	ret = scrim_pair_mask(pair, spans);
	if (ret)
		goto free_pair;
	ret = scrim_output_init(pair);
	if (ret)
		goto free_pair;
	scrim_capture_init(pair);

	snprintf(pair->bus_info, sizeof(pair->bus_info), "platform:%s", dev_name(dev));
	pair->v4l2.release = pair_release;
	ret = v4l2_device_register(dev, &pair->v4l2);
	if (ret)
		goto free_pair;
	ret = nodes_register(pair);
	if (ret)
		goto unregister_v4l2;
	return pair;

unregister_v4l2:
	scrim_pair_end(pair);		/* a node may have been opened while there was one */
	v4l2_device_unregister(&pair->v4l2);
	v4l2_device_put(&pair->v4l2);	/* pair_release() does the rest */
	return ERR_PTR(ret);
free_pair:
	pair_free(pair);
	return ERR_PTR(ret);
}

void scrim_pair_pull(struct scrim_pair *pair)
{
	video_unregister_device(&pair->capture);
	video_unregister_device(&pair->feed);
	scrim_pair_end(pair);	/* STREAMOFF may have undone what the queues were told */
	v4l2_device_unregister(&pair->v4l2);
	v4l2_device_put(&pair->v4l2);
}

/* Takes *spans.  When memory is short the old mask stays; nothing is ever uncovered by it. */
int scrim_pair_mask(struct scrim_pair *pair, struct scrim_spans **spans)
{
	struct scrim_mask *mask;
	int ret = 0;

	mutex_lock(&pair->lock);
	mask = scrim_mask_build(*spans, pair->format.width, pair->format.height);
	if (IS_ERR(mask)) {
		ret = PTR_ERR(mask);
		goto unlock;
	}
	kvfree(pair->mask);
	pair->mask = mask;
	kvfree(pair->spans);
	pair->spans = *spans;
	*spans = NULL;
	scrim_cut(pair);
unlock:
	mutex_unlock(&pair->lock);
	return ret;
}

/* Readers that hold buffers keep their format, and get black. */
int scrim_pair_format(struct scrim_pair *pair, const struct scrim_format *format)
{
	static const struct v4l2_event change = {
		.type = V4L2_EVENT_SOURCE_CHANGE,
		.u.src_change.changes = V4L2_EVENT_SRC_CH_RESOLUTION,
	};
	struct scrim_mask *mask;

	lockdep_assert_held(&pair->lock);

	if (scrim_format_same(format, &pair->format))
		return 0;
	mask = scrim_mask_build(pair->spans, format->width, format->height);
	if (IS_ERR(mask))
		return PTR_ERR(mask);
	kvfree(pair->mask);
	pair->mask = mask;
	pair->format = *format;
	scrim_cut(pair);
	if (video_is_registered(&pair->capture))	/* the feed is there before it */
		v4l2_event_queue(&pair->capture, &change);
	return 0;
}

void scrim_pair_shut(struct scrim_pair *pair, enum scrim_shutter which, bool shut)
{
	mutex_lock(&pair->lock);
	if (shut) {
		pair->shut |= which;
		scrim_cut(pair);
	} else {
		pair->shut &= ~which;
	}
	mutex_unlock(&pair->lock);
}

void scrim_readers_event(struct scrim_pair *pair, const struct scrim_reader *reader,
			 struct v4l2_event *event)
{
	struct scrim_event_readers *data = (void *)event->u.data;

	lockdep_assert_held(&pair->lock);
	memset(event, 0, sizeof(*event));
	event->type = SCRIM_EVENT_READERS;
	data->readers = pair->watchers;
	if (reader) {
		data->pid = pid_nr(reader->owner);
		data->uid = from_kuid_munged(&init_user_ns, reader->uid);
	}
}

/* Tells the feeder that the reader came or went. */
void scrim_pair_announce(struct scrim_pair *pair, const struct scrim_reader *reader)
{
	struct v4l2_event event;

	scrim_readers_event(pair, reader, &event);
	v4l2_event_queue(&pair->feed, &event);
}
