// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/labels.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/terms.h"
#include "export/paper.h"
#include "export/quote.h"
#include "export/told.h"

/* A table */

static json_t *typed(const json_t *item, const char *key, bool (*is_type)(const json_t *))
{
	const json_t *value = told(item, key);

	return is_type(value) ? quote_json(value) : json_null();
}

static bool is_text(const json_t *json)
{
	return json_is_string(json);
}

static bool is_count(const json_t *json)
{
	return json_is_integer(json);
}

/* Whole seconds as well are a number with a point, or they would make another column of it. */
static json_t *seconds(const json_t *item)
{
	const json_t *value = told(item, "duration");

	return json_is_number(value) ? json_real(json_number_value(value)) : json_null();
}

json_t *labels_row(const json_t *item, const char *file_name)
{
	static const char *const texts[] = {
		"event_class", "origin", "event_id", "label_by", "source_class", "camera_pseudonym",
		"captured", "region", "codec", "sha256",
	};
	static const char *const counts[] = { "frames", "width", "height", "bytes" };
	json_t *row = json_object();

	if (file_name)
		json_object_set_new(row, "file_name", json_string(file_name));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_object_set_new(row, texts[i], typed(item, texts[i], is_text));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(row, counts[i], typed(item, counts[i], is_count));
	json_object_set_new(row, "duration", seconds(item));
	return row;
}

static char *table_text(const json_t *manifest)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < told_items(manifest); i++) {
		json_t *row = labels_row(told_item(manifest, i), told_file(told_item(manifest, i)));

		json_dumpf(row, out, PAPER_JSON);
		fputc('\n', out);
		json_decref(row);
	}
	return fclose(out) ? NULL : text;
}

/* Beside the clips, where the names in it are looked for. */
int labels_videofolder(int folder, const json_t *manifest, struct known_files *known,
		       struct scrim_error *err)
{
	int ret, fd = openat(folder, "items", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail(err, -errno, "cannot open items: %s", strerror(errno));
	ret = paper_put(fd, "items/metadata.jsonl", table_text(manifest), known, err);
	close(fd);
	return ret;
}

/* COCO */

/* Ids are those of the list of classes, so that bundles can be joined. */
static json_t *coco_categories(void)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < event_classes.count; i++)
		json_array_append_new(list, json_pack("{si ss ss}", "id", i + 1,
			"name", term_name(&event_classes, i), "supercategory", "event"));
	return list;
}

static json_t *coco_video(const json_t *item, json_int_t id)
{
	json_t *video = labels_row(item, told_text(item, "path"));

	json_object_set_new(video, "id", json_integer(id));
	json_object_set_new(video, "length", json_incref(json_object_get(video, "frames")));
	return video;
}

/* Readers that know no videos look for an image of each label: the clip stands for it. */
static json_t *coco_image(const json_t *item, json_int_t id)
{
	return json_pack("{sI ss so so sI}", "id", id, "file_name", told_text(item, "path"),
			 "width", typed(item, "width", is_count),
			 "height", typed(item, "height", is_count), "video_id", id);
}

/* It is of the whole clip: there is no box, since nobody drew one. */
static json_t *coco_annotation(const json_t *item, json_int_t id)
{
	int event = term_find(&event_classes, told_text(item, "event_class"));

	return json_pack("{sI sI sI si si s{ss}}", "id", id, "image_id", id, "video_id", id,
			 "category_id", event + 1, "iscrowd", 0,
			 "attributes", "origin", told_text(item, "origin"));
}

int labels_coco(int folder, const json_t *manifest, struct known_files *known,
		struct scrim_error *err)
{
	json_t *videos = json_array(), *images = json_array(), *annotations = json_array(), *json;

	for (size_t i = 0; i < told_items(manifest); i++) {
		const json_t *item = told_item(manifest, i);

		json_array_append_new(videos, coco_video(item, i + 1));
		json_array_append_new(images, coco_image(item, i + 1));
		json_array_append_new(annotations, coco_annotation(item, i + 1));
	}
	json = json_pack("{s{ss ss} s[] so so so so}",
		"info", "description", told_text(manifest, "bundle.purpose"),
		"date_created", told_text(manifest, "bundle.created"), "licenses",
		"videos", videos, "images", images, "annotations", annotations,
		"categories", coco_categories());
	return paper_put(folder, "annotations.json", paper_json(json), known, err);
}

/* Label Studio */

static json_t *choice(const char *name, const char *value)
{
	return json_pack("{ss ss ss s{s[s]}}", "from_name", name, "to_name", "video",
			 "type", "choices", "value", "choices", value);
}

/* What is known already is shown, and is for who labels to correct. */
static json_t *task(const json_t *item, json_int_t id)
{
	json_t *data = labels_row(item, NULL);

	json_object_set_new(data, "video",
			    json_sprintf("/data/local-files/?d=%s", told_text(item, "path")));
	return json_pack("{sI so s[{ss s[oo]}]}", "id", id, "data", data, "predictions",
		"model_version", "manifest", "result",
		choice("event_class", told_text(item, "event_class")),
		choice("origin", told_text(item, "origin")));
}

static void put_choices(FILE *out, const char *name, const struct terms *terms, uint32_t set)
{
	fprintf(out, "  <Choices name=\"%s\" toName=\"video\" choice=\"single\">\n", name);
	for (unsigned i = 0; i < terms->count; i++)
		if (set & term_bit(i))
			fprintf(out, "    <Choice value=\"%s\"/>\n", term_name(terms, i));
	fputs("  </Choices>\n", out);
}

/* The configuration that the tasks are for. */
static char *labels_text(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs("<View>\n  <Video name=\"video\" value=\"$video\"/>\n", out);
	put_choices(out, "event_class", &event_classes, UINT32_MAX);
	put_choices(out, "origin", &origins, term_bit(ORIGIN_REAL) | term_bit(ORIGIN_STAGED));
	fputs("</View>\n", out);
	return fclose(out) ? NULL : text;
}

int labels_labelstudio(int folder, const json_t *manifest, struct known_files *known,
		       struct scrim_error *err)
{
	json_t *tasks = json_array();
	int ret;

	for (size_t i = 0; i < told_items(manifest); i++)
		json_array_append_new(tasks, task(told_item(manifest, i), i + 1));
	ret = paper_put(folder, "tasks.json", paper_json(tasks), known, err);
	return ret < 0 ? ret : paper_put(folder, "labels.xml", labels_text(), known, err);
}
