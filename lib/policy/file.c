// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reads policies from INI files.  Whatever is not understood is an error with
 * file, line and word, and then there is no policy, which hides everything.
 *
 * One camera is read up to the first error; all cameras are read to the end, so
 * that every error is told.
 *
 * libinih takes a line apart.  It is fed by a reader of ours, because it does not
 * tell the line, drops what follows a "]", cuts long names and lines without a
 * word, and does not mention a section without keys.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "policy/configfs.h"
#include "policy/keys.h"
#include "text.h"
#include "url.h"

#define FILE_MAX	(1u << 20)
#define LINE_MAX_BYTES	4096		/* 64 points need about 1300 */
#define SECTION_MAX	POLICY_TITLE_MAX	/* what libinih keeps of a section's name */
#define SECTIONS_MAX	1024
#define BYTE_ORDER_MARK	"\xef\xbb\xbf"

/* A key that the reader puts behind each header; no file can contain it. */
#define OPENED		"\001"

/* Blanks and line end around a piece of a line, and its NUL. */
#define PIECE_FRAME	3

struct section {
	unsigned line;
	char title[SECTION_MAX + 1];	/* "camera porch" */
};

/* What holds for every camera that says nothing else; for all files together. */
struct defaults {
	const char *name;		/* file and line of [defaults]; NULL: there is none */
	unsigned line;
	uint32_t set;			/* keys, a bit each */
	struct policy policy;
};

struct reading {
	const char *name;		/* of the file */
	const char *wanted;		/* camera; NULL: the only one */
	int ret;			/* the first error, unless all are wanted */
	struct scrim_error *err;
	struct policies *all;		/* NULL: one camera, one error */
	struct defaults *defaults;

	/* What libinih is fed with. */
	char *next;			/* text */
	const char *end;
	unsigned line;
	char *rest;			/* of a line too long for libinih; NULL: nothing */
	bool header;			/* it has seen one and is to report it */
	bool unheard;			/* it was given something and has not reported it */

	/* What it has reported. */
	char key[SECTION_MAX + 1];
	char value[LINE_MAX_BYTES + 1];
	unsigned sections;
	struct section section[SECTIONS_MAX];
	uint32_t set;			/* keys of the section at hand, a bit each */
	bool lost;			/* its title is wrong; its keys are not looked at */

	struct policy *policy;		/* the wanted camera's */
	bool found;
	struct policy other;		/* read for its errors only */
	struct policy *camera;		/* one of these: of the section at hand */
	struct policy_region region;
};

void policies_add_error(struct policies *policies, const struct scrim_error *err)
{
	if (policies->errors < POLICY_ERRORS_MAX)
		memcpy(policies->error[policies->errors], err->text, sizeof(err->text));
	policies->errors++;
}

