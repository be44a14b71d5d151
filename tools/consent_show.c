// SPDX-License-Identifier: GPL-2.0
/*
 * What is in the store, for people and for programs.  All of these lock themselves in before they
 * look at it.
 */
#include "consent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "consent/receipt.h"
#include "consent/when.h"
#include "ledger.h"
#include "words.h"

static void complain_of(const struct log_files *files, const struct log_verdict *verdict)
{
	char where[4200];

	complain("%s: %s", log_where(files, verdict, where, sizeof(where)), verdict->what);
}

/* What is asked of the system before the door is locked. */
struct store {
	struct log_files files;
	bool there;			/* else it is an empty one */
	struct ledger_files exports;	/* which may know more of it than is there */
	uid_t uid;
};

static int open_store(struct store *store, const char *path)
{
	struct scrim_error err;
	int ret = store_hear(path, &err), status;

	if (ret >= 0)
		ret = store_open(&store->files, path, &err);
	store->there = ret >= 0;
	store->uid = geteuid();
	if (ret < 0 && ret != -ENOENT) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	status = ledger_open_files(&store->exports, path);
	return status == EXIT_DONE ? tool_cage() : status;
}

static void close_store(struct store *store)
{
	log_files_close(&store->files);
	ledger_close_files(&store->exports);
}

/* What it says up to where it is broken, of which others complain. */
static int read_known(struct chain *known, const struct store *store, struct scrim_error *err)
{
	struct log_verdict ignored;
	struct books books = { 0 };
	int ret = store->exports.there ? books_read(&books, &store->exports.files, &ignored, err) : 0;

	*known = books.consents;
	books_free(&books);
	return ret;
}

static int read_store(struct consents *consents, struct log_verdict *verdict,
		      const struct store *store)
{
	struct scrim_error err;
	struct chain known;
	int ret = read_known(&known, store, &err);

	memset(verdict, 0, sizeof(*verdict));
	memset(consents, 0, sizeof(*consents));
	if (ret >= 0)
		ret = store_read(consents, store->there ? &store->files : NULL, store->uid, &known,
				 verdict, &err);
	if (ret >= 0)
		return EXIT_DONE;
	complain("%s", err.text);
	return EXIT_FAILED;
}

int consent_read_store(struct consents *consents, const char *path, bool *broken)
{
	static struct store store;
	struct log_verdict verdict = { 0 };
	int status = open_store(&store, path);

	memset(consents, 0, sizeof(*consents));
	if (status == EXIT_DONE)
		status = read_store(consents, &verdict, &store);
	*broken = verdict.broken;
	if (*broken)
		complain_of(&store.files, &verdict);
	close_store(&store);
	return status;
}

static json_t *key_json(const struct consent *c)
{
	return *c->key ? json_string(c->key) : json_null();
}

/* list */

static void print_one(const struct consent *c, const char *state)
{
	char until[WHEN_TEXT_MAX];

	when_write(until, consent_last(c)->until);
	print_words(stdout, "%s %-17s %s %s (%s, %s) until %s%s", c->record_id, state, c->campaign,
		    c->subject.id, term_name(&roles, c->subject.role),
		    term_name(&age_classes, c->subject.age_class), until,
		    *c->key ? ", handed over" : "");
}

static json_t *one_json(const struct consent *c, const char *state)
{
	char until[WHEN_TEXT_MAX];

	when_write(until, consent_last(c)->until);
	return json_pack("{ss ss ss ss ss ss ss so}", "record_id", c->record_id, "state", state,
			 "campaign", c->campaign, "subject", c->subject.id,
			 "role", term_name(&roles, c->subject.role),
			 "age_class", term_name(&age_classes, c->subject.age_class), "until", until,
			 "key", key_json(c));
}

static void print_list(const struct consents *consents, const struct campaign *campaign, bool json)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < consents->count; i++) {
		const struct consent *c = consents->at[i];
		const char *state;

		if (campaign && strcmp(c->campaign, campaign->id))
			continue;
		state = consent_state(c, campaign, time(NULL));
		if (json)
			json_array_append_new(list, one_json(c, state));
		else
			print_one(c, state);
	}
	if (json)
		print_document(json_incref(list));
	json_decref(list);
}

