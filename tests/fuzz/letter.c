// SPDX-License-Identifier: GPL-2.0
/*
 * A letter of a stranger is refused, or is a consent that the key that it names has signed.  Nobody
 * here can sign one, so what follows a signature is signed anew.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "consent/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sign_again(const struct consent *consent)
{
	static struct consent again;
	struct secret_key key;
	json_t *letter;
	char *text;

	secret_key_make(&key);
	letter = letter_json(consent, &key);
	text = json_dumps(letter, 0);
	assert(letter_read(&again, text, strlen(text), "letter", NULL) == 0);
	assert(!strcmp(again.record_id, consent->record_id) && *again.key && !*again.hash);
	free(text);
	json_decref(letter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct consent consent;
	json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

	assert(minisign_init(NULL) >= 0);
	if (consent_read(&consent, json_object_get(json, "record"), NULL) == 0)
		sign_again(&consent);
	json_decref(json);
	if (letter_read(&consent, (const char *)data, size, "letter", NULL) == 0)
		assert(consent.events && *consent.key && !*consent.hash);
	return 0;
}
