// SPDX-License-Identifier: GPL-2.0
/*
 * scrim explain: what each rule says of a clip, and which of them decides.
 */
#include "consent.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "consent/decide.h"
#include "consent/key.h"
#include "consent/settings.h"
#include "consent/when.h"
#include "export/clip.h"
#include "export/judge.h"
#include "text.h"
#include "words.h"

static const char usage[] =
"usage: scrim explain ITEM.json --campaign FILE --to RECIPIENT [OPTIONS]\n"
"\n"
"Says whether a clip may be given to a recipient, and what each rule has against it.\n"
"\n"
"      --campaign FILE   the offer\n"
"      --to RECIPIENT    its id in the offer\n"
"      --purpose WORD    another purpose than that of the offer\n"
"      --at TIME         as if it were then\n"
"      --class-taken N   clips of its class that the campaign has by now (0)\n"
"      --donor-taken N   of those, from the same donor and camera (0)\n"
"      --settings FILE   what administrators say (" SETTINGS_FILE ")\n"
"      --store FOLDER    where the consents are (~/.local/state/scrim/consent)\n"
"      --logs FOLDER     where cameras' logs say who was told (" LOG_FOLDER ")\n"
"      --keys FOLDER     where the keys are that sign them (" KEY_FOLDER ")\n"
"      --json            print one JSON document\n"
"  -h, --help            print this\n"
"\n"
"Exit status: 0 it may; 1 something failed; 2 usage, or a file is wrong; 21 to 35 it may not: the\n"
"number of the rule that decides, and 20.\n";

struct options {
	const char *item, *campaign, *to, *settings, *store;
	struct notice_place cameras;
	unsigned purpose;		/* PURPOSE_COUNT: that of the offer */
	int64_t at;
	int64_t class_taken, donor_taken;	/* -1: nobody said */
	bool json;
};

static int parse_count(int64_t *to, const char *option, const char *text)
{
	if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 15) {
		complain("--%s: '%s' is no number", option, text);
		return EXIT_USAGE;
	}
	*to = strtoll(text, NULL, 10);
	return EXIT_DONE;
}

static int parse_purpose(struct options *o, const char *word)
{
	int purpose = term_find(&purposes, word);

	if (purpose < 0) {
		complain("--purpose: '%s' is no purpose that scrim knows", word);
		return EXIT_USAGE;
	}
	o->purpose = purpose;
	return EXIT_DONE;
}

static int parse_at(struct options *o, const char *text)
{
	if (when_read(&o->at, text))
		return EXIT_DONE;
	complain("--at: '%s' is no time with a zone, such as 2026-11-22T08:00:00Z", text);
	return EXIT_USAGE;
}

static int take_option(struct options *o, int option)
{
	switch (option) {
	case 'c': o->campaign = optarg; break;
	case 't': o->to = optarg; break;
	case 'p': return parse_purpose(o, optarg);
	case 'a': return parse_at(o, optarg);
	case 'C': return parse_count(&o->class_taken, "class-taken", optarg);
	case 'D': return parse_count(&o->donor_taken, "donor-taken", optarg);
	case 'e': o->settings = optarg; break;
	case 's': o->store = optarg; break;
	case 'L': o->cameras.logs = optarg; break;
	case 'K': o->cameras.keys = optarg; break;
	case 'j': o->json = true; break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_DONE);
	default:
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "campaign",	 required_argument,	NULL, 'c' },
		{ "to",		 required_argument,	NULL, 't' },
		{ "purpose",	 required_argument,	NULL, 'p' },
		{ "at",		 required_argument,	NULL, 'a' },
		{ "class-taken", required_argument,	NULL, 'C' },
		{ "donor-taken", required_argument,	NULL, 'D' },
		{ "settings",	 required_argument,	NULL, 'e' },
		{ "store",	 required_argument,	NULL, 's' },
		{ "logs",	 required_argument,	NULL, 'L' },
		{ "keys",	 required_argument,	NULL, 'K' },
		{ "json",	 no_argument,		NULL, 'j' },
		{ "help",	 no_argument,		NULL, 'h' },
		{ NULL,		 0,			NULL, 0 },
	};
	int option, status = EXIT_DONE;

	*o = (struct options){ .settings = SETTINGS_FILE, .store = consent_default_store(),
			       .cameras = { LOG_FOLDER, KEY_FOLDER }, .purpose = PURPOSE_COUNT, .at = time(NULL), .class_taken = -1,
			       .donor_taken = -1 };
	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE && (option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		status = take_option(o, option);
	if (status == EXIT_DONE && (argc - optind != 1 || !o->campaign || !o->to)) {
		complain("explain needs ITEM.json, --campaign and --to, see `scrim explain --help'");
		status = EXIT_USAGE;
	}
	o->item = optind < argc ? argv[optind] : NULL;
	return status;
}

/* What is opened before the door is locked, and read behind it. */
struct input {
	int campaign, settings;		/* settings -1: there are none */
};

