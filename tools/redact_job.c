// SPDX-License-Identifier: GPL-2.0
/*
 * One clip after the other: who has more processors starts more workers.
 */
#include <ctype.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "redact_job.h"

#include "claim.h"
#include "consent/key.h"
#include "digest.h"
#include "job_receipt.h"
#include "state.h"
#include "text.h"
#include "tools.h"

#define RECEIPT_KEY	"receipt"	/* receipt.key, receipt.pub */
#define TICK_MS		200

struct shift {
	const volatile sig_atomic_t *stopped;
	struct job_file job;
	char *folder;			/* of the job file, with its slash; "": this one */
	struct policy policy;
	struct secret_key key;
	struct receipt_facts facts;
	struct files files;		/* names of the items, in their order */
	struct progress progress;
	bool full;			/* no space: the next clip has none either */
	bool again, bad, failed;	/* exit statuses that some item asks for */
};

int order_parse_shard(struct order *order, const char *text)
{
	unsigned long index, count;
	char *end;

	index = strtoul(text, &end, 10);
	if (isdigit((unsigned char)*text) && *end == '/' && isdigit((unsigned char)end[1])) {
		count = strtoul(end + 1, &end, 10);
		if (!*end && index < count && count <= JOB_SHARDS_MAX) {
			order->shard = (struct job_shard){ index, count };
			return EXIT_DONE;
		}
	}
	complain("--shard: '%s' is not N/COUNT with N from 0 to COUNT - 1, and COUNT at most %d", text,
		 JOB_SHARDS_MAX);
	return EXIT_USAGE;
}

/* Whether it may go well when it is tried again, with the same clip and the same job. */
static bool is_temporary(int code)
{
	switch (-code) {
	case EAGAIN:
	case EBUSY:
	case EDQUOT:
	case EINTR:
	case EMFILE:
	case ENFILE:
	case ENOLCK:
	case ENOMEM:
	case ENOSPC:
	case ESTALE:
	case ETIMEDOUT:
		return true;
	}
	return false;
}

/* Whether it is neither that nor the fault of what was to be read. */
static bool is_forbidden(int code)
{
	return code == -EACCES || code == -EPERM || code == -EROFS || code == -EISDIR ||
	       code == -ENOTDIR || code == -EEXIST;
}

static enum exit_status status_of(int code)
{
	return is_temporary(code) ? EXIT_AGAIN : is_forbidden(code) ? EXIT_FAILED : EXIT_BAD;
}

static void remember(struct shift *s, int code)
{
	switch (status_of(code)) {
	case EXIT_AGAIN:	s->again = true; break;
	case EXIT_BAD:	s->bad = true; break;
	default:		s->failed = true; break;
	}
	s->full = s->full || code == -ENOSPC || code == -EDQUOT;
}

static int exit_status(const struct shift *s)
{
	if (*s->stopped)
		return EXIT_STOPPED;
	if (s->again)
		return EXIT_AGAIN;
	if (s->bad)
		return EXIT_BAD;
	if (s->failed)
		return EXIT_FAILED;
	return s->progress.doubtful ? EXIT_DOUBT : EXIT_DONE;
}

/* What holds for all items */

/* A name of the job, seen from the job's folder. */
static char *seen_from(const struct shift *s, const char *name)
{
	char *path;

	return asprintf(&path, "%s%s", *name == '/' ? "" : s->folder, name) < 0 ? NULL : path;
}

static int load_policy(struct shift *s, struct scrim_error *err)
{
	char *path = seen_from(s, s->job.policy);
	int ret;

	if (!path)
		return fail(err, -ENOMEM, "no memory for a name");
	ret = job_policy_load(&s->policy, &s->job, path, err);
	free(path);
	return ret;
}

static int open_key(struct shift *s, const char *keys, struct scrim_error *err)
{
	char own[STATE_PATH_MAX];
	int ret = 0;

	if (!keys) {
		state_path(own, "receipts/");
		ret = files_make_folder(own, err);
	}
	return ret < 0 ? ret : key_open(&s->key, keys ? keys : own, RECEIPT_KEY, err);
}

