// SPDX-License-Identifier: GPL-2.0
/*
 * scrim redact: photos and videos in, the same with faces covered out.  Files run
 * side by side, each in a caged worker; here is only what starts and ends them.
 */
#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "job.h"
#include "progress.h"
#include "tools.h"

#define JOBS_MAX	64
#define SHEET_FILES_MAX	24	/* more would not be looked at */
#define TICK_MS		200

/* An option that is a key of the policy: set in the order given. */
struct setting {
	const char *key;
	char *value;
};

struct redact {
	/* from the command line */
	const char *out, *policy_file, *camera, *report, *sheet, *codec;
	struct setting *settings;
	size_t settings_count;
	unsigned jobs;
	bool keep_audio, resume, force, json, quiet;

	struct policy policy;
	struct files files;
	struct progress progress;
	struct outfile report_file;
	bool report_begun;
	int tiles[SHEET_FILES_MAX];
	unsigned tiles_count;
};

/* One file under way. */
struct run {
	struct job job;
	const struct file *file;
	int watch;			/* readable when it has ended; -1: free */
	int report;			/* its part of the report; -1: none */
	double started;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = 1;
}

static const char usage[] =
"usage: scrim redact IN... -o OUT [OPTIONS]\n"
"\n"
"Covers every face in photos (JPEG, PNG) and videos.  IN may be a folder; OUT is\n"
"then one too.  Sound is left out, and so are all metadata.\n"
"\n"
"  -o, --output OUT        file, or folder for several\n"
"      --faces METHOD      fill (default), mosaic, blur or show\n"
"      --moving METHOD     cover what moves as well: fill, mosaic, blur\n"
"      --region POLYGON    cover this place: x,y x,y x,y... in fractions; repeatable\n"
"      --reveal POLYGON    cover everything but this place; repeatable\n"
"      --policy FILE       take all that from a policy, see scrim.conf(5)\n"
"      --camera NAME       which camera of the policy\n"
"      --detector NAME     face (default), motion, or none\n"
"      --detect-size WxH   what the face network sees (640x360)\n"
"      --model FILE        another face model: UltraFace or YuNet, ONNX\n"
"      --boxes FILE        no detector: boxes from a file, see scrim(1)\n"
"      --codec NAME        encoder, as libavcodec calls it (libx264)\n"
"      --keep-audio        copy the sound\n"
"  -j, --jobs N            files side by side\n"
"      --resume            leave out files that OUT already has\n"
"      --force             replace files that OUT already has\n"
"      --report FILE.json  what was covered, where and why, frame by frame\n"
"      --sheet FILE.png    contact sheet, before and after: shows uncovered faces\n"
"      --json              progress and results as a JSON object a line\n"
"  -q, --quiet             errors only\n"
"\n"
"Exit status: 0 done, 1 a file failed, 2 usage, 3 done but something was covered\n"
"whole because of doubt, 130 stopped.\n";

enum option_code {
	OPT_POLICY_KEY = 256,		/* the option's name is the policy's key */
	OPT_POLYGON,			/* the same, its words may follow one by one */
	OPT_BOXES, OPT_POLICY, OPT_CAMERA, OPT_CODEC, OPT_KEEP_AUDIO, OPT_RESUME,
	OPT_FORCE, OPT_REPORT, OPT_SHEET, OPT_JSON,
};

static const struct option options[] = {
	{ "output",	required_argument,	NULL, 'o' },
	{ "faces",	required_argument,	NULL, OPT_POLICY_KEY },
	{ "moving",	required_argument,	NULL, OPT_POLICY_KEY },
	{ "detector",	required_argument,	NULL, OPT_POLICY_KEY },
	{ "detect-size", required_argument,	NULL, OPT_POLICY_KEY },
	{ "model",	required_argument,	NULL, OPT_POLICY_KEY },
	{ "region",	required_argument,	NULL, OPT_POLYGON },
	{ "reveal",	required_argument,	NULL, OPT_POLYGON },
	{ "boxes",	required_argument,	NULL, OPT_BOXES },
	{ "policy",	required_argument,	NULL, OPT_POLICY },
	{ "camera",	required_argument,	NULL, OPT_CAMERA },
	{ "codec",	required_argument,	NULL, OPT_CODEC },
	{ "keep-audio",	no_argument,		NULL, OPT_KEEP_AUDIO },
	{ "jobs",	required_argument,	NULL, 'j' },
	{ "resume",	no_argument,		NULL, OPT_RESUME },
	{ "force",	no_argument,		NULL, OPT_FORCE },
	{ "report",	required_argument,	NULL, OPT_REPORT },
	{ "sheet",	required_argument,	NULL, OPT_SHEET },
	{ "json",	no_argument,		NULL, OPT_JSON },
	{ "quiet",	no_argument,		NULL, 'q' },
	{ "help",	no_argument,		NULL, 'h' },
	{ NULL,		0,			NULL, 0 },
};

