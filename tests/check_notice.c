// SPDX-License-Identifier: GPL-2.0
/*
 * Who was told is what the log says, and what it does not say was not.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "consent/key.h"
#include "consent/ledger.h"
#include "consent/notice.h"

#define MISSING	"missing"

/* "6 shown", "30 !ended": minutes after eight, "!" where entries before it are missing. */
static void take(struct notice_search *search, int minute, const char *word)
{
	struct entry entry = { .fields = json_object() };
	bool missing = *word == '!', shown;

	word += missing;
	shown = !strcmp(word, "shown");
	snprintf(entry.at, sizeof(entry.at), "2026-11-22T08:%02d:00Z", minute);
	snprintf(entry.kind, sizeof(entry.kind), "%s", shown || !strcmp(word, "ended") ? "notice" : word);
	if (!strcmp(entry.kind, "notice"))
		json_object_set_new(entry.fields, "shown", json_boolean(shown));
	if (missing)
		json_object_set_new(entry.fields, "missing", json_integer(1));
	notice_take(search, &entry);
	json_decref(entry.fields);
}

#define EIGHT	1795334400		/* 2026-11-22T08:00:00Z */

/* A clip of the minutes 10 to 20, in logs. */
static const struct {
	const char *log;
	bool told;
} logs[] = {
	{ "5 start 6 shown 30 ended 31 stop", true },
	{ "10 shown 20 ended", true },
	{ "6 shown 12 policy 30 ended", true },
	{ "6 shown", true },			/* it still is */
	{ "2 shown 4 ended 9 shown 25 ended", true },
	{ "6 shown 30 ended 40 start 41 stop", true },
	{ "6 shown 30 ended 40 !shown 41 start", true },
	{ "", false },
	{ "5 start 31 stop", false },
	{ "11 shown 30 ended", false },		/* the clip is there before */
	{ "11 shown", false },
	{ "6 shown 19 ended", false },
	{ "6 shown 15 ended 15 shown 30 ended", false },
	{ "1 shown 2 ended 25 shown", false },
	{ "6 shown 40 start", false },		/* a crash: who knows when */
	{ "6 shown 40 start 41 ended", false },
	{ "6 shown 40 stop 41 ended", false },
	{ "6 shown 40 torn 41 ended", false },
	{ "6 shown 40 !ended", false },
	{ "6 shown 40 !policy", false },
	{ "6 shown 40 !policy 41 ended", false },
	{ "6 shown 18 shown 30 ended", false },
	{ "6 shutter 30 shutter", false },
};

START_TEST(a_clip_was_noticed_from_its_start_to_its_end_or_not_at_all)
{
	struct notice_search search;
	char word[16];
	int minute, used;

	notice_begin_search(&search, EIGHT + 600, EIGHT + 1200);
	for (const char *at = logs[_i].log; sscanf(at, "%d %15s%n", &minute, word, &used) == 2; at += used)
		take(&search, minute, word);
	ck_assert_msg(notice_was_shown(&search) == logs[_i].told, "%s", logs[_i].log);
}
END_TEST

START_TEST(what_is_no_time_or_no_answer_is_no_notice)
{
	struct notice_search search;
	struct entry entry = { .at = "yesterday", .kind = "notice",
			       .fields = json_pack("{sb}", "shown", 1) };

	notice_begin_search(&search, 0, 0);
	notice_take(&search, &entry);
	ck_assert(!notice_was_shown(&search));
	json_object_set_new(entry.fields, "shown", json_integer(1));
	strcpy(entry.at, "1970-01-01T00:00:00Z");
	notice_take(&search, &entry);
	ck_assert(!notice_was_shown(&search));
	json_decref(entry.fields);
}
END_TEST

/* A log on the disk */

static char folder[] = "/tmp/notice-XXXXXX", path[sizeof(folder) + 64];
static struct scrim_error err;

