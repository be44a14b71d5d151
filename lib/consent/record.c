// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/record.h"

#include <stdio.h>
#include <string.h>

#include "consent/agreed.h"
#include "consent/when.h"

/* Reading */

static void subject_read(struct fields *f, struct consent *c)
{
	struct fields s;

	fields_into(&s, f, "subject");
	fields_name(&s, "id", c->subject.id, sizeof(c->subject.id));
	fields_word(&s, "role", &roles, &c->subject.role);
	fields_word(&s, "age_class", &age_classes, &c->subject.age_class);
	fields_leave(&s, f);
}

static void notices_read(struct fields *f, struct consent *c)
{
	struct fields n;

	fields_into(&n, f, "notice");
	fields_name(&n, "id", c->notice.id, sizeof(c->notice.id));
	fields_name(&n, "version", c->notice.version, sizeof(c->notice.version));
	fields_sha256(&n, "sha256", c->notice.sha256);
	fields_name(&n, "language", c->notice.language, sizeof(c->notice.language));
	fields_leave(&n, f);
	fields_into(&n, f, "terms");
	fields_name(&n, "version", c->terms.version, sizeof(c->terms.version));
	fields_sha256(&n, "sha256", c->terms.sha256);
	fields_leave(&n, f);
}

static void one_process_read(struct fields *f, void *to)
{
	struct consent *c = to;

	process_read(f, &c->process[c->processes++], true);
}

static void event_read(struct fields *f, struct consent_event *e)
{
	fields_word(f, "state", &states, &e->state);
	fields_word(f, "type", &event_types, &e->type);
	fields_word(f, "by", &authors, &e->by);
	fields_word(f, "method", &methods_of_asking, &e->method);
	fields_time(f, "time", &e->time);
	fields_time(f, "from", &e->from);
	fields_time(f, "until", &e->until);
	if (f->ret >= 0 && e->from >= e->until)
		fields_wrong(f, "until", "is not after from");
	if (f->ret >= 0 && e->by == BY_KEEPER && e->state != STATE_WITHDRAWN)
		fields_wrong(f, "by", "is somebody who can only take it back");
}

/* Whoever withdrew has to be asked again, under another record. */
static void check_events(struct fields *f, const struct consent *c)
{
	for (unsigned i = 0; f->ret >= 0 && i < c->events; i++) {
		if (i && c->event[i].time < c->event[i - 1].time)
			fields_wrong(f, "events", "are not in the order of their times");
		if (i ? c->event[i - 1].state == STATE_WITHDRAWN : c->event[i].state != STATE_GIVEN)
			fields_wrong(f, "events", i ? "go on after it was withdrawn" :
				     "do not begin with one that gives it");
	}
}

static void one_event_read(struct fields *f, void *to)
{
	struct consent *c = to;

	event_read(f, &c->event[c->events++]);
}

static void events_read(struct fields *f, struct consent *c)
{
	fields_objects(f, "events", 1, CONSENT_EVENTS_MAX, one_event_read, c);
	check_events(f, c);
}

static void applies_before_read(struct fields *f, struct consent *c)
{
	char text[64] = "";

	fields_text(f, "applies_before", text, sizeof(text));
	if (f->ret < 0 || !strcmp(text, "none"))
		return;
	c->has_applies_before = when_read(&c->applies_before, text);
	if (!c->has_applies_before)
		fields_wrong(f, "applies_before", "'%s' is neither a time with a zone nor none", text);
}

static void withdrawal_read(struct fields *f, struct consent *c)
{
	struct fields w;

	fields_into(&w, f, "withdrawal");
	fields_text(&w, "command", c->withdrawal_command, sizeof(c->withdrawal_command));
	if (fields_have(&w, "url"))
		fields_text(&w, "url", c->withdrawal_url, sizeof(c->withdrawal_url));
	fields_leave(&w, f);
}

/* A record that was printed says where in the log it stands. */
static void chain_read(struct fields *f, struct consent *c)
{
	if (!fields_have(f, "hash"))
		return;
	fields_sha256(f, "prev", c->prev);	/* as long, and as written, as BLAKE2b-256 */
	fields_sha256(f, "hash", c->hash);
	fields_text(f, "sig", c->sig, sizeof(c->sig));
}

