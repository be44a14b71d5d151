// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "consent/ledger.h"
#include "guard/cage.h"

#define SIG_LENGTH	88		/* of an entry, in base64 */
#define WAIT_TRIES	100		/* for another writer */
#define WAIT_NS		50000000

/* The folder */

static int check_folder(const char *path, struct scrim_error *err)
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

/* A name is on the disk when the folder that it is in is. */
static int sync_above(const char *part, struct scrim_error *err)
{
	const char *slash = strrchr(part, '/');
	char above[4096];
	int fd, ret = 0;

	snprintf(above, sizeof(above), "%.*s", slash > part ? (int)(slash - part) : 1, slash ? part : ".");
	fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		ret = fail(err, -errno, "cannot write %s: %s", above, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret;
}

/* And those above it, which are nobody's business either. */
static int make_folder(const char *path, struct scrim_error *err)
{
	char part[4096];
	int ret;

	for (const char *slash = strchr(path + 1, '/'); ; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", slash ? (int)(slash - path) : (int)strlen(path), path);
		ret = mkdir(part, 0700);
		if (ret < 0 && errno != EEXIST)
			return fail(err, -errno, "cannot make %s: %s", part, strerror(errno));
		if (ret == 0 && sync_above(part, err) < 0)
			return err ? err->code : -EIO;
		if (!slash)
			return check_folder(path, err);
	}
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
	ret = check_folder(path, err);
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
	return 0;
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

static int take_entry(struct consents *c, const struct entry *entry, const char *line, size_t size,
		      struct scrim_error *err)
{
	bool grant = !strcmp(entry->kind, "grant");
	const json_t *uid = json_object_get(entry->fields, "uid");

	if (!strcmp(entry->kind, "torn") || !strcmp(entry->kind, "key"))
		return 0;
	if (!grant && strcmp(entry->kind, "withdraw"))
		return fail(err, -EBADMSG, "'%s' is no kind of event", entry->kind);
	if (!json_is_integer(uid) || json_integer_value(uid) != (json_int_t)c->uid)
		return fail(err, -EBADMSG, "it is another user's");
	if (json_object_size(entry->fields) != (grant ? 2 : 3))
		return fail(err, -EBADMSG, "it has fields that are not scrim's");
	return grant ? take_grant(c, entry, line, size, err) : take_withdraw(c, entry, line, size, err);
}

static int each(void *ctx, const struct entry *entry, const char *line, size_t size)
{
	struct consents *c = ctx;
	struct scrim_error why;
	int ret = take_entry(c, entry, line, size, &why);

	if (ret < 0)
		fail(&c->why, ret, "entry %llu: %s", (unsigned long long)entry->seq, why.text);
	return ret;
}

/* Who may have withdrawn in what is gone? */
int store_verdict(int ret, const struct log_files *files, struct log_verdict *verdict,
		  struct scrim_error *why)
{
	if (ret >= 0 && !files->keys)
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

int store_read(struct consents *consents, const struct log_files *files, uid_t uid,
	       struct log_verdict *verdict, struct scrim_error *err)
{
	const struct log_reader reader = { .each = each, .ctx = consents };
	int ret;

	memset(consents, 0, sizeof(*consents));
	consents->uid = uid;
	ret = log_read(files, &reader, verdict, err);
	return store_verdict(ret, files, verdict, &consents->why);
}

void consents_free(struct consents *consents)
{
	for (unsigned i = 0; i < consents->count; i++)
		free(consents->at[i]);
	free(consents->at);
	memset(consents, 0, sizeof(*consents));
}

/* Finding */

struct finding {
	const struct log_files *files;
	const char *word;
	uid_t uid;			/* asked for before the cage */
};

static void match(struct store_matches *m, const struct consent *c, const char *word)
{
	if (consent_last(c)->state != STATE_GIVEN ||
	    (strcmp(c->record_id, word) && strcmp(c->campaign, word)))
		return;
	memcpy(m->at[m->count].record_id, c->record_id, sizeof(c->record_id));
	m->at[m->count++].until = consent_last(c)->until;
}

static int find_caged(void *ctx, void *result, struct scrim_error *err)
{
	const struct finding *finding = ctx;
	struct store_matches *m = result;
	struct log_verdict verdict;
	struct consents consents;
	int ret = store_read(&consents, finding->files, finding->uid, &verdict, err);

	for (unsigned i = 0; ret >= 0 && i < consents.count; i++)
		match(m, consents.at[i], finding->word);
	m->broken = ret >= 0 && verdict.broken;
	m->all = consents.count;
	consents_free(&consents);
	return ret;
}

/* Of a process that read the log. */
static bool are_sound(const struct store_matches *m)
{
	bool sound = m->count <= STORE_MAX && m->all <= STORE_MAX;

	for (unsigned i = 0; sound && i < m->count; i++)
		sound = memchr(m->at[i].record_id, '\0', UUID_TEXT_MAX) && uuid_is_valid(m->at[i].record_id);
	return sound;
}

int store_find(struct store_matches *matches, const char *path, const char *word,
	       struct scrim_error *err)
{
	struct log_files *files = malloc(sizeof(*files));
	int keep[LOG_KEEP_MAX], ret;

	memset(matches, 0, sizeof(*matches));
	if (!files)
		return fail(err, -ENOMEM, "no memory for consents");
	ret = store_open(files, path, err);
	if (ret >= 0) {
		struct finding finding = { files, word, geteuid() };
		const struct caged_call call = {
			.before = documents_before, .work = find_caged, .ctx = &finding, .keep = keep,
			.kept = log_files_keep(keep, files), .size = sizeof(*matches),
		};

		ret = caged(&call, matches, err);
		log_files_close(files);
	}
	free(files);
	if (ret >= 0 && !are_sound(matches))
		ret = fail(err, -EIO, "cannot read the consents: the worker's answer is none");
	return ret == -ENOENT ? 0 : ret;
}

/* Writing */

/* The fields are taken. */
static int append(struct ledger *ledger, const char *kind, json_t *fields, struct scrim_error *err)
{
	int ret = fields ? ledger_append(ledger, kind, fields, err) :
		  fail(err, -ENOMEM, "no memory for a consent");

	json_decref(fields);
	return ret;
}

int store_ledger(struct ledger **ledger, const char *path, const char *log, struct scrim_error *err)
{
	const struct ledger_place place = { path, log, path, STORE_LOG };
	const struct timespec wait = { .tv_nsec = WAIT_NS };
	int ret = make_folder(path, err);

	*ledger = NULL;
	if (ret < 0)
		return ret;
	ret = ledger_open(ledger, &place, err);
	for (unsigned i = 0; ret == -EBUSY && i < WAIT_TRIES; i++) {
		nanosleep(&wait, NULL);
		ret = ledger_open(ledger, &place, err);
	}
	return ret;
}

/* One more than can be read would be the end of all. */
static int check_room(const char *path, struct scrim_error *err)
{
	struct store_matches *m = malloc(sizeof(*m));
	int ret = m ? store_find(m, path, "", err) : fail(err, -ENOMEM, "no memory for consents");

	if (ret >= 0 && m->all >= STORE_MAX)
		ret = fail(err, -EFBIG, "%s has %d consents, and no room for more", path, STORE_MAX);
	free(m);
	return ret;
}

int store_grant(const char *path, const struct consent *consent, struct scrim_error *err)
{
	struct ledger *ledger = NULL;
	struct consent again;
	json_t *record = consent_json(consent);
	int ret = consent_read(&again, record, err);	/* what will be read is what was meant */

	if (ret >= 0)
		ret = store_ledger(&ledger, path, STORE_LOG, err);
	if (ret >= 0)
		ret = check_room(path, err);
	if (ret >= 0)
		ret = append(ledger, "grant", json_pack("{sO sI}", "record", record,
			     "uid", (json_int_t)geteuid()), err);
	json_decref(record);
	ledger_close(ledger);
	return ret;
}

static int withdraw(struct ledger *ledger, const struct store_matches *matches,
		    const struct consent_event *event, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < matches->count; i++) {
		struct consent_event own = *event;

		if (own.until < matches->at[i].until)
			own.until = matches->at[i].until;
		ret = append(ledger, "withdraw", json_pack("{ss so sI}", "record_id",
			     matches->at[i].record_id, "event", consent_event_json(&own),
			     "uid", (json_int_t)geteuid()), err);
	}
	return ret;
}

int store_withdraw(struct store_matches *matches, const char *path, const char *word,
		   const struct consent_event *event, struct scrim_error *err)
{
	struct ledger *ledger = NULL;
	int ret = store_ledger(&ledger, path, STORE_LOG, err);

	memset(matches, 0, sizeof(*matches));
	if (ret >= 0)
		ret = store_find(matches, path, word, err);
	if (ret >= 0)
		ret = withdraw(ledger, matches, event, err);
	ledger_close(ledger);
	return ret;
}
