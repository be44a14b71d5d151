// SPDX-License-Identifier: GPL-2.0
/*
 * A camera is a directory of configfs: what the administrator asked for, and the regions
 * that are locked.  While `live`, there is a platform device for it, whose probe plugs a pair of nodes.
 *
 * Regions belong to the directory, so they outlive the feeder, the nodes and an unbind.
 */
#include <linux/configfs.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "camera.h"
#include "pair.h"
#include "uapi/linux/scrim.h"

/*
 * Lock order, outermost first:
 *
 *	live_lock			what can only change while the camera is not live
 *	the platform device's own lock	probe and removal, also by way of sysfs
 *	lock				regions, shut, pair
 *	pair->lock			see pair.h
 */
struct scrim_camera {
	struct config_group group, regions_group;
	struct mutex live_lock;
	struct platform_device *device;	/* while live */
	struct scrim_config config;

	struct mutex lock;
	struct scrim_pair *pair;	/* while a driver is bound to device */
	struct list_head regions;
	u32 spans;			/* in all regions */
	bool shut;
};

/* Under the lock of its camera. */
struct scrim_region {
	struct config_item item;
	struct list_head entry;
	u16 width, height;		/* what spans are measured in */
	u32 count;
	struct scrim_span *spans;
};

static struct scrim_camera *to_camera(struct config_item *item)
{
	return container_of(to_config_group(item), struct scrim_camera, group);
}

static struct scrim_region *to_region(struct config_item *item)
{
	return container_of(item, struct scrim_region, item);
}

/* Good while the region is linked below, which configfs sees to. */
static struct scrim_camera *region_camera(struct scrim_region *region)
{
	return to_camera(region->item.ci_parent->ci_parent);
}

/* All spans of all regions; NULL when there are none; ERR_PTR(-ENOMEM). */
static struct scrim_spans *camera_spans(struct scrim_camera *camera)
{
	struct scrim_region *region;
	struct scrim_spans *all;

	lockdep_assert_held(&camera->lock);

	if (!camera->spans)
		return NULL;
	all = kvzalloc(struct_size(all, at, camera->spans), GFP_KERNEL);
	if (!all)
		return ERR_PTR(-ENOMEM);
	list_for_each_entry(region, &camera->regions, entry) {
		memcpy(all->at + all->count, region->spans,
		       region->count * sizeof(*region->spans));
		all->count += region->count;
	}
	return all;
}

/* Puts the regions into force. */
static int camera_mask(struct scrim_camera *camera)
{
	struct scrim_spans *spans;
	int ret;

	lockdep_assert_held(&camera->lock);

	if (!camera->pair)
		return 0;
	spans = camera_spans(camera);
	if (IS_ERR(spans))
		return PTR_ERR(spans);
	ret = scrim_pair_mask(camera->pair, &spans);
	kvfree(spans);
	return ret;
}

/* The platform device */

static void camera_pull(void *data)
{
	struct scrim_camera *camera = data;
	struct scrim_pair *pair;

	mutex_lock(&camera->lock);
	pair = camera->pair;
	camera->pair = NULL;
	mutex_unlock(&camera->lock);
	scrim_pair_pull(pair);
}

static int camera_probe(struct platform_device *device)
{
	struct scrim_camera **data = dev_get_platdata(&device->dev), *camera;
	struct scrim_spans *spans;
	struct scrim_pair *pair;

	if (!data)
		return -ENODEV;
	camera = *data;
	mutex_lock(&camera->lock);
	spans = camera_spans(camera);
	if (IS_ERR(spans)) {
		mutex_unlock(&camera->lock);
		return PTR_ERR(spans);
	}
	pair = scrim_pair_plug(&device->dev, &camera->config, &spans, camera->shut);
	if (!IS_ERR(pair))
		camera->pair = pair;
	mutex_unlock(&camera->lock);
	kvfree(spans);
	if (IS_ERR(pair))
		return PTR_ERR(pair);
	return devm_add_action_or_reset(&device->dev, camera_pull, camera);
}

static struct platform_driver camera_driver = {
	.probe	= camera_probe,
	.driver	= {
		.name		= "scrim",
		.probe_type	= PROBE_FORCE_SYNCHRONOUS,
	},
};

static int camera_start(struct scrim_camera *camera)
{
	struct platform_device_info info = {
		.name = "scrim",
		.id = PLATFORM_DEVID_AUTO,
		.data = &camera,
		.size_data = sizeof(camera),
	};
	struct platform_device *device;

	lockdep_assert_held(&camera->live_lock);
	if (camera->device)
		return 0;
	device = platform_device_register_full(&info);
	if (IS_ERR(device))
		return PTR_ERR(device);
	/* Registering says nothing of how the probe went. */
	if (!READ_ONCE(camera->pair)) {
		platform_device_unregister(device);
		return -ENXIO;
	}
	camera->device = device;
	return 0;
}