static int find_facts(struct shift *s, struct scrim_error *err)
{
	int fd = open_regular("/proc/self/exe", err), ret;

	if (fd < 0)
		return fd;
	ret = digest_fd(s->facts.tool, NULL, fd, "the program", err);
	close(fd);
	memcpy(s->facts.policy, s->job.policy_sha256, sizeof(s->facts.policy));
	memcpy(s->facts.camera, s->job.camera, sizeof(s->facts.camera));
	return ret < 0 ? ret : receipt_model(&s->facts, &s->policy, err);
}

/* A line that is no item has the name of its place. */
static int name_line(const char *job, const struct job_item *item, struct file *file)
{
	if (asprintf(&file->in, "%s:%u", job, item->line) < 0)
		file->in = NULL;
	file->out = strdup("");
	return file->in && file->out ? 0 : -ENOMEM;
}

static int name_item(struct shift *s, const struct job_item *item, struct file *file)
{
	char *below;

	if (asprintf(&below, "%s/%s", s->job.out, item->out) < 0)
		return -ENOMEM;
	file->in = seen_from(s, item->in);
	file->out = seen_from(s, below);
	free(below);
	return file->in && file->out ? 0 : -ENOMEM;
}

static int name_items(struct shift *s, const char *job, struct scrim_error *err)
{
	int ret = 0;

	s->files.at = calloc(s->job.count + 1, sizeof(*s->files.at));
	if (!s->files.at)
		return fail(err, -ENOMEM, "no memory for the list of files");
	for (unsigned i = 0; ret >= 0 && i < s->job.count; i++) {
		const struct job_item *item = &s->job.at[i];

		ret = *item->wrong ? name_line(job, item, &s->files.at[i]) :
				     name_item(s, item, &s->files.at[i]);
		s->files.count++;
	}
	return ret < 0 ? fail(err, ret, "no memory for the list of files") : 0;
}

struct place {
	dev_t device;
	ino_t inode;
	const char *name;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->inode == y->inode ? 0 : x->inode < y->inode ? -1 : 1;
}

static bool find_place(struct place *place, const char *name)
{
	struct stat st;

	if (!*name || stat(name, &st) < 0)
		return false;
	*place = (struct place){ st.st_dev, st.st_ino, name };
	return true;
}

/* A copy in the place of another line's clip, even one that has a receipt. */
static int refuse_inputs(const struct shift *s, struct scrim_error *err)
{
	struct place *in = calloc(s->files.count + 1, sizeof(*in)), out;
	const struct place *clip;
	size_t count = 0;
	int ret = 0;

	if (!in)
		return fail(err, -ENOMEM, "no memory for the list of files");
	for (size_t i = 0; i < s->files.count; i++)
		count += !*s->job.at[i].wrong && find_place(&in[count], s->files.at[i].in);
	qsort(in, count, sizeof(*in), by_place);
	for (size_t i = 0; ret >= 0 && i < s->files.count; i++) {
		clip = find_place(&out, s->files.at[i].out) ?
		       bsearch(&out, in, count, sizeof(*in), by_place) : NULL;
		if (clip)
			ret = fail(err, -EINVAL, "cannot write %s: it is %s, a clip of the job",
				   out.name, clip->name);
	}
	free(in);
	return ret;
}

/* That of all copies, wherever it is. */
static int make_root(const struct shift *s, struct scrim_error *err)
{
	char *root = seen_from(s, s->job.out), *path;
	int ret = -ENOMEM;

	if (!root || asprintf(&path, "%s/", root) < 0) {
		free(root);
		return fail(err, ret, "no memory for a name");
	}
	ret = files_make_folder(path, err);
	free(path);
	free(root);
	return ret;
}

