// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Walks through a configuration of Frigate by its path of keys.  libyaml takes it apart; what
 * is no mask is not looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "policy/import.h"
#include "text.h"

#define FILE_MAX	(4u << 20)
#define DEPTH_MAX	16
#define MASKS_MAX	IMPORTS_MAX

/* A mapping or a list that the walk is inside of. */
struct level {
	bool mapping;
	bool value;			/* of a mapping: the next node is a value */
	char key[POLICY_NAME_MAX];	/* of a mapping: of the value at hand */
};

/* A mask as it was written; its camera's size may follow only later. */
struct mask {
	char camera[POLICY_NAME_MAX];
	const char *what;
	unsigned line;
	char *text;			/* owned */
};

struct size {
	char camera[POLICY_NAME_MAX];	/* empty: of all cameras */
	unsigned width, height;
};

struct walk {
	const char *name;		/* of the file */
	struct scrim_error *err;
	unsigned depth;
	struct level level[DEPTH_MAX];
	unsigned masks, sizes;
	struct mask mask[MASKS_MAX];
	struct size size[POLICIES_MAX + 1];
};

/* Whether the keys on the way from `from` on are these; NULL is any. */
static bool is_path(const struct walk *w, unsigned from, const char *a, const char *b, const char *c)
{
	const char *keys[] = { a, b, c };
	unsigned count = 0, at = from;

	while (count < 3 && keys[count])
		count++;
	for (unsigned i = 0; i < count; i++, at++)
		if (at >= w->depth || !w->level[at].mapping || strcmp(w->level[at].key, keys[i]))
			return false;
	/* A list of them, or one alone. */
	return at == w->depth || (at + 1 == w->depth && !w->level[at].mapping);
}

/* Where the keys of a camera begin, and its name; or 0 and "" for those of all. */
static unsigned camera_keys(const struct walk *w, const char **camera)
{
	bool inside = w->depth > 2 && w->level[0].mapping && w->level[1].mapping &&
		      !strcmp(w->level[0].key, "cameras");

	*camera = inside ? w->level[1].key : "";
	return inside ? 2 : 0;
}

static struct size *size_of(struct walk *w, const char *camera, bool add)
{
	for (unsigned i = 0; i < w->sizes; i++)
		if (!strcmp(w->size[i].camera, camera))
			return &w->size[i];
	if (!add || w->sizes > POLICIES_MAX)
		return NULL;
	snprintf(w->size[w->sizes].camera, POLICY_NAME_MAX, "%s", camera);
	return &w->size[w->sizes++];
}

static int keep_mask(struct walk *w, const char *camera, const char *what,
		     const yaml_event_t *event)
{
	struct mask *mask = &w->mask[w->masks];
	unsigned line = event->start_mark.line + 1;

	if (w->masks == MASKS_MAX)
		return fail(w->err, -EINVAL, "%s:%u: more than %d masks", w->name, line, MASKS_MAX);
	mask->text = strdup((const char *)event->data.scalar.value);
	if (!mask->text)
		return fail(w->err, -ENOMEM, "%s: out of memory", w->name);
	snprintf(mask->camera, sizeof(mask->camera), "%s", camera);
	mask->what = what;
	mask->line = line;
	w->masks++;
	return 0;
}

/* "1280" of detect. */
static int keep_side(struct walk *w, const char *camera, bool width, const yaml_event_t *event)
{
	struct size *size = size_of(w, camera, true);
	const char *text = (const char *)event->data.scalar.value;
	unsigned side;
	int used = -1;

	if (!size || sscanf(text, "%5u%n", &side, &used) != 1 || text[used] ||
	    !side || side > SCRIM_SIDE_MAX)
		return fail(w->err, -EINVAL, "%s:%zu: '%.32s' is no size", w->name,
			    event->start_mark.line + 1, text);
	*(width ? &size->width : &size->height) = side;
	return 0;
}

static int take_value(struct walk *w, const yaml_event_t *event)
{
	const char *camera;
	unsigned from = camera_keys(w, &camera);

	if (is_path(w, from, "motion", "mask", NULL) && *camera)
		return *event->data.scalar.value ? keep_mask(w, camera, "motion", event) : 0;
	if (is_path(w, from, "objects", "mask", NULL) && *camera)
		return *event->data.scalar.value ? keep_mask(w, camera, "objects", event) : 0;
	if (is_path(w, from, "detect", "width", NULL))
		return keep_side(w, camera, true, event);
	if (is_path(w, from, "detect", "height", NULL))
		return keep_side(w, camera, false, event);
	return 0;
}

