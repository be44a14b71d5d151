// SPDX-License-Identifier: LGPL-2.1-or-later
#include "job_receipt.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "text.h"

#define SCHEMA		"scrim.receipt/1"
#define SIGNATURE	".minisig"

int receipt_model(struct receipt_facts *facts, const struct policy *policy, struct scrim_error *err)
{
	int model = -1, boxes = -1, ret = policy_open(policy, &model, &boxes, err);
	int fd = model >= 0 ? model : boxes;

	facts->detector = policy->detector;
	facts->model[0] = '\0';
	if (ret >= 0 && fd >= 0)
		ret = digest_fd(facts->model, NULL, fd, "the detector's file", err);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Writing */

static const char *word_or_null(const char *word)
{
	return *word ? word : NULL;
}

/* What says whether a receipt is about this work. */
static json_t *facts_json(const struct receipt_facts *facts)
{
	return json_pack("{ss s{ss ss} s{ss ss?} s{ss ss?} s{ss}}", "schema", SCHEMA,
			 "tool", "name", "scrim " SCRIM_VERSION, "sha256", facts->tool,
			 "policy", "sha256", facts->policy, "camera", word_or_null(facts->camera),
			 "detector", "name", detector_name(facts->detector),
			 "sha256", word_or_null(facts->model), "input", "sha256", facts->input);
}

static const char *moving_name(const struct policy *policy)
{
	return method_name(policy->moving == METHOD_UNSET ? METHOD_SHOW : policy->moving);
}

/* The worker's words may be about a name that is not UTF-8. */
static json_t *why_json(const struct job_result *result)
{
	json_t *why = json_string(result->why);

	return why ? why : json_string("not told in UTF-8");
}

static json_t *result_json(const struct policy *policy, const struct job_result *result,
			   const char *sha256, uint64_t bytes)
{
	return json_pack("{s{ss sI sI sI si si} s{ss ss si sI} s{sI so}}",
			 "output", "sha256", sha256, "bytes", (json_int_t)bytes,
			 "frames", (json_int_t)result->frames,
			 "damaged", (json_int_t)result->damaged,
			 "width", result->width, "height", result->height,
			 "covered", "faces", method_name(policy->faces),
			 "moving", moving_name(policy), "regions", policy->regions,
			 "tracks", (json_int_t)result->faces,
			 "doubt", "frames", (json_int_t)result->whole, "why", why_json(result));
}

static int put(const char *path, const char *ending, const char *text, struct scrim_error *err)
{
	struct outfile file = OUTFILE_NONE;
	char *name = NULL;
	ssize_t size = strlen(text), done;
	int ret;

	if (asprintf(&name, "%s%s", path, ending) < 0)
		return fail(err, -ENOMEM, "no memory for a name");
	ret = outfile_open(&file, name, 0666, true, err);
	if (ret >= 0) {
		done = write(file.fd, text, size);
		if (done < size)
			ret = fail(err, done < 0 ? -errno : -ENOSPC, "cannot write %s: %s", name,
				   strerror(done < 0 ? errno : ENOSPC));
	}
	if (ret >= 0)
		ret = outfile_commit(&file, true, err);
	outfile_discard(&file);
	free(name);
	return ret;
}

/* Until both are there, what is there does not fit: a worker may be killed between them. */
static int put_signed(const char *path, const char *text, const struct secret_key *key,
		      struct scrim_error *err)
{
	char signature[MINISIGN_TEXT_MAX];
	int ret;

	minisign_write(signature, key, text, strlen(text), SCHEMA);
	ret = put(path, RECEIPT_ENDING SIGNATURE, signature, err);
	return ret < 0 ? ret : put(path, RECEIPT_ENDING, text, err);
}

int receipt_write(const char *path, int copy, const struct receipt_facts *facts,
		  const struct policy *policy, const struct job_result *result,
		  const struct secret_key *key, struct scrim_error *err)
{
	char sha256[SHA256_TEXT_MAX], *text = NULL, *line = NULL;
	json_t *json = NULL, *rest = NULL;
	uint64_t bytes;
	int ret;

	ret = digest_fd(sha256, &bytes, copy, path, err);
	if (ret < 0)
		return ret;
	json = facts_json(facts);
	rest = result_json(policy, result, sha256, bytes);
	if (json && rest && json_object_update(json, rest) == 0)
		text = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT);
	if (!text || asprintf(&line, "%s\n", text) < 0)
		ret = fail(err, -ENOMEM, "no memory for the receipt of %s", path);
	else
		ret = put_signed(path, line, key, err);
	free(line);
	free(text);
	json_decref(rest);
	json_decref(json);
	return ret;
}

