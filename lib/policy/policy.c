// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The keys of a policy, one table.  What is not in it is an error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/keys.h"

/* What the user may say about the place; export rests on it. */
static const char *const classes[] = {
	"outdoor", "doorbell", "indoor", "baby", "pet", "meeting", "desk",
	"workplace", "shop", "vehicle", "other",
};

#define CLASSES		(sizeof(classes) / sizeof(classes[0]))
#define DETECT_SIDE_MIN	32
#define DETECT_SIDE_MAX	4096

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
	return copy_text(policy->device, sizeof(policy->device), value, err);
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
	static const char *const kinds[] = {
		[DETECTOR_FACE] = "face",
		[DETECTOR_REPLAY] = "replay",
		[DETECTOR_MOTION] = "motion",
		[DETECTOR_NONE] = "none",
	};

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i], value)) {
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

static int set_detect_size(struct policy *policy, const char *value,
			   struct scrim_error *err)
{
	unsigned w, h;
	int used = -1;

	/* Widths keep the numbers far from overflow. */
	if (strspn(value, "0123456789x") != strlen(value) ||
	    sscanf(value, "%5ux%5u%n", &w, &h, &used) != 2 || value[used])
		return fail(err, -EINVAL, "'%.32s' is not a size like 640x360", value);
	if (w < DETECT_SIDE_MIN || w > DETECT_SIDE_MAX ||
	    h < DETECT_SIDE_MIN || h > DETECT_SIDE_MAX)
		return fail(err, -EINVAL, "size '%.32s' is not between %dx%d and %dx%d", value,
			    DETECT_SIDE_MIN, DETECT_SIDE_MIN, DETECT_SIDE_MAX, DETECT_SIDE_MAX);
	policy->detect_w = w;
	policy->detect_h = h;
	return 0;
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

const struct policy_key policy_keys[] = {
	{ "device",	 IN_CAMERA, set_device,	     NULL, "where the pictures come from" },
	{ "purpose",	 IN_CAMERA, set_purpose,     NULL, "what the camera is for; required" },
	{ "class",	 IN_CAMERA, set_class,	     NULL, "what kind of place it sees" },
	{ "faces",	 IN_CAMERA, set_faces,	     NULL, "fill, mosaic, blur or show" },
	{ "moving",	 IN_CAMERA, set_moving,	     NULL, "fill, mosaic, blur or show" },
	{ "detector",	 IN_CAMERA, set_detector,    NULL, "face, motion, replay or none" },
	{ "replay",	 IN_CAMERA, set_replay,	     NULL, "file with boxes, for detector = replay" },
	{ "model",	 IN_CAMERA, set_model,	     NULL, "file with a face network" },
	{ "detect-size", IN_CAMERA, set_detect_size, NULL, "of the network's input, 640x360" },
	{ "region",	 IN_OPTIONS, add_region,     NULL, "a polygon to cover" },
	{ "reveal",	 IN_OPTIONS, add_reveal,     NULL, "a polygon outside of which all is covered" },
	{ "polygon",	 IN_REGION, NULL, set_polygon, "x,y x,y x,y ... in fractions; required" },
	{ "method",	 IN_REGION, NULL, set_method,  "fill, mosaic, blur or show" },
	{ "locked",	 IN_REGION, NULL, set_locked,  "yes: held by the kernel" },
	{ "reveal",	 IN_REGION, NULL, set_reveal,  "yes: outside of it all is covered" },
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

static bool text_ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static bool region_is_sound(const struct policy_region *region)
{
	const struct polygon *polygon = &region->polygon;

	if (!text_ends(region->name, sizeof(region->name)) || region->method > METHOD_SHOW ||
	    polygon->points < 3 || polygon->points > POLYGON_POINTS_MAX)
		return false;
	for (unsigned i = 0; i < polygon->points; i++)
		if (!(polygon->at[i].x >= 0 && polygon->at[i].x <= 1 &&
		      polygon->at[i].y >= 0 && polygon->at[i].y <= 1))
			return false;
	return true;
}

bool policy_is_sound(const struct policy *policy)
{
	if (!text_ends(policy->camera, sizeof(policy->camera)) ||
	    !text_ends(policy->device, sizeof(policy->device)) ||
	    !text_ends(policy->purpose, sizeof(policy->purpose)) ||
	    !text_ends(policy->class, sizeof(policy->class)) ||
	    !text_ends(policy->replay, sizeof(policy->replay)) ||
	    !text_ends(policy->model, sizeof(policy->model)))
		return false;
	if (policy->faces > METHOD_SHOW || policy->moving > METHOD_SHOW ||
	    policy->detector > DETECTOR_NONE || policy->regions > POLICY_REGIONS_MAX)
		return false;
	for (unsigned i = 0; i < policy->regions; i++)
		if (!region_is_sound(&policy->region[i]))
			return false;
	return true;
}
