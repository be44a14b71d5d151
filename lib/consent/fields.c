// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/fields.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "consent/entry.h"
#include "consent/when.h"

static const char *dot(const struct fields *f)
{
	return *f->path ? "." : "";
}

void fields_wrong(struct fields *f, const char *key, const char *fmt, ...)
{
	char text[SCRIM_TEXT_MAX];
	va_list args;

	if (f->ret < 0)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	f->ret = fail(f->err, -EINVAL, "%s%s%s: %s", f->path, key ? dot(f) : "", key ? key : "", text);
}

void fields_open(struct fields *f, const json_t *json, const char *path, struct scrim_error *err)
{
	*f = (struct fields){ .err = err };
	snprintf(f->path, sizeof(f->path), "%s", path);
	if (!json_is_object(json)) {
		f->ret = fail(err, -EINVAL, "%s: not an object", *path ? path : "the document");
		return;
	}
	f->left = json_copy((json_t *)json);
	if (!f->left)
		f->ret = fail(err, -ENOMEM, "no memory for a document");
}

void fields_into(struct fields *child, struct fields *f, const char *key)
{
	json_t *value = fields_take(f, key);
	char path[FIELDS_PATH_MAX];

	snprintf(path, sizeof(path), "%.90s%s%.32s", f->path, dot(f), key);
	if (value) {
		fields_open(child, value, path, f->err);
		json_decref(value);
		return;
	}
	fields_wrong(f, key, "is missing");
	*child = (struct fields){ .ret = f->ret, .err = f->err };
}

int fields_close(struct fields *f)
{
	const char *key;
	json_t *value;

	if (f->ret >= 0)
		json_object_foreach(f->left, key, value)
			fields_wrong(f, key, "is not a field of scrim's");
	json_decref(f->left);
	f->left = NULL;
	return f->ret;
}

void fields_leave(struct fields *child, struct fields *f)
{
	int ret = fields_close(child);

	if (f->ret >= 0)
		f->ret = ret;
}

bool fields_have(const struct fields *f, const char *key)
{
	return f->ret >= 0 && json_object_get(f->left, key);
}

json_t *fields_take(struct fields *f, const char *key)
{
	json_t *value = f->ret < 0 ? NULL : json_incref(json_object_get(f->left, key));

	if (value)
		json_object_del(f->left, key);
	return value;
}

static json_t *take_some(struct fields *f, const char *key)
{
	json_t *value = fields_take(f, key);

	if (!value)
		fields_wrong(f, key, "is missing");
	return value;
}

json_t *fields_list(struct fields *f, const char *key, size_t min, size_t max)
{
	json_t *list = take_some(f, key);
	size_t size = json_array_size(list);

	if (list && !json_is_array(list))
		fields_wrong(f, key, "not a list");
	else if (list && (size < min || size > max))
		fields_wrong(f, key, "has %zu members, not %zu to %zu", size, min, max);
	if (f->ret >= 0)
		return list;
	json_decref(list);
	return NULL;
}

void fields_objects(struct fields *f, const char *key, size_t min, size_t max,
		    void (*read)(struct fields *one, void *to), void *to)
{
	json_t *list = fields_list(f, key, min, max), *value;
	char path[FIELDS_PATH_MAX + 24];	/* a path is cut where it is kept */
	struct fields one;
	size_t i;

	json_array_foreach(list, i, value) {
		if (f->ret < 0)
			break;
		snprintf(path, sizeof(path), "%.90s%s%.30s[%zu]", f->path, dot(f), key, i);
		fields_open(&one, value, path, f->err);
		read(&one, to);
		fields_leave(&one, f);
	}
	json_decref(list);
}

/* What turns the direction of others, or cannot be seen: two names would look the same. */
static bool hides(const unsigned char *c)
{
	if (c[0] == 0xe2 && c[1] == 0x80)
		return (c[2] >= 0x8b && c[2] <= 0x8f) || (c[2] >= 0xa8 && c[2] <= 0xae);
	return (c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa0 && c[2] <= 0xa9) ||
	       (c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf);
}

