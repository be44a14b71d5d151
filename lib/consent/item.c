// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/item.h"

#include <stdio.h>
#include <string.h>

#define PERSONS_MAX	10000
#define FALSE_FACES_MAX	1000000
#define VERSION_MAX	1000000000

bool item_needs_notice(const struct item *item)
{
	return item->source == SOURCE_MEETING || item->source == SOURCE_DESK ||
	       item->source == SOURCE_WORKPLACE || item->event == EVENT_MEETING;
}

static void captured_read(struct fields *f, struct item *item)
{
	struct fields c;

	fields_into(&c, f, "captured");
	fields_time(&c, "from", &item->from);
	fields_time(&c, "until", &item->until);
	if (c.ret >= 0 && item->until < item->from)
		fields_wrong(&c, "until", "is before from");
	fields_leave(&c, f);
}

static void person_read(struct fields *f, void *to)
{
	struct item *item = to;
	struct person *person = &item->person[item->people++];

	fields_name(f, "id", person->id, sizeof(person->id));
	fields_word(f, "role", &roles, &person->role);
	fields_word(f, "age_class", &age_classes, &person->age_class);
	fields_flag(f, "visible", &person->visible);
	for (unsigned i = 0; f->ret >= 0 && i + 1 < item->people; i++)
		if (!strcmp(item->person[i].id, person->id))
			fields_wrong(f, "id", "'%s' is there twice", person->id);
}

static void people_read(struct fields *f, struct item *item)
{
	unsigned visible = 0;

	fields_objects(f, "people", 1, PEOPLE_MAX, person_read, item);
	for (unsigned i = 0; i < item->people; i++)
		visible += item->person[i].visible;
	if (f->ret >= 0 && item->persons < visible)
		fields_wrong(f, "persons", "%u are in the picture, and %u are visible", item->persons,
			     visible);
}

static void false_faces_read(struct fields *f, struct item *item)
{
	int64_t faces = 0;

	if (!fields_have(f, "false_faces"))
		return;
	fields_number(f, "false_faces", 1, FALSE_FACES_MAX, &faces);
	if (f->ret >= 0 && item->persons)
		fields_wrong(f, "false_faces", "somebody is in the picture");
	if (f->ret >= 0)
		item->false_faces = faces;
}

static void redaction_read(struct fields *f, struct item *item)
{
	struct fields r;

	fields_into(&r, f, "redaction");
	fields_flag(&r, "faces", &item->redaction.faces);
	fields_flag(&r, "plates", &item->redaction.plates);
	fields_word(&r, "method", &strengths, &item->redaction.method);
	fields_number(&r, "version", 1, VERSION_MAX, &item->redaction.version);
	fields_leave(&r, f);
}

static void take(struct fields *f, struct item *item)
{
	int64_t persons = 0;

	fields_schema(f, "scrim.item");
	fields_sha256(f, "sha256", item->sha256);
	fields_name(f, "camera", item->camera, sizeof(item->camera));
	captured_read(f, item);
	fields_word(f, "source_class", &source_classes, &item->source);
	fields_word(f, "event_class", &event_classes, &item->event);
	fields_word(f, "origin", &origins, &item->origin);
	if (f->ret >= 0 && item->origin != ORIGIN_REAL && item->origin != ORIGIN_STAGED)
		fields_wrong(f, "origin", "is real or staged");
	fields_place(f, "region", item->region);
	fields_words(f, "tags", &tags, 0, &item->tags);
	fields_flag(f, "private", &item->is_private);
	fields_words(f, "data", &data_classes, 1, &item->data);
	fields_words(f, "shown", &excluded_classes, 0, &item->shown);
	fields_number(f, "persons", 0, PERSONS_MAX, &persons);
	item->persons = persons;
	false_faces_read(f, item);
	people_read(f, item);
	redaction_read(f, item);
	if (fields_have(f, "description"))
		fields_text(f, "description", item->description, sizeof(item->description));
}

int item_read(struct item *item, const char *text, size_t size, const char *name,
	      struct scrim_error *err)
{
	struct scrim_error why = { 0 };
	struct fields f;
	json_t *json;
	int ret;

	memset(item, 0, sizeof(*item));
	ret = document_read(&json, text, size, name, err);
	if (ret < 0)
		return ret;
	fields_open(&f, json, "", &why);
	take(&f, item);
	ret = fields_close(&f);
	json_decref(json);
	if (ret >= 0)
		return 0;
	memset(item, 0, sizeof(*item));
	return fail(err, ret, "%s: %s", name, why.text);
}
