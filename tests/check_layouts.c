// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever the layout of a bundle, it has each clip with its class and whether that was real or
 * staged.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle_case.h"

static struct scrim_error err;

struct label {
	char class[32], origin[32], file[LAYOUT_PATH_MAX];
};

static void label_set(struct label *l, const char *class, const char *origin, const char *file)
{
	snprintf(l->class, sizeof(l->class), "%s", class);
	snprintf(l->origin, sizeof(l->origin), "%s", origin);
	snprintf(l->file, sizeof(l->file), "%s", file);
}

static void videofolder_label(struct label *l, size_t i)
{
	const char *class, *origin, *file;
	char *text = bundle_text("items/metadata.jsonl"), *line = strtok(text, "\n");
	json_t *row;

	while (i--)
		line = strtok(NULL, "\n");
	row = json_loads(line, 0, NULL);
	ck_assert_int_eq(json_unpack(row, "{ss ss ss}", "event_class", &class, "origin", &origin,
				     "file_name", &file), 0);
	label_set(l, class, origin, file);
	json_decref(row);
	free(text);
}

static void coco_label(struct label *l, size_t i)
{
	json_t *coco = bundle_json("annotations.json"), *category;
	const char *class, *origin, *file;
	int id, image;

	ck_assert_int_eq(json_unpack(json_array_get(json_object_get(coco, "annotations"), i),
		"{si si s{ss}}", "category_id", &id, "image_id", &image, "attributes", "origin",
		&origin), 0);
	category = json_array_get(json_object_get(coco, "categories"), id - 1);
	ck_assert_int_eq(json_unpack(category, "{ss}", "name", &class), 0);
	ck_assert_int_eq(json_unpack(json_array_get(json_object_get(coco, "images"), image - 1),
				     "{ss}", "file_name", &file), 0);
	label_set(l, class, origin, file);
	json_decref(coco);
}

static void labelstudio_label(struct label *l, size_t i)
{
	json_t *tasks = bundle_json("tasks.json");
	const char *class, *origin, *file;

	ck_assert_int_eq(json_unpack(json_array_get(tasks, i),
		"{s{ss} s[{s[{s{s[s]}} {s{s[s]}}]}]}", "data", "video", &file,
		"predictions", "result", "value", "choices", &class,
		"value", "choices", &origin), 0);
	ck_assert(bundle_has("labels.xml", class) && bundle_has("labels.xml", origin));
	label_set(l, class, origin, file);
	json_decref(tasks);
}

/* The next file of a tar file at *at, whose header is returned; NULL: there is none. */
static const char *tar_next(const char **at, const char **bytes, size_t *size)
{
	const char *header = *at;

	if (!*header)
		return NULL;
	*size = strtoul(header + 124, NULL, 8);
	*bytes = header + 512;
	*at = *bytes + (*size + 511) / 512 * 512;
	return header;
}

static void webdataset_label(struct label *l, size_t i)
{
	char *tar = bundle_text("shards/clips-000000.tar");
	const char *at = tar, *bytes, *name = NULL, *class, *origin;
	json_t *row;
	size_t size;

	for (size_t n = 0; n < 2 * i + 1; n++)
		name = tar_next(&at, &bytes, &size);
	ck_assert_ptr_nonnull(tar_next(&at, &bytes, &size));
	row = json_loadb(bytes, size, 0, NULL);
	ck_assert_int_eq(json_unpack(row, "{ss ss}", "event_class", &class, "origin", &origin), 0);
	label_set(l, class, origin, name);
	json_decref(row);
	free(tar);
}