/* What shows letters in another order than they have: nobody needs that to write a language. */
static bool overrides(const unsigned char *c)
{
	return c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xad || c[2] == 0xae);
}

/*
 * Jansson has checked that it is UTF-8; C1 control characters begin with 0xc2.  A text of lines may
 * need to say which way it is read.
 */
static bool is_clean(const char *text, bool lines)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if ((*c < ' ' && !(lines && (*c == '\n' || *c == '\t'))) || *c == 0x7f ||
		    (*c == 0xc2 && c[1] < 0xa0) || overrides(c) || (!lines && hides(c)))
			return false;
	return true;
}

int fields_check_text(const char *what, const char *text, size_t room, struct scrim_error *err)
{
	json_t *json = json_string(text);	/* NULL: it is not UTF-8 */
	bool fits = json && *text && is_clean(text, false);

	json_decref(json);
	if (!fits)
		return fail(err, -EINVAL, "%s: is empty, is not UTF-8 or has control characters", what);
	return strlen(text) < room ? 0 :
		fail(err, -EINVAL, "%s: is longer than %zu bytes", what, room - 1);
}

static void take_text(struct fields *f, const char *key, char *to, size_t room, bool lines)
{
	json_t *value = take_some(f, key);
	const char *text = json_string_value(value);

	if (value && (!text || strlen(text) != json_string_length(value)))
		fields_wrong(f, key, "not a text");
	else if (value && (!*text || !is_clean(text, lines)))
		fields_wrong(f, key, *text ? "has control characters" : "is empty");
	else if (value && strlen(text) >= room)
		fields_wrong(f, key, "is longer than %zu bytes", room - 1);
	else if (value)
		memcpy(to, text, strlen(text) + 1);
	json_decref(value);
}

void fields_text(struct fields *f, const char *key, char *to, size_t room)
{
	take_text(f, key, to, room, false);
}

void fields_lines(struct fields *f, const char *key, char *to, size_t room)
{
	take_text(f, key, to, room, true);
}

void fields_name(struct fields *f, const char *key, char *to, size_t room)
{
	fields_text(f, key, to, room);
	if (f->ret >= 0 && !log_word_ok(to, room))
		fields_wrong(f, key, "'%s' is not of letters, digits, '_', '-' and '.'", to);
}

void fields_uuid(struct fields *f, const char *key, char *to, size_t room)
{
	fields_text(f, key, to, room);
	if (f->ret >= 0 && !uuid_is_valid(to))
		fields_wrong(f, key, "'%s' is no UUID of version 4", to);
}

void fields_sha256(struct fields *f, const char *key, char to[SHA256_TEXT_MAX])
{
	fields_text(f, key, to, SHA256_TEXT_MAX);
	if (f->ret >= 0 && strspn(to, "0123456789abcdef") != SHA256_TEXT_MAX - 1)
		fields_wrong(f, key, "is not a SHA-256 in lower case");
}

static int find_word(struct fields *f, const char *key, const struct terms *terms,
		     const json_t *value)
{
	const char *word = json_string_value(value);
	int term = word ? term_find(terms, word) : -1;

	if (value && term < 0)
		fields_wrong(f, key, "'%.64s' is no %s that scrim knows", word ? word : "?",
			     terms->what);
	return term;
}

void fields_word(struct fields *f, const char *key, const struct terms *terms, unsigned *to)
{
	json_t *value = take_some(f, key);
	int term = find_word(f, key, terms, value);

	if (term >= 0)
		*to = term;
	json_decref(value);
}

void fields_words(struct fields *f, const char *key, const struct terms *terms, size_t min,
		  uint32_t *to)
{
	json_t *list = fields_list(f, key, min, terms->count), *value;
	size_t i;
	int term;

	*to = 0;
	json_array_foreach(list, i, value) {
		term = find_word(f, key, terms, value);
		if (term >= 0 && *to & term_bit(term))
			fields_wrong(f, key, "'%s' is there twice", terms->names[term]);
		if (term >= 0)
			*to |= term_bit(term);
	}
	json_decref(list);
}

