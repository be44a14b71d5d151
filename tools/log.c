// SPDX-License-Identifier: GPL-2.0
/*
 * scrim log: the entries of a camera's log, or of all, as far as nobody edited them.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "consent/key.h"
#include "log.h"
#include "text.h"
#include "words.h"

#define LAST_MAX	100000

static const char usage[] =
"usage: scrim log [CAMERA] [OPTIONS]\n"
"\n"
"Prints the log of a camera, or of all: who changed what may be seen, and when.\n"
"\n"
"  -n, --last N       only the last N entries\n"
"  -f, --follow       go on and print what is added\n"
"      --head         print the head of the log instead, to be kept elsewhere\n"
"      --key FILE     a public key; without any, those of this machine (" KEY_FOLDER ")\n"
"      --folder PATH  where the logs are (" LOG_FOLDER ")\n"
"      --json         print entries as they are, a JSON document a line\n"
"  -h, --help         print this\n"
"\n"
"Exit status: 0 done; 1 it could not be read; 2 usage, or there is no such log;\n"
"4 broken: nothing is printed from there on.\n";

struct options {
	struct log_options log;
	unsigned last;			/* 0: all */
	bool follow, head;
};

static int parse_last(struct options *o, const char *text)
{
	unsigned long last = strtoul(text, NULL, 10);

	if (!*text || text[strspn(text, "0123456789")] || strlen(text) > 6 || !last ||
	    last > LAST_MAX) {
		complain("--last: '%s' is not a number from 1 to %d", text, LAST_MAX);
		return EXIT_USAGE;
	}
	o->last = last;
	return EXIT_DONE;
}

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "last",	required_argument,	NULL, 'n' },
		{ "follow",	no_argument,		NULL, 'f' },
		{ "head",	no_argument,		NULL, 'H' },
		{ "key",	required_argument,	NULL, 'k' },
		{ "folder",	required_argument,	NULL, 'F' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL,		0,			NULL, 0 },
	};
	int option, status = EXIT_DONE;

	*o = (struct options){ .log.folder = LOG_FOLDER };
	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE && (option = getopt_long(argc, argv, "n:fh", options, NULL)) != -1)
		switch (option) {
		case 'n':	status = parse_last(o, optarg); break;
		case 'f':	o->follow = true; break;
		case 'H':	o->head = true; break;
		case 'k':	status = log_add_key(&o->log, optarg); break;
		case 'F':	o->log.folder = optarg; break;
		case 'j':	o->log.json = true; break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_DONE);
		default:
			status = EXIT_USAGE;
		}
	if (status == EXIT_DONE && argc - optind > 1) {
		complain("too many words for `scrim log', see `scrim log --help`");
		status = EXIT_USAGE;
	}
	o->log.camera = optind < argc ? argv[optind] : NULL;
	return status;
}

/* An entry in words */

/* Hashes are compared by machines; twelve digits are enough to be told apart by people. */
static void print_text(FILE *to, const char *text)
{
	bool hash = strlen(text) == ENTRY_HASH_TEXT_MAX - 1 &&
		    strspn(text, "0123456789abcdef") == strlen(text);

	fprintf(to, "%.*s", hash ? 12 : (int)strlen(text), text);
}

static void print_value(FILE *to, const json_t *value)
{
	if (json_is_string(value))
		print_text(to, json_string_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "yes" : "no", to);
	else
		json_dumpf(value, to, JSON_ENCODE_ANY | JSON_COMPACT);
}

/* Lists follow, a line for each thing in them. */
static void print_lists(FILE *to, json_t *fields)
{
	const char *key;
	json_t *value, *item;
	size_t i;

	json_object_foreach(fields, key, value)
		json_array_foreach(value, i, item) {
			fputs("\n    ", to);
			print_value(to, item);
		}
}

static void print_fields(FILE *to, json_t *fields)
{
	const char *key, *comma = ": ";
	json_t *value;

	json_object_foreach(fields, key, value) {
		if (json_is_array(value))
			continue;
		fprintf(to, "%s%s ", comma, key);
		print_value(to, value);
		comma = ", ";
	}
	print_lists(to, fields);
}

