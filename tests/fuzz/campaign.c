// SPDX-License-Identifier: GPL-2.0
/*
 * An offer, an item or settings of a stranger are refused, or are whole; and whatever they say, nobody
 * gets a clip of a baby, for a face database, or without a consent.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "consent/decide.h"
#include "consent/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct campaign *campaign, const struct item *item, bool on)
{
	struct facts facts = {
		.campaign = campaign, .item = item, .recipient = campaign->recipient[0].key.id,
		.purpose = campaign->offer.purpose, .now = campaign->from, .ledger_whole = true,
		.export_on = on, .taken_known = true,
	};
	struct verdict verdict;

	assert(decide(&facts, &verdict) != DECISION_ALLOW && *verdict.sentence);
	assert(verdict.code > DECISION_ALLOW && verdict.code < DECISION_COUNT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct campaign campaign;
	static struct item item;
	struct export_settings settings;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	if (campaign_read(&campaign, text, size, "campaign", NULL) == 0) {
		assert(campaign.recipients && campaign.offer.storage.days && campaign.from < campaign.until);
		assert(!(campaign.offer.sources & term_bit(SOURCE_BABY)));
		assert(!purpose_is_banned(campaign.offer.purpose));
	}
	item_read(&item, text, size, "item", NULL);
	settings_read(&settings, text, size, "settings", NULL);
	check(&campaign, &item, settings.allow);
	free(text);
	return 0;
}
