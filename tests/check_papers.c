// SPDX-License-Identifier: GPL-2.0
/*
 * What goes with the clips of a bundle says what the manifest says, and nothing that others wrote
 * in it does anything.
 */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/terms.h"
#include "export/layout.h"
#include "export/papers.h"
#include "export/usage.h"

#define CLIPS	3
#define CLIP_BYTES	700

static struct scrim_error err;
static char folder[64];
static int fd;

static void setup(void)
{
	snprintf(folder, sizeof(folder), "%s/scrim-check-papers-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(fd, 0);
}

static void run(const char *form)
{
	char command[256];

	snprintf(command, sizeof(command), form, folder);
	ck_assert_int_eq(system(command), 0);
}

static void teardown(void)
{
	close(fd);
	run("rm -rf %s");
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
		"bytes", CLIP_BYTES, "frames", 40, "duration", 1.3333333333, "width", 320, "height", 240,
		"codec", "h264", "consent", "record_id", "5e0ff1ce-0000-4000-8000-000000000000",
		"event_hash", "5a01", "origin", term_name(&origins, origin),
		"event_class", term_name(&event_classes, event), "event_id", "e1", "label_by", "donor",
		"source_class", "doorbell", "camera_pseudonym", "c1", "captured", "2026-11-20",
		"region", "DE", "redaction", "faces", true, "method", "fill", "detector", "face",
		"threshold", .6, "stripped", "audio", "gps",
		"training_mining", usage_entries(PURPOSE_TRAIN_PACKAGE), "prov", "derived_from", "d1");
}

static json_t *manifest_new(enum layout layout)
{
	json_t *items = json_array(), *manifest;

	for (unsigned i = 1; i <= CLIPS; i++)
		json_array_append_new(items, item_new(i, layout));
	manifest = json_pack("{ss s{ss ss ss s{ss ss} ss ss ss ss s[{ss}] ss s{si ss} s{ss ss ss}} so}",
		"schema", "scrim.manifest/1", "bundle", "id", "9a0ff1ce-0000-4000-8000-000000000000",
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

static json_t *bundle(json_t *manifest)
{
	return json_object_get(manifest, "bundle");
}

static json_t *item(json_t *manifest, size_t i)
{
	return json_array_get(json_object_get(manifest, "items"), i);
}

/* Files */

static void put_clips(json_t *manifest)
{
	char bytes[CLIP_BYTES];

	ck_assert_int_eq(mkdirat(fd, "items", 0700), 0);
	for (size_t i = 0; i < CLIPS; i++) {
		char path[LAYOUT_PATH_MAX];
		int clip;

		snprintf(path, sizeof(path), "items/%s.mp4",
			 json_string_value(json_object_get(item(manifest, i), "name")));
		clip = openat(fd, path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		memset(bytes, 'a' + i, sizeof(bytes));
		ck_assert_int_eq(write(clip, bytes, sizeof(bytes)), sizeof(bytes));
		close(clip);
	}
}

/* To be freed. */
static char *text_of(const char *name)
{
	struct stat st;
	char *text;
	int file = openat(fd, name, O_RDONLY);

	ck_assert_msg(file >= 0 && fstat(file, &st) == 0, "there is no %s", name);
	text = calloc(1, st.st_size + 1);
	ck_assert_int_eq(read(file, text, st.st_size), st.st_size);
	close(file);
	return text;
}

static json_t *json_of(const char *name)
{
	char *text = text_of(name);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	ck_assert_msg(json, "%s is no JSON", name);
	free(text);
	return json;
}

static bool has(const char *name, const char *what)
{
	char *text = text_of(name);
	bool found = strstr(text, what);

	free(text);
	return found;
}

/* In no file whatever. */
static bool nobody_has(const char *what)
{
	char command[256];

	snprintf(command, sizeof(command), "! LC_ALL=C grep -riqF -e '%s' %s", what, folder);
	return system(command) == 0;
}

static bool is_empty(void)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count == 2;
}

static void write_papers(json_t *manifest)
{
	ck_assert_msg(papers_write(fd, manifest, &err) == 0, "%s", err.text);
}

static void is_refused(json_t *manifest)
{
	ck_assert_int_eq(papers_write(fd, manifest, &err), -EINVAL);
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_COCO, &err), -EINVAL);
	ck_assert(is_empty());
	json_decref(manifest);
}

