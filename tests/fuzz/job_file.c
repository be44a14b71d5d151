// SPDX-License-Identifier: GPL-2.0
/*
 * A job of a stranger is refused, or each of its items is in one of three shards, and is either wrong
 * or named below the folder of the job.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "job_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct job_item *item)
{
	if (*item->wrong)
		return;
	assert(*item->in && strlen(item->sha256) == SHA256_TEXT_MAX - 1);
	assert(*item->out && *item->out != '/' && *item->out != '.' && !strstr(item->out, "/."));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct job_file job;
	unsigned seen = 0, items = 0;
	char *text = malloc(size + 1);

	for (unsigned n = 0; n < 3; n++) {
		memcpy(text, data, size);
		text[size] = '\0';
		if (job_file_read(&job, text, size, "job", (struct job_shard){ n, 3 }, NULL) < 0)
			break;
		assert(job.items && *job.out && *job.policy && (!n || items == job.items));
		items = job.items;
		seen += job.count;
		for (unsigned i = 0; i < job.count; i++)
			check(&job.at[i]);
	}
	assert(seen == items);
	free(text);
	return 0;
}
