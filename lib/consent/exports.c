// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/exports.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "consent/index.h"
#include "consent/key.h"
#include "consent/ledger.h"
#include "consent/store.h"
#include "consent/when.h"

struct exports {
	struct ledger *ledger;
	struct secret_key key;
	struct books books;
	struct index *index;
	bool lost;			/* books or index are behind the log */
};

/* Reading the log into books and index */

struct catching_up {
	struct exports *e;
	struct tally tally;
	bool behind;			/* the entry that the index stands on has been seen */
	bool astray;			/* another entry is there */
	struct scrim_error why;		/* of the index; code 0 */
};

static void start_over(void *ctx)
{
	struct catching_up *c = ctx;

	books_again(&c->e->books);
	tally_begin(&c->tally);
	c->astray = index_undo(c->e->index, &c->why) < 0;
	c->behind = !index_chain(c->e->index)->seq;
}

static int compare(struct catching_up *c, const struct chain *chain)
{
	const struct chain *stands = index_chain(c->e->index);

	if (chain->seq < stands->seq)
		return 0;
	c->behind = true;
	c->astray = memcmp(chain->hash, stands->hash, ENTRY_HASH_SIZE);
	return c->astray ? -ESTALE : 0;
}

static int each(void *ctx, const struct entry *entry, const char *line, size_t size)
{
	struct catching_up *c = ctx;
	struct export_entry read;
	struct scrim_error why;
	struct chain chain = { .seq = entry->seq };
	int ret = books_take_line(&c->e->books, entry, &read, &why);

	if (ret < 0)
		return fail(&c->e->books.why, ret, "entry %llu: %s", (unsigned long long)entry->seq,
			    why.text);
	if (ret)
		tally_take(&c->tally, &read);
	if (c->astray)
		return -ESTALE;
	entry_hash(chain.hash, line, size);
	if (!c->behind)
		return compare(c, &chain);
	ret = index_take(c->e->index, ret ? &read : NULL, &chain, &c->why);
	c->astray = ret < 0;
	return ret;
}

static int broken(const struct log_files *files, const struct log_verdict *verdict,
		  struct scrim_error *err)
{
	char where[4200];

	return fail(err, -EBADMSG, "%s: %s", log_where(files, verdict, where, sizeof(where)),
		    verdict->what);
}

/* 1: the index does not go with the log, and *why says how. */
static int read_once(struct exports *e, const struct log_files *files, struct scrim_error *why,
		     struct scrim_error *err)
{
	struct catching_up c = { .e = e, .behind = !index_chain(e->index)->seq };
	const struct log_reader reader = { each, start_over, &c };
	struct log_verdict verdict;
	int ret;

	tally_begin(&c.tally);
	ret = log_read(files, &reader, &verdict, err);
	if (ret < 0 && c.astray) {
		*why = c.why;
		return 1;
	}
	ret = store_verdict(ret, files, &verdict, &e->books.why);
	if (ret < 0)
		return ret;
	if (verdict.broken)
		return broken(files, &verdict, err);
	if (index_chain(e->index)->seq > verdict.last.seq)
		return 1;
	ret = index_agrees(e->index, &c.tally, why);
	return ret == -EBADMSG ? 1 : ret < 0 ? fail(err, ret, "%s", why->text) : !ret;
}

