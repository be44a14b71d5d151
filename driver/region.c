// SPDX-License-Identifier: GPL-2.0
/*
 * Locked regions: directories below that of their camera, so they outlive the feeder, the
 * nodes and an unbind.  What a write to `spans` says is in force when it returns.
 */
#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "camera.h"
#include "uapi/linux/scrim.h"

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
struct scrim_spans *scrim_camera_spans(struct scrim_camera *camera)
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
	spans = scrim_camera_spans(camera);
	if (IS_ERR(spans))
		return PTR_ERR(spans);
	ret = scrim_pair_mask(camera->pair, &spans);
	kvfree(spans);
	return ret;
}

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

	if (scrim_parse_pair(page, 'x', &width, &height) || !width || !height ||
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

const struct config_item_type scrim_regions_type = {
	.ct_group_ops	= &regions_group_ops,
	.ct_owner	= THIS_MODULE,
};
