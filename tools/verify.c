// SPDX-License-Identifier: GPL-2.0
/*
 * scrim verify: whether logs are what was written, and where they are not.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/key.h"
#include "log.h"
#include "words.h"

static const char usage[] =
"usage: scrim verify [CAMERA] [OPTIONS]\n"
"\n"
"Reads the log of a camera, or of all, and names the first entry that is not what was written.\n"
"\n"
"      --head FILE    compare with a head that was kept elsewhere (see `scrim log --head')\n"
"      --key FILE     a public key; without any, those of this machine (" KEY_FOLDER ")\n"
"      --folder PATH  where the logs are (" LOG_FOLDER ")\n"
"      --json         print one JSON document\n"
"  -h, --help         print this\n"
"\n"
"Exit status: 0 whole; 1 it could not be read; 2 usage, or there is no such log;\n"
"3 what is here is whole, but its beginning is not here, or nothing is; 4 broken.\n";

enum { NO_BEGINNING = 3 };

static int parse(struct log_options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "head",	required_argument,	NULL, 'H' },
		{ "key",	required_argument,	NULL, 'k' },
		{ "folder",	required_argument,	NULL, 'f' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL,		0,			NULL, 0 },
	};
	int option, status = EXIT_DONE;

	*o = (struct log_options){ .folder = LOG_FOLDER };
	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE && (option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'H':	o->kept = optarg; break;
		case 'k':	status = log_add_key(o, optarg); break;
		case 'f':	o->folder = optarg; break;
		case 'j':	o->json = true; break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			status = EXIT_USAGE;
		}
	if (status == EXIT_DONE && argc - optind > 1) {
		complain("too many words for `scrim verify', see `scrim verify --help`");
		status = EXIT_USAGE;
	}
	o->camera = optind < argc ? argv[optind] : NULL;
	if (status == EXIT_DONE && o->kept && !o->camera) {
		complain("a head is that of one log: say which camera");
		status = EXIT_USAGE;
	}
	return status;
}

/* Entries that are gone are vouched for by a head that was kept, and names the one before. */
static bool has_beginning(const struct log_verdict *v)
{
	return v->first <= 1 || v->kept == HEAD_AGREES || v->kept == HEAD_BEHIND;
}

/* A log begins with an entry and a head: who took both away left this. */
static bool is_emptied(const struct log_verdict *v)
{
	return !v->broken && !v->entries && v->head == HEAD_NONE;
}

static int status_of(const struct log_verdict *v)
{
	return v->broken ? LOG_BROKEN : has_beginning(v) && !is_emptied(v) ? EXIT_DONE : NO_BEGINNING;
}

static const char *s(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void print_verdict(const struct log_files *files, const struct log_verdict *v)
{
	char more[256] = "";
	size_t used = 0;

	if (is_emptied(v)) {
		print_words(stdout, "%s: not whole: there is no entry and no head, so what was "
			    "written is not here", files->log);
		return;
	}
	if (v->first > 1)
		used += snprintf(more + used, sizeof(more) - used, "; it begins with entry %llu, "
				 "what is older is not here%s", (unsigned long long)v->first,
				 has_beginning(v) ? ", but the head vouches for it" : "");
	if (v->torn_lines)
		used += snprintf(more + used, sizeof(more) - used, "; %llu torn line%s, vouched for",
				 (unsigned long long)v->torn_lines, s(v->torn_lines));
	if (v->rest.bytes)
		snprintf(more + used, sizeof(more) - used, "; the last line is torn, the next entry "
			 "will say so");
	print_words(stdout, "%s: whole: %llu entr%s in %u file%s%s", files->log,
		    (unsigned long long)v->entries, v->entries == 1 ? "y" : "ies", files->count,
		    s(files->count), more);
}

static json_t *verdict_json(const struct log_files *files, const struct log_verdict *v)
{
	static const char *const heads[] = {
		[HEAD_NONE] = "none", [HEAD_AGREES] = "agrees", [HEAD_BEHIND] = "behind",
		[HEAD_OLDER] = "older",
	};
	char hash[ENTRY_HASH_TEXT_MAX], where[4200] = "";
	json_t *broken = json_null();

	entry_hash_text(hash, v->last.hash);
	if (v->broken)
		broken = json_pack("{so so}", "where", json_words(log_where(files, v, where,
				   sizeof(where))), "what", json_words(v->what));
	return json_pack("{ss sb so sI sI sI ss sI sI sb ss ss}", "log", files->log,
			 "whole", !v->broken && !is_emptied(v), "broken", broken,
			 "files", (json_int_t)files->count, "entries", (json_int_t)v->entries,
			 "last", (json_int_t)v->last.seq, "hash", hash,
			 "first", (json_int_t)v->first, "torn_lines", (json_int_t)v->torn_lines,
			 "torn_end", v->rest.bytes && !v->broken, "head", heads[v->head],
			 "kept_head", heads[v->kept]);
}

/* The worst of all counts. */
static int report(const struct logs *logs, const struct log_verdict *verdicts, bool json)
{
	int status = EXIT_DONE;
	json_t *list = json_array();

	for (unsigned i = 0; i < logs->count; i++) {
		int one = status_of(&verdicts[i]);

		if (json)
			json_array_append_new(list, verdict_json(logs->files[i], &verdicts[i]));
		else if (verdicts[i].broken)
			log_complain(logs->files[i], &verdicts[i]);
		else
			print_verdict(logs->files[i], &verdicts[i]);
		status = one > status ? one : status;
	}
	if (json) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(list);
	return status;
}

/* A head is replaced while we look: what is broken only once is not. */
#define TRIES	3

static int verify_all(struct logs *logs, struct log_verdict *verdicts, const struct log_options *o)
{
	struct scrim_error err;
	bool broken = true;
	int status = EXIT_DONE;

	for (unsigned try = 0; broken && try < TRIES && status == EXIT_DONE; try++) {
		broken = false;
		logs_close(logs);
		status = logs_open(logs, o);
		for (unsigned i = 0; status == EXIT_DONE && i < logs->count; i++) {
			if (log_verify(logs->files[i], &verdicts[i], &err) < 0) {
				complain("%s", err.text);
				status = EXIT_FAILED;
			}
			broken |= verdicts[i].broken;
		}
	}
	return status;
}

int verify_main(int argc, char **argv)
{
	static struct log_verdict verdicts[LOGS_MAX];
	static struct logs logs;
	struct log_options o;
	int status = parse(&o, argc, argv);

	if (status == EXIT_DONE)
		status = verify_all(&logs, verdicts, &o);
	if (status == EXIT_DONE)
		status = tool_cage();
	if (status == EXIT_DONE)
		status = report(&logs, verdicts, o.json);
	logs_close(&logs);
	return status;
}
