// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/bundle.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "digest.h"
#include "export/manifest.h"
#include "export/outbox.h"
#include "export/papers.h"

/* The outbox */

static void name_aside(char name[sizeof(((struct place *)0)->file) + 8], const struct place *place)
{
	snprintf(name, sizeof(place->file) + 8, ".%s.part", place->file);
}

static int check_outbox(const char *path, struct scrim_error *err)
{
	if (strlen(path) >= sizeof(((struct place *)0)->folder))
		return fail(err, -EINVAL, "the name of the outbox is too long");
	return *path != '/' || strchr(path, '\n') ?
	       fail(err, -EINVAL, "cannot put anything into %s", path) : 0;
}

/* Folders that are not there are made, for their owner alone. */
static int open_outbox(int *fd, const char *path, bool make, struct scrim_error *err)
{
	char part[sizeof(((struct place *)0)->folder)];
	int ret = check_outbox(path, err);

	if (ret < 0)
		return ret;
	for (const char *slash = path; make && slash; ) {
		slash = strchr(slash + 1, '/');
		snprintf(part, sizeof(part), "%s", path);
		if (slash)
			part[slash - path] = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return fail(err, -errno, "cannot make %s: %s", part, strerror(errno));
	}
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? fail(err, -errno, "cannot open %s: %s", path, strerror(errno)) : 0;
}

static int give_name(int outbox, const struct place *place, struct scrim_error *err)
{
	char aside[sizeof(place->file) + 8];

	name_aside(aside, place);
	if (renameat2(outbox, aside, outbox, place->file, RENAME_NOREPLACE) < 0 ||
	    fsync(outbox) < 0)
		return fail(err, -errno, "cannot put %s into %s: %s", place->file, place->folder,
			    strerror(errno));
	return 0;
}

static void remove_aside(int outbox, const struct place *place)
{
	char aside[sizeof(place->file) + 8];

	name_aside(aside, place);
	unlinkat(outbox, aside, 0);
}

int bundle_check(const struct export_job *job, struct scrim_error *err)
{
	int ret = check_outbox(job->outbox, err);

	return ret >= 0 && job->payment ?
	       fields_check_text("payment", job->payment, TERM_TEXT_MAX, err) : ret;
}

/* Making */

/* Whoever carries the bundle away carries what lies beside it. */
static int look_around(const struct export *x, struct scrim_error *err)
{
	struct outbox_verdict verdict = { .end_to_end = KNOWN_YES };
	struct outbox outbox;
	int ret = outbox_open(&outbox, x->place.folder, err);

	if (ret < 0)
		return ret;
	outbox_measure(&verdict, &outbox, NULL);
	outbox_close(&outbox);
	return verdict.end_to_end == KNOWN_NO ?
	       fail(err, -EIO, "in %s, %s", x->place.folder, verdict.why.text) : 0;
}

/* The purpose is in the name as well, for who sorts files; what binds it is in the manifest. */
static int choose_place(struct export *x, struct scrim_error *err)
{
	char purpose[TERM_ID_MAX];
	int ret;

	snprintf(purpose, sizeof(purpose), "%s", term_name(&purposes, x->choice->purpose));
	for (char *c = purpose; (c = strchr(c, ':'));)
		*c = '.';
	uuid_make(x->bundle);
	snprintf(x->place.file, sizeof(x->place.file), "%.48s_%.32s_%s" BUNDLE_SUFFIX,
		 x->choice->campaign->id, purpose, x->bundle);
	snprintf(x->place.folder, sizeof(x->place.folder), "%s", x->job->outbox);
	ret = open_outbox(&x->outbox, x->place.folder, true, err);
	return ret < 0 ? ret : place_write(&x->stage, x->bundle, &x->place, err);
}

static int put_items(struct export *x, struct scrim_error *err)
{
	unsigned number = 0;
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < x->choice->count; i++) {
		struct chosen *p = &x->choice->at[i];

		if (p->state != CLIP_GOES)
			continue;
		item_name(p->name, p->item.event, p->item.origin, ++number);
		ret = stage_put(&x->stage, x->folder, p->name, p->redacted.key, err);
	}
	return ret;
}

static int write_papers(struct export *x, struct scrim_error *err)
{
	const struct manifest_facts facts = {
		.choice = x->choice, .bundle = x->bundle, .recipe = &x->recipe,
		.policy = x->job->policy, .secret = &x->secret,
		.now = x->now, .encrypts = true, .layout = x->job->layout,
	};
	json_t *manifest = manifest_make(&facts);
	int ret;

	if (!manifest)
		return fail(err, -ENOMEM, "no memory for the manifest");
	ret = papers_write(x->folder, manifest, &x->known, err);
	if (ret >= 0)
		ret = layout_write_shards(x->folder, manifest, x->job->layout, LAYOUT_SHARD_BYTES,
					  &x->known, err);
	if (ret >= 0)
		ret = manifest_write(x->folder, manifest, &x->secret, x->manifest, &x->known, err);
	json_decref(manifest);
	return ret;
}