/* Papers */

static void write_into(const char *name, json_t *manifest)
{
	int whole = fd;

	ck_assert_int_eq(mkdirat(whole, name, 0700), 0);
	fd = openat(whole, name, O_RDONLY | O_DIRECTORY);
	put_clips(manifest);
	ck_assert_msg(papers_write(fd, manifest, &err) == 0, "%s", err.text);
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_VIDEOFOLDER, &err), 0);
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_COCO, &err), 0);
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_LABELSTUDIO, &err), 0);
	close(fd);
	fd = whole;
}

/* As it was made, and as it is read from its file. */
START_TEST(the_same_manifest_makes_the_same_bytes)
{
	json_t *manifest = manifest_new(LAYOUT_COCO), *again;
	char *text = json_dumps(manifest, JSON_SORT_KEYS | JSON_REAL_PRECISION(6));

	again = json_loads(text, 0, NULL);
	write_into("first", manifest);
	write_into("other", again);
	run("cd %s && diff -r first other");
	free(text);
	json_decref(manifest);
	json_decref(again);
}
END_TEST

START_TEST(papers_are_for_their_owner_alone)
{
	static const char *const names[] = { "croissant.json", "DATASHEET.md", ".scrim-usage",
		"tdmrep.json", "cawg/car-door-staged-000001.json" };
	json_t *manifest = manifest_new(LAYOUT_COCO);
	struct stat st;

	umask(0);
	write_papers(manifest);
	ck_assert_int_eq(fstatat(fd, names[_i], &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	json_decref(manifest);
}
END_TEST

START_TEST(what_is_there_already_is_not_written_over)
{
	static const char *const names[] = { "croissant.json", "DATASHEET.md", ".scrim-usage",
		"tdmrep.json", "cawg" };
	json_t *manifest = manifest_new(LAYOUT_COCO);

	ck_assert_int_eq(symlinkat("/tmp", fd, names[_i]), 0);
	ck_assert_int_eq(papers_write(fd, manifest, &err), -EEXIST);
	json_decref(manifest);
}
END_TEST

static const char *const hostile[] = {
	"\n\n# Approved for every use\n", "[click](https://evil.example)", "<img src=x onerror=y>",
	"`[a](b)", "\xe2\x80\xae" "evil", "\x1b[2J\xc2\x9b", "\xe2\x81\xa6\xef\xbb\xbf",
	"www.evil.example a@evil.example", "a\xe2\x80\xa8# b", "\xf3\xa0\x81\xa1",
};

/* Of a line, outside of quotes. */
static bool is_harmless(const char *line, size_t length)
{
	bool quoted = false;

	for (size_t i = 0; i < length; i++)
		if (line[i] == '`')
			quoted = !quoted;
		else if (!quoted && strchr("[]<>@", line[i]))
			return false;
	return !quoted;
}

START_TEST(words_of_others_do_nothing_in_a_datasheet)
{
	json_t *manifest = manifest_new(LAYOUT_COCO), *words = json_string(hostile[_i]);
	static const char *const keys[] = { "title", "description", "tool", "issuer", "content_usage" };
	char *text, *line;
	unsigned headings = 0;

	ck_assert_ptr_nonnull(words);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set(bundle(manifest), keys[i], words);
	json_object_set(item(manifest, 0), "region", words);
	json_object_set(item(manifest, 0), "label_by", words);
	json_object_set(json_object_get(item(manifest, 0), "redaction"), "detector", words);
	json_object_set_new(bundle(manifest), "recipients", json_pack("[O{sO}]", words, "name", words));
	write_papers(manifest);
	text = text_of("DATASHEET.md");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		headings += *line == '#';
		ck_assert_msg(is_harmless(line, strlen(line)), "%s", line);
	}
	ck_assert_int_eq(headings, 8);
	free(text);
	json_decref(words);
	json_decref(manifest);
}
END_TEST

START_TEST(nothing_that_is_hidden_stays)
{
	static const char *const hidden[] = { "\xe2\x80\xae", "\x1b", "\xc2\x9b", "\xe2\x81\xa6",
		"\xef\xbb\xbf", "\xe2\x80\xa8", "\xf3\xa0\x81\xa1", "\\u202e", "\\u001b", "\\u2066",
		"\\u2028", "\\udb40", "\\n#" };
	json_t *manifest = manifest_new(LAYOUT_COCO);

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		json_t *row = item(manifest, i % CLIPS);

		json_object_set_new(row, i < CLIPS ? "region" : i < 2 * CLIPS ? "event_id" :
				    i < 3 * CLIPS ? "codec" : "label_by", json_string(hostile[i]));
	}
	json_object_set_new(bundle(manifest), "title", json_string(hostile[5]));
	json_object_set_new(bundle(manifest), "usage_info",
			    json_pack("{s[{ss}]}", "a\xe2\x80\xae", hostile[4], hostile[9]));
	put_clips(manifest);
	write_papers(manifest);
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_VIDEOFOLDER, &err), 0);
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_COCO, &err), 0);
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_LABELSTUDIO, &err), 0);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		ck_assert_msg(nobody_has(hidden[i]), "hidden %zu", i);
	json_decref(manifest);
}
END_TEST

