// SPDX-License-Identifier: GPL-2.0
/*
 * What goes with the clips of a bundle says what the manifest says, and nothing that others wrote
 * in it does anything.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle_case.h"
#include "consent/terms.h"
#include "export/papers.h"
#include "export/usage.h"

static struct scrim_error err;
static struct known_files known;

/* In no file whatever. */
static bool nobody_has(const char *what)
{
	char command[256];

	snprintf(command, sizeof(command), "! LC_ALL=C grep -riqF -e '%s' %s", what, bundle_folder);
	return system(command) == 0;
}

static void write_papers(json_t *manifest)
{
	ck_assert_msg(papers_write(bundle_fd, manifest, &known, &err) == 0, "%s", err.text);
}

static void is_refused(json_t *manifest)
{
	ck_assert_int_eq(papers_write(bundle_fd, manifest, &known, &err), -EINVAL);
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_COCO, &err), -EINVAL);
	ck_assert(bundle_is_empty());
	json_decref(manifest);
}

/* Papers */

static void write_into(const char *name, json_t *manifest)
{
	int whole = bundle_fd;

	ck_assert_int_eq(mkdirat(whole, name, 0700), 0);
	bundle_fd = openat(whole, name, O_RDONLY | O_DIRECTORY);
	bundle_put_clips(manifest);
	ck_assert_msg(papers_write(bundle_fd, manifest, &known, &err) == 0, "%s", err.text);
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_VIDEOFOLDER, &err), 0);
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_COCO, &err), 0);
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_LABELSTUDIO, &err), 0);
	close(bundle_fd);
	bundle_fd = whole;
}

/* As it was made, and as it is read from its file. */
START_TEST(the_same_manifest_makes_the_same_bytes)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO), *again;
	char *text = json_dumps(manifest, JSON_SORT_KEYS | JSON_REAL_PRECISION(6));

	again = json_loads(text, 0, NULL);
	write_into("first", manifest);
	write_into("other", again);
	bundle_run("cd %s && diff -r first other");
	free(text);
	json_decref(manifest);
	json_decref(again);
}
END_TEST

START_TEST(papers_are_for_their_owner_alone)
{
	static const char *const names[] = { "croissant.json", "DATASHEET.md", ".scrim-usage",
		"tdmrep.json", "cawg/car-door-staged-000001.json" };
	json_t *manifest = bundle_manifest(LAYOUT_COCO);
	struct stat st;

	umask(0);
	write_papers(manifest);
	ck_assert_int_eq(fstatat(bundle_fd, names[_i], &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	json_decref(manifest);
}
END_TEST

START_TEST(what_is_there_already_is_not_written_over)
{
	static const char *const names[] = { "croissant.json", "DATASHEET.md", ".scrim-usage",
		"tdmrep.json", "cawg" };
	json_t *manifest = bundle_manifest(LAYOUT_COCO);

	ck_assert_int_eq(symlinkat("/tmp", bundle_fd, names[_i]), 0);
	ck_assert_int_eq(papers_write(bundle_fd, manifest, &known, &err), -EEXIST);
	json_decref(manifest);
}
END_TEST

static void say(json_t *json, const char *key, const char *text)
{
	json_object_set_new(json, key, json_string(text));
}

static const char *const hostile[] = {
	"\n\n# Approved for every use\n", "[click](https://evil.example)", "<img src=x onerror=y>",
	"`[a](b)", "\342\200\256evil", "\x1b[2J\xc2\x9b", "\xe2\x81\xa6\xef\xbb\xbf",
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
	json_t *manifest = bundle_manifest(LAYOUT_COCO), *words = json_string(hostile[_i]);
	static const char *const keys[] = { "title", "description", "tool", "issuer" };
	char *text, *line;
	unsigned headings = 0;

	ck_assert_ptr_nonnull(words);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set(bundle_of(manifest), keys[i], words);
	json_object_set(item_of(manifest, 0), "region", words);
	json_object_set(item_of(manifest, 0), "label_by", words);
	json_object_set(json_object_get(item_of(manifest, 0), "redaction"), "detector", words);
	json_object_set_new(bundle_of(manifest), "recipients",
			    json_pack("[O{sO}]", words, "name", words));
	write_papers(manifest);
	text = bundle_text("DATASHEET.md");
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
	static const char *const keys[] = { "region", "event_id", "codec", "label_by" };
	json_t *manifest = bundle_manifest(LAYOUT_COCO);

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		json_t *row = item_of(manifest, i % BUNDLE_CLIPS);

		json_object_set_new(row, keys[i / BUNDLE_CLIPS], json_string(hostile[i]));
	}
	json_object_set_new(bundle_of(manifest), "title", json_string(hostile[5]));
	json_object_set_new(bundle_of(manifest), "usage_info",
			    json_pack("{s[{ss}]}", "a\xe2\x80\xae", hostile[4], hostile[9]));
	bundle_put_clips(manifest);
	write_papers(manifest);
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_VIDEOFOLDER, &err), 0);
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_COCO, &err), 0);
	ck_assert_int_eq(layout_write(bundle_fd, manifest, LAYOUT_LABELSTUDIO, &err), 0);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		ck_assert_msg(nobody_has(hidden[i]), "hidden %zu", i);
	json_decref(manifest);
}
END_TEST