void fields_time(struct fields *f, const char *key, int64_t *to)
{
	char text[64] = "";

	fields_text(f, key, text, sizeof(text));
	if (f->ret >= 0 && !when_read(to, text))
		fields_wrong(f, key, "'%s' is no time with a zone, such as 2026-11-22T08:00:00Z", text);
}

void fields_number(struct fields *f, const char *key, int64_t min, int64_t max, int64_t *to)
{
	json_t *value = take_some(f, key);

	if (value && !json_is_integer(value))
		fields_wrong(f, key, "is not a whole number");
	else if (value && (json_integer_value(value) < min || json_integer_value(value) > max))
		fields_wrong(f, key, "is not from %lld to %lld", (long long)min, (long long)max);
	else if (value)
		*to = json_integer_value(value);
	json_decref(value);
}

void fields_flag(struct fields *f, const char *key, bool *to)
{
	json_t *value = take_some(f, key);

	if (value && !json_is_boolean(value))
		fields_wrong(f, key, "is neither true nor false");
	else if (value)
		*to = json_is_true(value);
	json_decref(value);
}

static void check_place(struct fields *f, const char *key, const char *code)
{
	if (f->ret >= 0 && !place_is_known(code))
		fields_wrong(f, key, "'%s' is no code of ISO 3166 that scrim knows", code);
}

void fields_place(struct fields *f, const char *key, char to[PLACE_MAX])
{
	fields_text(f, key, to, PLACE_MAX);
	check_place(f, key, to);
}

void fields_places(struct fields *f, const char *key, size_t min, struct places *to)
{
	json_t *list = fields_list(f, key, min, PLACES_MAX), *value;
	const char *code;
	size_t i;

	to->count = 0;
	json_array_foreach(list, i, value) {
		code = json_string_value(value) ? json_string_value(value) : "";
		check_place(f, key, code);
		if (f->ret >= 0)
			memcpy(to->at[to->count++], code, strlen(code) + 1);
	}
	json_decref(list);
}

void fields_schema(struct fields *f, const char *name)
{
	char text[64] = "";

	fields_text(f, "schema", text, sizeof(text));
	if (f->ret < 0)
		return;
	if (strncmp(text, name, strlen(name)) || text[strlen(name)] != '/')
		fields_wrong(f, "schema", "'%s' is not %s/1", text, name);
	else if (strcmp(text + strlen(name), "/1"))
		fields_wrong(f, "schema", "'%s' is a version that this program does not know", text);
}

int documents_before(void *ctx, struct scrim_error *err)
{
	json_object_seed(0);
	return minisign_init(err);
}

int document_read(json_t **json, const char *text, size_t size, const char *name,
		  struct scrim_error *err)
{
	json_error_t error;

	*json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	return *json ? 0 : fail(err, -EBADMSG, "%s:%d: %s", name, error.line, error.text);
}

bool uuid_is_valid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-4xxx-Nxxx-xxxxxxxxxxxx";

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (unsigned i = 0; form[i]; i++) {
		const char *allowed = form[i] == 'x' ? "0123456789abcdef" :
				      form[i] == 'N' ? "89ab" : form[i] == '4' ? "4" : "-";

		if (!strchr(allowed, text[i]))
			return false;
	}
	return true;
}

void uuid_make(char text[UUID_TEXT_MAX])
{
	uint8_t bytes[16];
	char hex[33];

	randombytes_buf(bytes, sizeof(bytes));
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
	snprintf(text, UUID_TEXT_MAX, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		 hex + 20);
}

void sha256_text(char text[SHA256_TEXT_MAX], const void *bytes, size_t size)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, bytes, size);
	sodium_bin2hex(text, SHA256_TEXT_MAX, hash, sizeof(hash));
}
