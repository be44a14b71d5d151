// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is added to a store, and what is looked for before it is.
 */
#include "consent/store_in.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "consent/key.h"
#include "consent/ledger.h"
#include "consent/letter.h"
#include "guard/cage.h"

#define WAIT_TRIES	100		/* for another writer */
#define WAIT_NS		50000000

/* Calls where the log of a store is read.  *files is what it may read, NULL: there is no store yet. */
static int call_caged(struct caged_call *call, const struct log_files **files, void *result,
		      const char *path, struct scrim_error *err)
{
	struct log_files *opened = malloc(sizeof(*opened));
	int keep[LOG_KEEP_MAX], ret;

	memset(result, 0, call->size);
	if (!opened)
		return fail(err, -ENOMEM, "no memory for consents");
	ret = store_open(opened, path, err);
	if (ret == -ENOENT)
		*opened = (struct log_files)LOG_FILES_NONE;
	if (ret >= 0 || ret == -ENOENT) {
		*files = ret < 0 ? NULL : opened;
		call->before = documents_before;
		call->keep = keep;
		call->kept = log_files_keep(keep, opened);
		ret = caged(call, result, err);
		log_files_close(opened);
	}
	free(opened);
	return ret;
}

/* Finding */

struct finding {
	const struct log_files *files;
	const char *word;
	uid_t uid;			/* asked for before the cage */
};

static void match(struct store_matches *m, const struct consent *c, const char *word)
{
	bool meant = !word || !strcmp(c->record_id, word) || !strcmp(c->campaign, word);

	if (consent_last(c)->state != STATE_GIVEN || !meant)
		return;
	memcpy(m->at[m->count].record_id, c->record_id, sizeof(c->record_id));
	memcpy(m->at[m->count].campaign, c->campaign, sizeof(c->campaign));
	m->at[m->count].handed = *c->key;
	m->at[m->count++].until = consent_last(c)->until;
}

static int find_caged(void *ctx, void *result, struct scrim_error *err)
{
	const struct finding *finding = ctx;
	struct store_matches *m = result;
	struct log_verdict verdict = { 0 };
	struct consents consents = { 0 };
	int ret = !finding->files ? 0 :
		  store_read(&consents, finding->files, finding->uid, NULL, &verdict, err);

	for (unsigned i = 0; ret >= 0 && i < consents.count; i++)
		match(m, consents.at[i], finding->word);
	m->broken = ret >= 0 && verdict.broken;
	if (ret >= 0 && !verdict.broken)
		m->last = verdict.last;
	m->all = consents.count;
	m->time = consents.time;
	consents_free(&consents);
	return ret;
}

/* Of a process that read the log. */
static bool are_sound(const struct store_matches *m)
{
	bool sound = m->count <= STORE_MAX && m->all <= STORE_MAX;

	for (unsigned i = 0; sound && i < m->count; i++)
		sound = memchr(m->at[i].record_id, '\0', UUID_TEXT_MAX) &&
			uuid_is_valid(m->at[i].record_id) &&
			memchr(m->at[i].campaign, '\0', TERM_ID_MAX);
	return sound;
}

int store_find(struct store_matches *matches, const char *path, const char *word,
	       struct scrim_error *err)
{
	struct finding finding = { NULL, word, geteuid() };
	struct caged_call call = { .work = find_caged, .ctx = &finding, .size = sizeof(*matches) };
	int ret = call_caged(&call, &finding.files, matches, path, err);

	if (ret >= 0 && !are_sound(matches))
		ret = fail(err, -EIO, "cannot read the consents: the worker's answer is none");
	return ret;
}

/* Writing */

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

	if (!*path || strlen(path) >= sizeof(part))
		return fail(err, *path ? -ENAMETOOLONG : -ENOENT, "the name of the store's folder is %s",
			    *path ? "too long" : "empty");
	for (const char *slash = strchr(path + 1, '/'); ; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", slash ? (int)(slash - path) : (int)strlen(path), path);
		ret = mkdir(part, 0700);
		if (ret < 0 && errno != EEXIST)
			return fail(err, -errno, "cannot make %s: %s", part, strerror(errno));
		if (ret == 0 && sync_above(part, err) < 0)
			return err ? err->code : -EIO;
		if (!slash)
			return store_check_folder(path, err);
	}
}

/* The fields are taken. */
static int append(struct ledger *ledger, const char *kind, json_t *fields, struct scrim_error *err)
{
	int ret = fields ? ledger_append(ledger, kind, fields, err) :
		  fail(err, -ENOMEM, "no memory for a consent");

	json_decref(fields);
	return ret;
}

