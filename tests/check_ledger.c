// SPDX-License-Identifier: GPL-2.0
/*
 * The log cannot be edited unseen: whatever is done to its files, the first entry that is not
 * what was written is named, and a crash is told from an edit.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/key.h"
#include "consent/ledger.h"
#include "consent/read.h"

#define ENTRIES	5
#define LINES_MAX	16

static char folder[64], keys[72];
static struct scrim_error err;
static struct log_verdict verdict;

/* Files of a log */

static const char *path_of(const char *name)
{
	static char path[4][256];
	static unsigned at;
	char *text = path[at++ % 4];

	snprintf(text, sizeof(path[0]), "%s/%s", folder, name);
	return text;
}

static size_t get(const char *name, char *bytes, size_t room)
{
	FILE *file = fopen(path_of(name), "re");
	size_t size;

	ck_assert_ptr_nonnull(file);
	size = fread(bytes, 1, room - 1, file);
	bytes[size] = '\0';
	fclose(file);
	return size;
}

static void put(const char *name, const void *bytes, size_t size)
{
	FILE *file = fopen(path_of(name), "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void make_folders(void)
{
	char name[64];

	/* Each entry waits for the disk, where there is one. */
	snprintf(name, sizeof(name), "%s/scrim-check-ledger-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(name));
	snprintf(folder, sizeof(folder), "%s", name);
	snprintf(keys, sizeof(keys), "%s/keys", name);
	ck_assert_int_eq(mkdir(keys, 0700), 0);
}

static void remove_folders(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static struct ledger *open_log(const char *name)
{
	const struct ledger_place place = { folder, name, keys, "log" };
	struct ledger *ledger;

	ck_assert_msg(ledger_open(&ledger, &place, &err) >= 0, "%s", err.text);
	return ledger;
}

static void add(struct ledger *ledger, int number)
{
	json_t *fields = json_pack("{si ss}", "number", number, "word", "p\xc3\xa4th");

	ck_assert_msg(ledger_append(ledger, "test", fields, &err) == 0, "%s", err.text);
	json_decref(fields);
}

static void write_log(int entries)
{
	struct ledger *ledger = open_log("porch");

	for (int i = 1; i <= entries; i++)
		add(ledger, i);
	ledger_close(ledger);
}

static void setup(void)
{
	make_folders();
	write_log(ENTRIES);
}

/* What is said of it. */
static void verify_with(const char *head)
{
	struct log_files files = LOG_FILES_NONE;

	ck_assert_msg(log_files_open(&files, folder, "porch", &err) >= 0, "%s", err.text);
	ck_assert_msg(log_files_add_keys(&files, keys, "log", &err) >= 0, "%s", err.text);
	if (head)
		ck_assert_int_eq(log_files_add_head(&files, path_of(head), &err), 0);
	ck_assert_msg(log_verify(&files, &verdict, &err) >= 0, "%s", err.text);
	if (verdict.broken && verdict.file < LOG_FILES_MAX)
		snprintf(err.text, sizeof(err.text), "%s", files.at[verdict.file].name);
	log_files_close(&files);
}

static void whole(uint64_t entries)
{
	verify_with(NULL);
	ck_assert_msg(!verdict.broken, "%u: %s", verdict.line, verdict.what);
	ck_assert_uint_eq(verdict.entries, entries);
	ck_assert_uint_eq(verdict.last.seq, entries);
	ck_assert_uint_eq(verdict.first, 1);
	ck_assert_int_eq(verdict.head, HEAD_AGREES);
}

static void broken(unsigned line, const char *what)
{
	verify_with(NULL);
	ck_assert_msg(verdict.broken, "nothing is broken");
	ck_assert_msg(strstr(verdict.what, what) && verdict.line == line,
		      "line %u: %s; not line %u: %s", verdict.line, verdict.what, line, what);
}

/* The lines of a file, to be put together in another way. */
struct cut {
	char bytes[65536];
	const char *line[LINES_MAX];
	size_t size[LINES_MAX];		/* with the end */
	unsigned count;
};

static void cut(struct cut *c, const char *name)
{
	size_t size = get(name, c->bytes, sizeof(c->bytes));

	c->count = 0;
	for (char *at = c->bytes, *end; at < c->bytes + size; at = end + 1) {
		end = memchr(at, '\n', size - (at - c->bytes));
		ck_assert_ptr_nonnull(end);
		c->line[c->count] = at;
		c->size[c->count++] = end + 1 - at;
	}
}

/* order: numbers of lines, from 1; 0 ends it. */
static void put_lines(const struct cut *c, const char *name, const unsigned *order)
{
	char bytes[65536];
	size_t size = 0;

	for (; *order; order++) {
		memcpy(bytes + size, c->line[*order - 1], c->size[*order - 1]);
		size += c->size[*order - 1];
	}
	put(name, bytes, size);
}

static void put_order(const unsigned *order)
{
	struct cut c;

	cut(&c, "porch.log");
	put_lines(&c, "porch.log", order);
}
#define ORDER(...)	put_order((const unsigned[]){ __VA_ARGS__, 0 })

static void change_digit(char *digit)
{
	*digit = *digit == '0' ? '1' : '0';
}

/* Whole logs */

START_TEST(what_was_written_is_whole)
{
	whole(ENTRIES);
	write_log(2);
	whole(ENTRIES + 2);
	ck_assert_uint_eq(verdict.torn_lines, 0);
}
END_TEST

START_TEST(there_is_one_writer)
{
	const struct ledger_place place = { folder, "porch", keys, "log" };
	struct ledger *ledger = open_log("porch"), *second;

	ck_assert_int_eq(ledger_open(&second, &place, &err), -EBUSY);
	ck_assert_ptr_null(second);
	ledger_close(open_log("yard"));
	ledger_close(ledger);
	ledger_close(open_log("porch"));
}
END_TEST

START_TEST(a_name_that_is_no_word_is_refused)
{
	static const char *const names[] = { "", ".", "..", "../etc", "a/b", ".a", "a b", "a\n" };
	const struct ledger_place place = { folder, names[_i], keys, "log" };
	struct ledger *ledger;

	ck_assert_int_eq(ledger_open(&ledger, &place, &err), -EINVAL);
}
END_TEST

START_TEST(what_does_not_fit_in_a_line_is_refused_and_breaks_nothing)
{
	struct ledger *ledger = open_log("porch");
	char *text = malloc(ENTRY_LINE_MAX);
	json_t *fields;

	memset(text, 'x', ENTRY_LINE_MAX);
	fields = json_pack("{ss#}", "text", text, ENTRY_LINE_MAX - 100);
	ck_assert_int_eq(ledger_append(ledger, "test", fields, &err), -EMSGSIZE);
	json_decref(fields);
	fields = json_pack("{ss#}", "text", text, ENTRY_LINE_MAX - 1000);
	ck_assert_int_eq(ledger_append(ledger, "test", fields, &err), 0);
	json_decref(fields);
	ck_assert_int_eq(ledger_append(ledger, "no kind", NULL, &err), -EINVAL);
	ledger_close(ledger);
	free(text);
	whole(ENTRIES + 1);
}
END_TEST

/* Edits */

START_TEST(a_changed_bit_anywhere_is_found_in_its_entry)
{
	static struct cut c;
	unsigned line = 0;
	size_t start = 0, size;

	cut(&c, "porch.log");
	size = c.line[ENTRIES - 1] + c.size[ENTRIES - 1] - c.bytes;
	for (size_t i = 0; i < size; i++) {
		if (i == start + c.size[line])
			start += c.size[line++];
		/* Some bits of each byte, all bits of some. */
		if (i % 7 != (size_t)_i)
			continue;
		c.bytes[i] ^= 1 << (i / 7 + _i) % 8;
		put("porch.log", c.bytes, size);
		verify_with(NULL);
		/* Without its end, the last line is cut short, and the head knows it. */
		ck_assert_msg(verdict.broken && (verdict.line == line + 1 ||
			      (i == size - 1 && verdict.file == BROKEN_HEAD)),
			      "byte %zu of line %u: line %u: %s", i, line + 1, verdict.line,
			      verdict.what);
		c.bytes[i] ^= 1 << (i / 7 + _i) % 8;
	}
}
END_TEST

START_TEST(an_entry_that_is_removed_is_named)
{
	ORDER(1, 2, 4, 5);
	broken(3, "entry 3 is missing");
}
END_TEST

START_TEST(the_first_entry_that_is_removed_is_told)
{
	ORDER(3, 4, 5);
	verify_with(NULL);
	ck_assert(!verdict.broken);
	ck_assert_uint_eq(verdict.first, 3);
}
END_TEST

START_TEST(entries_that_are_swapped_are_named)
{
	ORDER(1, 3, 2, 4, 5);
	broken(2, "entry 2 is missing");
}
END_TEST

START_TEST(an_entry_that_is_there_twice_is_named)
{
	ORDER(1, 2, 3, 2, 4, 5);
	broken(4, "entry 2 is here again, behind entry 3");
}
END_TEST

START_TEST(an_entry_of_another_log_is_named)
{
	struct ledger *yard = open_log("yard");
	static struct cut mine, other;
	char bytes[65536];

	add(yard, 1);
	add(yard, 2);
	ledger_close(yard);
	cut(&mine, "porch.log");
	cut(&other, "yard.log");
	memcpy(bytes, mine.line[0], mine.size[0]);
	memcpy(bytes + mine.size[0], other.line[1], other.size[1]);
	put("porch.log", bytes, mine.size[0] + other.size[1]);
	broken(2, "of the log 'yard'");
}
END_TEST

/* One whose signature is right, but that does not follow: two continuations of one log. */
START_TEST(an_entry_of_another_continuation_is_named)
{
	static struct cut one, other;
	char bytes[65536];
	size_t size;

	cut(&one, "porch.log");
	remove(path_of("porch.head"));
	ORDER(1, 2, 3);
	write_log(2);
	cut(&other, "porch.log");
	size = one.line[3] - one.bytes + one.size[3];
	memcpy(bytes, one.bytes, size);
	memcpy(bytes + size, other.line[4], other.size[4]);
	put("porch.log", bytes, size + other.size[4]);
	broken(5, "entry 5 does not follow what is before it");
}
END_TEST

START_TEST(a_line_that_is_put_in_is_named)
{
	static struct cut c;
	char bytes[65536];
	size_t size;

	cut(&c, "porch.log");
	size = c.line[2] - c.bytes;
	memcpy(bytes, c.bytes, size);
	memcpy(bytes + size, "{}\n", 3);
	memcpy(bytes + size + 3, c.line[2], c.size[2]);
	put("porch.log", bytes, size + 3 + c.size[2]);
	broken(3, "not an entry");
}
END_TEST

/* The same in other words would be another text with one meaning. */
START_TEST(an_entry_in_other_words_is_named)
{
	static struct cut c;
	char bytes[65536];

	cut(&c, "porch.log");
	bytes[0] = ' ';
	memcpy(bytes + 1, c.bytes, c.size[0]);
	put("porch.log", bytes, 1 + c.size[0]);
	broken(1, "not written as entries are");
}
END_TEST

START_TEST(a_log_that_another_key_signed_is_named_at_its_first_entry)
{
	char pub[1024];
	size_t size;

	size = get("keys/log.pub", pub, sizeof(pub));
	remove(path_of("keys/log.pub"));
	remove(path_of("keys/log.key"));
	remove(path_of("porch.log"));
	remove(path_of("porch.head"));
	write_log(ENTRIES);
	put("keys/log.pub", pub, size);
	broken(1, "which is not known");
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 1 is signed by key"));
}
END_TEST

/* Ends */

START_TEST(a_log_whose_end_is_cut_off_is_not_that_of_its_head)
{
	static const char *const names[] = { "keep", NULL };
	const char *name = names[_i];
	char head[HEAD_TEXT_MAX];

	put("keep", head, get("porch.head", head, sizeof(head)));
	ORDER(1, 2, 3);
	if (name) {
		/* Whoever removes the head as well meets the one that was kept. */
		remove(path_of("porch.head"));
		broken(0, "has no head");
		write_log(1);
		whole(4);
		verify_with(name);
		ck_assert(verdict.broken);
		ck_assert_uint_eq(verdict.file, BROKEN_KEPT);
		ck_assert_ptr_nonnull(strstr(verdict.what, "ends with entry 4, and its head says 5"));
	} else {
		broken(0, "the log ends with entry 3, and its head says 5");
		ck_assert_uint_eq(verdict.file, BROKEN_HEAD);
	}
}
END_TEST

START_TEST(a_head_that_was_kept_tells_another_log_of_the_same_length)
{
	char head[HEAD_TEXT_MAX];

	put("keep", head, get("porch.head", head, sizeof(head)));
	remove(path_of("porch.head"));
	ORDER(1, 2, 3);
	write_log(4);
	verify_with("keep");
	ck_assert(verdict.broken);
	ck_assert_uint_eq(verdict.line, 5);
	ck_assert_ptr_nonnull(strstr(verdict.what, "entry 5 is not the one that the head kept "
				     "elsewhere names"));
}
END_TEST

START_TEST(an_older_head_is_right)
{
	char head[HEAD_TEXT_MAX], signature[MINISIGN_TEXT_MAX];

	put("keep", head, get("porch.head", head, sizeof(head)));
	put("keep.minisig", signature, get("porch.head.minisig", signature, sizeof(signature)));
	write_log(2);
	verify_with("keep");
	ck_assert_msg(!verdict.broken, "%s", verdict.what);
	ck_assert_int_eq(verdict.head, HEAD_AGREES);
	ck_assert_int_eq(verdict.kept, HEAD_BEHIND);
	ck_assert(verdict.kept_signed);
	change_digit(head + strlen(head) - 2);
	put("keep", head, strlen(head));
	verify_with("keep");
	ck_assert(verdict.broken);
}
END_TEST

/* The beginning that is gone is vouched for by a head of that time. */
START_TEST(a_head_vouches_for_what_is_gone)
{
	static struct cut c;
	char head[HEAD_TEXT_MAX];

	put("keep", head, get("porch.head", head, sizeof(head)));
	write_log(3);
	cut(&c, "porch.log");
	put_lines(&c, "porch.log", (const unsigned[]){ 6, 7, 8, 0 });
	verify_with("keep");
	ck_assert_msg(!verdict.broken, "%s", verdict.what);
	ck_assert_uint_eq(verdict.first, 6);
	ck_assert_uint_eq(verdict.before.seq, 5);
	ck_assert_int_eq(verdict.kept, HEAD_BEHIND);
	put_lines(&c, "porch.log", (const unsigned[]){ 7, 8, 0 });
	verify_with("keep");
	ck_assert_int_eq(verdict.kept, HEAD_OLDER);
}
END_TEST

START_TEST(an_edited_head_is_named)
{
	char head[HEAD_TEXT_MAX];
	size_t size = get("porch.head", head, sizeof(head));

	change_digit(head + size - 2);
	put("porch.head", head, size);
	broken(0, "the head is not what was signed");
	put("porch.head", "head\n", 5);
	broken(0, "not the head of this log");
}
END_TEST

START_TEST(an_edited_signature_of_the_head_is_named)
{
	static const char *const parts[] = { "entries", "\nRU" };
	char text[MINISIGN_TEXT_MAX], *at;
	size_t size = get("porch.head.minisig", text, sizeof(text));

	at = _i < 2 ? strstr(text, parts[_i]) : strrchr(text, '=') - 8;
	ck_assert_ptr_nonnull(at);
	at[4] ^= 1;
	put("porch.head.minisig", text, size);
	broken(0, "the head is not what was signed");
}
END_TEST

/* The signature is renamed into its place first. */
START_TEST(a_crash_between_signature_and_head_is_no_edit)
{
	char head[HEAD_TEXT_MAX];
	size_t size = get("porch.head", head, sizeof(head));

	write_log(1);
	put("porch.head", head, size);
	verify_with(NULL);
	ck_assert_msg(!verdict.broken, "%s", verdict.what);
	ck_assert_int_eq(verdict.head, HEAD_BEHIND);
}
END_TEST

/* A log that was cut goes on behind what its head says, so the gap stays. */
START_TEST(a_gap_stays_to_be_seen)
{
	ORDER(1, 2, 3);
	write_log(2);
	broken(4, "entries 4 to 5 are missing");
}
END_TEST

/* An edit of the last line is not made good by what is written behind it. */
START_TEST(an_edited_end_stays_to_be_seen)
{
	static struct cut c;

	cut(&c, "porch.log");
	c.bytes[c.line[4] - c.bytes + 30] ^= 1;
	put("porch.log", c.bytes, c.line[4] + c.size[4] - c.bytes);
	write_log(2);
	broken(5, "");
}
END_TEST

/* Nor is a line that somebody put there, which has an end as no torn one has. */
START_TEST(a_line_that_is_put_at_the_end_stays_to_be_seen)
{
	static struct cut c;

	cut(&c, "porch.log");
	strcat(c.bytes, "{}\n");
	put("porch.log", c.bytes, strlen(c.bytes));
	broken(6, "not an entry");
	write_log(2);
	broken(6, "not an entry");
}
END_TEST

/* Crashes */

START_TEST(a_crash_at_every_byte_of_an_append_is_repaired)
{
	static char bytes[65536], head[2][MINISIGN_TEXT_MAX];
	static struct cut c;
	size_t start, size, heads[2];

	heads[0] = get("porch.head", head[0], sizeof(head[0]));
	heads[1] = get("porch.head.minisig", head[1], sizeof(head[1]));
	write_log(1);
	cut(&c, "porch.log");
	start = c.line[ENTRIES] - c.bytes;
	size = start + c.size[ENTRIES];
	memcpy(bytes, c.bytes, size);
	for (size_t length = start; length < size; length++) {
		bool is_whole = length == size - 1;	/* but for its end */
		bool torn = length > start && !is_whole;

		put("porch.log", bytes, length);
		put("porch.head", head[0], heads[0]);
		put("porch.head.minisig", head[1], heads[1]);
		verify_with(NULL);
		ck_assert_msg(!verdict.broken, "%zu bytes: %s", length - start, verdict.what);
		ck_assert_uint_eq(verdict.rest.bytes, torn ? length - start : 0);
		write_log(1);
		whole(ENTRIES + torn + is_whole + 1);
		ck_assert_uint_eq(verdict.torn_lines, torn);
	}
}
END_TEST

/* The head was written when the entry was whole. */
START_TEST(an_entry_that_is_cut_short_later_was_edited)
{
	static struct cut c;

	cut(&c, "porch.log");
	put("porch.log", c.bytes, c.line[4] - c.bytes + c.size[4] / 2);
	broken(0, "ends with entry 4, and its head says 5");
	write_log(1);
	broken(5, "not an entry");
}
END_TEST

/* Nobody but the writer can say that a line is torn. */
START_TEST(a_torn_line_that_is_edited_later_is_named)
{
	static struct cut c;

	cut(&c, "porch.log");
	strcat(c.bytes, "{\"at\":");
	put("porch.log", c.bytes, strlen(c.bytes));
	write_log(1);
	whole(ENTRIES + 2);
	cut(&c, "porch.log");
	c.bytes[c.line[5] - c.bytes + 3] ^= 1;
	put("porch.log", c.bytes, c.line[7] + c.size[7] - c.bytes);
	broken(6, "not an entry");
}
END_TEST

/* Rotation */

static void rotate(const char *to)
{
	ck_assert_int_eq(rename(path_of("porch.log"), path_of(to)), 0);
}

START_TEST(rotation_keeps_the_chain)
{
	struct ledger *ledger = open_log("porch");

	rotate("porch.log-20261122");
	add(ledger, 6);
	add(ledger, 7);
	rotate("porch.log.1");
	add(ledger, 8);
	ledger_close(ledger);
	whole(ENTRIES + 3);
	rotate("porch.log.2");		/* and nobody has written since */
	write_log(1);
	whole(ENTRIES + 4);
	remove(path_of("porch.head"));
	rotate("porch.log.3");
	write_log(1);
	whole(ENTRIES + 5);
	remove(path_of("porch.log.1"));
	broken(1, "entries 6 to 7 are missing");
	ck_assert_ptr_nonnull(strstr(err.text, "porch.log.2"));
}
END_TEST

START_TEST(a_torn_line_in_a_rotated_file_is_repaired_in_the_next)
{
	static struct cut c;

	cut(&c, "porch.log");
	strcat(c.bytes, "{\"at\":");
	put("porch.log", c.bytes, strlen(c.bytes));
	remove(path_of("porch.log.1"));
	struct ledger *ledger = open_log("porch");

	rotate("porch.log.1");
	add(ledger, 6);
	ledger_close(ledger);
	whole(ENTRIES + 2);
	ck_assert_uint_eq(verdict.torn_lines, 1);
}
END_TEST

/* Keys */

START_TEST(the_key_is_made_once_and_is_its_owners)
{
	struct secret_key first, second;
	struct stat st;

	ck_assert_int_eq(key_open(&first, keys, "log", &err), 0);
	ck_assert_int_eq(key_open(&second, keys, "log", &err), 0);
	ck_assert_mem_eq(&first, &second, sizeof(first));
	ck_assert_int_eq(stat(path_of("keys/log.key"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(chmod(path_of("keys/log.key"), 0640), 0);
	ck_assert_int_eq(key_open(&second, keys, "log", &err), -EACCES);
	ck_assert_int_eq(key_open(&first, keys, "other", &err), 0);
	ck_assert_mem_ne(&first, &second, sizeof(first));
}
END_TEST

START_TEST(a_damaged_key_is_refused_and_never_replaced)
{
	char text[1024], again[1024];
	size_t size = get("keys/log.key", text, sizeof(text));
	struct secret_key key;

	for (size_t i = strlen("untrusted comment: "); i < size; i += 3) {
		if (i < (size_t)(strchr(text, '\n') - text))
			continue;
		text[i] ^= 1;
		put("keys/log.key", text, size);
		ck_assert_msg(key_open(&key, keys, "log", &err) < 0, "byte %zu", i);
		ck_assert_uint_eq(get("keys/log.key", again, sizeof(again)), size);
		ck_assert_mem_eq(text, again, size);
		text[i] ^= 1;
	}
}
END_TEST

static void put_key_away(void)
{
	char id[KEY_ID_TEXT_MAX], to[64];
	struct secret_key key;

	ck_assert_int_eq(key_open(&key, keys, "log", &err), 0);
	key_id_text(id, key.public.id);
	snprintf(to, sizeof(to), "keys/log-%s.key", id);
	ck_assert_int_eq(rename(path_of("keys/log.key"), path_of(to)), 0);
	snprintf(to, sizeof(to), "keys/log-%s.pub", id);
	ck_assert_int_eq(rename(path_of("keys/log.pub"), path_of(to)), 0);
}

START_TEST(a_key_that_is_put_away_names_the_next)
{
	char pub[1024];
	size_t size;

	put_key_away();
	write_log(1);
	whole(ENTRIES + 2);
	/* Who has only the first key learns of the second from the log. */
	size = get("keys/log.pub", pub, sizeof(pub));
	remove(path_of("keys/log.pub"));
	whole(ENTRIES + 2);
	put("keys/log.pub", pub, size);
	put_key_away();
	write_log(1);
	whole(ENTRIES + 4);
}
END_TEST

START_TEST(a_key_that_nobody_handed_over_to_is_not_known)
{
	char pub[1024];
	size_t size = get("keys/log.pub", pub, sizeof(pub));

	remove(path_of("keys/log.key"));
	remove(path_of("keys/log.pub"));
	write_log(1);
	put("keys/log.pub", pub, size);
	broken(6, "which is not known");
}
END_TEST

/* Disks */

START_TEST(a_log_that_cannot_be_written_is_an_error_and_goes_on_later)
{
	struct ledger *ledger = open_log("porch");
	json_t *fields = json_object();
	int full, fd;

	add(ledger, 6);
	ck_assert_int_eq(rename(path_of("porch.log"), path_of("porch.log.1")), 0);
	ck_assert_int_eq(mkdir(path_of("porch.log"), 0700), 0);
	ck_assert_int_lt(ledger_append(ledger, "test", fields, &err), 0);
	ck_assert_int_lt(ledger_append(ledger, "test", fields, &err), 0);
	ck_assert_int_eq(rmdir(path_of("porch.log")), 0);
	/* Its head cannot be put in its place. */
	remove(path_of("porch.head"));
	ck_assert_int_eq(mkdir(path_of("porch.head"), 0700), 0);
	fd = open(path_of("porch.head/x"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	ck_assert_int_eq(ledger_append(ledger, "test", fields, &err), 1);
	remove(path_of("porch.head/x"));
	rmdir(path_of("porch.head"));
	full = ledger_append(ledger, "test", fields, &err);
	ck_assert_int_eq(full, 0);
	ledger_close(ledger);
	json_decref(fields);
	whole(ENTRIES + 3);
}
END_TEST

START_TEST(a_key_that_was_lost_is_followed_by_one_that_only_its_own_file_vouches_for)
{
	struct log_files files = LOG_FILES_NONE;
	char old[256];
	struct secret_key key;
	char id[KEY_ID_TEXT_MAX];

	ck_assert_int_eq(key_open(&key, keys, "log", &err), 0);
	key_id_text(id, key.public.id);
	remove(path_of("keys/log.key"));
	write_log(1);
	whole(ENTRIES + 1);
	snprintf(old, sizeof(old), "%s/log-%s.pub", keys, id);
	ck_assert_int_eq(log_files_open(&files, folder, "porch", &err), 0);
	ck_assert_int_eq(log_files_add_key(&files, old, &err), 0);
	ck_assert_int_eq(log_verify(&files, &verdict, &err), 0);
	ck_assert(verdict.broken);
	ck_assert_uint_eq(verdict.line, 6);
	log_files_close(&files);
}
END_TEST

Suite *ledger_suite(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tcase = tcase_create("ledger");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, remove_folders);
	tcase_add_test(tcase, what_was_written_is_whole);
	tcase_add_test(tcase, there_is_one_writer);
	tcase_add_loop_test(tcase, a_name_that_is_no_word_is_refused, 0, 8);
	tcase_add_test(tcase, what_does_not_fit_in_a_line_is_refused_and_breaks_nothing);
	tcase_add_loop_test(tcase, a_changed_bit_anywhere_is_found_in_its_entry, 0, 1);
	tcase_add_test(tcase, an_entry_that_is_removed_is_named);
	tcase_add_test(tcase, the_first_entry_that_is_removed_is_told);
	tcase_add_test(tcase, entries_that_are_swapped_are_named);
	tcase_add_test(tcase, an_entry_that_is_there_twice_is_named);
	tcase_add_test(tcase, an_entry_of_another_log_is_named);
	tcase_add_test(tcase, an_entry_of_another_continuation_is_named);
	tcase_add_test(tcase, a_line_that_is_put_in_is_named);
	tcase_add_test(tcase, an_entry_in_other_words_is_named);
	tcase_add_test(tcase, a_log_that_another_key_signed_is_named_at_its_first_entry);
	tcase_add_loop_test(tcase, a_log_whose_end_is_cut_off_is_not_that_of_its_head, 0, 2);
	tcase_add_test(tcase, a_head_that_was_kept_tells_another_log_of_the_same_length);
	tcase_add_test(tcase, an_older_head_is_right);
	tcase_add_test(tcase, a_head_vouches_for_what_is_gone);
	tcase_add_test(tcase, an_edited_head_is_named);
	tcase_add_loop_test(tcase, an_edited_signature_of_the_head_is_named, 0, 3);
	tcase_add_test(tcase, a_crash_between_signature_and_head_is_no_edit);
	tcase_add_test(tcase, a_gap_stays_to_be_seen);
	tcase_add_test(tcase, an_edited_end_stays_to_be_seen);
	tcase_add_test(tcase, a_line_that_is_put_at_the_end_stays_to_be_seen);
	tcase_add_test(tcase, a_crash_at_every_byte_of_an_append_is_repaired);
	tcase_add_test(tcase, an_entry_that_is_cut_short_later_was_edited);
	tcase_add_test(tcase, a_torn_line_that_is_edited_later_is_named);
	tcase_add_test(tcase, rotation_keeps_the_chain);
	tcase_add_test(tcase, a_torn_line_in_a_rotated_file_is_repaired_in_the_next);
	tcase_add_test(tcase, the_key_is_made_once_and_is_its_owners);
	tcase_add_test(tcase, a_damaged_key_is_refused_and_never_replaced);
	tcase_add_test(tcase, a_key_that_is_put_away_names_the_next);
	tcase_add_test(tcase, a_key_that_nobody_handed_over_to_is_not_known);
	tcase_add_test(tcase, a_key_that_was_lost_is_followed_by_one_that_only_its_own_file_vouches_for);
	tcase_add_test(tcase, a_log_that_cannot_be_written_is_an_error_and_goes_on_later);
	suite_add_tcase(suite, tcase);
	return suite;
}
