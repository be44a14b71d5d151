// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/walk.h"

#include <stdio.h>
#include <string.h>

static unsigned long long number(uint64_t seq)
{
	return seq;
}

static void nothing_loose(struct walk *walk)
{
	walk->loose_bytes = walk->loose_first = 0;
	walk->loose_lines = 0;
	walk->loose_ended = false;
}

void walk_begin(struct walk *walk, const char *log, bool trusting)
{
	memset(walk, 0, sizeof(*walk));
	walk->trusting = trusting;
	snprintf(walk->log, sizeof(walk->log), "%s", log);
}

static const struct public_key *find_key(const struct walk *walk, const uint8_t id[KEY_ID_SIZE])
{
	for (unsigned i = 0; i < walk->keys; i++)
		if (!memcmp(walk->key[i].id, id, KEY_ID_SIZE))
			return &walk->key[i];
	return NULL;
}

int walk_trust(struct walk *walk, const struct public_key *key, struct scrim_error *err)
{
	if (find_key(walk, key->id))
		return 0;
	if (walk->keys == WALK_KEYS_MAX)
		return fail(err, -ENOSPC, "more than %d keys", WALK_KEYS_MAX);
	walk->key[walk->keys++] = *key;
	return 0;
}

static int check_signature(const struct walk *walk, const struct entry *entry, const char *line,
			   size_t size, struct scrim_error *err)
{
	const struct public_key *key = find_key(walk, entry->key);
	char id[KEY_ID_TEXT_MAX];

	key_id_text(id, entry->key);
	if (!key)
		return fail(err, -EBADMSG, "entry %llu is signed by key %s, which is not known",
			    number(entry->seq), id);
	if (!walk->trusting && !entry_is_signed(line, size, key))
		return fail(err, -EBADMSG, "entry %llu is not what key %s signed",
			    number(entry->seq), id);
	if (strcmp(entry->log, walk->log))
		return fail(err, -EBADMSG, "entry %llu is of the log '%s'", number(entry->seq),
			    entry->log);
	return 0;
}

static int check_order(const struct walk *walk, const struct entry *entry,
		       struct scrim_error *err)
{
	uint64_t wanted = walk->chain.seq + 1;

	if (!walk->first && entry->seq > 1)
		return 0;		/* what is older is not here */
	if (entry->seq > wanted + 1)
		return fail(err, -EBADMSG, "entries %llu to %llu are missing", number(wanted),
			    number(entry->seq - 1));
	if (entry->seq > wanted)
		return fail(err, -EBADMSG, "entry %llu is missing", number(wanted));
	if (entry->seq < wanted)
		return fail(err, -EBADMSG, "entry %llu is here again, behind entry %llu",
			    number(entry->seq), number(walk->chain.seq));
	if (memcmp(entry->prev, walk->chain.hash, ENTRY_HASH_SIZE))
		return fail(err, -EBADMSG, "entry %llu does not follow what is before it",
			    number(entry->seq));
	return 0;
}

void walk_rest(const struct walk *walk, struct torn *torn)
{
	crypto_generichash_state state = walk->loose_hash;

	memset(torn, 0, sizeof(*torn));
	if (!walk->loose_lines)
		return;
	torn->bytes = walk->loose_bytes;
	torn->ended = walk->loose_ended;
	crypto_generichash_final(&state, torn->hash, sizeof(torn->hash));
}

/* Whether the entry says of the lines before it that a writer left them so. */
static bool vouches(const struct walk *walk, const struct entry *entry)
{
	uint8_t hash[ENTRY_HASH_SIZE];
	struct torn torn;
	const char *text;
	json_int_t bytes;

	if (strcmp(entry->kind, "torn") ||
	    json_unpack(entry->fields, "{sI ss}", "bytes", &bytes, "hash", &text) < 0 ||
	    !entry_hash_read(hash, text))
		return false;
	walk_rest(walk, &torn);
	return bytes > 0 && (uint64_t)bytes == torn.bytes &&
	       !memcmp(hash, torn.hash, sizeof(hash));
}

