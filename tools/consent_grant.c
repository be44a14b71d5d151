// SPDX-License-Identifier: GPL-2.0
/*
 * Agreeing takes a notice that was read; taking it back takes nothing.
 */
#include "consent.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "consent/when.h"
#include "ledger.h"
#include "words.h"

#define SHOWN	8			/* digits of a hash that are enough to type */

static int refuse(const struct scrim_error *err)
{
	complain("%s", err->text);
	return EXIT_USAGE;
}

/* A word that cannot be stored, or is another's, is the user's; a disk that is full is not. */
static int not_stored(const struct scrim_error *err)
{
	complain("cannot store the consent: %s", err->text);
	return err->code == -EINVAL || err->code == -EPERM ? EXIT_USAGE : EXIT_FAILED;
}

/* It is stored; that its end were cut off would not be noticed. */
static void without_head(const struct scrim_error *err)
{
	complain("stored, but not in the head of the log: %s", err->text);
}

/* Asking */

/* A line of standard input, without its end; false: there is none. */
static bool ask(char *answer, size_t room, const char *question)
{
	fprintf(stderr, "%s ", question);
	fflush(stderr);
	if (!fgets(answer, room, stdin))
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return true;
}

static void show_text(FILE *to, const char *text)
{
	for (const char *line = text; *line;) {
		size_t length = strcspn(line, "\n");

		print_words(to, "  %.*s", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

static void show_recipient(FILE *to, const struct campaign *c, const struct campaign_recipient *r)
{
	print_words(to, "Goes to: %s (%s), %s", r->key.name, r->key.id, r->region);
	for (unsigned i = 0; i < c->recipients; i++)
		if (r->processors & term_bit(i))
			print_words(to, "  which uses: %s (%s), %s", c->recipient[i].key.name,
				    c->recipient[i].key.id, c->recipient[i].region);
}

/* Whoever has no terminal reads the same. */
static void show_offer(const struct campaign *c, const struct consent *record)
{
	char until[WHEN_TEXT_MAX], before[WHEN_TEXT_MAX] = "none";
	FILE *to = stderr;

	print_words(to, "%s asks, in the campaign \"%s\" (%s):", c->issuer.name, c->title, c->id);
	show_text(to, c->notice_text);
	print_words(to, "The terms, version %s:", c->terms.version);
	show_text(to, c->terms_text);
	for (unsigned i = 0; i < c->recipients; i++)
		show_recipient(to, c, &c->recipient[i]);
	when_write(until, consent_last(record)->until);
	if (record->has_applies_before)
		when_write(before, record->applies_before);
	print_words(to, "You would agree, as %s (%s), until %s, to this:", record->subject.id,
		    term_name(&roles, record->subject.role), until);
	consent_print_process(to, &record->process[0]);
	print_words(to, "  clips from before: %s", before);
	print_words(to, "To take it back: scrim consent withdraw %s", c->id);
	print_words(to, "The notice, version %s, in %s, has this SHA-256:", c->notice.version,
		    c->notice.language);
	print_words(to, "  %s", c->notice.sha256);
}

/* It is stored for ever, so that any other word is asked about again. */
static bool ask_age(int *age)
{
	char answer[64];

	while (*age < 0) {
		if (!ask(answer, sizeof(answer), "Are you an adult? (yes, no or unknown)"))
			return false;
		if (!strcmp(answer, "yes"))
			*age = AGE_ADULT;
		else if (!strcmp(answer, "no"))
			*age = AGE_MINOR;
		else if (!strcmp(answer, "unknown"))
			*age = AGE_UNKNOWN;
	}
	return true;
}

static bool ask_hash(const struct campaign *c, const char *given)
{
	char answer[SHA256_TEXT_MAX + 1] = "";

	if (given)
		return !strcmp(given, c->notice.sha256);
	return ask(answer, sizeof(answer), "To agree, type the first 8 digits of that:") &&
	       strlen(answer) >= SHOWN && !strncmp(c->notice.sha256, answer, strlen(answer));
}

/* Making a record */

static int check_choice(const struct consent_options *o, const struct campaign *c)
{
	int64_t now = time(NULL);

	if (now >= c->until) {
		complain("cannot grant: the campaign '%s' is over", c->id);
		return EXIT_USAGE;
	}
	if (o->subject && strlen(o->subject) >= TERM_ID_MAX) {
		complain("cannot grant: --subject has more than %d bytes", TERM_ID_MAX - 1);
		return EXIT_USAGE;
	}
	if (o->data & ~c->offer.data) {
		complain("cannot grant: the campaign '%s' does not ask for all of --data", c->id);
		return EXIT_USAGE;
	}
	if (o->until >= 0 && o->until <= now) {
		complain("cannot grant: --until is over");
		return EXIT_USAGE;
	}
	if (o->origin != ORIGIN_UNSET && c->offer.origin != ORIGIN_ANY && o->origin != c->offer.origin) {
		complain("cannot grant: the campaign '%s' asks for clips that are %s", c->id,
			 term_name(&origins, c->offer.origin));
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* What is offered, as far as it was chosen; all who may get it today. */
static void fill_process(struct process *p, const struct consent_options *o, const struct campaign *c)
{
	*p = c->offer;
	p->data = o->data;
	p->written_release = o->written_release;
	if (o->origin != ORIGIN_UNSET)
		p->origin = o->origin;
	for (unsigned i = 0; i < c->recipients; i++)
		p->recipient[p->recipients++] = c->recipient[i].key;
}

static void fill_event(struct consent *record, const struct consent_options *o,
		       const struct campaign *c)
{
	struct consent_event *e = &record->event[record->events++];

	e->state = STATE_GIVEN;
	e->by = o->role == ROLE_GUARDIAN ? BY_GUARDIAN : BY_SUBJECT;
	e->method = o->notice_sha256 ? ASKED_BY_OPTION : ASKED_BY_PROMPT;
	e->time = e->from = time(NULL);
	e->until = o->until >= 0 ? o->until : c->until;
}

static void fill_subject(struct consent *record, const struct consent_options *o)
{
	uint8_t random[6];
	char hex[2 * sizeof(random) + 1];

	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(hex, sizeof(hex), random, sizeof(random));
	if (o->subject)
		snprintf(record->subject.id, sizeof(record->subject.id), "%s", o->subject);
	else
		snprintf(record->subject.id, sizeof(record->subject.id), "p-%s", hex);
	record->subject.role = o->role;
}

/* All but the age, which is asked for last. */
static void fill(struct consent *record, const struct consent_options *o, const struct campaign *c)
{
	memset(record, 0, sizeof(*record));
	uuid_make(record->record_id);
	fill_subject(record, o);
	memcpy(record->campaign, c->id, sizeof(record->campaign));
	memcpy(record->title, c->title, sizeof(record->title));
	record->notice = c->notice;
	record->terms = c->terms;
	record->controller = c->issuer;
	fill_process(&record->process[record->processes++], o, c);
	fill_event(record, o, c);
	record->has_applies_before = o->applies_before >= 0;
	record->applies_before = o->applies_before;
	snprintf(record->withdrawal_command, sizeof(record->withdrawal_command),
		 "scrim consent withdraw %s", record->record_id);
	record->rights = c->rights;
	record->jurisdiction = c->jurisdiction;
}

static void report(const struct consent *record, bool json)
{
	if (json) {
		print_document(consent_json(record));
		return;
	}
	print_words(stdout, "granted: %s", record->record_id);
	print_words(stdout, "you are %s there; to take it back: %s", record->subject.id,
		    record->withdrawal_command);
	if (record->subject.age_class != AGE_ADULT || record->event[0].by == BY_GUARDIAN)
		print_words(stdout, "nothing that shows you will be exported: you are not known to be an adult");
}

int consent_grant(const struct consent_options *o, const char *word)
{
	static struct campaign campaign;
	static struct store_matches there;
	static struct consent record;
	int age = o->age_class, status, ret;
	struct scrim_error err;

	if (minisign_init(&err) < 0 || campaign_load(&campaign, word, &err) < 0)
		return refuse(&err);
	status = check_choice(o, &campaign);
	if (status != EXIT_DONE)
		return status;
	if (store_find(&there, o->store, campaign.id, &err) < 0)
		return refuse(&err);
	if (store_check_clock(there.time, &err) < 0)
		return not_stored(&err);
	if (there.broken) {
		complain("cannot grant: the consents in %s are not what was written; see scrim consent "
			 "verify", o->store);
		return CONSENT_BROKEN;
	}
	fill(&record, o, &campaign);
	show_offer(&campaign, &record);
	if (!ask_age(&age) || !ask_hash(&campaign, o->notice_sha256)) {
		complain("not granted: that is not the SHA-256 of the notice");
		return EXIT_USAGE;
	}
	record.subject.age_class = age;
	ret = store_grant(o->store, &record, &err);
	if (ret < 0)
		return not_stored(&err);
	if (ret > 0)
		without_head(&err);
	report(&record, o->json);
	return EXIT_DONE;
}

/* Taking it back */

/* A file's name has an end or a slash, which no id has. */
static bool is_file(const char *word)
{
	size_t length = strlen(word);

	return strchr(word, '/') || (length > 5 && !strcmp(word + length - 5, ".json"));
}

/*
 * Who has clips that rest on it, and has to be told.  Nothing is taken back by a ledger that cannot
 * be read; that it cannot is said.
 */
static json_t *report_bundles(const struct ledger_files *files, const char *record_id, bool json)
{
	struct books books = { .record_id = record_id };
	struct log_verdict verdict;
	json_t *list;

	ledger_read(&books, files, &verdict);
	list = ledger_marked_json(&books, time(NULL));
	if (!json && json_array_size(list)) {
		ledger_print_marked(stdout, &books, time(NULL));
		print_words(stdout, "to ask for it to be deleted: scrim erase %s", record_id);
	}
	books_free(&books);
	return list;
}

static void report_given(const struct store_matches *m, const struct consent_options *o)
{
	static struct ledger_files files;
	json_t *list = json_array(), *given = json_object();
	bool open = ledger_open_files(&files, o->store) == EXIT_DONE && tool_cage() == EXIT_DONE;

	for (unsigned i = 0; i < m->count; i++) {
		const char *id = m->at[i].record_id;

		json_array_append_new(list, json_string(id));
		if (!o->json)
			print_words(stdout, "withdrawn: %s", id);
		if (open)
			json_object_set_new(given, id, report_bundles(&files, id, o->json));
	}
	if (o->json)
		print_document(json_pack("{sO sO}", "withdrawn", list, "given", given));
	json_decref(list);
	json_decref(given);
	ledger_close_files(&files);
}

static void report_written_down(const struct store_matches *m)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < m->count; i++)
		json_array_append_new(list, json_string(m->at[i].record_id));
	print_document(json_pack("{so}", "written_down", list));
}

/* It stands behind what was edited, where nobody reads until that is mended. */
static int only_written_down(const struct store_matches *m, bool json)
{
	if (json)
		report_written_down(m);
	for (unsigned i = 0; !json && i < m->count; i++)
		print_words(stdout, "written down, to be withdrawn: %s", m->at[i].record_id);
	if (m->count)
		complain("the consents are not what was written: nothing is exported until that is mended, "
			 "and %u withdrawal%s in force then; see scrim consent verify", m->count,
			 m->count == 1 ? " is" : "s are");
	else
		complain("nothing to withdraw was found: the consents are not what was written, and nothing "
			 "is exported until that is mended; see scrim consent verify");
	return CONSENT_BROKEN;
}

/* Whoever on this machine was handed them does without from now on. */
static int tell(const struct store_matches *m)
{
	struct scrim_error err;
	int status = EXIT_DONE;

	for (unsigned i = 0; i < m->count; i++)
		if (!m->at[i].handed && store_tell(m->at[i].record_id, &err) < 0) {
			complain("withdrawn here, but others cannot be told: %s", err.text);
			status = EXIT_FAILED;
		}
	return status;
}

/* Who agreed twice may think that all is taken back. */
static void say_what_holds(const struct store_matches *m, const char *store)
{
	static struct store_matches left;
	unsigned count = 0;

	if (!m->count || m->at[0].handed || store_find(&left, store, m->at[0].campaign, NULL) < 0)
		return;
	for (unsigned i = 0; i < left.count; i++)
		count += !left.at[i].handed;
	if (count)
		complain("%u other consent%s to the campaign '%s' still hold%s; to take back all: scrim "
			 "consent withdraw %s", count, count == 1 ? "" : "s", m->at[0].campaign,
			 count == 1 ? "s" : "", m->at[0].campaign);
}

int consent_withdraw(const struct consent_options *o, const char *word)
{
	struct consent_event event = { .state = STATE_WITHDRAWN, .by = BY_SUBJECT,
				       .method = ASKED_BY_OPTION, .time = time(NULL) };
	static struct store_matches matches;
	static struct campaign campaign;
	struct scrim_error err;
	const char *what = is_file(word) ? campaign.id : word;
	int ret, told;

	event.from = event.time;
	event.until = event.time + 1;
	if (minisign_init(&err) < 0 || (is_file(word) && campaign_load(&campaign, word, &err) < 0))
		return refuse(&err);
	if (store_find(&matches, o->store, what, &err) < 0)
		return refuse(&err);
	if (store_check_clock(matches.time, &err) < 0) {
		complain("cannot withdraw: %s", err.text);
		return EXIT_USAGE;
	}
	/* By now another may have done it, who waited less. */
	ret = matches.count ? store_withdraw(&matches, o->store, what, &event, &err) : 0;
	if (ret < 0)
		return not_stored(&err);
	if (ret > 0)
		without_head(&err);
	told = tell(&matches);
	if (matches.broken)
		return only_written_down(&matches, o->json);
	if (!matches.count) {
		complain("there is no consent of yours to withdraw that '%s' means", word);
		return EXIT_USAGE;
	}
	say_what_holds(&matches, o->store);
	report_given(&matches, o);
	return told;
}
