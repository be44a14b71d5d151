// SPDX-License-Identifier: GPL-2.0
/*
 * A record of a stranger is refused, or is one that can be written and read again, and agrees to
 * nothing that nobody can agree to.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "consent/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct consent consent, again;
	json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL), *written;

	if (!json)
		return 0;
	if (consent_read(&consent, json, NULL) == 0) {
		assert(consent.processes && consent.events && *consent.record_id);
		for (unsigned i = 0; i < consent.processes; i++)
			assert(!purpose_is_banned(consent.process[i].purpose) &&
			       !(consent.process[i].sources & term_bit(SOURCE_BABY)) &&
			       consent.process[i].storage.days && consent.process[i].recipients);
		written = consent_json(&consent);
		assert(consent_read(&again, written, NULL) == 0);
		assert(!memcmp(&consent, &again, sizeof(consent)));
		json_decref(written);
		json_decref(receipt_dpv(&consent));
		json_decref(receipt_kantara(&consent, 0));
	}
	json_decref(json);
	return 0;
}