START_TEST(a_value_of_another_kind_is_not_told)
{
	json_t *manifest = manifest_new(LAYOUT_COCO), *croissant;

	json_object_set_new(bundle(manifest), "title", json_integer(4711));
	json_object_set_new(bundle(manifest), "issuer", json_array());
	json_object_set_new(bundle(manifest), "retention", json_string("4711"));
	json_object_set_new(bundle(manifest), "recipients", json_integer(4711));
	json_object_set_new(item(manifest, 0), "region", json_integer(4711));
	json_object_set_new(item(manifest, 0), "redaction", json_integer(4711));
	json_object_set_new(item(manifest, 0), "training_mining", json_integer(4711));
	write_papers(manifest);
	croissant = json_of("croissant.json");
	ck_assert_str_eq(json_string_value(json_object_get(croissant, "name")), "doorstep-2026");
	ck_assert_ptr_null(json_object_get(croissant, "creator"));
	json_decref(croissant);
	json_decref(manifest);
}
END_TEST

START_TEST(nothing_is_more_exact_than_a_day)
{
	json_t *manifest = manifest_new(LAYOUT_COCO);
	json_t *retention = json_object_get(bundle(manifest), "retention");

	json_object_set_new(retention, "until", json_string("2027-11-22T12:34:56Z"));
	json_object_set_new(retention, "delete_by", json_string("2027-11-22T12:34:56Z"));
	write_papers(manifest);
	ck_assert(nobody_has("12:34"));
	ck_assert(has("DATASHEET.md", "deleted by 2027-11-22."));
	json_decref(manifest);
}
END_TEST

START_TEST(a_time_where_a_day_belongs_is_refused)
{
	json_t *manifest = manifest_new(LAYOUT_COCO);

	json_object_set_new(_i ? item(manifest, 1) : bundle(manifest), _i ? "captured" : "created",
			    json_string("2026-11-20T12:34:56Z"));
	is_refused(manifest);
}
END_TEST

/* What would be written elsewhere, or is not what it says. */
static const struct {
	const char *key, *value;
} bad_items[] = {
	{ "name", "../car-door-staged-000001" }, { "name", "car-door-staged-/../../x" },
	{ "name", "car-door-staged-000001.x" }, { "name", ".car-door-staged-000001" }, { "name", "" },
	{ "name", "car-door-staged-\n" }, { "name", "package-theft-real-000002" },
	{ "name", "car-door-real-000001" }, { "name", "car-theft-staged-000001" },
	{ "path", "/etc/passwd" }, { "path", "items/../x.mp4" }, { "path", "items/other.mp4" },
	{ "path", "shards/car-door-staged-000001.mp4" }, { "path", "items/car-door-staged-000001.json" },
	{ "event_class", "burglary" }, { "event_class", "car-theft" }, { "origin", "any" },
	{ "origin", "real" }, { "sha256", "6731" }, { "sha256", "../../../../../../../../../../../x" },
	{ "source_class", "baby" }, { "source_class", "bedroom" }, { "captured", "yesterday" },
	{ "bytes", "700" },
};

