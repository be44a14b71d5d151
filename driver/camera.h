/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cameras as the administrator sees them: directories of configfs.
 */
#ifndef SCRIM_CAMERA_H
#define SCRIM_CAMERA_H

#include <linux/configfs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>

#include "pair.h"

/*
 * Lock order, outermost first:
 *
 *	live_lock			what can only change while the camera is not live
 *	the platform device's own lock	probe and removal, also by way of sysfs
 *	lock				regions, shut, pair
 *	pair->lock			see pair.h
 *
 * configfs calls make and drop with its own locks held, outside of all of these.
 */
struct scrim_camera {
	struct config_group group, regions_group;
	struct mutex live_lock;		/* see above */
	struct platform_device *device;	/* while live */
	struct scrim_config config;

	struct mutex lock;		/* of all that follows */
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

static inline struct scrim_camera *to_camera(struct config_item *item)
{
	return container_of(to_config_group(item), struct scrim_camera, group);
}

/* camera.c */
int scrim_cameras_init(void);
void scrim_cameras_exit(void);
int scrim_parse_pair(const char *page, char between, u32 *first, u32 *second);

/* region.c */
extern const struct config_item_type scrim_regions_type;
struct scrim_spans *scrim_camera_spans(struct scrim_camera *camera);

#endif
