// SPDX-License-Identifier: GPL-2.0
/*
 * scrim export on and off: one word in /etc/scrim/export.conf, which every export asks for before
 * each clip.  Who it is suspended for stays, and who the persons are.
 */
#include "export.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/aside.h"
#include "consent/exports.h"
#include "consent/settings.h"
#include "guard/cage.h"
#include "text.h"

#define SETTINGS_SIZE_MAX	(64u << 10)

/* What there is; one that is wrong allows nothing, and is written anew by off alone. */

struct reading {
	int fd;
	const char *name;
};

static int read_caged(void *ctx, void *result, struct scrim_error *err)
{
	const struct reading *r = ctx;
	char *text = NULL;
	size_t size;
	int ret = text_read(&text, &size, SETTINGS_SIZE_MAX, r->fd, r->name, err);

	if (ret >= 0)
		ret = settings_read(result, text, size, r->name, err);
	free(text);
	return ret;
}

static bool is_sound(const struct export_settings *s)
{
	bool sound = s->suspended <= SETTINGS_SUSPENDED_MAX && s->persons <= SETTINGS_PERSONS_MAX;
	struct public_key key;

	for (unsigned i = 0; sound && i < s->suspended; i++)
		sound = memchr(s->id[i], '\0', sizeof(s->id[i])) &&
			log_word_ok(s->id[i], sizeof(s->id[i]));
	for (unsigned i = 0; sound && i < s->persons; i++)
		sound = memchr(s->person[i].id, '\0', TERM_ID_MAX) &&
			memchr(s->person[i].key, '\0', PUBLIC_KEY_WORD_MAX) &&
			log_word_ok(s->person[i].id, TERM_ID_MAX) &&
			public_key_of_word(&key, s->person[i].key);
	return sound;
}

static int read_settings(struct export_settings *settings, const char *path,
			 struct scrim_error *err)
{
	struct reading r = { open_regular(path, err), path };
	const struct caged_call call = { .work = read_caged, .ctx = &r, .keep = &r.fd, .kept = 1,
					 .size = sizeof(*settings) };
	int ret;

	memset(settings, 0, sizeof(*settings));
	if (r.fd < 0)
		return r.fd == -ENOENT ? 0 : r.fd;
	ret = caged(&call, settings, err);
	close(r.fd);
	if (ret >= 0 && !is_sound(settings))
		ret = fail(err, -EIO, "cannot read %s: the worker's answer is none", path);
	if (ret < 0)
		memset(settings, 0, sizeof(*settings));
	return ret;
}

static int write_settings(const struct export_settings *s, const char *path,
			  struct scrim_error *err)
{
	char text[SETTINGS_SUSPENDED_MAX * TERM_ID_MAX +
		  SETTINGS_PERSONS_MAX * (TERM_ID_MAX + PUBLIC_KEY_WORD_MAX + 16) + 128], folder[4096];
	const char *slash = strrchr(path, '/');
	int fd, at, ret;

	at = snprintf(text, sizeof(text), "; scrim export on|off\n[export]\nallow = %s\n",
		      s->allow ? "yes" : "no");
	if (s->suspended)
		at += snprintf(text + at, sizeof(text) - at, "suspended =");
	for (unsigned i = 0; i < s->suspended; i++)
		at += snprintf(text + at, sizeof(text) - at, " %s", s->id[i]);
	at += snprintf(text + at, sizeof(text) - at, "%s", s->suspended ? "\n" : "");
	for (unsigned i = 0; i < s->persons; i++)
		at += snprintf(text + at, sizeof(text) - at, "person = %s %s\n", s->person[i].id,
			       s->person[i].key);
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(err, -errno, "cannot open %s: %s", folder, strerror(errno));
	ret = aside_write(fd, slash ? slash + 1 : path, text, 0644, ASIDE_INSTEAD, err);
	close(fd);
	return ret;
}

/* Where it can be: the file is what counts. */
static void write_down(const char *store, bool on)
{
	struct exports *exports = NULL;
	struct scrim_error err;
	int ret = exports_open(&exports, store, NULL, &err);

	if (ret >= 0)
		ret = exports_switch(exports, on, &err);
	if (ret < 0)
		complain("export is %s, which could not be written down: %s", on ? "on" : "off",
			 err.text);
	exports_close(exports);
}

int export_switch(const struct export_options *o, bool on)
{
	struct export_settings settings;
	struct scrim_error err;
	int ret = read_settings(&settings, o->settings, &err);

	if (ret < 0 && on) {
		complain("%s", err.text);
		return EXIT_USAGE;
	}
	if (on && !settings.allow && !o->accept) {
		complain("users could give clips away then, with every consent; --accept does it");
		return EXIT_USAGE;
	}
	settings.allow = on;
	ret = write_settings(&settings, o->settings, &err);
	if (ret < 0) {
		complain("export stays as it is: %s", err.text);
		return EXIT_FAILED;
	}
	if (!o->quiet)
		printf("export is %s\n", on ? "on" : "off");
	write_down(o->store, on);
	return EXIT_DONE;
}