START_TEST(an_item_that_is_wrong_is_refused)
{
	json_t *manifest = manifest_new(LAYOUT_COCO);
	char path[LAYOUT_PATH_MAX];

	json_object_set_new(item(manifest, 0), bad_items[_i].key, json_string(bad_items[_i].value));
	if (!strcmp(bad_items[_i].key, "name")) {
		layout_path(path, LAYOUT_COCO, bad_items[_i].value, "mp4");
		json_object_set_new(item(manifest, 0), "path", json_string(path));
	}
	is_refused(manifest);
}
END_TEST

START_TEST(no_two_clips_have_one_name)
{
	json_t *manifest = manifest_new(LAYOUT_COCO);

	json_array_append(json_object_get(manifest, "items"), item(manifest, 0));
	is_refused(manifest);
}
END_TEST

static const struct {
	const char *key, *value;
} bad_bundles[] = {
	{ "id", "../x" }, { "id", "a b" }, { "campaign", "a\nb" }, { "purpose", "improvement" },
	{ "purpose", "face-recognition-db" }, { "created", "today" }, { "id", NULL },
	{ "campaign", NULL }, { "purpose", NULL }, { "created", NULL },
};

START_TEST(a_bundle_that_is_wrong_is_refused)
{
	json_t *manifest = manifest_new(LAYOUT_COCO);

	if (bad_bundles[_i].value)
		json_object_set_new(bundle(manifest), bad_bundles[_i].key,
				    json_string(bad_bundles[_i].value));
	else
		json_object_del(bundle(manifest), bad_bundles[_i].key);
	is_refused(manifest);
}
END_TEST

START_TEST(a_bundle_without_clips_is_refused)
{
	json_t *manifest = manifest_new(LAYOUT_COCO);

	json_array_clear(json_object_get(manifest, "items"));
	is_refused(manifest);
}
END_TEST

/* Usage */

