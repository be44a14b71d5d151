// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The keys of a policy, one table.  What is not in it is an error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/videodev2.h>

#include "policy/keys.h"
#include "url.h"

/* What the user may say about the place; export rests on it. */
static const char *const classes[] = {
	"outdoor", "doorbell", "indoor", "baby", "pet", "meeting", "desk",
	"workplace", "shop", "vehicle", "other",
};

#define CLASSES		(sizeof(classes) / sizeof(classes[0]))
#define DETECT_SIDE_MIN	32
#define DETECT_SIDE_MAX	4096

/* What a live camera can be: the limits of the node that its pictures go to. */
#define WISH_SIDE_MIN	16
#define WISH_SIDE_MAX	8192
#define WISH_RATE_MAX	240

static const struct {
	const char *name;
	uint32_t fourcc;
} wishes[] = {
	{ "YUYV", V4L2_PIX_FMT_YUYV },
	{ "NV12", V4L2_PIX_FMT_NV12 },
	{ "YU12", V4L2_PIX_FMT_YUV420 },
	{ "MJPG", V4L2_PIX_FMT_MJPEG },
};

#define WISHES	(sizeof(wishes) / sizeof(wishes[0]))

static const char *const detectors[] = {
	[DETECTOR_FACE] = "face",
	[DETECTOR_REPLAY] = "replay",
	[DETECTOR_MOTION] = "motion",
	[DETECTOR_NONE] = "none",
};

#define DETECTORS	(sizeof(detectors) / sizeof(detectors[0]))

void policy_default(struct policy *policy)
{
	*policy = (struct policy){ .faces = METHOD_FILL };
}

static int copy_text(char *to, size_t size, const char *value, struct scrim_error *err)
{
	size_t length = strlen(value);

	if (length >= size)
		return fail(err, -EINVAL, "'%.32s...' is longer than %zu bytes", value,
			    size - 1);
	memcpy(to, value, length + 1);
	return 0;
}

/* An error changes nothing. */
static int parse_method(enum method *method, const char *value, struct scrim_error *err)
{
	enum method parsed;
	int ret = method_parse(&parsed, value, err);

	if (ret == 0)
		*method = parsed;
	return ret;
}

static int parse_yes(bool *yes, const char *value, struct scrim_error *err)
{
	if (strcmp(value, "yes") && strcmp(value, "no"))
		return fail(err, -EINVAL, "'%.32s' is neither yes nor no", value);
	*yes = *value == 'y';
	return 0;
}

static int set_device(struct policy *policy, const char *value, struct scrim_error *err)
{
	struct url url;
	int ret = url_is_meant(value) ? url_parse(&url, value, err) : 0;

	return ret < 0 ? ret : copy_text(policy->device, sizeof(policy->device), value, err);
}

static int set_credentials(struct policy *policy, const char *value, struct scrim_error *err)
{
	if (*value != '/')
		return fail(err, -EINVAL, "not the path of a file, from / on");
	return copy_text(policy->credentials, sizeof(policy->credentials), value, err);
}

static int set_tls_ca(struct policy *policy, const char *value, struct scrim_error *err)
{
	if (*value != '/')
		return fail(err, -EINVAL, "not the path of a file, from / on");
	return copy_text(policy->tls_ca, sizeof(policy->tls_ca), value, err);
}

static int set_purpose(struct policy *policy, const char *value, struct scrim_error *err)
{
	return copy_text(policy->purpose, sizeof(policy->purpose), value, err);
}

static int set_class(struct policy *policy, const char *value, struct scrim_error *err)
{
	for (unsigned i = 0; i < CLASSES; i++)
		if (!strcmp(classes[i], value))
			return copy_text(policy->class, sizeof(policy->class), value, err);
	return fail(err, -EINVAL, "unknown class '%.32s', not outdoor, doorbell, indoor, "
		    "baby, pet, meeting, desk, workplace, shop, vehicle or other", value);
}

static int set_faces(struct policy *policy, const char *value, struct scrim_error *err)
{
	return parse_method(&policy->faces, value, err);
}

static int set_moving(struct policy *policy, const char *value, struct scrim_error *err)
{
	return parse_method(&policy->moving, value, err);
}

static int set_detector(struct policy *policy, const char *value, struct scrim_error *err)
{
	for (unsigned i = 0; i < DETECTORS; i++)
		if (!strcmp(detectors[i], value)) {
			policy->detector = i;
			return 0;
		}
	return fail(err, -EINVAL, "unknown detector '%.32s', not face, motion, replay or none", value);
}