/* A value of a mapping is over: a key follows. */
static void leave_value(struct walk *w)
{
	if (w->depth && w->level[w->depth - 1].mapping)
		w->level[w->depth - 1].value = false;
}

static int take_scalar(struct walk *w, const yaml_event_t *event)
{
	struct level *level = w->depth ? &w->level[w->depth - 1] : NULL;
	int ret;

	if (level && level->mapping && !level->value) {
		snprintf(level->key, sizeof(level->key), "%s", event->data.scalar.value);
		level->value = true;
		return 0;
	}
	ret = take_value(w, event);
	leave_value(w);
	return ret;
}

static int enter(struct walk *w, bool mapping, size_t line)
{
	struct level *above = w->depth ? &w->level[w->depth - 1] : NULL;

	if (w->depth == DEPTH_MAX)
		return fail(w->err, -EBADMSG, "%s:%zu: too deep", w->name, line + 1);
	if (above && above->mapping && !above->value)
		return fail(w->err, -EBADMSG, "%s:%zu: a key that is no word", w->name, line + 1);
	w->level[w->depth++] = (struct level){ .mapping = mapping };
	return 0;
}

static int take(struct walk *w, const yaml_event_t *event)
{
	size_t line = event->start_mark.line;

	if (event->type == YAML_SCALAR_EVENT)
		return take_scalar(w, event);
	if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
		return enter(w, event->type == YAML_MAPPING_START_EVENT, line);
	/* What is said elsewhere might be a mask, and would be missed. */
	if (event->type == YAML_ALIAS_EVENT)
		return fail(w->err, -EBADMSG, "%s:%zu: *%.32s: anchors are not followed; write it out",
			    w->name, line + 1, event->data.alias.anchor);
	if (event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT) {
		w->depth--;
		leave_value(w);
	}
	return 0;
}

static int walk(struct walk *w, const char *text, size_t size)
{
	yaml_parser_t parser;
	yaml_event_t event;
	bool end = false;
	int ret = 0;

	if (!yaml_parser_initialize(&parser))
		return fail(w->err, -ENOMEM, "%s: out of memory", w->name);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	while (ret >= 0 && !end) {
		if (!yaml_parser_parse(&parser, &event)) {
			ret = fail(w->err, -EBADMSG, "%s:%zu: this is no YAML: %s", w->name,
				   parser.problem_mark.line + 1, parser.problem ? parser.problem : "?");
			break;
		}
		ret = take(w, &event);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return ret;
}

/* A mask is read with the size of its camera, of all cameras, or of the command line. */
static int add_mask(struct import *import, struct walk *w, const struct mask *mask,
		    unsigned width, unsigned height)
{
	const struct size *size = size_of(w, mask->camera, false);
	struct scrim_error why;
	int ret;

	if (!size || !size->width || !size->height)
		size = size_of(w, "", false);
	if (size && size->width && size->height) {
		width = size->width;
		height = size->height;
	}
	ret = import_frigate(import, mask->camera, mask->what, mask->text, width, height, &why);
	return ret < 0 ? fail(w->err, ret, "%s:%u: %s", w->name, mask->line, why.text) : 0;
}

int import_frigate_config(struct import *import, int fd, const char *name, unsigned width,
			  unsigned height, struct scrim_error *err)
{
	struct walk *w = calloc(1, sizeof(*w));
	char *text = NULL;
	size_t size;
	int ret;

	import->count = 0;
	if (!w)
		return fail(err, -ENOMEM, "%s: out of memory", name);
	w->name = name;
	w->err = err;
	ret = text_read(&text, &size, FILE_MAX, fd, name, err);
	if (ret >= 0)
		ret = walk(w, text, size);
	for (unsigned i = 0; ret >= 0 && i < w->masks; i++)
		ret = add_mask(import, w, &w->mask[i], width, height);
	if (ret >= 0 && !import->count)
		ret = fail(err, -ENOENT, "%s: no camera has a mask", name);
	for (unsigned i = 0; i < w->masks; i++)
		free(w->mask[i].text);
	free(text);
	free(w);
	return ret;
}
