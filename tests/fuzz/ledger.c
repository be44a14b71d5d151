// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever the files of a log have in them: the entries that are given out are numbered without
 * a gap, and were signed by the one key that counts or one that it named.
 */
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "consent/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char key[] = "untrusted comment: of the corpus\n"
	"RWTLfCega2U8Nt+xp7bw9P44tYzN2jByTvxaiz92uHEE6ZA2N4vqmezZ\n";

static struct log_file file_of(const void *data, size_t size)
{
	struct log_file file = { memfd_create("log", 0), "log" };

	assert(file.fd >= 0 && pwrite(file.fd, data, size, 0) == (ssize_t)size);
	return file;
}

static int count(void *ctx, const struct entry *entry, const char *line, size_t size)
{
	struct chain *last = ctx;
	struct public_key first;

	assert(public_key_read(&first, key, "key", NULL) == 0);
	assert(!last->seq || entry->seq == last->seq + 1);
	assert(last->seq || entry_is_signed(line, size, &first));
	last->seq = entry->seq;
	return 0;
}

/* As the log; as its head, its signature, a head that was kept, and a key. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_files files = { .log = "porch", .count = 1, .keys = 1 };
	struct chain last = { 0 };
	const struct log_reader reader = { .each = count, .ctx = &last };
	struct log_verdict verdict;
	struct secret_key secret;
	struct log_file own = file_of(data, size), head = file_of(data, size);

	assert(minisign_init(NULL) == 0);
	files.at[0] = own;
	files.key[0] = file_of(key, sizeof(key) - 1);
	files.head = files.head_signature = files.kept = files.kept_signature =
		(struct log_file){ .fd = -1 };
	if (log_read(&files, &reader, &verdict, NULL) == 0)
		assert(verdict.last.seq == last.seq);
	last.seq = 0;
	files.head = files.head_signature = head;
	files.kept = files.kept_signature = head;
	assert(log_read(&files, &reader, &verdict, NULL) <= 0);
	close(files.key[0].fd);
	files.key[0] = head;
	files.count = 0;
	assert(log_read(&files, &reader, &verdict, NULL) <= 0);
	if (size < MINISIGN_TEXT_MAX) {
		char text[MINISIGN_TEXT_MAX] = { 0 };

		snprintf(text, sizeof(text), "%.*s", (int)size, (const char *)data);
		assert(secret_key_read(&secret, text, "key", NULL) <= 0);
	}
	close(own.fd);
	close(head.fd);
	return 0;
}
