// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/campaign.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/minisign.h"
#include "guard/cage.h"
#include "text.h"

#define QUOTA_MAX	1000000000

/* The hash that people agree to is that of the text that they are shown. */
static void text_read_pinned(struct fields *f, const char *key, struct notice *notice, char *text,
			     size_t room, bool is_notice)
{
	char sha256[SHA256_TEXT_MAX];
	struct fields n;

	fields_into(&n, f, key);
	fields_name(&n, "version", notice->version, sizeof(notice->version));
	fields_sha256(&n, "sha256", notice->sha256);
	fields_lines(&n, "text", text, room);
	if (is_notice) {
		fields_name(&n, "id", notice->id, sizeof(notice->id));
		fields_name(&n, "language", notice->language, sizeof(notice->language));
	}
	if (n.ret >= 0) {
		sha256_text(sha256, text, strlen(text));
		if (strcmp(sha256, notice->sha256))
			fields_wrong(&n, "sha256", "the text's is %s", sha256);
	}
	fields_leave(&n, f);
}

static void quota_read(struct fields *f, struct campaign *c)
{
	struct fields q;

	fields_into(&q, f, "quota");
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		if (c->offer.events & term_bit(i))
			fields_number(&q, event_classes.names[i], 1, QUOTA_MAX, &c->quota[i]);
	fields_leave(&q, f);
}

static void recipient_read(struct fields *f, struct campaign *c, const json_t *json)
{
	struct campaign_recipient *r = &c->recipient[c->recipients];
	json_t *processors = NULL;
	struct fields one;

	fields_open(&one, json, "recipients", f->err);
	fields_name(&one, "id", r->key.id, sizeof(r->key.id));
	if (one.ret >= 0 && campaign_recipient(c, r->key.id))
		fields_wrong(&one, "id", "'%s' is there twice", r->key.id);
	fields_age_key(&one, "pubkey", r->key.pubkey);
	recipient_told_read(&one, &r->key);
	fields_place(&one, "region", r->region);
	fields_word(&one, "status", &recipient_statuses, &r->status);
	if (fields_have(&one, "processors"))	/* looked up when all are known */
		processors = fields_list(&one, "processors", 0, RECIPIENTS_MAX);
	json_decref(processors);
	if (one.ret >= 0 && !c->offer.third_party && strcmp(r->key.id, c->issuer.id))
		fields_wrong(&one, "id", "'%s' is a third party, and the offer says that there is none",
			     r->key.id);
	fields_leave(&one, f);
	c->recipients++;
}

static int recipient_index(const struct campaign *c, const char *id)
{
	for (unsigned i = 0; id && i < c->recipients; i++)
		if (!strcmp(c->recipient[i].key.id, id))
			return i;
	return -1;
}

static void processors_read(struct fields *f, struct campaign *c, unsigned of, const json_t *json)
{
	const json_t *list = json_object_get(json, "processors"), *value;
	size_t i;

	json_array_foreach(list, i, value) {
		int index = recipient_index(c, json_string_value(value));

		if (index < 0 || (unsigned)index == of)
			fields_wrong(f, "recipients", "a processor of '%s' is not another of the recipients",
				     c->recipient[of].key.id);
		else
			c->recipient[of].processors |= term_bit(index);
	}
}

static void recipients_read(struct fields *f, struct campaign *c)
{
	json_t *list = fields_list(f, "recipients", 1, RECIPIENTS_MAX), *value;
	size_t i;

	json_array_foreach(list, i, value)
		if (f->ret >= 0)
			recipient_read(f, c, value);
	json_array_foreach(list, i, value)
		if (f->ret >= 0)
			processors_read(f, c, i, value);
	json_decref(list);
}

static void take(struct fields *f, struct campaign *c)
{
	struct fields offer;

	fields_schema(f, "scrim.campaign");
	fields_name(f, "id", c->id, sizeof(c->id));
	fields_text(f, "title", c->title, sizeof(c->title));
	controller_read(f, "issuer", &c->issuer);
	text_read_pinned(f, "notice", &c->notice, c->notice_text, sizeof(c->notice_text), true);
	text_read_pinned(f, "terms", &c->terms, c->terms_text, sizeof(c->terms_text), false);
	fields_time(f, "from", &c->from);
	fields_time(f, "until", &c->until);
	if (f->ret >= 0 && c->from >= c->until)
		fields_wrong(f, "until", "is not after from");
	fields_into(&offer, f, "offer");
	process_read(&offer, &c->offer, false);
	fields_leave(&offer, f);
	quota_read(f, c);
	fields_word(f, "requires", &requirements, &c->requires);
	recipients_read(f, c);
	rights_read(f, &c->rights);
	fields_places(f, "jurisdiction", 1, &c->jurisdiction);
}