/* An entry of kind "key" is how a key hands over to the next. */
static int take_key(struct walk *walk, const struct entry *entry, struct scrim_error *err)
{
	struct public_key key;
	const char *text;

	if (strcmp(entry->kind, "key"))
		return 0;
	if (json_unpack(entry->fields, "{ss}", "next", &text) < 0 ||
	    !public_key_of_word(&key, text))
		return fail(err, -EBADMSG, "entry %llu names no key", number(entry->seq));
	return walk_trust(walk, &key, err);
}

static int loose(struct walk *walk, const char *line, size_t size, bool ended, uint64_t place)
{
	if (!walk->loose_lines) {
		crypto_generichash_init(&walk->loose_hash, NULL, 0, ENTRY_HASH_SIZE);
		walk->loose_first = place;
	} else {
		crypto_generichash_update(&walk->loose_hash, (const uint8_t *)"\n", 1);
		walk->loose_bytes++;
	}
	crypto_generichash_update(&walk->loose_hash, (const uint8_t *)line, size);
	walk->loose_bytes += size;
	walk->loose_lines++;
	walk->loose_ended = ended;
	return 0;
}

/* The last entry of one that trusts vouches for those before it. */
static int check_last(const struct walk *walk, struct scrim_error *err)
{
	const struct public_key *key = find_key(walk, walk->last_key);

	if (!walk->trusting || !walk->entries ||
	    (key && entry_is_signed(walk->line, walk->line_size, key)))
		return 0;
	return fail(err, -EBADMSG, "entry %llu is not signed", number(walk->chain.seq));
}

static int check_run(const struct walk *walk, const struct entry *entry, struct scrim_error *err)
{
	return memcmp(walk->last_key, entry->key, KEY_ID_SIZE) ? check_last(walk, err) : 0;
}

static void step(struct walk *walk, const struct entry *entry, const char *line, size_t size)
{
	if (walk->trusting) {
		memcpy(walk->line, line, size);
		walk->line_size = size;
	}
	if (!walk->first) {
		walk->first = entry->seq;
		walk->before.seq = entry->seq - 1;
		memcpy(walk->before.hash, entry->prev, ENTRY_HASH_SIZE);
	}
	walk->chain.seq = entry->seq;
	entry_hash(walk->chain.hash, line, size);
	memcpy(walk->last_key, entry->key, KEY_ID_SIZE);
	walk->entries++;
	walk->torn_lines += walk->loose_lines;
	nothing_loose(walk);
}

int walk_line(struct walk *walk, const char *line, size_t size, bool ended, uint64_t place,
	      struct entry *entry, uint64_t *at, struct scrim_error *err)
{
	struct scrim_error why;
	int ret = walk->trusting ? entry_read_known(entry, line, size, &why) :
				   entry_read(entry, line, size, &why);

	if (ret >= 0)
		ret = check_signature(walk, entry, line, size, &why);
	if (ret < 0) {
		entry_free(entry);
		if (!walk->loose_lines)
			walk->why = why;
		return loose(walk, line, size, ended, place);
	}
	*at = place;
	if (walk->loose_lines && !vouches(walk, entry)) {
		*at = walk->loose_first;
		ret = fail(err, -EBADMSG, "%s", walk->why.text);
	}
	if (ret >= 0)
		ret = check_order(walk, entry, err);
	if (ret >= 0)
		ret = check_run(walk, entry, err);
	if (ret >= 0)
		ret = take_key(walk, entry, err);
	if (ret < 0) {
		entry_free(entry);
		return ret;
	}
	step(walk, entry, line, size);
	return 1;
}

int walk_end(const struct walk *walk, uint64_t *at, struct scrim_error *err)
{
	if (!walk->loose_lines || (walk->loose_lines == 1 && !walk->loose_ended))
		return check_last(walk, err);
	*at = walk->loose_first;
	return fail(err, -EBADMSG, "%s", walk->why.text);
}
