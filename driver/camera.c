// SPDX-License-Identifier: GPL-2.0
/*
 * A camera is a directory of configfs: what the administrator asked for.  While it is
 * `live`, there is a platform device for it, whose probe plugs a pair of nodes.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "camera.h"
#include "uapi/linux/scrim.h"

/* The platform device */

static void camera_pull(void *data)
{
	struct scrim_camera *camera = data;
	struct scrim_pair *pair;

	mutex_lock(&camera->lock);
	pair = camera->pair;
	scrim_pair_end(pair);	/* first: regions and shutters do not reach it after this */
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
	spans = scrim_camera_spans(camera);
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
int scrim_parse_pair(const char *page, char between, u32 *first, u32 *second)
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

	if (scrim_parse_pair(page, 'x', &width, &height) || !width)
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

	if (scrim_parse_pair(page, '/', &interval.denominator, &interval.numerator)) {
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

	if (kstrtoul(page, 10, &bytes) || !bytes)
		return -EINVAL;
	size = bytes;
	return camera_set(camera, &camera->config.bytes, &size, sizeof(size), count);
}

static ssize_t camera_controls_show(struct config_item *item, char *page)
{
	struct scrim_camera *camera = to_camera(item);
	ssize_t length;

	mutex_lock(&camera->live_lock);
	length = scrim_controls_show(&camera->config.controls, page);
	mutex_unlock(&camera->live_lock);
	return length;
}

static ssize_t camera_controls_store(struct config_item *item, const char *page, size_t count)
{
	struct scrim_camera *camera = to_camera(item);
	struct scrim_controls *controls = kmalloc(sizeof(*controls), GFP_KERNEL);
	ssize_t ret;

	if (!controls)
		return -ENOMEM;
	ret = scrim_controls_parse(controls, page, count);
	if (!ret)
		ret = camera_set(camera, &camera->config.controls, controls, sizeof(*controls),
				 count);
	kfree(controls);
	return ret;
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
	return sysfs_emit(page,
			  "frames %llu\ndelivered %llu\nblack %llu\ndropped %llu\nreaders %u\n",
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
CONFIGFS_ATTR(camera_, controls);
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
	&camera_attr_controls,
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
	config_group_init_type_name(&camera->regions_group, "regions", &scrim_regions_type);
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
