// SPDX-License-Identifier: GPL-2.0
/*
 * A deletion receipt of a stranger is refused, or whole; and the fields of an entry of the ledger
 * of exports are read, and written again as they were.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "consent/receipts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fields(const json_t *fields, const char *kind)
{
	struct export_entry entry;
	json_t *again;

	if (export_read(&entry, kind, fields, NULL) < 0)
		return;
	again = export_fields(&entry);
	assert(json_object_size(again) == json_object_size(fields));
	assert(export_read(&entry, kind, again, NULL) == 0);
	json_decref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export_receipt receipt;
	json_t *fields;

	if (deletion_receipt_read(&receipt, (const char *)data, size, "receipt", NULL) == 0)
		assert(uuid_is_valid(receipt.bundle) && *receipt.recipient && receipt.deleted >= 0);
	if (document_read(&fields, (const char *)data, size, "fields", NULL) < 0)
		return 0;
	for (unsigned kind = 0; kind < EXPORT_KINDS; kind++)
		check_fields(fields, export_kind_name(kind));
	json_decref(fields);
	return 0;
}