int store_key(struct secret_key *key, const char *path, struct scrim_error *err)
{
	int ret = make_folder(path, err);

	return ret < 0 ? ret : key_open(key, path, STORE_LOG, err);
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

/*
 * Whether it could be read when it were written: one that cannot would be the end of all.  Asked
 * of a store to which nobody writes meanwhile.
 */
struct trying {
	const struct log_files *files;	/* NULL: there is no store yet */
	uid_t uid;
	const struct consent *consent;	/* or NULL, and */
	const char *text;		/* of a letter */
};

static int check_room(const struct consents *c, struct scrim_error *err)
{
	return c->count < STORE_MAX ? 0 :
	       fail(err, -EFBIG, "there are %d consents, and no room for more", STORE_MAX);
}

static int try_letter(struct store_taken *t, const struct consents *c, const char *text,
		     struct scrim_error *err)
{
	struct consent letter;
	int ret = letter_read(&letter, text, strlen(text), "the letter", err);

	if (ret < 0)
		return ret;
	ret = consents_weigh(&t->taken, c, &letter, err);
	if (ret >= 0 && t->taken == TAKEN_NEW)
		ret = check_room(c, err);
	t->first = true;
	for (unsigned i = 0; i < c->count; i++)
		t->first = t->first && strcmp(c->at[i]->subject.id, letter.subject.id);
	t->given = consent_last(&letter)->state == STATE_GIVEN;
	memcpy(t->record_id, letter.record_id, sizeof(t->record_id));
	memcpy(t->subject, letter.subject.id, sizeof(t->subject));
	memcpy(t->key, letter.key, sizeof(t->key));
	return ret;
}

static int try_caged(void *ctx, void *result, struct scrim_error *err)
{
	const struct trying *t = ctx;
	struct store_taken *taken = result;
	struct log_verdict verdict = { 0 };
	struct consents consents = { 0 };
	int ret = t->files ? store_read(&consents, t->files, t->uid, NULL, &verdict, err) : 0;

	taken->broken = verdict.broken;
	taken->time = consents.time;
	if (ret >= 0 && t->text)
		ret = try_letter(taken, &consents, t->text, err);
	else if (ret >= 0)
		ret = check_room(&consents, err);
	if (ret >= 0 && t->consent)
		ret = consents_check_key(&consents, t->consent, err);
	consents_free(&consents);
	return ret;
}

static bool is_sound(const struct store_taken *t)
{
	return t->taken <= TAKEN_BEFORE && memchr(t->record_id, '\0', sizeof(t->record_id)) &&
	       memchr(t->subject, '\0', sizeof(t->subject)) && memchr(t->key, '\0', sizeof(t->key));
}

static int try(struct store_taken *taken, const char *path, struct trying *t,
	       struct scrim_error *err)
{
	struct caged_call call = { .work = try_caged, .ctx = t, .size = sizeof(*taken) };
	int ret;

	t->uid = geteuid();
	ret = call_caged(&call, &t->files, taken, path, err);
	if (ret >= 0 && !is_sound(taken))
		ret = fail(err, -EIO, "cannot read the consents: the worker's answer is none");
	return ret < 0 ? ret : store_check_clock(taken->time, err);
}

int store_grant(const char *path, const struct consent *consent, struct scrim_error *err)
{
	struct trying trying = { .consent = consent };
	struct ledger *ledger = NULL;
	struct store_taken ignored;
	struct consent again;
	json_t *record = consent_json(consent);
	int ret = consent_read(&again, record, err);	/* what will be read is what was meant */

	if (ret >= 0)
		ret = store_ledger(&ledger, path, STORE_LOG, err);
	if (ret >= 0)
		ret = try(&ignored, path, &trying, err);
	if (ret >= 0)
		ret = append(ledger, "grant", json_pack("{sO sI}", "record", record,
			     "uid", (json_int_t)geteuid()), err);
	json_decref(record);
	ledger_close(ledger);
	return ret;
}

/* Nobody hands the own consents to himself, under whichever name. */
static int check_own(const char *path, const struct store_taken *taken, struct scrim_error *err)
{
	char word[PUBLIC_KEY_WORD_MAX];
	struct secret_key own;
	int ret = key_open(&own, path, STORE_LOG, err);

	if (ret < 0)
		return ret;
	public_key_word(word, &own.public);
	secret_key_forget(&own);
	return strcmp(word, taken->key) ? 0 :
	       fail(err, -EPERM, "it is signed with the key of this store");
}

int store_take(struct store_taken *taken, const char *path, const char *text,
	       struct scrim_error *err)
{
	struct trying trying = { .text = text };
	struct ledger *ledger = NULL;
	int ret = store_ledger(&ledger, path, STORE_LOG, err);

	memset(taken, 0, sizeof(*taken));
	if (ret >= 0)
		ret = try(taken, path, &trying, err);
	if (ret >= 0)
		ret = check_own(path, taken, err);
	if (ret >= 0 && !taken->broken && taken->taken != TAKEN_BEFORE)
		ret = append(ledger, "letter", json_pack("{ss sI}", "letter", text,
			     "uid", (json_int_t)geteuid()), err);
	ledger_close(ledger);
	return ret;
}

/* heard: of those themselves whose they are. */
static int withdraw(struct ledger *ledger, const struct store_matches *matches, bool heard,
		    const struct consent_event *event, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < matches->count; i++) {
		struct consent_event own = *event;

		if (own.until < matches->at[i].until)
			own.until = matches->at[i].until;
		if (matches->at[i].handed && !heard)
			own.by = BY_KEEPER;
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
		ret = store_check_clock(matches->time, err);
	if (ret >= 0)
		ret = withdraw(ledger, matches, false, event, err);
	ledger_close(ledger);
	return ret;
}

/* Of those themselves whose they are. */
int store_take_back(const char *path, const struct store_matches *told, struct scrim_error *err)
{
	const struct consent_event event = { .state = STATE_WITHDRAWN, .method = ASKED_BY_OPTION,
					     .time = time(NULL), .from = time(NULL),
					     .until = time(NULL) + 1 };
	struct ledger *ledger = NULL;
	int ret = store_ledger(&ledger, path, STORE_LOG, err);

	if (ret >= 0)
		ret = withdraw(ledger, told, true, &event, err);
	ledger_close(ledger);
	return ret;
}