static void camera_stop(struct scrim_camera *camera)
{
	lockdep_assert_held(&camera->live_lock);
	platform_device_unregister(camera->device);
	camera->device = NULL;
}

/* Attributes of a camera */

static ssize_t camera_live_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", !!READ_ONCE(to_camera(item)->device));
}

static ssize_t camera_live_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_camera *camera = to_camera(item);
	bool live;
	int ret;

	ret = kstrtobool(page, &live);
	if (ret)
		return ret;
	mutex_lock(&camera->live_lock);
	if (live)
		ret = camera_start(camera);
	else
		camera_stop(camera);
	mutex_unlock(&camera->live_lock);
	return ret ?: count;
}

/* Copies what was set aside, unless the camera is live. */
static ssize_t camera_set(struct scrim_camera *camera, void *to, const void *from, size_t size,
			  ssize_t count)
{
	mutex_lock(&camera->live_lock);
	if (camera->device)
		count = -EBUSY;
	else
		memcpy(to, from, size);
	mutex_unlock(&camera->live_lock);
	return count;
}

static ssize_t camera_feeder_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", from_kuid_munged(current_user_ns(),
							 to_camera(item)->config.feeder));
}

static ssize_t camera_feeder_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_camera *camera = to_camera(item);
	kuid_t feeder;
	u32 id;

	if (kstrtou32(page, 10, &id))
		return -EINVAL;
	feeder = make_kuid(current_user_ns(), id);
	if (!uid_valid(feeder))
		return -EINVAL;
	return camera_set(camera, &camera->config.feeder, &feeder, sizeof(feeder), count);
}

static ssize_t camera_label_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", to_camera(item)->config.label);
}

static ssize_t camera_label_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_camera *camera = to_camera(item);
	char label[SCRIM_LABEL] = "";
	size_t length = strcspn(page, "\n");
	size_t i;

	if (!length || length >= sizeof(label))
		return -EINVAL;
	for (i = 0; i < length; i++)
		if ((u8)page[i] < ' ' || page[i] == 0x7f)
			return -EINVAL;
	memcpy(label, page, length);
	return camera_set(camera, camera->config.label, label, sizeof(label), count);
}

static ssize_t camera_format_show(struct config_item *item, char *page)
{
	u32 fourcc = to_camera(item)->config.format.pixels->fourcc;

	return sysfs_emit(page, "%.4s\n", (const char *)&fourcc);
}

static ssize_t camera_reformat(struct scrim_camera *camera, u32 fourcc, u32 width, u32 height,
			       ssize_t count)
{
	struct v4l2_pix_format pix = { 0 };
	struct scrim_format format;

	mutex_lock(&camera->live_lock);
	scrim_format_show(&camera->config.format, &pix);
	pix.colorspace = V4L2_COLORSPACE_DEFAULT;
	if (fourcc)
		pix.pixelformat = fourcc;
	if (width) {
		pix.width = width;
		pix.height = height;
	}
	scrim_format_try(&format, &pix, false);
	if (camera->device)
		count = -EBUSY;
	else if (width && (format.width != width || format.height != height))
		count = -EINVAL;
	else
		camera->config.format = format;
	mutex_unlock(&camera->live_lock);
	return count;
}

static ssize_t camera_format_store(struct config_item *item, const char *page, size_t count)
{
	u32 fourcc;

	if (strcspn(page, "\n") != 4)
		return -EINVAL;
	fourcc = v4l2_fourcc(page[0], page[1], page[2], page[3]);
	if (!scrim_pixels_find(fourcc))
		return -EINVAL;
	return camera_reformat(to_camera(item), fourcc, 0, 0, count);
}

static ssize_t camera_size_show(struct config_item *item, char *page)
{
	const struct scrim_format *format = &to_camera(item)->config.format;

	return sysfs_emit(page, "%ux%u\n", format->width, format->height);
}

/* Two numbers with something between them, and nothing else. */
static int parse_pair(const char *page, char between, u32 *first, u32 *second)
{
	char copy[32], *split;

	if (strscpy(copy, page, sizeof(copy)) < 0)
		return -EINVAL;
	split = strchr(copy, between);
	if (!split)
		return -EINVAL;
	*split++ = '\0';
	if (kstrtou32(copy, 10, first) || kstrtou32(split, 10, second))
		return -EINVAL;
	return 0;
}

