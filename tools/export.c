// SPDX-License-Identifier: GPL-2.0
/*
 * scrim export: clips for a recipient, encrypted, with every consent; or nothing, and why.
 */
#include "export.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent.h"
#include "consent/key.h"
#include "consent/settings.h"
#include "export/export.h"
#include "guard/cage.h"
#include "policy/open.h"
#include "progress.h"
#include "words.h"

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = 1;
}

static const char usage[] =
"usage: scrim export --campaign FILE --to RECIPIENT [OPTIONS] CLIP...\n"
"       scrim export on --accept | off\n"
"\n"
"Gives clips to a recipient: redacted, without sound and metadata, encrypted to its key, with the\n"
"consent of everybody in them.  What is known of CLIP is read from CLIP.json.\n"
"\n"
"  on   let users of this machine export, for an administrator\n"
"  off  let nobody, from the next clip on\n"
"\n"
"      --campaign FILE   the offer\n"
"      --to RECIPIENT    its id in the offer\n"
"      --purpose WORD    what for, if that is to be compared with the offer\n"
"      --policy FILE     cover the regions that the clip's camera has there as well\n"
"      --outbox FOLDER   where the file appears (~/.local/state/scrim/outbox)\n"
"      --layout NAME     videofolder (default), webdataset, coco or labelstudio\n"
"      --payment TEXT    how the donor is paid: for the ledger, never in the file\n"
"      --dry-run         say what would go; write nothing\n"
"      --settings FILE   what administrators say (" SETTINGS_FILE ")\n"
"      --store FOLDER    where the consents are (~/.local/state/scrim/consent)\n"
"      --logs FOLDER     where cameras' logs say who was told (" LOG_FOLDER ")\n"
"      --keys FOLDER     where the keys are that sign them (" KEY_FOLDER ")\n"
"      --accept          with on: yes, it loosens\n"
"      --json            progress and results as a JSON object a line\n"
"  -q, --quiet           errors only\n"
"  -h, --help            print this\n"
"\n"
"Exit status: 0 all were given, now or before; 1 something failed; 2 usage, or a file is wrong; 3\n"
"some were refused, and the others given; 21 to 35 nothing was given: the number of the rule that\n"
"refuses the first, and 20; 130 stopped.\n";

static const struct option options[] = {
	{ "campaign",	required_argument,	NULL, 'c' },
	{ "to",		required_argument,	NULL, 't' },
	{ "purpose",	required_argument,	NULL, 'p' },
	{ "policy",	required_argument,	NULL, 'P' },
	{ "outbox",	required_argument,	NULL, 'o' },
	{ "layout",	required_argument,	NULL, 'l' },
	{ "payment",	required_argument,	NULL, 'm' },
	{ "settings",	required_argument,	NULL, 'e' },
	{ "store",	required_argument,	NULL, 's' },
	{ "logs",	required_argument,	NULL, 'L' },
	{ "keys",	required_argument,	NULL, 'K' },
	{ "dry-run",	no_argument,		NULL, 'd' },
	{ "accept",	no_argument,		NULL, 'a' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "quiet",	no_argument,		NULL, 'q' },
	{ "help",	no_argument,		NULL, 'h' },
	{ NULL,		0,			NULL, 0 },
};

static int parse_purpose(struct export_options *o, const char *word)
{
	int purpose = term_find(&purposes, word);

	if (purpose < 0) {
		complain("--purpose: '%s' is no purpose that scrim knows", word);
		return EXIT_USAGE;
	}
	o->purpose = purpose;
	return EXIT_DONE;
}

static int parse_layout(struct export_options *o, const char *word)
{
	int layout = layout_find(word);

	if (layout < 0) {
		complain("--layout: '%s' is none of videofolder, webdataset, coco and labelstudio",
			 word);
		return EXIT_USAGE;
	}
	o->layout = layout;
	return EXIT_DONE;
}