static int wrong(struct reading *r, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Only the first error counts, unless all do. */
static int wrong(struct reading *r, unsigned line, const char *fmt, ...)
{
	char text[sizeof(r->err->text)];
	struct scrim_error err;
	va_list args;

	if (r->ret < 0)
		return r->ret;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (r->all) {
		fail(&err, -EINVAL, "%s:%u: %s", r->name, line, text);
		policies_add_error(r->all, &err);
		return -EINVAL;
	}
	r->ret = fail(r->err, -EINVAL, "%s:%u: %s", r->name, line, text);
	return r->ret;
}

static const struct section *current(const struct reading *r)
{
	return r->sections ? &r->section[r->sections - 1] : NULL;
}

/* What follows "kind " in a title; NULL: another kind. */
static const char *title_name(const char *title, const char *kind)
{
	size_t length = strlen(kind);

	return strncmp(title, kind, length) || title[length] != ' ' ? NULL :
	       title + length + 1;
}

static unsigned where_of(const struct section *section)
{
	return title_name(section->title, "camera") ? IN_CAMERA :
	       title_name(section->title, "region") ? IN_REGION : IN_DEFAULTS;
}

static bool have_camera(const struct reading *r, const char *name, size_t length)
{
	for (unsigned i = 0; i < r->sections; i++) {
		const char *camera = title_name(r->section[i].title, "camera");

		if (camera && strlen(camera) == length && !strncmp(camera, name, length))
			return true;
	}
	return false;
}

static bool is_name(const char *name)
{
	return *name && *name != ' ' && name[strlen(name) - 1] != ' ' &&
	       !strpbrk(name, "/\t");
}

static struct policy *find_camera(struct policies *all, const char *name, size_t length)
{
	for (unsigned i = 0; i < all->count; i++)
		if (strlen(all->at[i].camera) == length &&
		    !strncmp(all->at[i].camera, name, length))
			return &all->at[i];
	return NULL;
}

/* Where a camera's keys go when all are wanted. */
static int add_camera(struct reading *r, const char *name)
{
	if (find_camera(r->all, name, strlen(name)))
		return wrong(r, r->line, "[camera %s] is there already, in another file", name);
	if (r->all->count == POLICIES_MAX)
		return wrong(r, r->line, "more than %d cameras", POLICIES_MAX);
	r->camera = &r->all->at[r->all->count++];
	r->found = true;
	return 0;
}

static int open_camera(struct reading *r, const char *name)
{
	if (!is_name(name))
		return wrong(r, r->line, "'%s' cannot be the name of a camera", name);
	if (!r->all && !r->wanted && r->found)
		return wrong(r, r->line, "a second camera, '%s'; say which one is meant", name);
	r->camera = &r->other;
	if (r->all && add_camera(r, name) < 0)
		return -EINVAL;
	if (!r->all && (!r->wanted || !strcmp(r->wanted, name))) {
		r->camera = r->policy;
		r->found = true;
	}
	*r->camera = r->defaults->policy;
	strcpy(r->camera->camera, name);	/* SECTION_MAX bytes at most */
	return 0;
}

/* Were it not the first section, it would hold for some cameras and not for others. */
static int open_defaults(struct reading *r)
{
	if (r->defaults->name)
		return wrong(r, r->line, "[defaults] is there already, in %s:%u",
			     r->defaults->name, r->defaults->line);
	if (r->sections > 1 || (r->all && r->all->count))
		return wrong(r, r->line, "[defaults] holds for all cameras and stands before them");
	r->defaults->name = r->name;
	r->defaults->line = r->line;
	r->camera = &r->defaults->policy;
	return 0;
}

/* The camera of a region; of one that nobody wants, its errors are. */
static struct policy *camera_of(struct reading *r, const char *name, size_t length)
{
	struct policy *camera = r->all ? find_camera(r->all, name, length) : NULL;

	if (r->all)
		return camera ? camera : &r->other;
	return r->found && strlen(r->policy->camera) == length &&
	       !strncmp(r->policy->camera, name, length) ? r->policy : &r->other;
}

static int open_region(struct reading *r, const char *path)
{
	const char *name = strchr(path, '/');

	if (!name || !is_name(name + 1))
		return wrong(r, r->line, "'%s' is not CAMERA/REGION", path);
	if (!have_camera(r, path, name - path))
		return wrong(r, r->line, "a region before or without its [camera %.*s]",
			     (int)(name - path), path);
	r->camera = camera_of(r, path, name - path);
	r->region = (struct policy_region){ .method = METHOD_FILL };
	strcpy(r->region.name, name + 1);
	return 0;
}

static bool is_set(const struct reading *r, const char *key, unsigned where)
{
	uint32_t set = r->set | (where == IN_CAMERA ? r->defaults->set : 0);

	return set >> (policy_key_find(key, where) - policy_keys) & 1;
}

static int close_camera(struct reading *r, const struct section *section)
{
	if (!is_set(r, "purpose", IN_CAMERA))
		return wrong(r, section->line, "[%s] has no purpose", section->title);
	/* A device is for scrimd, which makes files of that name. */
	if (*r->camera->device && !configfs_name_ok(r->camera->camera))
		return wrong(r, section->line, "[%s] has a device, so its name is to be at most 31 "
			     "letters, digits, _, - and ., and no . first", section->title);
	if (*r->camera->tls_ca && *r->camera->device && !url_is_secure(r->camera->device))
		return wrong(r, section->line, "[%s] has tls-ca, but its device is neither rtsps:// nor "
			     "https://", section->title);
	if (r->camera->detector == DETECTOR_REPLAY && !is_set(r, "replay", IN_CAMERA))
		return wrong(r, section->line, "[%s] has detector = replay, but no replay",
			     section->title);
	if (r->camera->detector == DETECTOR_NONE && is_set(r, "faces", IN_CAMERA) &&
	    r->camera->faces != METHOD_SHOW)
		return wrong(r, section->line, "[%s] covers faces, but has detector = none",
			     section->title);
	return 0;
}

/*
 * The badge is in the top left corner, a quarter of the shorter side wide and less than that
 * high; of pictures with less than 180 rows it takes a little more.
 */
#define BADGE_CORNER	0.3

/* Or a box around it is. */
static bool is_in_badge_corner(const struct polygon *polygon)
{
	bool left = false, top = false;

	for (unsigned i = 0; i < polygon->points; i++) {
		left |= polygon->at[i].x < BADGE_CORNER;
		top |= polygon->at[i].y < BADGE_CORNER;
	}
	return left && top;
}

static int close_region(struct reading *r, const struct section *section)
{
	const struct policy_region *region = &r->region;

	if (!is_set(r, "polygon", IN_REGION))
		return wrong(r, section->line, "[%s] has no polygon", section->title);
	if (region->locked && region->reveal)
		return wrong(r, section->line, "[%s] cannot be locked and reveal",
			     section->title);
	if (region->method == METHOD_SHOW && (region->locked || region->reveal))
		return wrong(r, section->line, "[%s] cannot be %s and show", section->title,
			     region->locked ? "locked" : "reveal");
	if (is_set(r, "between", IN_REGION) &&
	    (region->locked || region->reveal || region->method == METHOD_SHOW))
		return wrong(r, section->line, "[%s] cannot be between hours and %s",
			     section->title, region->locked ? "locked" : region->reveal ? "reveal" : "show");
	if (region->locked && r->camera->notice && is_in_badge_corner(&region->polygon))
		return wrong(r, section->line, "[%s] is locked, and the kernel would cover the badge of "
			     "`notice': keep it out of the top left, %.1f of each side",
			     section->title, BADGE_CORNER);
	if (r->camera == &r->other)
		return 0;
	if (r->camera->regions == POLICY_REGIONS_MAX)
		return wrong(r, section->line, "more than %d regions", POLICY_REGIONS_MAX);
	r->camera->region[r->camera->regions++] = *region;
	return 0;
}

static int close_section(struct reading *r)
{
	const struct section *section = current(r);

	if (!section || r->lost)
		return 0;
	switch (where_of(section)) {
	case IN_CAMERA:		return close_camera(r, section);
	case IN_REGION:		return close_region(r, section);
	}
	r->defaults->set = r->set;
	return 0;
}

static int open_section(struct reading *r, const char *title)
{
	const char *name;
	int ret;

	ret = close_section(r);
	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < r->sections; i++)
		if (!strcmp(r->section[i].title, title))
			return wrong(r, r->line, "[%s] is there already, in line %u", title,
				     r->section[i].line);
	if (r->sections == SECTIONS_MAX)
		return wrong(r, r->line, "more than %d sections", SECTIONS_MAX);
	r->section[r->sections].line = r->line;
	strcpy(r->section[r->sections++].title, title);
	if ((name = title_name(title, "camera")))
		ret = open_camera(r, name);
	else if ((name = title_name(title, "region")))
		ret = open_region(r, name);
	else if (!strcmp(title, "defaults"))
		ret = open_defaults(r);
	else
		ret = wrong(r, r->line, "unknown section [%s], not [camera NAME], "
			    "[region CAMERA/NAME] or [defaults]", title);
	if (ret < 0)
		return ret;
	r->lost = false;
	r->set = 0;
	return 0;
}

