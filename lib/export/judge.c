// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "consent/rules.h"
#include "consent/settings.h"
#include "consent/store.h"
#include "export/clip.h"
#include "guard/cage.h"
#include "guard/namespace.h"
#include "text.h"

#define SETTINGS_SIZE_MAX	(64u << 10)

/* What the cage gets. */
struct judging {
	const struct judge_request *request;
	struct log_files files;
	bool there;			/* the store is; else it is an empty one */
	int settings;			/* -1: there are none */
	uid_t uid;
	int64_t now;
};

size_t judgement_size(unsigned count)
{
	return sizeof(struct judgement) + count * sizeof(struct judged);
}

/* Opening */

/*
 * Who may write to it may switch export on, which is for administrators.  A file of root's that
 * another user chose is not what they said: it may be an old one, or of a file system of his own.
 */
int judge_settings(int *fd, const char *path, struct scrim_error *err)
{
	struct scrim_error why;
	struct stat st;

	*fd = -1;
	if (geteuid() && strcmp(path, SETTINGS_FILE))
		return fail(err, -EACCES, "%s: only root has other settings than " SETTINGS_FILE,
			    path);
	if (namespace_check(err) < 0)
		return -EACCES;
	*fd = open_regular(path, &why);
	if (*fd < 0)
		return why.code == -ENOENT ? 0 : fail(err, why.code, "%s", why.text);
	if (fstat(*fd, &st) == 0 && st.st_uid == 0 && !(st.st_mode & 022))
		return 0;
	close(*fd);
	*fd = -1;
	return fail(err, -EACCES, "%s: it is not root's alone to write to", path);
}

static int open_all(struct judging *j, struct scrim_error *err)
{
	int ret = judge_settings(&j->settings, j->request->settings, err);

	if (ret >= 0)
		ret = store_hear(j->request->store, err);
	if (ret < 0)
		return ret;
	ret = store_open(&j->files, j->request->store, err);
	j->there = ret >= 0;
	return ret == -ENOENT ? 0 : ret;
}

static void close_all(struct judging *j)
{
	if (j->settings >= 0)
		close(j->settings);
	log_files_close(&j->files);
}

/* In the cage */

static int read_settings(struct export_settings *settings, const struct judging *j,
			 struct scrim_error *err)
{
	char *text = NULL;
	size_t size;
	int ret = 0;

	memset(settings, 0, sizeof(*settings));
	if (j->settings < 0)
		return 0;
	ret = text_read(&text, &size, SETTINGS_SIZE_MAX, j->settings, j->request->settings, err);
	if (ret >= 0)
		ret = settings_read(settings, text, size, j->request->settings, err);
	free(text);
	return ret;
}

static void note_consents(struct judged *judged, const struct facts *facts)
{
	judged->days = facts->campaign->offer.storage.days;
	for (unsigned i = 0; i < facts->item->people; i++) {
		struct grant g = grant_find(facts, &facts->item->person[i]);

		memcpy(judged->consent[i].record_id, g.consent->record_id, UUID_TEXT_MAX);
		memcpy(judged->consent[i].hash, g.consent->hash, SHA256_TEXT_MAX);
		if (g.process->storage.days < judged->days)
			judged->days = g.process->storage.days;
	}
}

static void judge_one(struct judged *judged, const struct facts *facts)
{
	struct verdict verdict;

	judged->code = decide(facts, &verdict);
	snprintf(judged->rule, sizeof(judged->rule), "%s", verdict.rule);
	memcpy(judged->record, verdict.record, sizeof(judged->record));
	memcpy(judged->sentence, verdict.sentence, sizeof(judged->sentence));
	if (judged->code == DECISION_ALLOW)
		note_consents(judged, facts);
}

static bool is_like(const struct judge_case *a, const struct judge_case *b, bool same_camera)
{
	return a->item->event == b->item->event &&
	       (!same_camera || (!strcmp(a->item->camera, b->item->camera) &&
				 !strcmp(clip_donor(a->item), clip_donor(b->item))));
}