START_TEST(a_value_of_another_kind_is_not_told)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO), *croissant;

	json_object_set_new(bundle_of(manifest), "title", json_integer(4711));
	json_object_set_new(bundle_of(manifest), "issuer", json_array());
	json_object_set_new(bundle_of(manifest), "retention", json_string("4711"));
	json_object_set_new(bundle_of(manifest), "recipients", json_integer(4711));
	json_object_set_new(item_of(manifest, 0), "region", json_integer(4711));
	json_object_set_new(item_of(manifest, 0), "redaction", json_integer(4711));
	json_object_set_new(item_of(manifest, 0), "training_mining", json_integer(4711));
	write_papers(manifest);
	croissant = bundle_json("croissant.json");
	ck_assert_str_eq(json_string_value(json_object_get(croissant, "name")), "doorstep-2026");
	ck_assert_ptr_null(json_object_get(croissant, "creator"));
	json_decref(croissant);
	json_decref(manifest);
}
END_TEST

START_TEST(nothing_is_more_exact_than_a_day)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO);
	json_t *retention = json_object_get(bundle_of(manifest), "retention");

	json_object_set_new(retention, "until", json_string("2027-11-22T12:34:56Z"));
	json_object_set_new(retention, "delete_by", json_string("2027-11-22T12:34:56Z"));
	write_papers(manifest);
	ck_assert(nobody_has("12:34"));
	ck_assert(bundle_has("DATASHEET.md", "deleted by 2027-11-22."));
	json_decref(manifest);
}
END_TEST

START_TEST(a_time_where_a_day_belongs_is_refused)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO);

	if (_i)
		say(item_of(manifest, 1), "captured", "2026-11-20T12:34:56Z");
	else
		say(bundle_of(manifest), "created", "2026-11-20T12:34:56Z");
	is_refused(manifest);
}
END_TEST

/* What would be written elsewhere, or is not what it says. */
static const struct {
	const char *key, *value;
} bad_items[] = {
	{ "name", "../car-door-staged-000001" }, { "name", "car-door-staged-/../../x" },
	{ "name", "car-door-staged-000001.x" }, { "name", ".car-door-staged-000001" },
	{ "name", "" },
	{ "name", "car-door-staged-\n" }, { "name", "package-theft-real-000002" },
	{ "name", "car-door-real-000001" }, { "name", "car-theft-staged-000001" },
	{ "path", "/etc/passwd" }, { "path", "items/../x.mp4" }, { "path", "items/other.mp4" },
	{ "path", "shards/car-door-staged-000001.mp4" },
	{ "path", "items/car-door-staged-000001.json" },
	{ "event_class", "burglary" }, { "event_class", "car-theft" }, { "origin", "any" },
	{ "origin", "real" }, { "sha256", "6731" }, { "sha256", "../../../x" },
	{ "source_class", "baby" }, { "source_class", "bedroom" }, { "captured", "yesterday" },
	{ "bytes", "700" },
};