static int set_key(struct reading *r)
{
	const struct section *section = current(r);
	const struct policy_key *key;
	struct scrim_error why;
	unsigned where;
	int ret;

	if (r->lost)
		return 0;
	if (!section)
		return wrong(r, r->line, "'%s' stands before any section", r->key);
	where = where_of(section);
	key = policy_key_find(r->key, where);
	if (!key)
		return wrong(r, r->line, "unknown key '%s' in [%s]", r->key, section->title);
	if (r->set >> (key - policy_keys) & 1)
		return wrong(r, r->line, "'%s' is set twice in [%s]", r->key, section->title);
	r->set |= 1u << (key - policy_keys);
	if (!*r->value)
		return wrong(r, r->line, "%s: there is no value", r->key);
	ret = where == IN_REGION ? key->region(&r->region, r->value, &why) :
				   key->camera(r->camera, r->value, &why);
	return ret < 0 ? wrong(r, r->line, "%s: %s", r->key, why.text) : 0;
}

/* The line's length bounds the value, pieces and blanks between them included. */
static void hear_value(struct reading *r, const char *key, const char *value)
{
	if (*r->value) {
		strcat(r->value, " ");
	} else if (strlen(key) > SECTION_MAX) {
		wrong(r, r->line, "unknown key '%.32s...'", key);
		return;
	} else {
		strcpy(r->key, key);
	}
	strcat(r->value, value);
	if (!r->rest)
		set_key(r);
}

