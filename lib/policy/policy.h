/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What to hide, where and how, in the user's words (scrim.conf(5)).  The empty
 * policy hides everything.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "frame/region.h"

#define POLICY_REGIONS_MAX	64
#define POLICY_NAME_MAX		64
#define POLICY_TEXT_MAX		256

enum detector_kind {
	DETECTOR_FACE,
	DETECTOR_REPLAY,		/* boxes from a file: tests, other tools */
	DETECTOR_MOTION,		/* whatever moves may be a face; no network */
	DETECTOR_NONE,			/* no faces are looked for */
};

struct policy_region {
	char name[POLICY_NAME_MAX];
	struct polygon polygon;
	enum method method;
	bool reveal;			/* only what lies in such regions stays visible */
	bool locked;			/* held by the kernel */
};

/* All zero: nothing is known, the whole picture is covered. */
struct policy {
	char camera[POLICY_NAME_MAX];
	char device[POLICY_TEXT_MAX];
	char purpose[POLICY_TEXT_MAX];
	char class[POLICY_NAME_MAX];
	enum method faces;		/* METHOD_UNSET: cover the whole picture */
	enum method moving;		/* METHOD_UNSET and METHOD_SHOW: not looked for */
	enum detector_kind detector;
	char replay[POLICY_TEXT_MAX];	/* path, with DETECTOR_REPLAY */
	char model[POLICY_TEXT_MAX];	/* path; empty: the installed one */
	unsigned detect_w, detect_h;	/* 0: the detector's own choice */
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

/*
 * Whether every field is in its range and every text has its end: for a policy that
 * comes from a process that read a stranger's bytes.
 */
bool policy_is_sound(const struct policy *policy);

/*
 * Reads [camera NAME] and its [region NAME/...] sections from an open file.
 * camera may be NULL when there is only one.  name is the file's, for messages:
 * "name:line: unknown key 'facse'".  On an error *policy is the empty policy.
 */
int policy_read(struct policy *policy, int fd, const char *name,
		const char *camera, struct scrim_error *err);

#endif
