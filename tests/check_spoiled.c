// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever happens to the files of the ledger of exports is noticed, and its index is never
 * believed over it.
 */
#include "exports_case.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/index.h"
#include "consent/ledger.h"
#include "consent/store.h"
#include "consent_case.h"

static void sql(const char *text)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path_of(INDEX_FILE), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void flip(const char *name, off_t at)
{
	int fd = open(path_of(name), O_RDWR | O_CLOEXEC);
	char byte;

	ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

/* Whatever it says, it is as the log says after it was opened; those from 2 on are told. */
START_TEST(an_index_that_is_wrong_is_made_anew)
{
	static const char *const lies[] = {
		NULL, NULL, NULL, "UPDATE taken SET n = 0",
		"DELETE FROM taken WHERE donor <> ''", "UPDATE seen SET n = 7",
		"DELETE FROM item", "UPDATE head SET seq = seq + 1", "UPDATE head SET seq = 1",
		"UPDATE head SET hash = zeroblob(32)", "UPDATE head SET version = 1",
		"DROP TABLE taken", "DELETE FROM head", "UPDATE bundle SET state = 2",
		/* Sums stay as they were. */
		"UPDATE taken SET camera = 'drive' WHERE donor <> ''",
		"UPDATE taken SET class = class + 1", "UPDATE taken SET campaign = 'another'",
		"UPDATE seen SET event = 'event-1-1' WHERE event = 'event-0-1'",
		"UPDATE item SET item = replace(item, '0', 'f')",
		"UPDATE item SET event = 'event-1-1' WHERE seq = 1;"
		"UPDATE seen SET event = 'event-1-1' WHERE event = 'event-0-1'",
		"UPDATE item SET class = class + 1; UPDATE seen SET class = class + 1;"
		"UPDATE taken SET class = class + 1",
		"UPDATE item SET donor = CAST(donor AS BLOB)",
		"UPDATE bundle SET campaign = 'another'", "UPDATE bundle SET id = 'another'",
		"UPDATE recipient SET id = 'another' WHERE id = 'example-vision'",
		"DELETE FROM recipient WHERE id = 'example-labels'",
		"INSERT INTO taken VALUES ('doorstep-2026', 1, printf('%2000s', 'x'), 'porch', 1)",
		"CREATE TRIGGER t AFTER INSERT ON item BEGIN UPDATE taken SET n = 0; END",
		"ALTER TABLE taken RENAME TO other; CREATE VIEW taken AS SELECT * FROM other",
	};
	const struct export_item first = given_item(0, 1, "event-0-1");
	char found[UUID_TEXT_MAX];

	give(0, 3);
	close_it();
	if (_i == 0)
		ck_assert_int_eq(unlink(path_of(INDEX_FILE)), 0);
	else if (_i == 1)
		ck_assert_int_eq(truncate(path_of(INDEX_FILE), 0), 0);
	else if (_i == 2)
		flip(INDEX_FILE, 0);
	else
		sql(lies[_i]);
	open_again();
	ck_assert_msg(!*note == (_i < 2), "%s", note);
	taken_are(NULL, "another", 3, 3);
	taken_are(NULL, "event-0-1", 3, 3);
	ck_assert_int_eq(has("example-vision", &first, found), 1);
	ck_assert_str_eq(found, bundles[0]);
	open_again();
	ck_assert_str_eq(note, "");
}
END_TEST

/* Bundles given, given up and begun; the last clip counts as it was first, of another camera. */
START_TEST(an_index_that_is_right_is_kept)
{
	struct export_bundle b = given_bundle(2, 2);
	struct export_item items[] = {
		given_item(1, 1, "event-0-1"), clip_of(1, "event", "porch"), clip_of(2, "event-0-1", "drive"),
		given_item(3, 1, "event-0-2"),
	};

	give(0, 2);
	snprintf(items[3].camera, sizeof(items[3].camera), "drive");
	for (unsigned i = 0; i < 4; i++) {
		memcpy(items[i].bundle, bundles[i < 2 ? i + 1 : i], UUID_TEXT_MAX);
		add(&items[i]);
		if (i != 1)
			ck_assert_int_eq(i == 2 ? exports_append_bundle(e, &b, &err) :
					 exports_void(e, bundles[i ? 3 : 1], "why not", &err), 0);
		open_again();
		ck_assert_str_eq(note, "");
	}
	taken_are(NULL, "another", 3, 3);
}
END_TEST

START_TEST(a_ledger_that_is_missing_does_not_begin_again)
{
	give(0, 3);
	close_it();
	ck_assert_int_eq(unlink(path_of("export.log")), 0);
	ck_assert_int_eq(unlink(path_of("export.head")), 0);
	ck_assert_int_eq(unlink(path_of("export.head.minisig")), 0);
	ck_assert_int_eq(exports_open(&e, store, note, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "export.log is missing, and had 4 entries"));
}
END_TEST

/* Some bytes of it, all of its first page. */
START_TEST(an_index_with_any_byte_changed_does_no_harm)
{
	struct stat st;

	give(0, 3);
	close_it();
	ck_assert_int_eq(stat(path_of(INDEX_FILE), &st), 0);
	for (off_t at = 0; at < st.st_size; at += at < 100 ? 3 : 397) {
		flip(INDEX_FILE, at);
		open_again();
		taken_are(NULL, "another", 3, 3);
		close_it();
		unlink(path_of(INDEX_FILE));
		open_again();
		close_it();
	}
}
END_TEST

/* As a crash leaves it. */
START_TEST(an_index_that_is_behind_catches_up)
{
	char copy[256];

	give(0, 2);
	close_it();
	snprintf(copy, sizeof(copy), "cp %s/" INDEX_FILE " %s/kept", store, store);
	ck_assert_int_eq(system(copy), 0);
	open_again();
	give(1, 2);
	close_it();
	ck_assert_int_eq(rename(path_of("kept"), path_of(INDEX_FILE)), 0);
	open_again();
	ck_assert_str_eq(note, "");
	taken_are(NULL, "another", 4, 4);
}
END_TEST

/* Tampering and crashes */

static size_t get_log(char *bytes, size_t room)
{
	FILE *file = fopen(path_of("export.log"), "re");
	size_t size = fread(bytes, 1, room, file);

	fclose(file);
	ck_assert_uint_lt(size, room);
	return size;
}

static void put_log(const char *bytes, size_t size)
{
	FILE *file = fopen(path_of("export.log"), "we");

	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void is_refused(void)
{
	ck_assert_int_eq(exports_open(&e, store, note, &err), -EBADMSG);
	ck_assert_ptr_null(e);
	ck_assert(*err.text);
}

START_TEST(a_changed_byte_anywhere_is_named_and_ends_exports)
{
	static char bytes[1 << 16];
	size_t size, line = 1;

	give(0, 1);
	close_it();
	size = get_log(bytes, sizeof(bytes));
	for (size_t i = 0; i < size; i++) {
		bytes[i] ^= 1 << i % 8;
		put_log(bytes, size);
		read_books();
		ck_assert_msg(verdict.broken && (verdict.line == line || i == size - 1),
			      "byte %zu of line %zu: line %u: %s", i, line, verdict.line,
			      verdict.what);
		if (i % 50 == 0)
			is_refused();
		bytes[i] ^= 1 << i % 8;
		line += bytes[i] == '\n';
	}
	put_log(bytes, size);
	open_again();
	taken_are(NULL, "x", 1, 1);
}
END_TEST

/* Signed rightly, by who has the key. */
static void append_raw(const char *kind, json_t *fields)
{
	const struct ledger_place place = { store, EXPORTS_LOG, store, STORE_LOG };
	struct ledger *ledger;

	ck_assert_int_eq(ledger_open(&ledger, &place, &err), 0);
	ck_assert_int_eq(ledger_append(ledger, kind, fields, &err), 0);
	ledger_close(ledger);
	json_decref(fields);
}

static json_t *request_with(int entries, const char *key)
{
	return json_pack("{ss ss ss s{si ss}}", "bundle", bundles[0], "recipient", "example-vision",
			 "at", "2026-11-22T00:00:00Z", "consent_log", key, entries, "hash",
			 given_bundle(0, 1).sha256);
}

START_TEST(an_entry_that_cannot_be_breaks_the_ledger)
{
	give(0, 1);
	close_it();
	switch (_i) {
	case 0: append_raw("gift", json_object()); break;
	case 1: append_raw("void", json_pack("{ss ss}", "bundle", bundles[0], "why", "x")); break;
	case 2: append_raw("switch", json_pack("{ss}", "export", "maybe")); break;
	case 3: append_raw("switch", json_pack("{ss ss}", "export", "on", "more", "x")); break;
	case 4: append_raw("void", json_pack("{ss ss}", "bundle", bundles[1], "why", "x")); break;
	case 5: append_raw("deletion-request", request_with(0, "entries")); break;
	case 6: append_raw("deletion-request", request_with(1, "entry")); break;
	}
	read_books();
	ck_assert(verdict.broken);
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 3: "));
	ck_assert_uint_eq(books.items, 1);
	is_refused();
}
END_TEST

START_TEST(a_clock_that_was_set_back_is_named)
{
	give(0, 1);
	close_it();
	case_date_last(store, EXPORTS_LOG, "2020-01-01T00:00:00Z");
	read_books();
	ck_assert(verdict.broken);
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 2: it is of 2020-01-01T00:00:00Z"));
	is_refused();
}
END_TEST

/* An entry of now would be older than the last. */
START_TEST(who_sets_the_clock_back_exports_nothing)
{
	give(0, 1);
	close_it();
	case_date_last(store, EXPORTS_LOG, "2036-01-01T00:00:00Z");
	sums_are(1, 1, 1, 200);
	ck_assert_int_eq(exports_open(&e, store, note, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "set back: the last export is of 2036"));
}
END_TEST

static void copy_files(const char *what, const char *from, const char *to)
{
	char command[400];

	snprintf(command, sizeof(command), "mkdir -p %s && cp %s/%s %s", to, from, what, to);
	ck_assert_int_eq(system(command), 0);
}

/* The index is one of before or of after: it may be behind the log, and ahead of it. */
START_TEST(a_crash_at_every_byte_of_a_gift_gives_or_gives_not)
{
	static char bytes[1 << 16];
	struct export_item item = given_item(0, 1, "event-0-1");
	struct export_bundle b = given_bundle(0, 1);
	char unfinished[UUID_TEXT_MAX], before[80], after[80];
	size_t start, size;

	snprintf(before, sizeof(before), "%s/before", store);
	snprintf(after, sizeof(after), "%s/after", store);
	add(&item);
	close_it();
	start = get_log(bytes, sizeof(bytes));
	copy_files("export.*", store, before);
	open_again();
	ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
	close_it();
	size = get_log(bytes, sizeof(bytes));
	copy_files(INDEX_FILE, store, after);
	for (size_t length = start; length <= size; length += length + 9 < size ? 8 : 1) {
		bool given = length >= size - 1;

		copy_files("export.*", before, store);
		if (length % 16 < 8)
			copy_files(INDEX_FILE, after, store);
		put_log(bytes, length);
		open_again();
		ck_assert_int_eq(exports_unfinished(e, unfinished), !given);
		taken_are(given ? NULL : bundles[0], "another", 1, 1);
		if (!given)
			ck_assert_int_eq(exports_append_bundle(e, &b, &err), 0);
		open_again();
		taken_are(NULL, "another", 1, 1);
		close_it();
		sums_are(1, 1, 1, 200);
	}
}
END_TEST

Suite *spoiled_suite(void)
{
	Suite *suite = suite_create("spoiled");
	TCase *tcase = tcase_create("spoiled");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, exports_setup, exports_teardown);
	tcase_add_test(tcase, a_ledger_that_is_missing_does_not_begin_again);
	tcase_add_loop_test(tcase, an_index_that_is_wrong_is_made_anew, 0, 29);
	tcase_add_test(tcase, an_index_that_is_right_is_kept);
	tcase_add_test(tcase, an_index_with_any_byte_changed_does_no_harm);
	tcase_add_test(tcase, an_index_that_is_behind_catches_up);
	tcase_add_test(tcase, a_changed_byte_anywhere_is_named_and_ends_exports);
	tcase_add_loop_test(tcase, an_entry_that_cannot_be_breaks_the_ledger, 0, 7);
	tcase_add_test(tcase, a_clock_that_was_set_back_is_named);
	tcase_add_test(tcase, who_sets_the_clock_back_exports_nothing);
	tcase_add_test(tcase, a_crash_at_every_byte_of_a_gift_gives_or_gives_not);
	return suite;
}