/* Called by libinih; 0 is an error. */
static int hear(void *ctx, const char *section, const char *key, const char *value)
{
	struct reading *r = ctx;

	r->unheard = false;
	if (r->ret < 0)
		return 0;
	if (!strcmp(key, OPENED))
		open_section(r, section);
	else
		hear_value(r, key, value);
	return r->ret == 0;
}

/* A blank and a ";" start a comment. */
static void cut_comment(char *line)
{
	for (char *c = line; *c; c++)
		if (*c == ';' && c > line && (c[-1] == ' ' || c[-1] == '\t')) {
			while (c > line && (c[-1] == ' ' || c[-1] == '\t'))
				c--;
			*c = '\0';
			return;
		}
}

static char *feed_header(struct reading *r, const char *line, char *to, int size)
{
	size_t length = strlen(line);

	if (r->all) {
		close_section(r);	/* whatever this one is, that one ends here */
		r->lost = true;
	}
	if (strchr(line, ']') != line + length - 1) {
		wrong(r, r->line, "'%s' is not a [section]", line);
		return NULL;
	}
	if (length > SECTION_MAX + 2 || length + PIECE_FRAME > (size_t)size) {
		wrong(r, r->line, "the name of a section is longer than %d bytes", SECTION_MAX);
		return NULL;
	}
	strcpy(to, line);
	r->header = true;
	return to;
}

/*
 * Where to cut a line so that libinih takes it for one that goes on, as it does
 * when a line begins with a blank and with no sign of a comment.
 */
static size_t piece_length(const char *text, size_t room)
{
	size_t length = strlen(text);

	if (length <= room)
		return length;
	for (length = room; length > 0; length--)
		if (text[length] == ' ' && !strchr("; #\t", text[length + 1]))
			return length;
	return 0;
}

/* As much of the line as fits; a piece that is not the first begins with a blank. */
static char *feed_piece(struct reading *r, char *text, bool first, char *to, int size)
{
	size_t length = size > PIECE_FRAME ? piece_length(text, size - PIECE_FRAME) : 0;

	if (!length) {
		wrong(r, r->line, "the line is too long and has no blank to cut it at");
		r->rest = NULL;
		return NULL;
	}
	if (!first)
		*to++ = ' ';
	memcpy(to, text, length);
	to[length] = '\0';
	r->rest = text[length] ? text + length + 1 : NULL;
	r->unheard = true;
	return first ? to : to - 1;
}

static char *feed_line(struct reading *r, char *line, char *to, int size)
{
	if (strlen(line) > LINE_MAX_BYTES) {
		wrong(r, r->line, "the line is longer than %d bytes", LINE_MAX_BYTES);
		return NULL;
	}
	cut_comment(line);
	r->value[0] = '\0';
	return *line == '[' ? feed_header(r, line, to, size) :
			      feed_piece(r, line, true, to, size);
}