static int set_replay(struct policy *policy, const char *value, struct scrim_error *err)
{
	return copy_text(policy->replay, sizeof(policy->replay), value, err);
}

static int set_model(struct policy *policy, const char *value, struct scrim_error *err)
{
	return copy_text(policy->model, sizeof(policy->model), value, err);
}

/* An error changes nothing. */
static int parse_size(unsigned *width, unsigned *height, const char *value,
		      unsigned min, unsigned max, struct scrim_error *err)
{
	unsigned w, h;
	int used = -1;

	/* Widths keep the numbers far from overflow. */
	if (strspn(value, "0123456789x") != strlen(value) ||
	    sscanf(value, "%5ux%5u%n", &w, &h, &used) != 2 || value[used])
		return fail(err, -EINVAL, "'%.32s' is not a size like 640x360", value);
	if (w < min || w > max || h < min || h > max)
		return fail(err, -EINVAL, "size '%.32s' is not between %ux%u and %ux%u", value,
			    min, min, max, max);
	*width = w;
	*height = h;
	return 0;
}

static int set_detect_size(struct policy *policy, const char *value,
			   struct scrim_error *err)
{
	return parse_size(&policy->detect_w, &policy->detect_h, value,
			  DETECT_SIDE_MIN, DETECT_SIDE_MAX, err);
}

static int set_on_demand(struct policy *policy, const char *value, struct scrim_error *err)
{
	bool yes = false;
	int ret = parse_yes(&yes, value, err);

	if (ret == 0)
		policy->always_on = !yes;
	return ret;
}

static int set_notice(struct policy *policy, const char *value, struct scrim_error *err)
{
	return parse_yes(&policy->notice, value, err);
}

#define LETTERS	"abcdefghijklmnopqrstuvwxyz0123456789_"

#define UNIT	"unit:"

static bool is_control(const char *word, size_t length)
{
	return strspn(word, LETTERS) == length;
}

