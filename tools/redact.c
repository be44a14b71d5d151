// SPDX-License-Identifier: GPL-2.0
/*
 * scrim redact: photos and videos in, the same with faces covered out.  Files run
 * side by side, each in a caged worker; here is only what starts and ends them.
 */
#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "job.h"
#include "redact_job.h"
#include "report.h"
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
	const char *out, *policy_file, *camera, *report_path, *sheet, *codec;
	const char *faces, *detector, *boxes;	/* as they were last said */
	struct setting *settings;
	size_t settings_count;
	unsigned jobs;
	bool keep_audio, resume, force, json, quiet;
	struct order order;

	struct policy policy;
	struct files files;
	struct progress progress;
	struct report report;
	struct outfile sheet_file;
	int tiles[SHEET_FILES_MAX];
	unsigned tiles_count;
};

/* One file under way. */
struct run {
	struct job job;
	const struct file *file;
	int watch;			/* readable when it has ended; -1: free */
	struct outfile report;		/* its part of the report */
	double started;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = 1;
}

static const char usage[] =
"usage: scrim redact IN... -o OUT [OPTIONS]\n"
"       scrim redact --job FILE [--shard N/COUNT] [--keys FOLDER] [--json] [-q]\n"
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
"      --detector NAME     face (default), motion, replay or none\n"
"      --detect-size WxH   what the face network sees (640x360)\n"
"      --model FILE        another face model: UltraFace or YuNet, ONNX\n"
"      --boxes FILE        boxes from a file in place of a detector, see scrim(1)\n"
"      --codec NAME        encoder, as libavcodec calls it (libx264)\n"
"      --keep-audio        copy the sound\n"
"  -j, --jobs N            files side by side\n"
"      --resume            leave out files that OUT already has\n"
"      --force             replace files that are there already\n"
"      --report FILE.json  what was covered, where and why, frame by frame\n"
"      --sheet FILE.png    contact sheet, before and after: shows uncovered faces\n"
"      --job FILE          clips, policy and OUT from a file, see scrim-job(5)\n"
"      --shard N/COUNT     of these clips every COUNTth, from N on: 0 to COUNT - 1\n"
"      --keys FOLDER       the key for their receipts (~/.local/state/scrim/receipts)\n"
"      --json              progress and results as a JSON object a line\n"
"  -q, --quiet             errors only\n"
"\n"
"Exit status: 0 done, 1 a file failed, 2 usage, 3 done but something was covered\n"
"whole because of doubt; with --job 65 a clip or a line is bad, 75 try again; 130 stopped.\n";

enum option_code {
	OPT_POLICY_KEY = 256,		/* the option's name is the policy's key */
	OPT_POLYGON,			/* the same, its words may follow one by one */
	OPT_BOXES, OPT_POLICY, OPT_CAMERA, OPT_CODEC, OPT_KEEP_AUDIO, OPT_RESUME,
	OPT_FORCE, OPT_REPORT, OPT_SHEET, OPT_JSON, OPT_JOB, OPT_SHARD, OPT_KEYS,
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
	{ "job",	required_argument,	NULL, OPT_JOB },
	{ "shard",	required_argument,	NULL, OPT_SHARD },
	{ "keys",	required_argument,	NULL, OPT_KEYS },
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

static int add_key(struct redact *r, const char *key, const char *value)
{
	if (!strcmp(key, "faces"))
		r->faces = value;
	if (!strcmp(key, "detector"))
		r->detector = value;
	return add_setting(r, key, value);
}

static int add_boxes(struct redact *r, const char *path)
{
	int status = add_setting(r, "detector", "replay");

	r->boxes = path;
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
	case OPT_POLICY_KEY:	return add_key(r, options[index].name, optarg);
	case OPT_POLYGON:	return add_polygon(r, options[index].name, argc, argv);
	case OPT_BOXES:		return add_boxes(r, optarg);
	case OPT_POLICY:	r->policy_file = optarg; return EXIT_DONE;
	case OPT_CAMERA:	r->camera = optarg; return EXIT_DONE;
	case OPT_CODEC:		r->codec = optarg; return EXIT_DONE;
	case OPT_KEEP_AUDIO:	r->keep_audio = true; return EXIT_DONE;
	case OPT_RESUME:	r->resume = true; return EXIT_DONE;
	case OPT_FORCE:		r->force = true; return EXIT_DONE;
	case OPT_REPORT:	r->report_path = optarg; return EXIT_DONE;
	case OPT_SHEET:		r->sheet = optarg; return EXIT_DONE;
	case OPT_JSON:		r->json = true; return EXIT_DONE;
	case OPT_JOB:		r->order.job = optarg; return EXIT_DONE;
	case OPT_SHARD:		return order_parse_shard(&r->order, optarg);
	case OPT_KEYS:		r->order.keys = optarg; return EXIT_DONE;
	}
	return EXIT_USAGE;		/* getopt has said why */
}

