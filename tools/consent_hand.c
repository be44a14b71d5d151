// SPDX-License-Identifier: GPL-2.0
/*
 * Who is in somebody else's clips agrees with a key of their own, and hands over what was signed.
 */
#include "consent.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/key.h"
#include "consent/letter.h"
#include "words.h"

int consent_key(const struct consent_options *o, const char *word)
{
	char text[PUBLIC_KEY_WORD_MAX];
	struct secret_key key;
	struct scrim_error err;

	if (store_key(&key, o->store, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	public_key_word(text, &key.public);
	secret_key_forget(&key);
	if (o->json)
		print_document(json_pack("{ss}", "key", text));
	else
		puts(text);
	return EXIT_DONE;
}

/* Opened before the door is locked. */
static struct secret_key own;
static int handed;

static void print_letter(const struct consent_options *o, const struct consent *c)
{
	json_t *letter = *c->key ? NULL : letter_json(c, &own);

	if (letter) {
		print_document(letter);
		return;
	}
	complain(*c->key ? "consent %s is somebody else's, who alone can hand it over" :
		 "no memory for consent %s", c->record_id);
	handed = *c->key ? EXIT_USAGE : EXIT_FAILED;
}

int consent_hand(const struct consent_options *o, const char *word)
{
	struct scrim_error err;
	int ret = key_open(&own, o->store, STORE_LOG, &err), status;

	if (ret < 0 && ret != -ENOENT) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	status = consent_print_of(o, word, print_letter);
	secret_key_forget(&own);
	return status == EXIT_DONE ? handed : status;
}

static void report(const struct store_taken *t, bool json)
{
	static const char *const words[] = { "new", "later", "before" };

	if (json) {
		print_document(json_pack("{ss ss ss ss sb sb}", "record_id", t->record_id,
					 "subject", t->subject, "key", t->key,
					 "taken", words[t->taken], "first", t->first,
					 "given", t->given));
		return;
	}
	print_words(stdout, t->taken == TAKEN_BEFORE ? "there already: %s of %s" :
		    t->given ? "taken: %s of %s" : "taken back: %s of %s", t->record_id, t->subject);
	if (t->first)
		print_words(stdout, "it is the first of %s: see whether `scrim consent key' prints this "
			    "there: %s", t->subject, t->key);
}

int consent_take(const struct consent_options *o, const char *word)
{
	struct store_taken taken;
	struct scrim_error err;
	char *text = NULL;
	int ret;

	if (minisign_init(&err) < 0 || letter_load(&text, word, &err) < 0) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	ret = store_take(&taken, o->store, text, &err);
	free(text);
	if (ret < 0) {
		complain("cannot take %s: %s", word, err.text);
		return ret == -EPERM || ret == -EACCES ? EXIT_USAGE : EXIT_FAILED;
	}
	if (ret > 0)
		complain("stored, but not in the head of the log: %s", err.text);
	if (taken.broken) {
		complain("cannot take %s: the consents in %s are not what was written; see scrim consent "
			 "verify", word, o->store);
		return CONSENT_BROKEN;
	}
	report(&taken, o->json);
	return EXIT_DONE;
}
