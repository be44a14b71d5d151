// SPDX-License-Identifier: GPL-2.0
#include "bundle_case.h"

#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/terms.h"
#include "export/usage.h"

int bundle_fd = -1;
char bundle_folder[64];

void bundle_setup(void)
{
	snprintf(bundle_folder, sizeof(bundle_folder), "%s/scrim-check-papers-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(bundle_folder));
	bundle_fd = open(bundle_folder, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(bundle_fd, 0);
}

void bundle_run(const char *form)
{
	char command[256];

	snprintf(command, sizeof(command), form, bundle_folder);
	ck_assert_int_eq(system(command), 0);
}

void bundle_teardown(void)
{
	close(bundle_fd);
	bundle_run("rm -rf %s");
}

/* A manifest */

static json_t *item_new(unsigned number, enum layout layout)
{
	char name[ITEM_NAME_MAX], path[LAYOUT_PATH_MAX];
	unsigned origin = number % 2 ? ORIGIN_STAGED : ORIGIN_REAL;
	unsigned event = number % 2 ? EVENT_CAR_DOOR : EVENT_PACKAGE_THEFT;

	item_name(name, event, origin, number);
	layout_path(path, layout, name, "mp4");
	return json_pack("{ss ss ss si si sf si si ss s[{ss ss}] ss ss ss ss ss ss ss ss"
			 " s{sb ss ss sf} s[ss] so s{ss}}",
		"name", name, "path", path, "sha256",
		"6731046f895756f2369a4ebd1825068e260c0cc29b6e761cb09773eae9f8432c",
		"bytes", BUNDLE_CLIP_BYTES, "frames", 40, "duration", 1.3333333333,
		"width", 320, "height", 240,
		"codec", "h264", "consent", "record_id", "5e0ff1ce-0000-4000-8000-000000000000",
		"event_hash", "5a01", "origin", term_name(&origins, origin),
		"event_class", term_name(&event_classes, event), "event_id", "e1",
		"label_by", "donor",
		"source_class", "doorbell", "camera_pseudonym", "c1", "captured", "2026-11-20",
		"region", "DE", "redaction", "faces", true, "method", "fill", "detector", "face",
		"threshold", .6, "stripped", "audio", "gps",
		"training_mining", usage_entries(PURPOSE_TRAIN_PACKAGE),
		"prov", "derived_from", "d1");
}

json_t *bundle_manifest(enum layout layout)
{
	json_t *items = json_array(), *manifest;

	for (unsigned i = 1; i <= BUNDLE_CLIPS; i++)
		json_array_append_new(items, item_new(i, layout));
	manifest = json_pack("{ss s{ss ss ss s{ss ss} ss ss ss ss s[{ss}] ss s{si ss} s{ss ss ss}}"
		" so}", "schema", "scrim.manifest/1",
		"bundle", "id", "9a0ff1ce-0000-4000-8000-000000000000",
		"created", "2026-11-22", "tool", "scrim 1", "issuer", "name", "Example Vision",
		"contact", "privacy@vision.example", "title", "Thefts from doorsteps",
		"description", "to find thefts", "campaign", "doorstep-2026",
		"purpose", "train-detector:package-theft", "recipients", "id", "example-vision",
		"content_usage", "train-ai=n, search=n", "tdm", "reservation", 1, "policy",
		"https://vision.example/tdm", "retention", "until", "2027-11-22", "delete_by",
		"2027-11-22", "receipt_to", "privacy@vision.example", "items", items);
	ck_assert_ptr_nonnull(manifest);
	json_object_set_new(json_object_get(manifest, "bundle"), "usage_info",
			    usage_offer(json_object_get(manifest, "bundle")));
	return manifest;
}

json_t *bundle_of(json_t *manifest)
{
	return json_object_get(manifest, "bundle");
}

json_t *item_of(json_t *manifest, size_t i)
{
	return json_array_get(json_object_get(manifest, "items"), i);
}

/* Files */

void bundle_put_clips(json_t *manifest)
{
	char bytes[BUNDLE_CLIP_BYTES], sha256[SHA256_TEXT_MAX];

	ck_assert_int_eq(mkdirat(bundle_fd, "items", 0700), 0);
	for (size_t i = 0; i < BUNDLE_CLIPS; i++) {
		char path[LAYOUT_PATH_MAX];
		int clip;

		snprintf(path, sizeof(path), "items/%s.mp4",
			 json_string_value(json_object_get(item_of(manifest, i), "name")));
		clip = openat(bundle_fd, path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		memset(bytes, 'a' + i, sizeof(bytes));
		ck_assert_int_eq(write(clip, bytes, sizeof(bytes)), sizeof(bytes));
		close(clip);
		sha256_text(sha256, bytes, sizeof(bytes));
		json_object_set_new(item_of(manifest, i), "sha256", json_string(sha256));
	}
}

char *bundle_text(const char *name)
{
	struct stat st;
	char *text;
	int file = openat(bundle_fd, name, O_RDONLY);

	ck_assert_msg(file >= 0 && fstat(file, &st) == 0, "there is no %s", name);
	text = calloc(1, st.st_size + 1);
	ck_assert_int_eq(read(file, text, st.st_size), st.st_size);
	close(file);
	return text;
}

json_t *bundle_json(const char *name)
{
	char *text = bundle_text(name);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	ck_assert_msg(json, "%s is no JSON", name);
	free(text);
	return json;
}

bool bundle_is_empty(void)
{
	DIR *dir = opendir(bundle_folder);
	unsigned count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count == 2;
}

bool bundle_has(const char *name, const char *what)
{
	char *text = bundle_text(name);
	bool found = strstr(text, what);

	free(text);
	return found;
}

unsigned bundle_count(const char *text, const char *what)
{
	unsigned count = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		count++;
	}
	return count;
}