int consent_list(const struct consent_options *o, const char *word)
{
	static struct campaign campaign;
	struct consents consents;
	struct scrim_error err;
	bool broken;
	int status;

	if (o->campaign && campaign_load(&campaign, o->campaign, &err) < 0) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	status = consent_read_store(&consents, o->store, &broken);
	if (status == EXIT_DONE)
		print_list(&consents, o->campaign ? &campaign : NULL, o->json);
	consents_free(&consents);
	return status == EXIT_DONE && broken ? CONSENT_BROKEN : status;
}

/* show and receipt */

/* "sources: outdoor doorbell". */
static void print_set(FILE *to, const char *what, const struct terms *terms, uint32_t set)
{
	fprintf(to, "  %s:", what);
	for (unsigned i = 0; i < terms->count; i++)
		if (set & term_bit(i))
			fprintf(to, " %s", terms->names[i]);
	fputc('\n', to);
}

static void print_places(FILE *to, const char *what, const struct places *places)
{
	fprintf(to, "  %s:", what);
	for (unsigned i = 0; i < places->count; i++)
		fprintf(to, " %s", places->at[i]);
	fputs(places->count ? "\n" : " none\n", to);
}

static void print_kept(FILE *to, const struct process *p)
{
	print_words(to, "  covered: %s%s%s by %s, of version %lld or later", p->redaction.faces ? "faces" : "",
		    p->redaction.faces && p->redaction.plates ? " and " : "",
		    p->redaction.plates ? "plates" : p->redaction.faces ? "" : "nothing is asked for,",
		    term_name(&strengths, p->redaction.method), (long long)p->redaction.min_version);
	print_words(to, "  kept: %s in %s, then: %s", p->storage.retention, p->storage.location,
		    term_name(&deletions, p->storage.deletion));
	print_places(to, "stored in", &p->storage.region);
}

void consent_print_process(FILE *to, const struct process *p)
{
	print_words(to, "  for: %s (%s)", term_name(&purposes, p->purpose), p->purpose_text);
	print_words(to, "  models: %s; legal basis: %s", term_name(&model_kinds, p->model_kind),
		    term_name(&legal_bases, p->legal_basis));
	print_set(to, "sources", &source_classes, p->sources);
	print_set(to, "events", &event_classes, p->events);
	print_set(to, "data", &data_classes, p->data);
	print_words(to, "  origin: %s; written release: %s", term_name(&origins, p->origin),
		    p->written_release ? "yes" : "no");
	for (unsigned i = 0; i < p->recipients; i++)
		print_words(to, "  recipient: %s %s%s%s%s%s", p->recipient[i].id, p->recipient[i].pubkey,
			    *p->recipient[i].name ? " " : "", p->recipient[i].name,
			    *p->recipient[i].receipts ? ", receipts: " : "", p->recipient[i].receipts);
	print_words(to, "  third parties: %s", p->third_party ? "yes" : "no");
	print_places(to, "allowed in", &p->geo.allow);
	print_places(to, "not in", &p->geo.deny);
	print_kept(to, p);
	print_words(to, "  reward: %s, %lld cents %s each, at most %lld",
		    term_name(&reward_kinds, p->reward.kind), (long long)p->reward.unit_cents,
		    p->reward.currency, (long long)p->reward.cap_count);
}

static void print_events(const struct consent *c)
{
	char time[WHEN_TEXT_MAX], from[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];

	for (unsigned i = 0; i < c->events; i++) {
		when_write(time, c->event[i].time);
		when_write(from, c->event[i].from);
		when_write(until, c->event[i].until);
		print_words(stdout, "%s %s by %s; from %s until %s", time,
			    term_name(&states, c->event[i].state), term_name(&authors, c->event[i].by),
			    from, until);
	}
}

