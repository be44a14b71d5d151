/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How clips lie in a bundle, so that programs that train on them, or label them, read it as it
 * is.  Whatever the layout, it has a clip's class and whether that was real or staged.
 *
 *	videofolder	items/NAME.mp4 and items/metadata.jsonl
 *	webdataset	shards/clips-000000.tar and so on, of NAME.mp4 and NAME.json
 *	coco		items/NAME.mp4 and annotations.json
 *	labelstudio	items/NAME.mp4, tasks.json and labels.xml
 */
#ifndef EXPORT_LAYOUT_H
#define EXPORT_LAYOUT_H

#include <jansson.h>
#include <stdint.h>

#include "export/known.h"

enum layout {
	LAYOUT_VIDEOFOLDER, LAYOUT_WEBDATASET, LAYOUT_COCO, LAYOUT_LABELSTUDIO, LAYOUT_COUNT
};

#define ITEM_NAME_MAX		96
#define LAYOUT_PATH_MAX		128
#define LAYOUT_SHARD_BYTES	(1024ll << 20)

/* -1: there is no such layout. */
int layout_find(const char *name);
const char *layout_name(enum layout layout);

/*
 * A clip's name, "package-theft-staged-000012": its class, of event_classes, its origin, real or
 * staged, and its number in the bundle, from 1.
 */
void item_name(char name[ITEM_NAME_MAX], unsigned event, unsigned origin, unsigned number);

/*
 * For items[].path of the manifest, with suffix "mp4".  In a webdataset it is where the clip is
 * once the shards are unpacked beside themselves.
 */
void layout_path(char path[LAYOUT_PATH_MAX], enum layout layout, const char *name,
		 const char *suffix);

/*
 * Makes the layout of items/NAME.mp4, the clips of the manifest; a webdataset takes them away.
 * -EINVAL: the manifest's items are not of this layout, or one is named what it must not be;
 * nothing is written then.
 */
int layout_write(int folder, const json_t *manifest, enum layout layout, struct scrim_error *err);
/*
 * The same; a shard has at least one clip and no more bytes than this with another one.  Clips and
 * shards are added to known, as they have to be packed.
 */
int layout_write_shards(int folder, const json_t *manifest, enum layout layout, int64_t shard_bytes,
			struct known_files *known, struct scrim_error *err);

#endif