static ssize_t camera_size_store(struct config_item *item, const char *page, size_t count)
{
	u32 width, height;

	if (parse_pair(page, 'x', &width, &height) || !width)
		return -EINVAL;
	return camera_reformat(to_camera(item), 0, width, height, count);
}

static ssize_t camera_rate_show(struct config_item *item, char *page)
{
	const struct v4l2_fract *interval = &to_camera(item)->config.interval;

	return sysfs_emit(page, "%u/%u\n", interval->denominator, interval->numerator);
}

static ssize_t camera_rate_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_camera *camera = to_camera(item);
	struct v4l2_fract interval;

	if (parse_pair(page, '/', &interval.denominator, &interval.numerator)) {
		interval.numerator = 1;
		if (kstrtou32(page, 10, &interval.denominator))
			return -EINVAL;
	}
	if (!interval.numerator || interval.denominator < interval.numerator ||
	    interval.denominator > (u64)interval.numerator * SCRIM_RATE_MAX)
		return -EINVAL;
	return camera_set(camera, &camera->config.interval, &interval, sizeof(interval), count);
}

static ssize_t camera_readers_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", to_camera(item)->config.readers);
}

static ssize_t camera_readers_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_camera *camera = to_camera(item);
	unsigned int readers;

	if (kstrtouint(page, 10, &readers) || !readers || readers > SCRIM_READERS_MAX)
		return -EINVAL;
	return camera_set(camera, &camera->config.readers, &readers, sizeof(readers), count);
}

static ssize_t camera_bytes_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%zu\n", to_camera(item)->config.bytes);
}

static ssize_t camera_bytes_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_camera *camera = to_camera(item);
	unsigned long bytes;
	size_t size;

	if (kstrtoul(page, 10, &bytes))
		return -EINVAL;
	size = bytes;
	return camera_set(camera, &camera->config.bytes, &size, sizeof(size), count);
}

static ssize_t camera_privacy_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", READ_ONCE(to_camera(item)->shut));
}

static ssize_t camera_privacy_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_camera *camera = to_camera(item);
	bool shut;

	if (kstrtobool(page, &shut))
		return -EINVAL;
	mutex_lock(&camera->lock);
	camera->shut = shut;
	if (camera->pair)
		scrim_pair_shut(camera->pair, SCRIM_SHUTTER_ADMIN, shut);
	mutex_unlock(&camera->lock);
	return count;
}

static ssize_t node_show(struct scrim_camera *camera, bool feed, char *page)
{
	ssize_t length = 0;

	mutex_lock(&camera->lock);
	if (camera->pair)
		length = sysfs_emit(page, "%s\n",
				    video_device_node_name(feed ? &camera->pair->feed :
								  &camera->pair->capture));
	mutex_unlock(&camera->lock);
	return length;
}

static ssize_t camera_feed_show(struct config_item *item, char *page)
{
	return node_show(to_camera(item), true, page);
}

static ssize_t camera_capture_show(struct config_item *item, char *page)
{
	return node_show(to_camera(item), false, page);
}

static ssize_t camera_stats_show(struct config_item *item, char *page)
{
	struct scrim_camera *camera = to_camera(item);
	struct scrim_stats stats = { 0 };
	unsigned int readers = 0;

	mutex_lock(&camera->lock);
	if (camera->pair) {
		mutex_lock(&camera->pair->lock);
		stats = camera->pair->stats;
		readers = camera->pair->watchers;
		mutex_unlock(&camera->pair->lock);
	}
	mutex_unlock(&camera->lock);
	return sysfs_emit(page, "frames %llu\ndelivered %llu\nblack %llu\ndropped %llu\nreaders %u\n",
			  stats.frames, stats.delivered, stats.black, stats.dropped, readers);
}

CONFIGFS_ATTR(camera_, live);
CONFIGFS_ATTR(camera_, feeder);
CONFIGFS_ATTR(camera_, label);
CONFIGFS_ATTR(camera_, format);
CONFIGFS_ATTR(camera_, size);
CONFIGFS_ATTR(camera_, rate);
CONFIGFS_ATTR(camera_, readers);
CONFIGFS_ATTR(camera_, bytes);
CONFIGFS_ATTR(camera_, privacy);
CONFIGFS_ATTR_RO(camera_, feed);
CONFIGFS_ATTR_RO(camera_, capture);
CONFIGFS_ATTR_RO(camera_, stats);

static struct configfs_attribute *camera_attrs[] = {
	&camera_attr_live,
	&camera_attr_feeder,
	&camera_attr_label,
	&camera_attr_format,
	&camera_attr_size,
	&camera_attr_rate,
	&camera_attr_readers,
	&camera_attr_bytes,
	&camera_attr_privacy,
	&camera_attr_feed,
	&camera_attr_capture,
	&camera_attr_stats,
	NULL
};

