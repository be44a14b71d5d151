// SPDX-License-Identifier: GPL-2.0
/*
 * Many clips for many workers: each item is one worker's, a wrong line is one worker's trouble, and
 * a receipt fits the work that it is about and no other.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "job_file.h"
#include "job_receipt.h"

#define HASH	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"	/* of "abc" */
#define HEAD	"{\"schema\":\"scrim.job/1\",\"out\":\"covered\",\"policy\":\"scrim.conf\"," \
		"\"policy_sha256\":\"" HASH "\"}\n"
#define ITEM(name) "{\"in\":\"clips/" name "\",\"sha256\":\"" HASH "\",\"out\":\"" name "\"}\n"

static const struct job_shard all = { 0, 1 };
static struct job_file job;
static struct scrim_error err;
static char folder[64];

static void setup(void)
{
	ck_assert_int_eq(minisign_init(NULL), 0);
	snprintf(folder, sizeof(folder), "%s/scrim-check-job-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *in_folder(const char *name)
{
	static char path[4][128];
	static unsigned at;
	char *text = path[at++ % 4];

	snprintf(text, sizeof(path[0]), "%s/%s", folder, name);
	return text;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static int read_job(const char *text, struct job_shard shard)
{
	char *copy = strdup(text);
	int ret = job_file_read(&job, copy, strlen(copy), "job", shard, &err);

	free(copy);
	return ret;
}

/* Items by number. */
static char *many_items(unsigned count)
{
	char *text = malloc(sizeof(HEAD) + count * sizeof(ITEM("000000.mp4")) + 1), *at;

	at = stpcpy(text, HEAD);
	for (unsigned i = 0; i < count; i++)
		at += sprintf(at, "{\"in\":\"clips/%06u.mp4\",\"sha256\":\"" HASH "\",\"out\":\"%06u.mp4\"}\n", i, i);
	return text;
}

START_TEST(a_job_says_what_is_made_of_what)
{
	ck_assert_int_eq(read_job(HEAD ITEM("a.mp4") "\n" ITEM("b/c.mp4"), all), 0);
	ck_assert_str_eq(job.out, "covered");
	ck_assert_str_eq(job.policy, "scrim.conf");
	ck_assert_str_eq(job.policy_sha256, HASH);
	ck_assert_str_eq(job.camera, "");
	ck_assert_uint_eq(job.count, 2);
	ck_assert_str_eq(job.at[1].in, "clips/b/c.mp4");
	ck_assert_str_eq(job.at[1].out, "b/c.mp4");
	ck_assert_str_eq(job.at[1].sha256, HASH);
	ck_assert_str_eq(job.at[1].wrong, "");
	ck_assert_uint_eq(job.at[1].line, 4);
}
END_TEST

START_TEST(each_item_is_in_one_shard_and_no_other)
{
	const unsigned count = _i + 1;
	char *text = many_items(23);
	unsigned seen[23] = { 0 };

	for (unsigned index = 0; index < count; index++) {
		ck_assert_int_eq(read_job(text, (struct job_shard){ index, count }), 0);
		ck_assert_uint_eq(job.items, 23);
		ck_assert_uint_le(job.count, 23 / count + 1);
		for (unsigned i = 0; i < job.count; i++)
			seen[atoi(job.at[i].out)]++;
	}
	for (unsigned i = 0; i < 23; i++)
		ck_assert_uint_eq(seen[i], 1);
	free(text);
}
END_TEST

static const char *const wrong_lines[] = {
	"nonsense",
	"{\"in\":\"a\"",
	"[]",
	"{\"in\":\"a\",\"out\":\"b.mp4\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\"}",
	"{\"sha256\":\"" HASH "\",\"out\":\"b.mp4\"}",
	"{\"in\":\"\",\"sha256\":\"" HASH "\",\"out\":\"b.mp4\"}",
	"{\"in\":\"a\",\"in\":\"c\",\"sha256\":\"" HASH "\",\"out\":\"b.mp4\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\"b.mp4\",\"faces\":\"show\"}",
	"{\"in\":\"a\",\"sha256\":\"BA78\",\"out\":\"b.mp4\"}",
	"{\"in\":\"a\\u0007\",\"sha256\":\"" HASH "\",\"out\":\"b.mp4\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\"a.mp4\"}",	/* the line before has it */
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\"/b.mp4\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\"../b.mp4\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\"x/../../b.mp4\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\"x//b.mp4\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\"x/\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\"./b.mp4\"}",
	"{\"in\":\"a\",\"sha256\":\"" HASH "\",\"out\":\".b.mp4\"}",
};

START_TEST(a_wrong_line_is_the_trouble_of_its_shard_alone)
{
	char text[2048];

	snprintf(text, sizeof(text), HEAD ITEM("a.mp4") "%s\n" ITEM("c.mp4"), wrong_lines[_i]);
	ck_assert_int_eq(read_job(text, (struct job_shard){ 0, 2 }), 0);
	ck_assert_uint_eq(job.count, 2);
	ck_assert_str_eq(job.at[1].out, "c.mp4");
	ck_assert_str_eq(job.at[1].wrong, "");
	ck_assert_int_eq(read_job(text, (struct job_shard){ 1, 2 }), 0);
	ck_assert_uint_eq(job.count, 1);
	ck_assert_int_eq(strncmp(job.at[0].wrong, "job:3: ", 7), 0);
}
END_TEST

static const char *const wrong_heads[] = {
	"",
	HEAD,						/* and no item */
	ITEM("a.mp4") ITEM("b.mp4"),
	"nonsense\n" ITEM("a.mp4"),
	"{\"schema\":\"scrim.job/2\",\"out\":\"o\",\"policy\":\"p\",\"policy_sha256\":\"" HASH "\"}\n" ITEM("a.mp4"),
	"{\"schema\":\"scrim.item/1\",\"out\":\"o\",\"policy\":\"p\",\"policy_sha256\":\"" HASH "\"}\n" ITEM("a.mp4"),
	"{\"schema\":\"scrim.job/1\",\"policy\":\"p\",\"policy_sha256\":\"" HASH "\"}\n" ITEM("a.mp4"),
	"{\"schema\":\"scrim.job/1\",\"out\":\"o\",\"policy_sha256\":\"" HASH "\"}\n" ITEM("a.mp4"),
	"{\"schema\":\"scrim.job/1\",\"out\":\"o\",\"policy\":\"p\"}\n" ITEM("a.mp4"),
	"{\"schema\":\"scrim.job/1\",\"out\":\"o\",\"policy\":\"p\",\"policy_sha256\":\"" HASH "\",\"x\":1}\n" ITEM("a.mp4"),
};

START_TEST(a_wrong_first_line_is_no_job)
{
	static const struct job_file none;

	ck_assert_int_lt(read_job(wrong_heads[_i], all), 0);
	ck_assert_str_ne(err.text, "");
	ck_assert_int_eq(memcmp(&job, &none, sizeof(job)), 0);
}
END_TEST

START_TEST(a_shard_has_as_many_items_as_there_is_room_for)
{
	char *text = many_items(2 * JOB_ITEMS_MAX + 1);

	ck_assert_int_eq(read_job(text, (struct job_shard){ 1, 2 }), 0);
	ck_assert_uint_eq(job.count, JOB_ITEMS_MAX);
	ck_assert_int_eq(read_job(text, (struct job_shard){ 0, 2 }), -EFBIG);
	ck_assert_ptr_nonnull(strstr(err.text, "--shard"));
	free(text);
}
END_TEST

START_TEST(a_job_is_read_in_a_cage)
{
	write_file("job", HEAD ITEM("a.mp4") ITEM("b.mp4"));
	ck_assert_int_eq(job_file_load(&job, in_folder("job"), (struct job_shard){ 1, 2 }, &err), 0);
	ck_assert_uint_eq(job.count, 1);
	ck_assert_str_eq(job.at[0].out, "b.mp4");
	write_file("job", HEAD ITEM("\xff.mp4"));
	ck_assert_int_eq(job_file_load(&job, in_folder("job"), all, &err), -EBADMSG);
	ck_assert_uint_eq(job.count, 0);
	ck_assert_int_eq(job_file_load(&job, in_folder("none"), all, &err), -ENOENT);
}
END_TEST

START_TEST(a_policy_is_that_of_the_job_or_none)
{
	static const char text[] = "[camera porch]\ndevice = file:x\npurpose = y\nclass = doorbell\n";
	static const struct policy none;
	static struct policy policy;

	write_file("scrim.conf", text);
	ck_assert_int_eq(read_job(HEAD ITEM("a.mp4"), all), 0);
	sha256_text(job.policy_sha256, text, strlen(text));
	ck_assert_int_eq(job_policy_load(&policy, &job, in_folder("scrim.conf"), &err), 0);
	ck_assert_str_eq(policy.camera, "porch");
	strcpy(job.camera, "barn");
	ck_assert_int_lt(job_policy_load(&policy, &job, in_folder("scrim.conf"), &err), 0);
	job.camera[0] = '\0';
	job.policy_sha256[5] ^= 1;
	ck_assert_int_eq(job_policy_load(&policy, &job, in_folder("scrim.conf"), &err), -EBADMSG);
	ck_assert_int_eq(memcmp(&policy, &none, sizeof(policy)), 0);
}
END_TEST

START_TEST(a_digest_is_of_the_whole_file)
{
	char sha256[SHA256_TEXT_MAX];
	uint64_t bytes = 0;
	int fd;

	write_file("abc", "abc");
	fd = open(in_folder("abc"), O_RDONLY);
	ck_assert_int_eq(lseek(fd, 2, SEEK_SET), 2);
	ck_assert_int_eq(digest_fd(sha256, &bytes, fd, "abc", &err), 0);
	ck_assert_str_eq(sha256, HASH);
	ck_assert_uint_eq(bytes, 3);
	close(fd);
	ck_assert_int_eq(digest_fd(sha256, NULL, fd, "abc", &err), -EBADF);
}
END_TEST

/* Receipts */

static struct receipt_facts facts;
static struct policy policy;
static struct job_result result;
static struct secret_key key;
static struct receipt_verdict verdict;

static void make_receipt(void)
{
	int copy;

	setup();
	policy_default(&policy);
	secret_key_make(&key);
	facts = (struct receipt_facts){ .tool = HASH, .policy = HASH, .camera = "porch",
					.detector = DETECTOR_FACE, .model = HASH, .input = HASH };
	result = (struct job_result){ .frames = 4, .whole = 2, .faces = 1, .width = 64, .height = 48,
				      .why = "no memory" };
	write_file("a.mp4", "the copy");
	copy = open(in_folder("a.mp4"), O_RDONLY);
	ck_assert_int_ge(copy, 0);
	ck_assert(!receipt_is_there(in_folder("a.mp4")));
	ck_assert_int_eq(receipt_write(in_folder("a.mp4"), copy, &facts, &policy, &result, &key, &err), 0);
	ck_assert(receipt_is_there(in_folder("a.mp4")));
	close(copy);
}

static bool fits(void)
{
	ck_assert_int_eq(receipt_check(&verdict, in_folder("a.mp4"), &facts, &key.public, &err), 0);
	return verdict.fits;
}

START_TEST(a_receipt_fits_its_work_and_tells_of_doubt)
{
	ck_assert(fits());
	ck_assert_uint_eq(verdict.whole, 2);
}
END_TEST

START_TEST(a_receipt_does_not_fit_other_work)
{
	struct receipt_facts was = facts;

	facts.tool[0] ^= 1;
	ck_assert(!fits());
	facts = was;
	facts.policy[0] ^= 1;
	ck_assert(!fits());
	facts = was;
	facts.camera[0] = '\0';
	ck_assert(!fits());
	facts = was;
	facts.detector = DETECTOR_MOTION;
	ck_assert(!fits());
	facts = was;
	facts.model[0] = '\0';
	ck_assert(!fits());
	facts = was;
	facts.input[0] ^= 1;
	ck_assert(!fits());
	facts = was;
	ck_assert(fits());
}
END_TEST

START_TEST(a_receipt_does_not_fit_another_copy)
{
	write_file("a.mp4", "the Copy");
	ck_assert(!fits());
}
END_TEST

START_TEST(a_receipt_of_another_key_does_not_fit)
{
	secret_key_make(&key);
	ck_assert(!fits());
}
END_TEST

static const char *const parts[] = { "", RECEIPT_ENDING, RECEIPT_ENDING ".minisig" };

START_TEST(what_is_not_there_does_not_fit)
{
	char name[64];

	snprintf(name, sizeof(name), "a.mp4%s", parts[_i]);
	ck_assert_int_eq(unlink(in_folder(name)), 0);
	ck_assert(!fits());
}
END_TEST

START_TEST(what_is_no_receipt_does_not_fit)
{
	char name[64];

	snprintf(name, sizeof(name), "a.mp4%s", parts[1 + _i % 2]);
	write_file(name, _i < 2 ? "" : "\xff");
	ck_assert(!fits());
}
END_TEST

/* A cage a byte: every seventh does, in ten tests. */
START_TEST(a_byte_of_a_receipt_changes_and_it_does_not_fit)
{
	int fd = open(in_folder("a.mp4" RECEIPT_ENDING), O_RDWR);
	char byte, other;

	for (off_t at = 7 * _i; pread(fd, &byte, 1, at) == 1; at += 70) {
		other = byte ^ 1;
		ck_assert_int_eq(pwrite(fd, &other, 1, at), 1);
		ck_assert_msg(!fits(), "byte %d", (int)at);
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	}
	ck_assert(fits());
	close(fd);
}
END_TEST

/* As a receipt that a version before this one signed might be. */
START_TEST(a_signed_line_that_says_less_does_not_fit)
{
	static const char *const texts[] = { "{}\n", "[]\n", "true", "{\"schema\":\"scrim.receipt/1\"}\n" };
	char signature[MINISIGN_TEXT_MAX];

	minisign_write(signature, &key, texts[_i], strlen(texts[_i]), "scrim.receipt/1");
	write_file("a.mp4" RECEIPT_ENDING, texts[_i]);
	write_file("a.mp4" RECEIPT_ENDING ".minisig", signature);
	ck_assert(!fits());
}
END_TEST

static int work_long(void *ctx, void *unused, struct scrim_error *why)
{
	char byte;

	return read(*(int *)ctx, &byte, 1) < 0 ? -errno : 0;
}

START_TEST(who_is_killed_from_outside_may_be_tried_again)
{
	struct caged_child child;
	int pipes[2];
	const struct caged_call call = { .work = work_long, .ctx = pipes, .keep = pipes, .kept = 1 };
	char nothing;

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(caged_start(&call, &child, &err), 0);
	ck_assert_int_eq(kill(child.pid, _i ? SIGUSR1 : SIGKILL), 0);
	ck_assert_int_eq(caged_finish(&child, &nothing, &err), _i ? -EIO : -EAGAIN);
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

Suite *job_file_suite(void)
{
	Suite *suite = suite_create("job_file");
	TCase *lines = tcase_create("lines"), *files = tcase_create("files"),
	      *receipts = tcase_create("receipts");

	tcase_add_test(lines, a_job_says_what_is_made_of_what);
	tcase_add_loop_test(lines, each_item_is_in_one_shard_and_no_other, 0, 30);
	tcase_add_loop_test(lines, a_wrong_line_is_the_trouble_of_its_shard_alone, 0,
			    sizeof(wrong_lines) / sizeof(wrong_lines[0]));
	tcase_add_loop_test(lines, a_wrong_first_line_is_no_job, 0,
			    sizeof(wrong_heads) / sizeof(wrong_heads[0]));
	tcase_add_test(lines, a_shard_has_as_many_items_as_there_is_room_for);
	suite_add_tcase(suite, lines);

	tcase_add_checked_fixture(files, setup, teardown);
	tcase_add_test(files, a_job_is_read_in_a_cage);
	tcase_add_test(files, a_policy_is_that_of_the_job_or_none);
	tcase_add_test(files, a_digest_is_of_the_whole_file);
	tcase_add_loop_test(files, who_is_killed_from_outside_may_be_tried_again, 0, 2);
	suite_add_tcase(suite, files);

	tcase_add_checked_fixture(receipts, make_receipt, teardown);
	tcase_add_test(receipts, a_receipt_fits_its_work_and_tells_of_doubt);
	tcase_add_test(receipts, a_receipt_does_not_fit_other_work);
	tcase_add_test(receipts, a_receipt_does_not_fit_another_copy);
	tcase_add_test(receipts, a_receipt_of_another_key_does_not_fit);
	tcase_add_loop_test(receipts, what_is_not_there_does_not_fit, 0, 3);
	tcase_add_loop_test(receipts, what_is_no_receipt_does_not_fit, 0, 4);
	tcase_add_loop_test(receipts, a_byte_of_a_receipt_changes_and_it_does_not_fit, 0, 10);
	tcase_add_loop_test(receipts, a_signed_line_that_says_less_does_not_fit, 0, 4);
	suite_add_tcase(suite, receipts);
	return suite;
}
