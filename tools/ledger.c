// SPDX-License-Identifier: GPL-2.0
/*
 * scrim ledger: what the caller has given away, to whom, and what was paid for it.
 */
#include "ledger.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "consent.h"
#include "consent/settings.h"
#include "consent/when.h"
#include "text.h"
#include "words.h"

static const char usage[] =
"usage: scrim ledger stats  [--campaign ID] [OPTIONS]\n"
"       scrim ledger list   [--campaign ID] [--recall] [OPTIONS]\n"
"       scrim ledger verify [OPTIONS]\n"
"\n"
"  stats   count donors, clips, bundles, money and deletions\n"
"  list    print every bundle, and who has it\n"
"  verify  say whether the ledger is what was written\n"
"\n"
"      --campaign ID    only of this campaign\n"
"      --recall         list: only what recipients have that are suspended by now\n"
"      --settings FILE  who is suspended (" SETTINGS_FILE ")\n"
"      --store FOLDER   where the ledger is (~/.local/state/scrim/consent)\n"
"      --json           print JSON\n"
"  -h, --help           print this\n"
"\n"
"Exit status: 0 done; 1 something failed; 2 usage, or a file is wrong;\n"
"4 the ledger is not what was written.\n";

struct options {
	const char *store, *campaign, *settings;
	bool recall, json;
};

/* What was read behind the door. */
struct view {
	struct books books;
	struct log_verdict verdict;
	struct export_settings settings;
	int64_t now;
};

/* stats */

static void print_stats(const struct view *v)
{
	const struct books *b = &v->books;

	printf("donors     %zu\n", json_object_size(b->donors));
	printf("clips      %llu\n", (unsigned long long)b->items);
	printf("bundles    %llu\n", (unsigned long long)b->bundles);
	for (unsigned i = 0; i < b->currencies; i++)
		print_words(stdout, "paid       %lld.%02lld %s", (long long)b->money[i].cents / 100,
			    (long long)b->money[i].cents % 100, b->money[i].name);
	printf("deletions  %llu\n", (unsigned long long)b->deletions);
	printf("overdue    %u\n", books_overdue(b, v->now));
}

static json_t *stats_json(const struct view *v)
{
	const struct books *b = &v->books;
	char hash[ENTRY_HASH_TEXT_MAX];
	json_t *money = json_object();

	entry_hash_text(hash, v->verdict.last.hash);
	for (unsigned i = 0; i < b->currencies; i++)
		json_object_set_new(money, b->money[i].name, json_integer(b->money[i].cents));
	return json_pack("{ss sb so sI sI sI so sI sI sI ss}", "schema", "scrim.ledger-stats/1",
			 "whole", !v->verdict.broken,
			 "campaign", b->campaign ? json_words(b->campaign) : json_null(),
			 "donors", (json_int_t)json_object_size(b->donors),
			 "clips", (json_int_t)b->items, "bundles", (json_int_t)b->bundles,
			 "cents", money, "deletions", (json_int_t)b->deletions,
			 "overdue", (json_int_t)books_overdue(b, v->now),
			 "entries", (json_int_t)v->verdict.last.seq, "hash", hash);
}

static void show_stats(const struct options *o, const struct view *v)
{
	if (o->json)
		print_document(stats_json(v));
	else
		print_stats(v);
}

/* list */

static bool is_suspended(const struct kept_bundle *b, const struct export_settings *settings)
{
	for (unsigned i = 0; i < settings->suspended; i++)
		if (kept_bundle_recipient(b, settings->id[i]) >= 0)
			return true;
	return false;
}

static bool is_listed(const struct options *o, const struct view *v, const struct kept_bundle *b)
{
	return (!o->campaign || !strcmp(o->campaign, b->campaign)) &&
	       (!o->recall || is_suspended(b, &v->settings));
}

static const char *const bundle_states[] = {
	[BUNDLE_BEGUN] = "unfinished", [BUNDLE_GIVEN] = "given", [BUNDLE_VOID] = "void",
};

static json_t *bundle_json(const struct kept_bundle *b, int64_t now)
{
	const struct export_bundle *g = b->given;
	char created[WHEN_TEXT_MAX] = "", delete_by[WHEN_TEXT_MAX] = "";

	if (g) {
		when_write(created, g->created);
		when_write(delete_by, g->delete_by);
	}
	return json_pack("{ss ss ss sI sI ss so so so so so so}", "bundle", b->id,
			 "campaign", b->campaign, "state", bundle_states[b->state],
			 "items", (json_int_t)b->items, "cents", (json_int_t)b->cents,
			 "currency", b->currency,
			 "created", g ? json_string(created) : json_null(),
			 "delete_by", g ? json_string(delete_by) : json_null(),
			 "purpose", g ? json_string(term_name(&purposes, g->purpose)) : json_null(),
			 "file", g ? json_string(g->file) : json_null(),
			 "payment", g && *g->payment ? json_words(g->payment) : json_null(),
			 "recipients", ledger_recipients_json(b, now));
}

