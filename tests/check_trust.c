// SPDX-License-Identifier: GPL-2.0
/*
 * A log is read without a look at most of its signatures; whatever is done to it, the verdict is that
 * of who looks at each.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/key.h"
#include "consent/ledger.h"
#include "consent/read.h"

#define LINES_MAX	16

static char folder[64];
static struct scrim_error err;
static char bytes[1 << 16];		/* of the log, as it was written */
static size_t size;

static const char *path_of(const char *name)
{
	static char path[4][256];
	static unsigned at;
	char *text = path[at++ % 4];

	snprintf(text, sizeof(path[0]), "%s/%s", folder, name);
	return text;
}

static void put(const char *name, const void *what, size_t length)
{
	FILE *file = fopen(path_of(name), "we");

	ck_assert_uint_eq(fwrite(what, 1, length, file), length);
	fclose(file);
}

static void get(void)
{
	FILE *file = fopen(path_of("porch.log"), "re");

	size = fread(bytes, 1, sizeof(bytes), file);
	ck_assert_uint_lt(size, sizeof(bytes));
	fclose(file);
}

static void write_log(unsigned entries)
{
	const struct ledger_place place = { folder, "porch", folder, "log" };
	struct ledger *ledger;
	json_t *fields = json_pack("{ss}", "word", "x");

	ck_assert_int_eq(ledger_open(&ledger, &place, &err), 0);
	while (entries--)
		ck_assert_int_eq(ledger_append(ledger, "test", fields, &err), 0);
	ledger_close(ledger);
	json_decref(fields);
}

/* The next entry is of another key, which this one hands over to. */
static void put_key_away(void)
{
	char id[KEY_ID_TEXT_MAX], name[64];
	struct secret_key key;

	ck_assert_int_eq(key_open(&key, folder, "log", &err), 0);
	key_id_text(id, key.public.id);
	snprintf(name, sizeof(name), "log-%s.key", id);
	ck_assert_int_eq(rename(path_of("log.key"), path_of(name)), 0);
	snprintf(name, sizeof(name), "log-%s.pub", id);
	ck_assert_int_eq(rename(path_of("log.pub"), path_of(name)), 0);
}

/* Two entries, a torn line and who vouches for it, one more; a key that hands over, two more. */
static void setup(void)
{
	char name[] = "/tmp/scrim-check-trust-XXXXXX";

	snprintf(folder, sizeof(folder), "/dev/shm/%s", name + 5);
	if (!mkdtemp(folder)) {
		snprintf(folder, sizeof(folder), "%s", name);
		ck_assert_ptr_nonnull(mkdtemp(folder));
	}
	ck_assert_int_eq(minisign_init(&err), 0);
	write_log(2);
	get();
	memcpy(bytes + size, "{\"at\":\"2", 8);
	put("porch.log", bytes, size + 8);
	write_log(1);
	put_key_away();
	write_log(2);
	get();
}

static void teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static int nothing(void *ctx, const struct entry *entry, const char *line, size_t length)
{
	return 0;
}

static void read_log(struct log_verdict *verdict, bool trusting)
{
	const struct log_reader reader = { .each = trusting ? NULL : nothing };
	struct log_files files = LOG_FILES_NONE;

	ck_assert_int_eq(log_files_open(&files, folder, "porch", &err), 0);
	ck_assert_int_eq(log_files_add_keys(&files, folder, "log", &err), 0);
	ck_assert_int_eq(log_read(&files, &reader, verdict, &err), 0);
	log_files_close(&files);
}

/* True: it is whole. */
static bool both_say(const char *what, size_t at)
{
	struct log_verdict trusting, slow;

	read_log(&trusting, true);
	read_log(&slow, false);
	/* Behind the end of a text is anything. */
	memset(trusting.what + strlen(trusting.what), 0, sizeof(slow.what) - strlen(trusting.what));
	memset(slow.what + strlen(slow.what), 0, sizeof(slow.what) - strlen(slow.what));
	ck_assert_msg(!memcmp(&trusting, &slow, sizeof(slow)), "%s at %zu: %s; and: %s", what, at,
		      trusting.broken ? trusting.what : "whole", slow.broken ? slow.what : "whole");
	return !slow.broken;
}