START_TEST(an_item_that_is_wrong_is_refused)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO);
	char path[LAYOUT_PATH_MAX];

	say(item_of(manifest, 0), bad_items[_i].key, bad_items[_i].value);
	if (!strcmp(bad_items[_i].key, "name")) {
		layout_path(path, LAYOUT_COCO, bad_items[_i].value, "mp4");
		json_object_set_new(item_of(manifest, 0), "path", json_string(path));
	}
	is_refused(manifest);
}
END_TEST

START_TEST(no_two_clips_have_one_name)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO);

	json_array_append(json_object_get(manifest, "items"), item_of(manifest, 0));
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
	json_t *manifest = bundle_manifest(LAYOUT_COCO);

	if (bad_bundles[_i].value)
		json_object_set_new(bundle_of(manifest), bad_bundles[_i].key,
				    json_string(bad_bundles[_i].value));
	else
		json_object_del(bundle_of(manifest), bad_bundles[_i].key);
	is_refused(manifest);
}
END_TEST

START_TEST(a_bundle_without_clips_is_refused)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO);

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
	json_t *manifest = bundle_manifest(LAYOUT_COCO);
	char *text;

	say(bundle_of(manifest), "content_usage", preferences[_i].said);
	for (size_t i = 0; i < BUNDLE_CLIPS; i++)
		json_object_set_new(item_of(manifest, i), "training_mining",
			json_pack("{s{ss}}", "cawg.ai_generative_training", "use",
				  i + 1 < BUNDLE_CLIPS ? "allowed" : preferences[_i].use));
	write_papers(manifest);
	text = bundle_text(".scrim-usage");
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
	json_t *manifest = bundle_manifest(LAYOUT_COCO), *rules, *rule;

	json_object_set_new(bundle_of(manifest), "tdm", json_pack("{so}", "reservation",
			    json_loads(reservations[_i].json, JSON_DECODE_ANY, NULL)));
	write_papers(manifest);
	rules = bundle_json("tdmrep.json");
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
	json_t *manifest = bundle_manifest(LAYOUT_COCO);

	json_object_set_new(json_object_get(bundle_of(manifest), "tdm"), "policy",
			    json_string(policies[_i].policy));
	write_papers(manifest);
	ck_assert_int_eq(bundle_has("tdmrep.json", "tdm-policy"), policies[_i].kept);
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
	json_t *manifest = bundle_manifest(LAYOUT_COCO), *assertion;
	json_t *entry = json_loads(entries[_i].entry, JSON_DECODE_ANY, NULL);

	json_object_set_new(item_of(manifest, 0), "training_mining",
			    json_pack("{so}", "cawg.ai_training", entry));
	write_papers(manifest);
	assertion = bundle_json("cawg/car-door-staged-000001.json");
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
	json_t *manifest = bundle_manifest(_i ? LAYOUT_WEBDATASET : LAYOUT_COCO);
	json_t *croissant, *file;
	unsigned files = 0;
	size_t i;

	write_papers(manifest);
	croissant = bundle_json("croissant.json");
	json_array_foreach(json_object_get(croissant, "distribution"), i, file) {
		if (strcmp(json_string_value(json_object_get(file, "@type")), "cr:FileObject"))
			continue;
		ck_assert_str_eq(json_string_value(json_object_get(file, "contentSize")), "700 B");
		ck_assert(json_equal(json_object_get(file, "sha256"),
				     json_object_get(item_of(manifest, files), "sha256")));
		ck_assert_int_eq(!json_object_get(file, "containedIn"), !_i);
		files++;
	}
	ck_assert_int_eq(files, BUNDLE_CLIPS);
	json_decref(croissant);
	json_decref(manifest);
}
END_TEST