bool receipt_is_there(const char *path)
{
	char *name = NULL;
	struct stat st;
	bool there = asprintf(&name, "%s" RECEIPT_ENDING, path) >= 0 && lstat(name, &st) == 0 &&
		     S_ISREG(st.st_mode);

	free(name);
	return there;
}

void receipt_remove(const char *path)
{
	static const char *const endings[] = { RECEIPT_ENDING, RECEIPT_ENDING SIGNATURE };
	char *name;

	for (unsigned i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (asprintf(&name, "%s%s", path, endings[i]) < 0)
			continue;
		unlink(name);
		free(name);
	}
}

/* Checking */

enum { COPY, RECEIPT, SIGNED, CHECKED };

struct checking {
	int fd[CHECKED];
	const struct receipt_facts *facts;
	const struct public_key *key;
};

/* Every member of the facts is in the receipt as well. */
static bool has_facts(const json_t *json, const struct receipt_facts *facts)
{
	json_t *wanted = facts_json(facts), *value;
	bool has = wanted != NULL;
	const char *key;

	json_object_foreach(wanted, key, value)
		has = has && json_equal(json_object_get(json, key), value);
	json_decref(wanted);
	return has;
}

/* text is what the key signed. */
static int compare(const struct checking *c, const char *text, size_t size,
		   struct receipt_verdict *verdict, struct scrim_error *err)
{
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	json_int_t whole = 0;
	char sha256[SHA256_TEXT_MAX];
	const char *said;
	int ret = 0;

	if (!json || !has_facts(json, c->facts) ||
	    json_unpack(json, "{s{ss} s{sI}}", "output", "sha256", &said, "doubt", "frames", &whole) < 0)
		goto out;
	ret = digest_fd(sha256, NULL, c->fd[COPY], "the copy", err);
	verdict->fits = ret >= 0 && !strcmp(sha256, said);
	verdict->whole = whole;
out:
	json_decref(json);
	return ret;
}

/* What cannot be read as a receipt is none, which is no error; no memory for it is one. */
static int check(void *ctx, void *result, struct scrim_error *err)
{
	char *text = NULL, *signature = NULL;
	const struct checking *c = ctx;
	size_t size, length;
	int ret;

	ret = text_read(&text, &size, RECEIPT_MAX, c->fd[RECEIPT], "the receipt", err);
	if (ret >= 0)
		ret = text_read(&signature, &length, MINISIGN_TEXT_MAX, c->fd[SIGNED], "its signature", err);
	if (ret >= 0 && minisign_fits(signature, c->key, text, size))
		ret = compare(c, text, size, result, err);
	free(signature);
	free(text);
	return ret == -EBADMSG || ret == -EFBIG ? 0 : ret;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int check_caged(struct receipt_verdict *verdict, struct checking *c, struct scrim_error *err)
{
	int keep[CHECKED];
	const struct caged_call call = { .before = documents_before, .work = check, .ctx = c, .keep = keep,
					 .kept = CHECKED, .size = sizeof(*verdict) };

	memcpy(keep, c->fd, sizeof(keep));
	qsort(keep, CHECKED, sizeof(keep[0]), by_number);
	return caged(&call, verdict, err);
}

static int open_beside(const char *path, const char *ending, struct scrim_error *err)
{
	char *name;
	int fd;

	if (asprintf(&name, "%s%s", path, ending) < 0)
		return fail(err, -ENOMEM, "no memory for a name");
	fd = open_regular(name, err);
	free(name);
	return fd;
}

int receipt_check(struct receipt_verdict *verdict, const char *path,
		  const struct receipt_facts *facts, const struct public_key *key,
		  struct scrim_error *err)
{
	static const char *const endings[CHECKED] = { "", RECEIPT_ENDING, RECEIPT_ENDING SIGNATURE };
	struct checking c = { { -1, -1, -1 }, facts, key };
	int ret = 0;

	*verdict = (struct receipt_verdict){ 0 };
	for (unsigned i = 0; ret >= 0 && i < CHECKED; i++)
		ret = c.fd[i] = open_beside(path, endings[i], err);
	if (ret >= 0)
		ret = check_caged(verdict, &c, err);
	for (unsigned i = 0; i < CHECKED; i++)
		if (c.fd[i] >= 0)
			close(c.fd[i]);
	return ret == -ENOENT ? 0 : ret;
}
