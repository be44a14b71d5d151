// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Few keys, and a line that is not one of them is an error: libinih, which joins and cuts lines,
 * would have to be watched at more places than there are keys.
 */
#include "consent/settings.h"

#include <stdio.h>
#include <string.h>

#include "consent/entry.h"
#include "text.h"

struct reading {
	struct export_settings *settings;
	const char *name;
	unsigned line;
	bool opened, has_allow, has_suspended;
	struct scrim_error *err;
};

static int wrong(const struct reading *r, const char *what, const char *word)
{
	return fail(r->err, -EINVAL, "%s:%u: %s '%.64s'", r->name, r->line, what, word);
}

static int set_allow(struct reading *r, const char *value)
{
	if (r->has_allow)
		return wrong(r, "there is a second", "allow");
	if (strcmp(value, "yes") && strcmp(value, "no"))
		return wrong(r, "allow: neither yes nor no but", value);
	r->has_allow = true;
	r->settings->allow = !strcmp(value, "yes");
	return 0;
}

static int set_suspended(struct reading *r, char *value)
{
	struct export_settings *s = r->settings;
	char *next;

	if (r->has_suspended)
		return wrong(r, "there is a second", "suspended");
	r->has_suspended = true;
	for (char *id = strtok_r(value, " \t", &next); id; id = strtok_r(NULL, " \t", &next)) {
		if (!log_word_ok(id, sizeof(s->id[0])))
			return wrong(r, "suspended: no id of a recipient:", id);
		if (s->suspended == SETTINGS_SUSPENDED_MAX)
			return wrong(r, "suspended: too many, from", id);
		snprintf(s->id[s->suspended++], sizeof(s->id[0]), "%s", id);
	}
	return 0;
}

static int add_person(struct reading *r, char *value)
{
	char *next, *id = strtok_r(value, " \t", &next), *key = strtok_r(NULL, " \t", &next);
	struct export_settings *s = r->settings;
	struct public_key ignored;

	if (!log_word_ok(id, sizeof(s->person[0].id)))
		return wrong(r, "person: no pseudonym:", id);
	if (!key || strtok_r(NULL, " \t", &next) || !public_key_of_word(&ignored, key))
		return wrong(r, "person: no key of one person:", key ? key : "");
	for (unsigned i = 0; i < s->persons; i++)
		if (!strcmp(s->person[i].id, id) || !strcmp(s->person[i].key, key))
			return wrong(r, "person: one has one key, once:", id);
	if (s->persons == SETTINGS_PERSONS_MAX)
		return wrong(r, "person: too many, from", id);
	snprintf(s->person[s->persons].id, sizeof(s->person[0].id), "%s", id);
	snprintf(s->person[s->persons++].key, sizeof(s->person[0].key), "%s", key);
	return 0;
}

static void trim(char **text)
{
	size_t length;

	*text += strspn(*text, " \t");
	length = strlen(*text);
	while (length && strchr(" \t", (*text)[length - 1]))
		(*text)[--length] = '\0';
}

static int take(struct reading *r, char *line)
{
	char *key = line, *value = strchr(line, '=');

	if (!strcmp(line, "[export]"))
		return r->opened ? wrong(r, "there is a second", line) : (r->opened = true, 0);
	if (!r->opened || !value)
		return wrong(r, "not understood:", line);
	*value++ = '\0';
	trim(&key);
	trim(&value);
	if (!*value)
		return wrong(r, "there is no value for", key);
	if (!strcmp(key, "allow"))
		return set_allow(r, value);
	if (!strcmp(key, "suspended"))
		return set_suspended(r, value);
	if (!strcmp(key, "person"))
		return add_person(r, value);
	return wrong(r, "unknown key", key);
}

int settings_read(struct export_settings *settings, char *text, size_t size, const char *name,
		  struct scrim_error *err)
{
	struct reading r = { .settings = settings, .name = name, .err = err };
	char *at = text, *line;
	int ret = 0;

	memset(settings, 0, sizeof(*settings));
	while (ret >= 0 && (line = text_line(&at, text + size))) {
		r.line++;
		if (*line && *line != ';' && *line != '#')
			ret = take(&r, line);
	}
	if (ret >= 0 && !r.has_allow)
		ret = fail(err, -EINVAL, "%s: there is no 'allow' in [export]", name);
	if (ret < 0)
		memset(settings, 0, sizeof(*settings));
	return ret;
}

uint32_t settings_suspended(const struct export_settings *settings,
			    const struct campaign *campaign)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < settings->suspended; i++)
		for (unsigned n = 0; n < campaign->recipients; n++)
			if (!strcmp(settings->id[i], campaign->recipient[n].key.id))
				set |= term_bit(n);
	return set;
}
