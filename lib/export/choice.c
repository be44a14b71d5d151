// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/when.h"

int choice_new(struct choice *choice, char *const *paths, unsigned count, struct scrim_error *err)
{
	if (count > JUDGE_ITEMS_MAX)
		return fail(err, -EFBIG, "more than %d clips at once", JUDGE_ITEMS_MAX);
	choice->at = calloc(count, sizeof(*choice->at));
	if (!choice->at)
		return fail(err, -ENOMEM, "no memory for the clips");
	choice->count = count;
	for (unsigned i = 0; i < count; i++)
		choice->at[i].path = paths[i];
	return 0;
}

void choice_free(struct choice *choice)
{
	free(choice->at);
	choice->at = NULL;
	choice->count = 0;
}

unsigned choice_going(const struct choice *choice)
{
	unsigned going = 0;

	for (unsigned i = 0; i < choice->count; i++)
		going += choice->at[i].state == CLIP_GOES;
	return going;
}

const struct campaign_recipient *choice_recipient(const struct choice *choice)
{
	return campaign_recipient(choice->campaign, choice->recipient);
}

/* Clips */

static bool was_named(const struct choice *choice, unsigned i)
{
	for (unsigned n = 0; n < i; n++)
		if (choice->at[n].state != CLIP_FAILED &&
		    !strcmp(choice->at[n].item.sha256, choice->at[i].item.sha256))
			return true;
	return false;
}

/* Regions of one camera cover something else on another one. */
static int check_camera(const struct choice *choice, const struct item *item,
			struct scrim_error *err)
{
	const char *camera = choice->of_camera;

	return !camera || !*camera || !strcmp(camera, item->camera) ? 0 :
		fail(err, -EINVAL, "it is of camera '%s', and the policy is of '%s'", item->camera,
		     camera);
}

static void look_at(struct choice *choice, unsigned i, const struct secret *secret)
{
	struct chosen *p = &choice->at[i];
	struct clip clip;

	p->state = CLIP_FAILED;
	if (clip_open(&clip, p->path, &p->why) < 0)
		return;
	clip_close(&clip);
	if (check_camera(choice, &clip.item, &p->why) < 0)
		return;
	if (clip_notice(&p->notice, &clip.item, &choice->cameras, &p->why) < 0)
		return;
	p->item = clip.item;
	clip_covered(&p->item);
	secret_hash(p->hash, secret, "clip", p->item.sha256);
	secret_pseudonym(p->camera, secret, "camera", p->item.camera);
	p->state = was_named(choice, i) ? CLIP_TWICE : CLIP_GOES;
}

/* Events */

static bool overlap(const struct item *a, const struct item *b)
{
	return a->event == b->event && !strcmp(clip_donor(a), clip_donor(b)) &&
	       a->from <= b->until && b->from <= a->until;
}

/* Of all that touch, through others as well: the first moment. */
static int64_t first_moment(const struct choice *choice, unsigned i)
{
	struct item span = choice->at[i].item;
	bool grew = true;

	while (grew) {
		grew = false;
		for (unsigned n = 0; n < choice->count; n++) {
			const struct item *other = &choice->at[n].item;

			if (choice->at[n].state == CLIP_FAILED || !overlap(&span, other) ||
			    (other->from >= span.from && other->until <= span.until))
				continue;
			if (other->from < span.from)
				span.from = other->from;
			if (other->until > span.until)
				span.until = other->until;
			grew = true;
		}
	}
	return span.from;
}

static bool touches(const struct chosen *a, const struct chosen *b)
{
	return a->state != CLIP_FAILED && b->state != CLIP_FAILED && a->begin == b->begin &&
	       a->item.event == b->item.event && !strcmp(clip_donor(&a->item), clip_donor(&b->item));
}

static unsigned place_of(const struct choice *choice, const struct chosen *p)
{
	unsigned place = 0;

	for (const struct chosen *o = choice->at; o < choice->at + choice->count; o++)
		place += touches(o, p) && o->state != CLIP_TWICE &&
			 !strcmp(o->item.camera, p->item.camera) &&
			 (o->item.from < p->item.from ||
			  (o->item.from == p->item.from && strcmp(o->hash, p->hash) < 0));
	return place;
}

/*
 * Clips of one donor and one class whose times touch are of one event, when other cameras took
 * them: the first of each camera, the second of each, and so on.  It is named for the clip of one
 * of these cameras, so that two clips of one camera never have one event.
 */
static void name_event(struct choice *choice, struct chosen *p, const struct secret *secret)
{
	const struct chosen *first = p;

	for (const struct chosen *o = choice->at; o < choice->at + choice->count; o++)
		if (touches(o, p) && o->place == p->place &&
		    strcmp(o->item.camera, first->item.camera) < 0)
			first = o;
	secret_pseudonym(p->event, secret, "event", first->hash);
}

