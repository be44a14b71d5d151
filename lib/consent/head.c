// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/head.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void head_write(char text[HEAD_TEXT_MAX], const char *log, const struct chain *chain)
{
	char hash[ENTRY_HASH_TEXT_MAX];

	entry_hash_text(hash, chain->hash);
	snprintf(text, HEAD_TEXT_MAX, "scrim log head 1\nlog %.*s\nentries %" PRIu64 "\nhash %s\n",
		 LOG_NAME_MAX, log, chain->seq, hash);
}

int head_read(struct head *head, const char *text, const char *name, struct scrim_error *err)
{
	char hash[ENTRY_HASH_TEXT_MAX], again[HEAD_TEXT_MAX];

	memset(head, 0, sizeof(*head));
	if (sscanf(text, "scrim log head 1\nlog %63s\nentries %" SCNu64 "\nhash %64s\n", head->log,
		   &head->chain.seq, hash) != 3 || !entry_hash_read(head->chain.hash, hash))
		return fail(err, -EBADMSG, "%s: not the head of a log", name);
	/* There is one way to write it. */
	head_write(again, head->log, &head->chain);
	if (strcmp(text, again))
		return fail(err, -EBADMSG, "%s: not written as the head of a log is", name);
	return 0;
}