static int take_option(struct export_options *o, int option)
{
	switch (option) {
	case 'c': o->campaign = optarg; break;
	case 't': o->to = optarg; break;
	case 'p': return parse_purpose(o, optarg);
	case 'P': o->policy = optarg; break;
	case 'o': o->outbox = optarg; break;
	case 'l': return parse_layout(o, optarg);
	case 'm': o->payment = optarg; break;
	case 'e': o->settings = optarg; break;
	case 's': o->store = optarg; break;
	case 'L': o->logs = optarg; break;
	case 'K': o->keys = optarg; break;
	case 'd': o->dry_run = true; break;
	case 'a': o->accept = true; break;
	case 'j': o->json = true; break;
	case 'q': o->quiet = true; break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_DONE);
	default:
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

const char *export_default_outbox(void)
{
	static char path[4096];
	const char *store = consent_default_store();

	snprintf(path, sizeof(path), "%.*s/outbox", (int)(strrchr(store, '/') - store), store);
	return path;
}

/* A run */

struct run {
	const struct export_options *o;
	struct campaign campaign;
	struct policy policy, named;	/* what is done, and what --policy says */
	struct choice choice;
	struct exported exported;
	struct progress progress;
	char outbox[PATH_MAX];
	bool started;			/* the progress */
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static enum progress_style style_of(const struct export_options *o)
{
	if (o->json)
		return PROGRESS_JSON;
	if (o->quiet)
		return PROGRESS_QUIET;
	return isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_LINES;
}

static void print_line(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (text)
		puts(text);
	fflush(stdout);
	free(text);
}

static void start_progress(struct run *r)
{
	const struct files files = { .count = choice_going(&r->choice) };

	if (!r->started)
		progress_start(&r->progress, style_of(r->o), &files);
	r->started = true;
}

static void tick(void *ctx, const struct chosen *clip, const struct job_result *result)
{
	struct run *r = ctx;

	start_progress(r);
	progress_tick(&r->progress, result, 1, base_of(clip->path));
}

static void redacted(void *ctx, const struct chosen *clip, bool reused)
{
	struct run *r = ctx;

	start_progress(r);
	r->progress.done++;
	progress_wipe(&r->progress);
	if (r->o->json)
		print_line(json_pack("{ss so sI sI sI sI sb}", "event", "redacted", "clip",
				     json_words(clip->path),
				     "frames", (json_int_t)clip->redacted.frames,
				     "faces", (json_int_t)clip->redacted.faces,
				     "with_faces", (json_int_t)clip->redacted.with_faces,
				     "whole", (json_int_t)clip->redacted.whole, "reused", reused));
	if (clip->redacted.whole)
		complain("%s: %lld of %lld frames are covered whole", clip->path,
			 (long long)clip->redacted.whole, (long long)clip->redacted.frames);
}

static void note(void *ctx, const char *text)
{
	complain("%s", text);
}

/* The answers */

static const char *state_name(enum clip_state state)
{
	switch (state) {
	case CLIP_FAILED:	return "failed";
	case CLIP_REFUSED:	return "refused";
	case CLIP_GIVEN:	return "given before";
	case CLIP_TWICE:	return "named twice";
	case CLIP_GOES:		return "allowed";
	}
	return "?";
}

static json_t *name_or_null(const char *name)
{
	return *name ? json_words(name) : json_null();
}

static json_t *clip_json(const struct chosen *p)
{
	json_t *json = json_pack("{ss so ss}", "event", "clip", "clip", json_words(p->path),
				 "state", state_name(p->state));

	if (p->state == CLIP_FAILED)
		json_object_set_new(json, "error", json_words(p->why.text));
	if (p->state == CLIP_GIVEN)
		json_object_set_new(json, "bundle", json_string(p->bundle));
	if (p->state == CLIP_REFUSED || p->state == CLIP_GOES) {
		json_object_set_new(json, "code", json_string(decision_name(p->judged.code)));
		json_object_set_new(json, "rule", json_string(p->judged.rule));
		json_object_set_new(json, "record", name_or_null(p->judged.record));
		json_object_set_new(json, "sentence", json_words(p->judged.sentence));
	}
	return json;
}

static void print_clip(const struct export_options *o, const struct chosen *p)
{
	switch (p->state) {
	case CLIP_FAILED:
		complain("cannot export %s: %s", p->path, p->why.text);
		break;
	case CLIP_REFUSED:
		print_words(stdout, "%s: %s: %s (%s%s%s)", p->path, decision_name(p->judged.code),
			    p->judged.sentence, p->judged.rule,
			    *p->judged.record ? ", " : "", p->judged.record);
		break;
	case CLIP_GIVEN:
		if (!o->quiet)
			print_words(stdout, "%s: given before, in %s", p->path, p->bundle);
		break;
	case CLIP_TWICE:
		if (!o->quiet)
			print_words(stdout, "%s: named twice", p->path);
		break;
	case CLIP_GOES:
		if (!o->quiet)
			print_words(stdout, "%s: %s", p->path, o->dry_run ? "may go" : "given");
		break;
	}
	if (*p->item.description && p->state != CLIP_FAILED)
		complain("%s: the item's description decides nothing; scrim consent withdraw does",
			 p->path);
}

struct totals {
	unsigned failed, refused, given, went;
	int first;			/* status of the first refusal; 0: there is none */
};

static struct totals add_up(const struct run *r)
{
	struct totals t = { 0 };

	for (unsigned i = 0; i < r->choice.count; i++) {
		const struct chosen *p = &r->choice.at[i];

		t.failed += p->state == CLIP_FAILED;
		t.refused += p->state == CLIP_REFUSED;
		t.given += p->state == CLIP_GIVEN;
		t.went += p->state == CLIP_GOES;
		if (p->state == CLIP_REFUSED && !t.first)
			t.first = decision_status(p->judged.code);
	}
	return t;
}

/* ret, revoked, waiting: of export_clips(). */
static int status_of(const struct totals *t, int ret, bool revoked, unsigned waiting)
{
	if (ret == -ECANCELED)
		return EXIT_STOPPED;
	if (revoked)
		return t->first;
	if (ret < 0)
		return ret == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	if (t->failed || waiting)
		return EXIT_FAILED;
	if (!t->refused)
		return EXIT_DONE;
	return t->went || t->given ? EXIT_DOUBT : t->first;
}

static void print_end(const struct run *r, const struct totals *t, int status)
{
	char path[sizeof(r->outbox) + sizeof(r->exported.file)] = "";
	bool gave = *r->exported.bundle;

	if (gave)
		snprintf(path, sizeof(path), "%s/%s", r->outbox, r->exported.file);
	if (r->o->json)
		print_line(json_pack("{ss sI sI sI sI sI so so sI si}", "event", "end", "allowed",
				     (json_int_t)t->went, "refused", (json_int_t)t->refused,
				     "before", (json_int_t)t->given,
				     "failed", (json_int_t)t->failed,
				     "waiting", (json_int_t)r->exported.waiting,
				     "bundle", name_or_null(r->exported.bundle), "file", name_or_null(path),
				     "bytes", (json_int_t)r->exported.bytes, "status", status));
	else if (gave && !r->o->quiet)
		print_words(stdout, "%s: %u clip%s for %s, %s, %llu bytes", path,
			    r->exported.clips, r->exported.clips == 1 ? "" : "s",
			    r->choice.recipient, term_name(&purposes, r->choice.purpose),
			    (unsigned long long)r->exported.bytes);
}

static int export_all(struct run *r)
{
	const struct export_job job = {
		.outbox = r->outbox, .payment = r->o->payment, .policy = &r->policy,
		.layout = r->o->layout, .dry_run = r->o->dry_run, .stop = &stopped,
		.watch = { r, tick, redacted, note },
	};
	struct scrim_error err;
	struct totals totals;
	int ret = export_clips(&r->choice, &job, &r->exported, &err), status;

	progress_wipe(&r->progress);
	totals = add_up(r);
	status = status_of(&totals, ret, r->choice.revoked, r->exported.waiting);
	for (unsigned i = 0; (ret >= 0 || r->choice.revoked) && i < r->choice.count; i++)
		if (r->o->json)
			print_line(clip_json(&r->choice.at[i]));
		else if (ret >= 0 || r->choice.at[i].state != CLIP_GOES)
			print_clip(r->o, &r->choice.at[i]);
	if (ret < 0)
		complain("%s", err.text);
	print_end(r, &totals, status);
	return status;
}

/* Before it */

static int find_outbox(struct run *r)
{
	const char *path = r->o->outbox;
	char here[PATH_MAX] = "";
	int length;

	if (!*path) {
		complain("--outbox: it is empty");
		return EXIT_USAGE;
	}
	if (*path != '/' && !getcwd(here, sizeof(here))) {
		complain("--outbox: %s", strerror(errno));
		return EXIT_USAGE;
	}
	length = snprintf(r->outbox, sizeof(r->outbox), "%s%s%s", here, *here ? "/" : "", path);
	if (length < 0 || (size_t)length >= sizeof(r->outbox)) {
		complain("--outbox: its name is too long");
		return EXIT_USAGE;
	}
	while (length > 1 && r->outbox[length - 1] == '/')
		r->outbox[--length] = '\0';
	return EXIT_DONE;
}

static int make_policy(struct run *r, struct scrim_error *err)
{
	int ret = 0;

	policy_default(&r->named);
	if (r->o->policy)
		ret = policy_load(&r->named, r->o->policy, NULL, err);
	return ret < 0 ? ret : clip_policy(&r->policy, &r->named, err);
}

static int prepare(struct run *r, char *const *clips, unsigned count)
{
	struct scrim_error err;
	int ret = campaign_load(&r->campaign, r->o->campaign, &err);

	if (ret >= 0)
		ret = make_policy(r, &err);
	if (ret >= 0)
		ret = choice_new(&r->choice, clips, count, &err);
	if (ret < 0) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	r->choice.store = r->o->store;
	r->choice.settings = r->o->settings;
	r->choice.cameras = (struct notice_place){ r->o->logs, r->o->keys };
	r->choice.recipient = r->o->to;
	r->choice.of_camera = r->named.camera;
	r->choice.campaign = &r->campaign;
	r->choice.purpose = r->o->purpose == PURPOSE_COUNT ? r->campaign.offer.purpose :
		r->o->purpose;
	return find_outbox(r);
}

static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = stop };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int export_run(const struct export_options *o, char *const *clips, unsigned count)
{
	struct run *r = calloc(1, sizeof(*r));
	struct scrim_error err;
	int status;

	if (!r) {
		complain("no memory");
		return EXIT_FAILED;
	}
	r->o = o;
	if (cage_drop_privileges(&err) < 0) {
		complain("%s", err.text);
		status = EXIT_FAILED;
	} else {
		status = prepare(r, clips, count);
	}
	catch_signals();
	if (status == EXIT_DONE)
		status = export_all(r);
	choice_free(&r->choice);
	free(r);
	return status;
}

int export_main(int argc, char **argv)
{
	struct export_options o = { .store = consent_default_store(), .settings = SETTINGS_FILE,
				    .outbox = export_default_outbox(), .purpose = PURPOSE_COUNT,
				    .logs = LOG_FOLDER, .keys = KEY_FOLDER };
	int option, status = EXIT_DONE;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE && (option = getopt_long(argc, argv, "qh", options, NULL)) != -1)
		status = take_option(&o, option);
	if (status != EXIT_DONE)
		return status;
	argc -= optind;
	argv += optind;
	if (argc == 1 && !o.campaign && (!strcmp(argv[0], "on") || !strcmp(argv[0], "off")))
		return export_switch(&o, !strcmp(argv[0], "on"));
	if (!argc || !o.campaign || !o.to) {
		complain("export needs --campaign, --to and clips, or on, or off; see "
			 "`scrim export --help'");
		return EXIT_USAGE;
	}
	return export_run(&o, argv, argc);
}