/* Events of this class, of this camera or of any, that were allowed before. */
static uint64_t earlier(const struct judgement *judgement, const struct judge_request *r,
			unsigned of, bool same_camera)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < of; i++) {
		const struct judge_case *c = &r->at[i];
		bool counts = judgement->at[i].code == DECISION_ALLOW &&
			      is_like(c, &r->at[of], same_camera) &&
			      strcmp(c->event, r->at[of].event);

		for (unsigned n = 0; counts && n < i; n++)
			counts = judgement->at[n].code != DECISION_ALLOW ||
				 strcmp(r->at[n].event, c->event) ||
				 !is_like(&r->at[n], c, same_camera);
		count += counts;
	}
	return count;
}

static void judge_all(struct judgement *judgement, const struct judging *j,
		      const struct consents *consents, const struct export_settings *settings,
		      const struct log_verdict *verdict)
{
	const struct judge_request *r = j->request;
	struct facts facts = {
		.campaign = r->campaign, .consent = (const struct consent *const *)consents->at,
		.consents = consents->count, .recipient = r->recipient, .purpose = r->purpose,
		.now = j->now, .ledger_whole = !verdict->broken, .export_on = settings->allow,
		.known = settings->person, .knowns = settings->persons,
		.suspended = settings_suspended(settings, r->campaign), .taken_known = true,
	};

	judgement->head = verdict->last;
	for (unsigned i = 0; i < r->count; i++) {
		facts.item = r->at[i].item;
		facts.notice = r->at[i].notice;
		facts.class_taken = r->at[i].class_taken + earlier(judgement, r, i, false);
		facts.donor_taken = r->at[i].donor_taken + earlier(judgement, r, i, true);
		judge_one(&judgement->at[i], &facts);
	}
}

static int judge_caged(void *ctx, void *result, struct scrim_error *err)
{
	const struct judging *j = ctx;
	struct export_settings settings;
	struct log_verdict verdict = { 0 };
	struct consents consents = { 0 };
	int ret = read_settings(&settings, j, err);

	if (ret >= 0)
		ret = store_read(&consents, j->there ? &j->files : NULL, j->uid, j->request->known,
				 &verdict, err);
	if (ret >= 0)
		judge_all(result, j, &consents, &settings, &verdict);
	consents_free(&consents);
	return ret;
}

/* Out of it */

#define ENDS(text)	(memchr(text, '\0', sizeof(text)) != NULL)

static bool is_sound(const struct judgement *judgement, const struct judge_request *request)
{
	bool sound = true;

	for (unsigned i = 0; sound && i < request->count; i++) {
		const struct judged *judged = &judgement->at[i];

		sound = judged->code < DECISION_COUNT && ENDS(judged->rule) &&
			ENDS(judged->record) && ENDS(judged->sentence);
		for (unsigned n = 0; sound && n < request->at[i].item->people; n++)
			sound = ENDS(judged->consent[n].record_id) &&
				ENDS(judged->consent[n].hash) &&
				(judged->code != DECISION_ALLOW ||
				 uuid_is_valid(judged->consent[n].record_id));
	}
	return sound;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int run(struct judgement *judgement, struct judging *j, struct scrim_error *err)
{
	int keep[LOG_KEEP_MAX + 1];
	struct caged_call call = {
		.before = documents_before, .work = judge_caged, .ctx = j, .keep = keep,
		.kept = log_files_keep(keep, &j->files), .size = judgement_size(j->request->count),
	};
	int ret;

	if (j->settings >= 0)
		keep[call.kept++] = j->settings;
	qsort(keep, call.kept, sizeof(keep[0]), by_number);
	ret = caged(&call, judgement, err);
	if (ret >= 0 && !is_sound(judgement, j->request))
		ret = fail(err, -EIO, "cannot decide: the worker's answer is none");
	return ret;
}

int judge(struct judgement *judgement, const struct judge_request *request,
	  struct scrim_error *err)
{
	struct judging *j = calloc(1, sizeof(*j));
	int ret;

	if (!j)
		return fail(err, -ENOMEM, "no memory to decide");
	*j = (struct judging){ .request = request, .files = LOG_FILES_NONE, .settings = -1,
			       .uid = geteuid(), .now = time(NULL) };
	ret = open_all(j, err);
	if (ret >= 0)
		ret = run(judgement, j, err);
	close_all(j);
	free(j);
	return ret;
}