static void find_events(struct choice *choice, const struct secret *secret)
{
	for (unsigned i = 0; i < choice->count; i++)
		choice->at[i].begin = first_moment(choice, i);
	for (unsigned i = 0; i < choice->count; i++)
		choice->at[i].place = place_of(choice, &choice->at[i]);
	for (unsigned i = 0; i < choice->count; i++)
		if (choice->at[i].state != CLIP_FAILED)
			name_event(choice, &choice->at[i], secret);
}

/* Judging */

static int count_taken(struct judge_case *c, const struct choice *choice, const struct chosen *p,
		       struct exports *exports, struct scrim_error *err)
{
	const struct export_count of = { choice->campaign->id, clip_donor(&p->item), p->item.camera,
					 p->item.event, p->event, NULL, p->hash };

	*c = (struct judge_case){ .item = &p->item, .event = p->event, .notice = p->notice };
	return exports ? exports_taken(exports, &of, &c->class_taken, &c->donor_taken, err) : 0;
}

/* All that are to go, in their order; which[i] is the index of the i-th. */
static int judge_going(struct judgement *judgement, const struct choice *choice,
		       struct exports *exports, unsigned *which, struct judge_case *cases,
		       struct scrim_error *err)
{
	struct judge_request request = {
		.store = choice->store, .settings = choice->settings, .campaign = choice->campaign,
		.recipient = choice->recipient, .purpose = choice->purpose, .at = cases,
		.known = exports ? &exports_books(exports)->consents : NULL,
	};
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < choice->count; i++)
		if (choice->at[i].state == CLIP_GOES) {
			which[request.count] = i;
			ret = count_taken(&cases[request.count++], choice, &choice->at[i],
					  exports, err);
		}
	return ret < 0 ? ret : judge(judgement, &request, err);
}

static void take_answer(struct chosen *p, const struct judged *judged)
{
	p->judged = *judged;
	if (judged->code != DECISION_ALLOW)
		p->state = CLIP_REFUSED;
}

void choice_count_faces(struct chosen *p)
{
	const struct redacted *r = &p->redacted;
	struct judged strangers = { .code = E_NOCONSENT, .rule = "noconsent.faces" };

	if (p->item.persons || r->faces <= p->item.false_faces)
		return;
	snprintf(strangers.sentence, sizeof(strangers.sentence), "nobody is in it, says its item, and "
		 "%lld face%s found, in %lld of %lld pictures; name who it is, or, where somebody looked "
		 "and it is none, say \"false_faces\": %lld", (long long)r->faces,
		 r->faces == 1 ? " was" : "s were", (long long)r->with_faces, (long long)r->frames,
		 (long long)r->faces);
	take_answer(p, &strangers);
}

/* *first: the first that may not; NULL: all may. */
static int ask(struct choice *choice, struct exports *exports, const struct chosen **first,
	       struct scrim_error *err)
{
	unsigned going = choice_going(choice), *which = calloc(going + 1, sizeof(*which));
	struct judge_case *cases = calloc(going + 1, sizeof(*cases));
	struct judgement *judgement = calloc(1, judgement_size(going));
	int ret = which && cases && judgement ? 0 : fail(err, -ENOMEM, "no memory to decide");

	*first = NULL;
	if (ret >= 0)
		ret = judge_going(judgement, choice, exports, which, cases, err);
	for (unsigned i = 0; ret >= 0 && i < going; i++) {
		take_answer(&choice->at[which[i]], &judgement->at[i]);
		if (judgement->at[i].code != DECISION_ALLOW && !*first)
			*first = &choice->at[which[i]];
	}
	if (ret >= 0)
		choice->head = judgement->head;
	free(which);
	free(cases);
	free(judgement);
	return ret < 0 ? ret : 0;
}

static int look_for_given(struct choice *choice, struct exports *exports, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; exports && ret >= 0 && i < choice->count; i++) {
		struct chosen *p = &choice->at[i];

		if (p->state != CLIP_GOES)
			continue;
		ret = exports_has(exports, choice->campaign->id, choice->recipient, p->hash,
				  p->bundle, err);
		if (ret > 0)
			p->state = CLIP_GIVEN;
	}
	return ret < 0 ? ret : 0;
}

int choice_make(struct choice *choice, const struct secret *secret, struct exports *exports,
		struct scrim_error *err)
{
	const struct chosen *first;
	int ret;

	for (unsigned i = 0; i < choice->count; i++)
		look_at(choice, i, secret);
	find_events(choice, secret);
	ret = look_for_given(choice, exports, err);
	return ret < 0 ? ret : ask(choice, exports, &first, err);
}

int choice_ask_again(struct choice *choice, struct exports *exports, struct scrim_error *err)
{
	const struct chosen *refused;
	int ret = ask(choice, exports, &refused, err);

	if (ret < 0 || !refused)
		return ret;
	choice->revoked = true;
	return fail(err, -EPERM, "nothing was exported, since %s may no longer be: %s", refused->path,
		    refused->judged.sentence);
}