static void print_record(const struct consent *c)
{
	char before[WHEN_TEXT_MAX] = "none";

	if (c->has_applies_before)
		when_write(before, c->applies_before);
	print_one(c, consent_state(c, NULL, time(NULL)));
	if (*c->key)
		print_words(stdout, "signed with: %s", c->key);
	if (*c->title)
		print_words(stdout, "title: %s", c->title);
	print_words(stdout, "to: %s (%s), %s", c->controller.name, c->controller.id, c->controller.contact);
	print_words(stdout, "notice: %s %s %s %s", c->notice.id, c->notice.version, c->notice.language,
		    c->notice.sha256);
	print_words(stdout, "terms: %s %s", c->terms.version, c->terms.sha256);
	for (unsigned i = 0; i < c->processes; i++)
		consent_print_process(stdout, &c->process[i]);
	print_words(stdout, "clips from before it was given: %s", before);
	print_events(c);
	print_words(stdout, "to take it back: %s", c->withdrawal_command);
}

/* Not there and not yours are one answer. */
int consent_print_of(const struct consent_options *o, const char *id,
		     void (*print)(const struct consent_options *o, const struct consent *c))
{
	const struct consent *found = NULL;
	struct consents consents;
	bool broken;
	int status = consent_read_store(&consents, o->store, &broken);

	if (status == EXIT_DONE)
		found = consents_find(&consents, id);
	if (status == EXIT_DONE && !found) {
		complain("there is no consent '%s' among yours", id);
		status = EXIT_USAGE;
	}
	if (found)
		print(o, found);
	consents_free(&consents);
	return status == EXIT_DONE && broken ? CONSENT_BROKEN : status;
}

/* What it let out, as far as the ledger of exports says: the door is locked by now. */
static struct ledger_files exports;
static int exports_status;

static void print_shown(const struct consent_options *o, const struct consent *c)
{
	struct books books = { .record_id = c->record_id };
	struct log_verdict verdict;
	json_t *record;

	exports_status = ledger_read(&books, &exports, &verdict);
	if (o->json) {
		record = consent_json(c);
		json_object_set_new(record, "key", key_json(c));
		json_object_set_new(record, "bundles", ledger_marked_json(&books, time(NULL)));
		print_document(record);
	} else {
		print_record(c);
		ledger_print_marked(stdout, &books, time(NULL));
	}
	books_free(&books);
}

int consent_show(const struct consent_options *o, const char *word)
{
	int status = ledger_open_files(&exports, o->store);

	if (status == EXIT_DONE)
		status = consent_print_of(o, word, print_shown);
	ledger_close_files(&exports);
	return status == EXIT_DONE ? exports_status : status;
}

static void print_receipt(const struct consent_options *o, const struct consent *c)
{
	print_document(!strcmp(o->format, "kantara") ? receipt_kantara(c, time(NULL)) : receipt_dpv(c));
}

int consent_receipt(const struct consent_options *o, const char *word)
{
	if (strcmp(o->format, "kantara") && strcmp(o->format, "dpv")) {
		complain("--format: '%s' is neither kantara nor dpv", o->format);
		return EXIT_USAGE;
	}
	return consent_print_of(o, word, print_receipt);
}

/* verify */

static void print_verdict(const struct log_files *files, const struct log_verdict *v,
			  const struct consents *consents, bool json)
{
	char where[4200] = "";

	if (v->broken)
		log_where(files, v, where, sizeof(where));
	if (json)
		print_document(json_pack("{sb sI sI so so}", "whole", !v->broken,
					 "consents", (json_int_t)consents->count,
					 "entries", (json_int_t)v->entries,
					 "where", v->broken ? json_words(where) : json_null(),
					 "what", v->broken ? json_words(v->what) : json_null()));
	else if (v->broken)
		complain("%s: %s", where, v->what);
	else
		print_words(stdout, "whole: %u consent%s, %llu event%s", consents->count,
			    consents->count == 1 ? "" : "s", (unsigned long long)v->entries,
			    v->entries == 1 ? "" : "s");
}

int consent_verify(const struct consent_options *o, const char *word)
{
	static struct store store;
	struct consents consents = { 0 };
	struct log_verdict verdict = { 0 };
	int status = open_store(&store, o->store);

	if (status == EXIT_DONE)
		status = read_store(&consents, &verdict, &store);
	if (status == EXIT_DONE)
		print_verdict(&store.files, &verdict, &consents, o->json);
	consents_free(&consents);
	close_store(&store);
	return status == EXIT_DONE && verdict.broken ? CONSENT_BROKEN : status;
}