static void take(struct fields *f, struct consent *c)
{
	char conforms_to[TERM_TEXT_MAX] = "";

	fields_schema(f, CONSENT_SCHEMA);
	fields_text(f, "conforms_to", conforms_to, sizeof(conforms_to));
	if (f->ret >= 0 && strcmp(conforms_to, CONSENT_CONFORMS_TO))
		fields_wrong(f, "conforms_to", "is not " CONSENT_CONFORMS_TO);
	fields_uuid(f, "record_id", c->record_id, sizeof(c->record_id));
	subject_read(f, c);
	fields_name(f, "campaign", c->campaign, sizeof(c->campaign));
	if (fields_have(f, "title"))
		fields_text(f, "title", c->title, sizeof(c->title));
	notices_read(f, c);
	controller_read(f, "controller", &c->controller);
	fields_objects(f, "process", 1, CONSENT_PROCESSES_MAX, one_process_read, c);
	events_read(f, c);
	applies_before_read(f, c);
	withdrawal_read(f, c);
	rights_read(f, &c->rights);
	fields_places(f, "jurisdiction", 1, &c->jurisdiction);
	chain_read(f, c);
}

int consent_read(struct consent *consent, const json_t *json, struct scrim_error *err)
{
	struct fields f;
	int ret;

	memset(consent, 0, sizeof(*consent));
	fields_open(&f, json, "", err);
	take(&f, consent);
	ret = fields_close(&f);
	if (ret < 0)
		memset(consent, 0, sizeof(*consent));
	return ret;
}

int consent_event_read(struct consent_event *event, const json_t *json, struct scrim_error *err)
{
	struct fields f;

	memset(event, 0, sizeof(*event));
	fields_open(&f, json, "event", err);
	event_read(&f, event);
	return fields_close(&f);
}

/* Writing */

json_t *consent_event_json(const struct consent_event *e)
{
	char time[WHEN_TEXT_MAX], from[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];

	when_write(time, e->time);
	when_write(from, e->from);
	when_write(until, e->until);
	return json_pack("{ss ss ss ss ss ss ss}", "state", term_name(&states, e->state),
			 "type", term_name(&event_types, e->type), "by", term_name(&authors, e->by),
			 "method", term_name(&methods_of_asking, e->method), "time", time,
			 "from", from, "until", until);
}

static json_t *processes_json(const struct consent *c)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < c->processes; i++)
		json_array_append_new(list, process_json(&c->process[i]));
	return list;
}

static json_t *events_json(const struct consent *c)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < c->events; i++)
		json_array_append_new(list, consent_event_json(&c->event[i]));
	return list;
}

static json_t *withdrawal_json(const struct consent *c)
{
	json_t *json = json_pack("{ss}", "command", c->withdrawal_command);

	if (*c->withdrawal_url)
		json_object_set_new(json, "url", json_string(c->withdrawal_url));
	return json;
}

json_t *consent_json(const struct consent *c)
{
	char before[WHEN_TEXT_MAX] = "none";
	json_t *json;

	if (c->has_applies_before)
		when_write(before, c->applies_before);
	json = json_pack("{ss ss ss s{ss ss ss} ss s{ss ss ss ss} s{ss ss} so so so ss so so so}",
		"schema", CONSENT_SCHEMA "/1", "conforms_to", CONSENT_CONFORMS_TO,
		"record_id", c->record_id, "subject", "id", c->subject.id,
		"role", term_name(&roles, c->subject.role),
		"age_class", term_name(&age_classes, c->subject.age_class), "campaign", c->campaign,
		"notice", "id", c->notice.id, "version", c->notice.version,
		"sha256", c->notice.sha256, "language", c->notice.language,
		"terms", "version", c->terms.version, "sha256", c->terms.sha256,
		"controller", controller_json(&c->controller), "process", processes_json(c),
		"events", events_json(c), "applies_before", before,
		"withdrawal", withdrawal_json(c), "rights", rights_json(&c->rights),
		"jurisdiction", places_json(&c->jurisdiction));
	if (json && *c->title)
		json_object_set_new(json, "title", json_string(c->title));
	if (json && *c->hash)
		json_object_update_new(json, json_pack("{ss ss ss}", "prev", c->prev, "hash", c->hash,
						       "sig", c->sig));
	return json;
}

/* What it comes to */

const struct consent_event *consent_last(const struct consent *c)
{
	return &c->event[c->events ? c->events - 1 : 0];
}

bool consent_is_given(const struct consent *c, int64_t now)
{
	const struct consent_event *last = consent_last(c);

	return c->events && last->state == STATE_GIVEN && now >= last->from && now < last->until;
}

/* One process that is offered as it was agreed to is enough: that one would be looked at. */
static bool is_another_offer(const struct consent *c, const struct campaign *campaign)
{
	for (unsigned i = 0; i < c->processes; i++)
		if (!agreed_change(c, &c->process[i], campaign))
			return false;
	return true;
}

const char *consent_state(const struct consent *c, const struct campaign *campaign, int64_t now)
{
	const struct consent_event *last = consent_last(c);

	if (last->state != STATE_GIVEN)
		return "withdrawn";
	if (now >= last->until)
		return "expired";
	if (now < last->from)
		return "not-yet";
	if (campaign && is_another_offer(c, campaign))
		return "pending-reconsent";
	return "given";
}
