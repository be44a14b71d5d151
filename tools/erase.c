// SPDX-License-Identifier: GPL-2.0
/*
 * scrim erase: ask recipients to delete what they were given, and keep what they sign.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "consent.h"
#include "consent/aside.h"
#include "consent/exports.h"
#include "consent/receipts.h"
#include "consent/store.h"
#include "consent/when.h"
#include "ledger.h"
#include "words.h"

static const char usage[] =
"usage: scrim erase BUNDLE|RECORD [--to RECIPIENT] [--output FOLDER] [OPTIONS]\n"
"       scrim erase --receipt FILE [--sig FILE] [OPTIONS]\n"
"       scrim erase --overdue [OPTIONS]\n"
"\n"
"Asks who was given a bundle, or clips that rest on a consent, to delete it: writes a file and\n"
"its signature, to be handed over.  What the recipient signs then is kept with --receipt.\n"
"\n"
"      --to RECIPIENT     only this one of those who have it\n"
"  -o, --output FOLDER    where requests are written (.)\n"
"      --receipt FILE     keep what a recipient signed\n"
"      --sig FILE         its signature (FILE.minisig)\n"
"      --overdue          list what should have been deleted by now and was not\n"
"      --store FOLDER     where the ledger is (~/.local/state/scrim/consent)\n"
"      --json             print JSON\n"
"  -h, --help             print this\n"
"\n"
"Exit status: 0 done; 1 something failed; 2 usage, there is no such bundle, or a file is wrong;\n"
"3 something is overdue; 4 the ledger is not what was written; 5 the receipt is forged.\n";

enum { SOMETHING_OVERDUE = EXIT_DOUBT, FORGED = 5 };

struct options {
	const char *store, *to, *output, *receipt, *signature, *what;
	bool overdue, json;
};

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "to",		required_argument,	NULL, 't' },
		{ "output",	required_argument,	NULL, 'o' },
		{ "receipt",	required_argument,	NULL, 'r' },
		{ "sig",	required_argument,	NULL, 's' },
		{ "overdue",	no_argument,		NULL, 'O' },
		{ "store",	required_argument,	NULL, 'S' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL,		0,			NULL, 0 },
	};
	int option;

	*o = (struct options){ .store = consent_default_store(), .output = "." };
	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while ((option = getopt_long(argc, argv, "ho:", options, NULL)) != -1)
		switch (option) {
		case 't':	o->to = optarg; break;
		case 'o':	o->output = optarg; break;
		case 'r':	o->receipt = optarg; break;
		case 's':	o->signature = optarg; break;
		case 'O':	o->overdue = true; break;
		case 'S':	o->store = optarg; break;
		case 'j':	o->json = true; break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			return EXIT_USAGE;
		}
	o->what = optind < argc ? argv[optind] : NULL;
	if ((o->what != NULL) + (o->receipt != NULL) + o->overdue == 1 && argc - optind <= 1)
		return EXIT_DONE;
	complain("say one of BUNDLE, RECORD, --receipt and --overdue, see `scrim erase --help'");
	return EXIT_USAGE;
}

static int status_of(int ret)
{
	return ret == -EBADMSG ? LEDGER_BROKEN : ret == -EKEYREJECTED ? FORGED :
	       ret == -EINVAL || ret == -EACCES || ret == -ENOENT ? EXIT_USAGE : EXIT_FAILED;
}

static int refuse(int ret, const struct scrim_error *err)
{
	complain("%s", err->text);
	return status_of(ret);
}

static int open_exports(struct exports **e, const struct options *o)
{
	struct scrim_error err;
	char note[SCRIM_TEXT_MAX];
	int ret = exports_open(e, o->store, note, &err);

	if (*note)
		complain("%s", note);
	return ret < 0 ? refuse(ret, &err) : EXIT_DONE;
}

/* Asking */

struct asking {
	const struct options *o;
	struct exports *e;
	struct chain consents;		/* the last entry of their log; seq 0: it cannot be said */
	int folder;
	json_t *list;			/* of what was written */
};

/* FOLDER/NAME and FOLDER/NAME.minisig; the document comes last, when it can be checked. */
static int write_request(const struct asking *a, const char *name, const char *text,
			 struct scrim_error *err)
{
	char signature[MINISIGN_TEXT_MAX], file[256], comment[160];
	int ret;