/* What the bundle says, what each clip's generative training is, and what comes of it. */
static const struct {
	const char *said, *use, *wanted;
} preferences[] = {
	{ "train-ai=y", "allowed", "ai-use=n, search=n, train-ai=y\n" },
	{ "train-ai=y;x=1, search=n", "allowed", "ai-use=n, search=n, train-ai=y\n" },
	{ "search=n,train-ai=y", "allowed", "ai-use=n, search=n, train-ai=y\n" },
	{ "train-ai=n", "allowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "train-ai=y", "notAllowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "train-ai=y", "constrained", "ai-use=n, search=n, train-ai=n\n" },
	{ "train-ai=y, train-ai=n", "allowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "train-ai=n, train-ai=y", "allowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "train-ai=yes", "allowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "train-ai", "allowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "not-train-ai=y", "allowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "x=\"a, train-ai=y, b\"", "allowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "train-ai-too=n, train-ai=y", "allowed", "ai-use=n, search=n, train-ai=y\n" },
	{ "search=y, ai-use=y", "allowed", "ai-use=n, search=n, train-ai=n\n" },
	{ "", "allowed", "ai-use=n, search=n, train-ai=n\n" },
};

START_TEST(what_one_disallows_is_disallowed)
{
	json_t *manifest = manifest_new(LAYOUT_COCO);
	char *text;

	json_object_set_new(bundle(manifest), "content_usage", json_string(preferences[_i].said));
	for (size_t i = 0; i < CLIPS; i++)
		json_object_set_new(item(manifest, i), "training_mining",
			json_pack("{s{ss}}", "cawg.ai_generative_training", "use",
				  i + 1 < CLIPS ? "allowed" : preferences[_i].use));
	write_papers(manifest);
	text = text_of(".scrim-usage");
	ck_assert_str_eq(strstr(text, "\nContent-Usage: ") + 16, preferences[_i].wanted);
	free(text);
	json_decref(manifest);
}
END_TEST

static const struct {
	const char *json;
	bool reserved;
} reservations[] = {
	{ "1", true }, { "0", false }, { "\"0\"", true }, { "false", true }, { "null", true },
	{ "2", true },
};

START_TEST(mining_is_reserved_unless_it_says_0)
{
	json_t *manifest = manifest_new(LAYOUT_COCO), *rules, *rule;

	json_object_set_new(bundle(manifest), "tdm", json_pack("{so}", "reservation",
			    json_loads(reservations[_i].json, JSON_DECODE_ANY, NULL)));
	write_papers(manifest);
	rules = json_of("tdmrep.json");
	rule = json_array_get(rules, 0);
	ck_assert_int_eq(json_array_size(rules), 1);
	ck_assert_str_eq(json_string_value(json_object_get(rule, "location")), "/");
	ck_assert_int_eq(json_integer_value(json_object_get(rule, "tdm-reservation")),
			 reservations[_i].reserved);
	ck_assert_ptr_null(json_object_get(rule, "tdm-policy"));
	json_decref(rules);
	json_decref(manifest);
}
END_TEST

START_TEST(a_policy_is_an_address_or_nothing)
{
	static const struct {
		const char *policy;
		bool kept;
	} policies[] = {
		{ "https://vision.example/tdm", true }, { ".scrim-usage", false },
		{ "javascript:alert(1)", false }, { "https://x/ y", false }, { "https://", false },
		{ "https://x/\"", false },
	};
	json_t *manifest = manifest_new(LAYOUT_COCO);

	json_object_set_new(json_object_get(bundle(manifest), "tdm"), "policy",
			    json_string(policies[_i].policy));
	write_papers(manifest);
	ck_assert_int_eq(has("tdmrep.json", "tdm-policy"), policies[_i].kept);
	json_decref(manifest);
}
END_TEST

static const char *use_of(const json_t *assertion, const char *entry)
{
	const char *use = NULL;

	json_unpack((json_t *)assertion, "{s{s{s{ss}}}}", "data", "entries", entry, "use", &use);
	return use ? use : "missing";
}

static const struct {
	const char *entry, *wanted;
} entries[] = {
	{ "{\"use\":\"allowed\"}", "allowed" },
	{ "{\"use\":\"constrained\",\"constraint_info\":\"x\"}", "constrained" },
	{ "{\"use\":\"constrained\",\"constraint_info\":\"\"}", "notAllowed" },
	{ "{\"use\":\"constrained\"}", "notAllowed" }, { "{\"use\":\"perhaps\"}", "notAllowed" },
	{ "{}", "notAllowed" }, { "\"allowed\"", "notAllowed" },
};

START_TEST(a_use_that_is_not_clearly_allowed_is_not)
{
	json_t *manifest = manifest_new(LAYOUT_COCO), *assertion;
	json_t *entry = json_loads(entries[_i].entry, JSON_DECODE_ANY, NULL);

	json_object_set_new(item(manifest, 0), "training_mining",
			    json_pack("{so}", "cawg.ai_training", entry));
	write_papers(manifest);
	assertion = json_of("cawg/car-door-staged-000001.json");
	ck_assert_str_eq(json_string_value(json_object_get(assertion, "label")),
			 "cawg.training-mining");
	ck_assert_str_eq(use_of(assertion, "cawg.ai_training"), entries[_i].wanted);
	ck_assert_str_eq(use_of(assertion, "cawg.ai_generative_training"), "notAllowed");
	ck_assert_str_eq(use_of(assertion, "cawg.ai_inference"), "notAllowed");
	ck_assert_str_eq(use_of(assertion, "cawg.data_mining"), "notAllowed");
	json_decref(assertion);
	json_decref(manifest);
}
END_TEST

/* Which use a purpose is; of all others none. */
static const struct {
	unsigned purpose;
	const char *entry;
} purposes_of[] = {
	{ PURPOSE_TRAIN_PACKAGE, "cawg.ai_training" }, { PURPOSE_TRAIN_ANIMAL, "cawg.ai_training" },
	{ PURPOSE_TRAIN_VIDEO, "cawg.ai_generative_training" },
	{ PURPOSE_TRAIN_SUMMARY, "cawg.ai_generative_training" },
	{ PURPOSE_EVALUATE, "cawg.ai_inference" }, { PURPOSE_RESEARCH_SAFETY, "cawg.data_mining" },
	{ PURPOSE_SHOW, "" }, { PURPOSE_DISTRIBUTE, "" }, { PURPOSE_FACE_DATABASE, "" },
};

START_TEST(a_purpose_is_one_use_for_recipients_alone)
{
	json_t *said = usage_entries(purposes_of[_i].purpose), *entry;
	const char *key;

	ck_assert_int_eq(json_object_size(said), 4);
	json_object_foreach(said, key, entry)
		ck_assert_str_eq(json_string_value(json_object_get(entry, "use")),
				 strcmp(key, purposes_of[_i].entry) ? "notAllowed" : "constrained");
	json_decref(said);
}
END_TEST

/* Croissant and the datasheet */

START_TEST(croissant_has_each_clip_with_size_and_hash)
{
	json_t *manifest = manifest_new(_i ? LAYOUT_WEBDATASET : LAYOUT_COCO);
	json_t *croissant, *file;
	unsigned files = 0;
	size_t i;

	write_papers(manifest);
	croissant = json_of("croissant.json");
	json_array_foreach(json_object_get(croissant, "distribution"), i, file) {
		if (strcmp(json_string_value(json_object_get(file, "@type")), "cr:FileObject"))
			continue;
		ck_assert_str_eq(json_string_value(json_object_get(file, "contentSize")), "700 B");
		ck_assert(json_equal(json_object_get(file, "sha256"),
				     json_object_get(item(manifest, files), "sha256")));
		ck_assert_int_eq(!json_object_get(file, "containedIn"), !_i);
		files++;
	}
	ck_assert_int_eq(files, CLIPS);
	json_decref(croissant);
	json_decref(manifest);
}
END_TEST

START_TEST(croissant_says_what_was_covered_and_for_whom_it_is)
{
	json_t *manifest = manifest_new(LAYOUT_COCO), *croissant;
	const char *protocol, *use;

	write_papers(manifest);
	croissant = json_of("croissant.json");
	ck_assert_int_eq(json_unpack(croissant, "{ss ss}", "rai:dataManipulationProtocol", &protocol,
				     "rai:dataUseCases", &use), 0);
	ck_assert_str_eq(protocol, "Covered, with the number of clips: faces=true, method=fill, "
			 "detector=face, threshold=0.6: 3. Taken away: audio, gps.");
	ck_assert_str_eq(use, "train-detector:package-theft, and nothing else");
	ck_assert(json_equal(json_object_get(croissant, "usageInfo"),
			     json_object_get(bundle(manifest), "usage_info")));
	ck_assert(has("croissant.json", "example-vision"));
	json_decref(croissant);
	json_decref(manifest);
}
END_TEST

static unsigned count_of(const char *text, const char *what)
{
	unsigned count = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		count++;
	}
	return count;
}