int campaign_read(struct campaign *campaign, const char *text, size_t size, const char *name,
		  struct scrim_error *err)
{
	struct scrim_error why = { 0 };
	struct fields f;
	json_t *json;
	int ret;

	memset(campaign, 0, sizeof(*campaign));
	ret = document_read(&json, text, size, name, err);
	if (ret < 0)
		return ret;
	fields_open(&f, json, "", &why);
	take(&f, campaign);
	ret = fields_close(&f);
	json_decref(json);
	if (ret >= 0)
		return 0;
	memset(campaign, 0, sizeof(*campaign));
	return fail(err, ret, "%s: %s", name, why.text);
}

const struct campaign_recipient *campaign_recipient(const struct campaign *campaign, const char *id)
{
	int index = recipient_index(campaign, id);

	return index < 0 ? NULL : &campaign->recipient[index];
}

/* The cage */

struct loading {
	int fd;
	const char *name;
};

static int load(void *ctx, void *result, struct scrim_error *err)
{
	const struct loading *l = ctx;
	char *text = NULL;
	size_t size;
	int ret = text_read(&text, &size, CAMPAIGN_FILE_MAX, l->fd, l->name, err);

	if (ret >= 0)
		ret = campaign_read(result, text, size, l->name, err);
	free(text);
	return ret;
}

/* Left by a process that read a stranger's bytes: texts end, what is counted is there. */
#define ENDS(text)	(memchr(text, '\0', sizeof(text)) != NULL)

static bool places_are_sound(const struct places *places)
{
	bool sound = places->count <= PLACES_MAX;

	for (unsigned i = 0; sound && i < places->count; i++)
		sound = ENDS(places->at[i]);
	return sound;
}

static bool notice_is_sound(const struct notice *n)
{
	return ENDS(n->id) && ENDS(n->version) && ENDS(n->sha256) && ENDS(n->language);
}

static bool offer_is_sound(const struct process *p)
{
	return !p->recipients && ENDS(p->purpose_text) && ENDS(p->storage.location) &&
	       ENDS(p->storage.retention) && ENDS(p->reward.currency) &&
	       places_are_sound(&p->storage.region) && places_are_sound(&p->geo.allow) &&
	       places_are_sound(&p->geo.deny);
}

static bool recipients_are_sound(const struct campaign *c)
{
	bool sound = c->recipients && c->recipients <= RECIPIENTS_MAX;

	for (unsigned i = 0; sound && i < c->recipients; i++) {
		const struct campaign_recipient *r = &c->recipient[i];

		sound = ENDS(r->key.id) && ENDS(r->key.pubkey) && ENDS(r->key.name) &&
			ENDS(r->key.receipts) && ENDS(r->region);
	}
	return sound;
}

static bool is_sound(const struct campaign *c)
{
	bool sound = c->rights.count <= RIGHTS_MAX;

	for (unsigned i = 0; sound && i < c->rights.count; i++)
		sound = ENDS(c->rights.at[i]);
	return sound && ENDS(c->id) && ENDS(c->title) && ENDS(c->issuer.name) && ENDS(c->issuer.id) &&
	       ENDS(c->issuer.contact) && ENDS(c->issuer.pubkey) && notice_is_sound(&c->notice) &&
	       notice_is_sound(&c->terms) && ENDS(c->notice_text) && ENDS(c->terms_text) &&
	       offer_is_sound(&c->offer) && recipients_are_sound(c) && places_are_sound(&c->jurisdiction);
}

int campaign_load(struct campaign *campaign, const char *path, struct scrim_error *err)
{
	struct loading l = { open_regular(path, err), path };
	const struct caged_call call = { .before = documents_before, .work = load, .ctx = &l,
					 .keep = &l.fd, .kept = 1, .size = sizeof(*campaign) };
	int ret;

	memset(campaign, 0, sizeof(*campaign));
	if (l.fd < 0)
		return l.fd;
	ret = caged(&call, campaign, err);
	close(l.fd);
	if (ret >= 0 && !is_sound(campaign)) {
		memset(campaign, 0, sizeof(*campaign));
		ret = fail(err, -EIO, "cannot read %s: the worker's answer is no campaign", path);
	}
	return ret;
}