static int open_input(struct input *in, const struct options *o)
{
	struct scrim_error err;

	in->settings = -1;
	in->campaign = open_regular(o->campaign, &err);
	if (in->campaign < 0 || judge_settings(&in->settings, o->settings, &err) < 0) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

struct reading {
	struct item item;
	enum notice_state notice;
	struct campaign campaign;
	struct export_settings settings;
};

/*
 * Which camera's log is to be opened is known when the item was read, in a cage of its own.  What is
 * asked about is what would leave, which is what the exporter makes of the clip.
 */
static int read_item(struct reading *r, const struct options *o)
{
	struct scrim_error err;
	int ret = clip_item(&r->item, o->item, &err);

	if (ret >= 0)
		ret = clip_notice(&r->notice, &r->item, &o->cameras, &err);
	clip_covered(&r->item);
	if (ret >= 0)
		return EXIT_DONE;
	complain("%s", err.text);
	return EXIT_USAGE;
}

static int read_text(char **text, size_t *size, size_t max, int fd, const char *name)
{
	struct scrim_error err;

	if (text_read(text, size, max, fd, name, &err) >= 0)
		return EXIT_DONE;
	complain("%s", err.text);
	return EXIT_USAGE;
}

static int read_input(struct reading *r, const struct input *in, const struct options *o)
{
	char *campaign = NULL, *settings = NULL;
	size_t campaign_size, settings_size;
	struct scrim_error err;
	int ret = 0, status;

	status = read_text(&campaign, &campaign_size, CAMPAIGN_FILE_MAX, in->campaign, o->campaign);
	if (status == EXIT_DONE && in->settings >= 0)
		status = read_text(&settings, &settings_size, ITEM_FILE_MAX, in->settings, o->settings);
	if (status == EXIT_DONE)
		ret = campaign_read(&r->campaign, campaign, campaign_size, o->campaign, &err);
	if (status == EXIT_DONE && ret >= 0 && settings)
		ret = settings_read(&r->settings, settings, settings_size, o->settings, &err);
	if (ret < 0) {
		complain("%s", err.text);
		status = EXIT_USAGE;
	}
	free(campaign);
	free(settings);
	return status;
}

static void print_rule(const struct verdict *v, enum decision rule)
{
	bool ok = v->code == DECISION_ALLOW;

	print_words(stdout, "%2u %-16s %-2s  %s%s%s%s%s%s", rule, decision_name(rule), ok ? "ok" : "NO",
		    v->sentence, ok ? "" : " (", ok ? "" : v->rule, *v->record ? ", " : "", v->record,
		    ok ? "" : ")");
}

static void print_chain(const struct verdict chain[DECISION_COUNT], const struct verdict *v)
{
	print_words(stdout, "%s: %s", decision_name(v->code), v->sentence);
	for (unsigned i = E_LEDGER; i < DECISION_COUNT; i++)
		print_rule(&chain[i], i);
}

static json_t *verdict_json(const struct verdict *v, enum decision rule)
{
	return json_pack("{ss sb ss so so}", "code", decision_name(rule),
			 "refuses", v->code != DECISION_ALLOW, "rule", v->rule,
			 "record", *v->record ? json_string(v->record) : json_null(),
			 "sentence", json_words(v->sentence));
}

static void print_json(const struct verdict chain[DECISION_COUNT], const struct verdict *v,
		       bool assumed)
{
	json_t *list = json_array();

	for (unsigned i = E_LEDGER; i < DECISION_COUNT; i++)
		json_array_append_new(list, verdict_json(&chain[i], i));
	print_document(json_pack("{ss sb si sb so so}", "schema", "scrim.decision/1",
				 "allowed", v->code == DECISION_ALLOW, "status", decision_status(v->code),
				 "counts_assumed", assumed,
				 "verdict", verdict_json(v, v->code), "chain", list));
}

static int explain(const struct options *o, const struct reading *r, const struct consents *consents,
		   bool broken)
{
	const struct facts facts = {
		.item = &r->item, .campaign = &r->campaign,
		.consent = (const struct consent *const *)consents->at, .consents = consents->count,
		.recipient = o->to,
		.purpose = o->purpose == PURPOSE_COUNT ? r->campaign.offer.purpose : o->purpose,
		.now = o->at, .notice = r->notice, .ledger_whole = !broken,
		.export_on = r->settings.allow,
		.known = r->settings.person, .knowns = r->settings.persons,
		.suspended = settings_suspended(&r->settings, &r->campaign), .taken_known = true,
		.class_taken = o->class_taken < 0 ? 0 : o->class_taken,
		.donor_taken = o->donor_taken < 0 ? 0 : o->donor_taken,
	};
	struct verdict chain[DECISION_COUNT], verdict;
	bool assumed = o->class_taken < 0 || o->donor_taken < 0;

	decide_chain(&facts, chain);
	decide(&facts, &verdict);
	if (o->json)
		print_json(chain, &verdict, assumed);
	else
		print_chain(chain, &verdict);
	if (assumed && !o->json)
		complain("how many clips the campaign has is assumed, where it was not said: 0");
	if (*r->item.description)
		complain("the item's description decides nothing; to take a consent back: scrim consent "
			 "withdraw %s", r->campaign.id);
	return decision_status(verdict.code);
}

int explain_main(int argc, char **argv)
{
	struct consents consents = { 0 };
	struct reading *r = NULL;
	struct options o;
	struct input in;
	bool broken;
	int status = parse(&o, argc, argv);

	if (status == EXIT_DONE) {
		r = calloc(1, sizeof(*r));
		status = r ? read_item(r, &o) : EXIT_FAILED;
	}
	if (status == EXIT_DONE)
		status = open_input(&in, &o);
	if (status == EXIT_DONE)
		status = consent_read_store(&consents, o.store, &broken);	/* locks the door */
	if (status == EXIT_DONE)
		status = read_input(r, &in, &o);
	if (status == EXIT_DONE)
		status = explain(&o, r, &consents, broken);
	consents_free(&consents);
	free(r);
	return status;
}