	snprintf(comment, sizeof(comment), "request to delete, %.100s", name);
	minisign_write(signature, exports_key(a->e), text, strlen(text), comment);
	snprintf(file, sizeof(file), "%s.minisig", name);
	ret = aside_write(a->folder, file, signature, 0644, ASIDE_INSTEAD, err);
	return ret < 0 ? ret : aside_write(a->folder, name, text, 0644, ASIDE_INSTEAD, err);
}

static int ask(struct asking *a, const struct kept_bundle *b, unsigned recipient,
	       const char *record_id)
{
	struct export_request r = { .at = time(NULL), .consents = a->consents };
	struct scrim_error err;
	char name[200], *text;
	int ret;

	memcpy(r.bundle, b->id, sizeof(r.bundle));
	memcpy(r.recipient, b->given->recipient[recipient].id, sizeof(r.recipient));
	snprintf(r.record_id, sizeof(r.record_id), "%s", record_id);
	ret = exports_request(a->e, &r, &err);
	if (ret < 0)
		return refuse(ret, &err);
	text = deletion_request_text(&r, b->given);
	snprintf(name, sizeof(name), "%s-%s.erase.json", r.bundle, r.recipient);
	ret = text ? write_request(a, name, text, &err) :
	      fail(&err, -ENOMEM, "no memory for a request");
	free(text);
	if (ret < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	if (a->o->json)
		json_array_append_new(a->list, json_pack("{ss ss ss}", "bundle", r.bundle,
				      "recipient", r.recipient, "file", name));
	else
		print_words(stdout, "%s/%s: for %s, with %s.minisig", a->o->output, name,
			    r.recipient, name);
	return EXIT_DONE;
}

/* All who have it and have not said that it is gone, or the one that was named. */
static int ask_all(struct asking *a, const struct kept_bundle *b, const char *record_id,
		   unsigned *asked)
{
	int status = EXIT_DONE;

	for (unsigned i = 0; status == EXIT_DONE && i < b->given->recipients; i++) {
		const char *id = b->given->recipient[i].id;

		if (b->erasure[i].deleted || (a->o->to && strcmp(a->o->to, id)))
			continue;
		status = ask(a, b, i, record_id);
		(*asked)++;
	}
	return status;
}

/* Ids of bundles that rest on the consent, each with its NUL; *count of them. */
static int find_marked(char (**ids)[UUID_TEXT_MAX], unsigned *count, const struct options *o)
{
	static struct ledger_files files;
	struct books books = { .record_id = o->what };
	struct log_verdict verdict;
	int status = ledger_open_files(&files, o->store);

	if (status == EXIT_DONE)
		status = ledger_read(&books, &files, &verdict);
	*ids = calloc(books.count + 1, sizeof(**ids));
	for (unsigned i = 0; *ids && i < books.count; i++)
		if (books.at[i]->given && books.at[i]->marked)
			memcpy((*ids)[(*count)++], books.at[i]->id, UUID_TEXT_MAX);
	if (!*ids)
		status = EXIT_FAILED;
	books_free(&books);
	ledger_close_files(&files);
	return status;
}

static int ask_found(struct asking *a, char (*ids)[UUID_TEXT_MAX], unsigned count)
{
	const struct kept_bundle *b = books_find(exports_books(a->e), a->o->what);
	unsigned asked = 0;
	int status = EXIT_DONE;

	if (b && b->given)
		status = ask_all(a, b, "", &asked);
	for (unsigned i = 0; status == EXIT_DONE && i < count; i++)
		status = ask_all(a, books_find(exports_books(a->e), ids[i]), a->o->what, &asked);
	if (status == EXIT_DONE && !asked) {
		complain("nobody has what '%s' means%s%s", a->o->what, a->o->to ? ", or not " : "",
			 a->o->to ? a->o->to : "");
		return EXIT_USAGE;
	}
	if (a->o->json)
		print_document(json_incref(a->list));
	return status;
}

/* A log that is not what was written keeps nobody from asking. */
static struct chain find_consents(const char *store)
{
	static struct store_matches there;

	return store_find(&there, store, "", NULL) < 0 ? (struct chain){ 0 } : there.last;
}

static int erase(const struct options *o)
{
	struct asking a = { .o = o, .folder = open(o->output, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	char (*ids)[UUID_TEXT_MAX] = NULL;
	unsigned count = 0;
	int status;

	if (a.folder < 0) {
		complain("cannot open %s: %s", o->output, strerror(errno));
		return EXIT_USAGE;
	}
	a.list = json_array();
	status = find_marked(&ids, &count, o);
	if (status == EXIT_DONE)
		status = open_exports(&a.e, o);
	if (status == EXIT_DONE) {
		a.consents = find_consents(o->store);
		status = ask_found(&a, ids, count);
	}
	exports_close(a.e);
	json_decref(a.list);
	free(ids);
	close(a.folder);
	return status;
}

/* Receipts */

static int keep_receipt(const struct options *o)
{
	char *signature = NULL, deleted[WHEN_TEXT_MAX];
	struct export_receipt receipt;
	struct exports *e = NULL;
	struct scrim_error err;
	int ret, status = open_exports(&e, o);

	if (status != EXIT_DONE)
		return status;
	if (!o->signature && asprintf(&signature, "%s.minisig", o->receipt) < 0)
		signature = NULL;
	ret = deletion_receipt_load(&receipt, exports_books(e), o->receipt,
				    o->signature ? o->signature : signature ? signature : "", &err);
	if (ret >= 0 && receipt.deleted > time(NULL) + CLOCK_SLACK)
		ret = fail(&err, -EINVAL, "%s: it is of a time that has not come", o->receipt);
	if (ret >= 0)
		ret = exports_receipt(e, &receipt, &err);
	exports_close(e);
	free(signature);
	if (ret < 0)
		return ret == -EBADMSG ? refuse(-EINVAL, &err) : refuse(ret, &err);
	if (ret > 0)
		complain("%s", err.text);
	when_write(deleted, receipt.deleted);
	if (o->json)
		print_document(json_pack("{ss ss ss so}", "bundle", receipt.bundle, "recipient",
			receipt.recipient, "deleted", deleted, "record_id", *receipt.record_id ?
			json_string(receipt.record_id) : json_null()));
	else
		print_words(stdout, "%s: %s deleted %s%s at %s", receipt.bundle, receipt.recipient,
			    *receipt.record_id ? "what rests on consent " : "it",
			    receipt.record_id, deleted);
	return EXIT_DONE;
}

/* What is overdue */

static bool print_overdue(const struct books *books, bool json)
{
	json_t *list = json_array();
	int64_t now = time(NULL);
	char day[WHEN_TEXT_MAX];
	bool any;

	for (unsigned i = 0; i < books->count; i++) {
		const struct kept_bundle *b = books->at[i];

		for (unsigned r = 0; b->given && r < b->given->recipients; r++) {
			if (!erasure_is_overdue(b, r, now))
				continue;
			when_write(day, b->given->delete_by);
			json_array_append_new(list, json_pack("{ss ss ss sb}", "bundle", b->id,
				"recipient", b->given->recipient[r].id, "delete_by", day,
				"asked", b->erasure[r].requested > 0));
			if (!json)
				print_words(stdout, "%s: %s should have deleted it by %s%s", b->id,
					    b->given->recipient[r].id, day,
					    b->erasure[r].requested ? ", and was asked to" : "");
		}
	}
	any = json_array_size(list);
	if (json)
		print_document(json_incref(list));
	json_decref(list);
	return any;
}

static int overdue(const struct options *o)
{
	static struct ledger_files files;
	struct books books = { 0 };
	struct log_verdict verdict;
	int status = ledger_open_files(&files, o->store);
	bool any = false;

	if (status == EXIT_DONE)
		status = tool_cage();
	if (status == EXIT_DONE)
		status = ledger_read(&books, &files, &verdict);
	if (status == EXIT_DONE || status == LEDGER_BROKEN)
		any = print_overdue(&books, o->json);
	books_free(&books);
	ledger_close_files(&files);
	return status == EXIT_DONE && any ? SOMETHING_OVERDUE : status;
}

int erase_main(int argc, char **argv)
{
	struct scrim_error err;
	struct options o;
	int status = parse(&o, argc, argv);

	if (status != EXIT_DONE)
		return status;
	if (minisign_init(&err) < 0)
		return refuse(-EIO, &err);
	return o.overdue ? overdue(&o) : o.receipt ? keep_receipt(&o) : erase(&o);
}