static int add_setting(struct redact *r, const char *key, const char *value)
{
	struct setting *settings = realloc(r->settings, (r->settings_count + 1) * sizeof(*settings));
	char *copy = strdup(value);

	if (settings)
		r->settings = settings;
	if (!settings || !copy) {
		free(copy);
		complain("no memory for the command line");
		return EXIT_FAILED;
	}
	r->settings[r->settings_count++] = (struct setting){ key, copy };
	return EXIT_DONE;
}

static bool is_point(const char *word)
{
	return word && (isdigit((unsigned char)*word) || *word == '.') &&
	       strchr(word, ',') && !word[strspn(word, "0123456789.,eE-+")];
}

/* --region 0,0 1,0 1,1 as three words, or '0,0 1,0 1,1' as one. */
static int add_polygon(struct redact *r, const char *key, int argc, char **argv)
{
	char text[4096];
	size_t length = snprintf(text, sizeof(text), "%s", optarg);

	while (optind < argc && is_point(argv[optind]) && length < sizeof(text))
		length += snprintf(text + length, sizeof(text) - length, " %s", argv[optind++]);
	if (length >= sizeof(text)) {
		complain("--%s: the polygon is too long", key);
		return EXIT_USAGE;
	}
	return add_setting(r, key, text);
}

static int add_boxes(struct redact *r, const char *path)
{
	int status = add_setting(r, "detector", "replay");

	return status == EXIT_DONE ? add_setting(r, "replay", path) : status;
}

static int parse_jobs(struct redact *r, const char *text)
{
	char *end;
	unsigned long jobs = strtoul(text, &end, 10);

	if (*end || !isdigit((unsigned char)*text) || jobs < 1 || jobs > JOBS_MAX) {
		complain("--jobs: '%s' is not a number from 1 to %d", text, JOBS_MAX);
		return EXIT_USAGE;
	}
	r->jobs = jobs;
	return EXIT_DONE;
}

static int take_option(struct redact *r, int option, int index, int argc, char **argv)
{
	switch (option) {
	case 'o':		r->out = optarg; return EXIT_DONE;
	case 'j':		return parse_jobs(r, optarg);
	case 'q':		r->quiet = true; return EXIT_DONE;
	case OPT_POLICY_KEY:	return add_setting(r, options[index].name, optarg);
	case OPT_POLYGON:	return add_polygon(r, options[index].name, argc, argv);
	case OPT_BOXES:		return add_boxes(r, optarg);
	case OPT_POLICY:	r->policy_file = optarg; return EXIT_DONE;
	case OPT_CAMERA:	r->camera = optarg; return EXIT_DONE;
	case OPT_CODEC:		r->codec = optarg; return EXIT_DONE;
	case OPT_KEEP_AUDIO:	r->keep_audio = true; return EXIT_DONE;
	case OPT_RESUME:	r->resume = true; return EXIT_DONE;
	case OPT_FORCE:		r->force = true; return EXIT_DONE;
	case OPT_REPORT:	r->report = optarg; return EXIT_DONE;
	case OPT_SHEET:		r->sheet = optarg; return EXIT_DONE;
	case OPT_JSON:		r->json = true; return EXIT_DONE;
	}
	fputs("scrim: see `scrim redact --help`\n", stderr);
	return EXIT_USAGE;
}

static int parse_command_line(struct redact *r, int argc, char **argv)
{
	int option, index = 0, status = EXIT_DONE;

	r->jobs = 1;
	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE &&
	       (option = getopt_long(argc, argv, "o:j:qh", options, &index)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(EXIT_DONE);
		}
		status = take_option(r, option, index, argc, argv);
	}
	if (status != EXIT_DONE)
		return status;
	if (optind == argc || !r->out || !*r->out) {
		complain(optind == argc ? "no input, see `scrim redact --help`" :
			 "no output: say -o FILE or -o FOLDER");
		return EXIT_USAGE;
	}
	if (r->camera && !r->policy_file) {
		complain("--camera needs --policy");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int make_policy(struct redact *r)
{
	struct scrim_error err;

	policy_default(&r->policy);
	if (r->policy_file && policy_load(&r->policy, r->policy_file, r->camera, &err) < 0) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < r->settings_count; i++)
		if (policy_set(&r->policy, r->settings[i].key, r->settings[i].value, &err) < 0) {
			complain("%s", err.text);
			return EXIT_USAGE;
		}
	return EXIT_DONE;
}