START_TEST(what_is_whole_is_whole)
{
	ck_assert(both_say("whole", 0));
}
END_TEST

START_TEST(a_flip_of_any_byte_is_seen_by_both)
{
	for (size_t i = 3 * _i; i < size; i += 12) {
		bytes[i] ^= 1 << i % 7;
		put("porch.log", bytes, size);
		ck_assert(!both_say("flipped", i));
		bytes[i] ^= 1 << i % 7;
	}
}
END_TEST

START_TEST(a_cut_at_any_byte_is_seen_by_both)
{
	for (size_t i = 3 * _i; i < size - 1; i += 12) {
		put("porch.log", bytes, i);
		ck_assert(!both_say("cut", i));
	}
}
END_TEST

/* With the head of when the log was that long: the last line is torn, or was put there. */
START_TEST(a_cut_behind_the_head_is_seen_by_both)
{
	static char head[2][1024];
	static const char *const names[] = { "porch.head", "porch.head.minisig" };
	size_t heads[2], before = size;
	unsigned whole = 0;

	for (unsigned i = 0; i < 2; i++) {
		FILE *file = fopen(path_of(names[i]), "re");

		heads[i] = fread(head[i], 1, sizeof(head[i]), file);
		fclose(file);
	}
	write_log(2);
	get();
	for (unsigned i = 0; i < 2; i++)
		put(names[i], head[i], heads[i]);
	for (size_t i = before; i <= size; i++) {
		put("porch.log", bytes, i);
		whole += both_say("cut", i);
		if (i == size)
			continue;
		/* And a byte of what is there. */
		bytes[i] ^= 4;
		put("porch.log", bytes, size);
		both_say("flipped", i);
		bytes[i] ^= 4;
	}
	ck_assert_uint_gt(whole, 10);
}
END_TEST

/* Every line left out, there twice, or before the one before it. */
START_TEST(lines_in_another_order_are_seen_by_both)
{
	static char other[1 << 16];
	const char *line[LINES_MAX + 1] = { bytes };
	unsigned lines = 0;

	for (const char *end; (end = memchr(line[lines], '\n', bytes + size - line[lines])); )
		line[++lines] = end + 1;
	for (unsigned n = 0; n < lines; n++) {
		size_t start = line[n] - bytes, length = line[n + 1] - line[n], before;

		memcpy(other, bytes, start);
		memcpy(other + start, line[n + 1], size - start - length);
		put("porch.log", other, size - length);
		both_say("left out", n);
		memcpy(other + start, line[n], length);
		memcpy(other + start + length, line[n], size - start);
		put("porch.log", other, size + length);
		ck_assert(!both_say("twice", n));
		if (!n)
			continue;
		before = line[n] - line[n - 1];
		memcpy(other, bytes, size);
		memcpy(other + start - before, line[n], length);
		memcpy(other + start - before + length, line[n - 1], before);
		put("porch.log", other, size);
		ck_assert(!both_say("swapped", n));
	}
}
END_TEST

/* What somebody writes who has no key that counts. */

static size_t forge(char *to, struct chain *chain, const char *kind, json_t *fields,
		    const struct secret_key *key)
{
	struct entry entry = { .seq = chain->seq + 1, .log = "porch", .fields = fields };
	char *line;
	size_t length;

	snprintf(entry.kind, sizeof(entry.kind), "%s", kind);
	memcpy(entry.prev, chain->hash, sizeof(entry.prev));
	ck_assert_int_eq(entry_write(&line, &length, &entry, key, &err), 0);
	memcpy(to, line, length);
	to[length] = '\n';
	chain->seq++;
	entry_hash(chain->hash, line, length);
	free(line);
	json_decref(fields);
	return length + 1;
}