static void print_bundle(const struct kept_bundle *b, int64_t now)
{
	char money[48] = "";

	if (*b->currency)
		snprintf(money, sizeof(money), ", %lld.%02lld %s", (long long)b->cents / 100,
			 (long long)b->cents % 100, b->currency);
	print_words(stdout, "%s %s %s, %lld clip%s%s%s%s", b->id, bundle_states[b->state], b->campaign,
		    (long long)b->items, b->items == 1 ? "" : "s", money, b->given ? ", " : "",
		    b->given ? b->given->file : "");
	ledger_print_recipients(stdout, b, now);
}

static void show_list(const struct options *o, const struct view *v)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < v->books.count; i++) {
		const struct kept_bundle *b = v->books.at[i];

		if (!is_listed(o, v, b))
			continue;
		if (o->json)
			json_array_append_new(list, bundle_json(b, v->now));
		else
			print_bundle(b, v->now);
	}
	if (o->json)
		print_document(json_incref(list));
	json_decref(list);
}

/* verify: what is broken has been complained of. */

static void show_verdict(const struct options *o, const struct view *v)
{
	const struct log_verdict *verdict = &v->verdict;

	if (o->json)
		print_document(json_pack("{sb sI sI so}", "whole", !verdict->broken,
					 "entries", (json_int_t)verdict->entries,
					 "bundles", (json_int_t)v->books.bundles, "what",
					 verdict->broken ? json_words(verdict->what) : json_null()));
	else if (!verdict->broken)
		print_words(stdout, "whole: %llu entr%s, %llu bundle%s given",
			    (unsigned long long)verdict->entries, verdict->entries == 1 ? "y" : "ies",
			    (unsigned long long)v->books.bundles, v->books.bundles == 1 ? "" : "s");
}

static const struct verb {
	const char *name;
	void (*show)(const struct options *o, const struct view *v);
} verbs[] = {
	{ "stats",	show_stats },
	{ "list",	show_list },
	{ "verify",	show_verdict },
};

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "campaign",	required_argument,	NULL, 'c' },
		{ "recall",	no_argument,		NULL, 'r' },
		{ "settings",	required_argument,	NULL, 's' },
		{ "store",	required_argument,	NULL, 'S' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL,		0,			NULL, 0 },
	};
	int option;

	*o = (struct options){ .store = consent_default_store(), .settings = SETTINGS_FILE };
	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'c':	o->campaign = optarg; break;
		case 'r':	o->recall = true; break;
		case 's':	o->settings = optarg; break;
		case 'S':	o->store = optarg; break;
		case 'j':	o->json = true; break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			return EXIT_USAGE;
		}
	return EXIT_DONE;
}

static const struct verb *find_verb(int argc, char **argv)
{
	for (unsigned i = 0; argc == 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, argv[0]))
			return &verbs[i];
	complain(argc ? "unknown command 'ledger %s', see `scrim ledger --help'" :
		 "what is to be done%s? see `scrim ledger --help'", argc ? argv[0] : "");
	return NULL;
}

/* Without the file nobody is suspended, and nobody gets anything either. */
static int read_settings(struct export_settings *settings, int fd, const char *name)
{
	struct scrim_error err;
	char *text = NULL;
	size_t size;
	int ret = text_read(&text, &size, ITEM_FILE_MAX, fd, name, &err);

	if (ret >= 0)
		ret = settings_read(settings, text, size, name, &err);
	free(text);
	if (ret >= 0)
		return EXIT_DONE;
	complain("%s", err.text);
	return EXIT_USAGE;
}

static int open_settings(int *fd, const struct options *o)
{
	struct scrim_error err;

	*fd = o->recall ? open_regular(o->settings, &err) : -1;
	if (*fd >= 0 || !o->recall)
		return EXIT_DONE;
	complain("%s", err.text);
	return EXIT_USAGE;
}

int ledger_main(int argc, char **argv)
{
	static struct ledger_files files;
	static struct view view;
	const struct verb *verb;
	struct options o;
	int fd, status = parse(&o, argc, argv);

	if (status != EXIT_DONE)
		return status;
	verb = find_verb(argc - optind, argv + optind);
	if (!verb)
		return EXIT_USAGE;
	view.now = time(NULL);
	view.books.campaign = o.campaign;
	status = open_settings(&fd, &o);
	if (status == EXIT_DONE)
		status = ledger_open_files(&files, o.store);
	if (status == EXIT_DONE)
		status = tool_cage();
	if (status == EXIT_DONE && fd >= 0)
		status = read_settings(&view.settings, fd, o.settings);
	if (status == EXIT_DONE)
		status = ledger_read(&view.books, &files, &view.verdict);
	if (status == EXIT_DONE || status == LEDGER_BROKEN)
		verb->show(&o, &view);
	books_free(&view.books);
	ledger_close_files(&files);
	if (fd >= 0)
		close(fd);
	return status;
}
