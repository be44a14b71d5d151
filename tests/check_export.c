// SPDX-License-Identifier: GPL-2.0
/*
 * What an export decides, names, keeps and packs; tests/run/export.sh has whole ones.
 */
#include "test.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "consent/letter.h"
#include "consent/store.h"
#include "consent/when.h"
#include "consent_case.h"
#include "export/choice.h"
#include "export/manifest.h"
#include "export/seal.h"
#include "export/tar.h"

static struct consent_case base;
static struct scrim_error err;
static char folder[64];

static void setup(void)
{
	case_make(&base, test_path("tests/consent"));
	snprintf(folder, sizeof(folder), "%s/scrim-check-export-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

/* Below the folder; good for a few calls. */
static const char *path_of(const char *name)
{
	static char path[8][256];
	static unsigned at;
	char *text = path[at++ % 8];

	snprintf(text, sizeof(path[0]), "%s/%s", folder, name);
	return text;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static int folder_fd(void)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Names */

static struct secret secret_of(const char *campaign)
{
	struct secret secret;
	int fd = folder_fd();

	ck_assert_int_eq(secret_open(&secret, fd, campaign, true, &err), 0);
	close(fd);
	return secret;
}

START_TEST(a_name_means_nothing_outside_its_campaign)
{
	struct secret one = secret_of("one"), again = secret_of("one"), other = secret_of("other");
	char a[PSEUDONYM_TEXT_MAX], b[PSEUDONYM_TEXT_MAX], c[PSEUDONYM_TEXT_MAX];
	struct secret_key key, same, another;

	secret_pseudonym(a, &one, "camera", "porch");
	secret_pseudonym(b, &again, "camera", "porch");
	ck_assert_str_eq(a, b);
	secret_pseudonym(b, &other, "camera", "porch");
	ck_assert_str_ne(a, b);
	secret_pseudonym(c, &one, "event", "porch");
	ck_assert_str_ne(a, c);
	secret_pseudonym(c, &one, "camera", "drive");
	ck_assert_str_ne(a, c);
	secret_signer(&key, &one);
	secret_signer(&same, &again);
	secret_signer(&another, &other);
	ck_assert_mem_eq(&key, &same, sizeof(key));
	ck_assert_mem_ne(&key.public, &another.public, sizeof(key.public));
}
END_TEST

START_TEST(a_fingerprint_tells_one_secret_from_another_and_no_more)
{
	struct secret one = secret_of("one"), campaign = secret_of("other"), other;
	char a[SHA256_TEXT_MAX], b[SHA256_TEXT_MAX], hex[2 * SECRET_SIZE + 1];

	secret_fingerprint(a, &one);
	secret_fingerprint(b, &campaign);
	ck_assert_str_eq(a, b);
	ck_assert_int_eq(secret_open(&other, -1, "one", false, &err), 1);
	secret_fingerprint(b, &other);
	ck_assert_str_ne(a, b);
	sodium_bin2hex(hex, sizeof(hex), one.store, SECRET_SIZE);
	ck_assert_str_ne(a, hex);
	secret_proof(b, &one, "key", "");
	ck_assert_str_ne(a, b);
}
END_TEST

START_TEST(a_secret_that_others_can_read_or_that_is_damaged_is_refused)
{
	struct secret secret = secret_of("one");
	int fd = folder_fd();

	ck_assert_int_eq(chmod(path_of(SECRET_FILE), 0640), 0);
	ck_assert_int_eq(secret_open(&secret, fd, "one", true, &err), -EACCES);
	ck_assert_int_eq(chmod(path_of(SECRET_FILE), 0600), 0);
	ck_assert_int_eq(truncate(path_of(SECRET_FILE), 60), 0);
	ck_assert_int_eq(secret_open(&secret, fd, "one", true, &err), -EBADMSG);
	close(fd);
}
END_TEST

START_TEST(nothing_is_written_to_find_a_name)
{
	struct secret one, other;
	char a[PSEUDONYM_TEXT_MAX], b[PSEUDONYM_TEXT_MAX];
	int fd = folder_fd();

	ck_assert_int_eq(secret_open(&one, fd, "one", false, &err), 1);
	ck_assert_int_eq(secret_open(&other, -1, "one", false, &err), 1);
	ck_assert_int_ne(access(path_of(SECRET_FILE), F_OK), 0);
	secret_pseudonym(a, &one, "camera", "porch");
	secret_pseudonym(b, &other, "camera", "porch");
	ck_assert_str_ne(a, b);
	close(fd);
}
END_TEST

/* Clips */

START_TEST(what_the_exporter_does_outranks_the_item)
{
	struct item item = base.item;

	item.data = term_bit(DATA_AUDIO) | term_bit(DATA_UNREDACTED) | term_bit(DATA_METADATA);
	item.redaction.faces = item.redaction.plates = false;
	item.redaction.method = STRENGTH_BLUR;
	item.shown = term_bit(EXCLUDED_AUDIO) | term_bit(EXCLUDED_SCREEN);
	clip_covered(&item);
	ck_assert_uint_eq(item.data, term_bit(DATA_REDACTED));
	ck_assert(item.redaction.faces);
	ck_assert_uint_eq(item.redaction.method, STRENGTH_FILL);
	/* What it does not look at stays what the item says. */
	ck_assert(!item.redaction.plates);
	ck_assert_uint_eq(item.shown, term_bit(EXCLUDED_SCREEN));
}
END_TEST

START_TEST(only_what_cannot_be_undone_is_exported)
{
	static const struct {
		const char *key, *value;
	} weak[] = {
		{ "faces", "mosaic" }, { "faces", "blur" }, { "faces", "show" }, { "moving", "mosaic" },
		{ "moving", "blur" }, { "detector", "none" }, { "detector", "motion" },
		{ "model", "/any.onnx" }, { "detect-size", "32x32" }, { "replay", "/boxes" },
		{ "class", "baby" },
	};
	struct policy policy, done;

	policy_default(&policy);
	ck_assert_int_eq(clip_policy(&done, &policy, &err), 0);
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,1", &err), 0);
	ck_assert_int_eq(clip_policy(&done, &policy, &err), 0);
	policy.region[0].method = METHOD_BLUR;
	ck_assert_int_eq(clip_policy(&done, &policy, &err), -EINVAL);
	for (unsigned i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		policy_default(&policy);
		ck_assert_int_eq(policy_set(&policy, weak[i].key, weak[i].value, &err), 0);
		ck_assert_msg(clip_policy(&done, &policy, &err) == -EINVAL, "%s", weak[i].value);
	}
}
END_TEST

START_TEST(of_a_policy_only_what_covers_more_is_taken)
{
	struct policy policy, done, plain;

	policy_default(&plain);
	policy_default(&policy);
	ck_assert_int_eq(policy_set(&policy, "moving", "fill", &err), 0);
	ck_assert_int_eq(policy_set(&policy, "region", "0,0 1,0 1,1", &err), 0);
	ck_assert_int_eq(policy_set(&policy, "device", "/dev/video7", &err), 0);
	ck_assert_int_eq(policy_set(&policy, "class", "outdoor", &err), 0);
	snprintf(policy.camera, sizeof(policy.camera), "porch");
	policy.region[0].between = (struct hours){ 60, 120 };
	ck_assert_int_eq(clip_policy(&done, &policy, &err), 0);
	plain.moving = METHOD_FILL;
	plain.regions = 1;
	plain.region[0] = policy.region[0];
	plain.region[0].between = (struct hours){ 0 };
	ck_assert_mem_eq(&done, &plain, sizeof(done));
}
END_TEST

/* NAME and NAME.json, an item of ten seconds; key NULL: nothing else is changed. */
static const char *make_clip(const char *name, const char *from, const char *key, const char *value)
{
	json_t *item = json_load_file(test_path("tests/consent/item.json"), 0, NULL);
	char sha256[SHA256_TEXT_MAX], until[WHEN_TEXT_MAX], json[64];

	put(name, name);
	sha256_text(sha256, name, strlen(name));
	when_write(until, case_time(from) + 10);
	json_object_set_new(item, "sha256", json_string(sha256));
	json_object_set_new(item, "captured", json_pack("{ss ss}", "from", from, "until", until));
	if (key && !strcmp(key, "donor"))
		json_object_set_new(json_array_get(json_object_get(item, "people"), 0), "id",
				    json_string(value));
	else if (key)
		json_object_set_new(item, key, json_string(value));
	snprintf(json, sizeof(json), "%s.json", name);
	ck_assert_int_eq(json_dump_file(item, path_of(json), 0), 0);
	json_decref(item);
	return path_of(name);
}

/* One face is as much as many: no track of a detector that is sure enough is shrugged off. */
START_TEST(faces_in_a_clip_of_nobody_are_refused)
{
	static const struct {
		unsigned persons, false_faces, faces;
		bool goes;
	} cases[] = {
		{ 0, 0, 0, true }, { 0, 0, 1, false }, { 0, 3, 3, true }, { 0, 3, 4, false },
		{ 1, 0, 1, true }, { 1, 0, 9, true },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct chosen p = {
			.state = CLIP_GOES,
			.item = { .persons = cases[i].persons, .false_faces = cases[i].false_faces },
			.redacted = { .frames = 50, .with_faces = 7, .faces = cases[i].faces },
		};

		choice_count_faces(&p);
		ck_assert_int_eq(p.state, cases[i].goes ? CLIP_GOES : CLIP_REFUSED);
		ck_assert(cases[i].goes || p.judged.code == E_NOCONSENT);
		ck_assert(cases[i].goes || strstr(p.judged.sentence, "in 7 of 50 pictures"));
	}
}
END_TEST

START_TEST(an_item_of_another_clip_is_none)
{
	struct clip clip;
	const char *path = make_clip("clip", "2026-11-22T12:00:00Z", NULL, NULL);

	ck_assert_int_eq(clip_open(&clip, path, &err), 0);
	ck_assert_int_eq(clip_check(&clip, &err), 0);
	put("clip", "something else");
	ck_assert_int_eq(clip_check(&clip, &err), -EBADMSG);
	clip_close(&clip);
	ck_assert_int_eq(clip_open(&clip, path, &err), -EBADMSG);
	remove(path_of("clip.json"));
	ck_assert_int_eq(clip_open(&clip, path, &err), -ENOENT);
}
END_TEST

/* One that changes while it is read could be right whenever it is compared. */
START_TEST(what_is_redacted_is_a_copy_that_nobody_changes)
{
	const char *path = make_clip("clip", "2026-11-22T12:00:00Z", NULL, NULL);
	int place = open(path_of(""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat before, own;
	struct clip clip;

	ck_assert_int_eq(clip_open(&clip, path, &err), 0);
	ck_assert_int_eq(fstat(clip.fd, &before), 0);
	ck_assert_int_eq(clip_own(&clip, place, &err), 0);
	ck_assert_int_eq(fstat(clip.fd, &own), 0);
	ck_assert_uint_ne(before.st_ino, own.st_ino);
	ck_assert_uint_eq(own.st_nlink, 0);
	put("clip", "something else");
	ck_assert_int_eq(clip_check(&clip, &err), 0);
	clip_close(&clip);

	path = make_clip("clip", "2026-11-22T12:00:00Z", NULL, NULL);
	ck_assert_int_eq(clip_open(&clip, path, &err), 0);
	put("clip", "something else");
	ck_assert_int_eq(clip_own(&clip, place, &err), -EBADMSG);
	clip_close(&clip);
	close(place);
}
END_TEST

START_TEST(the_camera_of_a_policy_is_that_of_the_clip)
{
	const struct secret secret = secret_of("doorstep-2026");
	char *path = strdup(make_clip("a", "2026-11-22T12:00:00Z", "camera", "drive"));
	struct choice choice = { .store = path_of("none"), .settings = path_of("none.conf"),
				 .recipient = "example-vision", .campaign = &base.campaign,
				 .of_camera = _i ? "drive" : "porch" };

	ck_assert_int_eq(choice_new(&choice, &path, 1, &err), 0);
	ck_assert_int_eq(choice_make(&choice, &secret, NULL, &err), 0);
	ck_assert_uint_eq(choice.at[0].state, _i ? CLIP_REFUSED : CLIP_FAILED);
	choice_free(&choice);
	free(path);
}
END_TEST

START_TEST(an_item_that_was_changed_is_another)
{
	const char *path = make_clip("clip", "2026-11-22T12:00:00Z", NULL, NULL);
	struct clip clip;
	struct item other;

	ck_assert_int_eq(clip_open(&clip, path, &err), 0);
	clip_close(&clip);
	clip_covered(&clip.item);
	ck_assert_int_eq(clip_still(&clip.item, path, &err), 0);
	other = clip.item;
	other.person[0].age_class++;
	ck_assert_int_eq(clip_still(&other, path, &err), -ESTALE);
	make_clip("clip", "2026-11-22T12:00:00Z", "camera", "drive");
	ck_assert_int_eq(clip_still(&clip.item, path, &err), -ESTALE);
	remove(path_of("clip.json"));
	ck_assert_int_eq(clip_still(&clip.item, path, &err), -ENOENT);
}
END_TEST

START_TEST(clips_whose_times_touch_are_of_one_event)
{
	const struct secret secret = secret_of("doorstep-2026");
	char *paths[] = {
		strdup(make_clip("a", "2026-11-22T12:00:00Z", NULL, NULL)),
		strdup(make_clip("b", "2026-11-22T12:00:18Z", "camera", "drive")),
		strdup(make_clip("c", "2026-11-22T12:00:09Z", "camera", "side")),
		strdup(make_clip("later", "2026-11-22T12:00:30Z", NULL, NULL)),
		strdup(make_clip("class", "2026-11-22T12:00:09Z", "event_class", "car-theft")),
		strdup(make_clip("donor", "2026-11-22T12:00:09Z", "donor", "other")),
		strdup(make_clip("again", "2026-11-22T12:00:09Z", NULL, NULL)),
	};
	struct choice choice = { .store = path_of("none"), .settings = path_of("none.conf"),
				 .recipient = "example-vision", .campaign = &base.campaign };

	ck_assert_int_eq(choice_new(&choice, paths, 7, &err), 0);
	ck_assert_int_eq(choice_make(&choice, &secret, NULL, &err), 0);
	/* a and b do not, but c touches both. */
	ck_assert_str_eq(choice.at[0].event, choice.at[2].event);
	ck_assert_str_eq(choice.at[1].event, choice.at[2].event);
	ck_assert_str_ne(choice.at[0].camera, choice.at[1].camera);
	/* The second of a camera is another, even when its time touches. */
	for (unsigned i = 3; i < 7; i++)
		ck_assert_str_ne(choice.at[0].event, choice.at[i].event);
	ck_assert_uint_eq(choice_going(&choice), 0);	/* nobody agreed */
	choice_free(&choice);
	for (unsigned i = 0; i < 7; i++)
		free(paths[i]);
}
END_TEST

/* Deciding */

static struct judgement *judgement;
static struct chain known;		/* seq 0: nothing is */

static int ask(const struct judge_case *cases, unsigned count)
{
	const struct judge_request request = {
		.store = path_of("store"), .settings = path_of("settings"),
		.campaign = &base.campaign, .recipient = "example-vision",
		.purpose = base.campaign.offer.purpose, .count = count, .at = cases,
		.known = &known,
	};

	free(judgement);
	judgement = calloc(1, judgement_size(count));
	ck_assert_ptr_nonnull(judgement);
	return judge(judgement, &request, &err);
}

/* Who acts has a key of their own: it comes in a letter. */
static void agree(void)
{
	struct store_taken taken;
	struct secret_key theirs;
	int64_t now = time(NULL);
	json_t *letter;
	char *text;

	for (unsigned i = 0; i < 2; i++)
		base.consent[i].event[0].time = base.consent[i].event[0].from = now - 60;
	ck_assert_int_ge(store_grant(path_of("store"), &base.consent[CASE_DONOR], &err), 0);
	secret_key_make(&theirs);
	*base.consent[CASE_ACTOR].key = '\0';
	letter = letter_json(&base.consent[CASE_ACTOR], &theirs);
	text = json_dumps(letter, 0);
	ck_assert_msg(store_take(&taken, path_of("store"), text, &err) == 0, "%s", err.text);
	json_decref(letter);
	free(text);
	base.item.from = base.item.until = now - 30;
	put("settings", "[export]\nallow = yes\n");
}

START_TEST(each_question_is_of_now)
{
	const struct judge_case one = { &base.item, "event", 0, 0, NOTICE_UNKNOWN };
	static struct store_matches matches;
	struct consent_event event;

	agree();
	if (geteuid())
		return;			/* settings are root's */
	ck_assert_int_eq(ask(&one, 1), 0);
	ck_assert_int_eq(judgement->at[0].code, DECISION_ALLOW);
	ck_assert_str_eq(judgement->at[0].consent[1].record_id, base.consent[1].record_id);
	ck_assert_uint_eq(judgement->at[0].days, 365);
	ck_assert_uint_eq(judgement->head.seq, 2);
	known = judgement->head;
	ck_assert_int_eq(ask(&one, 1), 0);
	ck_assert_int_eq(judgement->at[0].code, DECISION_ALLOW);
	known.seq++;
	ck_assert_int_eq(ask(&one, 1), 0);
	ck_assert_int_eq(judgement->at[0].code, E_LEDGER);
	known.seq = 0;
	put("settings", "[export]\nallow = no\n");
	ck_assert_int_eq(ask(&one, 1), 0);
	ck_assert_int_eq(judgement->at[0].code, E_OFF);
	put("settings", "[export]\nallow = yes\n");
	event = base.consent[0].event[0];
	event.state = STATE_WITHDRAWN;
	ck_assert_int_ge(store_withdraw(&matches, path_of("store"), base.consent[0].record_id, &event,
					&err), 0);
	ck_assert_int_eq(ask(&one, 1), 0);
	ck_assert_int_eq(judgement->at[0].code, E_NOCONSENT);
	ck_assert_str_eq(judgement->at[0].rule, "noconsent.withdrawn");
}
END_TEST

START_TEST(settings_that_are_not_there_or_not_roots_allow_nothing)
{
	const struct judge_case one = { &base.item, "event", 0, 0, NOTICE_UNKNOWN };

	agree();
	remove(path_of("settings"));
	ck_assert_int_eq(ask(&one, 1), 0);
	ck_assert_int_eq(judgement->at[0].code, E_OFF);
	put("settings", "[export]\nallow = yes\n");
	ck_assert_int_eq(chmod(path_of("settings"), 0664), 0);
	ck_assert_int_eq(ask(&one, 1), -EACCES);
	if (geteuid())
		return;
	ck_assert_int_eq(chmod(path_of("settings"), 0644), 0);
	put("settings", "[export]\nalow = yes\n");
	ck_assert_int_eq(ask(&one, 1), -EINVAL);
	put("settings", "[export]\nallow = yes\n");
	ck_assert_int_eq(chown(path_of("settings"), 60001, 60001), 0);
	ck_assert_int_eq(ask(&one, 1), -EACCES);
}
END_TEST

START_TEST(what_is_allowed_before_counts_towards_a_quota)
{
	struct item other = base.item, drive;
	struct judge_case cases[] = {
		{ &base.item, "one", 0, 0, NOTICE_UNKNOWN }, { &other, "one", 0, 0, NOTICE_UNKNOWN },
		{ &base.item, "two", 0, 0, NOTICE_UNKNOWN },
		{ &base.item, "three", 0, 0, NOTICE_UNKNOWN },
	};

	agree();
	other = drive = base.item;
	snprintf(drive.camera, sizeof(drive.camera), "drive");
	if (geteuid())
		return;
	base.campaign.quota[base.item.event] = 2;
	ck_assert_int_eq(ask(cases, 4), 0);
	/* Two clips of one event count once. */
	ck_assert_int_eq(judgement->at[1].code, DECISION_ALLOW);
	ck_assert_int_eq(judgement->at[2].code, DECISION_ALLOW);
	ck_assert_int_eq(judgement->at[3].code, E_QUOTA);
	cases[0].class_taken = cases[1].class_taken = cases[2].class_taken = 1;
	ck_assert_int_eq(ask(cases, 3), 0);
	ck_assert_int_eq(judgement->at[1].code, DECISION_ALLOW);
	ck_assert_int_eq(judgement->at[2].code, E_QUOTA);
	/* The cap of a camera, ten, is its own. */
	base.campaign.quota[base.item.event] = 100;
	memset(cases, 0, sizeof(cases));
	cases[0] = (struct judge_case){ &base.item, "one", 0, 9, NOTICE_UNKNOWN };
	cases[1] = (struct judge_case){ &base.item, "two", 0, 9, NOTICE_UNKNOWN };
	cases[2] = (struct judge_case){ &drive, "two", 0, 0, NOTICE_UNKNOWN };
	ck_assert_int_eq(ask(cases, 3), 0);
	ck_assert_int_eq(judgement->at[1].code, E_QUOTA);
	ck_assert_int_eq(judgement->at[2].code, DECISION_ALLOW);
}
END_TEST

/* Telling */

/* What of the bundle is not the recipient's to know, hashed. */
static void told(const char *campaign, char policy[SHA256_TEXT_MAX], char head[SHA256_TEXT_MAX])
{
	const struct secret secret = secret_of(campaign);
	const struct recipe recipe = { .policy = "policy" };
	static struct policy none;
	struct chosen clip = { .state = CLIP_GOES, .item = base.item, .judged.days = 365 };
	const struct choice choice = { .recipient = "example-vision", .campaign = &base.campaign,
				       .count = 1, .at = &clip, .head = { 1, "head" } };
	const struct manifest_facts facts = { &choice, "bundle", &recipe, &none, &secret, 0, true,
					      LAYOUT_VIDEOFOLDER };
	json_t *manifest = manifest_make(&facts);
	const char *a, *b;

	ck_assert_int_eq(json_unpack(manifest, "{s{s{ss} ss}}", "bundle", "policy", "sha256", &a,
				     "ledger_head", &b), 0);
	snprintf(policy, SHA256_TEXT_MAX, "%s", a);
	snprintf(head, SHA256_TEXT_MAX, "%s", b);
	json_decref(manifest);
}

START_TEST(two_campaigns_are_told_of_one_policy_and_log_by_other_hashes)
{
	char policy[3][SHA256_TEXT_MAX], head[3][SHA256_TEXT_MAX];

	told("one", policy[0], head[0]);
	told("one", policy[1], head[1]);
	told("other", policy[2], head[2]);
	ck_assert_str_eq(policy[0], policy[1]);
	ck_assert_str_eq(head[0], head[1]);
	ck_assert_str_ne(policy[0], policy[2]);
	ck_assert_str_ne(head[0], head[2]);
	ck_assert_str_ne(policy[0], "policy");
	ck_assert_str_ne(head[0], "head");
	ck_assert_uint_eq(strlen(head[0]), SHA256_TEXT_MAX - 1);
}
END_TEST

/* Keeping */

static struct stage open_stage(void)
{
	struct stage stage;

	ck_assert_int_eq(stage_open(&stage, folder, true, &err), 0);
	return stage;
}

static struct redacted keep(const struct stage *stage, const struct secret *secret)
{
	const struct recipe recipe = { "policy", "model", "tool" };
	struct redacted redacted = { .frames = 10, .microseconds = 900000, .width = 96, .height = 64 };
	char name[128];

	redacted_key(redacted.key, secret, base.item.sha256, &recipe);
	snprintf(name, sizeof(name), "stage/done/%s.mp4", redacted.key);
	put(name, "covered");
	sha256_text(redacted.sha256, "covered", 7);
	redacted.bytes = 7;
	ck_assert_int_eq(stage_keep(&redacted, stage, secret, &err), 0);
	return redacted;
}

static int find(const struct stage *stage, const struct secret *secret, const char *key)
{
	struct redacted found;
	int ret = stage_find(&found, stage, secret, key, &err);

	if (ret > 0)
		ck_assert(found.frames == 10 && found.width == 96 && found.bytes == 7);
	return ret;
}

START_TEST(a_redacted_clip_is_taken_up_if_it_proves_what_it_is)
{
	const struct secret secret = secret_of("one");
	struct stage stage = open_stage();
	struct redacted r = keep(&stage, &secret);
	char mp4[128], json[128], text[1024] = "", *at;
	FILE *file;

	snprintf(mp4, sizeof(mp4), "stage/done/%s.mp4", r.key);
	snprintf(json, sizeof(json), "stage/done/%s.json", r.key);
	ck_assert_int_eq(find(&stage, &secret, r.key), 1);
	put(mp4, "showing");
	ck_assert_int_eq(find(&stage, &secret, r.key), 0);
	ck_assert_int_ne(access(path_of(mp4), F_OK), 0);	/* and is gone */
	keep(&stage, &secret);
	file = fopen(path_of(json), "re");
	ck_assert(file && fread(text, 1, sizeof(text) - 1, file) > 0 && fclose(file) == 0);
	at = strstr(text, "\"frames\":10");
	ck_assert_ptr_nonnull(at);
	at[strlen("\"frames\":1")] = '1';
	put(json, text);
	ck_assert_int_eq(find(&stage, &secret, r.key), 0);
	keep(&stage, &secret);
	ck_assert_int_eq(remove(path_of(json)), 0);
	ck_assert_int_eq(find(&stage, &secret, r.key), 0);
	stage_close(&stage);
}
END_TEST

START_TEST(another_policy_model_or_program_makes_another_clip)
{
	const struct secret secret = secret_of("one");
	const struct recipe recipes[] = {
		{ "a", "b", "c" }, { "x", "b", "c" }, { "a", "x", "c" }, { "a", "b", "x" },
	};
	char first[SHA256_TEXT_MAX], key[SHA256_TEXT_MAX];

	redacted_key(first, &secret, "clip", &recipes[0]);
	for (unsigned i = 1; i < 4; i++) {
		redacted_key(key, &secret, "clip", &recipes[i]);
		ck_assert_str_ne(first, key);
	}
	redacted_key(key, &secret, "other", &recipes[0]);
	ck_assert_str_ne(first, key);
}
END_TEST

START_TEST(one_export_is_under_way)
{
	struct stage stage = open_stage(), other;

	ck_assert_int_eq(stage_open(&other, folder, true, &err), -EBUSY);
	stage_close(&stage);
	ck_assert_int_eq(stage_open(&other, folder, true, &err), 0);
	stage_close(&other);
	ck_assert_int_eq(chmod(path_of("stage"), 0750), 0);
	ck_assert_int_eq(stage_open(&other, folder, true, &err), -EACCES);
}
END_TEST

START_TEST(a_place_is_read_as_it_was_written)
{
	static const char bundle[] = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
	struct place place = { "/some where/else", "file.tar.age" }, read;
	struct stage stage = open_stage();

	ck_assert_int_eq(place_write(&stage, bundle, &place, &err), 0);
	ck_assert_int_eq(place_read(&read, &stage, bundle, &err), 0);
	ck_assert_str_eq(read.folder, place.folder);
	ck_assert_str_eq(read.file, place.file);
	put("stage/6ba7b810-9dad-41d1-80b4-00c04fd430c8.place", "else\nfile\n");
	ck_assert_int_eq(place_read(&read, &stage, bundle, &err), -EBADMSG);
	put("stage/6ba7b810-9dad-41d1-80b4-00c04fd430c8.place", "/else");
	ck_assert_int_eq(place_read(&read, &stage, bundle, &err), -EBADMSG);
	stage_end(&stage, bundle);
	ck_assert_int_eq(place_read(&read, &stage, bundle, &err), -ENOENT);
	stage_close(&stage);
}
END_TEST

/* Packing */

static struct known_file known_file(const char *path, const char *text)
{
	struct known_file file;

	snprintf(file.path, sizeof(file.path), "%s", path);
	sha256_text(file.sha256, text, strlen(text));
	return file;
}

static int pack(const char *name, const char *first)
{
	const volatile int stop = 0;
	int fd = open(path_of(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int out = memfd_create("tar", MFD_CLOEXEC);
	struct known_file files[] = {
		known_file("b", "bytes of b"), known_file("z", "first"),
		known_file("sub/c", "bytes of c"),
	};
	const struct packing packing = { .folder = fd, .first = first, .known = { files, 3 } };
	uint64_t bytes;
	struct stat st;

	ck_assert_int_eq(tar_write(&bytes, out, &packing, &stop, &err), 0);
	ck_assert_int_eq(fstat(out, &st), 0);
	ck_assert_uint_eq(bytes, st.st_size);
	close(fd);
	return out;
}

START_TEST(the_same_files_make_the_same_tar_file)
{
	char a[20480] = "", b[20480] = "";
	ssize_t sizes[2];
	int fd;

	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(mkdir(path_of(i ? "two" : "one"), 0700), 0);
		ck_assert_int_eq(mkdir(path_of(i ? "two/sub" : "one/sub"), i ? 0755 : 0700), 0);
		/* In another order, with other times and modes. */
		put(i ? "two/b" : "one/sub/c", i ? "bytes of b" : "bytes of c");
		put(i ? "two/sub/c" : "one/b", i ? "bytes of c" : "bytes of b");
		put(i ? "two/z" : "one/z", "first");
	}
	ck_assert_int_eq(chmod(path_of("two/b"), 0600), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, path_of("two/z"),
				   (struct timespec[]){ { 1, 1 }, { 1, 1 } }, 0), 0);
	fd = pack("one", "z");
	sizes[0] = pread(fd, a, sizeof(a), 0);
	close(fd);
	fd = pack("two", "z");
	sizes[1] = pread(fd, b, sizeof(b), 0);
	close(fd);
	ck_assert_int_gt(sizes[0], 0);
	ck_assert_int_eq(sizes[0], sizes[1]);
	ck_assert_mem_eq(a, b, sizes[0]);
	ck_assert_str_eq(a, "z");
}
END_TEST

START_TEST(what_is_known_is_packed_as_it_was_and_nothing_else)
{
	const volatile int stop = 0;
	struct known_file clip = known_file("items/a.mp4", "covered");
	struct packing packing = { .known = { &clip, 1 } };
	int out = memfd_create("tar", MFD_CLOEXEC);
	uint64_t bytes, with_other;

	ck_assert_int_eq(mkdir(path_of("one"), 0700), 0);
	ck_assert_int_eq(mkdir(path_of("one/items"), 0700), 0);
	packing.folder = open(path_of("one"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(tar_write(&bytes, out, &packing, &stop, &err), -ENOENT);
	ck_assert_str_eq(err.text, "cannot pack items/a.mp4: No such file or directory");
	put("one/items/a.mp4", "covered");
	ck_assert_int_eq(tar_write(&bytes, out, &packing, &stop, &err), 0);
	put("one/items/b.mp4", "whatever it is");
	put("one/other", "whatever it is");
	ck_assert_int_eq(tar_write(&with_other, out, &packing, &stop, &err), 0);
	ck_assert_uint_eq(bytes, with_other);
	put("one/items/a.mp4", "covereD");
	ck_assert_int_eq(tar_write(&bytes, out, &packing, &stop, &err), -EBADMSG);
	ck_assert_str_eq(err.text, "items/a.mp4 is another file by now");
	close(packing.folder);
	close(out);
}
END_TEST

START_TEST(a_link_is_not_packed)
{
	const volatile int stop = 0;
	struct known_file link = known_file("link", "bytes");
	struct packing packing = { .known = { &link, 1 } };
	uint64_t bytes;
	int out = memfd_create("tar", MFD_CLOEXEC);

	ck_assert_int_eq(mkdir(path_of("one"), 0700), 0);
	ck_assert_int_eq(symlink("../bytes", path_of("one/link")), 0);
	put("bytes", "bytes");
	packing.folder = open(path_of("one"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(tar_write(&bytes, out, &packing, &stop, &err), -ELOOP);
	close(packing.folder);
	close(out);
}
END_TEST

/* Looking at what was packed */

/* The head that age(1) writes for one recipient, and after it bytes that fill makes. */
static int sealed_file(size_t body, void (*fill)(void *data, size_t size))
{
	static const char head[] = "age-encryption.org/v1\n"
		"-> X25519 6Lm0ZGpAkEVuQ3JXUXQCVTI9Tr1YvwZ0n0Xr5QvRqFM\n"
		"hoZcnXcjeyvpXaJPlS1bHk0TMrQ7OGLqDFTQ1ZDeTFs\n"
		"--- kC4t6PzY5gZMOqjPpbJmqjYJbtNmnP1lSYrYpSDWg9o\n";
	int fd = memfd_create("sealed", MFD_CLOEXEC);
	uint8_t *data = malloc(body);

	fill(data, body);
	ck_assert_int_eq(write(fd, head, strlen(head)), strlen(head));
	ck_assert_int_eq(write(fd, data, body), body);
	free(data);
	return fd;
}

static void fill_random(void *data, size_t size)
{
	randombytes_buf(data, size);
}

static void fill_text(void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((char *)data)[i] = "what somebody said "[i % 19];
}

/* A clip among what is encrypted. */
static void fill_middle(void *data, size_t size)
{
	fill_random(data, size);
	fill_text((char *)data + size / 2 - 30000, 60000);
}

static int looked_at(size_t body, void (*fill)(void *data, size_t size))
{
	int fd = sealed_file(body, fill), ret;
	uint64_t bytes;

	ret = seal_look(fd, "it", &bytes, &err);
	close(fd);
	return ret;
}

START_TEST(a_head_does_not_make_a_bundle_encrypted)
{
	const size_t small = 16 + 10240 + 16, large = 16 + 409600 + 7 * 16;

	ck_assert_int_eq(looked_at(small, fill_random), 0);
	ck_assert_int_eq(looked_at(large, fill_random), 0);
	ck_assert_int_eq(looked_at(small, fill_text), -EIO);
	ck_assert_int_eq(looked_at(large, fill_text), -EIO);
	ck_assert_int_eq(looked_at(large, fill_middle), -EIO);
	/* No tar file is encrypted to so many bytes. */
	ck_assert_int_eq(looked_at(small + 1, fill_random), -EIO);
	ck_assert_int_eq(looked_at(large - 16, fill_random), -EIO);
	ck_assert_int_eq(looked_at(16, fill_random), -EIO);
	ck_assert_int_eq(looked_at(1, fill_random), -EIO);
}
END_TEST

Suite *export_suite(void)
{
	Suite *suite = suite_create("export");
	TCase *tcase = tcase_create("export");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_name_means_nothing_outside_its_campaign);
	tcase_add_test(tcase, a_fingerprint_tells_one_secret_from_another_and_no_more);
	tcase_add_test(tcase, a_secret_that_others_can_read_or_that_is_damaged_is_refused);
	tcase_add_test(tcase, nothing_is_written_to_find_a_name);
	tcase_add_test(tcase, what_the_exporter_does_outranks_the_item);
	tcase_add_test(tcase, only_what_cannot_be_undone_is_exported);
	tcase_add_test(tcase, of_a_policy_only_what_covers_more_is_taken);
	tcase_add_loop_test(tcase, the_camera_of_a_policy_is_that_of_the_clip, 0, 2);
	tcase_add_test(tcase, faces_in_a_clip_of_nobody_are_refused);
	tcase_add_test(tcase, an_item_of_another_clip_is_none);
	tcase_add_test(tcase, what_is_redacted_is_a_copy_that_nobody_changes);
	tcase_add_test(tcase, an_item_that_was_changed_is_another);
	tcase_add_test(tcase, clips_whose_times_touch_are_of_one_event);
	tcase_add_test(tcase, each_question_is_of_now);
	tcase_add_test(tcase, settings_that_are_not_there_or_not_roots_allow_nothing);
	tcase_add_test(tcase, what_is_allowed_before_counts_towards_a_quota);
	tcase_add_test(tcase, two_campaigns_are_told_of_one_policy_and_log_by_other_hashes);
	tcase_add_test(tcase, a_redacted_clip_is_taken_up_if_it_proves_what_it_is);
	tcase_add_test(tcase, another_policy_model_or_program_makes_another_clip);
	tcase_add_test(tcase, one_export_is_under_way);
	tcase_add_test(tcase, a_place_is_read_as_it_was_written);
	tcase_add_test(tcase, the_same_files_make_the_same_tar_file);
	tcase_add_test(tcase, what_is_known_is_packed_as_it_was_and_nothing_else);
	tcase_add_test(tcase, a_link_is_not_packed);
	tcase_add_test(tcase, a_head_does_not_make_a_bundle_encrypted);
	return suite;
}