static char *text_of(const struct entry *entry, const char *line, size_t size, bool json)
{
	size_t length;
	char *text = NULL;
	FILE *to = open_memstream(&text, &length);

	if (!to)
		return NULL;
	if (json) {
		fprintf(to, "%.*s", (int)size, line);
	} else {
		fprintf(to, "%s %s %llu %s", entry->at, entry->log, (unsigned long long)entry->seq,
			entry->kind);
		print_fields(to, entry->fields);
	}
	fclose(to);
	/* What is no line's end is no control character: terminals obey those. */
	for (char *c = text; c && *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\n') || *c == 0x7f)
			*c = '?';
	return text;
}

/* Which entries are printed */

/* Of each log: entries up to this one were printed before. */
struct seen {
	char log[LOG_NAME_MAX];
	uint64_t seq;
};

struct printing {
	const struct options *o;
	uint64_t *seen;
	char **ring;			/* the last ones; NULL: all are printed at once */
	uint64_t count;			/* of texts that went into the ring */
};

static int print_entry(void *ctx, const struct entry *entry, const char *line, size_t size)
{
	struct printing *p = ctx;
	char *text;

	if (entry->seq <= *p->seen)
		return 0;
	*p->seen = entry->seq;
	text = text_of(entry, line, size, p->o->log.json);
	if (!text)
		return -ENOMEM;
	if (p->ring) {
		free(p->ring[p->count % p->o->last]);
		p->ring[p->count++ % p->o->last] = text;
	} else {
		puts(text);
		free(text);
	}
	return 0;
}

static void empty_ring(struct printing *p)
{
	for (unsigned i = 0; i < p->o->last; i++) {
		char **text = &p->ring[(p->count + i) % p->o->last];

		if (*text)
			puts(*text);
		free(*text);
	}
	free(p->ring);
}

/* There may be more logs than before. */
static uint64_t *find_seen(struct seen *seen, const char *log)
{
	unsigned i = 0;

	while (i + 1 < LOGS_MAX && *seen[i].log && strcmp(seen[i].log, log))
		i++;
	snprintf(seen[i].log, sizeof(seen[i].log), "%s", log);
	return &seen[i].seq;
}

/* seen: of all logs; NULL: nothing was printed before. */
static int print_log(const struct log_files *files, const struct options *o, struct seen *seen)
{
	uint64_t none = 0;
	struct printing p = { .o = o, .seen = seen ? find_seen(seen, files->log) : &none };
	const struct log_reader reader = { .each = print_entry, .ctx = &p };
	bool again = *p.seen;
	struct log_verdict verdict;
	struct scrim_error err;
	int ret;

	if (o->last && !again)
		p.ring = calloc(o->last, sizeof(*p.ring));
	fail(&err, -ENOMEM, "no memory to print a log");
	ret = o->last && !again && !p.ring ? -ENOMEM : log_read(files, &reader, &verdict, &err);
	if (p.ring)
		empty_ring(&p);
	if (ret < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	/* While somebody writes, the head may be ahead of what was read. */
	if (!verdict.broken || (seen && verdict.file == BROKEN_HEAD))
		return EXIT_DONE;
	fflush(stdout);
	log_complain(files, &verdict);
	return LOG_BROKEN;
}

static int print_head(const struct log_files *files)
{
	char *text = NULL, again[HEAD_TEXT_MAX];
	struct scrim_error err;
	struct head head;
	size_t size;
	int ret;

	if (files->head.fd < 0)
		ret = fail(&err, -ENOENT, "the log of '%s' has no head", files->log);
	else
		ret = text_read(&text, &size, HEAD_TEXT_MAX - 1, files->head.fd, files->head.name, &err);
	if (ret >= 0)
		ret = head_read(&head, text, files->head.name, &err);
	free(text);
	if (ret < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	head_write(again, head.log, &head.chain);
	fputs(again, stdout);
	return EXIT_DONE;
}

static int print_all(const struct options *o, struct seen *seen)
{
	static struct logs logs;
	int status = logs_open(&logs, &o->log);

	if (status == EXIT_DONE)
		status = tool_cage();
	for (unsigned i = 0; status == EXIT_DONE && i < logs.count; i++)
		status = o->head ? print_head(logs.files[i]) :
			 print_log(logs.files[i], o, seen);
	logs_close(&logs);
	return status;
}

/* Following */

static int print_in_child(const struct options *o, struct seen *seen)
{
	int status, pid = fork();

	if (pid < 0) {
		complain("cannot start a worker: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (!pid) {
		status = print_all(o, seen);
		_exit(fflush(stdout) == 0 ? status : EXIT_FAILED);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

/*
 * This process only waits; for each change another one opens the files, locks itself in and
 * prints what is new.  Where it stopped is all that comes back.
 */
static int follow(const struct options *o)
{
	struct seen *seen = mmap(NULL, LOGS_MAX * sizeof(*seen), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int changes = inotify_init1(IN_CLOEXEC), status = EXIT_DONE;
	char events[4096];

	if (seen == MAP_FAILED || changes < 0 ||
	    inotify_add_watch(changes, o->log.folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
		complain("cannot follow %s: %s", o->log.folder, strerror(errno));
		return EXIT_FAILED;
	}
	do
		status = print_in_child(o, seen);
	while (status == EXIT_DONE && read(changes, events, sizeof(events)) > 0);
	close(changes);
	return status;
}

int log_main(int argc, char **argv)
{
	struct options o;
	int status = parse(&o, argc, argv);

	if (status != EXIT_DONE)
		return status;
	if (o.follow && !o.head)
		return follow(&o);
	return print_all(&o, NULL);
}