/* Of the least that a manifest can say. */
static json_t *manifest_least(void)
{
	json_t *manifest = manifest_new(LAYOUT_COCO), *least = json_array();
	static const char *const keys[] = { "name", "path", "sha256", "bytes", "origin", "event_class" };

	for (size_t i = 0; i < CLIPS; i++) {
		json_t *row = json_object();

		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			json_object_set(row, keys[k], json_object_get(item(manifest, i), keys[k]));
		json_array_append_new(least, row);
	}
	json_object_set_new(manifest, "items", least);
	json_object_set_new(manifest, "bundle", json_pack("{ss ss ss ss}", "id", "b1", "campaign", "c1",
			    "created", "2026-11-22", "purpose", "train-detector:package-theft"));
	return manifest;
}

START_TEST(a_datasheet_says_what_it_cannot_answer)
{
	json_t *manifest = _i ? manifest_least() : manifest_new(LAYOUT_COCO);
	char *text;

	write_papers(manifest);
	text = text_of("DATASHEET.md");
	ck_assert_int_eq(count_of(text, "\n**"), 49);
	ck_assert_int_eq(count_of(text, "\n\nThe manifest does not say.\n"), _i ? 36 : 22);
	ck_assert_ptr_null(strstr(text, "(null)"));
	ck_assert_ptr_nonnull(strstr(text, "\n3 clips, 2100 bytes, "));
	ck_assert_ptr_nonnull(strstr(text, "package-theft: 1 real and 0 staged, car-door: 0 real and 2 staged"));
	free(text);
	json_decref(manifest);
}
END_TEST

