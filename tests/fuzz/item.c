// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever is said of a clip: where everything else is in order, it is only given away when it
 * shows adults who agreed, covered, at a place of a class that may be given.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../consent_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct item *item)
{
	assert(item->source == SOURCE_OUTDOOR || item->source == SOURCE_DOORBELL);
	assert(!item->is_private && !item->tags && !item->shown);
	assert(item->data == term_bit(DATA_REDACTED));
	assert(item->redaction.faces && item->redaction.plates);
	assert(item->redaction.method == STRENGTH_FILL);
	assert(item->people && item->people <= 2 && item->persons <= 2);
	for (unsigned i = 0; i < item->people; i++)
		assert(item->person[i].age_class == AGE_ADULT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct consent_case c;
	static struct item item;
	static bool made;
	char *text = malloc(size + 1);

	if (!made)
		case_make(&c, "tests/consent");
	made = true;
	memcpy(text, data, size);
	text[size] = '\0';
	c.facts.item = &item;
	if (item_read(&item, text, size, "item", NULL) == 0 &&
	    decide(&c.facts, &c.verdict) == DECISION_ALLOW)
		check(&item);
	free(text);
	return 0;
}