/* A file without a name, for what one worker tells another or the parent. */
static int nameless_file(struct scrim_error *err)
{
	FILE *file = tmpfile();
	int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;

	if (fd < 0)
		fail(err, -errno, "cannot make a temporary file: %s", strerror(errno));
	if (file)
		fclose(file);
	return fd;
}

/* The report: an object a file, whose frames the worker has written. */

static int report_text(struct redact *r, const char *text, size_t size, struct scrim_error *err)
{
	while (size) {
		ssize_t n = write(r->report_file.fd, text, size);

		if (n < 0)
			return fail(err, -errno, "cannot write %s: %s", r->report, strerror(errno));
		text += n;
		size -= n;
	}
	return 0;
}

static int report_head(struct redact *r, const struct run *run,
		       const struct job_result *result, struct scrim_error *err)
{
	json_t *head = json_pack("{ss ss si si sI sI sI}", "in", run->file->in,
				 "out", run->file->out, "width", result->width,
				 "height", result->height, "frames_count", (json_int_t)result->frames,
				 "faces", (json_int_t)result->faces, "whole", (json_int_t)result->whole);
	char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;
	int ret;

	json_decref(head);
	if (!text)
		return fail(err, -ENOMEM, "no memory for the report");
	ret = report_text(r, r->report_begun ? ",\n" : "\n", r->report_begun ? 2 : 1, err);
	r->report_begun = true;
	if (ret >= 0)		/* without the closing brace */
		ret = report_text(r, text, strlen(text) - 1, err);
	free(text);
	return ret < 0 ? ret : report_text(r, ",\"frames\":[", 11, err);
}

static int report_file(struct redact *r, const struct run *run,
		       const struct job_result *result, struct scrim_error *err)
{
	char buffer[65536];
	ssize_t n;
	int ret;

	ret = report_head(r, run, result, err);
	lseek(run->report, 0, SEEK_SET);
	while (ret >= 0 && (n = read(run->report, buffer, sizeof(buffer))) > 0)
		ret = report_text(r, buffer, n, err);
	return ret < 0 ? ret : report_text(r, "\n]}", 3, err);
}

static int report_open(struct redact *r, struct scrim_error *err)
{
	char head[128];
	int ret, length;

	if (!r->report)
		return 0;
	ret = outfile_open(&r->report_file, r->report, 0666, true, err);
	if (ret < 0)
		return ret;
	length = snprintf(head, sizeof(head), "{\"schema\":\"scrim.report/1\",\"tool\":\"scrim %s\",\"files\":[",
			  scrim_version());
	return report_text(r, head, length, err);
}

static int report_close(struct redact *r, struct scrim_error *err)
{
	int ret;

	if (!r->report)
		return 0;
	ret = report_text(r, "\n]}\n", 4, err);
	return ret < 0 ? ret : outfile_commit(&r->report_file, true, err);
}

static int start(struct redact *r, struct run *run, const struct file *file,
		 struct scrim_error *err)
{
	struct job_request request = {
		.in = file->in, .out = file->out, .policy = &r->policy,
		.codec = r->codec, .keep_audio = r->keep_audio, .replace = r->force,
		.report = -1, .sheet = -1,
	};
	int ret;

	run->file = file;
	run->report = -1;
	run->started = seconds_now();
	ret = files_make_folder(file->out, err);
	if (ret >= 0 && r->report)
		ret = request.report = run->report = nameless_file(err);
	if (ret >= 0 && r->sheet && r->tiles_count < SHEET_FILES_MAX) {
		ret = request.sheet = nameless_file(err);
		if (ret >= 0)
			r->tiles[r->tiles_count++] = request.sheet;
	}
	if (ret >= 0)
		ret = job_start(&run->job, &request, err);
	if (ret >= 0) {
		run->watch = ret = job_watch(&run->job, err);
		if (ret < 0)
			job_stop(&run->job);
	}
	if (ret < 0 && run->report >= 0)
		close(run->report);
	return ret;
}

static void finish(struct redact *r, struct run *run)
{
	struct job_result result;
	struct scrim_error err;
	int ret;

	close(run->watch);
	run->watch = -1;
	ret = job_finish(&run->job, &result, &err);
	if (ret >= 0 && r->report)
		ret = report_file(r, run, &result, &err);
	if (run->report >= 0)
		close(run->report);
	if (ret < 0)
		progress_failed(&r->progress, run->file, &err);
	else
		progress_done(&r->progress, run->file, &result, seconds_now() - run->started);
}