/* Layouts */

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
	char *text = text_of("items/metadata.jsonl"), *line = strtok(text, "\n");
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
	json_t *coco = json_of("annotations.json"), *category;
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
	json_t *tasks = json_of("tasks.json");
	const char *class, *origin, *file;

	ck_assert_int_eq(json_unpack(json_array_get(tasks, i),
		"{s{ss} s[{s[{s{s[s]}} {s{s[s]}}]}]}", "data", "video", &file, "predictions", "result",
		"value", "choices", &class, "value", "choices", &origin), 0);
	ck_assert(has("labels.xml", class) && has("labels.xml", origin));
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
	char *tar = text_of("shards/clips-000000.tar");
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
	json_t *manifest = manifest_new(_i);
	struct label l;

	put_clips(manifest);
	ck_assert_msg(layout_write(fd, manifest, _i, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < CLIPS; i++) {
		read_label[_i](&l, i);
		ck_assert_str_eq(l.class, json_string_value(json_object_get(item(manifest, i), "event_class")));
		ck_assert_str_eq(l.origin, json_string_value(json_object_get(item(manifest, i), "origin")));
		ck_assert_ptr_nonnull(strstr(l.file, json_string_value(json_object_get(item(manifest, i), "name"))));
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
	json_t *manifest = manifest_new(_i == LAYOUT_WEBDATASET ? LAYOUT_COCO : LAYOUT_WEBDATASET);

	ck_assert_int_eq(layout_write(fd, manifest, _i, &err), -EINVAL);
	ck_assert(is_empty());
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
	json_t *manifest = manifest_new(LAYOUT_WEBDATASET);
	char path[64], first[ITEM_NAME_MAX];
	unsigned clips = 0;

	put_clips(manifest);
	ck_assert_int_eq(layout_write_shards(fd, manifest, LAYOUT_WEBDATASET, rooms[_i].room, &err), 0);
	for (unsigned shard = 0; shard < rooms[_i].shards; shard++) {
		const char *at, *header, *bytes;
		struct stat st;
		size_t size;
		char *tar;

		snprintf(path, sizeof(path), "shards/clips-%06u.tar", shard);
		tar = text_of(path);
		ck_assert_int_eq(fstatat(fd, path, &st, 0), 0);
		ck_assert(st.st_size <= rooms[_i].room || rooms[_i].room == 1);
		for (at = tar; (header = tar_next(&at, &bytes, &size)); clips++) {
			snprintf(first, sizeof(first), "%.*s", (int)strcspn(header, "."), header);
			ck_assert_str_eq(strchr(header, '.'), ".mp4");
			ck_assert_int_eq(size, CLIP_BYTES);
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
	ck_assert_int_eq(clips, CLIPS);
	ck_assert_int_eq(faccessat(fd, "items", F_OK, 0), -1);
	json_decref(manifest);
}
END_TEST

START_TEST(a_clip_of_another_length_is_not_packed)
{
	json_t *manifest = manifest_new(LAYOUT_WEBDATASET);

	put_clips(manifest);
	json_object_set_new(item(manifest, 2), "bytes", json_integer(CLIP_BYTES + (_i ? 1 : -1)));
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_WEBDATASET, &err), -EBADMSG);
	ck_assert_int_eq(faccessat(fd, "items/car-door-staged-000001.mp4", F_OK, 0), 0);
	json_decref(manifest);
}
END_TEST

START_TEST(a_link_is_no_clip)
{
	json_t *manifest = manifest_new(LAYOUT_WEBDATASET);

	put_clips(manifest);
	run("cd %s/items && mv car-door-staged-000001.mp4 .. && ln -s ../car-door-staged-000001.mp4");
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_WEBDATASET, &err), -ELOOP);
	json_decref(manifest);
}
END_TEST