/* The next line that can be fed; one that cannot is told and left out. */
static char *feed_lines(struct reading *r, char *to, int size)
{
	char *line, *fed;

	while (r->ret == 0 && (line = text_line(&r->next, r->end))) {
		r->line++;
		if (!*line || *line == ';' || *line == '#')
			continue;
		fed = feed_line(r, line, to, size);
		if (fed)
			return fed;
	}
	return NULL;
}

static void tell_unheard(struct reading *r)
{
	if (r->unheard)
		wrong(r, r->line, "this is neither a [section] nor key = value");
	r->unheard = false;
}

/* Called by libinih as fgets() would be. */
static char *feed(char *to, int size, void *ctx)
{
	struct reading *r = ctx;
	char *fed;

	if (r->header) {
		r->header = false;
		r->unheard = true;
		return strcpy(to, OPENED "=");
	}
	if (r->unheard)
		r->rest = NULL;
	tell_unheard(r);
	if (r->ret < 0)
		return NULL;
	fed = r->rest ? feed_piece(r, r->rest, false, to, size) : NULL;
	return fed ? fed : feed_lines(r, to, size);
}

static int parse(struct reading *r, char *text, size_t size)
{
	r->next = text;
	r->end = text + size;
	if (!strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)))
		r->next += strlen(BYTE_ORDER_MARK);
	if (ini_parse_stream(feed, r, hear, r) < 0 && r->ret == 0)
		r->ret = fail(r->err, -ENOMEM, "%s: out of memory", r->name);
	tell_unheard(r);
	if (r->ret == 0)
		close_section(r);
	return r->ret;
}

static int nobody(const struct reading *r)
{
	if (!r->wanted)
		return fail(r->err, -ENOENT, "%s: there is no [camera NAME]", r->name);
	return fail(r->err, -ENOENT, "%s: there is no [camera %.64s]", r->name, r->wanted);
}

/* Reads a file; r says what of it. */
static int read_file(struct reading *r, int fd)
{
	char *text = NULL;
	size_t size;
	int ret;

	ret = text_read(&text, &size, FILE_MAX, fd, r->name, r->err);
	if (ret >= 0)
		ret = parse(r, text, size);
	if (ret >= 0 && !r->found && !r->all)
		ret = nobody(r);
	free(text);
	return ret;
}

static struct reading *reading_new(struct defaults *defaults, const char *name,
				   struct scrim_error *err)
{
	struct reading *r = calloc(1, sizeof(*r));

	if (!r) {
		fail(err, -ENOMEM, "%s: out of memory", name);
		return NULL;
	}
	r->defaults = defaults;
	r->name = name;
	r->err = err;
	return r;
}

int policy_read(struct policy *policy, int fd, const char *name,
		const char *camera, struct scrim_error *err)
{
	struct defaults defaults = { 0 };
	struct reading *r;
	int ret = -ENOMEM;

	*policy = (struct policy){ 0 };
	policy_default(&defaults.policy);
	r = reading_new(&defaults, name, err);
	if (r) {
		r->wanted = camera;
		r->policy = policy;
		ret = read_file(r, fd);
	}
	if (ret < 0)
		*policy = (struct policy){ 0 };
	free(r);
	return ret;
}

void policies_read(struct policies *policies, const struct policy_file *files,
		   unsigned count)
{
	struct defaults defaults = { 0 };
	struct scrim_error err;

	policies->count = policies->errors = 0;
	policy_default(&defaults.policy);
	for (unsigned i = 0; i < count; i++) {
		struct reading *r = reading_new(&defaults, files[i].name, &err);

		if (r)
			r->all = policies;
		if (!r || read_file(r, files[i].fd) < 0)
			policies_add_error(policies, &err);
		free(r);
	}
	if (!policies->count && !policies->errors) {
		fail(&err, -ENOENT, "%s: there is no [camera NAME]",
		     count ? files[0].name : "policy");
		policies_add_error(policies, &err);
	}
	if (policies->errors)
		policies->count = 0;
}