START_TEST(class_and_origin_survive_in_all_layouts)
{
	static void (*const read_label[LAYOUT_COUNT])(struct label *l, size_t i) = {
		[LAYOUT_VIDEOFOLDER] = videofolder_label, [LAYOUT_WEBDATASET] = webdataset_label,
		[LAYOUT_COCO] = coco_label, [LAYOUT_LABELSTUDIO] = labelstudio_label,
	};
	json_t *manifest = bundle_manifest(_i);
	const char *name, *class, *origin;
	struct label l;

	bundle_put_clips(manifest);
	ck_assert_msg(layout_write(bundle_fd, manifest, _i, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < BUNDLE_CLIPS; i++) {
		read_label[_i](&l, i);
		ck_assert_int_eq(json_unpack(item_of(manifest, i), "{ss ss ss}", "name", &name,
					     "event_class", &class, "origin", &origin), 0);
		ck_assert_str_eq(l.class, class);
		ck_assert_str_eq(l.origin, origin);
		ck_assert_ptr_nonnull(strstr(l.file, name));
		ck_assert_ptr_nonnull(strstr(l.file, l.class));
		ck_assert_ptr_nonnull(strstr(l.file, l.origin));
	}
	json_decref(manifest);
}
END_TEST

START_TEST(a_layout_is_found_by_its_name)
{
	ck_assert_int_eq(layout_find(layout_name(_i)), _i);
	ck_assert_int_eq(layout_find("zip"), -1);
}
END_TEST

START_TEST(a_manifest_is_of_one_layout)
{
	enum layout other = _i == LAYOUT_WEBDATASET ? LAYOUT_COCO : LAYOUT_WEBDATASET;
	json_t *manifest = bundle_manifest(other);

	ck_assert_int_eq(layout_write(bundle_fd, manifest, _i, &err), -EINVAL);
	ck_assert(bundle_is_empty());
	json_decref(manifest);
}
END_TEST

/* With room for one, for two and for all clips in a shard; the last with room for none. */
static const struct {
	int64_t room;
	unsigned shards;
} rooms[] = { { 4000, 3 }, { 7000, 2 }, { LAYOUT_SHARD_BYTES, 1 }, { 1, 3 } };

START_TEST(shards_keep_their_size_and_clips_with_their_labels)
{
	json_t *manifest = bundle_manifest(LAYOUT_WEBDATASET);
	char path[64], first[ITEM_NAME_MAX], sha256[SHA256_TEXT_MAX];
	struct known_files known = { 0 };
	unsigned clips = 0;

	bundle_put_clips(manifest);
	ck_assert_int_eq(layout_write_shards(bundle_fd, manifest, LAYOUT_WEBDATASET,
					     rooms[_i].room, &known, &err), 0);
	ck_assert_uint_eq(known.count, rooms[_i].shards);
	for (unsigned shard = 0; shard < rooms[_i].shards; shard++) {
		const char *at, *header, *bytes;
		struct stat st;
		size_t size;
		char *tar;

		snprintf(path, sizeof(path), "shards/clips-%06u.tar", shard);
		tar = bundle_text(path);
		ck_assert_int_eq(fstatat(bundle_fd, path, &st, 0), 0);
		ck_assert(st.st_size <= rooms[_i].room || rooms[_i].room == 1);
		sha256_text(sha256, tar, st.st_size);
		ck_assert_str_eq(known.at[shard].path, path);
		ck_assert_str_eq(known.at[shard].sha256, sha256);
		for (at = tar; (header = tar_next(&at, &bytes, &size)); clips++) {
			snprintf(first, sizeof(first), "%.*s", (int)strcspn(header, "."), header);
			ck_assert_str_eq(strchr(header, '.'), ".mp4");
			ck_assert_int_eq(size, BUNDLE_CLIP_BYTES);
			ck_assert_int_eq(*bytes, 'a' + (int)clips);
			ck_assert_int_eq(strtoul(header + 108, NULL, 8), 0);	/* user */
			ck_assert_int_eq(strtoul(header + 136, NULL, 8), 0);	/* time */
			ck_assert_int_eq(header[265], 0);			/* user's name */
			header = tar_next(&at, &bytes, &size);
			ck_assert_int_eq(strncmp(header, first, strlen(first)), 0);
			ck_assert_str_eq(strchr(header, '.'), ".json");
		}
		free(tar);
	}
	ck_assert_int_eq(clips, BUNDLE_CLIPS);
	ck_assert_int_eq(faccessat(bundle_fd, "items", F_OK, 0), -1);
	known_free(&known);
	json_decref(manifest);
}
END_TEST

START_TEST(a_clip_of_another_length_is_not_packed)
{
	json_t *manifest = bundle_manifest(LAYOUT_WEBDATASET);

	bundle_put_clips(manifest);
	json_object_set_new(item_of(manifest, 2), "bytes",
			    json_integer(BUNDLE_CLIP_BYTES + (_i ? 1 : -1)));
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_WEBDATASET, &err), -EBADMSG);
	ck_assert_int_eq(faccessat(bundle_fd, "items/" BUNDLE_FIRST ".mp4", F_OK, 0), 0);
	json_decref(manifest);
}
END_TEST