START_TEST(croissant_says_what_was_covered_and_for_whom_it_is)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO), *croissant;
	const char *protocol, *use;

	write_papers(manifest);
	croissant = bundle_json("croissant.json");
	ck_assert_int_eq(json_unpack(croissant, "{ss ss}", "rai:dataUseCases", &use,
				     "rai:dataManipulationProtocol", &protocol), 0);
	ck_assert_str_eq(protocol, "Covered, with the number of clips: faces=true, method=fill, "
			 "detector=face, threshold=0.6: 3. Taken away: audio, gps.");
	ck_assert_str_eq(use, "train-detector:package-theft, and nothing else");
	ck_assert(json_equal(json_object_get(croissant, "usageInfo"),
			     json_object_get(bundle_of(manifest), "usage_info")));
	ck_assert(bundle_has("croissant.json", "example-vision"));
	json_decref(croissant);
	json_decref(manifest);
}
END_TEST

/* Of the least that a manifest can say. */
static json_t *manifest_least(void)
{
	json_t *manifest = bundle_manifest(LAYOUT_COCO), *least = json_array();
	static const char *const keys[] = {
		"name", "path", "sha256", "bytes", "origin", "event_class",
	};

	for (size_t i = 0; i < BUNDLE_CLIPS; i++) {
		json_t *row = json_object(), *item = item_of(manifest, i);

		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			json_object_set(row, keys[k], json_object_get(item, keys[k]));
		json_array_append_new(least, row);
	}
	json_object_set_new(manifest, "items", least);
	json_object_set_new(manifest, "bundle", json_pack("{ss ss ss ss}", "id", "b1",
			    "campaign", "c1", "created", "2026-11-22",
			    "purpose", "train-detector:package-theft"));
	return manifest;
}

START_TEST(a_datasheet_says_what_it_cannot_answer)
{
	json_t *manifest = _i ? manifest_least() : bundle_manifest(LAYOUT_COCO);
	char *text;

	write_papers(manifest);
	text = bundle_text("DATASHEET.md");
	ck_assert_int_eq(bundle_count(text, "\n**"), 49);
	ck_assert_int_eq(bundle_count(text, "\n\nThe manifest does not say.\n"), _i ? 36 : 22);
	ck_assert_ptr_null(strstr(text, "(null)"));
	ck_assert_ptr_nonnull(strstr(text, "\n3 clips, 2100 bytes, "));
	ck_assert_ptr_nonnull(strstr(text, "package-theft: 1 real and 0 staged, "
				     "car-door: 0 real and 2 staged"));
	free(text);
	json_decref(manifest);
}
END_TEST

#define COUNT(of)	(int)(sizeof(of) / sizeof(of[0]))

Suite *papers_suite(void)
{
	Suite *suite = suite_create("papers");
	TCase *papers = tcase_create("papers"), *usage = tcase_create("usage");

	tcase_add_checked_fixture(papers, bundle_setup, bundle_teardown);
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

	tcase_add_checked_fixture(usage, bundle_setup, bundle_teardown);
	tcase_add_loop_test(usage, what_one_disallows_is_disallowed, 0, COUNT(preferences));
	tcase_add_loop_test(usage, mining_is_reserved_unless_it_says_0, 0, COUNT(reservations));
	tcase_add_loop_test(usage, a_policy_is_an_address_or_nothing, 0, 6);
	tcase_add_loop_test(usage, a_use_that_is_not_clearly_allowed_is_not, 0, COUNT(entries));
	tcase_add_loop_test(usage, a_purpose_is_one_use_for_recipients_alone, 0,
			    COUNT(purposes_of));
	suite_add_tcase(suite, usage);

	return suite;
}
