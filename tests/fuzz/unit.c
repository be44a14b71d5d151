// SPDX-License-Identifier: GPL-2.0
/*
 * Any text as a process's cgroups: of no service, or of one that the text has in the unified
 * hierarchy and that a policy can name.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy policy;
	struct reader reader = { .uid = -1 };
	char text[1024] = "\n", word[UNIT_MAX + 8];
	const char *line;

	if (size + 1 >= sizeof(text))
		return 0;
	memcpy(text + 1, data, size);
	unit_of_cgroup(reader.unit, text + 1);
	if (!*reader.unit)
		return 0;
	line = strstr(text, "\n0::/");
	assert(line && strstr(line, reader.unit));
	assert(strncmp(line, "\n0::/user.slice/", strlen("\n0::/user.slice/")));
	snprintf(word, sizeof(word), "unit:%s", reader.unit);
	if (strlen(word) >= POLICY_TEXT_MAX)
		return 0;
	policy_default(&policy);
	assert(policy_set(&policy, "readers", word, NULL) == 0);
	assert(policy_allows_reader(&policy, &reader, ""));
	reader.unit[0] = '\0';
	assert(!policy_allows_reader(&policy, &reader, ""));
	return 0;
}