/* Fills free places; returns how many jobs run. */
static unsigned start_some(struct redact *r, struct run *runs, size_t *next)
{
	struct scrim_error err;
	unsigned running = 0;

	for (unsigned i = 0; i < r->jobs; i++) {
		while (runs[i].watch < 0 && *next < r->files.count) {
			const struct file *file = &r->files.at[(*next)++];

			if (r->resume && access(file->out, F_OK) == 0)
				progress_skipped(&r->progress, file);
			else if (start(r, &runs[i], file, &err) < 0)
				progress_failed(&r->progress, file, &err);
		}
		running += runs[i].watch >= 0;
	}
	return running;
}

static void tick(struct redact *r, const struct run *runs)
{
	struct job_result results[JOBS_MAX];
	const char *name = "";
	unsigned count = 0;

	for (unsigned i = 0; i < r->jobs; i++)
		if (runs[i].watch >= 0) {
			const char *slash = strrchr(runs[i].file->in, '/');

			job_peek(&runs[i].job, &results[count++]);
			name = slash ? slash + 1 : runs[i].file->in;
		}
	progress_tick(&r->progress, results, count, name);
}

static void wait_for_some(struct redact *r, struct run *runs)
{
	struct pollfd polls[JOBS_MAX];

	for (unsigned i = 0; i < r->jobs; i++)
		polls[i] = (struct pollfd){ .fd = runs[i].watch, .events = POLLIN };
	if (poll(polls, r->jobs, TICK_MS) == 0)
		tick(r, runs);
	for (unsigned i = 0; i < r->jobs; i++)
		if (runs[i].watch >= 0 && polls[i].revents)
			finish(r, &runs[i]);
}

static void run_all(struct redact *r)
{
	struct run runs[JOBS_MAX];
	size_t next = 0;

	for (unsigned i = 0; i < JOBS_MAX; i++)
		runs[i].watch = -1;
	while (!stopped && start_some(r, runs, &next))
		wait_for_some(r, runs);
	for (unsigned i = 0; i < r->jobs; i++)
		if (runs[i].watch >= 0) {
			job_stop(&runs[i].job);
			close(runs[i].watch);
		}
}

static int write_sheet(struct redact *r, struct scrim_error *err)
{
	struct outfile file = OUTFILE_NONE;
	int ret;

	if (!r->sheet || !r->progress.done)
		return 0;
	/* Half of it shows uncovered faces: for its owner alone. */
	ret = outfile_open(&file, r->sheet, 0600, true, err);
	if (ret >= 0)
		ret = sheet_compose(r->tiles, r->tiles_count, file.fd, err);
	if (ret >= 0)
		ret = outfile_commit(&file, true, err);
	outfile_discard(&file);
	return ret;
}

static enum progress_style style_of(const struct redact *r)
{
	if (r->json)
		return PROGRESS_JSON;
	if (r->quiet)
		return PROGRESS_QUIET;
	return isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_LINES;
}

static int exit_status(const struct redact *r)
{
	if (stopped)
		return EXIT_STOPPED;
	if (r->progress.failed)
		return EXIT_FAILED;
	return r->progress.doubtful ? EXIT_DOUBT : EXIT_DONE;
}

static int redact_files(struct redact *r)
{
	struct scrim_error err;

	if (report_open(r, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	progress_start(&r->progress, style_of(r), r->files.count);
	run_all(r);
	if (!stopped && (report_close(r, &err) < 0 || write_sheet(r, &err) < 0)) {
		progress_end(&r->progress);
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	progress_end(&r->progress);
	return exit_status(r);
}

static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = stop };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int redact_main(int argc, char **argv)
{
	struct redact *r = calloc(1, sizeof(*r));
	struct scrim_error err;
	int status = EXIT_FAILED;

	if (!r) {
		complain("no memory");
		return EXIT_FAILED;
	}
	r->report_file.fd = -1;
	status = parse_command_line(r, argc, argv);
	if (status == EXIT_DONE)
		status = make_policy(r);
	if (status != EXIT_DONE)
		goto out;
	if (files_find(&r->files, argv + optind, argc - optind, r->out, &err) < 0) {
		complain("%s", err.text);
		status = err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
		goto out;
	}
	catch_signals();
	status = redact_files(r);
out:
	outfile_discard(&r->report_file);
	for (unsigned i = 0; i < r->tiles_count; i++)
		close(r->tiles[i]);
	for (size_t i = 0; i < r->settings_count; i++)
		free(r->settings[i].value);
	free(r->settings);
	files_free(&r->files);
	free(r);
	return status;
}