START_TEST(a_clip_with_other_pictures_is_not_packed)
{
	json_t *manifest = bundle_manifest(LAYOUT_WEBDATASET);

	bundle_put_clips(manifest);
	bundle_run("cd %s/items && printf x | dd of=" BUNDLE_FIRST ".mp4 conv=notrunc status=none");
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_WEBDATASET, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "is not what was redacted"));
	json_decref(manifest);
}
END_TEST

START_TEST(clips_are_known_where_they_are_files)
{
	json_t *manifest = bundle_manifest(LAYOUT_VIDEOFOLDER);
	struct known_files known = { 0 };
	const char *path, *sha256;

	bundle_put_clips(manifest);
	ck_assert_int_eq(layout_write_shards(bundle_fd, manifest, LAYOUT_VIDEOFOLDER, 0, &known,
					     &err), 0);
	ck_assert_uint_eq(known.count, BUNDLE_CLIPS + 1);
	for (unsigned i = 0; i < BUNDLE_CLIPS; i++) {
		ck_assert_int_eq(json_unpack(item_of(manifest, i), "{ss ss}", "path", &path,
					     "sha256", &sha256), 0);
		ck_assert_str_eq(known.at[i].path, path);
		ck_assert_str_eq(known.at[i].sha256, sha256);
	}
	ck_assert_str_eq(known.at[BUNDLE_CLIPS].path, "items/metadata.jsonl");
	known_free(&known);
	json_decref(manifest);
}
END_TEST

START_TEST(a_link_is_no_clip)
{
	json_t *manifest = bundle_manifest(LAYOUT_WEBDATASET);

	bundle_put_clips(manifest);
	bundle_run("cd %s/items && mv " BUNDLE_FIRST ".mp4 .. && ln -s ../" BUNDLE_FIRST ".mp4");
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_WEBDATASET, &err), -ELOOP);
	json_decref(manifest);
}
END_TEST

START_TEST(a_row_has_every_column_in_one_type)
{
	json_t *manifest = bundle_manifest(LAYOUT_VIDEOFOLDER);
	char *text, *other;

	json_object_set_new(item_of(manifest, 1), "duration", json_integer(2));
	json_object_set_new(item_of(manifest, 1), "frames", json_string("many"));
	json_object_del(item_of(manifest, 1), "region");
	bundle_put_clips(manifest);
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_VIDEOFOLDER, &err), 0);
	text = bundle_text("items/metadata.jsonl");
	other = strchr(text, '\n') + 1;
	ck_assert_ptr_nonnull(strstr(other, "\"duration\": 2.0,"));
	ck_assert_int_eq(bundle_count(text, "\"region\": null"), 1);
	ck_assert_int_eq(bundle_count(text, "\"frames\": null"), 1);
	ck_assert_int_eq(bundle_count(text, "\"frames\": 40"), 2);
	free(text);
	json_decref(manifest);
}
END_TEST

#define COUNT(of)	(int)(sizeof(of) / sizeof(of[0]))

Suite *layouts_suite(void)
{
	Suite *suite = suite_create("layouts");
	TCase *layouts = tcase_create("layouts");

	tcase_add_checked_fixture(layouts, bundle_setup, bundle_teardown);
	tcase_add_loop_test(layouts, class_and_origin_survive_in_all_layouts, 0, LAYOUT_COUNT);
	tcase_add_loop_test(layouts, a_layout_is_found_by_its_name, 0, LAYOUT_COUNT);
	tcase_add_loop_test(layouts, a_manifest_is_of_one_layout, 0, LAYOUT_COUNT);
	tcase_add_loop_test(layouts, shards_keep_their_size_and_clips_with_their_labels, 0,
			    COUNT(rooms));
	tcase_add_loop_test(layouts, a_clip_of_another_length_is_not_packed, 0, 2);
	tcase_add_test(layouts, a_clip_with_other_pictures_is_not_packed);
	tcase_add_test(layouts, clips_are_known_where_they_are_files);
	tcase_add_test(layouts, a_link_is_no_clip);
	tcase_add_test(layouts, a_row_has_every_column_in_one_type);
	suite_add_tcase(suite, layouts);
	return suite;
}
