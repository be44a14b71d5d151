// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/store_in.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/letter.h"
#include "consent/when.h"

#define SIG_LENGTH	88		/* of an entry, in base64 */
#define PUT_BACK	"an older copy was put back"

/* The folder */

int store_check_folder(const char *path, struct scrim_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), ret = 0;
	struct stat st;

	if (fd < 0)
		return fail(err, -errno, "cannot open the consents in %s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0)
		ret = fail(err, -errno, "cannot open the consents in %s: %s", path, strerror(errno));
	else if (st.st_uid != geteuid())
		ret = fail(err, -EACCES, "cannot open the consents in %s: they are another user's", path);
	else if (st.st_mode & 077)
		ret = fail(err, -EACCES, "cannot open the consents in %s: others may enter; chmod 700",
			   path);
	close(fd);
	return ret;
}

/* Even a name that leads nowhere. */
static bool was_written_to(const char *path, const char *log)
{
	static const char *const ends[] = { "log", "head" };
	char name[4096];
	struct stat st;
	bool was = false;

	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s.%s", path, log, ends[i]);
		was = was || lstat(name, &st) == 0 || errno != ENOENT;
	}
	return was;
}

/* Without keys nothing can be believed, which store_read() says. */
int store_open_log(struct log_files *files, const char *path, const char *log,
		   struct scrim_error *err)
{
	int ret;

	*files = (struct log_files)LOG_FILES_NONE;
	ret = store_check_folder(path, err);
	if (ret < 0)
		return ret;
	ret = log_files_open(files, path, log, err);
	if (ret >= 0)
		ret = log_files_add_keys(files, path, STORE_LOG, err);
	if (ret < 0)
		log_files_close(files);
	return ret == -ENOENT && was_written_to(path, log) ? 0 : ret;
}

int store_open(struct log_files *files, const char *path, struct scrim_error *err)
{
	return store_open_log(files, path, STORE_LOG, err);
}

/* Reading */

static struct consent *find(const struct consents *c, const char *record_id)
{
	for (unsigned i = 0; i < c->count; i++)
		if (!strcmp(c->at[i]->record_id, record_id))
			return c->at[i];
	return NULL;
}

const struct consent *consents_find(const struct consents *consents, const char *record_id)
{
	return find(consents, record_id);
}

/* Where it stands in the log, for whoever wants to check it there. */
static void keep_place(struct consent *c, const struct entry *entry, const char *line, size_t size)
{
	uint8_t hash[ENTRY_HASH_SIZE];

	entry_hash(hash, line, size);
	entry_hash_text(c->hash, hash);
	entry_hash_text(c->prev, entry->prev);
	snprintf(c->sig, sizeof(c->sig), "%.*s", SIG_LENGTH, line + size - SIG_LENGTH - 2);
}

static struct consent *add(struct consents *c, struct scrim_error *err)
{
	struct consent **at = c->at;

	if (c->count == STORE_MAX) {
		fail(err, -EFBIG, "more than %d consents", STORE_MAX);
		return NULL;
	}
	if (c->count == c->room) {
		at = realloc(c->at, (c->room + 64) * sizeof(*at));
		if (at) {
			c->at = at;
			c->room += 64;
		}
	}
	if (at)
		at[c->count] = calloc(1, sizeof(**at));
	if (!at || !at[c->count]) {
		fail(err, -ENOMEM, "no memory for consents");
		return NULL;
	}
	return at[c->count++];
}

int consents_check_key(const struct consents *c, const struct consent *consent,
		       struct scrim_error *err)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->at[i] != consent && !strcmp(c->at[i]->subject.id, consent->subject.id) &&
		    strcmp(c->at[i]->key, consent->key))
			return fail(err, -EPERM, "'%s' has agreed with another key, %s",
				    consent->subject.id, *c->at[i]->key ? c->at[i]->key :
				    "which is that of this store");
	return 0;
}

