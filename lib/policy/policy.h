/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What to hide, where and how, in the user's words (scrim.conf(5)).  The empty
 * policy hides everything.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <sys/types.h>

#include "frame/format.h"
#include "frame/region.h"
#include "guard/unit.h"

#define POLICY_REGIONS_MAX	64
#define POLICY_NAME_MAX		64
#define POLICY_TEXT_MAX		256
#define POLICY_TITLE_MAX	49	/* between the brackets of a section */

enum detector_kind {
	DETECTOR_FACE,
	DETECTOR_REPLAY,		/* boxes from a file: tests, other tools */
	DETECTOR_MOTION,		/* whatever moves may be a face; no network */
	DETECTOR_NONE,			/* no faces are looked for */
};

/* Hours of a day, in minutes after midnight; past it when from > to. */
struct hours {
	uint16_t from, to;		/* from <= minute < to; the same: all day */
};

#define MINUTES_A_DAY	(24 * 60)

struct policy_region {
	char name[POLICY_NAME_MAX];
	struct polygon polygon;
	enum method method;
	bool reveal;			/* only what lies in such regions stays visible */
	bool locked;			/* held by the kernel */
	struct hours between;		/* when it covers; not with reveal or locked */
};

/* All zero: nothing is known, the whole picture is covered. */
struct policy {
	char camera[POLICY_NAME_MAX];
	char device[POLICY_TEXT_MAX];
	char credentials[POLICY_TEXT_MAX];	/* path; for a device that asks who we are */
	char tls_ca[POLICY_TEXT_MAX];	/* path; whose certificates are believed; empty: the system's */
	char purpose[POLICY_TEXT_MAX];
	char class[POLICY_NAME_MAX];
	enum method faces;		/* METHOD_UNSET: cover the whole picture */
	enum method moving;		/* METHOD_UNSET and METHOD_SHOW: not looked for */
	enum detector_kind detector;
	char replay[POLICY_TEXT_MAX];	/* path, with DETECTOR_REPLAY */
	char model[POLICY_TEXT_MAX];	/* path; empty: the installed one */
	unsigned detect_w, detect_h;	/* 0: the detector's own choice */
	bool always_on;			/* else the camera is on while somebody watches */
	bool notice;			/* a badge tells who is seen */
	char controls[POLICY_TEXT_MAX];	/* that programs may set: names, or "all" */
	char readers[POLICY_TEXT_MAX];	/* who may have it: users, units, "none"; empty: all */
	struct wish wish;
	unsigned regions;
	struct policy_region region[POLICY_REGIONS_MAX];
};

/* Faces are covered with fill; nothing else. */
void policy_default(struct policy *policy);

/*
 * One key of a [camera] section; "region" and "reveal" add a polygon.
 * -EINVAL names the key or the word that is wrong.
 */
int policy_set(struct policy *policy, const char *key, const char *value,
	       struct scrim_error *err);

/* Whether faces are looked for by a detector of their own: a network, or boxes. */
bool policy_finds_faces(const struct policy *policy);

/* How what moves is covered: for its own sake, or because it may have a face. */
enum method policy_moving(const struct policy *policy);

/*
 * Whether a region covers at this minute of the day, in local time.  A minute that is
 * none means that nobody knows the time: it does.
 */
bool policy_region_holds(const struct policy_region *region, int minute);

/*
 * Whether programs may set the camera's control of that name, as V4L2 has it
 * ("Focus, Absolute") or as v4l2-ctl does ("focus_absolute").
 */
bool policy_allows_control(const struct policy *policy, const char *name);

struct reader {
	uid_t uid;
	char unit[UNIT_MAX];		/* the service it is of; empty: none, or not known */
};

/* Whether who asks may have the camera, where that is known; the user's name may be empty. */
bool policy_allows_reader(const struct policy *policy, const struct reader *reader,
			  const char *name);
/* Whether it depends on the service. */
bool policy_names_units(const struct policy *policy);

const char *detector_name(enum detector_kind detector);

/*
 * Whether every field is in its range and every text is one: for a policy that
 * comes from a process that read a stranger's bytes.
 */
bool policy_is_sound(const struct policy *policy);
bool polygon_is_sound(const struct polygon *polygon);

/*
 * Reads [camera NAME] and its [region NAME/...] sections from an open file.
 * camera may be NULL when there is only one.  name is the file's, for messages:
 * "name:line: unknown key 'facse'".  On an error *policy is the empty policy.
 */
int policy_read(struct policy *policy, int fd, const char *name,
		const char *camera, struct scrim_error *err);

#define POLICIES_MAX		64
#define POLICY_ERRORS_MAX	64

/*
 * The cameras of some files, or all that is wrong in them: with an error there is no
 * camera.  Plain data, so that it can come out of a cage.
 */
struct policies {
	unsigned count;
	struct policy at[POLICIES_MAX];
	unsigned errors;		/* the first POLICY_ERRORS_MAX have a text */
	char error[POLICY_ERRORS_MAX][SCRIM_TEXT_MAX];
};

/* NULL: there is no such camera. */
const struct policy *policies_find(const struct policies *policies, const char *camera);

/* err's text, if there is room. */
void policies_add_error(struct policies *policies, const struct scrim_error *err);

struct policy_file {
	int fd;
	const char *name;		/* for messages */
};

/*
 * Reads all cameras of all files, in this order.  No two have the same name; a camera
 * and its regions are in one file; [defaults] hold for all cameras of all files.
 */
void policies_read(struct policies *policies, const struct policy_file *files,
		   unsigned count);

#endif