static void camera_release(struct config_item *item)
{
	struct scrim_camera *camera = to_camera(item);

	mutex_destroy(&camera->lock);
	mutex_destroy(&camera->live_lock);
	kfree(camera);
}

static struct configfs_item_operations camera_item_ops = {
	.release = camera_release,
};

static const struct config_item_type camera_type = {
	.ct_item_ops	= &camera_item_ops,
	.ct_attrs	= camera_attrs,
	.ct_owner	= THIS_MODULE,
};

/* Attributes of a region */

static ssize_t region_size_show(struct config_item *item, char *page)
{
	struct scrim_region *region = to_region(item);

	return sysfs_emit(page, "%ux%u\n", region->width, region->height);
}

static ssize_t region_size_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_region *region = to_region(item);
	struct scrim_camera *camera = region_camera(region);
	u32 width, height;

	if (parse_pair(page, 'x', &width, &height) || !width || !height ||
	    width > SCRIM_SIZE_MAX || height > SCRIM_SIZE_MAX)
		return -EINVAL;
	mutex_lock(&camera->lock);
	if (region->count) {
		count = -EBUSY;
	} else {
		region->width = width;
		region->height = height;
	}
	mutex_unlock(&camera->lock);
	return count;
}

static ssize_t region_spans_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", READ_ONCE(to_region(item)->count));
}

/* More is covered, or, when something is wrong, what was. */
static int region_append(struct scrim_region *region, const char *text, size_t length, size_t *used)
{
	struct scrim_camera *camera = region_camera(region);
	struct scrim_span *old = region->spans, *grown;
	u32 had = region->count;
	int count, ret;

	lockdep_assert_held(&camera->lock);

	count = scrim_spans_parse(text, length, region->width, region->height, NULL, used);
	if (count < 0)
		return count;
	if (count > SCRIM_SPANS_MAX - camera->spans)
		return -ENOSPC;
	grown = kvmalloc_array(had + count, sizeof(*grown), GFP_KERNEL);
	if (!grown)
		return -ENOMEM;
	if (had)
		memcpy(grown, old, had * sizeof(*old));
	scrim_spans_parse(text, length, region->width, region->height, grown + had, used);
	region->spans = grown;
	region->count += count;
	camera->spans += count;
	ret = camera_mask(camera);
	if (ret)
		goto ungrow;
	kvfree(old);
	return 0;

ungrow:
	camera->spans -= count;
	region->count = had;
	region->spans = old;
	kvfree(grown);
	return ret;
}

static ssize_t region_spans_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_region *region = to_region(item);
	struct scrim_camera *camera = region_camera(region);
	size_t used = 0;
	int ret;

	mutex_lock(&camera->lock);
	ret = region_append(region, page, count, &used);
	mutex_unlock(&camera->lock);
	return ret ?: used;
}

CONFIGFS_ATTR(region_, size);
CONFIGFS_ATTR(region_, spans);

static struct configfs_attribute *region_attrs[] = {
	&region_attr_size,
	&region_attr_spans,
	NULL
};

static void region_release(struct config_item *item)
{
	struct scrim_region *region = to_region(item);

	kvfree(region->spans);
	kfree(region);
}

static struct configfs_item_operations region_item_ops = {
	.release = region_release,
};

static const struct config_item_type region_type = {
	.ct_item_ops	= &region_item_ops,
	.ct_attrs	= region_attrs,
	.ct_owner	= THIS_MODULE,
};

static struct config_item *region_make(struct config_group *group, const char *name)
{
	struct scrim_camera *camera = to_camera(group->cg_item.ci_parent);
	struct scrim_region *region = kzalloc(sizeof(*region), GFP_KERNEL);

	if (!region)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&camera->live_lock);
	region->width = camera->config.format.width;
	region->height = camera->config.format.height;
	mutex_unlock(&camera->live_lock);
	config_item_init_type_name(&region->item, name, &region_type);
	mutex_lock(&camera->lock);
	list_add_tail(&region->entry, &camera->regions);
	mutex_unlock(&camera->lock);
	return &region->item;
}

static void region_drop(struct config_group *group, struct config_item *item)
{
	struct scrim_camera *camera = to_camera(group->cg_item.ci_parent);
	struct scrim_region *region = to_region(item);

	mutex_lock(&camera->lock);
	list_del(&region->entry);
	camera->spans -= region->count;
	camera_mask(camera);	/* on failure more stays covered than need be */
	mutex_unlock(&camera->lock);
	config_item_put(item);
}