static int prepare(struct shift *s, const struct order *order, struct scrim_error *err)
{
	const char *slash = strrchr(order->job, '/');
	int ret;

	s->folder = strndup(order->job, slash ? slash + 1 - order->job : 0);
	if (!s->folder)
		return fail(err, -ENOMEM, "no memory for a name");
	ret = job_file_load(&s->job, order->job, order->shard, err);
	if (ret >= 0)
		ret = load_policy(s, err);
	if (ret >= 0)
		ret = open_key(s, order->keys, err);
	if (ret >= 0)
		ret = find_facts(s, err);
	if (ret >= 0)
		ret = name_items(s, order->job, err);
	if (ret >= 0)
		ret = refuse_inputs(s, err);
	return ret < 0 ? ret : make_root(s, err);
}

/* One item */

/* The clip that the job is about, open, and as it is now. */
static int open_clip(const struct job_item *item, const char *path, struct stat *now,
		     struct scrim_error *err)
{
	char sha256[SHA256_TEXT_MAX];
	int fd = open_regular(path, err), ret;

	if (fd < 0)
		return fd;
	ret = fstat(fd, now) < 0 ? fail(err, -errno, "cannot read %s: %s", path, strerror(errno)) :
				   digest_fd(sha256, NULL, fd, path, err);
	if (ret >= 0 && strcmp(sha256, item->sha256))
		ret = fail(err, -EBADMSG, "%s is not the clip of the job: its sha256 is %s", path, sha256);
	if (ret >= 0)
		return fd;
	close(fd);
	return ret;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* The worker read the name again, so a receipt is about both only when nothing happened to it. */
static int check_clip(const char *path, const struct stat *then, struct scrim_error *err)
{
	struct stat now;

	if (stat(path, &now) == 0 && now.st_dev == then->st_dev && now.st_ino == then->st_ino &&
	    now.st_size == then->st_size && same_time(now.st_mtim, then->st_mtim) &&
	    same_time(now.st_ctim, then->st_ctim))
		return 0;
	return fail(err, -EAGAIN, "%s was changed while it was read", path);
}

static int wait_for(struct shift *s, struct job *job, const char *name, struct scrim_error *err)
{
	struct pollfd ended = { .fd = job_watch(job, err), .events = POLLIN };
	const char *slash = strrchr(name, '/');
	struct job_result result;
	int ret = ended.fd < 0 ? ended.fd : 0;

	while (ret >= 0 && !ended.revents) {
		if (*s->stopped) {
			ret = fail(err, -ECANCELED, "stopped");
		} else if (poll(&ended, 1, TICK_MS) == 0) {
			job_peek(job, &result);
			progress_tick(&s->progress, &result, 1, slash ? slash + 1 : name);
		}
	}
	if (ended.fd >= 0)
		close(ended.fd);
	return ret;
}

/* What is there and has no receipt is no copy, but may be somebody's only clip. */
static int check_place(const char *out, bool *there, struct scrim_error *err)
{
	struct stat st;

	*there = lstat(out, &st) == 0;
	return !*there || receipt_is_there(out) ? 0 :
	       fail(err, -EEXIST, "cannot write %s: it is there and has no receipt; it is left alone", out);
}

/* What failed leaves no receipt, unless it is needed to say that what is there is a copy. */
static int put_with_receipt(struct shift *s, struct job *job, const char *out,
			    const struct job_result *result, struct scrim_error *err)
{
	int ret = receipt_write(out, job->out.fd, &s->facts, &s->policy, result, &s->key, err);

	if (ret >= 0)
		ret = job_place(job, err);
	else
		outfile_discard(&job->out);
	if (ret < 0 && !job->replace)
		receipt_remove(out);
	return ret;
}

static int redact_clip(struct shift *s, const struct file *file, const struct stat *clip,
		       struct job_result *result, struct scrim_error *err)
{
	struct job_request request = { .in = file->in, .out = file->out, .policy = &s->policy,
				       .report = -1, .sheet = -1 };
	struct job job;
	int ret = check_place(file->out, &request.replace, err);

