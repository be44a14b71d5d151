// SPDX-License-Identifier: GPL-2.0
/*
 * scrim consent: what people agreed to, and how they take it back.
 */
#include "consent.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/when.h"
#include "state.h"

static const char usage[] =
"usage: scrim consent grant    CAMPAIGN.json [OPTIONS]\n"
"       scrim consent withdraw CAMPAIGN.json | CAMPAIGN | RECORD\n"
"       scrim consent list     [--campaign FILE] [--json]\n"
"       scrim consent show     RECORD [--json]\n"
"       scrim consent receipt  RECORD [--format kantara|dpv]\n"
"       scrim consent key      [--json]\n"
"       scrim consent hand     RECORD\n"
"       scrim consent take     FILE [--json]\n"
"       scrim consent verify   [--json]\n"
"\n"
"  grant     show an offer's notice and terms, and agree to them\n"
"  withdraw  take back what was agreed to, from the next clip on\n"
"  list      print who agreed to what, and whether that holds\n"
"  show      print one consent, with all that happened to it\n"
"  receipt   print one consent in the words of others\n"
"  key       print the key that your consents are signed with\n"
"  hand      print one consent, signed, for whoever has clips of you\n"
"  take      keep a consent that somebody else handed over\n"
"  verify    say whether the consents are what was written\n"
"\n"
"      --age CLASS            grant: adult, minor or unknown, instead of being asked\n"
"      --notice-sha256 HASH   grant: of the notice that was read, instead of being asked\n"
"      --role ROLE            grant: donor, bystander, participant or guardian (donor)\n"
"      --subject ID           grant: a pseudonym (a new one)\n"
"      --data LIST            grant: classes of data, with commas (pixels-redacted)\n"
"      --origin WORD          grant: real, staged or any, if less than is offered\n"
"      --until TIME           grant: when it ends (with the campaign)\n"
"      --applies-before TIME  grant: clips back to then as well (none before now)\n"
"      --written-release      grant: also schools, clinics and what is not covered\n"
"      --campaign FILE        list: compare with this offer\n"
"      --format NAME          receipt: kantara or dpv (dpv)\n"
"      --store FOLDER         where the consents are (~/.local/state/scrim/consent)\n"
"      --json                 print JSON\n"
"  -h, --help                 print this\n"
"\n"
"Exit status: 0 done; 1 something failed; 2 usage, a file is wrong, or there is no such consent;\n"
"4 the consents are not what was written.\n";

static const struct verb {
	const char *name;
	int (*run)(const struct consent_options *o, const char *word);
	bool word;			/* it has one */
} verbs[] = {
	{ "grant",	consent_grant,		true },
	{ "withdraw",	consent_withdraw,	true },
	{ "list",	consent_list,		false },
	{ "show",	consent_show,		true },
	{ "receipt",	consent_receipt,	true },
	{ "key",	consent_key,		false },
	{ "hand",	consent_hand,		true },
	{ "take",	consent_take,		true },
	{ "verify",	consent_verify,		false },
};

const char *consent_default_store(void)
{
	static char path[STATE_PATH_MAX];

	state_path(path, "consent");
	return path;
}

static int parse_term(unsigned *to, const struct terms *terms, const char *option, const char *word)
{
	int term = term_find(terms, word);

	if (term < 0) {
		complain("--%s: '%s' is no %s", option, word, terms->what);
		return EXIT_USAGE;
	}
	*to = term;
	return EXIT_DONE;
}

static int parse_time(int64_t *to, const char *option, const char *text)
{
	if (when_read(to, text))
		return EXIT_DONE;
	complain("--%s: '%s' is no time with a zone, such as 2026-11-22T08:00:00Z", option, text);
	return EXIT_USAGE;
}

static int parse_data(uint32_t *set, const char *list)
{
	char copy[256], *next;
	int status = EXIT_DONE;
	unsigned term = 0;

	*set = 0;
	snprintf(copy, sizeof(copy), "%s", list);
	for (char *word = strtok_r(copy, ",", &next); word && status == EXIT_DONE;
	     word = strtok_r(NULL, ",", &next)) {
		status = parse_term(&term, &data_classes, "data", word);
		*set |= term_bit(term);
	}
	if (status == EXIT_DONE && !*set) {
		complain("--data: there is no class of data");
		status = EXIT_USAGE;
	}
	return status;
}

static int parse_age(struct consent_options *o, const char *word)
{
	unsigned age = AGE_UNKNOWN;
	int status = parse_term(&age, &age_classes, "age", word);

	o->age_class = age;
	return status;
}

static const struct option options[] = {
	{ "age",	     required_argument,	NULL, 'a' },
	{ "notice-sha256",   required_argument,	NULL, 'n' },
	{ "role",	     required_argument,	NULL, 'r' },
	{ "subject",	     required_argument,	NULL, 's' },
	{ "data",	     required_argument,	NULL, 'd' },
	{ "origin",	     required_argument,	NULL, 'o' },
	{ "until",	     required_argument,	NULL, 'u' },
	{ "applies-before",  required_argument,	NULL, 'b' },
	{ "written-release", no_argument,	NULL, 'w' },
	{ "campaign",	     required_argument,	NULL, 'c' },
	{ "format",	     required_argument,	NULL, 'f' },
	{ "store",	     required_argument,	NULL, 'S' },
	{ "json",	     no_argument,	NULL, 'j' },
	{ "help",	     no_argument,	NULL, 'h' },
	{ NULL,		     0,			NULL, 0 },
};

static int take_option(struct consent_options *o, int option)
{
	switch (option) {
	case 'a': return parse_age(o, optarg);
	case 'n': o->notice_sha256 = optarg; break;
	case 'r': return parse_term(&o->role, &roles, "role", optarg);
	case 's': o->subject = optarg; break;
	case 'd': return parse_data(&o->data, optarg);
	case 'o': return parse_term(&o->origin, &origins, "origin", optarg);
	case 'u': return parse_time(&o->until, "until", optarg);
	case 'b': return parse_time(&o->applies_before, "applies-before", optarg);
	case 'w': o->written_release = true; break;
	case 'c': o->campaign = optarg; break;
	case 'f': o->format = optarg; break;
	case 'S': o->store = optarg; break;
	case 'j': o->json = true; break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_DONE);
	default:
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static const struct verb *find_verb(const char *name)
{
	for (unsigned i = 0; name && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

int consent_main(int argc, char **argv)
{
	struct consent_options o = { .store = consent_default_store(), .format = "dpv",
				     .age_class = -1, .data = term_bit(DATA_REDACTED),
				     .until = -1, .applies_before = -1 };
	int option, status = EXIT_DONE;
	const struct verb *verb;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE && (option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		status = take_option(&o, option);
	if (status != EXIT_DONE)
		return status;
	argc -= optind;
	argv += optind;
	verb = find_verb(argc ? argv[0] : NULL);
	if (!verb || argc != 1 + verb->word) {
		complain(verb ? "wrong number of words for `scrim consent %s', see --help" :
			 argc ? "unknown command 'consent %s', see --help" :
			 "what is to be done%s? see `scrim consent --help'", argc ? argv[0] : "");
		return EXIT_USAGE;
	}
	return verb->run(&o, argv[1]);
}
