// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/entry.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BASE64		sodium_base64_VARIANT_ORIGINAL
#define SIG_TEXT_MAX	89		/* of 64 bytes in base64, with a NUL */
#define SIG_HEAD	",\"sig\":\""
#define SIG_TAIL	"\"}"
/* What a signature adds to an object. */
#define SIG_SIZE	(strlen(SIG_HEAD) + SIG_TEXT_MAX - 1 + strlen(SIG_TAIL))
#define CANONICAL	(JSON_SORT_KEYS | JSON_COMPACT)

bool log_word_ok(const char *word, size_t max)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_-.";
	size_t length = strlen(word);

	return length && length < max && *word != '.' && strspn(word, allowed) == length;
}

void entry_hash(uint8_t hash[ENTRY_HASH_SIZE], const char *line, size_t size)
{
	crypto_generichash(hash, ENTRY_HASH_SIZE, (const uint8_t *)line, size, NULL, 0);
}

void entry_hash_text(char text[ENTRY_HASH_TEXT_MAX], const uint8_t hash[ENTRY_HASH_SIZE])
{
	sodium_bin2hex(text, ENTRY_HASH_TEXT_MAX, hash, ENTRY_HASH_SIZE);
}

bool entry_hash_read(uint8_t hash[ENTRY_HASH_SIZE], const char *text)
{
	size_t got;

	return strlen(text) == ENTRY_HASH_TEXT_MAX - 1 &&
	       sodium_hex2bin(hash, ENTRY_HASH_SIZE, text, ENTRY_HASH_TEXT_MAX - 1, NULL, &got,
			      NULL) == 0 && got == ENTRY_HASH_SIZE;
}

/* Writing */

static void time_now(char at[ENTRY_TIME_MAX])
{
	time_t now = time(NULL);
	struct tm tm = { 0 };

	gmtime_r(&now, &tm);
	strftime(at, ENTRY_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static char *dump_unsigned(const struct entry *entry)
{
	char prev[ENTRY_HASH_TEXT_MAX], id[KEY_ID_TEXT_MAX], *text = NULL;
	json_t *json;

	entry_hash_text(prev, entry->prev);
	key_id_text(id, entry->key);
	json = json_pack("{ss sO ss ss ss ss sI}", "at", entry->at, "fields", entry->fields,
			 "key", id, "kind", entry->kind, "log", entry->log, "prev", prev,
			 "seq", (json_int_t)entry->seq);
	if (json)
		text = json_dumps(json, CANONICAL);
	json_decref(json);
	return text;
}

/* unsigned_text is an object of size bytes; its last one moves behind the signature. */
static char *sign(const char *unsigned_text, size_t size, const struct secret_key *key)
{
	uint8_t signature[SIGNATURE_SIZE];
	char base64[SIG_TEXT_MAX], *line;

	crypto_sign_detached(signature, NULL, (const uint8_t *)unsigned_text, size, key->secret);
	sodium_bin2base64(base64, sizeof(base64), signature, sizeof(signature), BASE64);
	if (asprintf(&line, "%.*s" SIG_HEAD "%s" SIG_TAIL, (int)size - 1, unsigned_text, base64) < 0)
		return NULL;
	return line;
}

int entry_write(char **line, size_t *size, struct entry *entry, const struct secret_key *key,
		struct scrim_error *err)
{
	char *text;
	int ret = 0;

	*line = NULL;
	time_now(entry->at);
	memcpy(entry->key, key->public.id, sizeof(entry->key));
	text = dump_unsigned(entry);
	if (!text)
		return fail(err, -EINVAL, "cannot write entry %llu: it cannot be told in JSON",
			    (unsigned long long)entry->seq);
	if (strlen(text) + SIG_SIZE > ENTRY_LINE_MAX)
		ret = fail(err, -EMSGSIZE, "cannot write entry %llu: more than %d bytes",
			   (unsigned long long)entry->seq, ENTRY_LINE_MAX);
	else
		*line = sign(text, strlen(text), key);
	free(text);
	if (ret >= 0 && !*line)
		ret = fail(err, -ENOMEM, "cannot write entry %llu: out of memory",
			   (unsigned long long)entry->seq);
	if (*line)
		*size = strlen(*line);
	return ret;
}

/* Reading */

static bool copy_word(char *to, size_t room, const char *from)
{
	if (!log_word_ok(from, room))
		return false;
	memcpy(to, from, strlen(from) + 1);
	return true;
}

static bool copy_time(char to[ENTRY_TIME_MAX], const char *from)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	if (strlen(from) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)from[i]) : from[i] != form[i])
			return false;
	memcpy(to, from, ENTRY_TIME_MAX);
	return true;
}

