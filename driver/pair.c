// SPDX-License-Identifier: GPL-2.0
/*
 * A live camera is two nodes under one device, and a topology that says so.
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
	v4l2_ctrl_handler_free(&pair->capture_ctrls);
	v4l2_ctrl_handler_free(&pair->feed_ctrls);
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
	media_device_cleanup(&pair->media);
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

/* video_register_device() keeps to itself that there was no memory for the graph. */
static bool in_graph(const struct video_device *node)
{
	return node->entity.graph_obj.mdev && node->intf_devnode;
}

/* The last file of the media device is closed. */
static void media_release(struct media_devnode *devnode)
{
	struct scrim_pair *pair = dev_get_drvdata(&devnode->dev);

	v4l2_device_put(&pair->v4l2);
}

/*
 * The media core lets a call of /dev/mediaN use its media_device, which is in the pair, after it
 * was unregistered, for as long as the caller's memory takes to fault; so its files hold
 * the pair as those of the nodes do.
 */
static int graph_register(struct scrim_pair *pair)
{
	struct media_devnode *devnode;
	int ret = media_device_register(&pair->media);

	if (ret)
		return ret;
	devnode = pair->media.devnode;
	v4l2_device_get(&pair->v4l2);
	dev_set_drvdata(&devnode->dev, pair);
	devnode->release = media_release;
	return 0;
}

/* feed ==> stage ==> capture, for good. */
static int stage_init(struct scrim_pair *pair)
{
	const u32 fixed = MEDIA_LNK_FL_IMMUTABLE | MEDIA_LNK_FL_ENABLED;
	int ret;

	pair->feed_pad.flags = MEDIA_PAD_FL_SOURCE;
	ret = media_entity_pads_init(&pair->feed.entity, 1, &pair->feed_pad);
	if (ret)
		return ret;
	pair->capture_pad.flags = MEDIA_PAD_FL_SINK;
	ret = media_entity_pads_init(&pair->capture.entity, 1, &pair->capture_pad);
	if (ret)
		return ret;

	pair->stage.name = "scrim";
	pair->stage.function = MEDIA_ENT_F_PROC_VIDEO_COMPOSER;
	pair->stage_pads[0].flags = MEDIA_PAD_FL_SINK;
	pair->stage_pads[1].flags = MEDIA_PAD_FL_SOURCE;
	ret = media_entity_pads_init(&pair->stage, 2, pair->stage_pads);
	if (ret)
		return ret;
	if (!in_graph(&pair->feed) || !in_graph(&pair->capture))
		return -ENOMEM;
	ret = media_device_register_entity(&pair->media, &pair->stage);
	if (ret)
		return ret;
	ret = media_create_pad_link(&pair->feed.entity, 0, &pair->stage, 0, fixed);
	if (ret)
		return ret;
	return media_create_pad_link(&pair->stage, 1, &pair->capture.entity, 0, fixed);
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
	ret = stage_init(pair);
	if (ret)
		goto unregister_capture;
	ret = graph_register(pair);
	if (ret)
		goto unregister_stage;
	return 0;

unregister_stage:
	media_device_unregister_entity(&pair->stage);
unregister_capture:
	video_unregister_device(&pair->capture);
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
	ret = shutter_init(pair, &pair->feed_ctrls);
	if (ret)
		goto free_pair;
	ret = shutter_init(pair, &pair->capture_ctrls);
	if (ret)
		goto free_pair;
	ret = scrim_pair_mask(pair, spans);
	if (ret)
		goto free_pair;
	ret = scrim_output_init(pair);
	if (ret)
		goto free_pair;
	scrim_capture_init(pair);

	pair->media.dev = dev;
	strscpy(pair->media.driver_name, "scrim", sizeof(pair->media.driver_name));
	strscpy(pair->media.model, config->label, sizeof(pair->media.model));
	snprintf(pair->media.bus_info, sizeof(pair->media.bus_info), "platform:%s", dev_name(dev));
	media_device_init(&pair->media);
	pair->v4l2.mdev = &pair->media;
	pair->v4l2.release = pair_release;
	ret = v4l2_device_register(dev, &pair->v4l2);
	if (ret)
		goto cleanup_media;
	ret = nodes_register(pair);
	if (ret)
		goto unregister_v4l2;
	return pair;

unregister_v4l2:
	scrim_pair_end(pair);		/* a node may have been opened while there was one */
	v4l2_device_unregister(&pair->v4l2);
	v4l2_device_put(&pair->v4l2);	/* pair_release() does the rest */
	return ERR_PTR(ret);
cleanup_media:
	media_device_cleanup(&pair->media);
free_pair:
	pair_free(pair);
	return ERR_PTR(ret);
}

void scrim_pair_pull(struct scrim_pair *pair)
{
	media_device_unregister(&pair->media);
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