	if (ret >= 0)
		ret = job_start(&job, &request, err);
	if (ret < 0)
		return ret;
	ret = wait_for(s, &job, file->in, err);
	if (ret >= 0)
		ret = check_clip(file->in, clip, err);
	if (ret < 0) {
		job_stop(&job);
		return ret;
	}
	ret = job_end(&job, result, err);
	return ret < 0 ? ret : put_with_receipt(s, &job, file->out, result, err);
}

static int do_clip(struct shift *s, const struct job_item *item, const struct file *file,
		   struct scrim_error *err)
{
	const double started = seconds_now();
	struct job_result result;
	struct stat clip;
	int fd = open_clip(item, file->in, &clip, err), ret;

	if (fd < 0)
		return fd;
	close(fd);
	ret = redact_clip(s, file, &clip, &result, err);
	if (ret >= 0)
		progress_done(&s->progress, file, &result, seconds_now() - started);
	return ret;
}

/* With the claim, so that what is true of the receipt stays true. */
static int do_if_needed(struct shift *s, const struct job_item *item, const struct file *file,
			struct scrim_error *err)
{
	struct receipt_verdict verdict;
	int ret;

	memcpy(s->facts.input, item->sha256, sizeof(s->facts.input));
	ret = receipt_check(&verdict, file->out, &s->facts, &s->key.public, err);
	if (ret < 0)
		return ret;
	if (!verdict.fits)
		return do_clip(s, item, file, err);
	s->progress.doubtful += verdict.whole > 0;
	progress_skipped(&s->progress, file);
	return 0;
}

/* No symbolic link on the way down: it could lead to where the clips are. */
static int make_folder(const struct shift *s, const struct job_item *item, const struct file *file,
		       struct scrim_error *err)
{
	const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	char folder[JOB_PATH_MAX], *root = seen_from(s, s->job.out);
	int top = -1, fd, ret = 0;

	if (!root)
		return fail(err, -ENOMEM, "no memory for a name");
	top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		ret = fail(err, -errno, "cannot write into %s: %s", root, strerror(errno));
	for (const char *slash = strchr(item->out, '/'); ret >= 0 && slash; slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - item->out), item->out);
		mkdirat(top, folder, 0777);	/* openat2() says what it is */
		fd = syscall(SYS_openat2, top, folder, &how, sizeof(how));
		if (fd < 0)
			ret = fail(err, -errno, "cannot write %s: %s/%s: %s", file->out, root, folder,
				   errno == ELOOP ? "it is a symbolic link" : strerror(errno));
		else
			close(fd);
	}
	if (top >= 0)
		close(top);
	free(root);
	return ret;
}

static int do_item(struct shift *s, const struct job_item *item, const struct file *file,
		   struct scrim_error *err)
{
	int claim, ret;

	if (*item->wrong)
		return fail(err, -EBADMSG, "%s", item->wrong);
	ret = make_folder(s, item, file, err);
	if (ret < 0)
		return ret;
	ret = claim_take(&claim, file->out, err);
	if (ret < 0)
		return ret;
	ret = do_if_needed(s, item, file, err);
	close(claim);
	return ret;
}

static void do_items(struct shift *s)
{
	struct scrim_error err;
	int ret;

	for (unsigned i = 0; i < s->job.count && !*s->stopped && !s->full; i++) {
		ret = do_item(s, &s->job.at[i], &s->files.at[i], &err);
		if (ret >= 0 || ret == -ECANCELED)
			continue;
		remember(s, ret);
		progress_failed(&s->progress, &s->files.at[i], &err);
	}
}

int order_run(const struct order *order, const volatile sig_atomic_t *stopped)
{
	struct shift *s = calloc(1, sizeof(*s));
	struct scrim_error err;
	int ret, status;

	if (!s) {
		complain("no memory");
		return EXIT_AGAIN;
	}
	s->stopped = stopped;
	ret = prepare(s, order, &err);
	if (ret < 0) {
		complain("%s", err.text);
		status = status_of(ret);
	} else {
		progress_start(&s->progress, order->style, &s->files);
		do_items(s);
		progress_end(&s->progress);
		status = exit_status(s);
	}
	files_free(&s->files);
	free(s->folder);
	free(s);
	return status;
}
