// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/cage.h"
#include "text.h"

#define ONE_WAY		(JSON_COMPACT | JSON_SORT_KEYS)

static void sign(char signature[MINISIGN_TEXT_MAX], const struct consent *consent,
		 const struct secret_key *key, const char *text)
{
	char comment[64];

	snprintf(comment, sizeof(comment), "consent %s", consent->record_id);
	minisign_write(signature, key, text, strlen(text), comment);
}

json_t *letter_json(const struct consent *consent, const struct secret_key *key)
{
	char signature[MINISIGN_TEXT_MAX], word[PUBLIC_KEY_WORD_MAX], *text = NULL;
	struct consent bare = *consent;
	json_t *record, *letter = NULL;

	*bare.prev = *bare.hash = *bare.sig = '\0';	/* of a log that stays where it is */
	record = consent_json(&bare);
	if (record)
		text = json_dumps(record, ONE_WAY);
	if (text) {
		sign(signature, consent, key, text);
		public_key_word(word, &key->public);
		letter = json_pack("{ss sO ss ss}", "schema", LETTER_SCHEMA "/1", "record", record,
				  "key", word, "signature", signature);
	}
	json_decref(record);
	free(text);
	return letter;
}

static bool is_signed(const json_t *record, const char *key_word, const char *signature)
{
	struct public_key key;
	char *text = json_dumps(record, ONE_WAY);
	bool fits = text && public_key_of_word(&key, key_word) &&
		    minisign_fits(signature, &key, text, strlen(text));

	free(text);
	return fits;
}

static void take(struct fields *f, struct consent *c, struct scrim_error *err)
{
	char signature[MINISIGN_TEXT_MAX] = "", key[PUBLIC_KEY_WORD_MAX] = "";
	json_t *record;

	fields_schema(f, LETTER_SCHEMA);
	fields_text(f, "key", key, sizeof(key));
	fields_lines(f, "signature", signature, sizeof(signature));
	record = fields_take(f, "record");
	if (!record)
		fields_wrong(f, "record", "is missing");
	if (f->ret >= 0 && !is_signed(record, key, signature))
		f->ret = fail(err, -EPERM, "it is not signed with the key that it names");
	if (f->ret >= 0)
		f->ret = consent_read(c, record, err);
	if (f->ret >= 0 && *c->hash)
		fields_wrong(f, "record", "says where it stands in a log");
	memcpy(c->key, key, sizeof(c->key));
	json_decref(record);
}

int letter_read(struct consent *consent, const char *text, size_t size, const char *name,
	       struct scrim_error *err)
{
	struct scrim_error why;
	struct fields f;
	json_t *json;
	int ret = document_read(&json, text, size, name, err);

	memset(consent, 0, sizeof(*consent));
	if (ret < 0)
		return ret;
	fields_open(&f, json, "", &why);
	take(&f, consent, &why);
	ret = fields_close(&f);
	json_decref(json);
	if (ret >= 0)
		return 0;
	memset(consent, 0, sizeof(*consent));
	return fail(err, ret, "%s: %s", name, why.text);
}

/* Files */

struct loading {
	int fd;
	const char *name;
};

struct loaded {
	char text[LETTER_FILE_MAX + 1];
};

static int load(void *ctx, void *result, struct scrim_error *err)
{
	static struct consent consent;
	const struct loading *l = ctx;
	struct loaded *loaded = result;
	char *text = NULL;
	size_t size;
	int ret = text_read(&text, &size, LETTER_FILE_MAX, l->fd, l->name, err);

	if (ret >= 0)
		ret = letter_read(&consent, text, size, l->name, err);
	if (ret >= 0)
		memcpy(loaded->text, text, size);
	free(text);
	return ret;
}

int letter_load(char **text, const char *path, struct scrim_error *err)
{
	struct loading l = { open_regular(path, err), path };
	const struct caged_call call = { .before = documents_before, .work = load, .ctx = &l,
					 .keep = &l.fd, .kept = 1, .size = sizeof(struct loaded) };
	struct loaded *loaded = NULL;
	int ret;

	*text = NULL;
	if (l.fd < 0)
		return l.fd;
	loaded = calloc(1, sizeof(*loaded));
	ret = loaded ? caged(&call, loaded, err) : fail(err, -ENOMEM, "no memory for %s", path);
	close(l.fd);
	if (ret >= 0)
		*text = strndup(loaded->text, LETTER_FILE_MAX);
	free(loaded);
	return ret >= 0 && !*text ? fail(err, -ENOMEM, "no memory for %s", path) : ret;
}