int exports_began(const char *store, struct scrim_error *err)
{
	struct log_files files;
	char path[4200];
	int ret = books_open(&files, store, err);

	if (ret >= 0)
		log_files_close(&files);
	if (ret != -ENOENT)
		return ret < 0 ? ret : 1;
	snprintf(path, sizeof(path), "%s/" INDEX_FILE, store);
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Whoever removes the log has given nothing, and may give it all again: but the index was there. */
static int check_lost(const struct exports *e, struct scrim_error *err)
{
	uint64_t seq = index_chain(e->index)->seq;

	return !seq ? 0 : fail(err, -EBADMSG, EXPORTS_LOG ".log is missing, and had %llu entries, as "
			       INDEX_FILE " says: bring it back", (unsigned long long)seq);
}

static int read_log(struct exports *e, const char *store, char *note, struct scrim_error *err)
{
	struct log_files *files = malloc(sizeof(*files));
	struct scrim_error why = { 0 };
	int ret = files ? books_open(files, store, err) :
		  fail(err, -ENOMEM, "no memory for the ledger of exports");

	if (ret == -ENOENT)
		*files = (struct log_files)LOG_FILES_NONE;
	if (ret >= 0)
		ret = read_once(e, files, &why, err);
	if (ret == -ENOENT)
		ret = check_lost(e, err);
	if (ret > 0) {
		snprintf(note, SCRIM_TEXT_MAX, "the index of the ledger of exports is not what the "
			 "ledger says%s%.150s; it is made anew", why.code ? ": " : "", why.text);
		books_again(&e->books);
		ret = index_clear(e->index, err);
		if (ret >= 0 && files->count)
			ret = read_once(e, files, &why, err);
		if (ret > 0)
			ret = fail(err, -EIO, "the index of the ledger of exports cannot be made"
				   "%s%.150s", why.code ? ": " : "", why.text);
	}
	if (files)
		log_files_close(files);
	free(files);
	return ret < 0 ? ret : index_keep(e->index, err);
}

/* An entry of now would be older than the last: who knows what else is not of now. */
static int check_clock(const struct exports *e, struct scrim_error *err)
{
	char last[WHEN_TEXT_MAX];

	if (!clock_is_behind(e->books.time))
		return 0;
	when_write(last, e->books.time);
	return fail(err, -EINVAL, "the clock was set back: the last export is of %s", last);
}

int exports_open(struct exports **exports, const char *store, char note[SCRIM_TEXT_MAX],
		 struct scrim_error *err)
{
	struct exports *e = calloc(1, sizeof(*e));
	char noted[SCRIM_TEXT_MAX] = "";
	int ret;

	*exports = NULL;
	if (note)
		*note = '\0';
	if (!e)
		return fail(err, -ENOMEM, "no memory for the ledger of exports");
	ret = store_ledger(&e->ledger, store, EXPORTS_LOG, err);
	if (ret >= 0)
		ret = key_open(&e->key, store, STORE_LOG, err);
	if (ret >= 0)
		ret = index_open(&e->index, store, noted, err);
	if (ret >= 0)
		ret = read_log(e, store, noted, err);
	if (ret >= 0)
		ret = check_clock(e, err);
	if (note)
		memcpy(note, noted, sizeof(noted));
	if (ret >= 0) {
		*exports = e;
		e = NULL;
	}
	exports_close(e);
	return ret;
}

/* What the index was not told is told to it when it is opened again. */
void exports_close(struct exports *e)
{
	if (!e)
		return;
	if (e->index && !e->lost)
		index_keep(e->index, NULL);
	index_close(e->index);
	books_free(&e->books);
	ledger_close(e->ledger);
	secret_key_forget(&e->key);
	free(e);
}

const struct books *exports_books(const struct exports *e)
{
	return &e->books;
}

const struct chain *exports_chain(const struct exports *e)
{
	return ledger_chain(e->ledger);
}

const struct secret_key *exports_key(const struct exports *e)
{
	return &e->key;
}

/* Adding */

static int is_lost(const struct exports *e, struct scrim_error *err)
{
	return e->lost ? fail(err, -EIO, "the ledger of exports has to be opened again") : 0;
}

/* What will be read is what was meant. */
static int check(const struct exports *e, const struct export_entry *entry, json_t *fields,
		 struct scrim_error *err)
{
	struct export_entry again;
	int ret = is_lost(e, err);

	if (ret >= 0 && !fields)
		ret = fail(err, -EINVAL, "an entry of an export cannot be told in JSON");
	if (ret >= 0)
		ret = export_read(&again, export_kind_name(entry->kind), fields, err);
	if (ret >= 0)
		ret = books_check(&e->books, &again, err);
	return ret < 0 ? ret : check_clock(e, err);
}

/*
 * It is on the disk.  The index is told of it alone, although a "torn" or a "key" may stand between
 * it and the last.
 */
static void take(struct exports *e, const struct export_entry *entry)
{
	int64_t now = time(NULL);

	e->lost = books_take(&e->books, entry, NULL) < 0 ||
		  index_take(e->index, entry, ledger_chain(e->ledger), NULL) < 0;
	if (now > e->books.time)
		e->books.time = now;
}

static int append(struct exports *e, const struct export_entry *entry, struct scrim_error *err)
{
	json_t *fields = export_fields(entry);
	int ret = check(e, entry, fields, err);

	if (ret >= 0)
		ret = ledger_append(e->ledger, export_kind_name(entry->kind), fields, err);
	if (ret >= 0)
		take(e, entry);
	json_decref(fields);
	return ret;
}

int exports_append_item(struct exports *e, const struct export_item *item, struct scrim_error *err)
{
	const struct export_entry entry = { .kind = EXPORT_ITEM, .item = *item };

	return append(e, &entry, err);
}

int exports_append_bundle(struct exports *e, const struct export_bundle *bundle,
			  struct scrim_error *err)
{
	const struct export_entry entry = { .kind = EXPORT_BUNDLE, .bundle = *bundle };

	return append(e, &entry, err);
}

int exports_void(struct exports *e, const char *bundle, const char *reason, struct scrim_error *err)
{
	struct export_entry entry = { .kind = EXPORT_VOID };

	snprintf(entry.given_up.bundle, sizeof(entry.given_up.bundle), "%s", bundle);
	snprintf(entry.given_up.why, sizeof(entry.given_up.why), "%s", reason);
	return append(e, &entry, err);
}

int exports_request(struct exports *e, const struct export_request *request,
		    struct scrim_error *err)
{
	const struct export_entry entry = { .kind = EXPORT_REQUEST, .request = *request };

	return append(e, &entry, err);
}

int exports_receipt(struct exports *e, const struct export_receipt *receipt,
		    struct scrim_error *err)
{
	const struct export_entry entry = { .kind = EXPORT_RECEIPT, .receipt = *receipt };

	return append(e, &entry, err);
}

int exports_switch(struct exports *e, bool on, struct scrim_error *err)
{
	const struct export_entry entry = { .kind = EXPORT_SWITCH, .on = on };

	return append(e, &entry, err);
}

/* Asking */

int exports_unfinished(const struct exports *e, char bundle[UUID_TEXT_MAX])
{
	const struct books *b = &e->books;

	if (!b->count || b->at[b->count - 1]->state != BUNDLE_BEGUN)
		return 0;
	memcpy(bundle, b->at[b->count - 1]->id, UUID_TEXT_MAX);
	return 1;
}

int exports_taken(struct exports *e, const struct export_count *of, uint64_t *class_taken,
		  uint64_t *donor_taken, struct scrim_error *err)
{
	char bundle[UUID_TEXT_MAX];
	int ret = is_lost(e, err);

	if (ret >= 0 && exports_unfinished(e, bundle) &&
	    (!of->bundle || strcmp(of->bundle, bundle)))
		ret = fail(err, -EINVAL, "bundle %s was begun, and is neither given nor given up",
			   bundle);
	return ret < 0 ? ret : index_taken(e->index, of, class_taken, donor_taken, err);
}

int exports_has(struct exports *e, const char *campaign, const char *recipient, const char *item,
		char bundle[UUID_TEXT_MAX], struct scrim_error *err)
{
	int ret = is_lost(e, err);

	return ret < 0 ? ret : index_has(e->index, campaign, recipient, item, bundle, err);
}

int exports_known(struct exports *e, const char *campaign, const char *item, struct scrim_error *err)
{
	int ret = is_lost(e, err);

	return ret < 0 ? ret : index_known(e->index, campaign, item, err);
}