static int fill(const struct consents *c, struct consent *consent, const struct entry *entry,
		const char *line, size_t size, struct scrim_error *err)
{
	const char *id = consent->record_id;
	int ret = consent_read(consent, json_object_get(entry->fields, "record"), err);

	if (ret < 0)
		return ret;
	if (consent->events != 1 || *consent->hash)
		return fail(err, -EBADMSG, "consent %s begins with what comes later", id);
	for (unsigned i = 0; i + 1 < c->count; i++)
		if (!strcmp(c->at[i]->record_id, id))
			return fail(err, -EBADMSG, "consent %s is there twice", id);
	keep_place(consent, entry, line, size);
	return consents_check_key(c, consent, err);
}

static int take_grant(struct consents *c, const struct entry *entry, const char *line, size_t size,
		      struct scrim_error *err)
{
	struct consent *consent = add(c, err);
	int ret = consent ? fill(c, consent, entry, line, size, err) : -ENOMEM;

	if (consent && ret < 0)
		free(c->at[--c->count]);	/* nobody agreed to half of it */
	return ret;
}

/* The same consent, to which something has happened since. */
static bool is_later(const struct consent *now, const struct consent *before)
{
	struct consent was = *before, cut = *now;
	json_t *one, *other;
	bool same;

	*was.prev = *was.hash = *was.sig = '\0';
	cut.events = was.events;
	one = consent_json(&was);
	other = consent_json(&cut);
	same = now->events > before->events && json_equal(one, other);
	json_decref(one);
	json_decref(other);
	return same;
}

int consents_weigh(enum taken *taken, const struct consents *c, const struct consent *letter,
		   struct scrim_error *err)
{
	const struct consent *there = find(c, letter->record_id);

	*taken = TAKEN_NEW;
	if (!there)
		return consents_check_key(c, letter, err);
	if (strcmp(there->key, letter->key))
		return fail(err, -EPERM, "consent %s has another key", letter->record_id);
	*taken = TAKEN_BEFORE;
	if (consent_last(there)->state == STATE_WITHDRAWN || letter->events <= there->events)
		return 0;
	*taken = TAKEN_LATER;
	return is_later(letter, there) ? 0 :
	       fail(err, -EPERM, "consent %s is another than that which is there", letter->record_id);
}

static int take_letter(struct consents *c, const struct entry *entry, const char *line, size_t size,
		       struct scrim_error *err)
{
	const json_t *text = json_object_get(entry->fields, "letter");
	struct consent letter, *there;
	enum taken taken;
	int ret;

	if (!json_is_string(text))
		return fail(err, -EBADMSG, "there is no letter");
	ret = letter_read(&letter, json_string_value(text), json_string_length(text), "its letter",
			  err);
	if (ret >= 0)
		ret = consents_weigh(&taken, c, &letter, err);
	if (ret < 0 || taken == TAKEN_BEFORE)
		return ret;
	there = taken == TAKEN_LATER ? find(c, letter.record_id) : add(c, err);
	if (!there)
		return -ENOMEM;
	*there = letter;
	keep_place(there, entry, line, size);
	return 0;
}

static int take_withdraw(struct consents *c, const struct entry *entry, const char *line,
			 size_t size, struct scrim_error *err)
{
	const char *id = json_string_value(json_object_get(entry->fields, "record_id"));
	struct consent *consent = id ? find(c, id) : NULL;
	struct consent_event event;
	int ret;

	if (!consent)
		return fail(err, -EBADMSG, "what is withdrawn was never granted");
	ret = consent_event_read(&event, json_object_get(entry->fields, "event"), err);
	if (ret < 0)
		return ret;
	if (event.state != STATE_WITHDRAWN)
		return fail(err, -EBADMSG, "consent %s cannot have such an event", id);
	if (consent_last(consent)->state == STATE_WITHDRAWN)
		return 0;		/* once is enough */
	if (consent->events == CONSENT_EVENTS_MAX)
		return fail(err, -EBADMSG, "consent %s has too many events", id);
	consent->event[consent->events++] = event;
	keep_place(consent, entry, line, size);
	return 0;
}

static const struct kind {
	const char *name;
	size_t fields;
	int (*take)(struct consents *c, const struct entry *entry, const char *line, size_t size,
		    struct scrim_error *err);
} kinds[] = {
	{ "grant",	2, take_grant },
	{ "letter",	2, take_letter },
	{ "withdraw",	3, take_withdraw },
};