static const char *path_of(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void setup(void)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	static const char *const names[] = { "room.log", "room.head", "room.head.minisig",
					     "room.lock", "log.key", "log.pub" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(path_of(names[i]));
	rmdir(folder);
}

static void write_notice(bool shown)
{
	const struct ledger_place place = { folder, "room", folder, KEY_NAME };
	json_t *fields = json_pack("{sb}", "shown", shown);
	struct ledger *ledger;

	ck_assert_msg(ledger_open(&ledger, &place, &err) == 0, "%s", err.text);
	ck_assert_int_eq(ledger_append(ledger, "notice", fields, &err), 0);
	ledger_close(ledger);
	json_decref(fields);
}

static int look(enum notice_state *state, const char *camera, int64_t from, int64_t until)
{
	const struct notice_place place = { folder, folder };

	return notice_look(state, &place, camera, from, until, &err);
}

static enum notice_state state_of(int64_t from, int64_t until)
{
	enum notice_state state;

	ck_assert_msg(look(&state, "room", from, until) == 0, "%s", err.text);
	return state;
}

START_TEST(the_log_is_believed_when_it_is_whole)
{
	int64_t before = time(NULL), after;
	struct stat st;

	if (geteuid())
		return;			/* keys are root's, or the daemon's */
	ck_assert_int_eq(state_of(before, before), NOTICE_UNKNOWN);
	write_notice(true);
	after = time(NULL);
	ck_assert_int_eq(state_of(after, after), NOTICE_SHOWN);
	ck_assert_int_eq(state_of(before - 1, after), NOTICE_GAP);
	write_notice(false);
	ck_assert_int_eq(state_of(after, time(NULL) + 1), NOTICE_GAP);
	ck_assert_int_eq(stat(path_of("room.log"), &st), 0);
	ck_assert_int_eq(truncate(path, st.st_size / 2), 0);
	ck_assert_int_eq(state_of(after, after), NOTICE_BROKEN);
}
END_TEST

START_TEST(a_log_without_its_head_may_have_lost_its_end)
{
	if (geteuid())
		return;
	write_notice(true);
	remove(path_of("room.head"));
	remove(path_of("room.head.minisig"));
	ck_assert_int_eq(state_of(time(NULL), time(NULL)), NOTICE_BROKEN);
}
END_TEST

START_TEST(a_key_that_others_can_write_vouches_for_nothing)
{
	enum notice_state state;

	if (geteuid())
		return;
	write_notice(true);
	ck_assert_int_eq(chmod(path_of("log.pub"), 0666), 0);
	ck_assert_int_eq(look(&state, "room", time(NULL), time(NULL)), -EACCES);
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(chown(path, 60001, 60001), 0);
	ck_assert_int_eq(look(&state, "room", time(NULL), time(NULL)), -EACCES);
	ck_assert_int_eq(state, NOTICE_UNKNOWN);
}
END_TEST

START_TEST(a_camera_whose_name_is_a_path_has_no_log)
{
	enum notice_state state;

	ck_assert_int_eq(look(&state, "../room", 0, 0), 0);
	ck_assert_int_eq(state, NOTICE_UNKNOWN);
	ck_assert_int_eq(look(&state, "no-such", 0, 0), 0);
	ck_assert_int_eq(state, NOTICE_UNKNOWN);
}
END_TEST

Suite *notice_suite(void)
{
	Suite *suite = suite_create("notice");
	TCase *tcase = tcase_create("notice");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_clip_was_noticed_from_its_start_to_its_end_or_not_at_all, 0,
			    sizeof(logs) / sizeof(logs[0]));
	tcase_add_test(tcase, what_is_no_time_or_no_answer_is_no_notice);
	tcase_add_test(tcase, the_log_is_believed_when_it_is_whole);
	tcase_add_test(tcase, a_log_without_its_head_may_have_lost_its_end);
	tcase_add_test(tcase, a_key_that_others_can_write_vouches_for_nothing);
	tcase_add_test(tcase, a_camera_whose_name_is_a_path_has_no_log);
	suite_add_tcase(suite, tcase);
	return suite;
}