/* BUNDLE.place has the name: what is half is found and removed. */
static int seal(struct export *x, struct scrim_error *err)
{
	const struct campaign_recipient *to = choice_recipient(x->choice);
	const struct packing packing = { x->folder, MANIFEST_FILE, x->known };
	char aside[sizeof(x->place.file) + 8];
	int fd, ret;

	name_aside(aside, &x->place);
	fd = openat(x->outbox, aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(err, -errno, "cannot write to %s: %s", x->place.folder,
			    strerror(errno));
	ret = seal_folder(&x->sealed, &packing, to->key.pubkey, fd, x->job->stop, err);
	close(fd);
	if (ret >= 0 && fsync(x->outbox) < 0)
		ret = fail(err, -errno, "cannot write %s: %s", x->place.folder, strerror(errno));
	return ret;
}

int bundle_make(struct export *x, struct scrim_error *err)
{
	const struct campaign_recipient *to = choice_recipient(x->choice);
	int ret = seal_measure(to->key.pubkey, err);

	x->now = time(NULL);
	if (ret >= 0)
		ret = choose_place(x, err);
	if (ret >= 0)
		ret = look_around(x, err);
	if (ret >= 0)
		x->folder = ret = stage_begin(&x->stage, x->bundle, err);
	if (ret >= 0)
		ret = put_items(x, err);
	if (ret >= 0)
		ret = write_papers(x, err);
	return ret < 0 ? ret : seal(x, err);
}

/* Giving */

static int append_item(struct export *x, const struct chosen *p, int64_t number,
		       struct scrim_error *err)
{
	const struct process *offer = &x->choice->campaign->offer;
	struct export_item item = {
		.seq_in_bundle = number, .event_class = p->item.event, .origin = p->item.origin,
		.reward = offer->reward.kind, .cents = offer->reward.unit_cents,
		.consents = p->item.people,
	};
	int known = exports_known(x->exports, x->choice->campaign->id, p->hash, err);

	if (known < 0)
		return known;
	if (known)
		item.cents = 0;		/* once, whoever else gets it */
	memcpy(item.bundle, x->bundle, sizeof(item.bundle));
	memcpy(item.item, p->hash, sizeof(item.item));
	memcpy(item.campaign, x->choice->campaign->id, sizeof(item.campaign));
	snprintf(item.donor, sizeof(item.donor), "%s", clip_donor(&p->item));
	memcpy(item.camera, p->item.camera, sizeof(item.camera));
	snprintf(item.event_id, sizeof(item.event_id), "%s", p->event);
	memcpy(item.currency, offer->reward.currency, sizeof(item.currency));
	for (unsigned i = 0; i < item.consents; i++)
		memcpy(item.consent[i], p->judged.consent[i].record_id, UUID_TEXT_MAX);
	return exports_append_item(x->exports, &item, err);
}

static int append_bundle(struct export *x, int64_t items, struct scrim_error *err)
{
	const struct campaign_recipient *to = choice_recipient(x->choice);
	struct export_bundle bundle = {
		.purpose = x->choice->purpose, .recipients = 1, .items = items,
		.bytes = x->sealed.bytes,
		.delete_by = manifest_delete_by(x->choice, x->now), .created = x->now,
		.consents = x->choice->head,
	};

	memcpy(bundle.bundle, x->bundle, sizeof(bundle.bundle));
	memcpy(bundle.campaign, x->choice->campaign->id, sizeof(bundle.campaign));
	memcpy(bundle.recipient[0].id, to->key.id, sizeof(bundle.recipient[0].id));
	memcpy(bundle.recipient[0].receipts, to->key.receipts, sizeof(bundle.recipient[0].receipts));
	memcpy(bundle.sha256, x->sealed.sha256, sizeof(bundle.sha256));
	memcpy(bundle.manifest, x->manifest, sizeof(bundle.manifest));
	snprintf(bundle.file, sizeof(bundle.file), "%s", x->place.file);
	secret_fingerprint(bundle.fingerprint, &x->secret);
	if (x->job->payment)
		snprintf(bundle.payment, sizeof(bundle.payment), "%s", x->job->payment);
	return exports_append_bundle(x->exports, &bundle, err);
}

/* 1 and more: it is written down, whatever came of its head. */
static int write_down(struct export *x, struct scrim_error *err)
{
	int64_t items = 0;
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < x->choice->count; i++)
		if (x->choice->at[i].state == CLIP_GOES)
			ret = append_item(x, &x->choice->at[i], ++items, err);
	if (ret >= 0)
		ret = append_bundle(x, items, err);
	if (ret < 0 && items)
		exports_void(x->exports, x->bundle, "it could not be written down", NULL);
	return ret;
}