static bool is_reader(const char *word, size_t length)
{
	size_t prefix = strlen(UNIT);

	if (length > prefix && !strncmp(word, UNIT, prefix))
		return unit_is_service(word + prefix, length - prefix);
	return strspn(word, LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.") == length;
}

/* Words that are such, with one blank between them, as has_word() looks for them. */
static int parse_words(char text[POLICY_TEXT_MAX], const char *value,
		       bool (*is_one)(const char *word, size_t length), const char *what,
		       struct scrim_error *err)
{
	unsigned words = 0;
	bool alone = false;

	*text = '\0';
	if (strlen(value) >= POLICY_TEXT_MAX)
		return fail(err, -EINVAL, "'%.32s...' is longer than %u bytes", value,
			    POLICY_TEXT_MAX - 1);
	for (const char *at = value; *(at += strspn(at, " \t")); words++) {
		size_t length = strcspn(at, " \t");

		if (!is_one(at, length))
			return fail(err, -EINVAL, "'%.*s' is not %s", (int)length, at, what);
		alone |= length == 3 && !strncmp(at, "all", length);
		alone |= length == 4 && !strncmp(at, "none", length);
		strcat(text, words ? " " : "");
		strncat(text, at, length);
		at += length;
	}
	if (alone && words > 1)
		return fail(err, -EINVAL, "'all' and 'none' stand alone");
	return 0;
}

static int set_controls(struct policy *policy, const char *value, struct scrim_error *err)
{
	char text[POLICY_TEXT_MAX];
	int ret = parse_words(text, value, is_control,
			      "the name of a control, as v4l2-ctl -l prints it", err);

	if (ret == 0)
		strcpy(policy->controls, strcmp(text, "none") ? text : "");
	return ret;
}

static int set_readers(struct policy *policy, const char *value, struct scrim_error *err)
{
	char text[POLICY_TEXT_MAX];
	int ret = parse_words(text, value, is_reader,
			      "the name or the number of a user, nor " UNIT "NAME.service", err);

	if (ret == 0)
		strcpy(policy->readers, strcmp(text, "all") ? text : "");
	return ret;
}

static int set_size(struct policy *policy, const char *value, struct scrim_error *err)
{
	struct wish wish = policy->wish;
	int ret = parse_size(&wish.width, &wish.height, value, WISH_SIDE_MIN, WISH_SIDE_MAX, err);

	if (ret == 0 && (wish.width % 2 || wish.height % 2))
		ret = fail(err, -EINVAL, "size '%.32s' is odd", value);
	if (ret == 0)
		policy->wish = wish;
	return ret;
}

static int set_rate(struct policy *policy, const char *value, struct scrim_error *err)
{
	unsigned frames, seconds = 1;
	int used = -1, whole = -1;

	if (strspn(value, "0123456789/") == strlen(value) &&
	    sscanf(value, "%7u%n/%7u%n", &frames, &whole, &seconds, &used) >= 1 &&
	    !value[used < 0 ? whole : used] && seconds && frames >= seconds &&
	    frames <= seconds * WISH_RATE_MAX) {
		policy->wish.frames = frames;
		policy->wish.seconds = seconds;
		return 0;
	}
	return fail(err, -EINVAL, "'%.32s' is not a number of frames a second from 1 to %d, "
		    "like 30 or 30000/1001", value, WISH_RATE_MAX);
}

static int set_format(struct policy *policy, const char *value, struct scrim_error *err)
{
	for (unsigned i = 0; i < WISHES; i++)
		if (!strcmp(wishes[i].name, value)) {
			policy->wish.fourcc = wishes[i].fourcc;
			return 0;
		}
	return fail(err, -EINVAL, "unknown format '%.32s', not YUYV, NV12, YU12 or MJPG", value);
}

/* A polygon without a section of its own; its name is its place in the list. */
static int add_polygon(struct policy *policy, const char *value, bool reveal,
		       struct scrim_error *err)
{
	struct policy_region region = { .method = METHOD_FILL, .reveal = reveal };
	int ret;

	ret = polygon_parse(&region.polygon, value, err);
	if (ret < 0)
		return ret;
	if (policy->regions >= POLICY_REGIONS_MAX)
		return fail(err, -EINVAL, "more than %d regions", POLICY_REGIONS_MAX);
	snprintf(region.name, sizeof(region.name), "%u", policy->regions + 1);
	policy->region[policy->regions++] = region;
	return 0;
}

static int add_region(struct policy *policy, const char *value, struct scrim_error *err)
{
	return add_polygon(policy, value, false, err);
}

static int add_reveal(struct policy *policy, const char *value, struct scrim_error *err)
{
	return add_polygon(policy, value, true, err);
}

static int set_polygon(struct policy_region *region, const char *value,
		       struct scrim_error *err)
{
	return polygon_parse(&region->polygon, value, err);
}

static int set_method(struct policy_region *region, const char *value,
		      struct scrim_error *err)
{
	return parse_method(&region->method, value, err);
}

static int set_locked(struct policy_region *region, const char *value,
		      struct scrim_error *err)
{
	return parse_yes(&region->locked, value, err);
}

static int set_reveal(struct policy_region *region, const char *value,
		      struct scrim_error *err)
{
	return parse_yes(&region->reveal, value, err);
}

/* "22:00-06:00" */
static int set_between(struct policy_region *region, const char *value,
		       struct scrim_error *err)
{
	static const char form[] = "00:00-00:00";
	unsigned hour[2], minute[2];
	bool well = strlen(value) == strlen(form);

	for (unsigned i = 0; well && form[i]; i++)
		well = form[i] == '0' ? value[i] >= '0' && value[i] <= '9' : value[i] == form[i];
	if (!well || sscanf(value, "%2u:%2u-%2u:%2u", &hour[0], &minute[0],
			    &hour[1], &minute[1]) != 4 ||
	    hour[0] > 23 || hour[1] > 23 || minute[0] > 59 || minute[1] > 59)
		return fail(err, -EINVAL, "'%.32s' is not two times of day like 22:00-06:00", value);
	if (hour[0] == hour[1] && minute[0] == minute[1])
		return fail(err, -EINVAL, "'%.32s' is all day or never; leave the key out for "
			    "all day", value);
	region->between.from = hour[0] * 60 + minute[0];
	region->between.to = hour[1] * 60 + minute[1];
	return 0;
}

#define ALL_CAMERAS	(IN_CAMERA | IN_DEFAULTS)

const struct policy_key policy_keys[] = {
	{ "device",	 IN_CAMERA, set_device,	     NULL, "where the pictures come from" },
	{ "credentials", IN_CAMERA, set_credentials, NULL, "file with the device's user:password" },
	{ "tls-ca",	 IN_CAMERA, set_tls_ca,	     NULL, "file with the device's certificate, or its issuer's" },
	{ "purpose",	 IN_CAMERA, set_purpose,     NULL, "what the camera is for; required" },
	{ "class",	 ALL_CAMERAS, set_class,     NULL, "what kind of place it sees" },
	{ "faces",	 ALL_CAMERAS, set_faces,     NULL, "fill, mosaic, blur or show" },
	{ "moving",	 ALL_CAMERAS, set_moving,    NULL, "fill, mosaic, blur or show" },
	{ "detector",	 ALL_CAMERAS, set_detector,  NULL, "face, motion, replay or none" },
	{ "replay",	 IN_CAMERA, set_replay,	     NULL, "file with boxes, for detector = replay" },
	{ "notice",	 ALL_CAMERAS, set_notice,    NULL, "yes: a badge tells who is seen" },
	{ "model",	 ALL_CAMERAS, set_model,     NULL, "file with a face network" },
	{ "detect-size", ALL_CAMERAS, set_detect_size, NULL, "of the network's input, 640x360" },
	{ "on-demand",	 ALL_CAMERAS, set_on_demand, NULL, "no: on though nobody watches" },
	{ "controls",	 ALL_CAMERAS, set_controls,  NULL, "programs may set: none, all, names" },
	{ "readers",	 ALL_CAMERAS, set_readers,   NULL, "all, none, users, unit:NAME.service" },
	{ "size",	 ALL_CAMERAS, set_size,	     NULL, "that the camera is asked for, 1280x720" },
	{ "rate",	 ALL_CAMERAS, set_rate,	     NULL, "frames a second that it is asked for" },
	{ "format",	 ALL_CAMERAS, set_format,    NULL, "YUYV, NV12, YU12 or MJPG" },
	{ "region",	 IN_OPTIONS, add_region,     NULL, "a polygon to cover" },
	{ "reveal",	 IN_OPTIONS, add_reveal,     NULL, "a polygon outside of which all is covered" },
	{ "polygon",	 IN_REGION, NULL, set_polygon, "x,y x,y x,y ... in fractions; required" },
	{ "method",	 IN_REGION, NULL, set_method,  "fill, mosaic, blur or show" },
	{ "locked",	 IN_REGION, NULL, set_locked,  "yes: held by the kernel" },
	{ "reveal",	 IN_REGION, NULL, set_reveal,  "yes: outside of it all is covered" },
	{ "between",	 IN_REGION, NULL, set_between, "22:00-06:00: it covers then only" },
};

const unsigned policy_keys_count = sizeof(policy_keys) / sizeof(policy_keys[0]);

const struct policy_key *policy_key_find(const char *name, unsigned where)
{
	for (unsigned i = 0; i < policy_keys_count; i++)
		if ((policy_keys[i].where & where) && !strcmp(policy_keys[i].name, name))
			return &policy_keys[i];
	return NULL;
}

int policy_set(struct policy *policy, const char *key, const char *value,
	       struct scrim_error *err)
{
	const struct policy_key *found = policy_key_find(key, IN_CAMERA | IN_OPTIONS);
	struct scrim_error why;
	int ret;

	if (!found)
		return fail(err, -EINVAL, "unknown key '%.32s'", key);
	if (!*value)
		return fail(err, -EINVAL, "%s: there is no value", key);
	ret = found->camera(policy, value, &why);
	if (ret < 0)
		return fail(err, ret, "%s: %s", key, why.text);
	return 0;
}

static bool is_wanted(enum method method)
{
	return method != METHOD_UNSET && method != METHOD_SHOW;
}

bool policy_finds_faces(const struct policy *policy)
{
	return is_wanted(policy->faces) && (policy->detector == DETECTOR_FACE ||
					    policy->detector == DETECTOR_REPLAY);
}

enum method policy_moving(const struct policy *policy)
{
	if (!is_wanted(policy->moving) && policy->detector == DETECTOR_MOTION)
		return policy->faces;
	return policy->moving;
}

bool policy_region_holds(const struct policy_region *region, int minute)
{
	int from = region->between.from, to = region->between.to;

	if (minute < 0 || minute >= MINUTES_A_DAY || from == to)
		return true;
	return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/* As v4l2-ctl does: lower case, and one "_" for all between letters and digits. */
static void control_word(char *to, size_t size, const char *name)
{
	size_t length = 0;
	bool gap = false;

	for (; *name && length + 2 < size; name++) {
		char c = *name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name;

		if (!strchr(LETTERS, c) || c == '_') {
			gap = true;
			continue;
		}
		if (gap && length)
			to[length++] = '_';
		gap = false;
		to[length++] = c;
	}
	to[length] = '\0';
}

static bool has_word(const char *list, const char *word)
{
	for (size_t here; (here = strcspn(list, " ")); list += here + (list[here] == ' '))
		if (here == strlen(word) && !strncmp(list, word, here))
			return true;
	return false;
}

bool policy_allows_control(const struct policy *policy, const char *name)
{
	char word[POLICY_TEXT_MAX];

	control_word(word, sizeof(word), name);
	return !strcmp(policy->controls, "all") || has_word(policy->controls, word);
}

bool policy_allows_reader(const struct policy *policy, const struct reader *reader,
			  const char *name)
{
	char number[16], unit[sizeof(UNIT) + UNIT_MAX];

	if (!*policy->readers)
		return true;
	snprintf(number, sizeof(number), "%u", reader->uid);
	snprintf(unit, sizeof(unit), UNIT "%s", reader->unit);
	/* No file of users has a name with a colon in it, but a directory service may. */
	return strcmp(policy->readers, "none") &&
	       (has_word(policy->readers, number) ||
		(*reader->unit && has_word(policy->readers, unit)) ||
		(!strchr(name, ':') && has_word(policy->readers, name)));
}

bool policy_names_units(const struct policy *policy)
{
	return strstr(policy->readers, UNIT);
}

const struct policy *policies_find(const struct policies *policies, const char *camera)
{
	for (unsigned i = 0; i < policies->count; i++)
		if (!strcmp(policies->at[i].camera, camera))
			return &policies->at[i];
	return NULL;
}

const char *detector_name(enum detector_kind detector)
{
	return detector < DETECTORS ? detectors[detector] : "none";
}

/* It has its end, and nothing in it that text_read() refuses. */
static bool text_is_sound(const char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < ' ' && *text != '\t' && *text != '\r')
			return false;
	return true;
}

bool polygon_is_sound(const struct polygon *polygon)
{
	if (polygon->points < 3 || polygon->points > POLYGON_POINTS_MAX)
		return false;
	for (unsigned i = 0; i < polygon->points; i++)
		if (!(polygon->at[i].x >= 0 && polygon->at[i].x <= 1 &&
		      polygon->at[i].y >= 0 && polygon->at[i].y <= 1))
			return false;
	return true;
}

static bool region_is_sound(const struct policy_region *region)
{
	return text_is_sound(region->name, sizeof(region->name)) && region->method <= METHOD_SHOW &&
	       region->between.from < MINUTES_A_DAY && region->between.to < MINUTES_A_DAY &&
	       polygon_is_sound(&region->polygon);
}

static bool wish_is_sound(const struct wish *wish)
{
	bool known = !wish->fourcc;

	for (unsigned i = 0; i < WISHES; i++)
		known |= wish->fourcc == wishes[i].fourcc;
	return known && wish->width <= WISH_SIDE_MAX && wish->height <= WISH_SIDE_MAX &&
	       !wish->width == !wish->height && !wish->frames == !wish->seconds &&
	       wish->frames <= (uint64_t)wish->seconds * WISH_RATE_MAX;
}

bool policy_is_sound(const struct policy *policy)
{
	if (!text_is_sound(policy->camera, sizeof(policy->camera)) ||
	    !text_is_sound(policy->device, sizeof(policy->device)) ||
	    !text_is_sound(policy->credentials, sizeof(policy->credentials)) ||
	    !text_is_sound(policy->tls_ca, sizeof(policy->tls_ca)) ||
	    !text_is_sound(policy->purpose, sizeof(policy->purpose)) ||
	    !text_is_sound(policy->class, sizeof(policy->class)) ||
	    !text_is_sound(policy->replay, sizeof(policy->replay)) ||
	    !text_is_sound(policy->model, sizeof(policy->model)) ||
	    !text_is_sound(policy->controls, sizeof(policy->controls)) ||
	    !text_is_sound(policy->readers, sizeof(policy->readers)) ||
	    !wish_is_sound(&policy->wish))
		return false;
	if (policy->faces > METHOD_SHOW || policy->moving > METHOD_SHOW ||
	    policy->detector > DETECTOR_NONE || policy->regions > POLICY_REGIONS_MAX)
		return false;
	for (unsigned i = 0; i < policy->regions; i++)
		if (!region_is_sound(&policy->region[i]))
			return false;
	return true;
}