static struct configfs_group_operations regions_group_ops = {
	.make_item	= region_make,
	.drop_item	= region_drop,
};

static const struct config_item_type regions_type = {
	.ct_group_ops	= &regions_group_ops,
	.ct_owner	= THIS_MODULE,
};

/* The directory of cameras */

static struct config_group *camera_make(struct config_group *group, const char *name)
{
	struct scrim_camera *camera = kzalloc(sizeof(*camera), GFP_KERNEL);
	struct v4l2_pix_format pix = {
		.width = 1280, .height = 720, .pixelformat = V4L2_PIX_FMT_YUYV,
	};

	if (!camera)
		return ERR_PTR(-ENOMEM);
	mutex_init(&camera->live_lock);
	mutex_init(&camera->lock);
	INIT_LIST_HEAD(&camera->regions);
	strscpy(camera->config.label, name, sizeof(camera->config.label));
	scrim_format_try(&camera->config.format, &pix, false);
	camera->config.feeder = GLOBAL_ROOT_UID;
	camera->config.interval = (struct v4l2_fract){ 1, 30 };
	camera->config.readers = 8;
	camera->config.bytes = 256 << 20;
	config_group_init_type_name(&camera->group, name, &camera_type);
	config_group_init_type_name(&camera->regions_group, "regions", &regions_type);
	configfs_add_default_group(&camera->regions_group, &camera->group);
	return &camera->group;
}

static void camera_drop(struct config_group *group, struct config_item *item)
{
	struct scrim_camera *camera = to_camera(item);

	mutex_lock(&camera->live_lock);
	camera_stop(camera);
	mutex_unlock(&camera->live_lock);
	config_item_put(item);
}

static struct configfs_group_operations cameras_group_ops = {
	.make_group	= camera_make,
	.drop_item	= camera_drop,
};

static const struct config_item_type cameras_type = {
	.ct_group_ops	= &cameras_group_ops,
	.ct_owner	= THIS_MODULE,
};

static struct configfs_subsystem cameras = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "scrim",
			.ci_type = &cameras_type,
		},
	},
};

/* For the simple case: modprobe scrim cameras=porch,yard feeder=998 */

static char *names[8];
static int names_count;
module_param_array_named(cameras, names, charp, &names_count, 0444);
MODULE_PARM_DESC(cameras, "Names of cameras that are live from the start");

static unsigned int feeder;
module_param(feeder, uint, 0444);
MODULE_PARM_DESC(feeder, "User id that may feed these (0)");

static struct config_group *made[ARRAY_SIZE(names)];

static void camera_unmake(struct config_group *group)
{
	configfs_unregister_group(group);
	camera_drop(&cameras.su_group, &group->cg_item);
}

static int camera_premake(const char *name, struct config_group **to)
{
	struct config_group *group = camera_make(&cameras.su_group, name);
	struct scrim_camera *camera;
	int ret;

	if (IS_ERR(group))
		return PTR_ERR(group);
	camera = to_camera(&group->cg_item);
	camera->config.feeder = make_kuid(&init_user_ns, feeder);
	ret = configfs_register_group(&cameras.su_group, group);
	if (ret)
		goto put_group;
	mutex_lock(&camera->live_lock);
	ret = uid_valid(camera->config.feeder) ? camera_start(camera) : -EINVAL;
	mutex_unlock(&camera->live_lock);
	if (ret)
		goto unregister_group;
	*to = group;
	return 0;

unregister_group:
	configfs_unregister_group(group);
put_group:
	config_group_put(group);
	return ret;
}

static void cameras_unmake(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(made); i++)
		if (made[i])
			camera_unmake(made[i]);
}

int scrim_cameras_init(void)
{
	int ret, i;

	config_group_init(&cameras.su_group);
	mutex_init(&cameras.su_mutex);
	ret = platform_driver_register(&camera_driver);
	if (ret)
		return ret;
	ret = configfs_register_subsystem(&cameras);
	if (ret)
		goto unregister_driver;
	for (i = 0; i < names_count; i++) {
		ret = camera_premake(names[i], &made[i]);
		if (ret)
			goto unmake_cameras;
	}
	return 0;

unmake_cameras:
	cameras_unmake();
	configfs_unregister_subsystem(&cameras);
unregister_driver:
	platform_driver_unregister(&camera_driver);
	return ret;
}

/* configfs holds the module while there is a directory that mkdir made. */
void scrim_cameras_exit(void)
{
	cameras_unmake();
	configfs_unregister_subsystem(&cameras);
	platform_driver_unregister(&camera_driver);
}