/* It has the name of one that counts, and is none. */
static void false_key(struct secret_key *key)
{
	struct secret_key real;

	ck_assert_int_eq(key_open(&real, folder, "log", &err), 0);
	secret_key_make(key);
	memcpy(key->public.id, real.public.id, sizeof(key->public.id));
}

START_TEST(an_entry_that_is_put_behind_the_head_is_seen_by_both)
{
	struct log_verdict verdict;
	struct secret_key key;

	false_key(&key);
	read_log(&verdict, false);
	size += forge(bytes + size, &verdict.last, "test", json_object(), &key);
	if (_i)
		size += forge(bytes + size, &verdict.last, "test", json_object(), &key);
	put("porch.log", bytes, size);
	ck_assert(!both_say("put there", 0));
}
END_TEST

static void sign_head(const struct chain *chain, const struct secret_key *key)
{
	char head[HEAD_TEXT_MAX], signature[MINISIGN_TEXT_MAX];

	head_write(head, "porch", chain);
	minisign_write(signature, key, head, strlen(head), "head");
	put("porch.head", head, strlen(head));
	put("porch.head.minisig", signature, strlen(signature));
}

/* A log that introduces its own key, which signs all that comes then, the head as well. */
START_TEST(a_key_that_introduces_itself_is_seen_by_both)
{
	struct secret_key named, own;
	char word[PUBLIC_KEY_WORD_MAX];
	struct chain chain = { 0 };
	struct log_verdict verdict;

	false_key(&named);
	secret_key_make(&own);
	public_key_word(word, &own.public);
	if (_i)
		read_log(&verdict, false);
	chain = _i ? verdict.last : chain;
	size = _i ? size : 0;
	size += forge(bytes + size, &chain, "key", json_pack("{ss}", "next", word), &named);
	size += forge(bytes + size, &chain, "test", json_object(), &own);
	size += forge(bytes + size, &chain, "test", json_object(), &own);
	put("porch.log", bytes, size);
	sign_head(&chain, &own);
	ck_assert(!both_say("introduced", 0));
}
END_TEST

/* Each entry is told once more, from the first on, when one was wrong. */
static unsigned told, began_again;

static int count(void *ctx, const struct entry *entry, const char *line, size_t length)
{
	told++;
	return 0;
}

static void again(void *ctx)
{
	told = 0;
	began_again++;
}

START_TEST(who_can_forget_is_told_no_more_than_what_is_signed)
{
	const struct log_reader reader = { count, again, NULL };
	struct log_files files = LOG_FILES_NONE;
	struct log_verdict verdict;
	struct secret_key key;

	false_key(&key);
	told = began_again = 0;
	read_log(&verdict, false);
	size += forge(bytes + size, &verdict.last, "test", json_object(), &key);
	put("porch.log", bytes, size);
	ck_assert_int_eq(log_files_open(&files, folder, "porch", &err), 0);
	ck_assert_int_eq(log_files_add_keys(&files, folder, "log", &err), 0);
	ck_assert_int_eq(log_read(&files, &reader, &verdict, &err), 0);
	log_files_close(&files);
	ck_assert(verdict.broken);
	ck_assert_uint_eq(began_again, 1);
	ck_assert_uint_eq(told, verdict.entries);
}
END_TEST

Suite *trust_suite(void)
{
	Suite *suite = suite_create("trust");
	TCase *tcase = tcase_create("trust");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_whole_is_whole);
	tcase_add_loop_test(tcase, a_flip_of_any_byte_is_seen_by_both, 0, 4);
	tcase_add_loop_test(tcase, a_cut_at_any_byte_is_seen_by_both, 0, 4);
	tcase_add_test(tcase, a_cut_behind_the_head_is_seen_by_both);
	tcase_add_test(tcase, lines_in_another_order_are_seen_by_both);
	tcase_add_loop_test(tcase, an_entry_that_is_put_behind_the_head_is_seen_by_both, 0, 2);
	tcase_add_loop_test(tcase, a_key_that_introduces_itself_is_seen_by_both, 0, 2);
	tcase_add_test(tcase, who_can_forget_is_told_no_more_than_what_is_signed);
	return suite;
}
