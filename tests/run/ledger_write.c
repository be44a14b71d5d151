// SPDX-License-Identifier: GPL-2.0
/*
 * For ledger.sh: writes what a scrimd would, without a camera.  A word a line on standard input
 * is an event: start, stop, shut, open, loosen, refuse; each is answered with a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/load.h"
#include "tools/scrimd_log.h"

static struct comparison changes;

static void event(struct camera_log *log, const struct policy *policy, const char *word)
{
	struct policy wider = *policy;

	wider.faces = METHOD_SHOW;
	comparison_clear(&changes);
	policy_compare(&changes, policy, &wider);
	if (!strcmp(word, "start"))
		log_start(log, policy, "");
	else if (!strcmp(word, "stop"))
		log_stop(log);
	else if (!strcmp(word, "shut") || !strcmp(word, "open"))
		log_shutter(log, *word == 's', 1000);
	else if (!strcmp(word, "loosen") || !strcmp(word, "refuse"))
		log_policy(log, policy, "", &changes, 1000, *word == 'l');
}

int main(int argc, char **argv)
{
	struct policies *policies = NULL;
	struct camera_log log;
	struct scrim_error err;
	char word[32];

	if (argc != 3 || policies_load(&policies, argv[2], &err) < 0)
		return 2;
	log_begin(&log, argv[1]);
	while (scanf("%31s", word) == 1) {
		event(&log, &policies->at[0], word);
		puts(word);
		fflush(stdout);
	}
	log_end(&log);
	free(policies);
	return 0;
}