/* All workers of a job do the same, so nothing but the job says what. */
static int check_order(const struct redact *r, bool has_input)
{
	if (!r->order.job && (r->order.shard.count || r->order.keys)) {
		complain("%s needs --job", r->order.keys ? "--keys" : "--shard");
		return EXIT_USAGE;
	}
	if (r->order.job && (has_input || r->out || r->policy_file || r->camera || r->settings_count ||
			     r->codec || r->report_path || r->sheet || r->jobs || r->keep_audio ||
			     r->resume || r->force)) {
		complain("--job goes with --shard, --keys, --json and --quiet alone");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int parse_command_line(struct redact *r, int argc, char **argv)
{
	int option, index = 0, status = EXIT_DONE;

	argv[0] = "scrim";		/* getopt's complaints begin with it */
	while (status == EXIT_DONE &&
	       (option = getopt_long(argc, argv, "o:j:qh", options, &index)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(EXIT_DONE);
		}
		status = take_option(r, option, index, argc, argv);
	}
	if (status == EXIT_DONE)
		status = check_order(r, optind < argc);
	if (status != EXIT_DONE || r->order.job)
		return status;
	r->jobs = r->jobs ? r->jobs : 1;
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

/* Nobody who asks for covered faces may get bare ones because of another word. */
static int refuse_contradiction(const struct redact *r)
{
	if (r->boxes && r->detector && strcmp(r->detector, "replay")) {
		complain("--boxes and --detector %s contradict each other", r->detector);
		return EXIT_USAGE;
	}
	if (r->faces && r->policy.faces != METHOD_SHOW && r->policy.detector == DETECTOR_NONE) {
		complain("--faces %s needs a detector, and the detector is none", r->faces);
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
	return refuse_contradiction(r);
}

/* Tiles show uncovered faces: in memory, never on a disk. */
static int tiles_file(struct scrim_error *err)
{
	int fd = memfd_create("tiles", MFD_CLOEXEC);

	return fd < 0 ? fail(err, -errno, "cannot keep tiles for the sheet: %s",
			     strerror(errno)) : fd;
}

/* A report or a sheet in the place of a photo would be a photo lost. */
static int refuse_overwriting(const struct redact *r, const char *path,
			      struct scrim_error *err)
{
	for (size_t i = 0; path && i < r->files.count; i++) {
		const struct file *file = &r->files.at[i];

		if (files_are_same(path, file->in) || files_are_same(path, file->out) ||
		    files_will_be_same(path, file->out))
			return fail(err, -EINVAL, "cannot write %s: it is %s", path,
				    files_are_same(path, file->in) ? "an input" : "an output");
	}
	return 0;
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
	run->started = seconds_now();
	ret = report_part(&r->report, &run->report, err);
	request.report = run->report.fd;
	if (ret >= 0)
		ret = files_make_folder(file->out, err);
	if (ret >= 0 && r->sheet && r->tiles_count < SHEET_FILES_MAX) {
		ret = request.sheet = tiles_file(err);
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
	if (ret < 0)
		outfile_discard(&run->report);
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
	if (ret >= 0)
		ret = report_add(&r->report, &run->report, run->file, &result, &err);
	outfile_discard(&run->report);
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

			if (r->resume && access(file->out, F_OK) == 0 &&
			    !files_are_same(file->in, file->out))
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
			outfile_discard(&runs[i].report);
		}
}

static int write_sheet(struct redact *r, struct scrim_error *err)
{
	int ret;

	if (!r->sheet || !r->progress.done)
		return 0;
	ret = sheet_compose(r->tiles, r->tiles_count, r->sheet_file.fd, err);
	return ret < 0 ? ret : outfile_commit(&r->sheet_file, r->force, err);
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

/* The report and the sheet, before hours of work that they would be missing from. */
static int open_extras(struct redact *r, struct scrim_error *err)
{
	int ret;

	ret = refuse_overwriting(r, r->report_path, err);
	if (ret >= 0)
		ret = refuse_overwriting(r, r->sheet, err);
	if (ret >= 0 && r->sheet && r->report_path &&
	    (files_are_same(r->sheet, r->report_path) ||
	     files_will_be_same(r->sheet, r->report_path)))
		ret = fail(err, -EINVAL, "cannot write %s: it is the report", r->sheet);
	if (ret >= 0)
		ret = report_open(&r->report, r->report_path, r->force, err);
	/* Half of the sheet shows uncovered faces: for its owner alone. */
	if (ret >= 0 && r->sheet)
		ret = outfile_open(&r->sheet_file, r->sheet, 0600, r->force, err);
	return ret;
}

static int redact_files(struct redact *r)
{
	struct scrim_error err;

	if (open_extras(r, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	progress_start(&r->progress, style_of(r), &r->files);
	run_all(r);
	if (!stopped && (report_close(&r->report, r->force, &err) < 0 || write_sheet(r, &err) < 0)) {
		progress_end(&r->progress);
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	progress_end(&r->progress);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		complain("cannot write to standard output: %s", strerror(errno));
		return EXIT_FAILED;
	}
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

static int redact_job(struct redact *r)
{
	if (!r->order.shard.count)
		r->order.shard = (struct job_shard){ 0, 1 };
	r->order.style = style_of(r);
	catch_signals();
	return order_run(&r->order, &stopped);
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
	r->report.file.fd = r->sheet_file.fd = -1;
	status = parse_command_line(r, argc, argv);
	if (status == EXIT_DONE && r->order.job) {
		status = redact_job(r);
		goto out;
	}
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
	report_discard(&r->report);
	outfile_discard(&r->sheet_file);
	for (unsigned i = 0; i < r->tiles_count; i++)
		close(r->tiles[i]);
	for (size_t i = 0; i < r->settings_count; i++)
		free(r->settings[i].value);
	free(r->settings);
	files_free(&r->files);
	free(r);
	return status;
}