START_TEST(a_row_has_every_column_in_one_type)
{
	json_t *manifest = manifest_new(LAYOUT_VIDEOFOLDER);
	char *text, *other;

	json_object_set_new(item(manifest, 1), "duration", json_integer(2));
	json_object_set_new(item(manifest, 1), "frames", json_string("many"));
	json_object_del(item(manifest, 1), "region");
	put_clips(manifest);
	ck_assert_int_eq(layout_write(fd, manifest, LAYOUT_VIDEOFOLDER, &err), 0);
	text = text_of("items/metadata.jsonl");
	other = strchr(text, '\n') + 1;
	ck_assert_ptr_nonnull(strstr(other, "\"duration\": 2.0,"));
	ck_assert_int_eq(count_of(text, "\"region\": null"), 1);
	ck_assert_int_eq(count_of(text, "\"frames\": null"), 1);
	ck_assert_int_eq(count_of(text, "\"frames\": 40"), 2);
	free(text);
	json_decref(manifest);
}
END_TEST

#define COUNT(of)	(int)(sizeof(of) / sizeof(of[0]))

Suite *papers_suite(void)
{
	Suite *suite = suite_create("papers");
	TCase *papers = tcase_create("papers"), *usage = tcase_create("usage");
	TCase *layouts = tcase_create("layouts");

	tcase_add_checked_fixture(papers, setup, teardown);
	tcase_add_test(papers, the_same_manifest_makes_the_same_bytes);
	tcase_add_loop_test(papers, papers_are_for_their_owner_alone, 0, 5);
	tcase_add_loop_test(papers, what_is_there_already_is_not_written_over, 0, 5);
	tcase_add_loop_test(papers, words_of_others_do_nothing_in_a_datasheet, 0, COUNT(hostile));
	tcase_add_test(papers, nothing_that_is_hidden_stays);
	tcase_add_test(papers, a_value_of_another_kind_is_not_told);
	tcase_add_test(papers, nothing_is_more_exact_than_a_day);
	tcase_add_loop_test(papers, a_time_where_a_day_belongs_is_refused, 0, 2);
	tcase_add_loop_test(papers, an_item_that_is_wrong_is_refused, 0, COUNT(bad_items));
	tcase_add_test(papers, no_two_clips_have_one_name);
	tcase_add_loop_test(papers, a_bundle_that_is_wrong_is_refused, 0, COUNT(bad_bundles));
	tcase_add_test(papers, a_bundle_without_clips_is_refused);
	tcase_add_loop_test(papers, croissant_has_each_clip_with_size_and_hash, 0, 2);
	tcase_add_test(papers, croissant_says_what_was_covered_and_for_whom_it_is);
	tcase_add_loop_test(papers, a_datasheet_says_what_it_cannot_answer, 0, 2);
	suite_add_tcase(suite, papers);

	tcase_add_checked_fixture(usage, setup, teardown);
	tcase_add_loop_test(usage, what_one_disallows_is_disallowed, 0, COUNT(preferences));
	tcase_add_loop_test(usage, mining_is_reserved_unless_it_says_0, 0, COUNT(reservations));
	tcase_add_loop_test(usage, a_policy_is_an_address_or_nothing, 0, 6);
	tcase_add_loop_test(usage, a_use_that_is_not_clearly_allowed_is_not, 0, COUNT(entries));
	tcase_add_loop_test(usage, a_purpose_is_one_use_for_recipients_alone, 0, COUNT(purposes_of));
	suite_add_tcase(suite, usage);

	tcase_add_checked_fixture(layouts, setup, teardown);
	tcase_add_loop_test(layouts, class_and_origin_survive_in_all_layouts, 0, LAYOUT_COUNT);
	tcase_add_loop_test(layouts, a_layout_is_found_by_its_name, 0, LAYOUT_COUNT);
	tcase_add_loop_test(layouts, a_manifest_is_of_one_layout, 0, LAYOUT_COUNT);
	tcase_add_loop_test(layouts, shards_keep_their_size_and_clips_with_their_labels, 0, COUNT(rooms));
	tcase_add_loop_test(layouts, a_clip_of_another_length_is_not_packed, 0, 2);
	tcase_add_test(layouts, a_link_is_no_clip);
	tcase_add_test(layouts, a_row_has_every_column_in_one_type);
	suite_add_tcase(suite, layouts);
	return suite;
}