/* Its place goes first: from then on somebody may carry the file away. */
static void end_given(const struct stage *stage, const char *bundle)
{
	place_drop(stage, bundle);
	stage_empty(stage);
	stage_end(stage, bundle);
}

int bundle_ask_again(struct export *x, struct scrim_error *err)
{
	return *x->job->stop ? fail(err, -ECANCELED, "stopped") :
		choice_ask_again(x->choice, x->exports, err);
}

/* What was changed while the clips were redacted was not judged. */
static int check_items(struct export *x, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < x->choice->count; i++) {
		const struct chosen *p = &x->choice->at[i];

		if (p->state != CLIP_GOES)
			continue;
		ret = clip_still(&p->item, p->path, err);
		if (ret < 0)
			stage_drop(&x->stage, p->redacted.key);
	}
	return ret;
}

int bundle_give(struct export *x, struct scrim_error *err)
{
	int ret = check_items(x, err);

	if (ret >= 0)
		ret = bundle_ask_again(x, err);
	if (ret >= 0)
		ret = write_down(x, err);
	if (ret < 0)
		return ret;
	memcpy(x->exported->bundle, x->bundle, sizeof(x->bundle));
	snprintf(x->exported->file, sizeof(x->exported->file), "%s", x->place.file);
	x->exported->bytes = x->sealed.bytes;
	x->exported->clips = choice_going(x->choice);
	ret = give_name(x->outbox, &x->place, err);
	if (ret >= 0)
		end_given(&x->stage, x->bundle);
	return ret;
}

/* What was given stays, and the next run gives it its name. */
void bundle_drop(struct export *x)
{
	if (!*x->bundle || *x->exported->bundle)
		return;
	if (x->outbox >= 0)
		remove_aside(x->outbox, &x->place);
	stage_end(&x->stage, x->bundle);
}

void bundle_close(struct export *x)
{
	if (x->folder >= 0)
		close(x->folder);
	if (x->outbox >= 0)
		close(x->outbox);
	x->folder = x->outbox = -1;
	known_free(&x->known);
}

/* After a crash */

/* Of one that was given. */
static int finish(int outbox, const struct place *place, const struct export_bundle *given,
		  struct scrim_error *err)
{
	char aside[sizeof(place->file) + 8], sha256[SHA256_TEXT_MAX] = "";
	int fd, ret;

	name_aside(aside, place);
	if (faccessat(outbox, place->file, F_OK, 0) == 0)
		return 0;		/* it was the last thing to do */
	fd = openat(outbox, aside, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail(err, -errno, "%s was given, and is not in %s: %s", place->file,
			    place->folder, strerror(errno));
	ret = digest_fd(sha256, NULL, fd, aside, err);
	close(fd);
	if (ret >= 0 && strcmp(sha256, given->sha256))
		ret = fail(err, -EBADMSG, "%s in %s is not what was given", aside, place->folder);
	return ret < 0 ? ret : give_name(outbox, place, err);
}

/*
 * An outbox that is not there now may be later: then what was given waits for it.  Where no place
 * is left, it has its name.
 */
static int end_one(void *ctx, const char *bundle, struct scrim_error *err)
{
	struct export *x = ctx;
	const struct kept_bundle *kept = NULL;
	const struct export_bundle *given;
	struct scrim_error why;
	struct place place;
	int outbox = -1, ret = place_read(&place, &x->stage, bundle, &why);
	bool has_name = ret == -ENOENT;

	if (x->exports)
		kept = books_find(exports_books(x->exports), bundle);
	given = kept ? kept->given : NULL;
	if (ret >= 0)
		ret = open_outbox(&outbox, place.folder, false, &why);
	if (outbox >= 0 && given)
		ret = finish(outbox, &place, given, &why);
	else if (outbox >= 0)
		remove_aside(outbox, &place);
	if (!given) {
		stage_end(&x->stage, bundle);
	} else if (ret >= 0 || has_name) {
		end_given(&x->stage, bundle);
	} else {
		x->exported->waiting++;
		x->job->watch.note(x->job->watch.ctx, why.text);
	}
	if (outbox >= 0)
		close(outbox);
	return 0;
}

int bundle_take_up(struct export *x, struct scrim_error *err)
{
	char bundle[UUID_TEXT_MAX];
	int ret;

	stage_sweep(&x->stage);
	ret = stage_each(&x->stage, end_one, x, err);

	if (ret >= 0 && x->exports && exports_unfinished(x->exports, bundle))
		ret = exports_void(x->exports, bundle, "the exporter was stopped", err);
	return ret;
}