/* The other way round than it is shown. */
static bool read_id(uint8_t id[KEY_ID_SIZE], const char *text)
{
	uint8_t bytes[KEY_ID_SIZE];
	size_t got;

	if (strlen(text) != KEY_ID_TEXT_MAX - 1 ||
	    sodium_hex2bin(bytes, sizeof(bytes), text, KEY_ID_TEXT_MAX - 1, NULL, &got, NULL) < 0 ||
	    got != sizeof(bytes))
		return false;
	for (unsigned i = 0; i < KEY_ID_SIZE; i++)
		id[i] = bytes[KEY_ID_SIZE - 1 - i];
	return true;
}

static int take(struct entry *entry, json_t *json, struct scrim_error *err)
{
	const char *at, *key, *kind, *log, *prev, *sig;
	json_error_t error;
	json_int_t seq;

	if (json_unpack_ex(json, &error, JSON_STRICT, "{ss so ss ss ss ss sI ss}", "at", &at,
			   "fields", &entry->fields, "key", &key, "kind", &kind, "log", &log,
			   "prev", &prev, "seq", &seq, "sig", &sig) < 0)
		return fail(err, -EBADMSG, "not an entry: %s", error.text);
	if (seq < 1 || !json_is_object(entry->fields) || !copy_time(entry->at, at) ||
	    !copy_word(entry->kind, sizeof(entry->kind), kind) ||
	    !copy_word(entry->log, sizeof(entry->log), log) ||
	    !entry_hash_read(entry->prev, prev) || !read_id(entry->key, key))
		return fail(err, -EBADMSG, "not an entry: a value is of the wrong kind");
	entry->seq = seq;
	return 0;
}

/* Two texts that are read as one entry would be a way to change it. */
static int check_form(const json_t *json, const char *line, size_t size, struct scrim_error *err)
{
	char *text = json_dumps(json, CANONICAL);
	bool same = text && strlen(text) == size && !memcmp(text, line, size);

	free(text);
	return same ? 0 : fail(err, -EBADMSG, "not written as entries are");
}

static int read_line(struct entry *entry, const char *line, size_t size, bool known,
		     struct scrim_error *err)
{
	json_error_t error;
	json_t *json;
	int ret;

	memset(entry, 0, sizeof(*entry));
	json = size <= ENTRY_LINE_MAX ? json_loadb(line, size, JSON_REJECT_DUPLICATES, &error) :
					NULL;
	if (!json)
		return fail(err, -EBADMSG, "not an entry: %s",
			    size > ENTRY_LINE_MAX ? "too long" : error.text);
	ret = take(entry, json, err);
	if (ret >= 0 && !known)
		ret = check_form(json, line, size, err);
	if (ret >= 0)
		json_incref(entry->fields);
	else
		entry->fields = NULL;
	json_decref(json);
	return ret;
}

int entry_read(struct entry *entry, const char *line, size_t size, struct scrim_error *err)
{
	return read_line(entry, line, size, false, err);
}

int entry_read_known(struct entry *entry, const char *line, size_t size, struct scrim_error *err)
{
	return read_line(entry, line, size, true, err);
}

void entry_free(struct entry *entry)
{
	json_decref(entry->fields);
	entry->fields = NULL;
}

/* The signature of "{...}", which is the line with the part from SIG_HEAD cut out. */
bool entry_is_signed(const char *line, size_t size, const struct public_key *key)
{
	uint8_t signature[SIGNATURE_SIZE];
	char *text;
	size_t got;
	bool fits;

	if (size <= SIG_SIZE || memcmp(line + size - SIG_SIZE, SIG_HEAD, strlen(SIG_HEAD)) ||
	    sodium_base642bin(signature, sizeof(signature), line + size - SIG_SIZE + strlen(SIG_HEAD),
			      SIG_TEXT_MAX - 1, NULL, &got, NULL, BASE64) < 0 ||
	    got != sizeof(signature))
		return false;
	text = malloc(size - SIG_SIZE + 1);
	if (!text)
		return false;
	memcpy(text, line, size - SIG_SIZE);
	text[size - SIG_SIZE] = '}';
	fits = crypto_sign_verify_detached(signature, (const uint8_t *)text, size - SIG_SIZE + 1,
					   key->key) == 0;
	free(text);
	return fits;
}