static int take_entry(struct consents *c, const struct entry *entry, const char *line, size_t size,
		      struct scrim_error *err)
{
	const json_t *uid = json_object_get(entry->fields, "uid");
	const struct kind *kind = NULL;

	if (!strcmp(entry->kind, "torn") || !strcmp(entry->kind, "key"))
		return 0;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, entry->kind))
			kind = &kinds[i];
	if (!kind)
		return fail(err, -EBADMSG, "'%s' is no kind of event", entry->kind);
	if (!json_is_integer(uid) || json_integer_value(uid) != (json_int_t)c->uid)
		return fail(err, -EBADMSG, "it is another user's");
	if (json_object_size(entry->fields) != kind->fields)
		return fail(err, -EBADMSG, "it has fields that are not scrim's");
	return kind->take(c, entry, line, size, err);
}

static int check_known(const struct consents *c, const struct entry *entry, const char *line,
		       size_t size, struct scrim_error *err)
{
	uint8_t hash[ENTRY_HASH_SIZE];

	if (!c->known || entry->seq != c->known->seq)
		return 0;
	entry_hash(hash, line, size);
	return memcmp(hash, c->known->hash, sizeof(hash)) ?
	       fail(err, -EBADMSG, "the ledger of exports knows another one: " PUT_BACK) : 0;
}

static int each(void *ctx, const struct entry *entry, const char *line, size_t size)
{
	struct consents *c = ctx;
	struct scrim_error why;
	int ret = when_follows(&c->time, entry->at, &why);

	if (ret >= 0)
		ret = check_known(c, entry, line, size, &why);
	if (ret >= 0)
		ret = take_entry(c, entry, line, size, &why);
	if (ret < 0)
		fail(&c->why, ret, "entry %llu: %s", (unsigned long long)entry->seq, why.text);
	return ret;
}

/* Who may have withdrawn in what is gone? */
int store_verdict(int ret, const struct log_files *files, struct log_verdict *verdict,
		  struct scrim_error *why)
{
	if (ret >= 0 && files && !files->keys)
		ret = fail(why, -ENOENT, "the log, or the key that it was signed with, is missing");
	if (ret >= 0 && !verdict->broken && verdict->first > 1)
		ret = fail(why, -EBADMSG, "the entries before entry %llu are missing",
			   (unsigned long long)verdict->first);
	if (ret >= 0 || !why->code)
		return ret;
	verdict->broken = true;
	verdict->line = 0;
	memcpy(verdict->what, why->text, sizeof(verdict->what));
	return 0;
}

static int check_end(const struct chain *known, uint64_t last, struct scrim_error *err)
{
	return !known || known->seq <= last ? 0 :
	       fail(err, -EBADMSG, "the log ends with entry %llu, and the ledger of exports knows "
		    "entry %llu: " PUT_BACK, (unsigned long long)last,
		    (unsigned long long)known->seq);
}

int store_read(struct consents *consents, const struct log_files *files, uid_t uid,
	       const struct chain *known, struct log_verdict *verdict, struct scrim_error *err)
{
	const struct log_reader reader = { .each = each, .ctx = consents };
	int ret = 0;

	memset(consents, 0, sizeof(*consents));
	memset(verdict, 0, sizeof(*verdict));
	consents->uid = uid;
	consents->known = known;
	if (files)
		ret = log_read(files, &reader, verdict, err);
	if (ret >= 0 && !verdict->broken)
		ret = check_end(known, verdict->last.seq, &consents->why);
	if (ret >= 0 && !verdict->broken)
		ret = store_check_clock(consents->time, &consents->why);
	consents->known = NULL;
	return store_verdict(ret, files, verdict, &consents->why);
}

int store_check_clock(int64_t last, struct scrim_error *err)
{
	char text[WHEN_TEXT_MAX];

	if (!clock_is_behind(last))
		return 0;
	when_write(text, last);
	return fail(err, -EINVAL, "the clock is behind the last entry of " STORE_LOG ".log, which is of %s",
		    text);
}

void consents_free(struct consents *consents)
{
	for (unsigned i = 0; i < consents->count; i++)
		free(consents->at[i]);
	free(consents->at);
	memset(consents, 0, sizeof(*consents));
}
