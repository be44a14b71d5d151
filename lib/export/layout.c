// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/layout.h"

#include <stdio.h>
#include <string.h>

#include "consent/terms.h"
#include "export/labels.h"
#include "export/shards.h"
#include "export/told.h"

static const char *const layouts[] = {
	[LAYOUT_VIDEOFOLDER] = "videofolder",
	[LAYOUT_WEBDATASET] = "webdataset",
	[LAYOUT_COCO] = "coco",
	[LAYOUT_LABELSTUDIO] = "labelstudio",
};

int layout_find(const char *name)
{
	for (unsigned i = 0; i < LAYOUT_COUNT; i++)
		if (!strcmp(layouts[i], name))
			return i;
	return -1;
}

const char *layout_name(enum layout layout)
{
	return layouts[layout];
}

void item_name(char name[ITEM_NAME_MAX], unsigned event, unsigned origin, unsigned number)
{
	snprintf(name, ITEM_NAME_MAX, "%s-%s-%06u", term_name(&event_classes, event),
		 term_name(&origins, origin), number);
}

void layout_path(char path[LAYOUT_PATH_MAX], enum layout layout, const char *name,
		 const char *suffix)
{
	snprintf(path, LAYOUT_PATH_MAX, "%s/%.*s.%.8s",
		 layout == LAYOUT_WEBDATASET ? "shards" : "items", ITEM_NAME_MAX - 1, name, suffix);
}

/* Where a clip is a file of the bundle. */
static int know_clips(struct known_files *known, const json_t *manifest, struct scrim_error *err)
{
	int ret = 0;

	for (size_t i = 0; ret >= 0 && !told_shards(manifest) && i < told_items(manifest); i++) {
		const json_t *item = told_item(manifest, i);

		ret = known_add(known, told_text(item, "path"), told_text(item, "sha256"), err);
	}
	return ret;
}

int layout_write_shards(int folder, const json_t *manifest, enum layout layout, int64_t shard_bytes,
			struct known_files *known, struct scrim_error *err)
{
	int ret = told_check(manifest, err);

	if (ret < 0)
		return ret;
	if (told_shards(manifest) != (layout == LAYOUT_WEBDATASET))
		return fail(err, -EINVAL, "manifest: the paths of items are not those of a %s",
			    layouts[layout]);
	ret = know_clips(known, manifest, err);
	if (ret < 0)
		return ret;
	switch (layout) {
	case LAYOUT_VIDEOFOLDER:
		return labels_videofolder(folder, manifest, known, err);
	case LAYOUT_WEBDATASET:
		return shards_write(folder, manifest, shard_bytes, known, err);
	case LAYOUT_COCO:
		return labels_coco(folder, manifest, known, err);
	case LAYOUT_LABELSTUDIO:
		return labels_labelstudio(folder, manifest, known, err);
	case LAYOUT_COUNT:
		break;
	}
	return fail(err, -EINVAL, "there is no such layout");
}

int layout_write(int folder, const json_t *manifest, enum layout layout, struct scrim_error *err)
{
	struct known_files known = { 0 };
	int ret = layout_write_shards(folder, manifest, layout, LAYOUT_SHARD_BYTES, &known, err);

	known_free(&known);
	return ret;
}
